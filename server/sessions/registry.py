"""The registry: which sessions are awake, and who wakes them (DESIGN 4: wake and lease).

A session wakes when somebody asks something of it, or at the start where it still goes on, so that
what falls due happens. It sleeps again when nothing waits, nothing will fall due and it has been
idle; asleep it lives in the store alone.
"""

import asyncio

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


class Registry:
    """All sessions of one coordinator; also the followers' source."""

    def __init__(self, around: Surroundings) -> None:
        """Begin with every session asleep."""
        self._around = around
        self._actors: dict[str, Actor] = {}
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
        actor = self._wake(session)
        if isinstance(actor, Refusal):
            return actor
        answer = await actor.ask(submit, node)
        self._forget_unborn(actor)
        return answer

    def awake(self, session: str) -> Published | None:
        """See `fanout.follower.Source`."""
        actor = self._actors.get(session)
        return None if actor is None else actor.awake()

    async def published(self, session: str) -> Published | None:
        """The session as of its last durable entry, woken where it sleeps; None where there is none.

        Raises:
          NotDurable: it cannot be read now.
        """
        actor = self._wake(session)
        if isinstance(actor, Refusal):
            raise NotDurable(actor.code)
        try:
            return await actor.published()
        finally:
            self._forget_unborn(actor)

    async def entries(self, session: str, since: int, count_max: int) -> tuple[bytes, ...]:
        """Canonical entries of a session from `since` on."""
        actor = self._actors.get(session)
        if actor is not None:
            return await actor.entries(since, count_max)
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
            published = await self.published(row.session)
            if published is not None and node_key in audience.node_keys(published.state, published.home_key):
                notes.append(SessionNote(row.session, published.state.size, published.state.phase))
        return tuple(notes)

    def notes_awake(self) -> tuple[SessionNote, ...]:
        """The sessions in memory."""
        found = ((actor.session, actor.awake()) for actor in self._actors.values())
        return tuple(SessionNote(name, p.state.size, p.state.phase) for name, p in found if p is not None)

    async def stop(self) -> None:
        """Let every session finish its mailbox, and take no more."""
        self._stopping = True
        for task in self._chores:
            task.cancel()
        await asyncio.gather(*self._chores, return_exceptions=True)
        await asyncio.gather(*self._falling_asleep, *(actor.stop() for actor in self._actors.values()))
        self._actors.clear()
        self._around.meters.awake.set(0)

    def _wake(self, session: str) -> Actor | Refusal:
        """The session's actor, made where it sleeps; `TooBusy` when memory is full of busy ones."""
        actor = self._actors.get(session)
        if actor is not None:
            return actor
        if self._stopping:
            return refuse("Stopping")
        if len(self._actors) >= self._around.bounds.sessions_awake_max:
            idle = [one for one in self._actors.values() if one.may_sleep()]
            if not idle:
                return refuse("TooBusy")
            # Names that are no session go first, then whoever has been idle longest.
            self._sleep(min(idle, key=lambda one: (one.awake() is not None, one.idle_since)))
        actor = Actor(session, self._around)
        self._actors[session] = actor
        self._around.meters.awake.set(len(self._actors))
        return actor

    def _sleep(self, actor: Actor) -> None:
        """Forget an actor that has nothing to do; it ends by itself."""
        if self._actors.get(actor.session) is actor:
            del self._actors[actor.session]
            self._around.meters.awake.set(len(self._actors))
            task = asyncio.create_task(actor.stop())
            self._falling_asleep.add(task)
            task.add_done_callback(self._falling_asleep.discard)

    def _forget_unborn(self, actor: Actor) -> None:
        """A name that is no session leaves nothing behind."""
        if actor.awake() is None and actor.may_sleep():
            self._sleep(actor)

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
            for actor in tuple(self._actors.values()):
                if actor.may_sleep() and (actor.idle_since <= before or actor.awake() is None):
                    self._sleep(actor)
