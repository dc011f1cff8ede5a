"""Amounts in Chinese capitals: whatever is written by the rules is read exactly, the doubtful is refused."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.methods.capital_amounts import NotAnAmount, amount

_DIGITS = "零壹贰叁肆伍陆柒捌玖"


def _section(number: int) -> str:
    """1 to 9999 as bank tellers write it."""
    out, gap = "", False
    for unit, name in ((1000, "仟"), (100, "佰"), (10, "拾"), (1, "")):
        digit = number // unit % 10
        if digit:
            out += ("零" if gap and out else "") + _DIGITS[digit] + name
            gap = False
        else:
            gap = True
    return out


def written(cents: int) -> str:
    """An amount in words, written by a rule of its own: sections, 零 where a higher place is missing."""
    yuan, jiao, fen = cents // 100, cents // 10 % 10, cents % 10
    out = ""
    for size, name in ((10**12, "万亿"), (10**8, "亿"), (10**4, "万"), (1, "")):
        part = yuan // size % 10_000
        if part:
            out += ("零" if out and part < 1000 else "") + _section(part) + name
    out = out.replace("万亿", "万", 1) if "万亿" in out and out.count("亿") > 1 else out
    out += "元" if out else ""
    if not jiao and not fen:
        return (out or "零元") + "整"
    out += _DIGITS[jiao] + "角" if jiao else "零" if out else ""
    return out + (_DIGITS[fen] + "分" if fen else "整")


@given(st.integers(0, 10**18 - 1))
def test_what_is_written_by_the_rules_is_read_exactly(cents: int) -> None:
    assert amount(written(cents)) == Fraction(cents, 100)


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("人民币(大写):叁佰万元整", 300_000_000),
        ("¥", None),
        ("伍仟元", 500_000),
        ("拾元", 1_000),
        ("十万零三百元", 10_030_000),
        ("壹亿元整", 10_000_000_000),
        ("零元整", 0),
        ("玖分", 9),
        ("壹元零伍分", 105),
        ("壹元伍角整", 150),
        ("贰拾伍元叁毛", 2_530),
    ],
)
def test_everyday_forms(text: str, cents: int | None) -> None:
    if cents is None:
        with pytest.raises(NotAnAmount):
            amount(text)
    else:
        assert amount(text) == Fraction(cents, 100)


@pytest.mark.parametrize(
    "doubtful",
    [
        "",
        "整",
        "元",
        "壹佰贰拾",  # no 元
        "壹仟伍元",  # 1500 or 1005
        "壹佰壹佰元",
        "拾佰元",
        "壹拾贰拾元",
        "零零元",
        "壹零元",
        "壹万万元",
        "壹亿贰亿元",
        "壹元伍分整",  # 整 after fen
        "壹元零角",
        "壹元零分",
        "负壹元",
        "壹元贰",
        "100元",
        "壹元二角三",
        "壹千万美元",
        "元" * 61,
    ],
)
def test_what_is_no_amount_or_two_is_refused(doubtful: str) -> None:
    with pytest.raises(NotAnAmount):
        amount(doubtful)
