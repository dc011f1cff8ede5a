"""The golden talk-room: it does not move, and its marks are those that SPEC 30.10 says."""

import hashlib
import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from tests.protocol.golden import make_talk

GOLDEN: dict[str, Any] = json.loads(
    (Path(__file__).parent / "golden" / make_talk.NAME).read_text(encoding="utf-8")
)
ROOMS: list[dict[str, Any]] = [
    *GOLDEN["acts"], GOLDEN["full"], *GOLDEN["shown"].values(), GOLDEN["closed"], GOLDEN["line_cut"],
]  # fmt: skip


def test_the_golden_room_does_not_move() -> None:
    assert make_talk.made() == GOLDEN


@pytest.mark.parametrize("told", ROOMS)
def test_a_mark_is_the_tagged_hash_over_the_room(told: dict[str, Any]) -> None:
    """By the words of SPEC 1 and 30.10 alone: names in ASCII and whole numbers need no more of the form."""
    text = json.dumps(told["room"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    tag = hashlib.sha256(b"tongchang/talk-room/v1").digest()
    assert hashlib.sha256(tag + text.encode()).hexdigest() == told["mark"]


def test_an_act_that_changes_nothing_leaves_the_mark_and_any_other_moves_it() -> None:
    rows = GOLDEN["acts"]
    still = [
        (after["seat"], after["act"], after["target"])
        for before, after in itertools.pairwise(rows)
        if before["mark"] == after["mark"]
    ]
    assert still == [("N3", "raise", ""), ("N2", "mute", "N2")]
    assert all((a["mark"] == b["mark"]) == (a["room"] == b["room"]) for a in ROOMS for b in ROOMS)
