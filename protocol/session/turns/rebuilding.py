"""A void committee (评标委员会作废) and a new one (SPEC 17.4).

What a void committee concluded is kept and never counts: its stages go up one round, back to the
bids as they were opened. A new committee's members were on none before.
Sources: 87号令 49 (stop, seal all files, a new committee, earlier opinions void); 12号令 12; 条例 48.
"""

from protocol.commands import ImportCommittee
from protocol.commands_turns import RebuildCommittee, VoidCommittee
from protocol.events import CommitteeImported, Event, StageEntered
from protocol.events_turns import CommitteeRebuilt, CommitteeVoided
from protocol.refusals import Refusal, refuse
from protocol.session import booking, moves
from protocol.session.asked import Asked, Decision
from protocol.session.state import State, Track, earlier, members


def void(asked: Asked, content: VoidCommittee) -> Decision:
    """The committee is void; each stage that it worked on goes back, one round higher."""
    state = asked.state
    moved = moves.move(state, None, "VoidCommittee")
    if isinstance(moved, Refusal):
        return moved
    voided = CommitteeVoided(
        number=len(state.turns.void) + 1,
        reason=content.reason,
        seat=asked.who.seat,
        statement=content.statement,
        members=tuple(seat.seat for seat in members(state)),
    )
    back: list[Event] = []
    for track in state.tracks.values():
        phase = back_to(state, track)
        if phase is not None:
            back.append(
                StageEntered(
                    lot=track.lot, envelope=track.envelope, round=track.round + 1,
                    phase=phase,  # type: ignore[arg-type]
                )
            )  # fmt: skip
    return (voided, *back, *moved)


def back_to(state: State, track: Track) -> str | None:
    """Where a stage goes when the committee is void; None where that committee did nothing to it.

    A first envelope goes back to its opened bids. A later one, opened for those whom the void
    committee let pass, is to be opened anew.
    """
    if earlier(state, track):
        return "AWAITED" if "OPENED" in track.path else None
    return "OPENED" if "PRELIM" in track.path else None


def rebuild(asked: Asked, content: RebuildCommittee) -> Decision:
    """A new committee, as `ImportCommittee` would give it; nobody's seat who was on one before."""
    state = asked.state
    before = {seat for one in state.turns.void for seat in one.seats}
    again = next((seat.seat for seat in content.seats if seat.seat in before), None)
    if again is not None:
        return refuse("SeatUsed", seat=again)
    imported = booking.committee(_strangers(state, content), _as_import(content))
    if isinstance(imported, Refusal):
        return imported
    moved = moves.move(state, None, "RebuildCommittee")
    return moved if isinstance(moved, Refusal) else (_rebuilt(imported), *moved)


def _as_import(content: RebuildCommittee) -> ImportCommittee:
    return ImportCommittee(content.source, content.digest, content.signer, content.venues, content.seats)


def _rebuilt(one: CommitteeImported) -> CommitteeRebuilt:
    return CommitteeRebuilt(
        source=one.source, digest=one.digest, signer=one.signer, venues=one.venues, seats=one.seats
    )


def _strangers(state: State, content: RebuildCommittee) -> dict[str, str]:
    """Keys that a venue's node may not have: those that speak for anything but that very venue."""
    own = {venue.node_key for venue in content.venues if state.venues.get(venue.venue) == venue}
    taken = {key: who.seat for key, who in state.keys.items() if key not in own}
    return {**taken, state.installation_key: "installation"}
