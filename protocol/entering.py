"""The messages by which somebody signs in by certificate, or by a passkey on a phone (SPEC 19.9).

From a page through its node to the coordinator, in the namespaces `/desk` and `/node`; a bidder's page asks
the coordinator itself, over HTTP (`protocol.outside`). A one-time code is `wire.SignIn`. Owns no transport.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from protocol import limits
from protocol.voices import Nonce, SignedText
from protocol.wire import Attested
from protocol.words import Id, KeyText, Millis, SignInWay

ENTER_WAYS = "enter_ways"
ENTER_ASK = "enter_ask"
ENTER_GIVE = "enter_give"
ENTER_SCANNED = "enter_scanned"
"""Each answered through its acknowledgement; the first has no content, the last a `wire.Proof` of the key."""

EnterWay = Literal["certificate", "passkey"]
Origin = Annotated[str, Meta(pattern=r"^[!-~]*$(?!\n)", max_length=limits.ADDRESS_CHARS_MAX)]


class EnterAsk(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Somebody asks to be challenged for a seat, with a key that their page has just made.

    `audience` is the origin of the page; whoever serves the page says it, not the page.
    """

    session: Id
    seat: Id
    key: KeyText
    way: EnterWay
    audience: Origin = ""


class EnterWanted(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is to be signed: `nonce` is good once and for `left_ms`.

    By certificate a `SignIn` before `audience`; for `passkey`, `scan`, `qr` and `compare` are as in
    `voices.VoiceWanted`.
    """

    session: Id
    seat: Id
    key: KeyText
    way: EnterWay
    audience: str
    nonce: Nonce
    at: Millis
    left_ms: int
    scan: str = ""
    qr: tuple[str, ...] = ()
    compare: str = ""


class EnterGive(Struct, frozen=True, forbid_unknown_fields=True):
    """A `SignedSignIn` as its canonical text."""

    session: Id
    seat: Id
    key: KeyText
    signed: SignedText


class Entered(Struct, frozen=True, forbid_unknown_fields=True):
    """The identity node has judged: it vouches for the key. `person` is whose certificate it is."""

    attested: Attested
    person: str


class Entering(Struct, frozen=True, forbid_unknown_fields=True):
    """How a scan stands; without `entered` the phone has not signed yet."""

    entered: Entered | None = None


class Ways(Struct, frozen=True, forbid_unknown_fields=True):
    """By what somebody may sign in here, the strongest first."""

    ways: tuple[SignInWay, ...]
