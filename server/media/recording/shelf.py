"""The folder of one source: its segments, and the list that says what each is (SPEC 31.1).

`segments.jsonl` has one line for each segment, `{"content": ..., "file": ...}`: the content of the
`RecordSegment`
that its venue sends, byte for byte, and the file's name. A line is durable before anybody is told of it.
A process that dies leaves at most one file without a line; it is taken up as far as it can be read.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import av
import msgspec
from msgspec import Struct

from protocol import canonical, limits
from protocol.commands_live import Codec, Gap, Missing, RecordSegment
from server.media.recording import segments

LIST: Final = "segments.jsonl"

_CODECS: Final[dict[str, Codec]] = {"opus": "opus", "vp8": "VP8", "h264": "H264"}
_CAUSES: Final[dict[str, Missing]] = {
    segments.AT_ONCE: "", "away": "away", "stopped": "stopped", "disk": "disk", "busy": "busy",
}  # fmt: skip


class Kept(Struct, frozen=True, forbid_unknown_fields=True):
    """One line of the list."""

    content: RecordSegment
    file: str


class Shelf:
    """Where one source's segments lie."""

    def __init__(self, root: Path, source: str) -> None:
        """Open the folder, and take up what a process that died has left.

        Raises:
          OSError: the folder cannot be used.
        """
        self.source = source
        self.folder = root / source
        self.folder.mkdir(parents=True, exist_ok=True)
        self.kept = list(read(self.folder))
        self._cut_torn_line()
        self._take_up()

    @property
    def number(self) -> int:
        """The next segment's number, from 1."""
        return len(self.kept) + 1

    @property
    def ended_at(self) -> int:
        """When the last segment ended, ms; 0 before the first."""
        return self.kept[-1].content.began_at + self.kept[-1].content.duration_ms if self.kept else 0

    def path(self, began_at: int) -> Path:
        """The next segment's file: its number and when it begins, ms."""
        return self.folder / f"{self.number:06}-{began_at}{segments.SUFFIX}"

    def put(self, segment: segments.Segment, closed: segments.Closed, began_at: int, cause: Missing) -> Kept:
        """Enter a finished segment; `cause` says why something is missing before it, if more than a seam is.

        Raises:
          OSError: the line is not durable.
        """
        duration = max(segment.ends_ms, 1)
        return self._enter(
            closed, began_at, duration, tuple(_CODECS[codec.lower()] for codec in segment.codecs.values()),
            segment.frames, cause, segment.gaps(duration),
        )  # fmt: skip

    def _enter(
        self, closed: segments.Closed, began_at: int, duration_ms: int, codecs: tuple[Codec, ...], frames:
        int, cause: Missing, gaps: tuple[Gap, ...],
    ) -> Kept:  # fmt: skip
        missing = began_at - self.ended_at if self.kept else 0
        content = RecordSegment(
            source=self.source, number=self.number, began_at=began_at, duration_ms=duration_ms,
            octets=closed.octets, digest=closed.digest, codecs=codecs, frames=frames, missing_ms=missing,
            cause=(cause or "busy") if missing > limits.RECORDED_SEAM_MS_MAX else "", gaps=gaps,
        )  # fmt: skip
        one = Kept(content, closed.name)
        line = canonical.encode(one) + b"\n"
        with (self.folder / LIST).open("ab") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        self.kept.append(one)
        return one

    def _cut_torn_line(self) -> None:
        """Take away a last line that was not written to its end, before another is put behind it."""
        path = self.folder / LIST
        if not path.exists():
            return
        whole = sum(len(canonical.encode(one)) + 1 for one in self.kept)
        with path.open("r+b") as file:
            file.truncate(whole)
            os.fsync(file.fileno())

    def _take_up(self) -> None:
        """Enter what has no line: files that were written to the end or to where the process died."""
        named = {one.file for one in self.kept}
        for path in sorted(self.folder.iterdir()):
            if path.name.endswith(segments.SUFFIX + segments.UNFINISHED):
                whole = path.with_name(path.name.removesuffix(segments.UNFINISHED))
            elif path.name.endswith(segments.SUFFIX) and path.name not in named:
                whole = path
            else:
                continue
            found = _look(path)
            if found is None:
                path.rename(path.with_name(whole.name + ".unreadable"))
                continue
            if path != whole:
                closed = segments.finish(whole)
            else:
                part = path.with_name(path.name + segments.UNFINISHED)
                path.rename(part)
                closed = segments.finish(whole)
            began_at = max(int(whole.stem.split("-")[1]), self.ended_at)
            frames, duration_ms, codecs, cause = found
            self._enter(closed, began_at, duration_ms, codecs, frames, cause, ())


def read(folder: Path) -> Iterator[Kept]:
    """The lines that are whole; one that was cut off is left out, for its file is taken up again."""
    path = folder / LIST
    if not path.exists():
        return
    with path.open("rb") as file:
        for line in file:
            try:
                yield msgspec.json.decode(line, type=Kept)
            except msgspec.MsgspecError:
                return


def _look(path: Path) -> tuple[int, int, tuple[Codec, ...], Missing] | None:
    """Frames, length in ms, codecs, and why something is missing before it, of a file that may end anywhere.

    None where nothing can be read; whoever wrote a file that says no cause was not running before it.
    """
    frames, ends = 0, 0
    try:
        with av.open(str(path)) as found:
            codecs = tuple(_CODECS[stream.codec_context.name] for stream in found.streams)
            cause = _CAUSES.get(found.metadata.get(segments.CAUSE, ""), "stopped")
            try:
                for packet in found.demux():
                    if packet.pts is not None and packet.size:
                        frames += 1
                        ends = max(ends, int(packet.pts * packet.time_base * 1000) + 1)
            except av.error.FFmpegError:
                pass
    except (av.error.FFmpegError, KeyError, OSError):
        return None
    return (frames, ends, codecs, cause) if frames else None
