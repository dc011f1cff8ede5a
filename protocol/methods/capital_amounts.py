"""Amounts of money written out in Chinese capitals (大写金额): read exactly, or refused.

Owns: the numerals of tender documents and banks, 壹 to 玖 and their everyday forms, 拾 佰 仟 万 亿, 元 角 分.
Must not know: what an amount is of. An amount that can be read in two ways is not read at all.

Source: 正确填写票据和结算凭证的基本规定 (from memory), 12号令 19 (words over figures).
"""

from fractions import Fraction
from typing import Final

DIGITS: Final = {
    **dict(zip("零壹贰叁肆伍陆柒捌玖", range(10), strict=True)),
    **dict(zip("〇一二三四五六七八九", range(10), strict=True)),
    **dict(zip("○弌弍弎两貳參陸", (0, 1, 2, 3, 2, 2, 3, 6), strict=True)),
}
_SMALL: Final = {"拾": 10, "十": 10, "佰": 100, "百": 100, "仟": 1000, "千": 1000}
_ALIKE: Final = str.maketrans({"圆": "元", "圓": "元", "萬": "万", "億": "亿", "正": "整", "毛": "角"})
_SILENT: Final = frozenset(" \t\r\n\u3000:,,。.")
_FORE: Final = ("人民币", "RMB", "(大写)", "(大写)", "大写")
CHARS_MAX: Final = 60
"""No amount of this protocol is longer when it is written out."""


class NotAnAmount(ValueError):
    """The text is no amount in words, or one that could be read in two ways; it is quoted."""


def amount(text: str) -> Fraction:
    """Return the yuan that an amount in words says.

    >>> amount("人民币壹佰贰拾叁万肆仟伍佰陆拾柒元捌角玖分")
    Fraction(123456789, 100)
    >>> amount("壹仟零伍万元整"), amount("拾万圆正"), amount("伍角"), amount("贰亿零叁佰元零柒分")
    (Fraction(10050000, 1), Fraction(100000, 1), Fraction(1, 2), Fraction(20000030007, 100))

    Raises:
      NotAnAmount: anything else.
    """
    plain = "".join(c for c in text.strip() if c not in _SILENT).translate(_ALIKE)
    for word in _FORE:
        plain = plain.removeprefix(word)
    if not 0 < len(plain) <= CHARS_MAX:
        raise NotAnAmount(text)
    body, ended = plain.removesuffix("整"), plain.endswith("整")
    try:
        whole, yuan, rest = body.rpartition("元")
        if yuan and not whole:
            raise NotAnAmount(text)
        value = Fraction(_whole(whole)) if yuan else Fraction(0)
        cents = _cents(rest, after_yuan=bool(yuan))
    except (KeyError, ValueError) as error:
        raise NotAnAmount(text) from error
    if not yuan and not rest:
        raise NotAnAmount(text)
    if ended and cents % 10:
        raise NotAnAmount(text)  # 整 ends an amount in yuan or jiao, never one in fen
    return value + Fraction(cents, 100)


def _whole(text: str) -> int:
    """Yuan: the sections of 亿 and 万, each below the next; `零` may stand where something is left out."""
    high, yi, low = text.partition("亿")
    if not yi:
        return _below_yi(text)
    return _below_yi(high) * 10**8 + (_below_yi(low.removeprefix("零")) if low else 0)


def _below_yi(text: str) -> int:
    high, wan, low = text.partition("万")
    if not wan:
        return _section(text)
    return _section(high) * 10**4 + (_section(low.removeprefix("零")) if low else 0)


def _section(text: str) -> int:
    """A number from 0 to 9999; each unit is below the one before, each with one digit."""
    if text in {"零", "〇"}:
        return 0
    if not text:
        raise ValueError
    total, below, digit, gap = 0, 10_000, None, False
    for at, char in enumerate(text):
        if char in _SMALL:
            unit = _SMALL[char]
            if digit is None and at == 0 and unit == 10:
                digit = 1  # 拾万 is 壹拾万
            if digit is None or digit == 0 or unit >= below:
                raise ValueError
            total, below, digit, gap = total + digit * unit, unit, None, False
        elif DIGITS[char] == 0:
            if digit is not None or gap or at == 0:
                raise ValueError
            gap = True
        else:
            if digit is not None or below == 1:
                raise ValueError
            digit = DIGITS[char]
    if digit is not None:
        # 壹仟伍 could be 1500 or 1005: a lone digit follows 拾, or a 零, or stands alone.
        if not (gap or below in (10, 10_000)):
            raise ValueError
        total += digit
    elif gap:
        raise ValueError
    return total


def _cents(text: str, *, after_yuan: bool) -> int:
    jiao, mark, rest = text.partition("角")
    if not mark:
        jiao, rest = "", text
    tens = DIGITS[jiao.removeprefix("零") if after_yuan else jiao] if mark else 0
    if mark and tens == 0 and rest == "":
        raise ValueError
    if not rest:
        return tens * 10
    if not rest.endswith("分"):
        raise ValueError
    ones = DIGITS[rest[:-1].removeprefix("零")]
    if ones == 0:
        raise ValueError
    return tens * 10 + ones
