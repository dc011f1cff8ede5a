"""What the group keeps in a session's state; public fields only, empty under versions 1 to 3."""

from msgspec import Struct

from protocol.commands_signatures import Place


class Paper(Struct, frozen=True):
    """A seat's signature: in the PDF or beside it, the file's digest, the hidden certificate's."""

    beside: bool
    digest: bytes
    certificate: bytes


class Signatures(Struct, frozen=True):
    """The report's signatures by certificate.

    `report` is which was prepared as `prepared`, both empty before; another report that is imported later has
    none yet. `document` is the PDF as the last signature in it left it; `signed`: seat → its signature.
    """

    report: bytes = b""
    prepared: bytes = b""
    places: tuple[Place, ...] = ()
    document: bytes = b""
    signed: dict[str, Paper] = {}
