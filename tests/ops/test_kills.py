"""`kill -9` in the middle: nothing accepted is lost or doubled, and the outcome is an undisturbed run's.

Each kill is aimed: it falls while at least one command was sent and has no answer. A third of the deaths
happen before the process can have seen that command (it is stopped first), a third at once after the sending,
a third a few milliseconds later, about when it writes.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from ops import act, installation, places, ports, senses
from ops.installation import COORDINATOR, DEFAULT_PLACES, PORTS_SPAN
from ops.people import script
from ops.people.listener import Listener
from ops.people.notebook import Note
from ops.senses import Dice
from ops.stack import Stack
from protocol import entry, record, wire
from protocol.commands import Command

KILLS = 12
BETWEEN = 2
"""Answers since the last kill before the next, so that the evaluation goes on."""
EVALUATIONS_MAX = 4
"""Evaluations after which the kills must have fallen."""
LATER_S = (0.002, 0.005, 0.01)
STOPPED_S = 0.03
"""How long a stopped process stays so: the command is on its way to it by then."""


class Aim(Struct, frozen=True):
    """What to kill, and while which commands are in flight: of these types, by people of this venue."""

    part: str
    types: frozenset[str] = frozenset()

    def takes(self, who: str, command: Command, venues: dict[str, str]) -> bool:
        """Whether a command that goes out now is one to kill for."""
        its_people = self.part == COORDINATOR or venues.get(who, "hefei") == self.part
        return its_people and (not self.types or command.type in self.types)


class Shot(Struct, frozen=True):
    """One kill: what was aimed at, and the commands that were in flight at that moment."""

    aim: Aim
    in_flight: frozenset[str]


class Shooter(Listener):
    """Knows what is in flight, and kills a process then."""

    def __init__(self, running: Stack, venues: dict[str, str]) -> None:
        self.running = running
        self.in_flight: set[str] = set()
        self.accepted: dict[tuple[str, str], int] = {}
        """(session, command) → the `seq` it was told."""
        self.shots: list[Shot] = []
        self._venues = venues
        self._aim: Aim | None = None
        self._caught = ""
        self._at_once: signal.Signals | None = None
        self._hit = asyncio.Event()
        self._answers = 0
        self._answer = asyncio.Event()

    def sent(self, who: str, command: Command) -> None:
        is_new = command.command_id not in self.in_flight
        self.in_flight.add(command.command_id)
        if is_new and self._aim is not None and self._aim.takes(who, command, self._venues):
            self._caught = command.command_id
            if self._at_once is not None:
                os.kill(self.running.pid(self._aim.part), self._at_once)
            self._aim = None
            self._hit.set()

    def answered(self, who: str, command: Command, answer: wire.Answer) -> None:
        self.in_flight.discard(command.command_id)
        if answer.status == "accepted":
            self.accepted[command.session, command.command_id] = answer.seq
        self._answers += 1
        self._answer.set()

    async def shoot(self, aims: list[Aim]) -> None:
        """Kill at every aim in turn, each time with commands in flight."""
        for number, aim in enumerate(aims):
            while len(self.shots) == number:
                await self._try(aim, number % 3)
            wanted = self._answers + BETWEEN
            while self._answers < wanted:
                self._answer.clear()
                await self._answer.wait()

    async def _try(self, aim: Aim, way: int) -> None:
        self._at_once = (signal.SIGSTOP, signal.SIGKILL, None)[way]
        self._hit.clear()
        self._aim = aim
        await self._hit.wait()
        if way == 0:
            await asyncio.sleep(STOPPED_S)
            assert self._caught in self.in_flight, "a stopped process has answered"
        elif way == 2:
            await asyncio.sleep(LATER_S[len(self.shots) % len(LATER_S)])
            if not self.in_flight:
                return
        in_flight = frozenset(self.in_flight)
        if way != 1:
            os.kill(self.running.pid(aim.part), signal.SIGKILL)
        self.shots.append(Shot(aim, in_flight))
        await self.running.wait_ready(aim.part)


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Stack]:
    base = ports.free_base(PORTS_SPAN + len(DEFAULT_PLACES), Dice())
    stack = Stack(installation.ensure(tmp_path, now_ms=senses.now_ms(), ports_from=base), restart=True)
    await stack.start()
    try:
        yield stack
    finally:
        await stack.stop()


async def _play(running: Stack, session: str, listener: Listener) -> act.Played:
    case = script.load(places.sample_case())
    options = act.Options(record=running.installation.data / f"{session}.record")
    playing = act.perform(running.installation, case, Note(session, case.id), options, listener)
    return await running.unless_broken(playing)


async def _play_under_fire(running: Stack, aims: list[Aim]) -> tuple[list[act.Played], Shooter]:
    """Play evaluations one after another until every kill has fallen; how many that takes is the machine's.

    An evaluation has about four dozen acts. One that answers fast, or many at once after a start, has ended
    before a dozen kills could each find a command in flight; then the next one is fired at.
    """
    case = script.load(places.sample_case())
    shooter = Shooter(running, {member.seat: member.venue for member in case.members})
    firing = asyncio.create_task(shooter.shoot(aims))
    playing: asyncio.Task[act.Played] | None = None
    ended: list[act.Played] = []
    try:
        while not firing.done():
            assert len(ended) < EVALUATIONS_MAX, f"{len(shooter.shots)} kills fell of {len(aims)}"
            playing = asyncio.create_task(_play(running, f"killed-{len(ended)}", shooter))
            await asyncio.wait({playing, firing}, return_when=asyncio.FIRST_COMPLETED)
            if firing.done():
                await firing
            ended.append(await playing)
        await firing
        assert len(shooter.shots) == len(aims)
        assert all(shot.in_flight for shot in shooter.shots)
        return ended, shooter
    finally:
        started: list[asyncio.Task[Any]] = [firing] if playing is None else [firing, playing]
        for task in started:
            task.cancel()
        await asyncio.gather(*started, return_exceptions=True)


def _all_there_once(ended: list[act.Played], shooter: Shooter) -> None:
    """Every act that was accepted stands in its record at the `seq` it was told, and nothing stands twice."""
    places_told = dict(shooter.accepted)
    for number, played in enumerate(ended):
        entries = [entry.decode(raw) for raw in record.read(played.record.read_bytes()).entries]
        ids = [one.command.command_id for one in entries]
        assert len(set(ids)) == len(ids)
        told = {name: seq for name, seq in places_told.items() if name[0] == f"killed-{number}"}
        assert told
        for name, seq in told.items():
            assert ids[seq] == name[1]
            del places_told[name]
    assert not places_told


@pytest.mark.timeout(400)
async def test_the_coordinator_is_killed_with_commands_in_flight_and_nothing_is_lost(running: Stack) -> None:
    undisturbed = await _play(running, "calm", Listener())
    ended, shooter = await _play_under_fire(running, [Aim(COORDINATOR)] * KILLS)
    assert running.restarts[COORDINATOR] >= KILLS
    _all_there_once(ended, shooter)
    for played in ended:
        assert played.result.outcome == undisturbed.result.outcome
        assert played.result.rows == undisturbed.result.rows


@pytest.mark.timeout(400)
async def test_venue_nodes_are_killed_with_sheets_on_their_way_and_nothing_is_lost(running: Stack) -> None:
    undisturbed = await _play(running, "calm", Listener())
    aims = [
        Aim("hefei", frozenset({"ImportOpening"})),
        Aim("nanjing", frozenset({"CheckIn"})),
        Aim("nanjing", frozenset({"SealSheet"})),
        Aim("hefei", frozenset({"PublishTally"})),
        Aim("nanjing", frozenset({"SignReport"})),
        Aim("hefei", frozenset({"SubmitReport"})),
    ]
    ended, shooter = await _play_under_fire(running, aims)
    _all_there_once(ended, shooter)
    for played in ended:
        assert played.result.outcome == undisturbed.result.outcome
