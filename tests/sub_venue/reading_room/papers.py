"""Documents for the reading room's tests: one that reads well, and some that mean harm."""

import hashlib
import zlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from main_venue.typeset import document
from protocol.reading import Answering, Shelf
from sub_venue.reading_room import catalogue
from sub_venue.reading_room.catalogue import Catalogue, Listed
from sub_venue.reading_room.jobs import Source

AT_MS = 1_794_794_400_000
PAPER = "ops/sample/forms/paper.typ"


@cache
def paper(*pages: str) -> bytes:
    """A PDF with a paragraph on each page."""
    blocks = []
    for text in pages:
        blocks += [{"kind": "paragraph", "text": text}, {"kind": "page", "text": ""}]
    values = {
        "title": "文件", "notice": "虚构示例", "author": None, "blocks": blocks[:-1], "size": 12,
        "wide": False,
    }  # fmt: skip
    return document.pdf(PAPER, values, at_ms=AT_MS)


def by_hand(content: bytes, page: bytes = b"", packed: bool = False, box: bytes = b"0 0 595 842") -> bytes:
    """A PDF of one page written by hand; `packed` deflates its content."""
    body = zlib.compress(content, 9) if packed else content
    filters = b"/Filter/FlateDecode" if packed else b""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[%s]/Contents 4 0 R %s>>" % (box, page),
        b"<</Length %d%s>>stream\n%s\nendstream" % (len(body), filters, body),
    ]
    raw, offsets = b"%PDF-1.7\n", []
    for number, one in enumerate(objects, 1):
        offsets.append(len(raw))
        raw += b"%d 0 obj%s endobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % one for one in offsets)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    tail = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, len(raw))
    return raw + head + table + tail


def bomb() -> bytes:
    """A small file whose page holds seventy megabytes of drawing."""
    return by_hand(b"0 0 m 595 842 l S\n" * 4_000_000, packed=True)


def source(folder: Path, raw: bytes, name: str = "one.pdf") -> Source:
    """A file put somewhere, as the renderer is told of it."""
    path = folder / name
    path.write_bytes(raw)
    return Source(str(path), hashlib.sha256(raw).digest())


def shelve(folder: Path, session: str, papers: Sequence[tuple[str, Shelf, str, bytes]]) -> Catalogue:
    """Put papers (id, shelf, code, bytes) into a session's folder with their catalogue."""
    place = folder / session
    place.mkdir(parents=True, exist_ok=True)
    listed = []
    for document_, shelf, code, raw in papers:
        (place / f"{document_}.pdf").write_bytes(raw)
        tender = shelf == "tender"
        listed.append(
            Listed(
                document=document_, file=f"{document_}.pdf", shelf=shelf, lot="" if tender else "01",
                envelope="" if tender else "1", code=code, title="文件", bytes=len(raw),
                sha256=hashlib.sha256(raw).digest(), answers=(Answering("A1", 1),),
            )
        )  # fmt: skip
    found = Catalogue(session=session, documents=tuple(listed))
    catalogue.write(place, found)
    return found
