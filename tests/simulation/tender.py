"""The tender of every run: five lots, three bids each, five members at four venues, and canaries.

Owns the case, and what gives its hidden values away wherever they stand. Points, prices and names are
those of no other place. Must not know who may see what.
"""

import base64
import functools
import hashlib
import json
from pathlib import Path
from typing import Any

import msgspec

from protocol.plan.case import Case, read_case

SESSION = "s-1"
LOTS = ("01", "02", "03", "04", "05")
BIDDERS = ("b1", "b2", "b3")
SCORING_MS = 600_000
"""Short enough that an overrun is raised where a venue is cut off for long."""

NONCE_MARK = base64.b64decode("nonceCANARY+")
SALT_MARK = base64.b64decode("saltCANARY++")
NONCE_TEXT, SALT_TEXT = "nonceCANARY+", "saltCANARY++"
NAME_TEXT = "CanaryWorks"
PRICE_TEXT = "717171"
"""Every price has these digits before its last two places."""

_SAMPLE = Path(__file__).resolve().parents[2] / "ops" / "sample" / "case.json"


@functools.cache
def case() -> Case:
    """The case that the people play."""
    found: dict[str, Any] = json.loads(_SAMPLE.read_text())
    for name in ("turns", "expected"):
        found.pop(name, None)
    plan = found["plan"]
    lot = plan["lots"][0]
    plan["lots"] = [
        {**lot, "id": name, "zh": f"标段 {name}", "en": f"Lot {name}", "price_ceiling": "9999999999.00"}
        for name in LOTS
    ]  # fmt: skip
    plan["scoring_ms"] = SCORING_MS
    scheme = plan["schemes"][0]
    for criterion in scheme["criteria"]:
        if criterion["id"] in ("A", "B"):
            criterion["children"] = criterion["children"][:2]
            criterion["max_centi"] = sum(one["max_centi"] for one in criterion["children"])
            for one in criterion["children"]:
                one["step_centi"] = 1 if criterion["id"] == "A" else one["step_centi"]
    scheme["max_centi"] = sum(one["max_centi"] for one in scheme["criteria"])
    found["id"] = "simulation"
    found["bidders"] = [
        {**one, "name": f"{NAME_TEXT}{number}"}
        for number, one in enumerate(found["bidders"][: len(BIDDERS)], 1)
    ]
    found["bids"] = [
        {"lot": name, "bidder": bidder, "price": f"4{row}{column}{PRICE_TEXT}.{row}{column}"}
        for row, name in enumerate(LOTS, 1)
        for column, bidder in enumerate(BIDDERS, 1)
    ]
    found["sheets"] = {name: _sheets(row) for row, name in enumerate(LOTS)}
    found["draws"] = {name: {"K": "98"} for name in LOTS}
    read = read_case(msgspec.json.encode(found))
    assert isinstance(read, Case), read
    return read


def _sheets(row: int) -> dict[str, dict[str, dict[str, int]]]:
    """One lot's points: blind items differ by member, objective ones do not."""
    return {
        f"M{member}": {
            bidder: {
                "A1": 500 + 31 * member + 17 * column + 7 * row,
                "A2": 300 + 29 * member - 13 * column + 5 * row,
                "B1": 200 * (column % 3),
                "B2": 200 * ((column + row) % 4),
            }
            for column, bidder in enumerate(BIDDERS)
        }
        for member in range(1, 6)
    }


def marked(mark: bytes, raw: bytes) -> bytes:
    """32 bytes that begin with a mark."""
    return mark + hashlib.sha256(raw).digest()[: 32 - len(mark)]
