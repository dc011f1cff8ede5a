"""Folding the group's events into the state, one small function each."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from protocol import events_review as ev
from protocol.commands import RejectedBid
from protocol.session.review.state import Ballot, BlindCheck, Clarification, StageReview, Vote, vote_key
from protocol.session.state import State, with_track
from protocol.words import track_name


def _review(state: State, event: Any) -> StageReview:
    return state.tracks[track_name(event.lot, event.envelope)].review


def _with_review(state: State, event: Any, **changes: Any) -> State:
    return with_track(state, event.lot, event.envelope, review=replace(_review(state, event), **changes))


def _items_published(state: State, event: ev.ItemsPublished) -> State:
    return _with_review(
        state, event, published=True, items=event.items, answer_ms=event.answer_ms, vote_ms=event.vote_ms,
        blind=event.blind,
    )  # fmt: skip


def _items_marked(state: State, event: ev.ItemsMarked) -> State:
    """Of the desk one mark stands at a time, of every member its own."""
    review = _review(state, event)
    of_desk = {item.item for item in review.items if item.by == "desk"}
    row = dict(review.marks.get(event.bidder, {}))
    withdrawn = list(review.withdrawn)
    for mark in event.marks:
        before = row.get(mark.item, {})
        kept = {} if mark.item in of_desk else {s: one for s, one in before.items() if s != event.seat}
        withdrawn += [one.reason for seat, one in before.items() if seat not in kept and one.reason]
        row[mark.item] = {**kept, event.seat: mark}
    marks = {**review.marks, event.bidder: row}
    return _with_review(state, event, marks=marks, withdrawn=tuple(withdrawn))


def _blind_part_checked(state: State, event: ev.BlindPartChecked) -> State:
    review = _review(state, event)
    one = BlindCheck(event.result, event.findings, event.by)
    checks = {**review.blind_checks, event.bidder: one}
    before = review.blind_checks.get(event.bidder)
    if before is None or not before.findings:
        return _with_review(state, event, blind_checks=checks)
    looked_before = (*review.looked_before, before.findings)
    return _with_review(state, event, blind_checks=checks, looked_before=looked_before)


def _clarification_asked(state: State, event: ev.ClarificationAsked) -> State:
    one = Clarification(
        event.number, event.seat, event.bidder, event.purpose, event.question, event.due_at
    )  # fmt: skip
    return _with_review(state, event, clarifications=(*_review(state, event).clarifications, one))


def _with_clarification(state: State, event: Any, **changes: Any) -> State:
    before = _review(state, event).clarifications
    at = event.number - 1
    changed = (*before[:at], replace(before[at], **changes), *before[at + 1 :])
    return _with_review(state, event, clarifications=changed)


def _clarification_answered(state: State, event: ev.ClarificationAnswered) -> State:
    return _with_clarification(
        state, event, answered=True, refused=event.refused, reply=event.answer, by=event.by
    )


def _clarification_closed(state: State, event: ev.ClarificationClosed) -> State:
    state = _with_clarification(state, event, result=event.result)
    review = _review(state, event)
    one = review.clarifications[event.number - 1]
    if one.purpose != "correction" or event.result != "answered":
        return state
    return _with_review(state, event, corrected={**review.corrected, one.bidder: one.question})


def _vote_opened(state: State, event: ev.VoteOpened) -> State:
    one = Vote(event.seat, event.bidder, event.ground, event.reason, event.due_at)
    votes = _review(state, event).votes
    return _with_review(state, event, votes={**votes, vote_key(event.bidder, event.ground): one})


def _with_vote(state: State, event: Any, **changes: Any) -> State:
    votes = _review(state, event).votes
    key = vote_key(event.bidder, event.ground)
    return _with_review(state, event, votes={**votes, key: replace(votes[key], **changes)})


def _vote_cast(state: State, event: ev.VoteCast) -> State:
    ballots = _review(state, event).votes[vote_key(event.bidder, event.ground)].ballots
    one = Ballot(event.choice, event.reason)
    return _with_vote(state, event, ballots={**ballots, event.seat: one})


def _vote_sealed(state: State, event: ev.VoteSealed) -> State:
    sealed = _review(state, event).votes[vote_key(event.bidder, event.ground)].sealed
    return _with_vote(state, event, sealed={**sealed, event.seat: event.commitment})


def _same_brand(state: State, event: ev.SameBrandNoted) -> State:
    review = _review(state, event)
    return _with_review(
        state, event, brands=(*review.brands, event.bidders), statements=(*review.statements, event.statement)
    )


def _deduction(state: State, event: ev.DeductionConfirmed) -> State:
    review = _review(state, event)
    before = review.deductions.get(event.bidder)
    return _with_review(
        state, event, deductions={**review.deductions, event.bidder: event.deduction},
        deducted_before=review.deducted_before if before is None else (*review.deducted_before, before),
    )  # fmt: skip


def _vote_closed(state: State, event: ev.VoteClosed) -> State:
    """A rejected bid is out at once; the list of valid bids that it stood on is kept for older sheets."""
    state = _with_vote(state, event, closed=True, rejected=event.rejected)
    track = state.tracks[track_name(event.lot, event.envelope)]
    gone = [one.bidder for one in track.rejected]
    if not event.rejected or not event.bidder or event.bidder in gone:
        return state
    rejected = (*track.rejected, RejectedBid(event.bidder, event.ground))
    state = with_track(state, event.lot, event.envelope, rejected=rejected)
    if event.bidder not in track.valid:
        return state
    valid = tuple(bidder for bidder in track.valid if bidder != event.bidder)
    state = _with_review(state, event, was_valid=(*track.review.was_valid, track.valid))
    return with_track(state, event.lot, event.envelope, valid=valid)


def _preliminary_concluded(state: State, event: ev.PreliminaryConcluded) -> State:
    return with_track(state, event.lot, event.envelope, valid=event.valid, rejected=event.rejected)


FOLDS: dict[type, Callable[[State, Any], State]] = {
    ev.ItemsPublished: _items_published,
    ev.ItemsMarked: _items_marked,
    ev.BlindPartChecked: _blind_part_checked,
    ev.ClarificationAsked: _clarification_asked,
    ev.ClarificationAnswered: _clarification_answered,
    ev.ClarificationClosed: _clarification_closed,
    ev.VoteOpened: _vote_opened,
    ev.VoteCast: _vote_cast,
    ev.VoteClosed: _vote_closed,
    ev.PreliminaryConcluded: _preliminary_concluded,
    ev.VoteSealed: _vote_sealed,
    ev.SameBrandNoted: _same_brand,
    ev.DeductionConfirmed: _deduction,
}
