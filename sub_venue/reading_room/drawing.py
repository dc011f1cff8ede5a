"""The process that draws pages: `python -m sub_venue.reading_room.drawing`, started and ended by `renderer`.

A document is hostile input, so it is read here and nowhere else: in a process without the node's keys, with
bounds on memory and on processor time that the system enforces, that may write no file. Whatever goes wrong
in it ends at most this process. It takes one job at a time from its standard input and ends with it. The
file is read once, compared with its digest, and drawn from what was compared. Must not know sessions or
seats.
"""

import contextlib
import hashlib
import io
import os
import resource
import sys
from collections import OrderedDict
from typing import Any, BinaryIO, Final

import msgspec
import pypdfium2 as pdfium
from msgspec import Struct
from PIL import Image

from protocol import limits
from sub_venue.reading_room import jobs, text_runs, watermark
from sub_venue.reading_room.jobs import Done, Fault, Job, Mark, Source

MEMORY_BYTES_MAX: Final = 1_073_741_824
PROCESSOR_S_MAX: Final = 12
"""Processor time for one job; the node gives up somewhat earlier by its own clock."""
DOCUMENT_BYTES_MAX: Final = 134_217_728
OPEN_BYTES_MAX: Final = 167_772_160
"""Documents that stay open for the next page, together."""
OPEN_MAX: Final = 8
PIXELS_MAX: Final = 9_000_000
"""A page that would be larger is drawn smaller."""
FILES_MAX: Final = 64
QUALITY: Final = 82
EFFORT: Final = 1
_POINTS_PER_INCH: Final = 72
_NICENESS: Final = 5


class _Failed(Exception):
    """A job that cannot be done, and the fault that the node is told."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault: Fault = fault


class _Open(Struct):
    document: Any
    bytes: int


class Drawer:
    """The documents that are open, and what is done with them."""

    def __init__(self) -> None:
        """Nothing is open yet."""
        self._open: OrderedDict[Source, _Open] = OrderedDict()

    def do(self, job: Job) -> tuple[Done, bytes]:
        """Do a job; a document that cannot be read is a fault in the answer."""
        try:
            document = self._document(job.source)
            if job.kind == "about":
                return Done(sizes=tuple(_sizes(document))), b""
            if job.kind == "text":
                return Done(texts=_texts(document, *job.pages)), b""
            picture = _drawn(_page(document, job.pages[0]), job.dpi, job.mark)
            return Done(picture_bytes=len(picture)), picture
        except _Failed as failed:
            return Done(fault=failed.fault), b""
        except (pdfium.PdfiumError, OSError, ValueError, OverflowError):
            return Done(fault="unreadable"), b""

    def _document(self, source: Source) -> Any:
        found = self._open.get(source)
        if found is None:
            raw = _read(source)
            found = self._open[source] = _Open(pdfium.PdfDocument(raw), len(raw))
            while (
                len(self._open) > OPEN_MAX or sum(one.bytes for one in self._open.values()) > OPEN_BYTES_MAX
            ):
                if len(self._open) == 1:
                    break
                self._open.popitem(last=False)[1].document.close()
        self._open.move_to_end(source)
        return found.document


def _read(source: Source) -> bytes:
    """A file's bytes, if they are those of the catalogue."""
    handle = os.open(source.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        raw = file.read(DOCUMENT_BYTES_MAX + 1)
    if len(raw) > DOCUMENT_BYTES_MAX:
        raise _Failed("unreadable")
    if hashlib.sha256(raw).digest() != source.sha256:
        raise _Failed("changed")
    return raw


def _page(document: Any, number: int) -> Any:
    if not 1 <= number <= len(document):
        raise _Failed("no_page")
    return document[number - 1]


def _sizes(document: Any) -> list[Any]:
    if len(document) > limits.PAGES_PER_DOCUMENT_MAX:
        raise _Failed("unreadable")
    found = []
    for number in range(1, len(document) + 1):
        page = _page(document, number)
        found.append(text_runs.size_of(page))
        page.close()
    return found


def _texts(document: Any, first: int, last: int) -> tuple[Any, ...]:
    found = []
    for number in range(first, min(last, len(document)) + 1):
        page = _page(document, number)
        found.append(text_runs.runs_of(page))
        page.close()
    return tuple(found)


def _drawn(page: Any, dpi: int, mark: Mark | None) -> bytes:
    """A page as WebP, its watermark burnt in; never without one."""
    if mark is None:
        raise _Failed("unreadable")
    width, height = page.get_size()
    scale = dpi / _POINTS_PER_INCH
    pixels = width * height * scale * scale
    if pixels > PIXELS_MAX:
        scale *= (PIXELS_MAX / pixels) ** 0.5
    try:
        bitmap = page.render(scale=scale, may_draw_forms=False, rev_byteorder=True)
        picture: Image.Image = bitmap.to_pil().convert("RGB")
    finally:
        page.close()
    watermark.burn(picture, mark.lines, scale * _POINTS_PER_INCH)
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=QUALITY, method=EFFORT)
    return out.getvalue()


def bound() -> None:
    """Put this process under its bounds; it cannot raise them again."""
    for which, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES_MAX),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, FILES_MAX),
    ):
        resource.setrlimit(which, (most, most))
    with contextlib.suppress(OSError):
        os.nice(_NICENESS)


def _bound_next() -> None:
    """The next job's processor time; the system ends the process past it, whatever the library does."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + PROCESSOR_S_MAX
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def serve(jobs_in: BinaryIO, answers_out: BinaryIO) -> None:
    """Say that it is ready, then do job after job until the pipe ends."""
    drawer = Drawer()
    answers_out.write(jobs.framed(Done()))
    answers_out.flush()
    while head := jobs_in.read(jobs.LENGTH_BYTES):
        job = msgspec.msgpack.decode(jobs_in.read(jobs.length(head)), type=Job)
        _bound_next()
        done, picture = drawer.do(job)
        answer = jobs.framed(done)
        if len(answer) > jobs.ANSWER_BYTES_MAX or len(picture) > jobs.ANSWER_BYTES_MAX:
            answer, picture = jobs.framed(Done(fault="unreadable")), b""
        answers_out.write(answer + picture)
        answers_out.flush()


def main() -> None:
    """Serve the node that started this process."""
    bound()
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # Whatever a library prints must not get between the answers.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
