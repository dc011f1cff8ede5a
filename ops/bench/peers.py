"""The peers: what the product is measured against, installed by the benchmark itself and run beside it.

Owns Node's socket.io and `ws` at the versions and hashes of `peers/package-lock.json`, installed with npm
into the benchmark's data folder, and starting one of them, or the bare process of our own, on the server's
core. Never part of the product.
"""

import asyncio
import contextlib
import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from ops import files, senses
from ops.bench import machine
from ops.installation import LOOPBACK
from ops.stack import PROJECT
from ops.trouble import Trouble

HERE: Final = Path(__file__).resolve().parent / "peers"
INSTALL_S: Final = 300
READY_S: Final = 20.0
STOP_S: Final = 5.0
_MADE_OF: Final = ("package.json", "package-lock.json", "socketio.mjs", "websocket.mjs")


class Peer:
    """A peer that runs: its port, its process, and how the crowd gets in."""

    def __init__(self, port: int, pid: int, told: dict[str, Any]) -> None:
        """Hold what runs."""
        self.port = port
        self.pid = pid
        self._told = told

    def line(self) -> dict[str, Any]:
        """How a socket of the crowd comes here."""
        return {"host": LOOPBACK, "port": self.port, "kind": "peer", **self._told}


def install(data: Path) -> Path:
    """See that the peers are installed; the folder with their scripts.

    Raises:
      Trouble: there is no Node.js with npm, or npm cannot install them.
    """
    made_of = [HERE / name for name in _MADE_OF]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in made_of)).hexdigest()[:12]
    folder = data / f"peers-{digest}"
    if (folder / "installed").exists():
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    files.make_folder(folder)
    for path in made_of:
        shutil.copy(path, folder)
    command = ["npm", "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"]
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, timeout=INSTALL_S)
    except (OSError, subprocess.SubprocessError) as error:
        said = str(getattr(error, "stderr", "") or error).strip().splitlines()[-1:]
        raise Trouble(
            f"无法安装对照程序 socket.io({' '.join(said)})。请检查 Node.js、npm 与网络。",
            f"Cannot install the peer socket.io ({' '.join(said)}). Check Node.js, npm and the network.",
        ) from error
    (folder / "installed").touch()
    return folder


class Like(Struct, frozen=True):
    """What a peer is to be like: the product's line as it was seen.

    `event` is name and data as the product sent them; `size_at` where in the data the number stands that
    grows from event to event; `served` the certificates of the product's server where its line is TLS, and
    `client` those that a socket brings; `name` the host's name.
    """

    namespace: str
    event: list[Any]
    size_at: tuple[str, ...]
    served: dict[str, str] | None
    client: dict[str, str] | None
    name: str


@contextlib.asynccontextmanager
async def socketio(data: Path, like: Like) -> AsyncIterator[Peer]:
    """Node's socket.io, broadcasting to a room."""
    folder = await asyncio.to_thread(install, data)
    async with _running(data, like, folder, "node", "socketio.mjs") as peer:
        yield peer


@contextlib.asynccontextmanager
async def websocket(data: Path, like: Like) -> AsyncIterator[Peer]:
    """Node's WebSocket server `ws`, after one fdatasync."""
    folder = await asyncio.to_thread(install, data)
    async with _running(data, like, folder, "node", "websocket.mjs") as peer:
        yield peer


@contextlib.asynccontextmanager
async def bare(data: Path, like: Like, database: Path | None = None) -> AsyncIterator[Peer]:
    """A bare process of our own (`ops.bench.bare`), which may read entries from a database."""
    more = {"database": None if database is None else str(database)}
    async with _running(data, like, PROJECT, sys.executable, "-m", "ops.bench.bare", **more) as peer:
        yield peer


@contextlib.asynccontextmanager
async def _running(
    data: Path, like: Like, folder: Path, *command: str, **more: str | None
) -> AsyncIterator[Peer]:
    """A program on the server's core that is told all in one argument and first says `{"ready": port}`."""
    payload = data / f"payload-{senses.now_ms()}-{command[-1]}.json"
    written = payload.with_suffix(".bin")
    files.write(payload, json.dumps(like.event[1], ensure_ascii=False).encode())
    told = {
        "namespace": like.namespace, "event": like.event[0], "payload": str(payload), "file": str(written),
        "sizeAt": like.size_at, "tls": like.served, **more,
    }  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        *command, json.dumps(told), cwd=folder, stdout=asyncio.subprocess.PIPE
    )
    try:
        machine.pin(process.pid, machine.SERVER_CORE)
        assert process.stdout is not None
        async with asyncio.timeout(READY_S):
            line = await process.stdout.readline()
        if not line:
            raise Trouble("对照程序未能启动。", f"The peer did not start: {' '.join(command)}.")
        client = {"namespace": like.namespace, "name": like.name, "tls": like.client}
        yield Peer(json.loads(line)["ready"], process.pid, client)
    finally:
        if process.returncode is None:
            process.terminate()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(STOP_S):
                    await process.wait()
        if process.returncode is None:
            process.kill()
            await process.wait()
        payload.unlink()
        written.unlink(missing_ok=True)
