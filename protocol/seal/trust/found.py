"""What a piece of evidence says of one certificate at one moment."""

from msgspec import Struct


class Good(Struct, frozen=True):
    """Not revoked; the evidence may be used until `until`, ms, not included."""

    until: int


class Revoked(Struct, frozen=True):
    """Revoked from `since` on, ms."""

    since: int
