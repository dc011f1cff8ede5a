"""The golden session of rules version 3 in two envelopes, which comes to nothing in the end."""

from msgspec.structs import replace

from protocol import commands as cmd
from protocol import commands_draw as form
from protocol import commands_turns as turns
from protocol.plan.case import Case
from protocol.words import SESSION_STAGE
from tests.protocol import reviewing as re
from tests.protocol import turning
from tests.protocol.acting import Acting, in_two_envelopes, with_plan
from tests.protocol.golden.whole import held

ENVELOPES_SESSION = "s-golden-3-envelopes"


def envelopes(case: Case) -> Acting:
    """Two envelopes: a rate drawn again, few bids left and competition kept, equal bids, and the end."""
    world = Acting(_equal_case(case), ENVELOPES_SESSION)
    world.to_check_in()
    world.check_in_all()
    world.must("agent", cmd.LockRoster())
    world.must("tenderee", form.NameChair("M2"))
    _few_left(world)
    world.must("agent", turns.ConfirmPassing(world.who_pass("01", "1")), world.stage("01", "1"))
    _second_envelope(world)
    statement = world.hide("statement", "ended", "招标人决定终止招标")
    failed = turns.FailSession("ended", statement.digest)
    world.must("tenderee", failed, SESSION_STAGE, (statement,))
    return world


def _equal_case(case: Case) -> Case:
    """In two envelopes; the second bid is the first one again, and one candidate is asked for."""
    prices = {bid.bidder: bid.price for bid in case.bids}
    bids = tuple(replace(bid, price=prices["b1"]) if bid.bidder == "b2" else bid for bid in case.bids)
    sheets = {"01": {seat: {**row, "b2": row["b1"]} for seat, row in case.sheets["01"].items()}}
    return with_plan(in_two_envelopes(replace(case, bids=bids, sheets=sheets)), candidates_max=1)


def _few_left(world: Acting) -> None:
    """Three bids are rejected; the committee says that two are competition enough."""
    re.begin(world)
    for bidder in ("b3", "b4", "b5"):
        held(re.propose(world, "M1", bidder, "51-6"))
        re.all_vote(world, bidder, "51-6", yes=4)
    held(re.competition(world, "M3"))
    re.all_vote(world, "", "27", yes=1)
    re.pass_all(world)
    held(re.conclude(world))
    world.to_tally("01", "1")
    turning.explain_all(world, "01", "1")


def _second_envelope(world: Acting) -> None:
    """One who committed to its share of the rate does not reveal it; then equal bids, put in order."""
    held(world.open_envelope("01", "2", world.at.tracks["01/1"].turns.passing))
    stage = world.stage("01", "2")
    rate = next(one for one in world.plan.schemes[0].rates if one.candidates)
    world.must("agent", turns.BeginDrawK(rate.id, rate.candidates), stage)
    for seat in turning.DRAWING:
        world.must(seat, turning.commitment(world, seat, rate.id, "01", "2"), stage)
    for seat in turning.DRAWING[:2]:
        world.must(seat, turning.reveal(seat, rate.id), stage)
    withheld = world.hide("statement", "withheld", "监督人员的随机数未能揭示")
    again = turns.RestartDrawK(rate.id, withheld.digest)
    world.must("supervisor-shanghai", again, stage, (withheld,))
    for seat in turning.DRAWING:
        world.must(seat, turning.commitment(world, seat, rate.id, "01", "2"), stage)
    for seat in turning.DRAWING:
        world.must(seat, turning.reveal(seat, rate.id), stage)
    world.preliminary("01", "2")
    world.to_tally("01", "2")
    turning.explain_all(world, "01", "2")
    held(turning.decide_tie(world, ("b2", "b1"), envelope="2"))
    world.tally("01", "2")
    turning.explain_all(world, "01", "2")
    world.confirm("01", "2")
