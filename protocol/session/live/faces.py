"""Masked faces in the record: whose mask a witness has taken off, or put on (SPEC 31.5).

The tender's plan says what holds without an act. Sources: 招标投标法 37, 44 (members are kept secret until
the award), 355号 八 (supervision of the whole process).
"""

from protocol.commands_live import SetFaceMask
from protocol.events_live import FaceMaskSet
from protocol.refusals import refuse
from protocol.session.asked import Asked, Decision
from protocol.session.state import State


def set_mask(asked: Asked, content: SetFaceMask) -> Decision:
    """A witness's word on a member of its own venue.

    Refused: no expert's seat, one of another venue, what its last act on that seat says already.
    """
    seat = asked.state.seats.get(content.seat)
    if seat is None or seat.role != "expert":
        return refuse("UnknownSeat", seat=content.seat)
    if seat.venue != asked.who.venue:
        return refuse("WrongVenue", seat=content.seat, venue=asked.who.venue)
    if asked.state.live.masks.get(content.seat) == content.masked:
        return refuse("AlreadyDone")
    return (FaceMaskSet(seat=content.seat, by=asked.who.seat, masked=content.masked, reason=content.reason),)


def masked(state: State, *, by_plan: bool) -> tuple[str, ...]:
    """The experts' seats whose faces are masked now, in order; `by_plan` is the plan's `mask_faces`."""
    experts = (seat for seat in state.seats.values() if seat.role == "expert")
    return tuple(sorted(one.seat for one in experts if state.live.masks.get(one.seat, by_plan)))
