"""Openings in escrow (评分托管): this venue's sealed sheets, boxed for the custodians of their stage.

Owns the node's own act `EscrowSheet`, as soon as the record shows a sheet of one of its seats as sealed: what
was sealed with the line cut follows when it is back, and what a killed node had not given yet when it starts
again, since the opening lies in the journal. And it owns the way back: where a machine is lost, what a
threshold of custodians released to this venue's key for the session opens the sheet again. Source: SPEC 28.8,
DESIGN 7.
"""

import asyncio
from collections.abc import Callable, Iterator
from typing import Final

import structlog

from protocol import hidden, limits
from protocol.commands_escrow import EscrowSheet
from protocol.hidden import Disclosed, Disclosure, Opening
from protocol.seal import escrowing, releasing, suites
from protocol.seal.dealing import Custodian, Group, Share
from protocol.seal.escrowing import SheetEscrow
from protocol.seal.refused import SealRefused
from protocol.seal.releasing import CustodyRelease
from protocol.seal.suite import SoftwareKey
from protocol.session.ceremony import reading
from protocol.session.escrow import asking
from protocol.session.escrow.guards import group_of, held
from protocol.session.state import State, Track
from protocol.words import Stage
from sub_venue.journal.journal import Kept
from sub_venue.seats import own_hand
from sub_venue.seats.own_hand import Rooms, Wanted

REFUSED_TRIES_MAX: Final = 3
"""How often the node gives the same after a refusal; then people must look."""
_KEY_TRIES_MAX: Final = 8
_log = structlog.get_logger("sub_venue.seats")

Opens = Callable[[str, str, bytes], Opening | str]
"""(session, seat, commitment) → the opening in this venue's keeping, or in one word why it cannot be had."""

KeyOf = Callable[[str, str], SoftwareKey | None]
"""(session, suite) → this venue's key for the session's openings; None where there is none, or no more."""


class Escrows:
    """What this venue's seats have in escrow."""

    def __init__(self, rooms: Rooms, opens: Opens, key_of: KeyOf) -> None:
        """Hear of every session that grows.

        Args:
          rooms: what the node acts through.
          opens: opens what a seat sealed here.
          key_of: gives this venue's key for a session's openings.
        """
        self._by = rooms
        self._opens = opens
        self._key_of = key_of
        self._at_work: dict[str, asyncio.Task[None]] = {}
        rooms.copies.listen(self.look)
        rooms.journal.listen(self._answered)

    def look(self, session: str) -> None:
        """See whether a sheet of this venue's waits for its escrow; at most one task for each session."""
        state = self._by.copies.state(session)
        if state is None or session in self._at_work or next(self._wanted(state), None) is None:
            return
        task = asyncio.ensure_future(self._work(session))
        self._at_work[session] = task
        task.add_done_callback(lambda done: self._worked(session, done))

    async def stop(self) -> None:
        """End whatever is under way; what is kept is kept."""
        tasks = tuple(self._at_work.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def recovered(self, state: State, seat: str, commitment: bytes, disclosed: Disclosed) -> Opening | str:
        """A sheet's opening from what custodians released to this venue, or in one word why it does not come.

        Args:
          state: the session.
          seat: whose sheet.
          commitment: what it must be the opening of.
          disclosed: escrow and releases among it.
        """
        here = next((one for one in state.tracks.values() if _is_of(one, seat, commitment)), None)
        one = None if here is None else held(state, here, seat)
        if here is None or one is None or one.commitment != commitment:
            return "missing"
        suite = suites.get(reading.of(state, here).suite)
        key = self._key_of(state.session, suite.name)
        escrow: SheetEscrow | None = disclosed.get_value(one.escrow, SheetEscrow)
        if key is None or escrow is None:
            return "missing"
        shares: list[Share] = []
        for digest in one.released.values():
            release: CustodyRelease | None = disclosed.get_value(digest, CustodyRelease)
            try:
                shares += () if release is None else releasing.shares_of(suite, release, key).shares
            except SealRefused as refused:
                _log.warning("a released share does not open", seat=seat, code=refused.code)
        try:
            return escrowing.recovered(suite, escrow, shares)
        except SealRefused as refused:
            return "missing" if refused.code == "SharesTooFew" else "mismatch"

    # --- giving -----------------------------------------------------------------------------

    def _answered(self, kept: Kept, _: object) -> None:
        self.look(kept.session)

    async def _work(self, session: str) -> None:
        state = self._by.copies.state(session)
        for here, seat, commitment in () if state is None else tuple(self._wanted(state)):
            assert state is not None
            opening = self._opens(session, seat, commitment)
            if isinstance(opening, str):
                _log.error("nothing to give in escrow", session=session, seat=seat, why=opening)
                continue
            shown = self._boxed(state, here, opening)
            stage = Stage(here.lot, here.envelope, here.round)
            content = EscrowSheet(seat, commitment, shown.digest)
            wanted = Wanted(stage, seat, content, commitment, disclosures=(shown,))
            await own_hand.keep(self._by, session, wanted)

    def _worked(self, session: str, done: asyncio.Task[None]) -> None:
        del self._at_work[session]
        if done.cancelled():
            return
        error = done.exception()
        if error is not None:
            _log.error("cannot give in escrow", session=session, error=repr(error))

    def _wanted(self, state: State) -> Iterator[tuple[Track, str, bytes]]:
        """Sheets of this venue's seats that nobody holds yet."""
        mine = {venue.venue for venue in state.venues.values() if venue.node_key == self._by.node_key.text}
        for here in state.tracks.values():
            if here.phase != "DETAILED" or group_of(state, here) is None:
                continue
            for seat, sheet in here.sheets.items():
                one = held(state, here, seat)
                given = one is not None and one.commitment == sheet.commitment
                if state.seats[seat].venue in mine and not given and self._may(state, seat, sheet.commitment):
                    yield here, seat, sheet.commitment

    def _may(self, state: State, seat: str, commitment: bytes) -> bool:
        """Not while the same is on its way, nor before our copy shows it, nor after several refusals."""
        if self._by.journal.opening(state.session, seat, commitment) is None:
            return False
        refused = 0
        for kept in self._by.journal.of_author(state.session, self._by.node_key.text):
            if (kept.type, kept.seat, kept.commitment) != ("EscrowSheet", seat, commitment):
                continue
            if kept.answer is None or kept.answer.seq >= state.size:
                return False
            refused += kept.answer.status == "refused"
        return refused < REFUSED_TRIES_MAX

    def _boxed(self, state: State, here: Track, opening: Opening) -> Disclosure:
        """An opening sealed under a fresh key that is dealt to the stage's custodians."""
        found, senses = group_of(state, here), self._by.senses
        assert found is not None
        members = tuple(Custodian(one.custodian, one.public) for one in found.members)
        group = Group(found.group, members, found.threshold)
        suite = suites.get(reading.of(state, here).suite)
        for _ in range(_KEY_TRIES_MAX):
            try:
                made = escrowing.escrow(suite, opening, group, senses.secret(32))
            except SealRefused as refused:
                if refused.code != "KeyRefused":
                    raise
                continue
            salt = senses.secret(limits.SALT_BYTES)
            return hidden.disclose("sheet_escrow", salt, made)
        raise AssertionError("a generator that gives no key in so many draws is broken")


def stood_in_for(state: State, here: Track, venue: str) -> tuple[str, ...]:
    """Seats of other venues that this venue opens for, since their openings were released."""
    if here.phase not in ("SCORES_SEALED", "SCORES_OPENING"):
        return ()
    return tuple(seat for seat in here.sheets if asking.stands_in(state, here, seat) == venue)


def _is_of(here: Track, seat: str, commitment: bytes) -> bool:
    sheet = here.sheets.get(seat)
    return sheet is not None and sheet.commitment == commitment
