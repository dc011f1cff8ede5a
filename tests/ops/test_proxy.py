"""nginx before coordinators: its configurations are taken, and a dead one behind it is passed over."""

import asyncio
import contextlib
import os
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ops import ports, servers
from ops.installation import LOOPBACK
from ops.proxy import Proxy
from ops.senses import Dice
from ops.trouble import Trouble
from tests.house import ground

SAMPLES = ground.ROOT / "ops"


@contextlib.asynccontextmanager
async def answering(port: int, word: bytes) -> AsyncIterator[None]:
    """A server that says one word to whoever comes."""

    async def say(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(word)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(say, LOOPBACK, port):
        yield


async def word_at(port: int) -> bytes:
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    try:
        return await reader.read()
    finally:
        writer.close()


async def test_nodes_reach_whichever_coordinator_is_there(tmp_path: Path) -> None:
    base = ports.free_base(4, Dice())
    proxy = Proxy(tmp_path / "nginx", base, (base + 1, base + 2, base + 3))
    proxy.check()
    proxy.start()
    try:
        async with answering(base + 2, b"two"):
            async with answering(base + 3, b"three"):
                assert {await word_at(base) for _ in range(12)} == {b"two", b"three"}
            assert {await word_at(base) for _ in range(4)} == {b"two"}
    finally:
        proxy.stop()
    assert ports.is_free(base)


async def test_a_proxy_that_was_left_behind_makes_room_for_the_next(tmp_path: Path) -> None:
    base = ports.free_base(2, Dice())
    first, second = (Proxy(tmp_path / "nginx", base, (base + 1,)) for _ in range(2))
    first.start()
    left = first.pid
    second.start()
    try:
        assert first.pid is None
        assert second.pid not in (None, left)
    finally:
        second.kill()
    assert ports.is_free(base)


def test_a_configuration_that_nginx_refuses_is_told_with_its_words(tmp_path: Path) -> None:
    proxy = Proxy(tmp_path / "nginx", 65_535, (70_000,))
    with pytest.raises(Trouble) as refused:
        proxy.check()
    assert "invalid port" in refused.value.en


def test_the_sample_for_a_real_house_is_taken_by_nginx(tmp_path: Path) -> None:
    text = (SAMPLES / "nginx" / "tongchang.conf").read_text()
    # Debian's package says there which modules there are; where it does not, nginx has them within.
    kept = tmp_path / "tongchang.conf"
    kept.write_text(text.replace("/run/nginx.pid", str(tmp_path / "nginx.pid")))
    program = servers.find("nginx", "nginx-light")
    done = subprocess.run(
        [program, "-t", "-c", kept, "-e", "stderr"],
        capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", sorted((SAMPLES / "systemd").iterdir()), ids=os.path.basename)
def test_the_sample_units_start_a_command_that_there_is(path: Path) -> None:
    start = next(line for line in path.read_text().splitlines() if line.startswith("ExecStart="))
    command = start.split("/bin/tongchang ", 1)[1].split()
    assert command[0] in ("server", "sub-venue", "source")
    assert command[1] == "--config"
