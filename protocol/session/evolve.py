"""Folding events into the state: `evolve(state, event) -> state`, one small function each."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from protocol import events as ev
from protocol.ledger import tree
from protocol.session import witnessing
from protocol.session.ceremony.evolve import FOLDS as CEREMONY
from protocol.session.committee.evolve import FOLDS as COMMITTEE
from protocol.session.escrow.evolve import FOLDS as ESCROW
from protocol.session.identity.evolve import FOLDS as IDENTITY
from protocol.session.live.evolve import FOLDS as LIVE
from protocol.session.milestones import evolve as milestones
from protocol.session.milestones.evolve import FOLDS as MILESTONES
from protocol.session.moves import pending_key
from protocol.session.oversight.evolve import FOLDS as OVERSIGHT
from protocol.session.recognition.evolve import FOLDS as RECOGNITION
from protocol.session.review.evolve import FOLDS as REVIEW
from protocol.session.signatures.evolve import FOLDS as SIGNATURES
from protocol.session.state import (
    AGENT_SEAT,
    Observation,
    Reached,
    Seat,
    Sheet,
    Speaker,
    State,
    Track,
    WitnessRecord,
    milestone_key,
    with_track,
)
from protocol.session.turns.evolve import FOLDS as TURNS
from protocol.words import track_name


def evolve(state: State | None, event: ev.Event) -> State:
    """The state after an event. Only `SessionBooked` starts from None.

    Times that the state keeps are `state.at`, which `apply` has set to the entry's clock.
    """
    if isinstance(event, ev.SessionBooked):
        assert state is None
        return _booked(event)
    assert state is not None
    return _FOLDS[type(event)](state, event)


def _booked(event: ev.SessionBooked) -> State:
    tracks = {}
    for lot in event.lots:
        for envelope in lot.envelopes:
            track = Track(lot.lot, envelope, 1, "AWAITED", 0, ("AWAITED",))
            tracks[track.name] = track
    agent = Seat(AGENT_SEAT, "agent", "", "none", False, b"", key=event.agent_key)
    return State(
        session=event.session,
        rules_version=event.rules_version,
        regime=event.regime,
        demonstration=event.demonstration,
        plan=event.plan,
        lots=event.lots,
        committee_size_min=event.committee_size_min,
        committee_odd=event.committee_odd,
        experts_num=event.experts_num,
        experts_den=event.experts_den,
        bids_min=event.bids_min,
        scoring_ms=event.scoring_ms,
        names_hidden=event.names_hidden,
        milestone_wait_ms=event.milestone_wait_ms,
        installation_key=event.installation_key,
        policy_digest=event.policy_digest,
        node_keys=event.node_keys,
        at=0,
        frontier=tree.EMPTY,
        heads=(),
        phase="DRAFT",
        entered_at=0,
        path=(),
        tracks=tracks,
        venues={},
        seats={AGENT_SEAT: agent},
        keys={event.agent_key: Speaker("agent", AGENT_SEAT, "")},
        author_seqs={},
        orders={},
        milestones={},
    )


def _with_sheet(state: State, event: Any, **changes: Any) -> State:
    sheets = state.tracks[track_name(event.lot, event.envelope)].sheets
    changed = {**sheets, event.seat: replace(sheets[event.seat], **changes)}
    return with_track(state, event.lot, event.envelope, sheets=changed)


def _phase_entered(state: State, event: ev.PhaseEntered) -> State:
    path = (*state.path, event.phase)
    return replace(state, phase=event.phase, entered_at=state.at, path=path)


def _stage_entered(state: State, event: ev.StageEntered) -> State:
    track = state.tracks[track_name(event.lot, event.envelope)]
    return with_track(
        state, event.lot, event.envelope,
        phase=event.phase, round=event.round, entered_at=state.at,
        path=(*track.path, event.phase),
    )  # fmt: skip


def _milestone_pending(state: State, event: ev.MilestonePending) -> State:
    reached = Reached(event.milestone, event.lot, event.envelope)
    return milestones.waits(
        replace(state, milestones={**state.milestones, pending_key(event): reached}), event
    )


def _milestone_reached(state: State, event: ev.MilestoneReached) -> State:
    key = milestone_key(event.milestone, event.lot, event.envelope)
    reached = Reached(
        event.milestone, event.lot, event.envelope, event.size, event.root, event.cosigned,
        event.owed,
    )  # fmt: skip
    return milestones.is_reached(replace(state, milestones={**state.milestones, key: reached}), event)


def _committee_imported(state: State, event: ev.CommitteeImported) -> State:
    agent_key = state.seats[AGENT_SEAT].key
    seats = {}
    keys = dict(state.keys)
    for ref in event.seats:
        key = agent_key if ref.seat == AGENT_SEAT else ""
        seats[ref.seat] = Seat(ref.seat, ref.role, ref.venue, ref.kind, ref.reserve, ref.person, key)
        if key:
            keys[key] = Speaker("agent", AGENT_SEAT, ref.venue)
    for venue in event.venues:
        keys[venue.node_key] = Speaker("venue", venue.venue, venue.venue)
    return replace(
        state,
        venues={venue.venue: venue for venue in event.venues},
        seats=seats,
        keys=keys,
        sources={**state.sources, "committee": event.digest},
    )


def _seat_bound(state: State, event: ev.SeatBound) -> State:
    seat = state.seats.get(event.seat)
    if seat is None:
        mine = {key for key, who in state.keys.items() if (who.role, who.seat) == ("bidder", event.seat)}
        others = {key: who for key, who in state.keys.items() if key not in mine}
        return replace(state, keys={**others, event.key: Speaker("bidder", event.seat, "")})
    keys = {key: who for key, who in state.keys.items() if key != seat.key}
    keys[event.key] = Speaker(seat.role, seat.seat, seat.venue)
    return replace(state, keys=keys, seats={**state.seats, event.seat: replace(seat, key=event.key)})


def _opening_imported(state: State, event: ev.OpeningImported) -> State:
    name = f"opening:{track_name(event.lot, event.envelope)}"
    state = replace(state, sources={**state.sources, name: event.digest})
    return with_track(state, event.lot, event.envelope, bids=event.bids)


def _k_drawn(state: State, event: ev.KDrawn) -> State:
    draws = state.tracks[track_name(event.lot, event.envelope)].draws
    return with_track(state, event.lot, event.envelope, draws={**draws, event.rate: event.k})


def _seat_checked_in(state: State, event: ev.SeatCheckedIn) -> State:
    seat = replace(state.seats[event.seat], checked_in=True)
    return replace(state, seats={**state.seats, event.seat: seat})


def _roster_locked(state: State, event: ev.RosterLocked) -> State:
    return replace(state, roster=event.members)


def _preliminary_imported(state: State, event: ev.PreliminaryImported) -> State:
    name = f"preliminary:{track_name(event.lot, event.envelope)}"
    state = replace(state, sources={**state.sources, name: event.digest})
    return with_track(state, event.lot, event.envelope, valid=event.valid, rejected=event.rejected)


def _sheet_sealed(state: State, event: ev.SheetSealed) -> State:
    track = state.tracks[track_name(event.lot, event.envelope)]
    sheets = {**track.sheets, event.seat: Sheet(event.commitment)}
    overrun = tuple(seat for seat in track.overrun if seat != event.seat)
    return with_track(state, event.lot, event.envelope, sheets=sheets, overrun=overrun)


def _opening_tried(state: State, event: ev.OpeningTried) -> State:
    return _with_sheet(state, event, tried="ok" if event.ok else "fault")


def _sheet_opened(state: State, event: ev.SheetOpened) -> State:
    return _with_sheet(state, event, opened=True)


def _scores_opened(state: State, event: ev.ScoresOpened) -> State:
    return state


def _tally_published(state: State, event: ev.TallyPublished) -> State:
    return with_track(state, event.lot, event.envelope, tally=event.tally)


def _report_imported(state: State, event: ev.ReportImported) -> State:
    return replace(state, report=event.report, sources={**state.sources, "report": event.digest})


def _report_signed(state: State, event: ev.ReportSigned) -> State:
    seat = replace(state.seats[event.seat], signed=True)
    return replace(state, seats={**state.seats, event.seat: seat})


def _overrun_raised(state: State, event: ev.OverrunRaised) -> State:
    return with_track(state, event.lot, event.envelope, overrun=event.seats, overrun_raised=True)


def _refusal_noted(state: State, event: ev.RefusalNoted) -> State:
    return replace(state, refusals_noted=state.refusals_noted + 1)


def _bid_read_out(state: State, event: ev.BidReadOut) -> State:
    read_out = (*state.tracks[track_name(event.lot, event.envelope)].read_out, event.bidder)
    return with_track(state, event.lot, event.envelope, read_out=read_out)


def _opening_record_signed(state: State, event: ev.OpeningRecordSigned) -> State:
    signed = (*state.tracks[track_name(event.lot, event.envelope)].opening_signed, event.seat)
    return with_track(state, event.lot, event.envelope, opening_signed=signed)


def _observation_noted(state: State, event: ev.ObservationNoted) -> State:
    noted = Observation(
        state.size, state.at, event.lot, event.envelope, event.round, event.seat, event.venue,
        event.number, event.item, event.finding, event.subject, event.entry, event.noted_at,
        event.media_offset_ms, event.remark,
    )  # fmt: skip
    before = state.witness_records.get(event.seat, WitnessRecord())
    grown = replace(before, count=event.number, chain=witnessing.chained(before.chain, state.session, event))
    return replace(
        state,
        observations=(*state.observations, noted),
        witness_records={**state.witness_records, event.seat: grown},
    )


def _witness_record_signed(state: State, event: ev.WitnessRecordSigned) -> State:
    before = state.witness_records.get(event.seat, WitnessRecord())
    signed = replace(before, signed=True, seq=state.size)
    return replace(state, witness_records={**state.witness_records, event.seat: signed})


_FOLDS: dict[type, Callable[[State, Any], State]] = (
    COMMITTEE
    | REVIEW
    | TURNS
    | MILESTONES
    | IDENTITY
    | CEREMONY
    | ESCROW
    | SIGNATURES
    | LIVE
    | RECOGNITION
    | OVERSIGHT
    | {
        ev.PhaseEntered: _phase_entered,
        ev.StageEntered: _stage_entered,
        ev.MilestonePending: _milestone_pending,
        ev.MilestoneReached: _milestone_reached,
        ev.CommitteeImported: _committee_imported,
        ev.SeatBound: _seat_bound,
        ev.OpeningImported: _opening_imported,
        ev.KDrawn: _k_drawn,
        ev.SeatCheckedIn: _seat_checked_in,
        ev.RosterLocked: _roster_locked,
        ev.PreliminaryImported: _preliminary_imported,
        ev.SheetSealed: _sheet_sealed,
        ev.OpeningTried: _opening_tried,
        ev.SheetOpened: _sheet_opened,
        ev.ScoresOpened: _scores_opened,
        ev.TallyPublished: _tally_published,
        ev.ReportImported: _report_imported,
        ev.ReportSigned: _report_signed,
        ev.OverrunRaised: _overrun_raised,
        ev.RefusalNoted: _refusal_noted,
        ev.BidReadOut: _bid_read_out,
        ev.OpeningRecordSigned: _opening_record_signed,
        ev.ObservationNoted: _observation_noted,
        ev.WitnessRecordSigned: _witness_record_signed,
    }
)
