"""The cast: who plays each seat of one session, a stand-in of ours or a person; changed at any moment.

Owns the seats of a session that is shown to somebody: giving one to a person (a fresh one-time code; the
stand-in stops at once), taking it back (a new key, for which the operator vouches on this machine, and the
part goes on from where the session stands), and noticing a seat that somebody took with a code of their own.
Must not know pace, breakpoints, pages or processes. Source: SPEC 5.3 (binding), decision 7 (what moves).
"""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct

from ops import certificates
from ops.certifying import Held
from ops.installation import Installation
from ops.people import agent, newcomers, parts
from ops.people.course import PLAIN, Course
from ops.people.desk import TurnedDown
from ops.people.expert import Memory
from ops.people.listener import ActRefused, Listener, SeatLeft
from ops.people.person import Person
from ops.people.play import main_venue
from ops.people.roles.agent import called
from ops.people.tempo import Tempo
from ops.people.voicing import Voicing
from ops.senses import Dice
from ops.trouble import Trouble
from protocol import wire
from protocol.plan.case import Case
from protocol.views import SeatView, View
from protocol.wire import Refused

CODE_MS: Final = 10_000
"""How long the coordinator may take to make a code, the line of the main venue included."""
SEATED_MS: Final = 15_000
"""How long the agent's stand-in may take to sit down when the play opens."""
TRIES_MAX: Final = 4
"""How often a stand-in whose act was refused tries again, each time from the view as it then is."""
_AGAIN_S = 1.0

Standing = Literal["idle", "system", "offered", "person"]
"""Nobody yet · a stand-in · a code was made for a person who has not come yet · a person."""


class Place(Struct):
    """A seat, who is on it, and what its stand-in was refused last."""

    seat: SeatView
    memory: Memory
    standing: Standing = "idle"
    coming: bool = False
    """A stand-in is on its way whose key is not in the record yet: what was bound before is over."""
    fault: Refused | None = None
    person: Person | None = None
    part: asyncio.Task[None] | None = None
    desk: asyncio.Task[None] | None = None


class Cast:
    """Everybody of one session; nobody plays before `begin`."""

    def __init__(
        self,
        installation: Installation,
        case: Case,
        session: str,
        dice: Dice,
        tempo: Tempo,
        *,
        persons: frozenset[str] = frozenset(),
        changed: Callable[[], None] = lambda: None,
        course: Course = PLAIN,
        confirming: bool = True,
    ) -> None:
        """Prepare; `persons` are seats that people held before, `changed` hears that somebody moved.

        `course` is what goes otherwise than straight on; while `confirming` witnesses answer for people.
        """
        self.confirming = confirming
        self.places: dict[str, Place] = {}
        self._begun = asyncio.Event()
        self._installation = installation
        self._case = case
        self._session = session
        self._dice = dice
        self._tempo = tempo
        self._persons = persons
        self._changed = changed
        self._course = course
        self._voicing = Voicing(installation, session, main_venue(case))
        self._own_keys: set[str] = set()
        self._spare: dict[str, str] = {}
        """Codes made before the agent's seat was given away: whoever sits there makes them from then on."""
        self._moving = asyncio.Lock()

    @property
    def begun(self) -> bool:
        """Whether anybody plays yet."""
        return self._begun.is_set()

    @property
    def persons(self) -> frozenset[str]:
        """The seats that are a person's now, come or still awaited."""
        return frozenset(
            seat for seat, place in self.places.items() if place.standing in ("offered", "person")
        )

    async def open(self, seats: tuple[SeatView, ...]) -> None:
        """Know the seats, and sit the agent down, who makes the codes; a person's seat is left alone.

        Args:
          seats: the session's seats that may be sat on.

        Raises:
          Trouble: the main venue's node does not take the agent in.
        """
        for seat in seats:
            standing: Standing = "person" if seat.seat in self._persons else "idle"
            self.places[seat.seat] = Place(seat, self._memory(seat), standing)
        if agent.SEAT not in self._persons:
            await self._seat_agent()

    async def begin(self) -> None:
        """Everybody whose seat is not a person's begins to play; twice is the same as once."""
        self._begun.set()
        for place in self.places.values():
            if place.standing == "idle" or (place.standing == "system" and place.part is None):
                self._play(place)
        self._changed()

    async def give(self, seat: str) -> str:
        """A fresh one-time code for a person; the seat's stand-in stops.

        Raises:
          KeyError: there is no such seat.
          Trouble: no code can be made now.
        """
        async with self._moving:
            place = self.places[seat]
            if seat == agent.SEAT and place.person is not None:
                await self._lay_by_codes()
            code = await self._code(seat)
            await self._stop(place)
            place.standing = "offered"
        self._changed()
        return code

    async def codes(self) -> tuple[wire.SeatCode, ...]:
        """Fresh codes for every seat that is no person's; none where a person issues them.

        Raises:
          Trouble: no code can be made now.
        """
        chair = self.places[agent.SEAT].person
        if chair is None:
            return ()
        return await self._issue(chair, tuple(seat for seat in self.places if seat not in self.persons))

    async def certificate(self, name: str, province: str) -> Held:
        """A demonstration certificate for a person at a seat.

        Raises:
          Trouble: the authority's files cannot be read or written.
        """
        return await self._voicing.certificate(name, province)

    async def admit(self, bidder: str) -> str:
        """A fresh one-time code for a bidder's page.

        Raises:
          Trouble: no code can be made now.
        """
        chair = self.places[agent.SEAT].person
        if chair is None:
            raise _agents_own()
        return (await self._issue(chair, (bidder,), bidders=True))[0].code

    async def take_back(self, seat: str) -> None:
        """A stand-in sits down again, and goes on where the session stands.

        Raises:
          KeyError: there is no such seat.
          Trouble: the main venue's node does not take the agent in.
        """
        async with self._moving:
            place = self.places[seat]
            await self._stop(place)
            place.standing, place.coming = "idle", True
            if seat == agent.SEAT:
                await self._seat_agent()
            self._play(place)
        self._changed()

    async def bound(self, seat: str, key: str) -> None:
        """An entry says that a key was bound to a seat: one that is none of ours is a person's."""
        place = self.places.get(seat)
        if place is None:
            return
        if key in self._own_keys:
            place.coming = place.coming and (place.person is None or place.person.key_text != key)
            return
        if place.coming:
            return
        async with self._moving:
            await self._stop(place)
            place.standing = "person"
        self._changed()

    async def change_over(self, view: View) -> None:
        """Whoever comes in has a stand-in too; who is a member no more gets up.

        A reserve that is called in, a new committee, and the staff of venues that a draw has shown.
        """
        known = frozenset(self.places)
        new, gone = newcomers.changes(view, known, frozenset())
        new = (*new, *newcomers.staff(view, known, frozenset()))
        if not new and not gone:
            return
        async with self._moving:
            for seat in gone:
                await self._stop(self.places.pop(seat))
            for one in new:
                place = self.places[one.seat] = Place(one, self._memory(one))
                if self.begun:
                    self._play(place)
        self._changed()

    async def begin_afresh(self, seat: str) -> None:
        """Somebody else was called to a seat: whoever held it, stand-in or person, holds it no more."""
        place = self.places.get(seat)
        if place is None:
            return
        async with self._moving:
            await self._stop(place)
            place = self.places[seat] = Place(place.seat, self._memory(place.seat))
            if self.begun:
                self._play(place)
        self._changed()

    async def close(self) -> None:
        """Everybody of ours gets up."""
        for place in self.places.values():
            await self._stop(place)

    # --- stand-ins ------------------------------------------------------------------------

    def _play(self, place: Place) -> None:
        place.standing, place.fault = "system", None
        place.part = asyncio.create_task(self._part(place), name=f"part of {place.seat.seat}")

    def _memory(self, seat: SeatView) -> Memory:
        """What a stand-in knows at first: who was called before check-in was called while preparing."""
        memory = Memory(turns=True, guests=lambda: self.persons if self.confirming else frozenset())
        if seat.seat == agent.SEAT:
            memory.deeds.done |= called(self._course, "DRAWN")
        return memory

    async def _part(self, place: Place) -> None:
        """One seat's part; what is refused is tried again a few times, then shown."""
        for left in range(TRIES_MAX - 1, -1, -1):
            try:
                person = place.person or await self._sit(place)
                await self._begun.wait()
                await parts.go_on(person, place.seat, self._case, self._dice, place.memory, self._course)
            except SeatLeft:
                place.standing = "person"
                self._changed()
                return
            except (ActRefused, TurnedDown) as error:
                place.fault = error.refused
            except Trouble as trouble:
                place.fault = Refused("Trouble", trouble.zh, trouble.en)
                left = 0  # noqa: PLW2901 - nothing that time mends
            else:
                place.fault = None
                return
            self._changed()
            if not left:
                return
            await asyncio.sleep(_AGAIN_S)

    async def _sit(self, place: Place) -> Person:
        """A new stand-in with a key of its own, for which the operator vouches."""
        seat = place.seat
        person = self._person(seat.venue, seat.seat, Ed25519PrivateKey.generate(), bound=False)
        self._arrive(place, person)
        place.coming = True
        await newcomers.vouch(self._installation, person)
        return person

    async def _seat_agent(self) -> None:
        """The agent's stand-in: with the command's own key while that speaks for the seat, else a new one."""
        place = self.places[agent.SEAT]
        own = certificates.read_signing_key(self._installation.people / "agent.key")
        person = self._person(main_venue(self._case), agent.SEAT, own, bound=True)
        self._arrive(place, person)
        try:
            async with asyncio.timeout(SEATED_MS / 1000):
                try:
                    await person.follow_session(patience_ms=0)
                    place.coming = False
                except (ActRefused, SeatLeft):
                    await self._get_up(place)
                    person = await self._sit(place)
                await person.until(lambda view: view)
        except (TimeoutError, ActRefused, SeatLeft) as error:
            await self._get_up(place)
            raise Trouble(
                "招标代理席位暂时无法由系统接手。请确认主场的线路已接通后重试。",
                "The system cannot take the agent's seat now. See that the main venue's line is up, and try "
                "again.",
            ) from error
        place.standing = "system"

    def _person(self, venue: str, seat: str, key: Ed25519PrivateKey, *, bound: bool) -> Person:
        person = Person(
            self._installation.node(venue), self._session, seat, key, self._dice,
            listener=Listener(), bound=bound, tempo=self._tempo,
            voice=self._voicing.give, held=self._voicing.held,
        )  # fmt: skip
        self._own_keys.add(person.key_text)
        return person

    def _arrive(self, place: Place, person: Person) -> None:
        place.person = person
        place.desk = asyncio.create_task(person.desk.keep(), name=f"desk of {place.seat.seat}")

    async def _stop(self, place: Place) -> None:
        await _end(place.part)
        place.part, place.fault, place.coming = None, None, False
        await self._get_up(place)

    async def _get_up(self, place: Place) -> None:
        await _end(place.desk)
        place.desk = place.person = None

    # --- codes ----------------------------------------------------------------------------

    async def _code(self, seat: str) -> str:
        chair = self.places[agent.SEAT].person
        if chair is None:
            code = self._spare.pop(seat, "")
            if not code:
                raise _agents_own()
            return code
        return (await self._issue(chair, (seat,)))[0].code

    async def _lay_by_codes(self) -> None:
        """Codes for all other seats, while the agent is ours."""
        chair = self.places[agent.SEAT].person
        assert chair is not None
        others = tuple(seat for seat in self.places if seat != agent.SEAT)
        self._spare = {one.seat: one.code for one in await self._issue(chair, others)}

    async def _issue(
        self, chair: Person, seats: tuple[str, ...], *, bidders: bool = False
    ) -> tuple[wire.SeatCode, ...]:
        try:
            async with asyncio.timeout(CODE_MS / 1000):
                return await agent.issue_codes(chair, seats, bidders=bidders)
        except (TimeoutError, ActRefused, SeatLeft) as error:
            raise Trouble(
                "暂时无法发放登录代码:请确认主场的线路已接通后重试。",
                "No code can be made now: see that the main venue's line is up, and try again.",
            ) from error


def _agents_own() -> Trouble:
    return Trouble(
        "招标代理席位在您手中:请在招标代理页面发放该代码,或先将招标代理席位交还系统。",
        "You hold the agent's seat: issue this code on the agent's page, or give that seat back first.",
    )


async def _end(task: asyncio.Task[None] | None) -> None:
    if task is not None:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(task, return_exceptions=True)
