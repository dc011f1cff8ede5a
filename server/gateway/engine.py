"""What we lean on inside Engine.IO and aiohttp: all of it in this file, and a check that it still holds.

Owns the WebSocket of a node: reads only frames that pass `frames`, and is the socket's `Outlet` for frames
that are made once for many. Those are written to the transport itself, whole and on the loop's thread,
between the frames that Engine.IO writes through aiohttp. That is safe as long as aiohttp writes each of its
frames in one step too, which it does where compression is off; `check` tries it and the coordinator does
not start otherwise (DESIGN 4: private names of libraries in one file).
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any

import socketio
from aiohttp import WSMsgType, web
from aiohttp._websocket.writer import WebSocketWriter
from aiohttp.base_protocol import BaseProtocol
from engineio.async_drivers import aiohttp as engineio_aiohttp

from protocol.link.frame import text_frame
from protocol.link.turns import Turns
from server.config import Bounds
from server.fanout.rooms import NODE_NAMESPACE, Standing
from server.gateway.frames import Cut, Frames, Passed
from server.telemetry import Meters

_OUTLET = "tongchang.outlet"
"""Under this name a socket stands in its own environment, which Socket.IO hands to `connect`."""


class LibraryChanged(RuntimeError):
    """A library is not the one that this file was written for; install the versions of the lock."""


def socket_server(bounds: Bounds, running_ms: Callable[[], int], meters: Meters) -> socketio.AsyncServer:
    """A Socket.IO server whose sockets read only frames that pass, and take frames that are made already.

    Raises:
      LibraryChanged: Engine.IO or aiohttp is not as this file needs it.
    """
    check()
    server = socketio.AsyncServer(
        async_mode="aiohttp",
        transports=["websocket"],
        namespaces=[NODE_NAMESPACE],
        max_http_buffer_size=bounds.frame_bytes_max,
        ping_interval=bounds.socket_ping_ms / 1000,
        ping_timeout=bounds.socket_ping_wait_ms / 1000,
        logger=logging.getLogger("socketio"),
        engineio_logger=logging.getLogger("engineio"),
    )
    # Engine.IO has no public way to say which WebSocket class it shall use; a test holds this one.
    server.eio._async = {**server.eio._async, "websocket": guarded(bounds, running_ms, meters)}  # noqa: SLF001
    return server


def outlet_of(environ: Mapping[str, Any]) -> "GuardedSocket":
    """The socket of a connection, from the environment that `connect` is given."""
    found: GuardedSocket = environ[_OUTLET]
    return found


class GuardedSocket(engineio_aiohttp.WebSocket):  # type: ignore[misc]  # ships no types
    """A node's WebSocket behind `Frames`; see `guarded` for its class attributes."""

    bounds: Bounds
    running_ms: Callable[[], int]
    meters: Meters

    def __init__(self, handler: object, server: object) -> None:
        """Become the way in and out of an Engine.IO socket."""
        super().__init__(handler, server)
        self.freed: Callable[[], None] = _nothing
        """Called when the last answer that pushes wait for has been sent."""
        self._frames = Frames(self.bounds, type(self).running_ms)
        self._turns = Turns(NODE_NAMESPACE)
        # The handler is the Engine.IO socket's own method; what that has queued is unread.
        self._queue = handler.__self__.queue  # type: ignore[attr-defined]
        self._unsent_max = self.bounds.socket_unsent_bytes_max
        self._transport: asyncio.Transport

    async def __call__(self, environ: dict[str, Any]) -> web.WebSocketResponse:
        """Shake hands, without compression, and serve until the socket ends."""
        request = environ["aiohttp.request"]
        self._sock = web.WebSocketResponse(max_msg_size=self.server.max_http_buffer_size, compress=False)
        await self._sock.prepare(request)
        self._transport = request.transport
        self.environ = environ
        environ[_OUTLET] = self
        await self.handler(self)
        return self._sock

    # --- Engine.IO's side -------------------------------------------------------------------------

    async def wait(self) -> str | bytes:
        """The next frame that passes."""
        while True:
            data = await super().wait()
            verdict = self._frames.judge(data, self._queue.qsize())
            if isinstance(verdict, Passed):
                if verdict.follows:
                    self._turns.asked(verdict.follows)
                return data  # type: ignore[no-any-return]
            self.meters.frames.labels(verdict.why).inc()
            if isinstance(verdict, Cut):
                raise OSError(verdict.why)  # Engine.IO's way to hear that a socket is gone
            if verdict.reply:
                await self.send(verdict.reply)

    async def send(self, message: str | bytes) -> None:
        """Send what Engine.IO has to say."""
        await super().send(message)
        if self._turns.answered(message):
            self.freed()

    # --- the rooms' side --------------------------------------------------------------------------

    def write(self, frame: bytes) -> bool:
        """See `fanout.rooms.Outlet`."""
        transport = self._transport
        if (
            self._turns
            or transport.get_write_buffer_size() > self._unsent_max
            or self._sock.closed
            or transport.is_closing()
        ):
            return False
        transport.write(frame)
        return True

    def standing(self) -> Standing:
        """See `fanout.rooms.Outlet`."""
        ended = self._sock.closed or self._transport.is_closing()
        return Standing(ended, bool(self._turns), self._transport.get_write_buffer_size())

    def cut(self) -> None:
        """Break the connection at once; closing in order would wait for a peer that does not read."""
        self._transport.abort()


def guarded(bounds: Bounds, running_ms: Callable[[], int], meters: Meters) -> type[GuardedSocket]:
    """The WebSocket class that Engine.IO is to use; it makes one for each connection itself."""
    named = {"bounds": bounds, "running_ms": staticmethod(running_ms), "meters": meters}
    return type("Guarded", (GuardedSocket,), named)


def _nothing() -> None:
    """Nobody waits for this socket's answers."""


# --- the check ------------------------------------------------------------------------------------


class _Tried(asyncio.Transport):
    """Holds what is written to it."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += bytes(data)

    def is_closing(self) -> bool:
        return False


def check() -> None:
    """Try what this file needs of Engine.IO and aiohttp.

    Raises:
      LibraryChanged: aiohttp does not write a frame whole in one step, or not as we frame it; or Engine.IO
        does not make its sockets as it did.
    """
    for size in (1, 126, 65_536, 1_048_576):
        text = b"x" * size
        transport = _Tried()
        sending = WebSocketWriter(BaseProtocol(None), transport).send_frame(text, WSMsgType.TEXT)  # type: ignore[arg-type]
        try:
            sending.send(None)
        except StopIteration:
            pass
        else:
            sending.close()
            raise LibraryChanged("aiohttp does not write a frame in one step")
        if transport.written != text_frame(text):
            raise LibraryChanged("aiohttp does not frame text as SPEC 10.1 says")
    needed: dict[Any, tuple[str, ...]] = {
        engineio_aiohttp.WebSocket: ("__call__", "wait", "send", "close"),
        web.WebSocketResponse: ("prepare", "closed"),
    }
    for owner, names in needed.items():
        if not all(hasattr(owner, name) for name in names):
            raise LibraryChanged(f"{owner.__name__} has changed")
    if engineio_aiohttp._async.get("websocket") is not engineio_aiohttp.WebSocket:  # noqa: SLF001
        raise LibraryChanged("Engine.IO takes its WebSocket class from elsewhere")
