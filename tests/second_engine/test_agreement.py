"""The product and the second engine agree, on published cases and generated tenders; bugs are found."""

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from protocol.methods.evaluation import Inputs
from protocol.plan.case import Case, read_case
from protocol.plan.findings import errors_among
from protocol.plan.plan import Plan
from protocol.plan.validate import validate_plan
from protocol.plan.validate_bids import valid_bidders
from tests.house import ground
from tests.second_engine import agreement, exact, smaller
from tests.second_engine.engine import evaluated
from tests.second_engine.first import product
from tests.second_engine.generated import LOT, Generated, generated
from tests.second_engine.outcome import Outcome, Refused

TENDERS = 2_000
"""So many with every test run; `tongchang agree` compares as many as are wanted."""

CASES = sorted((ground.ROOT / "ops" / "cases").glob("*.json"))


def lots(path: Path) -> list[tuple[Case, str, Inputs]]:
    """A published case, lot by lot; what is not known of a score is taken as it may be at most."""
    case = read_case(path.read_bytes())
    assert isinstance(case, Case)
    found = []
    for lot in case.plan.lots:
        bids = [bid for bid in case.bids if bid.lot == lot.id]
        sheets = msgspec.to_builtins(case.sheets.get(lot.id, {}))
        for one in case.unknown:
            for sheet in sheets.values() if one.lot == lot.id else ():
                sheet.setdefault(one.bidder, {})[one.criterion] = one.at_most_centi
        inputs = Inputs(
            valid=valid_bidders(case, lot.id),
            prices={bid.bidder: bid.price for bid in bids if bid.price},
            quantities={bid.bidder: bid.quantities for bid in bids},
            sheets=sheets,
            draws=case.draws.get(lot.id, {}),
        )
        found.append((case, lot.id, inputs))
    return found


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_published_case_comes_out_as_published(path: Path) -> None:
    for case, lot, inputs in lots(path):
        found = evaluated(case.plan, lot, inputs)
        assert isinstance(found, Outcome)
        assert agreement.where(product(case.plan, lot, inputs), found) == ()
        assert case.expected is not None
        expected = next(one for one in case.expected.lots if one.lot == lot)
        by_bidder = {line.bidder: line for line in found.lines}
        ranked = sorted(expected.ranking, key=lambda one: by_bidder[one].rank)
        assert ranked == list(expected.ranking)
        for bidder, total in (expected.totals | expected.upper_bounds).items():
            off = abs(exact.of(by_bidder[bidder].total) - exact.of(total))
            assert off <= exact.of(expected.tolerance), bidder
        for bidder, parts in expected.parts.items():
            own = {part.criterion: exact.of(part.points) for part in by_bidder[bidder].parts}
            assert {name: own[name] for name in parts} == {name: exact.of(one) for name, one in parts.items()}
        for name in ("mean_price", "base_price"):
            if getattr(expected, name):
                assert Fraction(getattr(found, name)) == Fraction(getattr(expected, name))


def test_both_engines_give_the_same_for_generated_tenders() -> None:
    found = agreement.agree(range(TENDERS), jobs=1)
    assert [(one.seed, one.where, one.smallest) for one in found.differences] == []
    assert found.kinds["evaluated"] > TENDERS * 8 // 10
    for kind in ("a rank is shared", "a bid is below a pass mark", "base_price", "distances", "low_prices"):
        assert found.kinds[kind] > TENDERS // 50, kind


def test_a_generated_plan_has_no_error_and_a_seed_is_one_tender() -> None:
    for seed in range(200):
        assert errors_among(validate_plan(generated(seed).plan)) == ()
        assert generated(seed) == generated(seed)


def test_the_order_of_bidders_and_members_makes_no_difference_to_the_second_engine() -> None:
    for seed in range(200):
        plan, inputs = generated(seed)
        turned = replace(
            inputs,
            valid=inputs.valid[::-1],
            sheets={seat: dict(reversed(sheet.items())) for seat, sheet in reversed(inputs.sheets.items())},
        )
        assert evaluated(plan, LOT, turned) == evaluated(plan, LOT, inputs)


def rank_wrong(result: Outcome) -> Outcome:
    return result._replace(
        lines=tuple(line._replace(rank=1) if line.rank == 2 else line for line in result.lines)
    )


def cent_off(result: Outcome) -> Outcome:
    return result._replace(lines=tuple(line._replace(total=f"{line.total}0") for line in result.lines))


@pytest.mark.parametrize("bug", [rank_wrong, cent_off])
def test_a_planted_mistake_is_found_and_made_small(bug: Callable[[Outcome], Outcome]) -> None:
    def broken(plan: Plan, lot: str, inputs: Inputs) -> Outcome | Refused:
        found = product(plan, lot, inputs)
        return found if isinstance(found, Refused) else bug(found)

    def differs(one: Generated) -> bool:
        return bool(agreement.compared(*one, broken))

    seed = next(seed for seed in range(50) if differs(generated(seed)))
    tender = smaller.smallest(generated(seed), differs)
    assert differs(tender)
    assert len(tender.inputs.valid) <= 2
    plan, inputs = smaller.text(tender).splitlines()
    assert msgspec.json.decode(plan, type=Plan) == tender.plan
    assert json.loads(inputs)["valid"] == list(tender.inputs.valid)
