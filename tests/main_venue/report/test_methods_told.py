"""Whatever a plan lays down, the working leads to the tally: it is done again in each report and compared."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from main_venue.report import sections, workbook
from main_venue.report.gathered import Gathered, gather
from protocol import record
from protocol.plan.formulas import (
    Aggregate,
    BasePriceDeviation,
    DropRow,
    Factor,
    LinearRatio,
    LowestEvaluatedPrice,
    LowPriceFirst,
    PriceLessCredit,
    Rate,
    Rounding,
    TechnicalThenPrice,
    Term,
    Trim,
)
from protocol.plan.plan import Criterion, Deviation, Scheme
from protocol.plan.policy import LowPriceCheck, SmallBusiness
from tests.main_venue.report import records
from tests.protocol.world import World

CUT = Rounding(mode="truncate", places=3)
TWO = Rounding(mode="half_up", places=2)
LESS = Rate(id="off", zh="下浮率", percent="2")


def _formula(scheme: Scheme) -> BasePriceDeviation:
    found = scheme.criteria[2].formula
    assert isinstance(found, BasePriceDeviation)
    return found


def _priced(scheme: Scheme, formula: object, **changes: object) -> Scheme:
    a, b, c = scheme.criteria
    return replace(scheme, criteria=(a, b, replace(c, formula=formula)), **changes)


def _rounded(**changes: object) -> Callable[[Scheme], Scheme]:
    return lambda scheme: replace(scheme, rounding=replace(scheme.rounding, **changes))


def _formula_with(**changes: object) -> Callable[[Scheme], Scheme]:
    return lambda scheme: _priced(scheme, replace(_formula(scheme), **changes))


def _first(**changes: object) -> Callable[[Scheme], Scheme]:
    return lambda s: replace(s, criteria=(replace(s.criteria[0], **changes), *s.criteria[1:]))


def _by_price(award: object) -> Callable[[Scheme], Scheme]:
    return lambda s: replace(
        s, award=award, wins="lowest", criteria=s.criteria[:2], max_centi=5500, rates=(), deviation=None
    )


def _grouped(scheme: Scheme) -> Scheme:
    a, b, c = scheme.criteria
    group = Criterion(id="D", zh="商务与价格", kind="group", max_centi=6000, children=(b, c))
    return replace(scheme, criteria=(a, group))


PLANS: dict[str, Callable[[Scheme], Scheme]] = {
    "summed, then rounded": _rounded(order="sum_then_round", item=CUT, part=None),
    "items cut": _rounded(item=CUT),
    "rate and mean rounded": _rounded(rate=TWO, mean_price=Rounding(mode="truncate", places=1)),
    "begun steps": _formula_with(counting="begun_steps"),
    "full steps": _formula_with(counting="full_steps"),
    "capped": _formula_with(deduct_above_max_centi=300, floor_centi=4300),
    "extremes dropped": _formula_with(drop=(DropRow(bids_min=5, high=1, low=1),)),
    "of the lowest": _formula_with(terms=(Term(of="lowest", factors=(Factor(rate="K"),)),)),
    "less a rate": lambda s: _priced(
        s,
        replace(
            _formula(s),
            terms=(Term(of="mean", factors=(Factor(rate="K"), Factor(rate="off", form="less"))),),
        ),
        rates=(*s.rates, LESS),
    ),
    "low price first": lambda s: _priced(s, LowPriceFirst(), rates=()),
    "linear": lambda s: _priced(s, LinearRatio(), rates=()),
    "price scaled": lambda s: replace(
        s, criteria=(*s.criteria[:2], replace(s.criteria[2], normalise_centi=4500))
    ),
    "points scaled": _first(normalise_centi=4000),
    "pass mark": _first(pass_centi=3400),
    "trimmed item by item": _first(aggregate=Aggregate(of="items", trim=Trim(high=1, low=1))),
    "price in a group": _grouped,
    "small businesses": lambda s: replace(
        s, small_business=SmallBusiness(quantity="small", percent="3.333", consortium_percent="1")
    ),
    "small businesses, to the cent": lambda s: replace(
        s, small_business=SmallBusiness(quantity="small", percent="3.333", rounding=TWO)
    ),
    "small businesses' points": lambda s: replace(
        s, small_business=SmallBusiness(quantity="small", percent="3", on="points", capped=True)
    ),
    "in a range": _formula_with(range_from=(Term(of="mean", factors=(Factor(rate="K"),)),)),
    "totals and low prices": lambda s: replace(
        s,
        deviation=Deviation(threshold_percent="1", against="others", of=(), total=True),
        low_prices=(LowPriceCheck(than="mean", percent="99.5"),),
    ),
    "lowest price": _by_price(LowestEvaluatedPrice()),
    "technical, then price": _by_price(TechnicalThenPrice(qualify=3)),
    "price less credit": _by_price(PriceLessCredit(credit_per_point="2")),
}


def _told(change: Callable[[Scheme], Scheme]) -> Gathered:
    case = records.case(records.SAMPLE)
    plan = replace(case.plan, schemes=(change(case.plan.schemes[0]),))
    shares = ("100", "40", *("0" for _ in case.bids[2:]))
    bids = tuple(
        replace(bid, quantities={"small": share}) for bid, share in zip(case.bids, shares, strict=True)
    )
    world = World(replace(case, plan=plan, bids=bids, expected=None))
    world.to_ranked()
    found = record.read(record.write(world.session, world.entries, world.held))
    return gather(found, record.replay(found))


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_is_told_with_the_tallys_own_figures(name: str) -> None:
    found = _told(PLANS[name])
    told = sections.sections(found)
    lot = found.lots[0]
    summary = next(block for block in told[6].blocks if block["kind"] == "table")
    for row, cells in zip(lot.evaluation.rows, summary["rows"][1:], strict=True):
        assert (cells[0] == str(row.rank)) is (row.status == "ranked")
        assert cells[-1] == (row.total or "—")
    assert workbook.xlsx(found)


def test_what_is_capped_says_so() -> None:
    blocks = sections.sections(_told(PLANS["capped"]))[6].blocks
    cells = [cell for block in blocks for row in block.get("rows", []) for cell in row]
    assert any("按限值计 2" in cell for cell in cells)


def test_items_trimmed_one_by_one_show_each_member_with_marks() -> None:
    blocks = sections.sections(_told(PLANS["trimmed item by item"]))[6].blocks
    table = next(block for block in blocks if block["text"].startswith("A "))
    cell = table["rows"][1][1]
    assert cell.count("△") == 1
    assert cell.count("▽") == 1
    assert cell.count("、") == 4


def test_what_a_small_business_counts_as_stands_beside_what_it_bid() -> None:
    found = _told(PLANS["small businesses, to the cent"])
    rows = [
        row
        for section in sections.sections(found)
        for block in section.blocks
        if block.get("text", "").endswith("评审价格(小微企业价格扣除)")
        for row in block["rows"][1:]
    ]
    told = {row.evaluated_price for row in found.lots[0].evaluation.rows}
    assert {row[2] for row in rows} == told
    assert sum(row[1] != row[2] and float(row[1]) > float(row[2]) for row in rows) == 1


def test_far_totals_and_low_prices_are_told() -> None:
    blocks = [
        block for one in sections.sections(_told(PLANS["totals and low prices"])) for block in one.blocks
    ]
    cells = [cell for block in blocks for row in block.get("rows", []) for cell in row]
    assert "总分" in cells
    assert any("须由其书面说明" in block.get("text", "") for block in blocks)
