"""A line led through the landing page's process: cut by reset, cut by silence, mended."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from ops.installation import LOOPBACK
from ops.landing.lines import Line

SILENT_S = 0.3


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    """A line to somebody who says everything back."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while raw := await reader.read(1_000):
                writer.write(raw)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(echo, LOOPBACK, 0)
    found = Line(server.sockets[0].getsockname()[1])
    await found.open()
    try:
        yield found
    finally:
        await found.close()
        server.close()


async def said_back(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, raw: bytes) -> bytes:
    writer.write(raw)
    return await reader.read(100)


async def test_a_line_carries_what_is_said_both_ways(line: Line) -> None:
    ends = await asyncio.open_connection(LOOPBACK, line.port)
    assert await said_back(*ends, b"here") == b"here"
    ends[1].close()


async def test_a_line_cut_by_reset_ends_what_is_open_and_takes_nobody_on(line: Line) -> None:
    reader, writer = await asyncio.open_connection(LOOPBACK, line.port)
    assert await said_back(reader, writer, b"here") == b"here"
    line.break_("reset")
    with pytest.raises(ConnectionError):
        await reader.readexactly(1)
    writer.close()
    reader, writer = await asyncio.open_connection(LOOPBACK, line.port)
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await reader.readexactly(1)
    writer.close()
    line.mend()
    ends = await asyncio.open_connection(LOOPBACK, line.port)
    assert await said_back(*ends, b"again") == b"again"
    ends[1].close()


async def test_a_silent_line_closes_nothing_and_what_lay_still_arrives_once_it_is_mended(line: Line) -> None:
    reader, writer = await asyncio.open_connection(LOOPBACK, line.port)
    assert await said_back(reader, writer, b"here") == b"here"
    line.break_("silence")
    writer.write(b"in the dark")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(SILENT_S):
            await reader.read(100)
    line.mend()
    assert await reader.read(100) == b"in the dark"
    writer.close()
