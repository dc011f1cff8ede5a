"""Amounts in capital words, and the priced bill's arithmetic."""

import doctest

import pytest

from ops.sample import amounts, bill, blind
from ops.sample.facts import load


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (1, "壹分"), (10, "壹角整"), (105, "壹元零伍分"), (110, "壹元壹角整"), (100_000, "壹仟元整"),
        (1_000_000_00, "壹佰万元整"), (1_001_00, "壹仟零壹元整"), (10_001_00, "壹万零壹元整"),
        (100_100_00, "壹拾万零壹佰元整"), (4_612_350_000, "肆仟陆佰壹拾贰万叁仟伍佰元整"),
        (100_000_000_00, "壹亿元整"), (100_000_001_00, "壹亿零壹元整"),
        (1_234_567_89, "壹佰贰拾叁万肆仟伍佰陆拾柒元捌角玖分"),
    ],
)  # fmt: skip
def test_an_amount_in_words(fen: int, words: str) -> None:
    assert amounts.words(fen) == words


@pytest.mark.parametrize("text", ["", "1.234", "a", "-1.00", "1.x"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        amounts.fen_of(text)


def test_the_examples_in_the_rooms_hold() -> None:
    for module in (amounts, blind):
        failed, tried = doctest.testmod(module)
        assert (failed, tried > 0) == (0, True)


def test_any_price_is_met_to_the_fen() -> None:
    base = load().bill
    fen = [amounts.fen_of(row.base_price) for row in base.rows]
    for price in (4_400_000_001, 4_528_600_000, 4_859_999_999):
        rows = bill.priced(base, "someone", price, fen)
        assert sum(row.unit_fen * row.quantity for row in rows) == price
        assert all(row.unit_fen > 0 for row in rows)
