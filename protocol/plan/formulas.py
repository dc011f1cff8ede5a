"""Rules that are numbers (计算规则): rounding, aggregation, price formulas, award rules, with all parameters.

Owns: their form. Must not know: criteria, lots, bids, or how anything is worked out (`protocol/methods`).

Numbers that are not whole are decimal strings; points are hundredths (`…_centi`); percentages are decimal
strings without the sign. SPEC 11.1 says in which order everything is worked out.

A field whose default is `UNSET` came after version 1 was published: it is left out of the canonical bytes
unless it is given, so that the digest of an older plan stays what it was.

Sources: 12号令 29-36, 财政部令第87号 55, 标准施工招标文件 第三章, 公路工程标准施工招标文件 (2018),
苏建规字〔2017〕1号; the foreign rules are named at each formula.
"""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from protocol.words import DecimalText, Id, IdOrEmpty

POINTS_CENTI_MAX = 100_000_000
"""Most points of one criterion, in hundredths."""

Points = Annotated[int, Meta(ge=0, le=POINTS_CENTI_MAX)]
"""Points in hundredths."""
Title = Annotated[str, Meta(min_length=1, max_length=200)]
TitleOrEmpty = Annotated[str, Meta(max_length=200)]
Share = Annotated[str, Meta(pattern=r"^(0|[1-9][0-9]{0,8})(\.[0-9]{1,9})?$(?!\n)", max_length=19)]
"""A decimal number that is not negative: a price, a percentage, a weight."""
ShareOrEmpty = Annotated[str, Meta(pattern=r"^((0|[1-9][0-9]{0,17})(\.[0-9]{1,9})?)?$(?!\n)", max_length=28)]
Price = Annotated[str, Meta(pattern=r"^(0|[1-9][0-9]{0,17})(\.[0-9]{1,9})?$(?!\n)", max_length=28)]
"""A price in its lot's currency and unit."""
SmallCount = Annotated[int, Meta(ge=0, le=300)]


# --- rounding and aggregation -------------------------------------------------------------------------------


class Rounding(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """四舍五入 (`half_up`, away from zero at the half) or 截断 (`truncate`), to `places` decimals."""

    mode: Literal["half_up", "truncate"]
    places: Annotated[int, Meta(ge=0, le=9)]


class RoundingPlan(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where the tender document rounds; what is not named here stays exact.

    `mean_price`, `base_price`, `rate` and `total` round whenever they are given. `order` says whether `item`,
    `part` and `weighted` are rounded before they are summed, or only shown so. `rank_on` says whether the
    rounded total is ranked, or the exact one behind it; `total` is of whatever the award rule ranks, a price
    too.
    """

    total: Rounding
    rank_on: Literal["rounded", "exact"] = "rounded"
    order: Literal["round_then_sum", "sum_then_round"] = "round_then_sum"
    item: Rounding | None = None
    """One leaf of the criteria tree: the members' mean of it, or what its formula gives."""
    part: Rounding | None = None
    """One top criterion (大类) before its weight."""
    weighted: Rounding | None = None
    """One top criterion after its weight."""
    mean_price: Rounding | None = None
    base_price: Rounding | None = None
    rate: Rounding | None = None
    """The deviation rate from the base price, in percent (偏差率)."""


class Trim(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """去掉 `high` 个最高分、`low` 个最低分; with fewer than `members_min` members nothing is dropped.

    Nor is anything dropped where `high` + `low` would leave no member.
    """

    high: SmallCount
    low: SmallCount
    members_min: SmallCount = 5


class Aggregate(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How the members' points become one figure: the mean, of each member's totals or item by item.

    `totals`: for the largest group that holds scored items only, each member's total (Σ points × weights
    below it) is formed first, and the mean, with `trim`, is of these totals. `items`: the mean, with `trim`,
    is of each leaf; the groups add up what their leaves give.
    """

    of: Literal["totals", "items"]
    trim: Trim | None = None


# --- price and quantity formulas ----------------------------------------------------------------------------


class Rate(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A percentage that formulas name: fixed (`percent`), or drawn in public from `candidates` (K 值抽取)."""

    id: Id
    zh: Title
    en: TitleOrEmpty = ""
    percent: ShareOrEmpty = ""
    candidates: tuple[Share, ...] = ()


class Factor(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Multiply by a rate: `times` × p, `less` × (1 − p), `plus` × (1 + p)."""

    rate: Id
    form: Literal["times", "less", "plus"] = "times"


class Term(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One summand of a base price: a source price times its factors.

    `mean` is the mean of the counted prices without those that `drop` leaves out, rounded as `mean_price`
    says; `lowest` the lowest counted price, dropped ones included; `ceiling` the lot's 最高投标限价,
    `reference` the tenderee's 标底, `drawn_bid` the price of the bidder that was drawn under the name `draw`.
    """

    of: Literal["mean", "lowest", "ceiling", "reference", "drawn_bid"]
    factors: tuple[Factor, ...] = ()
    draw: IdOrEmpty = ""


class DropRow(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """From `bids_min` counted bids on, leave the `high` highest and `low` lowest out of the mean.

    The last row that the number of counted bids reaches holds; before the first nothing is dropped.
    """

    bids_min: SmallCount
    high: SmallCount
    low: SmallCount


class LowPriceFirst(
    Struct,
    frozen=True,
    forbid_unknown_fields=True,
    kw_only=True,
    tag_field="type",
    tag="low_price_first",
):
    """低价优先法 (87号令 55): full marks × lowest / own. Also the World Bank's Sf = 100 × Fm / F.

    `lowest`, here and in the formulas below, is among the bidders that go on.
    """


class ShareOfHighest(
    Struct,
    frozen=True,
    forbid_unknown_fields=True,
    kw_only=True,
    tag_field="type",
    tag="share_of_highest",
):
    """Full marks × own / highest among those that go on: for quantities of which more is better."""


class LinearRatio(
    Struct,
    frozen=True,
    forbid_unknown_fields=True,
    kw_only=True,
    tag_field="type",
    tag="linear_ratio",
):
    """Full marks × (2 − own / lowest), not below `floor_centi` (Peru, OSCE)."""

    floor_centi: Points = 0


class BasePriceDeviation(
    Struct,
    frozen=True,
    forbid_unknown_fields=True,
    kw_only=True,
    tag_field="type",
    tag="base_price_deviation",
):
    """评标基准价法: full marks less E1 (above) or E2 (below) points for each percent off the base price.

    The base price is the sum of `terms`, rounded as `base_price` says. The deviation rate is (own price −
    base price) / base price × 100, rounded as `rate` says; it is E1 (`e_above`) that counts above 0, else E2
    (`e_below`), both in points for 1 %. `counting` says how the size of the rate is counted: interpolated as
    it is, every begun step of `step_percent` as a whole one (不足 1 % 按 1 % 计), or full steps only; what is
    lost is that size in percent × E. What is lost is at most `deduct_above_max_centi` or
    `deduct_below_max_centi` (0: no maximum), the points at least `floor_centi`.
    """

    terms: tuple[Term, ...]
    e_above: Share
    e_below: Share
    counting: Literal["interpolate", "begun_steps", "full_steps"] = "interpolate"
    step_percent: Share = "1"
    drop: tuple[DropRow, ...] = ()
    count_from_percent: ShareOrEmpty = ""
    """Bids below this percentage of the ceiling count in no mean and no lowest, but are scored."""
    count_to_percent: ShareOrEmpty = ""
    """The same for bids above this percentage of the ceiling; a bid just at a bound counts."""
    range_from: tuple[Term, ...] | UnsetType = UNSET
    """Bids below the sum of these terms do not count either (规定范围内的评标价): see SPEC 11.1.

    Here `mean` is the plain mean and `lowest` the lowest of all bids that go on, nothing dropped or rounded;
    nothing is drawn. Where a range is given, a `drawn_bid` must lie in it.
    """
    range_to: tuple[Term, ...] | UnsetType = UNSET
    """The same for bids above the sum."""
    deduct_above_max_centi: Points = 0
    deduct_below_max_centi: Points = 0
    floor_centi: Points = 0


Formula = LowPriceFirst | ShareOfHighest | LinearRatio | BasePriceDeviation


# --- award rules --------------------------------------------------------------------------------------------


class SumOfPoints(
    Struct,
    frozen=True,
    forbid_unknown_fields=True,
    kw_only=True,
    tag_field="type",
    tag="sum_of_points",
):
    """综合评估法 / 综合评分法: total = Σ points × weight (12号令 35, 87号令 55)."""


class LowestEvaluatedPrice(
    Struct,
    frozen=True,
    forbid_unknown_fields=True,
    kw_only=True,
    tag_field="type",
    tag="lowest_evaluated_price",
):
    """经评审的最低投标价法 (12号令 29-33): price × (1 + Σ percents / 100) + Σ amounts.

    Percents and amounts name quantities of the bidders, which may be negative.
    """

    percents: tuple[Id, ...] = ()
    amounts: tuple[Id, ...] = ()


class TechnicalThenPrice(
    Struct,
    frozen=True,
    forbid_unknown_fields=True,
    kw_only=True,
    tag_field="type",
    tag="technical_then_price",
):
    """技术评分最低标价法 (公路工程标准施工招标文件): the best `qualify` go on, the lowest price wins.

    Those whose exact points equal the last of the best go on too.
    """

    qualify: Annotated[int, Meta(ge=1, le=300)]


class QuantityValue(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one unit of a bidder's quantity (a day, say) adds to its price, in the lot's unit."""

    quantity: Id
    value: DecimalText


class PriceOverTechnical(
    Struct,
    frozen=True,
    forbid_unknown_fields=True,
    kw_only=True,
    tag_field="type",
    tag="price_over_technical",
):
    """(price + Σ quantity × value) / points, lowest wins (Minn. Stat. 161.3426 subd. 1(c)).

    A bid without points is not ranked.
    """

    values: tuple[QuantityValue, ...] = ()


class PriceLessCredit(
    Struct,
    frozen=True,
    forbid_unknown_fields=True,
    kw_only=True,
    tag_field="type",
    tag="price_less_credit",
):
    """price − points × credit, lowest wins."""

    credit_per_point: Share


class TechnicalOverPrice(
    Struct,
    frozen=True,
    forbid_unknown_fields=True,
    kw_only=True,
    tag_field="type",
    tag="technical_over_price",
):
    """(points + offset) × factor / price, highest wins (Quebec: offset 50, factor 10,000)."""

    offset: Share
    factor: Share


Award = (
    SumOfPoints
    | LowestEvaluatedPrice
    | TechnicalThenPrice
    | PriceOverTechnical
    | PriceLessCredit
    | TechnicalOverPrice
)
