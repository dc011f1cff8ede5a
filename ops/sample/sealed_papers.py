"""What each bidder of the sample seals: its papers in a folder, and what it says of them (SPEC 28.10).

Owns the folder's layout: `bid/` what names it, `blind/` its design, `evidence/` the table of its evidence, and
`contents.json`. The papers are the sample's own (`documents`). Must not know how anything is sealed.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from ops import files, places, shelving
from ops.sample import documents
from ops.sample.documents import Listed
from protocol import canonical
from sub_venue.custody.shelving import CONTENTS, Content, Contents

KINDS: Final = frozenset({"bid", "blind", "evidence"})


def lay_out(folder: Path) -> Callable[[str, str, str], tuple[Path, ...]]:
    """Lay every bidder's papers out below a folder; gives who seals what: (bidder, lot, envelope) → folder.

    Raises:
      Trouble: a paper cannot be made, or the disk would not take it.
    """
    source = places.sample_documents()
    by_bidder: dict[str, list[Listed]] = {}
    for one in documents.ensure(source):
        if one.kind in KINDS:
            by_bidder.setdefault(one.bidder, []).append(one)
    files.make_folder(folder)
    for bidder, papers in by_bidder.items():
        _lay(files.make_folder(folder / bidder), source, papers)

    def papers_of(bidder: str, _lot: str, _envelope: str) -> tuple[Path, ...]:
        return (folder / bidder,)

    return papers_of


def _lay(folder: Path, source: Path, papers: list[Listed]) -> None:
    told = []
    for one in sorted(papers, key=lambda paper: paper.path):
        # The name of a blind part within the tender is its code; the bidder's own file is called as its kind.
        name = f"{one.kind}/{Path(one.path).name if one.kind == 'bid' else one.kind + '.pdf'}"
        target = folder / name
        files.make_folder(target.parent)
        target.unlink(missing_ok=True)
        try:
            os.link(source / one.path, target)
        except OSError:
            files.write(target, (source / one.path).read_bytes())
        answers = shelving.answers(source / one.path, one)
        told.append(Content(file=name, shelf=one.kind, title=one.title, answers=answers))  # type: ignore[arg-type]
    files.write(folder / CONTENTS, canonical.encode(Contents(documents=tuple(told))))
