"""The play: all people of one evaluation at their desks, acting at the same time, to the archive.

Owns who is played and who is left to humans, handing out codes, and noticing when nothing moves any more:
then it ends with the names of those who are awaited, never with silence. Must not know processes.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from functools import partial
from typing import Any, Final, Self, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import UNSET

from main_venue.draw_desk import OFFICE
from ops import certificates, experts, senses
from ops.installation import OFFICE_KEY, Installation
from ops.people import agent, newcomers, observer, parts
from ops.people.course import PLAIN, Course
from ops.people.expert import Memory
from ops.people.listener import ActRefused, Listener, SeatLeft, Seen
from ops.people.person import INSTALLATION, Person
from ops.people.roles.agent import called
from ops.people.sealed import Sealed
from ops.people.tempo import Paced
from ops.people.vault import Vault
from ops.people.voicing import Voicing
from ops.senses import Dice
from ops.trouble import Trouble
from protocol import wire
from protocol.commands import Command
from protocol.plan.case import Case
from protocol.views import SeatView, View

SILENCE_MS: Final = 60_000
"""How long nothing may move while only played people and machines are awaited."""
_LOOK_S = 0.5

T = TypeVar("T")


class _Pulse(Listener):
    """Passes everything on, and remembers when the record last grew and what it then said."""

    def __init__(self, onward: Listener) -> None:
        self.view: View | None = None
        self.grown_ms = senses.running_ms()
        self._onward = onward

    def sent(self, who: str, command: Command) -> None:
        self._onward.sent(who, command)

    def waits(self, who: str, command: Command, answer: wire.Answer) -> None:
        self._onward.waits(who, command, answer)

    def answered(self, who: str, command: Command, answer: wire.Answer) -> None:
        self._onward.answered(who, command, answer)

    def saw(self, person: Seen) -> None:
        assert person.view is not None
        if self.view is None or person.view.as_of.size > self.view.as_of.size:
            self.view = person.view
            self.grown_ms = senses.running_ms()
        self._onward.saw(person)


class Play:
    """One session of one case, with everybody who is not human."""

    def __init__(
        self,
        installation: Installation,
        case: Case,
        session: str,
        dice: Dice,
        *,
        listener: Listener | None = None,
        humans: frozenset[str] = frozenset(),
        pace_ms: int = 0,
        silence_ms: int = SILENCE_MS,
        course: Course = PLAIN,
    ) -> None:
        """Prepare a play; `humans` are seats that are left to people, `course` what goes otherwise."""
        self.installation = installation
        self.case = case
        self.session = session
        self.humans = humans
        self._course = course
        self._dice = dice
        self._pulse = _Pulse(listener or Listener())
        self._tempo = Paced(pace_ms)
        self._silence_ms = silence_ms
        self._codes: _CodeDesk | None = None
        self._voicing = Voicing(installation, session, main_venue(case))
        key = certificates.read_signing_key(installation.people / "agent.key")
        self.agent = Person(
            installation.node(main_venue(case)), session, agent.SEAT, key, dice,
            listener=self._pulse, bound=True, at=INSTALLATION, tempo=self._tempo,
            voice=self._voicing.give, held=self._voicing.held,
        )  # fmt: skip

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[Self]:
        """Sit the agent down; the desk is given up at the end."""
        desk = asyncio.create_task(self.agent.desk.keep())
        try:
            yield self
        finally:
            desk.cancel()
            await asyncio.gather(desk, return_exceptions=True)

    async def prepare(self, *, booked: bool, check_in: bool = True) -> None:
        """Bring the session to the moment when people check in; `booked` when it exists already.

        Without `check_in` only until its seats are known, everything else still ahead.

        Raises:
          Trouble: an act was refused, or nothing moves.
        """
        await self._watched(self._prepare(booked, check_in))

    async def phase(self) -> str | None:
        """The phase the session is in, or None when it is not booked."""
        known = await self._watched(self.agent.sessions())
        return next((one.phase for one in known if one.session == self.session), None)

    async def hand_out(self) -> "_CodeDesk":
        """Issue the codes of everybody who is played, before a person may take the agent's seat."""
        played = tuple(seat.seat for seat in self._played())
        self._codes = _CodeDesk(self.agent, await self.codes(played))
        return self._codes

    async def codes(self, seats: tuple[str, ...]) -> tuple[wire.SeatCode, ...]:
        """Fresh codes for seats.

        Raises:
          Trouble: the coordinator does not give any.
        """
        return await self._watched(agent.issue_codes(self.agent, seats))

    async def codes_unless_taken(self, seats: tuple[str, ...]) -> tuple[wire.SeatCode, ...]:
        """As `codes`; none when a person holds the agent's seat by now and issues them alone."""
        if not await self._watched(self._holds_the_agents_seat()):
            return ()
        return await self._watched(agent.issue_codes(self.agent, seats))

    def seats(self) -> tuple[SeatView, ...]:
        """The session's seats that may be sat on, as the agent sees them."""
        assert self.agent.view is not None
        return tuple(seat for seat in self.agent.view.seats if not seat.reserve)

    async def perform(self) -> View:
        """Everybody acts until the session has ended, codes handed out where they are not yet; the last view.

        Raises:
          Trouble: an act was refused, the case lacks something, or nothing moves.
        """
        return await self._watched(self._perform())

    async def _prepare(self, booked: bool, check_in: bool) -> None:
        if not booked:
            await agent.book(self.agent, self.case)
            await self.agent.follow_session()
        elif not await self._holds_the_agents_seat():
            raise Trouble(
                f"会话 {self.session} 的招标代理席位已由人接管,请其在招标代理页面继续;"
                "要自动扮演全场,请用 tongchang act --up。",
                f"A person holds the agent's seat of session {self.session} and goes on from the agent's "
                "page; to have a whole evaluation played, use tongchang act --up.",
            )
        async with self._office():
            if check_in:
                await agent.open_check_in(
                    self.agent, self.case, self._course, self._sealed.opening(self.agent)
                )
            else:
                await agent.seat_committee(self.agent, self.case, self._course)
                if agent.SEAT not in self.humans:
                    await self._sealed.appoint(self.agent)

    @property
    def _sealed(self) -> Sealed:
        return Sealed(self.installation, self.case, self.session, self._dice)

    @contextlib.asynccontextmanager
    async def _office(self) -> AsyncIterator[None]:
        """While a committee is drawn the supervising office gives its share, at the main venue's desk.

        The sample pool lies there to be drawn from, unless the operator has laid another.
        """
        part = None
        if self.case.drawing is not UNSET:
            experts.provide(self.installation, main_venue(self.case))
            part = asyncio.create_task(self._share())
        try:
            yield
        finally:
            if part is not None:
                part.cancel()
                await asyncio.gather(part, return_exceptions=True)

    async def _share(self) -> None:
        """The office's part, once the draw names its key; with the draw it ends.

        Its share is on the disk before it commits, so that a command that was ended reveals it later.
        """
        await self.agent.until(lambda view: view.draw)
        key = certificates.read_signing_key(self.installation.people / OFFICE_KEY)
        office = Person(
            self.agent.node, self.session, OFFICE, key, self._dice,
            listener=self._pulse, bound=True, tempo=self._tempo,
        )  # fmt: skip
        seat = SeatView(OFFICE, "supervisor", "", "none", False, True, False, False)
        desk = asyncio.create_task(office.desk.keep())
        try:
            await office.greeted()
            memory = Memory()
            memory.deeds.secrets = Vault(self.installation.people / f"{OFFICE}-{self.session}.json")
            await parts.go_on(office, seat, self.case, self._dice, memory, self._course)
        finally:
            desk.cancel()
            await asyncio.gather(desk, return_exceptions=True)

    async def _holds_the_agents_seat(self) -> bool:
        """Whether the command's own key still speaks for the agent in a session that the node has."""
        try:
            await self.agent.follow_session(patience_ms=0)
        except ActRefused as error:
            if error.refused.code != "UnknownAuthor":
                raise
            return False
        except SeatLeft:
            return False
        return True

    async def _perform(self) -> View:
        played = self._played()
        people = [self._seat(seat) for seat in played]
        codes = self._codes or await self.hand_out()
        desks = [asyncio.create_task(person.desk.keep()) for person in people]
        try:
            await asyncio.gather(*(person.bind(codes.fresh) for person in people))
            async with self._sealed.bidders(), asyncio.TaskGroup() as group:
                parts_ = {
                    seat.seat: group.create_task(self._unless_left(seat.seat, self._part(person, seat)))
                    for seat, person in zip(played, people, strict=True)
                }
                if agent.SEAT not in self.humans:
                    chair = next(seat for seat in self.seats() if seat.seat == agent.SEAT)
                    group.create_task(self._unless_left(agent.SEAT, self._part(self.agent, chair)))
                watchers = [one for seat, one in zip(played, people, strict=True) if newcomers.sees_all(seat)]
                group.create_task(self._change_over(group, parts_, watchers, people, desks))
            return await self._last_view(people)
        finally:
            for desk in desks:
                desk.cancel()
            await asyncio.gather(*desks, return_exceptions=True)

    async def _change_over(
        self,
        group: asyncio.TaskGroup,
        parts_: dict[str, asyncio.Task[None]],
        watchers: list[Person],
        people: list[Person],
        desks: list[asyncio.Task[None]],
    ) -> None:
        """Who comes in while it goes on sits down, who is a member no more gets up, until the end.

        A reserve that is called in, a new committee (rules version 3), as the agent or one of the
        watchers sees it: whoever is not shown every seat would take the others' for left.
        """
        for watcher in (*(() if agent.SEAT in self.humans else (self.agent,)), *watchers):
            with contextlib.suppress(SeatLeft):
                while True:
                    played = frozenset(parts_)
                    view = await watcher.until(partial(newcomers.changed, played, self.humans))
                    if view.phase in observer.ENDS:
                        return
                    new, gone = newcomers.changes(view, played, self.humans)
                    for seat in gone:
                        parts_.pop(seat).cancel()
                    for one in (*new, *newcomers.staff(view, played, self.humans)):
                        person = self._seat(one)
                        people.append(person)
                        desks.append(asyncio.create_task(person.desk.keep()))
                        await newcomers.vouch(self.installation, person)
                        part = self._unless_left(one.seat, self._part(person, one))
                        parts_[one.seat] = group.create_task(part)

    def _part(self, person: Person, seat: SeatView) -> Coroutine[Any, Any, None]:
        memory = Memory(guests=lambda: self.humans)
        if seat.seat == agent.SEAT:
            memory.deeds.done |= called(self._course, "DRAWN", "CHECKIN")
        return parts.go_on(person, seat, self.case, self._dice, memory, self._course)

    def _played(self) -> tuple[SeatView, ...]:
        assert self.agent.view is not None
        nobodys = self.humans | {agent.SEAT} | newcomers.left_by(self.agent.view)
        return tuple(seat for seat in self.seats() if seat.seat not in nobodys)

    async def _last_view(self, people: list[Person]) -> View:
        """The view of whoever of us still sits when the session has ended."""
        for watcher in (*([] if agent.SEAT in self.humans else [self.agent]), *people):
            with contextlib.suppress(SeatLeft):
                return await observer.until_end(watcher)
        raise Trouble(
            f"会话 {self.session} 的全部席位均已由人接管,请各位在页面上继续。",
            f"People have taken every seat of session {self.session}; they go on at their pages.",
        )

    async def _unless_left(self, seat: str, part: Coroutine[Any, Any, None]) -> None:
        """Play a part; a person who takes the seat goes on with it."""
        try:
            await part
        except SeatLeft:
            self.humans |= {seat}

    def _seat(self, seat: SeatView) -> Person:
        raw = self._dice.bytes32("key", self.session, seat.seat)
        return Person(
            self.installation.node(seat.venue), self.session, seat.seat,
            Ed25519PrivateKey.from_private_bytes(raw), self._dice,
            listener=self._pulse, tempo=self._tempo, voice=self._voicing.give, held=self._voicing.held,
        )  # fmt: skip

    async def _watched(self, work: Coroutine[Any, Any, T]) -> T:
        """Do some work while somebody looks whether anything moves; faults come out as trouble."""
        self._pulse.grown_ms = senses.running_ms()
        task: asyncio.Task[T] = asyncio.create_task(work)
        try:
            while not task.done():
                await asyncio.wait({task}, timeout=_LOOK_S)
                if not task.done():
                    self._look()
            return await task
        except (BaseExceptionGroup, ActRefused) as error:
            fault = _first(error)
            if isinstance(fault, ActRefused):
                raise _refused(fault) from fault
            raise fault from None
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def _look(self) -> None:
        view = self._pulse.view
        awaited = (*view.awaited, *view.outstanding) if view is not None else ()
        if any(one.who in self.humans for one in awaited):
            self._pulse.grown_ms = senses.running_ms()
        if senses.running_ms() - self._pulse.grown_ms < self._silence_ms:
            return
        names = "、".join(f"{one.who} {one.act}" for one in awaited) or self.agent.node.place.node
        seconds = self._silence_ms // 1000
        raise Trouble(
            f"等待超时:{seconds} 秒内没有任何进展,仍在等待 {names}。"
            f"请查看 {self.installation.logs} 中的日志。",
            f"Timed out: nothing has moved for {seconds} s; still awaited: {names}. "
            f"Look at the logs in {self.installation.logs}.",
        )


def main_venue(case: Case) -> str:
    """The venue that hosts, where the agent sits."""
    return next(venue.id for venue in case.venues if venue.role == "main")


class _CodeDesk:
    """Hands out one-time codes, and gets a fresh one for whoever lost theirs."""

    def __init__(self, agent_: Person, issued: tuple[wire.SeatCode, ...]) -> None:
        self._agent = agent_
        self._issued = {one.seat: one.code for one in issued}

    async def fresh(self, seat: str) -> str:
        if seat in self._issued:
            return self._issued.pop(seat)
        (again,) = await agent.issue_codes(self._agent, (seat,))
        return again.code


def _first(error: BaseException) -> BaseException:
    """The first fault within nested groups, or the fault itself."""
    found = error
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    return found


def _refused(error: ActRefused) -> Trouble:
    return Trouble(
        f"席位 {error.who} 的操作 {error.type} 被拒({error.refused.code}):{error.refused.zh}",
        f"The act {error.type} of seat {error.who} was refused ({error.refused.code}): {error.refused.en}",
    )
