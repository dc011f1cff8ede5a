"""One-time codes: what they buy, how they die, how they lock; over real sockets."""

import asyncio
from pathlib import Path

import pytest

from protocol import commands as cmd
from protocol import limits
from protocol.seal import signing
from protocol.wire import Attested
from protocol.words import SESSION_STAGE
from server.assembly import Coordinator
from server.gateway import codes
from server.gateway.identity import codes_bytes
from tests.protocol.world import START_MS, key, private_key
from tests.server import nodes
from tests.server.acting import Script, TestSenses, signed
from tests.server.gateway.test_sockets import play
from tests.server.nodes import ENROLMENT, Node, TurnedDown

WRONG = "22222-22222"


async def code_for(hefei: Node, script: Script, seat: str, at: int = START_MS) -> str:
    issued = await hefei.issue(script.session, seat, at=at)
    return issued.codes[0].code


async def refused(asking: object) -> str:
    with pytest.raises(TurnedDown) as turned_down:
        await asking  # type: ignore[misc]
    return turned_down.value.code


def clock(running: Coordinator) -> TestSenses:
    assert isinstance(running.senses, TestSenses)
    return running.senses


@pytest.fixture
async def checking_in(running: Coordinator, script: Script) -> Script:
    script.to_check_in()
    await play(running, script)
    return script


async def test_a_code_buys_an_attestation_with_which_the_seats_key_binds_itself(
    folder: Path, running: Coordinator, checking_in: Script
) -> None:
    script = checking_in
    async with (
        nodes.node(folder, running, "hefei") as hefei,
        nodes.node(folder, running, "nanjing") as nanjing,
    ):
        issued = await hefei.issue(script.session, "M3", "M4")
        assert [(one.seat, one.venue, one.role) for one in issued.codes] == [
            ("M3", "nanjing", "expert"), ("M4", "nanjing", "expert"),
        ]  # fmt: skip
        assert {one.expires_at for one in issued.codes} == {START_MS + limits.CODE_LIFETIME_MS}
        attested = await nanjing.sign_in(script.session, "M3", issued.codes[0].code, "M3 page")
        said = signing.attested_bytes(script.session, "M3", key("M3 page"), "code")
        assert signing.verify(key("installation"), said, attested.attestation)
        bind = script.command("M3 page", cmd.BindSeat("M3", "code", attested.attestation), SESSION_STAGE)
        assert (await nanjing.submit(signed(bind, "M3 page"))).status == "accepted"


async def test_a_code_dies_when_it_is_used(folder: Path, running: Coordinator, checking_in: Script) -> None:
    script = checking_in
    async with (
        nodes.node(folder, running, "hefei") as hefei,
        nodes.node(folder, running, "nanjing") as nanjing,
    ):
        code = await code_for(hefei, script, "M3")
        first = await nanjing.sign_in(script.session, "M3", code, "M3 page")
        assert await nanjing.sign_in(script.session, "M3", code, "M3 page") == first
        assert await refused(nanjing.sign_in(script.session, "M3", code, "another page")) == "BadCode"


async def test_a_code_is_used_once_by_two_pages_at_once(
    folder: Path, running: Coordinator, checking_in: Script
) -> None:
    script = checking_in
    async with (
        nodes.node(folder, running, "hefei") as hefei,
        nodes.node(folder, running, "nanjing") as nanjing,
    ):
        code = await code_for(hefei, script, "M3")
        tries = (nanjing.sign_in(script.session, "M3", code, f"page {n}") for n in range(4))
        told = await asyncio.gather(*tries, return_exceptions=True)
        assert sum(isinstance(one, Attested) for one in told) == 1
        assert {one.code for one in told if isinstance(one, TurnedDown)} == {"BadCode"}


async def test_a_code_may_be_typed_in_small_letters_and_without_the_hyphen(
    folder: Path, running: Coordinator, checking_in: Script
) -> None:
    script = checking_in
    async with (
        nodes.node(folder, running, "hefei") as hefei,
        nodes.node(folder, running, "nanjing") as nanjing,
    ):
        code = await code_for(hefei, script, "M3")
        typed = " " + code.replace("-", " ").lower()
        assert (await nanjing.sign_in(script.session, "M3", typed, "M3 page")).seat == "M3"


async def test_wrong_codes_lock_the_seat_and_the_right_one_waits(
    folder: Path, running: Coordinator, checking_in: Script
) -> None:
    script = checking_in
    async with (
        nodes.node(folder, running, "hefei") as hefei,
        nodes.node(folder, running, "nanjing") as nanjing,
    ):
        code = await code_for(hefei, script, "M3")
        told = [await refused(nanjing.sign_in(script.session, "M3", WRONG, "thief")) for _ in range(6)]
        assert told == ["BadCode"] * 4 + ["CodeLocked"] * 2
        assert await refused(nanjing.sign_in(script.session, "M3", code, "M3 page")) == "CodeLocked"
        clock(running).now += limits.CODE_LOCK_MS - 1
        assert await refused(nanjing.sign_in(script.session, "M3", code, "M3 page")) == "CodeLocked"
        clock(running).now += 1
        assert (await nanjing.sign_in(script.session, "M3", code, "M3 page")).seat == "M3"


async def test_a_new_code_lifts_the_lock_and_ends_the_old_one(
    folder: Path, running: Coordinator, checking_in: Script
) -> None:
    script = checking_in
    async with (
        nodes.node(folder, running, "hefei") as hefei,
        nodes.node(folder, running, "nanjing") as nanjing,
    ):
        old = await code_for(hefei, script, "M3")
        for _ in range(6):
            await refused(nanjing.sign_in(script.session, "M3", WRONG, "thief"))
        new = await code_for(hefei, script, "M3", START_MS + 1)
        assert await refused(nanjing.sign_in(script.session, "M3", old, "M3 page")) == "BadCode"
        assert (await nanjing.sign_in(script.session, "M3", new, "M3 page")).seat == "M3"


async def test_one_seats_lock_is_no_other_seats(
    folder: Path, running: Coordinator, checking_in: Script
) -> None:
    script = checking_in
    async with (
        nodes.node(folder, running, "hefei") as hefei,
        nodes.node(folder, running, "nanjing") as nanjing,
    ):
        issued = await hefei.issue(script.session, "M3", "M4")
        for _ in range(6):
            await refused(nanjing.sign_in(script.session, "M3", WRONG, "thief"))
        assert (await nanjing.sign_in(script.session, "M4", issued.codes[1].code, "M4 page")).seat == "M4"


async def test_a_code_expires(folder: Path, running: Coordinator, checking_in: Script) -> None:
    script = checking_in
    async with (
        nodes.node(folder, running, "hefei") as hefei,
        nodes.node(folder, running, "nanjing") as nanjing,
    ):
        code = await code_for(hefei, script, "M3")
        clock(running).now += limits.CODE_LIFETIME_MS
        assert await refused(nanjing.sign_in(script.session, "M3", code, "M3 page")) == "BadCode"


async def test_a_seat_signs_in_at_its_own_venue(
    folder: Path, running: Coordinator, checking_in: Script
) -> None:
    script = checking_in
    async with (
        nodes.node(folder, running, "hefei") as hefei,
        nodes.node(folder, running, "shanghai") as shanghai,
    ):
        code = await code_for(hefei, script, "M3")
        assert await refused(shanghai.sign_in(script.session, "M3", code, "M3 page")) == "WrongVenue"
        assert await refused(shanghai.sign_in(script.session, "M77", code, "page")) == "UnknownSeat"
        assert await refused(shanghai.sign_in("nowhere", "M3", code, "page")) == "UnknownSession"
        assert await refused(shanghai.sign_in(script.session, "M2", code, "M2 page")) == "BadCode"


async def test_a_key_that_speaks_already_gets_no_attestation(
    folder: Path, running: Coordinator, checking_in: Script
) -> None:
    script = checking_in
    async with nodes.node(folder, running, "hefei") as hefei:
        code = await code_for(hefei, script, "M1")
        assert await refused(hefei.sign_in(script.session, "M1", code, "agent")) == "KeyTaken"
        assert await refused(hefei.sign_in(script.session, "M1", code, "installation")) == "KeyTaken"
        assert (await hefei.sign_in(script.session, "M1", code, "M1 page")).seat == "M1"


async def test_a_seat_that_was_idle_signs_in_again_with_its_own_key_and_code(
    folder: Path, running: Coordinator, checking_in: Script
) -> None:
    script = checking_in
    async with nodes.node(folder, running, "hefei") as hefei:
        code = await code_for(hefei, script, "M1")
        attested = await hefei.sign_in(script.session, "M1", code, "M1 page")
        content = cmd.BindSeat("M1", "code", attested.attestation)
        bind = signed(script.command("M1 page", content, SESSION_STAGE), "M1 page")
        assert (await hefei.submit(bind)).status == "accepted"
        assert await hefei.sign_in(script.session, "M1", code, "M1 page") == attested
        assert await refused(hefei.sign_in(script.session, "M1", WRONG, "M1 page")) == "BadCode"
        # The same key at another seat, or another key with the spent code: refused as ever.
        assert await refused(hefei.sign_in(script.session, "M1", code, "M1 thief")) == "BadCode"
        clock(running).now += limits.CODE_LIFETIME_MS
        assert await refused(hefei.sign_in(script.session, "M1", code, "M1 page")) == "BadCode"


async def test_codes_are_issued_at_the_agents_signed_word_only(
    folder: Path, running: Coordinator, checking_in: Script
) -> None:
    script = checking_in
    async with (
        nodes.node(folder, running, "hefei") as hefei,
        nodes.node(folder, running, "nanjing") as nanjing,
    ):
        assert await refused(hefei.issue(script.session, "M3", author="stranger")) == "UnknownAuthor"
        assert await refused(hefei.issue(script.session, "M3", author="node hefei")) == "NotAllowed"
        assert await refused(nanjing.issue(script.session, "M3")) == "WrongVenue"
        assert await refused(hefei.issue(script.session, "M77")) == "UnknownSeat"
        assert await refused(hefei.issue(script.session, "M3", "M3")) == "DuplicateId"
        assert await refused(hefei.issue("nowhere", "M3")) == "UnknownSession"
        stale = START_MS - running._settings.bounds.codes_request_skew_ms - 1
        assert await refused(hefei.issue(script.session, "M3", at=stale)) == "ClockTooFar"
        code = await code_for(hefei, script, "M3")
        assert await refused(hefei.issue(script.session, "M3")) == "OutOfOrder"
        assert (await nanjing.sign_in(script.session, "M3", code, "M3 page")).seat == "M3"


async def test_a_forged_request_for_codes_is_refused(
    folder: Path, running: Coordinator, checking_in: Script
) -> None:
    script = checking_in
    async with nodes.node(folder, running, "hefei") as hefei:
        told = codes_request(script, "M3", signed_for="M4")
        assert (await hefei.raw("issue_codes", told))["refused"]["code"] == "BadSignature"


def codes_request(script: Script, seat: str, signed_for: str) -> dict[str, object]:
    sig = signing.sign(
        private_key("agent"), codes_bytes(script.session, (signed_for,), key("agent"), START_MS)
    )
    return {"session": script.session, "seats": [seat], "key": key("agent"), "at": START_MS, "sig": sig}


async def test_no_code_lies_in_the_database(
    folder: Path, running: Coordinator, checking_in: Script, tmp_path: Path
) -> None:
    script = checking_in
    async with nodes.node(folder, running, "hefei") as hefei:
        issued = await hefei.issue(script.session, *script.members())
    texts = [one.code for one in issued.codes] + [ENROLMENT]
    assert len(set(texts)) == len(texts)
    assert holding(tmp_path, texts) == []


def holding(folder: Path, texts: list[str]) -> list[str]:
    """The codes that stand in some file, with or without their hyphen."""
    raw = b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())
    return [one for one in texts if one.encode() in raw or codes.plain(one).encode() in raw]


# --- agents -------------------------------------------------------------------------------------


async def test_an_agent_enrols_with_the_installations_code_and_books(
    folder: Path, running: Coordinator, script: Script
) -> None:
    content, plan = script.book_content()
    book = signed(script.command("agent page", content), "agent page", (plan,))
    async with nodes.node(folder, running, "hefei") as hefei:
        first = await hefei.submit(book)
        assert first.refused is not None
        assert first.refused.code == "UnknownAuthor"
        for author in ("agent page", "second agent", "agent page"):
            attested = await hefei.sign_in("installation", "agent", ENROLMENT, author)
            assert attested.session == "installation"
        assert (await hefei.submit(book)).status == "accepted"


async def test_an_agent_enrols_at_a_main_venue_only(folder: Path, running: Coordinator) -> None:
    async with (
        nodes.node(folder, running, "nanjing") as nanjing,
        nodes.node(folder, running, "hefei") as hefei,
    ):
        assert await refused(nanjing.sign_in("installation", "agent", ENROLMENT, "a")) == "WrongVenue"
        assert await refused(hefei.sign_in("installation", "M1", ENROLMENT, "a")) == "UnknownSeat"


async def test_the_enrolment_code_locks_like_any_other(folder: Path, running: Coordinator) -> None:
    async with nodes.node(folder, running, "hefei") as hefei:
        told = [await refused(hefei.sign_in("installation", "agent", WRONG, "thief")) for _ in range(5)]
        assert told == ["BadCode"] * 4 + ["CodeLocked"]
        assert await refused(hefei.sign_in("installation", "agent", ENROLMENT, "a")) == "CodeLocked"
        clock(running).now += limits.CODE_LOCK_MS
        assert (await hefei.sign_in("installation", "agent", ENROLMENT, "a")).seat == "agent"


async def test_an_enrolled_agent_is_known_after_a_restart(
    folder: Path, tmp_path: Path, script: Script
) -> None:
    content, plan = script.book_content()
    book = signed(script.command("agent page", content), "agent page", (plan,))
    async with nodes.coordinator(folder, tmp_path) as running, nodes.node(folder, running, "hefei") as hefei:
        await hefei.sign_in("installation", "agent", ENROLMENT, "agent page")
    async with nodes.coordinator(folder, tmp_path) as running, nodes.node(folder, running, "hefei") as hefei:
        assert (await hefei.submit(book)).status == "accepted"


async def test_whoever_signs_in_at_the_agents_seat_is_an_agent_from_then_on(
    folder: Path, running: Coordinator, checking_in: Script
) -> None:
    async with nodes.node(folder, running, "hefei") as hefei:
        code = await code_for(hefei, checking_in, "agent")
        await hefei.sign_in(checking_in.session, "agent", code, "new machine")
        other = Script(checking_in.case, "s-2")
        content, plan = other.book_content()
        book = signed(other.command("new machine", content), "new machine", (plan,))
        assert (await hefei.submit(book)).status == "accepted"


async def test_a_changed_enrolment_code_ends_the_old_one(folder: Path, tmp_path: Path) -> None:
    async with nodes.coordinator(folder, tmp_path):
        pass
    changed = nodes.settings(folder, tmp_path, enrolment_code="AAAAA-AAAAA")
    running = Coordinator(changed, TestSenses())
    await running.start()
    async with nodes.node(folder, running, "hefei") as hefei:
        assert await refused(hefei.sign_in("installation", "agent", ENROLMENT, "a")) == "BadCode"
        assert (await hefei.sign_in("installation", "agent", "AAAAA-AAAAA", "a")).seat == "agent"
    await running.stop()
