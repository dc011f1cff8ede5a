"""The log over HTTP: heads and hashes for anybody, entries for the session's nodes, for all once archived."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from protocol.ledger import checkpoint, levels, note, tiles, tree
from protocol.ledger.tiles import Tile
from server.assembly import Coordinator
from tests.server import nodes
from tests.server.acting import Script, TestSenses
from tests.server.gateway.test_sockets import play
from tests.server.nodes import client_tls

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(32))
KEY = note.ed25519_signer("bids.example/s-1", PRIVATE).key


@pytest.fixture
async def running(folder: Path, tmp_path: Path) -> AsyncIterator[Coordinator]:
    (tmp_path / "log.key").write_bytes(
        PRIVATE.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    told = nodes.settings(folder, tmp_path, log_name="bids.example", log_key=tmp_path / "log.key")
    found = Coordinator(told, TestSenses())
    try:
        await found.start()
        yield found
    finally:
        await found.stop()


async def _get(running: Coordinator, path: str) -> tuple[int, bytes]:
    url = f"http://127.0.0.1:{running.listeners.plain_port}/log/{path}"
    async with aiohttp.ClientSession() as http, http.get(url) as answer:
        return answer.status, await answer.read()


async def _as_node(running: Coordinator, folder: Path, name: str | None, path: str) -> int:
    url = f"https://coordinator.localhost:{running.listeners.node_port}/log/{path}"
    connector = aiohttp.TCPConnector(ssl=client_tls(folder, name), resolver=nodes._Loopback())
    async with aiohttp.ClientSession(connector=connector) as http, http.get(url) as answer:
        return answer.status


async def test_anybody_can_check_heads_and_hashes_and_only_the_sessions_nodes_read_entries(
    folder: Path, running: Coordinator, script: Script
) -> None:
    script.to_check_in()
    await play(running, script)
    status, text = await _get(running, "s-1/checkpoint")
    assert status == 200
    head, _ = checkpoint.open_checkpoint(text, [KEY])
    assert head.size == script.at.size
    held: dict[Tile, bytes] = {}
    for tile in tiles.wanted_for_root(head.size):
        status, held[tile] = await _get(running, f"s-1/{tile.path}")
        assert status == 200
    assert levels.root(tiles.hashes_in(held), head.size) == head.root
    status, text = await _get(running, "s-1/checkpoint?size=3")
    assert checkpoint.open_checkpoint(text, [KEY])[0].size == 3

    entries = f"s-1/{Tile(-1, 0, 5).path}"
    assert (await _get(running, entries))[0] == 403
    assert await _as_node(running, folder, "hefei", entries) == 200
    outside = {"hefei", "shanghai", "nanjing", "hangzhou"} - {
        venue.venue for venue in script.at.venues.values()
    }
    for name in outside:
        assert await _as_node(running, folder, name, entries) == 403

    for path, expected in (
        ("s-2/checkpoint", 404),
        (f"s-2/{Tile(-1, 0, 5).path}", 404),
        ("s-1/tile/0/001", 404),
        ("s-1/tile/0/000.p/0", 404),
        ("s-1/checkpoint?size=x", 400),
        ("s-1/checkpoint?size=100000", 404),
        ("s-1/checkpoint?size=0", 404),
    ):
        assert (await _get(running, path))[0] == expected, path


async def test_once_a_session_is_archived_anybody_reads_its_entries_and_the_hashes_are_theirs(
    running: Coordinator, script: Script
) -> None:
    script.to_archived()
    await play(running, script)
    status, raw = await _get(running, f"s-1/{Tile(-1, 0, 5).path}")
    assert status == 200
    leaves = [tree.leaf_hash(entry) for entry in tiles.read_bundle(raw, 5)]
    assert (await _get(running, f"s-1/{Tile(0, 0, 5).path}"))[1] == b"".join(leaves)


async def test_without_a_key_for_it_no_log_is_served(folder: Path, tmp_path: Path) -> None:
    async with nodes.coordinator(folder, tmp_path) as plain:
        assert (await _get(plain, "s-1/checkpoint"))[0] == 404
