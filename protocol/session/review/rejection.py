"""Rejection by vote, per bid and ground, and the vote on competition (SPEC 16.4).

More than half of all members reject; who does not vote does not agree. Reasons are hidden
digests, votes and dissent stay in the record. Sources: 实施条例 51; 12号令 20-23, 27; 87号令 61.
"""

from protocol.commands_review import CastVote, CloseVote, ProposeRejection, VoteCompetition
from protocol.events import Event
from protocol.events_review import VoteCast, VoteClosed, VoteOpened
from protocol.plan.grounds import COMPETITION, GROUNDS, UNCONFIRMED
from protocol.refusals import Refusal, refuse
from protocol.session import moves
from protocol.session.asked import Asked, Decision
from protocol.session.review import standing
from protocol.session.review.guards import unpublished
from protocol.session.review.preliminary import bid_fault
from protocol.session.review.state import Vote, vote_key


def propose(asked: Asked, content: ProposeRejection) -> Decision:
    """Opens the vote on one bid and one lawful ground; one that must be explained first, afterwards."""
    ground = GROUNDS[asked.state.regime].get(content.ground)
    if ground is None:
        return refuse("UnknownGround", ground=content.ground)
    fault = bid_fault(asked, content.bidder)
    if fault is not None:
        return fault
    asked_before = any(
        one.bidder == content.bidder and one.purpose == "low_price" and one.result
        for one in asked.here.review.clarifications
    )
    if ground.explain and not asked_before:
        return refuse("ExplanationFirst", bidder=content.bidder)
    unconfirmed = any(
        one.bidder == content.bidder and one.purpose == "correction" and one.result in ("refused", "overdue")
        for one in asked.here.review.clarifications
    )
    if content.ground in UNCONFIRMED and not unconfirmed:
        return refuse("CorrectionFirst", bidder=content.bidder)
    return _open(asked, content.bidder, content.ground, content.reason)


def vote_competition(asked: Asked, content: VoteCompetition) -> Decision:
    """Opens the vote on lack of competition, once too few bids are left; GOV_PROC knows none (87号令 43)."""
    if not asked.here.review.published:
        return unpublished()
    if asked.state.regime != "TENDER":
        return refuse("UnknownGround", ground=COMPETITION)
    if not standing.fell_short(asked.state, asked.here):
        count = standing.suppliers(asked.here)
        return refuse("EnoughLeft", count=count, needed=asked.state.bids_min)
    return _open(asked, "", COMPETITION, content.reason)


def cast(asked: Asked, content: CastVote) -> Decision:
    """A member's vote, once; yes and no say why."""
    here, who = asked.here, asked.who
    vote = _found(asked, content.bidder, content.ground)
    if isinstance(vote, Refusal):
        return vote
    if who.seat not in asked.state.roster:
        return refuse("NotCheckedIn", seat=who.seat)
    if who.seat in vote.ballots or who.seat in vote.sealed:
        return refuse("AlreadyVoted", seat=who.seat)
    if len(content.reason) != 32 and (content.reason or content.choice != "abstain"):
        return refuse("Malformed", why="reason")
    return (
        VoteCast(
            lot=here.lot, envelope=here.envelope, round=here.round, seat=who.seat, bidder=content.bidder,
            ground=content.ground, choice=content.choice, reason=content.reason,
        ),
    )  # fmt: skip


def close(asked: Asked, content: CloseVote) -> Decision:
    """When all have voted; or when it is overdue and the votes that are missing could change nothing."""
    here, who = asked.here, asked.who
    vote = _found(asked, content.bidder, content.ground)
    if isinstance(vote, Refusal):
        return vote
    if who.role == "expert" and who.seat not in asked.state.roster:
        return refuse("NotCheckedIn", seat=who.seat)
    counts = standing.counts(asked.state, vote)
    missing = counts["members"] - counts["yes"] - counts["no"] - counts["abstain"]
    rejected = 2 * counts["yes"] > counts["members"]
    certain = rejected or 2 * (counts["yes"] + missing) <= counts["members"]
    overdue = who.role == "expert" and asked.at >= vote.due_at and certain
    if missing and not overdue:
        return refuse("VotesMissing", missing=missing)
    closed = VoteClosed(
        lot=here.lot, envelope=here.envelope, round=here.round, bidder=content.bidder, ground=content.ground,
        rejected=rejected, **counts,
    )  # fmt: skip
    others = [one for one in standing.open_votes(here) if one != vote]
    out: tuple[Event, ...] = (closed, *(standing.aside(here) if rejected else ()))
    failed = rejected and not content.bidder
    target = "FAILED" if failed else standing.back_to(here, bool(others), _asking(asked))
    if target == here.phase:
        return out
    moved = moves.move(asked.state, here, "CloseVote", target)
    return moved if isinstance(moved, Refusal) else (*out, *moved)


def _asking(asked: Asked) -> bool:
    return bool(standing.open_clarifications(asked.here))


def _open(asked: Asked, bidder: str, ground: str, reason: bytes) -> Decision:
    here, who = asked.here, asked.who
    if who.seat not in asked.state.roster:
        return refuse("NotCheckedIn", seat=who.seat)
    if vote_key(bidder, ground) in here.review.votes:
        return refuse("AlreadyProposed", bidder=bidder or "-", ground=ground)
    opened: Event = VoteOpened(
        lot=here.lot, envelope=here.envelope, round=here.round, seat=who.seat, bidder=bidder, ground=ground,
        reason=reason, due_at=asked.at + here.review.vote_ms,
    )  # fmt: skip
    if moves.find(asked.state, here, asked.command.type) is None:
        return (opened,)
    moved = moves.move(asked.state, here, asked.command.type)
    return moved if isinstance(moved, Refusal) else (opened, *moved)


def _found(asked: Asked, bidder: str, ground: str) -> Vote | Refusal:
    vote = asked.here.review.votes.get(vote_key(bidder, ground))
    if vote is None:
        return refuse("UnknownVote", bidder=bidder or "-", ground=ground)
    return refuse("VoteOver", bidder=bidder or "-", ground=ground) if vote.closed else vote
