"""What a report is made from (报告所据): the record and what it discloses, gathered once, and nothing else.

Owns finding who sat where, what was opened, when each act was entered, and each lot's evaluation with the
inputs that it rests on. Works out no points: every figure is the tally's own text. Must not know a case, a
clock, or how a page looks.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from msgspec import Struct

from main_venue.report import happened
from main_venue.report.committee_facts import CommitteeFacts, committee_facts
from main_venue.report.happened import Happening
from main_venue.report.provinces import PROVINCES
from main_venue.report.review_facts import ReviewFacts, review_facts
from main_venue.report.turns_facts import SessionTurnsFacts, StageTurnsFacts, session_turns, stage_turns
from protocol import commands as cmd
from protocol import entry
from protocol.commands_ceremony import OpenBids
from protocol.entry import Entry
from protocol.events import ReportSigned, SeatCheckedIn
from protocol.hidden import Disclosed
from protocol.methods.evaluation import Evaluation, Inputs, Row, StepText
from protocol.plan.plan import Lot, Plan, Scheme
from protocol.plan.stages import lot_of, scheme_of
from protocol.record import Record
from protocol.session.outcome import OutcomeWithheld, evaluation, outcome_digest
from protocol.session.phases import RULES
from protocol.session.state import Seat, State, Track, envelopes, head
from protocol.session.tally import explain_stage, inputs
from protocol.words import track_name

BEIJING: Final = timezone(timedelta(hours=8))
"""The one civil time of all venues."""

CEREMONY_ZH: Final = "本会话现场开标(密钥托管,多方开启)"
"""The source of what was opened here by bidders and custodians (SPEC 28)."""
_OPENINGS: Final = (cmd.ImportOpening, OpenBids)


class NotRanked(Exception):
    """There is nothing to report yet: a lot is not ranked; the text names it."""


class Signature(Struct, frozen=True):
    """A member's signature of the report: when it was entered, and the signature's text."""

    at_ms: int
    seq: int
    sig: str


class Member(Struct, frozen=True, kw_only=True):
    """A member of the committee; `name` is empty where not disclosed, times are 0 where there is no act."""

    seat: str
    name: str
    kind: str
    venue: str
    province: str
    checked_in_ms: int
    signature: Signature | None


class Bidder(Struct, frozen=True, kw_only=True):
    """A bidder of one lot; `name` is empty where names are hidden, `ground` where its bid stands."""

    id: str
    code: str
    name: str
    price: str
    quantities: dict[str, str]
    valid: bool
    ground: str

    @property
    def shown(self) -> str:
        """How tables name it: mark and name."""
        return f"{self.code} {self.name}" if self.name not in {"", self.code} else self.code


class StageReport(Struct, frozen=True, kw_only=True):
    """One envelope of a lot under rules version 3: who was opened, what was reviewed, which turns it took."""

    zh: str
    track: Track
    bidders: tuple[Bidder, ...]
    opened_ms: int
    opening_source: str
    review: ReviewFacts
    turns: StageTurnsFacts

    def shown(self, bidder: str) -> str:
        """A bidder as tables name it."""
        return next((one.shown for one in self.bidders if one.id == bidder), bidder)


class FailedLot(Struct, frozen=True):
    """A lot that came to nothing: its name, the reason's code, what was written of it."""

    lot: str
    zh: str
    reason: str
    statement: str | None


class LotReport(Struct, frozen=True, kw_only=True):
    """One lot's part: bidders in the order of their opening, the evaluation, and what it rests on.

    `stages` are its envelopes under rules version 3, none before.
    """

    lot: Lot
    scheme: Scheme
    track: Track
    bidders: tuple[Bidder, ...]
    evaluation: Evaluation
    inputs: Inputs
    steps: tuple[StepText, ...]
    opened_ms: int
    opening_source: str
    drawn: tuple[tuple[str, str, int], ...]
    """Rate, value in per cent, when."""
    stages: tuple[StageReport, ...] = ()

    def bidder(self, id_: str) -> Bidder:
        """A bidder by its id."""
        return next(one for one in self.bidders if one.id == id_)

    def ranked(self) -> tuple[Row, ...]:
        """The rows that have a rank, best first."""
        return tuple(row for row in self.evaluation.rows if row.rank)


class Gathered(Struct, frozen=True, kw_only=True):
    """All that a report tells. `outcome` and `root` are 32 bytes, `ended_ms` the last entry's clock.

    `committee` and `turns` are there under rules version 3, and so are lots that failed.
    """

    state: State
    plan: Plan
    members: tuple[Member, ...]
    lots: tuple[LotReport, ...]
    outcome: bytes
    size: int
    root: bytes
    began_ms: int
    ended_ms: int
    report_digest: str
    committee: CommitteeFacts | None = None
    turns: SessionTurnsFacts | None = None
    failed: tuple[FailedLot, ...] = ()

    @property
    def main_venue(self) -> str:
        """The main venue as people name it."""
        return next(
            (_place(self.state, id_) for id_, one in self.state.venues.items() if one.role == "main"), ""
        )

    @property
    def sub_venues(self) -> tuple[str, ...]:
        """The sub-venues as people name them."""
        return tuple(_place(self.state, id_) for id_, one in self.state.venues.items() if one.role == "sub")


def gather(record: Record, state: State) -> Gathered:
    """What a replayed record tells.

    Args:
      record: the record, which has been replayed to `state`.
      state: what it adds up to.

    Raises:
      NotRanked: a lot has no ranking yet.
      OutcomeWithheld: a plan, price, sheet or tally is not disclosed.
    """
    disclosed = record.disclosed
    plan: Plan | None = disclosed.get_value(state.plan, Plan)
    if plan is None:
        raise OutcomeWithheld("plan")
    entries = tuple(entry.decode(raw) for raw in record.entries)
    tallied = {track.lot: track for _, track in sorted(state.tracks.items()) if track.tally}
    told = happened.happenings(entries) if RULES[state.rules_version].grown else None
    failed = () if told is None else tuple(_failed(state, plan, disclosed, told))
    gone = {one.lot for one in failed}
    lots = tuple(
        _lot(state, plan, track, disclosed, entries, told)
        for track in tallied.values()
        if track.lot not in gone
    )
    missing = {track.lot for track in state.tracks.values()} - {one.lot.id for one in lots} - gone
    if missing or not lots:
        raise NotRanked("、".join(sorted(missing)))
    top = head(state)
    return Gathered(
        state=state,
        plan=plan,
        members=tuple(_member(state, state.seats[seat], disclosed, entries) for seat in state.roster),
        lots=lots,
        outcome=outcome_digest(state, disclosed),
        size=top.size,
        root=top.root,
        began_ms=entries[0].at,
        ended_ms=entries[-1].at,
        report_digest=state.report.hex(),
        committee=None if told is None else committee_facts(state, disclosed, told),
        turns=None if told is None else session_turns(state, disclosed, told),
        failed=failed,
    )


def clock(at_ms: int) -> str:
    """A moment as Chinese papers write it, by Beijing time.

    >>> clock(1794794400000)
    '2026年11月16日 10:00:00'
    """
    if not at_ms:
        return "—"
    at = (datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=at_ms)).astimezone(BEIJING)
    return f"{at.year}年{at.month}月{at.day}日 {at:%H:%M:%S}"


def _place(state: State, venue: str) -> str:
    found = state.venues[venue]
    return f"{PROVINCES.get(found.province, found.province)}({venue})"


def _told(entries: Iterable[Entry], kind: type[SeatCheckedIn | ReportSigned], seat: str) -> Entry | None:
    """The last entry by which something happened to a seat; its key may have changed since."""
    return next(
        (
            one
            for one in reversed(tuple(entries))
            if any(isinstance(event, kind) and event.seat == seat for event in one.events)
        ),
        None,
    )


def _member(state: State, seat: Seat, disclosed: Disclosed, entries: tuple[Entry, ...]) -> Member:
    entered = _told(entries, SeatCheckedIn, seat.seat)
    last = _told(entries, ReportSigned, seat.seat) if seat.signed else None
    name = disclosed.get_value(seat.person)
    return Member(
        seat=seat.seat,
        name=str(name) if name is not None else "",
        kind=seat.kind,
        venue=seat.venue,
        province=PROVINCES.get(state.venues[seat.venue].province, state.venues[seat.venue].province),
        checked_in_ms=entered.at if entered is not None else 0,
        signature=Signature(last.at, last.seq, last.sig) if last is not None else None,
    )


def _lot(
    state: State, plan: Plan, track: Track, disclosed: Disclosed, entries: tuple[Entry, ...],
    told: tuple[Happening, ...] | None,
) -> LotReport:  # fmt: skip
    found = evaluation(track, disclosed)
    rests_on = inputs(state, track, disclosed)
    if found is None or isinstance(rests_on, tuple):
        raise OutcomeWithheld(f"tally of {track.name}")
    here = [one for one in entries if one.command.stage.lot == track.lot]
    opened = [one for one in here if isinstance(one.command.content, _OPENINGS)]
    drawn = [
        (one.command.content.rate, one.command.content.k, one.at)
        for one in here
        if isinstance(one.command.content, cmd.DrawK)
    ]
    return LotReport(
        lot=lot_of(plan, track.lot),
        scheme=scheme_of(plan, track.lot),
        track=track,
        bidders=_bidders(state, track, disclosed),
        evaluation=found,
        inputs=rests_on,
        steps=explain_stage(state, track, disclosed),
        opened_ms=opened[-1].at if opened else 0,
        opening_source=_source(opened[-1]) if opened else "",
        drawn=tuple(drawn),
        stages=() if told is None else tuple(_stages(state, plan, track.lot, disclosed, entries, told)),
    )


def _bidders(state: State, track: Track, disclosed: Disclosed) -> tuple[Bidder, ...]:
    grounds = {one.bidder: one.ground for one in track.rejected}
    bidders = []
    for bid in track.bids:
        name = None if state.names_hidden else disclosed.get_value(bid.name)
        bidders.append(
            Bidder(
                id=bid.bidder,
                code=bid.code,
                name=str(name) if name is not None else "",
                price=disclosed.get_value(bid.price) or "",
                quantities=disclosed.get_value(bid.quantities) or {},
                valid=bid.bidder in track.valid,
                ground=grounds.get(bid.bidder, ""),
            )
        )
    return tuple(bidders)


def _stages(
    state: State, plan: Plan, lot: str, disclosed: Disclosed, entries: tuple[Entry, ...],
    told: tuple[Happening, ...],
) -> Iterable[StageReport]:  # fmt: skip
    """A lot's envelopes that were opened, in their order."""
    names = {one.id: one.zh for one in scheme_of(plan, lot).envelopes}
    for envelope in envelopes(state, lot):
        track = state.tracks[track_name(lot, envelope)]
        here = [
            one
            for one in entries
            if isinstance(one.command.content, _OPENINGS)
            and (one.command.stage.lot, one.command.stage.envelope) == (lot, envelope)
        ]
        if not track.bids or not here:
            continue
        yield StageReport(
            zh=names.get(envelope, envelope),
            track=track,
            bidders=_bidders(state, track, disclosed),
            opened_ms=here[-1].at,
            opening_source=_source(here[-1]),
            review=review_facts(state, track, disclosed, told),
            turns=stage_turns(track, disclosed, told),
        )


def _source(opened: Entry) -> str:
    """Where bids were opened: elsewhere, as was said of it, or in this session's own ceremony."""
    content = opened.command.content
    return content.source if isinstance(content, cmd.ImportOpening) else CEREMONY_ZH


def _failed(
    state: State, plan: Plan, disclosed: Disclosed, told: tuple[Happening, ...]
) -> Iterable[FailedLot]:
    """Lots whose last envelope failed: by an act with its reason, or by the vote on competition."""
    for lot in plan.lots:
        tracks = [state.tracks[track_name(lot.id, one)] for one in envelopes(state, lot.id)]
        if tracks[-1].phase != "FAILED":
            continue
        acts = [stage_turns(track, disclosed, told) for track in tracks]
        found = next((one for one in acts if one.failure), None)
        if found is None:
            yield FailedLot(
                lot.id, lot.zh, "competition", "评标委员会表决认为有效投标不足,明显缺乏竞争,否决全部投标。"
            )
        else:
            yield FailedLot(lot.id, lot.zh, found.failure, found.failure_statement)
