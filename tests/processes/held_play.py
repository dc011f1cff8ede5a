"""A play that can be held: whoever is about to do an act waits until the test lets them.

Owns people who ask before they sign, and a whole session from booking to its checked record. Everything else
about them is `ops.people`'s, so that what is held is a session as `act` plays it.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ops import act, certificates
from ops.installation import Installation
from ops.people import agent
from ops.people.listener import Listener
from ops.people.person import INSTALLATION, Person
from ops.people.play import Play, main_venue
from ops.senses import Dice
from protocol import wire
from protocol.commands import Content
from protocol.hidden import Disclosure, Opening
from protocol.plan.case import Case
from protocol.views import SeatView
from protocol.words import Stage

SILENCE_MS = 150_000
"""A held session does not move; it may be held this long."""

FULL_S = 90
"""How long a session may take until the gate is full."""

Before = Callable[[str, Content], Awaitable[None]]
"""Asked with a seat and what it is about to do; the act goes on when it returns."""


class Gate:
    """Where some seats' acts of one type wait: `full` once all of them do, `open` lets them through."""

    def __init__(self, type_: str, *seats: str) -> None:
        """Hold acts of this type by these seats."""
        self.full = asyncio.Event()
        self.open = asyncio.Event()
        self._type = type_
        self._awaited = set(seats)
        self._seats = frozenset(seats)

    async def pass_by(self, seat: str, content: Content) -> None:
        """Wait where the act is one of those."""
        if type(content).__name__ == self._type and seat in self._seats and not self.open.is_set():
            self._awaited.discard(seat)
            if not self._awaited:
                self.full.set()
            await self.open.wait()


class Held(Person):
    """A person who asks before each act; openings are remembered as they leave the person's hands."""

    def __init__(self, *seated: Any, before: Before, **how: Any) -> None:
        """Seat a person as `Person` does."""
        super().__init__(*seated, **how)
        self.openings: list[Opening] = []
        self._before = before

    @property
    def key(self) -> Ed25519PrivateKey:
        """The seat's own key, for acts that the test forges with it."""
        return self._key

    async def act(
        self,
        stage: Stage,
        content: Content,
        disclosures: Sequence[Disclosure] = (),
        opening: Opening | None = None,
    ) -> wire.Answer:
        """See `Person.act`."""
        if opening is not None:
            self.openings.append(opening)
        await self._before(self.seat, content)
        return await super().act(stage, content, disclosures, opening)


class HeldPlay(Play):
    """A play of people who ask; `person` is what kind they are."""

    person = Held

    def __init__(
        self,
        installation: Installation,
        case: Case,
        session: str,
        *,
        before: Before | None = None,
        listener: Listener | None = None,
    ) -> None:
        """Prepare a play; `before` is asked before every act, `listener` hears what is done."""
        super().__init__(installation, case, session, Dice(), listener=listener, silence_ms=SILENCE_MS)
        self.people: dict[str, Held] = {}
        self._before = before or _go_on
        key = certificates.read_signing_key(installation.people / "agent.key")
        self.agent = self._sit(main_venue(case), agent.SEAT, key, bound=True, at=INSTALLATION)

    async def to_the_end(self) -> act.Played:
        """The whole session, its record written, read back and replayed."""
        async with self.open():
            await self.prepare(booked=False)
            view = await self.perform()
        assert view.phase == "ARCHIVED"
        path = self.installation.data / f"{self.session}.record"
        return await act.conclude(self.installation, self.case, self.session, act.Options(record=path))

    def openings(self) -> tuple[Opening, ...]:
        """What every expert has sealed so far."""
        return tuple(one for person in self.people.values() for one in person.openings)

    def _seat(self, seat: SeatView) -> Person:
        raw = self._dice.bytes32("key", self.session, seat.seat)
        return self._sit(seat.venue, seat.seat, Ed25519PrivateKey.from_private_bytes(raw))

    def _sit(self, venue: str, seat: str, key: Ed25519PrivateKey, **how: Any) -> Held:
        person = self.person(
            self.installation.node(venue), self.session, seat, key, self._dice,
            listener=self._pulse, before=self._before, **how,
        )  # fmt: skip
        self.people[seat] = person
        return person


@contextlib.asynccontextmanager
async def held(play: HeldPlay, gate: Gate) -> AsyncIterator[asyncio.Task[act.Played]]:
    """A session that goes on until its gate is full, and further once the gate is opened.

    What the task gives is the session's end; leaving the block ends the session wherever it is.
    """
    playing = asyncio.create_task(play.to_the_end())
    full = asyncio.create_task(gate.full.wait())
    try:
        async with asyncio.timeout(FULL_S):
            await asyncio.wait({playing, full}, return_when=asyncio.FIRST_COMPLETED)
        if playing.done():
            playing.result()
            raise AssertionError("the session ended and was never held")
        yield playing
    finally:
        for task in (playing, full):
            task.cancel()
        await asyncio.gather(playing, full, return_exceptions=True)


async def undisturbed(installation: Installation, case: Case, session: str) -> act.Played:
    """The same session played without anything in its way."""
    return await HeldPlay(installation, case, session).to_the_end()


async def _go_on(_seat: str, _content: Content) -> None:
    """Hold nobody."""
