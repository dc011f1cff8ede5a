"""What becomes of a state whose committee is void, and of one with a new committee (SPEC 17.4).

Kept: what the void committee worked on, under `state.turns.void`, so that it can be shown and told;
nothing that counts reads there. Begun anew: the paths, by which the allow-table knows what was
shown to whom, because it is now another committee's; what each group keeps of the work.
"""

from typing import Final

from msgspec.structs import replace

from protocol.events_turns import CommitteeRebuilt, CommitteeVoided
from protocol.session.ceremony.state import Ceremony, StageCeremony
from protocol.session.committee.state import Ballot, Draw, StageDraw
from protocol.session.review.state import Review, StageReview
from protocol.session.state import AGENT_SEAT, Reached, Seat, Speaker, State, Track, milestone_key
from protocol.session.turns.rebuilding import back_to
from protocol.session.turns.state import StageTurns, VoidCommittee, VoidStage

_SESSION_MILESTONES: Final = ("roster_locked", "ranking_final")
_STAGE_MILESTONES: Final = ("scores_closed", "scores_opened")
_OPENING_MILESTONES: Final = ("bids_received", "release_closed", "bids_opened")


def voided(state: State, event: CommitteeVoided) -> State:
    """The state in which the committee's work is set apart; its stages stand before their review."""
    reopened = {name: back_to(state, track) for name, track in state.tracks.items()}
    tracks = {
        name: track if reopened[name] is None else _afresh(track, again=reopened[name] == "AWAITED")
        for name, track in state.tracks.items()
    }
    members = {seat: state.seats[seat] for seat in state.seats if state.seats[seat].role == "expert"}
    one = VoidCommittee(
        number=event.number,
        reason=event.reason,
        statement=event.statement,
        path=state.path,
        roster=event.members,
        seats={seat: found.person for seat, found in members.items()},
        stages=tuple(_void_stage(track) for name, track in state.tracks.items() if reopened[name]),
        report=state.report,
    )
    turns = replace(
        state.turns, void=(*state.turns.void, one), dissents={}, refused=(), deemed={},
        statements=(*state.turns.statements, event.statement),
    )  # fmt: skip
    silent = {seat: replace(found, key="", signed=False) for seat, found in members.items()}
    return replace(
        state,
        tracks=tracks,
        roster=(),
        report=b"",
        seats={**state.seats, **silent},
        keys={key: who for key, who in state.keys.items() if who.seat not in members},
        milestones=_still_reached(state, reopened),
        path=_before(state.path, "CHECKIN"),
        sources={name: digest for name, digest in state.sources.items() if not _of_the_void(name, reopened)},
        turns=turns,
        review=Review(),
        drawn=_undrawn(state.drawn),
        ceremony=_to_open_again(state.ceremony, reopened),
    )


def _to_open_again(before: Ceremony, reopened: dict[str, str | None]) -> Ceremony:
    """Openings that are to be held again: who holds shares stays, nothing of what was released does."""
    stages = {
        name: StageCeremony(project=one.project, suite=one.suite, groups=one.groups, window_ms=one.window_ms)
        if reopened.get(name) == "AWAITED"
        else one
        for name, one in before.stages.items()
    }
    return replace(before, stages=stages)


def _undrawn(before: Draw) -> Draw:
    """The draw without its committee: what was frozen, the seed and the takings stay, that they may go on."""
    return replace(
        before, drawn=False, taken={}, recused={}, replaced={}, confirmed={}, ballot=Ballot(), chair="",
        chair_named=False,
    )  # fmt: skip


def rebuilt(state: State, event: CommitteeRebuilt) -> State:
    """A new committee's seats; whoever is named as before keeps seat and key."""
    seats: dict[str, Seat] = {}
    for ref in event.seats:
        old = state.seats.get(ref.seat)
        same = old is not None and (old.role, old.venue, old.person) == (ref.role, ref.venue, ref.person)
        key = old.key if old is not None and (same or ref.seat == AGENT_SEAT) else ""
        seats[ref.seat] = Seat(ref.seat, ref.role, ref.venue, ref.kind, ref.reserve, ref.person, key)
    keys = {seat.key: Speaker(seat.role, seat.seat, seat.venue) for seat in seats.values() if seat.key}
    keys |= {key: who for key, who in state.keys.items() if who.role == "bidder"}
    keys |= {venue.node_key: Speaker("venue", venue.venue, venue.venue) for venue in event.venues}
    return replace(
        state,
        venues={venue.venue: venue for venue in event.venues},
        seats=seats,
        keys=keys,
        sources={**state.sources, "committee": event.digest},
        drawn=Draw(draws=state.drawn.draws),
    )


def _afresh(track: Track, *, again: bool) -> Track:
    """A track before its review: with its bids as opened, or to be opened again; drawn rates stay."""
    objections = () if again else track.turns.objections
    kept = StageTurns(k_draws=track.turns.k_draws, objections=objections)
    return replace(
        track,
        path=() if again else ("AWAITED",),
        bids=() if again else track.bids,
        read_out=() if again else track.read_out,
        opening_signed=() if again else track.opening_signed,
        valid=(),
        rejected=(),
        sheets={},
        tally=b"",
        overrun=(),
        overrun_raised=False,
        drawn=StageDraw(),
        review=StageReview(),
        turns=kept,
    )


def _void_stage(track: Track) -> VoidStage:
    tallies = (*track.turns.aside, track.tally) if track.tally else track.turns.aside
    return VoidStage(
        lot=track.lot,
        envelope=track.envelope,
        round=track.round,
        path=track.path,
        sheets={seat: sheet.commitment for seat, sheet in track.sheets.items()},
        tallies=tallies,
        valid=track.valid,
        corrections=track.turns.corrections,
        explained=track.turns.explained,
        review=track.review,
    )


def _still_reached(state: State, reopened: dict[str, str | None]) -> dict[str, Reached]:
    gone = {milestone_key(name, "", "") for name in _SESSION_MILESTONES}
    for name, phase in reopened.items():
        track = state.tracks[name]
        names = (*_STAGE_MILESTONES, *_OPENING_MILESTONES) if phase == "AWAITED" else _STAGE_MILESTONES
        if phase is not None:
            gone |= {milestone_key(one, track.lot, track.envelope) for one in names}
    return {key: one for key, one in state.milestones.items() if key not in gone}


def _of_the_void(source: str, reopened: dict[str, str | None]) -> bool:
    """Sources of what was concluded; the opening's too where the envelope is to be opened again."""
    kind, _, name = source.partition(":")
    if kind in ("report", "preliminary"):
        return kind == "report" or reopened.get(name) is not None
    return kind == "opening" and reopened.get(name) == "AWAITED"


def _before(path: tuple[str, ...], phase: str) -> tuple[str, ...]:
    return path[: path.index(phase)] if phase in path else path
