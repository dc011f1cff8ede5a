"""What a WebSocket frame from a page must be before Socket.IO reads it.

Owns form, size and rate of frames. A frame that fails is answered with its refusal where it asks for an
answer, and dropped; the page and its neighbours go on. One that comes again and again closes its own socket
only. Must not know what a message means. Sources: Engine.IO protocol 4, Socket.IO protocol 5 (packets);
RFC 6455 7.4.1.
"""

import re
from collections.abc import Callable

import msgspec
from msgspec import Struct

from protocol import limits, wire
from protocol.refusals import Refusal, refuse
from sub_venue.config import Bounds

NAMESPACE = "/desk"
SENT_BYTES_MAX = 2 * limits.MESSAGE_BYTES_MAX
"""Above this the WebSocket itself closes (1009); up to it a message that is too large is told so first."""

_PACKET = re.compile(r"4([0-6])(/desk,?)?([0-9]{1,15})?")
_CONNECT, _DISCONNECT, _EVENT = "0", "1", "2"
_PINGS = frozenset({"1", "3"})
_RESERVED = frozenset({"connect", "disconnect", "connect_error", "message", "*"})
"""Events that Socket.IO raises itself, and the name of its catch-all; a page may not."""
_FRAME_CHARS_SHORT = 64


class Judged(Struct, frozen=True):
    """What becomes of a frame: read or not, what is answered, and whether the socket is closed.

    `follows` is the number under which it asks to follow, if it does.
    """

    read: bool
    reply: str = ""
    closes: bool = False
    follows: str = ""


_READ = Judged(read=True)


class Allowance:
    """So many a second, over a burst; fills up with time."""

    def __init__(self, per_second: int, burst: int, running_ms: Callable[[], int]) -> None:
        """Begin with a full burst."""
        self._per_second = per_second
        self._burst = burst
        self._left = float(burst)
        self._running_ms = running_ms
        self._counted_ms = running_ms()

    def take(self) -> bool:
        """Take one; False when none is left just now."""
        now = self._running_ms()
        filled = self._left + (now - self._counted_ms) * self._per_second / 1000
        self._left = min(filled, float(self._burst))
        self._counted_ms = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Frames:
    """The guard of one socket."""

    def __init__(self, bounds: Bounds, running_ms: Callable[[], int]) -> None:
        """Begin with nothing counted."""
        per_second = bounds.socket_frames_per_second_max
        self._frames = Allowance(per_second, 2 * per_second, running_ms)
        per_second = bounds.socket_events_per_second_max
        self._events = Allowance(per_second, 4 * per_second, running_ms)
        self._malformed_left = bounds.socket_malformed_max
        self._connected = False

    def judge(self, data: object) -> Judged:
        """What becomes of a frame as received."""
        if not self._frames.take():
            return Judged(read=False, closes=True)
        if not isinstance(data, str):
            return self._malformed(None)
        if data[:1] in _PINGS and len(data) <= _FRAME_CHARS_SHORT:
            return _READ
        found = _PACKET.match(data)
        if found is None or found.group(2) is None:
            return self._malformed(None)
        kind, _, number = found.groups()
        if _too_large(data):
            refusal = refuse("TooLarge", size=len(data.encode()), limit=limits.MESSAGE_BYTES_MAX)
            return Judged(read=False, reply=_refused(refusal, number), closes=True)
        rest = data[found.end() :]
        if kind == _EVENT:
            return self._event(rest, number)
        if kind == _CONNECT and not self._connected and isinstance(_decoded(rest or "{}"), dict):
            self._connected = True
            return _READ
        return _READ if kind == _DISCONNECT and not rest else self._malformed(None)

    def _event(self, rest: str, number: str | None) -> Judged:
        if not self._events.take():
            return Judged(read=False, reply=_refused(refuse("TooBusy"), number))
        said = _decoded(rest)
        if not isinstance(said, list) or not said or not isinstance(said[0], str) or said[0] in _RESERVED:
            return self._malformed(number)
        if said[0] == wire.FOLLOW and number is not None:
            return Judged(read=True, follows=number)
        return _READ

    def _malformed(self, number: str | None) -> Judged:
        self._malformed_left -= 1
        reply = _refused(refuse("Malformed", why="frame"), number)
        return Judged(read=False, reply=reply, closes=self._malformed_left < 0)


def _refused(refusal: Refusal, number: str | None) -> str:
    """The acknowledgement that tells a refusal, or nothing where none was asked for."""
    if number is None:
        return ""
    told = msgspec.json.encode([{"refused": wire.refused(refusal)}]).decode()
    return f"43{NAMESPACE},{number}{told}"


def _too_large(data: str) -> bool:
    limit = limits.MESSAGE_BYTES_MAX
    return len(data) > limit or (4 * len(data) > limit and len(data.encode()) > limit)


def _decoded(text: str) -> object:
    try:
        return msgspec.json.decode(text)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return None
