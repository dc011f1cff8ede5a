"""A key on paper: what a person may type, what is noticed and in which line."""

import json
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.seal import paper, suites
from protocol.seal.refused import SealRefused

GOLDEN = json.loads((Path(__file__).parent.parent / "golden" / "paper-1.json").read_text())
ORDER = 0xFFFFFFFE_FFFFFFFF_FFFFFFFF_FFFFFFFF_7203DF6B_21C6052B_53BBF409_39D54123


def _line_refused(typed: list[str]) -> int:
    with pytest.raises(SealRefused) as info:
        paper.read(typed)
    assert info.value.code == "PaperRefused"
    return int(dict(info.value.refusal.detail)["line"])


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda one: one["suite"])
def test_golden_keys_are_printed_and_read(golden: dict[str, object]) -> None:
    suite, scalar = suites.get(str(golden["suite"])), bytes.fromhex(str(golden["scalar"]))
    assert list(paper.lines(suite, scalar)) == golden["lines"]
    found = paper.read(golden["lines"])
    assert (found.suite.name, found.scalar) == (suite.name, scalar)
    assert found.key.public.hex() == golden["public"]


@settings(max_examples=40, deadline=None)
@given(scalar=st.integers(1, ORDER - 2), name=st.sampled_from(suites.NAMES))
def test_every_key_comes_back(scalar: int, name: str) -> None:
    suite = suites.get(name)
    found = paper.read(paper.lines(suite, scalar.to_bytes(32)))
    assert (found.suite.name, int.from_bytes(found.scalar)) == (name, scalar)


def test_it_may_be_typed_as_people_do() -> None:
    lines = GOLDEN[0]["lines"]
    for typed in (
        [one.lower() for one in lines],
        [one.replace("-", " ").replace("0", "O").replace("1", "l", 2) for one in lines],
        ["", lines[0], "  ", *lines[1:], ""],
        [one.replace("-", "").replace(" ", "") for one in lines],
    ):
        if typed[0].startswith("l"):
            typed = [f"{number}{line[1:]}" for number, line in enumerate(typed, 1)]  # noqa: PLW2901 - the number is no letter
        assert paper.read(typed).scalar.hex() == GOLDEN[0]["scalar"]


@pytest.mark.parametrize("seed", range(60))
def test_a_slip_of_the_pen_is_found_in_its_line(seed: int) -> None:
    """One letter for another, or two neighbours that change places: found there, or by the whole."""
    dice = random.Random(seed)
    lines = list(GOLDEN[seed % 2]["lines"])
    number = dice.randrange(4)
    places = [at for at, one in enumerate(lines[number]) if one in paper.LETTERS and 3 <= at < 22]
    at = dice.choice(places)
    if seed % 3 and at + 1 in places and lines[number][at] != lines[number][at + 1]:
        slipped = lines[number][:at] + lines[number][at + 1] + lines[number][at] + lines[number][at + 2 :]
    else:
        other = dice.choice([one for one in paper.LETTERS if one != lines[number][at]])
        slipped = lines[number][:at] + other + lines[number][at + 1 :]
    lines[number] = slipped
    assert _line_refused(lines) in (number + 1, 0)


def test_lines_that_are_missing_too_many_or_in_another_order_are_named() -> None:
    lines = GOLDEN[0]["lines"]
    assert _line_refused([]) == 1
    assert _line_refused(lines[:3]) == 4
    assert _line_refused([*lines, lines[3]]) == 5
    assert _line_refused([lines[1], lines[0], *lines[2:]]) == 1
    assert _line_refused([*lines[:3], GOLDEN[1]["lines"][3]]) == 0
    assert _line_refused([*lines[:2], "3  这不是密钥", lines[3]]) == 3


def test_bytes_that_are_no_key_are_not_printed() -> None:
    for suite in map(suites.get, suites.NAMES):
        for scalar in (bytes(32), b"\xff" * 32):
            with pytest.raises(SealRefused) as info:
                paper.lines(suite, scalar)
            assert info.value.code == "KeyRefused"
