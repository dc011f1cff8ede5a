"""How far a clock is off, from a round trip: the shortest of the last few says it best."""

from hypothesis import given
from hypothesis import strategies as st

from protocol.link.clock import READINGS_KEPT, Clock


@given(
    offset=st.integers(-300_000, 300_000),
    trips=st.lists(st.tuples(st.integers(0, 5_000), st.integers(0, 5_000)), min_size=1, max_size=30),
)
def test_the_true_offset_lies_within_what_every_reading_says(
    offset: int, trips: list[tuple[int, int]]
) -> None:
    """Whatever the two ways take, and however unlike they are."""
    clock, now = Clock(), 1_000_000
    for there, back in trips:
        reading = clock.read(now, there + back, now + there + offset)
        assert abs(reading.offset_ms - offset) <= reading.within_ms
        now += 5_000
    best = clock.best
    assert best is not None
    assert best.round_trip_ms == min(there + back for there, back in trips[-READINGS_KEPT:])


def test_an_old_good_reading_is_forgotten_in_the_end() -> None:
    clock = Clock()
    assert (clock.best, clock.last) == (None, None)
    clock.read(0, 2, 0)
    for asked in range(READINGS_KEPT):
        clock.read(asked, 40, asked + 1_020)
    assert clock.best is not None
    assert clock.best.offset_ms == 1_000
    assert clock.last is not None
    assert clock.last.at == READINGS_KEPT - 1 + 40
