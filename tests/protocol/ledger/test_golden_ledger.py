"""The golden ledger: keys, policy, checkpoint and receipt do not move, and hold under each other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from protocol.ledger import checkpoint, cosigner, fork, kinds, note, quorum, receipt, tree
from protocol.ledger.checkpoint import Checkpoint
from protocol.ledger.levels import Levels
from protocol.ledger.note import Signer
from protocol.seal import sm2

GOLDEN: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "golden" / "ledger-1.json").read_text(encoding="utf-8")
)
SEEDS = {name: bytes.fromhex(seed) for name, seed in GOLDEN["seeds"].items()}
ORIGIN = "bids.example/2026/S-000123"
GROWN = Levels(tree.leaf_hash(entry.encode()) for entry in GOLDEN["entries"])
HEAD = Checkpoint(ORIGIN, len(GOLDEN["entries"]), GROWN.root())
POLICY = quorum.read(GOLDEN["policy"])


def _ed25519(seed: str, name: str, kind: bytes) -> Signer:
    return note.ed25519_signer(name, Ed25519PrivateKey.from_private_bytes(SEEDS[seed]), kind)


def _sm2(seed: str, name: str) -> Signer:
    return note.sm2_signer(name, sm2.PrivateKey(sm2.private_der(SEEDS[seed])))


SIGNERS = {
    "log": _ed25519("log", ORIGIN, kinds.ED25519),
    "log_sm2": _sm2("log_sm2", ORIGIN),
    "hefei": _ed25519("hefei", "hefei.example/cosigner", kinds.COSIGNATURE),
    "hefei_sm2": _sm2("hefei_sm2", "hefei.example/cosigner"),
    "nanjing": _ed25519("nanjing", "nanjing.example/cosigner", kinds.COSIGNATURE),
}


def test_the_keys_are_the_golden_texts() -> None:
    assert {name: signer.key.vkey for name, signer in SIGNERS.items()} == GOLDEN["vkeys"]


def test_the_head_is_over_the_entries_and_ed25519_lines_are_the_golden_bytes() -> None:
    text, _ = note.split(GOLDEN["checkpoint"])
    assert text == HEAD.text
    for name in ("log", "hefei", "nanjing"):
        assert note.sign_line(text, SIGNERS[name], GOLDEN["time_s"]).line in GOLDEN["checkpoint"]


def test_an_sm2_line_signs_the_golden_message() -> None:
    key = SIGNERS["hefei_sm2"].key
    assert kinds.message(key.kind, key.name, HEAD.text, GOLDEN["time_s"]).decode() == GOLDEN["sm2_message"]
    assert note.open_note(GOLDEN["checkpoint"], key).verified[0].time_s == GOLDEN["time_s"]


def test_the_receipt_holds_under_the_policy_for_its_entry() -> None:
    read = receipt.read(GOLDEN["receipt"])
    assert read.text == GOLDEN["receipt"]
    entry, judged = receipt.verify_entry(read, POLICY)
    assert entry.decode() == GOLDEN["entries"][read.index]
    assert judged.cosigned == ("log-sm2", "hefei", "hefei-sm2", "nanjing")
    assert quorum.read(quorum.write(POLICY)) == POLICY


@pytest.mark.parametrize("without", GOLDEN["vkeys"])
def test_the_golden_policy_misses_any_line_that_is_left_out(without: str) -> None:
    kept = [signer for name, signer in SIGNERS.items() if name != without]
    text = checkpoint.sign(HEAD, kept, GOLDEN["time_s"])
    with pytest.raises(note.NoteError):
        quorum.judge(text, POLICY)


def test_two_histories_are_proved_by_the_golden_bytes_and_made_as_the_same() -> None:
    other = Levels(tree.leaf_hash(entry.encode()) for entry in GOLDEN["other_entries"])

    def head(grown: Levels, size: int) -> str:
        return checkpoint.sign(Checkpoint(ORIGIN, size, grown.root(size)), SIGNERS["log"])

    assert fork.of_equal(head(GROWN, 7), head(other, 7)).raw.decode() == GOLDEN["fork_of_equal"]
    made = fork.of_tree(head(GROWN, 5), head(other, 7), 5, 7, other.at)
    assert made.raw.decode() == GOLDEN["fork_of_tree"]
    for name, sizes in (("fork_of_equal", (7, 7)), ("fork_of_tree", (5, 7))):
        smaller, larger = fork.verify(fork.read(GOLDEN[name].encode()), [SIGNERS["log"].key])
        assert (smaller.size, larger.size) == sizes


def test_the_golden_request_is_read_and_its_proof_leads_to_its_head() -> None:
    asked = cosigner.read_request(GOLDEN["add_checkpoint"].encode())
    assert asked.text == GOLDEN["add_checkpoint"]
    read = checkpoint.read(note.split(asked.checkpoint)[0])
    tree.verify_consistency(asked.old, read.size, asked.proof, GROWN.root(asked.old), read.root)
