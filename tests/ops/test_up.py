"""`tongchang up`: the session ready, found again, taken over by people; and nothing left when it ends."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops import ports, senses, stack
from ops.installation import PORTS_SPAN
from ops.senses import Dice
from tests.house import ground
from tests.ops import stage
from tests.ops.stage import TABLE, call, totals

CODE = re.compile(r"^ +(\S+) +([2-9A-HJ-NP-Z]{5}-[2-9A-HJ-NP-Z]{5}) ", re.MULTILINE)
GONE_MS = 15_000


class Up:
    """One `tongchang up`, started and ready; what it said so far is in `said`."""

    def __init__(self, data: Path, *arguments: str) -> None:
        self.data = data
        self.process = subprocess.Popen(
            [sys.executable, "-m", "ops.command", "up", "--rules", "2", "--data", str(data), *arguments],
            cwd=ground.ROOT, env=stage.environment(), text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self.said = ""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said += line
            if "Press Ctrl-C" in line:
                return
        raise AssertionError(self.said)

    @property
    def codes(self) -> dict[str, str]:
        """Seat → code, as shown."""
        return dict(CODE.findall(self.said))

    def end(self, number: signal.Signals) -> int:
        """Send a signal and wait; the exit code."""
        self.process.send_signal(number)
        assert self.process.stdout is not None
        self.said += self.process.stdout.read()
        self.process.stdout.close()
        return self.process.wait(30)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("up") / "data"
    yield folder
    assert not stack.running(folder)


@pytest.fixture(scope="module")
def base() -> int:
    return ports.free_base(PORTS_SPAN + 4, Dice())


def _await_gone(pids: list[int]) -> None:
    until = senses.running_ms() + GONE_MS
    while any(ports.command_line(pid) for pid in pids):
        assert senses.running_ms() < until, "processes are left"


@pytest.mark.timeout(400)
def test_people_find_address_and_code_and_a_second_start_finds_the_session_again(
    data: Path, base: int
) -> None:
    first = Up(data, "--ports-from", str(base))
    assert {"agent", "tenderee", "M1", "M2", "M3", "M4", "M5", "witness-hefei"} <= set(first.codes)
    assert f"http://tongchang.localhost:{base + 5}/" in first.said
    assert f"http://nanjing.localhost:{base + 12}/expert/" in first.said
    assert "会话 session: sample" in first.said
    twice = call("up", "--rules", "2", "--data", str(data), cwd=ground.ROOT)
    assert twice.code == 1
    assert f"已在运行(PID {first.process.pid})" in twice.err
    assert first.end(signal.SIGINT) == 0
    assert "已停止" in first.said

    second = Up(data)
    assert "会话 session: sample\n" in second.said
    assert set(second.codes) == set(first.codes)
    assert not set(second.codes.values()) & set(first.codes.values())
    ended = call("act", "--json", "--data", str(data), cwd=data)
    assert ended.code == 0, ended.err
    assert ended.told["session"] == "sample"
    assert totals(ended.told) == TABLE
    assert second.end(signal.SIGTERM) == 0

    third = Up(data)
    assert "会话 session: sample-2" in third.said
    assert third.end(signal.SIGINT) == 0


def test_when_the_command_itself_is_killed_its_processes_end_and_a_new_start_works(
    data: Path, base: int
) -> None:
    killed = Up(data, "--no-session")
    pids = list(stack.running(data).values())
    assert len(pids) == 5
    assert killed.end(signal.SIGKILL) == -signal.SIGKILL
    again = Up(data, "--no-session")
    _await_gone(pids)
    assert "installation" in again.said
    assert again.end(signal.SIGTERM) == 0


def test_a_process_that_dies_is_started_again(data: Path) -> None:
    running = Up(data, "--no-session")
    before = stack.running(data)
    os.kill(before["shanghai"], signal.SIGKILL)
    until = senses.running_ms() + GONE_MS
    while stack.running(data).get("shanghai", before["shanghai"]) == before["shanghai"]:
        assert senses.running_ms() < until
    after = stack.running(data)
    assert {name for name in before if before[name] != after[name]} == {"shanghai"}
    assert running.end(signal.SIGTERM) == 0
    assert "副场 上海" in running.said
    assert "SIGKILL" in running.said


def test_an_evaluation_that_is_broken_off_ends_with_130_and_leaves_nothing(tmp_path: Path) -> None:
    data = str(tmp_path / "own")
    process = subprocess.Popen(
        [sys.executable, "-m", "ops.command", "act", "--up", "--rules", "2", "--data", data, "--pace", "500"],
        cwd=ground.ROOT, env=stage.environment(), text=True, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    for line in process.stderr:
        if "ImportCommittee" in line:
            break
    process.send_signal(signal.SIGINT)
    rest = process.stderr.read()
    process.stderr.close()
    assert process.wait(30) == 130
    assert "已中止" in rest
    assert "Traceback" not in rest
    assert not stack.running(tmp_path / "own")
