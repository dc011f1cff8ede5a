"""A session's log over HTTP, as tlog-tiles (SPEC 20.5).

Owns the routes and who may read what: heads and tiles of hashes anybody, entries the nodes of the session and
cosigners by their certificates, and anybody once it is archived; disclosures a cosigner that replays, as the
node beside it is given them. Must not know how a tree grows.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from aiohttp import web

from protocol import limits
from protocol.hidden import Disclosure
from protocol.ledger import checkpoint, note, tiles
from protocol.ledger.receipt import Receipt
from protocol.ledger.tiles import TileError
from protocol.projection.visibility import releasable
from server import telemetry
from server.fanout import audience
from server.gateway.identity import Identity
from server.gateway.peers import names
from server.ledger.cosigning import Cosigning
from server.ledger.logs import Altered, Logs
from server.sessions.registry import Registry
from server.store.contract import DamagedEntry, NotDurable

_DIGEST_BYTES = 32
_PATH = "/log/{session:[A-Za-z0-9][A-Za-z0-9._-]{0,63}}/"
_TEXT = {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store"}
_TILE = {"Content-Type": "application/octet-stream"}
_FULL = {**_TILE, "Cache-Control": "public, max-age=31536000, immutable"}
_log = telemetry.logger("server.gateway")


class LogPage:
    """The routes of every session's log."""

    def __init__(
        self, logs: Logs, cosigning: Cosigning, registry: Registry, identity: Identity,
        cosigners: Mapping[str, str], feed_bytes_max: int,
    ) -> None:  # fmt: skip
        """Serve these logs.

        Args:
          logs: the logs.
          cosigning: who has cosigned them.
          registry: the sessions.
          identity: whose certificate is whose.
          cosigners: the DNS name in a cosigner's certificate → key of the node whose disclosures it is given,
            empty where it is given none.
          feed_bytes_max: disclosures in one answer, bytes; one may be larger.
        """
        self._cosigners = cosigners
        self._feed_bytes_max = feed_bytes_max
        self._logs = logs
        self._cosigning = cosigning
        self._registry = registry
        self._identity = identity

    def routes(self) -> list[web.RouteDef]:
        """The same on the listener for pages and on that for nodes."""
        return [
            web.get(_PATH + tiles.CHECKPOINT, self._checkpoint),
            web.get(_PATH + "{path:tile/.*}", self._tile),
            web.post(_PATH + "disclosures", self._disclosures),
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

    async def _disclosures(self, request: web.Request) -> web.Response:
        """What a cosigner that replays may have beside the entries, without what it says it has."""
        session, held = request.match_info["session"], await request.read()
        published = await self._registry.published(session)
        if published is None:
            raise web.HTTPNotFound
        beside = self._cosigner_of(request)
        if not beside or beside not in audience.node_keys(published.state, published.home_key):
            raise web.HTTPForbidden(text="disclosures are for who replays beside a node of it\n")
        state = published.state
        roles = audience.roles_at(state, published.home_key, beside)
        may_have = releasable(state, published.disclosed, roles, audience.province_at(state, beside))
        given = {held[at : at + _DIGEST_BYTES] for at in range(0, len(held), _DIGEST_BYTES)}
        left, found = self._feed_bytes_max, list[Disclosure]()
        for digest, one in may_have.items():
            size = len(one.value.encode()) + limits.ID_CHARS_MAX
            if digest in given:
                continue
            if size > left and found:
                break
            found.append(one)
            left -= size
        return web.Response(
            body=msgspec.json.encode(found),
            headers={"Content-Type": "application/json", "Cache-Control": "no-store"},
        )

    def _cosigner_of(self, request: web.Request) -> str | None:
        """The key of the node beside the cosigner that asks, empty for none; None if no cosigner asks."""
        transport = request.transport
        peer = None if transport is None else transport.get_extra_info("peercert")
        told = names(peer) if peer else ()
        return next((self._cosigners[one] for one in told if one in self._cosigners), None)

    async def _may_read(self, session: str, request: web.Request) -> bool:
        published = await self._registry.published(session)
        if published is None:
            raise web.HTTPNotFound
        if published.state.phase == "ARCHIVED" or self._cosigner_of(request) is not None:
            return True
        transport = request.transport
        peer = None if transport is None else transport.get_extra_info("peercert")
        node = self._identity.node_of(peer) if peer else None
        return node is not None and node.key in audience.node_keys(published.state, published.home_key)


def _unsigned(session: str, error: Exception) -> web.Response:
    _log.error("the log is not served", session=session, error=str(error))
    return web.Response(status=503, text="the log cannot be read as it was written; people must look\n")
