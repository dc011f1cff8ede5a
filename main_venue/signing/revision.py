"""One revision appended to a PDF (ISO 32000-1, 7.5.6), and where each revision of a PDF ends.

Owns the writer of our revisions: what is appended follows from what is there and what is added, nothing else.
The library's own puts dice into the file's identifier and its clock into the metadata; a prepared report must
be the same bytes for everybody, and a signature leaves the metadata alone. Must not know what is appended.
"""

import hashlib
import re
import struct
import zlib
from io import BytesIO
from typing import Any, Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader

UNREADABLE: Final = (
    PdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError, RecursionError,
    NotImplementedError, AssertionError, struct.error, zlib.error,
)  # fmt: skip
"""What the reader raises over bytes that are no PDF, or one made to confuse it."""

_STARTXREF: Final = re.compile(rb"startxref\s+(\d+)\s+%%EOF(?:\r\n|\n|\r)?")
_ID_BYTES: Final = 16


class Revision(IncrementalPdfFileWriter):
    """A writer whose bytes follow from the file and from what is put into it."""

    def __init__(self, pdf: bytes) -> None:
        """Begin a revision after a file.

        Raises:
          one of `UNREADABLE`: it is no PDF that can be read.
        """
        super().__init__(BytesIO(pdf))

    def appended(self) -> bytes:
        """The whole file with the revision behind it."""
        out = BytesIO()
        self.write(out)  # type: ignore[no-untyped-call]
        return out.getvalue()

    @classmethod
    def _handle_id(cls, prev: PdfFileReader) -> generic.ArrayObject:
        prev.stream.seek(0)
        digest = hashlib.sha256(b"tongchang/pdf-revision/v1" + prev.stream.read()).digest()
        second = generic.ByteStringObject(digest[:_ID_BYTES])
        try:
            first: Any = prev.trailer["/ID"][0]
        except KeyError:
            first = second
        if isinstance(first, generic.TextStringObject):
            first = generic.ByteStringObject(first.original_bytes)
        return generic.ArrayObject([first, second])

    def _update_meta(self) -> None:
        """Leave title, dates and standards as the typesetter wrote them."""


def read(pdf: bytes) -> PdfFileReader:
    """A reader over a file.

    Raises:
      one of `UNREADABLE`: it is no PDF that can be read.
    """
    return PdfFileReader(BytesIO(pdf))


def ends_at(pdf: bytes, reader: PdfFileReader, revision: int) -> int:
    """How many bytes the file had when that revision (0 the oldest) was its last.

    Raises:
      ValueError: the revision has no end that could be found.
    """
    where = reader.xrefs.get_startxref_for_revision(revision)
    for found in _STARTXREF.finditer(pdf, where):
        if int(found[1]) == where:
            return found.end()
    raise ValueError("a revision without an end")
