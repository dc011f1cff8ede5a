"""A whole evaluation under rules version 3 round one page: everybody but its expert acts from here.

Tenderee, witnesses and supervisors are played (`ops.people`); the agent and the other members act when a test
says so, so that each turn is taken when the page has been looked at.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from ops.people import agent, expert
from ops.people.deed import Deed, Recollection, Scene
from ops.people.expert import Memory
from ops.people.listener import ActRefused, Listener
from ops.people.person import Person
from ops.people.play import Play
from ops.people.roles.next import next_deed_of
from ops.senses import Dice
from protocol import canonical, hidden
from protocol import commands as cmd
from protocol import commands_review as review
from protocol import commands_turns as turns
from protocol.hidden import Disclosure, Field
from protocol.plan.conduct import conduct_of
from protocol.views import StageView, View
from protocol.views_review import VoteView
from protocol.words import SESSION_STAGE, Stage
from tests.pages.house import House

MEMBERS = ("M1", "M2", "M3", "M4", "M5")
KEEPERS = ("keeper-hefei", "keeper-shanghai", "keeper-nanjing", "keeper-hangzhou")
BY_HAND = frozenset({"AnswerClarification", "Resume", "ExtendTime", "RebuildCommittee"})
"""What the agent does when a test says so, and not by itself."""
AGAIN_S = 0.1


class Evaluation:
    """One session; `people` are seat → whoever acts there for the test."""

    def __init__(self, here: House, session: str, *seats: str) -> None:
        """Play everybody but these seats, which are their pages'."""
        self.case = replace(here.case, rules="3", turns=(), draws={})
        self.session = session
        self.seats = seats
        self.dice = Dice("evaluated")
        self.people: dict[str, Person] = {}
        self._here = here
        self._texts = 0
        self._play = Play(
            here.installation, self.case, session, self.dice,
            humans=frozenset({*MEMBERS, *KEEPERS, "agent"}), silence_ms=600_000,
        )  # fmt: skip

    @property
    def agent(self) -> Person:
        return self._play.agent

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[Self]:
        """As far as the door of the venues, everybody at their desk; all desks are given up at the end."""
        tasks: list[asyncio.Task[object]] = []
        async with self._play.open():
            await self._play.prepare(booked=False)
            for seat in (*MEMBERS, *KEEPERS):
                if seat not in self.seats:
                    person = self._person(seat)
                    self.people[seat] = person
                    tasks.append(asyncio.create_task(person.desk.keep()))
                    await person.bind(self.code)
            tasks.append(asyncio.create_task(self._play.perform()))
            tasks.append(asyncio.create_task(self._conduct()))
            try:
                yield self
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def code(self, seat: str) -> str:
        """A fresh one-time code."""
        (found,) = await agent.issue_codes(self.agent, (seat,))
        return found.code

    def others(self) -> list[str]:
        """The members whom the test acts for."""
        return [seat for seat in MEMBERS if seat not in self.seats]

    async def until(self, seat: str, test: Callable[[View], bool]) -> View:
        """The view of somebody, once it passes a test."""
        person = self.agent if seat == "agent" else self.people[seat]
        return await person.until(lambda view: view if test(view) else None)

    def hide(self, field: Field, text: str) -> Disclosure:
        self._texts += 1
        return hidden.disclose(field, self.dice.bytes32(field, self.session, str(self._texts)), text)

    async def do(
        self, seat: str, content: cmd.Content, *held: Disclosure, stage: Stage = SESSION_STAGE
    ) -> None:
        person = self.agent if seat == "agent" else self.people[seat]
        await person.act(stage, content, held)

    async def stage(self, seat: str) -> StageView:
        """The one stage, as somebody sees it now."""
        view = await self.until(seat, lambda _: True)
        return view.stages[0]

    # --- what the others do -----------------------------------------------------------------------------

    async def check_in(self) -> None:
        for seat in self.others():
            view = await self.until(seat, lambda one: one.undertaking is not None)
            undertaking = canonical.sha256((view.undertaking or "").encode())
            await self.do(seat, cmd.CheckIn(undertaking, "none"))

    async def mark(self, seat: str) -> None:
        """Nothing amiss anywhere."""
        found = await self.until(
            seat, lambda one: one.stages[0].phase in ("PRELIM", "CLARIFYING", "REJECT_VOTE")
        )
        here = found.stages[0]
        assert here.review is not None
        items = [item.item for item in here.review.items if item.by == "committee"]
        for bidder in here.review.going_on:
            marks = tuple(review.Mark(item, "pass", b"") for item in items)
            await self.do(seat, review.MarkItem(bidder, marks), stage=_place(here))

    async def vote(self, seat: str, choice: review.Choice, reason: str) -> None:
        found = await self.until(seat, lambda one: any(not vote.closed for vote in _votes(one)))
        here = found.stages[0]
        vote = next(one for one in _votes(found) if not one.closed)
        text = self.hide("reason", reason)
        content = review.CastVote(vote.bidder, vote.ground, choice, text.digest)
        await self.do(seat, content, text, stage=_place(here))

    async def answer(self, reply: str) -> None:
        """The bidder's written answer, which the agent enters for one that has no key."""
        found = await self.until(
            "agent", lambda one: bool(one.stages[0].review and one.stages[0].review.clarifications)
        )
        here = found.stages[0]
        assert here.review is not None
        text = self.hide("reply", reply)
        content = review.AnswerClarification(here.review.clarifications[-1].number, text.digest, False)
        await self.do("agent", content, text, stage=_place(here))

    async def seal(self, seat: str) -> None:
        view = await self.until(seat, lambda one: one.stages[0].phase == "DETAILED")
        await expert.score(self.people[seat], self.case, self.dice, view.stages[0], Memory())

    async def suspend(self) -> None:
        limit_ms = conduct_of(self.case.plan.conduct).suspension_during_ms
        text = self.hide("statement", "杭州会场线路中断,双方值守人员已核实。")
        await self.do("agent", turns.Suspend("line", text.digest, limit_ms), text)

    async def reconfirm(self) -> None:
        """Each venue's keeper looks again at every member there; then the agent resumes."""
        for keeper in KEEPERS:
            view = await self.until(keeper, lambda one: one.suspension is not None)
            assert view.suspension is not None
            venue = keeper.removeprefix("keeper-")
            for seat in view.suspension.waiting:
                if next(one for one in view.seats if one.seat == seat).venue == venue:
                    await self.do(keeper, turns.ReconfirmSeat(seat, "face"))
        await self.until("agent", lambda one: one.suspension is not None and not one.suspension.waiting)
        await self.do("agent", turns.Resume())

    async def sign(self, seat: str) -> None:
        await self.until(seat, lambda one: one.phase == "SIGNING" and one.report is not None)
        await self.people[seat].act_prepared("SignReport", SESSION_STAGE)

    # --- who acts ---------------------------------------------------------------------------------------

    def _person(self, seat: str) -> Person:
        venue = next(
            (one.venue for one in self.case.members if one.seat == seat), seat.removeprefix("keeper-")
        )
        raw = self.dice.bytes32("key", self.session, seat)
        key = Ed25519PrivateKey.from_private_bytes(raw)
        node = self._here.installation.node(venue)
        return Person(node, self.session, seat, key, self.dice, listener=Listener())

    async def _conduct(self) -> None:
        """The agent does what it is awaited for, but for what the test does by hand."""
        memory = Recollection()

        def due(view: View) -> Deed | None:
            scene = Scene(view, "agent", "agent", self.case, self.dice, self.agent.now_ms(), memory)
            deed = next_deed_of(scene)
            return None if deed is None or deed.type in BY_HAND else deed

        while True:
            deed = await self.agent.until(due)
            try:
                if deed.content is not None:
                    await self.agent.act(deed.stage, deed.content, deed.disclosures)
                else:
                    await self.agent.act_prepared(deed.type, deed.stage)
            except ActRefused:
                await asyncio.sleep(AGAIN_S)
                continue
            if deed.about:
                memory.done.add(deed.key)


def _place(here: StageView) -> Stage:
    return Stage(here.lot, here.envelope, here.round)


def _votes(view: View) -> tuple[VoteView, ...]:
    found = view.stages[0].review
    return () if found is None else found.votes
