"""What rules version 3 gives cause to look at: votes, recusals, rechecks, suspensions, dissent.

Owns which of its events raise or end an alert; `alerts` folds them with the others. None stops anything, and
a vote to reject is told by numbers alone: who dissents stands in the record. Sources: SPEC 10.5, 15-17;
条例 44, 46, 51, 53; 12号令 12, 27, 43; 87号令 49, 61, 64.
"""

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from protocol import events as ev
from protocol import events_ceremony as ceremony
from protocol import events_draw as draw
from protocol import events_live as live
from protocol import events_oversight as oversight
from protocol import events_review as review
from protocol import events_turns as turns
from protocol.session.state import State
from protocol.views import AlertKind
from protocol.words import track_name


class Raised(Struct, frozen=True):
    """An alert that begins: its kind, what it is of, and what an `AlertView` tells."""

    kind: AlertKind
    of: str
    seats: tuple[str, ...] = ()
    lot: str = ""
    envelope: str = ""
    detail: dict[str, str] = {}


class Ended(Struct, frozen=True):
    """An alert of a kind that goes on ends; with an empty `of` every one of the kind."""

    kind: AlertKind
    of: str = ""


Change = Raised | Ended


def changes(before: State, event: Any) -> Iterator[Change]:
    """Which alerts an event begins or ends, by the state before it."""
    match event:
        case review.VoteOpened() | review.VoteClosed() | review.PreliminaryConcluded():
            yield from _review(before, event)
        case draw.RecusalDeclared():
            yield Raised("Recusal", event.seat, (event.seat,), detail={"ground": event.ground})
        case draw.ReplacementCalled() | draw.MemberReplaced():
            yield Ended("Recusal", event.seat)
        case turns.ObjectionRaised() | turns.ObjectionAnswered() | turns.KDrawRestarted():
            yield from _opening(before, event)
        case turns.ItemCorrected() | turns.AbnormalFound():
            yield from _recheck(before, event)
        case live.FaceMaskSet(masked=True):
            yield Ended("FaceShown", event.seat)
        case live.FaceMaskSet():
            yield Raised("FaceShown", event.seat, (event.seat,), detail={"reason": event.reason})
        case ceremony.BidFailed():
            # By the reason alone: whose bid it is, the opening's own card tells whoever may know.
            of = f"{track_name(event.lot, event.envelope)}/{event.bid}"
            yield Raised(
                "BidFailed", of, lot=event.lot, envelope=event.envelope, detail={"reason": event.reason}
            )
        case oversight.Intervened() | oversight.InterventionAnswered() | oversight.AnswerOverdue():
            yield from _oversight(event)
        case _:
            yield from _session(event)


def _oversight(event: Any) -> Iterator[Change]:
    """From the asking to the answer, and from when it is overdue; told by number, kind and reason."""
    of = str(event.number)
    match event:
        case oversight.Intervened():
            detail = {"number": of, "intervention": event.kind, "reason": event.reason}
            yield Raised("Intervention", of, detail=detail)
        case oversight.AnswerOverdue():
            yield Raised("AnswerOverdue", of, detail={"number": of})
        case _:
            yield Ended("Intervention", of)
            yield Ended("AnswerOverdue", of)


def _review(before: State, event: Any) -> Iterator[Change]:
    place = {"lot": event.lot, "envelope": event.envelope}
    name = track_name(event.lot, event.envelope)
    if isinstance(event, review.PreliminaryConcluded):
        if len(event.valid) < before.bids_min:
            detail = {"left": str(len(event.valid)), "min": str(before.bids_min)}
            yield Raised("BidsFew", name, **place, detail=detail)
        return
    of = f"{name}/{event.round}/{event.bidder}/{event.ground}"
    about = {"bid": _code(before, event), "ground": event.ground}
    if isinstance(event, review.VoteOpened):
        yield Raised("RejectionVote", of, (event.seat,), **place, detail=about)
        return
    yield Ended("RejectionVote", of)
    if event.rejected and event.bidder:
        counts = {"yes": str(event.yes), "no": str(event.no), "abstain": str(event.abstain)}
        yield Raised("RejectedByVote", of, **place, detail=about | counts)


def _opening(before: State, event: Any) -> Iterator[Change]:
    place = {"lot": event.lot, "envelope": event.envelope}
    name = track_name(event.lot, event.envelope)
    if isinstance(event, turns.KDrawRestarted):
        of = f"{name}/{event.rate}/{event.attempt}"
        detail = {"rate": event.rate, "attempt": str(event.attempt)}
        yield Raised("RateWithheld", of, event.withheld, **place, detail=detail)
    elif isinstance(event, turns.ObjectionRaised):
        detail = {"bid": _code(before, event)}
        yield Raised("Objection", f"{name}/{event.number}", **place, detail=detail)
    else:
        yield Ended("Objection", f"{name}/{event.number}")


def _recheck(before: State, event: Any) -> Iterator[Change]:
    place = {"lot": event.lot, "envelope": event.envelope}
    name = f"{track_name(event.lot, event.envelope)}/{event.round}"
    if isinstance(event, turns.ItemCorrected):
        detail = {"ground": event.ground, "count": str(len(event.items))}
        yield Raised("ScoreCorrected", f"{name}/{event.number}", (event.seat,), **place, detail=detail)
    elif event.found:
        detail = {"bid": _code(before, event), "criterion": event.criterion}
        of = f"{name}/{event.seat}/{event.bidder}/{event.criterion}"
        yield Raised("ScoreAbnormal", of, (event.seat,), **place, detail=detail)


def _session(event: Any) -> Iterator[Change]:
    match event:
        case turns.SessionSuspended():
            detail = {"reason": event.reason, "limit_min": str(event.limit_ms // 60_000)}
            yield Raised("Suspended", str(event.size), (event.seat,), detail=detail)
        case turns.SessionResumed():
            yield Ended("Suspended")
        case turns.SessionFailed() | turns.StageFailed():
            yield from _failed(event)
        case turns.CommitteeVoided():
            yield Ended("Suspended")
            detail = {"reason": event.reason, "number": str(event.number)}
            yield Raised("CommitteeVoid", str(event.number), event.members, detail=detail)
        case turns.CommitteeRebuilt():
            yield Ended("CommitteeVoid")
        case turns.DissentRecorded():
            yield Raised("Dissent", f"{event.report.hex()[:16]}/{event.seat}", (event.seat,))
        case turns.SignatureRefused():
            yield Raised("SigningRefused", event.seat, (event.seat,))
        case turns.AgreementDeemed():
            yield Ended("SigningRefused", event.seat)
            yield Raised("AgreementDeemed", event.seat, (event.seat,))
        case ev.ReportSigned():
            yield Ended("SigningRefused", event.seat)
        case _:
            return


def _failed(event: Any) -> Iterator[Change]:
    """A session or a stage that came to nothing; it stays so, and the alert with it."""
    detail = {"reason": event.reason}
    if isinstance(event, turns.SessionFailed):
        yield Ended("Suspended")
        yield Raised("SessionFailed", "session", detail=detail)
        return
    of = f"{track_name(event.lot, event.envelope)}/{event.round}"
    yield Raised("StageFailed", of, lot=event.lot, envelope=event.envelope, detail=detail)


def _code(before: State, event: Any) -> str:
    """A bid by its neutral code; empty for a vote on all."""
    track = before.tracks[track_name(event.lot, event.envelope)]
    return next((bid.code for bid in track.bids if bid.bidder == event.bidder), event.bidder)
