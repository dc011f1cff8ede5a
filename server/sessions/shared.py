"""The registry where several coordinators share one store: who writes which session (DESIGN 1.3, 10).

A session that goes on is held by one coordinator through its lease and read by all others, so that
whoever takes it over has it in memory already. Leases are renewed together, a lease that has run out
is taken by whoever sees it first, and a holder that finds its own gone reads on like the others. The
lease saves work; what keeps two coordinators from writing one entry is the store's primary key.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from msgspec import Struct

from protocol import canonical
from protocol.refusals import Refusal, refuse
from protocol.wire import Answer, Submit
from server import telemetry
from server.fanout.follower import Published
from server.sessions import asked
from server.sessions.actor import Actor, Surroundings, Tenure
from server.sessions.asked import MOVED
from server.sessions.reader import Peers, Reader
from server.sessions.registry import HERE, Place, Registry
from server.store.contract import Lease, NotDurable

_HOLDERS_TRIED_MAX = 4
"""So many different holders one command is brought to before its node is told to send it again."""
_TAKEN_AT_ONCE = 64
_BIRTH = "BookSession"

_log = telemetry.logger("server.sessions")


class Member(Struct):
    """This coordinator among the others.

    `holder` is its name for this run of the process, `address` where its peers reach it, known once it
    listens; `learn` takes up what agents have been enrolled elsewhere, `followed` says which sessions
    somebody follows here.
    """

    holder: str
    peers: Peers
    learn: Callable[[], Awaitable[None]]
    followed: Callable[[], frozenset[str]] = frozenset
    address: str = ""


class SharedRegistry(Registry):
    """The sessions of one coordinator among several."""

    def __init__(self, around: Surroundings, member: Member) -> None:
        """Begin with every session asleep and no lease."""
        super().__init__(around)
        self._member = member
        self._taking: dict[str, asyncio.Task[Lease]] = {}
        self._reached: dict[str, set[asyncio.Event]] = {}
        self._deaf = around.bus.listen(self._hear)

    def start(self) -> None:
        """Hold what nobody holds, and read what others hold, from now until `stop`."""
        for work in (self._keep(), self._watch(), self._sweep()):
            self._chores.add(asyncio.create_task(work))

    async def submit(self, submit: Submit, node: str) -> Answer | Refusal:
        """Hand a command to its session, here or at the coordinator that holds it.

        Returns:
          As `Registry.submit`; or `LineDown` where the holder does not answer and its lease has not run
          out. Then the command may have been done; sent again it gets its first answer.
        """
        session, type_ = asked.session_of(submit)
        if not session:
            return refuse("Malformed", why="session")
        if type_ == _BIRTH:
            await self._member.learn()
        tried: set[tuple[str, int]] = set()
        while len(tried) < _HOLDERS_TRIED_MAX:
            place = self._wake(session)
            if isinstance(place, Reader) and place.lease is None:
                if type_ != _BIRTH and await place.published() is None:
                    return await self._strangers(place, submit, node)
                place = await self._find(place)
            if isinstance(place, Refusal):
                return place
            if isinstance(place, Reader):
                if place.lease is None:
                    continue
                holder = (place.lease.holder, place.lease.epoch)
                if holder in tried:
                    break
                tried.add(holder)
            answer = await place.ask(submit, node)
            if answer is not MOVED:
                self._forget_unborn(place)
                return answer
        return refuse("LineDown")

    async def submit_here(self, submit: Submit, node: str) -> Answer | Refusal:
        """A command that another coordinator has brought: answered where its session is held here.

        Returns:
          As `Registry.submit`; or the value `MOVED` where it is not.
        """
        session, type_ = asked.session_of(submit)
        place = self._places.get(session)
        if not isinstance(place, Actor):
            return MOVED
        if type_ == _BIRTH:
            await self._member.learn()
        return await place.ask(submit, node)

    async def published(self, session: str, at_least: int = 0) -> Published | None:
        """See `Registry.published`; a session that has fewer entries here than `at_least` is read on."""
        published = await super().published(session)
        if published is None or published.state.size >= at_least:
            return published
        # Somebody may also have seen entries that are not ours; then there is nothing to wait for.
        there = (await self._around.store.sizes((session,))).get(session, 0)
        place = self._places.get(session)
        if isinstance(place, Actor) and not await self._still_mine(place):
            place.yield_up()
            place = self._places.get(session)
        if isinstance(place, Reader):
            return await place.current()
        await self._until(session, min(there, at_least))
        return await super().published(session)

    async def current(self, session: str) -> Published | None:
        """See `Registry.current`."""
        published = await super().published(session)
        place = self._places.get(session)
        return await place.current() if isinstance(place, Reader) else published

    def home(self, session: str) -> str | None:
        """See `Registry.home`: the holder of the lease, as far as it is known."""
        place = self._places.get(session)
        if isinstance(place, Actor):
            return ""
        return place.lease.address if isinstance(place, Reader) and place.lease is not None else None

    async def find_home(self, session: str) -> str:
        """See `Registry.find_home`; a lease that nobody holds is taken."""
        if await self.published(session) is not None and self.home(session) is None:
            await self._take(session)
        found = self.home(session)
        if found is None:
            raise NotDurable("nobody holds it")
        return found

    def not_home(self, session: str, address: str) -> None:
        """See `Registry.not_home`."""
        place = self._places.get(session)
        if isinstance(place, Reader) and place.lease is not None and place.lease.address == address:
            place.lease = None

    def held(self) -> tuple[str, ...]:
        """The sessions that this coordinator writes."""
        return tuple(place.session for place in self._places.values() if isinstance(place, Actor))

    def _writer(self, place: Place) -> str:
        if isinstance(place, Reader):
            return "" if place.lease is None else place.lease.holder
        return HERE

    async def stop(self) -> None:
        """Let every session finish its mailbox, then let go of the leases, so that others go on at once."""
        held = self.held()
        self._deaf()
        await super().stop()
        for task in tuple(self._taking.values()):
            task.cancel()
        await asyncio.gather(*self._taking.values(), return_exceptions=True)
        await self._release(held)

    # --- who holds what ---------------------------------------------------------------------------

    def _make(self, session: str) -> Place:
        return Reader(session, self._around, self._member.peers)

    async def _find(self, reader: Reader) -> Place | Refusal:
        """Take the session's lease, or learn whose it is; the session's place after that.

        Raises:
          NotDurable: the store does not say.
        """
        await self._take(reader.session)
        return self._places.get(reader.session) or refuse("Stopping")

    async def _take(self, session: str) -> None:
        """Ask for a lease, once at a time for each session, and act on whose it is."""
        task = self._taking.get(session)
        if task is None:
            task = asyncio.create_task(self._lease(session), name=f"lease {session}")
            self._taking[session] = task
            task.add_done_callback(lambda _done: self._taking.pop(session, None))
        lease = await asyncio.shield(task)
        place = self._places.get(session)
        if isinstance(place, Reader) and lease.holder != self._member.holder:
            place.lease = lease

    async def _lease(self, session: str) -> Lease:
        member, bounds = self._member, self._around.bounds
        lease = await self._around.store.lease(session, member.holder, member.address, bounds.lease_ms)
        if lease.holder == member.holder:
            self._hold(session, lease.epoch)
        return lease

    def _hold(self, session: str, epoch: int) -> None:
        """Write the session from now on, from what has been read of it."""
        before = self._places.get(session)
        if self._stopping or isinstance(before, Actor):
            return
        known = before.known() if isinstance(before, Reader) else None
        self._places[session] = Actor(session, self._around, Tenure(epoch, self._lost), known)
        if before is not None:
            self._end(before)
        self._count()
        _log.info("held", session=session, epoch=epoch)

    def _lost(self, actor: Actor) -> None:
        """An actor's lease is another's: read on from where it stood."""
        if self._places.get(actor.session) is actor and not self._stopping:
            self._places[actor.session] = Reader(
                actor.session, self._around, self._member.peers, actor.known()
            )
            self._end(actor)
            self._count()
            _log.warning("held no more", session=actor.session, epoch=actor.tenure.epoch)

    def _sleep(self, place: Place) -> None:
        super()._sleep(place)
        if isinstance(place, Actor) and not self._stopping:
            task = asyncio.create_task(self._let_go(place))
            self._falling_asleep.add(task)
            task.add_done_callback(self._falling_asleep.discard)
        self._count()

    async def _let_go(self, actor: Actor) -> None:
        """Release the lease of an actor that has gone to sleep, unless it is awake again."""
        await actor.stop()
        if not isinstance(self._places.get(actor.session), Actor):
            await self._release((actor.session,))

    async def _release(self, sessions: tuple[str, ...]) -> None:
        if not sessions:
            return
        try:
            await self._around.store.release(self._member.holder, sessions)
        except NotDurable as error:
            # They run out by themselves.
            _log.warning("leases not released", sessions=len(sessions), error=str(error))

    async def _strangers(self, reader: Reader, submit: Submit, node: str) -> Answer | Refusal:
        """A command for no session: answered by the rules, and no lease asked for a name."""
        self._forget_unborn(reader)
        passing = Actor(reader.session, self._around)
        try:
            return await passing.ask(submit, node)
        finally:
            await passing.stop()

    async def _still_mine(self, actor: Actor) -> bool:
        """Whether the store says that an actor holds its lease."""
        member, bounds = self._member, self._around.bounds
        lease = await self._around.store.lease(actor.session, member.holder, member.address, bounds.lease_ms)
        return (lease.holder, lease.epoch) == (member.holder, actor.tenure.epoch)

    def _count(self) -> None:
        self._around.meters.held.set(len(self.held()))

    # --- from now until `stop` --------------------------------------------------------------------

    async def _keep(self) -> None:
        """Renew what is held, give up what is another's by now, take what nobody holds."""
        bounds = self._around.bounds
        while not self._stopping:
            try:
                await self._renew()
                await self._take_all(await self._around.store.unheld())
            except NotDurable as error:
                _log.warning("leases not renewed", error=str(error))
            await asyncio.sleep(bounds.lease_renew_ms / 1000)

    async def _renew(self) -> None:
        actors = [place for place in self._places.values() if isinstance(place, Actor)]
        if not actors:
            return
        renewed = await self._around.store.renew(self._member.holder, self._around.bounds.lease_ms)
        mine = {lease.session: lease.epoch for lease in renewed}
        for actor in actors:
            if mine.get(actor.session) != actor.tenure.epoch:
                actor.yield_up()

    async def _take_all(self, sessions: Iterable[str]) -> None:
        """Take leases, each coordinator in an order of its own, so that they do not race for each."""
        room = self._around.bounds.sessions_awake_max - len(self._places)
        wanted = sorted(sessions, key=lambda one: canonical.sha256(f"{self._member.holder} {one}".encode()))
        wanted = [one for one in wanted if one in self._places] + [
            one for one in wanted if one not in self._places
        ][: max(0, room)]
        member, lease_ms = self._member, self._around.bounds.lease_ms
        for start in range(0, len(wanted), _TAKEN_AT_ONCE):
            some = tuple(wanted[start : start + _TAKEN_AT_ONCE])
            taken = await self._around.store.take_over(some, member.holder, member.address, lease_ms)
            for lease in taken:
                self._hold(lease.session, lease.epoch)

    async def _watch(self) -> None:
        """The safety net beneath hints: read on wherever the store has more than is here."""
        while not self._stopping:
            try:
                await self._look()
            except NotDurable as error:
                _log.warning("sizes not asked", error=str(error))
            await asyncio.sleep(self._around.bounds.sizes_poll_ms / 1000)

    async def _look(self) -> None:
        """One look at the sizes of all that goes on, and of what has ended and is still read here."""
        store, now = self._around.store, self._around.senses.running_ms()
        going_on = {row.session: row.size for row in await store.sessions_going_on()}
        for session, size in going_on.items():
            self._hear_of(session, size)
            if session in self._places:
                self._places[session].idle_since = now
        ended = tuple(one for one in self._member.followed() if one not in going_on)
        for session, size in (await store.sizes(ended)).items() if ended else ():
            self._hear_of(session, size)

    def _may_sleep(self, place: Place) -> bool:
        """What somebody follows here stays awake, else nobody would see it grow elsewhere."""
        return super()._may_sleep(place) and place.session not in self._member.followed()

    def _hear(self, session: str, size: int) -> None:
        """A hint: whoever waits for that size goes on, and what is written elsewhere is read on."""
        for event in self._reached.get(session, ()):
            event.set()
        self._hear_of(session, size)

    def _hear_of(self, session: str, size: int) -> None:
        if session not in self._places and len(self._places) < self._around.bounds.sessions_awake_max:
            self._wake(session)
        place = self._places.get(session)
        if isinstance(place, Reader):
            place.hear(size)

    async def _until(self, session: str, size: int) -> None:
        """Wait until a session held here has so many entries: its append is under way.

        Raises:
          NotDurable: it does not come to it.
        """
        event = asyncio.Event()
        self._reached.setdefault(session, set()).add(event)
        try:
            async with asyncio.timeout(self._around.bounds.session_wake_ms / 1000):
                while (found := self.awake(session)) is None or found.state.size < size:
                    await event.wait()
                    event.clear()
        except TimeoutError as error:
            raise NotDurable("not that many entries") from error
        finally:
            self._reached[session].discard(event)
            if not self._reached[session]:
                del self._reached[session]
