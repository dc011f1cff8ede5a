"""A venue's node as a process: told to stop, killed, started twice, started wrongly."""

import asyncio
import contextlib
import json
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from ops import files
from protocol import wire
from sub_venue.journal.copies import Copies
from sub_venue.journal.disk import Disk
from sub_venue.journal.journal import Journal
from tests.protocol.world import World, key
from tests.sub_venue.conftest import fork, settings_of
from tests.sub_venue.page import WAIT_S, open_page, signed

ROOT = Path(__file__).resolve().parents[2]
START_S = 30.0


def config(installed: Path, data: Path, **changes: Any) -> Path:
    """A node's configuration file; its coordinator is not there."""
    told = json.loads(settings_of(installed, data, "shanghai").model_dump_json())
    path = data.parent / "config.json"
    path.write_text(json.dumps({**told, **changes}), encoding="utf-8")
    return path


@contextlib.asynccontextmanager
async def process(path: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """A node's process; killed in the end if it still runs."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sub_venue", "--config", str(path),
        cwd=ROOT, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield child
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        assert child.stderr is not None
        await child.stderr.read()
        await child.wait()


async def ready(child: asyncio.subprocess.Process) -> int:
    """The port of a node once it is ready."""
    assert child.stderr is not None
    async with asyncio.timeout(START_S):
        async for line in child.stderr:
            told = json.loads(line)
            if told["event"] == "ready":
                return int(told["http_port"])
    raise AssertionError("it ended before it was ready")


async def seeded(data: Path, world: World) -> None:
    """Lay a copy of a session into a node's data folder, as an earlier run left it."""
    files.make_folder(data)
    disk = Disk(1_000_000)
    copies = Copies(disk, data / "sessions", key("installation"))
    texts = tuple(raw.decode() for raw in world.entries)
    await copies.take(wire.Feed("s-1", 0, len(texts), texts, tuple(world.held)), 1)
    await disk.close()


async def kept(data: Path) -> list[str]:
    """The ids of the acts that the journal on disk holds."""
    disk = Disk(1_000_000)
    found = [
        act.command_id for acts in Journal(disk, data / "journal.log").pending().values() for act in acts
    ]
    await disk.close()
    return found


async def test_a_node_told_to_stop_says_so_and_ends_in_order(installed: Path, tmp_path: Path) -> None:
    async with process(config(installed, tmp_path / "data")) as child:
        await ready(child)
        child.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(child.wait(), WAIT_S) == 0


async def test_what_was_kept_is_there_after_kill_9(
    installed: Path, tmp_path: Path, at_check_in: World
) -> None:
    data = tmp_path / "data"
    await seeded(data, at_check_in)
    path = config(installed, data)
    receipts: list[str] = []
    world = fork(at_check_in)
    commands = [world.command("M2", world.check_in_content()) for _ in range(30)]
    for number in range(3):
        async with process(path) as child:
            port = await ready(child)
            async with open_page(port, "shanghai.localhost") as page:
                for command in commands[10 * number : 10 * number + 8]:
                    answer = await page.act(signed(command, "M2"))
                    assert answer.kept is not None
                    receipts.append(answer.kept.command_id)
                # Two more are on their way when it is killed.
                going = [
                    asyncio.ensure_future(page.act(signed(command, "M2")))
                    for command in commands[10 * number + 8 : 10 * number + 10]
                ]
                await asyncio.sleep(0)
                child.kill()
                for one in going:
                    one.cancel()
                await asyncio.gather(*going, return_exceptions=True)
            await child.wait()
    on_disk = await kept(data)
    assert set(receipts) <= set(on_disk)
    assert len(set(on_disk)) == len(on_disk)
    order = [command.command_id for command in commands]
    assert on_disk == [name for name in order if name in on_disk]


async def test_two_processes_never_share_a_data_folder(installed: Path, tmp_path: Path) -> None:
    path = config(installed, tmp_path / "data")
    async with process(path) as first:
        await ready(first)
        async with process(path) as second:
            assert second.stderr is not None
            said = (await asyncio.wait_for(second.stderr.read(), START_S)).decode()
            assert await second.wait() == 1
            assert "another process" in said
        assert first.returncode is None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"http_host": "0.0.0.0"}, "loopback"),
        ({"coordinator_url": "http://127.0.0.1:1"}, "coordinator_url"),
        ({"node_key": "nothing.key"}, "nothing.key"),
        ({"more": 1}, "more"),
    ],
)
async def test_a_node_that_cannot_start_says_why_in_both_languages(
    installed: Path, tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    async with process(config(installed, tmp_path / "data", **changes)) as child:
        assert child.stderr is not None
        told = (await asyncio.wait_for(child.stderr.read(), START_S)).decode()
        assert await child.wait() == 1
    assert told.startswith("✗ ")
    assert said in told
    assert "Traceback" not in told


@pytest.mark.parametrize(("text", "said"), [("{", "is no JSON"), ("[]", "有误"), (None, "无法读取")])
async def test_a_configuration_that_cannot_be_read_is_said_in_both_languages(
    tmp_path: Path, text: str | None, said: str
) -> None:
    path = tmp_path / "config.json"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    async with process(path) as child:
        assert child.stderr is not None
        told = (await asyncio.wait_for(child.stderr.read(), START_S)).decode()
        assert await child.wait() == 1
    assert told.startswith("✗ ")
    assert said in told
    assert "Traceback" not in told


async def test_a_port_that_is_taken_is_said_to_be(installed: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        path = config(installed, tmp_path / "data", http_port=holder.getsockname()[1])
        async with process(path) as child:
            assert child.stderr is not None
            told = (await asyncio.wait_for(child.stderr.read(), START_S)).decode()
            assert await child.wait() == 1
    assert "address already in use" in told
    assert "✗ 副场节点无法运行" in told


async def test_a_changed_journal_is_not_read_over(
    installed: Path, tmp_path: Path, at_check_in: World
) -> None:
    data = tmp_path / "data"
    world = fork(at_check_in)
    await seeded(data, world)
    path = config(installed, data)
    async with process(path) as child:
        port = await ready(child)
        async with open_page(port, "shanghai.localhost") as page:
            for _ in range(3):
                await page.act(signed(world.command("M2", world.check_in_content()), "M2"))
    journal = data / "journal.log"
    raw = bytearray(journal.read_bytes())
    raw[100] ^= 0x01
    journal.write_bytes(raw)
    async with process(path) as child:
        assert child.stderr is not None
        told = (await asyncio.wait_for(child.stderr.read(), START_S)).decode()
        assert await child.wait() == 1
    assert "journal.log is damaged at byte" in told
