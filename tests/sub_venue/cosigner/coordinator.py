"""A coordinator as a cosigner meets it: entries and disclosures over mutual TLS, tiles in plain HTTP.

It serves whatever record it is given, lawful or not, and signs any head.
"""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web

from protocol.hidden import Disclosure
from protocol.ledger import checkpoint, tiles, tree
from protocol.ledger.checkpoint import Checkpoint
from protocol.ledger.cosigner import Request
from protocol.ledger.levels import Levels
from tests.sub_venue.cosigner.ground import LOG, ORIGIN


class Coordinator:
    """One session's record, as it is shown."""

    def __init__(self, installed: Path, entries: Iterable[bytes]) -> None:
        self.entries = list(entries)
        self.disclosures: list[Disclosure] = []
        self._installed = installed
        self._runners: list[web.AppRunner] = []
        self.http = ""
        self.told: dict[str, Any] = {}

    @property
    def grown(self) -> Levels:
        return Levels(tree.leaf_hash(raw) for raw in self.entries)

    def asked(self, old: int, size: int = 0) -> bytes:
        """The body of an `add-checkpoint` from `old` on."""
        grown = self.grown
        size = size or grown.size
        head = checkpoint.sign(Checkpoint(ORIGIN, size, grown.root(size)), LOG)
        return Request(old, grown.consistency(old, size) if old else (), head).text.encode()

    def settings(self, **more: Any) -> dict[str, Any]:
        """What a cosigner is told of it."""
        return {
            "logs": [{"origin": ORIGIN, "keys": [LOG.key.vkey], "url": self.http}],
            "entries": self.told,
            **more,
        }

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[Coordinator]:
        ours = self._installed / "coordinator"
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=self._installed / "ca" / "ca.pem")
        tls.verify_mode = ssl.CERT_REQUIRED
        tls.load_cert_chain(ours / "cert.pem", ours / "key.pem")
        theirs = self._installed / "hefei"
        port = await self._listen(tls)
        self.told = {
            "url": f"https://127.0.0.1:{port}/log", "name": "coordinator.localhost",
            "ca": str(self._installed / "ca" / "ca.pem"), "cert": str(theirs / "cert.pem"),
            "key": str(theirs / "key.pem"),
        }  # fmt: skip
        self.http = f"http://127.0.0.1:{await self._listen(None)}/log/s-1"
        try:
            yield self
        finally:
            for runner in self._runners:
                await runner.cleanup()

    async def _listen(self, tls: ssl.SSLContext | None) -> int:
        app = web.Application()
        app.add_routes(
            [
                web.get("/log/s-1/checkpoint", self._nothing),
                web.get("/log/s-1/{path:tile/.*}", self._tile),
                web.post("/log/s-1/disclosures", self._disclose),
            ]
        )
        runner = web.AppRunner(app)
        await runner.setup()
        self._runners.append(runner)
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
        return int(runner.addresses[0][1])

    async def _nothing(self, _: web.Request) -> web.Response:
        return web.Response(status=404)

    async def _tile(self, request: web.Request) -> web.Response:
        tile = tiles.read_path(request.match_info["path"])
        if tile.level >= 0:
            return web.Response(body=tiles.cut(self.grown, tile))
        if request.transport is None or request.transport.get_extra_info("peercert") is None:
            return web.Response(status=403)
        return web.Response(body=tiles.bundle(self.entries[slice(*tile.span)]))

    async def _disclose(self, request: web.Request) -> web.Response:
        held = await request.read()
        given = {held[at : at + 32] for at in range(0, len(held), 32)}
        more = [one for one in self.disclosures if one.digest not in given]
        return web.Response(body=msgspec.json.encode(more[:5]))
