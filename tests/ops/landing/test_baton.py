"""The baton: pause, pace, single steps and breakpoints, for everybody in turn."""

import asyncio

import pytest

from ops.landing.baton import Baton
from ops.landing.breakpoints import Breakpoint
from ops.people.tempo import CORRECTION, DRAFT


class Stage:
    """A baton, what it let through in order, and the breakpoints it said it stands at."""

    def __init__(self) -> None:
        self.done: list[tuple[str, str]] = []
        self.reached: list[str] = []
        self.baton = Baton("M5", lambda: None, self._reach)
        self.baton.pace = "fast"
        self.baton.armed = set()
        self.asking: list[asyncio.Task[None]] = []

    def ask(self, seat: str, what: str) -> None:
        self.asking.append(asyncio.create_task(self._act(seat, what)))

    async def settle(self) -> None:
        """Everybody gets as far as they may."""
        for _ in range(20):
            await asyncio.sleep(0)

    async def _act(self, seat: str, what: str) -> None:
        await self.baton.before(seat, what)
        self.done.append((seat, what))

    async def _reach(self, point: Breakpoint) -> None:
        self.reached.append(point.id)


@pytest.fixture
def stage() -> Stage:
    return Stage()


async def test_nobody_acts_before_the_play_begins_and_then_all_do_in_turn(stage: Stage) -> None:
    stage.ask("M1", "CheckIn")
    stage.ask("M2", "CheckIn")
    await stage.settle()
    assert stage.done == []
    assert stage.baton.waiting == [("M1", "CheckIn"), ("M2", "CheckIn")]
    stage.baton.go()
    await stage.settle()
    assert stage.done == [("M1", "CheckIn"), ("M2", "CheckIn")]
    assert stage.baton.waiting == []


async def test_whoever_gives_a_seat_its_voice_is_held_up_by_nothing(stage: Stage) -> None:
    """A person who sat down at a breakpoint is confirmed by a witness, and stand-ins bring certificates."""
    stage.baton.armed = {"reveal"}
    stage.baton.go()
    stage.ask("agent", "CloseScoring")
    await stage.settle()
    assert stage.baton.here is not None
    stage.ask("witness-hefei", "ConfirmSeatKey")
    stage.ask("M1", "DelegateSeatKey")
    stage.ask("M2", "SealSheet")
    await stage.settle()
    assert stage.done == [("witness-hefei", "ConfirmSeatKey"), ("M1", "DelegateSeatKey")]


async def test_by_hand_each_step_lets_one_act_through(stage: Stage) -> None:
    stage.baton.set_pace("hand")
    for seat in ("M1", "M2", "M3"):
        stage.ask(seat, "CheckIn")
    await stage.settle()
    for count in (1, 2, 3):
        stage.baton.go()
        await stage.settle()
        assert len(stage.done) == count


async def test_an_armed_breakpoint_stops_everybody_once(stage: Stage) -> None:
    stage.baton.armed = {"reveal"}
    stage.baton.go()
    stage.ask("agent", "CloseScoring")
    stage.ask("M1", DRAFT)
    await stage.settle()
    assert stage.done == []
    assert stage.reached == ["reveal"]
    assert stage.baton.here is not None
    assert (stage.baton.here.id, stage.baton.here_seat, stage.baton.paused) == ("reveal", "agent", True)
    stage.baton.go()
    await stage.settle()
    assert stage.done == [("agent", "CloseScoring"), ("M1", DRAFT)]
    assert not stage.baton.paused
    stage.ask("agent", "CloseScoring")
    await stage.settle()
    assert len(stage.done) == 3, "a breakpoint that was passed stops nobody again"


async def test_a_breakpoint_that_is_not_armed_is_passed_by(stage: Stage) -> None:
    stage.baton.go()
    stage.ask("M4", CORRECTION)
    await stage.settle()
    assert stage.reached == []
    assert stage.done == [("M4", CORRECTION)]


async def test_only_the_far_member_meets_the_breakpoint_of_the_cut_line(stage: Stage) -> None:
    stage.baton.armed = {"cut"}
    stage.baton.go()
    stage.ask("M1", "SealSheet")
    stage.ask("M5", "SealSheet")
    await stage.settle()
    assert stage.done == [("M1", "SealSheet")]
    assert stage.reached == ["cut"]


async def test_who_leaves_while_the_play_stands_lets_the_others_go_on_afterwards(stage: Stage) -> None:
    stage.baton.armed = {"mismatch"}
    stage.baton.go()
    stage.ask("M4", CORRECTION)
    stage.ask("M1", DRAFT)
    await stage.settle()
    stage.asking[0].cancel()
    await stage.settle()
    assert stage.done == []
    stage.baton.go()
    await stage.settle()
    assert stage.done == [("M1", DRAFT)]


async def test_whoever_waits_for_a_slow_pace_goes_by_the_new_one_at_once(stage: Stage) -> None:
    stage.baton.set_pace("slow")
    stage.baton.go()
    stage.ask("M1", "CheckIn")
    stage.ask("M2", "CheckIn")
    await stage.settle()
    assert stage.done == [("M1", "CheckIn")]
    stage.baton.set_pace("fast")
    await stage.settle()
    assert stage.done == [("M1", "CheckIn"), ("M2", "CheckIn")]
