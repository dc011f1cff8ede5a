"""What happened under rules version 4, group `ceremony` (SPEC 28); listed in `events.Event`."""

from msgspec import Struct

from protocol.commands_ceremony import (
    FailureCause,
    FailureReason,
    FalseShare,
    KeyGroup,
    OpenedBid,
    ReceivedBid,
    Remedy,
    SuiteText,
)
from protocol.content import BidRef
from protocol.words import Hash, Id, Millis, Salt


class OpeningKey(Struct, frozen=True, forbid_unknown_fields=True):
    """A venue's key for the session, as the opening fixed it: what releases are boxed to."""

    venue: Id
    public: bytes


class CustodiansAppointed(Struct, frozen=True, forbid_unknown_fields=True, tag="CustodiansAppointed.1"):
    """Groups, suite and window of a stage are known, and the services speak from now on."""

    lot: Id
    envelope: Id
    project: Id
    suite: SuiteText
    groups: tuple[KeyGroup, ...]
    window_ms: Millis


class OpeningKeyOffered(Struct, frozen=True, forbid_unknown_fields=True, tag="OpeningKeyOffered.1"):
    """A venue's key for this session; one before it, if any, is in no opening that begins later."""

    venue: Id
    suite: SuiteText
    public: bytes


class OpeningBegun(Struct, frozen=True, forbid_unknown_fields=True, tag="OpeningBegun.1"):
    """The opening began; releases go to exactly these keys."""

    lot: Id
    envelope: Id
    seat: Id
    challenge: Salt
    to: tuple[OpeningKey, ...]


class RollCallAnswered(Struct, frozen=True, forbid_unknown_fields=True, tag="RollCallAnswered.1"):
    """A custodian's service answered the challenge."""

    lot: Id
    envelope: Id
    custodian: Id


class BidsReceived(Struct, frozen=True, forbid_unknown_fields=True, tag="BidsReceived.1"):
    """These bids there are; bidders may release until `until`, the coordinator's clock (ms)."""

    lot: Id
    envelope: Id
    bids: tuple[ReceivedBid, ...]
    until: Millis


class BidReleased(Struct, frozen=True, forbid_unknown_fields=True, tag="BidReleased.1"):
    """A bidder released its own key of its bid; there is no way back."""

    lot: Id
    envelope: Id
    bid: Id
    bidder: Id
    release: Hash


class ReleaseClosed(Struct, frozen=True, forbid_unknown_fields=True, tag="ReleaseClosed.1"):
    """The window is over: what custodians release for, whom they do not; `bids` is the digest of the list."""

    lot: Id
    envelope: Id
    released: tuple[Id, ...]
    missing: tuple[Id, ...]
    bids: Hash


class CustodyReleased(Struct, frozen=True, forbid_unknown_fields=True, tag="CustodyReleased.1"):
    """A custodian released its shares of exactly those bids."""

    lot: Id
    envelope: Id
    custodian: Id
    bids: Hash
    release: Hash


class DecryptionReported(Struct, frozen=True, forbid_unknown_fields=True, tag="DecryptionReported.1"):
    """What a venue found; `digest` is over what it found, false shares aside: equal at every venue."""

    lot: Id
    envelope: Id
    venue: Id
    bids: tuple[OpenedBid, ...]
    false_shares: tuple[FalseShare, ...]
    digest: Hash


class BidsOpened(Struct, frozen=True, forbid_unknown_fields=True, tag="BidsOpened.1"):
    """The bids that were opened, under their neutral codes."""

    lot: Id
    envelope: Id
    bids: tuple[BidRef, ...]


class BidFailed(Struct, frozen=True, forbid_unknown_fields=True, tag="BidFailed.1"):
    """A bid was not opened: whose fault, why, and what the tender lets be done."""

    lot: Id
    envelope: Id
    bid: Id
    bidder: Id
    seat: Id
    cause: FailureCause
    reason: FailureReason
    remedy: Remedy
    statement: Hash


class OpeningKeyDestroyed(Struct, frozen=True, forbid_unknown_fields=True, tag="OpeningKeyDestroyed.1"):
    """A venue has destroyed its key for this session."""

    venue: Id
    public: bytes


CeremonyEvent = (
    CustodiansAppointed
    | OpeningKeyOffered
    | OpeningBegun
    | RollCallAnswered
    | BidsReceived
    | BidReleased
    | ReleaseClosed
    | CustodyReleased
    | DecryptionReported
    | BidsOpened
    | BidFailed
    | OpeningKeyDestroyed
)
