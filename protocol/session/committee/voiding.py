"""What a replaced member leaves void in a stage, and where the stage goes back to (实施条例 48).

Marks and ballots count for members only, so most of it is void by itself (`review.standing`). What is
undone here has been concluded already: a vote that only that ballot decided is taken out and can be
held again, the bid it put out is back; sheets of that seat are taken out, and all sheets where a bid
is back. A stage in detailed review goes back to the preliminary one, which the successor does too.
"""

from collections.abc import Mapping

from msgspec.structs import replace

from protocol.session.review import standing
from protocol.session.review.rows import ASIDE
from protocol.session.review.state import Vote
from protocol.session.state import State, Track

SCORES_SHOWN = frozenset({"SCORES_OPENING", "SUMMARY", "RECHECK", "RANKED"})
"""Phases of a stage from which on nobody is replaced."""


def scores_shown(track: Track) -> bool:
    """Whether a stage's scores are open, also while it stands aside."""
    return standing.begun(track) in SCORES_SHOWN


def phases_back(track: Track) -> tuple[str, ...]:
    """The phases that a stage enters when a member is replaced; none where it stays.

    A vote or a question that is open goes on, with the preliminary review behind it.
    """
    if track.phase in ("DETAILED", "SCORES_SEALED"):
        return ("PRELIM",)
    if track.phase in ASIDE and standing.home(track) == "DETAILED":
        return ("PRELIM", track.phase)
    return ()


def without(state: State, track: Track, seat: str) -> Track:
    """A stage without what one seat concluded; `state` has the successor among its members already."""
    votes, undone = _votes(state, track.review.votes, seat)
    rejected = tuple(one for one in track.rejected if (one.bidder, one.ground) not in undone)
    sheets = {name: sheet for name, sheet in track.sheets.items() if name != seat}
    return replace(
        track,
        review=replace(track.review, votes=votes),
        rejected=rejected,
        sheets=sheets if rejected == track.rejected else {},
        overrun=tuple(one for one in track.overrun if one != seat),
    )


def _votes(
    state: State, votes: Mapping[str, Vote], seat: str
) -> tuple[dict[str, Vote], frozenset[tuple[str, str]]]:
    """The votes without a seat's ballots, and (bidder, ground) of those that are undone."""
    kept: dict[str, Vote] = {}
    undone = set()
    for name, before in votes.items():
        ballots = {who: ballot for who, ballot in before.ballots.items() if who != seat}
        sealed = {who: one for who, one in before.sealed.items() if who != seat}
        vote = replace(before, ballots=ballots, sealed=sealed)
        if vote.closed and seat in before.ballots and not _stands(state, vote):
            undone.add((vote.bidder, vote.ground))
        else:
            kept[name] = vote
    return kept, frozenset(undone)


def _stands(state: State, vote: Vote) -> bool:
    """Whether a closed vote comes out as it did, whatever those who have not voted would say."""
    counts = standing.counts(state, vote)
    missing = counts["members"] - counts["yes"] - counts["no"] - counts["abstain"]
    if vote.rejected:
        return 2 * counts["yes"] > counts["members"]
    return 2 * (counts["yes"] + missing) <= counts["members"]
