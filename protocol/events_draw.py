"""What happened under rules version 3, group `committee` (SPEC 15); listed in `events.Event`."""

from msgspec import Struct

from protocol.commands_draw import DrawParty, OpenedShare, PoolLeaf, SeatWanted, StratumCount
from protocol.content import SeatRef, VenueRef
from protocol.words import Count, Hash, HashOrEmpty, Id, IdOrEmpty


class PoolFrozen(Struct, frozen=True, forbid_unknown_fields=True, tag="PoolFrozen.1"):
    """What is drawn from stands fast; `withheld` are parties of a draw before that never revealed."""

    draw: Id
    pool: Hash
    root: Hash
    sieved_by: Hash
    strata: tuple[StratumCount, ...]
    venues: tuple[VenueRef, ...]
    subs: Count
    seats: tuple[SeatWanted, ...]
    parties: tuple[DrawParty, ...]
    subject: Hash
    withheld: tuple[Id, ...]


class DrawSeedCommitted(Struct, frozen=True, forbid_unknown_fields=True, tag="DrawSeedCommitted.1"):
    """A party has committed to its share."""

    draw: Id
    party: Id
    commitment: Hash


class DrawSeedRevealed(Struct, frozen=True, forbid_unknown_fields=True, tag="DrawSeedRevealed.1"):
    """A party's share lies with the coordinator; nobody is shown it before check-in opens."""

    draw: Id
    party: Id


class VenuesDrawn(Struct, frozen=True, forbid_unknown_fields=True, tag="VenuesDrawn.1"):
    """The sub-venues follow from the shares, hidden until check-in opens."""

    draw: Id


class CommitteeDrawn(Struct, frozen=True, forbid_unknown_fields=True, tag="CommitteeDrawn.1"):
    """The experts follow from the shares, hidden until check-in opens; the main venue's seats are there."""

    draw: Id
    hosts: tuple[SeatRef, ...]


class SeatTaken(Struct, frozen=True, forbid_unknown_fields=True, tag="SeatTaken.1"):
    """Who was drawn for a seat: `index` is the place within the stratum, from 0."""

    seat: Id
    venue: Id
    index: Count
    leaf: PoolLeaf


class DrawPublished(Struct, frozen=True, forbid_unknown_fields=True, tag="DrawPublished.1"):
    """The draw in the open: shares, their seed, the sub-venues, who was drawn, the sub-venues' seats."""

    draw: Id
    shares: tuple[OpenedShare, ...]
    seed: Hash
    venues: tuple[VenueRef, ...]
    members: tuple[SeatTaken, ...]
    seats: tuple[SeatRef, ...]


class ReplacementCalled(Struct, frozen=True, forbid_unknown_fields=True, tag="ReplacementCalled.1"):
    """Whoever was drawn for a seat does not come; `taken` is the next one, once the draw is public."""

    seat: Id
    reason: Id
    taken: tuple[SeatTaken, ...]


class RecusalDeclared(Struct, frozen=True, forbid_unknown_fields=True, tag="RecusalDeclared.1"):
    """A member declared a ground for recusal."""

    seat: Id
    ground: Id
    bidder: IdOrEmpty
    remark: HashOrEmpty


class MemberReplaced(Struct, frozen=True, forbid_unknown_fields=True, tag="MemberReplaced.1"):
    """A member left; nothing that seat concluded counts, the successor does it again."""

    seat: Id
    successor: Id
    reason: Id
    taken: tuple[SeatTaken, ...]
    named: tuple[SeatRef, ...]


class IdentityConfirmed(Struct, frozen=True, forbid_unknown_fields=True, tag="IdentityConfirmed.1"):
    """A step of identification was passed; `by` is the seat that confirms it."""

    seat: Id
    step: Id
    evidence: HashOrEmpty
    by: Id


class ChairBallotOpened(Struct, frozen=True, forbid_unknown_fields=True, tag="ChairBallotOpened.1"):
    """The members elect their chair; votes of a ballot before count no more."""

    number: Count
    secret: bool


class ChairVoted(Struct, frozen=True, forbid_unknown_fields=True, tag="ChairVoted.1"):
    """A member voted: openly for somebody, or by a commitment."""

    seat: Id
    candidate: IdOrEmpty
    commitment: HashOrEmpty


class ChairVoteOpened(Struct, frozen=True, forbid_unknown_fields=True, tag="ChairVoteOpened.1"):
    """A member opened a secret vote."""

    seat: Id
    candidate: Id


class ChairElected(Struct, frozen=True, forbid_unknown_fields=True, tag="ChairElected.1"):
    """The chair is known: by more than half of the members, or named by the tenderee."""

    seat: Id
    votes: Count
    named: bool


class CommitteeRedrawn(Struct, frozen=True, forbid_unknown_fields=True, tag="CommitteeRedrawn.1"):
    """Another committee by the same draw: its seats, who took them, and the tenderee's representatives."""

    draw: Id
    seats: tuple[SeatWanted, ...]
    members: tuple[SeatTaken, ...]
    named: tuple[SeatRef, ...]


DrawEvent = (
    PoolFrozen
    | DrawSeedCommitted
    | DrawSeedRevealed
    | VenuesDrawn
    | CommitteeDrawn
    | DrawPublished
    | ReplacementCalled
    | RecusalDeclared
    | MemberReplaced
    | IdentityConfirmed
    | ChairBallotOpened
    | ChairVoted
    | ChairVoteOpened
    | ChairElected
    | CommitteeRedrawn
)
