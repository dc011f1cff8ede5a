"""`tongchang report`: the evaluation report out of a record alone, as PDF, as a workbook, as JSON.

Owns the order: read, replay by all the rules, gather, set, write; and the sentences where that fails. What
the report says is `main_venue.report`'s. Ends with 1 where the record breaks a rule or tells too little,
with 2 where it cannot be read.
"""

import hashlib
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from main_venue.report import gathered, machine, paper, sections, workbook
from main_venue.report.gathered import Gathered, NotRanked
from main_venue.typeset.document import GlyphMissing
from ops import files, replay
from ops.trouble import Trouble
from protocol.record import Record
from protocol.session.outcome import OutcomeWithheld
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
    data: Written | None = None


def report(path: Path, pdf: Path | None, xlsx: Path | None, data: Path | None = None) -> Report:
    """Make a record's report; without a name for any file all are written beside the record.

    Raises:
      Trouble: the record cannot be read (2); it breaks a rule, is not ranked, withholds a value, or a
      character
        has no font here (1).
    """
    if pdf is None and xlsx is None and data is None:
        pdf, xlsx, data = (path.with_suffix(end) for end in (".pdf", ".xlsx", ".json"))
    found = replay.told(replay.read(path), str(path), _gather)
    return Report(
        found,
        _write(pdf, _typeset(found)) if pdf is not None else None,
        _write(xlsx, workbook.xlsx(found)) if xlsx is not None else None,
        _write(data, _data(found)) if data is not None else None,
    )


def papers(record: Record, state: State) -> dict[str, bytes]:
    """The three files' bytes by the names that an archive has for them (SPEC 26); none if nothing is ranked.

    Raises:
      Trouble: a character has no font here (1).
    """
    try:
        found = gathered.gather(record, state)
    except (NotRanked, OutcomeWithheld):
        return {}
    return {
        "report.json": _data(found), "report.pdf": _typeset(found), "report.xlsx": workbook.xlsx(found),
    }  # fmt: skip


def as_json(made: Report) -> str:
    """The report as one line: `{session, regime, title, outcome, tree_head, sections, pdf, xlsx, data}`."""
    value = _about(made.gathered) | {
        "sections": sections.sections(made.gathered),
        "pdf": made.pdf,
        "xlsx": made.xlsx,
        "data": made.data,
    }
    return msgspec.json.encode(value).decode()


def _about(found: Gathered) -> dict[str, Any]:
    return {
        "session": found.state.session,
        "regime": found.state.regime,
        "title": found.plan.title,
        "outcome": found.outcome.hex(),
        "tree_head": {"size": found.size, "root": found.root.hex()},
    }


def _data(found: Gathered) -> bytes:
    """The report for machines: under rules version 3 by the law's sections, before as it is printed."""
    grown = found.turns is not None
    told: Any = machine.sections(found) if grown else sections.sections(found)
    value = _about(found) | {"rules_version": found.state.rules_version, "sections": told}
    return msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n"


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
