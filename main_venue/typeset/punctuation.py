"""Punctuation as Chinese is set (标点): full width beside Chinese, whatever width it was typed in.

Owns that one change; words and figures stay as they are. Source: GB/T 15834-2011 标点符号用法.
"""

import re
from typing import Any, Final

_HAN: Final = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_BESIDE: Final = rf"{_HAN}、。《》“”‘’()%℃℃³²"
_FULL: Final = {",": "\uff0c", ":": "\uff1a", ";": "\uff1b", "?": "\uff1f", "!": "\uff01"}
_BETWEEN_WORDS: Final = r"(?<![0-9])[,;](?=[^\s])|[,;](?=[^\s0-9])"
_MARK: Final = re.compile(rf"(?<=[{_BESIDE}\uff09\uff08])[,:;?!]|[,:;?!](?=[{_HAN}“‘《])|{_BETWEEN_WORDS}")
_PAIR: Final = re.compile(rf"(?<=[{_HAN}])\(([^()]*)\)|\(([^()]*[{_HAN}][^()]*)\)")
_RANGE: Final = re.compile(r"(?<=[0-9%])~(?=[0-9A-Za-z])")
_ONLY_A_RANGE: Final = re.compile(r"[0-9.]+~[0-9.]+(?: [A-Za-z%]+)?")
_HAS_HAN: Final = re.compile(rf"[{_HAN}]")


def full_width(text: str) -> str:
    """A text with the punctuation beside its Chinese in full width.

    >>> full_width("施工(标段 01),见 3:30, a:b")
    '施工（标段 01），见 3:30, a:b'
    >>> full_width("长 10 mm;HDPE 管 1,200 m")
    '长 10 mm；HDPE 管 1,200 m'
    >>> full_width("21~115")
    '21～115'
    >>> full_width("plain text, as it is (so)")
    'plain text, as it is (so)'
    """
    if not _HAS_HAN.search(text):
        return text.replace("~", "\uff5e") if _ONLY_A_RANGE.fullmatch(text) else text
    text = _PAIR.sub(lambda found: f"\uff08{found[1] if found[1] is not None else found[2]}\uff09", text)
    text = _MARK.sub(lambda found: _FULL[found[0]], text)
    return _RANGE.sub("\uff5e", text)


def full_width_all(value: Any) -> Any:
    """The same for every text within lists and mappings; names of fields are left alone."""
    if isinstance(value, str):
        return full_width(value)
    if isinstance(value, dict):
        return {name: full_width_all(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [full_width_all(one) for one in value]
    return value
