"""The draw of venues and experts (抽取), to be run again by anybody.

Everything here follows from public fields: the frozen numbers of each stratum, the shares once they
are open, and the order in which seats took somebody. The sub-venues are the first of the candidates'
order. In each stratum (province and speciality) the seats take, one after the other in the order of
the record, the next of that stratum's order; who refuses or does not come is followed by the next of
the same order, never by a new draw, so that calling again cannot be used to choose. That a drawn
number is a certain person is shown by a leaf and its proof under the frozen root.

Sources: 招标投标法 37 (random from the pool); 355号 七 (across regions); SPEC 15.
"""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from protocol import canonical, chance
from protocol.chance import Share, commitment, drawn_order, reveals, rfc3797_selected, seed
from protocol.commands_draw import DrawnMember, FreezePool, OpenedShare, SeatWanted, StratumCount
from protocol.content import VenueRef
from protocol.events_draw import PoolFrozen
from protocol.ledger import tree

__all__ = [
    "Pick", "PoolExhausted", "Share", "commitment", "drawn_order", "is_leaf", "leaf_place", "picks", "places",
    "reveals", "rfc3797_selected", "seed", "seed_of", "shares_of", "subject", "venues_drawn",
]  # fmt: skip

MAIN_PLACE = "main"


class PoolExhausted(ValueError):
    """A stratum has nobody left for a seat; the text names it. The caller tells it as a refusal."""

    def __init__(self, stratum: StratumCount) -> None:
        super().__init__(f"{stratum.province}/{stratum.speciality}")
        self.stratum = stratum


class Pick(Struct, frozen=True):
    """Who a seat took: the venue, and the place (from 0) within the province's stratum."""

    seat: str
    venue: VenueRef
    stratum: StratumCount
    index: int


def subject(session: str, content: FreezePool) -> bytes:
    """The digest of what is drawn from, 32 bytes; a share holds for that alone."""
    return canonical.tagged_digest("draw-frozen/v1", [session, content])


def shares_of(session: str, frozen: PoolFrozen, opened: Iterable[OpenedShare]) -> tuple[Share, ...]:
    """The shares that opened ones are said to be."""
    return tuple(
        Share(draw=frozen.draw, party=one.party, random=one.random, session=session, subject=frozen.subject)
        for one in opened
    )


def seed_of(session: str, frozen: PoolFrozen, opened: Iterable[OpenedShare]) -> bytes:
    """The seed of a draw, 32 bytes, whatever order its shares are in."""
    return chance.seed(shares_of(session, frozen, opened))


def venues_drawn(seed_: bytes, frozen: PoolFrozen) -> tuple[VenueRef, ...]:
    """The main venue, then the drawn sub-venues in their drawn order."""
    main = next(venue for venue in frozen.venues if venue.role == "main")
    subs = sorted((venue for venue in frozen.venues if venue.role == "sub"), key=lambda venue: venue.venue)
    order = drawn_order(seed_, ["venues"], len(subs))
    return (main, *(subs[place] for place in order[: frozen.subs]))


def places(venues: Sequence[VenueRef]) -> dict[str, VenueRef]:
    """Place → venue: `main`, then `sub-1`, `sub-2` … in drawn order."""
    return {place_name(number): venue for number, venue in enumerate(venues)}


def place_name(number: int) -> str:
    """The name of a place by its number, 0 for the main venue.

    >>> place_name(0), place_name(2)
    ('main', 'sub-2')
    """
    return f"sub-{number}" if number else MAIN_PLACE


def picks(seed_: bytes, frozen: PoolFrozen, takes: Iterable[SeatWanted]) -> tuple[Pick, ...]:
    """Who was taken, for every taking in its order; a seat's last one counts.

    Raises:
      PoolExhausted: a stratum has nobody left.
    """
    at = places(venues_drawn(seed_, frozen))
    strata = {(one.province, one.speciality): one for one in frozen.strata}
    used: dict[tuple[str, str], int] = {}
    orders: dict[tuple[str, str], tuple[int, ...]] = {}
    found = []
    for take in takes:
        venue = at[take.place]
        name = (venue.province, take.speciality)
        stratum = strata.get(name, StratumCount(*name, eligible=0, left=0))
        if name not in orders:
            orders[name] = drawn_order(seed_, ["stratum", *name], stratum.eligible)
        place = used.get(name, 0)
        if place >= stratum.eligible:
            raise PoolExhausted(stratum)
        used[name] = place + 1
        found.append(Pick(take.seat, venue, stratum, orders[name][place]))
    return tuple(found)


def seated(found: Iterable[Pick]) -> Mapping[str, Pick]:
    """Seat → whoever took it last."""
    return {pick.seat: pick for pick in found}


def leaf_place(frozen: PoolFrozen, pick: Pick) -> int:
    """Where a pick's leaf stands in the whole roll, from 0: strata follow each other in their order."""
    before = frozen.strata[: frozen.strata.index(pick.stratum)]
    return sum(stratum.eligible for stratum in before) + pick.index


def is_leaf(frozen: PoolFrozen, pick: Pick, member: DrawnMember) -> bool:
    """Whether a member's leaf is the one that a pick means, by its proof under the frozen root."""
    leaf = member.leaf
    if (leaf.province, leaf.speciality) != (pick.stratum.province, pick.stratum.speciality):
        return False
    size = sum(stratum.eligible for stratum in frozen.strata)
    hashed = tree.leaf_hash(canonical.encode(leaf))
    try:
        tree.verify_inclusion(leaf_place(frozen, pick), size, hashed, list(member.proof), frozen.root)
    except tree.ProofError:
        return False
    return True
