"""What the group keeps in a session's state and in each stage's track; public fields only.

Frozen and empty by default: a session of version 1 or 2 never changes them.
"""

from msgspec import Struct

from protocol.commands_turns import Item
from protocol.plan.conduct import Ground
from protocol.session.review.state import StageReview


class Reconfirmed(Struct, frozen=True):
    """A seat was looked at again, with the key that it had then; `by` is a witness's or keeper's seat."""

    key: str
    by: str


class Suspension(Struct, frozen=True):
    """A suspension that goes on: the phase left, the coordinator's clock (ms), how long it may last (ms)."""

    phase: str
    reason: str
    seat: str
    venue: str
    at: int
    author_at: int
    limit_ms: int
    statement: bytes
    size: int
    root: bytes
    reconfirmed: dict[str, Reconfirmed] = {}


class Suspended(Struct, frozen=True):
    """A suspension that is over, for whatever reason."""

    phase: str
    reason: str
    suspended_ms: int
    resumed: bool


class Correction(Struct, frozen=True):
    """Items of a seat's own sheet corrected, in the record's order; `digest` hides the new points."""

    seat: str
    ground: Ground
    items: tuple[Item, ...]
    digest: bytes


class Abnormal(Struct, frozen=True):
    """An item of a seat's sheet that members hold abnormal."""

    seat: str
    bidder: str
    criterion: str
    by: tuple[str, ...]
    found: bool


class Explained(Struct, frozen=True):
    """A member's written explanation of their own points."""

    seat: str
    bidder: str
    criterion: str
    digest: bytes


class KDraw(Struct, frozen=True):
    """A rate on its way to being drawn: seat → commitment, seat → random bytes; `round` is where it began."""

    candidates: tuple[str, ...]
    round: int
    attempt: int
    commitments: dict[str, bytes] = {}
    randoms: dict[str, bytes] = {}
    restarts: tuple[bytes, ...] = ()


class Objection(Struct, frozen=True):
    """An objection at the opening; no answer is no bytes."""

    bidder: str
    objection: bytes
    answer: bytes = b""


class Reevaluation(Struct, frozen=True):
    """A report that the committee went back to: what was signed under it, kept and counted no more."""

    phase: str
    ground: Ground
    statement: bytes
    report: bytes
    signed: tuple[str, ...]
    dissents: dict[str, bytes]
    refused: tuple[str, ...]
    deemed: dict[str, bytes]


class VoidStage(Struct, frozen=True):
    """A stage's round that a void committee worked on: kept, never counted. `sheets`: seat → commitment."""

    lot: str
    envelope: str
    round: int
    path: tuple[str, ...]
    sheets: dict[str, bytes]
    tallies: tuple[bytes, ...]
    valid: tuple[str, ...]
    corrections: tuple[Correction, ...]
    explained: tuple[Explained, ...]
    review: StageReview


class VoidCommittee(Struct, frozen=True):
    """A committee whose conclusions are void; `seats` are its members' seats, seat → person's digest."""

    number: int
    reason: str
    statement: bytes
    path: tuple[str, ...]
    roster: tuple[str, ...]
    seats: dict[str, bytes]
    stages: tuple[VoidStage, ...]
    report: bytes


class Turns(Struct, frozen=True):
    """Of the session. `dissents`: seat → digest; `refused`, `deemed`: seats, `statements`: seat → digest."""

    suspension: Suspension | None = None
    suspended: tuple[Suspended, ...] = ()
    void: tuple[VoidCommittee, ...] = ()
    dissents: dict[str, bytes] = {}
    refused: tuple[str, ...] = ()
    deemed: dict[str, bytes] = {}
    statements: tuple[bytes, ...] = ()
    failure: str = ""
    reevaluations: tuple[Reevaluation, ...] = ()


class StageTurns(Struct, frozen=True):
    """Of one stage, in its present round.

    `rechecks` counts them, `ground` is the last one's, `corrections_before` how many there were when it
    began; `aside` are tallies set aside; `asked_time` are seats not answered yet; `added_ms` is what
    the scoring time grew by, suspensions among it, `extensions` how often it was extended; `passing` are the
    bidders that go on to the next envelope; `decided`: the name of a rule for equal bids → their order, best
    first, separated by spaces.
    """

    rechecks: int = 0
    ground: str = ""
    corrections: tuple[Correction, ...] = ()
    corrections_before: int = 0
    abnormal: tuple[Abnormal, ...] = ()
    explained: tuple[Explained, ...] = ()
    aside: tuple[bytes, ...] = ()
    asked_time: tuple[str, ...] = ()
    added_ms: int = 0
    extensions: int = 0
    passing: tuple[str, ...] = ()
    k_draws: dict[str, KDraw] = {}
    objections: tuple[Objection, ...] = ()
    failure: str = ""
    decided: dict[str, str] = {}
