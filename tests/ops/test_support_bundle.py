"""The support bundle: helpful, and without a single secret, in whatever form it might have got in."""

import base64
import json
import tarfile
import zipfile
from pathlib import Path

import pytest

from ops import files, installation, senses
from ops.doctor import bundle, leaks, redaction
from ops.doctor.check import Check
from ops.installation import Installation
from ops.trouble import Trouble
from tests.ops.stage import call

SECRETS = {
    "one-time code": "K7QM3-XWDPA",
    "password in a URL": "hunter2-hunter2",
    "token": "ghs_9uZ8xWvT7sRqP6oN5mL4kJ3iH2gF1eD0",
    "seed": "autumn-rain-4711",
    "name of an expert": "俞示远",
    "name in letters": "Yu Shiyuan",
    "name of a firm": "皖澄市政工程有限公司",
    "identity number": "340104197001011234",
    "telephone": "13805510000",
    "draft": '{"b1":{"A1":750,"A2":325}}',
    "price": "4528.60",
    "session cookie": "Cookie: sid=1f2e3d4c5b6a",
}
CHECKS = (Check("ports", False, True, "占用", "taken", "停", "stop"),)


def shapes(secret: str | bytes) -> dict[str, bytes]:
    """How a secret might have been written down on its way into a log."""
    raw = secret.encode() if isinstance(secret, str) else secret
    text = base64.b64encode(raw)
    return {
        "plain": raw, "hex": raw.hex().encode(), "HEX": raw.hex().upper().encode(), "base64": text,
        "base64url": base64.urlsafe_b64encode(raw), "base64 unpadded": text.rstrip(b"="),
        "escaped": json.dumps(raw.decode(errors="ignore")).encode(),
    }  # fmt: skip


def lines(secret: str) -> list[str]:
    """Log lines that somebody careless wrote, of our own form and of other programs'."""
    told = []
    for shape in shapes(secret).values():
        one = shape.decode(errors="replace")
        told += [
            json.dumps({"event": "not answered", "level": "warning", "at": 1, "error": f"Refused({one!r})"}),
            json.dumps({"event": "not durable", "level": "error", "key": one, "value": {"deep": [one]}}),
            json.dumps({"event": f"could not read {one!r}", "level": "error"}, ensure_ascii=False),
            json.dumps({"event": "line up", "code": one, "seat": one, "session": one}, ensure_ascii=False),
            json.dumps({"event": "x", "exception": [
                {"exc_type": "ValueError", "exc_value": one,
                 "frames": [{"filename": "a.py", "lineno": 1, "name": "f", "locals": {"code": one}}]}
            ]}),
            f"DETAIL:  Key (code)=({one}) already exists.",
            f"ValueError: invalid literal: '{one}'",
            f"FATAL:  no entry for host, password={one}",
        ]  # fmt: skip
    return told


@pytest.fixture
def planted(tmp_path: Path) -> Installation:
    """An installation with secrets of every kind in every place that the bundle looks at."""
    found = installation.ensure(tmp_path / "data", now_ms=senses.now_ms(), seed=SECRETS["seed"])
    path = found.config("coordinator")
    config = files.read_json(path)
    config["enrolment_code"] = SECRETS["one-time code"]
    password = SECRETS["password in a URL"]
    config["database"] = f"postgresql://lin:{password}@127.0.0.1:9/tongchang?sslpassword=x"
    config["redis"] = f"redis://:{password}@127.0.0.1:9/0"
    files.write_json(path, config)
    log = [line for secret in SECRETS.values() for line in lines(secret)]
    log.append(json.dumps({"event": "ready", "level": "info", "at": 1_790_000_000_000, "http_port": 7709}))
    (found.logs / "coordinator.log").write_text("\n".join(log) + "\n")
    (found.logs / "hefei.log").write_text("-----BEGIN PRIVATE KEY-----\n" + _key_lines(found) + "\n")
    drafts = found.data / "nodes" / "hangzhou" / "drafts" / "S-1"
    drafts.mkdir(parents=True)
    (drafts / "a.draft").write_text(SECRETS["draft"])
    return found


def _key_lines(found: Installation) -> str:
    return (found.data / "coordinator" / "installation.key").read_text()


def unpacked(path: Path) -> dict[str, bytes]:
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    with tarfile.open(path) as archive:
        return {one.name: archive.extractfile(one).read() for one in archive.getmembers()}  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ["help.tar.gz", "help.zip"])
def test_no_planted_secret_is_in_the_bundle_in_any_form(
    planted: Installation, tmp_path: Path, name: str
) -> None:
    bundle.write(tmp_path / name, planted.data, CHECKS)
    parts = unpacked(tmp_path / name)
    secrets: dict[str, str | bytes] = dict(SECRETS)
    for path in (*planted.data.rglob("*.key"), *planted.data.rglob("key.pem")):
        secrets[path.name] = path.read_bytes()
        for line in path.read_text().splitlines():
            if not line.startswith("-----"):
                secrets[f"{path}: {line}"] = line
    for what, secret in secrets.items():
        for shape, form in shapes(secret).items():
            for part, raw in parts.items():
                assert form not in raw, f"{what} as {shape} in {part}"
    assert (tmp_path / name).stat().st_mode & 0o077 == 0


def test_what_helps_is_in_the_bundle(planted: Installation, tmp_path: Path) -> None:
    path = tmp_path / "help.zip"
    bundle.write(path, planted.data, CHECKS)
    parts = {name.removeprefix("tongchang-support/"): raw for name, raw in unpacked(path).items()}
    assert json.loads(parts["doctor.json"])["checks"][0]["name"] == "ports"
    versions = json.loads(parts["versions.json"])
    assert versions["packages"]["msgspec"]
    config = json.loads(parts["config/coordinator-config.json"])
    assert config["http_port"] == planted.http_port
    assert config["database"] == "postgresql://[withheld]@127.0.0.1:9/tongchang"
    assert (config["seed"], config["enrolment_code"]) == (redaction.WITHHELD, redaction.WITHHELD)
    assert config["nodes"][0]["node"] == "hefei"
    assert config["nodes"][0]["key"] == redaction.WITHHELD
    last = json.loads(parts["logs/coordinator.log"].splitlines()[-1])
    assert last == {"event": "ready", "level": "info", "at": 1_790_000_000_000, "http_port": 7709}
    assert b"a.py:1 f" in parts["logs/coordinator.log"]
    assert "密钥".encode() in parts["README.txt"]
    assert json.loads(parts["files.json"])["nodes/hangzhou/drafts"] == {"files": 1, "bytes": 26}


def test_of_a_long_log_only_its_end_is_in_the_bundle(planted: Installation, tmp_path: Path) -> None:
    line = json.dumps({"event": "line down", "level": "warning", "pending": 3}) + "\n"
    (planted.logs / "nanjing.log").write_text("the first line\n" + line * 20_000)
    bundle.write(tmp_path / "help.zip", planted.data, CHECKS)
    log = unpacked(tmp_path / "help.zip")["tongchang-support/logs/nanjing.log"]
    assert len(log) <= bundle.LOG_BYTES_MAX
    assert b"first" not in log
    assert json.loads(log.splitlines()[0])["event"] == "line down"


def test_a_bundle_that_would_give_a_code_away_is_not_written(
    planted: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redaction.Reader, "line", lambda _self, line: line)
    with pytest.raises(Trouble, match="enrolment_code"):
        bundle.write(tmp_path / "help.zip", planted.data, CHECKS)
    assert not (tmp_path / "help.zip").exists()


@pytest.mark.parametrize("shift", range(4))
def test_a_secret_is_found_in_base64_wherever_it_stands(shift: int) -> None:
    secret = b"\x01\xfe\xfb\xff correct horse \xff\xfe"
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        text = encode(b"x" * shift + secret + b"yz")
        assert any(form in text for form in leaks.forms(secret)), text


def test_the_command_writes_the_bundle_beside_its_result(planted: Installation, tmp_path: Path) -> None:
    path = tmp_path / "help.tar.gz"
    ended = call("doctor", "--data", str(planted.data), "--support-bundle", str(path), cwd=tmp_path)
    assert "help.tar.gz" in ended.err
    assert any(name.endswith("doctor.json") for name in unpacked(path))
