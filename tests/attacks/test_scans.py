"""Scans and passkeys that must not be believed: relayed codes, replayed assertions, wrong digits.

Each says what the attacker had, what it tried, what stopped it, and has its control that succeeds.
"""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from msgspec.structs import replace

from ops.ca.making import Withdrawn
from protocol import canonical, limits
from protocol.commands import BindSeat
from protocol.commands_identity import DelegateSeatKey
from protocol.hidden import Disclosed
from protocol.plan.case import Case, read_case
from protocol.refusals import Refusal
from protocol.seal.trust import judge
from protocol.voices import Scanning, VoiceAsk, VoiceWanted
from protocol.words import SESSION_STAGE
from server.gateway.lockout import PAIR_FAILURES_MAX, PAIR_LOCK_MS
from server.gateway.passkey_book import BookDamaged, PasskeyBook
from server.gateway.scans import Whence
from server.store.sqlite import SqliteStore
from server.telemetry import Meters
from tests.attacks.hall import ORIGIN, Hall, code
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


async def scanned(hall: Hall, phone: Phone, seat: str = "", **changes: Any) -> str:
    """A scan from beginning to end; the code of what the phone is told."""
    wanted = await hall.wanted("passkey", seat)
    return code(await hall.voices.sign(phone.signs(hall.shown(wanted), wanted.compare, **changes)))


async def test_who_scans_with_a_bound_passkey_speaks_for_their_seat(hall: Hall) -> None:
    """The control of all attacks below: enrolled once, scanned, and taken into the record."""
    phone = Phone(ORIGIN)
    assert await hall.bound(phone) == "bound"
    wanted = await hall.wanted("passkey")
    assert wanted.scan == f"{ORIGIN}/scan/#{wanted.nonce.hex()}"
    assert await hall.stands(wanted) == "waiting"
    assert code(await hall.voices.sign(phone.signs(hall.shown(wanted), wanted.compare))) == "done"
    scan = hall.voices.scans.find(wanted.nonce)
    assert scan is not None
    assert isinstance(scan.outcome, Scanning)
    voiced = scan.outcome.voiced
    assert voiced is not None
    assert (voiced.means, voiced.person) == ("passkey", "张三")
    hall.world.now = AT
    act = DelegateSeatKey("passkey", voiced.disclosure.digest, voiced.until, voiced.attestation)
    hall.world.disclosed = Disclosed(hall.world.held)
    hall.world.must(hall.seat, act, SESSION_STAGE, (voiced.disclosure,))
    assert hall.world.at.identity.delegated[key(hall.seat)].means == "passkey"


async def test_a_relayed_code_gives_the_attackers_seat_no_voice(hall: Hall) -> None:
    """Had: a seat of their own with a code, and a victim who scans whatever is shown to them.

    Tried: to show the victim the code of the attacker's seat. Stopped by: a seat is one person's.
    """
    phone = Phone(ORIGIN)
    assert await hall.bound(phone) == "bound"
    assert await scanned(hall, phone, seat=hall.other) == "PersonMismatch"
    assert await scanned(hall, phone) == "done"


async def test_a_relayed_code_signed_by_the_attackers_own_passkey_is_not_the_victims_voice(
    hall: Hall,
) -> None:
    """Had: a photograph of the code on the victim's desk, and a passkey. Tried: to sign it.

    Stopped by: the passkey is nobody's here; a bound one would be its holder's and not this seat's person's.
    """
    assert await hall.bound(Phone(ORIGIN)) == "bound"
    assert await scanned(hall, Phone(ORIGIN, 2)) == "PasskeyUnknown"
    assert await scanned(hall, Phone(ORIGIN)) == "PasskeyCopied"
    assert await scanned(hall, Phone(ORIGIN), step=9) == "done"


async def test_an_assertion_that_was_overheard_is_of_no_use(hall: Hall) -> None:
    """Had: an answer that was taken. Tried: to send it again, to its scan and to another.

    Stopped by: a scan is used once, and the statement names its nonce.
    """
    phone = Phone(ORIGIN)
    assert await hall.bound(phone) == "bound"
    wanted = await hall.wanted("passkey")
    answer = phone.signs(hall.shown(wanted), wanted.compare)
    assert code(await hall.voices.sign(answer)) == "done"
    assert code(await hall.voices.sign(answer)) == "ChallengeStale"
    again = await hall.wanted("passkey")
    replayed = msgspec.structs.replace(answer, nonce=again.nonce, compare=again.compare)
    assert code(await hall.voices.sign(replayed)) == "AssertionMismatch"
    assert await scanned(hall, phone) == "done"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"origin": "https://coordinator.examp1e"}, "AssertionMismatch"),
        ({"origin": "http://coordinator.example"}, "AssertionMismatch"),
        ({"host": "coordinator.examp1e"}, "AssertionMismatch"),
        ({"cross": True}, "AssertionMismatch"),
        ({"type": "webauthn.create"}, "AssertionMismatch"),
        ({"flags": 0x01}, "AssertionMismatch"),
        ({"signed_seat": "M9"}, "AssertionMismatch"),
        ({"audience": "https://coordinator.examp1e"}, "AssertionMismatch"),
        ({"by": ec.derive_private_key(7, ec.SECP256R1())}, "AssertionForged"),
    ],
)
async def test_an_assertion_is_for_this_place_this_seat_and_a_verified_holder(
    hall: Hall, changes: dict[str, Any], expected: str
) -> None:
    """Had: a victim on a page of another origin, or a phone that asks nobody. Tried: to use what it signed.

    Stopped by: origin, host, kind, verification and statement are all signed and compared.
    """
    phone = Phone(ORIGIN)
    assert await hall.bound(phone) == "bound"
    assert await scanned(hall, phone, **changes) == expected
    assert await scanned(hall, phone) == "done"


async def test_after_a_minute_a_code_is_worth_nothing(hall: Hall) -> None:
    """Had: a code from a minute ago. Tried: to open and to sign it. Stopped by: its end, and a newer code."""
    phone = Phone(ORIGIN)
    assert await hall.bound(phone) == "bound"
    wanted = await hall.wanted("passkey")
    shown = hall.shown(wanted)
    hall.clock.now += limits.CHALLENGE_MS
    assert isinstance(hall.voices.scans.shown(wanted.nonce, ORIGIN), Refusal)
    assert code(await hall.voices.sign(phone.signs(shown, wanted.compare))) == "ChallengeStale"
    assert await hall.stands(wanted) == "ChallengeStale"
    first = await hall.wanted("passkey")
    shown = hall.shown(first)
    second = await hall.wanted("passkey")
    assert code(await hall.voices.sign(phone.signs(shown, first.compare))) == "ChallengeStale"
    assert code(await hall.voices.sign(phone.signs(hall.shown(second), second.compare))) == "done"


async def test_who_does_not_see_the_desk_has_one_try_in_a_hundred(hall: Hall) -> None:
    """Had: the code but not the two digits beside it. Tried: to guess them, again and again.

    Stopped by: one try for each scan; after a few the seat waits, and another seat does not.
    """
    phone = Phone(ORIGIN)
    assert await hall.bound(phone) == "bound"
    for _ in range(PAIR_FAILURES_MAX):
        wanted = await hall.wanted("passkey")
        wrong = f"{(int(wanted.compare) + 1) % 100:02d}"
        shown = hall.shown(wanted)
        assert code(await hall.voices.sign(phone.signs(shown, wrong))) == "ComparisonMismatch"
        assert code(await hall.voices.sign(phone.signs(shown, wanted.compare))) == "ChallengeStale"
        assert await hall.stands(wanted) == "ComparisonMismatch"
    locked = await hall.voices.ask(hall.node(), hall.asked("passkey"))
    assert code(locked) == "SignInLocked"
    assert code(await hall.voices.ask(hall.node(hall.other), hall.asked("passkey", hall.other))) == "voiced"
    hall.clock.now += PAIR_LOCK_MS
    assert await scanned(hall, phone) == "done"


async def test_the_digits_that_were_typed_are_part_of_what_is_signed(hall: Hall) -> None:
    """Had: a phone page that lies about the digits. Tried: to sign others than it sends.

    Stopped by: the statement that is digested holds the digits of the desk.
    """
    phone = Phone(ORIGIN)
    assert await hall.bound(phone) == "bound"
    assert await scanned(hall, phone, signed_compare="xx") == "AssertionMismatch"
    assert await scanned(hall, phone) == "done"


async def test_a_passkey_ends_with_its_certificate(hall: Hall) -> None:
    """Had: a passkey whose certificate is revoked. Tried: to sign on. Stopped by: judged anew each time."""
    phone = Phone(ORIGIN)
    assert await hall.bound(phone) == "bound"
    assert await scanned(hall, phone) == "done"
    province = hall.person.province
    hall.evidence = judge.read_evidence(province.crls(Withdrawn(1001, AT - 1)), ())
    assert await scanned(hall, phone) == "CertificateRevoked"
    hall.evidence = judge.read_evidence((), ())
    assert await scanned(hall, phone) == "RevocationUnknown"


@pytest.mark.parametrize(
    "changes",
    [
        {"origin": "https://coordinator.examp1e"},
        {"host": "examp1e"},
        {"flags": 0x01},
        {"type": "webauthn.get"},
    ],
)
async def test_a_passkey_that_was_made_elsewhere_or_unverified_is_not_bound(
    hall: Hall, changes: dict[str, Any]
) -> None:
    """Had: a passkey for another place. Tried: to have it bound. Stopped by: what its maker signed."""
    assert await hall.bound(Phone(ORIGIN), **changes) == "AssertionMismatch"
    assert await hall.bound(Phone(ORIGIN)) == "bound"


async def test_a_passkey_is_bound_once(hall: Hall) -> None:
    """Had: somebody's bound passkey. Tried: to bind it to another certificate. Stopped by: bound once."""
    phone = Phone(ORIGIN)
    assert await hall.bound(phone) == "bound"
    assert await hall.bound(phone) == "PasskeyTaken"


async def test_what_a_coordinator_kept_in_a_file_is_taken_over_once(hall: Hall, tmp_path: Path) -> None:
    phone = Phone(ORIGIN)
    assert await hall.bound(phone) == "bound"
    assert await scanned(hall, phone) == "done"
    known = await hall.book.find(hashlib.sha256(phone.credential).digest())
    assert known is not None
    path = tmp_path / "passkeys.jsonl"
    path.write_bytes(canonical.encode(replace(known, count=known.count + 7)) + b"\n")
    other = PasskeyBook(SqliteStore(tmp_path / "other.db", Meters(), 1))
    kept = path.read_bytes()
    for book in (other, hall.book):
        await book.take_over(path)
        assert not path.exists()
        found = await book.find(known.credential)
        assert found == replace(known, count=known.count + 7), "the count never goes back"
        await book.take_over(path)
        path.write_bytes(kept)
    path.write_bytes(kept[:-9])
    with pytest.raises(BookDamaged):
        await other.take_over(path)
    assert path.exists()
    await other._store.close()


async def test_a_certificate_gives_a_voice_to_its_own_persons_seat_alone(hall: Hall) -> None:
    """Had: a good certificate and another person's seat. Tried: to speak for that seat, for another key.

    Stopped by: a seat is one person's; what is signed is what was asked for.
    """
    assert await hall.gives(await hall.wanted("certificate", hall.other)) == "PersonMismatch"
    wanted = await hall.wanted("certificate")
    assert await hall.gives(wanted, key=key("somebody")) == "StatementMismatch"
    assert await hall.gives(wanted) == "ChallengeStale"
    assert await hall.gives(await hall.wanted("certificate")) == "voiced"
    stranger = key("a stranger's node")
    wrong_venue = await hall.voices.ask(Whence(stranger, stranger), hall.asked("certificate"))
    assert code(wrong_venue) == "WrongVenue"


async def test_a_bidders_key_is_asked_for_from_outside_and_at_no_node(hall: Hall) -> None:
    """Had: a venue's node, and a bidder's key in the record. Tried: to have that key challenged there.

    Stopped by: a bidder sits at no venue; its own page asks, and a seat's key is not asked for from there.
    """
    hall.world.must("b1", BindSeat("b1", "code", hall.world.attest("b1", "b1")))
    asked = VoiceAsk(hall.world.session, "b1", key("b1"), "certificate")
    for whence in (hall.node(), Whence(key("home"), key("home"))):
        assert code(await hall.voices.ask(whence, asked)) == "WrongVenue"
    outside = Whence("", "192.0.2.7")
    assert code(await hall.voices.ask(outside, hall.asked("certificate"))) == "WrongVenue"
    assert isinstance(await hall.voices.ask(outside, asked), VoiceWanted)
