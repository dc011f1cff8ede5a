"""Tiles (哈希瓦片): the tree and its entries as files that never change, under known paths.

Owns paths, which tiles a tree has, the bytes of tiles and entry bundles, and proofs made from tiles alone.
Must not know who serves or fetches them, or who may read entries.

Source: C2SP tlog-tiles (5ba5ee8); height 8, SHA-256. A path here is relative to the log's prefix.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

import msgspec

from protocol import limits
from protocol.ledger import levels, tree
from protocol.ledger.levels import HashAt, Levels
from protocol.ledger.tree import ProofError, node_hash

HEIGHT: Final = 8
WIDTH: Final = 1 << HEIGHT
"""Hashes in a full tile, and entries in a full bundle."""

LEVEL_MAX: Final = 63
ENTRIES: Final = "entries"
CHECKPOINT: Final = "checkpoint"
_LENGTH_BYTES: Final = 2

_LEVEL: Final = r"0|[1-9][0-9]?"
_PATH: Final = re.compile(
    rf"tile/({_LEVEL}|{ENTRIES})/((?:x[0-9]{{3}}/)*[0-9]{{3}})(?:\.p/([1-9][0-9]{{0,2}}))?", re.ASCII
)


class TileError(ValueError):
    """No path of a tile, or bytes that are no tile or bundle of that path."""


class Tile(msgspec.Struct, frozen=True, order=True):
    """The `index`-th tile of a `level` (0 = leaves), `width` hashes wide; level −1 is entry bundles."""

    level: int
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """The path under the log's prefix.

        >>> Tile(0, 1234067).path, Tile(-1, 5, 12).path
        ('tile/0/x001/x234/067', 'tile/entries/005.p/12')
        """
        groups = [f"{self.index % 1000:03}"]
        rest = self.index // 1000
        while rest:
            groups.insert(0, f"x{rest % 1000:03}")
            rest //= 1000
        end = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{ENTRIES if self.level < 0 else self.level}/{'/'.join(groups)}{end}"

    @property
    def full(self) -> Tile:
        """The same tile once it is full."""
        return Tile(self.level, self.index)

    @property
    def span(self) -> tuple[int, int]:
        """Where its hashes (or entries) begin and end within their level."""
        return self.index * WIDTH, self.index * WIDTH + self.width


def read_path(path: str) -> Tile:
    """The tile that a path names.

    Raises:
      TileError: for any other path, leading zeros and needless groups included.
    """
    matched = _PATH.fullmatch(path)
    if matched is None:
        raise TileError(f"{path!r} is no path of a tile")
    level, groups, width = matched.groups()
    tile = Tile(
        -1 if level == ENTRIES else int(level),
        int(groups.replace("x", "").replace("/", "")),
        WIDTH if width is None else int(width),
    )
    if tile.level > LEVEL_MAX or tile.path != path or tile.span[1] > tree.SIZE_MAX:
        raise TileError(f"{path!r} is no path of a tile")
    return tile


def of_size(size: int) -> Iterator[Tile]:
    """Every tile of hashes that a tree of `size` leaves has, partial ones last in their level."""
    for level in range(LEVEL_MAX + 1):
        whole, partial = divmod(size >> (HEIGHT * level), WIDTH)
        if not whole and not partial:
            return
        for index in range(whole):
            yield Tile(level, index)
        if partial:
            yield Tile(level, whole, partial)


def has(size: int, tile: Tile) -> bool:
    """Whether a tree of `size` leaves, or one that it grew from, has this tile or bundle.

    A partial tile of a smaller tree is answered, too: its hashes never change.
    """
    return tile.span[1] <= size >> (HEIGHT * max(tile.level, 0))


def cut(grown: Levels, tile: Tile) -> bytes:
    """The bytes of a tile of hashes.

    Raises:
      TileError: the tree is not that large yet, or it is a bundle.
    """
    if tile.level < 0 or not has(grown.size, tile):
        raise TileError(f"no {tile.path} in a tree of {grown.size}")
    return b"".join(grown.row(HEIGHT * tile.level, *tile.span))


# --- entry bundles ------------------------------------------------------------------------------------------


def bundle(entries: Iterable[bytes]) -> bytes:
    """The bytes of an entry bundle: each entry after its length, big-endian, 2 bytes.

    Raises:
      TileError: an entry is longer than 65,535 bytes.
    """
    parts = []
    for entry in entries:
        if len(entry) > limits.ENTRY_BYTES_MAX:
            raise TileError(f"an entry of {len(entry)} bytes, at most {limits.ENTRY_BYTES_MAX}")
        parts += [len(entry).to_bytes(_LENGTH_BYTES), entry]
    return b"".join(parts)


def read_bundle(raw: bytes, width: int) -> tuple[bytes, ...]:
    """The entries of a bundle of `width`; whether they are the log's is shown by the tile of level 0.

    Raises:
      TileError: it holds more or fewer, or ends within one.
    """
    entries: list[bytes] = []
    at = 0
    while at < len(raw) and len(entries) <= width:
        start = at + _LENGTH_BYTES
        at = start + int.from_bytes(raw[at:start])
        if at > len(raw):
            raise TileError("the bundle ends within an entry")
        entries.append(raw[start:at])
    if len(entries) != width:
        raise TileError(f"the bundle holds {len(entries)} entries instead of {width}, or more")
    return tuple(entries)


# --- proofs from tiles --------------------------------------------------------------------------------------


def needed(size: int, *wanted: tuple[int, int]) -> tuple[Tile, ...]:
    """The tiles of a tree of `size` in which these hashes (level, index of perfect subtrees) can be read."""
    tiles = set()
    for level, index in wanted:
        row, inner = divmod(level, HEIGHT)
        number = (index << inner) // WIDTH
        width = min(WIDTH, (size >> (HEIGHT * row)) - number * WIDTH)
        tiles.add(Tile(row, number, width))
    return tuple(sorted(tiles))


def wanted_for_root(size: int) -> tuple[Tile, ...]:
    """The tiles from which the root over `size` leaves can be worked out."""
    return _traced(size, lambda at: levels.root(at, size))


def wanted_for_inclusion(index: int, size: int) -> tuple[Tile, ...]:
    """The tiles from which an inclusion proof can be made.

    Raises:
      ProofError: `index` is not in that tree.
    """
    return _traced(size, lambda at: levels.inclusion(at, index, size))


def wanted_for_consistency(size1: int, size2: int) -> tuple[Tile, ...]:
    """The tiles from which a consistency proof, and both roots, can be worked out.

    Raises:
      ProofError: not 1 <= size1 <= size2.
    """

    def walk(at: HashAt) -> None:
        levels.consistency(at, size1, size2)
        levels.root(at, size1)
        levels.root(at, size2)

    return _traced(size2, walk)


def hashes_in(held: Mapping[Tile, bytes]) -> HashAt:
    """What reads hashes of perfect subtrees out of tiles; nothing is proved before a root is compared.

    It raises `ProofError` for a hash that is in none of them, and for a tile of the wrong length.
    """
    widest: dict[tuple[int, int], bytes] = {}
    for tile, raw in sorted(held.items()):
        if len(raw) != tile.width * tree.HASH_BYTES:
            raise ProofError(f"{tile.path} has {len(raw)} bytes")
        widest[tile.level, tile.index] = raw

    def at(level: int, index: int) -> bytes:
        row, inner = divmod(level, HEIGHT)
        number, first = divmod(index << inner, WIDTH)
        raw = widest.get((row, number), b"")
        start, end = first * tree.HASH_BYTES, (first + (1 << inner)) * tree.HASH_BYTES
        if end > len(raw):
            raise ProofError(f"no tile holds subtree {index} of level {level}")
        return _fold([raw[i : i + tree.HASH_BYTES] for i in range(start, end, tree.HASH_BYTES)])

    return at


def _traced(size: int, walk: Callable[[HashAt], object]) -> tuple[Tile, ...]:
    """The tiles that a walk over hashes asks for."""
    asked: list[tuple[int, int]] = []

    def at(level: int, index: int) -> bytes:
        asked.append((level, index))
        return bytes(tree.HASH_BYTES)

    walk(at)
    return needed(size, *asked)


def _fold(hashes: Sequence[bytes]) -> bytes:
    """The root over a power of two of hashes."""
    row = list(hashes)
    while len(row) > 1:
        row = [node_hash(row[i], row[i + 1]) for i in range(0, len(row), 2)]
    return row[0]
