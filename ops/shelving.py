"""The sample's documents put where each venue's reading room looks, with their catalogue (SPEC 14.1).

Owns which document stands on which shelf, under which neutral code, and on which page it answers a criterion.
The opening record names bidders and prices, so it stands on the shelf of bids; the witness's certificate and
the leaking variants stand on none. Where bids are sealed (rules version 4) only the tender's own papers are
put: the others come out of the containers at the opening. What lies there already is left alone. Must not
know processes.
"""

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import pypdfium2
from msgspec import Struct

from ops import files, places
from ops.installation import Installation
from ops.sample import documents, facts
from ops.sample.documents import Listed as Made
from protocol.plan.case import Case
from protocol.plan.stages import stages
from protocol.reading import Answering, Shelf
from sub_venue.reading_room import catalogue
from sub_venue.reading_room.catalogue import Catalogue, Listed

FOLDER: Final = "documents"
"""Beneath a node's data folder: the place that its configuration has where it says nothing else."""
UNSHELVED: Final = ("tender/witness-certificate.pdf",)
NAMING: Final = ("tender/opening-record.pdf",)
"""Of the tender's own papers, those that name bidders and prices."""
CHAPTERS: Final = {
    "blind": {"A1": "第一章", "A2": "第二章", "A3": "第三章", "A4": "第四章", "A5": "第五章", "A6": "第六章"},
    "evidence": {"B1": "一、项目负责人业绩", "B2": "二、类似业绩", "B3": "三、团队", "B4": "四、设备"},
    "qualification": {"B1": "三、项目负责人业绩", "B2": "二、近五年类似工程业绩"},
    "organisation": {"B3": "二、主要管理人员", "B4": "三、拟投入的主要施工设备"},
}
"""Kind of paper → criterion → how the chapter's heading begins that answers it."""


class _Shelved(Struct, frozen=True):
    """A paper, its shelf, and its bid's code."""

    made: Made
    shelf: Shelf
    code: str


def shelve(installation: Installation, session: str, case: Case) -> int:
    """Put the sample's documents into every venue's folder for a session; how many each then has.

    A session of another case than the sample has none here, and gets none.

    Raises:
      Trouble: a document cannot be made, or the disk would not take it.
    """
    own = facts.load().case
    if (case.plan.title, case.bidders) != (own.plan.title, own.bidders):
        return 0
    folders = [
        installation.data / "nodes" / node.place.node / FOLDER / session for node in installation.nodes
    ]
    for folder in folders:
        files.make_folder(folder)
    source = places.sample_documents()
    shelved = tuple(
        one for one in _ordered(case, documents.ensure(source)) if case.rules != "4" or one.shelf == "tender"
    )
    lacking = [folder for folder in folders if not _is_filled(folder, shelved)]
    if lacking:
        listed = _catalogue(case, source, shelved)
        for folder in lacking:
            _fill(folder, source, listed)
    return len(shelved)


def _is_filled(folder: Path, shelved: Sequence[_Shelved]) -> bool:
    """Whether a folder has a catalogue of just these documents."""
    return [one.sha256.hex() for one in _there(folder) if not _is_opened(one)] == [
        one.made.sha256 for one in shelved
    ]


def _there(folder: Path) -> tuple[Listed, ...]:
    found = catalogue.Catalogues(folder.parent).get(folder.name).catalogue
    return () if found is None else found.documents


def _is_opened(one: Listed) -> bool:
    """Whether a document came out of a sealed bid: the venue has put it there (SPEC 28.10)."""
    return one.document.startswith("o")


def _fill(folder: Path, source: Path, listed: Sequence[tuple[Path, Listed]]) -> None:
    for path, one in listed:
        target = folder / one.file
        target.unlink(missing_ok=True)
        try:
            os.link(source / path, target)
        except OSError:
            files.write(target, (source / path).read_bytes())
    opened = tuple(one for one in _there(folder) if _is_opened(one))
    found = (*(one for _, one in listed), *opened)
    catalogue.write(folder, Catalogue(session=folder.name, documents=found))


def _catalogue(case: Case, source: Path, shelved: Sequence[_Shelved]) -> list[tuple[Path, Listed]]:
    """Every shelved paper's path and its line in the catalogue, in the order in which they are read."""
    lot, envelope = next(iter(stages(case.plan)))
    found = []
    for number, one in enumerate(shelved, 1):
        tender = one.shelf == "tender"
        found.append(
            (
                Path(one.made.path),
                Listed(
                    document=f"d{number:03}", file=f"d{number:03}.pdf", shelf=one.shelf,
                    lot="" if tender else lot, envelope="" if tender else envelope, code=one.code,
                    title=one.made.title, bytes=one.made.bytes, sha256=bytes.fromhex(one.made.sha256),
                    answers=answers(source / one.made.path, one.made),
                ),
            )
        )  # fmt: skip
    return found


def _ordered(case: Case, made: Sequence[Made]) -> Iterator[_Shelved]:
    """Tender document first, then each bid's anonymous papers by code, then what names somebody."""
    codes = {bidder.id: bidder.code for bidder in case.bidders}
    order = list(codes.values())
    shelved = [
        _Shelved(one, "bid" if one.path in NAMING else _SHELVES[one.kind], codes.get(one.bidder, ""))
        for one in made
        if one.kind in _SHELVES and one.path not in UNSHELVED
    ]
    ranks: dict[Shelf, int] = {"tender": 0, "blind": 1, "evidence": 2, "bid": 3}
    yield from sorted(
        shelved,
        key=lambda one: (ranks[one.shelf], order.index(one.code) if one.code else -1),
    )


_SHELVES: Final[dict[str, Shelf]] = {
    "tender": "tender",
    "bid": "bid",
    "blind": "blind",
    "evidence": "evidence",
}


def answers(path: Path, made: Made) -> tuple[Answering, ...]:
    """Where a paper of the sample answers which criterion."""
    return tuple(_answers(path, _paper(made)))


def _paper(made: Made) -> str:
    return made.kind if made.kind in CHAPTERS else Path(made.path).stem


def _answers(path: Path, paper: str) -> Iterator[Answering]:
    """Where a paper answers which criterion; a table of contents on its first page is passed over."""
    headings = CHAPTERS.get(paper)
    if headings is None:
        return
    with pypdfium2.PdfDocument(path) as pdf:
        texts = [re.sub(r"[ \t]", "", page.get_textpage().get_text_range()) for page in pdf]
    first = 1 if paper == "blind" else 0
    for criterion, heading in headings.items():
        for number, text in enumerate(texts[first:], first + 1):
            if any(line.startswith(heading) for line in text.splitlines()):
                yield Answering(criterion, number)
                break
