"""Frames in a file: what a crash may leave behind, and what it may not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sub_venue.journal import frames
from sub_venue.journal.frames import DamagedFile

PAYLOADS = [b'{"act":1}', b'{"act":"two"}', b"{}", b'{"act":[3,3,3]}']


def written(payloads: list[bytes], *, synced: bool = True) -> bytes:
    """A file of payloads, each known durable before the next was written, or none of them."""
    raw = frames.MAGIC
    for payload in payloads:
        raw += frames.encode(payload, len(raw) if synced else len(frames.MAGIC))
    return raw


def payloads(raw: bytes) -> list[bytes]:
    return [frame.payload for frame in frames.scan(raw).frames]


def test_what_was_written_is_read_back() -> None:
    assert payloads(written(PAYLOADS)) == PAYLOADS


def test_a_file_cut_at_any_byte_keeps_every_whole_frame() -> None:
    raw = written(PAYLOADS)
    ends = [frame.end for frame in frames.scan(raw).frames]
    for cut in range(len(raw) + 1):
        found = frames.scan(raw[:cut])
        whole = sum(end <= cut for end in ends)
        assert [frame.payload for frame in found.frames] == PAYLOADS[:whole]
        assert found.end == (0 if cut < len(frames.MAGIC) else ([len(frames.MAGIC), *ends])[whole])


def test_a_file_that_was_grown_before_its_first_bytes_came_holds_nothing_yet() -> None:
    """Seed 291: zeros behind a beginning of the magic, after a power cut, and the node did not start."""
    for kept in range(len(frames.MAGIC) + 1):
        grown = frames.MAGIC[:kept] + bytes(len(frames.MAGIC) - kept)
        assert frames.scan(grown).frames == ()
    for other in (bytes(len(frames.MAGIC) + 1), frames.MAGIC[:-1] + b"2", b"\0" + frames.MAGIC[1:]):
        with pytest.raises(frames.DamagedFile):
            frames.scan(other)


def test_a_tail_of_rubbish_is_dropped() -> None:
    raw = written(PAYLOADS)
    for rubbish in (b"\0" * 4096, b"\xff" * 100, raw[len(frames.MAGIC) : -1]):
        found = frames.scan(raw + rubbish[:-1] + b"x")
        assert [frame.payload for frame in found.frames][: len(PAYLOADS)] == PAYLOADS


def test_a_group_that_was_never_synced_may_be_torn_in_its_middle() -> None:
    """The disk may write the second page of a group and not the first."""
    raw = written(PAYLOADS[:1])
    durable = len(raw)
    for payload in PAYLOADS[1:]:
        raw += frames.encode(payload, durable)
    torn = bytearray(raw)
    torn[durable + 20] ^= 0xFF
    found = frames.scan(bytes(torn))
    assert [frame.payload for frame in found.frames] == PAYLOADS[:1]
    assert found.end == durable


def test_a_changed_byte_in_what_was_durable_is_damage_and_no_torn_tail() -> None:
    raw = written(PAYLOADS)
    last = frames.scan(raw).frames[-1].offset
    for at in range(len(frames.MAGIC), last):
        damaged = bytearray(raw)
        damaged[at] ^= 0x01
        with pytest.raises(DamagedFile):
            frames.scan(bytes(damaged))


def test_a_file_that_is_not_ours_is_not_read() -> None:
    with pytest.raises(DamagedFile):
        frames.scan(b"SQLite format 3\0")


@given(st.lists(st.binary(min_size=1, max_size=200), max_size=8), st.binary(max_size=300))
def test_whatever_follows_the_frames_never_changes_them(some: list[bytes], tail: bytes) -> None:
    raw = written(some)
    assert payloads(raw) == some
    found = payloads(raw + tail)
    assert found[: len(some)] == some


@given(st.binary(max_size=400))
def test_reading_anything_at_all_gives_frames_or_damage(raw: bytes) -> None:
    try:
        found = frames.scan(frames.MAGIC + raw)
    except DamagedFile:
        return
    assert found.end <= len(raw) + len(frames.MAGIC)
