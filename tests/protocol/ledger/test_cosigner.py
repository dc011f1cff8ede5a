"""The cosigner without its process: the published table of answers, what it keeps before it signs."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import limits
from protocol.ledger import checkpoint, cosigner, note
from protocol.ledger.checkpoint import Checkpoint
from protocol.ledger.cosigner import Cosigner, History, Keep
from protocol.ledger.levels import Levels
from protocol.ledger.note import NoteError
from tests.protocol.ledger.asking import (
    LOG,
    ONE,
    ORIGIN,
    OTHER,
    OWN,
    OWN_SM2,
    STRANGER,
    ask,
    grown_to,
    head,
    new,
    sign,
)

VECTORS = Path(__file__).parents[2] / "data" / "log"
TABLE: list[dict[str, Any]] = json.loads((VECTORS / "add_checkpoint_status_table.json").read_text())["rows"]
C2SP: dict[str, Any] = json.loads((VECTORS / "c2sp_spec_examples.json").read_text())
# --- the published table ------------------------------------------------------------------------------------

BROKEN = [
    b"",
    b"old 5\n",
    b"new 5\n\n" + head(5).encode(),
    b"old 05\n\n" + head(5).encode(),
    b"old -1\n\n" + head(5).encode(),
    b"old 5 \n\n" + head(5).encode(),
    b"old\n\n" + head(5).encode(),
    b"old 0\nAAAA\n\n" + head(5).encode(),
    b"old 0\n????\n\n" + head(5).encode(),
    b"old 0\n" + head(5).encode(),
    b"old 0\n\n" + head(5).encode()[:-1],
    b"old 0\n\n" + b"no note\n",
    b"old 0\n\n\n" + head(5).encode(),
    b"old 0\r\n\r\n" + head(5).encode(),
    b"\xff" + ask(0, 5),
    b"old 0\n" + (note.write_base64(bytes(32)) + "\n").encode() * 64 + b"\n" + head(5).encode(),
    b"old 0\n\n" + note.sign_note(f"{ORIGIN}\n05\nAAAA\n", LOG).encode(),
    b"old 0\n\n" + b"x" * limits.NOTE_BYTES_MAX,
]


def _row(words: str) -> list[tuple[int, bytes]]:
    """Size held before, and bodies, for a row of the table."""
    unsigned = head(5).replace(ORIGIN, "other.example/s-9")
    broken_line = note.sign_line(note.split(head(5))[0], LOG)
    broken = note.Signature(ORIGIN, LOG.key.key_id, broken_line.raw[:-1] + bytes([broken_line.raw[-1] ^ 1]))
    text = note.split(head(5))[0]
    empty = checkpoint.sign(Checkpoint(ORIGIN, 0, bytes(32)), LOG)
    strange = (note.sign_line(text, STRANGER), broken)
    return {
        "first checkpoint": [(0, ask(0, 5)), (0, ask(0, 1))],
        "old == stored, valid": [(5, ask(5, 9)), (4, ask(4, 8)), (8, ask(8, 300))],
        "old == stored == size": [(5, ask(5, 5)), (8, ask(8, 8))],
        "body not parseable": [(0, body) for body in BROKEN],
        "old > checkpoint": [(0, ask(6, 5)), (6, ask(6, 5))],
        "no signature": [
            *((0, ask(0, 5, checkpoint=note.with_lines(text, [one]))) for one in strange),
            (0, ask(0, 5, checkpoint=head(5) + broken.line)),
        ],
        "origin unknown": [(0, ask(0, 5, checkpoint=unsigned))],
        "old != stored": [
            (0, ask(3, 5)),
            (5, ask(0, 5)),
            (5, ask(4, 9)),
            (5, ask(6, 9)),
            (5, ask(3, 4)),
        ],
        "proof does not": [
            (5, ask(5, 9, proof=())),
            (5, ask(5, 9, proof=ONE.consistency(5, 10))),
            (5, ask(5, 9, proof=ONE.consistency(5, 9)[:-1])),
            (8, ask(8, 9, OTHER)),
            (5, ask(5, 5, proof=(bytes(32),))),
            (0, ask(0, 5, proof=ONE.consistency(4, 5))),
            (0, ask(0, 0, checkpoint=empty)),
        ],
        "old == size but": [(9, ask(9, 9, OTHER))],
        "overload": [],
    }[next(key for key in _ROWS if words.startswith(key))]


_ROWS = (
    *("first checkpoint", "old == stored, valid", "old == stored == size", "body not parseable"),
    *("old > checkpoint", "no signature", "origin unknown", "old != stored", "proof does not"),
    *("old == size but", "overload"),
)


@pytest.mark.parametrize("row", TABLE, ids=[row["case"] for row in TABLE])
def test_every_row_of_the_published_table_is_answered_as_it_says(row: dict[str, Any]) -> None:
    for held, body in _row(row["case"]):
        own = grown_to(held) if held else new()
        answer = sign(own, body)
        assert answer.status == row["status"], answer
        if row["status"] == 200:
            lines = note.read_lines(answer.body)
            assert [(one.name, one.key_id) for one in lines] == [(OWN.key.name, OWN.key.key_id)]
        else:
            assert own.histories[ORIGIN].size == held
        if row["status"] == 409:
            assert (answer.body, answer.type) == (f"{held}\n", row["content_type"])


def test_the_published_request_is_read_and_written_as_the_same_text() -> None:
    example = C2SP["add_checkpoint_request_parse_only"]
    asked = cosigner.read_request(example["body"].encode())
    assert (asked.old, len(asked.proof)) == (example["old"], example["proof_len"])
    assert checkpoint.read(note.split(asked.checkpoint)[0]).size == example["size"]
    assert asked.text == example["body"]


# --- storing before signing ---------------------------------------------------------------------------------


def test_nothing_is_signed_or_remembered_before_the_shell_has_kept_it() -> None:
    own = new()
    decided = own.consider(ask(0, 5), 7)
    assert isinstance(decided, Keep)
    assert own.cosigned(ORIGIN) is None
    assert own.histories[ORIGIN].size == 0
    answer = own.kept(decided)
    cosigned = own.cosigned(ORIGIN)
    assert cosigned is not None
    assert answer.body in cosigned
    read, opened = checkpoint.open_checkpoint(cosigned, [LOG.key], [OWN.key])
    assert (read.size, opened.by(OWN.key) is not None) == (5, True)


def test_a_cosigner_signs_with_all_its_keys_and_with_no_log_key() -> None:
    own = new(OWN, OWN_SM2)
    answer = sign(own, ask(0, 5))
    opened = note.open_note(head(5) + answer.body, [OWN.key, OWN_SM2.key])
    assert len(opened.verified) == 2
    for signers in ((), (LOG,)):
        with pytest.raises(NoteError):
            Cosigner(signers, {})


def test_the_time_signed_never_goes_back_and_a_refresh_brings_a_new_one() -> None:
    own = new()
    times = [
        note.open_note(head(5) + sign(own, ask(old, 5), at_s).body, [OWN.key]).verified[0].time_s
        for old, at_s in ((0, 100), (5, 90), (5, 130))
    ]
    assert times == [100, 100, 130]


def test_only_the_logs_own_lines_are_kept() -> None:
    own = new()
    strange = note.sign_line(note.split(head(5))[0], STRANGER).line
    decided = own.consider(ask(0, 5, checkpoint=head(5) + strange), 1)
    assert isinstance(decided, Keep)
    assert decided.checkpoint == head(5)


def test_of_many_heads_the_newest_are_held() -> None:
    history = History((LOG.key,))
    for size in range(1, limits.HEADS_HELD_MAX + 3):
        history.hold(Keep(ORIGIN, size, bytes(32), "", 1))
    assert history.at(2) is None
    assert history.at(3) is not None
    history.hold(Keep(ORIGIN, 2, bytes(32), "", 1))
    assert history.size == limits.HEADS_HELD_MAX + 2


def test_an_empty_tree_is_cosigned_and_then_grows() -> None:
    own = new()
    assert sign(own, ask(0, 0)).status == 200
    assert sign(own, ask(0, 5)).status == 200
    assert sign(own, ask(5, 7)).status == 200


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12), st.booleans()), max_size=12))
def test_whatever_is_asked_in_whatever_order_all_that_was_signed_is_one_history(
    asked: list[tuple[int, int, bool]],
) -> None:
    own = new()
    signed: list[tuple[int, Levels]] = []
    for old, size, is_other in asked:
        grown = OTHER if is_other else ONE
        if sign(own, ask(old, size, grown)).status == 200:
            signed.append((size, grown))
    assert [size for size, _ in signed] == sorted(size for size, _ in signed)
    for (size1, grown1), (_, grown2) in itertools.pairwise(signed):
        assert grown2.root(size1) == grown1.root(size1)
