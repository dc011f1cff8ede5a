"""Alerts: what in a record gives cause to look, in four groups, folded entry by entry.

Owns which facts become an alert and when one ends. An alert stops nothing and judges nobody: whoever watches
decides what it means. The fold reads entries alone, so that any replica finds the same; what the tally says
is added where the table shows the tally. Must not know clocks, lines or pages. Sources: DOMAIN 2 (warnings in
four groups), 87号令 64 (畸高畸低), 12号令 27 (too few left), SPEC 10.5.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from protocol import events as ev
from protocol.entry import Entry
from protocol.events_milestones import CosignatureSettled
from protocol.hidden import Disclosure
from protocol.methods.evaluation import Evaluation
from protocol.plan import observations
from protocol.projection import alerts_turns
from protocol.session.state import State, Track, milestone_key
from protocol.views import AlertGroup, AlertKind, AlertView, Severity
from protocol.words import track_name

NODE_SEQ: Final = -1
"""In an alert that a node has noticed by itself: no entry raised it."""

KINDS: Final[dict[AlertKind, tuple[AlertGroup, Severity]]] = {
    "MilestoneOwed": ("flow", "notice"),
    "ActRefused": ("flow", "warning"),
    "CopyStopped": ("flow", "alarm"),
    "BidsFew": ("opening", "alarm"),
    "BidsRejected": ("opening", "notice"),
    "ScoringOverrun": ("evaluation", "warning"),
    "OpeningFault": ("evaluation", "alarm"),
    "Deviation": ("evaluation", "warning"),
    "ObjectiveMismatch": ("evaluation", "warning"),
    "SeatRebound": ("movement", "warning"),
    "LineSilent": ("movement", "warning"),
    "Observation": ("movement", "warning"),
    "Suspended": ("flow", "alarm"),
    "CommitteeVoid": ("flow", "alarm"),
    "Objection": ("opening", "notice"),
    "RateWithheld": ("opening", "warning"),
    "RejectionVote": ("evaluation", "warning"),
    "RejectedByVote": ("evaluation", "notice"),
    "ScoreCorrected": ("evaluation", "warning"),
    "ScoreAbnormal": ("evaluation", "warning"),
    "Dissent": ("evaluation", "notice"),
    "SigningRefused": ("evaluation", "warning"),
    "Recusal": ("movement", "warning"),
    "Intervention": ("flow", "warning"),
    "AnswerOverdue": ("flow", "alarm"),
    "SessionFailed": ("flow", "alarm"),
    "StageFailed": ("flow", "alarm"),
    "BidFailed": ("opening", "warning"),
    "AgreementDeemed": ("evaluation", "notice"),
    "FaceShown": ("movement", "warning"),
    "SeatLeft": ("movement", "warning"),
}
"""Kind → group and severity; an observation is of its item's group."""


class Watched(Struct, frozen=True):
    """What the entries so far gave cause to look at; `tallied` is stage → (seq, at) of its tally."""

    alerts: tuple[AlertView, ...] = ()
    tallied: dict[str, tuple[int, int]] = {}


def watch(before: State | None, entry: Entry, watched: Watched) -> Watched:
    """What there is to look at after one more entry.

    Args:
      before: the session as of before the entry; None before genesis.
      entry: the entry.
      watched: as of before it.
    """
    for event in entry.events:
        found = _WATCHES.get(type(event))
        if before is None:
            continue
        if found is not None:
            watched = found(watched, before, entry, event)
        for change in alerts_turns.changes(before, event):
            watched = _changed(watched, before, entry, change)
    return watched


def _changed(watched: Watched, before: State, entry: Entry, change: alerts_turns.Change) -> Watched:
    """What rules version 3 begins or ends."""
    if isinstance(change, alerts_turns.Raised):
        places = _places(before, *change.seats)
        return _raised(
            watched, change.kind, change.of, entry, lot=change.lot, envelope=change.envelope,
            detail=change.detail, **places,
        )  # fmt: skip
    if change.of:
        return _ended(watched, entry.at, change.kind, change.of)
    for one in watched.alerts:
        if one.kind == change.kind and one.until == 0:
            watched = _ended(watched, entry.at, change.kind, one.id.partition("/")[2])
    return watched


def of_tally(tally: Disclosure | None, track: Track, watched: Watched) -> Iterator[AlertView]:
    """What a disclosed tally gives cause to look at: 畸高畸低, and objective items scored differently."""
    if tally is None or track.name not in watched.tallied:
        return
    seq, at = watched.tallied[track.name]
    evaluation = msgspec.json.decode(tally.value, type=Evaluation)
    codes = {bid.bidder: bid.code for bid in track.bids}
    for one in evaluation.deviations:
        if one.over:
            detail = {
                "seat": one.seat, "bid": codes.get(one.bidder, one.bidder), "criterion": one.criterion,
                "points": one.points, "mean": one.mean, "percent": one.percent,
            }  # fmt: skip
            yield _alert(
                "Deviation", f"{track.name}/{one.seat}/{one.bidder}/{one.criterion}", seq, at,
                lot=track.lot, envelope=track.envelope, seats=(one.seat,), detail=detail,
            )  # fmt: skip
    for differing in evaluation.mismatches:
        detail = {"bid": codes.get(differing.bidder, differing.bidder), "criterion": differing.criterion}
        yield _alert(
            "ObjectiveMismatch", f"{track.name}/{differing.bidder}/{differing.criterion}", seq, at,
            lot=track.lot, envelope=track.envelope, seats=tuple(differing.scores), detail=detail,
        )  # fmt: skip


def line_silent(venue: str, since: int) -> AlertView:
    """A venue's node is not connected to the coordinator, as this node has known since a time (ms)."""
    return _alert("LineSilent", venue, NODE_SEQ, since, venues=(venue,))


def seat_left(seat: str, venue: str, since: int) -> AlertView:
    """A seat at this node's own place had no page open since a time (ms), in the midst of the work."""
    return _alert("SeatLeft", seat, NODE_SEQ, since, seats=(seat,), venues=(venue,))


def copy_stopped(code: str, seq: int, since: int) -> AlertView:
    """This node's copy takes nothing more: an entry did not fit, or two histories exist."""
    return _alert("CopyStopped", code, NODE_SEQ, since, detail={"code": code, "entry": str(seq)})


def _alert(kind: AlertKind, of: str, seq: int, since: int, **more: Any) -> AlertView:
    group, severity = KINDS[kind]
    return AlertView(
        id=f"{kind}/{of}", group=group, kind=kind, severity=severity, since=since, seq=seq, **more
    )


def _raised(watched: Watched, kind: AlertKind, of: str, entry: Entry, **more: Any) -> Watched:
    return replace(watched, alerts=(*watched.alerts, _alert(kind, of, entry.seq, entry.at, **more)))


def _ended(watched: Watched, at: int, kind: AlertKind, of: str) -> Watched:
    """The alert that goes on under this name has ended."""
    name = f"{kind}/{of}"
    alerts = tuple(
        replace(one, until=at) if one.id == name and one.until == 0 else one for one in watched.alerts
    )
    return replace(watched, alerts=alerts)


def _places(state: State, *seats: str) -> dict[str, Any]:
    """The seats and the venues where they stand."""
    venues = {state.seats[seat].venue for seat in seats if seat in state.seats}
    return {"seats": seats, "venues": tuple(sorted(venues - {""}))}


def _milestone(watched: Watched, _: State, entry: Entry, event: ev.MilestoneReached) -> Watched:
    if not event.owed:
        return watched
    detail = {"milestone": event.milestone, "owed": ", ".join(event.owed)}
    of = f"{event.milestone}@{track_name(event.lot, event.envelope)}"
    return _raised(watched, "MilestoneOwed", of, entry, lot=event.lot, envelope=event.envelope, detail=detail)


def _settled(watched: Watched, before: State, entry: Entry, event: CosignatureSettled) -> Watched:
    """The alert ends once nobody owes at the milestone any more."""
    held = before.milestones[milestone_key(event.milestone, event.lot, event.envelope)]
    if set(held.owed) - set(event.cosigned):
        return watched
    of = f"{event.milestone}@{track_name(event.lot, event.envelope)}"
    return _ended(watched, entry.at, "MilestoneOwed", of)


def _refusal(watched: Watched, before: State, entry: Entry, event: ev.RefusalNoted) -> Watched:
    detail = {"act": event.command_type, "code": event.code}
    seats = (event.seat,) if event.seat else ()
    return _raised(watched, "ActRefused", str(entry.seq), entry, detail=detail, **_places(before, *seats))


def _rebound(watched: Watched, before: State, entry: Entry, event: ev.SeatBound) -> Watched:
    seat = before.seats.get(event.seat)
    if seat is None or not seat.key:
        return watched
    detail = {"means": event.means}
    return _raised(
        watched, "SeatRebound", f"{event.seat}/{entry.seq}", entry, detail=detail,
        **_places(before, event.seat),
    )  # fmt: skip


def _preliminary(watched: Watched, before: State, entry: Entry, event: ev.PreliminaryImported) -> Watched:
    name = track_name(event.lot, event.envelope)
    if event.rejected:
        codes = {bid.bidder: bid.code for bid in before.tracks[name].bids}
        bids = ", ".join(codes.get(one.bidder, one.bidder) for one in event.rejected)
        detail = {"bids": bids, "count": str(len(event.rejected))}
        watched = _raised(
            watched, "BidsRejected", name, entry, lot=event.lot, envelope=event.envelope, detail=detail
        )
    left = len(event.valid)
    if left >= before.bids_min:
        return watched
    # An opening with too few bids is refused; after it the committee may reject all for want of competition.
    detail = {"left": str(left), "min": str(before.bids_min)}
    return _raised(watched, "BidsFew", name, entry, lot=event.lot, envelope=event.envelope, detail=detail)


def _overrun(watched: Watched, before: State, entry: Entry, event: ev.OverrunRaised) -> Watched:
    for seat in event.seats:
        watched = _raised(
            watched, "ScoringOverrun", _seat_at(event, seat), entry,
            lot=event.lot, envelope=event.envelope, **_places(before, seat),
        )  # fmt: skip
    return watched


def _sealed(watched: Watched, _: State, entry: Entry, event: ev.SheetSealed) -> Watched:
    return _ended(watched, entry.at, "ScoringOverrun", _seat_at(event, event.seat))


def _tried(watched: Watched, before: State, entry: Entry, event: ev.OpeningTried) -> Watched:
    of = _seat_at(event, event.seat)
    if event.ok:
        return _ended(watched, entry.at, "OpeningFault", of)
    return _raised(
        watched, "OpeningFault", of, entry, lot=event.lot, envelope=event.envelope,
        detail={"cause": event.cause}, **_places(before, event.seat),
    )  # fmt: skip


def _tallied(watched: Watched, _: State, entry: Entry, event: ev.TallyPublished) -> Watched:
    name = track_name(event.lot, event.envelope)
    return replace(watched, tallied={**watched.tallied, name: (entry.seq, entry.at)})


def _observed(watched: Watched, before: State, entry: Entry, event: ev.ObservationNoted) -> Watched:
    """What a witness saw that was not as it should be, until one notes that it was dealt with."""
    if event.finding == "handled":
        return _ended(watched, entry.at, "Observation", str(event.entry))
    if event.finding != "irregular":
        return watched
    item = observations.TABLES[before.rules_version][event.item]
    about = _places(before, *((event.subject,) if event.subject in before.seats else ()))
    venues = about["venues"] or (event.subject if event.subject in before.venues else event.venue,)
    detail = {"item": item.code, "zh": item.zh, "en": item.en, "witness": event.seat}
    watched = _raised(
        watched, "Observation", str(entry.seq), entry, lot=event.lot, envelope=event.envelope,
        seats=about["seats"], venues=venues, detail=detail,
    )  # fmt: skip
    group: AlertGroup = "flow" if item.group == "duty" else item.group
    return replace(watched, alerts=(*watched.alerts[:-1], replace(watched.alerts[-1], group=group)))


def _seat_at(event: Any, seat: str) -> str:
    return f"{track_name(event.lot, event.envelope)}/{event.round}/{seat}"


_WATCHES: dict[type, Callable[[Watched, State, Entry, Any], Watched]] = {
    ev.MilestoneReached: _milestone,
    CosignatureSettled: _settled,
    ev.RefusalNoted: _refusal,
    ev.SeatBound: _rebound,
    ev.PreliminaryImported: _preliminary,
    ev.OverrunRaised: _overrun,
    ev.SheetSealed: _sealed,
    ev.OpeningTried: _tried,
    ev.TallyPublished: _tallied,
    ev.ObservationNoted: _observed,
}
