"""Reading JSON so that every value knows its line (定位到行).

Owns: a strict RFC 8259 reader that gives the value, the line of each JSON pointer, and every duplicate key.
Must not know: what the file means. The standard reader forgets positions and keeps the last of two equal
keys; people who mend a case file by hand need both told.

Source: RFC 8259 (grammar), RFC 6901 (pointers).
"""

import re
from typing import Any, Final

from msgspec import Struct

from protocol.plan.findings import Finding, at_line, finding

DEPTH_MAX: Final = 32
"""Deepest nesting that is read."""

_SPACE: Final = re.compile(r"[ \t\r\n]*")
_STRING: Final = re.compile(r'"((?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*)"')
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,99})(\.[0-9]{1,99})?([eE][+-]?[0-9]{1,9})?(?![0-9.eE])")
_WORDS: Final[dict[str, bool | None]] = {"true": True, "false": False, "null": None}
_ESCAPE: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))")
_SIMPLE: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


class Fractional(str):
    """A number with a fraction or an exponent, kept as it is written: nothing of ours may be a float."""

    __slots__ = ()


class Located(Struct, frozen=True):
    """What was read. `lines` maps each JSON pointer to the line where its member or item starts."""

    value: Any
    lines: dict[str, int]
    duplicates: tuple[Finding, ...]


class _Unreadable(Exception):
    def __init__(self, at: int, zh: str, en: str) -> None:
        super().__init__(en)
        self.at = at
        self.zh = zh
        self.en = en


def parse(text: bytes) -> Located | Finding:
    r"""Read JSON bytes (UTF-8, a byte order mark is allowed).

    Returns:
        The value with its lines, or the one finding `Unreadable` with line and column. Of duplicate keys
        the first value is kept and each further one told in `duplicates`.

    >>> located = parse(b'{"a": 1,\n "b": [true,\n 2]}')
    >>> located.value, located.lines["/b/1"]
    ({'a': 1, 'b': [True, 2]}, 3)
    """
    try:
        decoded = text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        column = error.start - text.rfind(b"\n", 0, error.start)
        return _unreadable(line, column, "含有非 UTF-8 字节", "there are bytes that are not UTF-8")
    reader = _Reader(decoded)
    try:
        value = reader.document()
    except _Unreadable as error:
        line = decoded.count("\n", 0, error.at) + 1
        column = error.at - decoded.rfind("\n", 0, error.at)
        return _unreadable(line, column, error.zh, error.en)
    return Located(value=value, lines=reader.lines, duplicates=tuple(reader.duplicates))


def step(pointer: str, key: str | int) -> str:
    """Return the pointer one step further down.

    >>> step("/bids", "a/b")
    '/bids/a~1b'
    """
    return f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"


def _unreadable(line: int, column: int, zh: str, en: str) -> Finding:
    return at_line(finding("Unreadable", "", column=str(column), why_zh=zh, why_en=en), line)


class _Reader:
    """One pass over the text; `at` is the position, `line` the line of the last position asked for."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[str, int] = {}
        self.duplicates: list[Finding] = []
        self._line = 1
        self._counted = 0

    def document(self) -> Any:
        self._skip()
        value = self._value("", 0)
        self._skip()
        if self.at != len(self.text):
            raise _Unreadable(self.at, "文件末尾有多余内容", "there is something after the end")
        return value

    def _value(self, pointer: str, depth: int) -> Any:
        if depth > DEPTH_MAX:
            raise _Unreadable(self.at, f"嵌套超过 {DEPTH_MAX} 层", f"it is nested deeper than {DEPTH_MAX}")
        self.lines.setdefault(pointer, self._here())
        first = self.text[self.at : self.at + 1]
        if first == "{":
            return self._object(pointer, depth)
        if first == "[":
            return self._array(pointer, depth)
        if first == '"':
            return self._string()
        for word, meaning in _WORDS.items():
            if self.text.startswith(word, self.at):
                self.at += len(word)
                return meaning
        match = _NUMBER.match(self.text, self.at)
        if match is None:
            raise _Unreadable(self.at, "此处应有一个值", "a value is expected here")
        self.at = match.end()
        written = match.group()
        return int(written) if match.group(1) is None and match.group(2) is None else Fractional(written)

    def _object(self, pointer: str, depth: int) -> dict[str, Any]:
        members: dict[str, Any] = {}
        self.at += 1
        self._skip()
        if self._take("}"):
            return members
        while True:
            start = self.at
            if not self.text.startswith('"', start):
                raise _Unreadable(start, "此处应有带引号的字段名", "a name in quotes is expected here")
            line = self._here()
            key = self._string()
            self._skip()
            if not self._take(":"):
                raise _Unreadable(self.at, "字段名后缺少冒号", "the colon after the name is missing")
            self._skip()
            inner = step(pointer, key)
            if key in members:
                first = str(self.lines[inner])
                told = finding("DuplicateKey", inner, key=key, first=first)
                self.duplicates.append(at_line(told, line))
                # The second value is read for its own faults, and its lines do not hide the first one's.
                kept, self.lines = self.lines, {}
                self._value(inner, depth + 1)
                self.lines = kept
            else:
                self.lines[inner] = line
                members[key] = self._value(inner, depth + 1)
            self._skip()
            if self._take("}"):
                return members
            if not self._take(","):
                raise _Unreadable(self.at, "此处应有逗号或“}”", "a comma or “}” is expected here")
            self._skip()

    def _array(self, pointer: str, depth: int) -> list[Any]:
        items: list[Any] = []
        self.at += 1
        self._skip()
        if self._take("]"):
            return items
        while True:
            items.append(self._value(step(pointer, len(items)), depth + 1))
            self._skip()
            if self._take("]"):
                return items
            if not self._take(","):
                raise _Unreadable(self.at, "此处应有逗号或“]”", "a comma or “]” is expected here")
            self._skip()

    def _string(self) -> str:
        match = _STRING.match(self.text, self.at)
        if match is None:
            raise _Unreadable(self.at, "字符串没有正确结束", "the string does not end well")
        value = match.group(1)
        if "\\" in value:
            value = _unescape(value)
            if any("\ud800" <= char <= "\udfff" for char in value):
                raise _Unreadable(self.at, "字符串含有不成对的代理码", "the string holds a lone surrogate")
        self.at = match.end()
        return value

    def _take(self, char: str) -> bool:
        if self.text.startswith(char, self.at):
            self.at += 1
            return True
        return False

    def _skip(self) -> None:
        match = _SPACE.match(self.text, self.at)
        assert match is not None
        self.at = match.end()

    def _here(self) -> int:
        self._line += self.text.count("\n", self._counted, self.at)
        self._counted = self.at
        return self._line


def _unescape(raw: str) -> str:
    def one(match: re.Match[str]) -> str:
        code = match.group(1)
        return chr(int(code, 16)) if code is not None else _SIMPLE.get(match.group(2), match.group(2))

    # Escaped surrogate pairs become one character by way of UTF-16; a lone one survives and is refused.
    joined = _ESCAPE.sub(one, raw)
    return joined.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
