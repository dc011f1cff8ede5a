"""The forms of the phase table: a row of who may do what, a row of how a track goes on, a version.

Owns the forms and the two main lines; the rows themselves stand in `phases` (versions 1 and 2)
and, for version 3, with their groups (`committee/rows`, `review/rows`, `turns/rows`).
"""

from typing import Literal

from msgspec import Struct

from protocol.words import PERSON_ROLES, Milestone, Role

Scope = Literal["session", "stage", "any"]


class Act(Struct, frozen=True):
    """A row of who may do what when.

    `phases` are those of the act's scope; an act of scope `any` belongs to the session or to a
    stage, and its phases are the session's.
    """

    type: str
    scope: Scope
    phases: tuple[str, ...]
    roles: tuple[Role, ...]
    available: bool = True


class Move(Struct, frozen=True):
    """A row of how a track goes on.

    `guards` are names in `guards.GUARDS`; `awaits` is the milestone that must be reached
    before; `calls` the milestone that the target phase makes pending.
    """

    scope: Scope
    source: str
    target: str
    by: str
    guards: tuple[str, ...] = ()
    awaits: Milestone | None = None
    calls: Milestone | None = None
    available: bool = True


class Rules(Struct, frozen=True):
    """One version of the rules: its tables and its named switches.

    `uncounted` are acts of persons that the outcome leaves out, because nothing waits for them
    (SPEC 9). `grown` are the acts whose rule is a group's own (`committee`, `review`, `turns`).
    """

    version: str
    acts: dict[str, Act]
    moves: tuple[Move, ...]
    switches: frozenset[str]
    uncounted: frozenset[str] = frozenset()
    grown: frozenset[str] = frozenset()


SESSION_ORDER = (
    "DRAFT", "BOOKED", "DRAWN", "CHECKIN", "COMMITTEE_READY", "REPORT_DRAFT", "SIGNING",
    "SUBMITTED", "ARCHIVED",
)  # fmt: skip
"""The session track's main line; side states are SUSPENDED, COMMITTEE_VOID, FAILED."""

STAGE_ORDER = (
    "AWAITED", "OPENING", "BIDDERS_RELEASE", "CUSTODIANS_RELEASE", "OPENED", "PRELIM",
    "DETAILED", "SCORES_SEALED", "SCORES_OPENING", "SUMMARY", "RANKED",
)  # fmt: skip
"""A stage track's main line; side states are CLARIFYING, REJECT_VOTE, RECHECK, FAILED."""

RUNNING = ("DRAWN", "CHECKIN", "COMMITTEE_READY", "REPORT_DRAFT", "SIGNING")
"""The session's phases in which its committee is there or is coming."""

ANY_SESSION = SESSION_ORDER[1:-1]
REVIEW = ("PRELIM", "DETAILED")
PERSONS: tuple[Role, ...] = PERSON_ROLES
DESK: tuple[Role, ...] = ("agent",)


def grown_from(
    rules: Rules,
    version: str,
    acts: tuple[Act, ...],
    moves: tuple[Move, ...],
    switches: frozenset[str],
    uncounted: frozenset[str] = frozenset(),
) -> Rules:
    """A version made of another one: an act replaces its namesake, a move that of its source and act.

    >>> one = Rules("1", {}, (Move("session", "BOOKED", "DRAWN", "DrawCommittee"),), frozenset())
    >>> two = grown_from(one, "2", (), (Move("session", "BOOKED", "FAILED", "DrawCommittee"),), frozenset())
    >>> [move.target for move in two.moves]
    ['FAILED']
    """
    replaced = {(move.scope, move.source, move.by): move for move in (*rules.moves, *moves)}
    return Rules(
        version=version,
        acts={**rules.acts, **{act.type: act for act in acts}},
        moves=tuple(replaced.values()),
        switches=switches,
        uncounted=rules.uncounted | uncounted,
        grown=rules.grown | {act.type for act in acts},
    )
