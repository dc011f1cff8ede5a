"""The chair (组长): elected by the members, openly or in secret, or named by the tenderee.

More than half of the members elect; a ballot without that is followed by another. In government
procurement the purchaser's representative may not chair. The chair's vote weighs as any other.
Sources: 12号令 9 (推举 or 招标人确定, equal votes); 87号令 45 (采购人代表不得担任组长).
"""

from collections import Counter

from protocol import canonical
from protocol.commands_draw import ElectChair, NameChair, OpenChairBallot, OpenChairVote
from protocol.events import Event
from protocol.events_draw import ChairBallotOpened, ChairElected, ChairVoted, ChairVoteOpened
from protocol.refusals import Refusal, refuse
from protocol.session.asked import Asked, Decision
from protocol.session.state import State, members


def vote_commitment(session: str, ballot: int, seat: str, candidate: str, nonce: bytes) -> bytes:
    """What a secret vote commits to, 32 bytes (SPEC 15.7)."""
    value = {"ballot": ballot, "candidate": candidate, "nonce": nonce, "seat": seat, "session": session}
    return canonical.tagged_digest("chair-vote/v1", value)


def open_ballot(asked: Asked, content: OpenChairBallot) -> Decision:
    """A ballot, or the next one while there is no chair."""
    if asked.state.drawn.chair:
        return refuse("AlreadyDone")
    return (ChairBallotOpened(asked.state.drawn.ballot.number + 1, content.secret),)


def elect(asked: Asked, content: ElectChair) -> Decision:
    """One member's vote, once in a ballot."""
    state, seat = asked.state, asked.who.seat
    ballot = state.drawn.ballot
    fault = _voter_fault(state, seat)
    if fault is not None:
        return fault
    if seat in ballot.votes or seat in ballot.commitments:
        return refuse("AlreadyDone")
    if ballot.secret:
        if len(content.commitment) != 32 or content.candidate:
            return refuse("Malformed", why="commitment")
        return (ChairVoted(seat, "", content.commitment),)
    unfit = candidate_fault(state, content.candidate)
    if content.commitment or unfit is not None:
        return unfit or refuse("Malformed", why="commitment")
    return (ChairVoted(seat, content.candidate, b""), *_elected(state, seat, content.candidate))


def open_vote(asked: Asked, content: OpenChairVote) -> Decision:
    """A secret vote is opened when all have voted."""
    state, seat = asked.state, asked.who.seat
    ballot = state.drawn.ballot
    fault = _voter_fault(state, seat)
    if fault is not None:
        return fault
    waiting = [one.seat for one in members(state) if one.seat not in ballot.commitments]
    if waiting:
        names = ", ".join(waiting)
        return refuse("GuardUnmet", zh=f"{names} 尚未投票", en=f"not voted yet: {names}")
    if seat in ballot.votes:
        return refuse("AlreadyDone")
    told = vote_commitment(state.session, ballot.number, seat, content.candidate, content.nonce)
    if ballot.commitments[seat] != told:
        return refuse("VoteMismatch", seat=seat)
    unfit = candidate_fault(state, content.candidate)
    if unfit is not None:
        return unfit
    return (ChairVoteOpened(seat, content.candidate), *_elected(state, seat, content.candidate))


def name(asked: Asked, content: NameChair) -> Decision:
    """The tenderee names a member, where the tender document has it so; in government procurement never."""
    if asked.state.drawn.chair:
        return refuse("AlreadyDone")
    unfit = candidate_fault(asked.state, content.seat)
    if unfit is None and asked.state.regime == "GOV_PROC":
        unfit = refuse("ChairElected")
    return unfit if unfit is not None else (ChairElected(content.seat, votes=0, named=True),)


def candidate_fault(state: State, candidate: str) -> Refusal | None:
    """A member, checked in; in government procurement not the purchaser's representative."""
    seat = {one.seat: one for one in members(state)}.get(candidate)
    if seat is None:
        return refuse("UnknownSeat", seat=candidate)
    if seat.kind == "tenderee_rep" and state.regime == "GOV_PROC":
        return refuse("ChairNotAllowed", seat=candidate)
    return None if seat.checked_in else refuse("NotCheckedIn", seat=candidate)


def _voter_fault(state: State, seat: str) -> Refusal | None:
    if state.drawn.chair or state.drawn.ballot.number == 0:
        return refuse("BallotClosed")
    own = {one.seat: one for one in members(state)}.get(seat)
    return None if own is not None and own.checked_in else refuse("NotCheckedIn", seat=seat)


def _elected(state: State, seat: str, candidate: str) -> tuple[Event, ...]:
    """That somebody is elected by this vote, if so: more than half of the members."""
    sitting = members(state)
    votes = {**state.drawn.ballot.votes, seat: candidate}
    count = Counter(votes[one.seat] for one in sitting if one.seat in votes)[candidate]
    return (ChairElected(candidate, votes=count, named=False),) if 2 * count > len(sitting) else ()
