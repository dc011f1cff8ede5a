"""The actor: one mailbox for one session, and the only one that appends to it (DESIGN 1.3, 1.4).

Takes what waits as one batch, decides ahead on it (`speculation`), appends, and only when that is
durable publishes the new state, answers, and hints to followers. When another writer was first, or
the store could not write, the speculation is dropped and the session read again from its entries.
An assert means that we were wrong: the act that tripped it is refused, the session is read again,
and everybody else goes on. Where several coordinators share a store, an actor writes under a lease;
once that is another's, it writes no more and whoever waits is told to ask there.
"""

import asyncio
import collections
from collections.abc import Callable, Sequence

from msgspec import Struct, structs

from protocol.commands import Command
from protocol.hidden import Disclosed
from protocol.refusals import Refusal, refuse
from protocol.session.state import State
from protocol.wire import Answer, Submit
from server import telemetry
from server.config import Bounds
from server.fanout.bus import Bus
from server.fanout.follower import Published
from server.senses import Senses
from server.sessions import asked, waking
from server.sessions.admission import Admission
from server.sessions.asked import MOVED, Asked
from server.sessions.given import Given
from server.sessions.signer import Signer
from server.sessions.snapshots import Snapshots
from server.sessions.speculation import ENDED, Ground, Rules, Speculation
from server.sessions.waking import Source, Woken
from server.store.contract import NotDurable, SeqTaken, StaleLease, Store
from server.telemetry import Meters

_ASK_AGAIN_S = 60.0
"""The clock may be set while we wait for a deadline; it is looked at again at least this often."""
_MINUTE_MS = 60_000

_log = telemetry.logger("server.sessions")


class Surroundings(Struct, frozen=True):
    """What every actor of a coordinator shares; `node_keys` is node → key."""

    store: Store
    senses: Senses
    signer: Signer
    admission: Admission
    node_keys: dict[str, str]
    bus: Bus
    meters: Meters
    bounds: Bounds
    propose: Callable[[State, int], Command | None] = lambda _state, _at: None


class _Tripped(Exception):
    """An act made our own code fail; `culprit` is who asked for it."""

    def __init__(self, culprit: Asked) -> None:
        super().__init__()
        self.culprit = culprit


class Tenure(Struct, frozen=True):
    """By what right an actor writes: the epoch of its lease, 0 for none, and who hears when it is lost."""

    epoch: int = 0
    lost: Callable[["Actor"], None] = lambda _actor: None


ALONE = Tenure()
"""One coordinator: no lease is asked for."""


class Actor:
    """A session that is awake."""

    def __init__(
        self, session: str, around: Surroundings, tenure: Tenure = ALONE, known: Woken | None = None
    ) -> None:
        """Wake; the session, or what it has become since it was `known`, is read before the first act."""
        self.session = session
        self.tenure = tenure
        self.idle_since = around.senses.running_ms()
        self._around = around
        self._mailbox: asyncio.Queue[Asked | None] = asyncio.Queue(around.bounds.mailbox_commands_max)
        self._ground: Ground | None = None
        self._given = Given(session, around.store, 0)
        self._snapshots = Snapshots(around.store, around.signer, around.bounds)
        self._tail: collections.deque[bytes] = collections.deque(maxlen=around.bounds.tail_entries_max)
        self._reading = asyncio.Lock()
        self._working = True
        self._born = False
        self._hinted = 0
        self._stopping = False
        self._moved = False
        self._known = known
        self._next_at: int | None = None
        self._noted: collections.deque[int] = collections.deque()
        tripped = around.meters.asserts.inc
        self._rules = Rules(
            around.senses.entropy, around.signer, around.admission, self._may_note, tripped, around.propose
        )
        self._task = asyncio.create_task(self._run(), name=f"session {session}")

    # --- asked from outside -----------------------------------------------------------------------

    async def ask(self, submit: Submit, node: str) -> Answer | Refusal:
        """Put a command into the mailbox and wait for its answer.

        Returns:
          The answer, durable; or `TooBusy`, `Stopping`, `NotDurable` where the command was not taken
          and may be sent again; or the value `MOVED` where it is another coordinator's to answer.
        """
        if self._stopping:
            return self._gone()
        waiting: asyncio.Future[Answer | Refusal] = asyncio.get_running_loop().create_future()
        try:
            self._mailbox.put_nowait(Asked(submit, node, waiting, self._around.senses.running_s()))
        except asyncio.QueueFull:
            return refuse("TooBusy")
        return await waiting

    def awake(self) -> Published | None:
        """The session as of its last durable entry, if it has been read and exists."""
        ground = self._ground
        if ground is None or ground.state is None:
            return None
        return Published(ground.state, ground.disclosed, ground.home_key)

    async def published(self) -> Published | None:
        """As `awake`, but reads the session first where it must.

        Raises:
          NotDurable: it cannot be read now.
        """
        if self._ground is None:
            await self._settled_ground()
        return self.awake()

    async def entries(self, since: int, count_max: int) -> tuple[bytes, ...]:
        """Canonical entries from `since` on: the newest from memory, older ones from the store."""
        published = self.awake()
        if published is not None:
            first = published.state.size - len(self._tail)
            if since >= first:
                start = since - first
                return tuple(self._tail[at] for at in range(start, min(start + count_max, len(self._tail))))
        return await self._around.store.entries(self.session, since, count_max)

    def may_sleep(self) -> bool:
        """Whether nothing waits, nothing is under way and nothing will fall due.

        A session that goes on under a lease stays: somebody must hold it.
        """
        published = self.awake()
        if self.tenure.epoch and published is not None and published.state.phase not in ENDED:
            return False
        return not self._working and self._mailbox.empty() and self._next_at is None

    def nudge(self) -> None:
        """Look at what is due now: lines of cosigners have come."""
        if not (self._stopping or self._mailbox.full()):
            self._mailbox.put_nowait(None)

    async def stop(self) -> None:
        """Finish what is in the mailbox, then end; what takes too long is left unanswered."""
        self._stopping = True
        if not self._mailbox.full():
            self._mailbox.put_nowait(None)
        _, late = await asyncio.wait({self._task}, timeout=self._around.bounds.stop_wait_ms / 1000)
        for task in late:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        ground = self._ground
        if not late and not self._moved and ground is not None:
            await self._snapshots.last(ground.state)

    def known(self) -> Woken | None:
        """What has been read of the session, for whoever reads on from here."""
        ground = self._ground
        if ground is None or ground.state is None:
            return None
        return Woken(ground.state, self._given, ground.disclosed, ground.home_node, tuple(self._tail))

    def yield_up(self) -> None:
        """The lease is another's: decide no more, and send everybody who waits to where it is now."""
        if self._moved:
            return
        self._moved = self._stopping = True
        if not self._mailbox.full():
            self._mailbox.put_nowait(None)
        self.tenure.lost(self)

    # --- the loop ---------------------------------------------------------------------------------

    async def _run(self) -> None:
        try:
            batch: list[Asked] = []
            while True:
                self._working = True
                try:
                    await self._work(batch)
                except Exception:  # noqa: BLE001
                    # Wrong in a way nobody foresaw: begin again from the entries, and stay.
                    self._around.meters.asserts.inc()
                    _log.exception("the session tripped", session=self.session)
                    self._ground = None
                    self._not_durable(batch)
                self._working = False
                self.idle_since = self._around.senses.running_ms()
                if self._stopping and self._mailbox.empty():
                    return
                batch = await self._take()
        finally:
            self._working = False
            self._stopping = True
            while not self._mailbox.empty():
                left = self._mailbox.get_nowait()
                if left is not None:
                    left.answer(self._gone())

    def _gone(self) -> Refusal:
        return MOVED if self._moved else refuse("Stopping")

    async def _take(self) -> list[Asked]:
        """Wait for a command or a deadline, then take all that wait; empty when only time has passed."""
        wait_s = None
        if self._next_at is not None:
            wait_s = min(max(0, self._next_at - self._around.senses.now_ms()) / 1000, _ASK_AGAIN_S)
        try:
            async with asyncio.timeout(wait_s):
                taken = [await self._mailbox.get()]
        except TimeoutError:
            return []
        while len(taken) < self._around.bounds.batch_commands_max and not self._mailbox.empty():
            taken.append(self._mailbox.get_nowait())
        return [one for one in taken if one is not None]

    async def _work(self, batch: list[Asked]) -> None:
        """See a batch through: decided, durable, published, answered."""
        self._next_at = None
        left = list(batch)
        tries = 0
        while not self._moved and tries < self._around.bounds.reload_tries_max:
            try:
                ground = await self._settled_ground()
                speculation, answers = await self._decide(ground, left)
                added = speculation.batch()
                if added is not None:
                    epoch = self.tenure.epoch
                    await self._around.store.append(structs.replace(added, epoch=epoch) if epoch else added)
            except _Tripped as tripped:
                left = [one for one in left if one is not tripped.culprit]
                tripped.culprit.answer(refuse("Faulted"))
                self._ground = None
                continue
            except StaleLease:
                _log.warning("the lease is another's", session=self.session, epoch=self.tenure.epoch)
                self._around.meters.conflicts.inc()
                self.yield_up()
            except SeqTaken:
                _log.warning("another writer was first", session=self.session)
                self._around.meters.conflicts.inc()
                self._ground = None
                tries += 1
                continue
            except NotDurable:
                self._around.meters.faults.inc()
                self._ground = None
                break
            else:
                self._publish(speculation)
                self._answer(left, answers)
                return
        if self._moved:
            for one in left:
                one.answer(MOVED)
        else:
            self._not_durable(left)

    def _not_durable(self, batch: Sequence[Asked]) -> None:
        """Nothing was taken: say so, and look again soon, since something may have been due."""
        for one in batch:
            one.answer(refuse("NotDurable"))
        if self._born:
            self._next_at = self._around.senses.now_ms() + self._around.bounds.store_retry_ms

    async def _decide(self, ground: Ground, batch: Sequence[Asked]) -> tuple[Speculation, list[Answer]]:
        await self._given.look_up({asked.author_of(one.submit) for one in batch}, ground.state)
        if ground.state is not None and self._given.size > ground.state.size:
            # A commit that was given up came through behind our reading: its answer is there, its entry not.
            raise SeqTaken
        speculation = Speculation(ground, self._given, self._around.senses.now_ms(), self._rules)
        answers: list[Answer] = []
        for number, one in enumerate(batch, 1):
            try:
                answers.append(speculation.take(one))
            except Exception as error:
                self._around.meters.asserts.inc()
                _log.exception("an act tripped an assert", session=self.session, node=one.node)
                raise _Tripped(one) from error
            if number % waking.BREATH == 0:
                await asyncio.sleep(0)
        # Also when nothing was accepted: only this says when something falls due next.
        speculation.settle()
        return speculation, answers

    def _publish(self, speculation: Speculation) -> None:
        """What was decided is durable: it becomes the ground, and followers are hinted at."""
        state = speculation.state
        self._next_at = speculation.next_at
        self._given.add(speculation.kept.values(), state)
        if not speculation.entries or state is None:
            return
        self._tail.extend(speculation.entries)
        self._ground = self._make_ground(state, speculation.disclosed, speculation.home_node)
        self._born = True
        self._around.meters.entries.inc(len(speculation.entries))
        self._hinted = state.size
        self._around.bus.hint(self.session, state.size)
        self._snapshots.grown(state)

    def _answer(self, batch: Sequence[Asked], answers: Sequence[Answer]) -> None:
        meters = self._around.meters
        now_s = self._around.senses.running_s()
        for one, answer in zip(batch, answers, strict=True):
            meters.answers.labels(answer.status).inc()
            meters.appended(now_s - one.asked_s)
            if answer.refused is not None:
                code = answer.refused.code
                meters.refusals.labels(code).inc()
                _log.info(
                    "refused", session=self.session, node=one.node, command=answer.command_id, code=code
                )
            one.answer(answer)

    def _may_note(self, state: State) -> bool:
        """Take a place among the refusals entered for supervisors, if there is one left."""
        bounds = self._around.bounds
        now = self._around.senses.running_ms()
        while self._noted and self._noted[0] <= now - _MINUTE_MS:
            self._noted.popleft()
        if len(self._noted) >= bounds.noted_refusals_per_minute_max:
            return False
        if state.refusals_noted >= bounds.noted_refusals_max:
            return False
        self._noted.append(now)
        return True

    # --- reading the session ----------------------------------------------------------------------

    async def _settled_ground(self) -> Ground:
        """The durable ground, read from the store where there is none; one reads at a time."""
        async with self._reading:
            if self._ground is None:
                try:
                    async with asyncio.timeout(self._around.bounds.session_wake_ms / 1000):
                        self._ground = await self._read()
                except TimeoutError as error:
                    _log.error("session not read in time", session=self.session)
                    raise NotDurable("not read in time") from error
                except NotDurable:
                    raise
                except Exception as error:
                    _log.critical("stored session is damaged", session=self.session, error=repr(error))
                    raise NotDurable(repr(error)) from error
                self._told_again(self._ground.state)
                self._born = self._ground.state is not None
            return self._ground

    def _told_again(self, state: State | None) -> None:
        """Hint at what was found to be durable without our having heard of it: nobody else will.

        A commit whose answer was lost, or another writer's: nodes wait for it to show what was accepted.
        """
        size = 0 if state is None else state.size
        if self._born and size > self._hinted:
            self._around.bus.hint(self.session, size)
        self._hinted = max(size, self._hinted)

    async def _read(self) -> Ground:
        """Read the session from the store and take up its answers."""
        known, self._known = self._known, None
        source = Source(self._around.store, self._around.signer, self._around.bounds)
        woken = await waking.wake(self.session, source, known)
        self._given = woken.given
        self._snapshots.woken(woken.kept)
        self._tail.clear()
        self._tail.extend(woken.tail)
        return self._make_ground(woken.state, woken.disclosed, woken.home_node)

    def _make_ground(self, state: State | None, disclosed: Disclosed, home_node: str) -> Ground:
        home_key = self._around.node_keys.get(home_node, "")
        return Ground(self.session, state, disclosed, home_node, home_key)
