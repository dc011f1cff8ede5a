"""What the agent's desk is shown before an opening (收标看板): notice, bids handed in, last rehearsal.

Owns asking the coordinator, checking the notice that it gives, and judging the last rehearsal against whoever
will hold keys and open. Must not know sockets; holds no bid. Source: SPEC 23.3, 23.4.
"""

import asyncio
from pathlib import Path

from msgspec import Struct

from protocol import handed_in, rehearsal, wire
from protocol.bids_desk import BidsDesk, BidsWanted, TenderShown, shown
from protocol.handed_in import TenderAsk, TenderTold
from protocol.hidden import Disclosed
from protocol.plan.plan import Plan
from protocol.refusals import refuse
from protocol.rehearsal import Rehearsal
from protocol.seal import handing_in
from protocol.session.state import State
from protocol.wire import Refused
from sub_venue.uplink.uplink import Uplink


class BidsBoard(Struct, frozen=True):
    """Tells of tenders by this line; `rehearsals` is the file that rehearsals are noted in."""

    uplink: Uplink
    rehearsals: Path

    async def told(
        self, asked: BidsWanted, key: str, state: State | None, disclosed: Disclosed, now_ms: int
    ) -> BidsDesk:
        """How it stands.

        Args:
          asked: of which session.
          key: which the agent's page has proved.
          state: the session as this node has it; None before it is booked.
          disclosed: what this node holds of it.
          now_ms: this node's clock, for where the coordinator's was not told.
        """
        found = await self.uplink.ask(handed_in.TENDER_TOLD, TenderAsk(asked.session, key), TenderTold)
        trouble = found if isinstance(found, Refused) else _forged(found, asked.session)
        told = None if trouble is not None or isinstance(found, Refused) else found
        tender = None if told is None or told.announced is None else shown(told.announced)
        at = now_ms if isinstance(found, Refused) else found.at
        kept = await asyncio.to_thread(_kept, self.rehearsals)
        last = rehearsal.last(kept, _name(state, disclosed, tender))
        opens_at = 0 if tender is None else tender.deadline
        return BidsDesk(
            session=asked.session, at=at, address="" if told is None else told.address, tender=tender,
            received=None if told is None else told.received, trouble=trouble, rehearsal=last,
            check=rehearsal.check(last, at, opens_at, _custodians(state, tender), _venues(state)),
        )  # fmt: skip


def _forged(told: TenderTold, session: str) -> Refused | None:
    """Why a notice is not shown: it is another session's, or its signature or policies do not hold."""
    if told.announced is None:
        return None
    # A later version is judged by the one before, which only the coordinator has; all else tells of itself.
    why = handing_in.misannounced(told.announced, None)
    if told.announced.notice.session != session:
        why = "session"
    return None if why in ("", "version") else wire.refused(refuse("NoticeRefused", why=why))


def _name(state: State | None, disclosed: Disclosed, tender: TenderShown | None) -> str:
    """By what a rehearsal names the tender: the plan's, or the project of the notice."""
    plan: Plan | None = None if state is None else disclosed.get_value(state.plan, Plan)
    if plan is not None:
        return plan.tender
    return "" if tender is None else tender.project


def _custodians(state: State | None, tender: TenderShown | None) -> frozenset[str]:
    appointed = () if state is None else tuple(state.ceremony.stages.values())
    named = frozenset(m.custodian for one in appointed for group in one.groups for m in group.members)
    return named or (frozenset() if tender is None else tender.custodians)


def _venues(state: State | None) -> tuple[str, ...]:
    return () if state is None else tuple(state.venues)


def _kept(path: Path) -> tuple[Rehearsal, ...]:
    """The rehearsals of the file; none where it cannot be read."""
    try:
        with path.open("rb") as file:
            return rehearsal.read(file.read(rehearsal.FILE_BYTES_MAX + 1))
    except OSError:
        return ()
