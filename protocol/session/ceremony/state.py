"""What the group keeps in a session's state; public fields only, empty under versions 1 to 3."""

from msgspec import Struct


class Ceremony(Struct, frozen=True):
    """The opening of sealed bids."""
