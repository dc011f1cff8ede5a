"""Real nodes over mutual TLS: a whole session, who is let in, and every message that is no message."""

import asyncio
import contextlib
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from socketio.exceptions import ConnectionError as NotLetIn

from ops import certificates
from protocol import limits, wire
from protocol.projection.visibility import releasable
from protocol.session.outcome import outcome
from server.assembly import Coordinator
from server.fanout.audience import roles_at
from server.senses import Senses
from tests.protocol.world import key
from tests.server import nodes
from tests.server.acting import NODES, WAIT_S, Script, binding
from tests.server.nodes import Node, TurnedDown


async def play(running: Coordinator, script: Script) -> None:
    """Put what a session's people signed into the house without sockets."""
    for one in script.submits:
        answer = await running.registry.submit(one, "hefei")
        assert isinstance(answer, wire.Answer), answer
        assert answer.status == "accepted", answer


async def answers(node: Node) -> None:
    """The connection stands and is served."""
    assert (await node.hello()).installation_key == key("installation")


def code(raw: Any) -> str:
    assert set(raw) == {"refused"}, raw
    return str(raw["refused"]["code"])


# --- a session ----------------------------------------------------------------------------------


async def test_a_whole_session_through_four_nodes_sockets(
    folder: Path, running: Coordinator, script: Script
) -> None:
    script.to_archived()
    async with contextlib.AsyncExitStack() as stack:
        at = {name: await stack.enter_async_context(nodes.node(folder, running, name)) for name in NODES}
        for one in at.values():
            await one.hello()
        for author, submit in zip(script.authors, script.submits, strict=True):
            seat = script.at.seats.get(author)
            name = author.removeprefix("node ") if seat is None else seat.venue
            answer = await at[name].submit(submit)
            assert answer.status == "accepted", answer
        for name, one in at.items():
            entries = await one.pushed(script.session, script.at.size)
            assert len(entries) == script.at.size, name
    published = await running.registry.published(script.session)
    assert published is not None
    assert outcome(published.state, published.disclosed) == outcome(script.at, script.disclosed)


async def test_a_node_is_told_of_its_sessions_and_of_the_house(
    folder: Path, running: Coordinator, script: Script
) -> None:
    script.to_check_in()
    await play(running, script)
    async with nodes.node(folder, running, "nanjing") as nanjing:
        welcome = await nanjing.hello()
        assert [(one.session, one.size, one.phase) for one in welcome.sessions] == [
            (script.session, script.at.size, "CHECKIN")
        ]
        assert {one.node: one.online for one in welcome.nodes} == {
            "hefei": False, "shanghai": False, "nanjing": True, "hangzhou": False,
        }  # fmt: skip
        listed = await nanjing.ask(wire.SESSIONS, None, wire.SessionList)
        assert listed.sessions == welcome.sessions


async def test_an_archived_session_is_still_listed_and_fed(
    folder: Path, running: Coordinator, script: Script
) -> None:
    script.to_archived()
    await play(running, script)
    async with nodes.node(folder, running, "nanjing") as nanjing:
        welcome = await nanjing.hello()
        assert [(one.size, one.phase) for one in welcome.sessions] == [(script.at.size, "ARCHIVED")]
        assert (await nanjing.feed(script.session)).size == script.at.size


async def test_a_node_follows_from_its_own_cursor(folder: Path, running: Coordinator, script: Script) -> None:
    script.to_check_in()
    await play(running, script)
    whole = [raw.decode() for raw in await running.store.entries(script.session, 0, 1_000)]
    async with nodes.node(folder, running, "nanjing") as nanjing:
        await nanjing.hello()
        feed = await nanjing.feed(script.session, since=4)
        assert (feed.since, feed.size, list(feed.entries)) == (4, len(whole), whole[4:])
        acts = [binding(script, "M1", f"key-{n}") for n in range(20)]
        await asyncio.gather(*map(nanjing.submit, acts))
        pushed = await nanjing.pushed(script.session, len(whole) + 20)
    stored = [raw.decode() for raw in await running.store.entries(script.session, 0, 1_000)]
    assert pushed == stored[len(whole) :]


async def test_a_session_is_fed_only_to_its_nodes(folder: Path, running: Coordinator, script: Script) -> None:
    script.book()
    async with (
        nodes.node(folder, running, "hefei") as hefei,
        nodes.node(folder, running, "nanjing") as nanjing,
    ):
        assert (await nanjing.hello()).sessions == ()
        await hefei.submit(script.submits[0])
        assert len((await hefei.feed(script.session)).entries) == script.at.size
        with pytest.raises(TurnedDown) as turned_down:
            await nanjing.feed(script.session)
        assert turned_down.value.code == "UnknownSession"
        script.import_committee()
        await hefei.submit(script.submits[1])
        assert len(await nanjing.pushed(script.session, script.at.size)) == script.at.size


async def test_a_node_that_holds_more_than_we_do_is_told_that_something_is_wrong(
    folder: Path, running: Coordinator, script: Script
) -> None:
    script.to_check_in()
    await play(running, script)
    async with nodes.node(folder, running, "nanjing") as nanjing:
        with pytest.raises(TurnedDown) as turned_down:
            await nanjing.feed(script.session, since=script.at.size + 1)
        assert turned_down.value.code == "SeenUnknown"


async def test_a_long_record_comes_in_pieces_without_a_gap(
    folder: Path, tmp_path: Path, script: Script
) -> None:
    script.to_archived()
    async with nodes.coordinator(folder, tmp_path, feed_bytes_max=4_000) as running:
        await play(running, script)
        async with nodes.node(folder, running, "nanjing") as nanjing:
            feed = await nanjing.feed(script.session)
            assert 0 < len(feed.entries) < feed.size == script.at.size
            await nanjing.pushed(script.session, script.at.size)
            roles = roles_at(script.at, "", key("node nanjing"))
            held = len(tuple(releasable(script.at, script.disclosed, roles, "jiangsu")))
            assert 0 < held < len(script.held), "who sits in other provinces is not told"
            async with asyncio.timeout(WAIT_S):
                while len({d.digest for f in [feed, *nanjing.feeds] for d in f.disclosures}) < held:  # noqa: ASYNC110
                    await asyncio.sleep(0.005)


# --- who is let in ------------------------------------------------------------------------------


async def test_nobody_is_let_in_without_a_certificate(folder: Path, running: Coordinator) -> None:
    with pytest.raises(NotLetIn):
        async with nodes.node(folder, running, "nanjing", nodes.client_tls(folder, None)):
            pass


async def test_nobody_is_let_in_under_another_authority(
    folder: Path, running: Coordinator, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    for name in ("ca", "nanjing"):
        (other / name).mkdir(parents=True)
    certificates.ensure_authority(other / "ca", Senses().now_ms())
    certificates.ensure_certificate(other / "ca", other / "nanjing", "nanjing", Senses().now_ms())
    tls = nodes.client_tls(other, "nanjing", ca=folder / "ca" / "ca.pem")
    with pytest.raises(NotLetIn):
        async with nodes.node(folder, running, "nanjing", tls):
            pass


@pytest.mark.parametrize("name", ["coordinator", "suzhou"])
async def test_a_certificate_of_no_node_is_not_let_in(folder: Path, running: Coordinator, name: str) -> None:
    (folder / name).mkdir(exist_ok=True)
    certificates.ensure_certificate(folder / "ca", folder / name, name, Senses().now_ms())
    with pytest.raises(NotLetIn):
        async with nodes.node(folder, running, name):
            pass
    assert running.rooms.online() == frozenset()


async def test_a_node_that_says_it_is_another_is_refused(folder: Path, running: Coordinator) -> None:
    async with nodes.node(folder, running, "nanjing") as nanjing:
        for said in (("shanghai", "shanghai"), ("nanjing", "shanghai")):
            hello = wire.Hello(said[0], key(f"node {said[1]}"))
            with pytest.raises(TurnedDown) as turned_down:
                await nanjing.ask(wire.HELLO, hello, wire.Welcome)
            assert turned_down.value.code == "UnknownVenue"


async def test_long_polling_is_not_spoken(folder: Path, running: Coordinator) -> None:
    async with nodes.node(folder, running, "nanjing") as nanjing:
        url = (
            f"https://coordinator.localhost:{running.listeners.node_port}/socket.io/?EIO=4&transport=polling"
        )
        async with nanjing._http.get(url) as answer:
            assert answer.status == 400


async def test_a_node_may_have_only_so_many_sockets(folder: Path, tmp_path: Path) -> None:
    async with (
        nodes.coordinator(folder, tmp_path, sockets_per_node_max=2) as running,
        nodes.node(folder, running, "nanjing") as first,
        nodes.node(folder, running, "nanjing") as second,
        nodes.node(folder, running, "nanjing") as third,
    ):
        async with asyncio.timeout(WAIT_S):
            await first.gone.wait()
        await answers(second)
        await answers(third)


# --- messages that are none ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "sent", "expected"),
    [
        ("dance", ({},), "UnknownCommand"),
        ("x" * 1_000, ({},), "UnknownCommand"),
        ("*", ({},), "UnknownCommand"),
        ("entries", ({},), "UnknownCommand"),
        ("connect", ({},), "UnknownCommand"),
        ("disconnect", ("reason",), "UnknownCommand"),
        ("submit", (), "Malformed"),
        ("submit", ("not json",), "Malformed"),
        ("submit", (7,), "Malformed"),
        ("submit", ({},), "Malformed"),
        ("submit", ({"command": 7, "sig": "ed25519:AAAA"},), "Malformed"),
        ("submit", ({"command": "{}", "sig": "ed25519:AAAA", "more": 1},), "Malformed"),
        ("submit", ({"command": "{}", "sig": "nonsense"},), "Malformed"),
        ("feed", ({"session": "s-1"},), "Malformed"),
        ("feed", ({"session": "s-1", "since": -1},), "Malformed"),
        ("feed", ({"session": "s-1", "since": True},), "Malformed"),
        ("feed", ({"session": "no such session!", "since": 0},), "Malformed"),
        ("feed", ({"session": "s-1", "since": 0}, {"session": "s-1", "since": 0}), "Malformed"),
        ("sign_in", ({"session": "s-1", "seat": "M1", "code": "x", "key": "ed25519:AAAA"},), "Malformed"),
    ],
)
async def test_a_message_that_is_none_is_refused_and_harms_nobody(
    folder: Path, running: Coordinator, event: str, sent: tuple[Any, ...], expected: str
) -> None:
    async with (
        nodes.node(folder, running, "nanjing") as nanjing,
        nodes.node(folder, running, "shanghai") as neighbour,
    ):
        data = sent[0] if len(sent) == 1 else sent or None
        assert code(await nanjing.client.call(event, data, "/node", timeout=WAIT_S)) == expected
        await answers(nanjing)
        await answers(neighbour)


async def test_an_opening_goes_no_further_than_its_venue(
    folder: Path, running: Coordinator, script: Script
) -> None:
    script.to_scoring()
    await play(running, script)
    submit = replace(binding(script, "M1", "key-1"), opening=script.opening("M1", "01", "1"))
    async with nodes.node(folder, running, "nanjing") as nanjing:
        with pytest.raises(TurnedDown) as turned_down:
            await nanjing.submit(submit)
        assert turned_down.value.code == "Malformed"


async def test_a_message_over_the_limit_is_refused_by_size(folder: Path, running: Coordinator) -> None:
    async with nodes.node(folder, running, "nanjing") as nanjing:
        large = {"command": "x" * (limits.MESSAGE_BYTES_MAX + 10), "sig": "ed25519:AAAA"}
        assert code(await nanjing.raw("submit", large)) == "TooLarge"
        await answers(nanjing)


async def test_a_frame_over_every_limit_ends_its_own_socket_only(folder: Path, running: Coordinator) -> None:
    async with (
        nodes.node(folder, running, "nanjing") as nanjing,
        nodes.node(folder, running, "shanghai") as neighbour,
    ):
        await nanjing.client.emit("submit", {"x": "x" * 5_000_000}, namespace="/node")
        async with asyncio.timeout(WAIT_S):
            await nanjing.gone.wait()
        await answers(neighbour)
        async with nodes.node(folder, running, "nanjing") as again:
            await answers(again)


@pytest.mark.parametrize(
    "frame",
    [
        "", "z", "4", "49", "47{}", "4x", "2", "5", "6", "42", "42/node,", "42/node,7", "42/node,7{}",
        '42/node,7[]', '42/node,7[1,2]', '42/node,7["submit"', '42/node,' + "9" * 200 + '["submit"]',
        "42/node,7" + "[" * 100_000, "40/node,", '40/node,{"auth":1}', "40/other,", "41/other,", "43/node,",
        "43/node,5", "43/node,5{}", "43/node,5[]", '451-/node,["x",{"_placeholder":true,"num":0}]',
        '4299999999-/node,["x"]', '42["submit",{}]', '42/other,1["submit",{}]', "44/node,{}",
        '42/node,7["submit",1e999]', '42/node,7["submit","\\ud800"]', b"\x00\x01", b"4", b"",
    ],
)  # fmt: skip
async def test_a_frame_outside_the_protocol_is_dropped(
    folder: Path, running: Coordinator, frame: str | bytes
) -> None:
    async with (
        nodes.node(folder, running, "nanjing") as nanjing,
        nodes.node(folder, running, "shanghai") as neighbour,
    ):
        ws = nanjing.client.eio.ws
        await (ws.send_str(frame) if isinstance(frame, str) else ws.send_bytes(frame))
        await answers(nanjing)
        await answers(neighbour)


async def test_a_peer_that_sends_nothing_but_garbage_loses_its_socket(
    folder: Path, running: Coordinator
) -> None:
    async with (
        nodes.node(folder, running, "nanjing") as nanjing,
        nodes.node(folder, running, "shanghai") as neighbour,
    ):
        with contextlib.suppress(ConnectionError):
            for _ in range(110):
                await nanjing.client.eio.ws.send_str("garbage")
        async with asyncio.timeout(WAIT_S):
            await nanjing.gone.wait()
        await answers(neighbour)


async def test_too_many_messages_are_told_so(folder: Path, tmp_path: Path) -> None:
    async with (
        nodes.coordinator(folder, tmp_path, socket_events_per_second_max=1) as running,
        nodes.node(folder, running, "nanjing") as nanjing,
        nodes.node(folder, running, "shanghai") as neighbour,
    ):
        await answers(nanjing)
        assert code(await nanjing.raw("sessions")) == "TooBusy"
        await answers(neighbour)


async def test_too_much_at_once_is_told_so(folder: Path, tmp_path: Path, script: Script) -> None:
    async with (
        nodes.coordinator(folder, tmp_path, socket_in_flight_max=1) as running,
        nodes.node(folder, running, "hefei") as hefei,
    ):
        sign_in = {"session": "installation", "seat": "agent", "code": "wrong", "key": key("a")}
        told = await asyncio.gather(*(hefei.raw("sign_in", sign_in) for _ in range(4)))
        assert sorted(map(code, told)) == ["BadCode", "TooBusy", "TooBusy", "TooBusy"]
        await answers(hefei)
