"""What the group keeps in a session's state; public fields only, empty under versions 1 to 3."""

from msgspec import Struct

from protocol.commands_ceremony import (
    FailureCause,
    FailureReason,
    FalseShare,
    KeyGroup,
    OpenedBid,
    ReceivedBid,
    Remedy,
)
from protocol.events_ceremony import OpeningKey


class Offered(Struct, frozen=True):
    """A venue's key for the session; `destroyed` once the venue says that its private half is gone."""

    suite: str
    public: bytes
    destroyed: bool = False


class Report(Struct, frozen=True):
    """What a venue found; `digest` is equal at all venues that found the same."""

    bids: tuple[OpenedBid, ...]
    false_shares: tuple[FalseShare, ...]
    digest: bytes


class Failure(Struct, frozen=True):
    """Why a bid was not opened; `statement` is a hidden text's digest."""

    cause: FailureCause
    reason: FailureReason
    remedy: Remedy
    statement: bytes


class StageCeremony(Struct, frozen=True):
    """One stage's opening.

    `to` are the keys that releases are boxed to, fixed when the opening begins; `answered` the custodians of
    the roll-call; `until` the end of the bidders' window (coordinator's clock, ms) but for suspensions, of
    which there were `suspensions` when it began. `released`: bid → release's digest, in the order in which
    they came; `list_digest` is that of the bids that custodians release for, empty while the window is
    open; `custody`: custodian → release's digest; `reports`: venue → what it found; `failures`: bid → why.
    """

    project: str = ""
    suite: str = ""
    groups: tuple[KeyGroup, ...] = ()
    window_ms: int = 0
    challenge: bytes = b""
    to: tuple[OpeningKey, ...] = ()
    answered: tuple[str, ...] = ()
    received: tuple[ReceivedBid, ...] = ()
    until: int = 0
    suspensions: int = 0
    released: dict[str, bytes] = {}
    list_digest: bytes = b""
    custody: dict[str, bytes] = {}
    reports: dict[str, Report] = {}
    failures: dict[str, Failure] = {}


class Ceremony(Struct, frozen=True):
    """The opening of sealed bids: venue → its key, track's name → its opening."""

    keys: dict[str, Offered] = {}
    stages: dict[str, StageCeremony] = {}
