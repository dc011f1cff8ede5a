"""The report's figures as an Excel workbook (评标汇总表): summary, ranking, each member's sheet, the working.

Owns which sheet holds what. Sums and trimmed means are formulas that a person can click on, with the tally's
own figure as their value, so that a reader without Excel sees the record's numbers; what a formula of the
plan gave (price points) is written as a value beside its working. The same record gives the same bytes.
"""

import io
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import xlsxwriter
from xlsxwriter.utility import xl_range, xl_rowcol_to_cell

from main_venue.report import price_working, scores
from main_venue.report.gathered import Gathered, LotReport, clock
from main_venue.report.scores import Block
from main_venue.typeset.punctuation import full_width
from protocol.methods.evaluation import Row
from protocol.plan.plan import Criterion
from protocol.plan.stages import all_scored, points_text, scored_nodes
from protocol.words import term

FONT: Final = "宋体"
SHEET_NAME_CHARS_MAX: Final = 31
"""What Excel allows."""
_FORBIDDEN: Final = re.compile(r"[\[\]:*?/\\]")
_FIGURE: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,9})?")


class _Book:
    """A workbook being written: its formats, and sheets with a name each."""

    def __init__(self, gathered: Gathered) -> None:
        self._out = io.BytesIO()
        self.book = xlsxwriter.Workbook(self._out, {"in_memory": True})
        made = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=gathered.ended_ms)
        self.book.set_properties(
            {"title": "评标汇总表", "subject": gathered.plan.title, "created": made.replace(tzinfo=None)}
        )
        plain = {"font_name": FONT, "font_size": 11, "valign": "vcenter"}
        self.text = self.book.add_format({**plain, "border": 1, "text_wrap": True})
        self.figure = self.book.add_format({**plain, "border": 1, "align": "right"})
        self.head = self.book.add_format(
            {**plain, "border": 1, "bold": True, "align": "center", "bg_color": "#F1F1F1", "text_wrap": True}
        )
        self.dropped = self.book.add_format(
            {**plain, "border": 1, "align": "right", "font_strikeout": True, "bg_color": "#E4E4E4"}
        )
        self.title = self.book.add_format({**plain, "font_size": 14, "bold": True})
        self.note = self.book.add_format({**plain, "font_color": "#555555"})
        self._notice = full_width(gathered.plan.notice_zh)

    def sheet(self, name: str, title: str, widths: Sequence[float]) -> Any:
        """A new sheet with its title in the first row and the notice in the second; tables begin at row 4."""
        made = self.book.add_worksheet(_FORBIDDEN.sub(" ", full_width(name))[:SHEET_NAME_CHARS_MAX])
        made.write_string(0, 0, full_width(title), self.title)
        made.write_string(1, 0, self._notice, self.note)
        for column, width in enumerate(widths):
            made.set_column(column, column, width)
        made.freeze_panes(4, 1)
        made.set_paper(9)
        made.set_landscape()
        made.fit_to_pages(1, 0)
        return made

    def heads(self, sheet: Any, row: int, cells: Sequence[str]) -> None:
        """A table's head."""
        for column, cell in enumerate(cells):
            sheet.write_string(row, column, full_width(cell), self.head)

    def cell(self, sheet: Any, row: int, column: int, text: str, *, dropped: bool = False) -> None:
        """A figure as a number that shows the decimals of its text; anything else as text."""
        if _FIGURE.fullmatch(text) is None:
            sheet.write_string(row, column, full_width(text), self.text)
            return
        sheet.write_number(row, column, float(text), self.dropped if dropped else self.places(text))

    def formula(self, sheet: Any, row: int, column: int, formula: str, told: str) -> None:
        """A formula whose value is the record's own figure."""
        sheet.write_formula(row, column, formula, self.places(told), float(told))

    def places(self, text: str) -> Any:
        """The format that shows as many decimals as a text has."""
        decimals = len(text.partition(".")[2])
        shape = "0." + "0" * decimals if decimals else "0"
        return self.book.add_format(
            {"font_name": FONT, "font_size": 11, "border": 1, "align": "right", "num_format": shape}
        )

    def close(self) -> bytes:
        """The workbook's bytes."""
        self.book.close()
        return self._out.getvalue()


def xlsx(gathered: Gathered) -> bytes:
    """The workbook of a report."""
    book = _Book(gathered)
    _facts(book, gathered)
    for lot in gathered.lots:
        suffix = f" {lot.lot.id}" if len(gathered.lots) > 1 else ""
        _summary(book, gathered, lot, suffix)
        for top in lot.scheme.criteria:
            if all_scored(top) and (top.aggregate or lot.scheme.aggregate).of == "totals":
                _totals(book, gathered, lot, top, suffix)
        _working(book, gathered, lot, suffix)
        for seat in sorted(lot.inputs.sheets):
            _member(book, gathered, lot, seat, suffix)
    return book.close()


def _facts(book: _Book, gathered: Gathered) -> None:
    sheet = book.sheet("基本情况", "评标汇总表", (22, 90))
    rows = [
        ("项目名称", gathered.plan.title),
        ("项目编号", gathered.plan.tender),
        ("会话", gathered.state.session),
        ("记录起止", f"{clock(gathered.began_ms)} 至 {clock(gathered.ended_ms)}"),
        ("结果摘要", gathered.outcome.hex()),
        ("树头", f"{gathered.size}:{gathered.root.hex()}"),
        *((one.seat, f"{one.name or '未披露'} {one.province} {one.venue}") for one in gathered.members),
    ]
    book.heads(sheet, 3, ("项目", "内容"))
    for at, (name, text) in enumerate(rows, 4):
        sheet.write_string(at, 0, name, book.text)
        sheet.write_string(at, 1, full_width(text), book.text)


def _summary(book: _Book, gathered: Gathered, lot: LotReport, suffix: str) -> None:
    """Rank, price, parts and the figure; the figure is a sum where the plan simply sums rounded parts."""
    block = scores.summary(gathered, lot)
    head = block["rows"][0]
    sheet = book.sheet(f"汇总排序{suffix}", block["text"], (12, 26, *(16 for _ in head[2:])))
    book.heads(sheet, 3, head)
    for at, (row, cells) in enumerate(zip(lot.evaluation.rows, block["rows"][1:], strict=True), 4):
        for column, cell in enumerate(cells[:-1]):
            book.cell(sheet, at, column, cell)
        last = len(cells) - 1
        if _simply_summed(lot, row):
            places = lot.scheme.rounding.total.places
            book.formula(sheet, at, last, f"=ROUND(SUM({xl_range(at, 3, at, last - 1)}),{places})", cells[-1])
        else:
            book.cell(sheet, at, last, cells[-1])


def _simply_summed(lot: LotReport, row: Row) -> bool:
    rounding = lot.scheme.rounding
    return (
        bool(row.total)
        and scores.figure_name(lot) == "总分"
        and rounding.order == "round_then_sum"
        and rounding.total.mode == "half_up"
        and rounding.part is not None
    )


def _totals(book: _Book, gathered: Gathered, lot: LotReport, top: Criterion, suffix: str) -> None:
    """Each member's total for a criterion; what was dropped is struck through, the mean is a formula."""
    aggregate = top.aggregate or lot.scheme.aggregate
    seats = sorted(lot.inputs.sheets)
    sheet = book.sheet(
        f"{top.id} {top.zh}{suffix}", f"{top.id} {top.zh}:各成员总分", (26, *(12 for _ in seats), 12)
    )
    book.heads(sheet, 3, (term("bidder", gathered.state.regime).zh, *seats, "得分"))
    rounding = lot.scheme.rounding
    for at, row in enumerate(lot.evaluation.rows, 4):
        found = scores.given(lot, top, row.bidder, aggregate)
        book.cell(sheet, at, 0, lot.bidder(row.bidder).shown)
        for column, seat in enumerate(seats, 1):
            book.cell(sheet, at, column, found.by_seat[seat], dropped=seat in (*found.high, *found.low))
        part = scores.part_of(row, top.id)
        assert part is not None
        kept = [
            xl_rowcol_to_cell(at, column)
            for column, seat in enumerate(seats, 1)
            if seat not in (*found.high, *found.low)
        ]
        mean = f"AVERAGE({','.join(kept)})"
        rounds = rounding.part is not None and rounding.part.mode == "half_up" and not top.normalise_centi
        if rounds and rounding.order == "round_then_sum" and rounding.part is not None:
            book.formula(sheet, at, len(seats) + 1, f"=ROUND({mean},{rounding.part.places})", part.points)
        else:
            book.cell(sheet, at, len(seats) + 1, part.points)
    sheet.write_string(
        5 + len(lot.evaluation.rows), 0, full_width("划线者为去掉的最高分与最低分。"), book.note
    )


def _working(book: _Book, gathered: Gathered, lot: LotReport, suffix: str) -> None:
    """The price points step by step, as the report shows them."""
    blocks: list[Block] = [scores.lined_up(block) for block in price_working.steps(gathered, lot)]
    if not blocks:
        return
    sheet = book.sheet(f"报价得分{suffix}", f"{lot.lot.zh}:报价得分计算过程", (26, 18, 30, 26, 20, 12))
    at = 3
    for block in blocks:
        if block["kind"] != "table":
            sheet.write_string(at, 0, full_width(block["text"]), book.note)
            at += 1
            continue
        at += 1
        book.heads(sheet, at, block["rows"][0])
        for cells in block["rows"][1:]:
            at += 1
            for column, cell in enumerate(cells):
                book.cell(sheet, at, column, cell)
        at += 2


def _member(book: _Book, gathered: Gathered, lot: LotReport, seat: str, suffix: str) -> None:
    """One member's sheet: item × bidder, with the column's sum."""
    name = next((one.name for one in gathered.members if one.seat == seat), "")
    bidders = [one for one in lot.bidders if one.valid]
    leaves = scored_nodes(lot.scheme)
    sheet = book.sheet(
        f"{seat} 评分表{suffix}", f"{seat} {name} 评分表".replace("  ", " "), (26, 8, *(16 for _ in bidders))
    )
    book.heads(sheet, 3, ("评分项", "满分", *(one.shown for one in bidders)))
    given = lot.inputs.sheets[seat]
    for at, node in enumerate(leaves, 4):
        criterion = node.criterion
        book.cell(sheet, at, 0, f"{criterion.id} {criterion.zh}")
        book.cell(sheet, at, 1, points_text(criterion.max_centi))
        for column, one in enumerate(bidders, 2):
            book.cell(sheet, at, column, points_text(given[one.id][criterion.id]))
    last = 4 + len(leaves)
    sheet.write_string(last, 0, "合计", book.head)
    sheet.write_blank(last, 1, None, book.head)
    for column, one in enumerate(bidders, 2):
        told = points_text(sum(given[one.id][node.criterion.id] for node in leaves))
        book.formula(sheet, last, column, f"=SUM({xl_range(4, column, last - 1, column)})", told)
