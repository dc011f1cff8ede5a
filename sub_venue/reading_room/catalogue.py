"""The catalogue: which documents lie in a session's folder at this venue, read and examined (SPEC 14.1).

Owns the file's form and the folder's. Whoever puts documents there writes with `write`; the node only reads.
A catalogue that has changed is read again. Must not know who may read what.
"""

import hashlib
import re
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

from protocol import canonical, limits
from protocol.reading import Answering, Folder, Shelf, StagePart, Title
from protocol.words import Hash, Id
from sub_venue.journal.disk import make_folder, replace_file

NAME: Final = "catalogue.json"
FILE: Final = r"^[a-z0-9-]{1,64}\.pdf$"
SESSIONS_KEPT: Final = 64
"""Catalogues that are kept in memory."""


class Listed(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A document as the catalogue has it; `code` is its bid's neutral code, never a bidder's id or name."""

    document: Id
    file: Annotated[str, Meta(pattern=FILE)]
    shelf: Shelf
    lot: StagePart = ""
    envelope: StagePart = ""
    code: Annotated[str, Meta(max_length=limits.ID_CHARS_MAX)] = ""
    title: Title
    bytes: Annotated[int, Meta(ge=1)]
    sha256: Hash
    answers: Annotated[tuple[Answering, ...], Meta(max_length=limits.CRITERIA_PER_STAGE_MAX)] = ()


class Catalogue(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All documents of a session at a venue, in the order in which they are shown."""

    v: Literal[1] = 1
    session: Id
    documents: Annotated[tuple[Listed, ...], Meta(max_length=limits.DOCUMENTS_MAX)]


class Shelved(Struct, frozen=True):
    """A session's folder as it was found: how it stands, its catalogue and that one's digest."""

    folder: Folder
    digest: str = ""
    catalogue: Catalogue | None = None

    def find(self, document: str) -> Listed | None:
        """A document by its id."""
        found = () if self.catalogue is None else self.catalogue.documents
        return next((one for one in found if one.document == document), None)


def write(folder: Path, catalogue: Catalogue) -> None:
    """Put a catalogue into its folder, durably, after the files that it names.

    Raises:
      OSError: the disk does not take it.
    """
    make_folder(folder)
    replace_file(folder / NAME, canonical.encode(catalogue))


class Catalogues:
    """The catalogues of this node's sessions."""

    def __init__(self, folder: Path) -> None:
        """Look for them in a folder, which may be missing."""
        self._folder = folder
        self._known: dict[str, tuple[tuple[int, int], Shelved]] = {}

    def path(self, session: str, listed: Listed) -> Path:
        """Where a document's file lies."""
        return self._folder / session / listed.file

    def get(self, session: str) -> Shelved:
        """A session's catalogue as it lies there now; it is read again when its file has changed."""
        if not _IS_ID.match(session):
            return Shelved("none")
        place = self._folder / session
        try:
            stat = (place / NAME).stat()
        except OSError:
            return Shelved("preparing" if place.is_dir() else "none")
        mark = (stat.st_mtime_ns, stat.st_size)
        known = self._known.get(session)
        if known is None or known[0] != mark:
            if len(self._known) >= SESSIONS_KEPT:
                self._known.clear()
            known = self._known[session] = (mark, _read(place / NAME, session, stat.st_size))
        return known[1]


_IS_ID: Final = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*$")


def _read(path: Path, session: str, size: int) -> Shelved:
    try:
        if size > limits.CATALOGUE_BYTES_MAX:
            return Shelved("damaged")
        raw = path.read_bytes()
        found = canonical.decode(raw, Catalogue, limits.CATALOGUE_BYTES_MAX)
    except (OSError, canonical.NotCanonical, msgspec.MsgspecError):
        return Shelved("damaged")
    ids = {one.document for one in found.documents}
    if found.session != session or len(ids) != len(found.documents):
        return Shelved("damaged")
    return Shelved("ready", hashlib.sha256(raw).hexdigest(), found)
