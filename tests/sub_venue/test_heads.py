"""A node's own look at the log's signed heads, what its pages are handed, and receipts of their own acts."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from protocol import entry, heads
from protocol.heads import HeadTold, HeadWanted, ReceiptTold, ReceiptWanted
from protocol.ledger import checkpoint, fork, kinds, note, quorum, receipt, tree, trust
from protocol.ledger.checkpoint import Checkpoint
from protocol.ledger.levels import Levels
from protocol.ledger.quorum import Party
from sub_venue.assembly import Node
from sub_venue.config import Bounds
from tests.protocol.world import World, key
from tests.sub_venue.conftest import Opens, line_up
from tests.sub_venue.exchange import Exchange
from tests.sub_venue.page import Page, open_page
from tests.sub_venue.test_seats import copied

QUICK = Bounds(head_look_ms=3_600_000, line_pause_ms=20, line_pause_ms_max=100)
ORIGIN = "log.example/s-1"
LOG = note.ed25519_signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes([1] * 32)))
COSIGNER = note.ed25519_signer(
    "p1.example/cosigner", Ed25519PrivateKey.from_private_bytes(bytes([2] * 32)), kinds.COSIGNATURE
)


@pytest.fixture
async def node(opens: Opens, exchange: Exchange, tmp_path: Path) -> AsyncIterator[Node]:
    path = tmp_path / "trust.policy"
    family = note.ed25519_signer("log.example", Ed25519PrivateKey.from_private_bytes(bytes([1] * 32))).key
    policy = trust.live(Party("log.example", family, ""), [("p1", (COSIGNER.key,), "")])
    path.write_text(quorum.write(policy), encoding="utf-8")
    async with opens("shanghai", exchange.port, QUICK, {"trust_policy": path}) as found:
        await line_up(found)
        yield found


@pytest.fixture
async def page(node: Node) -> AsyncIterator[Page]:
    async with open_page(node.door.port, "shanghai.localhost") as found:
        yield found


async def at_check_in(node: Node, exchange: Exchange, page: Page) -> Levels:
    """M2 bound, proved and following; the tree of the record."""
    world: World = exchange.world
    world.to_check_in()
    world.bind("M2")
    exchange.grown()
    await copied(node, world)
    await page.prove("s-1", "M2")
    return Levels(tree.leaf_hash(raw) for raw in world.entries)


def head(grown: Levels, size: int, *, cosigned: bool = True) -> str:
    text = checkpoint.sign(Checkpoint(ORIGIN, size, grown.root(size)), LOG)
    line = note.sign_line(note.split(text)[0], COSIGNER, 1_795_000_000).line
    return text + (line if cosigned else "")


def kept(folder: Path) -> dict[str, str]:
    """The proof beside the copy."""
    (path,) = folder.rglob("s-1.refused")
    found: dict[str, str] = json.loads(path.read_bytes())
    return found


async def test_a_page_is_handed_the_head_that_its_node_verified_and_the_policy_told_before(
    node: Node, exchange: Exchange, page: Page
) -> None:
    grown = await at_check_in(node, exchange, page)
    exchange.head = head(grown, grown.size)
    await node.heads.look("s-1")
    told = await page.ask(heads.HEAD, HeadWanted("s-1"), HeadTold)
    policy = quorum.read(told.policy)
    assert quorum.judge(told.checkpoint, policy).head.size == grown.size
    assert policy.logs[0].name == ORIGIN
    assert await page.refused(heads.HEAD, HeadWanted("s-2")) == "NotSignedIn"


async def test_a_page_gets_the_receipt_of_its_own_act_once_a_head_covers_it_and_of_no_other(
    node: Node, exchange: Exchange, page: Page
) -> None:
    grown = await at_check_in(node, exchange, page)
    own = next(
        seq for seq, raw in enumerate(exchange.world.entries)
        if entry.decode(raw).command.author_key == key("M2")
    )  # fmt: skip
    wanted = ReceiptWanted("s-1", own)
    assert (await page.ask(heads.RECEIPT, wanted, ReceiptTold)).receipt == ""
    exchange.head = head(grown, grown.size)
    await node.heads.look("s-1")
    told = await page.ask(heads.RECEIPT, wanted, ReceiptTold)
    policy = quorum.read((await page.ask(heads.HEAD, HeadWanted("s-1"), HeadTold)).policy)
    raw, _ = receipt.verify_entry(receipt.read(told.receipt), policy)
    assert raw == exchange.world.entries[own]
    assert await page.refused(heads.RECEIPT, ReceiptWanted("s-1", 0)) == "NotAllowed"


async def test_a_head_that_contradicts_the_copy_stops_it_and_both_heads_are_kept(
    node: Node, exchange: Exchange, page: Page, tmp_path: Path
) -> None:
    grown = await at_check_in(node, exchange, page)
    exchange.head = head(grown, grown.size)
    await node.heads.look("s-1")
    other = Levels(tree.leaf_hash(raw if seq else b"other") for seq, raw in enumerate(exchange.world.entries))
    exchange.head = head(other, grown.size - 1, cosigned=False)
    await node.heads.look("s-1")
    replica = node.copies.get("s-1")
    assert replica is not None
    assert replica.fault is not None
    assert replica.fault.code == "HeadContradicts"
    given = json.loads(replica.fault.given)
    assert kept(tmp_path)["given"] == replica.fault.given
    smaller, larger = fork.verify(fork.read(given["proof"].encode()), (LOG.key,))
    assert (smaller.size, larger.size) == (grown.size - 1, grown.size)
    # The page is shown the very head, for it judges by itself.
    told = await page.ask(heads.HEAD, HeadWanted("s-1"), HeadTold)
    assert told.checkpoint == exchange.head


async def test_a_note_that_the_log_did_not_sign_changes_nothing(
    node: Node, exchange: Exchange, page: Page
) -> None:
    grown = await at_check_in(node, exchange, page)
    exchange.head = head(grown, grown.size).replace(f"\n{grown.size}\n", f"\n{grown.size - 1}\n")
    await node.heads.look("s-1")
    assert (await page.ask(heads.HEAD, HeadWanted("s-1"), HeadTold)).checkpoint == ""
    replica = node.copies.get("s-1")
    assert replica is not None
    assert replica.fault is None
