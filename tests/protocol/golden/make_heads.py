"""Makes `heads-1.json`: `python -m tests.protocol.golden.make_heads`. Once published it never moves.

The log of the golden record of rules version 1, and another history of it from entry 6 on; heads that a page
or a node may be shown, what each makes of them, and a receipt. Read by Python and by TypeScript.
"""

import json
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from protocol.ledger import checkpoint, kinds, note, tree, trust
from protocol.ledger.checkpoint import Checkpoint
from protocol.ledger.levels import Levels
from protocol.ledger.quorum import Party
from protocol.ledger.receipt import Receipt
from protocol.ledger.watcher import Contradiction, Watcher

HERE = Path(__file__).resolve().parent
FAMILY = "bids.example"
TIME_S = 1_795_000_000
SEQ = 20
"""The entry whose receipt is made."""


def _private(number: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes([number] * 32))


def made() -> dict[str, Any]:
    """Everything."""
    header, *rows = (HERE / "record-1.jsonl").read_text(encoding="utf-8").splitlines()
    told = json.loads(header)
    raws = [row.encode() for row in rows[: told["entries"]]]
    origin = f"{FAMILY}/{told['session']}"
    log = note.ed25519_signer(origin, _private(1))
    cosigners = [
        note.ed25519_signer(f"p{n}.example/cosigner", _private(n + 1), kinds.COSIGNATURE) for n in range(1, 5)
    ]
    family = trust.live(
        Party(FAMILY, note.ed25519_signer(FAMILY, _private(1)).key, ""),
        [(f"p{n}", (one.key,), "") for n, one in enumerate(cosigners, 1)],
    )
    policy = trust.of_session(family, told["session"])
    one = Levels(tree.leaf_hash(raw) for raw in raws)
    other = Levels(tree.leaf_hash(raw if seq < 6 else b"other " + raw) for seq, raw in enumerate(raws))

    def head(grown: Levels, size: int, cosigned: int) -> str:
        text = checkpoint.sign(Checkpoint(origin, size, grown.root(size)), log)
        body, _ = note.split(text)
        return text + "".join(
            note.sign_line(body, who, TIME_S + n).line for n, who in enumerate(cosigners[:cosigned])
        )

    full = head(one, len(raws), 3)
    shown = {"equal": head(other, 30, 0), "smaller": head(other, 9, 1), "larger": head(other, 35, 0)}
    proofs = {}
    for name, text in shown.items():
        watcher = Watcher(policy)
        watcher.take(head(one, 30, 4), one)
        found = watcher.take(text, one)
        assert isinstance(found, Contradiction)
        proofs[name] = "" if found.proof is None else found.proof.raw.decode()
    entry = json.loads(raws[SEQ])
    return {
        "session": told["session"],
        "policy": trust.text(policy),
        "policy_digest": trust.digest(policy).hex(),
        "head_30": head(one, 30, 4),
        "head_all": full,
        "inconsistent": shown,
        "proofs": proofs,
        "receipt": Receipt(SEQ, one.inclusion(SEQ, len(raws)), full, raws[SEQ]).text,
        "receipt_key": entry["command"]["author_key"],
        "receipt_seq": SEQ,
    }


if __name__ == "__main__":
    (HERE / "heads-1.json").write_text(
        json.dumps(made(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
