"""Publishing a venue's cameras: a line for each camera and session that the node wants, kept up (SPEC 30.13).

Owns offers to workers, and when one is made anew: the camera came back, the worker died, the line fell
silent. Encoded frames go into aiortc as they are, by its public way (a track that gives packets). Must not
know how a camera is read. Source: RFC 9725 (WHIP).
"""

import asyncio
import contextlib
import ssl
from collections.abc import Iterator
from typing import Any, Final

import aiohttp
import structlog
from aiortc import (
    RTCBundlePolicy,
    RTCConfiguration,
    RTCIceServer,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)

from protocol.media import CameraLine
from server.media import attending
from server.media.attending import Attended
from server.media.cameras.camera import Camera, Opened, Track
from server.media.cameras.settings import Settings
from server.senses import Senses

CONNECT_S: Final = 2.0
_log = structlog.get_logger("server.media.cameras")


class _Ended(Exception):
    """A line is up no longer, or never was."""


class _Line:
    """One camera on its way to one session's worker."""

    def __init__(self, told: CameraLine) -> None:
        self.told = told
        self.task: asyncio.Task[None] | None = None
        self.connection: Any = None
        self.ended = asyncio.Event()
        self.is_up = False


class Publishing:
    """Keeps every line up that is wanted."""

    def __init__(self, settings: Settings, cameras: dict[str, Camera], senses: Senses) -> None:
        """Publish nothing yet.

        Raises:
          OSError: the certificate of the authority cannot be read.
        """
        self._bounds, self._cameras, self._senses = settings.bounds, cameras, senses
        self._tls: ssl.SSLContext | bool = True
        if settings.ca is not None:
            self._tls = ssl.create_default_context(cafile=str(settings.ca))
        self._configuration = RTCConfiguration(
            iceServers=[
                RTCIceServer(list(one.urls), one.username or None, one.credential or None)
                for one in settings.ice_servers
            ],
            bundlePolicy=RTCBundlePolicy.MAX_BUNDLE,
        )
        self._lines: dict[tuple[str, str], _Line] = {}
        self._ending: set[asyncio.Task[None]] = set()

    def put(self, wanted: tuple[CameraLine, ...]) -> int:
        """What is to be published from now on, in place of what was before; how many lines that are."""
        known = {(one.session, one.source): one for one in wanted if one.source in self._cameras}
        known = dict(list(known.items())[: self._bounds.lines_max])
        for key, line in list(self._lines.items()):
            if known.get(key) != line.told:
                del self._lines[key]
                self._end(line)
        for key, told in known.items():
            if key not in self._lines:
                line = self._lines[key] = _Line(told)
                line.task = asyncio.create_task(self._keep_up(line), name=f"line {key}")
        return len(self._lines)

    def counts(self, source: str) -> tuple[int, int]:
        """How many of a camera's lines are up, and how many are wanted."""
        mine = [line for line in self._lines.values() if line.told.source == source]
        return sum(line.is_up for line in mine), len(mine)

    async def attend(self) -> None:
        """Notice lines that fall silent or never come up; until cancelled."""

        async def end(resource: str) -> None:
            for line in self._lines.values():
                if line.told.session + "/" + line.told.source == resource:
                    line.ended.set()

        def report(_: int) -> None:
            """Nobody looks at a camera here; workers tell their own viewers."""

        await attending.run(self._senses, tuple, self._attended, report, end, self._bounds.connecting_ms)

    async def close(self) -> None:
        """End every line."""
        self.put(())
        await asyncio.gather(*self._ending, return_exceptions=True)

    def _attended(self) -> Iterator[Attended]:
        for line in self._lines.values():
            if line.connection is not None:
                yield Attended(line.told.session + "/" + line.told.source, "worker", line.connection)

    def _end(self, line: _Line) -> None:
        if line.task is not None:
            line.task.cancel()
            self._ending.add(line.task)
            line.task.add_done_callback(self._ending.discard)

    async def _keep_up(self, line: _Line) -> None:
        camera, bounds = self._cameras[line.told.source], self._bounds
        pause_ms = bounds.line_pause_ms
        connector = aiohttp.TCPConnector(force_close=True, limit=0)
        async with aiohttp.ClientSession(connector=connector) as http:
            while True:
                opened = await camera.opened()
                try:
                    await self._one(http, line, camera, opened)
                except (_Ended, aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
                    _log.info("not published", source=line.told.source, why=repr(error))
                else:
                    pause_ms = bounds.line_pause_ms
                await asyncio.sleep(pause_ms / 1000)
                pause_ms = min(pause_ms * 2, bounds.line_pause_ms_max)

    async def _one(self, http: aiohttp.ClientSession, line: _Line, camera: Camera, opened: Opened) -> None:
        """Publish until the camera or the line has gone; returns where it was up.

        Raises:
          _Ended, aiohttp.ClientError, OSError, TimeoutError, ValueError: it never was.
        """
        tracks = camera.tracks(opened.shape)
        connection = RTCPeerConnection(self._configuration)
        line.connection, line.ended = connection, asyncio.Event()
        up = asyncio.Event()
        resource = ""

        def changed() -> None:
            if connection.connectionState == "connected":
                up.set()
            elif connection.connectionState in ("failed", "closed"):
                line.ended.set()

        connection.on("connectionstatechange", changed)
        try:
            resource = await self._offer(http, line, connection, tracks, opened)
            await self._first(up, line.ended, opened.closed)
            if not up.is_set():
                raise _Ended("it did not come up")
            line.is_up = True
            _log.info("published", source=line.told.source, session=line.told.session)
            alive = asyncio.create_task(self._alive(http, line))
            try:
                await self._first(line.ended, opened.closed)
            finally:
                alive.cancel()
                await asyncio.gather(alive, return_exceptions=True)
        finally:
            line.is_up, line.connection = False, None
            camera.let_go(tracks)
            await self._leave(http, line, connection, resource)

    async def _offer(
        self,
        http: aiohttp.ClientSession,
        line: _Line,
        connection: Any,
        tracks: tuple[Track, ...],
        opened: Opened,
    ) -> str:
        for track in tracks:
            codec = opened.shape.video if track.kind == "video" else opened.shape.audio
            transceiver = connection.addTransceiver(track, direction="sendonly")
            able = RTCRtpSender.getCapabilities(track.kind).codecs
            transceiver.setCodecPreferences(
                [one for one in able if one.name.lower() in (codec.lower(), "rtx")]
            )
        await connection.setLocalDescription(await connection.createOffer())
        timeout = aiohttp.ClientTimeout(total=self._bounds.answer_ms / 1000, sock_connect=CONNECT_S)
        told = line.told
        async with http.post(
            f"{told.url}/whip/{told.session}/{told.source}",
            data=connection.localDescription.sdp,
            headers={"Authorization": f"Bearer {told.secret}", "Content-Type": "application/sdp"},
            timeout=timeout,
            ssl=self._tls,
        ) as answer:
            if answer.status != 201:
                raise _Ended(f"the worker answers {answer.status}")
            resource = answer.headers.get("Location", "")
            sdp = await answer.text()
        await connection.setRemoteDescription(RTCSessionDescription(sdp, "answer"))
        return resource

    async def _alive(self, http: aiohttp.ClientSession, line: _Line) -> None:
        """Hold an answer open for as long as the worker does; the line ends with it."""
        told = line.told
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S)
        with contextlib.suppress(aiohttp.ClientError, OSError, TimeoutError):
            async with http.get(
                f"{told.url}/alive/{told.session}",
                headers={"Authorization": f"Bearer {told.secret}"},
                timeout=timeout,
                ssl=self._tls,
            ) as answer:
                if answer.status == 200:
                    await answer.read()
        line.ended.set()

    async def _leave(self, http: aiohttp.ClientSession, line: _Line, connection: Any, resource: str) -> None:
        with contextlib.suppress(aiohttp.ClientError, OSError, TimeoutError):
            if resource:
                headers = {"Authorization": f"Bearer {line.told.secret}"}
                timeout = aiohttp.ClientTimeout(total=CONNECT_S)
                async with http.delete(
                    line.told.url + resource, headers=headers, timeout=timeout, ssl=self._tls
                ):
                    pass
        await connection.close()

    async def _first(self, *events: asyncio.Event) -> None:
        """Wait for the first of several."""
        waiting = [asyncio.create_task(one.wait()) for one in events]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waiting:
                one.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
