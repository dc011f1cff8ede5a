"""A performance: one session as it is shown here: its cast, its baton, its chronicle, its end.

Owns what belongs to a single session, from the moment its seats are known to its result. Must not know
processes, pages or other sessions.
"""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final, Literal

from msgspec.structs import replace

from ops import porter
from ops.installation import Installation
from ops.landing import ending
from ops.landing.baton import Baton
from ops.landing.bids import Bids
from ops.landing.breakpoints import Breakpoint
from ops.landing.chronicle import Chronicle, binding, followed
from ops.landing.ending import Ending
from ops.people import notebook
from ops.people.cast import Cast
from ops.people.course import PLAIN, Course
from ops.people.notebook import Note
from ops.people.play import Play, main_venue
from ops.senses import Dice
from ops.trouble import Trouble
from protocol.plan.case import Case, Member
from protocol.session.phases import RULES

LOOK_S: Final = 0.15
"""How often the copies are looked at."""
SEATS_S: Final = 20.0
"""How long the main venue's copy may take to show a session that was just booked."""
OVER: Final = ("ARCHIVED", "FAILED")
Documents = Literal["coming", "there", "missing"]
"""Whether the bids lie ready to be read at the venues."""


class Performance:
    """One session; `open` prepares it, `close` lets everybody of ours get up."""

    def __init__(
        self,
        installation: Installation,
        case: Case,
        note: Note,
        changed: Callable[[], None],
        cut: Callable[[str], None],
        *,
        papers: bool,
        course: Course = PLAIN,
        confirming: bool = True,
    ) -> None:
        """Prepare nothing yet; `changed` hears of everything, `cut` cuts a venue's line.

        `course` is what goes otherwise than straight on. With `papers` the bids are put into the venues to
        be read.
        """
        self.installation = installation
        self.case = case
        self.note = note
        self.trouble: Trouble | None = None
        self.ending: Ending | None = None
        self.far = _far(case)
        self.chronicle = Chronicle(installation, note.session)
        self._changed = changed
        self._cut = cut
        self._papers = papers
        self.course = course
        self.baton = Baton("" if self.far is None else self.far.seat, changed, self._reached)
        self.baton.pace = note.pace
        if note.armed is not None:
            self.baton.armed = set(note.armed)
        self.cast = Cast(
            installation, case, note.session, Dice(installation.seed), self.baton,
            persons=frozenset(note.persons), changed=self._moved, course=course, confirming=confirming,
        )  # fmt: skip
        self.documents: Documents = "coming"
        self.bids = Bids(installation, case, note.session, lambda: self.chronicle.state)
        self._following: asyncio.Task[None] | None = None
        self._concluding: asyncio.Task[None] | None = None
        self._putting: asyncio.Task[None] | None = None

    @property
    def session(self) -> str:
        """The session's id."""
        return self.note.session

    @property
    def phase(self) -> str:
        """The session's phase, empty before it is known."""
        return "" if self.chronicle.state is None else self.chronicle.state.phase

    async def open(self, *, booked: bool, check_in: bool) -> None:
        """Bring the session to where people may sit down, and follow it from now on.

        Args:
          booked: the session exists already.
          check_in: it is brought on until people check in; else only until its seats are known.

        Raises:
          Trouble: it cannot be prepared.
        """
        if not self.note.seats:
            dice = Dice(self.installation.seed)
            play = Play(self.installation, self.case, self.session, dice, course=self.course)
            async with play.open():
                if not booked:
                    await ending.hand_out_policy(self.installation, self.session)
                await play.prepare(booked=booked, check_in=check_in)
        await self._known()
        view = self.chronicle.view()
        assert view is not None
        seats = tuple(seat for seat in view.seats if not seat.reserve)
        self.note = replace(self.note, seats=tuple((one.seat, one.role, one.venue) for one in seats))
        notebook.put(self.installation, self.note)
        if view.phase not in OVER:
            await self.cast.open(seats)
        self._following = asyncio.create_task(self._follow(), name=f"chronicle of {self.session}")
        self._putting = asyncio.create_task(self._put_documents(), name=f"documents of {self.session}")

    async def go(self) -> None:
        """Everybody who is ours plays on; by hand, one step."""
        if not self.cast.begun:
            await self.cast.begin()
        self.baton.go()

    def keep_manner(self) -> None:
        """Note pace and breakpoints, so that a later start plays as this one did."""
        self.note = replace(self.note, pace=self.baton.pace, armed=tuple(sorted(self.baton.armed)))
        notebook.put(self.installation, self.note)

    async def close(self) -> None:
        """Everybody of ours gets up; the session itself stays as it is."""
        for task in (self._following, self._concluding, self._putting):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        await self.cast.close()

    async def _known(self) -> None:
        """Wait until a copy shows the session's seats."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SEATS_S):
                while True:
                    self.chronicle.look()
                    if self.chronicle.state is not None and self.chronicle.state.seats:
                        return
                    await asyncio.sleep(LOOK_S)
        raise Trouble(
            f"会场副本中尚无会话 {self.session} 的席位。请查看 {self.installation.logs} 中的日志。",
            f"No venue's copy shows the seats of session {self.session}. Look at the logs in "
            f"{self.installation.logs}.",
        )

    async def _follow(self) -> None:
        """See every new entry: who was seated, and that the end has come."""
        while True:
            for found in self.chronicle.look():
                told = binding(found)
                if told is not None:
                    await self.cast.bound(*told)
                seat = followed(found)
                if seat is not None:
                    await self.cast.begin_afresh(seat)
                self._changed()
                view = self.chronicle.view()
                if view is not None and RULES[view.rules_version].grown and self.cast.places:
                    await self.cast.change_over(view)
            if self.phase == "ARCHIVED" and self._concluding is None:
                self._concluding = asyncio.create_task(self._conclude(), name=f"end of {self.session}")
            await asyncio.sleep(LOOK_S)

    async def _conclude(self) -> None:
        try:
            self.ending = await ending.conclude(self.installation, self.case, self.session)
            self._changed()
            await ending.make_report(self.ending.record)
            self._changed()
            self.ending = replace(self.ending, files=await ending.archive(self.installation, self.ending))
        except Trouble as trouble:
            self.trouble = trouble
        self.note = replace(self.note, ended=True)
        notebook.put(self.installation, self.note)
        self._changed()

    async def _put_documents(self) -> None:
        """The bids are laid out for reading; nobody waits, the pages say that it goes on."""
        try:
            if self._papers:
                await porter.put(self.installation, self.session)
                self.documents = "there"
                self._changed()
            await self.bids.run(self._changed)
        except Trouble as trouble:
            self.trouble = trouble
            if self.documents == "coming":
                self.documents = "missing"
        self._changed()

    async def _reached(self, point: Breakpoint) -> None:
        if point.id == "cut" and self.far is not None:
            self._cut(self.far.venue)

    def _moved(self) -> None:
        persons = tuple(sorted(self.cast.persons))
        if persons != self.note.persons and self.cast.places:
            self.note = replace(self.note, persons=persons)
            notebook.put(self.installation, self.note)
        self._changed()


def _far(case: Case) -> Member | None:
    """The member whose venue's line is cut at the breakpoint: the last one who sits at a sub-venue."""
    home = main_venue(case)
    away = [one for one in case.members if one.venue != home and not one.reserve]
    return away[-1] if away else None
