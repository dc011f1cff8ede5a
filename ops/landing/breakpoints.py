"""Breakpoints: the moments of a session at which the play stands still, so that somebody can look.

Owns which act each stands before. What is to be seen there, and why it matters, are the page's words. The
moments are those of the sample's built-in turns and of the rules that matter.
"""

from typing import Final, Literal

from msgspec import Struct

from ops.people.tempo import CORRECTION

Id = Literal["opening", "mismatch", "cut", "reveal", "deviation", "signatures"]


class Breakpoint(Struct, frozen=True):
    """A moment: before which acts; `desk` is the seat at which it is best looked at, `member` a member's."""

    id: Id
    before: frozenset[str]
    desk: str
    armed: bool = True


ALL: Final = (
    Breakpoint("opening", frozenset({"ImportOpening", "BeginOpening"}), "agent"),
    Breakpoint("mismatch", frozenset({CORRECTION}), "member"),
    Breakpoint("cut", frozenset({"SealSheet"}), "member", armed=False),
    Breakpoint("reveal", frozenset({"CloseScoring"}), "agent"),
    Breakpoint("deviation", frozenset({"ConfirmRanking"}), "agent"),
    Breakpoint("signatures", frozenset({"SignReport"}), "member"),
)
"""In the order in which a session meets them."""


def at(what: str, seat: str, far: str) -> Breakpoint | None:
    """The breakpoint that stands before an act of a seat.

    Args:
      what: the act's type, or a step of a draft.
      seat: whose.
      far: the member at a sub-venue whose line is the one to be cut.
    """
    for one in ALL:
        if what in one.before and (one.id != "cut" or seat == far):
            return one
    return None
