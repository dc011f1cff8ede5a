"""Makes the golden files: `python -m tests.protocol.golden.make`.

Run once for each new version of the rules, never to make a failing test pass: a published
record must replay for ever, and published vectors must not move.
"""

import json
import sys
from pathlib import Path

from protocol import canonical, entry, hidden, record
from protocol import commands as cmd
from protocol.commands import NO_HEAD
from protocol.events import ObservationNoted
from protocol.ledger import tree
from protocol.link import frame
from protocol.link.bid_receipt import make
from protocol.outside import BidderNews, BidEntry, BidReceipt, Inclusion
from protocol.plan.case import Case, read_case
from protocol.projection.bidder import own_disclosures, view
from protocol.seal import signing
from protocol.session import witnessing
from protocol.session.outcome import outcome_digest
from protocol.words import SESSION_STAGE
from tests.protocol.world import World, key, private_key, salt

HERE = Path(__file__).resolve().parent


def _case() -> Case:
    case = read_case((HERE / "case-1.json").read_bytes())
    if not isinstance(case, Case):
        sys.exit(str(case))
    return case


def golden_world() -> World:
    """The session of the golden record, rules version 1."""
    world = World(_case(), rules="1")
    world.to_archived()
    return world


def golden_world_2() -> World:
    """The session of the golden record of rules version 2: read out, signed, observed."""
    world = World(_case(), "s-golden-2", rules="2")
    world.to_check_in()
    for seat in ("tenderee", "witness-hefei", "witness-nanjing"):
        world.bind(seat)
    world.read_out("01", "1")
    world.sign_opening("witness-hefei", "01", "1")
    for seat in world.members():
        world.bind(seat)
        world.must(seat, world.check_in_content())
        if seat == "M3":
            world.note("witness-nanjing", "identity_checked", subject="M3", media_offset_ms=61_000)
    world.note("witness-nanjing", "seat_left", "M3 离席两分钟", finding="irregular", subject="M3")
    about = world.at.size - 1
    world.note("witness-nanjing", "seat_left", finding="handled", subject="M3", entry=about)
    world.note("witness-hefei", "recording_runs", subject="hefei")
    world.note("witness-hefei", "read_out_differs", "大写为准", world.stage("01", "1"), finding="handled")
    world.to_ranked_from_check_in()
    world.to_submitted()
    for seat in ("witness-hefei", "witness-nanjing"):
        world.sign_witnessing(seat)
    world.must("agent", cmd.ArchiveSession())
    return world


def vectors_2(world: World) -> dict[str, object]:
    """What version 2 adds: observations with their chain, the opening record, the whole record's root."""
    chains: dict[str, bytes] = {}
    observations = []
    for raw in world.entries:
        for event in entry.decode(raw).events:
            if isinstance(event, ObservationNoted):
                before = chains.get(event.seat, bytes(32))
                chains[event.seat] = witnessing.chained(before, world.session, event)
                value = canonical.encode(witnessing.observation(world.session, event)).decode()
                observations.append({"value": value, "record": chains[event.seat].hex()})
    return {
        "observations": observations,
        "opening_record": witnessing.opening_record(world.at, world.at.tracks["01/1"]).hex(),
        "root": tree.frontier_root(world.at.frontier).hex(),
        "outcome": outcome_digest(world.at, world.disclosed).hex(),
    }


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
    second = golden_world_2()
    (HERE / "record-2.jsonl").write_bytes(record.write(second.session, second.entries, second.held))
    text = json.dumps(vectors_2(second), ensure_ascii=False, indent=1, sort_keys=True)
    (HERE / "vectors-2.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
