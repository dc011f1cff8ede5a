"""What a play does where bids come sealed: first envelopes before check-in, later ones' bidders after.

Owns whether a case is of that kind; how it is done is `ops.ceremony.presiding`'s, which is read only then.
"""

# ruff: noqa: PLC0415 - sealing is slow to load, and not every play needs it

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial

from msgspec import Struct

from ops.installation import Installation
from ops.people import script
from ops.people.person import Person
from ops.senses import Dice
from protocol.plan.case import Case
from protocol.plan.stages import stages
from protocol.session.phases import RULES


class Sealed(Struct, frozen=True):
    """The sealed bids of one session of a case."""

    found: Installation
    case: Case
    session: str
    dice: Dice

    def opening(self, chair: Person) -> Callable[[], Awaitable[None]] | None:
        """How first envelopes are opened; None where rules or installation have bids imported."""
        if not self._are:
            return None
        from ops.ceremony import presiding

        return partial(presiding.hold, self.found, self.case, self.session, chair, self.dice)

    @contextlib.asynccontextmanager
    async def bidders(self) -> AsyncIterator[None]:
        """While later envelopes are left to be opened, their bidders are at their own machines."""
        every = tuple(stages(self.case.plan))
        if not self._are or len(every) == len({lot for lot, _ in every}):
            yield
            return
        from ops.ceremony import presiding

        async with asyncio.TaskGroup() as beside:
            task = beside.create_task(presiding.releasing(self.found, self.case, self.session, self.dice))
            yield
            task.cancel()

    @property
    def _are(self) -> bool:
        """By rules that have it, with custodians installed."""
        return "BeginOpening" in RULES[script.rules_of(self.case)].grown and bool(self.found.custodians)
