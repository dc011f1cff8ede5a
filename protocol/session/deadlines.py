"""What falls due by itself: milestones, and overruns of the scoring time.

`due` is asked by the session's actor after every entry and at the time it names. Its
commands are the installation's: `author_seq` 0, nothing seen, an id derived from session
and cause, so that asking twice gives the same command. An overrun is raised, it never
refuses anybody (DESIGN 1.8).
"""

from protocol.commands import (
    Command,
    Head,
    NoteRefusal,
    RaiseOverrun,
    ReachMilestone,
)
from protocol.events import Event, MilestoneReached, OverrunRaised, RefusalNoted
from protocol.refusals import Refusal, refuse
from protocol.session.ceremony import due as ceremony
from protocol.session.committee import due as committee
from protocol.session.installation import own, sooner, stage_of
from protocol.session.milestones import due as milestones
from protocol.session.milestones import reading
from protocol.session.oversight import due as oversight
from protocol.session.review import due as review
from protocol.session.state import State, Track, head, members, milestone_key
from protocol.session.turns import due as turns
from protocol.session.turns.rows import SEALED
from protocol.words import Stage

__all__ = ["due", "note_refusal", "overrun", "own", "reach"]


def due(state: State, at: int) -> tuple[tuple[Command, ...], int | None]:
    """The installation's commands that are due at a time, and when to ask again at the latest.

    Args:
      state: as of all entries.
      at: the clock, ms.

    Returns:
      Commands (milestones one at a time, since each takes the head before it), and the next
      time in ms, or None when only an entry can make something due.
    """
    pending = [one for one in state.milestones.values() if one.size == 0]
    if pending and not reading.is_cosigned(state):
        first = pending[0]
        now = head(state)
        stage = stage_of(state, first.lot, first.envelope)
        content = ReachMilestone(
            milestone=first.milestone,  # type: ignore[arg-type]
            size=now.size,
            root=now.root,
            cosigned=(),
            owed=(),
        )
        cause = f"milestone {milestone_key(first.milestone, first.lot, first.envelope)}{_again(state, stage)}"
        return (own(state, stage, content, cause, at),), at
    if state.phase in SEALED:
        return milestones.due(state, at)
    commands = []
    next_at: int | None = None
    for track in state.tracks.values():
        time = _overrun_at(state, track)
        if time is None:
            continue
        if time <= at:
            stage = stage_of(state, track.lot, track.envelope)
            content_ = RaiseOverrun(seats=_unsealed(state, track))
            cause = f"overrun {track.name} {track.round}" + "+" * track.turns.extensions
            commands.append(own(state, stage, content_, cause, at))
        else:
            next_at = sooner(next_at, time)
    for group in (committee, review, turns, ceremony, milestones, oversight):
        more, again_at = group.due(state, at)
        commands.extend(more)
        next_at = sooner(next_at, again_at)
    return tuple(commands), next_at


def reach(state: State, stage: Stage, now: Head, content: ReachMilestone) -> tuple[Event, ...] | Refusal:
    """A pending milestone at the very head before this entry; the quorum is empty as yet."""
    key = milestone_key(content.milestone, stage.lot, stage.envelope)
    found = state.milestones.get(key)
    if found is None or found.size > 0:
        return refuse("AlreadyDone")
    if Head(content.size, content.root) != now:
        return refuse("SeenUnknown", size=content.size)
    return (
        MilestoneReached(
            milestone=content.milestone,
            lot=stage.lot,
            envelope=stage.envelope,
            size=content.size,
            root=content.root,
            cosigned=content.cosigned,
            owed=content.owed,
        ),
    )


def overrun(state: State, track: Track, at: int, content: RaiseOverrun) -> tuple[Event, ...] | Refusal:
    """The scoring time is over and these seats have not sealed."""
    time = _overrun_at(state, track)
    if time is None or time > at or content.seats != _unsealed(state, track):
        return refuse("AlreadyDone")
    return (OverrunRaised(lot=track.lot, envelope=track.envelope, round=track.round, seats=content.seats),)


def note_refusal(content: NoteRefusal) -> tuple[Event, ...]:
    """A refused act that supervisors must see."""
    return (
        RefusalNoted(
            seat=content.seat,
            command_type=content.command_type,
            code=content.code,
            command_digest=content.command_digest,
        ),
    )


def _overrun_at(state: State, track: Track) -> int | None:
    if track.phase != "DETAILED" or track.overrun_raised or state.scoring_ms == 0:
        return None
    over_at = track.entered_at + state.scoring_ms + track.turns.added_ms
    return over_at if _unsealed(state, track) else None


def _again(state: State, stage: Stage) -> str:
    """What tells a milestone from that of a round before, or of a committee before."""
    again = len(state.turns.void) + len(state.turns.reevaluations)
    before = stage.round - 1 if stage.lot else again
    return f" {before + 1}" if before > 0 else ""


def _unsealed(state: State, track: Track) -> tuple[str, ...]:
    return tuple(seat.seat for seat in members(state) if seat.seat not in track.sheets)
