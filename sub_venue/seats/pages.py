"""The pages' door: built pages as files, health, and what anybody may know of the node, over HTTP.

Owns paths, and which names and origins are let in; what every answer carries stands in `protocol.serving`. A
page is served by the node in front of the person. Requests under another name than the node's own are turned
away, and so are sockets of other origins. Must not know sessions beyond their notes.
"""

import ssl
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import socketio
from aiohttp import web
from msgspec import Struct

from protocol import serving
from protocol.wire import SessionNote
from sub_venue.config import Settings, is_loopback

_BODY_BYTES_MAX = 65_536

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class NodeState(Struct, frozen=True):
    """What anybody at the venue may know of its node."""

    node: str
    zh: str
    en: str
    province: str
    online: bool
    installation_key: str
    sessions: tuple[SessionNote, ...]


class Health(Struct, frozen=True):
    """How the node is: whether it takes acts (`ready`), and why not."""

    ready: bool
    online: bool
    durable: bool


class Door:
    """The node's HTTP side. `pages` is path → folder of a built page, the first one being the node's own."""

    def __init__(
        self,
        settings: Settings,
        pages: Mapping[str, Path],
        health: Callable[[], Health],
        sessions: Callable[[], tuple[SessionNote, ...]],
        more: Iterable[Callable[[web.Application], None]] = (),
    ) -> None:
        """Prepare; nothing listens before `open`. `more` puts other rooms' paths behind the same door."""
        self.port = 0
        self._settings = settings
        self._pages = dict(pages)
        self._health = health
        self._sessions = sessions
        self._more = tuple(more)
        self._runner: web.AppRunner | None = None

    def allows(self, origin: str) -> bool:
        """Whether a browser's page of this origin may open a socket: only pages of this node itself."""
        told = urlsplit(origin)
        port = told.port or (443 if told.scheme == "https" else 80)
        return (
            told.scheme == self._settings.scheme
            and self._is_ours(told.hostname or "")
            and port == self.port
            and origin == f"{told.scheme}://{told.netloc}"
        )

    async def open(self, sockets: socketio.AsyncServer) -> None:
        """Listen.

        Raises:
          OSError: the port is taken, or the certificate cannot be read.
        """
        app = web.Application(client_max_size=_BODY_BYTES_MAX, middlewares=[self._guard])
        sockets.attach(app)
        app.router.add_get("/healthz", self._healthz)
        app.router.add_get("/readyz", self._readyz)
        app.router.add_get("/api/node", self._node)
        app.router.add_get("/", self._home)
        for more in self._more:
            more(app)
        for name in self._pages:
            app.router.add_get(f"/{name}", self._slash)
            app.router.add_get(f"/{name}/{{path:.*}}", self._file)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(
            self._runner, self._settings.http_host, self._settings.http_port, ssl_context=self._tls()
        )
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def close(self) -> None:
        """Listen no more; twice is the same as once."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    # --- requests -------------------------------------------------------------------------

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Only our own name; and the headers that every answer carries."""
        if not self._is_ours(serving.host_name(request.host)):
            return web.Response(status=421, text="此地址不属于本会场。\nThis name is not this venue's.\n")
        try:
            response = await handler(request)
        except web.HTTPException as error:
            _add_headers(error)
            raise
        if not response.prepared:
            _add_headers(response)
        return response

    async def _healthz(self, _: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def _readyz(self, _: web.Request) -> web.Response:
        health = self._health()
        return _json(health, status=200 if health.ready else 503)

    async def _node(self, _: web.Request) -> web.Response:
        settings, health = self._settings, self._health()
        return _json(
            NodeState(
                node=settings.node,
                zh=settings.zh,
                en=settings.en,
                province=settings.province,
                online=health.online,
                installation_key=settings.installation_key,
                sessions=self._sessions(),
            )
        )

    async def _home(self, _: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": f"/{next(iter(self._pages))}/"})

    async def _slash(self, request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": f"{request.path}/"})

    async def _file(self, request: web.Request) -> web.StreamResponse:
        """A file of a built page; nothing outside its folder."""
        name = request.path.split("/")[1]
        folder = self._pages[name].resolve()
        wanted = request.match_info["path"] or "index.html"
        if not (folder / "index.html").is_file():
            return web.Response(
                status=503,
                text=serving.NOT_BUILT,
            )
        path = (folder / wanted).resolve()
        if not path.is_relative_to(folder) or not path.is_file():
            return web.Response(status=404, text=serving.NO_SUCH_PAGE)
        headers = {"Cache-Control": serving.cache_control(wanted), **serving.page_headers(name)}
        return web.FileResponse(path, headers=headers)

    def _is_ours(self, host: str) -> bool:
        """The node's own name; on loopback also the addresses of this machine."""
        settings = self._settings
        return serving.is_own_name(host, settings.http_name, loopback=is_loopback(settings.http_host))

    def _tls(self) -> ssl.SSLContext | None:
        if self._settings.http_cert is None or self._settings.http_key is None:
            return None
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.minimum_version = ssl.TLSVersion.TLSv1_2
        tls.load_cert_chain(self._settings.http_cert, self._settings.http_key)
        return tls


def _add_headers(response: web.StreamResponse | web.HTTPException) -> None:
    for name, value in serving.HEADERS.items():
        response.headers.setdefault(name, value)


def _json(value: Any, status: int = 200) -> web.Response:
    return web.Response(body=msgspec.json.encode(value), status=status, content_type="application/json")
