"""What a report is made from (报告所据): the record and what it discloses, gathered once, and nothing else.

Owns finding who sat where, what was opened, when each act was entered, and each lot's evaluation with the
inputs that it rests on. Works out no points: every figure is the tally's own text. Must not know a case, a
clock, or how a page looks.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from msgspec import Struct

from main_venue.report.provinces import PROVINCES
from protocol import commands as cmd
from protocol import entry
from protocol.entry import Entry
from protocol.events import ReportSigned, SeatCheckedIn
from protocol.hidden import Disclosed
from protocol.methods.evaluation import Evaluation, Inputs, Row, StepText
from protocol.plan.plan import Lot, Plan, Scheme
from protocol.plan.stages import lot_of, scheme_of
from protocol.record import Record
from protocol.session.outcome import OutcomeWithheld, evaluation, outcome_digest
from protocol.session.state import Seat, State, Track, head
from protocol.session.tally import explain_stage, inputs

BEIJING: Final = timezone(timedelta(hours=8))
"""The one civil time of all venues."""


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


class LotReport(Struct, frozen=True, kw_only=True):
    """One lot's part: bidders in the order of their opening, the evaluation, and what it rests on."""

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

    def bidder(self, id_: str) -> Bidder:
        """A bidder by its id."""
        return next(one for one in self.bidders if one.id == id_)

    def ranked(self) -> tuple[Row, ...]:
        """The rows that have a rank, best first."""
        return tuple(row for row in self.evaluation.rows if row.rank)


class Gathered(Struct, frozen=True, kw_only=True):
    """All that a report tells. `outcome` and `root` are 32 bytes, `ended_ms` the last entry's clock."""

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
    lots = tuple(_lot(state, plan, track, disclosed, entries) for track in tallied.values())
    missing = {track.lot for track in state.tracks.values()} - {one.lot.id for one in lots}
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
    state: State, plan: Plan, track: Track, disclosed: Disclosed, entries: tuple[Entry, ...]
) -> LotReport:
    found = evaluation(track, disclosed)
    rests_on = inputs(state, track, disclosed)
    if found is None or isinstance(rests_on, tuple):
        raise OutcomeWithheld(f"tally of {track.name}")
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
    here = [one for one in entries if one.command.stage.lot == track.lot]
    opened = [one for one in here if isinstance(one.command.content, cmd.ImportOpening)]
    drawn = [
        (one.command.content.rate, one.command.content.k, one.at)
        for one in here
        if isinstance(one.command.content, cmd.DrawK)
    ]
    source = opened[-1].command.content if opened else None
    return LotReport(
        lot=lot_of(plan, track.lot),
        scheme=scheme_of(plan, track.lot),
        track=track,
        bidders=tuple(bidders),
        evaluation=found,
        inputs=rests_on,
        steps=explain_stage(state, track, disclosed),
        opened_ms=opened[-1].at if opened else 0,
        opening_source=source.source if isinstance(source, cmd.ImportOpening) else "",
        drawn=tuple(drawn),
    )
