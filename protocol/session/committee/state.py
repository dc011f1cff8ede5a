"""What the group keeps in a session's state and in each stage's track; public fields only.

Frozen and empty by default: a session of version 1 or 2 never changes them.
"""

from msgspec import Struct

from protocol.commands_draw import OpenedShare, SeatWanted
from protocol.events_draw import PoolFrozen, SeatTaken


class Ballot(Struct, frozen=True):
    """The election of the chair: votes by seat; in a secret one commitments first, then the votes."""

    number: int = 0
    secret: bool = False
    commitments: dict[str, bytes] = {}
    votes: dict[str, str] = {}


class Draw(Struct, frozen=True):
    """Of the session.

    `takes` are the seats for which somebody was taken, in the order of the record: a seat that
    stands there again took the next of its stratum's order. `remarks` are the digests of what was said
    beside recusals.
    """

    frozen: PoolFrozen | None = None
    draws: tuple[str, ...] = ()
    commitments: dict[str, bytes] = {}
    revealed: tuple[str, ...] = ()
    venues_drawn: bool = False
    drawn: bool = False
    takes: tuple[SeatWanted, ...] = ()
    shares: tuple[OpenedShare, ...] = ()
    seed: bytes = b""
    taken: dict[str, SeatTaken] = {}
    recused: dict[str, str] = {}
    replaced: dict[str, str] = {}
    confirmed: dict[str, tuple[str, ...]] = {}
    ballot: Ballot = Ballot()
    chair: str = ""
    chair_named: bool = False
    remarks: tuple[bytes, ...] = ()


class StageDraw(Struct, frozen=True):
    """Of one stage, in its present round."""
