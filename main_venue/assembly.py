"""The one file that knows what a main venue has beside a sub-venue's node: the agent's and tenderee's desks.

Everything else is `sub_venue`'s: the same journal, uplink and seats, since a main venue seats people too.
"""

import asyncio
from pathlib import Path

from main_venue import tenderee_desk
from main_venue.agent_desk import AgentDesk
from main_venue.bids_board import BidsBoard
from main_venue.case_shelf import UNBOOKED_MAX, CaseShelf
from main_venue.draw_desk import DrawDesk
from main_venue.papers import preparing
from main_venue.papers.room import PaperRoom
from main_venue.papers.shelf import PaperShelf
from main_venue.provinces import Provinces
from protocol import canonical, rehearsal
from protocol.bids_desk import BidsDesk, BidsWanted
from protocol.hidden import Disclosed
from protocol.ledger import quorum
from protocol.refusals import Refusal, refuse
from protocol.session.state import State
from protocol.wire import Prepare, Prepared
from sub_venue.assembly import PAGES as VENUE_PAGES
from sub_venue.assembly import Foundation, Preparing, serve
from sub_venue.config import Settings
from sub_venue.journal.replica import Replica
from sub_venue.seats.screens import Seated

_WEB = Path(__file__).parent / "web"
PAGES = {name: _WEB / name / "dist" for name in ("agent", "tenderee")} | VENUE_PAGES
"""What a main venue serves; its own pages first."""


class Hosting(Preparing):
    """What the seats of a main venue may have prepared: the agent's acts too."""

    def __init__(self, foundation: Foundation) -> None:
        """Keep the agent's cases beside the node's other things."""
        super().__init__(foundation)
        settings = foundation.settings
        self._shelf = CaseShelf(settings.data_dir / "cases")
        self._draws = DrawDesk(
            settings.data_dir / "draws",
            settings.pool or settings.data_dir / "pool.json",
            foundation.senses.salt,
            settings.office_key,
        )
        policy = quorum.read(settings.trust_policy.read_bytes()) if settings.trust_policy else None
        self._desk = AgentDesk(
            self._shelf, foundation.senses.salt, settings.installation_key, settings.node, self._draws, policy
        )
        self._provinces = Provinces(settings, policy)
        self._papers = PaperShelf(settings.data_dir / "papers")
        self._signing = PaperRoom(foundation, self._papers)
        self._board = BidsBoard(foundation.uplink, settings.rehearsals or settings.data_dir / rehearsal.FILE)
        self._one_at_a_time = asyncio.Lock()

    def start(self) -> None:
        """Take up the signing of reports."""
        self._signing.start()

    async def stop(self) -> None:
        """End it."""
        await self._signing.stop()

    async def prepare(self, asked: Prepare, seated: Seated) -> Prepared | Refusal:
        """An act's content and disclosures, for this seat to sign."""
        replica = self.by.copies.get(asked.session)
        state = None if replica is None else replica.state
        if seated.role == "tenderee" and state is not None:
            return tenderee_desk.prepare(asked, state)
        if seated.role != "agent":
            return await super().prepare(asked, seated)
        if asked.type == "BookSession" and state is not None:
            return refuse("SessionExists", session=asked.session)
        if asked.type != "BookSession" and state is None:
            return refuse("UnknownSession", session=asked.session)
        if asked.type == "PrepareReport" and replica is not None and state is not None:
            return await self._prepare_report(asked, replica, state)
        welcome = self.by.uplink.welcome
        if asked.type == "ImportCommittee" and welcome is None:
            return refuse("LineDown")
        nodes = () if welcome is None else welcome.nodes
        disclosed = Disclosed() if replica is None else replica.disclosed
        signed = await self._provinces.sign(asked.session) if asked.type == "BookSession" else ()
        async with self._one_at_a_time:
            entries = tuple if replica is None else replica.entries
            found = await asyncio.to_thread(
                self._desk.prepare, asked, state, disclosed, nodes, entries, signed
            )
            if asked.type == "BookSession":
                await asyncio.to_thread(self._make_room)
        return found

    async def bids(self, asked: BidsWanted, seated: Seated) -> BidsDesk | Refusal:
        """How notice, bids handed in and rehearsal stand, for the agent."""
        replica = self.by.copies.get(asked.session)
        if seated.session != asked.session and replica is not None:
            return refuse("NotSignedIn")
        state = None if replica is None else replica.state
        disclosed = Disclosed() if replica is None else replica.disclosed
        now = self.by.senses.now_ms()
        return await self._board.told(asked, seated.key, state, disclosed, now)

    async def _prepare_report(self, asked: Prepare, replica: Replica, state: State) -> Prepared | Refusal:
        """The report made ready to be signed; `source` may name seats besides the members'."""
        async with self._one_at_a_time:
            entries = await asyncio.to_thread(replica.entries)
            try:
                content = await asyncio.to_thread(
                    preparing.prepare, state, replica.disclosed, entries, asked.source, self._papers
                )
            except OSError:
                return refuse("NotDurable")
        if isinstance(content, Refusal):
            return content
        return Prepared(asked.type, asked.stage, canonical.encode(content).decode(), ())

    async def forget(self, session: str) -> None:
        """The case of an archived session is needed no more."""
        await asyncio.to_thread(self._shelf.drop, session)
        await asyncio.to_thread(self._draws.drop, session)

    def _make_room(self) -> None:
        """Anybody at the venue may have a booking prepared; only so many are kept."""
        unbooked = [one for one in self._shelf.sessions() if self.by.copies.size(one) == 0]
        for session in unbooked[: max(0, len(unbooked) - UNBOOKED_MAX)]:
            self._shelf.drop(session)


async def run(settings: Settings) -> None:
    """Run a main venue's node until SIGTERM or SIGINT; returns when it has stopped in order.

    Raises:
      OSError, ValueError: it could not start, or cannot go on; the text says why.
    """
    await serve(settings, PAGES, Hosting)
