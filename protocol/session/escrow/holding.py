"""Scores in escrow: given, acknowledged, and released once scoring is closed (SPEC 28.8).

A venue whose machine is lost is stood in for: once a threshold of custodians has released a seat's opening,
any venue with a key of the opening may try it and open it, for the same commitment.
"""

from protocol.commands import OpenSheet, TryOpening
from protocol.commands_escrow import AcknowledgeEscrow, EscrowSheet, ReleaseEscrow
from protocol.events_escrow import EscrowAcknowledged, EscrowReleased, SheetEscrowed
from protocol.refusals import Refusal, refuse
from protocol.session import scoring
from protocol.session.asked import Asked, Decision
from protocol.session.ceremony import reading
from protocol.session.escrow.guards import group_of, held
from protocol.session.escrow.state import Held
from protocol.session.state import Speaker, is_reached


def give(asked: Asked, content: EscrowSheet) -> Decision:
    """The seat's own venue gives its opening, once for a commitment."""
    state, here = asked.state, asked.here
    if group_of(state, here) is None:
        return refuse("NotCustodian", custodian="-")
    sheet = here.sheets.get(content.seat)
    if sheet is None:
        return refuse("NotSealed", seat=content.seat)
    if state.seats[content.seat].venue != asked.who.venue:
        return refuse("WrongVenue", seat=content.seat, venue=asked.who.venue)
    if sheet.commitment != content.commitment:
        return refuse("OpeningMismatch", seat=content.seat)
    before = held(state, here, content.seat)
    if before is not None and before.escrow == content.escrow:
        return refuse("AlreadyDone")
    given = SheetEscrowed(
        lot=here.lot, envelope=here.envelope, round=here.round, seat=content.seat,
        commitment=content.commitment, escrow=content.escrow,
    )  # fmt: skip
    return (given,)


def acknowledge(asked: Asked, content: AcknowledgeEscrow) -> Decision:
    """A custodian of the group holds its share of exactly this escrow."""
    one = _held(asked, content.seat, content.commitment)
    if isinstance(one, Refusal):
        return one
    if one.escrow != content.escrow:
        return refuse("OpeningMismatch", seat=content.seat)
    if asked.who.seat in one.acknowledged:
        return refuse("AlreadyDone")
    here = asked.here
    done = EscrowAcknowledged(
        lot=here.lot, envelope=here.envelope, round=here.round, seat=content.seat, custodian=asked.who.seat
    )
    return (done,)


def release(asked: Asked, content: ReleaseEscrow) -> Decision:
    """A custodian's share, once scoring is closed under its milestone; once for each seat."""
    state, here = asked.state, asked.here
    one = _held(asked, content.seat, content.commitment)
    if isinstance(one, Refusal):
        return one
    if not is_reached(state, "scores_closed", here.lot, here.envelope):
        return refuse("MilestoneAwaited", milestone="scores_closed")
    if asked.who.seat in one.released:
        return refuse("AlreadyReleased", who=asked.who.seat)
    done = EscrowReleased(
        lot=here.lot, envelope=here.envelope, round=here.round, seat=content.seat,
        custodian=asked.who.seat, release=content.release,
    )  # fmt: skip
    return (done,)


def try_opening(asked: Asked, content: TryOpening) -> Decision:
    """As ever; and any venue of the opening for a seat whose opening custodians have released."""
    return scoring.try_opening(asked.state, asked.here, _standing_in(asked, content.seat), content)


def open_sheet(asked: Asked, content: OpenSheet) -> Decision:
    """As ever; likewise."""
    return scoring.open_sheet(asked.state, asked.here, _standing_in(asked, content.seat), content)


def _standing_in(asked: Asked, seat: str) -> Speaker:
    """For whom a venue speaks: its own seats, and a seat whose opening enough custodians have released."""
    state, here, who = asked.state, asked.here, asked.who
    group, one = group_of(state, here), held(state, here, seat)
    if group is None or one is None or len(one.released) < group.threshold:
        return who
    if who.venue not in (key.venue for key in reading.of(state, here).to):
        return who
    return Speaker(who.role, who.seat, state.seats[seat].venue)


def _held(asked: Asked, seat: str, commitment: bytes) -> Held | Refusal:
    group = group_of(asked.state, asked.here)
    if group is None or asked.who.seat not in (one.custodian for one in group.members):
        return refuse("NotCustodian", custodian=asked.who.seat)
    one = held(asked.state, asked.here, seat)
    if one is None:
        return refuse("NotSealed", seat=seat)
    return one if one.commitment == commitment else refuse("OpeningMismatch", seat=seat)
