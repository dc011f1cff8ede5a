"""Scoring by commit and reveal (DESIGN 7, SPEC 6): sealed alone, opened all together.

A member commits to a whole stage at once. When every rostered seat has committed and the
agent closes, each venue first says for each of its seats whether it can open (`ok` or
`fault`) and shows nothing; only when all are `ok` do the openings come in, and only when
the last is in does the stage go to aggregation, where the allow-table shows them.
Sources: 12号令 13, 17; 87号令 62 (alone, personally responsible).
"""

from protocol.commands import OpenSheet, SealSheet, TryOpening
from protocol.events import Event, OpeningTried, ScoresOpened, SheetOpened, SheetSealed
from protocol.refusals import Refusal, refuse
from protocol.session import moves
from protocol.session.state import Sheet, Speaker, State, Track


def seal_sheet(state: State, track: Track, who: Speaker, content: SealSheet) -> tuple[Event, ...] | Refusal:
    """One member's commitment for this stage; it cannot be changed afterwards."""
    if who.seat not in state.roster:
        return refuse("NotCheckedIn", seat=who.seat)
    if who.seat in track.sheets:
        return refuse("AlreadySealed", seat=who.seat)
    return (
        SheetSealed(
            lot=track.lot,
            envelope=track.envelope,
            round=track.round,
            seat=who.seat,
            commitment=content.commitment,
        ),
    )


def try_opening(state: State, track: Track, who: Speaker, content: TryOpening) -> tuple[Event, ...] | Refusal:
    """A venue's word on one of its seats; the last `ok` begins the opening of all."""
    sheet = _own_sheet(state, track, who, content.seat, content.commitment)
    if isinstance(sheet, Refusal):
        return sheet
    row = moves.find(state, track, "TryOpening")
    assert row is not None
    awaited = moves.await_milestone(state, track, row)
    if awaited is not None:
        return awaited
    ok = content.result == "ok"
    if sheet.tried == "ok" or (sheet.tried == "fault" and not ok):
        return refuse("AlreadyDone")
    tried = OpeningTried(
        lot=track.lot,
        envelope=track.envelope,
        round=track.round,
        seat=content.seat,
        ok=ok,
        cause=content.cause,
    )
    others = (track.sheets[seat].tried for seat in track.sheets if seat != content.seat)
    if ok and all(one == "ok" for one in others):
        return (tried, *moves.entered(track, row))
    return (tried,)


def open_sheet(state: State, track: Track, who: Speaker, content: OpenSheet) -> tuple[Event, ...] | Refusal:
    """A venue hands in a seat's opening; the last one opens all scores together."""
    sheet = _own_sheet(state, track, who, content.seat, content.commitment)
    if isinstance(sheet, Refusal):
        return sheet
    if sheet.opened:
        return refuse("AlreadyDone")
    opened = SheetOpened(
        lot=track.lot,
        envelope=track.envelope,
        round=track.round,
        seat=content.seat,
        commitment=content.commitment,
    )
    others = (track.sheets[seat].opened for seat in track.sheets if seat != content.seat)
    if not all(others):
        return (opened,)
    row = moves.find(state, track, "OpenSheet")
    assert row is not None
    all_in = ScoresOpened(lot=track.lot, envelope=track.envelope, round=track.round)
    return (opened, all_in, *moves.entered(track, row))


def _own_sheet(state: State, track: Track, who: Speaker, seat: str, commitment: bytes) -> Sheet | Refusal:
    """The sheet of a seat at the speaking venue, whose commitment is the one named."""
    place = state.seats.get(seat)
    if place is None:
        return refuse("UnknownSeat", seat=seat)
    if place.venue != who.venue:
        return refuse("WrongVenue", seat=seat, venue=who.venue)
    sheet = track.sheets.get(seat)
    if sheet is None:
        return refuse("NotSealed", seat=seat)
    if sheet.commitment != commitment:
        return refuse("OpeningMismatch", seat=seat)
    return sheet
