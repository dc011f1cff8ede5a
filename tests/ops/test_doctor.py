"""The doctor: green where a machine is fit, red with a remedy where it is not, and 1 when it matters."""

import asyncio
import json
import resource
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ops import certificates, installation, ports, senses, stack
from ops.doctor import clock, disk, examination, machine, network, screens, stores, tls
from ops.doctor.check import Check
from ops.installation import LOOPBACK, PORTS_SPAN, Installation, Shape
from ops.postgres import Cluster
from ops.redis import Redis
from ops.senses import Dice
from ops.stack import Stack
from tests.ops.stage import call

NAMES = [
    "python", "locale", "memory", "open_files", "node", "pages", "browser", "document_fonts", "page_fonts",
    "ports", "names", "processes", "certificates", "private_files", "line", "clock", "time_service", "clocks",
    "disk", "file_system", "fsync", "fsync_kept", "database", "redis", "rehearsal",
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


def _by_name(checks: Iterator[Check] | tuple[Check, ...]) -> dict[str, Check]:
    return {check.name: check for check in checks}


def _look(data: Path) -> dict[str, Check]:
    return _by_name(examination.examine(data))


def _is_red(check: Check, *said: str) -> None:
    """Not well, says what in both languages, and what to do about it."""
    assert not check.ok
    assert check.remedy_zh
    assert check.remedy_en
    for one in said:
        assert one in check.zh or one in check.en, check


def test_every_check_has_its_line_in_both_languages_and_a_remedy(
    installed: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    # How fast this machine's disk is at this moment is no matter of the code.
    monkeypatch.setattr(disk, "fsync_ms", lambda _place: 1.0)
    found = _look(installed.data)
    assert list(found) == NAMES
    for check in found.values():
        assert check.zh
        assert check.en
        assert check.ok or (check.remedy_zh and check.remedy_en)
    for name in (
        "python", "open_files", "document_fonts", "ports", "certificates", "private_files", "clock", "disk",
        "fsync", "database", "redis",
    ):  # fmt: skip
        assert found[name].ok, found[name]


def test_a_folder_without_an_installation_is_no_fault(tmp_path: Path) -> None:
    found = _look(tmp_path / "nowhere" / "yet")
    assert found["certificates"].ok
    assert found["database"].ok
    assert found["processes"].ok


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


def test_a_running_stack_answers_on_every_line_and_a_dead_node_is_named(tmp_path: Path) -> None:
    base = ports.free_base(PORTS_SPAN + 4, Dice())
    found = installation.ensure(tmp_path / "data", now_ms=senses.now_ms(), ports_from=base)

    async def go() -> tuple[dict[str, Check], dict[str, Check]]:
        running = Stack(found, restart=False)
        await running.start()
        try:
            well = await asyncio.to_thread(_look, found.data)
            (found.config("nanjing").parent / "cert.pem").write_bytes(
                (found.config("hangzhou").parent / "cert.pem").read_bytes()
            )
            return well, await asyncio.to_thread(_look, found.data)
        finally:
            await running.stop()

    well, ill = asyncio.run(go())
    for name in ("ports", "processes", "certificates", "line", "clocks", "database"):
        assert well[name].ok, well[name]
    assert "4" in well["line"].en
    _is_red(ill["certificates"], "nanjing(", "名称不符", "与密钥不配")
    _is_red(ill["line"], "nanjing(")


def test_a_stack_whose_processes_do_not_answer_is_red(
    installed: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stack, "running", lambda _data: {"coordinator": 1})
    found = _by_name(network.look(installed.data, installed))
    _is_red(found["processes"], "合肥", "coordinator")


# --- certificates and keys --------------------------------------------------------------------------


def test_certificates_that_end_or_begin_too_late_are_red(
    installed: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = senses.now_ms()
    monkeypatch.setattr(senses, "now_ms", lambda: now + (certificates.CERTIFICATE_DAYS + 1) * 86_400_000)
    _is_red(_by_name(tls.look(installed))["certificates"], "coordinator", "expired")
    monkeypatch.setattr(senses, "now_ms", lambda: now - 3 * 86_400_000)
    _is_red(_by_name(tls.look(installed))["certificates"], "not valid yet")


def test_a_certificate_of_another_authority_or_another_key_is_red(
    installed: Installation, tmp_path: Path
) -> None:
    other = installation.ensure(tmp_path / "other", now_ms=senses.now_ms())
    for name in ("cert.pem", "key.pem"):
        shutil.copy(other.config("shanghai").parent / name, installed.config("shanghai").parent / name)
    _is_red(_by_name(tls.look(installed))["certificates"], "shanghai(", "chain")
    shutil.copy(other.config("nanjing").parent / "key.pem", installed.config("shanghai").parent / "key.pem")
    _is_red(_by_name(tls.look(installed))["certificates"], "shanghai(与密钥不配 key)")


@pytest.mark.parametrize("name", ["nodes/nanjing/key.pem", "coordinator/config.json", "ca/ca.key"])
def test_a_secret_file_that_others_may_read_is_red(installed: Installation, name: str) -> None:
    (installed.data / name).chmod(0o644)
    _is_red(_by_name(tls.look(installed))["private_files"], name)


# --- time -------------------------------------------------------------------------------------------


def test_a_clock_far_off_is_red(installed: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(senses, "now_ms", lambda: 1_000_000_000_000)
    _is_red(_by_name(clock.look(installed.data, installed))["clock"])


def test_a_clock_that_nobody_keeps_is_told_and_decides_nothing(
    installed: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "first_line", lambda *_command: None)
    for kept in (False, None):
        monkeypatch.setattr(senses, "clock_is_kept", lambda kept=kept: kept)
        found = _by_name(clock.look(installed.data, installed))["time_service"]
        _is_red(found)
        assert not found.needed
    monkeypatch.setattr(senses, "clock_is_kept", lambda: True)
    assert _by_name(clock.look(installed.data, installed))["time_service"].ok


def test_a_process_whose_clock_differs_from_the_coordinators_is_named(
    installed: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stack, "running", lambda _data: {"coordinator": 1})
    offsets = {"coordinator": 500, "hefei": 0, "shanghai": -301_000, "nanjing": 1_000}
    monkeypatch.setattr(clock, "_offset_ms", lambda part: offsets.get(part.name))
    _is_red(_by_name(clock.look(installed.data, installed))["clocks"], "shanghai -302 s")


# --- disk -------------------------------------------------------------------------------------------


def test_a_disk_that_is_slow_full_in_memory_or_does_not_sync_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "fsync_ms", lambda _place: 80.0)
    _is_red(_by_name(disk.look(tmp_path))["fsync"], "80.00 ms")
    monkeypatch.setattr(disk, "fsync_ms", lambda _place: 0.001)
    _is_red(_by_name(disk.look(tmp_path))["fsync_kept"], "1 µs")
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _place: usage._replace(free=10_000))
    found = _by_name(disk.look(tmp_path))["disk"]
    _is_red(found, "0.0 GB")
    assert found.needed
    monkeypatch.setattr(disk, "mount_of", lambda _place: disk.Mount("/tmp", "tmpfs", frozenset()))
    found = _by_name(disk.look(tmp_path))["file_system"]
    _is_red(found, "tmpfs")
    assert not found.needed
    lazy = disk.Mount("/", "ext4", frozenset({"rw", "nobarrier"}))
    monkeypatch.setattr(disk, "mount_of", lambda _place: lazy)
    _is_red(_by_name(disk.look(tmp_path))["fsync_kept"], "nobarrier")
    monkeypatch.setenv("LD_PRELOAD", "/usr/lib/libeatmydata.so")
    _is_red(_by_name(disk.look(tmp_path))["fsync_kept"], "eatmydata")


def test_a_folder_that_cannot_be_written_is_red(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(_place: Path) -> float:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(disk, "fsync_ms", closed)
    _is_red(_by_name(disk.look(tmp_path))["fsync"], "Permission denied")


def test_the_innermost_and_last_mount_is_the_one_that_is_seen(tmp_path: Path) -> None:
    place = tmp_path / "a b"
    place.mkdir()
    table = tmp_path / "mounts"
    at = str(place.resolve()).replace(" ", "\\040")
    table.write_text(
        f"/dev/a / ext4 rw 0 0\nx {at} xfs ro 0 0\ny {at} tmpfs rw,noexec 0 0\nz /elsewhere nfs rw 0 0\n"
    )
    assert disk.mount_of(place, table) == disk.Mount(
        str(place.resolve()), "tmpfs", frozenset({"rw", "noexec"})
    )
    assert disk.mount_of(tmp_path, table) == disk.Mount("/", "ext4", frozenset({"rw"}))
    assert disk.mount_of(place, tmp_path / "none") is None


# --- names, browser, fonts, machine -------------------------------------------------------------------


def test_names_that_lead_elsewhere_are_red_and_unknown_ones_are_only_told(
    installed: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(*addresses: str) -> Check:
        answer = [(0, 0, 0, "", (one, 0)) for one in addresses]

        def resolve(*_asked: object, **_how: object) -> list[Any]:
            if not answer:
                raise socket.gaierror(-2, "Name or service not known")
            return answer

        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        return _by_name(network.look(installed.data, installed))["names"]

    assert told("127.0.0.1", "::1").ok
    astray = told("10.1.2.3")
    _is_red(astray, "hefei.localhost → 10.1.2.3")
    assert astray.needed
    unknown = told()
    _is_red(unknown, "hefei.localhost")
    assert not unknown.needed
    assert "127.0.0.1 hefei.localhost shanghai.localhost" in unknown.remedy_zh


def test_what_is_missing_of_browser_fonts_and_pages_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    monkeypatch.setattr(screens, "first_line", lambda *_command: None)
    monkeypatch.setattr(screens, "DOCUMENT_FONTS", "no-such-fonts")
    monkeypatch.setattr(screens, "pages", lambda: ("sub_venue/web/nowhere",))
    found = _by_name(screens.look())
    for name, needed in (
        ("node", True), ("pages", True), ("browser", False), ("document_fonts", True), ("page_fonts", False),
    ):  # fmt: skip
        _is_red(found[name])
        assert found[name].needed is needed
    assert "sub_venue/web/nowhere" in found["pages"].en


def test_a_browser_without_the_keys_that_seats_need_is_too_old(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: "/usr/bin/chromium" if name == "chromium" else None)
    monkeypatch.setattr(screens, "first_line", lambda *_command: "Chromium 120.0.1 built on Debian")
    _is_red(screens._browser(), "Chromium 120")


def test_a_machine_without_memory_or_files_or_utf8_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "max").write_text("2000000000\n")
    (tmp_path / "now").write_text("1999000000\n")
    monkeypatch.setattr(machine, "_GROUP_MAX", tmp_path / "max")
    monkeypatch.setattr(machine, "_GROUP_NOW", tmp_path / "now")
    monkeypatch.setattr(resource, "getrlimit", lambda _what: (256, 524_288))
    monkeypatch.setattr("locale.getencoding", lambda: "ANSI_X3.4-1968")
    found = _by_name(machine.look())
    _is_red(found["memory"], "0.0 GB")
    _is_red(found["open_files"], "256")
    assert "ulimit -n" in found["open_files"].remedy_en
    _is_red(found["locale"], "ANSI_X3.4-1968")
    monkeypatch.setattr(resource, "getrlimit", lambda _what: (256, 256))
    assert "limits.conf" in _by_name(machine.look())["open_files"].remedy_en


# --- stores -----------------------------------------------------------------------------------------


def test_a_damaged_database_is_red(installed: Installation) -> None:
    path = installed.data / "coordinator" / "coordinator.db"
    path.write_bytes(b"this is no database, but long enough to be looked at as one" * 20)
    found = _by_name(stores.look(installed.data, installed))["database"]
    _is_red(found)
    assert found.needed


def test_servers_of_the_stack_are_awaited_only_while_it_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shape = Shape(1, f"postgresql:///postgres?host={tmp_path}/none", f"unix://{tmp_path}/none.sock?db=0")
    found = installation.ensure(tmp_path / "data", now_ms=senses.now_ms(), shape=shape)
    told = _by_name(stores.look(found.data, found))
    assert (told["database"].ok, told["redis"].ok) == (True, True)
    monkeypatch.setattr(stack, "running", lambda _data: {"coordinator": 1})
    told = _by_name(stores.look(found.data, found))
    _is_red(told["database"])
    _is_red(told["redis"], "none.sock")
    assert not told["redis"].needed


def test_a_database_server_that_does_not_sync_is_red_and_redis_tells_its_version(
    database: str, shared_cluster: Cluster, tmp_path: Path, open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bus = Redis(open_folder / "doctor-redis")
    bus.start()
    try:
        found = installation.ensure(
            tmp_path / "data", now_ms=senses.now_ms(), shape=Shape(1, database, bus.url)
        )
        monkeypatch.setattr(stack, "running", lambda _data: {"coordinator": 1})
        told = _by_name(stores.look(found.data, found))
    finally:
        bus.stop()
    assert told["database"].ok
    _is_red(told["postgresql"], "fsync = off")
    assert told["redis"].ok
    assert "Redis" in told["redis"].zh


def test_only_what_is_needed_decides() -> None:
    fine = Check("a", True, True, "好", "fine")
    wish = Check("b", False, False, "无", "none", "装", "install")
    need = Check("c", False, True, "坏", "broken", "修", "mend")
    assert examination.is_fit((fine, wish))
    assert not examination.is_fit((fine, wish, need))
    assert json.loads(examination.as_json((fine,)))["ok"] is True
