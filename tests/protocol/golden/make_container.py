"""Makes the golden sealed bids: `python -m tests.protocol.golden.make_container`.

Run once for each new version of SPEC 22, never to make a failing test pass: a bid that was sealed must
open for ever. They hold their makers' randomness, so that they are read, not made again.
"""

import base64
import json
from pathlib import Path

from protocol.seal import suites
from tests.protocol.seal import bids

HERE = Path(__file__).resolve().parent
FILES = {"商务标/投标函.txt": "投标函".encode(), "报价.csv": b"1,2\n" * 5000, "空.txt": b""}


def vectors() -> dict[str, object]:
    """What the golden file holds: each suite's container, and the keys of its groups and its bidder."""
    found: dict[str, object] = {}
    for name in suites.NAMES:
        bid = bids.seal(name, files=FILES)
        found[name] = {
            "raw": base64.b64encode(bid.raw).decode(),
            "keys": {group: key.hex() for group, key in bid.keys.items()},
            "key": bid.key.hex(),
        }
    return found


if __name__ == "__main__":
    (HERE / "container-1.json").write_text(json.dumps(vectors(), indent=1) + "\n")
