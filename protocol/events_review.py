"""What happened under rules version 3, group `review` (SPEC 16); listed in `events.Event`."""

from typing import Literal

from msgspec import Struct

from protocol.commands import RejectedBid
from protocol.commands_review import Choice, Closed, ItemRef, Mark
from protocol.plan.review import LimitMs
from protocol.words import Count, Hash, HashOrEmpty, Id, IdOrEmpty, Millis


class ItemsPublished(Struct, frozen=True, forbid_unknown_fields=True, tag="ItemsPublished.1"):
    """What is reviewed in a stage, and how long answers and votes may take (ms)."""

    lot: Id
    envelope: Id
    round: Count
    items: tuple[ItemRef, ...]
    answer_ms: LimitMs
    vote_ms: LimitMs
    blind: bool


class ItemsMarked(Struct, frozen=True, forbid_unknown_fields=True, tag="ItemsMarked.1"):
    """A seat's marks on one bid; of one seat and item the latest holds."""

    lot: Id
    envelope: Id
    round: Count
    seat: Id
    bidder: Id
    marks: tuple[Mark, ...]


class BlindPartChecked(Struct, frozen=True, forbid_unknown_fields=True, tag="BlindPartChecked.1"):
    """A bid's blind part was looked through; `by` is a seat or a venue."""

    lot: Id
    envelope: Id
    round: Count
    by: Id
    bidder: Id
    result: Literal["pass", "fail"]
    findings: HashOrEmpty


class ClarificationAsked(Struct, frozen=True, forbid_unknown_fields=True, tag="ClarificationAsked.1"):
    """The committee asked a bidder; `number` counts the stage's clarifications from 1, `due_at` is in ms.

    Where `purpose` is `correction`, `question` is the digest of the correction itself.
    """

    lot: Id
    envelope: Id
    round: Count
    number: Count
    seat: Id
    bidder: Id
    purpose: Literal["unclear", "inconsistent", "slip", "low_price", "correction"]
    question: Hash
    due_at: Millis


class ClarificationAnswered(Struct, frozen=True, forbid_unknown_fields=True, tag="ClarificationAnswered.1"):
    """The bidder answered or refused; `by` is its own seat, or the agent's for it."""

    lot: Id
    envelope: Id
    round: Count
    number: Count
    by: Id
    answer: HashOrEmpty
    refused: bool


class ClarificationClosed(Struct, frozen=True, forbid_unknown_fields=True, tag="ClarificationClosed.1"):
    """A clarification is over."""

    lot: Id
    envelope: Id
    round: Count
    number: Count
    result: Closed


class VoteOpened(Struct, frozen=True, forbid_unknown_fields=True, tag="VoteOpened.1"):
    """A vote on one bid and ground, or with an empty bidder on the lack of competition; `due_at` in ms."""

    lot: Id
    envelope: Id
    round: Count
    seat: Id
    bidder: IdOrEmpty
    ground: Id
    reason: Hash
    due_at: Millis


class VoteCast(Struct, frozen=True, forbid_unknown_fields=True, tag="VoteCast.1"):
    """A member voted."""

    lot: Id
    envelope: Id
    round: Count
    seat: Id
    bidder: IdOrEmpty
    ground: Id
    choice: Choice
    reason: HashOrEmpty


class VoteClosed(Struct, frozen=True, forbid_unknown_fields=True, tag="VoteClosed.1"):
    """A vote is over: how many of the `members` chose what, those who did not vote in none of them."""

    lot: Id
    envelope: Id
    round: Count
    bidder: IdOrEmpty
    ground: Id
    rejected: bool
    members: Count
    yes: Count
    no: Count
    abstain: Count


class PreliminaryConcluded(Struct, frozen=True, forbid_unknown_fields=True, tag="PreliminaryConcluded.1"):
    """Which bids go on to detailed review, and which were rejected on which ground."""

    lot: Id
    envelope: Id
    round: Count
    valid: tuple[Id, ...]
    rejected: tuple[RejectedBid, ...]


class VoteSealed(Struct, frozen=True, forbid_unknown_fields=True, tag="VoteSealed.1"):
    """A member voted by a commitment; what it is comes as `VoteCast` when the member opens it."""

    lot: Id
    envelope: Id
    round: Count
    seat: Id
    bidder: IdOrEmpty
    ground: Id
    commitment: Hash


class SameBrandNoted(Struct, frozen=True, forbid_unknown_fields=True, tag="SameBrandNoted.1"):
    """Bids whose core product is of one brand count as one."""

    lot: Id
    envelope: Id
    round: Count
    seat: Id
    bidders: tuple[Id, ...]
    statement: Hash


class DeductionConfirmed(Struct, frozen=True, forbid_unknown_fields=True, tag="DeductionConfirmed.1"):
    """The share of small businesses that counts for a bid, hidden; of one bid the latest holds."""

    lot: Id
    envelope: Id
    round: Count
    seat: Id
    bidder: Id
    deduction: Hash


ReviewEvent = (
    ItemsPublished
    | ItemsMarked
    | BlindPartChecked
    | ClarificationAsked
    | ClarificationAnswered
    | ClarificationClosed
    | VoteOpened
    | VoteCast
    | VoteClosed
    | PreliminaryConcluded
    | VoteSealed
    | SameBrandNoted
    | DeductionConfirmed
)
