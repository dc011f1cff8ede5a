"""Recordings in the record: numbers without a gap, time told as it is, each venue its own sources."""

from typing import Any

import pytest
from msgspec.structs import replace

from protocol.commands_live import Gap, RecordSegment
from protocol.entry import Entry
from protocol.events_live import SegmentRecorded
from protocol.plan.case import Case
from protocol.session.outcome import outcome
from tests.protocol.world import START_MS, World


@pytest.fixture
def world(case: Case) -> World:
    world = World(case, rules="4")
    world.book()
    world.import_committee()
    return world


@pytest.fixture
def first(world: World) -> RecordSegment:
    """A first segment of a minute of the first venue's room."""
    venue = next(iter(world.at.venues))
    return RecordSegment(
        source=f"{venue}.room", number=1, began_at=START_MS, duration_ms=60_000, octets=9, digest=bytes(32),
        codecs=("opus", "VP8"), frames=900, missing_ms=0, cause="", gaps=(),
    )  # fmt: skip


def tell(world: World, content: RecordSegment, venue: str = "") -> str:
    """What becomes of a segment: its event's name, or the refusal's code."""
    author = f"node {venue or content.source.split('.')[0]}"
    result = world.do(author, content)
    if not isinstance(result, Entry):
        return result.code
    (event,) = result.events
    assert isinstance(event, SegmentRecorded)
    return "SegmentRecorded"


def test_segments_follow_each_other_and_what_is_missing_is_counted(
    world: World, first: RecordSegment
) -> None:
    before = outcome(world.at, world.disclosed)
    second = replace(
        first, number=2, began_at=START_MS + 90_000, missing_ms=30_000, cause="stopped",
        gaps=(Gap(1_000, 500, "lost", 3), Gap(1_500, 0, "busy", 9)),
    )  # fmt: skip
    assert [tell(world, one) for one in (first, second)] == ["SegmentRecorded"] * 2
    found = world.at.live.recorded[first.source]
    assert (found.segments, found.ended_at, found.recorded_ms, found.missing_ms) == (
        2, START_MS + 150_000, 120_000, 30_500,
    )  # fmt: skip
    assert outcome(world.at, world.disclosed) == before


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"number": 3}, "SegmentOutOfOrder"),
        ({"number": 1}, "SegmentOutOfOrder"),
        ({"began_at": START_MS + 59_999, "missing_ms": 0}, "SegmentOverlaps"),
        ({"began_at": START_MS + 62_001, "missing_ms": 2_001, "cause": ""}, "GapUntold"),
        ({"began_at": START_MS + 62_000, "missing_ms": 2_000, "cause": "away"}, "GapUntold"),
        ({"began_at": START_MS + 70_000, "missing_ms": 5_000, "cause": "away"}, "GapUntold"),
        ({"gaps": (Gap(59_000, 1_001, "lost", 1),)}, "GapUntold"),
        ({"gaps": (Gap(500, 100, "lost", 1), Gap(599, 1, "lost", 1))}, "GapUntold"),
        ({"gaps": (Gap(0, 60_000, "silent", 0),)}, "SegmentRecorded"),
        ({"began_at": START_MS + 62_000, "missing_ms": 2_000}, "SegmentRecorded"),
    ],
)
def test_a_segment_that_does_not_tell_its_time_is_refused(
    world: World, first: RecordSegment, change: dict[str, Any], code: str
) -> None:
    assert tell(world, first) == "SegmentRecorded"
    second = replace(first, number=2, began_at=START_MS + 60_000)
    assert tell(world, replace(second, **change)) == code


def test_a_venue_tells_of_its_own_sources_only(world: World, first: RecordSegment) -> None:
    own, other = list(world.at.venues)[:2]
    assert tell(world, first, other) == "SourceElsewhere"
    assert tell(world, replace(first, source=f"{own}.")) == "SourceElsewhere"
    assert tell(world, replace(first, source=own)) == "SourceElsewhere"
    assert tell(world, replace(first, source=f"{other}.room"), other) == "SegmentRecorded"
