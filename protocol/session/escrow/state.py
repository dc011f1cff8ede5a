"""What the group keeps in a session's state; public fields only, empty under versions 1 to 3."""

from msgspec import Struct


class Held(Struct, frozen=True):
    """One seat's opening in escrow: who has acknowledged it, and custodian → release's digest."""

    commitment: bytes
    escrow: bytes
    acknowledged: tuple[str, ...] = ()
    released: dict[str, bytes] = {}


class Escrow(Struct, frozen=True):
    """The openings of sealed sheets, held by custodians: `lot/envelope round seat` → what is held."""

    held: dict[str, Held] = {}
