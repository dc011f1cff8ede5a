"""Fixtures of the venues' tests: certificates, the sample tender, a node of 合肥 beside a coordinator."""

import asyncio
import contextlib
import copy
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization

from ops import certificates, files, senses
from protocol.plan.case import Case, read_case
from sub_venue.assembly import Node
from sub_venue.config import Bounds, Settings
from tests.protocol.world import World, key, private_key
from tests.sub_venue.exchange import Exchange
from tests.sub_venue.page import WAIT_S

ROOT = Path(__file__).resolve().parents[2]
PLACES = ("hefei", "shanghai", "nanjing", "hangzhou")
Opens = Callable[..., "contextlib.AbstractAsyncContextManager[Node]"]


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority, certificates for everybody, and the nodes' signing keys as the tests derive them."""
    folder = tmp_path_factory.mktemp("installed")
    now = senses.now_ms()
    files.make_folder(folder / "ca")
    certificates.ensure_authority(folder / "ca", now)
    for name in ("coordinator", *PLACES):
        files.make_folder(folder / name)
        certificates.ensure_certificate(folder / "ca", folder / name, name, now)
    for name in PLACES:
        files.write(folder / name / "node.key", pem(f"node {name}"))
    return folder


def pem(author: str) -> bytes:
    """Somebody's private key as a file."""
    return private_key(author).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


@pytest.fixture(scope="session")
def case() -> Case:
    found = read_case((ROOT / "ops" / "sample" / "case.json").read_bytes())
    assert isinstance(found, Case), found
    return found


@pytest.fixture
def world(case: Case) -> World:
    found = World(case, "s-1")
    found.now = senses.now_ms()
    return found


@pytest.fixture(scope="session")
def at_check_in(case: Case) -> World:
    """A session at check-in, M2 and M3 bound; `fork` it, never change it."""
    found = World(case, "s-1")
    found.now = senses.now_ms()
    found.to_check_in()
    for seat in ("M2", "M3"):
        found.bind(seat)
    return found


def fork(world: World) -> World:
    """A session that goes on from where another is, which stays as it was."""
    found = copy.copy(world)
    found.entries, found.held, found.seqs = list(world.entries), list(world.held), dict(world.seqs)
    return found


@pytest.fixture
async def exchange(world: World, installed: Path) -> AsyncIterator[Exchange]:
    found = Exchange(world, installed)
    await found.start()
    yield found
    await found.stop()


def settings_of(
    installed: Path, data: Path, node: str = "hefei", port: int = 1, bounds: Bounds | None = None, **more: Any
) -> Settings:
    """The configuration of a test's node; port 1 is a coordinator that is not there."""
    told: dict[str, Any] = {
        "node": node, "zh": node, "en": node, "province": "anhui",
        "role": "main" if node == "hefei" else "sub",
        "data_dir": data, "http_port": 0, "http_name": f"{node}.localhost",
        "coordinator_url": f"https://127.0.0.1:{port}", "coordinator_name": "coordinator.localhost",
        "ca": installed / "ca" / "ca.pem", "cert": installed / node / "cert.pem",
        "key": installed / node / "key.pem", "node_key": installed / node / "node.key",
        "installation_key": key("installation"), "log_level": "debug",
        "bounds": bounds or Bounds(),
    }  # fmt: skip
    return Settings(**{**told, **more})


async def line_up(node: Node) -> None:
    """Wait until a node's line to the coordinator is up."""
    up = asyncio.Event()
    node.uplink.listen(lambda online: up.set() if online else None)
    if not node.uplink.online:
        await asyncio.wait_for(up.wait(), WAIT_S)


@pytest.fixture
def opens(installed: Path, tmp_path: Path) -> Opens:
    """What opens a node for a while; its data stay, so that it can be opened again."""

    @contextlib.asynccontextmanager
    async def open_node(
        node: str = "hefei",
        port: int = 1,
        bounds: Bounds | None = None,
        settings: dict[str, Any] | None = None,
        **more: Any,
    ) -> AsyncIterator[Node]:
        data = tmp_path / "data" / node
        found = Node(settings_of(installed, data, node, port, bounds, **(settings or {})), **more)
        try:
            await found.start()
            yield found
        finally:
            await found.stop()

    return open_node
