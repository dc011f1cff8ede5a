"""The sample tender's documents: which there are, and their making; the same bytes at every making.

Owns the list, the folder's layout and its manifest. They are made on the machine that shows them, in a few
seconds, from the text beside this room and the fonts that come with the project, so that no PDF lies in the
repository and none can say other than the case. `leaks/` holds two blind parts that break the rule of blind
parts, for the check that must find them.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Literal

import msgspec
from msgspec import Struct

from main_venue.typeset import document
from ops import files
from ops.sample import bid_papers, blind, evidence_papers, tender_papers
from ops.sample.facts import Facts, load

AT_MS: Final = 1_794_794_400_000
"""The date that all of them carry; a date of making would make every copy another."""

DESIGN_TITLE: Final = "施工组织设计"
MANIFEST: Final = "manifest.json"
PAPER: Final = "ops/sample/forms/paper.typ"
DESIGN: Final = "ops/sample/forms/design.typ"
LEAKS_CODE: Final = "T5"
"""The design that is shown once more with a name in it."""

Kind = Literal["tender", "bid", "blind", "evidence", "leak"]


class Made(Struct, frozen=True, kw_only=True):
    """A document: its path within the folder, its bytes; `bidder` is empty for the tender's own."""

    path: str
    kind: Kind
    title: str
    bidder: str
    body: bytes


class Listed(Struct, frozen=True, kw_only=True):
    """A document's line in the manifest."""

    path: str
    kind: Kind
    title: str
    bidder: str
    bytes: int
    sha256: str


def ensure(folder: Path) -> tuple[Listed, ...]:
    """Make the documents in a folder unless they are there; durable on return.

    Args:
        folder: where they go; it is made where it is missing.

    Returns:
        What the folder holds.

    Raises:
        Trouble: the disk would not take them.
    """
    kept = _kept(folder)
    if kept is not None:
        return kept
    listed = []
    for one in make(load()):
        path = folder / one.path
        files.make_folder(path.parent)
        files.write(path, one.body)
        listed.append(_listed(one))
    files.write(folder / MANIFEST, msgspec.json.encode({"from": _source(), "documents": listed}))
    return tuple(listed)


def _listed(one: Made) -> Listed:
    return Listed(
        path=one.path,
        kind=one.kind,
        title=one.title,
        bidder=one.bidder,
        bytes=len(one.body),
        sha256=hashlib.sha256(one.body).hexdigest(),
    )


def make(facts: Facts) -> Iterator[Made]:
    """Make every document, one by one."""
    notice = facts.tender["notice"]
    for name, title, blocks in tender_papers.papers(facts):
        body = _paper(title, notice, blocks)
        yield Made(path=f"tender/{name}.pdf", kind="tender", title=title, bidder="", body=body)
    for firm in facts.firms:
        for name, title, blocks in bid_papers.papers(facts, firm):
            body = _paper(title, notice, blocks, author=firm.name)
            yield Made(path=f"{firm.id}/{name}.pdf", kind="bid", title=title, bidder=firm.id, body=body)
    for design in facts.designs:
        body = _design(facts, design)
        yield Made(
            path=f"blind/{design.code}.pdf", kind="blind", title=DESIGN_TITLE, bidder=design.bidder, body=body
        )
    codes = {bidder.id: bidder.code for bidder in facts.case.bidders}
    for firm in facts.firms:
        design = next(one for one in facts.designs if one.bidder == firm.id)
        blocks = list(evidence_papers.blocks(facts, firm, codes[firm.id]))
        body = _paper(evidence_papers.TITLE, notice, blocks)
        yield Made(
            path=f"evidence/{design.code}.pdf", kind="evidence", title=evidence_papers.TITLE, bidder=firm.id,
            body=body,
        )  # fmt: skip
    leaking = next(design for design in facts.designs if design.code == LEAKS_CODE)
    name = next(firm.name for firm in facts.firms if firm.id == leaking.bidder)
    leaks = {"name-in-text": {"told": name}, "name-in-metadata": {"author": name}}
    for file, how in leaks.items():
        body = _design(facts, leaking, **how)
        yield Made(
            path=f"leaks/{file}.pdf", kind="leak", title=DESIGN_TITLE, bidder=leaking.bidder, body=body
        )


def _paper(title: str, notice: str, blocks: list[dict[str, Any]], author: str | None = None) -> bytes:
    wide = any(len(one.get("widths", ())) > 7 for one in blocks)
    values = {
        "title": title, "notice": notice, "author": author, "blocks": blocks, "size": 10.5 if wide else 12,
        "wide": wide,
    }  # fmt: skip
    return document.pdf(PAPER, values, at_ms=AT_MS)


def _design(facts: Facts, design: blind.Design, told: str | None = None, author: str | None = None) -> bytes:
    """A blind part; `told` is a name let slip in a sentence, `author` one in the file's properties."""
    found = list(blind.blocks(facts.design_text, design.number, design.values))
    if told is not None:
        slip = blind.Block(kind="paragraph", text=f"上述做法已在{told}承建的同类工程中采用,效果良好。")
        place = next(i for i, one in enumerate(found) if one.text.startswith("2.4"))
        found.insert(place, slip)
    values = {
        "title": DESIGN_TITLE, "notice": facts.tender["notice"], "author": author,
        "blocks": blind.as_values(tuple(found)),
    }  # fmt: skip
    return document.pdf(DESIGN, values, at_ms=AT_MS)


def _source() -> str:
    """A digest over everything that the documents are made from, the typesetter's version among it."""
    room = Path(__file__).resolve().parent
    typeset = Path(document.__file__).resolve().parent
    found = hashlib.sha256(document.VERSION.encode())
    for path in sorted([*room.rglob("*"), *typeset.rglob("*")]):
        if path.suffix in {".py", ".typ", ".json", ".txt"}:
            found.update(path.name.encode() + b"\0" + path.read_bytes())
    return found.hexdigest()


def _kept(folder: Path) -> tuple[Listed, ...] | None:
    """What a folder holds, if it was made from just this and nothing is missing or changed."""
    try:
        manifest = msgspec.json.decode((folder / MANIFEST).read_bytes())
        listed = msgspec.convert(manifest["documents"], tuple[Listed, ...])
        if manifest["from"] != _source():
            return None
        for one in listed:
            if hashlib.sha256((folder / one.path).read_bytes()).hexdigest() != one.sha256:
                return None
    except (OSError, KeyError, msgspec.MsgspecError):
        return None
    return listed
