"""A source's recorder: takes what the engine hands it, keeps it in segments on a thread of its own.

Owns the queue between the two and everything after it. The engine never waits: what does not fit into the
queue is counted and told as a gap. A disk that fails or is nearly full stops the recording and is tried
again; what is missing meanwhile is told with the next segment. Neither stops the evaluation (DESIGN 1.8).
"""

import os
import queue
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec import Struct

from protocol.commands_live import Missing
from server.media.recording.frames import Frame, Frames
from server.media.recording.ordering import Lost, Ordering
from server.media.recording.segments import Segment
from server.media.recording.shelf import Kept, Shelf
from server.media.recording.timeline import Timeline
from server.media.sinks import Packet, Track


class Bounds(Struct, frozen=True):
    """Every bound of a recorder, its unit last."""

    segment_ms: int = 60_000
    """After this long a segment ends at the next key frame."""
    segment_ms_max: int = 300_000
    """After this long it ends without one."""
    queued_packets_max: int = 8_192
    """Packets between the engine and the disk; some ten seconds of 720p."""
    silent_ms: int = 2_000
    """Nothing for longer than this is a gap."""
    picture_wait_ms: int = 3_000
    """How long sound waits for the first picture of its source."""
    reserve_bytes: int = 2_147_483_648
    """Space that recordings leave to the journal and the database."""
    warn_bytes: int = 48_318_382_080
    """Below this much free space (45 GiB, a session's planning size) a warning is due before the start."""
    retry_ms: int = 10_000
    """How long a disk that failed is left alone."""


class Recorder:
    """Keeps one source (a `Sink`). `close` it when the session is over or the process ends."""

    def __init__(
        self,
        root: Path,
        source: str,
        *,
        ask_keyframe: Callable[[str], None] = lambda _: None,
        kept: Callable[[Kept], None] = lambda _: None,
        bounds: Bounds | None = None,
    ) -> None:
        """Begin to keep a source under `root`.

        Args:
          root: the folder of all recordings of this place.
          source: `VENUE.NAME`, also the folder's name.
          ask_keyframe: called, from the recorder's thread, when a segment should end or a picture is broken.
          kept: called, from the recorder's thread, with each segment once it is durable.
          bounds: other bounds than the usual ones.

        Raises:
          OSError: the folder cannot be used.
        """
        bounds = bounds or Bounds()
        self._writer = _Writer(Shelf(root, source), bounds, ask_keyframe, kept)
        self._queue: queue.Queue[Callable[[], None] | None] = queue.Queue(bounds.queued_packets_max)
        self._refused = 0
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"record {source}", daemon=True)
        self._thread.start()

    def began(self, track: Track) -> None:
        """See `Sink`."""
        self._queue.put(lambda: self._writer.began(track))

    def packet(self, track: Track, packet: Packet) -> None:
        """See `Sink`; counted instead, where the queue is full."""
        try:
            self._queue.put_nowait(lambda: self._writer.packet(track, packet))
        except queue.Full:
            self._refused += 1

    def clock(self, track: Track, ntp_ms: int, timestamp: int) -> None:
        """See `Sink`."""
        try:
            self._queue.put_nowait(lambda: self._writer.clock(track, ntp_ms, timestamp))
        except queue.Full:
            self._refused += 1

    def ended(self, track: Track) -> None:
        """See `Sink`."""
        self._queue.put(lambda: self._writer.ended(track))

    def wait_for_all(self) -> None:
        """Wait until everything that was handed over so far is written."""
        done = threading.Event()
        self._queue.put(done.set)
        done.wait()

    def close(self) -> None:
        """Write what is queued, finish the segment, and end the thread."""
        if not self._closing.is_set():
            self._closing.set()
            self._queue.put(None)
            self._thread.join()

    def _run(self) -> None:
        while (work := self._queue.get()) is not None:
            if self._refused:
                refused, self._refused = self._refused, 0
                self._writer.could_not_follow(refused)
            work()
        self._writer.close()


class _Lane:
    """One track of the present publication."""

    def __init__(self, track: Track) -> None:
        self.track = track
        self.ordering = Ordering()
        self.frames = Frames(track.codec)
        self.timeline = Timeline(track.clock_rate)
        self.size = (0, 0)


class _Writer:
    """Everything on the recorder's thread: from packets to a finished segment."""

    def __init__(
        self, shelf: Shelf, bounds: Bounds, ask_keyframe: Callable[[str], None], kept: Callable[[Kept], None]
    ) -> None:
        self._shelf = shelf
        self._bounds = bounds
        self._ask_keyframe = ask_keyframe
        self._kept = kept
        self._lanes: dict[str, _Lane] = {}
        self._publication = 0
        self._segment: Segment | None = None
        self._cause: Missing = "stopped"
        self._first_at: int | None = None
        self._last_at = 0
        self._asked_at = 0
        self._retry_at = 0

    def began(self, track: Track) -> None:
        if track.publication != self._publication:
            self._publication_over()
            self._publication = track.publication
        if track.name != "thumb":
            self._lanes[track.name] = _Lane(track)

    def ended(self, track: Track) -> None:
        lane = self._lanes.pop(track.name, None) if track.publication == self._publication else None
        if lane is None:
            return
        self._drain(lane)
        if not self._lanes:
            self._publication_over()

    def clock(self, track: Track, ntp_ms: int, timestamp: int) -> None:
        lane = self._lanes.get(track.name)
        if lane is not None and track.publication == self._publication:
            lane.timeline.reported(ntp_ms, timestamp)

    def packet(self, track: Track, packet: Packet) -> None:
        lane = self._lanes.get(track.name)
        if lane is not None and track.publication == self._publication:
            for one in lane.ordering.put(packet):
                self._one(lane, one)

    def could_not_follow(self, packets: int) -> None:
        if self._segment is not None:
            self._segment.gap(self._last_at - self._segment.began_at, 0, "busy", packets)

    def close(self) -> None:
        for lane in self._lanes.values():
            self._drain(lane)
        self._end("stopped")

    def _drain(self, lane: _Lane) -> None:
        for one in lane.ordering.flush():
            self._one(lane, one)

    def _publication_over(self) -> None:
        self._end("away")
        self._lanes = {}
        self._first_at = None

    def _one(self, lane: _Lane, one: Packet | Lost) -> None:
        if isinstance(one, Lost) and self._segment is not None:
            self._segment.gap(self._last_at - self._segment.began_at, 0, "lost", one.packets)
            if lane.track.kind == "video":
                self._wish_keyframe(one.arrival_ms)
        frame = lane.frames.put(one)
        if frame is not None:
            self._frame(lane, frame)

    def _frame(self, lane: _Lane, frame: Frame) -> None:
        at = lane.timeline.wall_ms(frame.timestamp, frame.arrival_ms)
        if self._first_at is None:
            self._first_at = at
        if frame.arrival_ms < self._retry_at:
            return
        if self._segment is None or self._is_over(self._segment, lane, frame, at):
            self._turn(lane, frame, at)
        if self._segment is None or lane.track.name not in self._segment.codecs:
            return
        silent = at - self._last_at
        if self._last_at and silent > self._bounds.silent_ms and self._last_at >= self._segment.began_at:
            self._segment.gap(self._last_at - self._segment.began_at, silent, "silent", 0)
        self._last_at = max(at, self._last_at)
        try:
            self._segment.write(lane.track.name, frame, at - self._segment.began_at)
        except OSError:
            self._disk_failed(frame.arrival_ms)

    def _is_over(self, segment: Segment, lane: _Lane, frame: Frame, at: int) -> bool:
        """Whether this frame should be the first of another segment."""
        age = at - segment.began_at
        pictures = any(one.track.kind == "video" for one in self._lanes.values())
        if pictures and lane.track.kind != "video":
            return age > self._bounds.segment_ms_max
        if age >= self._bounds.segment_ms:
            if not frame.is_key:
                self._wish_keyframe(frame.arrival_ms)
            return frame.is_key
        if not frame.is_key or lane.track.kind != "video":
            return False
        changed = frame.width and lane.size not in ((0, 0), (frame.width, frame.height))
        return bool(changed) or lane.track.name not in segment.codecs

    def _turn(self, lane: _Lane, frame: Frame, at: int) -> None:
        """End the present segment, and begin the next at this frame where it can."""
        pictures = [one for one in self._lanes.values() if one.track.kind == "video"]
        waited = self._first_at is not None and at - self._first_at > self._bounds.picture_wait_ms
        begins = (
            (lane.track.kind == "video" and frame.is_key)
            or not pictures
            or (self._segment is None and waited)
        )
        if self._segment is not None:
            self._end("")
        if not begins or (lane.track.kind == "video" and not frame.is_key):
            self._wish_keyframe(frame.arrival_ms)
            return
        self._begin(lane, frame)

    def _begin(self, lane: _Lane, frame: Frame) -> None:
        if frame.width:
            lane.size = (frame.width, frame.height)
        lane.timeline.settle(frame.timestamp, frame.arrival_ms)
        for other in self._lanes.values():
            if other is not lane:
                other.timeline.follow(lane.timeline)
        began_at = max(lane.timeline.wall_ms(frame.timestamp, frame.arrival_ms), self._shelf.ended_at)
        pictured = {lane.track.name: frame} if lane.track.kind == "video" else {}
        codecs = {
            name: one.track.codec
            for name, one in sorted(self._lanes.items())
            if one.track.kind == "audio" or name in pictured
        }
        try:
            if _free_bytes(self._shelf.folder) < self._bounds.reserve_bytes:
                raise OSError("little space left")
            path = self._shelf.path(began_at)
            self._segment = Segment(path, began_at, codecs, pictured, self._cause)
        except OSError:
            self._disk_failed(frame.arrival_ms)

    def _end(self, cause: Missing) -> None:
        """Finish the present segment; `cause` is why nothing may follow at once."""
        segment, self._segment = self._segment, None
        if segment is not None and segment.frames:
            try:
                kept = self._shelf.put(segment, segment.close(), segment.began_at, self._cause)
            except OSError:
                self._cause = "disk"
                return
            self._cause = cause
            self._kept(kept)
        elif cause and not (self._cause == "stopped" and cause == "away"):
            self._cause = cause

    def _disk_failed(self, now_ms: int) -> None:
        self._retry_at = now_ms + self._bounds.retry_ms
        self._end("disk")
        self._cause = "disk"

    def _wish_keyframe(self, now_ms: int) -> None:
        if now_ms - self._asked_at >= 1_000:
            self._asked_at = now_ms
            self._ask_keyframe(self._shelf.source)


def _free_bytes(folder: Path) -> int:
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


def space(folder: Path, bounds: Bounds) -> dict[str, Any]:
    """How much room is left, for a warning before the start: `free_bytes`, `is_low`, `is_full`."""
    free = _free_bytes(folder)
    return {"free_bytes": free, "is_low": free < bounds.warn_bytes, "is_full": free < bounds.reserve_bytes}
