"""One camera for as long as the process runs: opened, read, and tried again when it has gone.

Owns the thread that reads, the pauses between tries, and what is told of the camera. What comes is handed to
the tracks of whoever is sent it; a slow one loses frames up to the next key frame, and holds up nobody. Must
not know sessions.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

import structlog
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError
from msgspec import Struct

from protocol.venue import CameraStanding, CameraState, CameraWhy
from server.media.cameras.coding import Coded, Unshowable
from server.media.cameras.reading import Lost, Shape, read
from server.media.cameras.settings import Bounds, CameraSettings
from server.senses import Senses

_log = structlog.get_logger("server.media.cameras")


class Track(MediaStreamTrack):
    """Sound or picture of a camera on its way to one worker; aiortc asks for one packet after the other."""

    def __init__(self, kind: str, queued_max: int) -> None:
        """Nothing is kept before aiortc asks for the first packet: the line is up then."""
        super().__init__()
        self.kind = kind
        self.dropped = 0
        self._queue: deque[Coded] = deque()
        self._queued_max = queued_max
        self._stirred = asyncio.Event()
        self._is_asked = self._is_begun = False

    def give(self, coded: Coded) -> None:
        """Something of this kind came."""
        if not self._is_asked or self.readyState != "live":
            return
        if len(self._queue) >= self._queued_max:
            self.dropped += len(self._queue)
            self._queue.clear()
            self._is_begun = False
        if not self._is_begun and not coded.is_key:
            self.dropped += 1
            return
        self._is_begun = True
        self._queue.append(coded)
        self._stirred.set()

    async def recv(self) -> Any:
        """The next one, encoded."""
        self._is_asked = True
        while not self._queue:
            if self.readyState != "live":
                raise MediaStreamError
            self._stirred.clear()
            await self._stirred.wait()
        return self._queue.popleft().packet()

    def stop(self) -> None:
        """Nothing more; who waits is told."""
        super().stop()
        self._queue.clear()
        self._stirred.set()


class Opened(Struct, eq=False):
    """A camera that is open: what it sends, and when it is no longer."""

    shape: Shape
    closed: asyncio.Event


class Camera:
    """One camera."""

    def __init__(self, told: CameraSettings, bounds: Bounds, senses: Senses) -> None:
        """Nothing is opened before `run`."""
        self.told = told
        self._bounds, self._senses = bounds, senses
        self._opened: Opened | None = None
        self._changed = asyncio.Event()
        self._tracks: set[Track] = set()
        self._state: CameraState = "connecting"
        self._why: CameraWhy = ""
        self._codec = ""
        self._since = senses.now_ms()
        self._tries = self._frames = self._keyframe_ms = 0
        self._key_at_ms: float | None = None
        self._at_ms = 0.0

    async def opened(self) -> Opened:
        """Wait until it is open."""
        while self._opened is None:
            self._changed.clear()
            await self._changed.wait()
        return self._opened

    def tracks(self, shape: Shape) -> tuple[Track, ...]:
        """What a worker is sent of it, until `let_go`."""
        kinds = [kind for kind, codec in (("audio", shape.audio), ("video", shape.video)) if codec]
        found = tuple(Track(kind, self._bounds.queued_frames_max) for kind in kinds)
        self._tracks.update(found)
        return found

    def let_go(self, tracks: tuple[Track, ...]) -> None:
        """They are sent nothing more."""
        for one in tracks:
            one.stop()
        self._tracks.difference_update(tracks)

    def standing(self, lines: int, wanted: int) -> CameraStanding:
        """As the node is told of it."""
        shape = None if self._opened is None else self._opened.shape
        return CameraStanding(
            source=self.told.source, kind=self.told.kind, state=self._state, why=self._why, codec=self._codec,
            width=0 if shape is None else shape.width, height=0 if shape is None else shape.height,
            since=self._since, tries=self._tries, frames=self._frames, keyframe_ms=self._keyframe_now(),
            lines=lines, wanted=wanted,
        )  # fmt: skip

    async def run(self) -> None:
        """Keep it open until cancelled."""
        pause_ms = self._bounds.pause_ms
        while True:
            frames = self._frames
            try:
                await self._read()
            except Lost as lost:
                self._told("down", lost.why)
                _log.info("camera lost", source=self.told.source, why=str(lost))
            except Unshowable as error:
                self._codec = error.codec
                self._told("refused", error.why)
                _log.warning("camera refused", source=self.told.source, why=error.why, codec=error.codec)
                pause_ms = self._bounds.pause_ms_max
            if self._frames > frames:
                self._tries, pause_ms = 0, self._bounds.pause_ms
            self._tries += 1
            await asyncio.sleep(pause_ms / 1000)
            pause_ms = min(pause_ms * 2, self._bounds.pause_ms_max)

    async def _read(self) -> None:
        """Read it once, in a thread that ends with this call, or soon behind it where it hangs.

        Raises:
          Lost, Unshowable: see there.
        """
        loop, stop = asyncio.get_running_loop(), threading.Event()
        done: asyncio.Future[None] = loop.create_future()

        def tell(work: Callable[..., None], *told: Any) -> None:
            if not stop.is_set():
                loop.call_soon_threadsafe(work, *told)

        def ended(error: BaseException | None) -> None:
            if not done.done():
                done.set_exception(error) if error is not None else done.set_result(None)

        def work() -> None:
            error: BaseException | None = None
            try:
                read(
                    self.told,
                    self._bounds,
                    self._senses,
                    stop,
                    lambda shape: tell(self._is_open, shape),
                    lambda coded: tell(self._came, coded),
                )
            except (Lost, Unshowable) as lost:
                error = lost
            except Exception as fault:  # noqa: BLE001 - whatever FFmpeg makes of a stranger's bytes ends one try
                _log.error("camera failed", source=self.told.source, error=type(fault).__name__)
                error = Lost("unreadable", type(fault).__name__)
            tell(ended, error)

        threading.Thread(target=work, name=f"camera {self.told.source}", daemon=True).start()
        try:
            await done
        finally:
            stop.set()
            opened, self._opened = self._opened, None
            if opened is not None:
                opened.closed.set()

    def _is_open(self, shape: Shape) -> None:
        self._opened = Opened(shape, asyncio.Event())
        self._codec = shape.video
        self._key_at_ms = None
        self._keyframe_ms = 0
        self._told("sending", "")
        _log.info("camera open", source=self.told.source, video=shape.video, audio=shape.audio)
        self._changed.set()

    def _came(self, coded: Coded) -> None:
        if coded.kind == "video":
            self._frames += 1
            self._at_ms = coded.at_ms
            if coded.is_key:
                if self._key_at_ms is not None:
                    self._keyframe_ms = round(coded.at_ms - self._key_at_ms)
                self._key_at_ms = coded.at_ms
        for track in self._tracks:
            if track.kind == coded.kind:
                track.give(coded)

    def _keyframe_now(self) -> int:
        """How far apart its key frames are, ms: the last two, or since the last one where that is longer."""
        if self._opened is None or self._key_at_ms is None:
            return 0
        return max(self._keyframe_ms, round(self._at_ms - self._key_at_ms))

    def _told(self, state: CameraState, why: CameraWhy) -> None:
        if (state, why) != (self._state, self._why):
            self._since = self._senses.now_ms()
        self._state, self._why = state, why
