"""The one byte form: what it gives, and all that it refuses."""

import json
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from protocol import canonical, limits
from protocol.commands import NO_HEAD, Head

_keys = st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=8)
_texts = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=20)
_leaves = (
    st.none()
    | st.booleans()
    | st.integers(min_value=-limits.INTEGER_MAX, max_value=limits.INTEGER_MAX)
    | _texts
)
_values = st.recursive(
    _leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_keys, inner, max_size=4),
    max_leaves=20,
)


@given(_values)
def test_it_equals_rfc_8785_in_its_subset(value: Any) -> None:
    assert canonical.encode(value) == rfc8785.dumps(value)


@given(_values)
def test_what_it_writes_it_reads_again(value: Any) -> None:
    raw = canonical.encode(value)
    assert canonical.decode(raw, object) == json.loads(raw) == value


@pytest.mark.parametrize(
    "value", [1.5, 2**53, -(2**53), {"é": 1}, "\ud800", [[[1.0]]], float("nan"), {1: 2.5}]
)
def test_values_outside_the_subset_are_refused(value: Any) -> None:
    with pytest.raises(canonical.NotCanonical):
        canonical.encode(value)


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":1,"a":1}', b'{"b":1,"a":1}', b"1.0", b"1e3", b"-0", b'{"a": 1}', b'"\\u00e9"',
        b'"\\/"', b'"\\ud800"', b"", b"nul", b"[1,]", b"[" * 30 + b"]" * 30, b"\xff", b"[1]\n",
        b'"\\u001F"', b"9007199254740992", b"[" * 100_000,
    ],
)  # fmt: skip
def test_bytes_that_are_not_their_own_re_encoding_are_refused(raw: bytes) -> None:
    with pytest.raises(canonical.NotCanonical):
        canonical.decode(raw, object, 200_000)


def test_unknown_and_missing_fields_are_refused() -> None:
    good = canonical.encode(NO_HEAD)
    assert canonical.decode(good, Head) == NO_HEAD
    more = good[:-1] + b',"z":1}'
    for raw in (more, b'{"size":0}', good.replace(b'"size":0', b'"size":-1')):
        with pytest.raises(canonical.NotCanonical):
            canonical.decode(raw, Head)


def test_a_text_longer_than_its_bound_is_refused_unread() -> None:
    with pytest.raises(canonical.NotCanonical, match="at most 8"):
        canonical.decode(b'"123456789"', object, 8)
