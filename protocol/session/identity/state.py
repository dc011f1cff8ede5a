"""What the group keeps in a session's state; public fields only, empty under versions 1 to 3."""

from msgspec import Struct


class Identity(Struct, frozen=True):
    """Keys delegated by certificate, passkey or desk, and revoked."""
