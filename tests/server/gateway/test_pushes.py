"""Pushes on real sockets: in order, never before the answer, and no slower for who does not read."""

import asyncio
import socket
from pathlib import Path
from typing import Any

import pytest

from server.assembly import Coordinator
from server.gateway.engine import GuardedSocket
from tests.processes.web_socket import ACK, packet
from tests.protocol.world import key
from tests.server import nodes
from tests.server.acting import WAIT_S, Script, binding
from tests.server.gateway.test_sockets import play

NARROW: dict[str, Any] = {"socket_unsent_bytes_max": 16_384, "socket_resumed_bytes_max": 4_096}


def narrow(running: Coordinator, node: str) -> None:
    """Let the system hold little of what a node does not read."""
    for occupant in running.rooms.of(key(f"node {node}")):
        assert isinstance(occupant.outlet, GuardedSocket)
        held = occupant.outlet._transport.get_extra_info("socket")
        held.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)


def late(running: Coordinator) -> float:
    told = {"result": "late"}
    return running.meters.registry.get_sample_value("tongchang_pushes_total", told) or 0.0


async def test_a_node_that_stops_reading_holds_up_nobody_and_is_resumed_by_sequence(
    folder: Path, tmp_path: Path, script: Script
) -> None:
    script.to_check_in()
    async with (
        nodes.coordinator(folder, tmp_path, **NARROW) as running,
        nodes.node(folder, running, "nanjing", receive_bytes=4_096) as slow,
        nodes.node(folder, running, "shanghai") as neighbour,
    ):
        await play(running, script)
        size = script.at.size
        for one in (slow, neighbour):
            await one.feed(script.session, since=size)
        narrow(running, "nanjing")
        slow.stop_reading()
        acts = [binding(script, "M1", f"key-{n}") for n in range(200)]
        for n in range(0, 200, 20):
            await asyncio.gather(*map(neighbour.submit, acts[n : n + 20]))
        entries = await neighbour.pushed(script.session, size + 200)
        assert len(entries) == 200
        assert late(running) == 1
        assert slow.feeds == []
        slow.read_on()
        assert await slow.pushed(script.session, size + 200) == entries
        assert not slow.gone.is_set()


async def test_a_node_that_reads_no_more_loses_its_socket_and_comes_back_with_its_cursor(
    folder: Path, tmp_path: Path, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    was_cut = asyncio.Event()

    def cut(one: GuardedSocket) -> None:
        engine_cut(one)
        was_cut.set()

    engine_cut = GuardedSocket.cut
    monkeypatch.setattr(GuardedSocket, "cut", cut)
    script.to_check_in()
    async with (
        nodes.coordinator(folder, tmp_path, push_wait_ms=200, **NARROW) as running,
        nodes.node(folder, running, "nanjing", receive_bytes=4_096) as slow,
        nodes.node(folder, running, "shanghai") as neighbour,
    ):
        await play(running, script)
        size = script.at.size
        for one in (slow, neighbour):
            await one.feed(script.session, since=size)
        narrow(running, "nanjing")
        slow.stop_reading()
        acts = [binding(script, "M1", f"key-{n}") for n in range(200)]
        for n in range(0, 200, 20):
            await asyncio.gather(*map(neighbour.submit, acts[n : n + 20]))
        assert len(await neighbour.pushed(script.session, size + 200)) == 200
        async with asyncio.timeout(WAIT_S):
            await was_cut.wait()
        slow.read_on()
        async with asyncio.timeout(WAIT_S):
            await slow.gone.wait()
        reached = max([size, *(feed.since + len(feed.entries) for feed in slow.feeds)])
        async with nodes.node(folder, running, "nanjing") as again:
            first = await again.feed(script.session, since=reached)
            assert reached + len(first.entries) == size + 200


async def test_a_push_never_overtakes_the_answer_of_who_asks_to_follow(
    folder: Path, running: Coordinator, script: Script
) -> None:
    script.to_check_in()
    await play(running, script)
    size = script.at.size
    async with (
        nodes.node(folder, running, "nanjing") as nanjing,
        nodes.node(folder, running, "shanghai") as neighbour,
    ):
        await nanjing.hello()
        acts = [binding(script, "M1", f"key-{n}") for n in range(60)]
        submitting = asyncio.gather(*map(neighbour.submit, acts))
        while not submitting.done():
            await nanjing.feed(script.session, since=size)
        await submitting
        await nanjing.feed(script.session, since=size)
        stands = -1
        answered = 0
        for message in nanjing.heard:
            found = packet(message.encode())
            told = None if found is None else next((one for one in found.said if "entries" in one), None)
            if found is None or not isinstance(told, dict):
                continue
            if found.kind == ACK:
                answered += 1
            else:
                assert told["since"] == stands
            stands = told["since"] + len(told["entries"])
        assert answered > 1
        assert stands == size + 60


async def test_compression_is_not_negotiated(folder: Path, running: Coordinator) -> None:
    async with nodes.node(folder, running, "nanjing", compress=15) as nanjing:
        assert nanjing.client.eio.ws.compress == 0
        assert (await nanjing.hello()).installation_key == key("installation")
