"""The bidders of a session that is shown, behind the page: they seal, hand in, and release in their time.

Owns how far that is. Their papers, keys and programs are those of `ops.ceremony.bidding`; when they
release is read from the venues' copies. No breakpoint holds them up: nobody of the house may.
"""

import asyncio
import importlib
from collections.abc import Callable
from typing import Literal

from ops import senses
from ops.installation import Installation
from ops.people.sealed import Sealed
from ops.senses import Dice
from ops.trouble import Trouble
from protocol.plan.case import Case
from protocol.session.state import State

RECEIVING_MS = 15_000
"""How long bids are received once they are sealed: time to hand in five on a slow machine."""
_LOOK_S = 0.2

Sealing = Literal["none", "sealing", "receiving", "received", "missing"]
"""No bids come sealed · they are being sealed · handed in until the deadline · lie there · could not be."""


class Bids:
    """The sealed bids of one session; nothing happens before `run`."""

    def __init__(
        self, found: Installation, case: Case, session: str, state: Callable[[], State | None]
    ) -> None:
        """Prepare; `state` is the session as the copies tell it."""
        self._dice = Dice(found.seed)
        self.are = Sealed(found, case, session, self._dice).are
        self.standing: Sealing = "sealing" if self.are else "none"
        self.deadline = 0
        """Until when they are received, ms by this machine's clock."""
        self._found = found
        self._case = case
        self._session = session
        self._state = state

    async def run(self, changed: Callable[[], None]) -> None:
        """Seal, hand in, and release whatever is to be released, until cancelled.

        Raises:
          Trouble: a paper cannot be sealed, or the coordinator refuses.
        """
        if not self.are:
            return
        try:
            await self._run(changed)
        except Trouble:
            self.standing = "missing"
            changed()
            raise

    async def _run(self, changed: Callable[[], None]) -> None:
        room = await asyncio.to_thread(importlib.import_module, "ops.ceremony.presiding")
        found, case, dice = self._found, self._case, self._dice
        sealed = await asyncio.to_thread(room.sealed, found, case, dice)
        self.standing, self.deadline = "receiving", senses.now_ms() + RECEIVING_MS
        changed()
        hand_in = room.bidding.hand_in
        await asyncio.to_thread(hand_in, found, case, self._session, sealed, RECEIVING_MS, dice)
        self.standing = "received"
        changed()
        bids = {(one.lot, one.envelope, one.bidder): one for one in sealed}
        done: set[tuple[str, str, str]] = set()
        while True:
            state = self._state()
            now = [] if state is None else room.due(state, bids, done)
            release = room.bidding.release
            await asyncio.gather(
                *(asyncio.to_thread(release, found, self._session, one, dice) for one in now)
            )
            done |= {(one.lot, one.envelope, one.bidder) for one in now}
            await asyncio.sleep(_LOOK_S)
