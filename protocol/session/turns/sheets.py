"""The sheet that counts: what a member sealed, with their own corrections laid over it (SPEC 17.1)."""

from protocol.hidden import CorrectedScores, Disclosed, Opening
from protocol.session.state import Track

Scores = dict[str, dict[str, int]]


def counting(here: Track, seat: str, disclosed: Disclosed) -> Scores:
    """A seat's counting points of a stage: bidder → criterion → points_centi.

    Raises:
      KeyError: the seat has no sheet here, or its opening or a correction is not disclosed.
    """
    opening: Opening = disclosed.value(here.sheets[seat].commitment, Opening)
    scores = opening.scores
    for one in here.turns.corrections:
        if one.seat == seat:
            corrected: CorrectedScores = disclosed.value(one.digest, CorrectedScores)
            scores = laid_over(scores, corrected.scores)
    return scores


def laid_over(scores: Scores, corrected: Scores) -> Scores:
    """A sheet with some of its items replaced; neither argument is changed.

    >>> laid_over({"b1": {"A": 5, "B": 6}}, {"b1": {"B": 7}})
    {'b1': {'A': 5, 'B': 7}}
    """
    return {bidder: {**row, **corrected.get(bidder, {})} for bidder, row in scores.items()}
