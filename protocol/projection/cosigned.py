"""Milestones as a role is shown them: who has cosigned, who owes since when, what was settled (SPEC 27.3)."""

from typing import Final

from protocol.projection import visibility
from protocol.session.state import State
from protocol.views import LateView, MilestoneView
from protocol.words import Role

OF_THE_OPENING: Final = frozenset({"genesis", "bids_received", "release_closed", "bids_opened"})
"""Milestones that tell nothing of how far the review has come (招标投标法 38, 44)."""


def milestones(state: State, role: Role) -> tuple[MilestoneView, ...]:
    """The session's milestones in the order in which they were called for."""
    if not visibility.shows("milestones", role):
        return ()
    return tuple(
        MilestoneView(
            one.milestone,  # type: ignore[arg-type]
            one.lot, one.envelope, one.size, one.cosigned, one.owed,
            tuple(
                LateView(late.name, late.since, late.settled)
                for late in state.cosigning.late.get(key, ())
            ),
        )
        for key, one in state.milestones.items()
    )  # fmt: skip


def outside(state: State, *, public: bool) -> tuple[MilestoneView, ...]:
    """What a bidder is shown: where somebody owed; at the opening alone until the result is public."""
    return tuple(
        one for one in milestones(state, "bidder") if one.late and (public or one.milestone in OF_THE_OPENING)
    )
