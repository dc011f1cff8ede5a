"""What a bidder is shown over a whole session: its opening and its result, nothing of the room between."""

import re
from collections.abc import Iterator

import msgspec
import pytest

from protocol import canonical, entry
from protocol import commands as cmd
from protocol.hidden import Disclosed
from protocol.plan.case import Case, Moment
from protocol.projection import bidder as fold
from protocol.projection import visibility
from protocol.session.apply import apply
from protocol.session.state import State
from protocol.views_bidder import BidderView, MomentView
from protocol.words import SESSION_STAGE
from tests.protocol.world import World

OWN, REJECTED = "b1", "b5"
INSIDE = re.compile(
    r"M[1-7]|witness|supervisor|keeper|expert|hefei|nanjing|shanghai|hangzhou|示例人员|报告金丝雀|DETAILED|CHECKIN"
)
"""What would tell of the committee, its venues, its phases or its report."""


def _rejecting(case: Case) -> Case:
    plain = msgspec.to_builtins(case)
    plain["rejections"] = [{"lot": "01", "bidder": REJECTED, "ground_zh": "示例理由"}]
    for sheet in plain["sheets"]["01"].values():
        sheet.pop(REJECTED)
    plain["expected"] = None
    plain["turns"] = []
    return msgspec.convert(plain, Case)


@pytest.fixture(scope="module")
def done(case: Case) -> World:
    world = World(_rejecting(case))
    world.to_ranked()
    world.must("agent", cmd.BeginReport())
    report = world.hide("report", "report", {"text": "报告金丝雀"})
    world.must("agent", cmd.ImportReport("t", bytes(32), "t", report.digest), SESSION_STAGE, (report,))
    for seat in world.members():
        world.must(seat, cmd.SignReport(report.digest))
    world.must("agent", cmd.SubmitReport())
    world.must("agent", cmd.ArchiveSession())
    return world


def _states(world: World) -> Iterator[State]:
    state: State | None = None
    for raw in world.entries:
        state = apply(state, entry.decode(raw), raw)
        yield state


def _views(world: World, bidder: str) -> list[BidderView]:
    return [fold.view(state, world.disclosed, bidder) for state in _states(world) if state.tracks]


def _distinct(world: World, bidder: str) -> list[str]:
    """What the page says as the session goes on, apart from how long the record is, doubles left out."""
    found: list[str] = []
    for one in _views(world, bidder):
        if one.stages:
            plain = msgspec.to_builtins(one)
            del plain["as_of"]
            text = canonical.encode(plain).decode()
            if not found or found[-1] != text:
                found.append(text)
    return found


@pytest.mark.parametrize("bidder", [OWN, REJECTED])
def test_nothing_of_the_room_reaches_a_bidder_at_any_moment(done: World, bidder: str) -> None:
    for text in _distinct(done, bidder):
        told = text.replace(done.session, "")
        assert INSIDE.search(told) is None, INSIDE.search(told)


def test_between_the_opening_and_the_submission_its_page_says_one_thing_only(done: World) -> None:
    steps = [msgspec.json.decode(text)["step"] for text in _distinct(done, OWN)]
    assert steps == ["read_out", "read_out", "review", "concluded", "result"]


def test_a_bidder_does_not_learn_of_its_rejection_before_the_result_is_public(done: World) -> None:
    own, rejected = _distinct(done, OWN), _distinct(done, REJECTED)
    assert len(own) == len(rejected)
    for text in rejected[:-1]:
        assert '"ground"' not in text
        assert '"status"' not in text
    last = _views(done, REJECTED)[-1].stages[0]
    assert last.result is not None
    assert (last.result.status, last.result.ground) == ("rejected", "51-1")


def test_it_sees_names_and_prices_from_the_opening_on_with_its_own_marked(done: World) -> None:
    opened = next(one for one in _views(done, OWN) if one.stages)
    (stage,) = opened.stages
    assert [bid.own for bid in stage.bids] == [True, False, False, False, False]
    assert stage.bids[0].name == opened.name
    assert all(bid.name and bid.price for bid in stage.bids)
    assert opened.title == done.plan.title
    assert stage.rates is not None
    assert stage.rates[0].candidates


def test_the_result_names_the_candidates_and_the_bidders_own_line_only(done: World) -> None:
    last = _views(done, OWN)[-1].stages[0]
    assert last.candidates is not None
    assert [one.rank for one in last.candidates] == sorted(one.rank for one in last.candidates)
    assert len(last.candidates) <= 3
    assert last.result is not None
    assert last.result.status == "ranked"
    assert float(last.result.total) > 0


def test_nobody_is_a_bidder_before_the_first_opening(done: World) -> None:
    states = list(_states(done))
    first = next(place for place, state in enumerate(states) if fold.bidders(state))
    assert fold.bidders(states[first - 1]) == frozenset()
    assert entry.decode(done.entries[first]).command.type == "ImportOpening"
    before = fold.view(states[first - 1], done.disclosed, OWN)
    assert (before.stages, before.name, before.step) == ((), None, "opening")


def test_the_fold_needs_no_disclosure_that_the_table_does_not_give_to_bidders(done: World) -> None:
    for state in _states(done):
        given = visibility.releasable(state, done.disclosed, frozenset({fold.ROLE}), "")
        assert fold.view(state, given, OWN) == fold.view(state, done.disclosed, OWN)
    assert fold.view(done.at, Disclosed(), OWN).stages[0].bids[0].name is None


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ({"timetable": [{"kind": "publication", "at": 9, "lot": "01"}, {"kind": "opening", "at": 3}]},
         (MomentView("opening", 3, ""), MomentView("publication", 9, "01"))),
        ({"timetable": [{"kind": "opening", "at": 3, "lot": "02"}]}, ()),
        ({"timetable": [{"kind": "tea", "at": 3}]}, ()),
        ({"timetable": 7}, ()),
        ({}, ()),
        ("a text", ()),
    ],
)  # fmt: skip
def test_the_timetable_is_the_one_that_came_with_the_opening_and_else_none(
    case: Case, told: object, shown: tuple[MomentView, ...]
) -> None:
    world = World(case)
    world.book()
    world.import_committee()
    world.open_bids("01", "1")
    source = world.hide("opening_source", "the timetable's", told)
    state = msgspec.structs.replace(world.at, sources={**world.at.sources, "opening:01/1": source.digest})
    assert fold.view(state, world.disclosed.plus((source,)), OWN).stages[0].timetable == shown


def test_moments_of_a_case_are_in_the_form_that_travels() -> None:
    one = Moment(kind="publication", at=9)
    assert msgspec.to_builtins(one) == {"kind": "publication", "at": 9, "lot": ""}
