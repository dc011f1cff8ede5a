"""The agent's desk prepares what the rules accept, from the case and from the record."""

import json
import stat
from pathlib import Path

import msgspec
import pytest

from main_venue.agent_desk import AgentDesk
from main_venue.case_shelf import CaseShelf
from protocol import canonical
from protocol import commands as cmd
from protocol.entry import Entry
from protocol.plan.case import Case, read_case
from protocol.projection import bidder
from protocol.refusals import Refusal
from protocol.wire import NodeNote, Prepare, Prepared
from protocol.words import SESSION_STAGE, Stage
from tests.protocol.world import SESSION, World, key, salt

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "ops" / "sample" / "case.json").read_text()
ONE = Stage("01", "1", 1)


class Desk:
    """The desk at 合肥 beside a session in memory."""

    def __init__(self, folder: Path) -> None:
        case = read_case(TEXT.encode())
        assert isinstance(case, Case)
        self.world = World(case)
        self.nodes = tuple(
            NodeNote(v.id, key(f"node {v.id}"), v.zh, v.en, v.province, online=True) for v in case.venues
        )
        shelf = CaseShelf(folder)
        self.desk = AgentDesk(shelf, lambda *why: salt("/".join(why)), key("installation"), "hefei")

    def prepare(self, type_: str, stage: Stage = SESSION_STAGE, source: str = "") -> Prepared | Refusal:
        ask = Prepare(session=SESSION, type=type_, stage=stage, source=source)
        return self.desk.prepare(ask, self.world.state, self.world.disclosed, self.nodes)

    def do(self, type_: str, stage: Stage = SESSION_STAGE, source: str = "") -> Entry | Refusal:
        made = self.prepare(type_, stage, source)
        assert isinstance(made, Prepared), made
        content = canonical.decode(made.content.encode(), cmd.CONTENTS[type_])
        return self.world.do("agent", content, stage, made.disclosures)

    def must(self, *args: object) -> Entry:
        result = self.do(*args)  # type: ignore[arg-type]
        assert isinstance(result, Entry), result
        return result


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "cases")


def test_everything_the_agent_does_can_be_prepared(desk: Desk) -> None:
    world = desk.world
    desk.must("BookSession", SESSION_STAGE, TEXT)
    desk.must("ImportCommittee")
    for type_ in ("ImportOpening", "DrawK"):
        desk.must(type_, ONE)
    desk.must("OpenCheckIn")
    for seat in world.members():
        world.bind(seat)
        world.must(seat, world.check_in_content())
    desk.must("LockRoster")
    desk.must("BeginPreliminary", ONE)
    desk.must("ImportPreliminary", ONE)
    for seat in world.members():
        world.seal(seat, "01", "1")
    desk.must("CloseScoring", ONE)
    world.open_scores("01", "1")
    desk.must("PublishTally", ONE)
    desk.must("ConfirmRanking", ONE)
    desk.must("BeginReport")
    desk.must("ImportReport")
    for seat in world.members():
        world.must(seat, cmd.SignReport(world.at.report))
    desk.must("SubmitReport")
    desk.must("ArchiveSession")
    report = world.disclosed.value(world.at.report)
    assert report["lots"][0]["candidates"] == ["b1", "b3", "b4"]
    assert report["notice"]


def test_a_case_with_errors_is_refused_by_its_line(desk: Desk) -> None:
    result = desk.prepare("BookSession", SESSION_STAGE, TEXT.replace('"4528.60"', '"12,5"'))
    assert isinstance(result, Refusal)
    assert result.code == "PlanInvalid"
    line = next(n for n, text in enumerate(TEXT.splitlines(), 1) if '"4528.60"' in text)
    assert result.detail["zh"].startswith(f"{line}: ")


def test_a_session_without_its_case_is_told_so(desk: Desk) -> None:
    result = desk.prepare("ImportCommittee")
    assert isinstance(result, Refusal)
    assert result.detail == {"field": "case"}


def test_an_officer_whom_the_case_names_sits_under_that_name(desk: Desk) -> None:
    case = json.loads(TEXT) | {"officers": {"witness-nanjing": "许示真"}}
    desk.must("BookSession", SESSION_STAGE, json.dumps(case))
    desk.must("ImportCommittee")
    state = desk.world.at
    names = {seat: desk.world.disclosed.value(one.person) for seat, one in state.seats.items() if one.person}
    assert (names["witness-nanjing"], names["witness-hefei"]) == ("许示真", "合肥见证人员")


def test_venues_must_be_of_the_installation(desk: Desk) -> None:
    desk.must("BookSession", SESSION_STAGE, TEXT)
    desk.nodes = desk.nodes[:-1]
    result = desk.prepare("ImportCommittee")
    assert isinstance(result, Refusal)
    assert result.code == "UnknownVenue"


def test_a_case_outlives_the_node_and_is_its_owners_alone(tmp_path: Path) -> None:
    CaseShelf(tmp_path).put("s-1", TEXT.encode())
    again = CaseShelf(tmp_path)
    found = again.get("s-1")
    assert found is not None
    assert msgspec.json.encode(found.plan.title)
    (path,) = tmp_path.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    again.drop("s-1")
    assert again.get("s-1") is None
    assert not list(tmp_path.iterdir())


def test_the_public_timetable_of_a_case_goes_with_the_opening_it_is_of(desk: Desk) -> None:
    case = json.loads(TEXT)
    case["timetable"] = [{"kind": "publication", "at": 1_900_000_000_000}]
    desk.must("BookSession", SESSION_STAGE, json.dumps(case))
    desk.must("ImportCommittee")
    desk.must("ImportOpening", ONE)
    source = desk.world.at.sources["opening:01/1"]
    told = desk.world.disclosed.value(source)
    assert told["timetable"] == [{"kind": "publication", "at": 1_900_000_000_000, "lot": ""}]
    shown = bidder.view(desk.world.at, desk.world.disclosed, "b1").stages[0].timetable
    assert [(one.kind, one.at) for one in shown] == [("publication", 1_900_000_000_000)]


def test_without_a_timetable_the_openings_source_says_nothing_of_one(desk: Desk) -> None:
    desk.must("BookSession", SESSION_STAGE, TEXT)
    desk.must("ImportCommittee")
    desk.must("ImportOpening", ONE)
    told = desk.world.disclosed.value(desk.world.at.sources["opening:01/1"])
    assert set(told) == {"case", "part", "text"}


def test_a_case_that_names_version_3_is_booked_and_prepared_under_it(desk: Desk) -> None:
    value = json.loads(TEXT) | {"rules": "3"}
    desk.must("BookSession", SESSION_STAGE, json.dumps(value))
    assert desk.world.at.rules_version == "3"
    desk.must("ImportCommittee")
    desk.must("ImportOpening", ONE)
    desk.must("PublishItems", ONE)
    review = desk.world.at.tracks["01/1"].review
    assert [item.item for item in review.items] == ["form", "qualification", "responsiveness"]
    assert review.blind
    desk.must("BeginDrawK", ONE)
    assert desk.world.at.tracks["01/1"].turns.k_draws["K"].candidates == ("97", "97.5", "98", "98.5", "99")
    nothing_left = desk.prepare("BeginDrawK", ONE)
    assert isinstance(nothing_left, Refusal)
    assert nothing_left.code == "AlreadyDone"
