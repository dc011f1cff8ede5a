"""The registry: which sessions are awake, and who wakes them (DESIGN 4: wake and lease).

A session wakes when somebody asks something of it, or at the start where it still goes on, so that
what falls due happens. It sleeps again when nothing waits, nothing will fall due and it has been
idle; asleep it lives in the store alone.
"""

import asyncio
from typing import Protocol

from msgspec import Struct

from protocol.refusals import Refusal, refuse
from protocol.wire import Answer, SessionNote, Submit
from server import telemetry
from server.fanout import audience
from server.fanout.follower import Published
from server.sessions import asked
from server.sessions.actor import Actor, Surroundings
from server.store.contract import NotDurable

SESSIONS_LISTED_MAX = 1_000
"""How many sessions a node is told of at once, the newest."""
_SWEEPS_PER_IDLE = 4

_log = telemetry.logger("server.sessions")


HERE = "here"
"""This coordinator, as the writer of a session."""


class Standing(Struct, frozen=True):
    """A session in memory; `writer` is `HERE`, another coordinator's name, or empty where none is known."""

    published: Published
    writer: str


class Place(Protocol):
    """Where a session is awake: written by this coordinator, or read from another's."""

    session: str
    idle_since: int

    async def ask(self, submit: Submit, node: str) -> Answer | Refusal:
        """Hand a command to whoever writes the session."""

    def awake(self) -> Published | None:
        """The session as of its last durable entry, if it has been read and exists."""

    async def published(self) -> Published | None:
        """As `awake`, but reads the session first where it must."""

    async def entries(self, since: int, count_max: int) -> tuple[bytes, ...]:
        """Canonical entries from `since` on."""

    def may_sleep(self) -> bool:
        """Whether it can be forgotten without a loss."""

    def nudge(self) -> None:
        """Look at what is due now, where it is written here."""

    async def stop(self) -> None:
        """End in good order."""


class Registry:
    """All sessions of one coordinator; also the followers' source."""

    def __init__(self, around: Surroundings) -> None:
        """Begin with every session asleep."""
        self._around = around
        self._places: dict[str, Place] = {}
        self._stopping = False
        self._chores: set[asyncio.Task[None]] = set()
        self._falling_asleep: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Wake what goes on, and put to sleep what is idle, from now until `stop`."""
        for work in (self._wake_going_on(), self._sweep()):
            self._chores.add(asyncio.create_task(work))

    async def submit(self, submit: Submit, node: str) -> Answer | Refusal:
        """Hand a command to its session.

        Returns:
          The answer; or a refusal of the request itself (`Malformed` where no session can be read in
          it; `TooBusy`, `Stopping`, `NotDurable` where it may be sent again).
        """
        session, _ = asked.session_of(submit)
        if not session:
            return refuse("Malformed", why="session")
        place = self._wake(session)
        if isinstance(place, Refusal):
            return place
        answer = await place.ask(submit, node)
        self._forget_unborn(place)
        return answer

    def awake(self, session: str) -> Published | None:
        """See `fanout.follower.Source`."""
        place = self._places.get(session)
        return None if place is None else place.awake()

    async def published(self, session: str, at_least: int = 0) -> Published | None:  # noqa: ARG002
        """The session as of its last durable entry, woken where it sleeps; None where there is none.

        Args:
          session: its name.
          at_least: so many entries somebody has seen; where others write, they are looked for.

        Raises:
          NotDurable: it cannot be read now.
        """
        place = self._wake(session)
        if isinstance(place, Refusal):
            raise NotDurable(place.code)
        try:
            return await place.published()
        finally:
            self._forget_unborn(place)

    async def current(self, session: str) -> Published | None:
        """As `published`, and no older than this moment, whoever writes it."""
        return await self.published(session)

    async def entries(self, session: str, since: int, count_max: int) -> tuple[bytes, ...]:
        """Canonical entries of a session from `since` on."""
        place = self._places.get(session)
        if place is not None:
            return await place.entries(since, count_max)
        return await self._around.store.entries(session, since, count_max)

    async def notes_of(self, node: str, node_key: str) -> tuple[SessionNote, ...]:
        """The sessions a node follows, newest first.

        Raises:
          NotDurable: the store cannot be read now.
        """
        notes = []
        for row in (await self._around.store.sessions_of(node, node_key))[:SESSIONS_LISTED_MAX]:
            if row.ended:
                notes.append(SessionNote(row.session, row.size, row.ended))
                continue
            published = await self.published(row.session, row.size)
            if published is not None and node_key in audience.node_keys(published.state, published.home_key):
                notes.append(SessionNote(row.session, published.state.size, published.state.phase))
        return tuple(notes)

    def standings(self) -> tuple[Standing, ...]:
        """The sessions in memory, and who writes them."""
        found = ((place, place.awake()) for place in self._places.values())
        return tuple(Standing(one, self._writer(place)) for place, one in found if one is not None)

    def writes(self, session: str) -> bool:
        """Whether a session is awake and written by this coordinator."""
        place = self._places.get(session)
        return place is not None and self._writer(place) == HERE

    def home(self, session: str) -> str | None:
        """Where a session's pictures and talk-room are (SPEC 30.11): empty for here, None where unknown.

        Else another coordinator's address.
        """
        return "" if self.writes(session) else None

    async def find_home(self, session: str) -> str:
        """As `home`, and asked for where it is unknown.

        Raises:
          NotDurable: nobody can say now.
        """
        await self.published(session)
        return ""

    def not_home(self, session: str, address: str) -> None:
        """The coordinator at an address does not answer as a session's home: look again whose it is."""

    def nudge(self, session: str) -> None:
        """Have a session that is awake look at what is due: lines of cosigners have come."""
        place = self._places.get(session)
        if place is not None:
            place.nudge()

    def notes_awake(self) -> tuple[SessionNote, ...]:
        """The sessions in memory."""
        found = ((place.session, place.awake()) for place in self._places.values())
        return tuple(SessionNote(name, p.state.size, p.state.phase) for name, p in found if p is not None)

    async def stop(self) -> None:
        """Let every session finish its mailbox, and take no more."""
        self._stopping = True
        for task in self._chores:
            task.cancel()
        await asyncio.gather(*self._chores, return_exceptions=True)
        await asyncio.gather(*self._falling_asleep, *(place.stop() for place in self._places.values()))
        self._places.clear()
        self._around.meters.awake.set(0)

    def _writer(self, place: Place) -> str:  # noqa: ARG002 - there are no others
        """Who writes a session: `HERE`, another coordinator's name, or empty where nobody is known to."""
        return HERE

    def _make(self, session: str) -> Place:
        """Where a session that sleeps is to be awake."""
        return Actor(session, self._around)

    def _wake(self, session: str) -> Place | Refusal:
        """The session's place, made where it sleeps; `TooBusy` when memory is full of busy ones."""
        place = self._places.get(session)
        if place is not None:
            return place
        if self._stopping:
            return refuse("Stopping")
        if len(self._places) >= self._around.bounds.sessions_awake_max:
            idle = [one for one in self._places.values() if one.may_sleep()]
            if not idle:
                return refuse("TooBusy")
            # Names that are no session go first, then whoever has been idle longest.
            self._sleep(min(idle, key=lambda one: (one.awake() is not None, one.idle_since)))
        place = self._make(session)
        self._places[session] = place
        self._around.meters.awake.set(len(self._places))
        return place

    def _sleep(self, place: Place) -> None:
        """Forget a place that has nothing to do; it ends by itself."""
        if self._places.get(place.session) is place:
            del self._places[place.session]
            self._around.meters.awake.set(len(self._places))
            self._end(place)

    def _may_sleep(self, place: Place) -> bool:
        """Whether a place that has been idle is put to sleep."""
        return place.may_sleep()

    def _end(self, place: Place) -> None:
        """Let a place that nobody finds any more end."""
        task = asyncio.create_task(place.stop())
        self._falling_asleep.add(task)
        task.add_done_callback(self._falling_asleep.discard)

    def _forget_unborn(self, place: Place) -> None:
        """A name that is no session leaves nothing behind."""
        if place.awake() is None and place.may_sleep():
            self._sleep(place)

    async def _wake_going_on(self) -> None:
        """Wake every session that has not ended; one that cannot be read keeps no other asleep."""
        try:
            rows = await self._around.store.sessions_going_on()
        except NotDurable as error:
            _log.error("cannot list what goes on", error=str(error))
            return
        for row in rows:
            try:
                await self.published(row.session)
            except NotDurable as error:
                _log.error("cannot wake", session=row.session, error=str(error))

    async def _sweep(self) -> None:
        idle_ms = self._around.bounds.session_idle_ms
        while True:
            await asyncio.sleep(idle_ms / _SWEEPS_PER_IDLE / 1000)
            before = self._around.senses.running_ms() - idle_ms
            for place in tuple(self._places.values()):
                if self._may_sleep(place) and (place.idle_since <= before or place.awake() is None):
                    self._sleep(place)
