"""The tree with every hash that never changes again: proofs and tiles without a walk over the leaves.

Owns the hashes of all perfect subtrees, level by level, and the proofs that are read off them; whoever keeps
only tiles gives their hashes instead. A tree of n leaves costs about 2n hashes of memory; one that only
grows keeps a `tree.Frontier`. Must not know what a leaf says, or where tiles are kept.

Source: RFC 6962 section 2.1; C2SP tlog-tiles for why a hash of a perfect subtree is final.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from protocol.ledger import tree
from protocol.ledger.tree import EMPTY_ROOT, ProofError, node_hash

HashAt = Callable[[int, int], bytes]
"""(level, index) → hash of the perfect subtree over the leaves index·2^level … (index+1)·2^level − 1."""


class Levels:
    """A growing tree that keeps the hash of every perfect subtree."""

    def __init__(self, leaf_hashes: Iterable[bytes] = ()) -> None:
        """Begin with these leaves, in order of `seq`."""
        self._levels: list[list[bytes]] = [[]]
        for leaf in leaf_hashes:
            self.append(leaf)

    @property
    def size(self) -> int:
        """How many leaves there are."""
        return len(self._levels[0])

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash (32 bytes); O(1) amortised, at most one node hash for each level.

        Raises:
          ProofError: it is not 32 bytes.
        """
        if type(leaf) is not bytes or len(leaf) != tree.HASH_BYTES:
            raise ProofError(f"a leaf hash is {tree.HASH_BYTES} bytes")
        level, carry = 0, leaf
        while True:
            row = self._levels[level]
            row.append(carry)
            if len(row) & 1:
                return
            carry = node_hash(row[-2], row[-1])
            level += 1
            if level == len(self._levels):
                self._levels.append([])

    def at(self, level: int, index: int) -> bytes:
        """The hash of a perfect subtree.

        Raises:
          ProofError: the tree is not that large yet.
        """
        if not 0 <= level < len(self._levels) or not 0 <= index < len(self._levels[level]):
            raise ProofError(f"no perfect subtree {index} at level {level} in a tree of {self.size}")
        return self._levels[level][index]

    def row(self, level: int, start: int, end: int) -> tuple[bytes, ...]:
        """The hashes from `start` up to, not including, `end` at one level: a tile's.

        Raises:
          ProofError: the tree is not that large yet.
        """
        if not 0 <= start <= end or level < 0 or end > (self.size >> level):
            raise ProofError(f"no subtrees {start} to {end} at level {level} in a tree of {self.size}")
        return tuple(self._levels[level][start:end]) if start < end else ()

    def root(self, size: int | None = None) -> bytes:
        """The root over the first `size` leaves; over all without it.

        Raises:
          ProofError: there are fewer leaves.
        """
        wanted = self.size if size is None else size
        self._require(wanted)
        return root(self.at, wanted)

    def inclusion(self, index: int, size: int) -> tuple[bytes, ...]:
        """The proof that leaf `index` stands in the tree of the first `size` leaves, nearest sibling first.

        Raises:
          ProofError: `index` is not in that tree, or there are fewer leaves.
        """
        self._require(size)
        return inclusion(self.at, index, size)

    def consistency(self, size1: int, size2: int) -> tuple[bytes, ...]:
        """The proof that the tree of `size2` leaves only added to that of `size1`.

        Raises:
          ProofError: not 1 <= size1 <= size2 <= number of leaves.
        """
        self._require(size2)
        return consistency(self.at, size1, size2)

    def _require(self, size: int) -> None:
        if not 0 <= size <= self.size:
            raise ProofError(f"no tree of {size} among {self.size} leaves")


def root(at: HashAt, size: int) -> bytes:
    """The root over the first `size` leaves, from hashes of perfect subtrees."""
    return _span(at, 0, size) if size else EMPTY_ROOT


def inclusion(at: HashAt, index: int, size: int) -> tuple[bytes, ...]:
    """The audit path of leaf `index` in a tree of `size` (RFC 6962 2.1.1), nearest sibling first.

    Raises:
      ProofError: `index` is not in that tree.
    """
    if not 0 <= index < size:
        raise ProofError(f"no leaf {index} in a tree of {size}")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        split = start + _split(end - start)
        if index < split:
            path.append(_span(at, split, end))
            end = split
        else:
            path.append(_span(at, start, split))
            start = split
    return tuple(reversed(path))


def consistency(at: HashAt, size1: int, size2: int) -> tuple[bytes, ...]:
    """The proof from `size1` to `size2` (RFC 6962 2.1.2); empty when they are equal.

    Raises:
      ProofError: not 1 <= size1 <= size2.
    """
    if not 1 <= size1 <= size2:
        raise ProofError(f"no consistency proof from {size1} to {size2}")
    proof: list[bytes] = []
    start, end, is_known = 0, size2, True
    while size1 != end:
        split = start + _split(end - start)
        if size1 <= split:
            proof.append(_span(at, split, end))
            end = split
        else:
            proof.append(_span(at, start, split))
            start, is_known = split, False
    if not is_known:
        proof.append(_span(at, start, end))
    return tuple(reversed(proof))


def _span(at: HashAt, start: int, end: int) -> bytes:
    """The hash over leaves `start` to `end`, which RFC 6962 splits off whole: `start` is aligned to it."""
    width = end - start
    hashes = []
    for level in range(width.bit_length() - 1, -1, -1):
        if width >> level & 1:
            hashes.append(at(level, start >> level))
            start += 1 << level
    top = hashes.pop()
    while hashes:
        top = node_hash(hashes.pop(), top)
    return top


def _split(size: int) -> int:
    """The largest power of two smaller than `size` (>= 2)."""
    return 1 << ((size - 1).bit_length() - 1)
