"""Makes `dealing-1.json`: `python -m tests.protocol.golden.make_dealing`. Once published it never moves.

One dealing in each suite, three of five, all inputs fixed but the boxes' own randomness.
"""

import json
from pathlib import Path
from typing import Any

from protocol import canonical
from protocol.seal import dealing, suites
from tests.protocol.seal.dealt import KEY, Held

HERE = Path(__file__).resolve().parent
KEYS = {"bidder": "33" * 32, "centres": KEY.hex(), "tenderee": "55" * 32}


def made(name: str) -> dict[str, Any]:
    """Everything of one suite."""
    held = Held(name)
    keyed = {one: bytes.fromhex(key) for one, key in KEYS.items()}
    return {
        "bid": json.loads(canonical.encode(held.bid)),
        "bid_key": dealing.bid_key(suites.get(name), held.bid, keyed).hex(),
        "custodians": [one.custodian for one in held.group.members],
        "dealing": json.loads(canonical.encode(held.dealt)),
        "group": held.group.group,
        "key": KEY.hex(),
        "key_commitment": held.dealt.key_commitment.hex(),
        "keys": KEYS,
        "members": [
            {
                "share": share.share.hex(), "blinder": share.blinder.hex(),
                "commitment": member.commitment.hex(),
            }
            for share, member in zip(held.shares, held.dealt.members, strict=True)
        ],
        "threshold": held.group.threshold,
    }  # fmt: skip


if __name__ == "__main__":
    (HERE / "dealing-1.json").write_text(json.dumps([made("intl-1"), made("gm-1")], indent=1) + "\n")
