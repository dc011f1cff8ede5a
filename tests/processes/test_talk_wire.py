"""The talk-room over the wire of real processes: a coordinator, four venues, their people at their desks.

What one seat does is pushed to the others at other places, each of which is shown its part; the room closes
when the members begin to score alone (SPEC 30.7 to 30.10). No browser and no sound: those are the pages'.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from ops.people.desk import TurnedDown
from ops.people.person import Person
from protocol import commands_draw as draw
from protocol import talk
from protocol.media import Intercom
from protocol.talk import TalkAction, TalkDo, TalkRoom, TalkWanted
from tests.pages import talked
from tests.pages.evaluated import MEMBERS, Evaluation
from tests.pages.talked import CHAIR, MEMBER

WAIT_S = 30.0
SESSION = "talk-wire"
VOTERS = ("M1", "M2", "M4")
AWAY, HERE, OTHER = "keeper-shanghai", "keeper-hangzhou", "M1"


class Room:
    """What the seats of one session are told of their room, and what they do in it."""

    def __init__(self, evaluation: Evaluation, session: str = SESSION) -> None:
        self._evaluation, self._session = evaluation, session

    async def sees(self, seat: str, test: Callable[[TalkRoom], bool]) -> TalkRoom:
        """What a seat is shown, as soon as it passes a test."""
        async with asyncio.timeout(WAIT_S):
            while True:
                found = await self._who(seat).ask(talk.TALK, TalkWanted(self._session), TalkRoom)
                if test(found):
                    return found
                await asyncio.sleep(0.02)

    async def does(self, seat: str, act: TalkAction, target: str = "") -> TalkRoom:
        return await self._who(seat).ask(talk.TALK_DO, TalkDo(self._session, act, target), TalkRoom)

    async def refused(self, seat: str, act: TalkAction, target: str = "") -> str:
        with pytest.raises(TurnedDown) as refused:
            await self.does(seat, act, target)
        return refused.value.refused.code

    def _who(self, seat: str) -> Person:
        return self._evaluation.agent if seat == "agent" else self._evaluation.people[seat]


@pytest.mark.timeout(300)
async def test_what_is_done_in_a_room_is_seen_at_the_other_places_and_ends_when_each_scores_alone(
    tmp_path: Path,
) -> None:
    async with talked.stack(tmp_path / "data") as here:
        evaluation = Evaluation(here, SESSION)
        async with evaluation.open():
            room = Room(evaluation)
            assert (await room.sees(MEMBER, lambda _: True)).why == "phase"
            assert await room.refused(MEMBER, "raise") == "TalkClosed"
            await convene(evaluation)
            for seat in (CHAIR, MEMBER, OTHER):
                await room.sees(seat, lambda one: one.open and one.chair == CHAIR)
            await _preside(room)
            await _help(room)
            await _call(room)
            await asyncio.gather(*(evaluation.mark(seat) for seat in MEMBERS))
            for seat in (CHAIR, MEMBER, "agent"):
                closed = await room.sees(seat, lambda one: not one.open)
                assert (closed.why, closed.speaks, closed.hands) == ("scoring", (), ())
            assert await room.refused(CHAIR, "unmute", MEMBER) == "TalkClosed"


async def convene(evaluation: Evaluation) -> None:
    """All check in, the roster is locked, and three of five elect the chair, which is enough."""
    await evaluation.check_in()
    await evaluation.until("agent", lambda view: view.phase == "COMMITTEE_READY")
    await evaluation.do("agent", draw.OpenChairBallot(False))
    for voter in VOTERS:
        await evaluation.until(voter, lambda view: view.phase == "COMMITTEE_READY")
        await evaluation.do(voter, draw.ElectChair(CHAIR, b""))


async def _preside(room: Room) -> None:
    """Hands in their order at every place; the chair alone mutes, and the agent is shown neither."""
    await room.does(MEMBER, "raise")
    await room.does(OTHER, "raise")
    await room.sees(CHAIR, lambda one: one.hands == (MEMBER, OTHER))
    assert await room.refused(OTHER, "mute", MEMBER) == "NotAllowed"
    await room.does(CHAIR, "mute", MEMBER)
    await room.sees(MEMBER, lambda one: MEMBER not in one.speaks and OTHER in one.speaks)
    await room.does(CHAIR, "grant", MEMBER)
    await room.sees(OTHER, lambda one: one.hands == (OTHER,) and MEMBER in one.speaks)
    agent = await room.sees("agent", lambda one: one.open)
    assert (agent.members, agent.speaks, agent.hands, agent.chair) == ((), (), (), "")
    assert await room.refused("agent", "raise") == "NotAllowed"
    # Raised again before scoring: it must be forgotten then.
    await room.does(CHAIR, "mute", MEMBER)


async def _help(room: Room) -> None:
    """A call alarms its place's keeper and the agent, no other place's; who called hears who answered."""
    await room.does(MEMBER, "help")
    for seat in (HERE, "agent"):
        told = await room.sees(seat, lambda one: bool(one.calls))
        assert [(one.seat, one.answered_by) for one in told.calls] == [(MEMBER, "")]
    assert await room.refused(AWAY, "answer", MEMBER) in ("NotAllowed", "UnknownSeat")
    await room.does("agent", "answer", MEMBER)
    for seat in (MEMBER, HERE):
        await room.sees(seat, lambda one: [call.answered_by for call in one.calls] == ["agent"])
    assert (await room.sees(AWAY, lambda _: True)).calls == ()


async def _call(room: Room) -> None:
    """The agent's line to one venue is that venue's alone, and its keeper may end it."""
    await room.does("agent", "call", "hangzhou")
    told = await room.sees(HERE, lambda one: bool(one.intercoms))
    assert told.intercoms == (Intercom("agent", "hangzhou"),)
    for seat in (AWAY, MEMBER, CHAIR):
        assert (await room.sees(seat, lambda _: True)).intercoms == ()
    assert await room.refused(AWAY, "hang_up", "agent") == "NotAllowed"
    await room.does(HERE, "hang_up", "agent")
    await room.sees("agent", lambda one: one.intercoms == ())
