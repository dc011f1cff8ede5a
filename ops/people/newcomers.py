"""Who comes in and who leaves while a session goes on, and how a stand-in for the new one sits down.

Owns the difference between the seats of a view and those that are played: reserves that are called in, a new
committee, the staff of venues that a draw has shown. Must not know who plays, nor how.
"""

import asyncio
from typing import Final

from ops import certificates, senses
from ops.installation import COORDINATOR, Installation
from ops.people import observer, sign_in
from ops.people.listener import ActRefused
from ops.people.person import Person
from protocol.projection import visibility
from protocol.session.phases import SESSION_ORDER, reached
from protocol.views import SeatView, View

_AGENT: Final = "agent"
"""Whose seat is there from the booking on."""


def changes(
    view: View, played: frozenset[str], humans: frozenset[str]
) -> tuple[tuple[SeatView, ...], tuple[str, ...]]:
    """The experts that are to be played and are not yet, and those who are members no more."""
    left = left_by(view)
    members = {one.seat: one for one in view.seats if one.role == "expert" and not one.reserve}
    if view.phase == "COMMITTEE_VOID":
        members = {}
    elif not reached(SESSION_ORDER, view.phase, "CHECKIN"):
        return (), ()
    others = {one.seat for one in view.seats if one.role != "expert"}
    new = tuple(one for seat, one in members.items() if seat not in played | humans | left)
    return new, tuple(sorted(played - others - (members.keys() - left)))


def staff(view: View, played: frozenset[str], humans: frozenset[str]) -> tuple[SeatView, ...]:
    """Seats besides the members' that nobody plays yet: the sub-venues', unknown before a draw is shown."""
    others = (one for one in view.seats if one.role not in ("expert", _AGENT) and not one.reserve)
    return tuple(one for one in others if one.seat not in played | humans)


def sees_all(seat: SeatView) -> bool:
    """Whether whoever sits there is shown every seat one by one, and so sees who comes and goes."""
    return visibility.shows("seats", seat.role) and seat.role not in visibility.IN_COUNTS


def left_by(view: View) -> frozenset[str]:
    """The seats whose members recused themselves or were replaced."""
    committee = view.committee
    return frozenset() if committee is None else frozenset((*committee.recused, *committee.replaced))


def changed(played: frozenset[str], humans: frozenset[str], view: View) -> View | None:
    """The view once the session has ended or somebody comes in or leaves."""
    moved = any(changes(view, played, humans)) or staff(view, played, humans)
    return view if view.phase in observer.ENDS or moved else None


async def vouch(found: Installation, person: Person) -> None:
    """Sit a stand-in down by the operator's word, who holds the installation's key on this machine.

    The node's own copy may take a moment to show the seat.

    Raises:
      ActRefused: the seat does not take this key.
    """
    key = certificates.read_signing_key(found.data / COORDINATOR / "installation.key")
    attested = sign_in.by_operator(key, person.session, person.seat, person.key_text)
    until = senses.running_ms() + sign_in.GREET_MS
    while True:
        try:
            await person.sit(attested)
        except ActRefused as error:
            if error.refused.code not in sign_in.NOT_SHOWN_YET or senses.running_ms() >= until:
                raise
            await asyncio.sleep(sign_in.AGAIN_MS / 1000)
        else:
            return
