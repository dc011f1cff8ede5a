"""One document typeset: a template and its values in, a PDF out, the same bytes for the same input.

Owns the typesetter: fonts, the PDF standard, and what counts as wrong. The fonts are those that come with the
project (Noto Serif SC for text, Noto Sans SC for headings) and typst's own, never this machine's, so that a
fresh machine sets a page exactly as any other does. A warning is an error, and so is a character that no font
shows: a page with a hole in it is not made. Must not know: what a document is about, or a clock.

Standards: ISO 19005-2 (PDF/A-2a: for keeping, fonts embedded, tagged), ISO 14289-1 (PDF/UA-1: for readers who
hear a page).
"""

from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, Literal

import msgspec
import pylopdf_fonts_zh_cn as fonts
import typst

from main_venue.typeset.punctuation import full_width_all

ROOT: Final = Path(__file__).resolve().parents[2]
"""Where templates' absolute paths begin: the folder that holds the packages."""

KEEPING: Final[tuple[Literal["a-2a"], Literal["ua-1"]]] = ("a-2a", "ua-1")
VERSION: Final = f"typst {version('typst')}, fonts {version('pylopdf-fonts-zh-cn')}"
"""What sets the pages: another version may give other bytes."""


class Untypeset(Exception):
    """A document that was not made; the text says why, as the typesetter puts it."""


class GlyphMissing(Untypeset):
    """A character is in no font here; the text names it."""


def pdf(template: str, values: Mapping[str, Any], *, at_ms: int, system_fonts: bool = False) -> bytes:
    """The PDF of a template.

    Args:
      template: the `.typ` file's path from `ROOT`, without a leading slash.
      values: what the template reads as `values`; anything that JSON can say.
      at_ms: the document's own date, ms since 1970; a date of making would make every copy another.
      system_fonts: also look for rare characters in the fonts of this machine.

    Raises:
      GlyphMissing: a character that no font shows.
      Untypeset: anything else that is wrong with template or values.
    """
    compiler = typst.Compiler(root=str(ROOT), font_paths=_fonts(system_fonts))
    try:
        made, warnings = compiler.compile_with_warnings(
            input=str(ROOT / template),
            format="pdf",
            pdf_standards=list(KEEPING),
            sys_inputs={"values": msgspec.json.encode(full_width_all(msgspec.to_builtins(values))).decode()},
            timestamp=at_ms // 1000,
        )
    except typst.TypstError as error:
        told = f"{error.message} {' '.join(error.hints)}".strip()
        if "could not be displayed with" in error.message:
            raise GlyphMissing(told) from error
        raise Untypeset(f"{told}\n{error.diagnostic}") from error
    if warnings:
        raise Untypeset("; ".join(one.message for one in warnings))
    assert isinstance(made, bytes)
    return made


@cache
def _fonts(system_fonts: bool) -> typst.Fonts:
    """The fonts that may be used; reading them takes longer than setting a page."""
    folder = str(fonts.serif_path().parent)
    return typst.Fonts(include_system_fonts=system_fonts, include_embedded_fonts=True, font_paths=[folder])
