"""What the group keeps in a session's state and in each stage's track; public fields only.

Frozen and empty by default: a session of version 1 or 2 never changes them. Mappings inside
are never changed in place.
"""

from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from protocol.commands_review import Choice, Closed, ItemRef, Mark


class Review(Struct, frozen=True):
    """Of the session: nothing yet."""


class BlindCheck(Struct, frozen=True):
    """The latest look at a bid's blind part."""

    result: Literal["pass", "fail"]
    findings: bytes
    by: str


class Clarification(Struct, frozen=True):
    """One question to one bidder; `result` is empty while it is open. `due_at` is in ms."""

    number: int
    seat: str
    bidder: str
    purpose: Literal["unclear", "inconsistent", "slip", "low_price", "correction"]
    question: bytes
    due_at: int
    answered: bool = False
    refused: bool = False
    reply: bytes = b""
    by: str = ""
    result: Closed | Literal[""] = ""


class Ballot(Struct, frozen=True):
    """One seat's vote."""

    choice: Choice
    reason: bytes


class Vote(Struct, frozen=True):
    """One vote, on a bid and a ground or with an empty bidder on competition. `due_at` is in ms.

    `sealed`: seat → commitment, in a secret one; `ballots` fill as they are opened.
    """

    seat: str
    bidder: str
    ground: str
    reason: bytes
    due_at: int
    ballots: dict[str, Ballot] = {}
    sealed: dict[str, bytes] = {}
    closed: bool = False
    rejected: bool = False


class StageReview(Struct, frozen=True):
    """Of one stage, in its present round.

    `marks`: bidder → item → seat → mark. `votes` by `vote_key`. `corrected`: bidder → digest of the
    correction that it confirmed. `was_valid`: the lists of valid bids that the stage has had and has no more.
    `brands`: groups of bidders of one brand. `deductions`: bidder → digest of its confirmed share.
    `withdrawn`, `looked_before` and `deducted_before`: digests of what later ones took the place of.
    """

    published: bool = False
    items: tuple[ItemRef, ...] = ()
    answer_ms: int = 0
    vote_ms: int = 0
    blind: bool = False
    blind_checks: dict[str, BlindCheck] = {}
    marks: dict[str, dict[str, dict[str, Mark]]] = {}
    clarifications: tuple[Clarification, ...] = ()
    votes: dict[str, Vote] = {}
    corrected: dict[str, bytes] = {}
    was_valid: tuple[tuple[str, ...], ...] = ()
    withdrawn: tuple[bytes, ...] = ()
    looked_before: tuple[bytes, ...] = ()
    brands: tuple[tuple[str, ...], ...] = ()
    deductions: dict[str, bytes] = {}
    deducted_before: tuple[bytes, ...] = ()
    statements: tuple[bytes, ...] = ()


def vote_key(bidder: str, ground: str) -> str:
    """The name under which a stage keeps a vote: `b1/51-6`, or `/27` for that on competition."""
    return f"{bidder}/{ground}"


def postponed(review: StageReview, by_ms: int) -> StageReview:
    """A review whose open questions and votes are due so much later (ms); closed ones keep their time."""
    clarifications = tuple(
        one if one.result else replace(one, due_at=one.due_at + by_ms) for one in review.clarifications
    )
    votes = {
        name: one if one.closed else replace(one, due_at=one.due_at + by_ms)
        for name, one in review.votes.items()
    }
    return replace(review, clarifications=clarifications, votes=votes)
