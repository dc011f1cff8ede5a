"""Custodians that lie, as processes of a real stack: named, left out, and never enough to force anything."""

from pathlib import Path

import pytest

from ops.ceremony import real
from ops.ceremony.real import Plan
from tests.processes.false_custodian import MODULE

pytestmark = pytest.mark.timeout(240)


async def test_false_shares_are_named_and_the_bids_open_by_the_good_ones(tmp_path: Path) -> None:
    """Of five centres one damages a share and blames a bidder, one gives another bid's: three are enough.

    While the third good one is away a threshold has released, and nothing opens; nobody can force it.
    """
    plan = Plan(modules=dict.fromkeys(("centre-1", "centre-2"), MODULE), last="centre-5")
    case = real.case_of(None)
    reached = await real.hold(tmp_path, case, plan)
    first = reached.opened[0]
    assert reached.phase == "OPENED"
    assert len(reached.opened) == reached.bids == len(case.bidders)
    assert (reached.equal, reached.failed, reached.leaked) == (True, {}, ())
    assert reached.waited == ("false shares: SUSPENDED; GuardUnmet, NotAllowed, SessionSealed",)
    assert len(reached.named) == len(reached.reports)
    assert set(reached.named.values()) == {(f"{first} centre-1", f"{first} centre-2")}


async def test_with_too_few_good_shares_nothing_opens_and_nobody_can_force_it(tmp_path: Path) -> None:
    """Three of five lie: one damages, one exchanges, one withholds. All have released, and nothing opens."""
    false = ("centre-1", "centre-2", "centre-3")
    plan = Plan(modules=dict.fromkeys(false, MODULE), sunk=True)
    reached = await real.hold(tmp_path, real.case_of(None), plan)
    assert len(reached.released) == 6
    assert (reached.phase, reached.opened[:0], reached.reports) == ("CUSTODIANS_RELEASE", (), ())
    assert reached.waited == ("false shares: SUSPENDED; GuardUnmet, NotAllowed, SessionSealed",)
    assert reached.leaked == ()
    for log in (tmp_path / "logs").glob("*.log"):
        if "not opened yet" in log.read_text():
            said = next(line for line in log.read_text().splitlines() if "not opened yet" in line)
            assert "SharesTooFew" in said
