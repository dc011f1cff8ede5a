"""Those who stand alike are told together, and who falls behind is resumed by sequence."""

import asyncio
import random
from pathlib import Path

import pytest

from protocol.link import frame
from protocol.wire import Feed
from server.fanout import follower
from tests.server.acting import WAIT_S, Script, binding
from tests.server.fanout.hall import Hall, hall_of, whole


async def test_a_node_that_does_not_read_loses_its_socket_and_no_other_waits(
    tmp_path: Path, script: Script
) -> None:
    async with hall_of(tmp_path, push_wait_ms=0, laggard_look_ms=1) as hall:
        script.to_check_in()
        await hall.house.play(script)
        size = script.at.size
        for sid in ("slow", "quick"):
            await hall.followers.follow(hall.enter(sid, "nanjing"), script.session, size)
        await hall.house.accept(binding(script, "M1", "key-1"))
        await hall.has("slow", size + 1)
        hall.far["slow"].full = True
        await hall.house.accept(binding(script, "M1", "key-2"))
        await hall.has("quick", size + 2)
        async with asyncio.timeout(WAIT_S):
            await hall.was_cut.wait()
        await hall.house.accept(binding(script, "M1", "key-3"))
        await hall.has("quick", size + 3)
        assert hall.cut == ["slow"]
        assert hall.far["slow"].end == size + 1


async def test_a_laggard_gets_exactly_what_it_lacks_once_it_reads_again(hall: Hall, script: Script) -> None:
    script.to_check_in()
    await hall.house.play(script)
    size = script.at.size
    for sid in ("slow", "quick"):
        await hall.followers.follow(hall.enter(sid, "nanjing"), script.session, size)
    await hall.house.accept(binding(script, "M1", "key-0"))
    await hall.has("slow", size + 1)
    hall.far["slow"].full = True
    for n in range(1, 10):
        await hall.house.accept(binding(script, "M1", f"key-{n}"))
        await hall.has("quick", size + 1 + n)
    assert hall.far["slow"].end == size + 1
    hall.far["slow"].full = False
    await hall.has("slow", size + 10)
    assert [(one.since, len(one.entries)) for one in hall.far["slow"].feeds] == [(size, 1), (size + 1, 9)]
    await hall.house.accept(binding(script, "M1", "key-10"))
    feeds = [await hall.has(sid, size + 11) for sid in ("slow", "quick")]
    assert whole(feeds[0]) == whole(feeds[1])
    assert hall.cut == []


async def test_a_push_waits_for_the_answer_that_its_socket_is_owed(hall: Hall, script: Script) -> None:
    script.to_check_in()
    await hall.house.play(script)
    size = script.at.size
    occupant = hall.enter("n", "nanjing")
    hall.far["n"].answering = True
    await hall.followers.follow(occupant, script.session, size)
    await hall.followers.follow(hall.enter("s", "shanghai"), script.session, size)
    await hall.house.accept(binding(script, "M1", "key-1"))
    await hall.has("s", size + 1)
    assert hall.far["n"].feeds == []
    hall.far["n"].answering = False
    hall.followers.free("n")
    assert len(whole(await hall.has("n", size + 1))) == 1


async def test_what_all_may_read_is_encoded_once_and_the_same_bytes_go_to_all(
    hall: Hall, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoded: list[bytes] = []

    def counted(namespace: str, event: str, payload: bytes) -> bytes:
        encoded.append(payload)
        return event_frame(namespace, event, payload)

    event_frame = frame.event_frame
    script.to_check_in()
    await hall.house.play(script)
    size = script.at.size
    sids = [f"{node}-{n}" for n in range(20) for node in ("nanjing", "shanghai")]
    for sid in sids:
        await hall.followers.follow(hall.enter(sid, sid.partition("-")[0]), script.session, size)
    await hall.house.accept(binding(script, "M1", "key-0"))
    for sid in sids:
        await hall.has(sid, size + 1)
    monkeypatch.setattr(follower, "event_frame", counted)
    await hall.house.accept(binding(script, "M1", "key-1"))
    for sid in sids:
        await hall.has(sid, size + 2)
    assert len(encoded) == 1
    assert {id(hall.far[sid].frames[-1]) for sid in sids} == {id(hall.far[sids[0]].frames[-1])}


async def test_three_hundred_followers_miss_nothing_while_others_come_go_and_lag(
    hall: Hall, script: Script
) -> None:
    dice = random.Random(300)
    script.to_check_in()
    await hall.house.play(script)
    begun: dict[str, int] = {}

    async def follow(sid: str, node: str) -> None:
        since = dice.randrange(script.at.size + 1)
        feed = await hall.followers.follow(hall.enter(sid, node), script.session, since)
        assert isinstance(feed, Feed)
        begun[sid] = feed.since + len(feed.entries)

    for n in range(300):
        await follow(f"s{n}", ("nanjing", "shanghai")[n % 2])
    for n in range(120):
        match dice.randrange(4):
            case 0:
                sid = dice.choice(list(hall.far))
                hall.leave(sid)
                del hall.far[sid], begun[sid]
            case 1:
                await follow(f"t{n}", "hefei")
            case _:
                for sid in dice.sample(list(hall.far), 20):
                    hall.far[sid].full = not hall.far[sid].full
        await hall.house.accept(binding(script, "M1", f"key-{n}"))
    for far in hall.far.values():
        far.full = False
    stored = [raw.decode() for raw in await hall.house.store.entries(script.session, 0, 1_000)]
    assert len(hall.far) > 250
    for sid in hall.far:
        feeds = await hall.has(sid, len(stored))
        assert whole(feeds) == stored[begun[sid] :]
    assert hall.cut == []
