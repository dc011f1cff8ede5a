"""What is shown of draw, opening and alerts of rules version 3, and to whom it is not."""

import msgspec
import pytest

from protocol import commands as cmd
from protocol import commands_turns as turns
from protocol import entry, record
from protocol.plan.case import Case
from protocol.projection.alerts import Watched, watch
from protocol.projection.project import view
from protocol.session.apply import apply_known
from protocol.views import AlertView, View
from protocol.words import Role
from tests.main_venue.report import records, turned
from tests.protocol.session.drawing import PARTIES, DrawWorld
from tests.protocol.world import World

INSIDE: tuple[Role, ...] = ("agent", "tenderee", "witness", "supervisor")


def seen(world: World, role: Role, seat: str) -> View:
    return view(world.at, world.disclosed, role, seat)


def alerts_of(raw: bytes) -> tuple[AlertView, ...]:
    """The fold over a whole record, as every node has it."""
    read = record.read(raw)
    state, watched = None, Watched()
    for text in read.entries:
        one = entry.decode(text)
        watched = watch(state, one, watched)
        state = apply_known(state, one, text)
    return watched.alerts


def kinds(raw: bytes) -> dict[str, list[AlertView]]:
    found: dict[str, list[AlertView]] = {}
    for one in alerts_of(raw):
        found.setdefault(one.kind, []).append(one)
    return found


@pytest.fixture
def drawing(case: Case) -> DrawWorld:
    return DrawWorld(case)


def test_before_check_in_a_draw_is_counts_and_parties_and_names_no_place_and_no_person(
    drawing: DrawWorld,
) -> None:
    drawing.book()
    drawing.freeze()
    drawing.commit(PARTIES[0].party)
    shown = seen(drawing, "agent", "agent").draw
    assert shown is not None
    assert [(one.committed, one.revealed) for one in shown.parties] == [(True, False), *[(False, False)] * 3]
    assert {(one.eligible, one.left) for one in shown.strata} == {(6, 3)}
    assert (shown.drawn, shown.seed, shown.left_out) == (False, b"", None)
    told = msgspec.json.encode(seen(drawing, "agent", "agent"))
    for name in ("nanjing", "pudong", "suzhou", "专家"):
        assert name.encode() not in told


def test_why_experts_were_left_out_is_counted_once_the_roll_is_shown(drawing: DrawWorld) -> None:
    drawing.to_drawn()
    assert seen(drawing, "agent", "agent").draw.left_out is None  # type: ignore[union-attr]
    for lot, envelope in (("01", "1"),):
        drawing.open_bids(lot, envelope)
        drawing.draw(lot, envelope)
    drawing.must("agent", cmd.OpenCheckIn())
    drawing.must("agent", drawing.publish_content())
    drawing.held += drawing.people
    for role, seat in (("agent", "agent"), ("supervisor", "supervisor-hefei"), ("witness", "witness-hefei")):
        shown = seen(drawing, role, seat).draw  # type: ignore[arg-type]
        assert shown is not None
        assert shown.left_out == {"employer": 6, "leave": 6, "penalty": 6}
        assert shown.seed == drawing.at.drawn.seed
    assert seen(drawing, "tenderee", "tenderee").draw.left_out is None  # type: ignore[union-attr]
    assert seen(drawing, "expert", "M1").draw is None
    assert seen(drawing, "keeper", "keeper").draw is None


def test_an_objection_and_its_answer_are_shown_at_the_opening_and_to_no_expert(case: Case) -> None:
    world = World(case, rules="3")
    world.to_check_in()
    if not world.at.seats["tenderee"].key:
        world.bind("tenderee")
    stage = world.stage("01", "1")
    text = world.hide("objection", "o", "唱标有误")
    world.must("tenderee", turns.RaiseObjection("b2", text.digest), stage, (text,))
    for role in INSIDE:
        (one,) = seen(world, role, role).stages[0].objections
        assert (one.number, one.bidder, one.objection, one.answered, one.answer) == (
            1,
            "b2",
            "唱标有误",
            False,
            None,
        )
    (hidden,) = seen(world, "expert", "M1").stages[0].objections
    assert hidden.objection is None
    assert seen(world, "keeper", "keeper").stages[0].objections == ()


def test_limits_are_the_plans_for_the_phase_and_only_for_whom_turns_are_shown(case: Case) -> None:
    world = World(case, rules="3")
    world.to_check_in()
    assert seen(world, "agent", "agent").limits.suspension_ms == 2 * 3_600_000  # type: ignore[union-attr]
    assert seen(world, "tenderee", "tenderee").limits is None
    old = World(case)
    old.book()
    assert seen(old, "agent", "agent").limits is None


def test_votes_corrections_dissent_refusals_and_suspensions_are_alerts_that_end() -> None:
    found = kinds(turned.turned())
    (vote,) = found["RejectionVote"]
    assert vote.until > vote.since
    (rejected,) = found["RejectedByVote"]
    assert {name: rejected.detail[name] for name in ("bid", "yes", "no", "ground")} == {
        "bid": "乙", "yes": "3", "no": "2", "ground": "51-6",
    }  # fmt: skip
    (still,) = found["Suspended"]
    assert still.until - still.since > 3 * 3_600_000
    assert [one.seats for one in found["ScoreCorrected"]] == [("M2",)]
    assert [one.seats for one in found["Dissent"]] == [("M2",)]
    (refused,) = found["SigningRefused"]
    assert (refused.seats, refused.until > 0) == (("M5",), True)
    (objected,) = found["Objection"]
    assert objected.until > 0


def test_a_recusal_ends_with_the_replacement_and_a_void_committee_with_the_new_one() -> None:
    (recusal,) = kinds(turned.drawn())["Recusal"]
    assert (recusal.seats, recusal.until > 0) == (("M3",), True)
    found = kinds(turned.voided())
    (void,) = found["CommitteeVoid"]
    assert void.until > void.since
    assert [one.until > 0 for one in found["Suspended"]] == [True]


def test_older_rules_raise_none_of_them() -> None:
    raw = records.archived(records.SAMPLE)
    assert set(kinds(raw)) <= {"SeatRebound", "MilestoneOwed"}
