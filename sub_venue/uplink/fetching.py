"""Fetching of an opening's ciphertext and headers, over HTTP beside the line (SPEC 28.9).

Owns requests under the same certificates as the line, and a container's way to the disk: it appears under its
name only when it is whole there. What comes is compared by whoever asked. Holds ciphertext alone.
"""

import asyncio
import os
from pathlib import Path
from typing import Any, BinaryIO, Final
from urllib.parse import urlsplit

import aiohttp
import msgspec

from protocol.seal import at_opening
from protocol.seal.at_opening import AskContainer, AskStage, Headers
from sub_venue.config import Settings
from sub_venue.uplink.line import Fixed, LineFault, mutual_tls

SILENT_S: Final = 30.0
"""How long nothing may come of a container before it is asked for again."""
PIECE_BYTES: Final = 1_048_576
_PRIVATE: Final = 0o600
_OK: Final = 200


class Fetching:
    """Requests to the coordinator, by this node's certificate."""

    def __init__(self, settings: Settings) -> None:
        """Ask nothing yet, and read no certificate: most sessions have no sealed bids."""
        port = urlsplit(settings.coordinator_url).port or 443
        self._at = f"https://{settings.coordinator_name}:{port}"
        self._settings = settings
        self._http: aiohttp.ClientSession | None = None

    async def headers(self, asked: AskStage) -> Headers:
        """The headers of an opening's bids, in the record's order.

        Raises:
          LineFault: no line, or the coordinator does not give them now.
        """
        try:
            async with self._post(at_opening.HEADERS, asked) as reply:
                raw = await reply.read()
                if reply.status != _OK:
                    raise LineFault(f"headers: {reply.status}")
            return msgspec.json.decode(raw, type=Headers)
        except (aiohttp.ClientError, OSError, TimeoutError, msgspec.MsgspecError) as error:
            raise LineFault(f"headers: {error!r}") from error

    async def container(self, asked: AskContainer, path: Path) -> None:
        """A bid's container to a file, fsynced; nothing under that name unless it came whole.

        Raises:
          LineFault: no line, or it was cut on the way.
          OSError: the disk does not take it.
        """
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _PRIVATE)
            with os.fdopen(handle, "wb") as file:
                await self._write(asked, file)
                await asyncio.to_thread(_settle, file)
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)

    async def close(self) -> None:
        """Let go of every connection."""
        if self._http is not None:
            await self._http.close()

    async def _write(self, asked: AskContainer, file: BinaryIO) -> None:
        try:
            async with self._post(at_opening.CONTAINER, asked) as reply:
                if reply.status != _OK:
                    raise LineFault(f"container: {reply.status}")
                async for piece in reply.content.iter_chunked(PIECE_BYTES):
                    await asyncio.to_thread(file.write, piece)
        except (aiohttp.ClientError, TimeoutError, ConnectionError) as error:
            raise LineFault(f"container: {error!r}") from error

    def _post(self, path: str, asked: Any) -> Any:
        if self._http is None:
            connector = aiohttp.TCPConnector(ssl=mutual_tls(self._settings), resolver=Fixed(self._settings))
            timeout = aiohttp.ClientTimeout(total=None, sock_connect=SILENT_S, sock_read=SILENT_S)
            self._http = aiohttp.ClientSession(connector=connector, timeout=timeout)
        headers = {"Content-Type": "application/json"}
        return self._http.post(self._at + path, data=msgspec.json.encode(asked), headers=headers)


def _settle(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
