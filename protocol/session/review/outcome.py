"""What the group adds to an outcome (SPEC 16.7): values that tell the same for every undisturbed run."""

from collections.abc import Iterator
from typing import Any

from protocol.hidden import Deduction, Disclosed
from protocol.methods.arithmetic_check import Correction
from protocol.session.review.rows import ASIDE, HOMES
from protocol.session.state import State, Track, members


def of_session(state: State, disclosed: Disclosed) -> dict[str, Any]:
    """Nothing of the session's own."""
    return {}


def of_stage(state: State, track: Track, disclosed: Disclosed) -> dict[str, Any]:
    """Votes, marks, what became of clarifications, confirmed corrections, and the path without side states.

    Raises:
      KeyError: a confirmed correction or share is not disclosed.
    """
    review = track.review
    seats = {seat.seat for seat in members(state)}
    desk = {item.item for item in review.items if item.by == "desk"}
    corrections = {
        bidder: disclosed.value(digest, Correction).corrected for bidder, digest in review.corrected.items()
    }
    return {
        "path": tuple(_main_line(track.path)),
        "clarifications": sorted([one.bidder, one.purpose, one.result] for one in review.clarifications),
        "corrected": corrections,
        "brands": sorted(sorted(group) for group in review.brands),
        "shares": {
            bidder: disclosed.value(digest, Deduction).share for bidder, digest in review.deductions.items()
        },
        "marks": {
            bidder: {
                item: {
                    "desk" if item in desk else seat: mark.mark
                    for seat, mark in given.items()
                    if item in desk or seat in seats
                }
                for item, given in row.items()
            }
            for bidder, row in review.marks.items()
        },
        "votes": [
            {
                "bidder": vote.bidder,
                "ground": vote.ground,
                "ballots": {seat: one.choice for seat, one in vote.ballots.items() if seat in seats},
                "result": "" if not vote.closed else "rejected" if vote.rejected else "kept",
            }
            for _, vote in sorted(review.votes.items())
        ],
    }


def _main_line(path: tuple[str, ...]) -> Iterator[str]:
    """The phases of a path; ways aside and back again are left out, whenever people and lines made them."""
    aside = False
    for phase in path:
        if phase in ASIDE:
            aside = True
            continue
        if not (aside and phase in HOMES):
            yield phase
        aside = False
