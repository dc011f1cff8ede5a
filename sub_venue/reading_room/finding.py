"""Finding a text in pages: width, case and line breaks make no difference (SPEC 14.3).

Owns how texts are compared and what is shown around a find. Pure; pages come as their runs.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import Struct

from protocol.reading import Found, Run

AROUND_CHARS: Final = 24
"""What is shown before and after a find."""
HITS_PER_PAGE_MAX: Final = 20


class Folded(Struct, frozen=True):
    """A page's text folded for comparing; `origin` is each character's (run, place in it)."""

    text: str
    origin: tuple[tuple[int, int], ...]


def folded(text: str) -> str:
    """A text as it is compared: NFKC, case-folded, without white space.

    >>> folded("DN 600 管道(A)")
    'dn600管道(a)'
    """
    return "".join(one for one in unicodedata.normalize("NFKC", text).casefold() if not one.isspace())


def fold(runs: Sequence[Run]) -> Folded:
    """A page's runs in one text; a character that becomes several keeps its one place."""
    letters: list[str] = []
    origin: list[tuple[int, int]] = []
    for number, run in enumerate(runs):
        for place, letter in enumerate(run.text):
            for one in folded(letter):
                letters.append(one)
                origin.append((number, place))
    return Folded("".join(letters), tuple(origin))


def places(page: Folded, wanted: str) -> Iterator[tuple[int, int]]:
    """Where a folded text stands in a page, as (start, end) in the folded text; none overlap."""
    start = page.text.find(wanted) if wanted else -1
    for _ in range(HITS_PER_PAGE_MAX):
        if start < 0:
            return
        yield start, start + len(wanted)
        start = page.text.find(wanted, start + len(wanted))


def marks(page: Folded, place: tuple[int, int]) -> Iterator[Found]:
    """The parts of runs that a find covers."""
    start, end = place
    at = start
    while at < end:
        run, first = page.origin[at]
        last = first
        while at < end and page.origin[at][0] == run:
            last = page.origin[at][1]
            at += 1
        yield Found(run, first, last + 1)


def around(page: Folded, runs: Sequence[Run], place: tuple[int, int]) -> tuple[str, str, str]:
    """What stands before, at and after a find, as the page has it."""
    start, end = place
    return (
        _original(page, runs, max(0, start - AROUND_CHARS), start),
        _original(page, runs, start, end),
        _original(page, runs, end, min(len(page.text), end + AROUND_CHARS)),
    )


def _original(page: Folded, runs: Sequence[Run], start: int, end: int) -> str:
    seen = dict.fromkeys(page.origin[start:end])
    return "".join(runs[run].text[place] for run, place in seen)
