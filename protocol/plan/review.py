"""What is reviewed before scores are given (初步评审项目): items, who reviews them, and limits of time.

Owns: the form of a plan's review, and the usual items of each regime where a plan names none. Must not know:
bids, marks or votes.

Sources: 12号令 22-26, 标准施工招标文件 第三章 2.1 (形式、资格、响应性) for TENDER; 财政部令第87号 44
(资格审查 by the purchaser or its agent), 50 (符合性审查 by the committee) for GOV_PROC; no law sets limits
of time.
"""

from typing import Annotated, Final, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from protocol import limits
from protocol.plan.formulas import Title, TitleOrEmpty
from protocol.words import Id, IdOrEmpty, Regime

Part = Literal["form", "qualification", "responsiveness", "conformity"]
"""形式评审, 资格评审 (资格审查), 响应性评审, 符合性审查."""
Reviewer = Literal["committee", "desk"]
"""The committee's members, each; or the purchaser's desk, tenderee or agent, once."""

LimitMs = Annotated[int, Meta(ge=60_000, le=604_800_000)]


class ReviewItem(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One thing that every bid must meet; one that does not is rejected on `ground` (`plan.grounds`)."""

    id: Id
    zh: Title
    part: Part
    ground: Id
    by: Reviewer = "committee"
    en: TitleOrEmpty = ""
    envelope: IdOrEmpty = ""
    """Empty: the lot's first envelope."""


class ReviewPlan(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The review of a plan; `answer_ms` to answer a clarification, `vote_ms` until a vote is overdue."""

    items: Annotated[tuple[ReviewItem, ...], Meta(max_length=limits.REVIEW_ITEMS_MAX)] = ()
    """None: the usual ones of the regime."""
    answer_ms: LimitMs = 1_800_000
    vote_ms: LimitMs = 1_800_000
    ballot: Literal["open", "secret"] = "open"
    """How members vote on rejections: seen as they vote, or sealed until all have; no law says."""


USUAL: Final[dict[Regime, tuple[ReviewItem, ...]]] = {
    "TENDER": (
        ReviewItem(id="form", zh="形式评审", en="form", part="form", ground="51-1"),
        ReviewItem(
            id="qualification", zh="资格评审", en="qualification", part="qualification", ground="51-3"
        ),
        ReviewItem(
            id="responsiveness", zh="响应性评审", en="responsiveness", part="responsiveness", ground="51-6"
        ),
    ),
    "GOV_PROC": (
        ReviewItem(
            id="qualification", zh="资格审查", en="qualification", part="qualification", ground="87-63-3",
            by="desk",
        ),
        ReviewItem(id="conformity", zh="符合性审查", en="conformity", part="conformity", ground="87-63-6"),
    ),
}  # fmt: skip
"""The items of a plan that names none."""


def review_of(given: ReviewPlan | UnsetType, regime: Regime) -> ReviewPlan:
    """A plan's review with its items; the usual ones where it names none.

    >>> [item.by for item in review_of(UNSET, "GOV_PROC").items]
    ['desk', 'committee']
    """
    found = ReviewPlan() if given is UNSET else given
    assert isinstance(found, ReviewPlan)
    return found if found.items else ReviewPlan(
        items=USUAL[regime], answer_ms=found.answer_ms, vote_ms=found.vote_ms, ballot=found.ballot
    )  # fmt: skip


def items_of(review: ReviewPlan, envelope: str, first: str) -> tuple[ReviewItem, ...]:
    """The items of one envelope of a lot, whose first envelope is `first`."""
    return tuple(item for item in review.items if (item.envelope or first) == envelope)
