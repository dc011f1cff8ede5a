"""Sign-ins by certificate and by phone that must not be believed: relayed, replayed, late, somebody else's.

Each says what the attacker had, what it tried, what stopped it, and has its control that succeeds.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ops.ca.making import Withdrawn
from protocol import limits
from protocol.commands import BindSeat
from protocol.entering import EnterAsk, Entered, Entering
from protocol.plan.case import Case, read_case
from protocol.refusals import Refusal
from protocol.seal.trust import judge
from protocol.session.state import AGENT_SEAT
from server.gateway.lockout import PAIR_FAILURES_MAX, PAIR_LOCK_MS
from server.gateway.scans import Whence
from tests.attacks.hall import ORIGIN, PAGE, Hall, code
from tests.attacks.phone import Phone
from tests.attacks.province import AT
from tests.protocol.world import key

SAMPLE = read_case((Path(__file__).resolve().parents[2] / "ops" / "sample" / "case.json").read_bytes())
assert isinstance(SAMPLE, Case), SAMPLE


@pytest.fixture
async def hall(tmp_path: Path) -> AsyncIterator[Hall]:
    assert isinstance(SAMPLE, Case)
    made = Hall(SAMPLE, tmp_path)
    yield made
    await made.store.close()


async def test_a_certificate_brings_its_person_to_their_seat_and_the_record_takes_the_key(hall: Hall) -> None:
    """The control of all attacks below."""
    wanted = await hall.asks("certificate")
    assert (wanted.audience, wanted.scan, wanted.left_ms) == (PAGE, "", limits.CHALLENGE_MS)
    assert await hall.enters(wanted) == "entered"
    hall.world.now = AT
    attested = hall.entered[-1].attested
    assert (attested.means, hall.entered[-1].person) == ("certificate", "张三")
    hall.world.must("fresh", BindSeat(hall.seat, "certificate", attested.attestation))
    assert hall.world.at.keys[key("fresh")].seat == hall.seat


async def test_a_phone_brings_its_person_to_their_seat_once_and_for_the_page_that_asked(hall: Hall) -> None:
    """The control of what is scanned; who photographs the code holds no key of the page."""
    phone = Phone(ORIGIN)
    assert await hall.bound(phone) == "bound"
    wanted = await hall.asks("passkey")
    assert (wanted.audience, wanted.scan) == (ORIGIN, f"{ORIGIN}/scan/#{wanted.nonce.hex()}")
    assert await hall.entrance.scanned(hall.node(), hall.proof(wanted)) == Entering()
    assert hall.seen(wanted).way == "sign-in"
    assert code(await hall.entrance.sign(phone.signs(hall.seen(wanted), wanted.compare))) == "done"
    assert code(await hall.entrance.scanned(hall.node(), hall.proof(wanted, "thief"))) == "BadSignature"
    stolen = msgspec.structs.replace(hall.proof(wanted, "thief"), key=key("thief"))
    assert code(await hall.entrance.scanned(hall.node(), stolen)) == "ChallengeStale"
    found = await hall.entrance.scanned(hall.node(), hall.proof(wanted))
    assert isinstance(found, Entering)
    assert found.entered is not None
    assert (found.entered.attested.means, found.entered.person) == ("passkey", "张三")
    assert code(await hall.entrance.scanned(hall.node(), hall.proof(wanted))) == "ChallengeStale"


async def test_a_relayed_code_or_challenge_brings_nobody_to_another_persons_seat(hall: Hall) -> None:
    """Had: a page of their own at the victim's venue or elsewhere, and a victim who signs what is shown.

    Tried: to have the victim sign for the attacker's seat, and for a page of another origin. Stopped by: a
    seat is one person's; the origin that is signed is that of the page's own socket.
    """
    phone = Phone(ORIGIN)
    assert await hall.bound(phone) == "bound"
    assert await hall.scans_in(phone, seat=hall.other) == "PersonMismatch"
    assert await hall.enters(await hall.asks("certificate", hall.other)) == "PersonMismatch"
    wanted = await hall.asks("certificate")
    assert await hall.enters(wanted, audience="https://hefei.examp1e") == "StatementMismatch"
    assert await hall.enters(await hall.asks("certificate")) == "entered"
    assert await hall.scans_in(phone) == "done"


async def test_what_was_signed_is_for_one_challenge_within_its_minute(hall: Hall) -> None:
    """Had: an answer that was overheard, or comes late. Tried: to use it again. Stopped by: one use, 60 s."""
    wanted = await hall.asks("certificate")
    assert await hall.enters(wanted) == "entered"
    assert await hall.enters(wanted) == "ChallengeStale"
    again = await hall.asks("certificate")
    assert await hall.enters(again, nonce=wanted.nonce) == "StatementMismatch"
    late = await hall.asks("certificate")
    hall.clock.now += limits.CHALLENGE_MS
    assert await hall.enters(late) == "ChallengeStale"
    phone = Phone(ORIGIN)
    assert await hall.bound(phone) == "bound"
    scan = await hall.asks("passkey")
    answer = phone.signs(hall.seen(scan), scan.compare)
    assert code(await hall.entrance.sign(answer)) == "done"
    assert code(await hall.entrance.sign(answer)) == "ChallengeStale"
    other = await hall.asks("passkey")
    replayed = msgspec.structs.replace(answer, nonce=other.nonce, compare=other.compare)
    assert code(await hall.entrance.sign(replayed)) == "AssertionMismatch"
    slow = await hall.asks("passkey")
    signed = phone.signs(hall.seen(slow), slow.compare)
    hall.clock.now += limits.CHALLENGE_MS
    assert isinstance(hall.entrance.shown(slow.nonce), Refusal)
    assert code(await hall.entrance.sign(signed)) == "ChallengeStale"
    assert code(await hall.entrance.scanned(hall.node(), hall.proof(slow))) == "ChallengeStale"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"way": "passkey"}, "AssertionMismatch"),
        ({"signed_seat": "M9"}, "AssertionMismatch"),
        ({"signed_key": key("thief")}, "AssertionMismatch"),
        ({"signed_compare": "xx"}, "AssertionMismatch"),
        ({"origin": "https://coordinator.examp1e"}, "AssertionMismatch"),
        ({"flags": 0x01}, "AssertionMismatch"),
    ],
)
async def test_a_delegation_or_another_statement_signs_nobody_in(
    hall: Hall, changes: dict[str, Any], expected: str
) -> None:
    """Had: what a victim signed for something else. Tried: to sign in with it. Stopped by: tag and fields."""
    phone = Phone(ORIGIN)
    assert await hall.bound(phone) == "bound"
    assert await hall.scans_in(phone, **changes) == expected
    assert await hall.scans_in(phone) == "done"


async def test_a_scanned_sign_in_delegates_nothing(hall: Hall) -> None:
    """Had: a victim's sign-in. Tried: to have a voice for it. Stopped by: another statement, another room."""
    phone = Phone(ORIGIN)
    assert await hall.bound(phone) == "bound"
    wanted = await hall.wanted("passkey")
    signed = phone.signs(hall.shown(wanted), wanted.compare, way="sign-in")
    assert code(await hall.voices.sign(signed)) == "AssertionMismatch"
    entering = await hall.asks("passkey")
    assert (
        code(await hall.voices.sign(phone.signs(hall.seen(entering), entering.compare))) == "ChallengeStale"
    )


async def test_wrong_digits_lock_the_pair_for_a_while_and_no_other_seat(hall: Hall) -> None:
    """Had: the code but not the two digits. Tried: to guess. Stopped by: one try each, then a lock."""
    phone = Phone(ORIGIN)
    assert await hall.bound(phone) == "bound"
    for _ in range(PAIR_FAILURES_MAX):
        wanted = await hall.asks("passkey")
        wrong = f"{(int(wanted.compare) + 1) % 100:02d}"
        assert code(await hall.entrance.sign(phone.signs(hall.seen(wanted), wrong))) == "ComparisonMismatch"
    asked = EnterAsk(session=hall.world.session, seat=hall.seat, key=key("fresh"), way="passkey")
    assert code(await hall.entrance.ask(hall.node(), asked)) == "SignInLocked"
    await hall.asks("passkey", hall.other)
    hall.clock.now += PAIR_LOCK_MS
    assert await hall.scans_in(phone) == "done"


async def test_a_revoked_certificate_or_an_unbound_phone_brings_nobody_in(hall: Hall) -> None:
    """Had: a certificate that was revoked, its passkey, a passkey of nobody. Stopped by: judged each time."""
    phone = Phone(ORIGIN)
    assert await hall.scans_in(phone) == "PasskeyUnknown"
    assert await hall.bound(phone) == "bound"
    assert await hall.scans_in(phone) == "done"
    hall.evidence = judge.read_evidence(hall.person.province.crls(Withdrawn(1001, AT - 1)), ())
    assert await hall.scans_in(phone) == "CertificateRevoked"
    assert await hall.enters(await hall.asks("certificate")) == "CertificateRevoked"


async def test_nobody_sits_down_where_the_record_does_not_say_whose_seat_it_is(hall: Hall) -> None:
    """Had: any good certificate. Tried: a seat without a name; then a seat that this person spoke for before.

    Stopped by: a certificate alone is no invitation. An earlier delegation at that seat says whose it is.
    """
    hall.unnamed(hall.seat)
    assert await hall.enters(await hall.asks("certificate")) == "PersonUntold"
    hall.delegated(hall.seat)
    assert await hall.enters(await hall.asks("certificate")) == "entered"
    hall.unnamed(hall.other)
    assert await hall.enters(await hall.asks("certificate", hall.other)) == "PersonUntold"


async def test_from_outside_a_challenge_tells_nothing_and_a_certificate_opens_its_own_bidders_page_alone(
    hall: Hall,
) -> None:
    """Had: a good certificate, and a wish to know who bid. Tried: bidders that exist and that do not.

    Stopped by: everybody is challenged; a bidder whose name is not this certificate's is not entered, nor is
    a venue's seat from outside, nor a bidder from a node.
    """
    outside = Whence("", "192.0.2.7")

    async def tried(bidder: str, session: str = hall.world.session) -> str:
        asked = EnterAsk(session=session, seat=bidder, key=key("page"), way="certificate", audience=ORIGIN)
        wanted = await hall.entrance.ask(outside, asked)
        return await hall.enters_from(outside, wanted)

    assert await tried("b1") == "PersonMismatch"
    assert [await tried("b9"), await tried("b1", "s-none")] == ["PersonUntold"] * 2
    hall.bidder_named("b1", "张三")
    assert await tried("b1") == "entered"
    asked = EnterAsk(session=hall.world.session, seat="b1", key=key("page"), way="certificate")
    assert code(await hall.entrance.ask(hall.node(), asked)) == "UnknownSeat"


async def test_an_agent_who_came_by_certificate_is_an_agent_of_the_house(hall: Hall) -> None:
    hall.named(AGENT_SEAT, "张三")
    assert await hall.enters(await hall.asks("certificate", AGENT_SEAT)) == "entered"
    assert hall.enrolled == [key("fresh")]
    assert isinstance(hall.entered[-1], Entered)
