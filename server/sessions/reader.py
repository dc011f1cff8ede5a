"""The reader: a session that another coordinator writes, folded here as its entries come.

Owns what followers at this coordinator see of it, and the way of its commands to the holder of its
lease. It reads because of a hint or because it was asked, and always from the store; a hint says no
more than that there may be something to read (DESIGN 1.5). Decides nothing and appends nothing.
"""

import asyncio
from typing import Protocol

from protocol.refusals import Refusal
from protocol.wire import Answer, Forwarded, Submit
from server import telemetry
from server.fanout.follower import Published
from server.sessions import waking
from server.sessions.actor import Surroundings
from server.sessions.asked import MOVED
from server.sessions.waking import Source, Woken
from server.store.contract import Lease, NotDurable

_log = telemetry.logger("server.sessions")


class PeerAway(Exception):
    """The other coordinator cannot be asked, or does not hold the session: nobody knows of an answer."""


class Peers(Protocol):
    """The other coordinators of the installation."""

    async def submit(self, address: str, forwarded: Forwarded) -> Answer | Refusal:
        """Hand a command on to the coordinator at an address.

        Raises:
          PeerAway: it is not there, does not hold the session, or does not answer as it should.
        """


class Reader:
    """A session that is awake here and written elsewhere; `lease` says where, None where unknown."""

    def __init__(self, session: str, around: Surroundings, peers: Peers, known: Woken | None = None) -> None:
        """Read on from what is `known`; without it nothing is read before somebody asks or hints."""
        self.session = session
        self.idle_since = around.senses.running_ms()
        self.lease: Lease | None = None
        self._around = around
        self._peers = peers
        self._known = known
        self._reading = asyncio.Lock()
        self._hinted = asyncio.Event()
        self._over = asyncio.Event()
        self._task = asyncio.create_task(self._run(), name=f"read {session}")

    def nudge(self) -> None:
        """Nothing: whoever writes the session looks at what is due."""

    async def ask(self, submit: Submit, node: str) -> Answer | Refusal:
        """Hand a command on to the holder.

        Returns:
          Its answer, or the value `MOVED` where it has not answered: look again whose the lease is.
        """
        lease = self.lease
        if lease is None or self._over.is_set():
            return MOVED
        self.idle_since = self._around.senses.running_ms()
        asked = asyncio.ensure_future(self._peers.submit(lease.address, Forwarded(node, submit)))
        over = asyncio.ensure_future(self._over.wait())
        try:
            wait_s = self._around.bounds.peer_wait_ms / 1000
            await asyncio.wait({asked, over}, timeout=wait_s, return_when=asyncio.FIRST_COMPLETED)
            answer = asked.result() if asked.done() else MOVED
        except PeerAway as error:
            _log.warning("not handed on", session=self.session, holder=lease.holder, error=str(error))
            answer = MOVED
        finally:
            for one in (asked, over):
                one.cancel()
            await asyncio.gather(asked, over, return_exceptions=True)
        self._around.meters.forwards.labels("unanswered" if answer is MOVED else "answered").inc()
        if answer is MOVED and self.lease == lease:
            self.lease = None
        if isinstance(answer, Answer) and answer.status == "accepted":
            self.hear(answer.seq + 1)
        return answer

    def awake(self) -> Published | None:
        """The session as of the last entry read, if there is one."""
        known = self._known
        if known is None or known.state is None:
            return None
        home_key = self._around.node_keys.get(known.home_node, "")
        return Published(known.state, known.disclosed, home_key)

    async def published(self) -> Published | None:
        """As `awake`, but reads the session first where it must.

        Raises:
          NotDurable: it cannot be read now.
        """
        self.idle_since = self._around.senses.running_ms()
        return self.awake() or await self.current()

    async def current(self) -> Published | None:
        """As `awake`, but no older than this moment.

        Raises:
          NotDurable: it cannot be read now.
        """
        async with self._reading:
            before = self._known
            self._known = await self._read(before)
        published = self.awake()
        if published is not None and self._known is not before:
            self._around.bus.echo(self.session, published.state.size)
        return published

    async def entries(self, since: int, count_max: int) -> tuple[bytes, ...]:
        """Canonical entries from `since` on: the newest from memory, older ones from the store."""
        known = self._known
        if known is not None and known.state is not None:
            first = known.state.size - len(known.tail)
            if since >= first:
                return known.tail[since - first : since - first + count_max]
        return await self._around.store.entries(self.session, since, count_max)

    def hear(self, size: int) -> None:
        """The session may have so many entries by now."""
        published = self.awake()
        if published is None or size > published.state.size:
            self._hinted.set()

    def known(self) -> Woken | None:
        """What has been read, for whoever goes on from here."""
        return None if self.awake() is None else self._known

    def may_sleep(self) -> bool:
        """Whether nothing is being read: the store has it all."""
        return not self._reading.locked()

    async def stop(self) -> None:
        """Read no more; whoever waits for the holder's answer is told to look again."""
        self._over.set()
        # The flag ends it also where its cancellation is lost on the way to the database.
        self._hinted.set()
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        """Read on whenever there may be something to read; a hint that was false costs one look."""
        while not self._over.is_set():
            await self._hinted.wait()
            self._hinted.clear()
            if self._over.is_set():
                return
            try:
                await self.current()
            except NotDurable as error:
                _log.warning("cannot read on", session=self.session, error=str(error))
                await asyncio.sleep(self._around.bounds.store_retry_ms / 1000)
                self._hinted.set()

    async def _read(self, known: Woken | None) -> Woken:
        around = self._around
        try:
            async with asyncio.timeout(around.bounds.session_wake_ms / 1000):
                source = Source(around.store, around.signer, around.bounds)
                if known is None:
                    return await waking.wake(self.session, source)
                return await waking.read_on(self.session, source, known)
        except TimeoutError as error:
            raise NotDurable("not read in time") from error
        except NotDurable:
            raise
        except Exception as error:
            _log.critical("stored session is damaged", session=self.session, error=repr(error))
            raise NotDurable(repr(error)) from error
