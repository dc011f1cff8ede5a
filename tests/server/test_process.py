"""The coordinator as a process: killed, told to stop, watched by strace."""

import asyncio
import contextlib
import json
import re
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from protocol import entry
from protocol.plan.case import Case
from protocol.wire import Answer, Submit
from server.senses import Senses
from server.store.sqlite import SqliteStore
from server.telemetry import Meters
from tests.server import nodes
from tests.server.acting import WAIT_S, Script, binding
from tests.server.nodes import Node

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return nodes.lay(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def script(case: Case) -> Script:
    found = Script(case)
    found.now = Senses().now_ms()
    found.to_check_in()
    return found


class Process:
    """A coordinator's process and where it is met."""

    def __init__(self, child: asyncio.subprocess.Process, node_port: int, plain_port: int) -> None:
        self.child = child
        self.listeners = Ports(node_port, plain_port)

    async def end(self, number: signal.Signals) -> int:
        with contextlib.suppress(ProcessLookupError):
            self.child.send_signal(number)
        async with asyncio.timeout(WAIT_S):
            return await self.child.wait()


class Ports:
    def __init__(self, node_port: int, plain_port: int) -> None:
        self.node_port = node_port
        self.plain_port = plain_port


def config(folder: Path, data: Path) -> Path:
    """The configuration file of a coordinator on this data."""
    told = json.loads(nodes.settings(folder, data, seed=None).model_dump_json())
    told["enrolment_code"] = nodes.ENROLMENT
    path = data / "config.json"
    path.write_text(json.dumps(told), encoding="utf-8")
    return path


@contextlib.asynccontextmanager
async def process(folder: Path, data: Path, *before: str) -> AsyncIterator[Process]:
    """A coordinator's process that is ready; killed in the end if it still runs."""
    child = await asyncio.create_subprocess_exec(
        *before, sys.executable, "-m", "server", "--config", str(config(folder, data)),
        cwd=ROOT, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield await ready(child)
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        assert child.stderr is not None
        await child.stderr.read()
        await child.wait()


async def ready(child: asyncio.subprocess.Process) -> Process:
    assert child.stderr is not None
    async with asyncio.timeout(WAIT_S):
        async for line in child.stderr:
            told = json.loads(line)
            if told["event"] == "ready":
                return Process(child, told["node_port"], told["http_port"])
    raise AssertionError("it ended before it was ready")


def at(running: Process) -> Any:
    """As much of a coordinator as `nodes.node` needs."""
    return running


async def read_back(data: Path, session: str) -> list[str]:
    """The command ids of a session's entries, in order, read from the file."""
    store = SqliteStore(data / "coordinator.db", Meters(), 512)
    raws = await store.entries(session, 0, 10_000)
    await store.close()
    return [entry.decode(raw).command.command_id for raw in raws]


class Insistent:
    """Submits every act until it has an answer, over however many coordinators that takes."""

    def __init__(self, acts: list[Submit]) -> None:
        self.left = list(acts)
        self.answers: list[Answer] = []
        self.in_flight = 0
        self._wanted = 0
        self._reached = asyncio.Event()

    async def work(self, one: Node, lanes: int) -> None:
        """Submit what is left, so many at once; ends by itself, or with the line."""
        await asyncio.gather(*(self._lane(one) for _ in range(lanes)))

    async def under_way(self, answers: int) -> int:
        """Wait for so many more answers while acts are in flight; how many acts those are."""
        self._wanted = len(self.answers) + answers
        self._reached.clear()
        async with asyncio.timeout(WAIT_S):
            await self._reached.wait()
        return self.in_flight

    async def _lane(self, one: Node) -> None:
        while self.left:
            act = self.left.pop()
            self.in_flight += 1
            try:
                self.answers.append(await one.submit(act))
            except BaseException:
                self.left.append(act)
                raise
            finally:
                self.in_flight -= 1
            if len(self.answers) >= self._wanted and self.in_flight >= 8:
                self._reached.set()


@pytest.mark.parametrize("kills", [6])
async def test_killed_again_and_again_it_loses_and_doubles_nothing(
    folder: Path, tmp_path: Path, script: Script, kills: int
) -> None:
    acts = [binding(script, "M1", f"key-{n}") for n in range(900)]
    insistent = Insistent(acts)
    in_flight = []
    for round_ in range(kills + 1):
        async with (
            process(folder, tmp_path) as running,
            nodes.node(folder, at(running), "nanjing") as nanjing,
        ):
            for one in script.submits:
                assert (await nanjing.submit(one)).status == "accepted"
            working = asyncio.create_task(insistent.work(nanjing, 16))
            if round_ < kills:
                in_flight.append(await insistent.under_way(60))
                assert await running.end(signal.SIGKILL) == -signal.SIGKILL
                working.cancel()
                await asyncio.gather(working, return_exceptions=True)
            else:
                await working
                assert await running.end(signal.SIGTERM) == 0
    assert min(in_flight) >= 8
    assert len(in_flight) == kills
    assert {answer.status for answer in insistent.answers} == {"accepted"}
    ids = await read_back(tmp_path, script.session)
    assert len(ids) == len(set(ids)) == script.at.size + len(acts)
    assert all(ids[answer.seq] == answer.command_id for answer in insistent.answers)


async def test_told_to_stop_it_ends_in_order(folder: Path, tmp_path: Path, script: Script) -> None:
    async with process(folder, tmp_path) as running:
        async with nodes.node(folder, at(running), "nanjing") as nanjing:
            for one in script.submits:
                assert (await nanjing.submit(one)).status == "accepted"
            ending = asyncio.create_task(running.end(signal.SIGTERM))
            async with asyncio.timeout(WAIT_S):
                await nanjing.gone.wait()
        assert await ending == 0
    assert len(await read_back(tmp_path, script.session)) == script.at.size


@pytest.mark.parametrize(
    ("text", "said"),
    [("{", "有误"), ('{"data_dir": "x"}', "有误"), (None, "无法读取")],
)
async def test_a_configuration_that_cannot_be_used_is_said_in_one_sentence(
    tmp_path: Path, text: str | None, said: str
) -> None:
    path = tmp_path / "config.json"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "server", "--config", str(path), cwd=ROOT, stderr=asyncio.subprocess.PIPE
    )
    _, told = await child.communicate()
    assert child.returncode == 1
    assert said in told.decode()
    assert "Traceback" not in told.decode()


CALL = re.compile(r"^\d+ +(?:<\.\.\. )?(read|write|fdatasync|fsync)(?:\((\d+))?.* = (-?\d+)")
STARTED = re.compile(r"^(\d+) +(read|write|fdatasync|fsync)\((\d+).*<unfinished")
RESUMED = re.compile(r"^(\d+) +<\.\.\. (read|write|fdatasync|fsync) resumed.* = (-?\d+)")


def calls(trace: str) -> list[tuple[str, int, int]]:
    """(call, file descriptor, result) in the order in which the calls returned."""
    found: list[tuple[str, int, int]] = []
    begun: dict[str, int] = {}
    for line in trace.splitlines():
        if started := STARTED.match(line):
            begun[started[1]] = int(started[3])
        elif resumed := RESUMED.match(line):
            found.append((resumed[2], begun.pop(resumed[1], -1), int(resumed[3])))
        elif whole := CALL.match(line):
            found.append((whole[1], int(whole[2]), int(whole[3])))
    return found


async def test_no_answer_leaves_before_the_disk_has_it(folder: Path, tmp_path: Path, script: Script) -> None:
    trace = tmp_path / "trace"
    # -D: the coordinator itself is our child, and strace ends with it.
    watched = (
        "strace",
        "-D",
        "-f",
        "-qq",
        "-e",
        "trace=read,write,fdatasync,fsync",
        "-e",
        "signal=none",
    )
    async with process(folder, tmp_path, *watched, "-o", str(trace)) as running:
        async with nodes.node(folder, at(running), "nanjing") as nanjing:
            await nanjing.hello()
            before = len(calls(await asyncio.to_thread(trace.read_text)))
            for one in script.submits:
                assert (await nanjing.submit(one)).status == "accepted"
            after = len(calls(await asyncio.to_thread(trace.read_text)))
        assert running.child.returncode is None
    made = calls(await asyncio.to_thread(trace.read_text))[before:after]
    socket = max(
        {fd for name, fd, _ in made if name == "write"}, key=lambda fd: sum(c[1] == fd for c in made)
    )
    answered, synced, asked = 0, False, False
    for name, fd, result in made:
        if name in ("fdatasync", "fsync"):
            assert result == 0
            synced = True
        elif fd == socket and name == "read" and result > 0:
            asked, synced = True, False
        elif fd == socket and name == "write" and asked:
            assert synced, "an answer left before its entry was synced"
            answered, asked = answered + 1, False
    assert answered >= len(script.submits)
