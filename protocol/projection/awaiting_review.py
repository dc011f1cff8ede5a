"""Who is awaited in a review of rules version 3: the one thing that each seat has to do next (SPEC 16)."""

from collections.abc import Iterator

from protocol.plan.grounds import COMPETITION
from protocol.projection import awaiting_rates
from protocol.session.review import standing
from protocol.session.review.balloting import unsealed
from protocol.session.review.state import Vote, vote_key
from protocol.session.state import AGENT_SEAT, State, Track, members
from protocol.views import Awaited
from protocol.words import Role


def awaited_in_review(state: State, track: Track, undrawn: tuple[str, ...]) -> Iterator[Awaited]:
    """Whose act the preliminary review waits for, from the opening to the detailed review.

    Args:
      state: the session.
      track: a stage that is OPENED, PRELIM, CLARIFYING or REJECT_VOTE.
      undrawn: rates that the plan draws and that are not drawn yet.
    """
    if track.phase == "OPENED":
        yield from _before(track)
        return
    yield from _open_business(state, track)
    yield from awaiting_rates.awaited_in_draw(state, track)
    if standing.home(track) != "PRELIM":
        return
    waiting = {seat for seat, _, _ in standing.unmarked(state, track)}
    for seat in sorted(waiting):
        yield _agent(track, "MarkItem") if seat == "desk" else _one(track, seat, "expert", "MarkItem")
    if waiting or track.phase != "PRELIM":
        return
    unvoted = {bidder for bidder, _ in standing.unvoted(state, track)}
    if unvoted:
        yield from (_one(track, seat, "expert", "ProposeRejection") for seat in _who_found(track, unvoted))
    elif standing.competition_open(state, track) and state.regime == "TENDER":
        if vote_key("", COMPETITION) not in track.review.votes:
            yield from (_one(track, seat.seat, "expert", "VoteCompetition") for seat in members(state))
    elif awaiting_rates.not_begun(track, undrawn):
        yield awaiting_rates.begins(track)
    elif not undrawn:
        yield _agent(track, "ConcludePreliminary")


def _before(track: Track) -> Iterator[Awaited]:
    objected = any(not one.answer for one in track.turns.objections)
    if not track.review.published:
        yield _agent(track, "PublishItems")
    elif standing.unchecked(track):
        yield _agent(track, "CheckBlindPart")
    elif not objected:
        yield _agent(track, "BeginPreliminary")


def _open_business(state: State, track: Track) -> Iterator[Awaited]:
    """Votes that are not given, questions that are not answered or not closed."""
    voting = standing.open_votes(track)
    for seat in members(state):
        for act in dict.fromkeys(_voting(state, vote, seat.seat) for vote in voting):
            if act:
                yield _one(track, seat.seat, "expert", act)
    asking = standing.open_clarifications(track)
    waiting = {one.bidder for one in asking if not one.answered}
    keyed = {who.seat for who in state.keys.values() if who.role == "bidder"}
    if waiting - keyed:
        yield _agent(track, "AnswerClarification")
    if waiting & keyed:
        # Which bidder was asked is no business of whoever only sees that somebody is waited for.
        yield _one(track, "bidder", "bidder", "AnswerClarification")
    for seat_id in sorted({one.seat for one in asking if one.answered}):
        yield _one(track, seat_id, "expert", "CloseClarification")


def _voting(state: State, vote: Vote, seat: str) -> str:
    """What a vote waits for from a seat, empty for nothing; a first seal shows that it is secret."""
    if seat in vote.ballots:
        return ""
    if not vote.sealed:
        return "CastVote"
    if seat not in vote.sealed:
        return "CastSecretVote"
    return "" if unsealed(state, vote) else "OpenVote"


def _who_found(track: Track, bidders: set[str]) -> list[str]:
    """Members who found something material in these bids; the asking is theirs."""
    found = {
        seat
        for bidder in bidders
        for given in track.review.marks.get(bidder, {}).values()
        for seat, mark in given.items()
        if mark.mark == "material"
    }
    return sorted(found)


def _one(track: Track, seat: str, role: Role, act: str) -> Awaited:
    return Awaited(seat, role, act, track.lot, track.envelope)


def _agent(track: Track, act: str) -> Awaited:
    return _one(track, AGENT_SEAT, "agent", act)
