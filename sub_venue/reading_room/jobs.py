"""What the node asks of the process that draws pages, and how both put it on a pipe.

Owns the forms and the frames: four bytes of length, then MessagePack; a drawn page's bytes follow its
answer, their length in it. Both sides read only frames under a bound. Must not know PDF, nor processes.
"""

from typing import Final, Literal

import msgspec
from msgspec import Struct

from protocol.reading import PageSize, Run

LENGTH_BYTES: Final = 4
ANSWER_BYTES_MAX: Final = 16_777_216
"""Largest answer, a picture or the text of some pages."""

Fault = Literal["changed", "unreadable", "no_page"]
"""The file is another one · it cannot be read · it has no such page."""


class Source(Struct, frozen=True):
    """A file and what it must be."""

    path: str
    sha256: bytes


class Mark(Struct, frozen=True):
    """The lines of a watermark."""

    lines: tuple[str, ...]


class Job(Struct, frozen=True, kw_only=True):
    """Something to be done with a document: its pages' sizes, one page drawn, or the text of some pages.

    `pages` are counted from 1; `text` takes a range of them, and may be given fewer than it names.
    """

    kind: Literal["about", "draw", "text"]
    source: Source
    pages: tuple[int, int] = (1, 1)
    dpi: int = 0
    mark: Mark | None = None


class Done(Struct, frozen=True, kw_only=True):
    """What came of a job; `picture_bytes` say how many bytes of a picture follow."""

    fault: Fault | None = None
    sizes: tuple[PageSize, ...] = ()
    texts: tuple[tuple[Run, ...], ...] = ()
    picture_bytes: int = 0


def framed(value: Job | Done) -> bytes:
    """A job or an answer as it goes on the pipe."""
    raw = msgspec.msgpack.encode(value)
    return len(raw).to_bytes(LENGTH_BYTES, "big") + raw


def length(head: bytes) -> int:
    """How long the frame is whose first bytes these are.

    Raises:
      ValueError: longer than any frame may be.
    """
    found = int.from_bytes(head, "big")
    if found > ANSWER_BYTES_MAX:
        raise ValueError(f"a frame of {found} bytes")
    return found
