"""What a WebSocket frame must be before Socket.IO reads it.

Owns form, size and rate of frames. A frame that fails is answered with its refusal where it asks for
an answer, and dropped; the connection and its neighbours go on. Must not know what a message means.
Sources: Engine.IO protocol 4, Socket.IO protocol 5 (packet encoding).
"""

import re
from collections.abc import Callable

import msgspec
from msgspec import Struct

from protocol import limits, wire
from protocol.refusals import Refusal, refuse
from server.config import Bounds
from server.fanout.rooms import NODE_NAMESPACE

_PACKET = re.compile(r"4([0-6])(/[^,]{0,64},)?([0-9]{1,15})?")
_CONNECT, _DISCONNECT, _EVENT, _ACK = "0", "1", "2", "3"
_RESERVED = frozenset({"connect", "disconnect", "connect_error", "message", "*", "__disconnect_final"})
"""Events that Socket.IO raises itself, and the name of its catch-all; a peer may not."""


class Passed(Struct, frozen=True):
    """The frame may be read; `follows` is the number under which it asks to follow, if it does."""

    follows: str = ""


class Dropped(Struct, frozen=True):
    """The frame is not read; `reply` is the frame that says why, where an answer was asked for."""

    why: str
    reply: str = ""


class Cut(Struct, frozen=True):
    """Too much of it: the socket is closed."""

    why: str


Verdict = Passed | Dropped | Cut
_PASSED = Passed()


class Frames:
    """The guard of one socket."""

    def __init__(self, bounds: Bounds, running_ms: Callable[[], int]) -> None:
        """Begin with a full allowance of messages."""
        self._bounds = bounds
        self._running_ms = running_ms
        self._allowance = 2.0 * bounds.socket_events_per_second_max
        self._counted_ms = running_ms()
        self._malformed = 0
        self._connected = False

    def judge(self, data: str | bytes, unread: int) -> Verdict:
        """Whether a frame may be read.

        Args:
          data: the frame as received.
          unread: how many answers the peer has not taken yet.
        """
        if unread > self._bounds.socket_unread_max:
            return Cut("unread")
        if not isinstance(data, str):
            return self._bad()
        if data[:1] in ("1", "3"):  # close, pong
            return _PASSED if len(data) <= limits.ID_CHARS_MAX else self._bad()
        found = _PACKET.match(data)
        if found is None or found.group(1) not in (_CONNECT, _DISCONNECT, _EVENT, _ACK):
            return self._bad()
        kind, _, number = found.groups()
        rest = data[found.end() :]
        if not self._spend():
            return self._refuse("rate", refuse("TooBusy"), number)
        if _too_large(data):
            size = len(data.encode())
            return self._refuse("size", refuse("TooLarge", size=size, limit=limits.MESSAGE_BYTES_MAX), number)
        if kind == _EVENT:
            return self._event(rest, number)
        if kind == _CONNECT:
            if self._connected or not _is(rest or "{}", dict):
                return self._bad()
            self._connected = True
            return _PASSED
        if kind == _ACK and (number is None or not _is(rest, list)):
            return self._bad()
        return _PASSED

    def _event(self, rest: str, number: str | None) -> Verdict:
        read = _read(rest)
        if not isinstance(read, list) or not read or not isinstance(read[0], str):
            return self._bad(number)
        if read[0] in _RESERVED:
            return self._refuse("event", refuse("UnknownCommand", type=read[0]), number)
        return Passed(number) if number is not None and read[0] == wire.FEED else _PASSED

    def _bad(self, number: str | None = None) -> Verdict:
        self._malformed += 1
        if self._malformed > self._bounds.malformed_frames_max:
            return Cut("malformed")
        return self._refuse("malformed", refuse("Malformed", why="frame"), number)

    @staticmethod
    def _refuse(why: str, refusal: Refusal, number: str | None) -> Dropped:
        if number is None:
            return Dropped(why)
        told = msgspec.json.encode([{"refused": wire.refused(refusal)}]).decode()
        return Dropped(why, f"4{_ACK}{NODE_NAMESPACE},{number}{told}")

    def _spend(self) -> bool:
        """Take one message from the allowance, which fills up with time to twice a second's worth."""
        now = self._running_ms()
        per_second = self._bounds.socket_events_per_second_max
        filled = self._allowance + (now - self._counted_ms) * per_second / 1000
        self._allowance = min(filled, 2.0 * per_second)
        self._counted_ms = now
        if self._allowance < 1:
            return False
        self._allowance -= 1
        return True


def _too_large(data: str) -> bool:
    limit = limits.MESSAGE_BYTES_MAX
    return len(data) > limit or (4 * len(data) > limit and len(data.encode()) > limit)


def _read(text: str) -> object:
    try:
        return msgspec.json.decode(text)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return None


def _is(text: str, form: type) -> bool:
    return isinstance(_read(text), form)
