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
from protocol.words import Stage


class Sealed(Struct, frozen=True):
    """The sealed bids of one session of a case."""

    found: Installation
    case: Case
    session: str
    dice: Dice

    def opening(self, chair: Person) -> Callable[[], Awaitable[None]] | None:
        """How first envelopes are opened; None where rules or installation have bids imported."""
        if not self.are:
            return None
        from ops.ceremony import presiding

        return partial(presiding.hold, self.found, self.case, self.session, chair, self.dice)

    async def appoint(self, chair: Person) -> None:
        """Where bids come sealed, have those appointed who hold their keys, unless they are.

        Raises:
          ActRefused: the rules refuse it.
          Trouble: a key cannot be read.
        """
        if not self.are:
            return
        from ops import custody
        from ops.ceremony import presiding

        tender = self.case.plan.tender
        custody.tell(self.found.data, tender)
        view = await chair.until(lambda view: view if view.stages else None)
        for place in view.stages:
            if place.ceremony is None:
                appointed = custody.appointment(
                    self.found.data, self.found.shape.custodians, tender, presiding.WINDOW_MS
                )
                await chair.act(Stage(place.lot, place.envelope, place.round), appointed)

    @contextlib.asynccontextmanager
    async def bidders(self) -> AsyncIterator[None]:
        """While later envelopes are left to be opened, their bidders are at their own machines."""
        every = tuple(stages(self.case.plan))
        if not self.are or len(every) == len({lot for lot, _ in every}):
            yield
            return
        from ops.ceremony import presiding

        async with asyncio.TaskGroup() as beside:
            task = beside.create_task(presiding.releasing(self.found, self.case, self.session, self.dice))
            yield
            task.cancel()

    @property
    def are(self) -> bool:
        """By rules that have it, with custodians installed."""
        return "BeginOpening" in RULES[script.rules_of(self.case)].grown and bool(self.found.custodians)
