"""Random people, random acts, in any order: the rules hold and the record replays.

A hypothesis state machine over `decide`, `check` and `apply`. People try everything at any
time, right and wrong; what is refused changes nothing; what is accepted is legal in the
phase the table says; guards of the law hold in every state reached.
"""

from typing import Any

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from protocol import commands as cmd
from protocol import hidden, record
from protocol.entry import Entry
from protocol.ledger import tree
from protocol.plan.case import Case
from protocol.session.phases import RULES, SESSION_ORDER, STAGE_ORDER, reached
from protocol.session.state import Track, WitnessRecord, is_reached
from protocol.session.witnessing import opening_record
from protocol.words import SESSION_STAGE, Stage
from tests.protocol.conftest import ROOT
from tests.protocol.world import World

_case = msgspec.json.decode((ROOT / "ops" / "sample" / "case.json").read_bytes(), type=Case)
_seats = st.sampled_from(["M1", "M2", "M3", "M4", "M5"])
_nodes = st.sampled_from(["hefei", "shanghai", "nanjing", "hangzhou"])
_watchers = st.sampled_from(["tenderee", "witness-hefei", "witness-nanjing"])
_authors = st.sampled_from(["agent", "M1", "M3", "stranger", "tenderee", "node nanjing"])
ONE = Stage("01", "1", 1)


class Evaluation(RuleBasedStateMachine):
    """One session under random hands."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World(_case)
        self.accepted = 0

    def act(self, author: str, content: Any, stage: Stage = SESSION_STAGE, held: Any = ()) -> None:
        world = self.world
        before = world.state
        phases = None if before is None else (before.phase, before.tracks["01/1"].phase)
        result = world.take(world.command(author, content, stage), author, held)
        if not isinstance(result, Entry):
            assert world.state == before
            return
        self.accepted += 1
        row = RULES["2"].acts[type(content).__name__]
        if phases is not None:
            assert phases[1 if row.scope == "stage" else 0] in row.phases
        world.settle()

    @initialize()
    def book(self) -> None:
        self.world.book()

    @rule(author=_authors)
    def import_committee(self, author: str) -> None:
        content, held = self.world.committee_content()
        self.act(author, content, SESSION_STAGE, held)

    @rule()
    def open_bids(self) -> None:
        if self.world.at.tracks["01/1"].phase == "AWAITED" and self.world.at.phase != "BOOKED":
            self.world.open_bids("01", "1")

    @rule(author=_authors, k=st.sampled_from(["98", "97.5", "12"]))
    def draw(self, author: str, k: str) -> None:
        rate = next(iter(_case.draws["01"]))
        self.act(author, cmd.DrawK(rate, k), ONE)

    @rule(bidder=st.sampled_from(["b1", "b2", "b9"]), everything=st.booleans())
    def read_out(self, bidder: str, everything: bool) -> None:
        bids = self.world.at.tracks["01/1"].bids
        for one in [bid.bidder for bid in bids] if everything else [bidder]:
            self.act("tenderee", cmd.ReadOut(one), ONE)
        self.act("tenderee", cmd.SignOpeningRecord(opening_record(self.world.at, self._track())), ONE)

    def _track(self) -> Track:
        return self.world.at.tracks["01/1"]

    @rule(author=_watchers, item=st.sampled_from(["seat_left", "no_such_item"]), sign=st.booleans())
    def witness(self, author: str, item: str, sign: bool) -> None:
        content, _ = self.world.observation(item)
        self.act(author, content)
        if sign:
            mine = self.world.at.witness_records.get(author, WitnessRecord())
            self.act(author, cmd.SignWitnessRecord(mine.count, mine.chain))

    @rule(seat=st.one_of(_seats, _watchers), again=st.booleans())
    def bind(self, seat: str, again: bool) -> None:
        name = f"{seat} {self.world.names}" if again else seat
        self.act(name, cmd.BindSeat(seat, "code", self.world.attest(seat, name)))
        if again:
            self.act(seat, cmd.BindSeat(seat, "code", self.world.attest(seat, seat)))

    @rule(seat=_seats)
    def check_in(self, seat: str) -> None:
        self.act(seat, self.world.check_in_content())

    @rule(
        author=_authors,
        content=st.sampled_from([
            cmd.OpenCheckIn(), cmd.LockRoster(), cmd.BeginReport(), cmd.SubmitReport(), cmd.ArchiveSession(),
        ]),
    )  # fmt: skip
    def conduct(self, author: str, content: Any) -> None:
        self.act(author, content)
        self.act("agent", content)

    @rule(
        author=_authors,
        content=st.sampled_from([cmd.BeginPreliminary(), cmd.CloseScoring(), cmd.ConfirmRanking()]),
    )
    def conduct_stage(self, author: str, content: Any) -> None:
        self.act(author, content, ONE)
        self.act("agent", content, ONE)

    @rule()
    def preliminary(self) -> None:
        bids = tuple(bid.bidder for bid in self.world.at.tracks["01/1"].bids)
        source = self.world.hide("preliminary_source", "p", {})
        content = cmd.ImportPreliminary("t", source.digest, "t", bids, ())
        self.act("agent", content, ONE, (source,))

    @rule(seat=_seats, everybody=st.booleans())
    def seal(self, seat: str, everybody: bool) -> None:
        for one in self.world.members() if everybody else [seat]:
            commitment = hidden.commitment(self._opening(one))
            self.act(one, cmd.SealSheet(commitment), ONE)

    def _opening(self, seat: str) -> hidden.Opening:
        return self.world.opening(seat, "01", "1")

    @rule(seat=_seats, node=_nodes, ok=st.booleans(), everybody=st.booleans())
    def try_opening(self, seat: str, node: str, ok: bool, everybody: bool) -> None:
        for one in self.world.members() if everybody else [seat]:
            commitment = hidden.commitment(self._opening(one))
            at = self.world.at.seats[one].venue if everybody and one in self.world.at.seats else node
            fine = ok or everybody
            self.act(f"node {at}", cmd.TryOpening(one, commitment, "ok" if fine else "fault", ""), ONE)

    @rule(seat=_seats, node=_nodes, everybody=st.booleans())
    def open_sheet(self, seat: str, node: str, everybody: bool) -> None:
        for one in self.world.members() if everybody else [seat]:
            disclosure = hidden.disclose_opening(self._opening(one))
            at = self.world.at.seats[one].venue if everybody and one in self.world.at.seats else node
            content = cmd.OpenSheet(one, disclosure.digest)
            self.act(f"node {at}", content, ONE, (disclosure,))

    @rule()
    def tally(self) -> None:
        track = self.world.at.tracks["01/1"]
        if track.phase == "SUMMARY" and not track.tally:
            self.world.tally("01", "1")

    @rule(seat=_seats, everybody=st.booleans())
    def report(self, seat: str, everybody: bool) -> None:
        report = self.world.hide("report", "report", {"x": 1})
        content = cmd.ImportReport("t", bytes(32), "t", report.digest)
        self.act("agent", content, SESSION_STAGE, (report,))
        for one in self.world.members() if everybody else [seat]:
            self.act(one, cmd.SignReport(report.digest))

    @invariant()
    def the_law_holds(self) -> None:
        state = self.world.state
        if state is None:
            return
        track = state.tracks["01/1"]
        if reached(STAGE_ORDER, track.phase, "DETAILED"):
            assert state.phase in SESSION_ORDER[4:]
            assert all(state.seats[seat].checked_in for seat in state.roster)
            assert track.draws
        if reached(STAGE_ORDER, track.phase, "SCORES_SEALED"):
            assert set(track.sheets) == set(state.roster)
        if reached(STAGE_ORDER, track.phase, "SUMMARY"):
            assert all(sheet.tried == "ok" and sheet.opened for sheet in track.sheets.values())
            assert is_reached(state, "scores_closed", "01", "1")
        elif not reached(STAGE_ORDER, track.phase, "SCORES_OPENING"):
            assert not any(sheet.opened for sheet in track.sheets.values())
        if reached(SESSION_ORDER, state.phase, "REPORT_DRAFT"):
            assert track.phase == "RANKED"
        if reached(SESSION_ORDER, state.phase, "SUBMITTED"):
            assert all(state.seats[seat].signed for seat in state.roster)
        assert all(one.size > 0 for one in state.milestones.values())
        assert not track.opening_signed or len(track.read_out) == len(track.bids)
        numbers = [one.number for one in state.observations if one.seat == "witness-hefei"]
        assert numbers == list(range(1, len(numbers) + 1))

    def teardown(self) -> None:
        world = self.world
        if world.state is None:
            return
        raw = record.write(world.session, world.entries, world.held)
        assert record.replay(record.read(raw)) == world.state
        leaves = [tree.leaf_hash(one) for one in world.entries]
        assert tree.root(leaves) == tree.frontier_root(world.state.frontier)


TestEvaluation = Evaluation.TestCase
TestEvaluation.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
