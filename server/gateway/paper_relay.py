"""The relay of papers: a seat's wish to sign the report, and what the main venue asks it to sign (SPEC 29.7).

Owns who may say what for whom: a node for the seats of its own venues, the main venue's node for the report.
Keeps one slot for each seat in memory, of a session that is being signed; whoever finds it empty after a
restart begins again. Nothing in it is secret: a certificate, attributes to sign, a signature.
"""

from msgspec import Struct

from protocol.papers import PaperAnswer, PaperAsk, PaperBoard, PaperDesk, PaperStands, PaperWish
from protocol.refusals import Refusal, refuse
from protocol.session.state import State
from server.sessions.registry import Registry

SLOTS_MAX = 4_096
"""Seats of all sessions that are signing at once."""


class _Slot(Struct):
    wish: PaperWish
    stands: PaperStands
    answer: PaperAnswer | None = None
    is_taken: bool = False


class PaperRelay:
    """What seats and main venues have to say to each other."""

    def __init__(self, registry: Registry) -> None:
        """Relay for these sessions."""
        self._registry = registry
        self._slots: dict[tuple[str, str], _Slot] = {}

    async def wish(self, node_key: str, wish: PaperWish) -> PaperStands | Refusal:
        """A seat wishes to sign; a wish before is forgotten.

        Raises:
          NotDurable: the session cannot be read now.
        """
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
        self._make_room()
        if len(self._slots) >= SLOTS_MAX:
            return refuse("TooBusy")
        stands = PaperStands(session=wish.session, seat=wish.seat, stands="waiting")
        self._slots[wish.session, wish.seat] = _Slot(wish, stands)
        return stands

    async def ask(self, node_key: str, asked: PaperAsk) -> PaperStands | Refusal:
        """How a seat's signature stands."""
        state = await self._signing(node_key, asked)
        if isinstance(state, Refusal):
            return state
        slot = self._slot(asked)
        if slot is None:
            return PaperStands(session=asked.session, seat=asked.seat, stands="none")
        return slot.stands

    async def answer(self, node_key: str, given: PaperAnswer) -> PaperStands | Refusal:
        """The signature over the question that was put."""
        state = await self._signing(node_key, given)
        if isinstance(state, Refusal):
            return state
        slot = self._slot(given)
        if slot is None or slot.stands.stands != "question":
            return refuse("PaperMoved")
        slot.answer = given
        slot.stands = PaperStands(session=given.session, seat=given.seat, stands="waiting")
        return slot.stands

    async def desk(self, node_key: str, told: PaperDesk) -> PaperBoard | Refusal:
        """The main venue says how signatures stand, and takes what waits for it; an answer is given once."""
        state = await self._state(told.session)
        if isinstance(state, Refusal):
            return state
        main = next((one for one in state.venues.values() if one.role == "main"), None)
        if main is None or main.node_key != node_key:
            return refuse("UnknownVenue", venue=told.session)
        for one in told.told:
            slot = self._slots.get((told.session, one.seat))
            if slot is not None and one.session == told.session:
                slot.stands = one
                slot.is_taken = True
        wishes, answers = [], []
        for (session, _), slot in self._slots.items():
            if session != told.session:
                continue
            if slot.answer is not None:
                answers.append(slot.answer)
                slot.answer = None
            elif slot.stands.stands == "waiting" and not slot.is_taken:
                wishes.append(slot.wish)
        return PaperBoard(told.session, tuple(wishes), tuple(answers))

    def _slot(self, asked: PaperAsk | PaperAnswer) -> _Slot | None:
        slot = self._slots.get((asked.session, asked.seat))
        return slot if slot is not None and slot.wish.key == asked.key else None

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

    def _make_room(self) -> None:
        """Slots of sessions that are signed, or asleep, are needed no more."""
        for session in {one for one, _ in self._slots}:
            published = self._registry.awake(session)
            if published is None or published.state.phase != "SIGNING":
                for place in [place for place in self._slots if place[0] == session]:
                    del self._slots[place]
