"""A receipt of a real entry: held under the right policy, and each thing that can be wrong with it named."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.testing import CliRunner

from ops import policy, receipt
from ops.command import app
from ops.trouble import Trouble
from protocol import record
from protocol.ledger import checkpoint, kinds, note, quorum, tree
from protocol.ledger.checkpoint import Checkpoint
from protocol.ledger.levels import Levels
from protocol.ledger.note import Signer
from protocol.ledger.quorum import Party
from protocol.ledger.receipt import Receipt
from protocol.seal import sm2
from tests.house import ground

READ = record.read((ground.ROOT / "tests" / "protocol" / "golden" / "record-1.jsonl").read_bytes())
GROWN = Levels(tree.leaf_hash(raw) for raw in READ.entries)
SESSION = json.loads(READ.entries[0])["session"]
ORIGIN = f"bids.example/{SESSION}"
SEQ = 7


def _private(number: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes([number] * 32))


LOG = note.ed25519_signer(ORIGIN, _private(0))
COSIGNERS = [note.ed25519_signer(f"p{n}.example", _private(n), kinds.COSIGNATURE) for n in (1, 2, 3)]
SM2 = note.sm2_signer("p3.example", sm2.PrivateKey(sm2.private_der(bytes([3] * 32))))
POLICY = quorum.write(
    policy.live(
        Party(ORIGIN, LOG.key, ""),
        (
            ("p1", (COSIGNERS[0].key,), ""),
            ("p2", (COSIGNERS[1].key,), ""),
            ("p3", (COSIGNERS[2].key, SM2.key), ""),
        ),
    )
)


def _text(
    seq: int = SEQ, signers: tuple[Signer, ...] = (LOG, *COSIGNERS, SM2), grown: Levels = GROWN,
    extra: bytes | None = READ.entries[SEQ],
) -> str:  # fmt: skip
    head = checkpoint.sign(Checkpoint(ORIGIN, grown.size, grown.root()), signers, 1_790_000_000)
    return Receipt(seq, grown.inclusion(seq, grown.size), head, extra).text


@pytest.fixture
def laid(tmp_path: Path) -> Callable[[str], list[str]]:
    """Puts a receipt beside the policy; the words of the command."""
    (tmp_path / "policy").write_text(POLICY)

    def lay(text: str) -> list[str]:
        (tmp_path / "a.tlog-proof").write_text(text)
        return ["receipt", str(tmp_path / "a.tlog-proof"), "--policy", str(tmp_path / "policy")]

    return lay


def _run(words: list[str]) -> tuple[int, Any]:
    done = CliRunner().invoke(app, [*words, "--json"])
    return done.exit_code, json.loads(done.stdout) if done.stdout else done.exception


def test_the_receipt_of_an_accepted_act_holds_and_says_what_it_shows(
    laid: Callable[[str], list[str]],
) -> None:
    code, told = _run(laid(_text()))
    assert code == receipt.HOLDS
    entry = json.loads(READ.entries[SEQ])
    assert (told["seq"], told["origin"], told["size"]) == (SEQ, ORIGIN, GROWN.size)
    assert (told["type"], told["author"]) == (entry["command"]["type"], entry["command"]["author_key"])
    assert told["cosigned"] == ["p1", "p2", "p3", "p3-2"]
    spoken = CliRunner().invoke(app, laid(_text()))
    assert spoken.exit_code == 0
    assert "回执成立" in spoken.stdout


def test_a_policy_asks_for_more_than_two_thirds_each_with_all_its_lines() -> None:
    read = quorum.read(POLICY)
    assert read.is_met(["p1", "p2", "p3", "p3-2"])
    assert not read.is_met(["p1", "p2", "p3"])
    assert not read.is_met(["p1", "p2"])
    alone = policy.live(Party(ORIGIN, LOG.key, ""), ())
    assert quorum.read(quorum.write(alone)).is_met([])


OTHER = Levels([*(tree.leaf_hash(raw) for raw in READ.entries[:SEQ]), tree.leaf_hash(b"no entry")])


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "form"),
        (_text()[:-1], "checkpoint"),
        (_text(signers=(LOG, *COSIGNERS)), "quorum"),
        (_text(signers=(LOG, COSIGNERS[0], COSIGNERS[1])), "quorum"),
        (_text(signers=(*COSIGNERS, SM2)), "checkpoint"),
        (_text(extra=READ.entries[SEQ + 1]), "proof"),
        (_text(seq=SEQ + 1), "proof"),
        (_text(grown=OTHER, extra=b"no entry"), "entry"),
        (
            _text(
                seq=0,
                grown=Levels([tree.leaf_hash(READ.entries[SEQ])]),
                extra=READ.entries[SEQ],
            ),
            "entry",
        ),
    ],
)
def test_whatever_is_wrong_is_named(laid: Callable[[str], list[str]], text: str, rule: str) -> None:
    code, told = _run(laid(text))
    assert (code, told["holds"], told["rule"]) == (receipt.WRONG, False, rule)


def test_an_entry_that_its_author_has_not_signed_is_not_accepted(laid: Callable[[str], list[str]]) -> None:
    entries = [json.loads(raw) for raw in READ.entries[: SEQ + 1]]
    forged = READ.entries[SEQ].replace(entries[SEQ]["sig"].encode(), entries[SEQ - 1]["sig"].encode())
    grown = Levels([*(tree.leaf_hash(raw) for raw in READ.entries[:SEQ]), tree.leaf_hash(forged)])
    assert _run(laid(_text(grown=grown, extra=forged)))[1]["rule"] == "entry"


def test_without_the_entry_it_cannot_be_decided_and_with_it_it_can(
    laid: Callable[[str], list[str]], tmp_path: Path
) -> None:
    words = laid(_text(extra=None))
    (tmp_path / "entry").write_bytes(READ.entries[SEQ])
    assert _run([*words, "--entry", str(tmp_path / "entry")])[0] == receipt.HOLDS
    for change, policy_path in ((words, "policy"), (words, "missing")):
        with pytest.raises(Trouble) as raised:
            receipt.check(Path(change[1]), tmp_path / policy_path, None, as_json=True)
        assert raised.value.exit_code == receipt.UNDECIDED
    (tmp_path / "policy").write_text(POLICY[:-1])
    with pytest.raises(Trouble) as raised:
        receipt.check(Path(words[1]), tmp_path / "policy", None, as_json=True)
    assert raised.value.exit_code == receipt.UNDECIDED


RECORD_4 = ground.ROOT / "tests" / "protocol" / "golden" / "record-4-tender.jsonl"


def test_who_owes_under_the_head_is_named_and_the_record_tells_since_which_milestone(tmp_path: Path) -> None:
    read = record.read(RECORD_4.read_bytes())
    told = json.loads((RECORD_4.parent / "heads-4-tender.json").read_text(encoding="utf-8"))
    grown = Levels(tree.leaf_hash(raw) for raw in read.entries)
    (tmp_path / "policy").write_text(told["policy"], encoding="utf-8")

    def words(size: int, path: Path = RECORD_4) -> list[str]:
        held = Receipt(1, grown.inclusion(1, size), told["checkpoints"][str(size)], read.entries[1])
        (tmp_path / "receipt").write_text(held.text)
        named = ["--policy", str(tmp_path / "policy"), "--record", str(path)]
        return ["receipt", str(tmp_path / "receipt"), *named]

    reached, settled = (json.loads(read.entries[seq])["at"] for seq in (2, 4))
    for size, owed, ended in ((2, ["zhejiang"], None), (4, [], 0), (33, [], settled)):
        code, found = _run(words(size))
        assert (code, found["owed"]) == (receipt.HOLDS, owed)
        late = {
            "milestone": "genesis", "lot": "", "envelope": "", "cosigner": "zhejiang", "since": reached,
            "settled": ended,
        }  # fmt: skip
        assert found["milestones"] == ([] if ended is None else [late])
    spoken = CliRunner().invoke(app, words(33)).stdout
    assert "待补签:zhejiang,里程碑 genesis" in spoken
    # A record that the receipt's head is not over tells nothing, and one that ends before it cannot.
    for name, entries in (("other", (*read.entries[:20], *read.entries[21:])), ("short", read.entries[:20])):
        (tmp_path / name).write_bytes(record.write(read.session, entries, ()))
    code, found = _run(words(33, tmp_path / "other"))
    assert (code, found["rule"]) == (receipt.WRONG, "record")
    _, found = _run(words(33, tmp_path / "short"))
    assert isinstance(found, Trouble)
    assert found.exit_code == receipt.UNDECIDED
