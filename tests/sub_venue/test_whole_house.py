"""Coordinator and four venues as they really are, over mutual TLS: whole evaluations, disturbed and not.

The people are the operator's, at the nodes' real sockets. What is asserted: the ranking's record is one and
the same outcome however the line was treated, every node's copy is equal in full, and no sealed score lay on
any disk in clear before all were opened.
"""

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec
import pytest

from main_venue import assembly as main_assembly
from ops import installation, ports, senses
from ops.installation import Installation
from ops.people import script
from ops.people.listener import Listener
from ops.people.play import Play
from ops.senses import Dice
from protocol import record, wire
from protocol.commands import Command
from protocol.hidden import Disclosed
from protocol.plan.case import Case
from protocol.session.outcome import outcome, outcome_digest
from protocol.session.state import State
from sub_venue import config
from sub_venue.assembly import Node, Preparing
from sub_venue.journal.replica import read_copy
from tests.protocol.world import World

SEED = "7"
ROOT = Path(__file__).resolve().parents[2]


class House:
    """A coordinator's process, and its nodes in this one, on ports of their own."""

    def __init__(self, found: Installation) -> None:
        self.installation = found
        self.nodes: dict[str, Node] = {}
        self.kills = 0
        self._coordinator: asyncio.subprocess.Process
        self._breaking: set[asyncio.Task[None]] = set()
        self._one_at_a_time = asyncio.Lock()

    async def start(self) -> None:
        await self.start_coordinator()
        for node in self.installation.nodes:
            name = node.place.node
            preparing = main_assembly.Hosting if node.place.role == "main" else Preparing
            self.nodes[name] = Node(config.read(self.installation.config(name)), preparing=preparing)
            await self.nodes[name].start()

    async def start_coordinator(self) -> None:
        self._coordinator = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "server", "--config", str(self.installation.config("coordinator")),
            cwd=ROOT, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip

    async def stop(self) -> None:
        await asyncio.gather(*self._breaking)
        for node in self.nodes.values():
            await node.stop()
        self._coordinator.kill()
        await self._coordinator.wait()

    def cut(self) -> None:
        """Break every node's line."""
        for node in self.nodes.values():
            if node.uplink._line is not None:
                node.uplink._line.end()

    def kill(self) -> None:
        """Kill the coordinator and start another on its data, while people go on."""

        async def restart() -> None:
            async with self._one_at_a_time:
                self._coordinator.kill()
                await self._coordinator.wait()
                self.kills += 1
                await self.start_coordinator()

        task = asyncio.ensure_future(restart())
        self._breaking.add(task)
        task.add_done_callback(self._breaking.discard)


class Witness(Listener):
    """Looks at the disks whenever a sheet is sealed, and may break something."""

    def __init__(self, house: House, case: Case, breaks: Callable[[int], None]) -> None:
        self.sealed = 0
        self.answers: list[tuple[str, Command, wire.Answer]] = []
        self._house = house
        self._breaks = breaks
        self._canaries: list[bytes] = []
        dice = Dice(SEED)
        for seat in sorted(case.sheets["01"]):
            nonce = dice.bytes32("nonce", "s-1", seat, "01", "1", "1")
            self._canaries.append(json.loads(msgspec.json.encode(nonce)).encode())
            for row in case.sheets["01"][seat].values():
                self._canaries.append(json.dumps(row, separators=(",", ":"), sort_keys=True).encode())

    def answered(self, who: str, command: Command, answer: wire.Answer) -> None:
        self.answers.append((who, command, answer))
        self._breaks(len(self.answers))
        if command.type == "SealSheet":
            self.sealed += 1
            assert self.lying_open() == []

    def lying_open(self) -> list[str]:
        """Files of coordinator and nodes that hold something of a sheet in clear."""
        data = self._house.installation.data
        return [
            path.name
            for folder in ("nodes", "coordinator")
            for path in sorted((data / folder).rglob("*"))
            if path.is_file() and any(canary in path.read_bytes() for canary in self._canaries)
        ]


@contextlib.asynccontextmanager
async def open_house(folder: Path) -> AsyncIterator[House]:
    base = ports.free_base(installation.PORTS_SPAN + 4, Dice())
    house = House(installation.ensure(folder, now_ms=senses.now_ms(), ports_from=base, seed=SEED))
    try:
        await house.start()
        yield house
    finally:
        await house.stop()


def no_breaks(_: int) -> None:
    """Leave everything as it is."""


@pytest.mark.parametrize("treatment", ["undisturbed", "cut", "killed"])
async def test_a_whole_evaluation_is_one_outcome_however_the_line_was_treated(
    tmp_path: Path, case: Case, treatment: str
) -> None:
    async with open_house(tmp_path) as house:
        breaks = {
            "undisturbed": no_breaks,
            "cut": lambda count: house.cut() if count % 4 == 0 else None,
            "killed": lambda count: house.kill() if count in (12, 30, 45) else None,
        }[treatment]
        witness = Witness(house, case, breaks)
        play = Play(house.installation, script.load(case_file()), "s-1", Dice(SEED), listener=witness)
        async with play.open():
            await play.prepare(booked=False)
            await play.hand_out()
            view = await play.perform()
        assert view.phase == "ARCHIVED"
        assert house.kills == (3 if treatment == "killed" else 0)
        assert witness.sealed == 5
        assert witness.lying_open() != []  # the search does find what lies open once it may
        states = []
        for node in house.nodes.values():
            async with asyncio.timeout(10):
                await node.copies.reached("s-1", view.as_of.size)
            states.append(node.copies.state("s-1"))
            for author in node.journal.pending():
                assert author[0] != "s-1"
        assert states[1:] == states[:-1]
        state = states[0]
        assert state is not None
        accepted = [answer.seq for _, _, answer in witness.answers]
        assert len(set(accepted)) == len(accepted)
        hefei = house.nodes["hefei"]
        replica = hefei.copies.get("s-1")
        assert replica is not None
        assert outcome(state, replica.disclosed) == outcome(*undisturbed(case))
    for name in house.nodes:
        assert below(tmp_path / "nodes" / name / "seats") == []
        assert below(tmp_path / "nodes" / name / "drafts") == []
    entries, disclosures = read_copy(tmp_path / "nodes" / "hefei" / "sessions" / "s-1.copy")
    found = record.read(record.write("s-1", entries, disclosures))
    assert outcome_digest(record.replay(found), found.disclosed) == outcome_digest(state, replica.disclosed)


def below(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def case_file() -> Path:
    return ROOT / "ops" / "sample" / "case.json"


def undisturbed(case: Case) -> tuple[State, Disclosed]:
    """State and disclosures of the same evaluation held in memory, without a machine."""
    world = World(case, "s-1")
    world.to_archived()
    return world.at, world.disclosed
