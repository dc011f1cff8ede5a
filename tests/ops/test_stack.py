"""The stack: sentences when it cannot start, and nothing left running behind it."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops import installation, ports, processes, senses, stack
from ops.installation import LOOPBACK, PORTS_SPAN, Installation
from ops.senses import Dice
from ops.stack import Stack
from ops.trouble import Trouble
from tests.house import ground


@pytest.fixture
def installed(tmp_path: Path) -> Installation:
    base = ports.free_base(PORTS_SPAN + 4, Dice())
    return installation.ensure(tmp_path, now_ms=senses.now_ms(), ports_from=base)


@pytest.fixture
def squatter(installed: Installation) -> Iterator[int]:
    """Somebody else on the port of 南京."""
    with socket.socket() as server:
        server.bind((LOOPBACK, installed.node("nanjing").port))
        server.listen()
        yield installed.node("nanjing").port


async def test_a_taken_port_is_told_with_its_process_and_a_way_out(
    installed: Installation, squatter: int
) -> None:
    with pytest.raises(Trouble) as taken:
        await Stack(installed).start()
    zh, en = taken.value.zh, taken.value.en
    assert f"副场 南京要用的端口 {squatter} 已被 PID {os.getpid()}" in zh
    assert f"--ports-from {installed.ports_from + 100}" in zh
    assert f"taken by PID {os.getpid()}" in en
    assert not stack.running(installed.data)


async def test_a_second_stack_on_the_same_data_is_told_that_one_runs(installed: Installation) -> None:
    first = Stack(installed)
    first._take_lock()
    try:
        with pytest.raises(Trouble) as twice:
            await Stack(installed).start()
        assert f"已在运行(PID {os.getpid()})" in twice.value.zh
        assert "--data" in twice.value.en
        # And nothing of the installation is changed by whoever would start it another way.
        with pytest.raises(Trouble, match="running already"):
            stack.require_stopped(installed.data)
    finally:
        await first.stop()
    stack.require_stopped(installed.data)


async def test_when_the_nursery_dies_the_stack_says_so_and_nothing_is_left(installed: Installation) -> None:
    running = Stack(installed)
    await running.start()
    pids = [running.pid(part.name) for part in running.parts]
    try:
        nursery = running._nursery._process
        assert nursery is not None
        nursery.kill()
        with pytest.raises(Trouble) as broken:
            await running.unless_broken(asyncio.Event().wait())
        assert "the nursery has ended" in broken.value.en
    finally:
        await running.stop()
    until = senses.running_ms() + 15_000
    while any(ports.command_line(pid) for pid in pids):
        assert senses.running_ms() < until
        await asyncio.sleep(0.05)


async def test_the_same_process_can_be_run_by_the_command_alone(installed: Installation) -> None:
    """`tongchang server --config FILE`: ready, and 0 after SIGTERM."""
    alone = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "ops.command", "server", "--config", str(installed.config("coordinator")),
        cwd=ground.ROOT, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    part = processes.parts(installed)[0]
    until = senses.running_ms() + 30_000
    while not await stack.answers(part.health_port, part.host, "/readyz"):
        assert alone.returncode is None
        assert senses.running_ms() < until
        await asyncio.sleep(0.05)
    alone.send_signal(signal.SIGTERM)
    assert await alone.wait() == 0


async def test_a_process_that_cannot_run_is_named_with_the_end_of_its_log(installed: Installation) -> None:
    (installed.data / "coordinator" / "installation.key").write_text("no key")
    running = Stack(installed)
    with pytest.raises(Trouble) as broken:
        await running.start()
    assert broken.value.zh.startswith("协调系统无法运行")
    assert "coordinator.log" in broken.value.zh
    assert "✗ 协调系统无法运行" in broken.value.en
    assert not stack.running(installed.data)
    for part in running.parts:
        for port in part.ports:
            assert ports.is_free(port)
