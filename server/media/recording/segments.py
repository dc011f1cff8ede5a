"""One segment of a recording: a Matroska file with its tracks as they were sent, its digest, and its gaps.

Owns the file: written under another name, made durable, then named. What a process that died has left
half-written is closed and named as it is, for Matroska can be read up to where it ends (SPEC 31.1).
"""

import hashlib
import io
import os
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
from msgspec import Struct

from protocol import limits
from protocol.commands_live import Gap, Missing
from server.media.recording.frames import Frame

UNFINISHED: Final = ".part"
SUFFIX: Final = ".mkv"

CAUSE: Final = "CAUSE"
"""The tag of a file's head that says why something is missing before it."""
AT_ONCE: Final = "none"

CLUSTER_MS: Final = 1_000
"""How much a process that dies takes with it at most."""

_MS: Final = Fraction(1, 1000)
_READ_BYTES: Final = 1_048_576


class Closed(Struct, frozen=True):
    """A file that changes no more: its name, size in octets, SHA-256."""

    name: str
    octets: int
    digest: bytes


class Segment:
    """A segment that is being written; `began_at` is the wall clock (ms) of its first frame."""

    def __init__(
        self, path: Path, began_at: int, codecs: dict[str, str], first: dict[str, Frame], cause: Missing
    ) -> None:
        """Open the file.

        Args:
          path: the finished file's; `.part` is added until it is closed.
          began_at: the wall clock of its beginning, ms.
          codecs: track name to codec, in the order of the tracks.
          first: for each picture its first frame, a key frame; by it size and parameters are told.
          cause: why something is missing before it; it stands in the file's head, for whoever takes it up.

        Raises:
          OSError: the file cannot be made.
        """
        self.path = path
        self.began_at = began_at
        self.codecs = codecs
        self.frames = 0
        self.octets = 0
        self.ends_ms = 0
        self._gaps: list[Gap] = []
        self._last: dict[str, int] = {}
        self._file = path.with_name(path.name + UNFINISHED).open("xb", 0)
        self._into = av.open(
            self._file,
            "w",
            format="matroska",
            options={"cluster_time_limit": str(CLUSTER_MS), "flush_packets": "1"},
        )
        self._into.metadata["date"] = str(began_at)
        self._into.metadata[CAUSE] = cause or AT_ONCE
        self._streams = {name: _stream(self._into, codec, first.get(name)) for name, codec in codecs.items()}

    def write(self, name: str, frame: Frame, at_ms: int) -> None:
        """Put a frame at its time in the segment, ms; time never goes back within a track."""
        at = max(at_ms, self._last.get(name, -1) + 1, 0)
        self._last[name] = at
        packet = av.Packet(frame.data)
        packet.stream = self._streams[name]
        packet.pts = packet.dts = at
        packet.time_base = _MS
        packet.is_keyframe = frame.is_key
        self._into.mux(packet)
        self.frames += 1
        self.octets += len(frame.data)
        self.ends_ms = max(self.ends_ms, at + 1)

    def gap(self, at_ms: int, duration_ms: int, cause: Any, count: int) -> None:
        """Tell what is missing; gaps that touch and have one cause are one."""
        at_ms = max(at_ms, 0)
        last = self._gaps[-1] if self._gaps else None
        full = len(self._gaps) >= limits.RECORDED_GAPS_MAX
        if last is not None and (full or (last.cause == cause and at_ms <= last.at_ms + last.duration_ms)):
            end = max(last.at_ms + last.duration_ms, at_ms + duration_ms)
            self._gaps[-1] = Gap(last.at_ms, end - last.at_ms, last.cause, last.count + count)
            return
        if last is not None:
            begins = max(at_ms, last.at_ms + last.duration_ms)
            at_ms, duration_ms = begins, max(0, at_ms + duration_ms - begins)
        self._gaps.append(Gap(at_ms, duration_ms, cause, count))

    def gaps(self, duration_ms: int) -> tuple[Gap, ...]:
        """The gaps, none beyond the segment's end."""
        inside = [gap for gap in self._gaps if gap.at_ms <= duration_ms]
        return tuple(
            Gap(gap.at_ms, min(gap.duration_ms, duration_ms - gap.at_ms), gap.cause, gap.count)
            for gap in inside
        )

    def close(self) -> Closed:
        """Finish the file, make it durable, give it its name.

        Raises:
          OSError: the disk took it no more; what is there stays under its other name.
        """
        try:
            self._into.close()
        finally:
            self._file.close()
        return finish(self.path)


def finish(path: Path) -> Closed:
    """Make a file that nobody writes any more durable under its own name.

    Raises:
      OSError: the disk took it no more.
    """
    part = path.with_name(path.name + UNFINISHED)
    digest, octets = hashlib.sha256(), 0
    with part.open("rb") as file:
        while block := file.read(_READ_BYTES):
            digest.update(block)
            octets += len(block)
        os.fsync(file.fileno())
    part.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return Closed(path.name, octets, digest.digest())


def _stream(into: Any, codec: str, first: Frame | None) -> Any:
    """A track for frames that are encoded already; the file's head is told what a player needs."""
    if codec == "opus":
        stream = into.add_stream_from_template(_opus_template())
    elif codec == "H264" and first is not None:
        told = av.open(io.BytesIO(first.data + first.data), format="h264")
        stream = into.add_stream_from_template(told.streams.video[0])
    else:
        width, height = (first.width, first.height) if first is not None else (0, 0)
        stream = into.add_mux_stream(codec.lower(), rate=30, width=width or 640, height=height or 360)
    stream.time_base = _MS
    return stream


def _opus_template() -> Any:
    """What an Opus track says of itself, from an Ogg file of one silent frame (RFC 7845 5.1)."""
    held = io.BytesIO()
    with av.open(held, "w", format="ogg") as ogg:
        stream = ogg.add_stream("libopus", rate=48_000)
        stream.layout = "stereo"
        for frame in (_silence(), None):
            for packet in stream.encode(frame):
                ogg.mux(packet)
    held.seek(0)
    return av.open(held).streams.audio[0]


def _silence() -> av.AudioFrame:
    frame = av.AudioFrame(format="s16", layout="stereo", samples=960)
    frame.sample_rate = 48_000
    frame.pts = 0
    for plane in frame.planes:
        plane.update(bytes(plane.buffer_size))
    return frame
