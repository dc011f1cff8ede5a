"""No sequence of acts reaches the report without what the law asks for: random hands, judged by events."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from protocol import canonical, record
from protocol import commands as cmd
from protocol import commands_draw as form
from protocol import commands_turns as turns
from protocol.plan.case import Case
from protocol.session.review import standing
from tests.protocol import reviewing as re
from tests.protocol import turning
from tests.protocol.acting import Acting
from tests.protocol.golden import make_3
from tests.protocol.session.law import Law
from tests.protocol.session.turns.conftest import copied

BIDDERS = ("b1", "b2", "b3", "b4", "b5")
Hand = Callable[[Acting, str, str], Any]


@pytest.mark.parametrize("name", make_3.RECORDS)
def test_the_golden_sessions_are_lawful(name: str) -> None:
    law = Law()
    for raw in make_3.RECORDS[name](make_3.case()).entries:
        law.hear(raw)
    assert law.reports == {"tender": 1, "purchase": 2, "envelopes": 0}[name]


# --- hands --------------------------------------------------------------------------------------------------


def _stage(content: cmd.Content, by: str = "agent") -> Hand:
    return lambda world, seat, _: world.code(by or seat, content, world.stage("01", "1"))


def _session(content: cmd.Content, by: str = "agent") -> Hand:
    return lambda world, seat, _: world.code(by or seat, content)


def _replace(world: Acting, seat: str, _: str) -> None:
    """The reserve member sits for somebody, and does not always come through the door."""
    if not world.at.seats["M6"].reserve or seat == "M1":
        return
    world.code("agent", form.ReplaceMember(seat, "M6", "ill", (), ()))
    if "M6" in world.at.roster:
        world.code("M6", cmd.BindSeat("M6", "code", world.attest("M6", "M6")))


def _seal(world: Acting, seat: str, _: str) -> None:
    if world.at.tracks["01/1"].valid and seat in world.case.sheets["01"]:
        content = cmd.SealSheet(canonical.sha256(seat.encode()))
        world.code(seat, content, world.stage("01", "1"))


def _vote(choice: str) -> Hand:
    def hand(world: Acting, seat: str, bidder: str) -> None:
        for one in standing.open_votes(re.track(world)):
            re.vote(world, seat, one.bidder, one.ground, choice)  # type: ignore[arg-type]

    return hand


def _tied(world: Acting, seat: str, bidder: str) -> None:
    turning.decide_tie(world, (bidder,))


HANDS: tuple[Hand, ...] = (
    _replace,
    _seal,
    _vote("yes"),
    _vote("no"),
    _tied,
    lambda world, seat, _: world.code(seat, form.DeclareRecusal("kin", "", b"")),
    lambda world, seat, bidder: re.mark(world, seat, bidder, form="material"),
    lambda world, seat, bidder: re.mark(world, seat, bidder, form="pass"),
    lambda world, seat, bidder: re.propose(world, seat, bidder, "51-1"),
    lambda world, seat, bidder: re.propose(world, seat, bidder, "51-5-cost"),
    lambda world, seat, _: re.competition(world, seat),
    lambda world, seat, bidder: re.ask(world, seat, bidder, "low_price"),
    lambda world, *_: re.answer(world, "agent", 1),
    lambda world, seat, _: re.close(world, seat, 1, "answered"),
    lambda world, _, bidder: re.check_blind(world, bidder, "fail"),
    lambda world, seat, _: re.conclude(world, seat),
    _stage(cmd.BeginPreliminary()),
    _stage(cmd.CloseScoring()),
    _stage(cmd.ConfirmRanking()),
    _stage(turns.BeginRecheck("sum_error")),
    _stage(turns.EndRecheck()),
    _session(cmd.LockRoster()),
    _session(cmd.BeginReport()),
    _session(form.OpenChairBallot(secret=False)),
)


def _straight(world: Acting, seat: str) -> None:
    """What an undisturbed evaluation does next, as far as it is let."""
    here = world.at.tracks["01/1"]
    waiting = [one for one in world.members() if not world.at.seats[one].checked_in]
    if waiting and world.at.phase in ("CHECKIN", "COMMITTEE_READY"):
        if not world.at.seats[waiting[0]].key and waiting[0] not in world.at.drawn.recused:
            world.code(waiting[0], cmd.BindSeat(waiting[0], "code", world.attest(waiting[0], waiting[0])))
        world.code(waiting[0], world.check_in_content())
    elif world.at.phase == "CHECKIN":
        world.code("agent", cmd.LockRoster())
    elif world.at.phase == "COMMITTEE_READY":
        _STRAIGHT.get(here.phase, _answer_open)(world, seat)


def _opened(world: Acting, _: str) -> None:
    re.publish(world)
    for bidder in standing.unchecked(re.track(world)):
        re.check_blind(world, bidder)
    world.code("agent", cmd.BeginPreliminary(), world.stage("01", "1"))


def _review(world: Acting, seat: str) -> None:
    for one, bidder, item in list(standing.unmarked(world.at, re.track(world)))[:4]:
        re.mark(world, one, bidder, **{item: "pass"})  # type: ignore[arg-type]
    for bidder, ground in standing.unvoted(world.at, re.track(world)):
        re.propose(world, seat, bidder, ground or "51-6")
    if not list(standing.unmarked(world.at, re.track(world))):
        re.conclude(world)


def _answer_open(world: Acting, seat: str) -> None:
    for vote in standing.open_votes(re.track(world)):
        for one in world.members():
            re.vote(world, one, vote.bidder, vote.ground, "no" if one > "M2" else "yes")
    for asked in standing.open_clarifications(re.track(world)):
        re.answer(world, "agent", asked.number)
        re.close(world, seat, asked.number, "answered")


def _score(world: Acting, _: str) -> None:
    waiting = [one for one in world.members() if one not in re.track(world).sheets]
    for one in waiting[:2]:
        if one in world.at.drawn.recused or not world.at.seats[one].checked_in:
            continue
        world.seal(one, "01", "1")
    if not waiting:
        world.code("agent", cmd.CloseScoring(), world.stage("01", "1"))


def _open(world: Acting, _: str) -> None:
    if all(sheet.tried == "" for sheet in re.track(world).sheets.values()):
        try:
            world.open_scores("01", "1")
        except AssertionError:
            world.void("other")  # a sheet that was made up cannot be opened: then nothing goes on


def _rank(world: Acting, _: str) -> None:
    if not re.track(world).tally:
        world.tally("01", "1")
    turning.explain_all(world, "01", "1")
    world.code("agent", cmd.ConfirmRanking(), world.stage("01", "1"))


def _again(world: Acting, _: str) -> None:
    world.code("agent", turns.EndRecheck(), world.stage("01", "1"))


def _report(world: Acting, _: str) -> None:
    world.code("agent", cmd.BeginReport())


_STRAIGHT: dict[str, Callable[[Acting, str], None]] = {
    "OPENED": _opened,
    "PRELIM": _review,
    "DETAILED": _score,
    "SCORES_SEALED": _open,
    "SUMMARY": _rank,
    "RECHECK": _again,
    "RANKED": _report,
}


@pytest.fixture(scope="module", params=["door", "tally"])
def start(request: pytest.FixtureRequest, case: Case) -> Acting:
    """Before the door of the venues, or before the ranking."""
    world = Acting(case)
    world.to_check_in()
    if request.param == "tally":
        world.check_in_all()
        world.to_scoring_from_check_in()
        world.to_tally("01", "1")
    return world


@settings(
    max_examples=25, deadline=None, derandomize=True, phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(data=st.data())
def test_no_sequence_of_acts_reaches_the_report_unlawfully(start: Acting, data: st.DataObject) -> None:
    world = copied(start)
    law = Law()
    heard = 0
    for _ in range(data.draw(st.integers(10, 50))):
        seat = data.draw(st.sampled_from(world.members() or ["M2"]))
        hand = data.draw(st.integers(0, 3 * len(HANDS)))
        if hand < len(HANDS):
            HANDS[hand](world, seat, data.draw(st.sampled_from(BIDDERS)))
        else:
            _straight(world, seat)
        for raw in world.entries[heard:]:
            law.hear(raw)
        heard = len(world.entries)
        if world.at.phase in ("REPORT_DRAFT", "COMMITTEE_VOID"):
            break
    read = record.read(record.write(world.session, world.entries, world.held))
    assert record.replay(read) == world.at


def test_straight_hands_do_reach_the_report(case: Case) -> None:
    """Otherwise the test above would hold of nothing."""
    world = Acting(case)
    world.to_check_in()
    law = Law()
    for _ in range(80):
        _straight(world, "M2")
    for raw in world.entries:
        law.hear(raw)
    assert (world.at.phase, law.reports) == ("REPORT_DRAFT", 1)
