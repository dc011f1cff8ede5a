"""The scans that are out: shown on a desk, opened by a phone, good once and for a minute (SPEC 19.4).

Owns how a scan stands between the two. The two digits go to the desk alone; the phone has one try.
"""

from collections.abc import Callable
from typing import Final

import segno
from msgspec import Struct

from protocol import limits
from protocol.refusals import Refusal, refuse
from protocol.seal.trust.spoken import Challenge
from protocol.voices import Scanning, ScanShown, VoiceAsk, Way
from protocol.words import Role
from server.gateway.certified import CHALLENGES_MAX, NONCE_BYTES

ENROL_MS: Final = 300_000
"""How long a passkey that was made waits for its certificate: a UKey is put in, its PIN is typed."""
SCAN_PAGE: Final = "/scan/"
COMPARE_COUNT: Final = 100


class Seat(Struct, frozen=True):
    """A seat whose key asks: its role, its venue, whose it is as far as the record tells (else empty)."""

    role: Role
    venue: str
    person: str


class Whence(Struct, frozen=True):
    """Whence somebody asks: a venue's node, none from outside; and the address that failures count at."""

    node_key: str
    address: str


class Scan(Struct):
    """A scan that is out: what it is of, the two digits, and how it stands.

    `credential`, `spki` and `count` are of the passkey that the phone has made; `spent`: the try was made.
    """

    asked: VoiceAsk
    role: Role
    venue: str
    whence: Whence
    person: str
    challenge: Challenge
    until: int
    compare: str
    spent: bool = False
    outcome: Scanning | Refusal | None = None
    credential: bytes = b""
    spki: bytes = b""
    count: int = 0


class Scans:
    """One scan for each seat's key; the newest ends any other."""

    def __init__(
        self, secret: Callable[[int], bytes], now_ms: Callable[[], int], *, entering: bool = False
    ) -> None:
        """Nothing is out yet; `entering` where what is scanned is a sign-in."""
        self._entering = entering
        self._secret = secret
        self._now_ms = now_ms
        self._out: dict[bytes, Scan] = {}

    def begin(self, asked: VoiceAsk, of: Seat, whence: Whence, until: int) -> Scan | Refusal:
        """A new scan, for the desk that asks; `TooBusy` while too many are out."""
        now = self._now_ms()
        self._out = {
            nonce: one
            for nonce, one in self._out.items()
            if now - one.challenge.issued_at < ENROL_MS and asker(one.asked) != asker(asked)
        }
        if len(self._out) >= CHALLENGES_MAX:
            return refuse("TooBusy")
        challenge = Challenge(self._secret(NONCE_BYTES), now)
        # 2^32 is no multiple of 100, but no two digits are more likely by more than one in 40 million.
        number = int.from_bytes(self._secret(4), "big") % COMPARE_COUNT
        scan = Scan(asked, of.role, of.venue, whence, of.person, challenge, until, f"{number:02d}")
        self._out[challenge.nonce] = scan
        return scan

    def find(self, nonce: bytes) -> Scan | None:
        """The scan of a nonce, as long as it is kept."""
        return self._out.get(nonce)

    def end(self, nonce: bytes) -> None:
        """Forget a scan."""
        self._out.pop(nonce, None)

    def shown(self, nonce: bytes, audience: str) -> ScanShown | Refusal:
        """What the phone shows before anything is signed; without the two digits."""
        scan = self._out.get(nonce)
        if scan is None or scan.spent:
            return stale()
        late = self.late(scan)
        if late is not None:
            return late
        asked = scan.asked
        return ScanShown(
            way="sign-in" if self._entering else asked.way, audience=audience, at=scan.challenge.issued_at,
            key=asked.key, nonce=nonce, role=scan.role, seat=asked.seat, session=asked.session,
            until=scan.until, venue=scan.venue, left_ms=self.left_ms(scan),
        )  # fmt: skip

    def take(self, nonce: bytes, way: Way, compare: str) -> Scan | Refusal:
        """The scan of a nonce, used up: one try, with the digits that the desk shows."""
        scan = self._out.get(nonce)
        if scan is None or scan.spent or scan.asked.way != way:
            return stale()
        scan.spent = True
        fault = self.late(scan) or (refuse("ComparisonMismatch") if compare != scan.compare else None)
        if fault is None:
            return scan
        scan.outcome = fault
        return fault

    def late(self, scan: Scan) -> Refusal | None:
        """`ChallengeStale` once its minute is over."""
        return None if self.left_ms(scan) > 0 else stale()

    def left_ms(self, scan: Scan) -> int:
        """How long the phone may still sign."""
        return max(0, scan.challenge.issued_at + limits.CHALLENGE_MS - self._now_ms())


def qr_rows(text: str) -> tuple[str, ...]:
    """A QR code (ISO/IEC 18004, error correction M) as rows of `0` and `1`, without its margin.

    >>> len(qr_rows("https://coordinator.example/scan/#00")) >= 21
    True
    """
    return tuple(
        "".join(str(cell) for cell in row) for row in segno.make(text, error="m", micro=False).matrix
    )


def asker(asked: VoiceAsk) -> str:
    """Who is challenged: a seat's key in a session."""
    return f"{asked.session} {asked.seat} {asked.key}"


def stale() -> Refusal:
    """A challenge that is not out, or no more."""
    return refuse("ChallengeStale", seconds=limits.CHALLENGE_MS // 1000)
