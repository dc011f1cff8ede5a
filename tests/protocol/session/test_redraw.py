"""Another committee by the same draw, a chair as the plan has it, and no member before the undertaking."""

import pytest
from msgspec.structs import replace

from protocol import commands as cmd
from protocol import commands_draw as form
from protocol import commands_review as review
from protocol.commands_draw import SeatWanted
from protocol.commands_turns import VoidCommittee
from protocol.content import SeatRef
from protocol.entry import Entry
from protocol.plan.case import Case
from protocol.plan.conduct import Conduct
from protocol.plan.validate import validate_plan
from protocol.refusals import Refusal
from protocol.session import draw
from protocol.words import SESSION_STAGE
from tests.protocol import reviewing as re
from tests.protocol import turning
from tests.protocol.acting import Acting, with_plan
from tests.protocol.session.drawing import SEATS, DrawWorld
from tests.protocol.session.review.conftest import to_committee


def code(answer: Entry | Refusal) -> str:
    return answer.code if isinstance(answer, Refusal) else ""


AGAIN = tuple(replace(one, seat=f"N{one.seat[1:]}") for one in SEATS)


def _void(world: DrawWorld) -> None:
    text = world.hide("statement", f"void {world.names}", "评标委员会组成不合法。")
    world.must("tenderee", VoidCommittee("unlawful", text.digest), SESSION_STAGE, (text,))


def _redrawing(world: DrawWorld, seats: tuple[SeatWanted, ...] = AGAIN) -> form.RedrawCommittee:
    shown = world.shown((*world.at.drawn.takes, *seats))
    person = world.hide("person", f"p R2 {world.names}", "另一代表").digest
    rep = SeatRef("R2", "expert", "hefei", "tenderee_rep", False, person)
    return form.RedrawCommittee(world.draw_id, seats, tuple(shown[one.seat] for one in seats), (rep,))


@pytest.fixture
def void(case: Case) -> DrawWorld:
    """A drawn committee that sat, and is void."""
    world = DrawWorld(case)
    world.to_locked()
    _void(world)
    return world


def test_whoever_follows_in_the_same_order_sits_and_nobody_who_was_called_before(void: DrawWorld) -> None:
    before = set(void.at.turns.void[0].seats.values())
    assert code(void.do("agent", _redrawing(void))) == ""
    state = void.at
    assert state.phase == "DRAWN"
    now = {state.seats[one.seat].person for one in AGAIN}
    assert len(now) == len(AGAIN)
    assert not now & before
    void.must("agent", cmd.OpenCheckIn())
    for seat in ("N1", "N2", "N3", "N4", "R2"):
        void.seat_in(seat)
    void.must("agent", cmd.LockRoster())
    assert set(void.at.roster) == {"N1", "N2", "N3", "N4", "R2"}
    assert void.at.drawn.chair == ""


def test_nobody_is_chosen_and_no_seat_is_used_twice(void: DrawWorld) -> None:
    content = _redrawing(void)
    other = replace(content, members=(content.members[1], content.members[0], *content.members[2:]))
    assert code(void.do("agent", other)) == "DrawMismatch"
    used = replace(content, seats=(replace(AGAIN[0], seat="M1"), *AGAIN[1:]))
    assert code(void.do("agent", used)) == "SeatUsed"
    assert (
        code(void.do("agent", replace(content, named=(replace(content.named[0], seat="R1"),)))) == "SeatUsed"
    )
    assert code(void.do("agent", replace(content, draw="draw-2"))) == "DrawUnknown"
    elsewhere = replace(content, seats=(replace(AGAIN[0], place="sub-9"), *AGAIN[1:]))
    assert code(void.do("agent", elsewhere)) == "UnknownVenue"


def test_an_order_that_is_used_up_gives_nobody(void: DrawWorld) -> None:
    frozen = void.at.drawn.frozen
    assert frozen is not None
    many = tuple(SeatWanted(f"X{number}", "main", "A08") for number in range(1, 8))
    with pytest.raises(draw.PoolExhausted):
        draw.picks(void.at.drawn.seed, frozen, (*void.at.drawn.takes, *many))
    content = replace(_redrawing(void), seats=many)
    assert code(void.do("agent", content)) == "PoolExhausted"


def test_a_committee_that_was_never_shown_is_not_drawn_again_without_its_seed(case: Case) -> None:
    world = DrawWorld(case)
    world.to_drawn()
    world.bind("tenderee")
    _void(world)
    content = form.RedrawCommittee(world.draw_id, AGAIN, _nobody(world), ())
    assert code(world.do("agent", content)) == "DrawUnknown"


def _nobody(world: DrawWorld) -> tuple[form.DrawnMember, ...]:
    leaf = world.roll.eligible[0]
    return tuple(form.DrawnMember(one.seat, leaf, ()) for one in AGAIN)


# --- the chair as the plan has it ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("conduct", "secret", "told"),
    [
        (Conduct(), True, ("", "")),
        (Conduct(chair="elected", chair_ballot="open"), True, ("ChairUnplanned", "ChairUnplanned")),
        (Conduct(chair="elected", chair_ballot="secret"), True, ("", "ChairUnplanned")),
        (Conduct(chair="named"), False, ("ChairUnplanned", "")),
    ],
)
def test_a_chair_comes_to_the_office_as_the_plan_has_it(
    case: Case, conduct: Conduct, secret: bool, told: tuple[str, str]
) -> None:
    world = DrawWorld(with_plan(case, conduct=conduct))
    world.to_locked()
    ballot = world.do("agent", form.OpenChairBallot(secret))
    named = world.do("tenderee", form.NameChair("M2"))
    assert (code(ballot), code(named)) == told


def test_an_imported_committee_needs_a_chair_where_the_plan_says_how(case: Case) -> None:
    world = to_committee(with_plan(case, conduct=Conduct(chair="named")))
    stage = world.stage("01", "1")
    re.publish(world)
    for bid in re.track(world).bids:
        re.check_blind(world, bid.bidder)
    assert code(world.do("agent", cmd.BeginPreliminary(), stage)) == "GuardUnmet"
    world.must("tenderee", form.NameChair("M2"))
    assert code(world.do("agent", cmd.BeginPreliminary(), stage)) == ""


def test_in_a_purchase_the_committee_elects_and_a_plan_cannot_say_otherwise(case: Case) -> None:
    world = DrawWorld(case, "GOV_PROC")
    world.to_locked()
    assert code(world.do("tenderee", form.NameChair("M1"))) == "ChairElected"
    plan = with_plan(case, regime="GOV_PROC", conduct=Conduct(chair="named")).plan
    found = [one for one in validate_plan(plan) if one.pointer == "/conduct/chair"]
    assert [one.code for one in found] == ["RuleUnfit"]


# --- nobody before the undertaking --------------------------------------------------------------------------


def test_a_successor_does_nothing_before_it_has_checked_in(case: Case) -> None:
    world = DrawWorld(case)
    world.to_sheets()
    content = form.ReplaceMember("M3", "M9", "ill", (world.next_for("M9", "M3"),), ())
    world.must("agent", content)
    world.bind("M9")
    mark = review.MarkItem("b1", (review.Mark("form", "pass", b""),))
    stage = world.stage("01", "1")
    assert code(world.do("M9", mark, stage)) == "NotCheckedIn"
    assert code(world.do("M9", cmd.SealSheet(bytes(32)), stage)) == "NotCheckedIn"
    there = [seat for seat in world.at.seats.values() if seat.venue == world.at.seats["M9"].venue]
    keeper = next(seat.seat for seat in there if seat.role == "keeper")
    world.must(keeper, form.ConfirmIdentity("M9", "desk", b""))
    world.must("M9", world.check_in_content())
    assert code(world.do("M9", mark, stage)) == ""


def test_who_recused_after_the_scores_were_shown_keeps_everything_from_being_ranked(case: Case) -> None:
    world = Acting(case)
    world.to_scoring()
    world.to_tally("01", "1")
    turning.explain_all(world, "01", "1")
    world.must("M3", form.DeclareRecusal("kin", "b1", b""))
    assert world.code("agent", cmd.ConfirmRanking(), world.stage("01", "1")) == "GuardUnmet"
    world.void("cannot_replace")
    assert world.at.tracks["01/1"].sheets == {}
