"""A draw run again from its record, by whoever has the file; and a dry one from a pool."""

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from ops import drawn
from ops.drawn_steps import STEPS
from ops.trouble import Trouble
from protocol import commands_draw as form
from protocol import entry, hidden, record
from protocol.events_draw import DrawPublished
from protocol.plan.case import read_case
from tests.protocol.session.drawing import CONCERNED, DrawWorld
from tests.protocol.world import salt

GOLDEN = Path(__file__).resolve().parents[1] / "protocol" / "golden"
CASE = Path(__file__).resolve().parents[2] / "ops" / "sample" / "case.json"


@pytest.fixture(scope="module")
def world() -> DrawWorld:
    case = read_case(CASE.read_bytes())
    made = DrawWorld(case)  # type: ignore[arg-type]
    made.to_published()
    made.must("agent", form.CallReplacement("M2", "no_show", (made.next_for("M2"),)))
    for seat in made.members():
        made.seat_in(seat)
    following = made.next_for("M3b", of="M3")
    made.must("agent", form.ReplaceMember("M3", "M3b", "ill", (following,), ()))
    return made


def written(folder: Path, world: DrawWorld, entries: list[bytes] | None = None) -> Path:
    path = folder / "session.jsonl"
    path.write_bytes(record.write(world.session, entries or world.entries, world.held))
    return path


def test_a_record_is_what_its_draw_gives(tmp_path: Path, world: DrawWorld) -> None:
    found = drawn.verify(written(tmp_path, world))
    assert found.differences == ()
    assert {seat: taken.index for seat, taken in world.at.drawn.taken.items()} == found.seats
    assert found.venues == tuple(world.at.venues)
    assert drawn.show(found, as_json=True) == 0


def test_another_person_in_a_record_is_found_and_named(tmp_path: Path, world: DrawWorld) -> None:
    entries = list(world.entries)
    for place, raw in enumerate(entries):
        one = entry.decode(raw)
        if isinstance(one.command.content, form.PublishDraw):
            event = one.events[0]
            assert isinstance(event, DrawPublished)
            first, second = event.members[:2]
            forged = replace(event, members=(replace(first, leaf=second.leaf), *event.members[1:]))
            entries[place] = entry.encode(replace(one, events=(forged, *one.events[1:])))
    found = drawn.verify(written(tmp_path, world, entries))
    assert [one.en for one in found.differences] == ["seat “M1” is not held by who was drawn"]
    assert drawn.show(found, as_json=False) == 1


def test_a_share_that_was_not_committed_to_is_found(tmp_path: Path, world: DrawWorld) -> None:
    entries = list(world.entries)
    for place, raw in enumerate(entries):
        one = entry.decode(raw)
        if isinstance(one.command.content, form.PublishDraw):
            event = one.events[0]
            assert isinstance(event, DrawPublished)
            shares = (replace(event.shares[0], random=bytes(32)), *event.shares[1:])
            forged = replace(event, shares=shares)
            entries[place] = entry.encode(replace(one, events=(forged, *one.events[1:])))
    found = drawn.verify(written(tmp_path, world, entries))
    told = [one.en for one in found.differences]
    assert "the share of “node-anhui” is not the one committed to" in told
    assert "the seed differs" in told


def test_each_step_is_told_and_the_failing_one_names_its_entry(
    tmp_path: Path, world: DrawWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    found = drawn.verify(written(tmp_path, world))
    assert set(found.steps) == set(STEPS)
    assert all(found.steps.values())
    entries = list(world.entries)
    for place, raw in enumerate(entries):
        one = entry.decode(raw)
        if isinstance(one.command.content, form.FreezePool):
            content = replace(one.command.content, subs=1)
            entries[place] = entry.encode(replace(one, command=replace(one.command, content=content)))
    found = drawn.verify(written(tmp_path, world, entries))
    assert {one.step for one in found.differences} == {"signed", "frozen"}
    assert {one.seq for one in found.differences} == {2}
    assert [step for step, held in found.steps.items() if not held] == ["signed", "frozen"]
    assert drawn.show(found, as_json=False) == 1
    assert "entry 2" in capsys.readouterr().out


def test_entries_alone_are_enough_and_a_committee_drawn_again_goes_on_in_the_same_orders(
    tmp_path: Path,
) -> None:
    path = GOLDEN / "record-3-tender.jsonl"
    found = drawn.verify(path)
    assert found.differences == ()
    read = record.read(path.read_bytes())
    alone = tmp_path / "entries.jsonl"
    alone.write_bytes(b"\n".join(read.entries) + b"\n")
    assert drawn.verify(alone) == found
    assert {"N1", "N2", "N3", "N4", "P4"} <= set(found.seats)


def test_a_filter_that_finds_otherwise_is_told(tmp_path: Path, world: DrawWorld) -> None:
    other = tuple(replace(one, name="江苏第3设计院") if one.role == "bidder" else one for one in CONCERNED)
    parties = hidden.disclose("parties", salt("parties"), other)
    told = replace(world.roll, parties=parties.digest)
    pool = hidden.disclose("pool", salt("pool"), told)
    entries = []
    for raw in world.entries:
        one = entry.decode(raw)
        if isinstance(one.command.content, form.FreezePool):
            event = replace(one.events[0], pool=pool.digest, sieved_by=parties.digest)
            one = replace(one, events=(event, *one.events[1:]))
        entries.append(entry.encode(one))
    path = tmp_path / "session.jsonl"
    path.write_bytes(record.write(world.session, entries, (*world.held, pool, parties)))
    assert "roll" in {one.step for one in drawn.verify(path).differences}


def test_a_file_that_is_no_record_or_has_no_draw_ends_with_two(tmp_path: Path, world: DrawWorld) -> None:
    path = tmp_path / "other"
    path.write_text("{}")
    with pytest.raises(Trouble) as caught:
        drawn.verify(path)
    assert caught.value.exit_code == 2
    with pytest.raises(Trouble, match="no published draw"):
        drawn.verify(written(tmp_path, world, world.entries[:3]))


def test_a_dry_draw_is_the_same_in_whatever_order_the_parties_come(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pool = tmp_path / "pool.csv"
    rows = [f"e{number},专家{number},安徽,A08,第{number}院" for number in range(9)]
    pool.write_text("\n".join(("编号,姓名,省份,专业,工作单位", *rows)))
    random = [f"anhui={'01' * 32}", f"jiangsu={'02' * 32}"]
    assert drawn.dry(pool, ["anhui/A08=3"], random, as_json=True) == 0
    assert drawn.dry(pool, ["anhui/A08=3"], random[::-1], as_json=True) == 0
    one, other = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert one == other
    assert len(set(one["drawn"]["anhui/A08"])) == 3
    with pytest.raises(Trouble):
        drawn.dry(pool, ["anhui/A08=10"], random, as_json=True)
