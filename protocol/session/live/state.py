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


class RollCall(Struct, frozen=True):
    """A roll-call picture: the event's fields, its entry `seq` and clock `at` (ms)."""

    seq: int
    at: int
    by: str
    picture: bytes
    digest: bytes
    octets: int
    width: int
    height: int
    taken_at: int
    shown: tuple[str, ...]
    missing: tuple[str, ...]
    rooms: tuple[str, ...]


class Live(Struct, frozen=True):
    """Recordings by source; by seat, what was last said of its mask; roll-call pictures in order."""

    recorded: dict[str, Recorded] = {}
    masks: dict[str, bool] = {}
    roll_calls: tuple[RollCall, ...] = ()
