"""Every scripted evaluation in memory: what comes out is what the script wants, whoever acts first."""

from pathlib import Path

import pytest

from ops.scripts import catalogue, judged
from ops.scripts.scripted import Scripted
from protocol import record
from tests.ops.scripts.hall import Hall


@pytest.mark.parametrize("script", catalogue.SCRIPTS, ids=lambda one: one.name)
def test_a_script_comes_out_as_it_must_and_replays_from_its_record(script: Scripted, tmp_path: Path) -> None:
    hall = Hall(script, tmp_path / "cases")
    hall.play()
    read = record.read(record.write(hall.session, hall.entries, hall.held))
    state = record.replay(read)
    assert state == hall.at
    assert judged.differences(script, state, read.disclosed) == ()
