"""Presence: which other nodes are connected to the coordinator, as far as this one knows, and since when.

A value: it changes only into another one. What is not asked for, or cannot be asked with the line down, is
unknown, never silent. Times are this node's own clock, when it noticed. Source: SPEC 12.5.
"""

from collections.abc import Iterable

from msgspec import Struct


class Standing(Struct, frozen=True):
    """Whether a node is connected, and since when this node knows it (ms)."""

    online: bool
    since: int


class Presence(Struct, frozen=True):
    """Node → how it stands; a node that is not in it is unknown."""

    nodes: dict[str, Standing] = {}

    def of(self, node: str) -> Standing | None:
        """How a node stands, or None where that is not known."""
        return self.nodes.get(node)

    def told(self, asked: Iterable[str], online: Iterable[str], at: int) -> "Presence":
        """What is known once an answer came; the same object where nothing has changed.

        Args:
          asked: the nodes that were asked for; all others are unknown from now on.
          online: those of them that are connected.
          at: this node's clock, ms.
        """
        up = frozenset(online)
        found = {}
        for node in asked:
            before = self.nodes.get(node)
            same = before is not None and before.online == (node in up)
            found[node] = before if same and before is not None else Standing(node in up, at)
        return self if found == self.nodes else Presence(found)


UNKNOWN = Presence()
