"""`tongchang pool check FILE`: an expert pool out of CSV or Excel, row by row (专家库导入检查).

Owns: how a table is read, which columns there are, and what is said of each row in Chinese and English.
Must not know: how a draw works. A row that is wrong is named with its line and column; all rows are
looked at, so that one run shows everything. Exit codes: 0 every row is good, 1 some are not, 2 the
file cannot be read.

In a cell, several things are set apart by `;`, the parts of one by `|`:
历任单位 `单位|起|止`, 亲属 `姓名|关系|单位`, 处罚 `起|止|文号`, 请假 `起|止`; dates are `2026-11-26`.
"""

import csv
import io
import re
import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from main_venue.report.provinces import PROVINCES
from ops.trouble import Trouble
from protocol.pool.expert import Expert, Kin, Leave, Penalty, Post

FILE_BYTES_MAX: Final = 64 * 1024 * 1024
ROWS_MAX: Final = 100_000
CELL_CHARS_MAX: Final = 8_000
GOOD, WRONG, UNREADABLE = 0, 1, 2

COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "id": ("编号", "专家编号", "id"),
    "name": ("姓名", "name"),
    "province": ("省份", "所在省份", "province"),
    "specialities": ("专业", "评审专业", "专业代码", "specialities", "speciality"),
    "employer": ("工作单位", "单位", "employer"),
    "code": ("单位代码", "统一社会信用代码", "employer_code"),
    "history": ("历任单位", "工作经历", "history"),
    "kin": ("亲属", "近亲属", "kin"),
    "penalties": ("处罚", "处罚记录", "penalties"),
    "leaves": ("请假", "leave", "leaves"),
}
"""Column to the headings under which it is known, Chinese and English; the first one is told."""

_NEEDED: Final = ("id", "name", "province", "specialities", "employer")
_PROVINCES: Final = {
    written: name
    for name, zh in PROVINCES.items()
    for written in (zh, zh.removesuffix("省").removesuffix("市"))
}


class RowError(Struct, frozen=True):
    """What is wrong with a cell: `line` counts from 1 with the heading, an empty column is the whole row."""

    line: int
    column: str
    zh: str
    en: str


class Pool(Struct, frozen=True):
    """A pool as read: the good rows, and what is wrong with the others."""

    experts: tuple[Expert, ...]
    errors: tuple[RowError, ...]


class _Wrong(ValueError):
    """A cell is not well formed; the caller knows which."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


def read_pool(path: Path) -> Pool:
    """Read a pool from a CSV (UTF-8 or GB 18030) or `.xlsx` file.

    Raises:
      Trouble: there is no such file, it is too large, or no table of either form (2).
    """
    try:
        size = path.stat().st_size
        raw = path.read_bytes() if size <= FILE_BYTES_MAX else b""
    except OSError as error:
        reason = error.strerror or str(error)
        raise Trouble(
            f"无法读取“{path}”:{reason}。请检查路径和权限。",
            f"Cannot read “{path}”: {reason}. Check the path and its permissions.",
            UNREADABLE,
        ) from error
    if size > FILE_BYTES_MAX:
        raise Trouble(
            f"文件 {size} 字节,上限 {FILE_BYTES_MAX} 字节。请拆分文件。",
            f"The file has {size} bytes, at most {FILE_BYTES_MAX}. Split it.",
            UNREADABLE,
        )
    table = _from_excel(raw) if zipfile.is_zipfile(io.BytesIO(raw)) else _from_csv(raw)
    return of_rows(table)


def of_rows(table: Iterable[tuple[str, ...]]) -> Pool:
    """The pool that a table's rows are, the first row its headings.

    Raises:
      Trouble: a needed column is missing, or there are too many rows (2).
    """
    rows = iter(table)
    columns = _columns(next(rows, ()))
    experts, errors = [], []
    seen: dict[str, int] = {}
    for line, row in enumerate(rows, start=2):
        if line > ROWS_MAX:
            raise Trouble(
                f"超过 {ROWS_MAX} 行。请拆分文件。", f"More than {ROWS_MAX} rows. Split the file.", UNREADABLE
            )
        if not any(row):
            continue
        cells = {name: row[at] if at < len(row) else "" for name, at in columns.items()}
        expert, wrong = _expert(line, cells)
        errors.extend(wrong)
        if expert is None:
            continue
        if expert.id in seen:
            zh = f"编号“{expert.id}”已在第 {seen[expert.id]} 行出现。请只保留一行。"
            en = f"“{expert.id}” stands on line {seen[expert.id]} already. Keep one row."
            errors.append(_of(line, "id", zh, en))
            continue
        seen[expert.id] = line
        experts.append(expert)
    return Pool(tuple(experts), tuple(errors))


# --- tables -------------------------------------------------------------------------------------------------


def _from_csv(raw: bytes) -> Iterator[tuple[str, ...]]:
    text = None
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    if text is None or "\0" in text:
        raise _no_table("")
    try:
        for row in csv.reader(io.StringIO(text)):
            yield tuple(cell.strip() for cell in row)
    except csv.Error as error:
        raise _no_table(str(error)) from error


def _from_excel(raw: bytes) -> Iterator[tuple[str, ...]]:
    from openpyxl import load_workbook  # noqa: PLC0415 - half a second that CSV files need not wait for

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            sheet = load_workbook(io.BytesIO(raw), read_only=True, data_only=True).worksheets[0]
        for row in sheet.iter_rows(values_only=True):
            yield tuple(_cell(value) for value in row)
    except (ValueError, KeyError, IndexError, OSError, zipfile.BadZipFile, SyntaxError) as error:
        raise _no_table(str(error)) from error


def _no_table(why: str) -> Trouble:
    return Trouble(
        f"不是 CSV 或 Excel(.xlsx)表格。{why}请另存为其中一种格式。",
        f"This is neither CSV nor Excel (.xlsx). {why} Save it as one of them.",
        UNREADABLE,
    )


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value.isoformat()[:10] if isinstance(value, date) else str(value).strip()


def _columns(headings: tuple[str, ...]) -> dict[str, int]:
    plain = [heading.strip().lower() for heading in headings]
    found = {
        name: next(plain.index(one) for one in known if one in plain)
        for name, known in COLUMNS.items()
        if any(one in plain for one in known)
    }
    missing = [COLUMNS[name][0] for name in _NEEDED if name not in found]
    if missing:
        names = "、".join(missing)
        raise Trouble(
            f"缺少列:{names}。请在第一行补充列名。",
            f"Columns are missing: {names}. Put their names in the first row.",
            UNREADABLE,
        )
    return found


# --- one row ------------------------------------------------------------------------------------------------


def _expert(line: int, cells: dict[str, str]) -> tuple[Expert | None, list[RowError]]:
    """The expert of a row, or everything that is wrong with it."""
    errors: list[RowError] = []

    def read(name: str, how: Callable[[str], Any]) -> Any:
        cell = cells.get(name, "")
        try:
            if len(cell) > CELL_CHARS_MAX:
                raise _Wrong(f"内容超过 {CELL_CHARS_MAX} 字。", f"More than {CELL_CHARS_MAX} characters.")
            return how(cell)
        except _Wrong as error:
            errors.append(_of(line, name, error.zh, error.en))
            return None

    now = read("employer", _needed)
    parts = {
        "id": read("id", _id),
        "name": read("name", _needed),
        "province": read("province", lambda cell: _id(_PROVINCES.get(cell, cell))),
        "specialities": read("specialities", _specialities),
        "kin": read("kin", lambda cell: tuple(Kin(n, r, e) for n, r, e in _list(cell, 3))),
        "penalties": read(
            "penalties", lambda cell: tuple(Penalty(_day(s), _day(u, ""), d) for s, u, d in _list(cell, 3))
        ),
        "leaves": read("leaves", lambda cell: tuple(Leave(_day(s), _day(u)) for s, u in _list(cell, 2))),
    }
    code = read("code", _code)
    past = read(
        "history", lambda cell: tuple(Post(e, "", _day(s, ""), _day(u, "")) for e, s, u in _list(cell, 3))
    )
    if errors:
        return None, errors
    made = Expert(posts=(Post(now, code), *past), **parts)
    try:
        return msgspec.convert(msgspec.to_builtins(made), Expert), []
    except msgspec.ValidationError as error:
        return None, [_of(line, "", f"内容不合格式:{error}", f"Not well formed: {error}")]


def _needed(cell: str) -> str:
    if not cell:
        raise _Wrong("此项必填。请补充。", "This must be filled in.")
    return cell


def _id(cell: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", _needed(cell)):
        raise _Wrong(
            f"“{cell}”须为 1 至 64 个字母、数字、点、下划线或连字符。",
            f"“{cell}” must be 1 to 64 letters, digits, dots, underscores or hyphens.",
        )
    return cell


def _specialities(cell: str) -> tuple[str, ...]:
    found = tuple(_id(one.strip()) for one in re.split(r"[;;、,,\s]+", _needed(cell)) if one.strip())
    return tuple(dict.fromkeys(found))


def _code(cell: str) -> str:
    if cell and not re.fullmatch(r"[0-9A-Z]{18}", cell.upper()):
        raise _Wrong(
            f"“{cell}”不是 18 位统一社会信用代码。",
            f"“{cell}” is no unified social credit code of 18 characters.",
        )
    return cell.upper()


def _list(cell: str, parts: int) -> list[list[str]]:
    found = []
    for one in re.split(r"[;;\n]+", cell):
        if not one.strip():
            continue
        told = [part.strip() for part in re.split(r"[||]", one)]
        if len(told) > parts or not any(told):
            raise _Wrong(
                f"“{one.strip()}”应为 {parts} 段,以“|”分隔。",
                f"“{one.strip()}” must have {parts} parts, set apart by “|”.",
            )
        found.append(told + [""] * (parts - len(told)))
    return found


def _day(cell: str, otherwise: str | None = None) -> str:
    if not cell and otherwise is not None:
        return otherwise
    told = re.sub(r"[./年月]", "-", cell).rstrip("日")
    try:
        year, month, day = (int(part) for part in told.split("-"))
        return date(year, month, day).isoformat()
    except ValueError as error:
        raise _Wrong(
            f"“{cell}”不是日期,应如 2026-11-26。", f"“{cell}” is no date; write 2026-11-26."
        ) from error


def _of(line: int, name: str, zh: str, en: str) -> RowError:
    return RowError(line, COLUMNS[name][0] if name else "", zh, en)


# --- the command --------------------------------------------------------------------------------------------


def check(path: Path, as_json: bool) -> int:
    """Say what is good and what is wrong; the exit code."""
    pool = read_pool(path)
    strata: dict[tuple[str, str], int] = {}
    for expert in pool.experts:
        for speciality in expert.specialities:
            strata[expert.province, speciality] = strata.get((expert.province, speciality), 0) + 1
    if as_json:
        told = {
            "experts": len(pool.experts),
            "strata": [
                {"province": p, "speciality": s, "experts": n} for (p, s), n in sorted(strata.items())
            ],
            "errors": pool.errors,
        }
        print(msgspec.json.encode(told).decode(), flush=True)
        return WRONG if pool.errors else GOOD
    for one in pool.errors:
        print(f"第 {one.line} 行 line {one.line}  {one.column}:{one.zh} / {one.en}")
    print(
        f"合格 {len(pool.experts)} 人,有误 {len(pool.errors)} 处 / "
        f"{len(pool.experts)} good rows, {len(pool.errors)} faults"
    )
    for (province, speciality), count in sorted(strata.items()):
        print(f"  {province} {speciality}: {count}")
    return WRONG if pool.errors else GOOD
