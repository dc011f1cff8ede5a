"""The course (评审进程): what goes otherwise than straight on in an evaluation that is played.

Owns the forms, all data: who finds what, asks, votes, recuses, suspends, signs. Without any of it everything
is found in order, which is `PLAIN`. The roles' rules (`ops.people.roles`) read it; must not know how an act
is made. A seat does what the course has for it before it gives the last of its marks, so that nobody goes on
without it.
"""

from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from protocol.commands_review import Purpose, Verdict
from protocol.commands_turns import SuspensionReason, VoidReason
from protocol.plan.case import Case
from protocol.plan.interventions import Kind
from protocol.views import View


class Question(Struct, frozen=True, kw_only=True):
    """要求澄清: a member asks a bidder, who answers with `answer`, or refuses where that is empty.

    With an empty `seat` it is only the answer to whoever asks.
    """

    seat: str
    bidder: str
    purpose: Purpose
    text: str
    answer: str = ""


class Proposal(Struct, frozen=True, kw_only=True):
    """提议否决: a member proposes to reject a bid; `yes` are the seats that agree, the others do not.

    With an empty bidder it is the vote on competition (ground `27`).
    """

    seat: str
    bidder: str
    ground: str
    yes: frozenset[str]


class Recheck(Struct, frozen=True, kw_only=True):
    """复核: `by` begins and ends it; the `finders` hold an item of `seat` abnormal, who corrects it."""

    by: str
    finders: frozenset[str]
    seat: str
    bidder: str
    criterion: str
    points_centi: int


class Call(Struct, frozen=True, kw_only=True):
    """补抽: whoever was drawn for a seat does not come; in `DRAWN` nobody knows yet who it is."""

    seat: str
    reason: Literal["refused", "no_show", "unreachable", "ineligible"]
    phase: Literal["DRAWN", "CHECKIN"]


class Recusal(Struct, frozen=True, kw_only=True):
    """迟到的回避: a member recuses itself once it has sealed; who is not in `sealed` seals afterwards."""

    seat: str
    bidder: str
    ground: Literal["kin", "interest", "employer", "staff", "penalty", "other"]
    text: str
    sealed: frozenset[str]


class Suspension(Struct, frozen=True, kw_only=True):
    """中断: `by` suspends once the seats of `sealed` have sealed; the agent resumes after `lasts_ms`."""

    by: str
    reason: SuspensionReason
    text: str
    sealed: frozenset[str]
    lasts_ms: int


class Voiding(Struct, frozen=True, kw_only=True):
    """评标委员会作废: the tenderee voids the committee once the seats of `sealed` have sealed.

    Where a suspension lasts too long it does so anyway, and the course needs none of it.
    """

    reason: VoidReason
    text: str
    sealed: frozenset[str] = frozenset()


class Intervention(Struct, frozen=True, kw_only=True):
    """监督介入: the supervisor `by` asks the session while members score; the agent says `answer`."""

    by: str
    kind: Kind
    reason: str
    text: str
    answer: str


class Course(Struct, frozen=True, kw_only=True):
    """How an evaluation goes.

    `marks`: (seat or `desk`, bidder, item) → what is found there; else `pass`. `signing`: seat → how it
    answers the report; else it signs. `anew` is the case of the committee that follows a void one: the same
    tender, other members. `like`: a reserve's seat → the seat whose points it gives too. `order`: how
    the tenderee puts equal bids in order; else as they were opened. `chair` is whom the members elect; else
    the first expert who may lead. `more_time`: members who hold the time too short once they score.
    `tenderee_signs`: the tender document has the tenderee sign the report too.
    """

    marks: dict[tuple[str, str, str], Verdict] = {}
    questions: tuple[Question, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    explanations: dict[tuple[str, str, str], str] = {}
    recheck: Recheck | None = None
    recusal: Recusal | None = None
    suspension: Suspension | None = None
    voiding: Voiding | None = None
    anew: Case | None = None
    signing: dict[str, Literal["dissent", "refuse"]] = {}
    like: dict[str, str] = {}
    order: tuple[str, ...] = ()
    calls: tuple[Call, ...] = ()
    chair: str = ""
    more_time: frozenset[str] = frozenset()
    interventions: tuple[Intervention, ...] = ()
    tenderee_signs: bool = False

    def case_now(self, case: Case, view: View | None) -> Case:
        """Whose points count: those of the committee that follows once one is void, else the case's."""
        if self.anew is not None and view is not None and view.void:
            return self.anew
        sheets = {
            lot: members | {seat: members[as_] for seat, as_ in self.like.items()}
            for lot, members in case.sheets.items()
        }
        return replace(case, sheets=sheets) if self.like else case


PLAIN: Final = Course()
"""Straight on."""
