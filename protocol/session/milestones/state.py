"""What the group keeps in a session's state; public fields only, empty under versions 1 to 3."""

from msgspec import Struct


class Milestones(Struct, frozen=True):
    """A milestone under a quorum of cosigners, what is owed and settled."""
