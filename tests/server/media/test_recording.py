"""Recording: packets of a real film in, Matroska that plays out, and whatever is missing told."""

import hashlib
import random
import signal
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import av
import pytest

from protocol.commands_live import RecordSegment
from server.media.recording import recorder as room
from server.media.recording import shelf
from server.media.recording.recorder import Bounds, Recorder
from server.media.sinks import Packet, Track
from tests.server.media import film

SOURCE = "hefei.room"
SHORT = Bounds(segment_ms=2_000, segment_ms_max=6_000)


def play(recorder: Recorder, *lanes: tuple[Track, Iterable[Packet]]) -> None:
    """Hand a recorder the packets of several tracks in the order of their arrival."""
    for track, _ in lanes:
        recorder.began(track)
    arrivals = [
        (packet.arrival_ms, at, track, packet)
        for at, (track, packets) in enumerate(lanes)
        for packet in packets
    ]
    for _, _, track, packet in sorted(arrivals, key=lambda one: one[:2]):
        recorder.packet(track, packet)


def kept(root: Path, source: str = SOURCE) -> list[RecordSegment]:
    return [one.content for one in shelf.read(root / source)]


def decoded(root: Path, kind: str, source: str = SOURCE) -> int:
    """How many frames a player gets out of all files together."""
    count = 0
    for one in shelf.read(root / source):
        with av.open(str(root / source / one.file)) as found:
            stream = next((s for s in found.streams if s.type == kind), None)
            count += sum(1 for _ in found.decode(stream)) if stream is not None else 0
    return count


@pytest.mark.parametrize("codec", ["VP8", "H264"])
def test_a_film_is_kept_whole_in_segments_that_begin_with_key_frames(tmp_path: Path, codec: str) -> None:
    frames = film.pictures(codec, 90)
    packets = film.vp8(frames) if codec == "VP8" else film.h264(frames)
    told: list[Any] = []
    recorder = Recorder(tmp_path, SOURCE, bounds=SHORT, kept=told.append)
    play(recorder, (film.track("video", codec), packets), (film.track("audio", "opus"), film.opus(300)))
    recorder.close()
    segments = kept(tmp_path)
    assert [one.number for one in segments] == [1, 2, 3]
    assert [one.content for one in told] == segments
    assert decoded(tmp_path, "video") == 90
    assert decoded(tmp_path, "audio") >= 295
    assert sum(one.duration_ms for one in segments) == pytest.approx(6_000, abs=250)
    assert all(one.codecs == ("opus", codec) and one.gaps == () and one.cause == "" for one in segments)
    for one, name in zip(segments, sorted((tmp_path / SOURCE).glob("*.mkv")), strict=True):
        assert hashlib.sha256(name.read_bytes()).digest() == one.digest
        assert name.stat().st_size == one.octets


def test_what_comes_late_twice_or_in_another_order_is_put_right(tmp_path: Path) -> None:
    packets = film.vp8(film.pictures("VP8", 60))
    dice = random.Random(7)
    mixed = [p._replace(arrival_ms=p.arrival_ms + dice.randrange(180)) for p in packets]
    mixed += [p for p in packets if dice.random() < 0.05]
    recorder = Recorder(tmp_path, SOURCE, bounds=SHORT)
    play(recorder, (film.track("video", "VP8"), mixed))
    recorder.close()
    assert decoded(tmp_path, "video") == 60
    assert all(one.gaps == () for one in kept(tmp_path))


def test_what_is_lost_is_told_with_its_time_and_a_key_frame_is_asked_for(tmp_path: Path) -> None:
    packets = film.vp8(film.pictures("VP8", 60))
    lost = packets[200:230] if len(packets) > 300 else packets[len(packets) // 2 : len(packets) // 2 + 5]
    asked: list[str] = []
    recorder = Recorder(tmp_path, SOURCE, ask_keyframe=asked.append)
    play(recorder, (film.track("video", "VP8"), [p for p in packets if p not in lost]))
    recorder.close()
    (segment,) = kept(tmp_path)
    assert sum(gap.count for gap in segment.gaps) == len(lost)
    assert {gap.cause for gap in segment.gaps} == {"lost"}
    assert asked == [SOURCE]
    hit = {packet.timestamp for packet in lost}
    assert segment.frames == 60 - len(hit)


def test_silence_an_absent_publisher_and_a_larger_picture_are_told(tmp_path: Path) -> None:
    frames = film.pictures("VP8", 30)
    first = film.vp8(frames)
    later = film.vp8(frames, first=len(first), at_ms=film.START_MS + 12_000, ticks=1_000 + 12 * 90_000)
    again = film.vp8(film.pictures("VP8", 30, width=640, height=480), at_ms=film.START_MS + 60_000)
    recorder = Recorder(tmp_path, SOURCE)
    track = film.track("video", "VP8")
    play(recorder, (track, [*first, *later]))
    recorder.ended(track)
    play(recorder, (film.track("video", "VP8", publication=2), again))
    recorder.close()
    one, two = kept(tmp_path)
    assert [(gap.cause, gap.duration_ms > 9_000) for gap in one.gaps] == [("silent", True)]
    assert (two.cause, two.missing_ms > 40_000) == ("away", True)
    with av.open(str(next((tmp_path / SOURCE).glob("000002-*")))) as found:
        assert (found.streams.video[0].width, found.streams.video[0].height) == (640, 480)


def test_a_process_that_was_killed_leaves_what_it_wrote(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.server.media.dying", str(tmp_path), SOURCE], check=False
    )
    assert done.returncode == -signal.SIGKILL
    path = tmp_path / SOURCE / shelf.LIST
    line = path.read_bytes()
    path.write_bytes(line + line[:40])
    found = shelf.Shelf(tmp_path, SOURCE)
    assert [one.content.number for one in found.kept] == [1, 2]
    assert found.kept[1].content.frames >= 10
    assert not list((tmp_path / SOURCE).glob("*.part"))
    assert kept(tmp_path) == [one.content for one in found.kept]
    assert decoded(tmp_path, "video") == sum(one.frames for one in kept(tmp_path))
    recorder = Recorder(tmp_path, SOURCE, bounds=SHORT)
    play(
        recorder,
        (film.track("video", "VP8"), film.vp8(film.pictures("VP8", 30), at_ms=film.START_MS + 20_000)),
    )
    recorder.close()
    assert [(one.number, one.cause) for one in kept(tmp_path)] == [(1, ""), (2, ""), (3, "stopped")]


def test_a_disk_without_room_stops_the_recording_only_and_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = [10**12, 10**12, 0, 0, 0, 10**12]
    monkeypatch.setattr(room, "_free_bytes", lambda _: free.pop(0) if len(free) > 1 else free[0])
    recorder = Recorder(tmp_path, SOURCE, bounds=Bounds(segment_ms=2_000, retry_ms=3_000))
    play(recorder, (film.track("video", "VP8"), film.vp8(film.pictures("VP8", 300))))
    recorder.close()
    causes = [one.cause for one in kept(tmp_path)]
    assert causes[:2] == ["", ""]
    assert "disk" in causes
