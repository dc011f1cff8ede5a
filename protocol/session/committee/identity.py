"""Identity at the door (身份核验), check-in, and recusal declared by a member.

Steps of identification stand behind one act, whatever device gives them: a document read, a face
compared, a certificate used, or the desk officer's own eyes, which is the built-in way. The record
holds a digest of what the device gave, never the picture. Sources: 87号令 45; 12号令 12; 实施条例 46, 48.
"""

from protocol.commands import CheckIn
from protocol.commands_draw import ConfirmIdentity, DeclareRecusal
from protocol.events_draw import IdentityConfirmed, RecusalDeclared
from protocol.refusals import refuse
from protocol.session import checkin
from protocol.session.asked import Asked, Decision
from protocol.session.state import members

SUFFICIENT: tuple[frozenset[str], ...] = (
    frozenset({"desk"}),
    frozenset({"document", "face"}),
    frozenset({"certificate"}),
)
"""Which steps together say who somebody is."""


def sufficient(steps: tuple[str, ...]) -> bool:
    """Whether the steps passed are enough to check in.

    >>> sufficient(("document",)), sufficient(("document", "face"))
    (False, True)
    """
    return any(wanted <= set(steps) for wanted in SUFFICIENT)


def confirm(asked: Asked, content: ConfirmIdentity) -> Decision:
    """A step that an officer at the seat's own venue answers for, once each."""
    state = asked.state
    seat = state.seats.get(content.seat)
    if seat is None or seat.role != "expert":
        return refuse("UnknownSeat", seat=content.seat)
    if seat.venue != asked.who.venue:
        return refuse("WrongVenue", seat=content.seat, venue=asked.who.venue)
    if len(content.evidence) not in (0, 32):
        return refuse("Malformed", why="evidence")
    if content.step in state.drawn.confirmed.get(content.seat, ()):
        return refuse("AlreadyDone")
    return (IdentityConfirmed(content.seat, content.step, content.evidence, asked.who.seat),)


def check_in(asked: Asked, content: CheckIn) -> Decision:
    """The undertaking and the statement on recusal, signed by whoever was identified at the desk."""
    drawn = asked.state.drawn
    if drawn.drawn and not sufficient(drawn.confirmed.get(asked.who.seat, ())):
        return refuse("IdentityAwaited", seat=asked.who.seat)
    return checkin.check_in(asked.state, asked.who, content)


def recuse(asked: Asked, content: DeclareRecusal) -> Decision:
    """A member says that a ground applies; from then on that seat does nothing more."""
    state = asked.state
    if asked.who.seat not in {seat.seat for seat in members(state)}:
        return refuse("NotCheckedIn", seat=asked.who.seat)
    if content.bidder and all(
        content.bidder != bid.bidder for track in state.tracks.values() for bid in track.bids
    ):
        return refuse("UnknownBidder", bidder=content.bidder)
    if len(content.remark) not in (0, 32):
        return refuse("Malformed", why="remark")
    return (RecusalDeclared(asked.who.seat, content.ground, content.bidder, content.remark),)
