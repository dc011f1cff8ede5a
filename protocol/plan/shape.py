"""Checking a read value against a struct's form, and telling every fault with its place (逐项检查格式).

Owns: the walk over a value along a struct's declared types. msgspec itself stops at the first fault and
names dictionary members as `[...]`; people mending a file need all of them, with the line. Must not know:
what a plan or a case means.
"""

import difflib
import re
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from msgspec import inspect

from protocol.plan.findings import Finding, finding
from protocol.plan.locate import Fractional, step
from protocol.words import Term

FINDINGS_MAX: Final = 200
"""After so many faults of form the rest is not told."""

_FORMS: Final[tuple[tuple[str, Term], ...]] = (
    ("A-Za-z0-9._-", Term("编号(字母、数字、点、下划线、连字符)", "an id (letters, digits, dot, _ and -)")),
    ("A-Z]{3}", Term("三位币种代码", "a currency code of three letters")),
    ("[0-9]{2}:[0-9]{2}", Term("“时:分”或“年-月-日 时:分”", "“hh:mm” or “yyyy-mm-dd hh:mm”")),
    (r"\.[0-9]", Term('十进制数字,如 "4528.60"', 'a decimal number in digits, such as "4528.60"')),
)
_KINDS: Final[dict[type, Term]] = {
    dict: Term("对象", "an object"),
    list: Term("数组", "an array"),
    Fractional: Term("带小数的数字", "a number with a fraction"),
    str: Term("字符串", "a string"),
    bool: Term("布尔值", "true or false"),
    int: Term("整数", "an integer"),
    type(None): Term("空值", "null"),
}


def check(value: Any, form: type) -> tuple[Finding, ...]:
    """Return every fault of form in a value that `locate.parse` read, in order of the walk.

    Args:
        value: plain dictionaries, lists, strings, integers, `Fractional` numbers.
        form: a msgspec struct type with unknown fields forbidden.
    """
    found: list[Finding] = []
    for fault in _check(value, _type_of(form), ""):
        found.append(fault)
        if len(found) >= FINDINGS_MAX:
            break
    return tuple(found)


def suggest(given: str, known: list[str]) -> dict[str, str]:
    """Return the texts `hint_zh`, `hint_en` that point from a wrong name to the likeliest right ones."""
    near = difflib.get_close_matches(given, known, n=1)
    if near:
        return {"hint_zh": f"是否应为“{near[0]}”?", "hint_en": f"Did you mean “{near[0]}”?"}
    if not known:
        return {"hint_zh": "", "hint_en": ""}
    shown = "、".join(known[:12])
    return {"hint_zh": f"可用:{shown}。", "hint_en": f"There are: {', '.join(known[:12])}."}


@cache
def _type_of(form: type) -> inspect.Type:
    return inspect.type_info(form)


def _check(value: Any, kind: inspect.Type, pointer: str) -> Iterator[Finding]:
    if isinstance(kind, inspect.Metadata):
        kind = kind.type
    if isinstance(kind, inspect.UnionType):
        yield from _check_union(value, kind, pointer)
    elif isinstance(kind, inspect.StructType):
        yield from _check_struct(value, kind, pointer)
    elif isinstance(kind, inspect.VarTupleType):
        if not isinstance(value, list):
            yield _wrong_type(value, list, pointer)
            return
        for position, item in enumerate(value):
            yield from _check(item, kind.item_type, step(pointer, position))
    elif isinstance(kind, inspect.DictType):
        if not isinstance(value, dict):
            yield _wrong_type(value, dict, pointer)
            return
        for key, item in value.items():
            yield from _check(key, kind.key_type, step(pointer, key))
            yield from _check(item, kind.value_type, step(pointer, key))
    elif isinstance(kind, inspect.StrType):
        yield from _check_text(value, kind, pointer)
    elif isinstance(kind, inspect.IntType):
        if type(value) is not int:
            yield _wrong_type(value, int, pointer)
            return
        low, high = kind.ge, kind.le
        if (low is not None and value < low) or (high is not None and value > high):
            yield finding("OutOfBounds", pointer, given=str(value), low=str(low), high=str(high))
    elif isinstance(kind, inspect.LiteralType):
        if not any(type(value) is type(known) and value == known for known in kind.values):
            allowed = "、".join(str(known) for known in kind.values)
            yield finding("NotAllowedValue", pointer, given=_shown(value), allowed=allowed)
    elif isinstance(kind, inspect.BoolType):
        if type(value) is not bool:
            yield _wrong_type(value, bool, pointer)
    else:
        raise TypeError(f"no check for {kind!r}")


def _check_union(value: Any, kind: inspect.UnionType, pointer: str) -> Iterator[Finding]:
    """Either null or one struct, or one of several structs told apart by their tag."""
    if value is None and kind.includes_none:
        return
    structs = [part for part in kind.types if isinstance(part, inspect.StructType)]
    if len(structs) == 1:
        yield from _check_struct(value, structs[0], pointer)
        return
    if not isinstance(value, dict):
        yield _wrong_type(value, dict, pointer)
        return
    tag_field = structs[0].tag_field or "type"
    if tag_field not in value:
        yield finding("MissingField", pointer, field=tag_field)
        return
    for part in structs:
        if part.tag == value[tag_field]:
            yield from _check_struct(value, part, pointer)
            return
    allowed = "、".join(str(part.tag) for part in structs)
    yield finding(
        "NotAllowedValue", step(pointer, tag_field), given=_shown(value[tag_field]), allowed=allowed
    )


def _check_struct(value: Any, kind: inspect.StructType, pointer: str) -> Iterator[Finding]:
    if not isinstance(value, dict):
        yield _wrong_type(value, dict, pointer)
        return
    fields = {field.encode_name: field for field in kind.fields}
    for name, item in value.items():
        if name in fields:
            yield from _check(item, fields[name].type, step(pointer, name))
        elif name != kind.tag_field:
            known = [field for field in fields if field not in value]
            yield finding("UnknownField", step(pointer, name), field=name, **suggest(name, known))
    for name, field in fields.items():
        if field.required and name not in value:
            yield finding("MissingField", pointer, field=name)


def _check_text(value: Any, kind: inspect.StrType, pointer: str) -> Iterator[Finding]:
    if type(value) is not str:
        yield _wrong_type(value, str, pointer)
        return
    low, high = kind.min_length or 0, kind.max_length
    if not low <= len(value) or (high is not None and len(value) > high):
        wanted = Term(f"{low} 至 {high} 个字符", f"{low} to {high} characters long")
        yield finding("BadForm", pointer, given=_shown(value), wanted_zh=wanted.zh, wanted_en=wanted.en)
    elif kind.pattern is not None and (value.endswith("\n") or re.search(kind.pattern, value) is None):
        wanted = next(
            (term for mark, term in _FORMS if mark in kind.pattern), Term("规定格式", "of the set form")
        )
        yield finding("BadForm", pointer, given=_shown(value), wanted_zh=wanted.zh, wanted_en=wanted.en)


def _wrong_type(value: Any, wanted: type, pointer: str) -> Finding:
    want, got = _KINDS[wanted], _KINDS[type(value)]
    return finding(
        "WrongType",
        pointer,
        wanted_zh=want.zh,
        wanted_en=want.en,
        given_zh=f"{got.zh} {_shown(value)}".rstrip(),
        given_en=f"{got.en} {_shown(value)}".rstrip(),
    )


def _shown(value: Any) -> str:
    """A value as the message quotes it: short, and nothing for what has no short form."""
    if isinstance(value, dict | list) or value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
