"""How fast played people go: asked before each of their acts and each line of a draft.

Owns the question alone; who answers it may pause, space or stop them (`ops.landing.baton`). Must not
know what an act means.
"""

import asyncio
from typing import Final, Literal

Pace = Literal["hand", "slow", "brisk", "fast"]
"""How fast the play goes where somebody watches; by hand each act waits to be told."""
DRAFT: Final = "Draft"
"""A line of a member's draft, which is no act."""
CORRECTION: Final = "Correction"
"""A member looks at a draft again before it is sealed (a case's turn `first_entry`)."""


class Tempo:
    """Lets everybody go at once."""

    async def before(self, seat: str, what: str) -> None:
        """Return when this seat may do this: an act's type, `DRAFT` or `CORRECTION`."""


class Paced(Tempo):
    """A pause before each act, every person for themselves; drafts go at once."""

    def __init__(self, pace_ms: int) -> None:
        """Pause so long."""
        self._pace_ms = pace_ms

    async def before(self, seat: str, what: str) -> None:  # noqa: ARG002 - the same for everybody
        """See `Tempo.before`."""
        if self._pace_ms and what not in (DRAFT, CORRECTION):
            await asyncio.sleep(self._pace_ms / 1000)
