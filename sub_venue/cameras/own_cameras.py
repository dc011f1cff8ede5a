"""This venue's own cameras: the process that reads them is told where each is to be published (SPEC 30.13).

Owns the secrets of cameras and what a keeper is told of them. Each secret is good for one source of one
session and shows nothing. Nothing here waits for that process: one that has died is asked again and again,
and told everything anew once it is back. A camera that is called after an expert's seat is published
nowhere: a face that may have to be masked goes through the expert's own page.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from typing import Final

import aiohttp
import msgspec
import structlog
from msgspec.structs import replace

from protocol import media
from protocol.media import CameraLine, CameraLines, Present, Source
from protocol.session.state import Seat, State
from protocol.venue import CameraStanding, CamerasTold
from sub_venue.senses import Senses

LOOK_MS: Final = 500
"""How often the process is asked how its cameras are."""
ASK_S: Final = 5.0
"""How long it may take to answer."""
_log = structlog.get_logger("sub_venue.cameras")


class OwnCameras:
    """The cameras of one venue."""

    def __init__(
        self,
        control: str | None,
        secret: str,
        venue: str,
        here: Callable[[], Iterable[State]],
        senses: Senses,
    ) -> None:
        """Ask nobody before `run`.

        Args:
          control: where the process that reads them is asked; None for a venue that has none.
          secret: the node's and that process's, from which the cameras' follow.
          venue: this venue's id.
          here: the sessions that are held with this venue now.
          senses: the clock.
        """
        self._control, self._secret, self._venue, self._senses = control, secret, venue, senses
        self._here = here
        self._told: tuple[CameraStanding, ...] = ()
        self._silent_since = 0
        self._run = ""
        self._held = b""

    def standing(self) -> tuple[tuple[CameraStanding, ...], int]:
        """The cameras as they were last told, and since when nobody tells (0 where somebody does)."""
        experts = {seat.seat for state in self._here() for seat in state.seats.values() if _is_expert(seat)}
        return tuple(self._judged(one, experts) for one in self._told), self._silent_since

    def present(self, state: State) -> Iterator[Present]:
        """What a worker's table says of a session's cameras."""
        for source in self._sources(state):
            token = media.token_digest(self._of(state.session, source))
            yield Present(token, "", "venue", self._venue, source)

    def lines(self, state: State, url: str) -> Iterator[CameraLine]:
        """Where a session's cameras are to be published."""
        for source in self._sources(state):
            yield CameraLine(state.session, source, url, self._of(state.session, source))

    async def run(self, wanted: Callable[[], tuple[CameraLine, ...]], stir: Callable[[], None]) -> None:
        """Tell and ask, again and again, until cancelled.

        Args:
          wanted: what is to be published now.
          stir: called where the cameras are other ones than before, so that workers are told.
        """
        if self._control is None:
            return
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ASK_S)) as http:
            while True:
                try:
                    await self._look(http, wanted, stir)
                except (aiohttp.ClientError, OSError, TimeoutError, msgspec.MsgspecError) as error:
                    if not self._silent_since:
                        self._silent_since = self._senses.now_ms()
                        _log.warning("cameras silent", error=repr(error))
                    self._run = ""
                await asyncio.sleep(LOOK_MS / 1000)

    async def _look(
        self,
        http: aiohttp.ClientSession,
        wanted: Callable[[], tuple[CameraLine, ...]],
        stir: Callable[[], None],
    ) -> None:
        """Once.

        Raises:
          aiohttp.ClientError, OSError, TimeoutError, msgspec.MsgspecError: it does not answer as it should.
        """
        headers = {"Authorization": f"Bearer {self._secret}"}
        async with http.get(f"{self._control}/cameras", headers=headers) as answer:
            answer.raise_for_status()
            told = msgspec.json.decode(await answer.read(), type=CamerasTold)
        before, self._told = self._told, told.cameras
        if {one.source for one in before} != {one.source for one in self._told}:
            stir()
        self._silent_since = 0
        raw = msgspec.json.encode(CameraLines(1, wanted()))
        if (told.run, raw) != (self._run, self._held):
            async with http.put(f"{self._control}/lines", data=raw, headers=headers) as answer:
                answer.raise_for_status()
            self._run, self._held = told.run, raw

    def _sources(self, state: State) -> Iterator[str]:
        """The cameras that belong into a session: the venue's room, and seats of it that sit here.

        Never an expert's (SPEC 30.13): nothing can be masked in what is handed on as the camera encoded it.
        """
        for one in self._told:
            source = media.read_source(one.source)
            if source is not None and self._belongs(state, source):
                yield source.name

    def _belongs(self, state: State, source: Source) -> bool:
        if source.device == "room":
            return source.owner == self._venue
        seat = state.seats.get(source.owner)
        is_here = seat is not None and seat.venue == self._venue and not _is_expert(seat)
        return source.device == "camera" and is_here

    def _judged(self, one: CameraStanding, experts: set[str]) -> CameraStanding:
        """A room of another venue is none of this one's to send, and no camera of a venue's an expert's."""
        source = media.read_source(one.source)
        if source is None or (source.device == "room" and source.owner != self._venue):
            return replace(one, state="refused", why="foreign")
        is_experts = source.device == "camera" and source.owner in experts
        return replace(one, state="refused", why="expert") if is_experts else one

    def _of(self, session: str, source: str) -> str:
        return media.page_secret(self._secret, "camera", session, source)


def _is_expert(seat: Seat) -> bool:
    return seat.role == "expert"
