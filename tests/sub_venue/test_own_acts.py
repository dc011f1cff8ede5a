"""What a node works out for a member to look at before it is signed."""

from msgspec.structs import replace

from protocol import canonical, wire
from protocol.methods.arithmetic_check import Correction, Line, Schedule, correction
from protocol.plan.case import Case
from protocol.refusals import Refusal
from sub_venue.seats import own_acts
from tests.protocol.world import World


def test_a_price_list_is_worked_out_step_by_step_and_nothing_else_is_taken_for_one(case: Case) -> None:
    world = World(case, rules="3")
    world.to_check_in()
    schedule = Schedule("5000", "5000", "伍仟壹佰元整", "1", 2, (Line("1", "12", "350", "4100"),))
    source = canonical.encode(schedule).decode()
    ask = wire.Prepare(
        session=world.session, type="ProposeCorrection", stage=world.stage("01", "1"), source=source
    )
    prepared = own_acts.prepare(ask, world.at, world.disclosed, "expert", "M2")
    assert isinstance(prepared, wire.Prepared)
    assert canonical.decode(prepared.content.encode(), Correction) == correction(schedule, "TENDER")
    assert prepared.disclosures == ()
    wrong = canonical.encode(replace(schedule, words="五千左右")).decode()
    for text in (wrong, "{}", ""):
        found = own_acts.prepare(replace(ask, source=text), world.at, world.disclosed, "expert", "M2")
        assert isinstance(found, Refusal)
        assert found.code == "Malformed"
    other = own_acts.prepare(ask, world.at, world.disclosed, "witness", "witness-hefei")
    assert isinstance(other, Refusal)
    assert other.code == "NotAllowed"
