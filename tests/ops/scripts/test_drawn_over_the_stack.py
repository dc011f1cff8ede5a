"""A committee drawn over real processes: nodes and an office give shares, and anybody can draw again."""

import json
from pathlib import Path

from ops import act, drawn, stack
from ops.act import Options
from ops.people.listener import Listener
from ops.scripts import drawn_committee
from protocol import record
from protocol.session.outcome import outcome


async def test_a_committee_is_drawn_over_the_real_stack_and_its_record_verifies(tmp_path: Path) -> None:
    script = drawn_committee.SCRIPT
    data = tmp_path / "data"
    played = await act.act(Options(own_stack=True, data=data, script=script), Listener())
    assert not stack.running(data)
    found = drawn.verify(played.record)
    assert found.differences == ()
    assert all(found.steps.values())
    assert drawn.show(found, as_json=False) == drawn.SAME
    read = record.read(played.record.read_bytes())
    state = record.replay(read)
    frozen = state.drawn.frozen
    assert frozen is not None
    assert len(found.venues) == 3 < len(frozen.venues)
    assert tuple(state.venues) == found.venues
    assert sorted(one.party for one in frozen.parties) == sorted(state.drawn.revealed)
    assert all(one.eligible and one.left for one in frozen.strata)
    takes = [one.seat for one in state.drawn.takes]
    assert (takes.count("M2"), takes.count("M4"), len(takes)) == (2, 2, 6)
    told = json.loads(outcome(state, read.disclosed))
    assert {one["seat"]: one["index"] for one in told["taken"]} == found.seats
