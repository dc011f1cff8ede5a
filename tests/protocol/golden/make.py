"""Makes the golden files: `python -m tests.protocol.golden.make`.

Run once for each new version of the rules, never to make a failing test pass: a published
record must replay for ever, and published vectors must not move.
"""

import json
import sys
from pathlib import Path

from protocol import canonical, entry, hidden, record
from protocol.commands import NO_HEAD
from protocol.ledger import tree
from protocol.link import frame
from protocol.link.bid_receipt import make
from protocol.outside import BidderNews, BidEntry, BidReceipt, Inclusion
from protocol.plan.case import Case, read_case
from protocol.projection.bidder import own_disclosures, view
from protocol.seal import signing
from protocol.session.outcome import outcome_digest
from protocol.words import SESSION_STAGE
from tests.protocol.world import World, key, private_key, salt

HERE = Path(__file__).resolve().parent


def golden_world() -> World:
    """The session of the golden record, rules version 1."""
    case = read_case((HERE / "case-1.json").read_bytes())
    if not isinstance(case, Case):
        sys.exit(str(case))
    world = World(case)
    world.to_archived()
    return world


def vectors(world: World) -> dict[str, object]:
    """What another implementation can check itself against, piece by piece."""
    first = entry.decode(world.entries[0])
    opening = world.opening("M1", "01", "1")
    values: list[object] = [
        None, True, 0, -1, 2**53 - 1, "", "评标", "\"\\/\b\t\n\f\r\x01\x1f\x7f\u2028🙂", [],
        {"b": [1, {"a": "x"}], "a": {}, "A": "", "_": 0}, NO_HEAD, SESSION_STAGE,
    ]  # fmt: skip
    return {
        "canonical": [canonical.encode(value).decode() for value in values],
        "tags": {
            name: canonical.tag(name).hex()
            for name in ("command/v1", "sheet/v1", "hidden/v1/price", "bind-seat/v1", "prove/v1")
        },
        "hidden": [
            {"field": "price", "salt": salt("a").hex(), "value": '"4528.60"',
             "digest": hidden.digest("price", salt("a"), "4528.60").hex()},
            {"field": "plan", "salt": salt("b").hex(), "value": '{"标":1}'.replace("标", "a"),
             "digest": hidden.digest("plan", salt("b"), {"a": 1}).hex()},
        ],
        "opening": {
            "value": canonical.encode(opening).decode(),
            "commitment": hidden.commitment(opening).hex(),
        },
        "signature": {
            "seed": private_key("agent").private_bytes_raw().hex(),
            "key": key("agent"),
            "command": canonical.encode(first.command).decode(),
            "signed_sha256": canonical.sha256(entry.signed_bytes(first.command)).hex(),
            "sig": signing.sign(private_key("agent"), entry.signed_bytes(first.command)),
        },
        "entries": [
            {"seq": seq, "leaf": tree.leaf_hash(raw).hex()} for seq, raw in enumerate(world.entries)
        ],
        "root": tree.frontier_root(world.at.frontier).hex(),
        "outcome": outcome_digest(world.at, world.disclosed).hex(),
    }  # fmt: skip


def frames() -> list[dict[str, object]]:
    """Pushed events as their frames; a long text is told by its length and digest."""
    told: list[tuple[str, str, object]] = [
        ("/node", "entries", {"entries": [], "since": 0}),
        ("/desk", "news", {"title": '评标 "甲"🙂'}),
        ("/", "plain", None),
        ("/desk", "news", "评" * 100),
        # Around both lengths at which the head grows; 22 bytes stand about the letters.
        *(("/node", "entries", "x" * (size - 22)) for size in (125, 126, 65_535, 65_536)),
    ]
    found: list[dict[str, object]] = []
    for namespace, event, value in told:
        payload = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        text = frame.event_text(namespace, event, payload)
        whole = frame.event_frame(namespace, event, payload)
        head = whole[: len(whole) - len(text)].hex()
        vector: dict[str, object] = {"namespace": namespace, "event": event, "head": head}
        vector["sha256"] = canonical.sha256(whole).hex()
        if len(text) < 100:
            found.append({**vector, "payload": payload.decode(), "text": text.decode()})
        else:
            assert isinstance(value, str)
            found.append({**vector, "letter": value[0], "letters": len(value)})
    return found


def bid_receipt(world: World) -> BidReceipt:
    """The receipt of the first bid, against the end of the golden record."""
    leaves = [tree.leaf_hash(raw) for raw in world.entries]
    seq, raw = next(
        (seq, raw)
        for seq, raw in enumerate(world.entries)
        if entry.decode(raw).command.type == "ImportOpening"
    )
    here = world.at.tracks["01/1"]
    bidder = here.bids[0].bidder
    shown = own_disclosures(world.at, world.disclosed, here, bidder)
    told = BidEntry("01", "1", seq, raw.decode(), shown)
    proof = Inclusion(seq, tree.inclusion_proof(leaves, seq, len(leaves)))
    news = BidderNews(view(world.at, world.disclosed, bidder), 0, (), (told,), (proof,))
    return make(news, told)


def main() -> None:
    """Write the golden files beside this one."""
    world = golden_world()
    raw = record.write(world.session, world.entries, world.held)
    (HERE / "record-1.jsonl").write_bytes(raw)
    text = json.dumps(vectors(world), ensure_ascii=False, indent=1, sort_keys=True)
    (HERE / "vectors-1.json").write_text(text + "\n")
    text = json.dumps(frames(), ensure_ascii=False, indent=1, sort_keys=True)
    (HERE / "frames-1.json").write_text(text + "\n")
    (HERE / "bid-receipt-1.json").write_bytes(canonical.encode(bid_receipt(world)))


if __name__ == "__main__":
    main()
