"""How a committee came about and changed (评标委员会的组建与更换): draw, chair, replacements, void committees.

Owns putting the record's acts into plain rows, for the paper and for machines alike. Counts why experts were
left out, and names none of them. Must not know words or pages. Source: SPEC 15, 17.4.
"""

from collections import Counter

from msgspec import Struct

from main_venue.report.happened import Happening, at_ms, of, said, since_void
from protocol import events_draw as ev
from protocol.events_turns import CommitteeVoided
from protocol.hidden import Disclosed
from protocol.pool.roll import Roll
from protocol.session.state import State


class Stratum(Struct, frozen=True):
    """A province and speciality: how many could be drawn, how many the filter left out."""

    province: str
    speciality: str
    eligible: int
    left: int


class Party(Struct, frozen=True):
    """Who gave a share of the randomness, and when it committed and revealed (ms, 0 where it did not)."""

    party: str
    province: str
    role: str
    committed_ms: int
    revealed_ms: int


class Taken(Struct, frozen=True):
    """Who sits where by the draw: the place in the drawn order of the stratum, from 1."""

    seat: str
    province: str
    speciality: str
    place: int


class DrawFacts(Struct, frozen=True):
    """The draw of the present committee. `root` and `seed` are hexadecimal; `left_out` counts by reason.

    `left_out` is None where the roll is not disclosed here, `withheld` are parties of a draw before.
    """

    draw: str
    root: str
    seed: str
    frozen_ms: int
    published_ms: int
    strata: tuple[Stratum, ...]
    parties: tuple[Party, ...]
    withheld: tuple[str, ...]
    left_out: dict[str, int] | None
    sub_venues: tuple[str, ...]
    taken: tuple[Taken, ...]


class Change(Struct, frozen=True):
    """A recusal, a call for the next in order, or a member replaced; `name` is who left, where disclosed."""

    at_ms: int
    seq: int
    kind: str
    seat: str
    successor: str
    reason: str
    bidder: str


class Chair(Struct, frozen=True):
    """The chair: elected by so many votes, or named by the tenderee."""

    seat: str
    votes: int
    named: bool
    at_ms: int


class VoidFacts(Struct, frozen=True):
    """A committee whose conclusions are void; `members` are seat and name, the name empty if withheld."""

    number: int
    at_ms: int
    reason: str
    statement: str | None
    members: tuple[tuple[str, str], ...]
    sealed: int


class CommitteeFacts(Struct, frozen=True):
    """All of it. `identity`: seat → steps that were passed; `draw` is None where the list was imported."""

    draw: DrawFacts | None
    chair: Chair | None
    changes: tuple[Change, ...]
    void: tuple[VoidFacts, ...]
    identity: dict[str, tuple[str, ...]]
    speciality: dict[str, str]


def committee_facts(state: State, disclosed: Disclosed, happened: tuple[Happening, ...]) -> CommitteeFacts:
    """How the present committee came about, and what became of those before it."""
    here = since_void(happened)
    elected = list(of(here, ev.ChairElected, seat=state.drawn.chair))
    chair = None
    if elected and state.drawn.chair:
        last = elected[-1]
        chair = Chair(last.event.seat, last.event.votes, last.event.named, last.at_ms)
    return CommitteeFacts(
        draw=_draw(state, disclosed, here),
        chair=chair,
        changes=tuple(_changes(here)),
        void=_void(state, disclosed, happened),
        identity={seat: steps for seat, steps in state.drawn.confirmed.items() if seat in state.roster},
        speciality={
            seat: taken.leaf.speciality
            for seat, taken in state.drawn.taken.items()
            if seat in state.roster
        },
    )  # fmt: skip


def _draw(state: State, disclosed: Disclosed, here: tuple[Happening, ...]) -> DrawFacts | None:
    frozen = state.drawn.frozen
    if frozen is None:
        return None
    roll: Roll | None = disclosed.get_value(frozen.pool, Roll)
    left_out: dict[str, int] | None = None
    if roll is not None:
        # The first reason of each, so that the counts add up to the people.
        counts: Counter[str] = Counter(gone.found[0].reason for gone in roll.left)
        left_out = dict(sorted(counts.items()))
    published = list(of(here, ev.DrawPublished))
    return DrawFacts(
        draw=frozen.draw,
        root=frozen.root.hex(),
        seed=state.drawn.seed.hex(),
        frozen_ms=at_ms(here, ev.PoolFrozen, draw=frozen.draw),
        published_ms=published[-1].at_ms if published else 0,
        strata=tuple(Stratum(one.province, one.speciality, one.eligible, one.left) for one in frozen.strata),
        parties=tuple(
            Party(
                one.party, one.province, one.role,
                at_ms(here, ev.DrawSeedCommitted, draw=frozen.draw, party=one.party),
                at_ms(here, ev.DrawSeedRevealed, draw=frozen.draw, party=one.party),
            )
            for one in frozen.parties
        ),
        withheld=tuple(frozen.withheld),
        left_out=left_out,
        sub_venues=tuple(venue.venue for one in published for venue in one.event.venues),
        taken=tuple(
            Taken(seat, one.leaf.province, one.leaf.speciality, one.index + 1)
            for seat, one in sorted(state.drawn.taken.items())
        ),
    )  # fmt: skip


def _changes(here: tuple[Happening, ...]) -> list[Change]:
    found = []
    for one in of(here, ev.RecusalDeclared, ev.ReplacementCalled, ev.MemberReplaced):
        event = one.event
        if isinstance(event, ev.RecusalDeclared):
            found.append(Change(one.at_ms, one.seq, "recusal", event.seat, "", event.ground, event.bidder))
        elif isinstance(event, ev.ReplacementCalled):
            found.append(Change(one.at_ms, one.seq, "call", event.seat, event.seat, event.reason, ""))
        else:
            found.append(
                Change(one.at_ms, one.seq, "replacement", event.seat, event.successor, event.reason, "")
            )
    return found


def _void(state: State, disclosed: Disclosed, happened: tuple[Happening, ...]) -> tuple[VoidFacts, ...]:
    found = []
    for one in state.turns.void:
        names = {seat: disclosed.get_value(digest) or "" for seat, digest in one.seats.items()}
        found.append(
            VoidFacts(
                number=one.number,
                at_ms=at_ms(happened, CommitteeVoided, number=one.number),
                reason=one.reason,
                statement=said(disclosed, one.statement),
                members=tuple((seat, str(names.get(seat, ""))) for seat in one.roster),
                sealed=sum(len(stage.sheets) for stage in one.stages),
            )
        )
    return tuple(found)
