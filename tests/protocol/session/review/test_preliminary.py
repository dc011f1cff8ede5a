"""The preliminary review: items as published, marks, blind parts, and what must be done before it ends."""

import pytest
from msgspec.structs import replace

from protocol import canonical
from protocol import commands as cmd
from protocol import commands_review as acts
from protocol.entry import Entry
from protocol.projection import visibility
from protocol.refusals import Refusal
from protocol.session.outcome import outcome
from protocol.session.review import standing
from protocol.session.review.checks import planned
from tests.protocol import reviewing as re
from tests.protocol.world import World

ITEMS = ("form", "qualification", "responsiveness")


def code(result: object) -> str:
    assert isinstance(result, Refusal), result
    return result.code


def test_items_are_published_once_and_as_the_plan_has_them(opened: World) -> None:
    good = planned(opened.plan, "01", "1")
    assert good.blind
    for change in (
        {"items": good.items[:2]},
        {"items": (replace(good.items[0], ground="51-6"), *good.items[1:])},
        {"answer_ms": good.answer_ms + 1},
        {"vote_ms": good.vote_ms + 1},
        {"blind": False},
    ):
        assert code(re.do(opened, "agent", replace(good, **change))) == "PlanMismatch"
    assert code(re.do(opened, "M1", good)) == "NotAllowed"
    assert isinstance(re.publish(opened), Entry)
    assert code(re.publish(opened)) == "AlreadyDone"


def test_the_review_begins_with_its_items_and_its_blind_parts_looked_through(opened: World) -> None:
    begin = cmd.BeginPreliminary()
    assert code(re.do(opened, "agent", begin)) == "GuardUnmet"
    assert code(re.check_blind(opened, "b1")) == "GuardUnmet"
    re.publish(opened)
    for bidder in ("b1", "b2", "b3", "b4"):
        re.check_blind(opened, bidder)
    assert code(re.do(opened, "agent", begin)) == "GuardUnmet"
    assert code(re.do(opened, "agent", acts.CheckBlindPart("b5", "fail", b""))) == "NoBlindPart"
    assert isinstance(re.check_blind(opened, "b5", "fail"), Entry)
    assert standing.shown_blind(re.track(opened)) == {"b1", "b2", "b3", "b4"}
    assert isinstance(re.do(opened, "agent", begin), Entry)


def test_a_failed_blind_part_goes_to_a_vote_or_passes_later(world: World) -> None:
    re.check_blind(world, "b5", "fail")
    re.check_blind(world, "b4", "fail")
    re.pass_all(world)
    assert code(re.conclude(world)) == "GuardUnmet"
    assert isinstance(re.check_blind(world, "b4"), Entry)
    assert code(re.conclude(world)) == "GuardUnmet"
    re.propose(world, "M1", "b5", "51-6")
    re.all_vote(world, "b5", "51-6", yes=1)
    assert isinstance(re.conclude(world), Entry)
    assert re.track(world).valid == ("b1", "b2", "b3", "b4", "b5")


def test_every_member_marks_every_item_of_every_bid(world: World) -> None:
    passed = dict.fromkeys(ITEMS, "pass")
    for seat in world.members():
        for bidder in ("b1", "b2", "b3", "b4", "b5"):
            assert code(re.conclude(world)) == "GuardUnmet"
            assert isinstance(re.mark(world, seat, bidder, **passed), Entry)  # type: ignore[arg-type]
    assert isinstance(re.conclude(world, "M2"), Entry)
    assert re.track(world).phase == "DETAILED"
    assert code(re.mark(world, "M1", "b1", form="pass")) == "WrongPhase"


def test_marks_name_items_of_ones_own_each_once_and_give_reasons(world: World) -> None:
    assert code(re.mark(world, "M1", "b1", colour="pass")) == "UnknownReviewItem"
    assert code(re.mark(world, "M1", "b9", form="pass")) == "UnknownBidder"
    assert code(re.mark(world, "tenderee", "b1", form="pass")) == "NotYourItem"
    twice = acts.Mark("form", "pass", b"")
    assert code(re.do(world, "M1", acts.MarkItem("b1", (twice, twice)))) == "DuplicateId"
    for mark in (acts.Mark("form", "minor", b""), acts.Mark("form", "pass", bytes(32))):
        assert code(re.do(world, "M1", acts.MarkItem("b1", (mark,)))) == "Malformed"
    hidden = acts.Mark("form", "material", bytes(32))
    assert code(re.do(world, "M1", acts.MarkItem("b1", (hidden,)))) == "DisclosureMissing"


def test_a_material_deviation_is_voted_on_or_withdrawn(world: World) -> None:
    re.pass_all(world)
    re.mark(world, "M3", "b2", form="minor")
    re.mark(world, "M3", "b1", responsiveness="material")
    assert code(re.conclude(world)) == "GuardUnmet"
    re.propose(world, "M3", "b1", "51-1")
    re.all_vote(world, "b1", "51-1", yes=0)
    assert code(re.conclude(world)) == "GuardUnmet"  # another ground than the item's
    re.mark(world, "M4", "b4", form="material")
    re.mark(world, "M4", "b4", form="pass")
    re.propose(world, "M3", "b1", "51-6")
    re.all_vote(world, "b1", "51-6", yes=2)
    assert isinstance(re.conclude(world), Entry)
    assert re.track(world).valid == ("b1", "b2", "b3", "b4", "b5")


def test_what_was_withdrawn_stays_disclosed_with_the_record(world: World) -> None:
    re.mark(world, "M4", "b4", form="material")
    re.check_blind(world, "b4", "fail")
    before = {one.digest for one in visibility.digests(world.at)}
    re.mark(world, "M4", "b4", form="pass")
    re.check_blind(world, "b4")
    assert {one.digest for one in visibility.digests(world.at)} == before


def test_the_desk_of_a_purchase_qualifies_and_the_committee_looks_at_conformity(purchase: World) -> None:
    re.publish(purchase)
    assert code(re.mark(purchase, "M1", "b1", conformity="pass")) == "WrongPhase"
    assert isinstance(re.mark(purchase, "tenderee", "b1", qualification="pass"), Entry)
    assert isinstance(re.mark(purchase, "agent", "b2", qualification="material"), Entry)
    for bidder in ("b1", "b2", "b3", "b4", "b5"):
        re.check_blind(purchase, bidder)
    purchase.must("agent", cmd.BeginPreliminary(), purchase.stage(*re.ONE))
    assert code(re.mark(purchase, "M1", "b1", qualification="pass")) == "NotYourItem"
    assert code(re.mark(purchase, "agent", "b1", conformity="pass")) == "NotYourItem"
    re.pass_all(purchase)
    assert isinstance(re.conclude(purchase), Entry)
    track = re.track(purchase)
    assert track.valid == ("b1", "b3", "b4", "b5")
    assert [(one.bidder, one.ground) for one in track.rejected] == [("b2", "87-63-3")]


def test_one_mark_of_the_desk_holds_and_a_later_one_takes_its_place(purchase: World) -> None:
    re.publish(purchase)
    re.mark(purchase, "agent", "b2", qualification="material")
    assert standing.desk_outs(re.track(purchase)) == {"b2": "87-63-3"}
    re.mark(purchase, "tenderee", "b2", qualification="pass")
    assert standing.desk_outs(re.track(purchase)) == {}


def test_fewer_than_three_qualified_suppliers_are_not_evaluated(purchase: World) -> None:
    re.publish(purchase)
    for bidder in ("b1", "b2", "b3"):
        re.mark(purchase, "agent", bidder, qualification="material")
    for bidder in ("b1", "b2", "b3", "b4", "b5"):
        re.check_blind(purchase, bidder)
    purchase.must("agent", cmd.BeginPreliminary(), purchase.stage(*re.ONE))
    re.pass_all(purchase)
    assert code(re.conclude(purchase)) == "TooFewValid"
    assert code(re.competition(purchase, "M1")) == "UnknownGround"


def test_a_preliminary_review_is_not_imported_any_more(world: World) -> None:
    content = cmd.ImportPreliminary("x", bytes(32), "x", ("b1",), ())
    assert code(re.do(world, "agent", content)) == "NotYetAvailable"


@pytest.mark.parametrize("regime", ["world", "purchase"])
def test_an_outcome_does_not_tell_when_people_asked_and_voted(
    regime: str, request: pytest.FixtureRequest
) -> None:
    """The way aside is left out of the path; what came of it stands."""
    world: World = request.getfixturevalue(regime)
    if regime == "purchase":
        re.begin(world)
    re.ask(world, "M1", "b1")
    re.answer(world, "agent", 1, "", refused=True)
    re.close(world, "M2", 1, "refused")
    told = canonical.decode(outcome(world.at, world.disclosed), dict)
    (stage,) = told["stages"]
    assert stage["path"] == ["AWAITED", "OPENED", "PRELIM"]
    assert stage["clarifications"] == [["b1", "unclear", "refused"]]
