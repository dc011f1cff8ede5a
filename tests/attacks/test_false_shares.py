"""Custodians that lie in what they box for the venues (SPEC 28.5), each a class with control."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from ops.ceremony import rehearsal
from protocol import commands_ceremony as acts
from protocol import limits
from protocol.seal import releasing
from protocol.seal.refused import SealRefused
from protocol.seal.releasing import Fault, Shares
from sub_venue.custody import recombining
from tests.protocol.session.ceremony.opened import Opening


@pytest.fixture
def opening() -> Opening:
    return Opening()


def test_a_custodian_that_lies_is_named_and_the_bid_opens_all_the_same(
    opening: Opening, tmp_path: Path
) -> None:
    """Had: a custodian's key. Tried: a false share. Stopped by: its commitment. Control: the true ones."""
    opening.to_closed()
    true = opening.shares("centre-1")
    false = replace(true.shares[0], share=bytes(31) + b"\x07")
    lying = replace(true, shares=(false, *true.shares[1:]))
    assert opening.custody("centre-1", opening.boxed("centre-1", lying)) == ""
    for name in ("centre-2", "centre-3", "tenderee-key"):
        assert opening.custody(name) == ""
    fetched = rehearsal.fetch(tmp_path / "v", opening.bids)
    key = opening.venue_key("nanjing")
    found = recombining.put_together(opening.at, opening.here, opening.disclosed, fetched, key, None)
    assert {one.result for one in found.report.bids} == {"opened"}
    assert found.report.false_shares == (acts.FalseShare("bid-001", "centre-1"),)


def test_one_custodian_that_blames_a_bidder_does_not_sink_the_bid(opening: Opening, tmp_path: Path) -> None:
    """Had: a custodian's key, and releases just at the threshold. Tried: to call an honest box false.

    Stopped by: others' shares are waited for. Control: with nobody left it counts.
    """
    opening.to_closed()
    true = opening.shares("centre-1")
    bid = true.shares[0].bid.bid
    lying = Shares((Fault(bid, "DealerFault"),), true.shares[1:])
    assert opening.custody("centre-1", opening.boxed("centre-1", lying)) == ""
    for name in ("centre-2", "tenderee-key"):
        assert opening.custody(name) == ""
    fetched = rehearsal.fetch(tmp_path / "v", opening.bids)
    key = opening.venue_key("nanjing")
    with pytest.raises(SealRefused) as refused:
        recombining.put_together(opening.at, opening.here, opening.disclosed, fetched, key, None)
    assert refused.value.code == "SharesTooFew"
    assert opening.custody("centre-3") == ""
    found = recombining.put_together(opening.at, opening.here, opening.disclosed, fetched, key, None)
    assert {one.result for one in found.report.bids} == {"opened"}
    assert found.report.false_shares == ()
    suite = opening.parties.suite
    header = opening.bids[0].header
    blamed = dict.fromkeys(("centre-1", "centre-2", "centre-3"), lying)
    good = {name: opening.shares(name) for name in ("centre-3", "tenderee-key")}
    release = opening.parties.release(opening.session, opening.bids[0], [key.public])
    sunk = releasing.put_together(suite, header, opening.bids[0].digest, release, blamed | good, key)
    assert sunk.result == "dealer_fault"


def test_a_custodian_that_says_nothing_of_a_bid_is_named(opening: Opening, tmp_path: Path) -> None:
    """Had: a custodian's key. Tried: to leave out a bid's share, or to blame the dealer beside a false share.

    Stopped by: both are false. Control: the others open the bid.
    """
    opening.to_closed()
    one, two = opening.shares("centre-1"), opening.shares("centre-2")
    # Each lies of another bid: two of three are good for either.
    beside = replace(two.shares[1], blinder=bytes(32))
    faults = (Fault(beside.bid.bid, "DealerFault"),)
    assert opening.custody("centre-1", opening.boxed("centre-1", Shares((), one.shares[1:]))) == ""
    bent = Shares(faults, (two.shares[0], beside, *two.shares[2:]))
    assert opening.custody("centre-2", opening.boxed("centre-2", bent)) == ""
    for name in ("centre-3", "tenderee-key"):
        assert opening.custody(name) == ""
    fetched = rehearsal.fetch(tmp_path / "v", opening.bids)
    key = opening.venue_key("nanjing")
    found = recombining.put_together(opening.at, opening.here, opening.disclosed, fetched, key, None)
    assert {one.result for one in found.report.bids} == {"opened"}
    assert [one.custodian for one in found.report.false_shares] == ["centre-1", "centre-2"]
    named = recombining.culprits(opening.at, opening.here, opening.disclosed, fetched, key)
    assert named == ("centre-1", "centre-2")


def test_more_false_shares_than_a_report_holds_name_every_custodian() -> None:
    """Had: two custodians' keys. Tried: so many false shares that a venue's report is out of form.

    Stopped by: the report names as many as it holds, and every custodian among them.
    """
    most = limits.FALSE_SHARES_MAX
    false = [acts.FalseShare(f"bid-{at:03}", "centre-1") for at in range(most)]
    false += [acts.FalseShare("bid-299", "centre-2"), acts.FalseShare("bid-300", "centre-2")]
    kept = recombining.named(false)
    assert len(kept) == most
    assert kept[-2:] == tuple(false[-2:])
    assert recombining.named(false[:most]) == tuple(false[:most])
