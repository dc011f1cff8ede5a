"""`tongchang ca` and `tongchang cert verify`: what people type, what they are told, and the exit codes."""

import json
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest
from typer.testing import CliRunner

from ops import cert, ports, senses
from ops.ca import alliance
from ops.command import app
from ops.trouble import Trouble
from protocol.seal.trust import certificate
from tests.house import ground

AT: Final = "2026-11-26T16:30:00+08:00"
LATER: Final = "2026-11-27T16:30:00+08:00"
DAY_MS: Final = 86_400_000
PROVINCES: Final = [province for province, _, _ in alliance.BOOKS]
RUNNER: Final = CliRunner()


def typed(*arguments: object, right: int = 0) -> str:
    """What a call prints; it must end with the code that is given."""
    done = RUNNER.invoke(app, [str(one) for one in arguments])
    if isinstance(done.exception, Trouble):
        assert done.exception.exit_code == right
        return f"{done.exception.zh}\n{done.exception.en}"
    assert done.exit_code == right, done.output
    return done.output


@pytest.fixture(scope="module")
def authorities(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four authorities since 2026-11-26, and 张三's certificates from each."""
    folder = tmp_path_factory.mktemp("ca") / "authorities"
    alliance.make(folder, cert.moment_of(AT))
    for province in PROVINCES:
        typed(
            "ca",
            "issue",
            folder,
            "--ca",
            province,
            "--name",
            "张三",
            "--out",
            folder / "out" / province,
            "--at",
            AT,
        )
    return folder


def file(folder: Path, province: str, use: str = "sign") -> Path:
    return folder / "out" / province / f"张三-{use}.pem"


def lists(folder: Path, province: str) -> list[object]:
    own = folder / province
    return ["--crl", own / "root.crl", "--crl", own / "issuing.crl"]


def verified(path: Path, folder: Path, *more: object, right: int = 0, at: str = AT) -> dict[str, Any]:
    """The verdict as JSON, on exactly one line."""
    told = typed(
        "cert", "verify", path, "--trust", folder / "trust.json", "--at", at, *more, "--json", right=right
    )
    assert told.count("\n") == 1
    found: dict[str, Any] = json.loads(told)
    assert (found["outcome"], right) in {("valid", 0), ("invalid", 1), ("undecided", 2)}
    if right:
        assert re.search(r"[一-鿿].*。$", found["zh"])
        assert found["en"].endswith(".")
    return found


@pytest.mark.parametrize("province", PROVINCES)
def test_each_provinces_certificates_count_for_their_use(authorities: Path, province: str) -> None:
    sign, seal = file(authorities, province), file(authorities, province, "encrypt")
    more = lists(authorities, province)
    for purpose in ("sign", "sign-in", "view", "signing"):
        found = verified(sign, authorities, *more, "--purpose", purpose)
        assert found["authority"]["province"] == province
        assert found["path"][0]["subject"].startswith("CN=张三,")
        assert len(found["path"]) == 3
    for purpose in ("encrypt", "open"):
        assert verified(seal, authorities, *more, "--purpose", purpose)["code"] == ""
        assert verified(sign, authorities, *more, "--purpose", purpose, right=1)["code"] == "WrongPurpose"
    assert verified(seal, authorities, *more, "--purpose", "sign", right=1)["code"] == "WrongPurpose"


@pytest.mark.parametrize("province", PROVINCES)
def test_an_answer_serves_as_well_as_a_list(authorities: Path, province: str, tmp_path: Path) -> None:
    answers = []
    for name, path in (
        ("person", file(authorities, province)),
        ("issuing", authorities / province / "issuing.pem"),
    ):
        out = tmp_path / f"{name}.der"
        typed("ca", "ocsp", authorities, path, "--out", out, "--at", AT)
        answers += ["--ocsp", out]
    assert verified(file(authorities, province), authorities, *answers)["code"] == ""
    assert (
        verified(file(authorities, province), authorities, *answers[:2], right=2)["code"] == "EvidenceForeign"
    )


@pytest.mark.parametrize("province", PROVINCES)
def test_what_is_revoked_counts_no_more_from_then_on(
    authorities: Path, province: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    typed(
        "ca",
        "issue",
        authorities,
        "--ca",
        province,
        "--name",
        "李四",
        "--for",
        "sign",
        "--out",
        out,
        "--at",
        AT,
    )
    path = out / "李四-sign.pem"
    assert "已吊销" in typed("ca", "revoke", authorities, path, "--reason", "key-compromise", "--at", LATER)
    typed("ca", "ocsp", authorities, path, "--out", tmp_path / "answer.der", "--at", LATER)
    for more in (lists(authorities, province), ["--ocsp", tmp_path / "answer.der"]):
        assert verified(path, authorities, *more, at=LATER, right=1)["code"] == "CertificateRevoked"
    # Another of the same authority is untouched, and so is an act of the day before.
    assert verified(file(authorities, province), authorities, *lists(authorities, province), at=LATER)
    assert verified(path, authorities, *lists(authorities, province), at=AT)
    assert "被吊销" in typed("ca", "revoke", authorities, path, "--at", LATER, right=1)
    assert "key-compromise" in typed("ca", "show", authorities)
    shown = json.loads(typed("ca", "show", authorities, "--json"))
    assert [one["id"] for one in shown["authorities"]] == PROVINCES


def test_without_evidence_it_cannot_be_decided(authorities: Path) -> None:
    assert verified(file(authorities, "anhui"), authorities, right=2)["code"] == "RevocationUnknown"


def test_outside_its_time_it_is_invalid(authorities: Path) -> None:
    more = lists(authorities, "jiangsu")
    path = file(authorities, "jiangsu")
    assert verified(path, authorities, *more, at="2026-11-25", right=1)["code"] == "CaNotInForce"
    assert verified(path, authorities, *more, at="2027-12-31", right=2)["code"] == "TrustListStale"


def test_a_struck_off_authority_counts_no_more_and_the_older_list_is_not_gone_back_to(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "authorities"
    alliance.make(folder, cert.moment_of(AT))
    typed(
        "ca",
        "issue",
        folder,
        "--ca",
        "zhejiang",
        "--name",
        "张三",
        "--out",
        folder / "out" / "zhejiang",
        "--at",
        AT,
    )
    path, more = file(folder, "zhejiang"), lists(folder, "zhejiang")
    first = folder / "trust-1.json"
    assert verified(path, folder, *more)["list"]["version"] == 1
    typed("ca", "trust", folder, "--without", "zhejiang", "--at", AT)
    assert verified(path, folder, *more, right=1)["code"] == "CaUnknown"
    older = ["cert", "verify", path, "--trust", first, "--at", AT, *more, "--json"]
    assert json.loads(typed(*older))["outcome"] == "valid"
    held = json.loads(typed(*older, "--held", folder / "trust.json", right=2))
    assert held["code"] == "TrustListOlder"


def test_a_list_by_others_than_the_named_signers_is_not_used(authorities: Path) -> None:
    path, more = file(authorities, "anhui"), lists(authorities, "anhui")
    signers = verified(path, authorities, *more)["list"]["signed_by"]
    named = verified(path, authorities, *more, "--signer", signers[0], "--signer", signers[1], "--needed", 2)
    assert named["list"]["pinned"]
    stranger = "ed25519:" + "A" * 43 + "="
    found = verified(path, authorities, *more, "--signer", stranger, right=2)
    assert found["code"] == "TrustListForeign"


def test_evidence_is_fetched_from_a_running_authority(tmp_path: Path) -> None:
    folder, port = tmp_path / "authorities", ports.free_base(1, senses.Dice())
    typed("ca", "init", folder, "--address", f"http://127.0.0.1:{port}")
    typed("ca", "issue", folder, "--ca", "shanghai", "--name", "张三", "--for", "sign", "--out", tmp_path)
    path = tmp_path / "张三-sign.pem"
    call = ("cert", "verify", path, "--trust", folder / "trust.json", "--fetch", "--json")
    assert json.loads(typed(*call, right=2))["code"] == "EvidenceUnreadable"
    serving = subprocess.Popen(
        [sys.executable, "-m", "ops.command", "ca", "serve", str(folder), "--port", str(port)],
        cwd=ground.ROOT, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert serving.stderr is not None
        assert str(port).encode() in serving.stderr.readline()
        assert json.loads(typed(*call))["outcome"] == "valid"
        typed("ca", "revoke", folder, path)
        assert json.loads(typed(*call, right=1))["code"] == "CertificateRevoked"
    finally:
        serving.send_signal(signal.SIGTERM)
        assert serving.wait(30) == 0
        if serving.stderr is not None:
            serving.stderr.close()


def test_a_wrong_file_is_named_and_never_a_traceback(authorities: Path, tmp_path: Path) -> None:
    good, key = file(authorities, "shanghai"), file(authorities, "shanghai").with_suffix(".key")
    crl = authorities / "shanghai" / "issuing.crl"
    empty, noise = tmp_path / "empty", tmp_path / "noise"
    empty.write_bytes(b"")
    noise.write_bytes(bytes(range(256)) * 9)
    for wrong in (empty, noise, key, crl, authorities / "trust.json"):
        assert verified(wrong, authorities, right=2)["code"] == "CertificateUnreadable"
    for wrong in (empty, noise, key, crl, good):
        told = json.loads(typed("cert", "verify", good, "--trust", wrong, "--at", AT, "--json", right=2))
        assert told["code"] == "TrustListMalformed"
    for wrong in (empty, noise, key, good):
        for option in ("--crl", "--ocsp"):
            assert verified(good, authorities, option, wrong, right=2)["code"] == "EvidenceUnreadable"
        if wrong != good:
            assert verified(good, authorities, "--chain", wrong, right=2)["code"] == "CertificateUnreadable"
    for missing in (tmp_path, tmp_path / "none"):
        assert verified(missing, authorities, right=2)["code"] == "CannotRead"
        assert verified(good, authorities, "--crl", missing, right=2)["code"] == "CannotRead"


def test_pem_and_der_are_both_read_and_the_chain_may_come_apart(authorities: Path, tmp_path: Path) -> None:
    both = certificate.read_file(file(authorities, "shanghai").read_bytes())
    assert isinstance(both, tuple)
    leaf, between = tmp_path / "leaf.cer", tmp_path / "between.pem"
    leaf.write_bytes(both[0].raw)
    between.write_bytes(certificate.pem(both[1].raw))
    more = lists(authorities, "shanghai")
    assert verified(leaf, authorities, *more, right=1)["code"] == "CaUnknown"
    assert verified(leaf, authorities, *more, "--chain", between)["code"] == ""
    crl = tmp_path / "crl.pem"
    own = authorities / "shanghai"
    crl.write_bytes(
        b"".join(
            certificate.pem((own / f"{one}.crl").read_bytes(), "X509 CRL") for one in ("root", "issuing")
        )
    )
    assert verified(leaf, authorities, "--crl", crl, "--chain", between)["code"] == ""


def test_people_are_told_in_both_languages(authorities: Path) -> None:
    call = ("cert", "verify", file(authorities, "anhui"), "--trust", authorities / "trust.json", "--at", AT)
    told = typed(*call, *lists(authorities, "anhui"))
    assert "✓ 有效 / valid  CN=张三" in told
    assert "2026-11-26 08:30:00Z" in told
    told = typed(*call, right=2)
    assert "? 无法判定 / cannot be decided" in told
    assert "[RevocationUnknown] 没有证书" in told
    assert "There is no evidence" in told


@pytest.mark.parametrize(
    ("arguments", "zh"),
    [
        (["cert", "verify", "x", "--trust", "y", "--purpose", "anything"], "没有用途"),
        (["cert", "verify", "x", "--trust", "y", "--at", "yesterday"], "不是时刻"),
        (["ca", "show", "nowhere"], "不是演示认证机构的文件夹"),
        (["ca", "issue", "nowhere", "--ca", "gansu", "--name", "x", "--out", "y"], "没有名为“gansu”"),
    ],
)
def test_a_wrong_call_is_told_what_is_right(arguments: list[str], zh: str) -> None:
    code = 1 if arguments[:2] == ["ca", "show"] else 2
    assert zh in typed(*arguments, right=code)


def test_a_moment_may_be_written_in_several_ways() -> None:
    at = 1_795_681_800_000
    for written in (AT, "2026-11-26T08:30:00Z", "2026-11-26 08:30", "1795681800", "1795681800000"):
        assert cert.moment_of(written) == at
    for wrong in ("", "now", "-5", "1e9", "٣", "2026-13-01", "1960-01-01", "9" * 16):
        with pytest.raises(Trouble):
            cert.moment_of(wrong)
