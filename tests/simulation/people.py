"""The people of a run: each at a browser that may die, tried again until the session has ended.

Owns who sits where, how a browser comes back (the same key after a refresh, a fresh code and key at a
spare machine), and what of a refusal is only the echo of an act that was done before. The order of
everybody's acts is `ops.people`'s. Must not know faults; whoever plans them kills browsers through here.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ops.installation import Node, Place
from ops.people import agent, expert, observer
from ops.people.listener import ActRefused, Listener, SeatLeft
from ops.people.person import INSTALLATION, Person
from ops.senses import Dice
from ops.trouble import Trouble
from protocol import canonical
from protocol.views import View
from tests.protocol.world import private_key
from tests.simulation import tender
from tests.simulation.loop import Life

if TYPE_CHECKING:
    from tests.simulation.world import World

ECHOES = frozenset(
    {
        "AlreadySealed", "AlreadyCheckedIn", "AlreadySigned", "AlreadyDone", "SessionExists", "OutOfOrder",
        "WrongPhase", "KeyTaken", "BadCode", "CodeLocked", "UnknownAuthor", "NotSignedIn", "UnknownSession",
        "UnknownSeat", "GuardUnmet", "MilestoneAwaited", "DisclosureMissing", "LineDown",
    }
)  # fmt: skip
"""Refusals that a person meets who does not know that an act was done, or not yet shown; they look again."""

AGAIN_S = 2.0
"""How long a person waits before trying again after a refusal."""
TRIES_MAX = 200


class Seat:
    """One seat's person, over all their browsers."""

    def __init__(self, seat: str, venue: str, role: str) -> None:
        self.seat = seat
        self.venue = venue
        self.role = role
        self.keys = 0
        """How many keys this seat has had."""
        self.bound = False
        """Whether this browser's key is known to speak for the seat."""
        self.browsers = 0
        self.tries = 0
        """How often somebody has begun this seat's part, at this browser or one before it."""
        self.life: Life | None = None
        self.person: Person | None = None
        self.ended = False
        self.troubles: list[str] = []


class SimDice(Dice):
    """The people's chance; nonces carry their mark, and whoever begins anew gives no id given before.

    Who begins anew does not know what was signed before and not heard of again, as no real page does.
    """

    def __init__(self, seed: str, tries: int) -> None:
        """Derive from `seed`; `tries` counts from 1 how often a seat's part was begun."""
        super().__init__(seed)
        self._again = () if tries == 1 else (str(tries),)

    def bytes32(self, *purpose: str) -> bytes:
        raw = super().bytes32(*purpose, *(self._again if purpose[0] == "command" else ()))
        return tender.marked(tender.NONCE_MARK, raw) if purpose[0] == "nonce" else raw


def _chance(seat: Seat) -> Dice:
    """The chance of whoever acts for a seat now."""
    return SimDice("people", seat.tries)


class Cast:
    """Everybody who acts in one world."""

    def __init__(self, world: "World", seats: list[Seat], listener: Listener) -> None:
        self.seats = {one.seat: one for one in seats}
        self._world = world
        self._listener = listener
        self._wanted: dict[str, list[asyncio.Future[str]]] = {}
        self._asked = asyncio.Event()
        self.left = len(seats)
        """How many have not seen the end of the session."""

    def begin(self) -> None:
        """Open every browser."""
        for seat in self.seats.values():
            self.open(seat)

    def open(self, seat: Seat) -> None:
        """Open a browser for a seat; after a refresh it has the key it had."""
        seat.browsers += 1
        seat.life = self._world.life(f"{seat.seat}#{seat.browsers}")
        seat.life.spawn(self._sit(seat, seat.life), seat.seat)

    def crash(self, seat: Seat, *, spare: bool = False) -> None:
        """End a seat's browser; it is opened again in a while, at a spare machine without the key."""
        if seat.life is not None and seat.life.alive:
            seat.life.end()
            if spare and seat.role != "agent":
                seat.bound = False
            pause_s = 0.5 + 5 * self._world.dice.random()
            self._world.later(pause_s, self.open, seat)

    async def _sit(self, seat: Seat, life: Life) -> None:
        while not seat.ended:
            try:
                await self._play(seat, life)
            except SeatLeft as error:
                # A sign-in of a browser before this one came in late: they ask for another code and sit anew.
                seat.troubles.append(f"SeatLeft {error}")
                seat.bound = False
                await asyncio.sleep(AGAIN_S)
            except (ActRefused, Trouble) as error:
                seat.troubles.append(str(error)[:200])
                if isinstance(error, ActRefused) and _too_late(seat, error):
                    self._leave(seat)
                    return
                if isinstance(error, ActRefused) and error.refused.code not in ECHOES:
                    self._world.found(f"{seat.seat}: {error}")
                    return
                if len(seat.troubles) > TRIES_MAX and not self._world.patient:
                    self._world.found(f"{seat.seat} tries for ever: {error}")
                    return
                await asyncio.sleep(AGAIN_S)

    def _leave(self, seat: Seat) -> None:
        """The session is over for a seat."""
        seat.ended = True
        self.left -= 1

    async def _play(self, seat: Seat, life: Life) -> None:
        """One try of a person's part, at a socket of its own."""
        person = self._person(seat)
        seat.person = person
        tasks = [life.start(person.desk.keep(), "desk")]
        try:
            if seat.role == "agent":
                tasks.append(life.start(self._serve_codes(person), "codes"))
                await self._conduct(person)
            else:
                await self._act(seat, person)
            self._leave(seat)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _person(self, seat: Seat) -> Person:
        seat.tries += 1
        if seat.role != "agent" and not seat.bound:
            seat.keys += 1
        key = private_key("agent") if seat.role == "agent" else self._key(seat)
        return Person(
            self._node(seat.venue), tender.SESSION, seat.seat, key, _chance(seat), listener=self._listener,
            bound=seat.bound or seat.role == "agent", at=INSTALLATION if seat.role == "agent" else "",
        )  # fmt: skip

    @staticmethod
    def _key(seat: Seat) -> Ed25519PrivateKey:
        return private_key(f"{seat.seat} key {seat.keys}")

    @staticmethod
    def _node(venue: str) -> Node:
        return Node(Place(venue, venue, venue, venue, "main" if venue == "hefei" else "sub"), 7700)

    async def _act(self, seat: Seat, person: Person) -> None:
        try:
            await person.bind(self._codes)
        except ActRefused as error:
            if seat.bound and error.refused.code in ("UnknownAuthor", "NotSignedIn"):
                seat.bound = False
            raise
        seat.bound = True
        if seat.role == "expert":
            await expert.play(person, tender.case(), self._codes, _chance(seat))
        await observer.until_end(person)

    async def _conduct(self, person: Person) -> None:
        known = {one.session for one in await person.sessions()}
        if tender.SESSION not in known:
            await agent.book(person, tender.case())
        await person.follow_session()
        await agent.conduct(person, tender.case())
        await observer.until_end(person)

    # --- codes ------------------------------------------------------------------------------

    async def _codes(self, seat: str) -> str:
        """A fresh code for a seat, from whichever browser the agent has."""
        waiting: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._wanted.setdefault(seat, []).append(waiting)
        self._asked.set()
        return await waiting

    async def _serve_codes(self, person: Person) -> None:
        while True:
            await self._asked.wait()
            view = await person.until(_seated)
            known = {one.seat for one in view.seats}
            wanted = tuple(sorted(seat for seat in self._wanted if seat in known))
            if not wanted:
                await asyncio.sleep(0.2)
                continue
            try:
                issued = await agent.issue_codes(person, wanted)
            except ActRefused:
                await asyncio.sleep(AGAIN_S)
                continue
            for one in issued:
                for waiting in self._wanted.pop(one.seat, ()):
                    if not waiting.done():
                        waiting.set_result(one.code)
            if not self._wanted:
                self._asked.clear()


def _too_late(seat: Seat, error: ActRefused) -> bool:
    """Whether somebody who only watches has come after the session was archived."""
    watches = seat.role not in ("agent", "expert")
    return watches and (error.type, error.refused.code) == ("BindSeat", "WrongPhase")


def _seated(view: View) -> View | None:
    return view if view.venues else None


Sits = Callable[[Seat], Awaitable[Any]]


def seats(observers: tuple[str, ...]) -> list[Seat]:
    """The agent, the five members, and some of those who watch."""
    found = [Seat("agent", "hefei", "agent")]
    found += [Seat(one.seat, one.venue, "expert") for one in tender.case().members if not one.reserve]
    for name in observers:
        role, _, venue = name.partition("-")
        found.append(Seat(name, venue or "hefei", role))
    return found


def digest_of(value: Any) -> str:
    """A short name of a value, for traces."""
    return canonical.sha256(repr(value).encode()).hex()[:16]
