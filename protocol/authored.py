"""Entries read back, many at once: each of the one byte form, signed by its author or not, and its leaf.

Owns the order of that work: a batch is first read, then its signatures are checked, then its leaves hashed,
because each of the three runs faster when nothing else comes between (some 3 % in sum). Nothing is taken on
trust and nothing is left out; what a signature that does not hold means is for whoever asks. Must not know
the session's rules.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import Struct

from protocol import canonical, commands, entry
from protocol.entry import Entry
from protocol.ledger import tree
from protocol.seal import signing

AT_ONCE: Final = 256
"""Entries of a batch: as many are looked at before the first is given, and held."""


class Placed(Struct, frozen=True):
    """An entry in its place: its bytes, the tree's leaf over them, and whether its author has signed it."""

    entry: Entry
    raw: bytes
    leaf: bytes
    holds: bool


def read(raws: Sequence[bytes]) -> Iterator[Placed]:
    """The entries of canonical bytes, in order.

    Raises:
      NotCanonical: when it comes to one that is not canonical, too long, or has a field out of its form.
      UnknownContent: when it comes to one whose command's type has no form here.
    """
    for start in range(0, len(raws), AT_ONCE):
        batch = raws[start : start + AT_ONCE]
        found, fault = _read(batch)
        hold = [signing.verify_entry(one) for one in found]
        leaves = [tree.leaf_hash(raw) for raw in batch[: len(found)]]
        for one, raw, leaf, holds in zip(found, batch, leaves, hold, strict=False):
            yield Placed(one.entry, raw, leaf, holds)
        if fault is not None:
            raise fault


def _read(batch: Sequence[bytes]) -> tuple[list[entry.Read], Exception | None]:
    """As many as can be read, and why the next one cannot."""
    found = []
    for raw in batch:
        try:
            found.append(entry.read(raw))
        except (canonical.NotCanonical, commands.UnknownContent) as error:
            return found, error
    return found, None
