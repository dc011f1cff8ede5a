"""The simulated disk keeps what was synced, loses what was not, and loses a folder's files with its name."""

from collections.abc import Iterator
from random import Random

import pytest

from sub_venue.journal import disk
from tests.simulation import stand_ins, volume
from tests.simulation.loop import Life, SimLoop
from tests.simulation.volume import SimOs, SimPath, Volume


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Volume]:
    found = Volume("hefei")
    found.install("data")
    monkeypatch.setattr(volume, "volume", lambda _name: found)
    with stand_ins.in_place(0):
        yield found


def on_machine(work: object) -> None:
    assert callable(work)
    Life("hefei", SimLoop()).context.run(work)


def test_what_was_synced_outlives_a_power_cut_and_what_was_not_may_be_torn(machine: Volume) -> None:
    left = set()
    for seed in range(40):
        machine.names = {(): None, ("data",): None}
        machine._safe_names, machine._changes = dict(machine.names), {}

        def write() -> None:
            handle = SimOs.open(SimPath("/hefei/data/a"), SimOs.O_CREAT)
            SimOs.pwrite(handle, b"safe", 0)  # type: ignore[arg-type]
            SimOs.fdatasync(handle)
            SimOs.fsync(SimOs.open(SimPath("/hefei/data"), 0))
            SimOs.pwrite(handle, b"rest", 4)  # type: ignore[arg-type]

        on_machine(write)
        machine.cut_power(Random(seed))
        raw = SimPath("/hefei/data/a").read_bytes()
        assert raw.startswith(b"safe")
        left.add(raw[4:])
    assert {b"", b"rest"} < left


def test_a_file_is_lost_with_the_name_of_its_folder(machine: Volume) -> None:
    def write(folder: SimPath, make: object) -> None:
        assert callable(make)
        make(folder)
        disk.replace_file(folder / "kept", b"1")  # type: ignore[arg-type]

    for make, kept in ((SimPath.mkdir, {True, False}), (disk.make_folder, {True})):
        found = set()
        for seed in range(20):
            machine.names = {(): None, ("data",): None}
            machine._safe_names, machine._changes = dict(machine.names), {}
            on_machine(lambda make=make: write(SimPath("/hefei/data/drafts"), make))
            machine.cut_power(Random(seed))
            found.add(SimPath("/hefei/data/drafts/kept").exists())
        assert found == kept
