"""What the group keeps in a session's state; public fields only, empty under versions 1 to 3."""

from msgspec import Struct


class Recorded(Struct, frozen=True):
    """One source so far: segments kept, the end of the last, what is kept and what is missing, ms."""

    venue: str
    segments: int
    ended_at: int
    recorded_ms: int
    missing_ms: int


class Live(Struct, frozen=True):
    """Recordings by source."""

    recorded: dict[str, Recorded] = {}
