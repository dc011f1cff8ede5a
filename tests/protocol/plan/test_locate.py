"""The reader that knows every value's line, against the standard reader."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.plan import locate
from protocol.plan.findings import Finding
from protocol.plan.locate import Fractional, Located

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


@given(values, st.sampled_from([None, 0, 1, 4]), st.booleans())
def test_it_reads_what_the_standard_reader_reads(value: Any, indent: int | None, ascii_only: bool) -> None:
    written = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    located = locate.parse(written.encode())
    assert isinstance(located, Located)
    assert located.value == json.loads(written) == value
    assert located.duplicates == ()


@given(values)
def test_every_pointer_has_the_line_where_it_stands(value: Any) -> None:
    located = locate.parse(json.dumps(value, indent=1).encode())
    assert isinstance(located, Located)
    lines = iter(range(1, 10_000))

    def walk(inner: Any, pointer: str, line: int) -> None:
        """Follow `indent=1`: each member and each item of a filled container begins a line of its own."""
        assert located.lines[pointer] == line
        if isinstance(inner, dict | list) and inner:
            pairs = inner.items() if isinstance(inner, dict) else enumerate(inner)
            for key, item in pairs:
                walk(item, locate.step(pointer, key), next(lines))
            next(lines)

    walk(value, "", next(lines))


def test_numbers_with_a_fraction_are_kept_as_written() -> None:
    located = locate.parse(b"[4528.60, 1e3, -0.5, 12]")
    assert isinstance(located, Located)
    assert located.value == ["4528.60", "1e3", "-0.5", 12]
    assert [type(item) for item in located.value] == [Fractional, Fractional, Fractional, int]


def test_a_byte_order_mark_and_windows_line_ends_are_allowed() -> None:
    located = locate.parse(b'\xef\xbb\xbf{\r\n "a": 1,\r\n "b": 2\r\n}\r\n')
    assert isinstance(located, Located)
    assert located.lines == {"": 1, "/a": 2, "/b": 3}


def test_escapes_and_surrogate_pairs_become_characters() -> None:
    located = locate.parse(rb'"\u4e2d\t\"\\\/ \ud83d\ude00"')
    assert isinstance(located, Located)
    assert located.value == '中\t"\\/ \U0001f600'


def test_a_duplicate_key_is_told_with_both_lines_and_the_first_value_kept() -> None:
    located = locate.parse(b'{\n"a": {"x": 1},\n"b": 2,\n"a": {"x": 9, "x": 8}\n}')
    assert isinstance(located, Located)
    assert located.value == {"a": {"x": 1}, "b": 2}
    told = {(one.pointer, one.line) for one in located.duplicates}
    assert told == {("/a", 4), ("/a/x", 4)}
    assert located.lines["/a/x"] == 2
    outer = next(one for one in located.duplicates if one.pointer == "/a")
    assert "第 2 行" in outer.zh
    assert "line 2" in outer.en


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        (b"", 1, 1),
        (b"{", 1, 2),
        (b'{"a": 1,}', 1, 9),
        (b'{"a" 1}', 1, 6),
        (b"{a: 1}", 1, 2),
        (b'{\n "a": [1, 2\n}', 3, 1),
        (b'{\n "a": 1\n "b": 2}', 3, 2),
        (b"[1, 2] 3", 1, 8),
        (b'"tab\there"', 1, 1),
        (b'"open', 1, 1),
        (b'"\\x"', 1, 1),
        (b'"\\ud800"', 1, 1),
        (b"[01]", 1, 2),
        (b"[1.]", 1, 2),
        (b"[+1]", 1, 2),
        (b"[NaN]", 1, 2),
        (b"[Infinity]", 1, 2),
        (b"[nul]", 1, 2),
        (b"[1] // note", 1, 5),
        (b'{"a":\n "\xff"}', 2, 3),
        (b"[" * 40 + b"]" * 40, 1, 34),
    ],
)
def test_what_is_no_json_is_refused_with_line_and_column(text: bytes, line: int, column: int) -> None:
    found = locate.parse(text)
    assert isinstance(found, Finding)
    assert found.code == "Unreadable"
    assert (found.line, f"第 {column} 列" in found.zh, f"column {column}" in found.en) == (line, True, True)


def test_pointers_escape_what_they_must() -> None:
    located = locate.parse(b'{"a/b": {"m~n": [0]}}')
    assert isinstance(located, Located)
    assert "/a~1b/m~0n/0" in located.lines
