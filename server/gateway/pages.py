"""The door for people outside any venue: who may ask, and the built pages as files (DESIGN 4: server/web).

Owns names, headers and files of the coordinator's page listener. Requests under another name than its own
are turned away (DNS rebinding); acts come from our own pages only. What every answer carries stands in
`protocol.serving`. Must not know sessions.
"""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
from aiohttp import web

from protocol import serving, wire
from protocol.refusals import Refusal, refuse
from server.config import Settings, is_loopback

BODY_BYTES_MAX = 16_384
_STATUS = {"TooBusy": 429, "NotDurable": 503}
_PROXY_MARKS = ("Forwarded", "X-Forwarded-For", "X-Real-Ip")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Pages:
    """What all pages of the coordinator share: names and files. `folders` is path → built page."""

    def __init__(self, settings: Settings, folders: Mapping[str, Path]) -> None:
        """Serve these pages under the coordinator's own name."""
        self._settings = settings
        self._folders = dict(folders)

    def application(self) -> web.Application:
        """An application that lets nobody in under a foreign name, and puts our headers on every answer."""
        app = web.Application(client_max_size=BODY_BYTES_MAX, middlewares=[self._guard])
        app.on_response_prepare.append(_add_headers)
        return app

    def routes(self) -> list[web.RouteDef]:
        """The pages' files; `/` leads to the first of them. A page's own routes must stand before these."""
        found = [web.get("/", self._home)]
        for name in self._folders:
            found += [web.get(f"/{name}/{{path:.*}}", self._file)]
        return found

    def tls(self) -> ssl.SSLContext | None:
        """The page listener's certificate, where it has one.

        Raises:
          OSError: it cannot be read.
        """
        if self._settings.http_cert is None or self._settings.http_key is None:
            return None
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.minimum_version = ssl.TLSVersion.TLSv1_2
        tls.load_cert_chain(self._settings.http_cert, self._settings.http_key)
        return tls

    def is_ours(self, request: web.Request) -> bool:
        """Whether a request comes from a page of this very origin; for whatever changes anything."""
        return self.is_own_origin(request) and request.content_type == "application/json"

    def is_own_origin(self, request: web.Request) -> bool:
        """Whether the page that asks is one of this very origin."""
        told = urlsplit(request.headers.get("Origin", ""))
        return told.scheme == self._settings.scheme and told.netloc == request.host

    def is_here(self, request: web.Request) -> bool:
        """Whether it was asked on this machine itself: its address, its name, and no proxy in between."""
        peer = request.remote or ""
        name = serving.host_name(request.host)
        marked = any(mark in request.headers for mark in _PROXY_MARKS)
        return is_loopback(peer) and is_loopback(name) and not marked

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Only our own name."""
        loopback = is_loopback(self._settings.http_host)
        name = serving.host_name(request.host)
        if not serving.is_own_name(name, self._settings.http_name, loopback=loopback):
            text = "此地址不属于本协调系统。\nThis name is not this coordinator's.\n"
            return web.Response(status=421, text=text)
        return await handler(request)

    async def _home(self, _: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": f"/{next(iter(self._folders))}/"})

    async def _file(self, request: web.Request) -> web.StreamResponse:
        """A file of a built page; nothing outside its folder."""
        folder = self._folders[request.path.split("/")[1]].resolve()
        wanted = request.match_info["path"] or "index.html"
        if not (folder / "index.html").is_file():
            return web.Response(status=503, text=serving.NOT_BUILT)
        path = (folder / wanted).resolve()
        if not path.is_relative_to(folder) or not path.is_file():
            return web.Response(status=404, text=serving.NO_SUCH_PAGE)
        return web.FileResponse(path, headers={"Cache-Control": serving.cache_control(wanted)})


def answer(reply: Any, status: int = 200) -> web.Response:
    """A struct as JSON."""
    return web.Response(body=msgspec.json.encode(reply), status=status, content_type="application/json")


def refusal(refused: Refusal, status: int = 0) -> web.Response:
    """A refusal as it travels; 403 unless its code says otherwise."""
    body = {"refused": wire.refused(refused)}
    return answer(body, status or _STATUS.get(refused.code, 403))


async def body(request: web.Request, bytes_max: int) -> bytes | Refusal:
    """A request's body, where it is no longer than that; else `TooLarge`."""
    found = bytearray()
    async for piece in request.content.iter_any():
        found += piece
        if len(found) > bytes_max:
            return refuse("TooLarge", size=len(found), limit=bytes_max)
    return bytes(found)


def event(name: str, body: Any, id_: str = "") -> bytes:
    r"""A server-sent event with JSON as its data (WHATWG HTML 9.2.6); JSON of ours has no line feed.

    >>> event("news", {"a": 1}, "7")
    b'id: 7\nevent: news\ndata: {"a":1}\n\n'
    """
    head = (f"id: {id_}\n" if id_ else "") + f"event: {name}\ndata: "
    return head.encode() + msgspec.json.encode(body) + b"\n\n"


BEAT = b": beat\n\n"
"""A comment: the line lives."""


async def stream(
    request: web.Request, parts: AsyncGenerator[bytes, None], wait_s: float
) -> web.StreamResponse:
    """Send parts of an event stream as they come; ends with them, with the page, or when it does not read.

    Args:
      request: what asked for it.
      parts: whole events or comments.
      wait_s: how long the page may leave its socket full.
    """
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
    await response.prepare(request)
    try:
        async with contextlib.aclosing(parts):
            async for part in parts:
                async with asyncio.timeout(wait_s):
                    await response.write(part)
    except (ConnectionError, TimeoutError):
        # The page is gone, or does not read: it comes back with its cursor.
        if request.transport is not None:
            request.transport.abort()
    return response


async def _add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    for name, value in serving.HEADERS.items():
        response.headers.setdefault(name, value)
