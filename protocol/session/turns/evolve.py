"""Folding the group's events into the state, one small function each."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from protocol import events_turns as ev
from protocol.session.review.state import postponed
from protocol.session.state import State, Track, milestone_key, with_track
from protocol.session.turns.state import (
    Abnormal,
    Correction,
    Explained,
    KDraw,
    Objection,
    Reconfirmed,
    Reevaluation,
    StageTurns,
    Suspended,
    Suspension,
)
from protocol.session.turns.ties import UNPLANNED
from protocol.session.turns.voiding import rebuilt, voided
from protocol.words import track_name


def _turns(state: State, **changes: Any) -> State:
    return replace(state, turns=replace(state.turns, **changes))


def _stage_turns(state: State, event: Any, **changes: Any) -> State:
    turns = replace(_of(state, event), **changes)
    return with_track(state, event.lot, event.envelope, turns=turns)


def _of(state: State, event: Any) -> StageTurns:
    return state.tracks[track_name(event.lot, event.envelope)].turns


def _recheck_begun(state: State, event: ev.RecheckBegun) -> State:
    before = len(_of(state, event).corrections)
    return _stage_turns(
        state, event, rechecks=event.number, ground=event.ground, corrections_before=before, passing=()
    )


def _abnormal_found(state: State, event: ev.AbnormalFound) -> State:
    named = (event.seat, event.bidder, event.criterion)
    others: list[Abnormal] = []
    by: tuple[str, ...] = ()
    for one in _of(state, event).abnormal:
        if (one.seat, one.bidder, one.criterion) == named:
            by = one.by
        else:
            others.append(one)
    said = Abnormal(*named, (*by, event.by), event.found)
    return _stage_turns(state, event, abnormal=(*others, said))


def _item_corrected(state: State, event: ev.ItemCorrected) -> State:
    one = Correction(event.seat, event.ground, event.items, event.correction)
    return _stage_turns(state, event, corrections=(*_of(state, event).corrections, one))


def _tally_set_aside(state: State, event: ev.TallySetAside) -> State:
    aside = (*_of(state, event).aside, event.tally)
    return with_track(_stage_turns(state, event, aside=aside), event.lot, event.envelope, tally=b"")


def _deviation_explained(state: State, event: ev.DeviationExplained) -> State:
    one = Explained(event.seat, event.bidder, event.criterion, event.explanation)
    return _stage_turns(state, event, explained=(*_of(state, event).explained, one))


def _more_time_asked(state: State, event: ev.MoreTimeAsked) -> State:
    return _stage_turns(state, event, asked_time=(*_of(state, event).asked_time, event.seat))


def _time_extended(state: State, event: ev.TimeExtended) -> State:
    turns = _of(state, event)
    longer = _stage_turns(
        state, event, asked_time=(), added_ms=turns.added_ms + event.added_ms, extensions=turns.extensions + 1
    )
    return with_track(longer, event.lot, event.envelope, overrun=(), overrun_raised=False)


def _session_suspended(state: State, event: ev.SessionSuspended) -> State:
    suspension = Suspension(
        event.phase, event.reason, event.seat, event.venue, state.at, event.author_at, event.limit_ms,
        event.statement, event.size, event.root,
    )  # fmt: skip
    return _turns(state, suspension=suspension)


def _seat_reconfirmed(state: State, event: ev.SeatReconfirmed) -> State:
    suspension = state.turns.suspension
    assert suspension is not None
    looked_at = Reconfirmed(state.seats[event.seat].key, event.by)
    seats = {**suspension.reconfirmed, event.seat: looked_at}
    return _turns(state, suspension=replace(suspension, reconfirmed=seats))


def _session_resumed(state: State, event: ev.SessionResumed) -> State:
    """Every clock that was running goes on where it stopped: of the scoring, of questions, of votes."""
    tracks = {name: _longer(track, event.suspended_ms) for name, track in state.tracks.items()}
    return _ended(replace(state, tracks=tracks), resumed=True)


def _longer(track: Track, suspended_ms: int) -> Track:
    review = postponed(track.review, suspended_ms)
    if track.phase != "DETAILED":
        return track if review == track.review else replace(track, review=review)
    turns = replace(track.turns, added_ms=track.turns.added_ms + suspended_ms)
    return replace(track, review=review, turns=turns)


def _ended(state: State, *, resumed: bool) -> State:
    """A suspension that goes on is over; without one nothing changes."""
    one = state.turns.suspension
    if one is None:
        return state
    over = Suspended(one.phase, one.reason, state.at - one.at, resumed)
    return _turns(
        state, suspension=None, suspended=(*state.turns.suspended, over),
        statements=(*state.turns.statements, one.statement),
    )  # fmt: skip


def _committee_voided(state: State, event: ev.CommitteeVoided) -> State:
    return voided(_ended(state, resumed=False), event)


def _session_failed(state: State, event: ev.SessionFailed) -> State:
    statements = (*state.turns.statements, event.statement)
    return _turns(_ended(state, resumed=False), failure=event.reason, statements=statements)


def _stage_failed(state: State, event: ev.StageFailed) -> State:
    failed = _turns(state, statements=(*state.turns.statements, event.statement))
    return _stage_turns(failed, event, failure=event.reason)


def _dissent_recorded(state: State, event: ev.DissentRecorded) -> State:
    return _turns(state, dissents={**state.turns.dissents, event.seat: event.dissent})


def _signature_refused(state: State, event: ev.SignatureRefused) -> State:
    return _turns(state, refused=(*state.turns.refused, event.seat))


def _agreement_deemed(state: State, event: ev.AgreementDeemed) -> State:
    return _turns(state, deemed={**state.turns.deemed, event.seat: event.statement})


def _passing_confirmed(state: State, event: ev.PassingConfirmed) -> State:
    return _stage_turns(state, event, passing=event.passing)


def _k(state: State, event: Any, found: KDraw) -> State:
    return _stage_turns(state, event, k_draws={**_of(state, event).k_draws, event.rate: found})


def _k_draw_begun(state: State, event: ev.KDrawBegun) -> State:
    return _k(state, event, KDraw(event.candidates, event.round, event.attempt))


def _k_committed(state: State, event: ev.KCommitted) -> State:
    found = _of(state, event).k_draws[event.rate]
    return _k(state, event, replace(found, commitments={**found.commitments, event.seat: event.commitment}))


def _k_revealed(state: State, event: ev.KRevealed) -> State:
    found = _of(state, event).k_draws[event.rate]
    return _k(state, event, replace(found, randoms={**found.randoms, event.seat: event.random}))


def _k_draw_restarted(state: State, event: ev.KDrawRestarted) -> State:
    found = _of(state, event).k_draws[event.rate]
    again = KDraw(found.candidates, found.round, event.attempt, restarts=(*found.restarts, event.statement))
    return _k(state, event, again)


def _objection_raised(state: State, event: ev.ObjectionRaised) -> State:
    one = Objection(event.bidder, event.objection)
    return _stage_turns(state, event, objections=(*_of(state, event).objections, one))


def _objection_answered(state: State, event: ev.ObjectionAnswered) -> State:
    objections = list(_of(state, event).objections)
    objections[event.number - 1] = replace(objections[event.number - 1], answer=event.answer)
    return _stage_turns(state, event, objections=tuple(objections))


def _tie_decided(state: State, event: ev.TieDecided) -> State:
    told = _turns(state, statements=(*state.turns.statements, event.statement))
    decided = {**_of(state, event).decided, event.of or UNPLANNED: " ".join(event.order)}
    return _stage_turns(told, event, decided=decided)


def _reevaluation_begun(state: State, event: ev.ReevaluationBegun) -> State:
    """Report and signatures are set apart; the ranking is final again when it is confirmed again."""
    turns = state.turns
    signed = tuple(sorted(seat.seat for seat in state.seats.values() if seat.signed))
    one = Reevaluation(
        event.phase, event.ground, event.statement, event.report, signed, turns.dissents, turns.refused,
        turns.deemed,
    )  # fmt: skip
    state = _turns(
        state, dissents={}, refused=(), deemed={}, reevaluations=(*turns.reevaluations, one),
        statements=(*turns.statements, *turns.deemed.values(), event.statement),
    )  # fmt: skip
    final = milestone_key("ranking_final", "", "")
    return replace(
        state,
        report=b"",
        sources={name: digest for name, digest in state.sources.items() if name != "report"},
        seats={name: replace(seat, signed=False) for name, seat in state.seats.items()},
        milestones={key: reached for key, reached in state.milestones.items() if key != final},
    )


FOLDS: dict[type, Callable[[State, Any], State]] = {
    ev.RecheckBegun: _recheck_begun,
    ev.AbnormalFound: _abnormal_found,
    ev.ItemCorrected: _item_corrected,
    ev.TallySetAside: _tally_set_aside,
    ev.DeviationExplained: _deviation_explained,
    ev.MoreTimeAsked: _more_time_asked,
    ev.TimeExtended: _time_extended,
    ev.SessionSuspended: _session_suspended,
    ev.SeatReconfirmed: _seat_reconfirmed,
    ev.SessionResumed: _session_resumed,
    ev.CommitteeVoided: _committee_voided,
    ev.CommitteeRebuilt: rebuilt,
    ev.SessionFailed: _session_failed,
    ev.StageFailed: _stage_failed,
    ev.DissentRecorded: _dissent_recorded,
    ev.SignatureRefused: _signature_refused,
    ev.AgreementDeemed: _agreement_deemed,
    ev.PassingConfirmed: _passing_confirmed,
    ev.KDrawBegun: _k_draw_begun,
    ev.KCommitted: _k_committed,
    ev.KRevealed: _k_revealed,
    ev.KDrawRestarted: _k_draw_restarted,
    ev.ObjectionRaised: _objection_raised,
    ev.ObjectionAnswered: _objection_answered,
    ev.TieDecided: _tie_decided,
    ev.ReevaluationBegun: _reevaluation_begun,
}
