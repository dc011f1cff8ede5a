"""One direction of a WebSocket as its bytes came: messages, and the Socket.IO packets in them.

Owns reading only, apart from every library that the product uses for it, so that what was on the wire can be
told by content. Sources: RFC 6455 5.2 (frames, masks), Engine.IO protocol 4, Socket.IO protocol 5.
"""

import re
from typing import Any

import msgspec
from msgspec import Struct

_TEXT, _BINARY, _CONTINUED = 1, 2, 0
_HEAD_BEGINS = (b"G", b"H")
_HEAD_END = b"\r\n\r\n"
_PACKET = re.compile(rb"4([0-6])(?:(/[^,\[{]*),?)?([0-9]+)?")
EVENT, ACK = b"2", b"3"


class Packet(Struct, frozen=True):
    """A Socket.IO packet: an event or an acknowledgement, its number (-1 for none) and what it holds."""

    kind: bytes
    number: int
    said: list[Any]


class Direction:
    """Bytes in, whole messages out.

    It may begin with the HTTP head of the upgrade or, where a connection was met in the middle, with a
    frame: no frame begins as a head does, since bits of extensions are not used. Other HTTP has no messages.
    """

    def __init__(self) -> None:
        """Begin before the first byte."""
        self._held = b""
        self._parts: list[bytes] = []
        self._is_other = False

    def feed(self, raw: bytes) -> list[bytes]:
        """The messages that these bytes complete, text or binary, unmasked."""
        self._held += raw
        if self._held.startswith(_HEAD_BEGINS):
            head, found, rest = self._held.partition(_HEAD_END)
            if not found:
                return []
            self._held = rest
            self._is_other = b"upgrade: websocket" not in head.lower()
            assert b"sec-websocket-extensions" not in head.lower(), "compressed frames are not read here"
        if self._is_other:
            return []
        messages = []
        while (frame := self._frame()) is not None:
            opcode, whole, payload = frame
            if opcode in (_TEXT, _BINARY, _CONTINUED):
                self._parts.append(payload)
                if whole:
                    messages.append(b"".join(self._parts))
                    self._parts = []
        return messages

    def _frame(self) -> tuple[int, bool, bytes] | None:
        """The next whole frame: opcode, whether a message ends with it, its payload."""
        raw = self._held
        if len(raw) < 2:
            return None
        assert not raw[0] & 0x70, "a frame with an extension, or not the beginning of one"
        masked, size, at = bool(raw[1] & 0x80), raw[1] & 0x7F, 2
        if size >= 126:
            width = 2 if size == 126 else 8
            size, at = int.from_bytes(raw[at : at + width], "big"), at + width
        mask = raw[at : at + 4] if masked else b""
        at += 4 if masked else 0
        if len(raw) < at + size:
            return None
        payload = raw[at : at + size]
        self._held = raw[at + size :]
        return raw[0] & 0x0F, bool(raw[0] & 0x80), _unmask(payload, mask) if masked else payload


def packet(message: bytes) -> Packet | None:
    """The event or acknowledgement that a message is, or None for any other."""
    found = _PACKET.match(message)
    if found is None or found.group(1) not in (EVENT, ACK):
        return None
    try:
        said = msgspec.json.decode(message[found.end() :])
    except msgspec.DecodeError:
        return None
    number = -1 if found.group(3) is None else int(found.group(3))
    return Packet(found.group(1), number, said) if isinstance(said, list) else None


def _unmask(payload: bytes, mask: bytes) -> bytes:
    size = len(payload)
    stream = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(stream, "big")).to_bytes(size, "big")
