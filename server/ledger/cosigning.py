"""Rounds of cosigning: a log that has grown gets a head, all cosigners are asked at once, what comes is kept.

Owns which logs have grown since their last round, the newest cosigned head of each, and who is late. Heads
are batched: at most one round of a log in `checkpoint_ms`, and always one after its last entry; where a
milestone waits for a head that nobody was asked for yet, a round begins at once. Must not know what else a
milestone asks for; whoever does reads `found`. The newest cosigned head of each log is kept in the
store; after a restart its cosigners are asked again all the same, for what they hold is the point.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from typing import Final, Literal, Protocol

import aiohttp
from msgspec import Struct

from protocol.ledger import checkpoint, note, quorum, trust
from protocol.ledger.levels import Levels
from protocol.ledger.note import Signature
from protocol.ledger.quorum import Policy
from protocol.session.milestones import reading
from protocol.session.milestones.due import Found
from server import telemetry
from server.config import Bounds
from server.ledger.asking import Asked, Away, Inconsistent, NotAgreed, Party, Unlawful, cosign
from server.ledger.logs import Altered, Logs
from server.store.contract import DamagedEntry, NotDurable

_HEADS_MAX: Final = 64
"""Cosigned heads of one log kept in memory, the newest."""
_log = telemetry.logger("server.ledger")


class Shelf(Protocol):
    """Where cosigned heads are kept; see `store.contract`."""

    async def put_head(self, session: str, size: int, note: str, replaces: int = 0) -> None:
        """Keep a head, in place of the one of size `replaces`."""

    async def heads(self, session: str) -> dict[int, str]:
        """The heads that are kept: size → signed note."""


Because = Literal["away", "genesis", "history", "rules"]
"""Why a cosigner owes: it cannot be reached or says no now; the session's genesis is not what it was told; it
holds another history, or more of it; it has found a rule broken. The last two are asked no more."""


class Owed(Struct, frozen=True):
    """A cosigner that has not cosigned the newest head of a log; `why` is its last answer, `since` in ms."""

    name: str
    since: int
    why: str
    because: Because = "away"

    @property
    def stopped(self) -> bool:
        """Whether it is asked no more."""
        return self.because in {"history", "rules"}


class _Rounds:
    """What is known of one log."""

    def __init__(self) -> None:
        self.heads: dict[int, tuple[str, dict[str, Signature]]] = {}
        self.held: dict[str, int] = {}
        self.owed: dict[str, Owed] = {}
        self.kept: int | None = None
        """Size of the newest head that is kept; None before it was looked for."""
        self.found: Found | None = None
        """The newest head that is kept, and who has cosigned it by the policy."""
        self.pinned: set[int] = set()
        """Sizes of heads on which milestones rest: they are kept beside the newest."""
        self.grown = asyncio.Event()
        """It has grown since its last round began."""
        self.heard = asyncio.Event()
        """It has grown since somebody looked whether a milestone waits."""
        self.asked = 0
        """Size of the newest head that cosigners were asked for."""
        self.task: asyncio.Task[None] | None = None

    def text(self, size: int) -> str:
        """A cosigned head with all its lines."""
        head, lines = self.heads[size]
        return head + "".join(one.line for one in lines.values())


class Cosigning:
    """Has the logs of this coordinator cosigned."""

    def __init__(
        self, logs: Logs, shelf: Shelf, parties: tuple[Party, ...], bounds: Bounds, now_ms: Callable[[], int],
        writes: Callable[[str], bool], awake: Callable[[], Iterable[tuple[str, int]]] = tuple,
        policy: Policy | None = None, nudge: Callable[[str], None] = lambda _session: None,
    ) -> None:  # fmt: skip
        """Ask these cosigners.

        Args:
          logs: the logs.
          shelf: where the newest cosigned head of each is kept.
          parties: who is asked.
          bounds: how often, how long, how many at once.
          now_ms: the clock.
          writes: whether a session is written here, and so its log is cared for.
          awake: the sessions in memory, each with its number of entries.
          policy: the trust policy of all these logs; None where milestones ask for no quorum.
          nudge: told of a session for which lines have come, once they are kept.
        """
        self._logs = logs
        self._shelf = shelf
        self._parties = parties
        self._bounds = bounds
        self._now_ms = now_ms
        self._writes = writes
        self._awake = awake
        self._policy = policy
        self._nudge = nudge
        self._sweeping: asyncio.Task[None] | None = None
        self._rounds: dict[str, _Rounds] = {}
        self._at_once = asyncio.Semaphore(bounds.cosign_at_once_max)
        self._http: aiohttp.ClientSession | None = None

    def start(self) -> None:
        """Look now and then for logs whose newest head nobody has cosigned: after a start, or a take-over.

        So a log that is shorter than what its cosigners hold is found before its next entry.
        """
        if self._parties:
            self._sweeping = asyncio.create_task(self._sweep(), name="cosign what is awake")

    def hear(self, session: str, _size: int) -> None:
        """A session has grown; for the bus."""
        if not self._parties or not self._writes(session):
            return
        rounds = self._rounds.get(session)
        if rounds is None:
            self._forget()
            rounds = self._rounds[session] = _Rounds()
        rounds.grown.set()
        rounds.heard.set()
        if rounds.task is None or rounds.task.done():
            rounds.task = asyncio.create_task(self._run(session, rounds), name=f"cosign {session}")

    async def cosigned(self, session: str, size: int | None = None) -> str | None:
        """The newest head of a log that somebody has cosigned, or that of a size, with all its lines.

        Raises:
          NotDurable: what is kept cannot be read now.
        """
        rounds = self._rounds.get(session)
        held = {} if rounds is None else {one: rounds.text(one) for one in rounds.heads}
        if not held or (size is not None and size not in held):
            held = {**await self._shelf.heads(session), **held}
        return held.get(max(held, default=0) if size is None else size)

    async def newest(self, session: str) -> str | None:
        """The newest cosigned head of a log; the log's own while nobody has cosigned any.

        Raises:
          Altered, NotDurable, DamagedEntry: as `Logs.head`.
        """
        return await self.cosigned(session) or await self._logs.head(session)

    def found(self, session: str) -> Found:
        """What a milestone may rest on: the newest head that is kept, and who has cosigned it."""
        rounds = self._rounds.get(session)
        if rounds is not None and rounds.found is not None:
            return rounds.found
        if self._policy is None:
            return Found("")
        return Found(trust.text(trust.of_session(self._policy, session)))

    def owed(self, session: str) -> tuple[Owed, ...]:
        """Who has not cosigned the newest head of a log, by name."""
        rounds = self._rounds.get(session)
        return () if rounds is None else tuple(rounds.owed[name] for name in sorted(rounds.owed))

    def all_owed(self) -> tuple[tuple[str, Owed], ...]:
        """Every cosigner that owes, with the session."""
        return tuple((session, owed) for session in self._rounds for owed in self.owed(session))

    async def stop(self) -> None:
        """Ask nobody any more."""
        tasks = [one.task for one in self._rounds.values() if one.task is not None]
        tasks += [] if self._sweeping is None else [self._sweeping]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._http is not None:
            await self._http.close()

    async def _sweep(self) -> None:
        pause_s = self._bounds.checkpoint_ms / 1000
        while True:
            await asyncio.sleep(pause_s)
            for session, size in self._awake():
                rounds = self._rounds.get(session)
                if rounds is None or (size not in rounds.heads and not rounds.owed):
                    self.hear(session, size)
            pause_s = self._bounds.cosign_pause_ms_max / 1000

    def _forget(self) -> None:
        """Let go of the log that has been quiet longest, where too many are known."""
        while len(self._rounds) >= self._bounds.sessions_awake_max:
            quiet = next((s for s, one in self._rounds.items() if one.task is None or one.task.done()), None)
            if quiet is None:
                return
            del self._rounds[quiet]

    async def _run(self, session: str, rounds: _Rounds) -> None:
        """Rounds until every cosigner that can sign has signed the newest head."""
        pause_s = self._bounds.checkpoint_ms / 1000
        waited_s = pause_s
        while True:
            rounds.grown.clear()
            try:
                done = await self._round(session, rounds)
            except (Altered, DamagedEntry) as error:
                _log.error(
                    "the log is not signed: its entries were changed", session=session, error=str(error)
                )
                return
            except NotDurable as error:
                _log.warning("the log cannot be read now", session=session, error=str(error))
                done = False
            if done and not rounds.grown.is_set():
                return
            await self._rest(session, rounds, pause_s)
            if done:
                waited_s = pause_s
                continue
            # Who owes is asked again after growing pauses, or with the next head.
            waited_s = min(waited_s * 2, self._bounds.cosign_pause_ms_max / 1000)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(waited_s - pause_s):
                    await rounds.grown.wait()

    async def _rest(self, session: str, rounds: _Rounds, pause_s: float) -> None:
        """Wait until the next round may begin; a milestone is not kept waiting for it."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause_s):
                while True:
                    rounds.heard.clear()
                    if await self._is_awaited(session, rounds):
                        return
                    await rounds.heard.wait()

    async def _is_awaited(self, session: str, rounds: _Rounds) -> bool:
        """Whether a milestone waits for a head above the newest that cosigners were asked for."""
        try:
            state = await self._logs.state(session)
        except NotDurable:
            return False
        return state is not None and reading.awaited(state) > rounds.asked

    async def _round(self, session: str, rounds: _Rounds) -> bool:
        """Have the newest head cosigned by all; whether nobody need be asked again for it."""
        head = await self._logs.head(session)
        grown = await self._logs.grown(session)
        if head is None or grown is None:
            return True
        rounds.asked = size = checkpoint.read(note.split(head)[0]).size
        head, lines = rounds.heads.get(size, (head, {}))
        wanted = [
            party
            for party in self._parties
            if not (party.name in rounds.owed and rounds.owed[party.name].stopped)
            and any(f"{key.name} {key.key_id.hex()}" not in lines for key in party.keys)
        ]
        answers = await asyncio.gather(*(self._ask(session, rounds, one, grown, head) for one in wanted))
        for asked in answers:
            if asked is not None:
                lines.update({f"{one.name} {one.key_id.hex()}": one for one in asked.lines})
        if any(asked is not None for asked in answers):
            rounds.heads[size] = (head, lines)
            while len(rounds.heads) > _HEADS_MAX:
                del rounds.heads[min(rounds.heads)]
            await self._keep(session, rounds, size)
        return not any(not one.stopped for one in rounds.owed.values())

    async def _keep(self, session: str, rounds: _Rounds, size: int) -> None:
        """Keep the newest cosigned head; the one before it goes."""
        if rounds.kept is None:
            rounds.kept = max(await self._shelf.heads(session), default=0)
        if size >= rounds.kept:
            replaced = rounds.kept if await self._may_go(session, rounds) else 0
            await self._shelf.put_head(session, size, rounds.text(size), replaced)
            rounds.kept = size
        if self._policy is not None and size == rounds.kept:
            policy = trust.of_session(self._policy, session)
            judged = quorum.look(rounds.text(size), policy)
            rounds.found = Found(trust.text(policy), size, judged.head.root, judged.cosigned)
            self._nudge(session)

    async def _may_go(self, session: str, rounds: _Rounds) -> bool:
        """Keep the heads on which milestones rest; whether the newest one that is kept is none of them."""
        state = await self._logs.state(session)
        resting = {one.size for one in state.milestones.values() if one.size} if state is not None else set()
        for size in resting & rounds.heads.keys() - rounds.pinned - {rounds.kept}:
            await self._shelf.put_head(session, size, rounds.text(size))
        rounds.pinned |= resting
        return rounds.kept not in resting

    async def _ask(
        self, session: str, rounds: _Rounds, party: Party, grown: Levels, head: str
    ) -> Asked | None:
        before = rounds.owed.get(party.name)
        since = self._now_ms() if before is None else before.since
        try:
            async with self._at_once:
                wait_s = self._bounds.cosign_wait_ms / 1000
                old = rounds.held.get(party.name, 0)
                asked = await cosign(self._session(), party, grown, head, old, wait_s)
        except Away as error:
            if before is None:
                _log.warning("a cosigner is late", session=session, cosigner=party.name, why=str(error))
            rounds.owed[party.name] = Owed(party.name, since, str(error))
            return None
        except NotAgreed as error:
            if before is None or before.because != "genesis":
                _log.error(
                    "a cosigner was told another session",
                    session=session,
                    cosigner=party.name,
                    why=str(error),
                )
            rounds.owed[party.name] = Owed(party.name, since, str(error), "genesis")
            return None
        except Unlawful as error:
            _log.error(
                "a cosigner has found a rule broken", session=session, cosigner=party.name, why=str(error)
            )
            rounds.owed[party.name] = Owed(party.name, since, str(error), "rules")
            return None
        except Inconsistent as error:
            if await self._is_behind(session, error.held):
                # Another coordinator writes this log by now, and has had more of it cosigned.
                rounds.owed[party.name] = Owed(party.name, since, str(error))
                return None
            _log.error(
                "a cosigner holds another history", session=session, cosigner=party.name, why=str(error)
            )
            rounds.owed[party.name] = Owed(party.name, since, str(error), "history")
            return None
        rounds.held[party.name] = asked.size
        rounds.owed.pop(party.name, None)
        return asked

    async def _is_behind(self, session: str, held: int) -> bool:
        """Whether the store has what a cosigner holds, so that the head shown to it was but an older one."""
        try:
            return held >= 0 and await self._logs.reaches(session, held)
        except NotDurable:
            return False

    def _session(self) -> aiohttp.ClientSession:
        if self._http is None:
            self._http = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._bounds.cosign_at_once_max)
            )
        return self._http
