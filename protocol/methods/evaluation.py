"""What goes into an evaluation of one lot and what comes out (评审输入与结果).

Owns: their form. Must not know: how anything is worked out. Both can be encoded canonically: points that
members gave are hundredths, every figure that was worked out is a decimal string.
"""

from typing import Final, Literal

from msgspec import UNSET, Struct, UnsetType

ITEMS_TOLD_MAX: Final = 6_000
"""More single items than this, over all bidders, are left out of an evaluation: it must stay a disclosure."""

DEVIATIONS_TOLD_MAX: Final = 3_000
"""With more distances than this only those over the threshold are told."""


class Inputs(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All that a lot's evaluation rests on; the order of anything in it makes no difference.

    Attributes:
        valid: ids of the bidders that passed the preliminary review.
        prices: bidder → price in the lot's unit; a missing or empty one is not known.
        quantities: bidder → name → decimal text (days, adjustments).
        sheets: seat → bidder → criterion → points_centi, all envelopes together.
        draws: name → what was drawn or decided: a percentage, a bidder, or the bidders that were chosen
            among equal ones, best first, separated by spaces.
    """

    valid: tuple[str, ...]
    prices: dict[str, str]
    quantities: dict[str, dict[str, str]]
    sheets: dict[str, dict[str, dict[str, int]]]
    draws: dict[str, str]


class PartPoints(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one bidder got for one top criterion (大类).

    `points` are as the plan rounds them, before the weight; `weighted` after it. `dropped` are the seats
    whose total was left out as highest or lowest, empty where items are aggregated one by one; `items` are
    filled below a group where they are aggregated one by one or worked out by a formula, unless there are
    more than `ITEMS_TOLD_MAX`. The points of a bidder that does not go on are not normalised.
    """

    criterion: str
    points: str
    weighted: str
    dropped: tuple[str, ...] = ()
    items: tuple["ItemPoints", ...] = ()


class ItemPoints(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one bidder got for one leaf of the criteria tree."""

    criterion: str
    points: str


class Row(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One bidder's line. `rank` is 0 unless `status` is `ranked`; equal bids share the better rank.

    `below_pass`: under a pass mark. `not_qualified`: not among the best by technical points that go on.
    `total` is the figure that is ranked: points, or a price under a price rule; empty when there is none.
    `price` is as it was bid, `evaluated_price` what it counts as: there exactly where the plan deducts
    something from the prices of small businesses, empty where the price was not looked at.
    """

    bidder: str
    status: Literal["ranked", "below_pass", "not_qualified"]
    rank: int
    tied: bool
    candidate: bool
    total: str
    price: str
    parts: tuple[PartPoints, ...]
    evaluated_price: str | UnsetType = UNSET


class LowPrice(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """异常低价: a price below `limit`, which is a percentage of `than` (`LowPriceCheck`)."""

    bidder: str
    than: str
    limit: str


class Deviation(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How far a member's points for a criterion lie from the mean (畸高畸低).

    `percent` is signed, two decimals, empty when the mean is zero; `criterion` is empty for the totals over
    all criteria. Groups are told for every seat and bidder, single items only when `over` the threshold; see
    `DEVIATIONS_TOLD_MAX`.
    """

    criterion: str
    seat: str
    bidder: str
    points: str
    mean: str
    percent: str
    over: bool


class Mismatch(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An objective item on which members differ: `scores` is seat → points_centi."""

    criterion: str
    bidder: str
    scores: dict[str, int]


class StepText(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One step of the working, in words, for the page and the report; no part of a tally."""

    zh: str
    en: str


class Evaluation(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The result for one lot; rows in order of rank, the unranked after them.

    `blocked`: members differ on an objective item and the plan has the tally wait for a correction.
    `mean_price` and `base_price` are empty where the plan has no base price. `draws` are the results that
    formulas use, and the orders that were decided for equal bids. `low_prices` is there exactly where the
    plan has such checks.
    """

    lot: str
    rows: tuple[Row, ...]
    mean_price: str
    base_price: str
    draws: dict[str, str]
    deviations: tuple[Deviation, ...]
    mismatches: tuple[Mismatch, ...]
    blocked: bool
    low_prices: tuple[LowPrice, ...] | UnsetType = UNSET
