"""Signing in by certificate, or by a passkey on a phone: challenged, signed, judged, vouched for (SPEC 19.9).

Owns what is asked for and not yet answered, for each key that a page has made; and that a seat is entered by
its own person alone, as far as the record tells who that is: nobody sits down where it does not. Which seat
may be asked for at which node is `identity`'s; what a bidder is given for it, `bidders`'. Must not know
sockets or HTTP.
"""

import hashlib
from typing import Literal

from msgspec.structs import replace

from protocol import canonical, limits
from protocol.entering import EnterAsk, Entered, EnterGive, Entering, EnterWanted
from protocol.projection.bidder import bidders
from protocol.refusals import Refusal, refuse
from protocol.seal import signing
from protocol.seal.trust import certificate, scanned
from protocol.seal.trust.certificate import Certificate
from protocol.seal.trust.scanned import Assertion, ScannedSignIn
from protocol.voices import ScanDone, ScanShown, ScanSign, VoiceAsk
from protocol.wire import Attested, Proof
from protocol.words import Role
from server.gateway.certified import CHALLENGES_MAX
from server.gateway.identity import misplaced
from server.gateway.persons import common_name, stranger
from server.gateway.scans import SCAN_PAGE, Scan, Scans, Seat, Whence, qr_rows, stale
from server.gateway.voices import Wiring

Means = Literal["certificate", "passkey"]


class Entrance:
    """The identity node's door for people with certificates."""

    def __init__(self, by: Wiring) -> None:
        """Nothing is out yet."""
        self._by = by
        self._wanted: dict[str, EnterWanted] = {}
        self._entered: dict[bytes, Entered] = {}
        self.scans = Scans(by.senses.secret, by.senses.now_ms, entering=True)

    # --- asked by the page ------------------------------------------------------------------------

    async def ask(self, whence: Whence, asked: EnterAsk) -> EnterWanted | Refusal:
        """Challenge a key that a page has made; whatever was out for it ends.

        From outside a challenge tells nobody whether there is such a session, or such a bidder.
        """
        if not signing.is_key(asked.key):
            return refuse("Malformed", why="key")
        seat = await self._seat(whence, asked.session, asked.seat, asked.key)
        if isinstance(seat, Refusal):
            return seat
        locked = self._by.lockout.fault(_name(asked), whence.address, self._by.senses.running_ms())
        if locked is not None:
            return locked
        now = self._by.senses.now_ms()
        if asked.way == "certificate":
            challenge = self._by.challenges.send(_asker(asked), now)
            if isinstance(challenge, Refusal):
                return challenge
            wanted = _told(asked, challenge.nonce, now)
            self._wanted[_asker(asked)] = wanted
            while len(self._wanted) > CHALLENGES_MAX:
                del self._wanted[next(iter(self._wanted))]
            return wanted
        shown = VoiceAsk(asked.session, asked.seat, asked.key, "passkey")
        scan = self.scans.begin(shown, seat, whence, 0)
        if isinstance(scan, Refusal):
            return scan
        address = f"{self._by.audience()}{SCAN_PAGE}#{scan.challenge.nonce.hex()}"
        told = _told(asked, scan.challenge.nonce, now)
        return replace(
            told, audience=self._by.audience(), scan=address, qr=qr_rows(address), compare=scan.compare
        )

    async def give(self, whence: Whence, given: EnterGive) -> Entered | Refusal:
        """Judge a sign-in that was signed by certificate.

        Raises:
          NotDurable: an agent's key cannot be kept.
        """
        asker = _asker(given)
        wanted = self._wanted.pop(asker, None)
        if wanted is None:
            return stale()
        now = self._by.senses.now_ms()
        found = await self._by.certified.sign_in(asker, given.signed.encode(), wanted.audience, now)
        done = (
            found if isinstance(found, Refusal)
            else await self._vouched(whence, given, "certificate", found.person)
        )  # fmt: skip
        self._count(given, whence, done)
        return done

    async def scanned(self, whence: Whence, proof: Proof) -> Entering | Refusal:
        """How the scan of a nonce stands; told to whoever holds the key that it was begun for, and once.

        A code that was photographed brings nobody in: the key is the page's.
        """
        scan = self.scans.find(proof.nonce)
        if scan is None or (scan.asked.session, scan.asked.seat, scan.asked.key, scan.whence.node_key) != (
            proof.session, proof.seat, proof.key, whence.node_key,
        ):  # fmt: skip
            return stale()
        told = {"session": proof.session, "seat": proof.seat, "key": proof.key, "nonce": proof.nonce}
        if not signing.verify(proof.key, canonical.tag("prove/v1") + canonical.encode(told), proof.sig):
            return refuse("BadSignature")
        if isinstance(scan.outcome, Refusal):
            return scan.outcome
        entered = self._entered.pop(proof.nonce, None)
        if entered is None:
            return self.scans.late(scan) or Entering()
        self.scans.end(proof.nonce)
        return Entering(entered)

    # --- asked by the phone -----------------------------------------------------------------------

    def shown(self, nonce: bytes) -> ScanShown | Refusal:
        """What the phone shows before anything is signed."""
        return self.scans.shown(nonce, self._by.audience())

    async def sign(self, given: ScanSign) -> ScanDone | Refusal:
        """Take a passkey's assertion; the scan is used up, whatever comes of it.

        Raises:
          NotDurable: the passkey's count, or an agent's key, cannot be kept.
        """
        scan = self.scans.find(given.nonce)
        taken = self.scans.take(given.nonce, "passkey", given.compare)
        if isinstance(taken, Refusal):
            if scan is not None and taken.code == "ComparisonMismatch":
                self._count(scan.asked, scan.whence, taken)
            return taken
        found = await self._judged(taken, given)
        self._count(taken.asked, taken.whence, found)
        if isinstance(found, Refusal):
            taken.outcome = found
            return found
        self._entered[given.nonce] = found
        while len(self._entered) > CHALLENGES_MAX:
            del self._entered[next(iter(self._entered))]
        return ScanDone(found.person)

    # --- within -----------------------------------------------------------------------------------

    async def _judged(self, scan: Scan, given: ScanSign) -> Entered | Refusal:
        """Whose passkey it is, whether it has signed just this, and whether its certificate counts today."""
        asked = scan.asked
        known = await self._by.book.find(hashlib.sha256(given.credential).digest())
        if known is None:
            return refuse("PasskeyUnknown")
        statement = ScannedSignIn(
            at=scan.challenge.issued_at, audience=self._by.audience(), compare=scan.compare, key=asked.key,
            nonce=scan.challenge.nonce, role=scan.role, seat=asked.seat, session=asked.session,
        )  # fmt: skip
        assertion = Assertion(authenticator=given.authenticator, client=given.client, sig=given.sig)
        fault = scanned.sign_in_fault(statement, assertion, known.binding)
        if fault is None:
            count = scanned.count_of(assertion)
            fault = await self._by.book.counted(known, count)
        if fault is not None:
            return fault
        verdict = await self._by.certified.still(known.binding, self._by.senses.now_ms(), "sign-in")
        if verdict.reason is not None:
            return verdict.reason
        own = certificate.read(known.binding.certificate)
        assert isinstance(own, Certificate), "it was read when the passkey was bound"
        return await self._vouched(scan.whence, asked, "passkey", own)

    async def _vouched(
        self, whence: Whence, asked: VoiceAsk | EnterGive, means: Means, own: Certificate
    ) -> Entered | Refusal:
        """The installation's word for the key, if the seat may still be entered and is this person's."""
        seat = await self._seat(whence, asked.session, asked.seat, asked.key)
        if isinstance(seat, Refusal):
            return seat
        published = await self._by.registry.current(asked.session)
        if published is None or (not whence.node_key and asked.seat not in bidders(published.state)):
            return refuse("PersonUntold", seat=asked.seat)
        fault = stranger(own, published, asked.seat)
        if fault is not None:
            return fault
        if seat.role == "agent":
            await self._by.agents.enrol(asked.key, self._by.senses.now_ms())
        sig = self._by.signer.attest(asked.session, asked.seat, asked.key, means)
        return Entered(Attested(asked.session, asked.seat, asked.key, means, sig), common_name(own))

    async def _seat(self, whence: Whence, session: str, name: str, key: str) -> Seat | Refusal:
        """The seat that may be entered from there; outside, whatever bidder somebody says they are."""
        if not whence.node_key:
            outside: Role = "bidder"
            return Seat(outside, "", "")
        published = await self._by.registry.current(session)
        if published is None:
            return refuse("UnknownSession", session=session)
        fault = misplaced(published, whence.node_key, name, key)
        if fault is not None:
            return fault
        seat = published.state.seats[name]
        return Seat(seat.role, seat.venue, "")

    def _count(self, asked: EnterAsk | EnterGive | VoiceAsk, whence: Whence, found: object) -> None:
        if isinstance(found, Refusal):
            self._by.lockout.failed(_name(asked), whence.address, self._by.senses.running_ms())
        else:
            self._by.lockout.succeeded(_name(asked), whence.address)


def _told(asked: EnterAsk, nonce: bytes, at: int) -> EnterWanted:
    return EnterWanted(
        session=asked.session, seat=asked.seat, key=asked.key, way=asked.way, audience=asked.audience,
        nonce=nonce, at=at, left_ms=limits.CHALLENGE_MS,
    )  # fmt: skip


def _asker(asked: EnterAsk | EnterGive) -> str:
    """Apart from whoever asks for a voice with the same key."""
    return f"sign-in {asked.session} {asked.seat} {asked.key}"


def _name(asked: EnterAsk | EnterGive | VoiceAsk) -> str:
    return f"{asked.session}/{asked.seat}"
