"""Entries: what a cosigner reads of a session beside its hashes, by a certificate of its own.

Owns the client on the coordinator's listener for nodes (mutual TLS): entry bundles, and for a cosigner that
replays the disclosures that the node beside it is given. What comes is the coordinator's word: whether
entries are those of a head is shown by its root, and a disclosure by its digest. Source: SPEC 20.5, 27.4.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterable

import aiohttp
import msgspec

from protocol.hidden import Disclosure
from protocol.ledger import tiles
from protocol.ledger.tiles import Tile, TileError
from sub_venue.cosigner.asking import Unanswered
from sub_venue.cosigner.settings import Bounds, EntriesSettings


class Entries:
    """Reads sessions' entries and disclosures."""

    def __init__(self, told: EntriesSettings, bounds: Bounds) -> None:
        """Nothing is asked before a loop runs.

        Raises:
          OSError: a file cannot be read, or certificate and key do not belong together.
        """
        self._told = told
        self._bounds = bounds
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._tls.minimum_version = ssl.TLSVersion.TLSv1_3
        self._tls.load_verify_locations(cafile=told.ca)
        self._tls.load_cert_chain(told.cert, told.key)
        self._http: aiohttp.ClientSession | None = None

    async def read(self, session: str, since: int, until: int) -> tuple[bytes, ...]:
        """A session's entries from `since` on, up to `until`.

        Raises:
          Unanswered: they cannot be had now, or are given to others alone.
        """
        found: list[bytes] = []
        while since + len(found) < until:
            at = since + len(found)
            index, skipped = divmod(at, tiles.WIDTH)
            tile = Tile(-1, index, min(tiles.WIDTH, until - index * tiles.WIDTH))
            raw = await self._ask("GET", f"{session}/{tile.path}")
            try:
                found += tiles.read_bundle(raw, tile.width)[skipped:]
            except TileError as error:
                raise Unanswered(f"{session}: {error}") from error
        return tuple(found)

    async def disclosures(self, session: str, held: Iterable[bytes]) -> tuple[Disclosure, ...]:
        """Disclosures that are lacking here, as many as one answer holds; empty when all are here.

        Args:
          session: its id.
          held: the digests of those that are held.

        Raises:
          Unanswered: they cannot be had now, or are given to others alone.
        """
        raw = await self._ask("POST", f"{session}/disclosures", b"".join(held))
        try:
            return msgspec.json.decode(raw, type=tuple[Disclosure, ...])
        except msgspec.MsgspecError as error:
            raise Unanswered(f"{session}: {error}") from error

    async def close(self) -> None:
        """Let go of every connection."""
        if self._http is not None:
            await self._http.close()

    async def _ask(self, method: str, path: str, body: bytes | None = None) -> bytes:
        url, bytes_max = f"{self._told.url.rstrip('/')}/{path}", self._bounds.entries_bytes_max
        if self._http is None:
            self._http = aiohttp.ClientSession()
        try:
            async with (
                asyncio.timeout(self._bounds.ask_wait_ms / 1000),
                self._http.request(
                    method, url, data=body, ssl=self._tls, server_hostname=self._told.name,
                    allow_redirects=False,
                ) as answer,
            ):  # fmt: skip
                if answer.status != 200:
                    raise Unanswered(f"{url}: {answer.status}")
                raw = bytearray()
                async for part in answer.content.iter_any():
                    raw += part
                    if len(raw) > bytes_max:
                        raise Unanswered(f"{url}: longer than {bytes_max} bytes")
                return bytes(raw)
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            raise Unanswered(f"{url}: {type(error).__name__} {error}") from error
