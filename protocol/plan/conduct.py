"""How an evaluation is conducted where it takes a turn (特殊情形的处理): limits and grounds of the plan.

Owns: their form, their usual figures, and what holds under a regime. Must not know: sessions or acts.

Sources: 财政部令第87号 64 (the four corrections); the rule of 丽江 on interruptions (2 hours before the
start, 4 hours during; read in a copy, other places set their own); 实施条例 53 (a member who refuses to sign;
no time is set by law, so it is the plan's).
"""

from typing import Annotated, Final, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from protocol.words import Regime, Term

Ground = Literal["sum_error", "over_range", "objective_differs", "abnormal", "slip"]
"""Why a score may be corrected after the scores are open."""

LAWFUL_GROUNDS: Final[tuple[Ground, ...]] = ("sum_error", "over_range", "objective_differs", "abnormal")
"""The four of 87号令 64, in its order; under GOV_PROC there are no others."""

GROUND_TERMS: Final[dict[str, Term]] = {
    "sum_error": Term("分值汇总计算错误", "the points were added up wrongly"),
    "over_range": Term("分项评分超出评分标准范围", "an item's points are over its range"),
    "objective_differs": Term("客观评审因素评分不一致", "members differ on an objective item"),
    "abnormal": Term("评标委员会认定评分畸高、畸低", "the committee found the points abnormally high or low"),
    "slip": Term("评委本人笔误", "the member's own slip of the pen"),
}

DAY_MS: Final = 86_400_000
LimitMs = Annotated[int, Meta(ge=0, le=7 * DAY_MS)]


class Conduct(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Limits in ms; `grounds` counts under TENDER alone."""

    suspension_before_ms: LimitMs = 2 * 3_600_000
    """How long a suspension before the start may last until the tenderee must decide (丽江: 2 hours)."""
    suspension_during_ms: LimitMs = 4 * 3_600_000
    """How long a suspension during the evaluation may last; then a new committee begins (丽江: 4 hours)."""
    signing_ms: LimitMs = 2 * 3_600_000
    """How long a member who says nothing is waited for before it is deemed to agree (条例 53 sets none)."""
    explanations: Literal["awaited", "noted"] = "awaited"
    """Whether the ranking waits for members to explain abnormal scores."""
    grounds: tuple[Ground, ...] = LAWFUL_GROUNDS
    chair: Literal["any", "elected", "named"] = "any"
    """How the chair comes to the office: elected by the members (推举), or named by the tenderee (招标人确定;
    12号令 9); `any` where the tender document leaves it open. A purchase has elections alone (87号令 45)."""
    chair_ballot: Literal["any", "open", "secret"] = "any"
    """How the members vote for it; no law says."""


USUAL: Final = Conduct()


def conduct_of(given: Conduct | UnsetType) -> Conduct:
    """A plan's conduct; the usual figures where it names none."""
    return USUAL if given is UNSET else given


def grounds_of(regime: Regime, conduct: Conduct) -> tuple[Ground, ...]:
    """The grounds on which a score may be corrected.

    >>> grounds_of("GOV_PROC", Conduct(grounds=("slip",)))
    ('sum_error', 'over_range', 'objective_differs', 'abnormal')
    """
    return LAWFUL_GROUNDS if regime == "GOV_PROC" else conduct.grounds
