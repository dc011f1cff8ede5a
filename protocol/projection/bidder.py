"""What a bidder is shown (投标人): the opening it came to, its own bid, and the result once that is public.

A fold of its own, since a bidder stands outside of the room: no committee, no progress, no phase of the
review, not even that its own bid was rejected, before the rules show the result (招标投标法 38, 44). Every
hidden value passes `visibility.allowed` for the role `bidder`; of what that allows only the parts named here
are taken: of the plan its title, lots and rates, of the opening's source the timetable, of the tally the
candidates and the reader's own line.
"""

from typing import Any, Final

import msgspec

from protocol.canonical import NotCanonical
from protocol.commands import BidRef
from protocol.hidden import Disclosed, Disclosure
from protocol.methods.evaluation import Evaluation
from protocol.plan.case import MOMENTS_MAX, Moment
from protocol.plan.formulas import Rate
from protocol.plan.plan import Plan
from protocol.plan.stages import scheme_of
from protocol.projection import ceremony, cosigned, visibility, voice
from protocol.session.ceremony import reading
from protocol.session.phases import RULES, STAGE_ORDER
from protocol.session.state import State, Track, head
from protocol.views import AsOf, RateView
from protocol.views_bidder import (
    AskedView,
    BidderStageView,
    BidderView,
    CandidateView,
    MomentView,
    OwnResultView,
    ReadOutView,
)
from protocol.views_review import ObjectionView
from protocol.words import BidderStep, Role

ROLE: Final[Role] = "bidder"
STEPS: Final[tuple[BidderStep, ...]] = ("opening", "read_out", "review", "concluded", "result", "failed")
"""A bidder's steps in order; `failed` ends it from any of them."""
_OPENING: Final = ("OPENING", "BIDDERS_RELEASE", "CUSTODIANS_RELEASE", "OPENED")
"""The phases of a stage that a bidder is told of: those that it is present at (招标投标法 36)."""


def view(state: State, disclosed: Disclosed, bidder: str) -> BidderView:
    """What a bidder's page shows as of the state.

    Args:
      state: the session.
      disclosed: whatever the folding node holds; only what the table allows is used.
      bidder: whose page it is; one of `bidders(state)`.
    """
    plan = _plan(state, disclosed)
    now = head(state)
    stages = tuple(
        _stage(state, disclosed, plan, track, bidder)
        for track in state.tracks.values()
        if bidder in _of_stage(state, track)
    )
    first = next(((track, bid) for track, bid in _bids(state) if bid.bidder == bidder), None)
    return BidderView(
        bidder=bidder,
        code="" if first is None else first[1].code,
        name=None if first is None else _value(state, disclosed, "bidder_name", *first),
        session=state.session,
        as_of=AsOf(now.size, state.at, now.root),
        regime=state.regime,
        demonstration=state.demonstration,
        step=min((stage.step for stage in stages), key=STEPS.index, default="opening"),
        title=None if plan is None else plan.title,
        title_en=None if plan is None else plan.title_en,
        stages=stages,
        keyed=any((who.role, who.seat) == (ROLE, bidder) for who in state.keys.values()),
        speaks="RaiseObjection" in RULES[state.rules_version].grown,
        milestones=cosigned.outside(state, public=any(stage.step == "result" for stage in stages)),
        voice=voice.bidders(state, bidder),
    )


def bidders(state: State) -> frozenset[str]:
    """Whoever has a bid in the record; nobody before bids are opened, or received sealed."""
    return frozenset(one for track in state.tracks.values() for one in _of_stage(state, track))


def own_disclosures(state: State, disclosed: Disclosed, track: Track, bidder: str) -> tuple[Disclosure, ...]:
    """What opens the digests of a bidder's own bid, as far as the table lets it know them by now."""
    own = next((bid for bid in track.bids if bid.bidder == bidder), None)
    if own is None:
        return ()
    parts = (("bidder_name", own.name), ("price", own.price), ("quantities", own.quantities))
    found = (
        disclosed.get(digest)
        for field, digest in parts
        if visibility.allowed(state, field, ROLE, track)  # type: ignore[arg-type]
    )
    return tuple(one for one in found if one is not None)


def _of_stage(state: State, track: Track) -> frozenset[str]:
    """Whose bids a stage has: opened, or received sealed (SPEC 28.3)."""
    received = reading.of(state, track).received
    return frozenset((*(bid.bidder for bid in track.bids), *(bid.bidder for bid in received)))


def _bids(state: State) -> tuple[tuple[Track, BidRef], ...]:
    return tuple((track, bid) for track in state.tracks.values() for bid in track.bids)


def _plan(state: State, disclosed: Disclosed) -> Plan | None:
    if not visibility.allowed(state, "plan", ROLE):
        return None
    found: Plan | None = disclosed.get_value(state.plan, Plan)
    return found


def _value(state: State, disclosed: Disclosed, field: Any, track: Track, bid: BidRef) -> Any:
    """A hidden value of a bid, or None where it is not shown."""
    if not visibility.allowed(state, field, ROLE, track):
        return None
    digest = {"bidder_name": bid.name, "price": bid.price, "quantities": bid.quantities}[field]
    return disclosed.get_value(digest)


def _stage(
    state: State, disclosed: Disclosed, plan: Plan | None, track: Track, bidder: str
) -> BidderStageView:
    lot = None if plan is None else next((one for one in plan.lots if one.id == track.lot), None)
    rates = None
    if plan is not None and lot is not None:
        rates = tuple(_rate(rate) for rate in scheme_of(plan, track.lot).rates if rate.candidates)
    candidates, result = _result(state, disclosed, track, bidder)
    return BidderStageView(
        lot=track.lot,
        envelope=track.envelope,
        step=_step(state, track),
        title=None if lot is None else lot.zh,
        title_en=None if lot is None else lot.en,
        unit=None if lot is None else lot.unit,
        bids=tuple(
            ReadOutView(
                bid.code,
                bid.bidder == bidder,
                bid.bidder in track.read_out,
                _value(state, disclosed, "bidder_name", track, bid),
                _value(state, disclosed, "price", track, bid),
                _value(state, disclosed, "quantities", track, bid),
            )
            for bid in track.bids
        ),
        draws=track.draws,
        rates=rates,
        timetable=_timetable(state, disclosed, track),
        candidates=candidates,
        result=result,
        asked=_asked(state, disclosed, track, bidder),
        objections=_objections(state, disclosed, track, bidder),
        round=track.round,
        phase=track.phase if track.phase in _OPENING and reading.of(state, track).received else "",
        ceremony=ceremony.ceremony(state, disclosed, ROLE, track),
        opening_signed=bidder in track.opening_signed,
    )


def _objections(state: State, disclosed: Disclosed, track: Track, bidder: str) -> tuple[ObjectionView, ...]:
    """What this bidder objected to at the opening, and how it was answered; of others' nothing."""
    return tuple(
        ObjectionView(
            number,
            one.bidder,
            bool(one.answer),
            _written(state, disclosed, track, one.objection),
            _written(state, disclosed, track, one.answer),
        )
        for number, one in enumerate(track.turns.objections, 1)
        if one.bidder == bidder
    )


def _asked(state: State, disclosed: Disclosed, track: Track, bidder: str) -> tuple[AskedView, ...]:
    """What the committee asked this bidder; of other bidders' questions nothing, not even their numbers.

    The numbers of a stage run over all its bidders, so that gaps in one's own tell that others were asked,
    never whom or what.
    """
    return tuple(
        AskedView(
            number=one.number,
            purpose=one.purpose,
            due_at=one.due_at,
            answered=one.answered,
            refused=one.refused,
            result=one.result,
            question=_written(state, disclosed, track, one.question),
            reply=_written(state, disclosed, track, one.reply),
        )
        for one in track.review.clarifications
        if one.bidder == bidder
    )


def _written(state: State, disclosed: Disclosed, track: Track, digest: bytes) -> str | None:
    """A text of a clarification as it was written, or None where it is not shown or there is none."""
    found = disclosed.get(digest) if digest else None
    if found is None or not visibility.allowed(state, found.field, ROLE, track):
        return None
    if found.field == "price_correction":
        return found.value
    text: str | None = disclosed.get_value(digest)
    return text


def _rate(rate: Rate) -> RateView:
    return RateView(rate.id, rate.zh, rate.en, rate.candidates)


def _step(state: State, track: Track) -> BidderStep:
    """Where a bidder may know its lot to be; of the review's own phases none shows."""
    if "FAILED" in (state.phase, track.phase):
        return "failed"
    if "ARCHIVED" in state.path:
        return "result"
    if "SUBMITTED" in state.path:
        return "concluded"
    if STAGE_ORDER.index("OPENED") > max(
        (STAGE_ORDER.index(phase) for phase in track.path if phase in STAGE_ORDER), default=0
    ):
        return "opening"
    return "review" if "CHECKIN" in state.path or track.phase != "OPENED" else "read_out"


def _timetable(state: State, disclosed: Disclosed, track: Track) -> tuple[MomentView, ...]:
    """The public moments that came with the opening record, earliest first; none where it has none.

    The source's value is whatever its author hid: what is no timetable is none.
    """
    source = state.sources.get(f"opening:{track.name}")
    if source is None or not visibility.allowed(state, "opening_source", ROLE, track):
        return ()
    value = disclosed.get_value(source)
    told = value.get("timetable") if isinstance(value, dict) else None
    try:
        moments = msgspec.convert(told or (), tuple[Moment, ...])
    except msgspec.ValidationError:
        return ()
    here = [MomentView(one.kind, one.at, one.lot) for one in moments if one.lot in ("", track.lot)]
    return tuple(sorted(here[:MOMENTS_MAX], key=lambda one: one.at))


def _result(
    state: State, disclosed: Disclosed, track: Track, bidder: str
) -> tuple[tuple[CandidateView, ...] | None, OwnResultView | None]:
    """The candidates and the reader's own line, once the table shows the tally to bidders."""
    if not track.tally or not visibility.allowed(state, "tally", ROLE, track):
        return None, None
    try:
        tally: Evaluation | None = disclosed.get_value(track.tally, Evaluation)
    except NotCanonical:
        tally = None
    if tally is None:
        return None, None
    by_id = {bid.bidder: bid for bid in track.bids}
    candidates = tuple(
        CandidateView(
            row.rank,
            by_id[row.bidder].code,
            row.bidder == bidder,
            _value(state, disclosed, "bidder_name", track, by_id[row.bidder]),
            _value(state, disclosed, "price", track, by_id[row.bidder]),
            row.total,
        )
        for row in tally.rows
        if row.candidate and row.bidder in by_id
    )
    if all(bid.bidder != bidder for bid in track.bids):
        return candidates, None
    mine = next((row for row in tally.rows if row.bidder == bidder), None)
    if mine is not None:
        return candidates, OwnResultView(mine.status, mine.rank, mine.total, "")
    ground = next((one.ground for one in track.rejected if one.bidder == bidder), "")
    return candidates, OwnResultView("rejected", 0, "", ground)
