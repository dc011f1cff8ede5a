"""Reading one camera with FFmpeg, in a thread of its own, until it ends, falls silent or is told to stop.

Owns how each kind of camera is opened, the times of what comes, and what a fault is called. Credentials are
read when the camera is opened, and stand in no text: of FFmpeg's faults only the kind is told. Must not know
who is sent anything.
"""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit, urlunsplit

import av
import av.bitstream
import av.error
from msgspec import Struct

from protocol.venue import CameraWhy
from server.media.cameras import coding
from server.media.cameras.coding import Coded, Unshowable
from server.media.cameras.settings import Bounds, CameraSettings
from server.senses import Senses

JUMP_MS_MAX: Final = 5_000
"""Times that jump by more than this are begun anew from our own clock."""
LATE_MS: Final = 500
"""Pictures that are older than this are not encoded."""
_CREDENTIALS_BYTES_MAX: Final = 1_024


class Lost(Exception):
    """A camera cannot be read, or no longer; `why` says what a keeper is told."""

    def __init__(self, why: CameraWhy, technical: str = "") -> None:
        """Keep what is told, and the kind of fault for the log."""
        super().__init__(f"{why} {technical}".strip())
        self.why: CameraWhy = why


class Shape(Struct, frozen=True):
    """What a camera sends once it is open: codecs as they are published, empty for none, and pixels."""

    video: str
    audio: str
    width: int
    height: int


def read(
    told: CameraSettings, bounds: Bounds, senses: Senses, stop: threading.Event,
    opened: Callable[[Shape], None], came: Callable[[Coded], None],
) -> None:  # fmt: skip
    """Read a camera; returns when told to stop. To be called in a thread.

    Args:
      told: which camera.
      bounds: how long it may be silent.
      senses: the clock.
      stop: set from outside.
      opened: called once with what it sends.
      came: called with everything that is published of it, in order.

    Raises:
      Lost: it cannot be read.
      Unshowable: browsers cannot show what it sends.
    """
    try:
        with _open(told, bounds) as container:
            _Reading(told, senses, stop, came).run(container, opened)
    except Unshowable:
        raise
    except av.error.FFmpegError as error:
        raise Lost(_why(error), type(error).__name__) from None
    except OSError as error:
        raise Lost("unreachable", type(error).__name__) from None


class _Reading:
    """One container from its beginning to its end."""

    def __init__(
        self, told: CameraSettings, senses: Senses, stop: threading.Event, came: Callable[[Coded], None]
    ) -> None:
        self._told, self._senses, self._stop, self._came = told, senses, stop, came
        self._origin: tuple[float, float] | None = None
        """A time of the camera's, and ours at it, ms."""
        self._last_ms: dict[int, float] = {}

    def run(self, container: Any, opened: Callable[[Shape], None]) -> None:
        told = self._told
        if not container.streams.video:
            raise Lost("unreadable", "no picture")
        picture = container.streams.video[0]
        ways = {picture.index: coding.pictures(picture, told.coding, told.kilobits, told.rate, self._is_late)}
        if told.sound and container.streams.audio:
            ways[container.streams.audio[0].index] = coding.sound(container.streams.audio[0])
        codecs = [way.codec for way in ways.values()] + [""]
        context = picture.codec_context
        opened(Shape(codecs[0], codecs[1], context.width, context.height))
        streams = [container.streams[index] for index in ways]
        while not self._stop.is_set():
            for packet in container.demux(streams):
                if self._stop.is_set():
                    return
                if packet.size:
                    at_ms = self._at(packet)
                    for coded in ways[packet.stream.index].take(packet, at_ms):
                        self._came(coded)
            if told.kind != "file":
                raise Lost("stalled", "it ended")
            container.seek(0)
            self._origin = None
            self._last_ms = {}

    def _is_late(self, at_ms: float) -> bool:
        return self._senses.running_ms() - at_ms > LATE_MS

    def _at(self, packet: Any) -> float:
        """When a packet is, by our own clock; a file is kept back until then."""
        index, now_ms = packet.stream.index, float(self._senses.running_ms())
        stamp = packet.dts if packet.dts is not None else packet.pts
        theirs_ms = None if stamp is None else float(stamp * packet.time_base * 1000)
        if self._origin is None or theirs_ms is None:
            if theirs_ms is None:
                return self._onward(index, now_ms)
            self._origin = (theirs_ms, now_ms)
        at_ms = self._origin[1] + theirs_ms - self._origin[0]
        if abs(at_ms - now_ms) > JUMP_MS_MAX and self._told.kind != "file":
            self._origin, at_ms = (theirs_ms, now_ms), now_ms
        if self._told.kind == "file" and at_ms > now_ms:
            self._stop.wait((at_ms - now_ms) / 1000)
        return self._onward(index, at_ms)

    def _onward(self, index: int, at_ms: float) -> float:
        """Times of one stream never stand still or go back."""
        at_ms = max(at_ms, self._last_ms.get(index, at_ms - 1) + 0.1)
        self._last_ms[index] = at_ms
        return at_ms


def _open(told: CameraSettings, bounds: Bounds) -> Any:
    timeout = (bounds.open_ms / 1000, bounds.silent_ms / 1000)
    if told.kind == "file":
        return av.open(told.url, timeout=timeout, options={"protocol_whitelist": "file"})
    if told.kind == "v4l2":
        options = {"video_size": f"{told.width}x{told.height}", "framerate": str(told.rate)}
        if told.input_format:
            options["input_format"] = told.input_format
        return av.open(told.url, format="v4l2", timeout=timeout, options=options)
    options = {
        "rtsp_transport": told.transport, "fflags": "nobuffer", "analyzeduration": "1000000",
        "protocol_whitelist": "rtsp,rtsps,rtp,srtp,tcp,udp,tls",
    }  # fmt: skip
    return av.open(_with_credentials(told), format="rtsp", timeout=timeout, options=options)


def _with_credentials(told: CameraSettings) -> str:
    """The address with name and password, for FFmpeg alone.

    Raises:
      Lost: their file cannot be read, or holds none.
    """
    if told.credentials is None:
        return told.url
    try:
        with Path(told.credentials).open("rb") as file:
            lines = file.read(_CREDENTIALS_BYTES_MAX).decode().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise Lost("credentials", type(error).__name__) from None
    name, colon, password = (lines[0] if lines else "").partition(":")
    if not name or not colon:
        raise Lost("credentials", "no name:password")
    parts = urlsplit(told.url)
    where = f"{quote(name, safe='')}:{quote(password, safe='')}@{parts.netloc}"
    return urlunsplit(parts._replace(netloc=where))


def _why(error: Exception) -> CameraWhy:
    if isinstance(error, av.error.HTTPUnauthorizedError | av.error.HTTPForbiddenError | PermissionError):
        return "denied"
    if isinstance(error, FileNotFoundError | av.error.HTTPNotFoundError):
        return "missing"
    if isinstance(error, av.error.InvalidDataError | av.error.DecoderNotFoundError):
        return "unreadable"
    if isinstance(error, av.error.ExitError | av.error.EOFError | TimeoutError):
        return "stalled"
    return "unreachable"
