"""What happened under rules version 4, group `escrow` (SPEC 28.8); listed in `events.Event`."""

from msgspec import Struct

from protocol.words import Count, Hash, Id


class SheetEscrowed(Struct, frozen=True, forbid_unknown_fields=True, tag="SheetEscrowed.1"):
    """A seat's opening lies sealed for custodians; none has acknowledged it yet."""

    lot: Id
    envelope: Id
    round: Count
    seat: Id
    commitment: Hash
    escrow: Hash


class EscrowAcknowledged(Struct, frozen=True, forbid_unknown_fields=True, tag="EscrowAcknowledged.1"):
    """A custodian holds its share of a seat's opening."""

    lot: Id
    envelope: Id
    round: Count
    seat: Id
    custodian: Id


class EscrowReleased(Struct, frozen=True, forbid_unknown_fields=True, tag="EscrowReleased.1"):
    """A custodian released its share of a seat's opening to the venues."""

    lot: Id
    envelope: Id
    round: Count
    seat: Id
    custodian: Id
    release: Hash


EscrowEvent = SheetEscrowed | EscrowAcknowledged | EscrowReleased
