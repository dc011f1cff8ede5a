"""The forms of what may be asked under rules version 4, group `ceremony` (SPEC 28).

No share, no bidder's key and no box enters an entry: a form carries the digest of a release, whose boxes
travel beside it as a hidden value. Which bid is meant to the byte is its *mark* (SPEC 28.1).
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from protocol import limits
from protocol.content import BidRef, Content
from protocol.words import Hash, Id, KeyText, Salt

SuiteText = Literal["intl-1", "gm-1"]
PublicKey = Annotated[bytes, Meta(min_length=1, max_length=limits.PUBLIC_KEY_BYTES_MAX)]
"""A SubjectPublicKeyInfo of a suite (SPEC 18.1)."""

FailureCause = Literal["revoked", "withdrawn"]
"""视为撤销 (the bidder's own fault), 视为撤回 (not the bidder's fault): 20号令 31."""
FailureReason = Literal[
    "not_released", "bidder_key_lost", "release_false", "dealer_fault", "container_broken", "platform",
    "other",
]  # fmt: skip
Remedy = Literal["none", "backup_file", "paper", "other"]
"""补救方案: what the tender document lets be done; `none` where it says nothing."""
BidResult = Literal["opened", "dealer_fault", "release_false", "container_broken"]


class Keyholder(Struct, frozen=True, forbid_unknown_fields=True):
    """A member of a group: the key of its service (signs its acts), and the key that shares are boxed to."""

    custodian: Id
    key: KeyText
    public: PublicKey


class KeyGroup(Struct, frozen=True, forbid_unknown_fields=True):
    """A group of custodians as the tender document names it; any `threshold` of its members are enough."""

    group: Id
    members: Annotated[tuple[Keyholder, ...], Meta(min_length=1, max_length=limits.CUSTODIANS_MAX)]
    threshold: Annotated[int, Meta(ge=1, le=limits.CUSTODIANS_MAX)]


class ReceivedBid(Struct, frozen=True, forbid_unknown_fields=True):
    """A bid that lay with the coordinator at the deadline, to the byte: `mark` as in SPEC 28.1."""

    bid: Id
    bidder: Id
    mark: Hash


class OpenedBid(Struct, frozen=True, forbid_unknown_fields=True):
    """What a venue found of one bid: `listing` is the digest of its list of files, empty unless opened."""

    bid: Id
    result: BidResult
    listing: Annotated[bytes, Meta(max_length=32)]


class FalseShare(Struct, frozen=True, forbid_unknown_fields=True):
    """A released share that is not the one that the bid commits to."""

    bid: Id
    custodian: Id


Bids = Annotated[tuple[ReceivedBid, ...], Meta(max_length=limits.BIDS_PER_STAGE_MAX)]


class AppointCustodians(Content, frozen=True, forbid_unknown_fields=True):
    """公布托管方: groups, suite and window as in the tender document, before any bid is opened."""

    project: Id
    suite: SuiteText
    groups: Annotated[tuple[KeyGroup, ...], Meta(min_length=1, max_length=limits.BID_GROUPS_MAX)]
    window_ms: Annotated[int, Meta(ge=limits.RELEASE_WINDOW_MS_MIN, le=limits.RELEASE_WINDOW_MS_MAX)]


class OfferOpeningKey(Content, frozen=True, forbid_unknown_fields=True):
    """公布开标密钥: a venue's key for this session alone, to which releases are boxed."""

    suite: SuiteText
    public: PublicKey


class BeginOpening(Content, frozen=True, forbid_unknown_fields=True):
    """开标开始: the tenderee presides; `challenge` is 32 bytes that every custodian answers."""

    challenge: Salt


class AnswerRollCall(Content, frozen=True, forbid_unknown_fields=True):
    """托管方应答: a service has its key at hand; its command's signature is over the challenge."""

    challenge: Salt


class ReceiveBids(Content, frozen=True, forbid_unknown_fields=True):
    """接收投标文件: which bids there are, frozen at the deadline."""

    bids: Bids


class ReleaseBid(Content, frozen=True, forbid_unknown_fields=True):
    """投标人解密: final; `release` is the digest of the boxes (field `bid_release`)."""

    bid: Id
    release: Hash


class CloseRelease(Content, frozen=True, forbid_unknown_fields=True):
    """结束投标人解密: when the window is over, or every bid was released."""


class ReleaseCustody(Content, frozen=True, forbid_unknown_fields=True):
    """托管方解密: shares of exactly the released bids, whose list `bids` is the digest of."""

    custodian: Id
    bids: Hash
    release: Hash


class ReportDecryption(Content, frozen=True, forbid_unknown_fields=True):
    """解密结果: what a venue found, for every released bid in the order of the record."""

    bids: Annotated[tuple[OpenedBid, ...], Meta(min_length=1, max_length=limits.BIDS_PER_STAGE_MAX)]
    false_shares: Annotated[tuple[FalseShare, ...], Meta(max_length=limits.FALSE_SHARES_MAX)]


class OpenBids(Content, frozen=True, forbid_unknown_fields=True):
    """公布开标结果: names and prices of the bids that the venues opened alike."""

    bids: Annotated[tuple[BidRef, ...], Meta(min_length=1, max_length=limits.BIDS_PER_STAGE_MAX)]


class RecordBidFailure(Content, frozen=True, forbid_unknown_fields=True):
    """记录解密失败: why a bid was not opened, whose fault it was, and what the tender lets be done."""

    bid: Id
    cause: FailureCause
    reason: FailureReason
    remedy: Remedy
    statement: Hash


class DestroyOpeningKey(Content, frozen=True, forbid_unknown_fields=True):
    """销毁开标密钥: the venue has destroyed the private half of its key for this session."""

    public: PublicKey


CONTENTS: tuple[type[Content], ...] = (
    AppointCustodians, OfferOpeningKey, BeginOpening, AnswerRollCall, ReceiveBids, ReleaseBid, CloseRelease,
    ReleaseCustody, ReportDecryption, OpenBids, RecordBidFailure, DestroyOpeningKey,
)  # fmt: skip
