"""A socket of the crowd, with TLS over it where the server speaks TLS.

Owns connecting, a client's frames, and that bytes are taken from the kernel apart from what they say: when a
receiver has something is noted then, and decrypting, which a thousand receivers would do on a thousand
machines and one process does here for all, can wait until nothing more comes in.
Source: RFC 6455 5.2 and 5.3.
"""

import socket
import ssl
from typing import Any, Final

CONNECT_S: Final = 10.0
"""How long a server may take to accept a connection."""
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
_BYTES: Final = 65_536
_NO_MASK = b"\0\0\0\0"


class Lost(Exception):
    """A socket ended, or something did not come in time."""


def frame(payload: bytes, opcode: int = TEXT) -> bytes:
    """A client's frame; it must be masked, and a mask of zeros is one (RFC 6455 5.3)."""
    size = len(payload)
    if size < 126:
        head = bytes((0x80 | opcode, 0x80 | size))
    elif size < 65_536:
        head = bytes((0x80 | opcode, 0xFE)) + size.to_bytes(2, "big")
    else:
        head = bytes((0x80 | opcode, 0xFF)) + size.to_bytes(8, "big")
    return head + _NO_MASK + payload


def tls_of(told: dict[str, str]) -> ssl.SSLContext:
    """What a node brings: the authority that it trusts, and its own certificate."""
    context = ssl.create_default_context(cafile=told["ca"])
    context.load_cert_chain(told["cert"], told["key"])
    return context


class Wire:
    """One connection."""

    __slots__ = ("_into", "_out", "_tls", "sock")

    def __init__(self, told: dict[str, Any], context: ssl.SSLContext | None) -> None:
        """Connect to {host, port, name}; TLS has not shaken hands yet."""
        self.sock = socket.create_connection((told["host"], told["port"]), CONNECT_S)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock.setblocking(False)
        self._into, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = (
            None if context is None else context.wrap_bio(self._into, self._out, server_hostname=told["name"])
        )

    def shake(self, got: bytes = b"") -> bool:
        """Go on shaking hands with what came; whether it is done.

        Raises:
          Lost: the server is not the one, or does not take us.
        """
        if self._tls is None:
            return True
        self._into.write(got)
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            return False
        except ssl.SSLError as error:
            raise Lost(repr(error)) from error
        finally:
            self._flush()
        return True

    def send(self, raw: bytes) -> None:
        """Send something short.

        Raises:
          Lost: the server does not read.
        """
        if self._tls is None:
            self._put(raw)
        else:
            self._tls.write(raw)
            self._flush()

    def receive_into(self, buffer: memoryview) -> int:
        """What the kernel has, still encrypted; -1 where it has nothing.

        Raises:
          Lost: the connection has ended.
        """
        try:
            got = self.sock.recv_into(buffer)
        except BlockingIOError:
            return -1
        except OSError as error:
            raise Lost(repr(error)) from error
        if got == 0:
            raise Lost("the server closed the connection")
        return got

    def plain(self, got: bytes) -> bytes:
        """What was received, as it was said.

        Raises:
          Lost: the server has said that this is all.
        """
        if self._tls is None:
            return got
        self._into.write(got)
        said = b""
        try:
            said = self._tls.read(_BYTES)
            while self._into.pending or self._tls.pending():
                said += self._tls.read(_BYTES)
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError as error:
            raise Lost(repr(error)) from error
        if self._out.pending:
            self._flush()
        return said

    def close(self) -> None:
        """Break the connection."""
        self.sock.close()

    def _flush(self) -> None:
        if self._out.pending:
            self._put(self._out.read())

    def _put(self, raw: bytes) -> None:
        try:
            sent = self.sock.send(raw)
        except OSError as error:
            raise Lost(repr(error)) from error
        if sent != len(raw):
            raise Lost("the server does not read")
