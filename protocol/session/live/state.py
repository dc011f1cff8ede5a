"""What the group keeps in a session's state; public fields only, empty under versions 1 to 3."""

from msgspec import Struct


class Live(Struct, frozen=True):
    """Recordings, clocks and what goes on beside the record."""
