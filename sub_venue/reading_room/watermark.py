"""The watermark: who sits where, and when, light and slanting across a whole page, burnt into its picture.

Owns its look: lines of text in the project's own Hei face, repeated so often that any piece of a page as
large as a photograph of a passage holds one. Each repetition is dark with a pale rim, so that it stands out
on paper and on a black figure alike, and reading is not hindered. Must not know who it is about.
"""

from functools import lru_cache
from typing import Final

import pylopdf_fonts_zh_cn as fonts
from PIL import Image, ImageDraw, ImageFont

ANGLE_DEG: Final = 24
OPACITY: Final = 46
"""Of the letters, of 255: readable on a photograph, and text under them stays readable."""
RIM_OPACITY: Final = 20
LETTER_PT: Final = 13.0
"""Height of the letters, in points of the page."""
GAP_LETTERS: Final = 4.5
"""Between repetitions, in heights of a letter."""
POINTS_PER_INCH: Final = 72
LETTER_PX_MIN: Final = 9
_INK: Final = (28, 58, 110)
_RIM: Final = (255, 255, 255)


def burn(picture: Image.Image, lines: tuple[str, ...], dpi: float) -> None:
    """Put the lines all over a picture, in place; `dpi` is the picture's."""
    tile, mask = _tile(lines, max(LETTER_PX_MIN, round(LETTER_PT * dpi / POINTS_PER_INCH)))
    for row, top in enumerate(range(-tile.height // 2, picture.height, tile.height)):
        shift = (row % 2) * tile.width // 2
        for left in range(-shift, picture.width, tile.width):
            picture.paste(tile, (left, top), mask)


@lru_cache(maxsize=8)
def _tile(lines: tuple[str, ...], letter_px: int) -> tuple[Image.Image, Image.Image]:
    """One repetition: its colours, and how much of them shows."""
    font = _font(letter_px)
    height = round(letter_px * 1.35)
    width = max(1, *(round(font.getlength(line)) for line in lines))
    pad = 2
    size = (width + 2 * pad, height * len(lines) + 2 * pad)
    ink, rim = Image.new("L", size), Image.new("L", size)
    for number, line in enumerate(lines):
        at = (pad, pad + number * height)
        ImageDraw.Draw(ink).text(at, line, fill=OPACITY, font=font)
        ImageDraw.Draw(rim).text(
            at, line, fill=RIM_OPACITY, font=font, stroke_width=1, stroke_fill=RIM_OPACITY
        )
    colours = Image.new("RGB", size, _RIM)
    colours.paste(_INK, (0, 0), ink.point(lambda level: 255 if level > RIM_OPACITY else 0))
    shown = Image.composite(ink, rim, ink.point(lambda level: 255 if level > RIM_OPACITY else 0))
    gap = round(GAP_LETTERS * letter_px)
    turned = tuple(
        one.rotate(ANGLE_DEG, expand=True, resample=Image.Resampling.BILINEAR) for one in (colours, shown)
    )
    whole = (turned[0].width + gap, turned[0].height + gap)
    tile, mask = Image.new("RGB", whole, _RIM), Image.new("L", whole)
    tile.paste(turned[0], (gap // 2, gap // 2))
    mask.paste(turned[1], (gap // 2, gap // 2))
    return tile, mask


@lru_cache(maxsize=4)
def _font(letter_px: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(fonts.sans_path()), letter_px)
