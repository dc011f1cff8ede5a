"""The demonstration: the house on this machine and the one session that is shown in it.

Owns which session is shown, asking every process how it is, and what the page's buttons do. Whoever asks,
asks through `door`. Must not know HTTP.
"""

import asyncio
import contextlib
import json
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Final

import aiohttp
from msgspec.structs import replace

from main_venue.agent_desk import people_of
from ops import certificates
from ops.certifying import Held
from ops.installation import COORDINATOR, LOOPBACK, Installation
from ops.landing import ending, picture, scripts
from ops.landing.breakpoints import ALL
from ops.landing.lines import Lines, Way
from ops.landing.performance import Performance
from ops.landing.picture import Health, Picture
from ops.landing.scripts import Offer
from ops.landing.token import DemonstrationToken
from ops.people import notebook
from ops.people.course import PLAIN, Course
from ops.people.notebook import Note
from ops.people.play import main_venue
from ops.people.roles.confirming import STAND_IN
from ops.people.tempo import Pace
from ops.stack import Stack
from ops.trouble import Trouble
from ops.verify import commands as verifier
from protocol.plan.case import Case

ASK_S: Final = 1.0
"""How often every process is asked how it is, and how long it may take to say so."""


class Demonstration:
    """What is shown; nothing runs before `start`."""

    def __init__(self, stack: Stack, lines: Lines, case: Case | None, *, papers: bool = True) -> None:
        """Show this stack; `case` is what a new session is made from, None for none.

        Without `papers` no bids are laid out for reading, which takes a core some seconds.
        """
        self.stack = stack
        self.lines = lines
        self.shown: Performance | None = None
        self.changed = asyncio.Event()
        """Set whenever the picture may be another; whoever waits for it clears it."""
        self.token = DemonstrationToken(self.installation, self._held)
        self._case = case
        self._papers = papers
        self._standing: Any = "starting"
        self._trouble: Trouble | None = None
        self._preparing = False
        self._health: dict[str, Health] = {}
        self._asking: asyncio.Task[None] | None = None
        self._one_at_a_time = asyncio.Lock()

    @property
    def _outside(self) -> str:
        """Where the coordinator serves its own pages."""
        return f"http://{certificates.host_name(COORDINATOR)}:{self.installation.http_port}/"

    @property
    def installation(self) -> Installation:
        """Where everything lies."""
        return self.stack.installation

    async def start(
        self, note: Note | None, case: Case | None, *, booked: bool, course: Course = PLAIN
    ) -> None:
        """The stack runs: ask its processes from now on, and show a session; of a script by its own course.

        Raises:
          Trouble: the session cannot be prepared.
        """
        if self.installation.shape.authorities:
            await self.token.open()
        self._standing = "ready"
        self._asking = asyncio.create_task(self._ask_all(), name="health")
        if note is not None and case is not None:
            if note.script:
                course = (await scripts.find(self.installation, note.script)).course
            await self._show(note, case, booked=booked, course=course)
        self.tell()

    async def stop(self) -> None:
        """Show nothing any more; before the stack stops."""
        self._standing = "stopping"
        self.tell()
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)
        if self.shown is not None:
            await self.shown.close()
        await self.token.close()

    def tell(self) -> None:
        """The picture may have changed."""
        self.changed.set()

    def picture(self) -> Picture:
        """Everything as it is now."""
        coordinators, venues, services = picture.processes(self.stack, self.lines, self._health)
        shown = self.shown
        return Picture(
            standing=self._standing,
            trouble=picture.told(self._trouble),
            coordinators=coordinators,
            venues=venues,
            services=services,
            ukey=self.token.there,
            overview=f"{self._outside}overview/",
            session=None if shown is None else picture.session(shown, self.lines),
            preparing=self._preparing,
            earlier=picture.earlier(self.installation, "" if shown is None else shown.session),
        )

    # --- what the page's buttons do -------------------------------------------------------

    async def sit(self, seat: str) -> str:
        """The address at which a person sits down, with a fresh one-time code in its fragment.

        Raises:
          Trouble: nobody can sit down there now.
        """
        shown = self._session()
        place = shown.cast.places.get(seat)
        if place is None:
            raise _no_such(seat)
        if self.lines.of[place.seat.venue].cut is not None:
            raise Trouble(
                "该会场的线路已断,登录须经协调系统核对。请先接通线路。",
                "This venue's line is cut, and a sign-in goes through the coordinator. Mend the line first.",
            )
        code = await shown.cast.give(seat)
        node = self.installation.node(place.seat.venue)
        return f"{node.url}{place.seat.role}/#session={shown.session}&seat={seat}&code={code}"

    async def admit(self, bidder: str) -> str:
        """The address at which a bidder's page opens, signed in with a fresh one-time code.

        Raises:
          Trouble: there is no such bidder, or none may look yet.
        """
        shown = self._session()
        if not shown.chronicle.opened(bidder):
            raise Trouble(
                "开标后投标人才能查看:此前任何人都不知道谁投了标。",
                "A bidder can look once the bids are opened: until then nobody knows who has bid.",
            )
        code = await shown.cast.admit(bidder)
        return f"{self._outside}bidder/#session={shown.session}&seat={bidder}&code={code}"

    async def give_back(self, seat: str) -> None:
        """The system plays a seat again.

        Raises:
          Trouble: there is no such seat, or the agent cannot sit down now.
        """
        shown = self._session()
        if seat not in shown.cast.places:
            raise _no_such(seat)
        await shown.cast.take_back(seat)

    async def go(self) -> None:
        """Play on; by hand, one step."""
        await self._session().go()

    def pause(self) -> None:
        """Stand still before the next act."""
        self._session().baton.pause()

    def set_pace(self, pace: Pace) -> None:
        """Change the pace."""
        shown = self._session()
        shown.baton.set_pace(pace)
        shown.keep_manner()

    def arm(self, point: str, *, on: bool) -> None:
        """Stand still at a breakpoint, or pass it by."""
        if point in {one.id for one in ALL}:
            shown = self._session()
            shown.baton.arm(point, on=on)
            shown.keep_manner()

    def cut(self, venue: str, way: Way) -> None:
        """Cut a venue's line."""
        self._line(venue).break_(way)
        self.tell()

    def mend(self, venue: str) -> None:
        """Mend a venue's line."""
        self._line(venue).mend()
        self.tell()

    async def begin_anew(self) -> None:
        """A new session of what is shown; see `begin_script`.

        Raises:
          Trouble: it cannot be prepared.
        """
        shown = self.shown
        if shown is not None and not shown.note.script:
            await self._begin(shown.case, "", shown.course)
        else:
            await self.begin_script("" if shown is None else shown.note.script)

    async def begin_script(self, name: str) -> None:
        """A new session of a scripted evaluation on the same stack, of the sample where no name is given.

        The one before stays in the record and is played no more.

        Raises:
          Trouble: there is no such script, this stack has not its venues, or it cannot be prepared.
        """
        if name:
            found = await scripts.find(self.installation, name)
            await self._begin(found.case, found.name, found.course)
        elif self._case is not None:
            await self._begin(self._case, "", PLAIN)

    async def offers(self) -> tuple[Offer, ...]:
        """What may be begun."""
        return await scripts.offers(self.installation, self._case)

    def file(self, session: str, name: str) -> Path | None:
        """A file of a session that may be taken away: its record, report or workbook; None for no such."""
        if session not in {note.session for note in notebook.notes(self.installation)}:
            return None
        record = self.installation.data / f"{session}.record"
        pdf, xlsx = ending.report_of(record)
        found = {
            "record": record, "report.pdf": pdf, "report.xlsx": xlsx,
            "archive.zip": record.with_suffix(".archive.zip"), "policy": record.with_suffix(".policy"),
            "signed.pdf": record.with_suffix(".signed.pdf"), "tongchang_verify.py": verifier.PROGRAM,
        }.get(name)  # fmt: skip
        return found if found is not None and found.exists() else None

    # --- within ---------------------------------------------------------------------------

    async def _begin(self, case: Case, name: str, course: Course) -> None:
        async with self._one_at_a_time:
            before = self.shown
            self.lines.mend()
            note = notebook.begin(self.installation, case, name)
            if before is not None:
                note = replace(note, pace=before.note.pace, armed=before.note.armed)
            await self._show(note, case, booked=False, course=course)
            if before is not None:
                await before.close()
                notebook.end(self.installation, before.session)
        self.tell()

    async def _show(self, note: Note, case: Case, *, booked: bool, course: Course = PLAIN) -> None:
        self._preparing, self._trouble = True, None
        self.tell()
        shown = Performance(
            self.installation, case, note, self.tell, lambda venue: self.cut(venue, "reset"),
            papers=self._papers, course=course, confirming=not self.token.there,
        )  # fmt: skip
        try:
            await shown.open(booked=booked, check_in=False)
            self.shown = shown
        except Trouble as trouble:
            self._trouble = trouble
            await shown.close()
            raise
        finally:
            self._preparing = False
            self.tell()

    async def _held(self, session: str, seat: str) -> Held:
        """The certificate of whoever sits at a seat: in the name that the record has, or the case."""
        shown = self._session()
        place = shown.cast.places.get(seat)
        if place is None or session != shown.session:
            raise _no_such(seat)
        state = shown.chronicle.state
        person = None if state is None or seat not in state.seats else state.seats[seat].person
        names = {one[0]: one[5] for one in people_of(shown.case, main_venue(shown.case))}
        if person and person in shown.chronicle.disclosed:
            names[seat] = str(shown.chronicle.disclosed.value(person, str))
        name = names.get(seat) or STAND_IN.format(seat=seat)
        return await shown.cast.certificate(name, self.installation.node(place.seat.venue).place.province)

    def _session(self) -> Performance:
        if self.shown is None:
            raise Trouble("尚无会话。请点击“重新开始”。", "There is no session yet. Press “start over”.")
        return self.shown

    def _line(self, venue: str) -> Any:
        if venue not in self.lines.of:
            raise Trouble(f"没有会场 {venue}。", f"There is no venue {venue}.")
        return self.lines.of[venue]

    async def _ask_all(self) -> None:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(ASK_S)) as http:
            while True:
                asked: list[Coroutine[Any, Any, Health]] = [
                    _ask(http, part.health_port, part.host) for part in self.stack.parts
                ]
                found = dict(
                    zip((part.name for part in self.stack.parts), await asyncio.gather(*asked), strict=True)
                )
                if found != self._health:
                    self._health = found
                    self.tell()
                await asyncio.sleep(ASK_S)


async def _ask(http: aiohttp.ClientSession, port: int, host: str) -> Health:
    with contextlib.suppress(OSError, TimeoutError, aiohttp.ClientError, ValueError):
        async with http.get(f"http://{LOOPBACK}:{port}/readyz", headers={"Host": host}) as answer:
            text = await answer.text()
            online = text.startswith("{") and bool(json.loads(text).get("online"))
            return Health(answer.status == 200, online)
    return Health()


def _no_such(seat: str) -> Trouble:
    return Trouble(f"没有席位 {seat}。", f"There is no seat {seat}.")
