"""The two ends of a media line as pages keep them: offered anew as soon as the worker that held it has gone.

Owns what `protocol/web/src/media/line.ts` does in a browser, for tries without one (SPEC 30.5). Frames are
encoded once and sent again and again; the viewer counts and looks at the clock.
"""

import asyncio
from abc import ABC, abstractmethod
from typing import Final

import aiohttp
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from ops import senses
from ops.bench.media_ends import SMALL, Counting, Replay, encoded
from server.media import passthrough

PAUSE_MS_MIN: Final = 250
PAUSE_MS_MAX: Final = 2_000
NOT_LIVE_MS: Final = 250
"""A page asks once a second; here what is measured is the workers."""
KEY_EVERY_FRAMES: Final = 8
"""A keyframe so often: what is sent again answers no PLI, as a browser does at once."""
SILENT_MS: Final = 2_000
"""Nothing at all for so long, and a line that was up is offered anew (SPEC 30.5)."""
LOOK_MS: Final = 250
_ANSWER_S: Final = 10.0


class Line(ABC):
    """One line, kept up until cancelled."""

    def __init__(self, http: aiohttp.ClientSession, url: str, secret: str, session: str, path: str) -> None:
        self._http, self._url, self._session, self._path = http, url, session, path
        self._headers = {"Authorization": f"Bearer {secret}"}
        self._line: RTCPeerConnection | None = None
        self._renew = asyncio.Event()
        self.offered = 0
        """How often it was offered."""

    async def keep(self) -> None:
        """Offer, wait until it has ended, offer anew."""
        failures = 0
        holding = asyncio.gather(self._hold(), self._attend())
        try:
            while True:
                pause_ms = await self._once()
                failures = 0 if pause_ms is None else failures + 1
                doubled = min(PAUSE_MS_MAX, PAUSE_MS_MIN * 2 ** max(0, failures - 1))
                await asyncio.sleep((pause_ms or (doubled if failures else 0)) / 1000)
        finally:
            holding.cancel()
            await asyncio.gather(holding, return_exceptions=True)
            if self._line is not None:
                await self._line.close()

    async def _once(self) -> int | None:
        """One line to its end: None after it was up, 0 after a failure, else how long to wait, ms."""
        line = self._line = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._renew.clear()
        self.offered += 1
        line.on(
            "connectionstatechange",
            lambda: self._renew.set() if line.connectionState in ("failed", "closed") else None,
        )
        self.prepare(line)
        try:
            await line.setLocalDescription(await line.createOffer())
            timeout = aiohttp.ClientTimeout(total=_ANSWER_S)
            async with self._http.post(
                self._url + self._path, data=line.localDescription.sdp, timeout=timeout,
                headers={**self._headers, "Content-Type": "application/sdp"},
            ) as answer:  # fmt: skip
                if answer.status != 201:
                    return NOT_LIVE_MS if answer.status == 409 else 0
                await line.setRemoteDescription(RTCSessionDescription(await answer.text(), "answer"))
            await self._renew.wait()
            return None
        except (aiohttp.ClientError, OSError, TimeoutError):
            return 0
        finally:
            await line.close()

    async def _hold(self) -> None:
        """Have the worker hold an answer open; once there is another worker the line is offered anew."""
        has_died = False
        while True:
            try:
                timeout = aiohttp.ClientTimeout(total=None)
                async with self._http.get(
                    f"{self._url}/alive/{self._session}", headers=self._headers, timeout=timeout
                ) as answer:
                    if answer.status == 200:
                        if has_died:
                            self._renew.set()
                        has_died = False
                        await answer.read()
                        has_died = True
            except (aiohttp.ClientError, OSError):
                pass
            await asyncio.sleep(PAUSE_MS_MIN / 1000)

    async def _attend(self) -> None:
        """Offer anew where a line that was up has fallen silent: its network is another one, or gone."""
        heard, since_ms = 0, senses.running_ms()
        while True:
            await asyncio.sleep(LOOK_MS / 1000)
            line = self._line
            now = 0 if line is None else passthrough.heard(line)
            if line is None or line.connectionState != "connected" or now != heard:
                heard, since_ms = now, senses.running_ms()
            elif senses.running_ms() - since_ms >= SILENT_MS:
                since_ms = senses.running_ms()
                self._renew.set()

    @abstractmethod
    def prepare(self, line: RTCPeerConnection) -> None:
        """Put into a connection what is sent or wanted."""


class Sent(Line):
    """A seat's camera."""

    def __init__(self, http: aiohttp.ClientSession, url: str, secret: str, session: str, seat: str) -> None:
        """Send under the seat's name."""
        super().__init__(http, url, secret, session, f"/whip/{session}/camera.{seat}")
        self._frames = encoded(SMALL)[:KEY_EVERY_FRAMES]
        self._track: Replay | None = None
        self._before = 0

    @property
    def frames(self) -> int:
        """How many were sent so far."""
        return self._before + (0 if self._track is None else self._track.sent)

    def prepare(self, line: RTCPeerConnection) -> None:
        """See `Line`; from a keyframe on."""
        self._before = self.frames
        self._track = Replay(SMALL, self._frames)
        line.addTrack(self._track)


class Watched(Line):
    """Somebody who watches it."""

    def __init__(self, http: aiohttp.ClientSession, url: str, secret: str, session: str, seat: str) -> None:
        """Watch in one window."""
        super().__init__(http, url, secret, session, f"/whep/{session}/camera.{seat}?window=w1")
        self._begun_ms = senses.running_ms()
        self._last_ms = 0
        self.first_ms = -1
        """How long the first packet took from here, ms; -1 before it."""
        self.longest_ms = 0
        """The longest that nothing came since this was last set to 0, ms."""

    def prepare(self, line: RTCPeerConnection) -> None:
        """See `Line`."""
        counting = Counting()
        counting.is_on = True
        take = counting.take

        def taken(data: bytes) -> None:
            now_ms = senses.running_ms()
            if self.first_ms < 0:
                self.first_ms = now_ms - self._begun_ms
            elif self._last_ms:
                self.longest_ms = max(self.longest_ms, now_ms - self._last_ms)
            self._last_ms = now_ms
            take(data)

        passthrough.meter(line.addTransceiver("video", direction="recvonly").receiver, taken)

    async def until_moving(self, wait_s: float) -> None:
        """Wait until something comes from now on.

        Raises:
          TimeoutError: nothing does.
        """
        since = senses.running_ms()
        async with asyncio.timeout(wait_s):
            while self._last_ms <= since:  # noqa: ASYNC110 - what is waited for has no event
                await asyncio.sleep(0.02)
