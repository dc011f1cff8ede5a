"""The product under measurement: its real processes, on loopback, in a data folder made for the run.

Owns making the installation with the bounds that a benchmark needs (a thousand sockets of one node), starting
as many of its processes as are wanted, giving them their core, and removing everything at the end. What it
tells the crowd (`line`, `desk`) is how a socket gets in. Must not know what is measured.
"""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

from ops import certificates, files, installation, places, ports, senses
from ops.backing import Size as Backed
from ops.backing import shape
from ops.bench import machine
from ops.bench.acts import Keys, keys
from ops.installation import COORDINATOR, LOOPBACK, PORTS_SPAN, Installation, Node
from ops.people import script
from ops.redis import Redis
from ops.senses import Dice
from ops.stack import Stack
from protocol.plan.case import Case

SOCKETS_MAX: Final = 4_096
"""What a node's sockets at the coordinator, and a venue's pages, are raised to: a crowd has one address."""
BOUNDS: Final[dict[str, dict[str, int]]] = {
    "coordinator": {"sockets_per_node_max": SOCKETS_MAX, "mailbox_commands_max": 4_096},
    "node": {"sockets_max": SOCKETS_MAX},
}


ALONE: Final = Backed(coordinators=1, postgres=False, redis=False)
"""One coordinator on SQLite, as by default."""


class House:
    """An installation that is up, and its sample case."""

    def __init__(self, found: Installation, running: Stack, case: Case) -> None:
        """Hold what runs."""
        self.found = found
        self.case = case
        self.keys: Keys = keys(found)
        self._running = running

    def pid(self, process: str = COORDINATOR) -> int:
        """A process as it runs now."""
        return self._running.pid(process)

    def line(self, node: str) -> dict[str, Any]:
        """How a socket of the crowd comes to the coordinator with a node's certificate."""
        return {
            "host": LOOPBACK, "port": self.found.node_port, "name": certificates.host_name(COORDINATOR),
            "namespace": "/node", "kind": "node", "node": node, "node_key": self.keys.node_key(node),
            "tls": tls(self.found, node),
        }  # fmt: skip

    def line_to(self, coordinator: str, node: str) -> dict[str, Any]:
        """The same past the proxy, to one coordinator of several."""
        return {**self.line(node), "port": self.found.listens(coordinator)[0]}

    @property
    def redis(self) -> Redis | None:
        """The Redis of several coordinators."""
        return self._running.backing.redis

    def desk(self, node: Node) -> dict[str, Any]:
        """How a page of the crowd comes to a venue's node."""
        return {
            "host": LOOPBACK, "port": node.port, "name": certificates.host_name(node.place.node),
            "namespace": "/desk", "kind": "page",
        }  # fmt: skip


def tls(found: Installation, process: str) -> dict[str, str]:
    """The files of a process's mutual TLS."""
    folder = found.config(process).parent
    return {
        "ca": str(found.data / "ca" / "ca.pem"),
        "cert": str(folder / "cert.pem"),
        "key": str(folder / "key.pem"),
    }


@contextlib.asynccontextmanager
async def house(data: Path, *venues: str, size: Backed = ALONE) -> AsyncIterator[House]:
    """The coordinators and these venues' nodes, up, on the server's core; gone afterwards, data and all."""
    case = script.load(places.sample_case())
    wanted = places.of_case(case)
    folder = data / f"house-{senses.now_ms()}"
    base = ports.free_base(PORTS_SPAN + len(wanted), Dice())
    found = installation.ensure(
        folder, now_ms=senses.now_ms(), places=wanted, ports_from=base, shape=shape(folder, size)
    )
    for process in (*found.coordinators, *(node.place.node for node in found.nodes)):
        path = found.config(process)
        bounds = BOUNDS["coordinator" if process in found.coordinators else "node"]
        files.write_json(path, {**files.read_json(path), "bounds": bounds, "log_level": "warning"})
    running = Stack(found, restart=False, revive=False)
    running.parts = tuple(part for part in running.parts if part.name in (*found.coordinators, *venues))
    try:
        await running.start()
        for part in running.parts:
            machine.pin(running.pid(part.name), machine.SERVER_CORE)
        yield House(found, running, case)
    finally:
        await running.stop()
        if running.backing.postgres is not None:
            await asyncio.to_thread(running.backing.postgres.remove)
        shutil.rmtree(folder, ignore_errors=True)
