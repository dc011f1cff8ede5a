"""Voices at a worker: sent only by whom its node names, and no more from the moment it says so."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from aiortc import RTCPeerConnection

from protocol import media
from protocol.media import Intercom, Present, Table, Talk
from protocol.words import SessionPhase
from tests.server.media.ends import Frames, Viewer, connection, offered, until
from tests.server.media.working import Worker, working

PEOPLE = {
    "M1": ("expert", "hefei"), "M2": ("expert", "nanjing"), "agent": ("agent", "hefei"),
    "keeper-n": ("keeper", "nanjing"), "supervisor-1": ("supervisor", "nanjing"),
}  # fmt: skip
BOTH = Talk(("M1", "M2"), ("M1", "M2"))
MORE = 10
"""Packets of sound that show that it goes on: a fifth of a second."""


def _table(talk: Talk | None, *lines: Intercom, phase: SessionPhase = "COMMITTEE_READY") -> bytes:
    people = tuple(
        Present(media.token_digest(f"secret of {seat}"), seat, role, venue)  # type: ignore[arg-type]
        for seat, (role, venue) in PEOPLE.items()
    )
    return msgspec.json.encode(Table(1, "s-1", 5, phase, people, talk, lines))


@pytest.fixture
async def worker(tmp_path: Path) -> AsyncIterator[Worker]:
    async with working(tmp_path) as found:
        yield found


async def _send(worker: Worker, line: RTCPeerConnection, source: str, seat: str) -> Frames:
    frames = Frames("audio")
    line.addTrack(frames)

    async def ask(sdp: str) -> tuple[str, str]:
        status, answer, where = await worker.ask("POST", f"/whip/s-1/{source}", seat, sdp)
        assert status == 201, answer
        return answer, where

    await offered(line, ask)
    return frames


async def _hear(worker: Worker, source: str, seat: str, *kinds: str) -> Viewer:
    viewer = Viewer(connection())
    for kind in kinds or ("audio",):
        viewer.receive(kind)

    async def ask(sdp: str) -> tuple[str, str]:
        status, answer, where = await worker.ask("POST", f"/whep/s-1/{source}", seat, sdp)
        assert status == 201, answer
        return answer, where

    await offered(viewer.connection, ask)
    return viewer


async def _code(worker: Worker, kind: str, source: str, seat: str, sdp: str) -> tuple[int, str]:
    status, text, _ = await worker.ask("POST", f"/{kind}/s-1/{source}", seat, sdp)
    return status, "" if status == 201 else json.loads(text)["refused"]["code"]


async def _offer(kind: str) -> str:
    line = connection()
    line.addTrack(Frames(kind))
    await line.setLocalDescription(await line.createOffer())
    sdp = str(line.localDescription.sdp)
    await line.close()
    return sdp


async def test_whoever_goes_on_sending_is_forwarded_no_more_once_the_room_has_closed(worker: Worker) -> None:
    assert (await worker.allow(_table(BOTH)))[0] == 200
    sender = connection()
    frames = await _send(worker, sender, "talk.M1", "M1")
    heard = [await _hear(worker, "talk.M1", seat) for seat in ("M2", "supervisor-1")]
    try:
        for one in heard:
            await until(lambda one=one: len(one.packets["audio"]) > MORE)  # type: ignore[misc]
        assert (await worker.allow(_table(None)))[1]["ended"] == 3
        for one in heard:
            await until(lambda one=one: one.connection.connectionState == "closed")  # type: ignore[misc]
        came, sent = [len(one.packets["audio"]) for one in heard], frames.sent
        await until(lambda: frames.sent > sent + MORE or frames.readyState != "live" or _ended(sender))
        assert [len(one.packets["audio"]) for one in heard] == came
        offer = await _offer("audio")
        assert await _code(worker, "whip", "talk.M1", "M1", offer) == (403, "MediaNotAllowed")
        assert await _code(worker, "whep", "talk.M1", "M2", offer) == (403, "MediaNotAllowed")
    finally:
        for line in (sender, *(one.connection for one in heard)):
            await line.close()


def _ended(line: RTCPeerConnection) -> bool:
    return bool(line.connectionState in ("closed", "failed"))


async def test_whoever_is_muted_is_heard_no_more_and_the_others_are(worker: Worker) -> None:
    await worker.allow(_table(BOTH))
    senders = [connection(), connection()]
    for line, seat in zip(senders, ("M1", "M2"), strict=True):
        await _send(worker, line, f"talk.{seat}", seat)
    heard = {seat: await _hear(worker, f"talk.{seat}", "supervisor-1") for seat in ("M1", "M2")}
    try:
        for one in heard.values():
            await until(lambda one=one: len(one.packets["audio"]) > MORE)  # type: ignore[misc]
        assert (await worker.allow(_table(Talk(("M1", "M2"), ("M2",)))))[1]["ended"] == 1
        came = len(heard["M1"].packets["audio"])
        others = len(heard["M2"].packets["audio"])
        await until(lambda: len(heard["M2"].packets["audio"]) > others + MORE)
        assert len(heard["M1"].packets["audio"]) == came
        assert heard["M1"].connection.connectionState == "connected"
        offer = await _offer("audio")
        assert await _code(worker, "whip", "talk.M1", "M1", offer) == (403, "MediaNotAllowed")
        await worker.allow(_table(BOTH))
        again = connection()
        senders.append(again)
        await _send(worker, again, "talk.M1", "M1")
        await until(lambda: len(heard["M1"].packets["audio"]) > came + MORE)
    finally:
        for line in (*senders, *(one.connection for one in heard.values())):
            await line.close()


async def test_a_voice_is_sound_alone_and_only_of_whom_the_table_names(worker: Worker) -> None:
    await worker.allow(_table(Talk(("M1",), ("M1",)), Intercom("agent", "nanjing")))
    sound, picture = await _offer("audio"), await _offer("video")
    assert await _code(worker, "whip", "talk.M1", "M1", picture) == (400, "MediaBadOffer")
    for source, seat in (
        ("talk.M2", "M2"), ("talk.M1", "M2"), ("talk.supervisor-1", "supervisor-1"),
        ("talk.agent", "agent"), ("call.M1", "M1"), ("call.supervisor-1", "supervisor-1"),
    ):  # fmt: skip
        assert await _code(worker, "whip", source, seat, sound) == (403, "MediaNotAllowed"), source
    line = connection()
    try:
        await _send(worker, line, "call.agent", "agent")
        keeper = await _hear(worker, "call.agent", "keeper-n")
        await until(lambda: len(keeper.packets["audio"]) > MORE)
        assert await _code(worker, "whep", "call.agent", "M2", sound) == (403, "MediaNotAllowed")
        await keeper.connection.close()
    finally:
        await line.close()


async def test_an_expert_sees_another_experts_camera_and_does_not_hear_it(worker: Worker) -> None:
    await worker.allow(_table(None))
    sender = connection()
    for kind in ("audio", "video"):
        sender.addTrack(Frames(kind))

    async def ask(sdp: str) -> tuple[str, str]:
        status, answer, where = await worker.ask("POST", "/whip/s-1/camera.M1", "M1", sdp)
        assert status == 201, answer
        return answer, where

    await offered(sender, ask)
    expert = await _hear(worker, "camera.M1", "M2", "audio", "video")
    supervisor = await _hear(worker, "camera.M1", "supervisor-1", "audio", "video")
    try:
        await until(lambda: len(supervisor.packets["audio"]) > MORE)
        await until(lambda: len(expert.packets["video"]) > MORE)
        await asyncio.sleep(0)
        assert expert.packets["audio"] == []
    finally:
        for one in (sender, expert.connection, supervisor.connection):
            await one.close()
