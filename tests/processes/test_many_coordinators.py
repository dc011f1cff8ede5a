"""Three coordinators on one PostgreSQL and Redis, venues at each of them, and all meet (SPEC 30.11).

A member is filmed at a place whose node is connected to the second, watched at one of the third's; the
session's home is the first. What is done in the talk-room is one room at all of them. Then the home dies with
its worker: viewers are back, and hands, mutes and calls are as they were.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import aiohttp
import asyncpg
import pytest
from playwright.async_api import Browser

from ops import backing, files, installation, ports, senses
from ops.backing import Size
from ops.faults.media_lines import Sent, Watched
from ops.installation import COORDINATOR, LOOPBACK
from ops.media_workers import MEDIA
from ops.senses import Dice
from ops.stack import Stack
from protocol import media, talk
from protocol.media import Intercom
from protocol.talk import TalkRoom
from tests.pages.evaluated import Evaluation
from tests.pages.house import House
from tests.pages.talked import CHAIR, MEMBER
from tests.processes.test_talk_wire import Room, convene

_log = logging.getLogger(__name__)
WAIT_S = 60.0
SESSION = "many"
PORTS = 60
AT = {"hefei": 1, "hangzhou": 2, "shanghai": 3, "nanjing": 3}
"""Which coordinator a node is connected to: one is filmed at the second's, and watched at the third's."""
FILMED, WATCHED = ("hangzhou", MEMBER), ("nanjing", "M3")
WORKER_BACK_MS = 3_000
"""How long a viewer may be without pictures after the home's worker died (SPEC 30.11)."""
HOME_BACK_MS = 6_000
"""The same after the home died with it: leases of 3 s run out first."""


@contextlib.asynccontextmanager
async def three(data: Path) -> AsyncIterator[House]:
    """Three coordinators with their workers, and each node connected to one of them alone."""
    base = ports.free_base(PORTS, Dice())
    shape = backing.shape(data, Size(3, postgres=True, redis=True, media_workers=1))
    found = installation.ensure(data, now_ms=senses.now_ms(), ports_from=base, shape=shape)
    for node, number in AT.items():
        port = found.listens(found.coordinators[number - 1])[0]
        path = found.config(node)
        told = files.read_json(path)
        assert told is not None
        files.write_json(path, {**told, "coordinator_url": f"https://{LOOPBACK}:{port}"})
    running = Stack(found)
    await running.start()
    try:
        yield House(found, running, cast(Browser, None))
    finally:
        await running.stop()


@contextlib.asynccontextmanager
async def filmed(here: House) -> AsyncIterator[Watched]:
    """A member's camera, and who watches it, each through the node of its own place."""

    def way(node: str, place: str) -> str:
        return f"http://{LOOPBACK}:{here.installation.node(node).port}/media/{place}/{SESSION}"

    def secret(node: str, place: str, seat: str) -> str:
        own = (here.installation.data / "media" / node / "secret").read_text().strip()
        return media.page_secret(own, place, SESSION, seat)  # type: ignore[arg-type]

    async with aiohttp.ClientSession() as http:
        node, seat = FILMED
        sent = Sent(http, way(node, "here"), secret(node, "here", seat), SESSION, seat)
        node, watcher = WATCHED
        watched = Watched(http, way(node, "house"), secret(node, "house", watcher), SESSION, seat)
        tasks = [asyncio.create_task(one.keep()) for one in (sent, watched)]
        try:
            yield watched
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


@pytest.mark.timeout(400)
async def test_venues_at_several_coordinators_meet_and_go_on_when_their_home_dies(open_folder: Path) -> None:
    async with three(open_folder / "many") as here:
        evaluation = Evaluation(here, SESSION)
        async with evaluation.open(), filmed(here) as watched:
            room = Room(evaluation, SESSION)
            await convene(evaluation)
            home = await _holder(here)
            assert home == COORDINATOR, "the agent's node booked it there"
            await watched.until_moving(WAIT_S)
            kept = await _one_room(room)
            gap_ms = await _killed(here, watched, f"{MEDIA}{home}")
            assert gap_ms <= WORKER_BACK_MS
            gap_ms = await _killed(here, watched, home, f"{MEDIA}{home}")
            assert gap_ms <= HOME_BACK_MS
            after = await _holder(here)
            assert after != home
            assert "media home" in (here.installation.logs / f"{after}.log").read_text()
            # As it was, at both that live on; and the chair's word goes on from there.
            for seat in (CHAIR, MEMBER):
                await room.sees(seat, lambda one: _part(one) == _part(kept))
            await room.does(CHAIR, "unmute", "M1")
            await room.sees(MEMBER, lambda one: one.muted == () and one.hands == kept.hands)
            await _moved(here, watched, after)


async def _one_room(room: Room) -> TalkRoom:
    """What is done at one place, wherever its node is connected, is the same room at the others."""
    await room.does(MEMBER, "raise")
    await room.does("M1", "raise")
    await room.sees(CHAIR, lambda one: one.hands == (MEMBER, "M1"))
    await room.does(CHAIR, "mute", "M1")
    await room.sees(MEMBER, lambda one: one.muted == ("M1",) and "M1" not in one.speaks)
    await room.does(MEMBER, "help")
    await room.sees("agent", lambda one: [call.seat for call in one.calls] == [MEMBER])
    await room.does("agent", "call", "hangzhou")
    await room.sees("keeper-hangzhou", lambda one: one.intercoms == (Intercom("agent", "hangzhou"),))
    seen = [await room.sees(seat, lambda one: one.muted == ("M1",)) for seat in (CHAIR, MEMBER, "M1")]
    assert len({talk.mark(_part(one)) for one in seen}) == 1
    return seen[0]


def _part(room: TalkRoom) -> TalkRoom:
    """What every member is shown alike."""
    return TalkRoom(
        session=room.session, open=room.open, why=room.why, mode=room.mode, quiet=room.quiet,
        chair=room.chair, members=room.members, speaks=room.speaks, muted=room.muted, hands=room.hands,
    )  # fmt: skip


async def _killed(here: House, watched: Watched, *parts: str) -> int:
    """Kill processes; how long the viewer was without pictures, ms."""
    watched.longest_ms, before = 0, watched.offered
    for part in parts:
        here.stack.keep_down(part)
    try:
        if len(parts) == 1:
            here.stack.let_up(parts[0])
        await _offered(watched, before)
        await watched.until_moving(WAIT_S)
    finally:
        for part in parts:
            if here.stack.is_down(part):
                here.stack.let_up(part)
    for part in parts:
        await here.stack.wait_ready(part)
    _log.info("without pictures for %d ms after %s were killed", watched.longest_ms, parts)
    return watched.longest_ms


async def _moved(here: House, watched: Watched, home: str) -> None:
    """The home alone is killed: its worker, which lives on, carries nothing of the session in the end.

    Its nodes know no other coordinator here, as a proxy would: they wait until it is up again.
    """
    watched.longest_ms = 0
    here.stack.keep_down(home)
    await _holder(here, other_than=home)
    here.stack.let_up(home)
    log = here.installation.logs / f"{home}.log"
    async with asyncio.timeout(WAIT_S):
        while "media ended here" not in log.read_text():  # noqa: ASYNC110 - a file is asked
            await asyncio.sleep(0.1)
    await watched.until_moving(WAIT_S)
    _log.info("without pictures for %d ms after %s alone was killed", watched.longest_ms, home)
    assert watched.longest_ms <= HOME_BACK_MS


async def _offered(watched: Watched, before: int) -> None:
    """Wait until the viewer has offered anew."""
    async with asyncio.timeout(WAIT_S):
        while watched.offered == before:  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.02)


async def _holder(here: House, other_than: str = "") -> str:
    """Which coordinator holds the session, once it is another one."""
    connection = await asyncpg.connect(here.installation.shape.database)
    try:
        async with asyncio.timeout(WAIT_S):
            while True:
                found = await connection.fetchval(
                    "SELECT holder FROM leases WHERE session_id = $1 AND until_ms > "
                    "extract(epoch FROM clock_timestamp()) * 1000",
                    SESSION,
                )
                name = str(found or "").split("/", 1)[0]
                if name and name != other_than:
                    return name
                await asyncio.sleep(0.02)
    finally:
        await connection.close()
