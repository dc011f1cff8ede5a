"""The state of a session: what the entries so far add up to; public fields only.

Frozen; every change is a new state (`evolve`). Mappings inside are never changed in place.
Hidden values stand here as their digests. Nothing here knows time, sockets or storage.
"""

from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import replace

from protocol.commands import BidRef, Head, LotRef, NodeKey, RejectedBid, VenueRef
from protocol.ledger import tree
from protocol.session.ceremony.state import Ceremony
from protocol.session.committee.state import Draw, StageDraw
from protocol.session.escrow.state import Escrow
from protocol.session.identity.state import Identity
from protocol.session.live.state import Live
from protocol.session.milestones.state import Milestones
from protocol.session.oversight.state import Oversight
from protocol.session.recognition.state import Recognition
from protocol.session.review.state import Review, StageReview
from protocol.session.signatures.state import Signatures
from protocol.session.turns.state import StageTurns, Turns
from protocol.words import MemberKind, Regime, Role, Stage, track_name

AGENT_SEAT = "agent"
"""The seat id of the tender agent in every session."""


class Speaker(Struct, frozen=True):
    """Whom a key speaks for. `seat` is a seat id, or the node's id for a venue."""

    role: Role
    seat: str
    venue: str


class Seat(Struct, frozen=True):
    """A seat and how far its person is. `person` is the digest of who it is."""

    seat: str
    role: Role
    venue: str
    kind: MemberKind
    reserve: bool
    person: bytes
    key: str = ""
    checked_in: bool = False
    signed: bool = False


class Sheet(Struct, frozen=True):
    """A member's sealed scores for a stage, as far as anyone may know."""

    commitment: bytes
    tried: Literal["", "ok", "fault"] = ""
    opened: bool = False


class Track(Struct, frozen=True):
    """One lot's envelope on its way; `entered_at` is when it came into its phase (ms)."""

    lot: str
    envelope: str
    round: int
    phase: str
    entered_at: int
    path: tuple[str, ...] = ()
    bids: tuple[BidRef, ...] = ()
    valid: tuple[str, ...] = ()
    rejected: tuple[RejectedBid, ...] = ()
    draws: dict[str, str] = {}
    sheets: dict[str, Sheet] = {}
    tally: bytes = b""
    overrun: tuple[str, ...] = ()
    overrun_raised: bool = False
    read_out: tuple[str, ...] = ()
    opening_signed: tuple[str, ...] = ()
    drawn: StageDraw = StageDraw()
    review: StageReview = StageReview()
    turns: StageTurns = StageTurns()

    @property
    def name(self) -> str:
        """`lot/envelope`."""
        return track_name(self.lot, self.envelope)


class Reached(Struct, frozen=True):
    """A milestone: pending while `size` is 0, then the head it was reached at."""

    milestone: str
    lot: str
    envelope: str
    size: int = 0
    root: bytes = b""
    cosigned: tuple[str, ...] = ()
    owed: tuple[str, ...] = ()


class Observation(Struct, frozen=True):
    """One observation of a witness; `seq` is its entry, `at` that entry's clock (ms)."""

    seq: int
    at: int
    lot: str
    envelope: str
    round: int
    seat: str
    venue: str
    number: int
    item: str
    finding: str
    subject: str
    entry: int
    noted_at: int
    media_offset_ms: int
    remark: bytes


class WitnessRecord(Struct, frozen=True):
    """How many observations a witness's seat has, the chain over them, whether it is signed, and by `seq`."""

    count: int = 0
    chain: bytes = bytes(32)
    signed: bool = False
    seq: int = 0


class Order(Struct, frozen=True):
    """An author's accepted acts so far: how many, and a hash chain over type and stage."""

    count: int
    chain: bytes


class State(Struct, frozen=True, kw_only=True):
    """A session as of `frontier.size` entries; `at` is the last entry's clock (ms)."""

    session: str
    rules_version: str
    regime: Regime
    demonstration: bool
    plan: bytes
    lots: tuple[LotRef, ...]
    committee_size_min: int
    committee_odd: bool
    experts_num: int
    experts_den: int
    bids_min: int
    scoring_ms: int
    names_hidden: bool
    milestone_wait_ms: int
    installation_key: str
    policy_digest: bytes
    node_keys: tuple[NodeKey, ...]
    at: int
    frontier: tree.Frontier
    heads: tuple[Head, ...]
    phase: str
    entered_at: int
    path: tuple[str, ...]
    tracks: dict[str, Track]
    venues: dict[str, VenueRef]
    seats: dict[str, Seat]
    keys: dict[str, Speaker]
    author_seqs: dict[str, int]
    orders: dict[str, Order]
    milestones: dict[str, Reached]
    roster: tuple[str, ...] = ()
    sources: dict[str, bytes] = {}
    report: bytes = b""
    refusals_noted: int = 0
    observations: tuple[Observation, ...] = ()
    witness_records: dict[str, WitnessRecord] = {}
    drawn: Draw = Draw()
    review: Review = Review()
    turns: Turns = Turns()
    cosigning: Milestones = Milestones()
    identity: Identity = Identity()
    ceremony: Ceremony = Ceremony()
    escrow: Escrow = Escrow()
    signatures: Signatures = Signatures()
    live: Live = Live()
    recognition: Recognition = Recognition()
    oversight: Oversight = Oversight()

    @property
    def size(self) -> int:
        """How many entries the session has; the next entry's `seq`."""
        return self.frontier.size


def speaker(state: State, key: str) -> Speaker | None:
    """Whom a key speaks for, or None where the session does not know it."""
    if key == state.installation_key:
        return Speaker("installation", "", "")
    return state.keys.get(key)


def track(state: State, stage: Stage) -> Track | None:
    """The track of a stage, or None for the session's own stage or an unknown one."""
    return state.tracks.get(track_name(stage.lot, stage.envelope))


def with_track(state: State, lot: str, envelope: str, **changes: Any) -> State:
    """The state with one stage's track changed."""
    name = track_name(lot, envelope)
    return replace(state, tracks={**state.tracks, name: replace(state.tracks[name], **changes)})


def envelopes(state: State, lot: str) -> tuple[str, ...]:
    """A lot's envelopes in their order of opening."""
    return next(one.envelopes for one in state.lots if one.lot == lot)


def earlier(state: State, here: Track) -> tuple[Track, ...]:
    """The stages of the lot's envelopes before this one, in their order of opening."""
    names = envelopes(state, here.lot)
    return tuple(state.tracks[track_name(here.lot, one)] for one in names[: names.index(here.envelope)])


def later(state: State, here: Track) -> tuple[Track, ...]:
    """The stages of the lot's envelopes after this one."""
    names = envelopes(state, here.lot)
    return tuple(state.tracks[track_name(here.lot, one)] for one in names[names.index(here.envelope) + 1 :])


def is_last(state: State, here: Track) -> bool:
    """Whether a stage is its lot's last envelope, where the ranking is made."""
    return envelopes(state, here.lot)[-1] == here.envelope


def members(state: State) -> tuple[Seat, ...]:
    """The committee's seats, reserves left out, in the order of their ids."""
    if state.roster:
        return tuple(state.seats[seat] for seat in state.roster)
    gone = state.drawn.replaced
    found = (s for s in state.seats.values() if s.role == "expert" and not s.reserve and s.seat not in gone)
    return tuple(sorted(found, key=lambda seat: seat.seat))


def head(state: State) -> Head:
    """The tree head over all entries so far."""
    return Head(size=state.frontier.size, root=tree.frontier_root(state.frontier))


def milestone_key(milestone: str, lot: str, envelope: str) -> str:
    """The name under which a state keeps a milestone: `scores_closed@01/1`."""
    return f"{milestone}@{track_name(lot, envelope)}"


def is_reached(state: State, milestone: str, lot: str = "", envelope: str = "") -> bool:
    """Whether a milestone stands in the record."""
    found = state.milestones.get(milestone_key(milestone, lot, envelope))
    return found is not None and found.size > 0
