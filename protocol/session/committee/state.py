"""What the group keeps in a session's state and in each stage's track; public fields only.

Frozen and empty by default: a session of version 1 or 2 never changes them.
"""

from msgspec import Struct


class Draw(Struct, frozen=True):
    """Of the session."""


class StageDraw(Struct, frozen=True):
    """Of one stage, in its present round."""
