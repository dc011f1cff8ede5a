"""The Merkle tree against vectors made by others, and against itself."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.ledger import tree
from protocol.ledger.tree import EMPTY, EMPTY_ROOT, Frontier, ProofError

VECTORS = Path(__file__).parents[2] / "data" / "log"
PROOFS: list[dict[str, Any]] = json.loads((VECTORS / "merkle_proofs.json").read_text())["cases"]
REFERENCE: dict[str, Any] = json.loads((VECTORS / "rfc6962_reference_tree.json").read_text())
LEAVES = [bytes.fromhex(text) for text in REFERENCE["leaf_inputs_hex"]]
ROOTS = [bytes.fromhex(text) for text in REFERENCE["roots_hex"]]
LEAF_HASHES = [tree.leaf_hash(leaf) for leaf in LEAVES]
H = tree.leaf_hash(b"some leaf")

leaf_lists = st.lists(st.binary(max_size=8).map(tree.leaf_hash), min_size=1, max_size=40)


def _decoded(case: dict[str, Any]) -> list[bytes]:
    return [base64.b64decode(text) for text in case["proof"] or []]


@pytest.mark.parametrize("case", PROOFS, ids=[case["file"] for case in PROOFS])
def test_every_published_proof_is_accepted_or_refused_as_its_authors_say(case: dict[str, Any]) -> None:
    def verify() -> None:
        if case["kind"] == "inclusion":
            tree.verify_inclusion(
                case["leafIdx"],
                case["treeSize"],
                base64.b64decode(case["leafHash"]),
                _decoded(case),
                base64.b64decode(case["root"]),
            )
        else:
            tree.verify_consistency(
                case["size1"],
                case["size2"],
                _decoded(case),
                base64.b64decode(case["root1"]),
                base64.b64decode(case["root2"]),
            )

    if case["wantErr"]:
        with pytest.raises(ProofError):
            verify()
    else:
        verify()


def test_the_vectors_hold_both_kinds_and_both_outcomes() -> None:
    assert {(case["kind"], case["wantErr"]) for case in PROOFS} == {
        ("inclusion", True),
        ("inclusion", False),
        ("consistency", True),
        ("consistency", False),
    }


def test_the_reference_tree_has_its_published_roots_nodes_and_hashes() -> None:
    for size, expected in enumerate(ROOTS):
        assert tree.root(LEAF_HASHES[:size]) == expected
    level = LEAF_HASHES
    for published in REFERENCE["node_hashes_by_level_hex"]:
        assert [node.hex() for node in level] == published
        level = [tree.node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
    hasher = REFERENCE["hasher"]
    assert EMPTY_ROOT.hex() == hasher["empty_root"] == tree.root([]).hex()
    assert tree.leaf_hash(b"").hex() == hasher["empty_leaf"]
    assert tree.leaf_hash(b"L123456").hex() == hasher["leaf_L123456"]
    assert tree.node_hash(b"N123", b"N456").hex() == hasher["node_N123_N456"]


def test_the_frontier_has_the_same_roots_as_the_whole_tree() -> None:
    frontier = EMPTY
    assert tree.frontier_root(frontier) == EMPTY_ROOT
    for size, leaf in enumerate(LEAF_HASHES, start=1):
        frontier = tree.append(frontier, leaf)
        assert frontier.size == size
        assert tree.frontier_root(frontier) == ROOTS[size]


def test_all_proofs_of_the_reference_tree_verify() -> None:
    for size in range(1, 9):
        for index in range(size):
            proof = tree.inclusion_proof(LEAF_HASHES, index, size)
            tree.verify_inclusion(index, size, LEAF_HASHES[index], proof, ROOTS[size])
        for size1 in range(1, size + 1):
            proof = tree.consistency_proof(LEAF_HASHES, size1, size)
            tree.verify_consistency(size1, size, proof, ROOTS[size1], ROOTS[size])


@given(leaf_lists, st.data())
def test_own_inclusion_proofs_verify_and_any_flipped_bit_is_refused(
    leaves: list[bytes], data: st.DataObject
) -> None:
    size = data.draw(st.integers(1, len(leaves)))
    index = data.draw(st.integers(0, size - 1))
    top = tree.root(leaves[:size])
    proof = list(tree.inclusion_proof(leaves, index, size))
    tree.verify_inclusion(index, size, leaves[index], proof, top)
    parts = [leaves[index], top, *proof]
    which = data.draw(st.integers(0, len(parts) - 1))
    parts[which] = _flip(parts[which], data.draw(st.integers(0, 255)))
    with pytest.raises(ProofError):
        tree.verify_inclusion(index, size, parts[0], parts[2:], parts[1])


@given(leaf_lists, st.data())
def test_own_consistency_proofs_verify_and_any_flipped_bit_is_refused(
    leaves: list[bytes], data: st.DataObject
) -> None:
    size2 = data.draw(st.integers(1, len(leaves)))
    size1 = data.draw(st.integers(1, size2))
    old, new = tree.root(leaves[:size1]), tree.root(leaves[:size2])
    proof = list(tree.consistency_proof(leaves, size1, size2))
    tree.verify_consistency(size1, size2, proof, old, new)
    parts = [old, new, *proof]
    which = data.draw(st.integers(0, len(parts) - 1))
    parts[which] = _flip(parts[which], data.draw(st.integers(0, 255)))
    with pytest.raises(ProofError):
        tree.verify_consistency(size1, size2, parts[2:], parts[0], parts[1])


@given(leaf_lists, st.data())
def test_a_proof_with_one_hash_more_or_fewer_is_refused(leaves: list[bytes], data: st.DataObject) -> None:
    size2 = data.draw(st.integers(1, len(leaves)))
    size1 = data.draw(st.integers(1, size2))
    index = size1 - 1
    old, new = tree.root(leaves[:size1]), tree.root(leaves[:size2])
    inclusion = tree.inclusion_proof(leaves, index, size2)
    consistency = tree.consistency_proof(leaves, size1, size2)
    extra = data.draw(st.sampled_from([*leaves, old, new]))
    for wrong in (inclusion[:-1], inclusion[1:], (*inclusion, extra), (extra, *inclusion)):
        if wrong != inclusion:
            with pytest.raises(ProofError):
                tree.verify_inclusion(index, size2, leaves[index], wrong, new)
    for wrong in (consistency[:-1], consistency[1:], (*consistency, extra), (extra, *consistency)):
        if wrong != consistency:
            with pytest.raises(ProofError):
                tree.verify_consistency(size1, size2, wrong, old, new)


@given(leaf_lists, st.data())
def test_a_proof_does_not_verify_for_another_index_or_size(leaves: list[bytes], data: st.DataObject) -> None:
    distinct = [tree.leaf_hash(bytes([position]) + leaf) for position, leaf in enumerate(leaves)]
    size = len(distinct)
    index = data.draw(st.integers(0, size - 1))
    top = tree.root(distinct)
    proof = tree.inclusion_proof(distinct, index, size)
    other = data.draw(st.integers(0, size + 1))
    if other != index:
        with pytest.raises(ProofError):
            tree.verify_inclusion(other, size, distinct[index], proof, top)


@pytest.mark.parametrize("size", [True, 1.0, "1", None, -1, 2**64, b"\x01"])
def test_sizes_and_indexes_of_a_wrong_type_or_range_are_refused(size: Any) -> None:
    with pytest.raises(ProofError):
        tree.verify_inclusion(0, size, H, [], H)
    with pytest.raises(ProofError):
        tree.verify_inclusion(size, 1, H, [], H)
    with pytest.raises(ProofError):
        tree.verify_consistency(size, 1, [], H, H)
    with pytest.raises(ProofError):
        tree.verify_consistency(1, size, [], H, H)
    with pytest.raises(ProofError):
        tree.inclusion_proof([H], 0, size)
    with pytest.raises(ProofError):
        tree.consistency_proof([H], size, 1)


@pytest.mark.parametrize(
    "wrong", [H.hex(), bytearray(H), memoryview(H), None, 7, H[:31], H + b"\x00", b"", list(H)]
)
def test_hashes_of_a_wrong_type_or_length_are_refused(wrong: Any) -> None:
    top = tree.node_hash(H, H)
    with pytest.raises(ProofError):
        tree.verify_inclusion(0, 2, wrong, [H], top)
    with pytest.raises(ProofError):
        tree.verify_inclusion(0, 2, H, [H], wrong)
    with pytest.raises(ProofError):
        tree.verify_inclusion(0, 2, H, [wrong], top)
    with pytest.raises(ProofError):
        tree.verify_consistency(1, 2, [wrong], H, top)
    with pytest.raises(ProofError):
        tree.verify_consistency(1, 2, [H], wrong, top)
    with pytest.raises(ProofError):
        tree.verify_consistency(1, 2, [H], H, wrong)
    with pytest.raises(ProofError):
        tree.append(EMPTY, wrong)


@pytest.mark.parametrize("wrong", [None, H, "", {}, 0, iter([H]), {H}])
def test_a_proof_that_is_no_list_of_hashes_is_refused(wrong: Any) -> None:
    with pytest.raises(ProofError):
        tree.verify_inclusion(0, 2, H, wrong, tree.node_hash(H, H))
    with pytest.raises(ProofError):
        tree.verify_consistency(1, 2, wrong, H, tree.node_hash(H, H))


def test_a_consistency_proof_from_the_empty_tree_is_refused() -> None:
    with pytest.raises(ProofError):
        tree.verify_consistency(0, 1, [], EMPTY_ROOT, H)
    with pytest.raises(ProofError):
        tree.verify_consistency(0, 0, [], EMPTY_ROOT, EMPTY_ROOT)
    with pytest.raises(ProofError):
        tree.consistency_proof([H], 0, 1)


def test_two_roots_of_one_size_and_a_shrunken_tree_are_refused() -> None:
    with pytest.raises(ProofError):
        tree.verify_consistency(8, 8, [], ROOTS[8], ROOTS[7])
    with pytest.raises(ProofError):
        tree.verify_consistency(8, 7, [], ROOTS[8], ROOTS[7])
    with pytest.raises(ProofError):
        tree.inclusion_proof(LEAF_HASHES, 3, 9)
    with pytest.raises(ProofError):
        tree.consistency_proof(LEAF_HASHES, 3, 9)


def test_a_frontier_whose_hashes_do_not_fit_its_size_is_refused() -> None:
    for broken in (
        Frontier(size=3, hashes=(H,)),
        Frontier(size=0, hashes=(H,)),
        Frontier(size=-1, hashes=()),
    ):
        with pytest.raises(ProofError):
            tree.append(broken, H)
        with pytest.raises(ProofError):
            tree.frontier_root(broken)
    with pytest.raises(ProofError):
        tree.append(Frontier(size=tree.SIZE_MAX, hashes=(H,) * 64), H)


def _flip(value: bytes, bit: int) -> bytes:
    changed = bytearray(value)
    changed[bit // 8] ^= 1 << (bit % 8)
    return bytes(changed)
