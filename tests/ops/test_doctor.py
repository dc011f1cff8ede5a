"""The doctor: green where a machine is fit, red with a remedy where it is not, and 1 when it matters."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops import certificates, doctor, installation, ports, senses
from ops.check import Check
from ops.installation import LOOPBACK, PORTS_SPAN, Installation
from ops.senses import Dice
from tests.ops.stage import call

NAMES = [
    "python", "node", "pages", "ports", "disk", "fsync", "clock", "certificates", "database", "fonts",
    "chromium",
]  # fmt: skip


@pytest.fixture
def installed(tmp_path: Path) -> Installation:
    base = ports.free_base(PORTS_SPAN + 4, Dice())
    return installation.ensure(tmp_path / "data", now_ms=senses.now_ms(), ports_from=base)


@pytest.fixture
def squatter(installed: Installation) -> Iterator[int]:
    with socket.socket() as server:
        server.bind((LOOPBACK, installed.http_port))
        server.listen()
        yield installed.http_port


def _look(data: Path) -> dict[str, Check]:
    return {check.name: check for check in doctor.examine(data)}


def test_every_check_has_its_line_in_both_languages_and_a_remedy(
    installed: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    # How fast this machine's disk is at this moment is no matter of the code.
    monkeypatch.setattr(doctor, "_fsync_ms", lambda _place: 1.0)
    found = _look(installed.data)
    assert list(found) == NAMES
    for check in found.values():
        assert check.zh
        assert check.en
        assert check.ok or (check.remedy_zh and check.remedy_en)
    for name in ("python", "ports", "disk", "fsync", "clock", "certificates", "database"):
        assert found[name].ok, found[name]


def test_a_folder_without_an_installation_is_no_fault(tmp_path: Path) -> None:
    found = _look(tmp_path / "nowhere" / "yet")
    assert found["certificates"].ok
    assert found["database"].ok


def test_a_taken_port_is_red_and_ends_with_1(installed: Installation, squatter: int) -> None:
    ended = call("doctor", "--data", str(installed.data), "--json", cwd=installed.data)
    assert ended.code == 1
    assert ended.told["ok"] is False
    red = [check for check in ended.told["checks"] if not check["ok"] and check["needed"]]
    assert "ports" in [check["name"] for check in red]
    line = next(check for check in red if check["name"] == "ports")
    assert f"{squatter} (PID " in line["zh"]
    assert "--ports-from" in line["remedy_zh"]


def test_the_lines_are_on_stdout_with_the_remedy_below(installed: Installation, squatter: int) -> None:
    ended = call("doctor", "--data", str(installed.data), cwd=installed.data)
    assert ended.code == 1
    at = ended.out.index("✗ 端口")
    assert "请停止占用端口的程序" in ended.out[at:]
    assert "✓ Python" in ended.out


def test_certificates_that_end_or_lie_open_are_red(
    installed: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    (installed.config("nanjing").parent / "key.pem").chmod(0o644)
    found = _look(installed.data)["certificates"]
    assert not found.ok
    assert "nanjing/key.pem" in found.zh
    (installed.config("nanjing").parent / "key.pem").chmod(0o600)
    later = senses.now_ms() + (certificates.CERTIFICATE_DAYS + 1) * 86_400_000
    monkeypatch.setattr(senses, "now_ms", lambda: later)
    assert "coordinator" in _look(installed.data)["certificates"].zh


def test_a_damaged_database_is_red(installed: Installation) -> None:
    path = installed.data / "coordinator" / "coordinator.db"
    path.write_bytes(b"this is no database, but long enough to be looked at as one" * 20)
    found = _look(installed.data)["database"]
    assert not found.ok
    assert found.needed


def test_a_clock_far_off_is_red(installed: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(senses, "now_ms", lambda: 1_000_000_000_000)
    assert not _look(installed.data)["clock"].ok


def test_only_what_is_needed_decides() -> None:
    fine = Check("a", True, True, "好", "fine")
    wish = Check("b", False, False, "无", "none", "装", "install")
    need = Check("c", False, True, "坏", "broken", "修", "mend")
    assert doctor.is_fit((fine, wish))
    assert not doctor.is_fit((fine, wish, need))
    assert json.loads(doctor.as_json((fine,)))["ok"] is True
