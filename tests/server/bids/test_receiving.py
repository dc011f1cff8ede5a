"""A bid comes in by segments, is receipted once it is durable, replaced, withdrawn, frozen at its end."""

import os
from pathlib import Path

import pytest
from msgspec.structs import replace

from protocol.refusals import Refusal
from protocol.seal import handing_in, suites
from protocol.seal.handing_in import Begun, SegmentKept, SignedReceipt, SignedWithdrawal
from protocol.seal.refused import SealRefused
from server.store.contract import NotDurable
from tests.protocol.seal.bids import key_of
from tests.server.bids import tendering
from tests.server.bids.tendering import DEADLINE, HOUSE, MEGABYTE, OPENS, SESSION, Room, announced, bid


def code(found: object) -> str:
    return found.code if isinstance(found, Refusal) else f"no refusal: {found}"


def withdrawal(number: int, receipt: SignedReceipt, name: str = "intl-1") -> SignedWithdrawal:
    suite = suites.get(name)
    return handing_in.withdraw(suite, key_of(suite, 100 + number), receipt, 5)


@pytest.mark.parametrize("name", suites.NAMES)
async def test_a_bid_is_receipted_with_its_last_segment_and_handed_on_as_it_came(
    tmp_path: Path, name: str
) -> None:
    room = Room(tmp_path / "bids", name)
    await room.open()
    sent = bid(0, name)
    begun = await room.receiving.begin(sent.begin)
    assert isinstance(begun, Begun)
    assert (begun.missing, begun.segments, begun.receipt) == ((0, 1, 2), 3, None)
    for number, left in ((2, 2), (0, 1)):
        kept = await room.receiving.put(begun.token, number, sent.segment(number))
        assert kept == SegmentKept(left, None)
    room.clock.now = OPENS + 5
    kept = await room.receiving.put(begun.token, 1, sent.segment(1))
    assert isinstance(kept, SegmentKept)
    receipt = kept.receipt
    assert receipt is not None
    assert handing_in.receipt_holds(receipt, HOUSE.key)
    assert handing_in.is_for(receipt, sent.offered.header.bid, sent.offered.digest)
    told = receipt.receipt
    assert (told.at, told.what, told.replaces, told.key) == (OPENS + 5, "received", b"", sent.offered.key)
    room.clock.now = DEADLINE
    frozen = await room.receiving.received(SESSION)
    assert isinstance(frozen, tuple)
    (one,) = frozen
    assert (one.bid, one.container, one.lot) == ("b-0", sent.offered.digest, "l-1")
    assert one.receipt == handing_in.receipt_digest(receipt)
    assert b"".join([piece async for piece in room.receiving.pieces(SESSION, one)]) == sent.raw
    await room.receiving.stop()


async def test_an_upload_goes_on_after_the_coordinator_was_killed(room: Room) -> None:
    await room.open()
    sent = bid()
    first = await room.receiving.begin(sent.begin)
    assert isinstance(first, Begun)
    await room.receiving.put(first.token, 1, sent.segment(1))
    await room.killed()
    kept = await room.receiving.put(first.token, 0, sent.segment(0))
    assert kept == SegmentKept(1, None)
    await room.killed()
    again = await room.receiving.begin(sent.begin)
    assert isinstance(again, Begun)
    assert (again.missing, again.token) == ((2,), first.token)
    last = await room.receiving.put(first.token, 2, sent.segment(2))
    assert isinstance(last, SegmentKept)
    await room.killed()
    assert await room.receiving.put(first.token, 2, sent.segment(2)) == last
    whole = await room.receiving.begin(sent.begin)
    assert isinstance(whole, Begun)
    assert (whole.missing, whole.receipt) == ((), last.receipt)


async def test_a_damaged_segment_is_named_and_nothing_of_it_is_kept(room: Room) -> None:
    await room.open()
    sent = bid()
    begun = await room.receiving.begin(sent.begin)
    assert isinstance(begun, Begun)
    for wrong in (sent.segment(1)[:-1], sent.segment(0), bytes(len(sent.segment(1))), b""):
        found = await room.receiving.put(begun.token, 1, wrong)
        assert isinstance(found, Refusal)
        assert (found.code, found.detail) == ("SegmentDamaged", {"number": "1"})
    assert code(await room.receiving.put(begun.token, 3, b"")) == "SegmentDamaged"
    again = await room.receiving.begin(sent.begin)
    assert isinstance(again, Begun)
    assert again.missing == (0, 1, 2)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"of": tendering.policy(threshold=3)}, "PolicyMismatch"),
        ({"of": replace(tendering.policy(), project="p-2")}, "BidElsewhere"),
        ({"of": replace(tendering.policy(), lot="l-9")}, "BidElsewhere"),
        ({"of": replace(tendering.policy(), envelope="e-2")}, "BidElsewhere"),
        ({"name": "gm-1"}, "SuiteMixed"),
        ({"size": 33 * MEGABYTE}, "BidTooLarge"),
    ],
)
async def test_what_is_none_of_this_tender_is_refused_before_a_byte_of_it_comes(
    room: Room, changed: dict[str, object], expected: str
) -> None:
    await room.open()
    assert await room.refused(bid(**changed)) == expected
    await room.hand_in(bid())


async def test_two_ends_that_do_not_belong_together_are_refused(room: Room) -> None:
    await room.open()
    one, other = bid(0), bid(1)
    for asked in (
        replace(one.begin, header=other.header),
        replace(one.begin, trailer=one.trailer[:-2]),
        replace(one.begin, header=b"{}"),
    ):
        assert code(await room.receiving.begin(asked)) == "ContainerBroken"
    with pytest.raises(SealRefused, match="trailer"):
        handing_in.offered(one.header, one.trailer.replace(b'"sig":"M', b'"sig":"N'))


async def test_a_ticket_is_good_for_the_key_that_used_it_first(room: Room) -> None:
    await room.open()
    await room.hand_in(bid(0))
    stranger = replace(bid(1).begin, ticket=bid(0).ticket)
    assert code(await room.receiving.begin(stranger)) == "TicketRefused"
    assert code(await room.receiving.begin(replace(bid(1).begin, ticket="guessed"))) == "TicketRefused"
    second = replace(bid(0, first=3).begin, ticket=bid(1).ticket)
    assert code(await room.receiving.begin(second)) == "TicketRefused"
    shouted = replace(bid(1).begin, ticket=bid(1).ticket.upper())
    assert isinstance(await room.receiving.begin(shouted), Begun)
    other_lot = bid(0, of=tendering.policy(lot="l-2"))
    assert (await room.hand_in(other_lot)).receipt.lot == "l-2"


async def test_the_bid_before_counts_until_its_replacement_is_whole(room: Room) -> None:
    await room.open()
    old, new = bid(0), bid(0, first=3, bid_id="b-0-new")
    first = await room.hand_in(old)
    begun = await room.receiving.begin(new.begin)
    assert isinstance(begun, Begun)
    await room.receiving.put(begun.token, 0, new.segment(0))
    still = await room.receiving.begin(old.begin)
    assert isinstance(still, Begun)
    assert still.receipt == first
    second = await room.hand_in(new)
    assert second.receipt.replaces == handing_in.receipt_digest(first)
    room.clock.now = DEADLINE
    frozen = await room.receiving.received(SESSION)
    assert isinstance(frozen, tuple)
    assert [one.bid for one in frozen] == ["b-0-new"]


async def test_a_bid_is_withdrawn_by_its_own_key_once_and_may_come_again(room: Room) -> None:
    await room.open()
    sent = bid(0)
    receipt = await room.hand_in(sent)
    assert code(await room.receiving.withdraw(withdrawal(1, receipt))) == "WithdrawalRefused"
    asked = withdrawal(0, receipt)
    forged = replace(asked, sig=withdrawal(1, receipt).sig)
    assert code(await room.receiving.withdraw(forged)) == "WithdrawalRefused"
    done = await room.receiving.withdraw(asked)
    assert isinstance(done, SignedReceipt)
    assert handing_in.receipt_holds(done, HOUSE.key)
    assert (done.receipt.what, done.receipt.replaces) == ("withdrawn", handing_in.receipt_digest(receipt))
    assert await room.receiving.withdraw(asked) == done
    room.clock.now += 1
    await room.hand_in(sent)
    # The old word takes nothing back of what was handed in later.
    assert code(await room.receiving.withdraw(asked)) == "WithdrawalRefused"


async def test_nothing_changes_before_the_notice_opens_and_after_its_deadline(room: Room) -> None:
    await room.open()
    sent, late = bid(0), bid(1)
    room.clock.now = OPENS - 1
    assert await room.refused(sent) == "BidsNotYet"
    room.clock.now = OPENS
    receipt = await room.hand_in(sent)
    begun = await room.receiving.begin(late.begin)
    assert isinstance(begun, Begun)
    await room.receiving.put(begun.token, 0, late.segment(0))
    assert code(await room.receiving.received(SESSION)) == "BidsStillOpen"
    room.clock.now = DEADLINE
    assert code(await room.receiving.put(begun.token, 1, late.segment(1))) == "BidsClosed"
    assert code(await room.receiving.withdraw(withdrawal(0, receipt))) == "BidsClosed"
    assert await room.refused(bid(2)) == "BidsClosed"
    frozen = await room.receiving.received(SESSION)
    assert isinstance(frozen, tuple)
    assert [one.bid for one in frozen] == ["b-0"]
    # A clock set back opens nothing again, after a start neither; a lost receipt is still given.
    room.clock.now = OPENS
    await room.killed()
    assert await room.refused(late) == "BidsClosed"
    assert await room.receiving.received(SESSION) == frozen
    again = await room.receiving.begin(sent.begin)
    assert isinstance(again, Begun)
    assert again.receipt == receipt


async def test_a_deadline_moves_later_only_and_only_before_it_has_come(room: Room) -> None:
    await room.open()
    later = announced(version=2, deadline=DEADLINE + 10)
    for wrong in (
        announced(version=2, deadline=DEADLINE - 1),
        announced(version=3, deadline=DEADLINE + 10),
        announced(version=2, room_bytes=128 * MEGABYTE),
        replace(later, sig=announced().sig),
    ):
        assert code(await room.receiving.announce(wrong)) == "NoticeRefused"
    assert await room.receiving.announce(later) is None
    assert await room.receiving.announce(later) is None
    await room.killed()
    assert await room.receiving.tender(SESSION) == later
    room.clock.now = DEADLINE + 10
    after = announced(version=3, deadline=DEADLINE + 99)
    assert code(await room.receiving.announce(after)) == "BidsClosed"


async def test_a_reserve_that_does_not_fit_is_refused_with_nothing_written(room: Room) -> None:
    huge = announced(room_bytes=2**42)
    assert code(await room.receiving.announce(huge)) == "NoRoom"
    assert [path.name for path in room.folder.iterdir() if path.suffix == ".reserve"] == []
    await room.open()


async def test_a_bid_that_does_not_fit_the_reserve_is_refused_before_its_first_segment(room: Room) -> None:
    await room.open(room_bytes=32 * MEGABYTE)
    await room.hand_in(bid(0))
    await room.receiving.begin(bid(1).begin)
    assert await room.refused(bid(2)) == "NoRoom"
    # What was begun is given up for another version of it, and its room used again.
    await room.hand_in(bid(1, first=5))


async def test_a_segment_is_not_acknowledged_when_the_disk_does_not_take_it(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    await room.open()
    sent = bid()
    begun = await room.receiving.begin(sent.begin)
    assert isinstance(begun, Begun)

    def fails(_: int) -> None:
        raise OSError(5, "the disk")

    with monkeypatch.context() as failing:
        failing.setattr(os, "fdatasync", fails)
        with pytest.raises(NotDurable):
            await room.receiving.put(begun.token, 0, sent.segment(0))
    again = await room.receiving.begin(sent.begin)
    assert isinstance(again, Begun)
    assert 0 in again.missing
    await room.hand_in(sent)


async def test_one_of_two_coordinators_receives_and_the_other_takes_over(room: Room) -> None:
    await room.open()
    await room.hand_in(bid())
    other = Room(room.folder)
    assert code(await other.receiving.tender(SESSION)) == "ReceivingElsewhere"
    await room.receiving.stop()
    assert await other.receiving.tender(SESSION) == announced()
    other.clock.now = DEADLINE
    frozen = await other.receiving.received(SESSION)
    assert isinstance(frozen, tuple)
    assert len(frozen) == 1
    await other.receiving.stop()
