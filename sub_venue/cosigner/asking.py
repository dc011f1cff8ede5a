"""What a cosigner asks of others: their newest heads, their proofs of two histories, a log's tiles.

Owns the HTTP client, its waits and bounds. What comes is bytes from strangers: whoever asked verifies it.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable

import aiohttp
from msgspec import Struct

from protocol.ledger import tiles
from protocol.ledger.tiles import Tile
from sub_venue.cosigner.settings import Bounds

CHECKPOINT = "checkpoint"
COMPARE = "compare"
FORK_TYPE = "application/json"
_CONNECTIONS_MAX = 64


class Unanswered(Exception):
    """Somebody who was asked is not there, takes too long, or answers otherwise than it should."""


class Answered(Struct, frozen=True):
    """The type and the bytes of an answer."""

    type: str
    body: bytes


class Asking:
    """Asks peers and logs."""

    def __init__(self, bounds: Bounds) -> None:
        """Nothing is asked before a loop runs."""
        self._bounds = bounds
        self._http: aiohttp.ClientSession | None = None

    async def of_peer(self, url: str, origin: str) -> bytes | None:
        """A peer's newest head of a log; None where it has none.

        Raises:
          Unanswered: it cannot be asked now.
        """
        answer = await self._ask("GET", _of_log(url, origin, CHECKPOINT))
        return None if answer is None else answer.body

    async def compare(self, url: str, origin: str, text: str) -> Answered | None:
        """Show a peer our newest head; it gives its own, a proof of two histories (`FORK_TYPE`), or nothing.

        A cosigner that is not of this house does not know the question: it is asked for its head.

        Raises:
          Unanswered: it cannot be asked now.
        """
        shown = await self._ask("POST", _of_log(url, origin, COMPARE), text.encode())
        return shown or await self._ask("GET", _of_log(url, origin, CHECKPOINT))

    async def of_log(self, prefix: str, wanted: Iterable[Tile]) -> dict[Tile, bytes]:
        """Tiles of a log; whether they are its head's is shown by the root alone.

        Raises:
          Unanswered: one of them cannot be had now.
        """
        found: dict[Tile, bytes] = {}
        for tile in wanted:
            answer = await self._ask("GET", f"{prefix}/{tile.path}")
            if answer is None:
                raise Unanswered(f"{prefix} has no {tile.path}")
            found[tile] = answer.body
        return found

    async def head_of_log(self, prefix: str) -> bytes | None:
        """A log's newest checkpoint; None where it has none.

        Raises:
          Unanswered: it cannot be asked now.
        """
        answer = await self._ask("GET", f"{prefix}/{tiles.CHECKPOINT}")
        return None if answer is None else answer.body

    async def _ask(self, method: str, url: str, body: bytes | None = None) -> Answered | None:
        """What is answered at a URL; None for 404 and 405.

        Raises:
          Unanswered: any other answer, too long a one, or none in time.
        """
        bytes_max = self._bounds.answer_bytes_max
        try:
            async with (
                asyncio.timeout(self._bounds.ask_wait_ms / 1000),
                self._session().request(method, url, data=body, allow_redirects=False) as answer,
            ):
                if answer.status in {404, 405}:
                    return None
                if answer.status != 200:
                    raise Unanswered(f"{url}: {answer.status}")
                raw = bytearray()
                async for part in answer.content.iter_any():
                    raw += part
                    if len(raw) > bytes_max:
                        raise Unanswered(f"{url}: longer than {bytes_max} bytes")
                return Answered(answer.content_type, bytes(raw))
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            raise Unanswered(f"{url}: {type(error).__name__} {error}") from error

    async def close(self) -> None:
        """Let go of every connection."""
        if self._http is not None:
            await self._http.close()

    def _session(self) -> aiohttp.ClientSession:
        if self._http is None:
            self._http = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=_CONNECTIONS_MAX),
                timeout=aiohttp.ClientTimeout(total=self._bounds.ask_wait_ms / 1000),
            )
        return self._http


def _of_log(url: str, origin: str, what: str) -> str:
    return f"{url.rstrip('/')}/{hashlib.sha256(origin.encode()).hexdigest()}/{what}"
