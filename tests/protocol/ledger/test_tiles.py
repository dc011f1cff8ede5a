"""Tiles, the tree with its levels, and receipts: Go's paths, C2SP's figures, a naive tree beside ours."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from protocol.ledger import checkpoint, kinds, levels, note, quorum, receipt, tiles, tree
from protocol.ledger.checkpoint import Checkpoint
from protocol.ledger.levels import Levels
from protocol.ledger.note import NoteError
from protocol.ledger.tiles import Tile, TileError
from protocol.ledger.tree import ProofError

VECTORS = Path(__file__).parents[2] / "data" / "log"
C2SP: dict[str, Any] = json.loads((VECTORS / "c2sp_spec_examples.json").read_text())
REFERENCE: dict[str, Any] = json.loads((VECTORS / "rfc6962_reference_tree.json").read_text())
PATHS: list[Any] = json.loads((VECTORS / "tile_paths_go.json").read_text())["paths"]
LEAVES = [tree.leaf_hash(number.to_bytes(4)) for number in range(700)]
GROWN = Levels(LEAVES)


# --- levels -------------------------------------------------------------------------------------------------


def test_the_reference_tree_has_its_published_roots() -> None:
    grown = Levels(tree.leaf_hash(bytes.fromhex(leaf)) for leaf in REFERENCE["leaf_inputs_hex"])
    assert [grown.root(size).hex() for size in range(grown.size + 1)] == REFERENCE["roots_hex"]
    assert grown.root().hex() == REFERENCE["roots_hex"][-1]


@given(st.integers(1, 300), st.data())
def test_proofs_read_off_the_levels_are_those_of_the_naive_tree(size: int, data: st.DataObject) -> None:
    before = data.draw(st.integers(1, size))
    index = data.draw(st.integers(0, size - 1))
    assert GROWN.root(size) == tree.root(LEAVES[:size])
    assert GROWN.inclusion(index, size) == tree.inclusion_proof(LEAVES, index, size)
    assert GROWN.consistency(before, size) == tree.consistency_proof(LEAVES, before, size)


@given(st.integers(0, 64), st.integers(0, 64))
def test_a_tree_that_goes_on_from_its_frontier_has_the_same_root(before: int, more: int) -> None:
    frontier = tree.EMPTY
    for leaf in LEAVES[:before]:
        frontier = tree.append(frontier, leaf)
    stored = tree.Frontier(frontier.size, tuple(frontier.hashes))
    for leaf in LEAVES[before : before + more]:
        stored = tree.append(stored, leaf)
    assert tree.frontier_root(stored) == GROWN.root(before + more)
    assert len(stored.hashes) == (before + more).bit_count()


def test_what_a_tree_does_not_have_is_refused() -> None:
    small = Levels(LEAVES[:5])
    for ask in (
        lambda: small.root(6),
        lambda: small.root(-1),
        lambda: small.at(0, 5),
        lambda: small.at(9, 0),
        lambda: small.at(0, -1),
        lambda: small.row(0, 2, 6),
        lambda: small.inclusion(5, 5),
        lambda: small.inclusion(0, 6),
        lambda: small.inclusion(0, 0),
        lambda: small.consistency(0, 5),
        lambda: small.consistency(4, 3),
        lambda: small.consistency(1, 6),
        lambda: small.append(b"short"),
    ):
        with pytest.raises(ProofError):
            ask()


# --- paths --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("path", "parts"), PATHS, ids=[path for path, _ in PATHS])
def test_gos_paths_without_their_height_are_ours(path: str, parts: list[int] | None) -> None:
    ours = "tile/" + path.split("/", 2)[2]
    if parts is None:
        with pytest.raises(TileError):
            tiles.read_path(ours)
        return
    height, level, index, width = parts
    full = 1 << height
    tile = tiles.read_path(ours)
    assert (tile.level, tile.index) == (level, index)
    assert tile.width == (tiles.WIDTH if width == full else width)
    assert tile.path == ours


def test_the_figures_of_the_specification_are_ours() -> None:
    for text, index in ((path, int(number)) for number, path in C2SP["tile_index_path"].items()):
        assert Tile(0, index).path == f"tile/0/{text}"
    for name in ("tiles_70000", "tiles_256"):
        figures = C2SP[name]
        mine: dict[str, int] = {}
        for tile in tiles.of_size(figures["tree_size"]):
            if tile.width == tiles.WIDTH:
                mine[f"full_l{tile.level}"] = mine.get(f"full_l{tile.level}", 0) + 1
            else:
                mine[f"partial_l{tile.level}"] = tile.width
        assert {"tree_size": figures["tree_size"], **mine} == figures


@pytest.mark.parametrize(
    "path",
    [
        "",
        "checkpoint",
        "tile/0/0",
        "tile/0/1000",
        "tile/00/001",
        "tile/64/000",
        "tile/0/x000/001",
        "tile/0/x01/001",
        "tile/0/001/x001",
        "tile/0/001.p/0",
        "tile/0/001.p/256",
        "tile/0/001.p/01",
        "tile/0/001.p/",
        "tile/0/001.p",
        "tile/0/001/",
        "/tile/0/001",
        "tile/entries",
        "tile/Entries/000",
        "tile/0/../001",
        "tile/0/٠٠١",
        "tile/0/001\n",
        "tile/0/" + "x999/" * 8 + "999",
    ],
)
def test_a_path_out_of_form_is_refused(path: str) -> None:
    with pytest.raises(TileError):
        tiles.read_path(path)


@given(st.integers(-1, 63), st.integers(0, 2**50), st.integers(1, 256))
def test_every_tile_is_read_back_from_its_path(level: int, index: int, width: int) -> None:
    tile = Tile(level, index, width)
    assert tiles.read_path(tile.path) == tile


# --- tiles and bundles --------------------------------------------------------------------------------------


@given(st.integers(1, 700), st.data())
def test_roots_and_proofs_from_tiles_alone_are_those_of_the_tree(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    before = data.draw(st.integers(1, size))
    served = {tile.path for tile in tiles.of_size(size)}

    def fetched(wanted: tuple[Tile, ...]) -> levels.HashAt:
        assert {tile.path for tile in wanted} <= served
        return tiles.hashes_in({tile: tiles.cut(GROWN, tile) for tile in wanted})

    assert levels.root(fetched(tiles.wanted_for_root(size)), size) == GROWN.root(size)
    proof = levels.inclusion(fetched(tiles.wanted_for_inclusion(index, size)), index, size)
    assert proof == GROWN.inclusion(index, size)
    at = fetched(tiles.wanted_for_consistency(before, size))
    assert levels.consistency(at, before, size) == GROWN.consistency(before, size)
    assert levels.root(at, before) == GROWN.root(before)


def test_a_tile_is_the_concatenation_of_the_hashes_one_level_up() -> None:
    assert tiles.cut(GROWN, Tile(0, 0)) == b"".join(LEAVES[:256])
    assert tiles.cut(GROWN, Tile(1, 0, 2)) == tree.root(LEAVES[:256]) + tree.root(LEAVES[256:512])
    assert tiles.cut(GROWN, Tile(0, 2, 188)) == b"".join(LEAVES[512:])


def test_tiles_that_a_tree_does_not_have_are_refused_and_older_partial_ones_are_not() -> None:
    assert tiles.cut(GROWN, Tile(0, 2, 3)) == b"".join(LEAVES[512:515])
    for tile in (Tile(0, 2), Tile(0, 2, 189), Tile(0, 3, 1), Tile(1, 0, 3), Tile(2, 0, 1), Tile(-1, 0)):
        with pytest.raises(TileError):
            tiles.cut(GROWN, tile)
    assert not tiles.has(700, Tile(-1, 2, 189))
    assert tiles.has(700, Tile(-1, 2, 188))


def test_tiles_of_another_length_or_missing_ones_prove_nothing() -> None:
    raw = tiles.cut(GROWN, Tile(0, 0, 5))
    with pytest.raises(ProofError):
        tiles.hashes_in({Tile(0, 0, 5): raw[:-1]})
    at = tiles.hashes_in({Tile(0, 0, 5): raw})
    assert at(2, 0) == GROWN.at(2, 0)
    for level, index in ((0, 5), (2, 1), (3, 0), (8, 0)):
        with pytest.raises(ProofError):
            at(level, index)


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=20), st.data())
def test_entry_bundles_are_read_back_and_nothing_shorter_or_longer_is(
    entries: list[bytes], data: st.DataObject
) -> None:
    raw = tiles.bundle(entries)
    assert tiles.read_bundle(raw, len(entries)) == tuple(entries)
    for wrong in (raw[:-1], raw + b"\x00", raw + b"\x00\x00", raw[: data.draw(st.integers(0, len(raw) - 1))]):
        with pytest.raises(TileError):
            tiles.read_bundle(wrong, len(entries))


def test_an_entry_that_is_too_long_for_a_bundle_is_refused() -> None:
    assert len(tiles.bundle([bytes(65_535)])) == 65_537
    with pytest.raises(TileError):
        tiles.bundle([bytes(65_536)])


# --- receipts -----------------------------------------------------------------------------------------------

LOG = note.ed25519_signer("bids.example/s-1", Ed25519PrivateKey.from_private_bytes(bytes(32)))
COSIGNER = note.ed25519_signer(
    "w.example", Ed25519PrivateKey.from_private_bytes(bytes([1] * 32)), kinds.COSIGNATURE
)
POLICY = quorum.read(f"log {LOG.key.vkey}\nwitness w {COSIGNER.key.vkey}\nquorum w\n")
HEAD = Checkpoint(LOG.key.name, 700, GROWN.root())
CHECKPOINT = checkpoint.sign(HEAD, [LOG, COSIGNER], 7)


def _receipt(index: int, **other: Any) -> receipt.Receipt:
    told = {"proof": GROWN.inclusion(index, 700), "checkpoint": CHECKPOINT, "extra": index.to_bytes(4)}
    return receipt.Receipt(index, **{**told, **other})


@given(st.integers(0, 699))
def test_a_receipt_is_read_back_and_proves_the_entry_it_brings(index: int) -> None:
    made = _receipt(index)
    again = receipt.read(made.text.encode())
    assert again == made
    entry, judged = receipt.verify_entry(again, POLICY)
    assert entry == index.to_bytes(4)
    assert judged.cosigned == ("w",)


def test_a_receipt_has_the_published_form() -> None:
    small = receipt.Receipt(
        0, (), checkpoint.sign(Checkpoint(LOG.key.name, 1, LEAVES[0]), [LOG, COSIGNER], 7)
    )
    assert small.text.startswith("c2sp.org/tlog-proof@v1\nindex 0\n\nbids.example/s-1\n1\n")
    assert receipt.read(small.text) == small
    receipt.verify(small, LEAVES[0], POLICY)
    with pytest.raises(ProofError):
        receipt.verify_entry(small, POLICY)
    lines = _receipt(5).text.split("\n")
    assert lines[1] == "extra AAAABQ=="
    assert lines[2] == "index 5"


@pytest.mark.parametrize(
    ("other", "error"),
    [
        ({"extra": b"another"}, ProofError),
        ({"proof": GROWN.inclusion(6, 700)}, ProofError),
        ({"proof": GROWN.inclusion(5, 700)[:-1]}, ProofError),
        ({"proof": GROWN.inclusion(5, 699)}, ProofError),
        (
            {"checkpoint": checkpoint.sign(Checkpoint(LOG.key.name, 2000, HEAD.root), [LOG, COSIGNER], 7)},
            ProofError,
        ),
        ({"checkpoint": checkpoint.sign(HEAD, [LOG], 7)}, quorum.NotEnough),
        ({"checkpoint": checkpoint.sign(HEAD, [COSIGNER], 7)}, NoteError),
        ({"checkpoint": CHECKPOINT.replace("bids", "bidz")}, NoteError),
    ],
)
def test_a_receipt_that_shows_anything_else_is_refused(other: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        receipt.verify_entry(_receipt(5, **other), POLICY)


WHOLE = _receipt(5).text


@pytest.mark.parametrize(
    "text",
    [
        "",
        WHOLE.replace("@v1", "@v2"),
        WHOLE.replace("extra AAAABQ==", "extra AAAABQ"),
        WHOLE.replace("extra AAAABQ==", "extra AAAABQ==\nextra AAAABQ=="),
        WHOLE.replace("index 5", "index 05"),
        WHOLE.replace("index 5", "index -5"),
        WHOLE.replace("index 5\n", ""),
        WHOLE.replace("index 5\n", "index 5\nindex 5\n"),
        WHOLE.replace("\n\n", "\n"),
        WHOLE.replace("index 5\n", "index 5\n" + "A" * 43 + "=\n" * 1 + ("A" * 43 + "=\n") * 63),
        WHOLE.replace("\n", "\r\n"),
        "\ufeff" + WHOLE,
    ],
)
def test_a_receipt_out_of_form_is_refused(text: str) -> None:
    with pytest.raises((NoteError, ProofError)):
        receipt.verify_entry(receipt.read(text), POLICY)
    with pytest.raises(NoteError):
        receipt.read(b"\xff" + text.encode())
