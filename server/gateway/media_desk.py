"""Pictures where all places meet: who of each may ask the coordinator's media workers (SPEC 30.6).

Owns putting together what the nodes tell, by the session's own roster, and telling the workers. What a node
says of seats that are not its own is left out. After a start nothing is told before every node has had the
time to speak, so that nobody's pictures end because the coordinator was started anew. Where another one has
become the session's home, workers here carry it no more (SPEC 30.11).
"""

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

import aiohttp
import msgspec
from msgspec import Struct

from protocol import media, talk
from protocol.media import MediaTell, MediaTold, Present, Table
from protocol.refusals import Refusal, refuse
from protocol.session.state import State
from protocol.words import Role, SessionPhase
from server import telemetry
from server.config import MediaSettings
from server.gateway.talk_desk import TalkDesk
from server.senses import Senses
from server.sessions.registry import Registry

LOOK_MS: Final = 100
"""How often a worker is asked whether it is the one that was told, and told what has changed."""
SETTLE_MS: Final = 5_000
"""How long after a start, or after it has become a session's home, the nodes are given to speak."""
TOLD_WAIT_MS: Final = 1_000
"""How long a node waits for its people to be known to the worker that it is sent to."""
ASK_S: Final = 5.0
"""How long a worker may take to answer."""
SESSIONS_MAX: Final = 1_000
"""Sessions that are told of at once."""
_log = telemetry.logger("server.gateway")


class _Run(Struct, frozen=True):
    """What a worker says of itself: another `run` is another process."""

    run: str
    sessions: tuple[str, ...] = ()


class MediaDesk:
    """The message `media_tell`, and the coordinator's workers."""

    def __init__(
        self, told: MediaSettings | None, registry: Registry, senses: Senses, rooms: TalkDesk,
        connected: Callable[[], frozenset[str]],
    ) -> None:  # fmt: skip
        """Nothing is told before `run`; `told` None is a coordinator without workers; `rooms` are for talk.

        `connected` tells the keys of the nodes that any coordinator has a line to.

        Raises:
          OSError: the secret cannot be read.
        """
        self._told, self._registry, self._senses, self._rooms = told, registry, senses, rooms
        self._connected = connected
        self._secret = "" if told is None else Path(told.secret).read_text().strip()
        self._headers = {"Authorization": f"Bearer {self._secret}"}
        self._people: dict[str, dict[str, tuple[Present, ...]]] = {}
        """Session → venue → who is there."""
        self._runs: dict[int, str] = {}
        self._held: dict[tuple[int, str], bytes] = {}
        self._since: dict[str, int] = {}
        """Session → when its first node spoke here, on the clock that nobody sets."""
        self._known = asyncio.Event()

    async def tell(self, node_key: str, asked: MediaTell) -> MediaTold | Refusal:
        """Take down who is at a node's place; where the session's worker answers."""
        published = await self._registry.published(asked.session)
        if published is None:
            return refuse("UnknownSession", session=asked.session)
        state = published.state
        node = state.keys.get(node_key)
        if node is None or node.role != "venue":
            return refuse("NotAllowed", role="-", type=media.MEDIA_TELL, allowed="venue")
        told = self._told
        if told is None or (asked.session not in self._people and len(self._people) >= SESSIONS_MAX):
            return MediaTold(asked.session, "")
        people = []
        for one in asked.people:
            role = _role(state, node.venue, one.seat)
            if role is not None:
                people.append(Present(one.token.hex(), one.seat, role, node.venue))
        self._since.setdefault(asked.session, self._senses.running_ms())
        self._people.setdefault(asked.session, {})[node.venue] = tuple(people)
        await self._until_known(asked.session, people)
        return MediaTold(asked.session, told.workers[self._number(asked.session)].url)

    async def _until_known(self, session: str, people: list[Present]) -> None:
        """Wait until the worker's table, where it has one, names these people."""
        key = self._number(session), session
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(TOLD_WAIT_MS / 1000):
                while key in self._held and any(one.token.encode() not in self._held[key] for one in people):
                    await self._known.wait()

    async def run(self) -> None:
        """Tell the workers, again and again, until cancelled."""
        if self._told is None:
            return
        await asyncio.sleep(SETTLE_MS / 1000)
        timeout = aiohttp.ClientTimeout(total=ASK_S)
        async with aiohttp.ClientSession(timeout=timeout) as http, asyncio.TaskGroup() as group:
            for number in range(len(self._told.workers)):
                group.create_task(self._keep_told(http, number), name=f"media worker {number}")

    async def _keep_told(self, http: aiohttp.ClientSession, number: int) -> None:
        while True:
            try:
                await self._tell(http, number)
            except (aiohttp.ClientError, OSError, TimeoutError, msgspec.MsgspecError) as error:
                if self._runs.pop(number, None) is not None:
                    _log.warning("media worker lost", worker=number, error=repr(error))
            await asyncio.sleep(LOOK_MS / 1000)

    async def _tell(self, http: aiohttp.ClientSession, number: int) -> None:
        """Tell one worker what it has not been told; everything where it is another process than before.

        Raises:
          aiohttp.ClientError, OSError, TimeoutError: it does not answer.
        """
        assert self._told is not None
        base = self._told.workers[number].control
        async with http.get(f"{base}/run", headers=self._headers) as answer:
            answer.raise_for_status()
            found = msgspec.json.decode(await answer.read(), type=_Run)
        run = found.run
        if self._runs.get(number) != run:
            self._runs[number] = run
            self._held = {key: raw for key, raw in self._held.items() if key[0] != number}
            _log.info("media worker found", worker=number)
        mine = {one for one in self._people if self._number(one) == number}
        for session in sorted(mine | set(found.sessions)):
            published = self._registry.awake(session)
            if published is None:
                continue  # it is read again when somebody asks for it; what is held is held
            table = self._table(published.state) if session in mine else None
            if self._registry.home(session) or (table is None and session in mine):
                await self._end(http, number, session)
            elif table is not None and self._may_tell(published.state):
                await self._put(http, number, table)

    async def _put(self, http: aiohttp.ClientSession, number: int, table: Table) -> None:
        assert self._told is not None
        session, raw = table.session, msgspec.json.encode(table)
        if self._held.get((number, session)) == raw:
            return
        url = f"{self._told.workers[number].control}/allow/{session}"
        async with http.put(url, data=raw, headers=self._headers) as answer:
            if answer.status != 200:
                _log.error("media worker refuses", session=session, status=answer.status)
                return
        self._held[number, session] = raw
        before, self._known = self._known, asyncio.Event()
        before.set()

    async def _end(self, http: aiohttp.ClientSession, number: int, session: str) -> None:
        """Nobody may do anything of a session at this worker any more."""
        assert self._told is not None
        url = f"{self._told.workers[number].control}/allow/{session}"
        async with http.delete(url, headers=self._headers) as answer:
            answer.raise_for_status()
        self._people.pop(session, None)
        self._since.pop(session, None)
        self._held.pop((number, session), None)
        _log.info("media ended here", session=session, worker=number)

    def _may_tell(self, state: State) -> bool:
        """Whether whoever can speak of a session has spoken, or was given the time."""
        spoken = self._people[state.session]
        late = self._senses.running_ms() - self._since[state.session] >= SETTLE_MS
        connected = self._connected()
        return late or all(
            who.venue in spoken for key, who in state.keys.items() if who.role == "venue" and key in connected
        )

    def _table(self, state: State) -> Table | None:
        """Who may do what now; None where nothing is held any more."""
        if state.phase not in media.HELD:
            return None
        phase: SessionPhase = state.phase
        told = sorted(self._people[state.session].items())
        people = tuple(one for _, several in told for one in several)
        room = self._rooms.room(state)
        return Table(1, state.session, state.size - 1, phase, people, talk.voices(room), room.intercoms)

    def _number(self, session: str) -> int:
        assert self._told is not None
        return media.worker_of(session, len(self._told.workers))


def _role(state: State, venue: str, seat: str) -> Role | None:
    """As what somebody of a venue stands in the roster; None for nobody of it."""
    if not seat:
        return "venue"
    found = state.seats.get(seat)
    return found.role if found is not None and found.venue == venue else None
