"""What the group keeps in a session's state; public fields only, empty under versions 1 to 3."""

from msgspec import Struct


class Waiting(Struct, frozen=True):
    """A milestone that is pending: the least head that covers what called for it, and since when (ms)."""

    size: int
    since: int


class Late(Struct, frozen=True):
    """A cosigner that owed at a milestone since a time (ms), and when that was settled; 0 while it owes."""

    name: str
    since: int
    settled: int = 0


class Milestones(Struct, frozen=True):
    """A milestone under a quorum of cosigners, what is owed and settled.

    `policy` is the trust policy's text, empty before it was disclosed; `waiting` and `late` are by the key of
    `state.milestones`, and stay when a milestone is reached, or what was owed there is settled.
    """

    policy: str = ""
    waiting: dict[str, Waiting] = {}
    late: dict[str, tuple[Late, ...]] = {}
