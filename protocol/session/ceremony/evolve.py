"""Folding the group's events into the state."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from protocol import events_ceremony as ev
from protocol.session.ceremony.state import Failure, Offered, Report, StageCeremony
from protocol.session.state import Speaker, State, with_track
from protocol.words import track_name


def _of(state: State, event: Any) -> StageCeremony:
    return state.ceremony.stages.get(track_name(event.lot, event.envelope), StageCeremony())


def _stage(state: State, event: Any, **changes: Any) -> State:
    name = track_name(event.lot, event.envelope)
    stages = {**state.ceremony.stages, name: replace(_of(state, event), **changes)}
    return replace(state, ceremony=replace(state.ceremony, stages=stages))


def _custodians_appointed(state: State, event: ev.CustodiansAppointed) -> State:
    """Their services speak from now on."""
    keys = dict(state.keys)
    for group in event.groups:
        for member in group.members:
            keys[member.key] = Speaker("custodian", member.custodian, "")
    return _stage(
        replace(state, keys=keys), event, project=event.project, suite=event.suite, groups=event.groups,
        window_ms=event.window_ms,
    )  # fmt: skip


def _opening_key_offered(state: State, event: ev.OpeningKeyOffered) -> State:
    keys = {**state.ceremony.keys, event.venue: Offered(event.suite, event.public)}
    return replace(state, ceremony=replace(state.ceremony, keys=keys))


def _opening_begun(state: State, event: ev.OpeningBegun) -> State:
    return _stage(state, event, challenge=event.challenge, to=event.to)


def _roll_call_answered(state: State, event: ev.RollCallAnswered) -> State:
    return _stage(state, event, answered=(*_of(state, event).answered, event.custodian))


def _bids_received(state: State, event: ev.BidsReceived) -> State:
    return _stage(
        state, event, received=event.bids, until=event.until, suspensions=len(state.turns.suspended)
    )  # fmt: skip


def _bid_released(state: State, event: ev.BidReleased) -> State:
    return _stage(state, event, released={**_of(state, event).released, event.bid: event.release})


def _release_closed(state: State, event: ev.ReleaseClosed) -> State:
    return _stage(state, event, list_digest=event.bids)


def _custody_released(state: State, event: ev.CustodyReleased) -> State:
    return _stage(state, event, custody={**_of(state, event).custody, event.custodian: event.release})


def _decryption_reported(state: State, event: ev.DecryptionReported) -> State:
    report = Report(event.bids, event.false_shares, event.digest)
    return _stage(state, event, reports={**_of(state, event).reports, event.venue: report})


def _bids_opened(state: State, event: ev.BidsOpened) -> State:
    return with_track(state, event.lot, event.envelope, bids=event.bids)


def _bid_failed(state: State, event: ev.BidFailed) -> State:
    failure = Failure(event.cause, event.reason, event.remedy, event.statement)
    return _stage(state, event, failures={**_of(state, event).failures, event.bid: failure})


def _opening_key_destroyed(state: State, event: ev.OpeningKeyDestroyed) -> State:
    gone = replace(state.ceremony.keys[event.venue], destroyed=True)
    keys = {**state.ceremony.keys, event.venue: gone}
    return replace(state, ceremony=replace(state.ceremony, keys=keys))


FOLDS: dict[type, Callable[[State, Any], State]] = {
    ev.CustodiansAppointed: _custodians_appointed,
    ev.OpeningKeyOffered: _opening_key_offered,
    ev.OpeningBegun: _opening_begun,
    ev.RollCallAnswered: _roll_call_answered,
    ev.BidsReceived: _bids_received,
    ev.BidReleased: _bid_released,
    ev.ReleaseClosed: _release_closed,
    ev.CustodyReleased: _custody_released,
    ev.DecryptionReported: _decryption_reported,
    ev.BidsOpened: _bids_opened,
    ev.BidFailed: _bid_failed,
    ev.OpeningKeyDestroyed: _opening_key_destroyed,
}
