"""Hostile messages against the running stack: each refused with its code, and nobody else notices.

While a session is held in the middle of scoring, a stranger at a venue's desk and somebody with a node's
certificate (or without) at the coordinator's door say whatever they like. A neighbour on a connection of its
own is asked after each; in the end the session goes on to the outcome of one that nothing happened to.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ops import certificates, senses
from ops.installation import COORDINATOR, LOOPBACK
from ops.stack import Stack
from protocol import canonical, entry, limits, record, wire
from protocol.seal import signing
from tests.processes import canaries, siege
from tests.processes.hostile_acts import AT_DESK, AT_DOOR, EVERYWHERE
from tests.processes.nonsense import FRAMES, JUNK, MALFORMED, RESERVED, UNKNOWN
from tests.processes.raw_socket import CLOSE_S, Closed, RawSocket
from tests.processes.siege import EVENT, HOLDS, SIDES, STAGE, VENUE, Both, Side, Siege, node_tls

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def at(running: Stack) -> AsyncIterator[Siege]:
    async with siege.besieged(running) as found:
        yield found


def _connect(at: Siege, side: Side) -> contextlib.AbstractAsyncContextManager[RawSocket]:
    return at.desk() if side == "desk" else at.line()


@pytest_asyncio.fixture(loop_scope="module", params=SIDES)
async def both(at: Siege, request: pytest.FixtureRequest) -> AsyncIterator[Both]:
    """A test of this runs at the venue's desk and at the coordinator's door."""
    async with _connect(at, request.param) as attacker, _connect(at, request.param) as neighbour:
        yield Both(request.param, attacker, neighbour)


@pytest_asyncio.fixture(loop_scope="module")
async def desk(at: Siege) -> AsyncIterator[Both]:
    async with at.desk() as attacker, at.desk() as neighbour:
        yield Both("desk", attacker, neighbour)


@pytest_asyncio.fixture(loop_scope="module")
async def door(at: Siege) -> AsyncIterator[Both]:
    async with at.line() as attacker, at.line() as neighbour:
        yield Both("door", attacker, neighbour)


# --- acts ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", EVERYWHERE)
async def test_an_act_that_is_wrong_is_refused_with_its_code(at: Siege, both: Both, wrong: str) -> None:
    expected, make = EVERYWHERE[wrong]
    assert await both.code_of(make(at)) == expected
    await both.go_on()


@pytest.mark.parametrize("wrong", AT_DESK)
async def test_a_venue_keeps_nothing_that_it_can_see_is_wrong(at: Siege, desk: Both, wrong: str) -> None:
    expected, make = AT_DESK[wrong]
    submit = make(at)
    assert await desk.code_of(submit) == expected
    kept = (at.running.installation.config(VENUE).parent / "journal.log").read_bytes()
    assert json.loads(submit.command)["command_id"].encode() not in kept
    await desk.go_on()


@pytest.mark.parametrize("wrong", AT_DOOR)
async def test_the_coordinator_refuses_what_a_node_should_not_have_sent(
    at: Siege, door: Both, wrong: str
) -> None:
    expected, make = AT_DOOR[wrong]
    assert await door.code_of(make(at)) == expected
    await door.go_on()
    sealed = [
        one
        for found in at.play.openings()
        for one in canaries.of_opening(found)
        if one.what in ("nonce", "opening")  # the other session has opened the same points
    ]
    assert canaries.search(at.running.installation.data / COORDINATOR, sealed) == {}


@pytest.mark.parametrize("type_", ["BindSeat", "CheckIn", "SealSheet"])
async def test_a_repeat_gets_the_first_answer(at: Siege, both: Both, type_: str) -> None:
    for sent in (at.sent("M3", type_), at.sent_before("M3", type_)):
        submit = msgspec.structs.replace(sent.submit, opening=None) if both.side == "door" else sent.submit
        for _ in range(2):
            answer = msgspec.convert(await both.attacker.ask(EVENT[both.side], submit), wire.Answer)
            assert (
                (answer.status, answer.seq)
                == (sent.answer.status, sent.answer.seq)
                == ("accepted", answer.seq)
            )
            assert answer.command_id == sent.command.command_id
    await both.go_on()


# --- messages -----------------------------------------------------------------------------------


async def test_a_message_out_of_its_form_is_malformed(both: Both) -> None:
    for event, sent in MALFORMED[both.side]:
        assert await both.attacker.code_of(event, sent) == "Malformed", (event, sent)
        assert await both.attacker.code_of(event, sent, sent) == "Malformed", (event, sent)
    await both.go_on()


@pytest.mark.parametrize("event", UNKNOWN)
async def test_an_unknown_event_is_told_so(both: Both, event: str) -> None:
    assert await both.attacker.code_of(event, {}) == "UnknownCommand"
    await both.go_on()


@pytest.mark.parametrize("event", RESERVED)
async def test_an_event_of_the_librarys_own_is_not_passed_on(both: Both, event: str) -> None:
    tries: tuple[tuple[Any, ...], ...] = (({},), (wire.SESSIONS, {}), ("reason",), ())
    for sent in tries:
        found = await both.attacker.code_of(event, *sent)
        assert found == {"desk": "Malformed", "door": "UnknownCommand"}[both.side]
    await both.go_on()


async def test_a_hundred_quick_messages_of_nonsense_trouble_only_their_sender(both: Both) -> None:
    asked = [both.attacker.code_of("dance", {"n": n}) for n in range(100)]
    codes, _ = await asyncio.gather(asyncio.gather(*asked), both.neighbour_goes_on())
    assert set(codes) <= {"UnknownCommand", "TooBusy"}
    await both.go_on()


async def test_a_flood_ends_its_own_connection_or_is_told_to_wait(both: Both) -> None:
    asked = [both.attacker.code_of("dance", {"n": n}) for n in range(3_000)]
    told, _ = await asyncio.gather(asyncio.gather(*asked, return_exceptions=True), both.neighbour_goes_on())
    assert {one for one in told if isinstance(one, str)} <= {"UnknownCommand", "TooBusy"}
    assert all(isinstance(one, str | Closed) for one in told)
    if both.side == "desk":  # a node may say more than one test can send
        assert "TooBusy" in told or any(isinstance(one, Closed) for one in told)
    await both.neighbour_goes_on()


# --- frames -------------------------------------------------------------------------------------


async def test_a_frame_outside_the_protocol_is_dropped_and_the_connection_goes_on(
    at: Siege, both: Both
) -> None:
    for frame in FRAMES:
        if isinstance(frame, str):
            frame = frame.replace("{0}", both.attacker.namespace)  # noqa: PLW2901
        async with _connect(at, both.side) as one:
            await one.say(frame)
            assert await one.code_of(wire.SESSIONS) == "answered", frame
            answer = next(
                (raw for raw in one.heard if raw.startswith(f"43{one.namespace},7[".encode())), None
            )
            assert answer is None or b'"code":"Malformed"' in answer
    await both.go_on()


@pytest.mark.parametrize("junk", JUNK)
async def test_bytes_that_are_neither_http_nor_tls_trouble_nobody(at: Siege, both: Both, junk: bytes) -> None:
    found = at.running.installation
    port = found.node(VENUE).port if both.side == "desk" else found.node_port
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    writer.write(junk)
    with contextlib.suppress(OSError):  # a door that has hung up by then has no line left to end
        writer.write_eof()
    async with asyncio.timeout(CLOSE_S):
        with contextlib.suppress(ConnectionError):
            await reader.read()
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()
    await both.go_on()


async def test_who_sends_nothing_but_garbage_is_cut_off_alone(both: Both) -> None:
    for _ in range(110):
        await both.attacker.say("garbage")
    await both.attacker.gone()
    await both.neighbour_goes_on()


async def test_a_message_over_the_limit_is_told_so_by_size(both: Both) -> None:
    large = {"command": "x" * limits.MESSAGE_BYTES_MAX, "sig": "ed25519:AAAA"}
    assert await both.code_of(large) == "TooLarge"
    await both.neighbour_goes_on()


async def test_a_frame_over_every_limit_ends_its_own_connection_alone(both: Both) -> None:
    with pytest.raises(Closed):
        await both.code_of({"command": "x" * 5_000_000})
    await both.attacker.gone()
    await both.neighbour_goes_on()


# --- the desk: who is it? -------------------------------------------------------------------------


def _proof(at: Siege, seat: str, nonce: bytes, key: Ed25519PrivateKey | None = None) -> wire.Proof:
    """A proof of a seat of the held session, signed by its own key or by another."""
    mine = at.person(seat).key
    key_text = signing.public_text(mine)
    statement = {"session": at.play.session, "seat": seat, "key": key_text, "nonce": nonce}
    sig = signing.sign(key or mine, canonical.tag("prove/v1") + canonical.encode(statement))
    return wire.Proof(at.play.session, seat, key_text, nonce, sig)


async def _nonce(socket: RawSocket) -> bytes:
    return msgspec.convert(await socket.ask(wire.CHALLENGE), wire.Challenge).nonce


async def test_nothing_is_told_or_taken_before_a_key_is_proved(at: Siege, desk: Both) -> None:
    draft = wire.Draft(at.play.session, "M3", STAGE, 9, {})
    codes = wire.IssueCodes(
        at.play.session, ("M3",), at.person("M3").key_text, 1, at.sent("M3", "CheckIn").submit.sig
    )
    for event, message in (
        (wire.FOLLOW, wire.Follow(at.play.session, 0)),
        (wire.DRAFT_GET, draft),
        (wire.DRAFT_PUT, draft),
        (wire.PREPARE, wire.Prepare(session=at.play.session, type="SignReport", stage=STAGE)),
        (wire.ISSUE_CODES, codes),
        (wire.PROVE, _proof(at, "M3", bytes(32))),
    ):
        assert await desk.attacker.code_of(event, message) == "NotSignedIn", event
    await desk.go_on()


async def test_a_proof_is_good_once_for_its_own_challenge_key_seat_and_venue(at: Siege, desk: Both) -> None:
    (tap,) = at.wire.of("M3")
    seen = next(one.data for one in tap.asked() if one.event == wire.PROVE)
    await _nonce(desk.attacker)
    assert await desk.attacker.code_of(wire.PROVE, seen) == "NotSignedIn"
    forged = _proof(at, "M3", await _nonce(desk.attacker), Ed25519PrivateKey.generate())
    assert await desk.attacker.code_of(wire.PROVE, forged) == "BadSignature"
    away = _proof(at, "M2", await _nonce(desk.attacker))
    assert await desk.attacker.code_of(wire.PROVE, away) == "WrongVenue"
    mine = _proof(at, "M3", await _nonce(desk.attacker))
    assert await desk.attacker.code_of(wire.PROVE, mine) == "answered"
    assert await desk.attacker.code_of(wire.PROVE, mine) == "NotSignedIn"
    await desk.go_on()


async def test_a_member_reads_no_other_members_draft(at: Siege, desk: Both) -> None:
    proof = _proof(at, "M3", await _nonce(desk.attacker))
    assert await desk.attacker.code_of(wire.PROVE, proof) == "answered"
    for event in (wire.DRAFT_GET, wire.DRAFT_PUT):
        theirs = wire.Draft(at.play.session, HOLDS, STAGE, 99, {})
        assert await desk.attacker.code_of(event, theirs) == "NotSignedIn"
    assert await desk.attacker.code_of(wire.FOLLOW, wire.Follow("calm", 0)) == "NotSignedIn"
    assert await desk.attacker.code_of(wire.FOLLOW, wire.Follow(at.play.session, 10_000)) == "SeenUnknown"
    await desk.go_on()


@pytest.mark.parametrize("side", SIDES)
async def test_a_code_is_asked_for_at_the_seats_own_venue(at: Siege, side: Side) -> None:
    key = signing.public_text(Ed25519PrivateKey.generate())
    async with _connect(at, side) as socket:
        for asked, expected in (
            (wire.SignIn(at.play.session, "M2", "22222-22222", key), "WrongVenue"),
            (wire.SignIn(at.play.session, "M9", "22222-22222", key), "UnknownSeat"),
            (wire.SignIn("nowhere", "M3", "22222-22222", key), "UnknownSession"),
            (wire.SignIn("installation", "agent", "22222-22222", key), "WrongVenue"),
            (wire.SignIn(at.play.session, f"keeper-{VENUE}", "22222-22222", key), "BadCode"),
            (wire.SignIn(at.play.session, "M3", "22222-22222", "ed25519:AAAA"), "Malformed"),
        ):
            assert await socket.code_of(wire.SIGN_IN, asked) == expected, asked


# --- the door: which node is it? ------------------------------------------------------------------


async def test_a_node_speaks_for_itself_and_reads_its_own_sessions(at: Siege, door: Both) -> None:
    other = certificates.read_signing_key(at.running.installation.config("shanghai").parent / "node.key")
    asked = next(
        one.data for tap in at.wire.of("agent") for one in tap.asked() if one.event == wire.ISSUE_CODES
    )
    member = at.person("M3")
    for event, message, expected in (
        (wire.HELLO, wire.Hello("shanghai", signing.public_text(other)), "UnknownVenue"),
        (wire.HELLO, wire.Hello(VENUE, signing.public_text(other)), "UnknownVenue"),
        (wire.FEED, wire.FeedRequest("nowhere", 0), "UnknownSession"),
        (wire.FEED, wire.FeedRequest(at.play.session, 100_000), "SeenUnknown"),
        (wire.ISSUE_CODES, asked, "WrongVenue"),
        (
            wire.ISSUE_CODES,
            wire.IssueCodes(at.play.session, ("M3",), member.key_text, senses.now_ms(), asked["sig"]),
            "NotAllowed",
        ),
    ):
        assert await door.attacker.code_of(event, message) == expected, event
    await door.go_on()


@pytest.mark.parametrize(
    "brings", ["nothing", "another authority's", "the coordinator's own", "a stranger's"]
)
async def test_nobody_comes_in_without_a_nodes_certificate(
    at: Siege, door: Both, tmp_path: Path, brings: str
) -> None:
    data = at.running.installation.data
    ours, now = data / "ca" / "ca.pem", senses.now_ms()
    if brings == "nothing":
        tls = node_tls(data, None)
    elif brings == "another authority's":
        for name in ("ca", f"nodes/{VENUE}"):
            (tmp_path / name).mkdir(parents=True)
        certificates.ensure_authority(tmp_path / "ca", now)
        certificates.ensure_certificate(tmp_path / "ca", tmp_path / "nodes" / VENUE, VENUE, now)
        tls = node_tls(tmp_path, VENUE, ca=ours)
    else:
        name = COORDINATOR if brings == "the coordinator's own" else "suzhou"
        (tmp_path / "nodes" / name).mkdir(parents=True)
        certificates.ensure_certificate(data / "ca", tmp_path / "nodes" / name, name, now)
        tls = node_tls(tmp_path, name, ca=ours)
    with pytest.raises((aiohttp.ClientError, OSError)):
        async with at.line(tls):
            pass
    await door.go_on()


# --- and nobody noticed -------------------------------------------------------------------------


async def test_the_session_goes_on_to_an_undisturbed_outcome(at: Siege) -> None:
    at.gate.open.set()
    played = await at.playing
    assert played.result.outcome == at.calm_end.result.outcome
    assert played.result.rows == at.calm_end.result.rows
    for seat in at.play.people:
        assert len(at.wire.of(seat)) == 1, f"the connection of {seat} was cut"
    found = [entry.decode(raw).command for raw in record.read(played.record.read_bytes()).entries]
    sent = {json.loads(submit.command)["command_id"] for submit, _ in at.wire.acts()}
    assert sent <= {one.command_id for one in found}
    others = [one for one in found if one.command_id not in sent]
    assert {one.type for one in others} <= {"ReachMilestone", "TryOpening", "OpenSheet", "NoteRefusal"}
    assert any(one.type == "NoteRefusal" for one in others), "supervisors were told of nothing"
    assert not [one for one in found if one.command_id.startswith("forged")]
