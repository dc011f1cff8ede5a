"""What the group keeps in a session's state; public fields only, empty under versions 1 to 3."""

from msgspec import Struct


class Waiting(Struct, frozen=True):
    """A milestone that is pending: the least head that covers what called for it, and since when (ms)."""

    size: int
    since: int


class Milestones(Struct, frozen=True):
    """A milestone under a quorum of cosigners, what is owed and settled.

    `policy` is the trust policy's text, empty before it was disclosed; `waiting` is by the key of
    `state.milestones`, and stays when a milestone is reached: since when a line was owed is told by it.
    """

    policy: str = ""
    waiting: dict[str, Waiting] = {}
