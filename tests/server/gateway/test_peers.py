"""Two whole coordinators on one PostgreSQL and Redis: what comes to the wrong one is done at the other."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import msgspec
import pytest
from pydantic import SecretStr

from ops.redis import Redis
from protocol import commands as cmd
from protocol import talk, wire
from protocol.media import Intercom
from protocol.wire import Answer, Brought, Forwarded
from server.assembly import Coordinator
from server.config import Bounds
from server.sessions.reader import Reader
from server.sessions.shared import SharedRegistry
from tests.server import nodes
from tests.server.acting import Script, TestSenses, binding, until
from tests.server.gateway.test_sockets import play
from tests.server.nodes import ENROLMENT, TurnedDown, client_tls

Two = tuple[Coordinator, Coordinator]


@pytest.fixture
async def two(folder: Path, tmp_path: Path, database: str, own_redis: Redis) -> AsyncIterator[Two]:
    """The first holds whatever is booked there; a lease outlasts the test."""
    async with contextlib.AsyncExitStack() as house:
        found = []
        for name in ("coordinator-1", "coordinator-2"):
            settings = nodes.settings(
                folder, tmp_path / name, name=name, agent_keys=(), database=SecretStr(database),
                redis=SecretStr(own_redis.url), bounds=Bounds(lease_ms=60_000, sizes_poll_ms=60_000),
            )  # fmt: skip
            one = Coordinator(settings, TestSenses())
            house.push_async_callback(one.stop)
            await one.start()
            found.append(one)
        for one in found:

            async def is_heard(one: Coordinator = one) -> bool:
                return one.bus.stands == "here"

            await until(is_heard)
        yield found[0], found[1]


@pytest.fixture
async def checking_in(folder: Path, two: Two, script: Script) -> Script:
    """A session whose agent enrolled at the second and booked at the first."""
    a, b = two
    async with nodes.node(folder, b, "hefei") as hefei:
        await hefei.sign_in("installation", "agent", ENROLMENT, "agent")
    script.to_check_in()
    await play(a, script)
    assert isinstance(a.registry, SharedRegistry)
    assert a.registry.held() == (script.session,)
    return script


async def test_a_node_at_the_wrong_coordinator_is_answered_by_the_right_one(
    folder: Path, two: Two, checking_in: Script
) -> None:
    a, b = two
    script, size = checking_in, checking_in.at.size
    async with nodes.node(folder, b, "nanjing") as nanjing:
        await nanjing.hello()
        feed = await nanjing.feed(script.session)
        assert len(feed.entries) == size
        answer = await nanjing.submit(binding(script, "M3", "machine"))
        assert (answer.status, answer.seq) == ("accepted", size)
        assert await nanjing.submit(binding(script, "M3", "machine")) == answer

        async def is_pushed() -> bool:
            return any(one.since <= size < one.since + len(one.entries) for one in nanjing.feeds)

        # No poll within this test: the hint through Redis, or the answer itself, has it read on.
        await until(is_pushed)
    published = await a.registry.published(script.session)
    assert published is not None
    assert published.state.size == size + 1
    assert isinstance(b.registry, SharedRegistry)
    assert isinstance(b.registry._places[script.session], Reader)


async def test_what_is_written_at_one_is_pushed_by_the_other(
    folder: Path, two: Two, checking_in: Script
) -> None:
    a, b = two
    script, size = checking_in, checking_in.at.size
    async with nodes.node(folder, b, "nanjing") as nanjing:
        await nanjing.hello()
        await nanjing.feed(script.session)
        await a.registry.submit(binding(script, "M1", "machine"), "shanghai")

        async def is_pushed() -> bool:
            return any(one.since + len(one.entries) == size + 1 for one in nanjing.feeds)

        await until(is_pushed)


async def test_a_session_that_a_node_comes_to_be_of_is_given_to_it_wherever_it_is(
    folder: Path, two: Two, script: Script
) -> None:
    a, b = two
    async with nodes.node(folder, b, "hefei") as hefei:
        await hefei.sign_in("installation", "agent", ENROLMENT, "agent")
    script.to_check_in()
    async with nodes.node(folder, b, "nanjing") as nanjing:
        await nanjing.hello()
        await play(a, script)

        async def is_given() -> bool:
            return sum(len(one.entries) for one in nanjing.feeds) == script.at.size

        await until(is_given)
        seqs = [seq for one in nanjing.feeds for seq in range(one.since, one.since + len(one.entries))]
        assert seqs == list(range(script.at.size))


async def test_a_code_from_one_signs_in_at_the_other(folder: Path, two: Two, checking_in: Script) -> None:
    a, b = two
    script = checking_in
    async with nodes.node(folder, a, "hefei") as hefei, nodes.node(folder, b, "nanjing") as nanjing:
        issued = await hefei.issue(script.session, "M3")
        attested = await nanjing.sign_in(script.session, "M3", issued.codes[0].code, "machine")
        content = cmd.BindSeat("M3", "code", attested.attestation)
        assert (await nanjing.submit(script.next_submit("machine", content))).status == "accepted"
        with pytest.raises(TurnedDown, match="BadCode"):
            await nanjing.sign_in(script.session, "M3", issued.codes[0].code, "another")


async def test_who_is_connected_is_known_at_either(folder: Path, two: Two) -> None:
    a, b = two
    async with nodes.node(folder, a, "hefei"), nodes.node(folder, b, "nanjing"):
        for one in two:

            async def is_known(one: Coordinator = one) -> bool:
                return {note.node for note in one.overview().nodes if note.online} == {"hefei", "nanjing"}

            await until(is_known)


async def post(
    folder: Path, at: Coordinator, certificate: str, body: bytes, path: str = wire.PEER_SUBMIT
) -> int:
    tls = client_tls(folder, certificate)
    url = f"https://127.0.0.1:{at.listeners.node_port}{path}"
    async with (
        aiohttp.ClientSession() as http,
        http.post(url, data=body, ssl=tls, server_hostname="coordinator.localhost") as reply,
    ):
        return reply.status


async def test_only_a_coordinator_may_bring_another_nodes_command(
    folder: Path, two: Two, checking_in: Script
) -> None:
    a, b = two
    submit = binding(checking_in, "M3", "machine")
    good = msgspec.json.encode(Forwarded("nanjing", submit))
    assert await post(folder, a, "nanjing", good) == 403
    assert await post(folder, a, "coordinator", b"{}") == 400
    assert await post(folder, a, "coordinator", msgspec.json.encode(Forwarded("nowhere", submit))) == 400
    assert await post(folder, b, "coordinator", good) == 421
    published = await a.registry.published(checking_in.session)
    assert published is not None
    assert published.state.size == checking_in.at.size
    assert await post(folder, a, "coordinator", good) == 200


async def test_a_line_to_a_venue_opened_at_one_is_there_at_the_other(
    folder: Path, two: Two, checking_in: Script
) -> None:
    a, b = two
    session = checking_in.session
    async with nodes.node(folder, a, "hefei") as hefei, nodes.node(folder, b, "nanjing") as nanjing:
        await hefei.hello()
        await nanjing.hello()
        asked = talk.TalkAct(session, "agent", "call", "nanjing")
        done = await hefei.ask(talk.TALK_ACT, asked, talk.TalkRoom)
        assert done.intercoms == (Intercom("agent", "nanjing"),)

        async def is_there() -> bool:
            follow = talk.TalkFollow({session: ""})
            told = await nanjing.ask(talk.TALK_FOLLOW, follow, talk.TalkRooms)
            return told.rooms == (done,)

        await until(is_there)
        # A call of the other's place comes to the first, which is the session's home.
        calls = (talk.HelpCall("M3", "nanjing", 5),)
        room = await nanjing.ask(talk.TALK_CALLS, talk.TalkCalls(session, calls), talk.TalkRoom)
        assert (room.calls, room.intercoms) == (calls, done.intercoms)
        told = await hefei.ask(talk.TALK_FOLLOW, talk.TalkFollow({session: ""}), talk.TalkRooms)
        assert told.rooms == (room,)
        with pytest.raises(TurnedDown, match="NotAllowed"):
            await nanjing.ask(talk.TALK_ACT, asked, talk.TalkRoom)


async def test_only_a_coordinator_may_bring_what_a_node_asks_of_talk_and_pictures(
    folder: Path, two: Two, checking_in: Script
) -> None:
    a, b = two
    session = checking_in.session
    calls = msgspec.Raw(msgspec.json.encode(talk.TalkCalls(session, ())))
    follow = msgspec.Raw(msgspec.json.encode(talk.TalkFollow({session: ""})))
    to_calls, to_follow = (f"{wire.PEER_MEET}/{one}" for one in (talk.TALK_CALLS, talk.TALK_FOLLOW))

    async def status(at: Coordinator, who: str, node: str, asked: msgspec.Raw, path: str) -> int:
        return await post(folder, at, who, msgspec.json.encode(Brought(node, asked)), path)

    assert await status(a, "nanjing", "nanjing", calls, to_calls) == 403
    assert await status(a, "coordinator", "nowhere", calls, to_calls) == 400
    assert await status(a, "coordinator", "", calls, to_calls) == 400
    assert await status(a, "coordinator", "nanjing", follow, to_calls) == 400
    assert await status(a, "coordinator", "nanjing", calls, f"{wire.PEER_MEET}/talk_do") == 400
    assert await status(b, "coordinator", "nanjing", calls, to_calls) == 421
    assert await status(b, "coordinator", "", follow, to_follow) == 421
    assert await status(a, "coordinator", "nanjing", calls, to_calls) == 200
    assert await status(a, "coordinator", "", follow, to_follow) == 200


async def test_a_coordinator_that_is_gone_is_said_to_be_so_at_once(
    folder: Path, two: Two, checking_in: Script
) -> None:
    a, b = two
    await a.listeners.close_door()
    answer = await b.registry.submit(binding(checking_in, "M3", "machine"), "nanjing")
    assert not isinstance(answer, Answer)
    assert answer.code == "LineDown"
