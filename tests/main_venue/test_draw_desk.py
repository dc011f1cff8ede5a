"""The draw's desk prepares what the rules accept, and tells nobody who is in the pool until it is shown."""

from pathlib import Path

import msgspec
import pytest

from ops import experts
from ops.people import script
from ops.people.deed import Deed
from ops.scripts import drawn_committee
from protocol import canonical
from protocol.commands_draw import CallReplacement, FreezePool
from protocol.entry import Entry
from protocol.plan.case import Drawing
from protocol.pool.roll import Roll
from protocol.refusals import Refusal
from protocol.wire import Prepared
from tests.ops.scripts.hall import Hall


@pytest.fixture
def hall(tmp_path: Path) -> Hall:
    made = Hall(drawn_committee.SCRIPT, tmp_path / "cases")
    source = script.source(made.case)
    assert isinstance(made.carry_out("agent", Deed("BookSession", source=source)), Entry)
    return made


def prepared(hall: Hall, type_: str, source: str = "") -> Prepared:
    made = hall._prepared("agent", Deed(type_, source=source))
    assert isinstance(made, Prepared), made
    return made


def test_a_roll_prepared_twice_is_the_same_and_leaves_out_whom_it_must(hall: Hall) -> None:
    made = prepared(hall, "FreezePool")
    assert prepared(hall, "FreezePool") == made
    assert [one.field for one in made.disclosures] == ["pool", "parties"]
    content = canonical.decode(made.content.encode(), FreezePool)
    told = canonical.decode(made.disclosures[0].value.encode(), Roll, 1_000_000)
    reasons = [found.reason for gone in told.left for found in gone.found]
    assert {*reasons} == {"employer", "kin", "past_employer", "leave", "penalty"}
    assert sum(one.eligible + one.left for one in content.strata) == len(experts.sample())
    assert [(one.party, one.role) for one in content.parties][-1] == ("supervision", "supervisor")


def test_nobody_of_the_pool_is_named_to_the_agent_before_the_draw_is_shown(hall: Hall) -> None:
    names = [one.name for one in experts.sample()]
    made = [prepared(hall, "FreezePool")]
    while "CHECKIN" not in hall.at.path:
        hall._round()
        if hall.at.phase == "DRAWN":
            meant = canonical.encode(CallReplacement("M3", "refused", ())).decode()
            made.append(prepared(hall, "CallReplacement", meant))
    texts = [one.value for told in made for one in told.disclosures] + [told.content for told in made]
    assert len(made) > 1
    assert not [name for name in names for text in texts if name in text]
    shown = prepared(hall, "PublishDraw")
    told = [one.value.strip('"') for one in shown.disclosures if one.field == "person"]
    drawing = hall.case.drawing
    assert isinstance(drawing, Drawing)
    assert len([one for one in told if one in names]) == len(drawing.seats)


def test_a_node_without_line_or_pool_says_what_is_missing(hall: Hall, tmp_path: Path) -> None:
    booking = Deed("BookSession", source=script.source(hall.case))
    hall.nodes, nodes = (), hall.nodes
    told = hall._prepared("agent", booking)
    assert isinstance(told, Refusal)
    assert told.code == "LineDown"
    hall.nodes = nodes
    pool = tmp_path / "cases.pool"
    pool.unlink()
    told = hall._prepared("agent", Deed("FreezePool"))
    assert isinstance(told, Refusal)
    assert told.code == "DisclosureMissing"
    pool.write_bytes(msgspec.json.encode(experts.sample()))
    prepared(hall, "FreezePool")


def test_a_call_for_a_seat_that_was_not_drawn_is_refused(hall: Hall) -> None:
    while hall.at.drawn.frozen is None:
        hall._round()
    meant = canonical.encode(CallReplacement("M9", "refused", ())).decode()
    told = hall._prepared("agent", Deed("CallReplacement", source=meant))
    assert isinstance(told, Refusal)
    assert told.code == "UnknownSeat"
