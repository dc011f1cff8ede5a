"""Pages as they are shown: drawn, or read, by the renderer, and kept in memory for a while under a bound.

Owns what is kept: drawn pages by seat and minute, since both stand in the watermark, and the text of pages,
which is nobody's. Must not know who may read.
"""

from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from msgspec import Struct

from protocol.reading import PageSize, Run
from protocol.refusals import Refusal, refuse
from sub_venue.config import Bounds
from sub_venue.reading_room.jobs import Job, Mark, Source
from sub_venue.reading_room.renderer import Renderer

SCALES: Final = {"thumb": 30, "normal": 108, "large": 156, "close": 216}
"""Named sizes of a page, in dots per inch: an A4 page is 248, 893, 1290 or 1786 dots wide."""

CHINA: Final = timedelta(hours=8)
"""The time in a watermark is China's, wherever the machine's clock stands."""

PAGES_AT_ONCE: Final = 20
"""Pages whose text is asked for in one job, so that none takes long."""

_MINUTE_MS: Final = 60_000
_SIZES_KEPT: Final = 512


class Asker(Struct, frozen=True):
    """For whom a page is drawn: what the watermark says."""

    session: str
    seat: str
    venue: str
    fictional: bool


class Shown:
    """The drawn and read pages of one node."""

    def __init__(self, renderer: Renderer, bounds: Bounds, now_ms: Callable[[], int]) -> None:
        """Nothing is kept yet."""
        self._renderer = renderer
        self._bounds = bounds
        self._now_ms = now_ms
        self._pictures: OrderedDict[tuple[object, ...], bytes] = OrderedDict()
        self._picture_bytes = 0
        self._texts: OrderedDict[tuple[bytes, int], tuple[Run, ...]] = OrderedDict()
        self._text_chars = 0
        self._sizes: dict[bytes, tuple[PageSize, ...]] = {}

    async def sizes(self, source: Source) -> tuple[PageSize, ...] | Refusal:
        """The sizes of a document's pages."""
        if source.sha256 not in self._sizes:
            done = await self._renderer.do(Job(kind="about", source=source))
            if isinstance(done, Refusal):
                return done
            if len(self._sizes) >= _SIZES_KEPT:
                self._sizes.clear()
            self._sizes[source.sha256] = done[0].sizes
        return self._sizes[source.sha256]

    async def picture(self, source: Source, page: int, scale: str, asker: Asker) -> bytes | Refusal:
        """A page as WebP, with the watermark of who asks now."""
        minute = self._now_ms() // _MINUTE_MS
        name = (source.sha256, page, scale, asker, minute)
        kept = self._pictures.get(name)
        if kept is not None:
            self._pictures.move_to_end(name)
            return kept
        mark = Mark(mark_lines(asker, minute * _MINUTE_MS))
        done = await self._renderer.do(
            Job(kind="draw", source=source, pages=(page, page), dpi=SCALES[scale], mark=mark)
        )
        if isinstance(done, Refusal):
            return done
        self._pictures[name] = done[1]
        self._picture_bytes += len(done[1])
        while self._picture_bytes > self._bounds.reading_pictures_bytes_max:
            self._picture_bytes -= len(self._pictures.popitem(last=False)[1])
        return done[1]

    async def text(self, source: Source, page: int) -> tuple[Run, ...] | Refusal:
        """A page's text, and that of its neighbours for the next one who asks."""
        kept = self._texts.get((source.sha256, page))
        if kept is not None:
            self._texts.move_to_end((source.sha256, page))
            return kept
        first = (page - 1) // PAGES_AT_ONCE * PAGES_AT_ONCE + 1
        done = await self._renderer.do(
            Job(kind="text", source=source, pages=(first, first + PAGES_AT_ONCE - 1))
        )
        if isinstance(done, Refusal):
            return done
        for number, runs in enumerate(done[0].texts, first):
            self._keep_text((source.sha256, number), runs)
        if not first <= page < first + len(done[0].texts):
            return refuse("UnknownDocument")
        return done[0].texts[page - first]

    def forget(self) -> None:
        """Keep nothing any more: a session has ended."""
        self._pictures.clear()
        self._texts.clear()
        self._sizes.clear()
        self._picture_bytes = self._text_chars = 0

    def _keep_text(self, name: tuple[bytes, int], runs: tuple[Run, ...]) -> None:
        if name in self._texts:
            return
        self._texts[name] = runs
        self._text_chars += _chars(runs)
        while self._text_chars > self._bounds.reading_text_chars_max:
            self._text_chars -= _chars(self._texts.popitem(last=False)[1])


def mark_lines(asker: Asker, at_ms: int) -> tuple[str, ...]:
    """The lines of a watermark.

    >>> mark_lines(Asker("s", "M2", "上海", True), 1_794_794_400_000)
    ('M2 · 上海', '2026-11-16 10:00', '虚构示例')
    """
    at = datetime.fromtimestamp(at_ms / 1000, UTC) + CHINA
    lines = (f"{asker.seat} · {asker.venue}", at.strftime("%Y-%m-%d %H:%M"))
    return (*lines, "虚构示例") if asker.fictional else lines


def _chars(runs: tuple[Run, ...]) -> int:
    """What some runs count for; an empty page is kept as well."""
    return 64 + sum(len(run.text) for run in runs)
