"""What the group adds to an outcome (SPEC 9): values that tell the same for every undisturbed run."""

from typing import Any

from protocol.hidden import Disclosed
from protocol.session.state import State, Track


def of_session(state: State, disclosed: Disclosed) -> dict[str, Any]:
    """Fields of the outcome itself."""
    return {}


def of_stage(state: State, track: Track, disclosed: Disclosed) -> dict[str, Any]:
    """Fields of one stage of the outcome."""
    return {}
