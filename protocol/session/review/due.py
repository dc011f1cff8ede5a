"""What of the review falls due by itself: a vote that is complete, a clarification that nobody answered."""

from collections.abc import Iterator

from protocol.commands import Command
from protocol.commands_review import CloseClarification, CloseVote
from protocol.session.installation import own, sooner, stage_of
from protocol.session.review import standing
from protocol.session.review.state import Clarification, Vote
from protocol.session.state import State, Track


def due(state: State, at: int) -> tuple[tuple[Command, ...], int | None]:
    """The installation's commands that are due at a time (ms), and when to ask again at the latest.

    Nothing is due while the session stands still or has left the committee's work.
    """
    if state.phase != "COMMITTEE_READY":
        return (), None
    commands: list[Command] = []
    next_at: int | None = None
    for track in state.tracks.values():
        if track.phase not in ("CLARIFYING", "REJECT_VOTE"):
            continue
        commands.extend(_close_vote(state, track, vote, at) for vote in _complete(state, track))
        for one in standing.open_clarifications(track):
            if one.answered:
                continue
            if one.due_at <= at:
                commands.append(_close_clarification(state, track, one, at))
            else:
                next_at = sooner(next_at, one.due_at)
    return tuple(commands), next_at


def _complete(state: State, track: Track) -> Iterator[Vote]:
    for vote in standing.open_votes(track):
        counts = standing.counts(state, vote)
        if counts["yes"] + counts["no"] + counts["abstain"] == counts["members"]:
            yield vote


def _close_vote(state: State, track: Track, vote: Vote, at: int) -> Command:
    content = CloseVote(vote.bidder, vote.ground)
    cause = f"vote {track.name} {track.round} {vote.bidder}/{vote.ground}"
    return own(state, stage_of(state, track.lot, track.envelope), content, cause, at)


def _close_clarification(state: State, track: Track, one: Clarification, at: int) -> Command:
    content = CloseClarification(one.number, "overdue")
    cause = f"clarification {track.name} {track.round} {one.number}"
    return own(state, stage_of(state, track.lot, track.envelope), content, cause, at)
