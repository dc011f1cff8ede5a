"""What the group keeps in a session's state; public fields only, empty under versions 1 to 3."""

from msgspec import Struct


class Escrow(Struct, frozen=True):
    """The openings of sealed sheets, held by custodians."""
