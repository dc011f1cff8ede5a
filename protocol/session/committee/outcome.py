"""What the group adds to an outcome (SPEC 9): values that tell the same for every undisturbed run."""

from typing import Any

from protocol.hidden import Disclosed
from protocol.session.state import State, Track


def of_session(state: State, disclosed: Disclosed) -> dict[str, Any]:
    """Who chairs, who was replaced by whom, which place of which stratum every drawn seat took."""
    drawn = state.drawn
    return {
        "chair": drawn.chair,
        "replaced": sorted(drawn.replaced.items()),
        "taken": [
            {
                "index": one.index, "province": one.leaf.province, "seat": seat,
                "speciality": one.leaf.speciality, "venue": one.venue,
            }
            for seat, one in sorted(drawn.taken.items())
        ],
    }  # fmt: skip


def of_stage(state: State, track: Track, disclosed: Disclosed) -> dict[str, Any]:
    """Nothing of one stage."""
    return {}
