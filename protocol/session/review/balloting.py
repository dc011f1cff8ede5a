"""Votes that are sealed until all are in (秘密表决), where the plan has them so (SPEC 16.4).

A member commits to choice and reasons; when every member has, or the vote is overdue, each opens its own,
and what is opened counts as any vote. Whether a plan has votes secret is `check`'s to know.
"""

from typing import Any

from protocol import canonical
from protocol.commands_review import CastSecretVote, OpenVote
from protocol.events_review import VoteCast, VoteSealed
from protocol.refusals import Refusal, refuse
from protocol.session.asked import Asked, Decision
from protocol.session.review.state import Vote, vote_key
from protocol.session.state import State, members
from protocol.words import Stage


def vote_commitment(
    session: str, stage: Stage, seat: str, bidder: str, ground: str, choice: str, reason: bytes, nonce: bytes
) -> bytes:
    """What a secret vote commits to, 32 bytes."""
    value: dict[str, Any] = {
        "bidder": bidder,
        "choice": choice,
        "ground": ground,
        "nonce": nonce,
        "reason": reason,
        "seat": seat,
        "session": session,
        "stage": {"envelope": stage.envelope, "lot": stage.lot, "round": stage.round},
    }
    return canonical.tagged_digest("rejection-vote/v1", value)


def cast_secret(asked: Asked, content: CastSecretVote) -> Decision:
    """A member's vote by its commitment, once."""
    here, seat = asked.here, asked.who.seat
    vote = _open_to(asked, content.bidder, content.ground)
    if isinstance(vote, Refusal):
        return vote
    if seat in vote.sealed or seat in vote.ballots:
        return refuse("AlreadyVoted", seat=seat)
    return (
        VoteSealed(
            lot=here.lot, envelope=here.envelope, round=here.round, seat=seat, bidder=content.bidder,
            ground=content.ground, commitment=content.commitment,
        ),
    )  # fmt: skip


def open_vote(asked: Asked, content: OpenVote) -> Decision:
    """A member opens what it committed to, when all have committed or the vote is overdue."""
    state, here, seat = asked.state, asked.here, asked.who.seat
    vote = _open_to(asked, content.bidder, content.ground)
    if isinstance(vote, Refusal):
        return vote
    if seat in vote.ballots:
        return refuse("AlreadyVoted", seat=seat)
    waiting = unsealed(state, vote)
    if waiting and (asked.at < vote.due_at or seat in waiting):
        return refuse("VotesMissing", missing=len(waiting))
    stage = Stage(here.lot, here.envelope, here.round)
    told = vote_commitment(
        state.session, stage, seat, content.bidder, content.ground, content.choice, content.reason,
        content.nonce,
    )  # fmt: skip
    if vote.sealed[seat] != told:
        return refuse("VoteMismatch", seat=seat)
    if len(content.reason) != 32 and (content.reason or content.choice != "abstain"):
        return refuse("Malformed", why="reason")
    return (
        VoteCast(
            lot=here.lot, envelope=here.envelope, round=here.round, seat=seat, bidder=content.bidder,
            ground=content.ground, choice=content.choice, reason=content.reason,
        ),
    )  # fmt: skip


def unsealed(state: State, vote: Vote) -> tuple[str, ...]:
    """Members who have not committed to a vote."""
    return tuple(seat.seat for seat in members(state) if seat.seat not in vote.sealed)


def _open_to(asked: Asked, bidder: str, ground: str) -> Vote | Refusal:
    vote = asked.here.review.votes.get(vote_key(bidder, ground))
    if vote is None:
        return refuse("UnknownVote", bidder=bidder or "-", ground=ground)
    if vote.closed:
        return refuse("VoteOver", bidder=bidder or "-", ground=ground)
    if asked.who.seat not in asked.state.roster:
        return refuse("NotCheckedIn", seat=asked.who.seat)
    return vote
