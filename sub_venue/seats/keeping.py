"""Keeping: what the venue's keeper is told of this node, gathered when asked.

Owns the gathering alone: line, journal, disk, clock, power, and the seats of the keeper's session at this
venue with their windows. Nothing of an evaluation but how far a seat is. What is wrong is `troubles`'s.
Source: SPEC 10.6.
"""

from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from protocol.session.state import Seat
from protocol.venue import (
    CameraStanding,
    ClockStanding,
    DiskStanding,
    JournalStanding,
    LineStanding,
    NtpStanding,
    PowerStanding,
    PreFlight,
    PreFlightTold,
    SeatStanding,
    VenueState,
)
from sub_venue.config import Settings
from sub_venue.journal.copies import Copies
from sub_venue.journal.disk import Disk
from sub_venue.journal.journal import Journal
from sub_venue.seats import machine
from sub_venue.seats.pens import Pens
from sub_venue.seats.screens import Seated
from sub_venue.seats.troubles import troubles
from sub_venue.senses import Senses
from sub_venue.uplink.uplink import Uplink


class Window(Struct, frozen=True):
    """A page that is open at this node for a seat, and when it was last heard of (running ms)."""

    session: str
    seat: str
    heard_ms: int


class Keeping:
    """What a keeper is told."""

    def __init__(
        self, settings: Settings, copies: Copies, journal: Journal, disk: Disk, uplink: Uplink, pens: Pens,
        senses: Senses, windows: Callable[[], tuple[Window, ...]], ntp: Callable[[], tuple[NtpStanding, ...]],
        cameras: Callable[[], tuple[tuple[CameraStanding, ...], int]],
    ) -> None:  # fmt: skip
        """Gather from these rooms.

        `windows` tells the pages that are open now, `ntp` what time servers said, `cameras` how the venue's
        own cameras are, and since when nobody tells.
        """
        self._settings = settings
        self._copies = copies
        self._journal = journal
        self._disk = disk
        self._uplink = uplink
        self._pens = pens
        self._senses = senses
        self._windows = windows
        self._ntp, self._cameras = ntp, cameras
        self._versions = machine.versions()
        self._began_ms = senses.running_ms()
        self._heard: dict[tuple[str, str], int] = {}
        """(session, seat) → when a window of it was last heard of, whether it is still open or not."""
        self._preflights: dict[tuple[str, str], tuple[PreFlight, int]] = {}
        """(session, seat) → what its page last told of itself, and when."""

    def state(self, keeper: Seated) -> VenueState:
        """This node as it is now, with the seats of the keeper's session."""
        settings, senses, uplink = self._settings, self._senses, self._uplink
        free, total = machine.room(settings.data_dir)
        source, percent = machine.power()
        pending, oldest_at = self._journal.waiting()
        best, last = uplink.clock.best, uplink.clock.last
        cameras, silent_since = self._cameras()
        state = VenueState(
            node=settings.node,
            zh=settings.zh,
            en=settings.en,
            province=settings.province,
            role=settings.role,
            at=senses.now_ms(),
            line=LineStanding(
                uplink.online, uplink.since, last.round_trip_ms if last else -1, uplink.tries, uplink.why,
                uplink.behind,
            ),
            journal=JournalStanding(pending, oldest_at, self._journal.size_bytes),
            disk=DiskStanding(self._disk.takes, free, total),
            clock=ClockStanding(best.offset_ms, best.within_ms, best.at) if best else ClockStanding(0, 0, 0),
            power=PowerStanding(source, percent, senses.machine_ms(), senses.running_ms() - self._began_ms),
            versions=self._versions,
            seats=self._seats(keeper),
            troubles=(),
            ntp=self._ntp(),
            cameras=cameras,
            cameras_silent_since=silent_since,
        )  # fmt: skip
        replicas = self._copies.going_on()
        stopped = tuple(one.session for one in replicas if one.fault is not None)
        return replace(state, troubles=troubles(state, stopped, settings.bounds))

    def preflight(self, seated: Seated, found: PreFlight) -> PreFlightTold:
        """Keep what a seat's page found of itself, in place of what it told before."""
        at = self._senses.now_ms()
        self._preflights[seated.session, seated.seat] = (found, at)
        return PreFlightTold(at)

    def left(self, seated: Seated, heard_ms: int) -> None:
        """A seat's page is gone."""
        self._note(seated.session, seated.seat, heard_ms)

    def _seats(self, keeper: Seated) -> tuple[SeatStanding, ...]:
        session = self._copies.state(keeper.session)
        if session is None:
            return ()
        open_now: dict[str, int] = {}
        for window in self._windows():
            if window.session == keeper.session:
                open_now[window.seat] = open_now.get(window.seat, 0) + 1
                self._note(window.session, window.seat, window.heard_ms)
        here = [seat for seat in session.seats.values() if seat.venue == self._settings.node]
        ordered = sorted(here, key=lambda seat: (seat.role, seat.seat))
        return tuple(self._seat(keeper.session, seat, open_now.get(seat.seat, 0)) for seat in ordered)

    def _seat(self, session: str, seat: Seat, windows: int) -> SeatStanding:
        heard = self._heard.get((session, seat.seat))
        found, found_at = self._preflights.get((session, seat.seat), (PreFlight(), 0))
        ago = 0 if heard is None else self._senses.running_ms() - heard
        return SeatStanding(
            seat=seat.seat,
            role=seat.role,
            reserve=seat.reserve,
            bound=bool(seat.key),
            checked_in=seat.checked_in,
            signed=seat.signed,
            windows=windows,
            writing=self._pens.is_held(Seated(session, seat.seat, seat.role, seat.key)),
            heard_at=0 if heard is None else self._senses.now_ms() - ago,
            preflight=found,
            preflight_at=found_at,
        )

    def _note(self, session: str, seat: str, heard_ms: int) -> None:
        self._heard[session, seat] = max(heard_ms, self._heard.get((session, seat), heard_ms))
