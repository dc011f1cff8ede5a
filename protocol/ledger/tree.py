"""The Merkle tree over the entries of one session (默克尔树).

Owns: leaf and node hashes, roots, inclusion and consistency proofs, and the frontier with which a root grows
by one leaf without the leaves before it. Must not know: what an entry says, who signs a checkpoint, where
tiles are kept.

Source: RFC 6962 section 2.1 (hashes, proofs), whose verification procedures are spelled out in RFC 9162
sections 2.1.3.2 and 2.1.4.2. The hash is SHA-256.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Final

import msgspec

HASH_BYTES: Final = 32
"""Length of every leaf hash, node hash and root."""

SIZE_MAX: Final = 2**64 - 1
"""Largest tree size: RFC 6962 carries it as uint64."""

EMPTY_ROOT: Final = sha256(b"").digest()
"""Root of the tree without leaves, SHA-256("")."""

_LEAF_TAG: Final = b"\x00"
_NODE_TAG: Final = b"\x01"


class ProofError(ValueError):
    """A proof does not show what it is said to show, or cannot be made for the sizes asked for.

    The caller treats the claim as unproved: it keeps its own head, and shows both heads to people.
    """


def leaf_hash(entry: bytes) -> bytes:
    """Return the 32-byte leaf hash of an entry's canonical bytes: SHA-256(0x00 ‖ entry).

    >>> leaf_hash(b"").hex()[:16]
    '6e340b9cffb37a98'
    """
    return sha256(_LEAF_TAG + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the 32-byte hash of an inner node: SHA-256(0x01 ‖ left ‖ right)."""
    return sha256(_NODE_TAG + left + right).digest()


def root(leaf_hashes: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes in order of `seq`; `EMPTY_ROOT` when there are none."""
    row = list(leaf_hashes)
    for leaf in row:
        _require_hash(leaf, "a leaf hash")
    peaks = []
    while row:
        if len(row) & 1:
            peaks.append(row.pop())
        nodes = iter(row)
        row = [sha256(_NODE_TAG + left + right).digest() for left, right in zip(nodes, nodes, strict=True)]
    return _folded(peaks) if peaks else EMPTY_ROOT


# --- growing by one leaf ------------------------------------------------------------------------------------


class Frontier(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that is needed to append: the roots of the perfect subtrees, largest (leftmost) first.

    `hashes` has one 32-byte root for each bit set in `size`.
    """

    size: int
    hashes: tuple[bytes, ...]


EMPTY: Final = Frontier(size=0, hashes=())
"""The frontier before genesis."""


def append(frontier: Frontier, leaf: bytes) -> Frontier:
    """Return the frontier with one more leaf hash (32 bytes).

    Raises:
        ProofError: the leaf hash is not 32 bytes, or the frontier's hashes do not fit its size.

    >>> append(EMPTY, leaf_hash(b"")).size
    1
    """
    return extend(frontier, (leaf,))


def extend(frontier: Frontier, leaf_hashes: Iterable[bytes]) -> Frontier:
    """Return the frontier with more leaf hashes (32 bytes each), in order of `seq`.

    Raises:
        ProofError: a leaf hash is not 32 bytes, or the frontier's hashes do not fit its size.
    """
    _require_frontier(frontier)
    hashes, size = list(frontier.hashes), frontier.size
    for leaf in leaf_hashes:
        if type(leaf) is not bytes or len(leaf) != HASH_BYTES:
            _require_hash(leaf, "the leaf hash")
        if size >= SIZE_MAX:
            raise ProofError("the tree is full")
        carry, full = leaf, size
        while full & 1:
            carry = sha256(_NODE_TAG + hashes.pop() + carry).digest()
            full >>= 1
        hashes.append(carry)
        size += 1
    return Frontier(size, tuple(hashes))


def frontier_root(frontier: Frontier) -> bytes:
    """Return the root of the tree that a frontier stands for.

    Raises:
        ProofError: the frontier's hashes do not fit its size.
    """
    _require_frontier(frontier)
    if not frontier.hashes:
        return EMPTY_ROOT
    return _folded(frontier.hashes[::-1])


def _folded(peaks: Sequence[bytes]) -> bytes:
    """The root over the roots of perfect subtrees, smallest (rightmost) first."""
    top = peaks[0]
    for left in peaks[1:]:
        top = sha256(_NODE_TAG + left + top).digest()
    return top


# --- making proofs ------------------------------------------------------------------------------------------


def inclusion_proof(leaf_hashes: Sequence[bytes], index: int, size: int) -> tuple[bytes, ...]:
    """Return the audit path of leaf `index` in the tree of the first `size` leaves, nearest sibling first.

    Raises:
        ProofError: `index` is not in that tree, or there are fewer leaves than `size`.
    """
    _require_size(size, "size")
    _require_size(index, "index")
    if size > len(leaf_hashes) or index >= size:
        raise ProofError(f"no leaf {index} in a tree of {size} among {len(leaf_hashes)} leaves")
    return tuple(_path(index, leaf_hashes, 0, size))


def consistency_proof(leaf_hashes: Sequence[bytes], size1: int, size2: int) -> tuple[bytes, ...]:
    """Return the proof that the tree of `size1` leaves is a prefix of the tree of `size2` leaves.

    Empty when the sizes are equal.

    Raises:
        ProofError: not 1 <= size1 <= size2 <= number of leaves; nothing need be proved from size 0.
    """
    _require_size(size1, "size1")
    _require_size(size2, "size2")
    if not 1 <= size1 <= size2 <= len(leaf_hashes):
        raise ProofError(f"no consistency proof from {size1} to {size2} among {len(leaf_hashes)} leaves")
    return tuple(_subproof(size1, leaf_hashes, 0, size2, known=True))


def _path(index: int, leaves: Sequence[bytes], start: int, end: int) -> list[bytes]:
    """RFC 6962 2.1.1, PATH(index, D[start:end])."""
    if end - start == 1:
        return []
    split = start + _split(end - start)
    if start + index < split:
        return [*_path(index, leaves, start, split), root(leaves[split:end])]
    return [*_path(index - (split - start), leaves, split, end), root(leaves[start:split])]


def _subproof(size1: int, leaves: Sequence[bytes], start: int, end: int, *, known: bool) -> list[bytes]:
    """RFC 6962 2.1.2, SUBPROOF(size1, D[start:end], known): `known` while its root is the old root."""
    if size1 == end - start:
        return [] if known else [root(leaves[start:end])]
    width = _split(end - start)
    split = start + width
    if size1 <= width:
        return [*_subproof(size1, leaves, start, split, known=known), root(leaves[split:end])]
    return [*_subproof(size1 - width, leaves, split, end, known=False), root(leaves[start:split])]


def _split(size: int) -> int:
    """Return the largest power of two smaller than `size` (>= 2)."""
    return 1 << ((size - 1).bit_length() - 1)


# --- verifying proofs ---------------------------------------------------------------------------------------


def verify_inclusion(index: int, size: int, leaf_hash: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """Check that the leaf with `leaf_hash` stands at `index` in the tree of `size` leaves with that root.

    Source: RFC 9162 2.1.3.2.

    Raises:
        ProofError: anything is wrong: a type, a length, an index outside the tree, too few or too many
            hashes in the proof, or another root.
    """
    _require_size(size, "size")
    _require_size(index, "index")
    _require_hash(leaf_hash, "the leaf hash")
    _require_hash(root, "the root")
    _require_proof(proof)
    if index >= size:
        raise ProofError(f"index {index} is outside a tree of {size}")
    node, last, result = index, size - 1, leaf_hash
    for sibling in proof:
        if last == 0:
            raise ProofError("the proof is too long")
        if node & 1 or node == last:
            result = node_hash(sibling, result)
            while not node & 1 and node:
                node >>= 1
                last >>= 1
        else:
            result = node_hash(result, sibling)
        node >>= 1
        last >>= 1
    if last != 0:
        raise ProofError("the proof is too short")
    if result != root:
        raise ProofError("the proof leads to another root")


def verify_consistency(size1: int, size2: int, proof: Sequence[bytes], root1: bytes, root2: bytes) -> None:
    """Check that the tree (size2, root2) only added leaves to the tree (size1, root1).

    `size1` = 0 is the caller's case: every tree extends the empty one and no proof can say more, so it is
    refused here rather than waved through.

    Source: RFC 9162 2.1.4.2.

    Raises:
        ProofError: anything is wrong: a type, a length, sizes in the wrong order, too few or too many hashes
            in the proof, or another root on either side.
    """
    _require_size(size1, "size1")
    _require_size(size2, "size2")
    _require_hash(root1, "root1")
    _require_hash(root2, "root2")
    _require_proof(proof)
    if size1 < 1:
        raise ProofError("a proof from the empty tree says nothing")
    if size2 < size1:
        raise ProofError(f"the tree shrank from {size1} to {size2}")
    if size1 == size2:
        if proof:
            raise ProofError("equal sizes need no proof")
        if root1 != root2:
            raise ProofError("one size, two roots")
        return
    node, last = size1 - 1, size2 - 1
    while node & 1:
        node >>= 1
        last >>= 1
    # A power of two is a perfect subtree of the larger tree: its root is known and not repeated in the proof.
    path = list(proof) if node else [root1, *proof]
    if not path:
        raise ProofError("the proof is too short")
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise ProofError("the proof is too long")
        if node & 1 or node == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not node & 1 and node:
                node >>= 1
                last >>= 1
        else:
            new = node_hash(new, sibling)
        node >>= 1
        last >>= 1
    if last != 0:
        raise ProofError("the proof is too short")
    if old != root1:
        raise ProofError("the proof leads to another first root")
    if new != root2:
        raise ProofError("the proof leads to another second root")


def _require_size(value: object, name: str) -> None:
    # bool is an int to Python, but never a size.
    if type(value) is not int:
        raise ProofError(f"{name} is not an integer")
    if not 0 <= value <= SIZE_MAX:
        raise ProofError(f"{name} is not between 0 and 2^64 - 1")


def _require_hash(value: object, name: str) -> None:
    if type(value) is not bytes:
        raise ProofError(f"{name} is not bytes")
    if len(value) != HASH_BYTES:
        raise ProofError(f"{name} has {len(value)} bytes instead of {HASH_BYTES}")


def _require_proof(proof: object) -> None:
    if not isinstance(proof, list | tuple):
        raise ProofError("the proof is not a list of hashes")
    for position, value in enumerate(proof):
        _require_hash(value, f"proof[{position}]")


def _require_frontier(frontier: Frontier) -> None:
    if not 0 <= frontier.size <= SIZE_MAX or frontier.size.bit_count() != len(frontier.hashes):
        raise ProofError("the frontier's hashes do not fit its size")
