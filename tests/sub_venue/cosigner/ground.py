"""Cosigners as real processes, a log that shows histories at will, and a line between them that it holds.

The log signs whatever it is told to. Every link goes through it: what a cosigner asks of its peers comes to
the log's own port first, which answers 404 for a peer until the link is let through.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from protocol.ledger import checkpoint, kinds, note, tiles, tree
from protocol.ledger.checkpoint import Checkpoint
from protocol.ledger.cosigner import Request
from protocol.ledger.levels import Levels
from protocol.ledger.note import Key
from sub_venue.cosigner import settings

ORIGIN = "bids.example/s-1"
LOG = note.ed25519_signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes([1] * 32)))
LOG_HASH = hashlib.sha256(ORIGIN.encode()).hexdigest()
READY_S = 90
LEARNT_S = 60
ONE = Levels(tree.leaf_hash(f"one {number}".encode()) for number in range(40))
OTHER = Levels(
    tree.leaf_hash(f"{'one' if number < 6 else 'other'} {number}".encode()) for number in range(40)
)
"""Another history of the same log, the same in its first six entries."""


def head(size: int, grown: Levels = ONE) -> str:
    """The log's signed head."""
    return checkpoint.sign(Checkpoint(ORIGIN, size, grown.root(size)), LOG)


def asked(old: int, size: int, grown: Levels = ONE) -> bytes:
    """The body of an `add-checkpoint` from `old` on."""
    proof = grown.consistency(old, size) if 0 < old <= size else ()
    return Request(old, proof, head(size, grown)).text.encode()


class Log:
    """A log's port: its tiles and checkpoint, and the links between cosigners."""

    def __init__(self) -> None:
        self.histories = {"one": ONE, "other": OTHER}
        self.published: dict[str, str] = {}
        self.open_links: set[str] = set()
        self.behind: dict[str, str] = {}
        app = web.Application()
        app.add_routes(
            [
                web.route("*", "/link/{peer}/{path:.*}", self._link),
                web.get("/{history}/checkpoint", self._checkpoint),
                web.get("/{history}/{path:tile/.*}", self._tile),
            ]
        )
        self._runner = web.AppRunner(app)
        self.port = 0

    async def start(self) -> None:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.port = int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        await self._runner.cleanup()

    async def _checkpoint(self, request: web.Request) -> web.Response:
        text = self.published.get(request.match_info["history"])
        return web.Response(status=404) if text is None else web.Response(text=text)

    async def _tile(self, request: web.Request) -> web.Response:
        grown = self.histories[request.match_info["history"]]
        try:
            return web.Response(body=tiles.cut(grown, tiles.read_path(request.match_info["path"])))
        except tiles.TileError:
            return web.Response(status=404)

    async def _link(self, request: web.Request) -> web.Response:
        peer = request.match_info["peer"]
        if peer not in self.open_links:
            return web.Response(status=404)
        async with (
            aiohttp.ClientSession() as http,
            http.request(
                request.method, f"{self.behind[peer]}/{request.match_info['path']}", data=await request.read()
            ) as answer,
        ):
            told = {"Content-Type": answer.content_type}
            return web.Response(status=answer.status, body=await answer.read(), headers=told)


class Cosigner:
    """One cosigner: its configuration, its process, and what a log or a peer asks of it."""

    def __init__(self, folder: Path, number: int, log: Log, history: str, peers: list[str]) -> None:
        self.name = f"p{number}"
        self.folder = folder / self.name
        self.folder.mkdir()
        private = Ed25519PrivateKey.from_private_bytes(bytes([10 + number] * 32))
        pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (self.folder / "cosigner.key").write_bytes(pem)
        signer = note.ed25519_signer(f"{self.name}.example/cosigner", private, kinds.COSIGNATURE)
        self.key: Key = signer.key
        self.config = self.folder / "config.json"
        self.data = self.folder / "data"
        told: dict[str, Any] = {
            "name": self.key.name,
            "data_dir": str(self.data),
            "key": str(self.folder / "cosigner.key"),
            "http_port": 0,
            "logs": [
                {"origin": ORIGIN, "keys": [LOG.key.vkey], "url": f"http://127.0.0.1:{log.port}/{history}"}
            ],
            "peers": [{"name": peer, "url": f"http://127.0.0.1:{log.port}/link/{peer}"} for peer in peers],
            "bounds": {"look_ms": 50, "look_idle_ms": 200},
        }
        self.config.write_text(json.dumps(told))
        settings.read(self.config)
        self._told = told
        self._log = log
        self._process: asyncio.subprocess.Process | None = None
        self.url = ""

    def tell(self, more: dict[str, Any]) -> None:
        """Change its configuration, for its next start."""
        self.config.write_text(json.dumps(self._told | more))
        settings.read(self.config)

    def tell_port(self) -> None:
        """Let it listen at its next start where it last did."""
        told = json.loads(self.config.read_text())
        self.config.write_text(json.dumps(told | {"http_port": int(self.url.rpartition(":")[2])}))

    async def start(self, instead: str = "") -> None:
        """Start it and wait until it says on which port; `instead` is a program in place of the module."""
        program = ["-c", instead] if instead else ["-m", "sub_venue.cosigner"]
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, *program, "--config", str(self.config), stderr=asyncio.subprocess.PIPE
        )
        assert self._process.stderr is not None
        async with asyncio.timeout(READY_S):
            while True:
                line = await self._process.stderr.readline()
                assert line, f"{self.name} has ended"
                if b'"ready"' in line:
                    break
        self.url = f"http://127.0.0.1:{json.loads(line)['port']}"
        self._log.behind[self.name] = self.url
        self._reading = asyncio.create_task(self._process.stderr.read())

    async def kill(self) -> None:
        """End it with SIGKILL; nothing where it has ended."""
        if self._process is not None and self._process.returncode is None:
            os.kill(self._process.pid, signal.SIGKILL)
        await self.ended()

    async def ended(self) -> str:
        """Wait until it has ended; what it said."""
        if self._process is None:
            return ""
        await self._process.wait()
        self._process = None
        return (await self._reading).decode()

    async def add(self, body: bytes) -> tuple[int, str]:
        """Status and body of the answer to an `add-checkpoint`."""
        async with (
            aiohttp.ClientSession() as http,
            http.post(f"{self.url}/add-checkpoint", data=body) as answer,
        ):
            return answer.status, await answer.text()

    async def get(self, what: str) -> bytes | None:
        """What it shows of the log; None for 404."""
        async with aiohttp.ClientSession() as http, http.get(f"{self.url}/{LOG_HASH}/{what}") as answer:
            assert answer.status in {200, 404}
            return await answer.read() if answer.status == 200 else None

    async def shown(self, what: str) -> bytes:
        """The same, once it shows it."""
        async with asyncio.timeout(LEARNT_S):
            while True:
                raw = await self.get(what)
                if raw is not None:
                    return raw
                await asyncio.sleep(0.02)

    def back_up(self, folder: Path) -> None:
        """Copy its state."""
        shutil.copytree(self.data, folder)

    def set_back(self, folder: Path) -> None:
        """Put an earlier copy in the place of its state."""
        shutil.rmtree(self.data)
        shutil.copytree(folder, self.data)
