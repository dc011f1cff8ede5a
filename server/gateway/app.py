"""The listeners: mutual TLS for nodes; and one for pages, health and numbers, plain on loopback.

Owns ports, certificates and routes. A node is met only under the installation's CA; pages go out in plain
HTTP on loopback only, else over HTTPS by name (DESIGN 4, Lines). What either tells holds nothing that the
allow-table hides.
"""

import ssl
from collections.abc import Callable, Iterable
from pathlib import Path

import socketio
from aiohttp import web
from msgspec import Struct

from server.fanout.bus import Stands
from server.gateway.bidder_page import BidderPage
from server.gateway.overview_page import OverviewPage, denied
from server.gateway.pages import Pages
from server.gateway.tls import TlsDoor
from server.telemetry import Meters

_TEXT = "text/plain; version=0.0.4; charset=utf-8"


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


class Health(Struct, frozen=True):
    """Whether the coordinator takes acts, and whether hints reach the others."""

    ready: bool
    bus: Stands


class Front(Struct, frozen=True):
    """What is served to people: the pages, and each page's own routes; `log` to nodes, too."""

    pages: Pages
    bidder: BidderPage
    overview: OverviewPage
    bids: tuple[web.RouteDef, ...] = ()
    log: tuple[web.RouteDef, ...] = ()


class Listeners:
    """The two listeners; ports that were 0 are known after `start`."""

    def __init__(
        self,
        sockets: socketio.AsyncServer,
        tls: ssl.SSLContext,
        meters: Meters,
        health: Callable[[], Health],
        front: Front,
        peers: Iterable[web.RouteDef] = (),
        body_bytes_max: int = 1,
    ) -> None:
        """Prepare both; nothing listens before `start`. `peers` are routes beside Socket.IO.

        Raises:
          OSError: the pages' certificate cannot be read.
        """
        nodes = web.Application(client_max_size=body_bytes_max)
        nodes.add_routes([*peers, *front.log])
        sockets.attach(nodes)
        plain = front.pages.application()
        plain.add_routes(
            [
                web.get("/healthz", _alive),
                web.get("/readyz", self._ready),
                web.get("/metrics", self._metrics),
                *front.bidder.routes(),
                *front.overview.routes(),
                *front.bids,
                *front.log,
                *front.pages.routes(),
            ]
        )
        self._tls = tls
        self._page_tls = front.pages.tls()
        self._meters = meters
        self._health = health
        self._front = front
        self._nodes = web.AppRunner(nodes, access_log=None, shutdown_timeout=1)
        # A page that goes away ends its stream at once, not at the next beat.
        self._plain = web.AppRunner(plain, access_log=None, shutdown_timeout=1, handler_cancellation=True)
        self._door: TlsDoor | None = None
        self._node_port = 0

    async def start(self, node_at: tuple[str, int], plain_at: tuple[str, int]) -> None:
        """Listen at (host, port) for nodes and for the rest.

        Raises:
          OSError: a port is taken.
        """
        await self._plain.setup()
        await web.TCPSite(self._plain, *plain_at, ssl_context=self._page_tls).start()
        await self._nodes.setup()
        assert self._nodes.server is not None
        self._door = TlsDoor(self._tls, self._nodes.server)
        await self._door.open(*node_at)
        self._node_port = self._door.port

    @property
    def node_port(self) -> int:
        """Where nodes are met."""
        return self._node_port

    @property
    def plain_port(self) -> int:
        """Where pages are served, and health and numbers told."""
        return int(self._plain.addresses[0][1])

    async def close_door(self) -> None:
        """Accept no more nodes; those connected stay."""
        if self._door is not None:
            self._door.close()
            self._door = None

    async def stop(self) -> None:
        """Close everything."""
        await self.close_door()
        await self._nodes.cleanup()
        await self._plain.cleanup()

    async def _ready(self, _request: web.Request) -> web.Response:
        health = self._health()
        if health.ready:
            # Without its bus a coordinator serves on; only whoever looks after it must know.
            return web.Response(text="ready, redis away\n" if health.bus == "away" else "ready\n")
        return web.Response(text="not ready\n", status=503)

    async def _metrics(self, request: web.Request) -> web.Response:
        if not self._front.overview.allows(request):
            return denied()
        return web.Response(body=self._meters.text(), headers={"Content-Type": _TEXT})


async def _alive(_request: web.Request) -> web.Response:
    return web.Response(text="ok\n")
