"""The opening of sealed bids: who may do what when, and every refusal by its code (SPEC 28)."""

import dataclasses

import pytest
from msgspec.structs import replace

from ops.ceremony.parties import SealedBid
from ops.ceremony.table import STEP_MS
from protocol import commands as cmd
from protocol import commands_ceremony as acts
from protocol import commands_turns as turns
from protocol.plan.conduct import conduct_of
from protocol.session.ceremony import reading
from protocol.words import SESSION_STAGE
from tests.protocol.session.ceremony.opened import Opening


@pytest.fixture
def opening() -> Opening:
    return Opening()


def test_a_whole_opening_ends_in_opened_with_every_bid_and_its_milestones(opening: Opening) -> None:
    opening.to_opened()
    assert opening.here.phase == "OPENED"
    assert [bid.bidder for bid in opening.here.bids] == [one.bidder for one in opening.bids]
    reached = [one.milestone for one in opening.at.milestones.values() if one.size]
    assert reached == ["genesis", "bids_received", "release_closed", "bids_opened"]
    for one in opening.here.bids:
        opening.must("tenderee", cmd.ReadOut(one.bidder), opening.stage)
    for seat in ("tenderee", "witness", opening.bids[0].bidder):
        opening.voice(seat)
        opening.must(seat, cmd.SignOpeningRecord(opening.record()), opening.stage)
    assert opening.code("witness", cmd.SignOpeningRecord(opening.record()), opening.stage) == "AlreadySigned"
    assert opening.here.opening_signed == ("tenderee", "witness", "bidder-001")


def test_no_share_no_key_and_no_box_stands_in_an_entry(opening: Opening) -> None:
    opening.to_opened()
    log = b"".join(opening.entries)
    release = opening.disclosed.value(opening.opening.released["bid-001"])
    custody = opening.disclosed.value(opening.opening.custody["centre-1"])
    for box in (*release["unlocking"]["boxes"], *custody["boxes"]):
        assert box["box"].encode() not in log
    assert custody["sealed"].encode() not in log


# --- before -------------------------------------------------------------------------------------------------


def test_custodians_are_appointed_once_in_order_and_nobody_twice(opening: Opening) -> None:
    groups = opening.parties.groups
    first, second = groups

    def appoint(*some: acts.KeyGroup, suite: str = "intl-1") -> str:
        content = acts.AppointCustodians("p", suite, some, 60_000)  # type: ignore[arg-type]
        return opening.code("agent", content, opening.stage)

    member = first.members[0]
    assert appoint(second, first) == "GroupRefused"
    assert appoint(first, first) == "DuplicateId"
    assert appoint(first, replace(second, members=(member,))) == "DuplicateId"
    assert appoint(replace(first, threshold=4), second) == "GroupRefused"
    assert appoint(replace(first, group="bidder")) == "GroupRefused"
    assert appoint(first, second, suite="gm-1") == "KeyRefused"
    agent = opening.parties.author_text("agent")
    assert appoint(replace(first, members=(replace(member, key=agent),), threshold=1)) == "KeyTaken"
    assert appoint(replace(first, members=(replace(member, key="ed25519:AA=="),), threshold=1)) == "Malformed"
    assert appoint(first, second) == ""
    assert appoint(first, second) == "AlreadyDone"


def test_an_opening_waits_for_custodians_and_the_main_venues_key(opening: Opening) -> None:
    begin = acts.BeginOpening(bytes(32))
    assert opening.code("tenderee", begin, opening.stage) == "GuardUnmet"
    parties = opening.parties
    opening.must("agent", acts.AppointCustodians("p", "intl-1", parties.groups, 60_000), opening.stage)
    offer = acts.OfferOpeningKey("intl-1", opening.venue_key("nanjing").public)
    opening.must("node nanjing", offer)
    assert opening.code("tenderee", begin, opening.stage) == "GuardUnmet"
    assert opening.code("node hefei", offer) == "KeyTaken"
    assert opening.code("node hefei", replace(offer, suite="gm-1")) == "KeyRefused"
    opening.must("node hefei", replace(offer, public=opening.venue_key("hefei").public))
    assert opening.code("agent", begin, opening.stage) == "NotAllowed"
    opening.must("tenderee", begin, opening.stage)
    assert [one.venue for one in opening.opening.to] == ["hefei", "nanjing"]


def test_bids_come_in_when_enough_of_every_group_have_answered(opening: Opening) -> None:
    opening.to_begun()
    content = acts.ReceiveBids(tuple(one.received for one in opening.bids))
    assert opening.roll("centre-1") == ""
    assert opening.roll("centre-1") == "AlreadyDone"
    assert opening.code("centre-2", acts.AnswerRollCall(bytes(32)), opening.stage) == "ChallengeStale"
    assert opening.roll("centre-2") == ""
    assert opening.code("installation", content, opening.stage) == "CustodiansTooFew"
    assert opening.roll("tenderee-key") == ""
    few = replace(content, bids=content.bids[:2])
    assert opening.code("installation", few, opening.stage) == "TooFewBids"
    twice = replace(content, bids=(*content.bids, content.bids[0]))
    assert opening.code("installation", twice, opening.stage) == "DuplicateId"
    seat = replace(content, bids=(*content.bids, replace(content.bids[0], bid="x", bidder="M1")))
    assert opening.code("installation", seat, opening.stage) == "DuplicateId"
    assert opening.code("agent", content, opening.stage) == "NotAllowed"
    opening.must("installation", content, opening.stage)
    assert opening.here.phase == "BIDDERS_RELEASE"


def test_with_too_few_custodians_the_session_is_suspended_and_goes_on_when_they_come(
    opening: Opening,
) -> None:
    opening.to_begun()
    limit_ms = conduct_of(opening.case.plan.conduct).suspension_during_ms
    told = opening.hide("statement", "suspended", "密钥托管方不足门限。")
    content = turns.Suspend("people", told.digest, limit_ms)
    opening.must("tenderee", content, SESSION_STAGE, (told,))
    assert opening.roll("centre-1") == "SessionSealed"
    opening.must("agent", turns.Resume())
    assert (opening.at.phase, opening.roll("centre-1")) == ("DRAWN", "")


# --- bidders ------------------------------------------------------------------------------------------------


def test_a_bidder_releases_its_own_bid_once_and_within_the_window(opening: Opening) -> None:
    opening.to_received()
    first, second, third, _ = opening.bids
    assert opening.release(replace_bidder(first, second)) == "UnknownBid"
    assert opening.release(first) == ""
    assert opening.release(first) == "AlreadyReleased"
    assert opening.code("tenderee", acts.CloseRelease(), opening.stage) == "WindowOpen"
    opening.now = opening.opening.until - STEP_MS
    assert opening.release(second) == ""
    opening.now = opening.opening.until
    assert opening.release(third) == "WindowOver"


def test_nothing_is_released_before_the_milestone_of_receipt(opening: Opening) -> None:
    opening.to_begun()
    for name in opening.parties.holders:
        opening.roll(name)
    content = acts.ReceiveBids(tuple(one.received for one in opening.bids))
    settle, opening.settle = opening.settle, lambda *_: None  # type: ignore[method-assign]
    opening.must("installation", content, opening.stage)
    opening.bind("bidder-001")
    assert opening.release(opening.bids[0]) == "MilestoneAwaited"
    opening.settle = settle  # type: ignore[method-assign]
    opening.settle()
    assert opening.release(opening.bids[0]) == ""


def test_a_suspension_within_the_window_does_not_eat_it(opening: Opening) -> None:
    opening.to_received()
    opening.release(opening.bids[0])
    before = opening.opening.until
    limit_ms = conduct_of(opening.case.plan.conduct).suspension_during_ms
    told = opening.hide("statement", "suspended", "线路中断。")
    opening.must("tenderee", turns.Suspend("line", told.digest, limit_ms), SESSION_STAGE, (told,))
    opening.now = before + 60_000
    assert opening.release(opening.bids[1]) == "SessionSealed"
    opening.must("agent", turns.Resume())
    assert opening.here.phase == "BIDDERS_RELEASE"
    assert reading.until(opening.at, opening.here) > opening.now
    assert opening.release(opening.bids[1]) == ""


def test_a_window_in_which_nobody_released_stays_open_for_people_to_decide(opening: Opening) -> None:
    opening.to_received()
    opening.settle(opening.opening.until + 1)
    assert opening.here.phase == "BIDDERS_RELEASE"
    assert opening.code("tenderee", acts.CloseRelease(), opening.stage) == "NothingReleased"


def test_the_window_closes_by_itself_at_its_end_or_when_nobody_is_missing(opening: Opening) -> None:
    opening.to_closed()
    assert (opening.here.phase, opening.now < opening.opening.until) == ("CUSTODIANS_RELEASE", True)
    late = Opening().to_closed(late=("bid-004",))
    assert late.here.phase == "CUSTODIANS_RELEASE"
    assert late.opening.list_digest != opening.opening.list_digest


# --- custodians ---------------------------------------------------------------------------------------------


def test_a_custodian_releases_for_exactly_the_list_and_once(opening: Opening) -> None:
    opening.to_closed(late=("bid-004",))
    assert opening.custody("centre-1", bids=bytes(32)) == "OtherBids"
    other = acts.ReleaseCustody("centre-2", opening.opening.list_digest, bytes(32))
    assert opening.code("centre-1", other, opening.stage) == "NotCustodian"
    assert opening.custody("centre-1") == ""
    assert opening.custody("centre-1") == "AlreadyReleased"


def test_custodians_wait_for_the_milestone_of_the_closed_window(opening: Opening) -> None:
    opening.to_received()
    for one in opening.bids[:3]:
        opening.release(one)
    settle, opening.settle = opening.settle, lambda *_: None  # type: ignore[method-assign]
    opening.now = opening.opening.until + 1
    opening.must("tenderee", acts.CloseRelease(), opening.stage)
    assert opening.custody("centre-1") == "MilestoneAwaited"
    opening.settle = settle  # type: ignore[method-assign]
    opening.settle()
    assert opening.custody("centre-1") == ""


# --- what was found -----------------------------------------------------------------------------------------


def test_nothing_is_reported_before_enough_of_every_group_have_released(opening: Opening) -> None:
    opening.to_closed()
    assert opening.report("hefei") == "CustodiansTooFew"
    for name in ("centre-1", "centre-2"):
        opening.custody(name)
    assert opening.report("hefei") == "CustodiansTooFew"
    opening.custody("tenderee-key")
    assert opening.report("hefei") == ""
    assert opening.report("hefei") == "AlreadyDone"


def test_a_report_names_every_released_bid_and_only_those(opening: Opening) -> None:
    opening.to_custody()
    whole = opening.found()
    assert opening.report("hefei", replace(whole, bids=whole.bids[1:])) == "OtherBids"
    unsaid = replace(whole.bids[0], listing=b"")
    assert opening.report("hefei", replace(whole, bids=(unsaid, *whole.bids[1:]))) == "Malformed"
    stranger = (acts.FalseShare("bid-001", "centre-9"),)
    assert opening.report("hefei", replace(whole, false_shares=stranger)) == "NotCustodian"


def test_a_venue_without_a_key_of_this_opening_reports_nothing() -> None:
    opening = Opening()
    parties = opening.parties
    opening.must(
        "agent", acts.AppointCustodians("rehearsal", "intl-1", parties.groups, 60_000), opening.stage
    )
    opening.must("node hefei", acts.OfferOpeningKey("intl-1", opening.venue_key("hefei").public))
    opening.begin()
    opening.must("node nanjing", acts.OfferOpeningKey("intl-1", opening.venue_key("nanjing").public))
    for name in parties.holders:
        opening.roll(name)
    opening.receive(opening.bids)
    for one in opening.bids:
        assert opening.release(one) == ""
    for name in parties.holders:
        assert opening.custody(name) == ""
    assert opening.report("nanjing") == "NoOpeningKey"
    assert opening.report("hefei") == ""
    assert opening.publish({one.bid: one for one in opening.bids}) == ""


def test_unequal_digests_stop_the_publication_until_the_venues_agree(opening: Opening) -> None:
    opening.to_custody()
    everything = {one.bid: one for one in opening.bids}
    assert opening.publish(everything) == "GuardUnmet"
    assert opening.report("hefei") == ""
    assert opening.publish(everything) == "GuardUnmet"
    other = acts.OpenedBid("bid-002", "opened", bytes(32))
    assert opening.report("nanjing", opening.found(bid_002=other)) == ""
    assert opening.publish(everything) == "DigestsUnequal"
    assert opening.report("nanjing") == ""
    assert opening.publish({one.bid: one for one in opening.bids[:3]}) == "NotOpened"
    assert opening.publish(everything) == ""


def test_a_bid_that_was_not_released_is_accounted_for_and_the_others_go_on(opening: Opening) -> None:
    opening.to_reported(late=("bid-004",))
    rest = {one.bid: one for one in opening.bids[:3]}
    assert opening.publish(rest) == "GuardUnmet"
    assert opening.fail("bid-001") == "BidNotFailed"
    assert opening.fail("bid-009") == "UnknownBid"
    assert opening.fail("bid-004", reason="dealer_fault") == "GroundUnfit"
    assert opening.fail("bid-004", cause="withdrawn", reason="platform") == ""
    assert opening.fail("bid-004") == "AlreadyDone"
    assert opening.publish(rest) == ""
    assert opening.opening.failures["bid-004"].cause == "withdrawn"
    assert len(opening.here.bids) == 3


def test_a_dealers_fault_is_named_and_only_that_bid_fails(opening: Opening) -> None:
    opening.to_custody()
    content = opening.found(bid_003=acts.OpenedBid("bid-003", "dealer_fault", b""))
    for venue in ("hefei", "nanjing"):
        assert opening.report(venue, content) == ""
    assert opening.fail("bid-003", reason="not_released") == "GroundUnfit"
    assert opening.fail("bid-003", reason="dealer_fault") == ""
    rest = {one.bid: one for one in opening.bids if one.bid != "bid-003"}
    assert opening.publish(rest) == ""


def test_objections_are_raised_and_answered_from_the_beginning_of_the_opening(opening: Opening) -> None:
    opening.to_received()
    told = opening.hide("objection", "one", "对密封情况有异议。")
    mine = turns.RaiseObjection("bidder-001", told.digest)
    assert opening.code("bidder-002", mine, opening.stage, (told,)) == "UnknownBidder"
    assert opening.code("bidder-001", mine, opening.stage, (told,)) == ""
    answer = opening.hide("objection", "answer", "已当场核验。")
    opening.must("tenderee", turns.AnswerObjection(1, answer.digest), opening.stage, (answer,))


def test_the_opening_record_is_signed_when_all_is_read_out_and_only_as_it_is(opening: Opening) -> None:
    opening.to_opened()
    assert opening.code("witness", cmd.SignOpeningRecord(opening.record()), opening.stage) == "VoiceAwaited"
    opening.voice("witness")
    assert opening.code("witness", cmd.SignOpeningRecord(opening.record()), opening.stage) == "GuardUnmet"
    for one in opening.here.bids:
        opening.must("tenderee", cmd.ReadOut(one.bidder), opening.stage)
    assert opening.code("witness", cmd.SignOpeningRecord(bytes(32)), opening.stage) == "RecordMismatch"
    assert opening.code("witness", cmd.SignOpeningRecord(opening.record()), opening.stage) == ""


def replace_bidder(bid: SealedBid, by: SealedBid) -> SealedBid:
    """A bid in the hands of another bidder."""
    return dataclasses.replace(bid, bidder=by.bidder)
