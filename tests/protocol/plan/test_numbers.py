"""Exact numbers and roundings."""

from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.plan.formulas import Rounding
from protocol.plan.numbers import exact_text, fixed_text, number, rounded, shown

decimals = st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**9), max_value=10**9)


@given(decimals, st.integers(0, 9), st.sampled_from(["half_up", "truncate"]))
def test_rounding_agrees_with_the_decimal_module(
    value: Decimal, places: int, mode: Literal["half_up", "truncate"]
) -> None:
    wanted = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP if mode == "half_up" else ROUND_DOWN)
    assert rounded(Fraction(value), Rounding(mode=mode, places=places)) == Fraction(wanted)


@given(decimals)
def test_a_decimal_text_survives_the_way_there_and_back(value: Decimal) -> None:
    assert number(exact_text(Fraction(value))) == Fraction(value)


@given(st.fractions(), st.integers(0, 9))
def test_fixed_text_has_its_decimals_and_no_minus_zero(value: Fraction, places: int) -> None:
    text = fixed_text(value, places)
    assert len(text.partition(".")[2]) == places
    assert abs(number(text) - value) <= Fraction(1, 2 * 10**places)
    assert not (text.startswith("-") and number(text) == 0)


@pytest.mark.parametrize(
    ("value", "shown_as"), [("34.825", "34.83"), ("34.8249", "34.82"), ("-34.825", "-34.83"), ("14", "14.00")]
)
def test_a_half_goes_up_at_the_second_decimal(value: str, shown_as: str) -> None:
    assert shown(number(value), Rounding(mode="half_up", places=2)) == shown_as


def test_truncation_prints_what_the_peruvian_source_prints() -> None:
    assert shown(Fraction(55, 6), Rounding(mode="truncate", places=3)) == "9.166"
    assert shown(Fraction(55, 6), Rounding(mode="half_up", places=3)) == "9.167"
