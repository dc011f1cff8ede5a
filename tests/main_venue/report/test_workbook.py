"""The workbook read back: every figure the record's, formulas where a person expects them."""

import io
from decimal import Decimal
from typing import Any

import openpyxl
import pytest

from main_venue.report import workbook
from main_venue.report.gathered import Gathered
from tests.main_venue.report import records


@pytest.fixture(scope="module")
def found() -> Gathered:
    return records.read(records.archived(records.SAMPLE))


@pytest.fixture(scope="module")
def book(found: Gathered) -> bytes:
    return workbook.xlsx(found)


def _rows(raw: bytes, sheet: str, *, values: bool = True) -> list[tuple[Any, ...]]:
    read = openpyxl.load_workbook(io.BytesIO(raw), data_only=values)
    return list(read[sheet].iter_rows(min_row=5, values_only=True))


def _exact(cell: object) -> Decimal:
    assert isinstance(cell, int | float)
    return Decimal(str(cell))


def test_sheets_are_named_as_people_look_for_them(book: bytes) -> None:
    assert openpyxl.load_workbook(io.BytesIO(book)).sheetnames == [
        "基本情况", "汇总排序", "A 技术部分（暗标）", "报价得分",
        "M1 评分表", "M2 评分表", "M3 评分表", "M4 评分表", "M5 评分表",
    ]  # fmt: skip


def test_the_summary_read_back_is_the_tally(found: Gathered, book: bytes) -> None:
    lot = found.lots[0]
    for row, cells in zip(lot.evaluation.rows, _rows(book, "汇总排序"), strict=True):
        assert cells[0] == row.rank
        assert cells[1] == lot.bidder(row.bidder).shown
        assert _exact(cells[2]) == Decimal(row.price)
        assert [_exact(cell) for cell in cells[3:-1]] == [Decimal(part.points) for part in row.parts]
        assert _exact(cells[-1]) == Decimal(row.total)


def test_sums_and_trimmed_means_are_formulas(book: bytes) -> None:
    assert _rows(book, "汇总排序", values=False)[0][-1] == "=ROUND(SUM(D5:F5),2)"
    # M3 and M5 are dropped for the first
    assert _rows(book, "A 技术部分（暗标）", values=False)[0][-1] == "=ROUND(AVERAGE(B5,C5,E5),2)"
    assert _rows(book, "M1 评分表", values=False)[-1][2] == "=SUM(C5:C14)"


def test_a_formula_worked_out_again_gives_what_stands_beside_it(found: Gathered, book: bytes) -> None:
    for cells in _rows(book, "A 技术部分（暗标）")[: len(found.lots[0].bidders)]:
        members = sorted(_exact(cell) for cell in cells[1:6])
        assert round(sum(members[1:4]) / 3, 2) == _exact(cells[6])
    for cells in _rows(book, "汇总排序"):
        assert sum(_exact(cell) for cell in cells[3:-1]) == _exact(cells[-1])


def test_every_members_sheet_read_back_is_the_sealed_one(found: Gathered, book: bytes) -> None:
    lot = found.lots[0]
    for seat, sheet in lot.inputs.sheets.items():
        *rows, total = _rows(book, f"{seat} 评分表")
        assert len(rows) == 10
        for cells in rows:
            criterion = str(cells[0]).split()[0]
            given = [_exact(cell) * 100 for cell in cells[2:]]
            assert given == [sheet[one.id][criterion] for one in lot.bidders]
        assert [_exact(cell) * 100 for cell in total[2:]] == [
            sum(sheet[one.id].values()) for one in lot.bidders
        ]


def test_the_first_sheet_names_the_record(found: Gathered, book: bytes) -> None:
    told = dict(row[:2] for row in _rows(book, "基本情况"))
    assert told["结果摘要"] == found.outcome.hex()
    assert told["树头"] == f"{found.size}:{found.root.hex()}"


@pytest.mark.parametrize(
    "path", [records.SAMPLE, records.GOV_PROC, records.LOW_PRICE, records.ADJUSTED_PRICE]
)
def test_any_method_has_a_workbook_and_the_same_one_again(path: str) -> None:
    found = records.read(records.archived(path))
    made = workbook.xlsx(found)
    assert made == workbook.xlsx(found)
    head = next(openpyxl.load_workbook(io.BytesIO(made))["汇总排序"].iter_rows(min_row=4, values_only=True))
    assert head[1] == ("供应商" if found.state.regime == "GOV_PROC" else "投标人")
    told = [_exact(cells[-1]) for cells in _rows(made, "汇总排序")]
    assert told == [Decimal(row.total) for row in found.lots[0].evaluation.rows]
