"""Amounts of money as Chinese papers write them: in figures to the fen, and in capital words (大写金额).

Owns the two forms. Amounts are whole fen, so that nothing is ever rounded. Source: 票据法, 支付结算办法 附一
(正确填写票据和结算凭证的基本规定).
"""

from typing import Final

_DIGITS: Final = "零壹贰叁肆伍陆柒捌玖"
_PLACES: Final = ("", "拾", "佰", "仟")
_GROUPS: Final = ("", "万", "亿", "万亿")
FEN_MAX: Final = 10**18


def figures(fen: int) -> str:
    """An amount in yuan with thousands' commas and two decimals.

    >>> figures(4698000000)
    '46,980,000.00'
    """
    return f"{fen // 100:,}.{fen % 100:02d}"


def fen_of(text: str) -> int:
    """The fen of an amount in yuan, with or without commas; the reverse of `figures`.

    >>> fen_of("46,980,000.00")
    4698000000

    Raises:
        ValueError: it is no amount in yuan with at most two decimals.
    """
    whole, _, part = text.replace(",", "").partition(".")
    if not whole.isdigit() or len(part) > 2 or (part and not part.isdigit()):
        raise ValueError(text)
    return int(whole) * 100 + int(part.ljust(2, "0"))


def words(fen: int) -> str:
    """An amount in capital words.

    >>> words(4698000000)
    '肆仟陆佰玖拾捌万元整'
    >>> words(4690800005)
    '肆仟陆佰玖拾万捌仟元零伍分'
    >>> words(10500)
    '壹佰零伍元整'
    """
    assert 0 < fen < FEN_MAX
    yuan, jiao, rest = fen // 100, fen // 10 % 10, fen % 10
    told = f"{_whole(yuan)}元" if yuan else ""
    if not jiao and not rest:
        return f"{told}整"
    if jiao:
        told += f"{_DIGITS[jiao]}角"
    elif yuan:
        told += "零"
    return told + (f"{_DIGITS[rest]}分" if rest else "整")


def _whole(number: int) -> str:
    """A whole number in capital words, one 零 for any run of noughts within it."""
    told = ""
    gap = False
    for group in reversed(range(len(_GROUPS))):
        part = number // 10_000**group % 10_000
        if not part:
            gap = bool(told)
            continue
        if told and (gap or part < 1_000):
            told += "零"
        told += _below_ten_thousand(part) + _GROUPS[group]
        gap = False
    return told


def _below_ten_thousand(part: int) -> str:
    told = ""
    gap = False
    for place in reversed(range(4)):
        digit = part // 10**place % 10
        if not digit:
            gap = bool(told)
            continue
        told += ("零" if gap else "") + _DIGITS[digit] + _PLACES[place]
        gap = False
    return told
