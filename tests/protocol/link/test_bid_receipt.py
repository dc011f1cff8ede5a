"""A bidder's receipt holds as it was made, and no changed one does; its golden bytes do not move."""

import pytest
from msgspec.structs import replace

from protocol import canonical, hidden
from protocol.link.bid_receipt import fault
from protocol.outside import BidReceipt
from tests.protocol.golden.make import HERE, bid_receipt, golden_world
from tests.protocol.world import World, salt

GOLDEN = HERE / "bid-receipt-1.json"


@pytest.fixture(scope="module")
def world() -> World:
    return golden_world()


@pytest.fixture(scope="module")
def receipt() -> BidReceipt:
    return canonical.decode(GOLDEN.read_bytes(), BidReceipt, 1_048_576)


def test_the_golden_receipt_is_what_the_golden_record_gives_and_holds(
    world: World, receipt: BidReceipt
) -> None:
    assert canonical.encode(bid_receipt(world)) == GOLDEN.read_bytes()
    assert fault(receipt) == ""
    assert [one.field for one in receipt.disclosures] == ["bidder_name", "price", "quantities"]


def test_a_receipt_against_any_later_head_holds(world: World) -> None:
    full = bid_receipt(world)
    assert full.size == len(world.entries)
    assert fault(full) == ""


def test_a_receipt_with_anything_changed_proves_nothing(world: World, receipt: BidReceipt) -> None:
    other = hidden.disclose("price", salt("another"), "1.00")
    swapped = receipt.entry.replace('"code":"', '"code":"x', 1)
    changed: list[tuple[str, BidReceipt]] = [
        ("entry", replace(receipt, entry=receipt.entry + " ")),
        ("entry", replace(receipt, entry="{}")),
        ("entry", replace(receipt, session="other")),
        ("entry", replace(receipt, lot="02")),
        ("entry", replace(receipt, entry=world.entries[0].decode(), seq=0)),
        ("bid", replace(receipt, bidder="nobody")),
        ("disclosure", replace(receipt, disclosures=(other,))),
        ("disclosure", replace(receipt, disclosures=(replace(receipt.disclosures[1], value='"1.00"'),))),
        ("leaf", replace(receipt, entry=swapped)),
        ("leaf", replace(receipt, leaf=bytes(32))),
        ("proof", replace(receipt, root=bytes(32))),
        ("proof", replace(receipt, size=receipt.seq)),
        ("proof", replace(receipt, proof=receipt.proof[1:])),
    ]
    assert [fault(one) for _, one in changed] == [why for why, _ in changed]
