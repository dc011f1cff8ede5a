"""The sample tender from booking to archive, in memory."""

import msgspec
import pytest
from msgspec.structs import replace

from protocol import canonical, entry, record
from protocol import commands as cmd
from protocol.ledger import tree
from protocol.plan.case import Case
from protocol.session.outcome import evaluation, outcome, outcome_digest
from protocol.session.state import is_reached
from protocol.words import SESSION_STAGE
from tests.protocol.world import World


@pytest.fixture(scope="module")
def done(case: Case) -> World:
    world = World(case)
    world.to_archived()
    return world


def test_it_reaches_the_archive_by_the_main_line(done: World) -> None:
    assert done.at.path == (
        "BOOKED", "DRAWN", "CHECKIN", "COMMITTEE_READY", "REPORT_DRAFT", "SIGNING", "SUBMITTED",
        "ARCHIVED",
    )  # fmt: skip
    assert done.at.tracks["01/1"].path == (
        "AWAITED", "OPENED", "PRELIM", "DETAILED", "SCORES_SEALED", "SCORES_OPENING", "SUMMARY",
        "RANKED",
    )  # fmt: skip


def test_the_ranking_is_that_of_the_sample_table(done: World) -> None:
    result = evaluation(done.at.tracks["01/1"], done.disclosed)
    assert result is not None
    codes = {bid.bidder: bid.code for bid in done.at.tracks["01/1"].bids}
    table = [(codes[row.bidder], row.total, row.rank) for row in result.rows]
    assert table == [
        ("甲", "92.07", 1), ("丙", "91.61", 2), ("丁", "91.26", 3), ("乙", "91.19", 4), ("戊", "85.83", 5),
    ]  # fmt: skip


def test_every_milestone_on_the_way_stands_in_the_record(done: World) -> None:
    for name in ("genesis", "roster_locked", "ranking_final"):
        assert is_reached(done.at, name)
    for name in ("bids_opened", "scores_closed", "scores_opened"):
        assert is_reached(done.at, name, "01", "1")


def test_a_milestone_names_the_head_before_it(done: World) -> None:
    leaves = [tree.leaf_hash(raw) for raw in done.entries]
    for seq, raw in enumerate(done.entries):
        for event in entry.decode(raw).events:
            if type(event).__name__ == "MilestoneReached":
                assert (event.size, event.root) == (seq, tree.root(leaves[:seq]))  # type: ignore[union-attr]


def test_the_record_replays_to_the_same_state_and_outcome(done: World) -> None:
    raw = record.write(done.session, done.entries, done.held)
    read = record.read(raw)
    state = record.replay(read)
    assert state == done.at
    assert outcome(state, read.disclosed) == outcome(done.at, done.disclosed)
    assert record.write(read.session, read.entries, read.disclosed.values()) == raw


def test_a_record_with_disclosures_withheld_still_replays(done: World) -> None:
    raw = record.write(done.session, done.entries, ())
    assert record.replay(record.read(raw)) == done.at


def test_the_root_is_that_of_the_leaves(done: World) -> None:
    leaves = [tree.leaf_hash(raw) for raw in done.entries]
    assert tree.frontier_root(done.at.frontier) == tree.root(leaves)


def test_a_session_under_other_names_keys_and_times_has_the_same_outcome(case: Case, done: World) -> None:
    other = World(case, session="s-other")
    other.now += 86_400_000
    other.names = 700
    other.seqs = {"agent": 50}
    other.to_check_in()
    for seat in reversed(other.members()):
        other.bind(seat, f"{seat} first machine")
        other.bind(seat)
        other.must(seat, other.check_in_content())
    other.must("agent", cmd.LockRoster())
    other.preliminary("01", "1")
    _finish(other)
    assert outcome_digest(other.at, other.disclosed) == outcome_digest(done.at, done.disclosed)


def test_one_changed_score_changes_the_outcome(case: Case, done: World) -> None:
    sheets = msgspec.json.decode(msgspec.json.encode(case.sheets))
    sheets["01"]["M2"]["b1"]["A1"] -= 50
    other = World(replace(case, sheets=sheets))
    other.to_archived()
    assert outcome_digest(other.at, other.disclosed) != outcome_digest(done.at, done.disclosed)


def _finish(world: World) -> None:
    """From empty sheets to the archive, members in reverse order."""
    for seat in reversed(world.members()):
        world.seal(seat, "01", "1")
    world.must("agent", cmd.CloseScoring(), world.stage("01", "1"))
    world.open_scores("01", "1")
    world.tally("01", "1")
    world.must("agent", cmd.ConfirmRanking(), world.stage("01", "1"))
    world.must("agent", cmd.BeginReport())
    report = world.hide("report", "another", {"other": "report"})
    content = cmd.ImportReport("elsewhere", canonical.sha256(b"x"), "x", report.digest)
    world.must("agent", content, SESSION_STAGE, (report,))
    for seat in reversed(world.members()):
        world.must(seat, cmd.SignReport(report.digest))
    world.must("agent", cmd.SubmitReport())
    world.must("agent", cmd.ArchiveSession())
