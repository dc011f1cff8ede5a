"""Somebody who wants to know, take, change or lose bids between their sealing and the deadline.

Each says what the attacker had, what it tried, what stopped it, and has its control that succeeds.
"""

import contextlib
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from protocol import canonical, limits
from protocol.refusals import Refusal
from protocol.seal import container, handing_in, signing, suites
from protocol.seal.container import Seal, Trailer
from protocol.seal.handing_in import Begun, SignedReceipt, SignedWithdrawal
from server.bids.tender import Received
from server.store.contract import NotDurable
from tests.protocol.seal.bids import key_of
from tests.protocol.world import private_key
from tests.server.bids import tendering
from tests.server.bids.tendering import AGENT, DEADLINE, HOUSE, MEGABYTE, SESSION, Room, Sent, bid


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    found = Room(tmp_path / "bids")
    await found.open()
    yield found
    await found.receiving.stop()


def small(number: int, first: int = 1) -> Sent:
    return bid(number, size=5 * MEGABYTE, first=first)


def code(found: object) -> str:
    return found.code if isinstance(found, Refusal) else "taken"


async def frozen(room: Room) -> tuple[Received, ...]:
    room.clock.now = DEADLINE
    found = await room.receiving.received(SESSION)
    assert isinstance(found, tuple)
    return found


def under(sent: Sent, number: int, ticket: str) -> Sent:
    """Somebody else's ciphertext with a trailer of one's own: nothing in it needs the bid's key."""
    suite, own = suites.get("intl-1"), key_of(suites.get("intl-1"), 100 + number)
    said = Seal(sent.offered.seal.header_digest, own.public, sent.offered.seal.segments)
    trailer = canonical.encode(Trailer(said, suite.sign(own, container.signed_bytes(said))))
    head = container.MAGIC + len(sent.header).to_bytes(4, "big") + sent.header
    tail = trailer + len(trailer).to_bytes(4, "big") + container.END
    return Sent(head + sent.sealed + tail, ticket)


async def test_another_bidder_hands_in_a_copy_of_a_bid_under_its_own_name(room: Room) -> None:
    """Had: the whole container and a ticket. Tried: to sign it anew. Stopped: its id is another key's."""
    victim = small(0)
    await room.hand_in(victim)
    assert await room.refused(under(victim, 1, small(1).ticket)) == "BidIdTaken"
    await room.hand_in(small(1))
    assert [one.bid for one in await frozen(room)] == ["b-0", "b-1"]


async def test_a_stolen_ticket_does_not_replace_a_bid(room: Room) -> None:
    """Had: a bidder's ticket, from its mail. Tried: a bid of its own with it. Stopped: the key is another."""
    await room.hand_in(small(0))
    thief = replace(small(1).begin, ticket=small(0).ticket)
    assert code(await room.receiving.begin(thief)) == "TicketRefused"
    await room.hand_in(small(0, first=7))


async def test_a_token_from_the_line_changes_no_byte(room: Room) -> None:
    """Had: the token of an upload. Tried: bytes of its own. Stopped: the digests that the bidder signed."""
    sent = small(0)
    begun = await room.receiving.begin(sent.begin)
    assert isinstance(begun, Begun)
    own = small(1)
    for number in range(begun.segments):
        for data in (own.segment(number), sent.segment(number)[:-1] + b"x", bytes(limits.SEGMENT_BYTES)):
            assert code(await room.receiving.put(begun.token, number, data)) == "SegmentDamaged"
    await room.hand_in(sent)


async def test_an_operator_withdraws_a_bid_that_it_dislikes(room: Room) -> None:
    """Had: the receipt, the installation's key and the agent's. Tried: every signature that it can make.

    Stopped: a withdrawal is the bid's own key's.
    """
    receipt = await room.hand_in(small(0))
    suite = suites.get("intl-1")
    real = handing_in.withdraw(suite, key_of(suite, 100), receipt, 1)
    raw = handing_in.withdrawal_bytes(real.withdrawal)
    stranger = handing_in.withdraw(suite, key_of(suite, 101), receipt, 1)
    forged = (
        stranger,
        SignedWithdrawal(real.public, stranger.sig, real.withdrawal),
        SignedWithdrawal(real.public, signing.sign(AGENT, raw).encode(), real.withdrawal),
        replace(real, withdrawal=replace(real.withdrawal, at=2)),
    )
    for one in forged:
        assert code(await room.receiving.withdraw(one)) == "WithdrawalRefused"
    assert isinstance(await room.receiving.withdraw(real), SignedReceipt)


async def test_an_old_withdrawal_is_played_again(room: Room) -> None:
    """Had: a withdrawal from the line. Tried: again, after the same bid came back. Stopped: its receipt."""
    suite = suites.get("intl-1")
    first = await room.hand_in(small(0))
    word = handing_in.withdraw(suite, key_of(suite, 100), first, 1)
    await room.receiving.withdraw(word)
    room.clock.now += 1
    second = await room.hand_in(small(0))
    assert code(await room.receiving.withdraw(word)) == "WithdrawalRefused"
    assert [one.receipt for one in await frozen(room)] == [handing_in.receipt_digest(second)]


async def test_a_receipt_is_made_for_a_bid_that_never_came(room: Room) -> None:
    """Had: a true receipt, a key of its own. Tried: to change it, to sign it. Stopped: the house's key."""
    good = await room.hand_in(small(0))
    late = replace(good.receipt, container=small(1).offered.digest)
    own = private_key("somebody")
    forged = SignedReceipt(signing.public_text(own), late, signing.sign(own, handing_in.receipt_bytes(late)))
    assert not handing_in.receipt_holds(replace(good, receipt=late))
    assert not handing_in.receipt_holds(forged, HOUSE.key)
    assert handing_in.receipt_holds(good, HOUSE.key)


def write(folder: Path, change: str) -> None:
    """The database's superuser writes."""
    with contextlib.closing(sqlite3.connect(folder / "bids.db")) as database:
        database.execute(change)
        database.commit()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE places SET body = (SELECT body FROM places WHERE place = 1) WHERE place = 0",
        "UPDATE places SET body = zeroblob(32768) WHERE place = 0",
    ],
)
async def test_the_database_s_superuser_moves_or_blanks_a_place(room: Room, change: str) -> None:
    """Had: the database. Tried: to take a bid out by another's row. Stopped: rows are bound to places."""
    await room.hand_in(small(0))
    await room.receiving.stop()
    write(room.folder, change)
    with pytest.raises(ValueError, match="does not open"):
        await Room(room.folder).receiving.tender(SESSION)


async def test_the_disk_s_owner_changes_what_was_handed_in(room: Room) -> None:
    """Had: the disk. Tried: to damage a bid after its receipt. Stopped: the digests name the part."""
    sent = small(0)
    await room.hand_in(sent)
    (one,) = await frozen(room)
    assert b"".join([piece async for piece in room.receiving.pieces(SESSION, one)]) == sent.raw
    path = next(room.folder.glob("*.reserve"))
    raw = bytearray(path.read_bytes())
    at = raw.find(sent.segment(1)[:64])
    assert at >= 0
    raw[at] ^= 1
    path.write_bytes(raw)
    with pytest.raises(NotDurable, match="segment 1"):
        _ = [piece async for piece in room.receiving.pieces(SESSION, one)]


async def test_a_clock_is_set_back_to_let_somebody_in_late(room: Room) -> None:
    """Had: the machine's clock. Tried: to go back behind the deadline. Stopped: what was frozen stays."""
    await room.hand_in(small(0))
    before = await frozen(room)
    room.clock.now = DEADLINE - 1
    assert await room.refused(small(1)) == "BidsClosed"
    await room.killed()
    assert await room.refused(small(1)) == "BidsClosed"
    assert await room.receiving.received(SESSION) == before


async def test_somebody_else_announces_or_shortens_a_tender(room: Room) -> None:
    """Had: a key of no agent; an old notice. Tried: another deadline. Stopped: who signed, which version."""
    later = replace(tendering.announced().notice, version=2, deadline=DEADLINE + 5)
    own = private_key("somebody")
    foreign = handing_in.Announced(
        signing.public_text(own), later, tendering.announced().policies,
        signing.sign(own, handing_in.notice_bytes(later)),
    )  # fmt: skip
    assert code(await room.receiving.announce(foreign)) == "UnknownAuthor"
    assert await room.receiving.announce(tendering.announced(version=2, deadline=DEADLINE + 5)) is None
    assert code(await room.receiving.announce(tendering.announced())) == "NoticeRefused"
    found = await room.receiving.tender(SESSION)
    assert not isinstance(found, Refusal)
    assert found.notice.deadline == DEADLINE + 5
