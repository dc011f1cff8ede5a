"""What the group keeps in a session's state; public fields only, empty under versions 1 to 3."""

from msgspec import Struct


class Recorded(Struct, frozen=True):
    """One source so far: segments kept, the last's end, what is kept and missing, the first's begin (ms)."""

    venue: str
    segments: int
    ended_at: int
    recorded_ms: int
    missing_ms: int
    began_at: int = 0


class Live(Struct, frozen=True):
    """Recordings by source; by seat, what a witness has last said of its mask."""

    recorded: dict[str, Recorded] = {}
    masks: dict[str, bool] = {}
