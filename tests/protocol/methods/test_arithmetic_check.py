"""Arithmetic corrections: the order of the rules, the one exception, and that order of lines is no matter."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from protocol import canonical
from protocol.methods.arithmetic_check import Correction, Line, Schedule, correction
from protocol.methods.capital_amounts import NotAnAmount

GOOD = Schedule(
    read_out="5200", total="5200", words="伍仟贰佰元整", yuan_per_unit="1", places=2,
    lines=(Line("1", "12", "350", "4200"), Line("2", "4", "250", "1000")),
)  # fmt: skip


def steps(found: Correction) -> list[tuple[str, str, str, str]]:
    return [(one.step, one.line, one.before, one.after) for one in found.proposals]


def test_a_schedule_that_is_right_calls_for_nothing() -> None:
    assert correction(GOOD, "TENDER") == Correction(GOOD, (), "5200")
    assert correction(GOOD, "GOV_PROC") == Correction(GOOD, (), "5200")


def test_words_stand_over_figures() -> None:
    wrong = replace(GOOD, total="2500", read_out="2500")
    found = correction(wrong, "TENDER")
    assert (steps(found), found.corrected) == ([("words", "", "2500", "5200")], "5200")


def test_words_are_in_yuan_whatever_the_figures_are_in() -> None:
    tender = Schedule("520", "520", "伍佰贰拾壹万元整", "10000", 2, ())
    assert steps(correction(tender, "TENDER")) == [("words", "", "520", "521")]


def test_the_unit_price_stands_over_the_lines_total() -> None:
    wrong = replace(GOOD, lines=(Line("1", "12", "350", "4020"), GOOD.lines[1]))
    found = correction(wrong, "TENDER")
    assert steps(found) == [("unit_price", "1", "4020", "4200")]
    assert found.corrected == "5200"


@pytest.mark.parametrize("unit_price", ["3.5", "35", "3500", "350000"])
def test_a_misplaced_decimal_point_is_mended_in_the_unit_price(unit_price: str) -> None:
    wrong = replace(GOOD, lines=(Line("1", "12", unit_price, "4200"), GOOD.lines[1]))
    found = correction(wrong, "TENDER")
    assert steps(found) == [("decimal_point", "1", unit_price, "350")]
    assert found.corrected == "5200"


def test_a_factor_that_is_no_power_of_ten_is_no_misplaced_point() -> None:
    wrong = replace(GOOD, lines=(Line("1", "12", "700", "4200"), GOOD.lines[1]))
    assert steps(correction(wrong, "TENDER")) == [
        ("unit_price", "1", "4200", "8400"),
        ("sum", "", "5200", "9400"),
    ]


def test_the_sum_of_the_lines_stands_over_the_total() -> None:
    wrong = replace(GOOD, total="5300", read_out="5300", words="")
    assert steps(correction(wrong, "TENDER")) == [("sum", "", "5300", "5200")]


def test_under_gov_proc_the_price_list_of_the_opening_comes_first() -> None:
    wrong = replace(GOOD, read_out="5200", total="5100")
    assert steps(correction(wrong, "GOV_PROC")) == [("read_out", "", "5100", "5200")]
    assert steps(correction(wrong, "TENDER")) == [("words", "", "5100", "5200")]


def test_lines_are_rounded_as_money_is() -> None:
    line = Line("1", "3", "0.335", "1.01")
    assert correction(Schedule("1.01", "1.01", "", "1", 2, (line,)), "TENDER").proposals == ()


def test_words_that_are_no_amount_are_no_schedule() -> None:
    with pytest.raises(NotAnAmount):
        correction(replace(GOOD, words="约伍仟元"), "TENDER")


_money = st.integers(0, 10**9).map(lambda cents: f"{cents // 100}.{cents % 100:02d}")
_lines = st.lists(st.tuples(st.integers(0, 999).map(str), _money, _money), max_size=12)


@given(_lines, _money, st.randoms(use_true_random=False))
def test_what_it_comes_to_does_not_hang_on_the_order_of_lines(
    rows: list[tuple[str, str, str]], total: str, dice: object
) -> None:
    lines = [Line(f"L{place}", *row) for place, row in enumerate(rows)]
    told = Schedule(total, total, "", "1", 2, tuple(lines))
    dice.shuffle(lines)  # type: ignore[attr-defined]
    mixed = replace(told, lines=tuple(lines))
    assert correction(mixed, "TENDER").corrected == correction(told, "TENDER").corrected


@given(_lines, _money)
def test_a_corrected_schedule_is_right(rows: list[tuple[str, str, str]], total: str) -> None:
    lines = tuple(Line(f"L{place}", *row) for place, row in enumerate(rows))
    found = correction(Schedule(total, total, "", "1", 2, lines), "GOV_PROC")
    mended = {one.line: one for one in found.proposals if one.line}
    again = []
    for line in lines:
        one = mended.get(line.line)
        if one is None:
            again.append(line)
        elif one.step == "unit_price":
            again.append(replace(line, total=one.after))
        else:
            again.append(replace(line, unit_price=one.after))
    final = Schedule(found.corrected, found.corrected, "", "1", 2, tuple(again))
    assert correction(final, "GOV_PROC").proposals == ()
    if lines:
        assert Fraction(found.corrected) == sum(Fraction(line.total) for line in again)


def test_a_correction_has_canonical_bytes_of_its_own() -> None:
    found = correction(replace(GOOD, total="2500", read_out="2500"), "TENDER")
    raw = canonical.encode(found)
    assert canonical.decode(raw, Correction, 1_000_000) == found
