"""What a page may be shown of an opening, of scores in escrow and of a report's signatures (SPEC 28, 29).

The nouns of `views` for the acts of rules version 4. No box, share or key of a bid is in them: what stands
here is public record, but for the written reason of a failure, which is None where the allow-table does not
show it. Times are ms since 1970 UTC on the coordinator's clock.
"""

from typing import Literal

from msgspec import Struct

from protocol.words import Milestone


class KeyholderView(Struct, frozen=True, forbid_unknown_fields=True):
    """A custodian's service: whether it answered the roll-call, whether it released, how often falsely.

    `false_shares` counts bids of which its share was not the one that the bid commits to.
    """

    custodian: str
    answered: bool
    released: bool
    false_shares: int = 0


class KeyGroupView(Struct, frozen=True, forbid_unknown_fields=True):
    """A group of custodians: any `threshold` of its members are enough, and fewer are none."""

    group: str
    threshold: int
    members: tuple[KeyholderView, ...]


class BidFailureView(Struct, frozen=True, forbid_unknown_fields=True):
    """Why a bid was not opened, whose fault that was, and what the tender document lets be done."""

    cause: str
    reason: str
    remedy: str
    statement: str | None = None


class SealedBidView(Struct, frozen=True, forbid_unknown_fields=True):
    """A bid that was received: whether its bidder released it, and what the venues found of it.

    `result` is empty until a venue has said so; that of the venue that spoke first.
    """

    bid: str
    bidder: str
    released: bool
    result: str
    failure: BidFailureView | None = None


class OpeningVenueView(Struct, frozen=True, forbid_unknown_fields=True):
    """A venue that can open what is released; `found` is the digest of what it says, empty before."""

    venue: str
    found: bytes


class CeremonyView(Struct, frozen=True, forbid_unknown_fields=True):
    """One stage's opening from the custodians' appointment on.

    `to` are the venues whose keys releases are boxed to, empty before the opening begins; `until` the end of
    the bidders' window, suspensions added, 0 before it begins; `waits` the milestone that the next release
    waits for, empty where it is reached or none is called; `short` are groups of which too few have answered
    (or released, in CUSTODIANS_RELEASE), each with how many are missing; `alike` whether all venues that
    have reported found the same; `record` is what `SignOpeningRecord` signs, empty before OPENED.
    """

    project: str
    suite: str
    window_ms: int
    groups: tuple[KeyGroupView, ...]
    to: tuple[OpeningVenueView, ...]
    bids: tuple[SealedBidView, ...]
    until: int
    waits: Milestone | Literal[""]
    short: tuple[str, ...]
    alike: bool
    record: bytes = b""


class HeldSheetView(Struct, frozen=True, forbid_unknown_fields=True):
    """A seat's sealed sheet in escrow: given to custodians, acknowledged and released by which of them."""

    seat: str
    given: bool
    acknowledged: tuple[str, ...]
    released: tuple[str, ...]


class EscrowView(Struct, frozen=True, forbid_unknown_fields=True):
    """Who holds a stage's scores: any `threshold` of `custodians` in `group`; a sheet for each shown seat."""

    group: str
    custodians: int
    threshold: int
    sheets: tuple[HeldSheetView, ...]


class PlaceView(Struct, frozen=True, forbid_unknown_fields=True):
    """A place for one signature: `signed` in the PDF or `beside` it, empty while it is not."""

    seat: str
    role: str
    signed: Literal["", "within", "beside"]


class PaperView(Struct, frozen=True, forbid_unknown_fields=True):
    """The report prepared to be signed by certificate: its digest, and of the file as it stands now."""

    prepared: bytes
    document: bytes
    places: tuple[PlaceView, ...]
