"""Who is shown which intervention, whose words, and whose it is (SPEC 34.3)."""

import msgspec
import pytest
from msgspec.structs import replace

from protocol.entry import decode
from protocol.plan.case import Case
from protocol.projection import alerts, visibility
from protocol.projection.lines import line
from protocol.projection.project import view
from protocol.session.apply import apply
from protocol.session.state import Seat
from protocol.views import View
from protocol.views_oversight import InterventionView
from protocol.words import Role
from tests.protocol.acting import Acting
from tests.protocol.overseeing import GUEST, HOST, MINUTE_MS, answer, intervene

TO_SESSION, TO_SEAT, TO_VENUE, TO_ROLE = "问全场", "问席位", "问会场", "问角色"


@pytest.fixture
def world(case: Case) -> Acting:
    """The guest asks the session, a seat and a venue of its own province; the host asks a role."""
    world = Acting(case, rules="4")
    world.book()
    world.import_committee()
    world.bind_watchers()
    intervene(world, GUEST, words=TO_SESSION)
    intervene(world, GUEST, scope="seat", subject=expert_at(world, "nanjing"), words=TO_SEAT)
    intervene(world, GUEST, scope="venue", subject="nanjing", words=TO_VENUE)
    intervene(world, HOST, scope="role", subject="expert", words=TO_ROLE)
    return world


def expert_at(world: Acting, venue: str) -> str:
    return next(seat for seat in world.members() if world.at.seats[seat].venue == venue)


def shown(world: Acting, role: Role, seat: str) -> tuple[InterventionView, ...]:
    return whole(world, role, seat).interventions


def whole(world: Acting, role: Role, seat: str) -> View:
    return view(world.at, world.disclosed, role, seat)


def words(world: Acting, role: Role, seat: str) -> list[str | None]:
    return [one.text for one in shown(world, role, seat)]


def test_the_agent_and_the_project_s_place_are_shown_all(world: Acting) -> None:
    everything = [TO_SESSION, TO_SEAT, TO_VENUE, TO_ROLE]
    assert words(world, "agent", "agent") == everything
    assert words(world, "supervisor", HOST) == everything
    assert words(world, "witness", "witness-hefei") == everything
    assert [one.answerable for one in shown(world, "agent", "agent")] == [True] * 4
    assert not any(one.answerable for one in shown(world, "supervisor", HOST))


def test_another_province_is_shown_what_it_asked_and_what_is_asked_there(world: Acting) -> None:
    intervene(world, HOST, scope="venue", subject="hefei", words="主场")
    assert words(world, "supervisor", GUEST) == [TO_SESSION, TO_SEAT, TO_VENUE, TO_ROLE, None]
    assert words(world, "witness", "witness-nanjing") == [TO_SESSION, TO_SEAT, TO_VENUE, TO_ROLE, None]
    assert shown(world, "supervisor", GUEST)[-1].subject == "hefei"


def test_a_seat_elsewhere_is_not_named_to_a_supervisor_who_is_not_shown_it(world: Acting) -> None:
    here = expert_at(world, "hefei")
    intervene(world, HOST, scope="seat", subject=here, words="主场席位")
    assert shown(world, "supervisor", HOST)[-1].subject == here
    assert (shown(world, "supervisor", GUEST)[-1].subject, words(world, "supervisor", GUEST)[-1]) == (
        "",
        None,
    )


def test_an_expert_sees_what_is_put_to_the_own_seat_or_role_and_not_by_whom(world: Acting) -> None:
    asked, other = expert_at(world, "nanjing"), expert_at(world, "hefei")
    assert words(world, "expert", asked) == [TO_SEAT, TO_ROLE]
    assert words(world, "expert", other) == [TO_ROLE]
    assert words(world, "tenderee", "tenderee") == []
    raw = msgspec.json.encode(shown(world, "expert", asked)).decode()
    assert GUEST not in raw
    assert HOST not in raw
    assert world.at.venues["nanjing"].province not in raw
    assert {(one.seat, one.venue, one.province) for one in shown(world, "expert", asked)} == {("", "", "")}
    assert [one.answerable for one in shown(world, "expert", asked)] == [True, False]


def test_an_answer_is_shown_with_the_question_it_answers(world: Acting) -> None:
    asked, other = expert_at(world, "nanjing"), expert_at(world, "hefei")
    answer(world, "agent", 1, words="答全场")
    answer(world, "agent", 2, "corrected", words="答席位")
    assert [one.answer for one in shown(world, "supervisor", GUEST)] == ["答全场", "答席位", None, None]
    (own, _) = shown(world, "expert", asked)
    assert (own.answer, own.outcome, own.answered_by, own.answerable) == (
        "答席位", "corrected", "agent", False,
    )  # fmt: skip
    assert "答" not in msgspec.json.encode(shown(world, "expert", other)).decode()


def test_a_keeper_reads_what_the_own_venue_is_asked(world: Acting) -> None:
    keeper = Seat("keeper-nanjing", "keeper", "nanjing", "none", reserve=False, person=b"")
    state = replace(world.at, seats={**world.at.seats, keeper.seat: keeper})
    found = view(state, world.disclosed, "keeper", keeper.seat).interventions
    assert [one.text for one in found] == [None, None, TO_VENUE, None]
    assert [one.answerable for one in found] == [False, False, True, False]


@pytest.mark.parametrize("role", ["bidder", "custodian", "venue", "installation"])
def test_nobody_outside_the_room_is_shown_any(world: Acting, role: Role) -> None:
    assert shown(world, role, "b1") == ()
    host = visibility.host_province(world.at)
    assert not visibility.releasable(world.at, world.disclosed, frozenset({role}), host).keys() & {
        one.text for one in world.at.oversight.interventions
    }


def test_a_node_holds_the_words_of_its_province_and_no_others(world: Acting) -> None:
    everybody: frozenset[Role] = frozenset({"expert", "witness", "supervisor", "keeper"})
    texts = [one.text for one in world.at.oversight.interventions]
    held = {
        province: [
            text in visibility.releasable(world.at, world.disclosed, everybody, province) for text in texts
        ]
        for province in ("anhui", "jiangsu", "zhejiang", "elsewhere")
    }
    assert held == {
        "anhui": [True, True, True, True],
        "jiangsu": [True, True, True, True],
        "zhejiang": [False, False, False, True],  # what every expert is asked
        "elsewhere": [False, False, False, False],
    }


@pytest.mark.parametrize(
    ("role", "told"),
    [("agent", True), ("witness", True), ("supervisor", True), ("keeper", True), ("expert", False),
     ("tenderee", False), ("bidder", False), ("custodian", False)],
)  # fmt: skip
def test_a_line_tells_of_it_only_to_whoever_is_shown_all(world: Acting, role: Role, told: bool) -> None:
    found = line(world.at, decode(world.entries[-1]), bytes(32), role)
    assert bool(found.type) == told
    assert bool(found.who or found.role or found.venue or found.about) == told


def test_who_is_awaited_says_it_to_whoever_is_shown_all(world: Acting) -> None:
    told: dict[Role, str] = {"agent": "agent", "supervisor": HOST, "witness": "witness-hefei"}
    untold: dict[Role, str] = {"expert": expert_at(world, "nanjing"), "tenderee": "tenderee"}
    for role, seat in told.items():
        assert "AnswerIntervention" in {one.act for one in whole(world, role, seat).awaited}
    for role, seat in untold.items():
        assert "AnswerIntervention" not in {one.act for one in whole(world, role, seat).awaited}
    offered = {one.type for one in whole(world, "expert", expert_at(world, "nanjing")).acts}
    assert "AnswerIntervention" in offered
    assert "AnswerIntervention" not in {one.type for one in whole(world, "tenderee", "tenderee").acts}


def test_an_alert_goes_on_until_the_answer_and_another_from_when_it_is_overdue(world: Acting) -> None:
    world.settle(world.now + 11 * MINUTE_MS)
    answer(world, "agent", 1)
    state, watched = None, alerts.Watched()
    for raw in world.entries:
        entry = decode(raw)
        watched = alerts.watch(state, entry, watched)
        state = apply(state, entry, raw)
    told = {one.id: one.until for one in watched.alerts if one.kind in ("Intervention", "AnswerOverdue")}
    assert set(told) == {
        f"{kind}/{number}" for kind in ("Intervention", "AnswerOverdue") for number in range(1, 5)
    }
    assert {name for name, until in told.items() if until} == {"Intervention/1", "AnswerOverdue/1"}
