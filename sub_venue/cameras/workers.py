"""This venue's media workers, told who is here; and where the coordinator's are, with which all places meet.

Owns the secrets of pages and the tables that its own workers hold (SPEC 30.3, 30.6). Nothing here waits for a
worker: one that has died is asked again and again, and told everything anew once it is back. Tables follow
this node's own copies, so that pictures within the place go on while the line is cut (DESIGN 1.8).
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, Literal

import aiohttp
import msgspec
import structlog
from msgspec import Struct

from protocol import media, talk
from protocol.media import CameraLine, MediaGiven, MediaPerson, MediaTell, MediaTold, Present, Table
from protocol.session.state import State
from protocol.talk import TalkRoom
from protocol.wire import Refused
from protocol.words import Role, SessionPhase
from sub_venue.cameras.own_cameras import OwnCameras
from sub_venue.config import MediaSettings
from sub_venue.journal.copies import Copies
from sub_venue.senses import Senses
from sub_venue.uplink.uplink import Uplink

LOOK_MS: Final = 250
"""How often a worker is asked whether it is the one that was told."""
TELL_MS: Final = 2_000
"""How often the coordinator is told who of this place may ask its workers."""
TELL_AGAIN_MS: Final = 250
"""The same while it refuses: the home of a session is being sought."""
ASK_S: Final = 5.0
"""How long a worker may take to answer its node."""
SESSIONS_MAX: Final = 1_000
"""Sessions that are told of at once, the coordinator's bound as well."""
_log = structlog.get_logger("sub_venue.cameras")


class _Run(Struct, frozen=True):
    """What a worker says of itself: another `run` is another process."""

    run: str


class Workers:
    """The workers of one venue."""

    def __init__(
        self, told: MediaSettings | None, venue: str, node_key: str, copies: Copies, uplink: Uplink,
        room: Callable[[State], TalkRoom], senses: Senses,
    ) -> None:  # fmt: skip
        """Nothing is told before `run`; `told` None is a venue without workers, `room` says who may be heard.

        Raises:
          OSError: the secret cannot be read.
        """
        self._told, self._room = told, room
        self._stirred = asyncio.Event()
        self._node_key, self._copies, self._uplink = node_key, copies, uplink
        self._secret = "" if told is None else Path(told.secret).read_text().strip()
        self.cameras = OwnCameras(
            None if told is None else told.cameras, self._secret, venue, self._here, senses
        )
        self._runs: dict[int, str] = {}
        self._held: dict[tuple[int, str], bytes] = {}
        self._houses: dict[str, str] = {}

    def given(self, session: str, seat: str) -> MediaGiven:
        """What a page of a seat sends and sees with."""
        here = "" if self._told is None else self._page(session, seat, "here")
        house = self._page(session, seat, "house") if self._houses.get(session) else ""
        return MediaGiven(session, f"camera.{seat}", here, house)

    def url(self, place: str, session: str) -> str | None:
        """Where a session's worker answers, here or the coordinator's; None where there is none."""
        if place == "house":
            return self._houses.get(session) or None
        if self._told is None:
            return None
        return self._told.workers[media.worker_of(session, len(self._told.workers))].url

    async def moved(self, place: str, session: str, url: str) -> None:
        """Wait until a session's worker is another one than at this url."""
        while self.url(place, session) == url:
            await self._stirred.wait()

    def stir(self) -> None:
        """Something has changed that workers should know at once."""
        before, self._stirred = self._stirred, asyncio.Event()
        before.set()

    async def run(self) -> None:
        """Tell the workers and the coordinator, again and again, until cancelled."""
        if self._told is None:
            return
        timeout = aiohttp.ClientTimeout(total=ASK_S)
        async with aiohttp.ClientSession(timeout=timeout) as http, asyncio.TaskGroup() as group:
            for number in range(len(self._told.workers)):
                group.create_task(self._keep_told(http, number), name=f"media worker {number}")
            group.create_task(self._tell_house(), name="media house")
            group.create_task(self.cameras.run(self._camera_lines, self.stir), name="own cameras")

    async def _keep_told(self, http: aiohttp.ClientSession, number: int) -> None:
        while True:
            stirred = self._stirred
            try:
                await self._tell(http, number)
            except (aiohttp.ClientError, OSError, TimeoutError, msgspec.MsgspecError) as error:
                if self._runs.pop(number, None) is not None:
                    _log.warning("media worker lost", worker=number, error=repr(error))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_MS / 1000):
                    await stirred.wait()

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
        wanted = dict(self._wanted(number))
        for path, raw in wanted.items():
            if self._held.get((number, path)) != raw:
                async with http.put(f"{base}{path}", data=raw, headers=headers) as answer:
                    if answer.status == 200:
                        self._held[number, path] = raw
                    else:
                        _log.error("media worker refuses", path=path, status=answer.status)
        for _, path in [key for key in self._held if key[0] == number and key[1] not in wanted]:
            async with http.delete(f"{base}{path}", headers=headers):
                del self._held[number, path]

    def _wanted(self, number: int) -> Iterator[tuple[str, bytes]]:
        """What one worker should hold now: path → body."""
        assert self._told is not None
        for state in self._here():
            session = state.session
            if media.worker_of(session, len(self._told.workers)) != number:
                continue
            yield f"/allow/{session}", msgspec.json.encode(self._table(state))
            house = self._houses.get(session)
            if house:
                relay = {"secret": self._page(session, "", "house"), "url": house}
                yield f"/relay/{session}", msgspec.json.encode(relay)

    def _table(self, state: State) -> Table:
        people = tuple(
            Present(
                media.token_digest(self._page(state.session, seat, "here")), seat, role, self._venue(state)
            )
            for seat, role in self._people(state)
        )
        people += tuple(self.cameras.present(state))
        phase: SessionPhase = state.phase  # type: ignore[assignment]
        room = self._room(state)
        return Table(1, state.session, state.size - 1, phase, people, talk.voices(room), room.intercoms)

    def _camera_lines(self) -> tuple[CameraLine, ...]:
        """What this venue's own cameras are to be published as."""
        told = ((state, self.url("here", state.session)) for state in self._here())
        return tuple(line for state, url in told if url for line in self.cameras.lines(state, url))

    def _people(self, state: State) -> Iterator[tuple[str, Role]]:
        """The seats of this venue, and the venue itself under no name."""
        venue = self._venue(state)
        yield "", "venue"
        for seat in state.seats.values():
            if seat.venue == venue:
                yield seat.seat, seat.role

    def _here(self) -> Iterator[State]:
        """The sessions that are held with this venue in their roster."""
        found = 0
        for state in self._copies.alive():
            who = state.keys.get(self._node_key)
            if who is not None and who.role == "venue" and state.phase in media.HELD and found < SESSIONS_MAX:
                found += 1
                yield state

    def _venue(self, state: State) -> str:
        return state.keys[self._node_key].venue

    async def _tell_house(self) -> None:
        """Say who of this place may ask the coordinator's workers, and learn where they are."""
        while True:
            sessions = {state.session: state for state in self._here()}
            pause_ms, before = TELL_MS, dict(self._houses)
            for session, state in sessions.items():
                people = tuple(
                    MediaPerson(seat, bytes.fromhex(media.token_digest(self._page(session, seat, "house"))))
                    for seat, _ in self._people(state)
                )
                told = await self._uplink.ask(media.MEDIA_TELL, MediaTell(session, people), MediaTold)
                if isinstance(told, Refused):
                    pause_ms = TELL_AGAIN_MS
                    continue  # where it was before, the coordinator's worker may well be still
                self._houses[session] = told.url
            self._houses = {one: url for one, url in self._houses.items() if one in sessions}
            if self._houses != before:
                self.stir()  # workers hand on there at once, and pages offer there anew
            await asyncio.sleep(pause_ms / 1000)

    def _page(self, session: str, seat: str, place: Literal["here", "house"]) -> str:
        return media.page_secret(self._secret, place, session, seat)
