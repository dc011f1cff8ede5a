"""Openings (开启): the scores behind a seat's commitment, in this venue's keeping until all open together.

Owns checking an opening against its commitment and the plan before it is sealed, sealing it under the seat's
key, and the node's own acts when the phase asks: `TryOpening` for each of its seats once scores are closed,
`OpenSheet` once every venue has said `ok`. Both are kept and sent like any act; the opening itself is joined
to `OpenSheet` only when that goes up the line, so that it never lies on this disk in clear before everybody's
are open. Where a venue's machine is lost this one may stand in, with what custodians released to it
(`escrows`). Source: DESIGN 7, SPEC 6, 28.8; 12号令 13, 87号令 62.
"""

import asyncio
from collections.abc import Iterator

import structlog

from protocol import canonical, hidden
from protocol.commands import Command, Content, OpenSheet, SealSheet, TryOpening
from protocol.hidden import Disclosure, Opening
from protocol.plan.plan import Plan
from protocol.refusals import Refusal, refuse
from protocol.session.checks import sheet_faults
from protocol.session.state import Sheet, State, Track, is_reached, track
from protocol.words import Stage
from sub_venue.journal.journal import Act
from sub_venue.keys import SealBroken
from sub_venue.seats import own_hand
from sub_venue.seats.escrows import Escrows, KeyOf, stood_in_for
from sub_venue.seats.own_hand import Rooms, Wanted

REFUSED_TRIES_MAX = 3
"""How often the node asks again for one seat after a refusal; then people must look."""

_ASKING = frozenset({"SCORES_SEALED", "SCORES_OPENING"})
"""The phases of a stage in which a node has acts of its own to do."""
_OPENING_BYTES_MAX = 1_048_576
_log = structlog.get_logger("sub_venue.seats")


class Openings:
    """The openings of this venue's seats."""

    def __init__(self, rooms: Rooms, key_of: KeyOf) -> None:
        """Take up every session that goes on, and hear of each that grows; `key_of` as in `Escrows`."""
        self._by = rooms
        self._at_work: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self.escrows = Escrows(rooms, self._kept, key_of)
        rooms.uplink.enclose = self.enclose
        rooms.copies.listen(self.look)
        rooms.journal.listen(lambda kept, _answer: self.look(kept.session))

    def check(self, state: State, seat: str, command: Command, opening: Opening | None) -> Refusal | None:
        """What is wrong with the opening that comes with a `SealSheet`; None when nothing is.

        Refuses a missing one, one that is not behind the commitment, one for another seat or stage, and a
        sheet with gaps or points out of range (`SheetInvalid`).
        """
        content = command.content
        assert isinstance(content, SealSheet)
        here = track(state, command.stage)
        if opening is None:
            return refuse("DisclosureMissing", field="sheet")
        if here is None:
            return refuse("UnknownStage", stage=f"{command.stage.lot}/{command.stage.envelope}")
        try:
            matches = hidden.commitment(opening) == content.commitment
        except canonical.NotCanonical as error:
            return refuse("Malformed", why=str(error)[:200])
        if not matches:
            return refuse("OpeningMismatch", seat=seat)
        plan: Plan | None = self._disclosed(state).get_value(state.plan, Plan)
        if plan is None:
            return refuse("DisclosureMissing", field="plan")
        faults = sheet_faults(state, here, seat, opening, plan)
        return faults[0] if faults else None

    async def seal(self, session: str, seat: str, opening: Opening) -> bytes:
        """An opening under its seat's key.

        Raises:
          NotDurable: the seat's key cannot be made.
        """
        raw = canonical.encode(opening)
        purpose = _purpose(hidden.commitment(opening))
        return await self._by.disk.do(lambda: self._by.keys.seal(session, seat, purpose, raw))

    def enclose(self, act: Act) -> tuple[Disclosure, ...] | None:
        """The disclosures that go up with an act; None when its opening cannot be opened any more."""
        if not act.opening_of:
            return act.disclosures
        found = self._open(act.session, act.seat, act.opening_of)
        return None if isinstance(found, str) else (hidden.disclose_opening(found),)

    def look(self, session: str) -> None:
        """See whether a session asks something of this node now; at most one task for each."""
        self.escrows.look(session)
        self._again.add(session)
        if session not in self._at_work and self._is_asked(session):
            task = asyncio.ensure_future(self._work(session))
            self._at_work[session] = task
            task.add_done_callback(lambda done: self._worked(session, done))

    async def stop(self) -> None:
        """End whatever is under way; what is kept is kept."""
        await self.escrows.stop()
        tasks = tuple(self._at_work.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # --- what the phase asks ----------------------------------------------------------------

    async def _work(self, session: str) -> None:
        while session in self._again:
            self._again.discard(session)
            state = self._by.copies.state(session)
            if state is None:
                return
            for wanted in tuple(self._wanted(state)):
                await own_hand.keep(self._by, session, wanted)

    def _is_asked(self, session: str) -> bool:
        """Whether a session stands where a node has acts of its own to do; most entries ask nothing."""
        state = self._by.copies.state(session)
        return state is not None and any(here.phase in _ASKING for here in state.tracks.values())

    def _worked(self, session: str, done: asyncio.Task[None]) -> None:
        del self._at_work[session]
        if done.cancelled():
            return
        error = done.exception()
        if error is not None:
            _log.error("cannot act for the seats", session=session, error=repr(error))
        elif session in self._again:
            self.look(session)

    def _wanted(self, state: State) -> Iterator[Wanted]:
        mine = {venue.venue for venue in state.venues.values() if venue.node_key == self._by.node_key.text}
        for here in state.tracks.values():
            if here.phase not in _ASKING:
                continue
            stage = Stage(here.lot, here.envelope, here.round)
            standing_in = {seat for venue in mine for seat in stood_in_for(state, here, venue)}
            for seat, sheet in here.sheets.items():
                if state.seats[seat].venue in mine or seat in standing_in:
                    content = self._asked(state, here, seat, sheet)
                    if content is not None:
                        opened = sheet.commitment if isinstance(content, OpenSheet) else b""
                        yield Wanted(stage, seat, content, sheet.commitment, opening_of=opened)

    def _asked(self, state: State, here: Track, seat: str, sheet: Sheet) -> Content | None:
        if here.phase == "SCORES_OPENING" and not sheet.opened:
            may = self._may(state, "OpenSheet", seat, sheet.commitment)
            return OpenSheet(seat, sheet.commitment) if may else None
        closed = is_reached(state, "scores_closed", here.lot, here.envelope)
        if here.phase != "SCORES_SEALED" or not closed or sheet.tried == "ok":
            return None
        if not self._may(state, "TryOpening", seat, sheet.commitment):
            return None
        cause = self._try(state, here, seat, sheet.commitment)
        if not cause:
            return TryOpening(seat, sheet.commitment, "ok", "")
        return None if sheet.tried == "fault" else TryOpening(seat, sheet.commitment, "fault", cause)

    def _try(self, state: State, here: Track, seat: str, commitment: bytes) -> str:
        """Why a seat's commitment cannot be opened here; empty when it can."""
        found = self._open(state.session, seat, commitment)
        if isinstance(found, str):
            return found
        plan: Plan | None = self._disclosed(state).get_value(state.plan, Plan)
        if plan is None:
            return "plan"
        return "invalid" if sheet_faults(state, here, seat, found, plan) else ""

    def _open(self, session: str, seat: str, commitment: bytes) -> Opening | str:
        """The opening behind a commitment, from here or from what custodians released; else why not."""
        found = self._kept(session, seat, commitment)
        state = self._by.copies.state(session)
        if not isinstance(found, str) or state is None:
            return found
        recovered = self.escrows.recovered(state, seat, commitment, self._disclosed(state))
        return found if isinstance(recovered, str) else recovered

    def _kept(self, session: str, seat: str, commitment: bytes) -> Opening | str:
        """The opening behind a commitment as this venue keeps it, or in one word why it cannot be had."""
        kept = self._by.journal.opening(session, seat, commitment)
        if kept is None:
            return "missing"
        sealed = self._by.journal.body(kept).sealed
        try:
            raw = self._by.keys.open(session, seat, _purpose(commitment), sealed)
            opening = canonical.decode(raw, Opening, _OPENING_BYTES_MAX)
        except (SealBroken, canonical.NotCanonical):
            return "unreadable"
        return opening if hidden.commitment(opening) == commitment else "mismatch"

    def _may(self, state: State, type_: str, seat: str, commitment: bytes) -> bool:
        """Not while the same is on its way, nor before our copy shows it, nor after several refusals."""
        refused = 0
        for kept in self._by.journal.of_author(state.session, self._by.node_key.text):
            if (kept.type, kept.seat, kept.commitment) != (type_, seat, commitment):
                continue
            if kept.answer is None or kept.answer.seq >= state.size:
                return False
            refused += kept.answer.status == "refused"
        return refused < REFUSED_TRIES_MAX

    def _disclosed(self, state: State) -> hidden.Disclosed:
        replica = self._by.copies.get(state.session)
        assert replica is not None
        return replica.disclosed


def _purpose(commitment: bytes) -> str:
    return f"opening {commitment.hex()}"
