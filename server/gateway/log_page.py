"""A session's log over HTTP, as tlog-tiles (SPEC 20.5).

Owns the routes and who may read what: heads and tiles of hashes anybody, entries the nodes of the session by
their certificates, and anybody once it is archived. Must not know how a tree grows.
"""

from __future__ import annotations

from aiohttp import web

from protocol.ledger import checkpoint, note, tiles
from protocol.ledger.receipt import Receipt
from protocol.ledger.tiles import TileError
from server import telemetry
from server.fanout import audience
from server.gateway.identity import Identity
from server.ledger.cosigning import Cosigning
from server.ledger.logs import Altered, Logs
from server.sessions.registry import Registry
from server.store.contract import DamagedEntry, NotDurable

_PATH = "/log/{session:[A-Za-z0-9][A-Za-z0-9._-]{0,63}}/"
_TEXT = {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store"}
_TILE = {"Content-Type": "application/octet-stream"}
_FULL = {**_TILE, "Cache-Control": "public, max-age=31536000, immutable"}
_log = telemetry.logger("server.gateway")


class LogPage:
    """The routes of every session's log."""

    def __init__(self, logs: Logs, cosigning: Cosigning, registry: Registry, identity: Identity) -> None:
        """Serve these logs."""
        self._logs = logs
        self._cosigning = cosigning
        self._registry = registry
        self._identity = identity

    def routes(self) -> list[web.RouteDef]:
        """The same on the listener for pages and on that for nodes."""
        return [
            web.get(_PATH + tiles.CHECKPOINT, self._checkpoint),
            web.get(_PATH + "{path:tile/.*}", self._tile),
            web.get(_PATH + "proof/{seq:0|[1-9][0-9]{0,8}}", self._proof),
        ]

    async def _checkpoint(self, request: web.Request) -> web.Response:
        session, asked = request.match_info["session"], request.query.get("size")
        size = int(asked) if asked is not None and asked.isdecimal() and len(asked) < 20 else None
        if asked is not None and size is None:
            raise web.HTTPBadRequest
        try:
            text = await self._cosigning.cosigned(session, size)
            text = text or await self._logs.head(session, size)
        except (Altered, DamagedEntry, NotDurable) as error:
            return _unsigned(session, error)
        if text is None:
            raise web.HTTPNotFound
        return web.Response(body=text.encode(), headers=_TEXT)

    async def _tile(self, request: web.Request) -> web.Response:
        session = request.match_info["session"]
        try:
            tile = tiles.read_path(request.match_info["path"])
            if tile.level < 0:
                if not await self._may_read(session, request):
                    raise web.HTTPForbidden(text="entries are for the session's nodes until it is archived\n")
                raw = await self._logs.bundle(session, tile)
            else:
                raw = await self._logs.tile(session, tile)
        except TileError as error:
            raise web.HTTPNotFound from error
        except (Altered, DamagedEntry, NotDurable) as error:
            return _unsigned(session, error)
        if raw is None:
            raise web.HTTPNotFound
        return web.Response(
            body=raw, headers=_FULL if tile.level >= 0 or tile.width == tiles.WIDTH else _TILE
        )

    async def _proof(self, request: web.Request) -> web.Response:
        """A receipt without its entry: for anybody, since it holds hashes alone."""
        session, seq = request.match_info["session"], int(request.match_info["seq"])
        try:
            text = await self._cosigning.cosigned(session) or await self._logs.head(session)
            grown = await self._logs.grown(session)
        except (Altered, DamagedEntry, NotDurable) as error:
            return _unsigned(session, error)
        if text is None or grown is None:
            raise web.HTTPNotFound
        size = checkpoint.read(note.split(text)[0]).size
        if not seq < size <= grown.size:
            raise web.HTTPNotFound
        body = Receipt(seq, grown.inclusion(seq, size), text).text.encode()
        return web.Response(body=body, headers=_TEXT)

    async def _may_read(self, session: str, request: web.Request) -> bool:
        published = await self._registry.published(session)
        if published is None:
            raise web.HTTPNotFound
        if published.state.phase == "ARCHIVED":
            return True
        transport = request.transport
        peer = None if transport is None else transport.get_extra_info("peercert")
        node = self._identity.node_of(peer) if peer else None
        return node is not None and node.key in audience.node_keys(published.state, published.home_key)


def _unsigned(session: str, error: Exception) -> web.Response:
    _log.error("the log is not served", session=session, error=str(error))
    return web.Response(status=503, text="the log cannot be read as it was written; people must look\n")
