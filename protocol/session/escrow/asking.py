"""What is asked of custodians now: to hold an opening, or to release their share of it (SPEC 28.8).

Read off a record by each custodian's service, and by venues that may have to stand in. A share is asked for
only where the seat's own venue cannot open, or has said nothing, so that no more is released than a lost
machine makes necessary.
"""

from protocol.session.ceremony import reading
from protocol.session.escrow.guards import group_of, held
from protocol.session.escrow.state import Held
from protocol.session.state import State, Track, is_reached


def to_hold(state: State, here: Track, custodian: str) -> tuple[tuple[str, Held], ...]:
    """Openings that a custodian has not acknowledged, while scoring is open: seat, what it gave."""
    if here.phase != "DETAILED" or not _is_of_group(state, here, custodian):
        return ()
    return tuple(one for one in _given(state, here) if custodian not in one[1].acknowledged)


def to_release(state: State, here: Track, custodian: str) -> tuple[tuple[str, Held], ...]:
    """Openings whose share a custodian may be asked for; of a seat without a `fault` not at once."""
    group = group_of(state, here)
    if group is None or not _is_of_group(state, here, custodian) or not is_closed(state, here):
        return ()
    return tuple(
        (seat, one)
        for seat, one in _given(state, here)
        if custodian not in one.released and len(one.released) < group.threshold and needs_release(here, seat)
    )


def is_closed(state: State, here: Track) -> bool:
    """Whether a stage's scores are closed under their milestone, and not all open yet."""
    if here.phase not in ("SCORES_SEALED", "SCORES_OPENING"):
        return False
    return is_reached(state, "scores_closed", here.lot, here.envelope)


def needs_release(here: Track, seat: str) -> bool:
    """Whether a seat's venue has not said that it can open, or said so and has not opened with the others."""
    sheet = here.sheets.get(seat)
    if sheet is None or sheet.opened:
        return False
    return sheet.tried != "ok" or here.phase == "SCORES_OPENING"


def stands_in(state: State, here: Track, seat: str) -> str:
    """Which venue opens for a seat whose opening was released: the main venue, for its own seats another.

    Its own venue may all the same. Empty while too few custodians have released, or no venue has a key.
    """
    group, one = group_of(state, here), held(state, here, seat)
    if group is None or one is None or len(one.released) < group.threshold:
        return ""
    keyed = [key.venue for key in reading.of(state, here).to]
    main = [name for name in keyed if name in state.venues and state.venues[name].role == "main"]
    own = state.seats[seat].venue
    return next((name for name in (*main, *keyed) if name != own), "")


def _is_of_group(state: State, here: Track, custodian: str) -> bool:
    group = group_of(state, here)
    return group is not None and custodian in (one.custodian for one in group.members)


def _given(state: State, here: Track) -> tuple[tuple[str, Held], ...]:
    """Seats of the present round whose opening was given, for the sheet that they sealed."""
    found = ((seat, held(state, here, seat)) for seat in here.sheets)
    return tuple(
        (seat, one)
        for seat, one in found
        if one is not None and one.commitment == here.sheets[seat].commitment
    )
