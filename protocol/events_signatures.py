"""What happened under rules version 4, group `signatures` (SPEC 29.6); listed in `events.Event`."""

from msgspec import Struct

from protocol.commands_signatures import Place
from protocol.words import Hash, Id


class ReportPrepared(Struct, frozen=True, forbid_unknown_fields=True, tag="ReportPrepared.1"):
    """The report has its places and annexes; what is signed from now on is this digest's file."""

    report: Hash
    prepared: Hash
    places: tuple[Place, ...]


class PaperSigned(Struct, frozen=True, forbid_unknown_fields=True, tag="PaperSigned.1"):
    """A seat's signature by certificate; `after` is the file with it, or the file that it is."""

    seat: Id
    prepared: Hash
    beside: bool
    after: Hash
    certificate: Hash


SignaturesEvent = ReportPrepared | PaperSigned
