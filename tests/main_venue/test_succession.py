"""Who follows is worked out at the desk: the agent names the seat that is left, and nobody who was drawn."""

from pathlib import Path

import pytest

from ops.people import script
from ops.people.deed import Deed
from ops.scripts import drawn_committee, late_recusal
from ops.scripts.scripted import Scripted
from protocol import canonical
from protocol.commands_draw import RedrawCommittee, ReplaceMember
from protocol.commands_turns import VoidCommittee
from protocol.entry import Entry
from protocol.refusals import Refusal
from protocol.wire import Anew, Leaving, Prepared
from protocol.words import SESSION_STAGE
from tests.ops.scripts.hall import Hall


def _ready(scripted: Scripted, folder: Path) -> Hall:
    """A session whose committee sits and has marked nothing yet."""
    hall = Hall(scripted, folder / "cases")
    source = script.source(hall.case)
    assert isinstance(hall.carry_out("agent", Deed("BookSession", source=source)), Entry)
    while hall.at.phase != "COMMITTEE_READY":
        hall._round()
    return hall


@pytest.fixture
def drawn(tmp_path: Path) -> Hall:
    return _ready(drawn_committee.SCRIPT, tmp_path)


@pytest.fixture
def imported(tmp_path: Path) -> Hall:
    return _ready(late_recusal.SCRIPT, tmp_path)


def _prepared(hall: Hall, type_: str, source: str) -> Prepared | Refusal:
    return hall._prepared("agent", Deed(type_, source=source))


def _leave(hall: Hall, seat: str, successor: str = "", name: str = "") -> Prepared | Refusal:
    meant = canonical.encode(Leaving(seat, "ill", successor, name)).decode()
    return _prepared(hall, "ReplaceMember", meant)


def _content(found: Prepared | Refusal) -> ReplaceMember:
    assert isinstance(found, Prepared), found
    return canonical.decode(found.content.encode(), ReplaceMember)


def _enter(hall: Hall, found: Prepared | Refusal) -> str:
    """Hands in what was prepared; the refusal's code, if any."""
    assert isinstance(found, Prepared)
    result = hall.do("agent", _content(found), SESSION_STAGE, found.disclosures)
    return result.code if isinstance(result, Refusal) else ""


def test_whoever_follows_a_drawn_member_is_the_next_of_the_order_on_a_seat_of_its_own(drawn: Hall) -> None:
    first = _leave(drawn, "M3")
    assert _content(first).successor == "M3-2"
    assert {one.field for one in first.disclosures} == {"person", "facts"}  # type: ignore[union-attr]
    assert _enter(drawn, first) == ""
    drawn.bind("M3-2")
    again = _leave(drawn, "M3-2")
    assert _content(again).successor == "M3-3"
    assert _content(again).drawn != _content(first).drawn
    assert _enter(drawn, again) == ""


def test_nobody_is_named_for_a_seat_that_was_drawn_for(drawn: Hall) -> None:
    assert _enter(drawn, _leave(drawn, "M3", name="一个熟人")) == "NotDrawn"
    assert _enter(drawn, _leave(drawn, "M3", successor="M4")) == "DuplicateId"


def test_the_tenderee_sends_another_representative_by_name(drawn: Hall) -> None:
    told = _leave(drawn, "M1")
    assert isinstance(told, Refusal)
    assert (told.code, dict(told.detail)) == ("DisclosureMissing", {"field": "person"})
    found = _leave(drawn, "M1", name="另一代表")
    (ref,) = _content(found).named
    assert (ref.seat, ref.kind, ref.venue) == ("M1-2", "tenderee_rep", "hefei")
    assert [one.value for one in found.disclosures] == ['"另一代表"']  # type: ignore[union-attr]
    assert _enter(drawn, found) == ""


def test_a_reserve_of_an_imported_committee_is_chosen_by_the_agent(imported: Hall) -> None:
    assert _content(_leave(imported, "M3", successor="M6")).drawn == ()
    assert _enter(imported, _leave(imported, "M3", successor="M6")) == ""


def test_who_does_not_sit_or_is_not_meant_clearly_is_refused(imported: Hall) -> None:
    for found, code in (
        (_leave(imported, "M9"), "UnknownSeat"),
        (_leave(imported, "M3"), "DisclosureMissing"),
        (_prepared(imported, "ReplaceMember", "M3"), "Malformed"),
        (_prepared(imported, "RedrawCommittee", '{"names":{}}'), "DrawUnknown"),
    ):
        assert isinstance(found, Refusal)
        assert found.code == code


def test_a_void_committee_is_drawn_again_from_the_same_orders(drawn: Hall) -> None:
    before = {seat.person for seat in drawn.at.seats.values() if seat.role == "expert"}
    text = drawn.hide("statement", "void", "评标委员会组成不合法。")
    drawn.must("tenderee", VoidCommittee("unlawful", text.digest), SESSION_STAGE, (text,))
    assert ("agent", "RedrawCommittee") in drawn.waiting()
    source = canonical.encode(Anew({"M1": "另一代表"})).decode()
    made = _prepared(drawn, "RedrawCommittee", source)
    assert isinstance(made, Prepared), made
    content = canonical.decode(made.content.encode(), RedrawCommittee)
    assert [one.seat for one in content.seats] == ["M2-2", "M3-2", "M4-2", "M5-2"]
    assert [one.seat for one in content.named] == ["M1-2"]
    drawn.must("agent", content, SESSION_STAGE, made.disclosures)
    now = {seat.person for seat in drawn.at.seats.values() if seat.role == "expert"}
    assert drawn.at.phase == "DRAWN"
    assert len(now) == 5
    assert not now & before
