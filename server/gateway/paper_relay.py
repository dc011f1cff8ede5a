"""The relay of papers: a seat's wish to sign the report, and what the main venue asks it to sign (SPEC 29.7).

Owns who may say what for whom: a node for the seats of its own venues, the main venue's node for the report.
What was said last from either side lies in the store, so that whichever coordinator is asked next goes on,
and one that was started again; it is dropped once the record has the signature. An answer waits until the
main venue says something else of the seat: a reply that was lost on the way is given again. Nothing in it
is secret: a certificate, attributes to sign, a signature.
"""

from typing import TypeVar

import msgspec
from msgspec.structs import replace

from protocol import canonical
from protocol.papers import PaperAnswer, PaperAsk, PaperBoard, PaperDesk, PaperStands, PaperWish
from protocol.refusals import Refusal, refuse
from protocol.session.state import State
from server.sessions.registry import Registry
from server.store.contract import PaperRow, Store

T = TypeVar("T")


class PaperRelay:
    """What seats and main venues have to say to each other; every message may raise `NotDurable`."""

    def __init__(self, registry: Registry, store: Store) -> None:
        """Relay for these sessions."""
        self._registry = registry
        self._store = store

    async def wish(self, node_key: str, wish: PaperWish) -> PaperStands | Refusal:
        """A seat wishes to sign; a wish before is forgotten."""
        state = await self._signing(node_key, wish)
        if isinstance(state, Refusal):
            return state
        own = state.signatures
        if not own.prepared or own.report != state.report:
            return refuse("PaperOther")
        if wish.seat not in {one.seat for one in own.places}:
            return refuse("NoPlace", seat=wish.seat)
        if wish.seat in own.signed:
            return refuse("AlreadySigned", seat=wish.seat)
        await self._store.put_paper(wish.session, wish.seat, canonical.encode(wish))
        return _waiting(wish)

    async def ask(self, node_key: str, asked: PaperAsk) -> PaperStands | Refusal:
        """How a seat's signature stands."""
        state = await self._signing(node_key, asked)
        if isinstance(state, Refusal):
            return state
        row = await self._row(asked)
        if row is None:
            return PaperStands(session=asked.session, seat=asked.seat, stands="none")
        return _waiting(asked) if row.answer or not row.told else _read(row.told, PaperStands)

    async def answer(self, node_key: str, given: PaperAnswer) -> PaperStands | Refusal:
        """The signature over the question that was put; sent again it is the same one."""
        state = await self._signing(node_key, given)
        if isinstance(state, Refusal):
            return state
        row = await self._row(given)
        raw = canonical.encode(given)
        if row is None or not row.told or _read(row.told, PaperStands).stands != "question":
            return refuse("PaperMoved")
        if row.answer not in (b"", raw):
            return refuse("PaperMoved")
        kept = row.answer or await self._store.answer_paper(given.session, given.seat, row.told, raw)
        return _waiting(given) if kept else refuse("PaperMoved")

    async def desk(self, node_key: str, told: PaperDesk) -> PaperBoard | Refusal:
        """The main venue says how signatures stand, and takes what waits for it."""
        state = await self._state(told.session)
        if isinstance(state, Refusal):
            return state
        main = next((one for one in state.venues.values() if one.role == "main"), None)
        if main is None or main.node_key != node_key:
            return refuse("UnknownVenue", venue=told.session)
        said = tuple(
            (one.seat, one.number, canonical.encode(one)) for one in told.told if one.session == told.session
        )
        if said:
            await self._store.tell_papers(told.session, said)
        rows = await self._store.papers(told.session)
        signed = tuple(row.seat for row in rows if row.seat in state.signatures.signed)
        if signed:
            await self._store.drop_papers(told.session, signed)
        here = [row for row in rows if row.seat not in signed]
        return PaperBoard(
            told.session,
            tuple(replace(_read(row.wish, PaperWish), number=row.number) for row in here if not row.told),
            tuple(_read(row.answer, PaperAnswer) for row in here if row.answer),
        )

    async def _row(self, asked: PaperAsk | PaperAnswer) -> PaperRow | None:
        """What is kept of a seat, if it is still by this key that it wished."""
        for row in await self._store.papers(asked.session, asked.seat):
            if _read(row.wish, PaperWish).key == asked.key:
                return row
        return None

    async def _signing(self, node_key: str, asked: PaperWish | PaperAsk | PaperAnswer) -> State | Refusal:
        """The session, if it is being signed and the seat with this key is of this node's venue."""
        state = await self._state(asked.session)
        if isinstance(state, Refusal):
            return state
        seat = state.seats.get(asked.seat)
        if seat is None:
            return refuse("UnknownSeat", seat=asked.seat)
        venue = state.venues.get(seat.venue)
        if venue is None or venue.node_key != node_key or seat.key != asked.key:
            return refuse("WrongVenue", seat=asked.seat, venue=seat.venue)
        if state.phase != "SIGNING":
            return refuse("WrongPhase", phase=state.phase, type="SignPaper", wanted="SIGNING")
        return state

    async def _state(self, session: str) -> State | Refusal:
        published = await self._registry.current(session)
        return refuse("UnknownSession", session=session) if published is None else published.state


def _waiting(of: PaperWish | PaperAsk | PaperAnswer) -> PaperStands:
    return PaperStands(session=of.session, seat=of.seat, stands="waiting")


def _read(raw: bytes, form: type[T]) -> T:
    return msgspec.json.decode(raw, type=form)
