"""The text of a page as runs with boxes, in reading order, as PDFium finds it.

Owns how characters are put together to runs: what stands in one line without a gap is one run. Runs are cut
at a bound, so that a hostile page cannot give more than one answer holds. Called in the drawing process only.
"""

import ctypes
import unicodedata
from collections.abc import Iterator
from typing import Any, Final

import pypdfium2.raw as pdfium
from msgspec import Struct

from protocol.reading import PageSize, Run

CHARS_PER_PAGE_MAX: Final = 50_000
RUN_CHARS_MAX: Final = 400
UNITS_PER_POINT: Final = 100
_GAP_HEIGHTS: Final = 1.2
"""A gap wider than this, in heights of the line, begins a new run: another column or cell."""
_LINE_SHARE: Final = 0.5
"""A character whose middle lies off by more than this share of the height stands in another line."""
_BREAKS: Final = "\r\n\x00\ufffe\uffff"


class _Letter(Struct):
    text: str
    left: int
    top: int
    right: int
    bottom: int


def size_of(page: Any) -> PageSize:
    """A page's size as it is shown."""
    width, height = page.get_size()
    return PageSize(max(1, round(width * UNITS_PER_POINT)), max(1, round(height * UNITS_PER_POINT)))


def runs_of(page: Any) -> tuple[Run, ...]:
    """A page's runs."""
    found: list[Run] = []
    line: list[_Letter] = []
    for letter in _letters(page):
        if letter is None or (line and not _joins(line[-1], letter)) or len(line) >= RUN_CHARS_MAX:
            found.extend(_run(line))
            line = []
        if letter is not None:
            line.append(letter)
    found.extend(_run(line))
    return tuple(found)


def _letters(page: Any) -> Iterator[_Letter | None]:
    """Every character with its box; None where PDFium breaks a line."""
    text = page.get_textpage()
    size = size_of(page)
    count = min(pdfium.FPDFText_CountChars(text), CHARS_PER_PAGE_MAX)
    box = [ctypes.c_double() for _ in range(4)]
    for index in range(max(0, count)):
        told = chr(pdfium.FPDFText_GetUnicode(text, index) & 0x1FFFFF) if index >= 0 else ""
        if told in _BREAKS or unicodedata.category(told) in ("Cc", "Cs", "Cn"):
            yield None
            continue
        if not pdfium.FPDFText_GetCharBox(text, index, *(ctypes.byref(one) for one in box)):
            continue
        left, right, bottom, top = (one.value for one in box)
        yield _placed(page, size, told, (left, top, right, bottom))
    text.close()


def _placed(page: Any, size: PageSize, told: str, box: tuple[float, float, float, float]) -> _Letter:
    """A character where it stands on the shown page, turned with it."""
    corners = []
    for x, y in ((box[0], box[1]), (box[2], box[3])):
        across, down = ctypes.c_int(), ctypes.c_int()
        pdfium.FPDF_PageToDevice(
            page, 0, 0, size.width, size.height, 0, x, y, ctypes.byref(across), ctypes.byref(down)
        )
        corners.append((across.value, down.value))
    (ax, ay), (bx, by) = corners
    return _Letter(told, min(ax, bx), min(ay, by), max(ax, bx), max(ay, by))


def _joins(before: _Letter, after: _Letter) -> bool:
    """Whether a character goes on where the one before stands."""
    height = max(before.bottom - before.top, after.bottom - after.top, UNITS_PER_POINT)
    off = abs((before.top + before.bottom) - (after.top + after.bottom)) / 2
    if before.text.isspace() or after.text.isspace():
        off = 0
    gap = after.left - before.right
    return off <= height * _LINE_SHARE and -height <= gap <= height * _GAP_HEIGHTS


def _run(line: list[_Letter]) -> Iterator[Run]:
    text = "".join(one.text for one in line)
    seen = [one for one in line if not one.text.isspace()]
    if not seen:
        return
    left, top = min(one.left for one in line), min(one.top for one in seen)
    right, bottom = max(one.right for one in line), max(one.bottom for one in seen)
    yield Run(text, left, top, max(1, right - left), max(1, bottom - top))
