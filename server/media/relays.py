"""Handing on: what is sent to this worker is published to another one too, encoded as it came (SPEC 30.6).

Owns which sources are handed on and when a line to the other worker is made anew. A worker that has died is
noticed at once by the answer that it held open. Nothing of it touches who watches here.
"""

import asyncio
import ssl
from typing import Final

import aiohttp
import structlog
from msgspec import Struct

from server.media.engine import Engine, Full, NotLive, SourceStats
from server.media.settings import Settings
from server.senses import Senses

ANSWER_S: Final = 12.0
CONNECT_S: Final = 2.0
"""A line that takes no connection for so long is tried anew: a packet that was lost is sent again at once."""
_log = structlog.get_logger("server.media")


class Relay(Struct, frozen=True, forbid_unknown_fields=True):
    """Where a session's sources are handed on to, and the node's own secret there."""

    url: str
    secret: str


class _Line(Struct, frozen=True):
    """A source on its way: the connection, what was in it, and where it goes."""

    resource: str
    shape: tuple[tuple[str, str], ...]
    relay: Relay


class Relays:
    """Keeps every live source of some sessions on its way to another worker."""

    def __init__(self, settings: Settings, engine: Engine, senses: Senses) -> None:
        """Hand on nothing yet.

        Raises:
          OSError: the certificate of the authority cannot be read.
        """
        self._engine, self._senses, self._bounds = engine, senses, settings.bounds
        self._tls: ssl.SSLContext | bool = True
        if settings.ca is not None:
            self._tls = ssl.create_default_context(cafile=str(settings.ca))
        self._told: dict[str, Relay] = {}
        self._lines: dict[str, _Line] = {}
        self._again: dict[str, int] = {}
        self._watched: dict[str, asyncio.Task[None]] = {}

    def put(self, session: str, relay: Relay) -> None:
        """Hand a session's sources on from now on."""
        self._told[session] = relay

    def drop(self, session: str) -> None:
        """Hand on nothing more of a session."""
        self._told.pop(session, None)

    async def run(self) -> None:
        """Look again and again until cancelled."""
        # Each offer by a connection of its own: one that was kept may lead over a network that is gone.
        connector = aiohttp.TCPConnector(force_close=True, limit=0)
        async with aiohttp.ClientSession(connector=connector) as http:
            try:
                while True:
                    await self._look(http)
                    await asyncio.sleep(self._bounds.look_ms / 1000)
            finally:
                for task in self._watched.values():
                    task.cancel()

    async def _look(self, http: aiohttp.ClientSession) -> None:
        if not self._told and not self._lines:
            return
        wanted = {one.source: one for one in self._engine.stats().sources if self._relay(one) is not None}
        for source, line in list(self._lines.items()):
            stats = wanted.get(source)
            same = stats is not None and (_shape(stats), self._relay(stats)) == (line.shape, line.relay)
            if not same or not self._engine.is_up(line.resource):
                del self._lines[source]
                await self._engine.leave(line.resource)
        now_ms = self._senses.running_ms()
        due = [
            one
            for source, one in wanted.items()
            if source not in self._lines and self._again.get(source, 0) <= now_ms
        ]
        await asyncio.gather(*(self._hand_on(http, one) for one in due))
        self._again = {source: at for source, at in self._again.items() if source in wanted}

    def _relay(self, stats: SourceStats) -> Relay | None:
        session = stats.source.partition("/")[0]
        return self._told.get(session) if stats.is_live and _shape(stats) else None

    async def _hand_on(self, http: aiohttp.ClientSession, stats: SourceStats) -> None:
        relay = self._relay(stats)
        assert relay is not None
        headers = {"Authorization": f"Bearer {relay.secret}", "Content-Type": "application/sdp"}

        async def ask(offer: str) -> str:
            timeout = aiohttp.ClientTimeout(total=ANSWER_S, sock_connect=CONNECT_S)
            async with http.post(
                f"{relay.url}/whip/{stats.source}",
                data=offer,
                headers=headers,
                timeout=timeout,
                ssl=self._tls,
            ) as answer:
                answer.raise_for_status()
                return await answer.text()

        try:
            resource = await self._engine.hand_on(stats.source, ask)
        except (aiohttp.ClientError, OSError, TimeoutError, Full, NotLive, ValueError) as error:
            self._again[stats.source] = self._senses.running_ms() + self._bounds.hand_on_pause_ms
            _log.info("not_handed_on", source=stats.source, why=repr(error))
            return
        self._lines[stats.source] = _Line(resource, _shape(stats), relay)
        session = stats.source.partition("/")[0]
        if session not in self._watched:
            task = asyncio.create_task(self._watch(http, session, relay))
            self._watched[session] = task
            task.add_done_callback(lambda _: self._watched.pop(session, None))

    async def _watch(self, http: aiohttp.ClientSession, session: str, relay: Relay) -> None:
        """Hold an answer open for as long as the other worker does; with it every line there has ended."""
        headers = {"Authorization": f"Bearer {relay.secret}"}
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S)
        try:
            async with http.get(
                f"{relay.url}/alive/{session}", headers=headers, timeout=timeout, ssl=self._tls
            ) as answer:
                if answer.status == 200:
                    await answer.read()
        except (aiohttp.ClientError, OSError, TimeoutError):
            pass
        for source in [one for one in self._lines if one.startswith(f"{session}/")]:
            self._again[source] = 0
            await self._engine.leave(self._lines.pop(source).resource)
        await asyncio.sleep(self._bounds.look_ms / 1000)


def _shape(stats: SourceStats) -> tuple[tuple[str, str], ...]:
    """What is in a source now: its streams and their codecs."""
    return tuple(sorted((one.name, one.codec) for one in stats.streams if one.is_live))
