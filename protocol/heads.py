"""Heads of a session's log as they travel to nodes and pages, and receipts (SPEC 27).

Plain structs and the names of their socket events. A checkpoint travels as the signed note that it is; what
it says is believed by nobody before the signatures and the tree are checked. Must not know who checks.
"""

from typing import Annotated

from msgspec import Meta, Struct

from protocol.words import Id

HEAD = "head"
RECEIPT = "receipt"


class HeadWanted(Struct, frozen=True, forbid_unknown_fields=True):
    """Asks for the newest signed head of a session's log."""

    session: Id


class HeadTold(Struct, frozen=True, forbid_unknown_fields=True):
    """The newest signed head, a note with the cosignatures that have come; empty where there is no log.

    To a page its node adds the trust policy of this session's log that it was told before the session, empty
    where it was told none. The coordinator leaves it empty: a policy comes from outside what it judges.
    """

    session: str
    checkpoint: str
    policy: str = ""


class ReceiptWanted(Struct, frozen=True, forbid_unknown_fields=True):
    """Asks the node for the receipt of an entry that the page's own key has signed."""

    session: Id
    seq: Annotated[int, Meta(ge=0)]


class ReceiptTold(Struct, frozen=True, forbid_unknown_fields=True):
    """A tlog-proof with the entry as its extra data (SPEC 20.4); empty while no head covers the entry."""

    session: str
    seq: int
    receipt: str
