"""`tongchang inspect`: what anybody can say of a sealed bid without a key (标书检查).

Whether it is whole, which segment is damaged, who can open it and how many of them are needed; never a name
of a file. Exit codes: 0 whole, 1 damaged, 2 cannot be read.
"""

import json
from pathlib import Path
from typing import Any

from ops.bidder import sending
from ops.bids import reading
from protocol.seal import suites
from protocol.seal.container import Inspected


def inspect(path: Path, *, as_json: bool, receipt: Path | None = None) -> int:
    """Print what a container shows, and whether a receipt is for it; the exit code."""
    found = reading.inspected(path)
    told = facts(found, path.stat().st_size)
    fault = ""
    if receipt is not None:
        fault = sending.receipt_fault(sending.read_receipt(receipt), "", path) if found.whole else "bid"
        told["receipt"] = fault or "holds"
    print(json.dumps(told, ensure_ascii=False) if as_json else _lines(found, told), flush=True)
    return 0 if found.whole and not fault else 1


def facts(found: Inspected, size: int) -> dict[str, Any]:
    """What is shown, as plain values: digests in hex."""
    told: dict[str, Any] = {
        "whole": found.whole,
        "damaged": list(found.damaged),
        "signed": found.signed,
        "bytes": size,
    }
    if found.header is not None:
        bid = found.header.bid
        told |= {
            "bid": {"bid": bid.bid, "envelope": bid.envelope, "lot": bid.lot, "project": bid.project},
            "suite": bid.suite,
            "header_digest": found.header_digest.hex(),
            "sealed_bytes": found.header.sealed_bytes,
            "segment_bytes": found.header.segment_bytes,
            "groups": [
                {
                    "group": group.group,
                    "threshold": group.threshold,
                    "custodians": [one.custodian for one in group.members],
                }
                for group in found.header.groups
            ],
            "locks": len(found.header.locks),
        }
    if found.header is not None and found.seal is not None:
        told["segments"] = len(found.seal.segments)
        told["signer"] = suites.get(found.header.bid.suite).hash(found.seal.public).hex()
    return told


def _lines(found: Inspected, told: dict[str, Any]) -> str:
    if found.whole:
        lines = ["✓ 标书文件完整,签名有效。 The bid is whole and its signature holds."]
    else:
        where = ", ".join(told["damaged"])
        lines = [
            f"✗ 标书文件已损坏:{where}。请重新上传损坏的部分,或使用完好的副本。",
            f"  The bid is damaged: {where}. Send that part again, or use a copy that is whole.",
        ]
    if told.get("receipt") == "holds":
        lines.append("✓ 回执有效,且属于此文件。 The receipt holds, and is for this file.")
    elif "receipt" in told:
        lines.append(f"✗ 回执不符({told['receipt']})。 The receipt does not fit ({told['receipt']}).")
    if found.header is not None:
        bid = found.header.bid
        lines += [
            f"  标书 bid          {bid.bid}",
            f"  项目 project      {bid.project},标段 lot {bid.lot},信封 envelope {bid.envelope}",
            f"  密码套件 suite    {bid.suite}",
            f"  密文 sealed       {found.header.sealed_bytes:,} 字节 bytes",
            f"  头部摘要 header   {found.header_digest.hex()}",
            "  开启须 to open    投标人本人 the bidder itself",
        ]
        for group in found.header.groups:
            names = ", ".join(one.custodian for one in group.members)
            lines.append(
                f"  并须 and          {group.group}: {group.threshold}/{len(group.members)} ({names})"
            )
    return "\n".join(lines)
