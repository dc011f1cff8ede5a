"""What is shown of an opening, of scores in escrow, of a report's signatures (rules version 4; SPEC 28, 29).

Part of `project` and of `bidder`. Who releases is public from the deadline on; of what is released nothing is
here, since boxes open to the venues alone. Whose sheet is held where is shown as far as sheets are.
"""

from collections.abc import Iterable
from typing import Literal

from protocol.hidden import Disclosed
from protocol.projection import visibility
from protocol.session.ceremony import reading
from protocol.session.ceremony.state import Failure, StageCeremony
from protocol.session.escrow.guards import group_of, held
from protocol.session.state import State, Track, is_reached
from protocol.views_ceremony import (
    BidFailureView,
    CeremonyView,
    EscrowView,
    HeldSheetView,
    KeyGroupView,
    KeyholderView,
    OpeningVenueView,
    PaperView,
    PlaceView,
    SealedBidView,
)
from protocol.words import Milestone, Role

_WAITS: dict[str, Milestone] = {"BIDDERS_RELEASE": "bids_received", "CUSTODIANS_RELEASE": "release_closed"}
"""Phase → the milestone that its releases wait for."""


def ceremony(state: State, disclosed: Disclosed, role: Role, track: Track) -> CeremonyView | None:
    """How far a stage's opening is; None where no custodians are appointed or the role is shown nothing."""
    found = reading.of(state, track)
    if not found.groups or not visibility.shows("ceremony", role):
        return None
    waits = _WAITS.get(track.phase)
    present: Iterable[str] = found.custody if track.phase == "CUSTODIANS_RELEASE" else found.answered
    digests = {venue: one.digest for venue, one in found.reports.items()}
    return CeremonyView(
        project=found.project,
        suite=found.suite,
        window_ms=found.window_ms,
        groups=_groups(found),
        to=tuple(OpeningVenueView(one.venue, digests.get(one.venue, b"")) for one in found.to),
        bids=_bids(state, disclosed, role, track, found),
        until=reading.until(state, track) if found.received else 0,
        waits=waits if waits and not is_reached(state, waits, track.lot, track.envelope) else "",
        short=reading.short_of(found, present),
        alike=len(set(digests.values())) == 1,
        record=reading.opening_record(state, track) if track.phase == "OPENED" and found.received else b"",
    )


def escrow(state: State, role: Role, track: Track, seats: Iterable[str]) -> EscrowView | None:
    """Who holds the scores of a stage; None where nobody does, or before its scoring.

    Args:
      state: the session.
      role: who looks.
      track: the stage.
      seats: the members whose sheets the role is shown one by one.
    """
    group = group_of(state, track)
    if group is None or not track.sheets or not visibility.shows("sheets", role):
        return None
    sheets = []
    for seat in seats:
        one = held(state, track, seat)
        if one is None:
            sheets.append(HeldSheetView(seat, False, (), ()))
        else:
            sheets.append(HeldSheetView(seat, True, one.acknowledged, tuple(one.released)))
    return EscrowView(group.group, len(group.members), group.threshold, tuple(sheets))


def paper(state: State, role: Role) -> PaperView | None:
    """The report's places and who has signed; None while the imported report is not prepared."""
    own = state.signatures
    if not own.prepared or own.report != state.report or not visibility.shows("signing", role):
        return None
    return PaperView(
        own.prepared,
        own.document,
        tuple(PlaceView(one.seat, one.role, _signed(state, one.seat)) for one in own.places),
    )


def _signed(state: State, seat: str) -> Literal["", "within", "beside"]:
    one = state.signatures.signed.get(seat)
    if one is None:
        return ""
    return "beside" if one.beside else "within"


def _groups(found: StageCeremony) -> tuple[KeyGroupView, ...]:
    false: dict[str, set[str]] = {}
    for report in found.reports.values():
        for one in report.false_shares:
            false.setdefault(one.custodian, set()).add(one.bid)
    return tuple(
        KeyGroupView(
            group.group,
            group.threshold,
            tuple(
                KeyholderView(
                    one.custodian,
                    one.custodian in found.answered,
                    one.custodian in found.custody,
                    len(false.get(one.custodian, ())),
                )
                for one in group.members
            ),
        )
        for group in found.groups
    )


def _bids(
    state: State, disclosed: Disclosed, role: Role, track: Track, found: StageCeremony
) -> tuple[SealedBidView, ...]:
    first = next(iter(found.reports.values()), None)
    results = {} if first is None else {one.bid: one.result for one in first.bids}
    shown = visibility.allowed(state, "statement", role, track)
    return tuple(
        SealedBidView(
            one.bid,
            one.bidder,
            one.bid in found.released,
            results.get(one.bid, ""),
            _failure(disclosed, found.failures.get(one.bid), shown=shown),
        )
        for one in found.received
    )


def _failure(disclosed: Disclosed, one: Failure | None, *, shown: bool) -> BidFailureView | None:
    if one is None:
        return None
    statement = disclosed.get_value(one.statement) if shown else None
    return BidFailureView(one.cause, one.reason, one.remedy, statement)
