"""Policy and care about prices (价格政策与异常低价): what the law adds to a scheme beside its formulas.

Owns: the form of the deduction for small businesses and of the checks for abnormally low prices. Must not
know: criteria, bids, or how anything is worked out (`protocol/methods`). SPEC 11.1 says when each is applied.
"""

from typing import Literal

from msgspec import Struct

from protocol.plan.formulas import Rounding, Share, ShareOrEmpty
from protocol.words import Id


class SmallBusiness(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """小微企业价格扣除: small and micro businesses are compared at a lower price than they bid.

    `quantity` names the bidders' quantity that says which percentage of the contract small or micro
    businesses carry: 100 for such a bidder, less for a consortium or a bidder that subcontracts to them; a
    bidder without it has none. At 100 `percent` holds; from `consortium_share_min` on (30 % 以上, itself
    included) and below 100 `consortium_percent` (empty: nothing); below that nothing.

    `on` = `price`: the evaluated price is price × (1 − percent / 100), rounded as `rounding` says; every
    price formula and award rule takes it in place of the bid's price; ties and low-price alerts do not.
    `points`: every price leaf's points × (1 + percent / 100) before they are rounded as an item, at most its
    full marks where `capped`; `rounding` is not used.

    Sources: 财库〔2020〕46号 9 (6-10 %, works 3-5 %; consortium from 30 % on 2-3 %, works 1-2 %; works
    tendered under 招标投标法 with points for price other than 低价优先法 get 3-5 %, 1-2 % more points
    instead), raised by 财库〔2022〕19号 to 10-20 % and 4-6 % for goods and services, works unchanged. Both
    were read in quotations of other people's notices, not in the official text; `capped` is no word of
    theirs.
    """

    quantity: Id
    percent: Share
    consortium_percent: ShareOrEmpty = ""
    consortium_share_min: Share = "30"
    on: Literal["price", "points"] = "price"
    capped: bool = False
    rounding: Rounding | None = None


class LowPriceCheck(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """异常低价: a bid whose price is below `percent` of `than` must be explained; that rejects nothing yet.

    Prices are as they were bid, of the bidders that go on. `mean`: of all of them; `mean_of_others`: without
    the bid itself; `lowest_of_others`: the lowest of the others (次低报价 for the lowest); `ceiling` and
    `reference`: of the lot. A bid just at the limit is not told, nor one without others to compare with.

    Sources: 12号令 21 (明显低于其他投标报价或者标底), 87号令 60; the usual figures are those of
    财办库〔2024〕265号 (50 % of the mean, 50 % of the next lowest, 45 % of the ceiling), from memory.
    """

    than: Literal["mean", "mean_of_others", "lowest_of_others", "ceiling", "reference"]
    percent: Share
