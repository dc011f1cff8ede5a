"""The blind parts (暗标): each bidder's construction design, put together from one text with variants.

Owns reading that text. A line may be for some designs only, and holds places for each design's own figures.
Nothing here knows a bidder's name: what goes into a blind part cannot tell one.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

from msgspec import Struct

_LINE: Final = re.compile(r"(?:@(?P<designs>[0-9]+) )?(?P<text>.*)")
CELL_CHARS_MIN: Final = 6
CELL_CHARS_MAX: Final = 22


class Design(Struct, frozen=True):
    """One design: its code, whose it is (kept out of the paper), its number in the text, its figures."""

    code: str
    bidder: str
    number: str
    values: dict[str, str]


class Block(Struct, frozen=True, kw_only=True):
    """A piece of the paper; `rows` are a table's, its head first, `text` then its caption."""

    kind: Literal["chapter", "section", "paragraph", "item", "table"]
    text: str
    rows: tuple[tuple[str, ...], ...] = ()


def blocks(text: str, number: str, values: Mapping[str, str]) -> tuple[Block, ...]:
    r"""One design's blocks.

    >>> blocks("# A\n@1 x {n}\n@2 y\n^ t\n|a|b\n|1|2", "1", {"n": "3"})[1].text
    'x 3'

    Raises:
        KeyError: the text names a figure that the design does not have.
    """
    found: list[Block] = []
    caption = ""
    rows: list[tuple[str, ...]] = []
    for line in _chosen(text, number, values):
        if line.startswith("|"):
            rows.append(tuple(cell.strip() for cell in line[1:].split("|")))
            continue
        if rows:
            found.append(Block(kind="table", text=caption, rows=tuple(rows)))
            caption, rows = "", []
        if line.startswith("^ "):
            caption = line[2:]
        else:
            found.append(_plain(line))
    if rows:
        found.append(Block(kind="table", text=caption, rows=tuple(rows)))
    return tuple(found)


def as_values(found: tuple[Block, ...]) -> list[dict[str, Any]]:
    """Blocks as a template reads them."""
    return [
        {
            "kind": one.kind,
            "text": one.text,
            "rows": [list(row) for row in one.rows],
            "widths": _widths(one.rows),
        }
        for one in found
    ]


def _widths(rows: tuple[tuple[str, ...], ...]) -> list[int]:
    """How wide a table's columns stand to each other: as their longest cells do, within reason."""
    longest = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return [min(max(width, CELL_CHARS_MIN), CELL_CHARS_MAX) for width in longest]


def _chosen(text: str, number: str, values: Mapping[str, str]) -> Iterator[str]:
    for raw in text.splitlines():
        if not raw.strip() or raw.startswith("%"):
            continue
        found = _LINE.fullmatch(raw)
        assert found is not None
        if found["designs"] is None or number in found["designs"]:
            yield found["text"].format_map(values)


def _plain(line: str) -> Block:
    for mark, kind in (("# ", "chapter"), ("## ", "section"), ("- ", "item")):
        if line.startswith(mark):
            return Block(kind=kind, text=line.removeprefix(mark))  # type: ignore[arg-type]
    return Block(kind="paragraph", text=line)
