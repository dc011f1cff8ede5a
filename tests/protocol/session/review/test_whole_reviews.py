"""Whole evaluations under version 3 whose review takes a turn: booking to archive, by public acts."""

import json

import pytest

from protocol import commands as cmd
from protocol import record
from protocol.session.outcome import outcome, outcome_digest
from tests.protocol import reviewing as re
from tests.protocol.world import World


def archived(world: World) -> dict[str, object]:
    """Scored to archived, the record decided again entry for entry; gives the outcome of the stage."""
    world.to_ranked_from_scoring()
    world.to_submitted()
    world.must("agent", cmd.ArchiveSession())
    read = record.read(record.write(world.session, world.entries, world.held))
    state = record.replay(read)
    assert state == world.state
    assert state.phase == "ARCHIVED"
    assert outcome_digest(state, read.disclosed) == outcome_digest(world.at, world.disclosed)
    told = json.loads(outcome(state, read.disclosed))
    (stage,) = told["stages"]
    found: dict[str, object] = stage
    return found


def reject_by_three(world: World, order: tuple[str, ...]) -> None:
    """b2 is found not to respond by M1 and M4, and rejected by three of five."""
    for seat in ("M1", "M4"):
        re.mark(world, seat, "b2", responsiveness="material")
    re.propose(world, "M1", "b2", "51-6")
    for seat in order:
        re.vote(world, seat, "b2", "51-6", "yes" if seat in ("M1", "M3", "M4") else "no")
    re.pass_all(world)
    re.conclude(world)


def test_a_rejection_by_three_to_two_keeps_the_dissent_to_the_archive(world: World) -> None:
    reject_by_three(world, ("M1", "M2", "M3", "M4", "M5"))
    stage = archived(world)
    assert stage["valid"] == ["b1", "b3", "b4", "b5"]
    assert stage["rejected"] == [["b2", "51-6"]]
    ballots = {"M1": "yes", "M2": "no", "M3": "yes", "M4": "yes", "M5": "no"}
    assert stage["votes"] == [{"bidder": "b2", "ground": "51-6", "ballots": ballots, "result": "rejected"}]
    assert stage["marks"]["b2"]["responsiveness"] == {"M1": "material", "M4": "material"}  # type: ignore[index]
    assert stage["path"] == [
        "AWAITED", "OPENED", "PRELIM", "DETAILED", "SCORES_SEALED", "SCORES_OPENING", "SUMMARY", "RANKED",
    ]  # fmt: skip


def test_the_order_in_which_members_vote_and_bidders_answer_is_not_in_the_outcome(
    opened: World, request: pytest.FixtureRequest
) -> None:
    """Another run of the same evaluation, in which lines were cut at other places."""
    re.begin(opened)
    other: World = request.getfixturevalue("another")
    re.begin(other)
    for world, bidders in ((opened, ("b1", "b3")), (other, ("b3", "b1"))):
        for seat, bidder in (("M1", "b1"), ("M2", "b3")):
            re.ask(world, seat, bidder)
        for bidder in bidders:
            number = 1 if bidder == "b1" else 2
            re.answer(world, "agent", number)
            re.close(world, "M1" if number == 1 else "M2", number, "answered")
    reject_by_three(opened, ("M1", "M2", "M3", "M4", "M5"))
    reject_by_three(other, ("M5", "M3", "M1", "M4", "M2"))
    one, two = archived(opened), archived(other)
    assert one == two
    assert outcome(opened.at, opened.disclosed) == outcome(other.at, other.disclosed)


def test_a_bidder_that_refuses_to_explain_is_voted_on_and_kept(world: World) -> None:
    re.ask(world, "M2", "b5", "low_price")
    re.answer(world, "agent", 1, "", refused=True)
    re.close(world, "M2", 1, "refused")
    re.propose(world, "M2", "b5", "51-5-cost")
    re.all_vote(world, "b5", "51-5-cost", yes=2)
    re.pass_all(world)
    re.conclude(world)
    stage = archived(world)
    assert stage["clarifications"] == [["b5", "low_price", "refused"]]
    assert [one["result"] for one in stage["votes"]] == ["kept"]  # type: ignore[attr-defined]
    assert stage["valid"] == ["b1", "b2", "b3", "b4", "b5"]


def test_two_left_go_on_because_the_committee_sees_competition(world: World) -> None:
    for bidder in ("b1", "b2", "b4"):
        re.propose(world, "M1", bidder, "51-6")
        re.all_vote(world, bidder, "51-6", yes=4)
    re.competition(world, "M5")
    re.all_vote(world, "", "27", yes=1)
    re.pass_all(world)
    re.conclude(world)
    stage = archived(world)
    assert stage["valid"] == ["b3", "b5"]
    assert [one["ground"] for one in stage["votes"]] == ["27", "51-6", "51-6", "51-6"]  # type: ignore[attr-defined]


def test_a_purchase_goes_from_the_desks_review_to_the_archive(purchase: World) -> None:
    re.publish(purchase)
    re.mark(purchase, "tenderee", "b4", qualification="material")
    for bidder in ("b1", "b2", "b3", "b4", "b5"):
        re.check_blind(purchase, bidder)
    purchase.must("agent", cmd.BeginPreliminary(), purchase.stage(*re.ONE))
    re.pass_all(purchase)
    re.conclude(purchase, "M3")
    stage = archived(purchase)
    assert stage["rejected"] == [["b4", "87-63-3"]]
    assert stage["marks"]["b4"] == {"qualification": {"desk": "material"}}  # type: ignore[index]
