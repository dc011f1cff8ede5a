"""The largest evaluation that the limits allow stays within a disclosure."""

from protocol import canonical, limits
from protocol.methods.evaluation import DEVIATIONS_TOLD_MAX, ITEMS_TOLD_MAX
from tests.protocol.methods.given import group, inputs_of, leaf, plan_of, ranked

BIDS = limits.BIDS_PER_STAGE_MAX
ITEMS = limits.CRITERIA_PER_STAGE_MAX
SEATS = 11


def test_the_largest_lot_stays_within_a_disclosure() -> None:
    half = ITEMS // 2
    first = group(
        "A", *(leaf(f"criterion-of-part-a-{i}", 1000) for i in range(half)), aggregate={"of": "items"}
    )
    second = group(
        "B", *(leaf(f"criterion-of-part-b-{i}", 1000) for i in range(half)), aggregate={"of": "items"}
    )
    plan = plan_of(
        first,
        second,
        deviation={"threshold_percent": "30", "against": "others", "of": ["A", "B"]},
        rounding={"item": {"mode": "half_up", "places": 9}, "total": {"mode": "half_up", "places": 9}},
    )
    names = [
        leaf_name for part in plan.schemes[0].criteria for leaf_name in (one.id for one in part.children)
    ]
    sheets = {
        f"M{seat}": {
            f"bidder-{bid}": {name: (seat * 7 + bid * 3 + place) % 1000 for place, name in enumerate(names)}
            for bid in range(BIDS)
        }
        for seat in range(SEATS)
    }
    result = ranked(plan, inputs_of(sheets=sheets))
    assert len(result.rows) == BIDS
    assert len(canonical.encode(result)) < limits.DISCLOSURE_BYTES_MAX
    assert result.rows[0].parts[0].items == ()
    assert all(one.over for one in result.deviations)
    assert BIDS * ITEMS > ITEMS_TOLD_MAX
    assert 2 * BIDS * SEATS > DEVIATIONS_TOLD_MAX
