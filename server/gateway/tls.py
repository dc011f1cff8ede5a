"""TLS on the socket itself: the listener for nodes, and the transport of each of their lines.

Owns accepting, shaking hands, and an `asyncio.Transport` over one `ssl.SSLSocket`. The loops' own TLS
encrypts into a memory buffer, copies that out and writes the copy when the loop comes round; here OpenSSL
writes to the socket at once, which costs a frame for a thousand lines little more than half (decision 0013).
What a peer does not take is kept unencrypted and counted whole, so that back-pressure sees all of it. Must
not know what is said.
Sources: asyncio, "Transports and Protocols"; OpenSSL, SSL_write(3) and SSL_shutdown(3); RFC 8446 6.1.
"""

import asyncio
import contextlib
import socket
import ssl
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from server import telemetry

READ_BYTES: Final = 16_384
"""What is read at a time: one TLS record holds no more (RFC 8446 5.1)."""
UNSENT_HIGH_BYTES, UNSENT_LOW_BYTES = 65_536, 16_384
"""Above the first the protocol is asked to pause writing, below the second to resume; as asyncio does."""
BACKLOG: Final = 1_024
"""Connections that the kernel holds for us: a house's nodes all come back at once."""
ACCEPTS_AT_ONCE: Final = 64
HANDSHAKE_S: Final = 10.0
"""How long a peer may take to shake hands."""
HANDSHAKES_MAX: Final = 512
"""So many may be shaking hands at once; one more, and the oldest of them is cut."""
CLOSE_S: Final = 10.0
"""How long a peer may take to read what is left and to close its own end."""
ACCEPT_PAUSE_S: Final = 1.0
"""How long nobody is let in when the system has no more handles."""

_log = telemetry.logger("server.gateway")


class TlsDoor:
    """Listens, and hands whoever has shaken hands to a protocol of its own."""

    def __init__(self, context: ssl.SSLContext, made: Callable[[], asyncio.Protocol]) -> None:
        """Nothing listens before `open`; `made` makes a protocol for each line."""
        self.context = context
        self.made = made
        self._loop = asyncio.get_running_loop()
        self._doors: list[socket.socket] = []
        self._shaking: dict[TlsLine, asyncio.TimerHandle] = {}

    async def open(self, host: str, port: int) -> None:
        """Listen at every address of a host.

        Raises:
          OSError: there is no such address, or its port is taken.
        """
        found = await self._loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        try:
            for family, address in dict.fromkeys((one[0], one[4]) for one in found):
                door = socket.create_server(address[:2], family=family, backlog=BACKLOG)
                self._doors.append(door)
                door.setblocking(False)
                self._let_in(door)
        except OSError:
            self.close()
            raise

    @property
    def port(self) -> int:
        """Where the first address listens."""
        return int(self._doors[0].getsockname()[1])

    def close(self) -> None:
        """Let nobody in any more; lines that are through stay."""
        for door in self._doors:
            self._loop.remove_reader(door.fileno())
            door.close()
        self._doors.clear()
        for line in tuple(self._shaking):
            line.abort()

    def shaken(self, line: "TlsLine") -> None:
        """A line has shaken hands, or has ended."""
        timer = self._shaking.pop(line, None)
        if timer is not None:
            timer.cancel()

    def _let_in(self, door: socket.socket) -> None:
        if door in self._doors:
            self._loop.add_reader(door.fileno(), self._accept, door)

    def _accept(self, door: socket.socket) -> None:
        for _ in range(ACCEPTS_AT_ONCE):
            try:
                sock, _ = door.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                _log.error("cannot accept", error=repr(error))
                self._loop.remove_reader(door.fileno())
                self._loop.call_later(ACCEPT_PAUSE_S, self._let_in, door)
                return
            self._begin(sock)

    def _begin(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            wrapped = self.context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
        except OSError:
            sock.close()
            return
        if len(self._shaking) >= HANDSHAKES_MAX:
            next(iter(self._shaking)).abort()
        line = TlsLine(self, wrapped, self._loop)
        self._shaking[line] = self._loop.call_later(HANDSHAKE_S, line.abort)
        line.shake()


class TlsLine(asyncio.Transport):
    """One peer's connection. It reads when the loop says so, and writes at once."""

    def __init__(self, door: TlsDoor, sock: ssl.SSLSocket, loop: asyncio.AbstractEventLoop) -> None:
        """Hold a socket that has not shaken hands yet."""
        super().__init__()
        self._door = door
        self._sock = sock
        self._handle = sock.fileno()
        self._loop = loop
        self._protocol: asyncio.Protocol | None = None
        self._unsent: deque[memoryview] = deque()
        self._unsent_bytes = 0
        self._full = False
        self._reading = False
        self._closing = False
        self._ended = False
        self._read_waits = False
        self._step: Callable[[], None] = self.shake
        self._timer: asyncio.TimerHandle | None = None

    # --- beginning ------------------------------------------------------------------------

    def shake(self) -> None:
        """Go on shaking hands; a peer without a certificate of ours does not come through."""
        self._read_waits = False
        try:
            self._sock.do_handshake()
        except ssl.SSLWantReadError:
            self._read_on()
            return
        except ssl.SSLWantWriteError:
            self._read_waits = True
            self._loop.add_writer(self._handle, self._writable)
            return
        except OSError as error:
            _log.debug("no handshake", error=repr(error))
            self.abort()
            return
        self._door.shaken(self)
        self._step = self._read
        protocol = self._protocol = self._door.made()
        self._extra = {
            "socket": self._sock,
            "ssl_object": self._sock,
            "sslcontext": self._door.context,
            "peercert": self._sock.getpeercert(),
            "peername": self._sock.getpeername(),
            "sockname": self._sock.getsockname(),
        }
        protocol.connection_made(self)
        self._read_on()
        if self._sock.pending():
            self._loop.call_soon(self._readable)

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """What asyncio's TLS transports tell as well."""
        return self._extra.get(name, default)

    def get_protocol(self) -> asyncio.BaseProtocol:
        """The protocol of this line."""
        assert self._protocol is not None
        return self._protocol

    # --- reading --------------------------------------------------------------------------

    def is_reading(self) -> bool:
        """Whether what comes is read."""
        return self._reading

    def pause_reading(self) -> None:
        """Leave what comes with the kernel."""
        if self._reading:
            self._reading = False
            self._loop.remove_reader(self._handle)

    def resume_reading(self) -> None:
        """Read again."""
        if not self._closing and not self._reading:
            self._read_on()
            # What TLS has decrypted already wakes nobody.
            self._loop.call_soon(self._readable)

    def _read_on(self) -> None:
        if not self._reading:
            self._reading = True
            self._loop.add_reader(self._handle, self._readable)

    def _readable(self) -> None:
        if self._reading:
            self._step()

    def _read(self) -> None:
        assert self._protocol is not None
        self._read_waits = False
        try:
            while self._reading:
                data = self._sock.recv(READ_BYTES)
                if not data:
                    self._at_end()
                    return
                self._protocol.data_received(data)
                # What the kernel still has wakes us again; what TLS has decrypted already does not.
                if self._ended or self._closing or not self._sock.pending():
                    return
        except ssl.SSLWantReadError:
            return
        except ssl.SSLWantWriteError:
            self._read_waits = True
            self._loop.add_writer(self._handle, self._writable)
        except OSError as error:
            self._end(error)
        except Exception as error:  # noqa: BLE001 - a protocol's fault ends its own line only
            _log.exception("a line's protocol failed")
            self._end(error)

    def _at_end(self) -> None:
        """The peer says no more, and a line that hears nothing is of no use to either."""
        assert self._protocol is not None
        self._protocol.eof_received()
        if not self._ended:
            with contextlib.suppress(OSError, ValueError):
                self._sock.unwrap()
            self._end(None)

    # --- writing --------------------------------------------------------------------------

    def get_write_buffer_size(self) -> int:
        """What was written and neither the kernel nor the peer has taken, bytes."""
        return self._unsent_bytes

    def get_write_buffer_limits(self) -> tuple[int, int]:
        """Below and above which the protocol is told."""
        return UNSENT_LOW_BYTES, UNSENT_HIGH_BYTES

    def can_write_eof(self) -> bool:
        """TLS has no half of a line."""
        return False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send at once what the kernel takes, and the rest in order when it takes more."""
        if self._closing or not data:
            return
        if not self._unsent:
            try:
                sent = self._sock.send(data)
            except ssl.SSLWantWriteError:
                sent = 0
            except OSError as error:
                self._end(error)
                return
            if sent == len(data):
                return
            data = memoryview(bytes(data))[sent:]
            self._loop.add_writer(self._handle, self._writable)
        else:
            data = memoryview(bytes(data))
        self._unsent.append(data)
        self._unsent_bytes += len(data)
        if not self._full and self._unsent_bytes > UNSENT_HIGH_BYTES and self._protocol is not None:
            self._full = True
            self._protocol.pause_writing()

    def _writable(self) -> None:
        try:
            while self._unsent:
                piece = self._unsent[0]
                # What OpenSSL could not write it wants again, the same bytes from the same place.
                sent = self._sock.send(piece)
                self._unsent_bytes -= sent
                if sent == len(piece):
                    self._unsent.popleft()
                else:
                    self._unsent[0] = piece[sent:]
        except ssl.SSLWantWriteError:
            pass
        except OSError as error:
            self._end(error)
            return
        if not self._unsent:
            self._loop.remove_writer(self._handle)
        if self._full and self._unsent_bytes <= UNSENT_LOW_BYTES and self._protocol is not None:
            self._full = False
            self._protocol.resume_writing()
        if self._read_waits:
            self._step()
        if self._closing and not self._unsent and not self._ended:
            self._shut()

    # --- ending ---------------------------------------------------------------------------

    def is_closing(self) -> bool:
        """Whether the line ends or has ended."""
        return self._closing

    def close(self) -> None:
        """Send what is left, say that this is all, and end when the peer has heard it."""
        if self._closing:
            return
        self._closing = True
        self.pause_reading()
        self._timer = self._loop.call_later(CLOSE_S, self.abort)
        if not self._unsent:
            self._shut()

    def abort(self) -> None:
        """End now; what was not sent is lost."""
        self._end(None)

    def _shut(self) -> None:
        """Say that this is all; the peer's last bytes are read away, or the kernel would reset the line."""
        try:
            with contextlib.suppress(ssl.SSLError, ValueError):
                self._sock.unwrap()
            self._sock.shutdown(socket.SHUT_WR)
        except OSError:
            self._end(None)
            return
        self._step = self._read_away
        self._read_on()

    def _read_away(self) -> None:
        try:
            while self._sock.recv(READ_BYTES):
                pass
        except (BlockingIOError, InterruptedError, ssl.SSLWantReadError):
            return
        except OSError:
            pass
        self._end(None)

    def _end(self, error: Exception | None) -> None:
        if self._ended:
            return
        self._ended = self._closing = True
        self._door.shaken(self)
        if self._timer is not None:
            self._timer.cancel()
        self.pause_reading()
        self._loop.remove_writer(self._handle)
        self._unsent.clear()
        self._unsent_bytes = 0
        self._sock.close()
        if self._protocol is not None:
            self._loop.call_soon(self._protocol.connection_lost, error)
