"""`tongchang sign` and `tongchang tsa`: a report prepared, signed with time-stamps, checked by others."""

import json
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ops import ports, senses
from ops.command import app
from ops.signing import measured
from ops.trouble import Trouble
from tests.house import ground
from tests.main_venue.signing.signing_house import paper

RUNNER = CliRunner()


def typed(*arguments: object, right: int = 0) -> str:
    """What a call prints; it must end with the code that is given."""
    done = RUNNER.invoke(app, [str(one) for one in arguments])
    if isinstance(done.exception, Trouble):
        assert done.exception.exit_code == right, done.exception
        return f"{done.exception.zh}\n{done.exception.en}"
    assert done.exit_code == right, done.output
    return done.output


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("sign")
    (found / "report.pdf").write_bytes(paper("评标报告"))
    (found / "dissent-e2.pdf").write_bytes(paper("保留意见"))
    typed("ca", "init", found / "ca")
    for ca, name in (("anhui", "张三"), ("jiangsu", "李四"), ("jiangsu", "王五")):
        typed(
            "ca",
            "issue",
            found / "ca",
            "--ca",
            ca,
            "--name",
            name,
            "--out",
            found / "people",
            "--for",
            "sign",
        )
    return found


@pytest.fixture(scope="module")
def tsa(folder: Path) -> Iterator[str]:
    """A time-stamping service in a process of its own."""
    port = ports.free_base(1, senses.Dice())
    serving = subprocess.Popen(
        [sys.executable, "-m", "ops.command", "tsa", str(folder / "ca"), "--port", str(port)],
        cwd=ground.ROOT, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert serving.stderr is not None
    try:
        assert str(port).encode() in serving.stderr.readline()
        yield f"http://127.0.0.1:{port}/"
    finally:
        serving.send_signal(signal.SIGTERM)
        assert serving.wait(30) == 0
        serving.stderr.close()


def lists(folder: Path) -> list[object]:
    found: list[object] = []
    for province in ("anhui", "jiangsu"):
        for which in ("root", "issuing"):
            found += ["--crl", folder / "ca" / province / f"{which}.crl"]
    return found


def checked(pdf: Path, folder: Path, *more: object, right: int = 0) -> dict[str, Any]:
    told = typed("sign", "check", pdf, "--trust", folder / "ca" / "trust.json", *more, "--json", right=right)
    found: dict[str, Any] = json.loads(told)
    return found


def prepared(folder: Path, out: Path) -> dict[str, Any]:
    told = typed(
        "sign", "prepare", folder / "report.pdf", "--member", "e1=张三", "--member", "e2=李四",
        "--member", "e3", "--witness", "w1=王五", "--annex", folder / "dissent-e2.pdf", "--out", out,
        "--at", "2026-11-26", "--json",
    )  # fmt: skip
    found: dict[str, Any] = json.loads(told.splitlines()[-1])
    return found


@pytest.fixture(scope="module")
def signed(folder: Path, tsa: str) -> Path:
    """Signed by two of three members and a witness, who notes that the third is deemed to agree."""
    out = folder / "signed.pdf"
    prepared(folder, out)
    for place, name, more in (
        ("member-e1", "张三", ()),
        ("member-e2", "李四", ("--dissent", folder / "dissent-e2.pdf")),
        ("witness-w1", "王五", ("--deemed", "e3")),
    ):
        cert = folder / "people" / f"{name}-sign.pem"
        typed(
            "sign", "add", out, "--place", place, "--cert", cert, "--key", cert.with_suffix(".key"),
            "--trust", folder / "ca" / "trust.json", "--tsa", tsa, *lists(folder), *more,
        )  # fmt: skip
    return out


def test_a_report_is_prepared_signed_and_checked_and_says_who_is_deemed_to_agree(
    folder: Path, signed: Path, tmp_path: Path
) -> None:
    made = prepared(folder, tmp_path / "again.pdf")
    found = checked(signed, folder, "--prepared", made["sha256"])
    assert (found["outcome"], found["prepared"]) == ("valid", made["sha256"])
    assert [(one["field"], one["authority"]) for one in found["signatures"]] == [
        ("member-e1", "anhui"), ("member-e2", "jiangsu"), ("witness-w1", "jiangsu"),
    ]  # fmt: skip
    assert {one["code"]: one["of"] for one in found["findings"]} == {
        "DeemedAgreed": "member-e3",
        "DissentSigned": "member-e2",
    }
    said = typed("sign", "check", signed, "--trust", folder / "ca" / "trust.json")
    assert "张三" in said
    assert "DeemedAgreed" in said


def test_a_changed_byte_and_another_report_end_with_one_and_what_is_no_report_with_two(
    folder: Path, signed: Path, tmp_path: Path
) -> None:
    changed = bytearray(signed.read_bytes())
    changed[700] ^= 1
    bad = tmp_path / "changed.pdf"
    bad.write_bytes(changed)
    assert checked(bad, folder, right=1)["outcome"] == "invalid"
    codes = [one["code"] for one in checked(signed, folder, "--prepared", "00" * 32, right=1)["findings"]]
    assert "ReportForeign" in codes
    bad.write_bytes(b"no PDF")
    assert checked(bad, folder, right=2)["findings"][0]["code"] == "ReportUnreadable"
    typed("sign", "check", tmp_path / "none.pdf", "--trust", folder / "ca" / "trust.json", right=2)


def test_poppler_finds_every_signature_valid(signed: Path, folder: Path) -> None:
    done = subprocess.run(["pdfsig", "-nocert", str(signed)], capture_output=True, text=True, check=False)
    assert done.stdout.count("Signature is Valid") == 3
    assert done.stdout.count("Signature Type: ETSI.CAdES.detached") == 3


def test_openssl_verifies_a_time_stamp(folder: Path, tsa: str, tmp_path: Path) -> None:
    query, reply, data = tmp_path / "q.tsq", tmp_path / "r.tsr", tmp_path / "data"
    data.write_bytes(b"a report")
    subprocess.run(
        ["openssl", "ts", "-query", "-data", data, "-sha256", "-cert", "-out", query], check=True, timeout=60
    )
    asked = urllib.request.Request(tsa, query.read_bytes(), {"Content-Type": "application/timestamp-query"})
    with urllib.request.urlopen(asked, timeout=30) as answer:
        assert answer.headers["Content-Type"] == "application/timestamp-reply"
        reply.write_bytes(answer.read())
    own = folder / "ca" / "jiangsu"
    done = subprocess.run(
        ["openssl", "ts", "-verify", "-data", data, "-in", reply, "-CAfile", own / "root.pem",
         "-untrusted", own / "issuing.pem"],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert "Verification: OK" in done.stdout, done.stderr
    broken = urllib.request.Request(tsa, b"nonsense", {"Content-Type": "application/timestamp-query"})
    with urllib.request.urlopen(broken, timeout=30) as answer:
        reply.write_bytes(answer.read())
    done = subprocess.run(
        ["openssl", "ts", "-reply", "-in", reply, "-text"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert "Status: Rejected." in done.stdout


def test_six_signatures_with_time_stamps_are_measured(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measured, "ROUNDS", 1)
    monkeypatch.setattr(measured, "GOAL_MS", 600_000)  # how fast it is says the command, not a test
    found = json.loads(typed("sign", "measure", folder / "report.pdf"))
    assert (found["signers"], len(found["rounds_ms"]), found["met"]) == (6, 1, True)


def test_nobody_signs_twice_in_anothers_place_or_by_a_certificate_that_does_not_count(
    folder: Path, signed: Path, tsa: str, tmp_path: Path
) -> None:
    cert, other = (folder / "people" / f"{name}-sign.pem" for name in ("张三", "李四"))
    trust = ("--trust", folder / "ca" / "trust.json")
    key = ("--key", cert.with_suffix(".key"))
    out = ("--out", tmp_path / "out.pdf")
    given = ("sign", "add", signed, "--cert", cert, *key, *trust, *out, *lists(folder))
    assert "member-e1" in typed(*given, "--tsa", tsa, "--place", "member-e1", right=1)
    assert "member-e9" in typed(*given, "--tsa", tsa, "--place", "member-e9", right=1)
    assert "时间戳" in typed(*given, "--tsa", "http://127.0.0.1:9/", "--place", "member-e3", right=1)
    unproved = (
        "sign",
        "add",
        signed,
        "--cert",
        cert,
        *key,
        *trust,
        *out,
        "--tsa",
        tsa,
        "--place",
        "member-e3",
    )
    assert "证书不能用于签署" in typed(*unproved, right=1)
    mixed = ("sign", "add", signed, "--cert", other, *key, *trust, *out, *lists(folder), "--tsa", tsa)
    assert "another key" in typed(*mixed, "--place", "member-e3", right=1)
    assert not (tmp_path / "out.pdf").exists()
