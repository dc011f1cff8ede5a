"""The opening rehearsed with real key services, killed and started again, and the seeded crashes."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ops.bench import opening as bench
from ops.ceremony import canary, crashes, rehearsal
from ops.ceremony.parties import VENUES, Parties
from ops.ceremony.processes import Processes
from ops.ceremony.table import Table
from ops.command import app
from ops.senses import now_ms
from protocol.refusals import Refusal
from sub_venue.custody.service import Answered, Asked


@pytest.fixture(scope="module")
def table() -> Table:
    made = Table(rehearsal.sample(), Parties("intl-1", custodians=2, threshold=1))
    made.now = now_ms() - rehearsal.BEGAN_MS_AGO
    made.book()
    return made


@pytest.fixture(scope="module")
def running(table: Table, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Processes]:
    with Processes(table, tmp_path_factory.mktemp("custody") / "all") as processes:
        yield processes


def test_real_services_open_bids_and_one_that_is_killed_gives_the_same_release_again(
    table: Table, running: Processes, tmp_path: Path
) -> None:
    """A bidder stays away, a service dies after it has released, and everything else goes on."""
    bids = rehearsal.sealed(table.parties, 4)
    assert all(running.health(name).ok for name in table.parties.holders)
    given: dict[str, Answered] = {}

    class Killing:
        """The services; the first is killed after its answer, and asked again."""

        def roll_call(self, custodian: str, asked: Asked) -> Answered | Refusal:
            return running.roll_call(custodian, asked)

        def release(self, custodian: str, asked: Asked) -> Answered | Refusal:
            first = running.release(custodian, asked)
            assert isinstance(first, Answered), first
            if not given:
                running.kill(custodian)
                running.again(table, custodian)
                second = running.release(custodian, asked)
                assert isinstance(second, Answered)
                assert second.disclosures == first.disclosures
            given[custodian] = first
            return first

    held = rehearsal.hold(table, bids, Killing(), tmp_path, late=("bid-004",), window_ms=300_000)
    assert (held.phase, held.equal, held.failed) == ("OPENED", True, ("bid-004",))
    assert held.opened == ("bid-001", "bid-002", "bid-003")
    assert set(held.released) == set(table.parties.holders)
    for venue in VENUES:
        found = tmp_path / venue / "opened" / "bid-001" / "files" / "投标函.txt"
        assert "演练投标 1" in found.read_text(encoding="utf-8")
    asked = rehearsal.asked(table, bids)
    late = running.release("centre-1", asked)
    assert isinstance(late, Refusal)
    assert late.detail["part"] == "phase"


def test_a_service_does_not_run_twice_from_one_folder_nor_beyond_this_machine_unproved(
    table: Table, running: Processes, tmp_path: Path
) -> None:
    folder = Path(running.folder)
    options = [
        "custodian", "serve", "--key", str(folder / "centre-1.pem"), "--name", "centre-1", "--project", "p",
        "--sign", str(folder / "centre-1-sign.pem"), "--policy", str(folder / "policy"), "--suite", "intl-1",
    ]  # fmt: skip
    twice = CliRunner().invoke(app, [*options, "--data", str(folder / "centre-1")])
    assert "folder serves one process" in str(twice.exception)
    beyond = CliRunner().invoke(app, [*options, "--data", str(tmp_path / "d"), "--host", "0.0.0.0"])
    assert "certificate is needed" in str(beyond.exception)


def test_processes_that_die_at_seeded_steps_lose_nothing_and_choose_once(tmp_path: Path) -> None:
    found = crashes.runs(rehearsal.sample(), 1, tmp_path)
    assert [run.wrong for run in found] == [()]
    assert {run.phase for run in found} == {"OPENED"}
    assert all(run.deaths["custodian release"] for run in found)


def test_a_service_that_forgets_its_release_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: without the record on the disk the same runs show two different releases."""
    monkeypatch.setattr("sub_venue.custody.releases.Releases.of", lambda *_: None)
    monkeypatch.setattr("sub_venue.custody.releases.Releases.keep", lambda _, one: one)
    monkeypatch.setattr(
        "ops.ceremony.rehearsal.Clock.secret",
        lambda clock, size: (now_ms() + id(clock)).to_bytes(size, "big"),
    )
    (run,) = crashes.runs(rehearsal.sample(), 1, tmp_path)
    assert any("released twice differently" in one for one in run.wrong)


async def test_the_bench_of_openings_opens_every_bid(tmp_path: Path) -> None:
    report = await bench.run(tmp_path, quick=True)
    assert report.goals == {"opening_s": 2.0}
    assert report.figures["bids"] == 3


HOLDER = """
import sys
held = bytes.fromhex(sys.argv[1])[::-1]
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("dumper", [canary.DUMPER, "no-such-dumper"])
def test_a_secret_is_found_in_the_core_of_the_process_that_holds_it_and_of_no_other(
    dumper: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a core where a debugger dumps one, else in its memory; the secret comes in backwards."""
    monkeypatch.setattr(canary, "DUMPER", dumper)
    secret, other = bytes(range(64, 96)), bytes(range(128, 160))
    wanted = {"secret": (secret,), "another": (other,)}
    for given, found in ((secret, ["secret"]), (bytes(32), [])):
        with subprocess.Popen(
            [sys.executable, "-c", HOLDER, given[::-1].hex()], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as holder:
            assert holder.stdout is not None
            assert holder.stdout.readline() == b"ready\n"
            assert list(canary.in_core(holder.pid, wanted)) == found
