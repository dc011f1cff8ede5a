"""One pushed event as the bytes that go to every socket: made once, written many times.

An event that nobody acknowledges is the same bytes for all who may read it, so a broadcast is encoded once
and not once for each socket. A server's frames are not masked (RFC 6455 5.1), which is what lets them be
shared. Compression must be off on the connection: a compressed frame depends on those before it.
Source: SPEC 10.1; RFC 6455 5.2; Engine.IO protocol 4 and Socket.IO protocol 5 (packet encoding).
"""

import json

HEAD_BYTES_MAX = 10
"""A frame is at most this much longer than the message in it."""

_FINAL_TEXT = 0x81
_EVENT = "42"
"""Engine.IO's *message* (4) that holds Socket.IO's EVENT (2)."""


def event_text(namespace: str, event: str, payload: bytes) -> bytes:
    r"""The message that tells one event, without a number to acknowledge.

    Args:
      namespace: where it is told, `/` or `/name`, without a comma.
      event: its name.
      payload: its one argument, JSON already.

    >>> event_text("/node", "entries", b'{"since":0}')
    b'42/node,["entries",{"since":0}]'
    """
    assert namespace.startswith("/"), namespace
    assert "," not in namespace, namespace
    place = "" if namespace == "/" else f"{namespace},"
    return f"{_EVENT}{place}[{json.dumps(event)},".encode() + payload + b"]"


def text_frame(text: bytes) -> bytes:
    r"""One whole text frame as a server sends it: final, not masked, the length in its shortest form.

    Args:
      text: UTF-8.

    >>> text_frame(b"2")
    b'\x81\x012'
    """
    size = len(text)
    if size < 126:
        return bytes((_FINAL_TEXT, size)) + text
    if size < 65_536:
        return bytes((_FINAL_TEXT, 126)) + size.to_bytes(2, "big") + text
    return bytes((_FINAL_TEXT, 127)) + size.to_bytes(8, "big") + text


def event_frame(namespace: str, event: str, payload: bytes) -> bytes:
    """The frame that pushes one event; see `event_text` for the arguments."""
    return text_frame(event_text(namespace, event, payload))
