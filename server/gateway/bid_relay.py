"""What the receiving coordinator is to answer, handed on to it: uploads, headers, ciphertext (SPEC 10.2).

Owns the way there and back, and that only a coordinator comes by it. What is handed on once is not handed on
again. Reads nothing of what it carries, and writes no log line of it, so that none tells of a bid.
"""

import ssl
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

import aiohttp
from aiohttp import web

from protocol import wire
from protocol.refusals import refuse
from server.bids.receiving import Receiving
from server.config import Bounds
from server.gateway.pages import Pages, refusal
from server.gateway.peers import names
from server.store.contract import NotDurable

_PASSED_ON: Final = ("Authorization", "Segment", "Content-Type")
_CONNECT_S: Final = 2.0
_PIECE_BYTES: Final = 1 << 20
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class BidRelay:
    """Between the coordinators of one house."""

    def __init__(
        self, receiving: Receiving, pages: Pages, name: str, tls: ssl.SSLContext, bounds: Bounds
    ) -> None:
        """Connect to nobody yet; `name` is what coordinators' certificates bear."""
        self._receiving, self._pages = receiving, pages
        self._name, self._tls = name, tls
        self._wait_s = bounds.bid_segment_wait_ms / 1000
        self._http: aiohttp.ClientSession | None = None

    def front(self, routes: Iterable[web.RouteDef]) -> list[web.RouteDef]:
        """The same routes, answered by the coordinator that receives."""

        def fronting(handler: Handler) -> Handler:
            async def handle(request: web.Request) -> web.StreamResponse:
                if "Origin" in request.headers and not self._pages.is_own_origin(request):
                    return refusal(refuse("Malformed", why="origin"))
                away = await self.away(request)
                return await handler(request) if away is None else away

            return handle

        return [web.route(one.method, one.path, fronting(one.handler)) for one in routes]

    def behind(self, routes: Iterable[web.RouteDef]) -> list[web.RouteDef]:
        """The same routes for other coordinators, below `/peer`, on the listener for nodes."""

        def guarded(handler: Handler) -> Handler:
            async def handle(request: web.Request) -> web.StreamResponse:
                if not self.is_peer(request):
                    raise web.HTTPForbidden
                return await handler(request)

            return handle

        return [web.route(one.method, wire.PEER + one.path, guarded(one.handler)) for one in routes]

    def is_peer(self, request: web.Request) -> bool:
        """Whether a coordinator asks, below `/peer`."""
        transport = request.transport
        certificate = None if transport is None else transport.get_extra_info("peercert")
        return request.path.startswith(wire.PEER + "/") and self._name in names(certificate)

    async def away(self, request: web.Request, body: bytes | None = None) -> web.StreamResponse | None:
        """What the receiving coordinator answers; None where this one receives, or a coordinator asks.

        `body` is what was read of the request; else it is passed on as it comes.
        """
        if self.is_peer(request):
            return None
        try:
            address = await self._receiving.elsewhere()
        except NotDurable:
            return refusal(refuse("NotDurable"))
        if not address:
            return None
        headers = {name: request.headers[name] for name in _PASSED_ON if name in request.headers}
        reply: web.StreamResponse | None = None
        try:
            async with self._lines().request(
                request.method, f"https://{address}{wire.PEER}{request.path}", headers=headers,
                data=request.content if body is None else body, server_hostname=self._name,
            ) as told:  # fmt: skip
                found = web.StreamResponse(
                    status=told.status, headers={"Content-Type": told.headers.get("Content-Type", "")}
                )
                await found.prepare(request)
                reply = found
                # A fault in the middle ends the line, as where it is sent from here.
                async for piece in told.content.iter_chunked(_PIECE_BYTES):
                    await reply.write(piece)
                await reply.write_eof()
                return reply
        except (aiohttp.ClientError, OSError, TimeoutError):
            if reply is not None:
                raise
            return refusal(refuse("ReceivingElsewhere"))

    async def close(self) -> None:
        """Let go of every connection."""
        if self._http is not None:
            await self._http.close()

    def _lines(self) -> aiohttp.ClientSession:
        if self._http is None:
            timeout = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_S, sock_read=self._wait_s)
            self._http = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=self._tls), timeout=timeout, auto_decompress=False
            )
        return self._http
