"""Contents of the commands of rules version 4, group `escrow` (SPEC 28.8; DESIGN 7)."""

from protocol.content import Content
from protocol.words import Hash, Id


class EscrowSheet(Content, frozen=True, forbid_unknown_fields=True):
    """托管评分: a venue gives a seat's opening, sealed for custodians; `escrow` is a hidden digest."""

    seat: Id
    commitment: Hash
    escrow: Hash


class AcknowledgeEscrow(Content, frozen=True, forbid_unknown_fields=True):
    """确认托管: a custodian has opened its box, and holds its share of a seat's opening."""

    seat: Id
    commitment: Hash
    escrow: Hash


class ReleaseEscrow(Content, frozen=True, forbid_unknown_fields=True):
    """释放评分托管: a custodian's share, to the venues' keys, once scoring is closed."""

    seat: Id
    commitment: Hash
    release: Hash


CONTENTS: tuple[type[Content], ...] = (EscrowSheet, AcknowledgeEscrow, ReleaseEscrow)
