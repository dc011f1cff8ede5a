"""The evaluation plan (评标办法): what the tender document lays down before any bid is opened.

Owns: the form of lots, envelopes, the criteria tree, ties and the committee's bounds, versioned by `v`.
Must not know: who bid, what anybody scored, or how a formula is worked out (`protocol/methods`).

Points are hundredths (`…_centi`), time is milliseconds (`…_ms`). A plan can be encoded canonically as it
stands. Fields whose default is `UNSET` came later and are left out of the bytes unless given.

Sources: 招标投标法 28, 37, 40, 实施条例 44, 49, 评标委员会和评标方法暂行规定 (12号令) 28-36,
财政部令第87号 47, 53-57.
"""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from protocol.plan.conduct import Conduct
from protocol.plan.formulas import (
    POINTS_CENTI_MAX,
    Aggregate,
    Award,
    Formula,
    Points,
    Rate,
    RoundingPlan,
    Share,
    ShareOrEmpty,
    SmallCount,
    Title,
    TitleOrEmpty,
)
from protocol.plan.policy import LowPriceCheck, SmallBusiness
from protocol.plan.review import ReviewPlan
from protocol.words import Id, IdOrEmpty, Regime, Text

CRITERIA_DEPTH_MAX = 3
"""Deepest criteria tree (大类、分项、细项): it keeps a plan within the canonical nesting limit."""

# --- criteria -----------------------------------------------------------------------------------------------


class Criterion(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A node of the criteria tree: a group with children, or a leaf.

    Leaves of kind `subjective` and `objective` are scored by the members, in steps of `step_centi` from 0
    to `max_centi`; `price` and `quantity` leaves are worked out by `formula`. Everywhere
    Σ child's full marks × weight = the group's `max_centi`.
    """

    id: Id
    zh: Title
    kind: Literal["group", "subjective", "objective", "price", "quantity"]
    max_centi: Points
    en: TitleOrEmpty = ""
    rule_zh: Text = ""
    """评分标准: for what the points are given."""
    rule_en: Text = ""
    step_centi: Annotated[int, Meta(ge=1, le=POINTS_CENTI_MAX)] = 1
    weight: Share = "1"
    envelope: IdOrEmpty = ""
    """Empty: the parent's; at the top: the scheme's first envelope."""
    blind: bool = False
    """暗标: scored without the bidder's identity. Holds for all below."""
    pass_centi: Points = 0
    """Fewer points than this and the bid goes no further; 0 for none. Before the weight, before
    normalising."""
    normalise_centi: Points = 0
    """Not 0: points become this × own / best among the bids that go on; then these are the full marks."""
    quantity: IdOrEmpty = ""
    formula: Formula | None = None
    aggregate: Aggregate | None = None
    """Overrides the scheme's for this node and all below."""
    children: tuple["Criterion", ...] = ()


class TieRule(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One way to part equal bids; rules are tried in order, what stays equal shares its rank.

    `of` names a criterion (`higher_points`: its points before weight and normalising), a quantity, or for
    `decided` the name under which the tenderee's choice or a drawn order is given (bidders' ids, separated by
    spaces, best first). `lower_price` compares the prices as they were bid. A rule parts a group of equal
    bids only when every one of them has a value.
    """

    by: Literal["lower_price", "higher_points", "higher_quantity", "lower_quantity", "decided"]
    of: IdOrEmpty = ""


class Deviation(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """畸高畸低: a member further than `threshold_percent` from the mean must explain; nothing is edited.

    `of` names the criteria whose member totals (Σ points × weights below) are compared; `total`: the totals
    over all criteria as well. `against` says whose mean: of the other members (leave-one-out), or of all. As
    points are never negative, whoever is over against all is over against the others too.
    """

    threshold_percent: Share
    against: Literal["others", "all"]
    of: tuple[Id, ...]
    total: bool | UnsetType = UNSET


# --- the plan -----------------------------------------------------------------------------------------------


class Envelope(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One envelope (信封), opened and scored as a stage of its own, in rising `order`."""

    id: Id
    zh: Title
    kind: Literal["whole", "technical", "commercial", "price"]
    order: SmallCount
    en: TitleOrEmpty = ""
    pass_centi: Points | UnsetType = UNSET
    """双信封: fewer points than this over the envelope's top criteria, with their weights, and the bid's
    later envelopes stay closed; members score all of them."""


class Scheme(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a lot is evaluated; several lots may share one scheme."""

    id: Id
    envelopes: tuple[Envelope, ...]
    criteria: tuple[Criterion, ...]
    max_centi: Points
    """Full marks: Σ over the top criteria of full marks × weight."""
    award: Award
    wins: Literal["highest", "lowest"]
    aggregate: Aggregate
    rounding: RoundingPlan
    rates: tuple[Rate, ...] = ()
    ties: tuple[TieRule, ...] = ()
    pass_centi: Points = 0
    """Fewer points in total, before `rounding.total`, and the bid is not ranked; 0 for none."""
    deviation: Deviation | None = None
    objective_mismatch: Literal["block", "note"] = "block"
    """Members who differ on an objective item: the tally waits for a correction, or it is only noted."""
    small_business: SmallBusiness | UnsetType = UNSET
    low_prices: tuple[LowPriceCheck, ...] | UnsetType = UNSET


class Lot(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A lot (标段/包). Prices of it are in `unit` of `currency`; an empty ceiling is none."""

    id: Id
    zh: Title
    scheme: Id
    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}$(?!\n)")]
    unit: TitleOrEmpty
    en: TitleOrEmpty = ""
    price_ceiling: ShareOrEmpty = ""
    reference_price: ShareOrEmpty = ""


class Committee(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Bounds of the committee: 招标投标法 37 (odd, at least 5, two thirds experts), 87号令 47."""

    size_min: SmallCount = 5
    odd_required: bool = True
    experts_num: Annotated[int, Meta(ge=0, le=100)] = 2
    experts_den: Annotated[int, Meta(ge=1, le=100)] = 3


class Timetable(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Local times of the tender document: deadline and opening, and how long bidders may release."""

    opening: Annotated[
        str, Meta(pattern=r"^(([0-9]{4}-[0-9]{2}-[0-9]{2} )?[0-9]{2}:[0-9]{2})?$(?!\n)", max_length=16)
    ] = ""
    release_ms: Annotated[int, Meta(ge=0, le=86_400_000)] = 0


class Plan(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The whole plan of one tender (项目)."""

    v: Literal[1]
    tender: Id
    title: Title
    regime: Regime
    category: Literal["works", "goods", "services"]
    lots: tuple[Lot, ...]
    schemes: tuple[Scheme, ...]
    title_en: TitleOrEmpty = ""
    notice_zh: Text = ""
    """Shown on every page and report, 虚构示例 for one."""
    notice_en: Text = ""
    committee: Committee = Committee()
    bids_min: SmallCount = 3
    """Fewer bids are not opened (招标投标法 28, 实施条例 44)."""
    candidates_max: Annotated[int, Meta(ge=1, le=300)] = 3
    hide_names: bool = False
    """Pages show bidders' short codes instead of their names."""
    undertaking_zh: Text = ""
    undertaking_en: Text = ""
    scoring_ms: Annotated[int, Meta(ge=0, le=604_800_000)] = 0
    """After this long scoring is overdue, which is only noted; 0 for no limit."""
    timetable: Timetable = Timetable()
    review: ReviewPlan | UnsetType = UNSET
    """初步评审; the regime's usual items where it is not given, left out of the canonical bytes then."""
    conduct: Conduct | UnsetType = UNSET
    """Limits and grounds where the evaluation takes a turn; left out of the bytes where not given."""
    mask_faces: bool | UnsetType = UNSET
    """面部遮挡: members' faces are masked at their seats (SPEC 31.5); left out where not given."""
