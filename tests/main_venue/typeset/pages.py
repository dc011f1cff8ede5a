"""Reading PDFs back for tests: text by page, properties, fonts."""

import io
import re
from functools import cache

import pypdf
import pypdfium2
from pypdf.generic import DictionaryObject


@cache
def texts(body: bytes) -> tuple[str, ...]:
    """The text of each page, in reading order, lines ended by one line feed."""
    with pypdfium2.PdfDocument(body) as pdf:
        return tuple(page.get_textpage().get_text_range().replace("\r\n", "\n") for page in pdf)


def flowed(body: bytes) -> str:
    """The whole text without any white space, so that a line's end parts no words."""
    return re.sub(r"\s", "", "".join(texts(body)))


def properties(body: bytes) -> str:
    """All that the file says of itself: its information dictionary and its XMP packet."""
    reader = pypdf.PdfReader(io.BytesIO(body))
    assert reader.xmp_metadata is not None
    packet: bytes = reader.xmp_metadata.stream.get_data()
    return " ".join(str(value) for value in (reader.metadata or {}).values()) + packet.decode()


def unembedded_fonts(body: bytes) -> set[str]:
    """The names of fonts that are not embedded, or not as a subset."""
    found = set()
    for page in pypdf.PdfReader(io.BytesIO(body)).pages:
        for font in page["/Resources"].get("/Font", {}).values():  # type: ignore[attr-defined]
            found |= set(_lacking(font.get_object()))
    return found


def _lacking(font: DictionaryObject) -> list[str]:
    name = str(font["/BaseFont"])
    inner = [one.get_object() for one in font.get("/DescendantFonts", [font])]
    embedded = all(
        any(f"/FontFile{kind}" in one["/FontDescriptor"] for kind in ("", "2", "3")) for one in inner
    )
    return [] if embedded and re.match(r"/[A-Z]{6}\+", name) else [name]
