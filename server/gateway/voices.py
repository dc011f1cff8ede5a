"""Giving a person's voice to a seat's key: challenged, signed, judged, attested (SPEC 19.3 to 19.5).

Owns what is asked for and not yet answered: one challenge for each seat's key, good once and for a minute;
and how a scan stands between the desk that shows it and the phone that signs. A seat is known by its key in
the record; the person by a certificate, or by a passkey that a certificate has bound. Nothing is kept here
that would let anybody sign later. Must not know sockets or HTTP.
"""

import hashlib
from collections.abc import Callable
from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from protocol import hidden, limits
from protocol.refusals import Refusal, refuse
from protocol.seal import signing
from protocol.seal.trust import certificate, scanned
from protocol.seal.trust.certificate import Certificate
from protocol.seal.trust.proved import ByCertificate, ByPasskey, Judged, SeatEvidence
from protocol.seal.trust.scanned import Assertion, ScannedDelegation, SignedScan
from protocol.seal.trust.spoken import (
    Challenge,
    PasskeyBinding,
    SeatDelegation,
    SignedBinding,
    SignedDelegation,
    Spoken,
)
from protocol.session.phases import RULES
from protocol.voices import (
    PasskeyBind,
    PasskeyBound,
    ScanDone,
    ScanEnrol,
    Scanning,
    ScanShown,
    ScanSign,
    VoiceAsk,
    Voiced,
    VoiceGive,
    VoiceScanned,
    VoiceWanted,
    Way,
)
from server.gateway.certified import CHALLENGES_MAX, Certified, Challenges, read
from server.gateway.lockout import Lockout
from server.gateway.passkey_book import Passkey, PasskeyBook
from server.gateway.passkeys import made_passkey
from server.gateway.persons import common_name, other_person, person_of
from server.gateway.scans import ENROL_MS, SCAN_PAGE, Scan, Scans, Seat, Whence, asker, qr_rows, stale
from server.senses import Senses
from server.sessions.agents import Agents
from server.sessions.registry import Registry
from server.sessions.signer import Signer

VOICE_MS: Final = 7 * 86_400_000
"""How long a seat's key speaks for whoever it was delegated by: a session, and a suspension overnight."""


class Wiring(Struct, frozen=True):
    """What giving voices draws on; `audience` is the origin that phones and people see."""

    registry: Registry
    signer: Signer
    senses: Senses
    certified: Certified
    challenges: Challenges
    book: PasskeyBook
    lockout: Lockout
    audience: Callable[[], str]
    agents: Agents


class Voices:
    """The identity node's side of it."""

    def __init__(self, by: Wiring) -> None:
        """Nothing is out yet."""
        self._by = by
        self._wanted: dict[str, VoiceWanted] = {}
        self.scans = Scans(by.senses.secret, by.senses.now_ms)

    # --- asked by the seat's page, through its node -----------------------------------------------

    async def ask(self, whence: Whence, asked: VoiceAsk) -> VoiceWanted | Refusal:
        """Challenge a seat's key; whatever was out for it ends.

        Args:
          whence: a seat is asked for at its own venue; a bidder, whose cookie was looked at, from outside.
          asked: whose voice, and how.
        """
        seat = await self._seat(whence, asked)
        if isinstance(seat, Refusal):
            return seat
        locked = self._by.lockout.fault(_name(asked), whence.address, self._by.senses.running_ms())
        if locked is not None:
            return locked
        now = self._by.senses.now_ms()
        until = now + VOICE_MS
        if asked.way == "certificate":
            challenge = self._by.challenges.send(asker(asked), now)
            if isinstance(challenge, Refusal):
                return challenge
            wanted = self._told(asked, seat, challenge, until)
            self._wanted[asker(asked)] = wanted
            while len(self._wanted) > CHALLENGES_MAX:
                del self._wanted[next(iter(self._wanted))]
            return wanted
        scan = self.scans.begin(asked, seat, whence, until)
        if isinstance(scan, Refusal):
            return scan
        told = self._told(asked, seat, scan.challenge, until)
        # The nonce stands behind `#`: it reaches no server's log.
        address = f"{self._by.audience()}{SCAN_PAGE}#{scan.challenge.nonce.hex()}"
        return replace(told, scan=address, qr=qr_rows(address), compare=scan.compare)

    async def give(self, whence: Whence, given: VoiceGive) -> Voiced | Refusal:
        """Judge a delegation that was signed by certificate."""
        asked = VoiceAsk(given.session, given.seat, given.key, "certificate")
        seat = await self._seat(whence, asked)
        if isinstance(seat, Refusal):
            return seat
        wanted = self._wanted.pop(asker(asked), None)
        if wanted is None:
            return stale()
        raw = given.signed.encode()
        signed = read(raw, SignedDelegation)
        if isinstance(signed, Refusal):
            return signed
        # The certificate is the person's own choice; everything else is as it was asked for.
        shown = SeatDelegation(
            at=signed.statement.at, certificate=signed.statement.certificate, key=wanted.key,
            nonce=wanted.nonce, role=seat.role, seat=wanted.seat, session=wanted.session, until=wanted.until,
        )  # fmt: skip
        now = self._by.senses.now_ms()
        found = await self._by.certified.delegate(asker(asked), raw, shown, now)
        found = _of_person(found, seat)
        self._count(asked, whence, found)
        if isinstance(found, Refusal):
            return found
        judged = Judged(at=now, trust_list=self._by.certified.list_digest, until=found.until)
        return self._attested(asked, ByCertificate(signed=signed, judged=judged), wanted.until, found.person)

    async def scanned(self, whence: Whence, asked: VoiceScanned) -> Scanning | Refusal:
        """How the scan of a nonce stands; only the seat that began it is told."""
        scan = self.scans.find(asked.nonce)
        if scan is None or (scan.asked.session, scan.asked.seat, scan.asked.key) != (
            asked.session, asked.seat, asked.key,
        ):  # fmt: skip
            return stale()
        seat = await self._seat(whence, scan.asked)
        if isinstance(seat, Refusal):
            return seat
        if scan.outcome is None:
            return self.scans.late(scan) or Scanning(stands="waiting")
        return scan.outcome

    async def bind(self, whence: Whence, given: PasskeyBind) -> PasskeyBound | Refusal:
        """Bind the passkey that a phone has made to the certificate that signs for it, once.

        Raises:
          NotDurable: the store does not take it.
        """
        scan = self.scans.find(given.nonce)
        if scan is None or scan.asked.way != "enrol" or not scan.credential:
            return stale()
        seat = await self._seat(whence, scan.asked)
        if isinstance(seat, Refusal):
            return seat
        if (given.session, given.seat, given.key) != (scan.asked.session, scan.asked.seat, scan.asked.key):
            return stale()
        self.scans.end(given.nonce)
        signed = read(given.signed.encode(), SignedBinding)
        if isinstance(signed, Refusal):
            return signed
        said = signed.statement
        wanted = PasskeyBinding(
            at=said.at, audience=self._by.audience(), certificate=said.certificate,
            credential=scan.credential, nonce=scan.challenge.nonce, spki=scan.spki,
        )  # fmt: skip
        now = self._by.senses.now_ms()
        # The minute was for the phone; for the certificate the clock began when the passkey was made.
        fresh = Challenge(scan.challenge.nonce, now) if now - scan.challenge.issued_at < ENROL_MS else None
        if fresh is None:
            return stale()
        found = _of_person(await self._by.certified.bind(signed, fresh, wanted, now), seat)
        self._count(scan.asked, whence, found)
        if isinstance(found, Refusal):
            return found
        fault = await self._by.book.bind(
            Passkey(credential=scan.credential, binding=signed, count=scan.count)
        )
        return fault or PasskeyBound(common_name(found.person))

    # --- asked by the phone -----------------------------------------------------------------------

    def shown(self, nonce: bytes) -> ScanShown | Refusal:
        """What the phone shows before anything is signed."""
        return self.scans.shown(nonce, self._by.audience())

    async def sign(self, given: ScanSign) -> ScanDone | Refusal:
        """Take a passkey's assertion; the scan is used up, whatever comes of it.

        Raises:
          NotDurable: the store does not take the passkey's count.
        """
        scan = self._take(given.nonce, "passkey", given.compare)
        if isinstance(scan, Refusal):
            return scan
        found = await self._judged(scan, given)
        self._count(scan.asked, scan.whence, found)
        if isinstance(found, Refusal):
            scan.outcome = found
            return found
        scan.outcome = Scanning(stands="delegated", voiced=found)
        return ScanDone(found.person)

    def enrol(self, given: ScanEnrol) -> ScanDone | Refusal:
        """Take a passkey that was made on the phone; it counts once its certificate has signed for it."""
        scan = self._take(given.nonce, "enrol", given.compare)
        if isinstance(scan, Refusal):
            return scan
        made = made_passkey(given, scan.challenge.nonce, self._by.audience())
        if isinstance(made, Refusal):
            scan.outcome = made
            return made
        scan.credential, scan.spki, scan.count = made.credential, made.spki, made.count
        scan.outcome = Scanning(stands="made", credential=made.credential, spki=made.spki)
        return ScanDone()

    # --- within -----------------------------------------------------------------------------------

    async def _judged(self, scan: Scan, given: ScanSign) -> Voiced | Refusal:
        """Whose passkey it is, whether it has signed just this, and whether its certificate counts today."""
        asked = scan.asked
        known = await self._by.book.find(hashlib.sha256(given.credential).digest())
        if known is None:
            return refuse("PasskeyUnknown")
        statement = ScannedDelegation(
            at=scan.challenge.issued_at, audience=self._by.audience(), compare=scan.compare, key=asked.key,
            nonce=scan.challenge.nonce, role=scan.role, seat=asked.seat, session=asked.session,
            until=scan.until,
        )  # fmt: skip
        assertion = Assertion(authenticator=given.authenticator, client=given.client, sig=given.sig)
        signed = SignedScan(statement=statement, assertion=assertion, binding=known.binding)
        fault = scanned.scan_fault(signed)
        if fault is None:
            count = scanned.count_of(assertion)
            fault = await self._by.book.counted(known, count)
        if fault is not None:
            return fault
        now = self._by.senses.now_ms()
        verdict = await self._by.certified.still(known.binding, now)
        if verdict.reason is not None:
            return verdict.reason
        own = certificate.read(known.binding.certificate)
        assert isinstance(own, Certificate), "it was read when the passkey was bound"
        other = other_person(own, scan.person)
        if other is not None:
            return other
        judged = Judged(at=now, trust_list=self._by.certified.list_digest, until=verdict.until)
        return self._attested(asked, ByPasskey(signed=signed, judged=judged), scan.until, own)

    def _take(self, nonce: bytes, way: Way, compare: str) -> Scan | Refusal:
        """A scan's one try; other digits than the desk's count as a failure at that desk."""
        scan = self.scans.find(nonce)
        taken = self.scans.take(nonce, way, compare)
        if scan is not None and isinstance(taken, Refusal) and taken.code == "ComparisonMismatch":
            self._count(scan.asked, scan.whence, taken)
        return taken

    def _told(self, asked: VoiceAsk, seat: Seat, challenge: Challenge, until: int) -> VoiceWanted:
        return VoiceWanted(
            session=asked.session, seat=asked.seat, role=seat.role, key=asked.key, way=asked.way,
            audience=self._by.audience(), nonce=challenge.nonce, at=challenge.issued_at, until=until,
            left_ms=limits.CHALLENGE_MS,
        )  # fmt: skip

    def _attested(self, asked: VoiceAsk, evidence: SeatEvidence, until: int, own: Certificate) -> Voiced:
        """The installation's word for it, and the disclosure that it is about.

        The salt is this house's: the evidence is, too.
        """
        salt = self._by.senses.secret(limits.SALT_BYTES)
        made = hidden.disclose("delegation", salt, evidence)
        means: Literal["certificate", "passkey"] = (
            "certificate" if isinstance(evidence, ByCertificate) else "passkey"
        )
        sig = self._by.signer.attest_delegation(
            asked.session, asked.seat, asked.key, means, made.digest, until
        )
        return Voiced(
            session=asked.session, seat=asked.seat, key=asked.key, means=means, until=until,
            attestation=sig, disclosure=made, person=common_name(own),
        )  # fmt: skip

    async def _seat(self, whence: Whence, asked: VoiceAsk) -> Seat | Refusal:
        """The seat whose key asks, whence it may, under rules that know delegations."""
        published = await self._by.registry.current(asked.session)
        if published is None:
            return refuse("UnknownSession", session=asked.session)
        state = published.state
        if "DelegateSeatKey" not in RULES[state.rules_version].acts:
            return refuse("NotYetAvailable", type="DelegateSeatKey", version=state.rules_version)
        who = state.keys.get(asked.key)
        if who is None or who.seat != asked.seat or not signing.is_key(asked.key):
            return refuse("UnknownAuthor")
        if who.role == "bidder":
            home = ""
        else:
            venue = state.venues.get(who.venue)
            home = published.home_key if venue is None else venue.node_key
        if whence.node_key != home:
            return refuse("WrongVenue", seat=asked.seat, venue=who.venue)
        return Seat(who.role, who.venue, person_of(published, asked.seat))

    def _count(self, asked: VoiceAsk, whence: Whence, found: object) -> None:
        if isinstance(found, Refusal):
            self._by.lockout.failed(_name(asked), whence.address, self._by.senses.running_ms())
        else:
            self._by.lockout.succeeded(_name(asked), whence.address)


def _of_person(found: Spoken | Refusal, seat: Seat) -> Spoken | Refusal:
    if isinstance(found, Refusal):
        return found
    return other_person(found.person, seat.person) or found


def _name(asked: VoiceAsk) -> str:
    return f"{asked.session}/{asked.seat}"
