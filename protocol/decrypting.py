"""What a venue's node tells its pages of the bids that it opens: how far each is (SPEC 28.11).

Numbers of bytes, and bids by the ids of the list that everybody is shown; nothing of what is in them.
"""

from typing import Annotated, Final

from msgspec import Meta, Struct

from protocol.words import Id

DECRYPTING: Final = "decrypting"
"""Page to its node (`DecryptingWanted`), answered by `Decrypting`."""


class DecryptingWanted(Struct, frozen=True, forbid_unknown_fields=True):
    """How far is this node with the bids of a session?"""

    session: Id


class BidRead(Struct, frozen=True, forbid_unknown_fields=True):
    """A container that lies at the node, compared with the record: its bytes, and how many were decrypted."""

    lot: str
    envelope: str
    bid: str
    size: Annotated[int, Meta(ge=0)]
    done: Annotated[int, Meta(ge=0)]


class Decrypting(Struct, frozen=True, forbid_unknown_fields=True):
    """The containers that lie at the node, in the order of the lists; those that are missing do not yet."""

    session: Id
    bids: tuple[BidRead, ...]
