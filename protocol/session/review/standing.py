"""Where a stage's review stands: what the group's rules and guards ask of the state, and nothing else."""

from collections.abc import Iterator

from protocol.events import Event
from protocol.events_turns import TallySetAside
from protocol.plan.grounds import COMPETITION
from protocol.session.review.rows import ASIDE, HOMES
from protocol.session.review.state import Clarification, Vote, vote_key
from protocol.session.state import State, Track, members


def home(track: Track) -> str:
    """The phase that a side state of the review comes from and goes back to: PRELIM, DETAILED or SUMMARY."""
    return next((phase for phase in reversed(track.path) if phase in HOMES), "")


def begun(track: Track) -> str:
    """The phase of a stage on its main line: where it stands, or where it stands aside from."""
    return home(track) if track.phase in ASIDE else track.phase


def aside(track: Track) -> tuple[Event, ...]:
    """A published tally counts no more, because what it rests on changed; nothing where there is none."""
    if not track.tally:
        return ()
    return (TallySetAside(lot=track.lot, envelope=track.envelope, round=track.round, tally=track.tally),)


def back_to(track: Track, votes: bool, clarifications: bool) -> str:
    """The phase that a stage is in when votes are (or none is) open, and clarifications."""
    return "REJECT_VOTE" if votes else "CLARIFYING" if clarifications else home(track)


def open_votes(track: Track) -> tuple[Vote, ...]:
    """Votes that are not closed."""
    return tuple(one for one in track.review.votes.values() if not one.closed)


def open_clarifications(track: Track) -> tuple[Clarification, ...]:
    """Clarifications that are not closed."""
    return tuple(one for one in track.review.clarifications if not one.result)


def left(track: Track) -> tuple[str, ...]:
    """Bidders that no vote has rejected, in the order of the opening."""
    gone = {one.bidder for one in track.rejected}
    return tuple(bid.bidder for bid in track.bids if bid.bidder not in gone)


def desk_outs(track: Track) -> dict[str, str]:
    """Bidder → ground, of bids in which the desk found a material deviation (87号令 44)."""
    found: dict[str, str] = {}
    for bidder in left(track):
        for item in track.review.items:
            marks = track.review.marks.get(bidder, {}).get(item.item, {})
            if item.by == "desk" and any(mark.mark == "material" for mark in marks.values()):
                found.setdefault(bidder, item.ground)
    return found


def going_on(track: Track) -> tuple[str, ...]:
    """Bidders that neither a vote nor the desk has put out."""
    outs = desk_outs(track)
    return tuple(bidder for bidder in left(track) if bidder not in outs)


def unmarked(state: State, track: Track) -> Iterator[tuple[str, str, str]]:
    """(seat, bidder, item) still to be marked; `desk` for the desk's items."""
    seats = [seat.seat for seat in members(state)]
    marks = track.review.marks
    for item in track.review.items:
        for bidder in left(track) if item.by == "desk" else going_on(track):
            given = marks.get(bidder, {}).get(item.item, {})
            if item.by == "desk":
                if not given:
                    yield "desk", bidder, item.item
                continue
            yield from ((seat, bidder, item.item) for seat in seats if seat not in given)


def unvoted(state: State, track: Track) -> Iterator[tuple[str, str]]:
    """(bidder, ground) of material deviations by members, and of failed blind parts, not yet voted on."""
    seats = {seat.seat for seat in members(state)}
    for bidder in going_on(track):
        for item in track.review.items:
            marks = track.review.marks.get(bidder, {}).get(item.item, {})
            material = any(mark.mark == "material" for seat, mark in marks.items() if seat in seats)
            if material and not _closed(track, bidder, item.ground):
                yield bidder, item.ground
        check = track.review.blind_checks.get(bidder)
        if check is not None and check.result == "fail" and not _any_closed(track, bidder):
            yield bidder, ""


def unchecked(track: Track) -> tuple[str, ...]:
    """Bidders whose blind part nobody has looked through, where the stage has such parts."""
    if not track.review.blind:
        return ()
    return tuple(bid.bidder for bid in track.bids if bid.bidder not in track.review.blind_checks)


def shown_blind(track: Track) -> frozenset[str]:
    """Bidders whose blind part members may be shown.

    Those whose latest check passed, and those whom the committee kept by a vote although it failed.
    """
    kept = {one.bidder for one in track.review.votes.values() if one.closed and not one.rejected}
    checks = track.review.blind_checks
    return frozenset(bidder for bidder, check in checks.items() if check.result == "pass" or bidder in kept)


def suppliers(track: Track) -> int:
    """How many suppliers go on: bids of one brand are one (87号令 31)."""
    on = going_on(track)
    doubled = sum(max(0, sum(bidder in on for bidder in group) - 1) for group in track.review.brands)
    return len(on) - doubled


def fell_short(state: State, track: Track) -> bool:
    """Whether bids that were enough at the opening are fewer than `bids_min` now."""
    return suppliers(track) < state.bids_min <= len(track.bids)


def competition_open(state: State, track: Track) -> bool:
    """Whether so few bids are left that the vote of 12号令 27 is called for and has not been closed."""
    return fell_short(state, track) and not _closed(track, "", COMPETITION)


def counts(state: State, vote: Vote) -> dict[str, int]:
    """Choice → how many members chose it, and `members`; who is no member any more does not count."""
    seats = [seat.seat for seat in members(state)]
    given = [vote.ballots[seat].choice for seat in seats if seat in vote.ballots]
    return {"members": len(seats), **{choice: given.count(choice) for choice in ("yes", "no", "abstain")}}


def _closed(track: Track, bidder: str, ground: str) -> bool:
    vote = track.review.votes.get(vote_key(bidder, ground))
    return vote is not None and vote.closed


def _any_closed(track: Track, bidder: str) -> bool:
    return any(vote.closed for vote in track.review.votes.values() if vote.bidder == bidder)
