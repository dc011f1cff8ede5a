"""The messages by which a person's voice is given to a seat's key, or to a passkey (SPEC 19).

From a page through its node to the coordinator, in the namespaces `/desk` and `/node`; and from the phone's
page to the coordinator, over HTTP. Owns no transport. Statements that are signed stand in
`seal.trust.spoken` and `seal.trust.scanned`; they travel as their canonical text.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from protocol import limits
from protocol.hidden import Disclosure
from protocol.words import Id, KeyText, Millis, Role

VOICE_ASK = "voice_ask"
VOICE_GIVE = "voice_give"
VOICE_SCANNED = "voice_scanned"
PASSKEY_BIND = "passkey_bind"
"""Page to its node to the coordinator, each answered through its acknowledgement."""

SCAN_STATEMENT = "/scan/api/statement"
SCAN_SIGN = "/scan/api/sign"
SCAN_ENROL = "/scan/api/enrol"
"""Phone page to coordinator, HTTP POST of JSON."""

Way = Literal["certificate", "passkey", "enrol"]
"""How: by certificate here, by a passkey on a phone; or a phone's passkey is to be bound first."""
ScanWay = Literal["certificate", "passkey", "enrol", "sign-in"]
"""What a scan is for; `sign-in` stands in `protocol.entering`."""
Nonce = Annotated[bytes, Meta(min_length=32, max_length=32)]
SignedText = Annotated[str, Meta(max_length=limits.CERTIFICATE_FILE_BYTES_MAX)]
Piece = Annotated[bytes, Meta(max_length=limits.ASSERTION_BYTES_MAX)]
Compare = Annotated[str, Meta(pattern=r"^[0-9]{2}$(?!\n)")]


class VoiceAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """A seat whose key stands in the record asks to be challenged."""

    session: Id
    seat: Id
    key: KeyText
    way: Way


class VoiceWanted(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is to be signed: `nonce` is good once and for `left_ms`; the delegation would end at `until`.

    For `passkey` and `enrol`, `scan` is the address that a phone opens, `qr` the same as rows of `0` and `1`
    without a margin, and `compare` the two digits that the desk shows.
    """

    session: Id
    seat: Id
    role: Role
    key: KeyText
    way: Way
    audience: str
    nonce: Nonce
    at: Millis
    until: Millis
    left_ms: int
    scan: str = ""
    qr: tuple[str, ...] = ()
    compare: str = ""


class VoiceGive(Struct, frozen=True, forbid_unknown_fields=True):
    """A `SignedDelegation` as its canonical text."""

    session: Id
    seat: Id
    key: KeyText
    signed: SignedText


class VoiceScanned(Struct, frozen=True, forbid_unknown_fields=True):
    """Has the phone signed by now?"""

    session: Id
    seat: Id
    key: KeyText
    nonce: Nonce


class Voiced(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The identity node has judged: `DelegateSeatKey` carries the attestation, the disclosure goes with it.

    `person` is whose certificate it is, for the page to show.
    """

    session: str
    seat: str
    key: str
    means: Literal["certificate", "passkey"]
    until: Millis
    attestation: str
    disclosure: Disclosure
    person: str


class Scanning(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a scan stands: nothing yet, delegated, or a passkey made that its certificate must still sign."""

    stands: Literal["waiting", "delegated", "made"]
    voiced: Voiced | None = None
    credential: Annotated[bytes, Meta(max_length=32)] = b""
    spki: Piece = b""


class PasskeyBind(Struct, frozen=True, forbid_unknown_fields=True):
    """A `SignedBinding` as its canonical text, for the passkey that was made in the scan of this nonce."""

    session: Id
    seat: Id
    key: KeyText
    nonce: Nonce
    signed: SignedText


class PasskeyBound(Struct, frozen=True, forbid_unknown_fields=True):
    """The passkey speaks for this person from now on."""

    person: str


class ScanAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """The phone page opens a scan; it is told what there is to sign."""

    nonce: Nonce


class ScanShown(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the phone shows in full, and signs with the two digits that the person types: never told here."""

    way: ScanWay
    audience: str
    at: Millis
    key: str
    nonce: Nonce
    role: Role
    seat: str
    session: str
    until: Millis
    venue: str
    left_ms: int


class ScanSign(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A passkey's assertion over the statement with the two digits as they were typed."""

    nonce: Nonce
    compare: Compare
    credential: Piece
    authenticator: Piece
    client: Piece
    sig: Piece


class ScanEnrol(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A passkey that was just made on the phone."""

    nonce: Nonce
    compare: Compare
    credential: Piece
    attestation: Piece
    client: Piece


class ScanDone(Struct, frozen=True, forbid_unknown_fields=True):
    """The phone has done its part; the desk goes on."""

    person: str = ""
