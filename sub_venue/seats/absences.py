"""Absences: which seats at this node's own place nobody is at, in the midst of the work.

Owns when each seat of a session was last seen with a page open here, on the clock that never goes back, and
who is told of it as an alert: a member between check-in and signature, whoever conducts and witnesses while
the committee sits. A seat that never had a page here since the node began is not absent, only not known. It
judges nobody: a browser may have been closed by mistake. Source: SPEC 10.5.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Final, Protocol

import structlog
from msgspec import Struct

from protocol.session.state import Seat, State, members
from protocol.words import Role
from sub_venue.config import Bounds
from sub_venue.journal.copies import Copies
from sub_venue.senses import Senses

WATCHED: Final[frozenset[Role]] = frozenset({"agent", "tenderee", "witness"})
"""Beside the members: supervisors watch, and keepers come and go."""
SITTING: Final = frozenset({"COMMITTEE_READY", "REPORT_DRAFT", "SIGNING"})

_log = structlog.get_logger("sub_venue.seats")


class Window(Protocol):
    """A page that is open at this node, and whose it is."""

    @property
    def session(self) -> str:
        """The session of the seat."""

    @property
    def seat(self) -> str:
        """The seat that it has proved."""


class Absent(Struct, frozen=True):
    """A seat without any page, and since when (this node's clock, ms)."""

    seat: str
    venue: str
    since: int


class Absences:
    """The seats that were left, session by session."""

    def __init__(
        self, node: str, bounds: Bounds, copies: Copies, senses: Senses,
        windows: Callable[[], Iterable[Window]], grown: Callable[[str], None],
    ) -> None:  # fmt: skip
        """Know of nobody yet.

        `windows` are the pages that are open; `grown` is called with a session of which another picture is
        to be told.
        """
        self._node, self._bounds, self._copies, self._senses = node, bounds, copies, senses
        self._windows, self._grown = windows, grown
        self._here: dict[tuple[str, str], int] = {}
        """(session, seat) → when a page of it was last seen open here (running ms)."""
        self._told: dict[str, tuple[Absent, ...]] = {}

    def of(self, session: str) -> tuple[Absent, ...]:
        """Who is absent now; the same object as long as it is the same."""
        return self._told.get(session, ())

    async def run(self) -> None:
        """Look again and again until cancelled."""
        while True:
            await asyncio.sleep(self._bounds.absences_look_ms / 1000)
            try:
                self.look()
            except Exception:  # noqa: BLE001 - an alert that is late must not end those to come
                _log.exception("absences cannot be looked at")

    def look(self) -> None:
        """Look once at who has a page open, and tell of the sessions where that makes another picture."""
        now = self._senses.running_ms()
        for window in self._windows():
            self._here[window.session, window.seat] = now
        states = {state.session: state for state in self._copies.alive()}
        self._here = {at: seen for at, seen in self._here.items() if at[0] in states}
        before, self._told = self._told, {}
        for session, state in states.items():
            found = self._absent(state, now, before.get(session, ()))
            if found:
                self._told[session] = found
        for session in before.keys() | self._told.keys():
            if before.get(session, ()) != self._told.get(session, ()):
                self._grown(session)

    def _absent(self, state: State, now: int, before: tuple[Absent, ...]) -> tuple[Absent, ...]:
        since = {one.seat: one.since for one in before}
        sitting = {seat.seat for seat in members(state)}
        found = []
        for seat in state.seats.values():
            seen = self._here.get((state.session, seat.seat))
            if seen is None or seat.venue != self._node or not _is_needed(state, seat, sitting):
                continue
            if now - seen >= self._bounds.seat_left_ms:
                at = since.get(seat.seat, self._senses.now_ms() - (now - seen))
                found.append(Absent(seat.seat, seat.venue, at))
        whole = tuple(sorted(found, key=lambda one: one.seat))
        return before if whole == before else whole


def _is_needed(state: State, seat: Seat, sitting: set[str]) -> bool:
    """Whether somebody should be at a seat now."""
    if not seat.key:
        return False
    if seat.role == "expert":
        going_on = state.phase == "CHECKIN" or state.phase in SITTING
        return seat.seat in sitting and seat.checked_in and not seat.signed and going_on
    return seat.role in WATCHED and state.phase in SITTING
