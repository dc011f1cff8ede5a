"""What a seat must be to be taken into a session, wherever it comes from."""

from collections.abc import Collection, Iterable

from protocol.content import SeatRef
from protocol.refusals import Refusal, refuse
from protocol.session.state import AGENT_SEAT


def seat_fault(seat: SeatRef, venues: Collection[str], *, drawn: bool) -> Refusal | None:
    """A person's seat at one of the venues; experts are drawn, the tenderee's representative is not."""
    if seat.venue not in venues:
        return refuse("UnknownVenue", venue=seat.venue)
    if seat.role in ("venue", "installation", "bidder"):
        return refuse("UnknownSeat", seat=seat.seat)
    if (seat.role == "agent") != (seat.seat == AGENT_SEAT):
        return refuse("DuplicateId", id=AGENT_SEAT)
    if (seat.role == "expert") != (seat.kind != "none") or seat.reserve:
        return refuse("Malformed", why=f"kind of seat {seat.seat}")
    if not drawn and seat.kind == "expert":
        return refuse("NotDrawn", seat=seat.seat)
    return None


def first_twice(names: Iterable[str]) -> str | None:
    """The first name that stands twice, or None."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return None
