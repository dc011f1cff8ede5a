"""Opened bids on the shelves of the reading room: which file of a bid stands where (SPEC 28.10, 14.1).

Owns the way from an opened bid's folder to the session's catalogue. A bid says with `contents.json` what its
files are; what it says nothing of stands on the shelf `bid`, where names may be read only late. On the other
shelves nothing of the bidder's own words is shown as a title. All venues come to the same catalogue. Must not
know sessions, keys or who may read.
"""

import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from protocol import canonical, limits
from protocol.reading import Answering, Shelf, Title
from sub_venue.journal.disk import make_folder
from sub_venue.reading_room import catalogue
from sub_venue.reading_room.catalogue import Catalogue, Listed
from sub_venue.unsealed import writing

CONTENTS: Final = "contents.json"
CONTENTS_BYTES_MAX: Final = 1_048_576
TITLES: Final[dict[Shelf, str]] = {"blind": "技术标(暗标)", "evidence": "客观分核验表"}
"""What stands in the catalogue in the place of a bidder's own words."""
TITLE: Final = "投标文件"
_PDF: Final = ".pdf"
_TITLE_CHARS: Final = 60


class Content(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A file of a bid: its name in the bid's list, where it stands, and on which page it answers what."""

    file: Annotated[str, Meta(min_length=1, max_length=1_024)]
    shelf: Literal["blind", "evidence", "bid"]
    title: Title = TITLE
    answers: Annotated[tuple[Answering, ...], Meta(max_length=limits.CRITERIA_PER_STAGE_MAX)] = ()


class Contents(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a bid says of its files."""

    v: Literal[1] = 1
    documents: Annotated[tuple[Content, ...], Meta(max_length=limits.DOCUMENTS_MAX)]


class Opened(Struct, frozen=True):
    """An opened bid: its neutral code, and the folder that it was opened into."""

    code: str
    folder: Path


def shelve(documents: Path, session: str, stage: tuple[str, str], number: int, bids: Sequence[Opened]) -> int:
    """Put a stage's opened bids on the shelves beside what stands there; how many documents they are.

    Args:
      documents: where the sessions' documents lie at this venue.
      session: the session.
      stage: lot and envelope.
      number: the stage's number among all, for names that tell nothing.
      bids: in the record's order.

    Raises:
      OSError: the disk does not take it.
    """
    folder = documents / session
    make_folder(documents)
    make_folder(folder)
    before = catalogue.Catalogues(documents).get(session).catalogue
    there = () if before is None else before.documents
    prefix = f"o{number:02}-"
    kept = tuple(one for one in there if not one.document.startswith(prefix))
    made = []
    for at, (path, content, code) in enumerate(_all(bids), 1):
        name = f"{prefix}{at:03}"
        made.append(_put(path, folder, name, content, code, stage))
    if (*kept, *made) != there:
        catalogue.write(folder, Catalogue(session=session, documents=(*kept, *made)))
    return len(made)


def _all(bids: Sequence[Opened]) -> Iterator[tuple[Path, Content, str]]:
    """Blind parts first, then evidence, then what names somebody; within a shelf by the record's order."""
    found = [(path, content, bid.code) for bid in bids for path, content in _of(bid.folder)]
    order: tuple[Shelf, ...] = ("blind", "evidence", "bid")
    for shelf in order:
        yield from (one for one in found if one[1].shelf == shelf)


def _of(folder: Path) -> Iterator[tuple[Path, Content]]:
    """The papers of a bid that can be shown, each with what the bid says of it."""
    files = folder / writing.FILES
    said = _said(files / CONTENTS)
    for path in sorted(files.rglob("*")):
        if path.is_symlink() or not path.is_file() or path.suffix.lower() != _PDF:
            continue
        name = path.relative_to(files).as_posix()
        content = said.get(name)
        yield path, content or Content(file=name, shelf="bid", title=path.stem[:_TITLE_CHARS] or TITLE)


def _said(path: Path) -> dict[str, Content]:
    """What a bid says of its files; nothing where that cannot be read: its papers are shown all the same."""
    try:
        found = canonical.decode(path.read_bytes(), Contents, CONTENTS_BYTES_MAX)
    except (OSError, canonical.NotCanonical):
        return {}
    return {one.file: one for one in found.documents}


def _put(path: Path, folder: Path, name: str, content: Content, code: str, stage: tuple[str, str]) -> Listed:
    target = folder / f"{name}{_PDF}"
    raw = path.read_bytes()
    if not target.exists() or target.read_bytes() != raw:
        target.unlink(missing_ok=True)
        os.link(path, target)
    return Listed(
        document=name, file=target.name, shelf=content.shelf, lot=stage[0], envelope=stage[1], code=code,
        title=TITLES.get(content.shelf, content.title), bytes=len(raw), sha256=hashlib.sha256(raw).digest(),
        answers=content.answers,
    )  # fmt: skip
