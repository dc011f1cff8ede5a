"""One line to the coordinator: Socket.IO over WebSocket over mutual TLS, from connect to its end.

Owns the connection only: who we are is shown by our certificate, the coordinator's is verified against the
installation's CA and its name. Names like `coordinator.localhost` are unknown to resolvers, so the address in
the configuration is connected to and the name is asked for (DESIGN 4, Lines). Every call has a timeout. Must
not know what is said on the line. Sources: RFC 8446 (TLS 1.3), RFC 9525 (names in certificates).
"""

import asyncio
import contextlib
import json
import socket
import ssl
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

import aiohttp
import msgspec
import socketio
from aiohttp.abc import AbstractResolver, ResolveResult
from socketio.exceptions import SocketIOError

from protocol.wire import Refused
from sub_venue.config import Settings

NAMESPACE = "/node"
_FRAME_BYTES_MAX = 8_388_608
_CLOSE_MS = 2_000

T = TypeVar("T")
Hear = Callable[[str, Any], Awaitable[None]]
"""Told of everything that the coordinator pushes: event and data. Its return acknowledges."""


class LineFault(Exception):
    """No line, or no answer in time: nobody knows whether it was done; the same may be sent again."""


class TurnedDown(Exception):
    """The coordinator refused; `refused` says why in both languages."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.code)
        self.refused = refused


class Line:
    """An open line; `gone` is done when it has ended."""

    def __init__(self, client: socketio.AsyncClient, http: aiohttp.ClientSession) -> None:
        """Take over a client that is not connected yet; see `open_line`."""
        self.gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._client = client
        self._http = http
        self._connecting: asyncio.Future[None] | None = None

    async def connect(self, address: str, wait_ms: int) -> None:
        """Connect; once only.

        Raises:
          LineFault: nobody is there in time, or either side does not accept the other's certificate.
        """
        self._connecting = asyncio.ensure_future(
            self._client.connect(
                address, namespaces=[NAMESPACE], transports=["websocket"], wait_timeout=wait_ms / 1000
            )
        )
        done, _ = await asyncio.wait({self._connecting}, timeout=wait_ms / 1000)
        if not done:
            raise LineFault("cannot connect: no answer")
        try:
            self._connecting.result()
        except (SocketIOError, OSError, TimeoutError, aiohttp.ClientError) as error:
            raise LineFault(f"cannot connect: {error!r}") from error

    async def call(self, event: str, message: Any, reply: type[T], timeout_ms: int) -> T:
        """Say something and read the answer.

        Raises:
          LineFault: the line broke, no answer came in time, or none that can be read.
          TurnedDown: the coordinator refused.
        """
        if self.gone.done():
            raise LineFault(event)
        data = None if message is None else msgspec.to_builtins(message)
        asked = asyncio.ensure_future(self._client.call(event, data, NAMESPACE, timeout_ms / 1000))
        try:
            await asyncio.wait({asked, self.gone}, return_when=asyncio.FIRST_COMPLETED)
            if not asked.done():
                raise LineFault(event)
            return read(asked.result(), reply)
        except (SocketIOError, OSError, msgspec.ValidationError) as error:
            raise LineFault(f"{event}: {error!r}") from error
        finally:
            # Also one that fails in the very moment in which its caller is cancelled is heard.
            asked.cancel()
            await asyncio.gather(asked, return_exceptions=True)

    async def close(self) -> None:
        """End the line; twice is the same as once."""
        self.end()
        if self._connecting is not None and self._connecting.done():
            with contextlib.suppress(SocketIOError, OSError, RuntimeError):
                await self._client.disconnect()
        await self._http.close()
        if self._connecting is not None:
            # Closed under its hands, a connect ends by itself and leaves nothing open; cancelled it would.
            await asyncio.wait({self._connecting}, timeout=_CLOSE_MS / 1000)
            self._connecting.cancel()
            await asyncio.gather(self._connecting, return_exceptions=True)

    def end(self) -> None:
        """Take the line for ended, as when it broke by itself."""
        if not self.gone.done():
            self.gone.set_result(None)


async def open_line(settings: Settings, tls: ssl.SSLContext, hear: Hear) -> Line:
    """Connect to the coordinator.

    Raises:
      LineFault: it is not there, or either side does not accept the other's certificate.
    """
    bounds = settings.bounds
    client = socketio.AsyncClient(
        reconnection=False,
        handle_sigint=False,
        http_session=aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=tls, resolver=Fixed(settings), force_close=True)
        ),
        websocket_extra_options={
            "heartbeat": bounds.line_heartbeat_ms / 1000,
            "max_msg_size": _FRAME_BYTES_MAX,
        },
    )
    line = Line(client, client.eio.http)

    async def pushed(event: str, *data: Any) -> None:
        await hear(event, data[0] if data else None)

    async def ended(*_reason: object) -> None:
        line.end()

    client.on("*", pushed, namespace=NAMESPACE)
    client.on("disconnect", ended, namespace=NAMESPACE)
    port = urlsplit(settings.coordinator_url).port or 443
    try:
        await line.connect(f"https://{settings.coordinator_name}:{port}", bounds.connect_wait_ms)
    except BaseException:
        await line.close()
        raise
    return line


def mutual_tls(settings: Settings) -> ssl.SSLContext:
    """TLS 1.3 with our certificate, trusting the installation's CA and nothing else.

    Raises:
      OSError: a file cannot be read, or certificate and key do not belong together.
    """
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    tls.minimum_version = ssl.TLSVersion.TLSv1_3
    tls.load_verify_locations(cafile=settings.ca)
    tls.load_cert_chain(settings.cert, settings.key)
    return tls


def read(raw: Any, reply: type[T]) -> T:
    """An answer as its struct.

    Raises:
      TurnedDown: it is a refusal.
      msgspec.ValidationError: it is neither.
    """
    if isinstance(raw, str | bytes):
        try:
            raw = json.loads(raw)
        except ValueError as error:
            raise msgspec.ValidationError(str(error)) from error
    if isinstance(raw, dict) and set(raw) == {"refused"}:
        raise TurnedDown(msgspec.convert(raw["refused"], Refused))
    return msgspec.convert(raw, reply)


class Fixed(AbstractResolver):
    """Finds the coordinator's name at the address that the configuration gives, and no other name."""

    def __init__(self, settings: Settings) -> None:
        """Find the coordinator of these settings."""
        self._name = settings.coordinator_name
        self._address = urlsplit(settings.coordinator_url).hostname or ""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The coordinator's address.

        Raises:
          OSError: another name was asked for.
        """
        if host != self._name:
            raise OSError(f"{host} is not the coordinator")
        found = await asyncio.get_running_loop().getaddrinfo(
            self._address, port, type=socket.SOCK_STREAM, family=family
        )
        return [
            ResolveResult(
                hostname=host, host=str(address[0]), port=int(address[1]), family=kind, proto=proto,
                flags=socket.AI_NUMERICHOST,
            )
            for kind, _, proto, _, address in found
        ]  # fmt: skip

    async def close(self) -> None:
        """Nothing is held."""
