"""Where things lie when nobody says: the data folders and the sample case.

Owns these defaults alone. In a clone they lie under `.tongchang/`, which git leaves alone; elsewhere under
the folder that the command is called in.
"""

from collections.abc import Sequence
from pathlib import Path

from ops import senses, stack
from ops.installation import DEFAULT_PLACES, Place
from protocol.plan.case import Case


def home() -> Path:
    """The folder for data of this clone, or of the present folder where there is no clone."""
    in_clone = (stack.PROJECT / "pyproject.toml").exists()
    return (stack.PROJECT if in_clone else Path.cwd()) / ".tongchang"


def standing_data() -> Path:
    """The data of the installation that `up` starts."""
    return home() / "installation"


def passing_data() -> Path:
    """A new folder for one `act --up`."""
    now = senses.now_ms()
    return home() / "act" / f"{now}-{senses.Dice().bytes32().hex()[:6]}"


def sample_case() -> Path:
    """The sample tender."""
    return Path(__file__).resolve().parent / "sample" / "case.json"


def sample_documents() -> Path:
    """Where the sample tender's documents are made, once."""
    return home() / "sample"


def of_case(case: Case, known: Sequence[Place] = DEFAULT_PLACES) -> tuple[Place, ...]:
    """The nodes that a case needs, with better-known names where a place is known already."""
    by_name = {place.node: place for place in known}
    return tuple(
        Place(
            venue.id, venue.zh, venue.en or (by_name[venue.id].en if venue.id in by_name else venue.id),
            venue.province, venue.role,
        )
        for venue in case.venues
    )  # fmt: skip
