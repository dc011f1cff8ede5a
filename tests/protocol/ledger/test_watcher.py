"""Heads against one's own leaves: one that fits is kept, one that contradicts stops everything."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from protocol.ledger import fork, quorum, receipt, tree, trust
from protocol.ledger.levels import Levels
from protocol.ledger.note import NoteError
from protocol.ledger.watcher import Contradiction, Seen, Watcher
from tests.protocol.golden import make_heads

FILE = Path(__file__).parents[1] / "golden" / "heads-1.json"
GOLDEN: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
POLICY = quorum.read(GOLDEN["policy"])
RECORD = FILE.with_name("record-1.jsonl").read_text(encoding="utf-8").splitlines()
LEAVES = [tree.leaf_hash(row.encode()) for row in RECORD[1 : 1 + json.loads(RECORD[0])["entries"]]]


def test_the_golden_heads_do_not_move() -> None:
    assert make_heads.made() == GOLDEN
    assert trust.digest(POLICY).hex() == GOLDEN["policy_digest"]


def test_a_head_that_fits_is_seen_with_those_who_cosigned_it_and_an_older_one_changes_nothing() -> None:
    watcher, held = Watcher(POLICY), Levels(LEAVES)
    seen = watcher.take(GOLDEN["head_all"], held)
    assert isinstance(seen, Seen)
    assert (seen.head.size, seen.is_met) == (len(LEAVES), True)
    assert seen.times == {f"p{n}": make_heads.TIME_S + n - 1 for n in (1, 2, 3)}
    assert watcher.take(GOLDEN["head_30"], held) == seen


def test_a_head_above_what_is_held_waits_for_the_entries() -> None:
    watcher, held = Watcher(POLICY), Levels(LEAVES[:30])
    assert watcher.take(GOLDEN["head_all"], held) is None
    assert isinstance(watcher.take(GOLDEN["head_30"], held), Seen)


@pytest.mark.parametrize("shown", ["equal", "smaller", "larger"])
def test_a_head_of_another_history_stops_the_watch_with_a_proof_where_one_can_be_had(shown: str) -> None:
    watcher, held = Watcher(POLICY), Levels(LEAVES)
    watcher.take(GOLDEN["head_30"], held)
    found = watcher.take(GOLDEN["inconsistent"][shown], held)
    assert isinstance(found, Contradiction)
    assert watcher.take(GOLDEN["head_all"], held) == found
    if shown == "larger":
        # Whoever is shown it has no hash of the other history: both heads are kept all the same.
        assert found.proof is None
        assert found.before
        return
    assert found.proof is not None
    assert found.proof.raw.decode() == GOLDEN["proofs"][shown]
    fork.verify(fork.read(found.proof.raw), tuple(one.key for one in POLICY.logs))


def test_a_note_without_the_logs_own_line_or_with_a_false_one_is_no_head() -> None:
    watcher, held = Watcher(POLICY), Levels(LEAVES)
    text: str = GOLDEN["head_30"]
    body, lines = text.split("\n\n")
    with pytest.raises(NoteError):
        watcher.take(body + "\n\n" + "\n".join(lines.split("\n")[1:]), held)
    with pytest.raises(NoteError):
        watcher.take(text.replace(f"\n{30}\n", f"\n{31}\n"), held)
    assert watcher.last is None


def test_lines_that_come_later_join_those_that_were_seen() -> None:
    watcher, held = Watcher(POLICY), Levels(LEAVES)
    body, lines = GOLDEN["head_30"].split("\n\n")
    rows = lines.removesuffix("\n").split("\n")
    for cosigner in (1, 2):
        watcher.take(f"{body}\n\n{rows[0]}\n{rows[cosigner]}\n", held)
    assert watcher.last is not None
    assert set(watcher.last.times) == {"p1", "p2"}
    assert not watcher.last.is_met


def test_the_golden_receipt_holds_under_the_policy() -> None:
    read = receipt.read(GOLDEN["receipt"])
    raw, judged = receipt.verify_entry(read, POLICY)
    assert raw.decode() == RECORD[1 + GOLDEN["receipt_seq"]]
    assert judged.head.size == len(LEAVES)
