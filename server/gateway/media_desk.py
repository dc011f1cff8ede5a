"""Pictures where all places meet: who of each may ask the coordinator's media workers (SPEC 30.6).

Owns putting together what the nodes tell, by the session's own roster, and telling the workers. What a node
says of seats that are not its own is left out. After a start nothing is told before every node has had the
time to speak, so that nobody's pictures end because the coordinator was started anew.
"""

import asyncio
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
from server.fanout.rooms import Occupant
from server.gateway.talk_desk import TalkDesk
from server.senses import Senses
from server.sessions.registry import Registry

LOOK_MS: Final = 100
"""How often a worker is asked whether it is the one that was told, and told what has changed."""
SETTLE_MS: Final = 5_000
"""How long after a start the nodes are given to speak."""
ASK_S: Final = 5.0
"""How long a worker may take to answer."""
SESSIONS_MAX: Final = 1_000
"""Sessions that are told of at once."""
_log = telemetry.logger("server.gateway")


class _Run(Struct, frozen=True):
    """What a worker says of itself: another `run` is another process."""

    run: str


class MediaDesk:
    """The message `media_tell`, and the coordinator's workers."""

    def __init__(
        self, told: MediaSettings | None, registry: Registry, senses: Senses, rooms: TalkDesk
    ) -> None:
        """Nothing is told before `run`; `told` None is a coordinator without workers; `rooms` are for talk.

        Raises:
          OSError: the secret cannot be read.
        """
        self._told, self._registry, self._senses, self._rooms = told, registry, senses, rooms
        self._secret = "" if told is None else Path(told.secret).read_text().strip()
        self._people: dict[str, dict[str, tuple[Present, ...]]] = {}
        """Session → venue → who is there."""
        self._runs: dict[int, str] = {}
        self._held: dict[tuple[int, str], bytes] = {}

    async def tell(self, who: Occupant, asked: MediaTell) -> MediaTold | Refusal:
        """Take down who is at a node's place; where the session's worker answers."""
        published = await self._registry.published(asked.session)
        if published is None:
            return refuse("UnknownSession", session=asked.session)
        state = published.state
        node = state.keys.get(who.node_key)
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
        self._people.setdefault(asked.session, {})[node.venue] = tuple(people)
        return MediaTold(asked.session, told.workers[self._number(asked.session)].url)

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
        headers = {"Authorization": f"Bearer {self._secret}"}
        async with http.get(f"{base}/run", headers=headers) as answer:
            answer.raise_for_status()
            run = msgspec.json.decode(await answer.read(), type=_Run).run
        if self._runs.get(number) != run:
            self._runs[number] = run
            self._held = {key: raw for key, raw in self._held.items() if key[0] != number}
            _log.info("media worker found", worker=number)
        for session in [one for one in self._people if self._number(one) == number]:
            published = self._registry.awake(session)
            if published is None:
                continue  # it is read again when somebody asks for it; what is held is held
            table = self._table(published.state)
            if table is None:
                self._people.pop(session, None)
                if self._held.pop((number, session), None) is not None:
                    async with http.delete(f"{base}/allow/{session}", headers=headers):
                        pass
                continue
            raw = msgspec.json.encode(table)
            if self._held.get((number, session)) != raw:
                async with http.put(f"{base}/allow/{session}", data=raw, headers=headers) as answer:
                    if answer.status == 200:
                        self._held[number, session] = raw
                    else:
                        _log.error("media worker refuses", session=session, status=answer.status)

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
