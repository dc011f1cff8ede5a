"""Two pictures of one source: which of them a line carries, as its page asks and as the line bears."""

import itertools

from server.media.bearing import FULL, NONE, THUMB, Bearing
from server.media.stream import Skew
from tests.server.media.ends import engine, is_seamless, packet, published, until, watched


async def test_a_viewer_is_shown_the_small_picture_on_the_same_line_without_a_seam() -> None:
    async with engine() as to, published(to, "s", "audio", "video"), watched(to, "s", "wang") as viewer:
        await until(lambda: len(viewer.packets["video"]) > 20)
        source = to._sources["s"]
        full, small = source.streams["video"], source.stream("thumb", to._senses)
        assert full.track is not None
        small.begin(full.track, lambda _: None, Skew())
        small.taken(packet(59_999, 2))
        assert to.want(viewer.resource, thumb=True)
        small.taken(packet(60_000, 5))
        assert (len(full.legs), len(small.legs)) == (0, 1)
        for number in range(1, 20):
            small.taken(packet(60_000 + number, 5 + 3_000 * number))
        small.taken(packet(59_990, 4))
        last = (viewer.numbers()[0] + small.legs[0].packets - 1) & 0xFFFF
        await until(lambda: last in viewer.numbers() and is_seamless(viewer.numbers()))
        came = {(one.sequence_number - viewer.numbers()[0]) & 0xFFFF: one for one in viewer.packets["video"]}
        times = [came[one].timestamp for one in sorted(came)]
        assert all(
            0 <= (after - before) & 0xFFFFFFFF < 1 << 31 for before, after in itertools.pairwise(times)
        )
        assert not to.want("0" * 32, thumb=True)


async def test_a_line_that_is_bad_loses_its_picture_and_never_its_sound() -> None:
    async with (
        engine() as to,
        published(to, "s", "audio", "video"),
        watched(to, "s", "wang", "audio", "video") as viewer,
    ):
        await until(lambda: bool(viewer.packets["video"] and viewer.packets["audio"]))
        (line,) = [one for one in to._lines.values() if one.viewer == "wang"]
        # Ahead of the clock, so that what the engine looks at meanwhile changes nothing.
        begun_ms = to._senses.running_ms()
        for at in range(9):
            line.bearing.said(0.7, begun_ms + at * 1_000)
            line.adapt(begun_ms + at * 1_000)
        assert to.bears(viewer.resource) == "none"
        assert [len(to._sources["s"].streams[one].legs) for one in ("audio", "video")] == [1, 0]
        heard = len(viewer.packets["audio"])
        await until(lambda: len(viewer.packets["audio"]) > heard + 5)
        for at in range(9, 60):
            line.bearing.said(0.0, begun_ms + at * 1_000)
            line.adapt(begun_ms + at * 1_000)
        assert to.bears(viewer.resource) == "full"
        await until(lambda: len(to._sources["s"].streams["video"].legs) == 1)
        seen = len(viewer.packets["video"])
        await until(lambda: len(viewer.packets["video"]) > seen + 5 and is_seamless(viewer.numbers()))


def test_a_step_that_does_not_last_is_tried_later_each_time() -> None:
    line, raised = Bearing(2_000_000), list[int]()
    before = FULL
    for second in range(400):
        # What a line too narrow for the full picture loses: a lot with it, nothing without.
        line.said(0.6 if line.step == FULL else 0.0, second * 1_000)
        step = line.look(second * 1_000)
        if step == FULL and before < FULL:
            raised.append(second)
        before = step
    waits = [after - one for one, after in itertools.pairwise(raised)]
    assert waits == sorted(waits)
    assert waits[0] < 30
    assert waits[-1] >= 60
    assert len(raised) < 12


def test_what_is_lost_at_random_and_mended_costs_no_picture() -> None:
    line = Bearing(2_000_000)
    for second in range(120):
        line.said(0.1 + (0.04 if second % 2 else -0.04), second * 1_000)
        assert line.look(second * 1_000) == FULL


def test_a_line_slows_its_source_to_the_floor_and_holds_it_there_for_half_a_minute() -> None:
    line = Bearing(2_000_000)
    for second in range(10):
        line.said(0.5, second * 1_000)
        line.look(second * 1_000)
    assert line.step in (NONE, THUMB)
    assert line.bits_per_s(10_000) == 600_000
    assert line.bits_per_s(60_000) == 2_000_000
    line.told(100)
    assert Bearing(2_000_000).bits_per_s(0) == 2_000_000
