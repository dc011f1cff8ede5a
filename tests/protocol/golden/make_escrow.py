"""Makes `escrow-1.json`: `python -m tests.protocol.golden.make_escrow`. Once published it never moves.

A sheet's opening in escrow (SPEC 28.8) in each suite, two of three, all inputs fixed but the boxes' and the
seal's own randomness; what does not depend on it stands in hexadecimal digits.
"""

import json
from pathlib import Path
from typing import Any

from protocol import canonical, hidden
from protocol.hidden import Opening
from protocol.seal import escrowing, suites
from protocol.words import Stage
from tests.protocol.seal.dealt import KEY, group, keys

HERE = Path(__file__).resolve().parent
THRESHOLD, COUNT = 2, 3


def opening() -> Opening:
    """One expert's scores, made up."""
    return Opening(
        session="s-escrow", stage=Stage("01", "1", 2), expert="M1", bids=("b1", "b2"),
        scores={"b1": {"A1": 1800, "A2": 950}, "b2": {"A1": 0, "A2": 1000}}, nonce=bytes(range(32)),
    )  # fmt: skip


def made(name: str) -> dict[str, Any]:
    """Everything of one suite."""
    suite = suites.get(name)
    held = keys(suite, COUNT)
    escrow = escrowing.escrow(suite, opening(), group(held, THRESHOLD), KEY)
    shares = [
        escrowing.take(suite, escrow, one.custodian, key)
        for one, key in zip(escrow.dealing.members, held, strict=True)
    ]
    return {
        "commitment": hidden.commitment(opening()).hex(),
        "escrow": json.loads(canonical.encode(escrow)),
        "group_key": KEY.hex(),
        "opening": json.loads(canonical.encode(opening())),
        "shares": [{"blinder": one.blinder.hex(), "share": one.share.hex()} for one in shares],
        "sheet": json.loads(canonical.encode(escrow.sheet)),
    }


if __name__ == "__main__":
    (HERE / "escrow-1.json").write_text(json.dumps([made("intl-1"), made("gm-1")], indent=1) + "\n")
