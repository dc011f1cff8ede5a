"""The peers: what the product is measured against, installed by the benchmark itself and run beside it.

Owns Node's socket.io at the version and hashes of `peers/package-lock.json`, installed with npm into the
benchmark's data folder, and starting it, or the bare limit, on the server's core. Never part of the product.
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

from ops import files, senses
from ops.bench import machine
from ops.installation import LOOPBACK
from ops.stack import PROJECT
from ops.trouble import Trouble

HERE: Final = Path(__file__).resolve().parent / "peers"
INSTALL_S: Final = 300
READY_S: Final = 20.0
STOP_S: Final = 5.0
_MADE_OF: Final = ("package.json", "package-lock.json", "socketio.mjs")


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


@contextlib.asynccontextmanager
async def socketio(
    data: Path, namespace: str, event: list[Any], size_at: tuple[str, ...], served: dict[str, str] | None,
    name: str,
) -> AsyncIterator[Peer]:  # fmt: skip
    """Node's socket.io, broadcasting what the product was seen to send.

    Args:
      data: the benchmark's data folder.
      namespace: the namespace that the product's sockets use.
      event: name and data of an event as the product sent it.
      size_at: where in its data the number stands that grows from event to event.
      served: certificates of the product's server, where its line is TLS.
      name: the name that the certificates are for.
    """
    folder = await asyncio.to_thread(install, data)
    payload = folder / f"payload-{senses.now_ms()}.json"
    files.write(payload, json.dumps(event[1], ensure_ascii=False).encode())
    told = {
        "port": 0, "namespace": namespace, "event": event[0], "payload": str(payload), "sizeAt": size_at,
        "tls": served,
    }  # fmt: skip
    try:
        async with _running("node", "socketio.mjs", json.dumps(told), cwd=folder) as (port, pid):
            yield Peer(port, pid, {"namespace": namespace, "name": name})
    finally:
        payload.unlink()


@contextlib.asynccontextmanager
async def bare(
    data: Path, namespace: str, event: list[Any], size_at: tuple[str, ...], served: dict[str, str] | None,
    name: str, database: Path | None = None,
) -> AsyncIterator[Peer]:  # fmt: skip
    """The limit (`ops.bench.bare`); the arguments are those of `socketio`, and a database to read from."""
    payload = data / f"payload-{senses.now_ms()}.json"
    written = payload.with_suffix(".bin")
    files.write(payload, json.dumps(event[1], ensure_ascii=False).encode())
    told = {
        "namespace": namespace, "event": event[0], "payload": str(payload), "size_at": size_at, "tls": served,
        "file": str(written), "database": None if database is None else str(database),
    }  # fmt: skip
    try:
        async with _running(sys.executable, "-m", "ops.bench.bare", json.dumps(told), cwd=PROJECT) as (
            port,
            pid,
        ):
            yield Peer(port, pid, {"namespace": namespace, "name": name})
    finally:
        payload.unlink()
        written.unlink(missing_ok=True)


@contextlib.asynccontextmanager
async def _running(*command: str, cwd: Path) -> AsyncIterator[tuple[int, int]]:
    """A program on the server's core that first says `{"ready": port}`; its port and process id."""
    process = await asyncio.create_subprocess_exec(*command, cwd=cwd, stdout=asyncio.subprocess.PIPE)
    try:
        machine.pin(process.pid, machine.SERVER_CORE)
        assert process.stdout is not None
        async with asyncio.timeout(READY_S):
            line = await process.stdout.readline()
        if not line:
            raise Trouble("对照程序未能启动。", f"The peer did not start: {command[0]} {command[1]}.")
        yield json.loads(line)["ready"], process.pid
    finally:
        if process.returncode is None:
            process.terminate()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(STOP_S):
                    await process.wait()
        if process.returncode is None:
            process.kill()
            await process.wait()
