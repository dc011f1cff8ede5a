"""`tongchang report`: the evaluation report out of a record alone, as PDF, as a workbook, as data.

Owns the order: read, replay by all the rules, gather, set, write; and the sentences where that fails. What
the report says is `main_venue.report`'s. Ends with 1 where the record breaks a rule or tells too little,
with 2 where it cannot be read.
"""

import hashlib
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from main_venue.report import gathered, paper, sections, workbook
from main_venue.report.gathered import Gathered, NotRanked
from main_venue.typeset.document import GlyphMissing
from ops import files, replay
from ops.trouble import Trouble
from protocol.record import Record
from protocol.session.state import State


class Written(Struct, frozen=True):
    """A file that was written: where, how large, its SHA-256."""

    path: str
    bytes: int
    sha256: str


class Report(Struct, frozen=True):
    """A report, and the files that hold it; None where one was not asked for."""

    gathered: Gathered
    pdf: Written | None
    xlsx: Written | None


def report(path: Path, pdf: Path | None, xlsx: Path | None) -> Report:
    """Make a record's report; without a name for either file both are written beside the record.

    Raises:
      Trouble: the record cannot be read (2); it breaks a rule, is not ranked, withholds a value, or a
      character
        has no font here (1).
    """
    if pdf is None and xlsx is None:
        pdf, xlsx = path.with_suffix(".pdf"), path.with_suffix(".xlsx")
    found = replay.told(replay.read(path), str(path), _gather)
    return Report(
        found,
        _write(pdf, _typeset(found)) if pdf is not None else None,
        _write(xlsx, workbook.xlsx(found)) if xlsx is not None else None,
    )


def as_json(made: Report) -> str:
    """The report as one line: `{session, regime, title, outcome, tree_head, sections, pdf, xlsx}`."""
    found = made.gathered
    value: dict[str, Any] = {
        "session": found.state.session,
        "regime": found.state.regime,
        "title": found.plan.title,
        "outcome": found.outcome.hex(),
        "tree_head": {"size": found.size, "root": found.root.hex()},
        "sections": sections.sections(found),
        "pdf": made.pdf,
        "xlsx": made.xlsx,
    }
    return msgspec.json.encode(value).decode()


def _gather(record: Record, state: State) -> Gathered:
    try:
        return gathered.gather(record, state)
    except NotRanked as error:
        raise Trouble(
            f"会话 {state.session} 尚未完成排序(标段 {error}),没有可报告的结果。请在排序确认后重试。",
            f"Session {state.session} is not ranked yet (lot {error}), so there is nothing to report. "
            "Try again once the ranking is confirmed.",
        ) from error


def _typeset(found: Gathered) -> bytes:
    try:
        return paper.pdf(found)
    except GlyphMissing as error:
        raise Trouble(
            f"有文字在现有字体中没有字形,报告未生成({error})。"
            "请安装字体后重试:apt-get install fonts-noto-cjk。",
            f"A character has no glyph in the fonts here, so no report was made ({error}). "
            "Install more fonts and try again: apt-get install fonts-noto-cjk.",
        ) from error


def _write(path: Path, raw: bytes) -> Written:
    where = path.absolute()
    files.write(where, raw)
    return Written(str(where), len(raw), hashlib.sha256(raw).hexdigest())
