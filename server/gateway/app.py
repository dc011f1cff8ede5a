"""The listeners: mutual TLS for nodes, and a plain one on loopback for health and numbers.

Owns ports, certificates and routes. A node is met only under the installation's CA; what the plain
listener tells holds nothing that the allow-table hides.
"""

import ssl
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec
import socketio
from aiohttp import web
from msgspec import Struct

from protocol.wire import NodeNote, SessionNote
from server.fanout.bus import Stands
from server.telemetry import Meters

_TEXT = "text/plain; version=0.0.4; charset=utf-8"


class Overview(Struct, frozen=True):
    """How the house stands: its nodes, and the sessions in memory.

    `held` is how many sessions this coordinator writes where several share them; `bus` whether hints
    reach the others, `alone` where there are none.
    """

    installation_key: str
    at: int
    ready: bool
    held: int
    bus: Stands
    nodes: tuple[NodeNote, ...]
    sessions: tuple[SessionNote, ...]


def node_tls(ca: Path, cert: Path, key: Path) -> ssl.SSLContext:
    """TLS 1.3 with a client certificate required, under the installation's CA and no other.

    Raises:
      OSError: a file cannot be read, or is no certificate or key (`ssl.SSLError`).
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(ca)
    context.load_cert_chain(cert, key)
    return context


class Listeners:
    """The two listeners; ports that were 0 are known after `start`."""

    def __init__(
        self,
        sockets: socketio.AsyncServer,
        tls: ssl.SSLContext,
        meters: Meters,
        overview: Callable[[], Overview],
        peers: Iterable[web.RouteDef] = (),
        body_bytes_max: int = 1,
    ) -> None:
        """Prepare both; nothing listens before `start`. `peers` are routes beside Socket.IO."""
        nodes = web.Application(client_max_size=body_bytes_max)
        nodes.add_routes(peers)
        sockets.attach(nodes)
        plain = web.Application()
        plain.add_routes(
            [
                web.get("/healthz", _alive),
                web.get("/readyz", self._ready),
                web.get("/metrics", self._metrics),
                web.get("/overview", self._overview),
            ]
        )
        self._tls = tls
        self._meters = meters
        self._tell = overview
        self._nodes = web.AppRunner(nodes, access_log=None, shutdown_timeout=1)
        self._plain = web.AppRunner(plain, access_log=None, shutdown_timeout=1)
        self._node_site: web.TCPSite | None = None

    async def start(self, node_at: tuple[str, int], plain_at: tuple[str, int]) -> None:
        """Listen at (host, port) for nodes and for the rest.

        Raises:
          OSError: a port is taken.
        """
        await self._plain.setup()
        await web.TCPSite(self._plain, *plain_at).start()
        await self._nodes.setup()
        self._node_site = web.TCPSite(self._nodes, *node_at, ssl_context=self._tls)
        await self._node_site.start()

    @property
    def node_port(self) -> int:
        """Where nodes are met."""
        return int(self._nodes.addresses[0][1])

    @property
    def plain_port(self) -> int:
        """Where health and numbers are told."""
        return int(self._plain.addresses[0][1])

    async def close_door(self) -> None:
        """Accept no more nodes; those connected stay."""
        if self._node_site is not None:
            await self._node_site.stop()
            self._node_site = None

    async def stop(self) -> None:
        """Close everything."""
        await self._nodes.cleanup()
        await self._plain.cleanup()

    async def _ready(self, _request: web.Request) -> web.Response:
        told = self._tell()
        if told.ready:
            # Without its bus a coordinator serves on; only whoever looks after it must know.
            return web.Response(text="ready, redis away\n" if told.bus == "away" else "ready\n")
        return web.Response(text="not ready\n", status=503)

    async def _metrics(self, _request: web.Request) -> web.Response:
        return web.Response(body=self._meters.text(), headers={"Content-Type": _TEXT})

    async def _overview(self, _request: web.Request) -> web.Response:
        return web.Response(body=msgspec.json.encode(self._tell()), content_type="application/json")


async def _alive(_request: web.Request) -> web.Response:
    return web.Response(text="ok\n")
