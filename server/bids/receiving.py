"""Receiving sealed bids: segments, receipts, withdrawals, and what had come by the deadline (SPEC 23).

The room's one door: everything that changes anything passes here, is judged by the coordinator's clock, and
is durable before it is answered (a segment's block, then its place's row). Holds ciphertext and nobody's key.
Writes no log line and moves no number while bids come in, so that neither tells that they do. One coordinator
of a house receives at a time: whoever holds the lock of the folder, which others may share with it.

For whoever enters `BidsReceived`: `received(session)`; for whoever fetches ciphertext: `pieces`.
"""

import asyncio
import contextlib
import hmac
from collections.abc import AsyncGenerator, Coroutine
from typing import Any, Final, TypeVar

from msgspec.structs import replace

from protocol.handed_in import HandedBid
from protocol.limits import SEGMENT_BYTES
from protocol.refusals import Refusal, refuse
from protocol.seal import container, handing_in, releasing, suites
from protocol.seal.handing_in import (
    Announced,
    Begin,
    Begun,
    Offered,
    Receipt,
    SegmentKept,
    SignedReceipt,
    SignedWithdrawal,
    What,
)
from protocol.seal.refused import SealRefused
from server.bids import places
from server.bids.keeping import Around, Keeping, got
from server.bids.places import Place, Stored
from server.bids.tender import Handed, Received, Tender, bidders
from server.store.contract import NotDurable

_TOKEN_BYTES: Final = 32
_CHANCE_BYTES: Final = 16
_LENGTH_BYTES: Final = 4
_LOOK_S: Final = 1.0
"""How often it is looked whether a deadline has come."""

T = TypeVar("T")


class Receiving:
    """Where bids come in. What changes something may raise `NotDurable`: it could not be kept."""

    def __init__(self, around: Around) -> None:
        """Receive into the folder that `around` names."""
        self._by = around
        self._keeping = Keeping(around)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._handed: dict[tuple[str, str, str], tuple[Handed, ...]] = {}
        self._watch: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Watch deadlines from now on."""
        self._watch = asyncio.create_task(self._watch_deadlines(), name="bid-deadlines")

    async def stop(self) -> None:
        """Finish what was taken, and let go of the folder."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._keeping.close()

    async def announce(self, announced: Announced) -> Refusal | None:
        """Receive for a tender from now on, or move its deadline."""
        return await self._whole(self._announce(announced))

    async def tender(self, session: str) -> Announced | Refusal:
        """A tender's notice and policies, for anybody."""
        found = await self._keeping.tender(session)
        return found if isinstance(found, Refusal) else found.announced

    async def begin(self, asked: Begin) -> Begun | Refusal:
        """Begin a container, or say where it stands; room for all of it is given now."""
        return await self._whole(self._begin(asked))

    async def waits(self, token: str) -> bool:
        """Whether a token is one that segments may be sent with; asked before they are read."""
        return await self._keeping.is_ours() and _plain(token) in self._keeping.tokens

    async def put(self, token: str, number: int, data: bytes) -> SegmentKept | Refusal:
        """Take a segment; the receipt comes with the last one."""
        return await self._whole(self._put(_plain(token), number, data))

    async def withdraw(self, asked: SignedWithdrawal) -> SignedReceipt | Refusal:
        """Take a bid back at its bidder's word."""
        return await self._whole(self._withdraw(asked))

    async def elsewhere(self) -> str:
        """Where the coordinator that receives is reached; empty where it is this one, or has not said.

        Raises:
          NotDurable: the folder cannot be read.
        """
        return await self._keeping.elsewhere()

    async def received(self, session: str) -> tuple[Received, ...] | Refusal:
        """What had been handed in at the deadline, frozen and always the same; `BidsStillOpen` before it."""
        found = await self._keeping.tender(session)
        if isinstance(found, Refusal):
            return found
        return await self._whole(self._keeping.freeze(found))

    async def listed(self, session: str) -> tuple[HandedBid, ...] | Refusal | None:
        """What had been handed in at the deadline, with the receipts' moments; None before it.

        Raises:
          NotDurable: it cannot be frozen now.
        """
        found = await self._keeping.tender(session)
        if isinstance(found, Refusal):
            return found
        if not found.is_late(self._by.senses.now_ms()):
            return None
        frozen = await self.received(session)
        if isinstance(frozen, Refusal):
            return frozen
        told = []
        for one in frozen:
            number = found.number_of(one.key, one.lot, one.envelope)
            assert number is not None, "what was frozen is there"
            at = found.place(number).receipts[-1].receipt.at
            told.append(HandedBid(at, one.bid, one.container, one.envelope, one.key, one.lot, one.receipt))
        return tuple(told)

    def frozen(self) -> tuple[str, ...]:
        """The sessions whose bids were frozen, as far as they lie here."""
        return tuple(name for name, one in self._keeping.tenders.items() if one.frozen is not None)

    async def handed(self, session: str, lot: str, envelope: str) -> tuple[Handed, ...] | Refusal:
        """The frozen bids of a lot and envelope, each with its mark and the header that belongs to it.

        Read once: what is frozen stays as it is.

        Raises:
          NotDurable: the disk does not give them.
        """
        known = self._handed.get((session, lot, envelope))
        if known is not None:
            return known
        frozen = await self.received(session)
        if isinstance(frozen, Refusal):
            return frozen
        found = await self._keeping.tender(session)
        assert isinstance(found, Tender), "it was just frozen"
        names = bidders(frozen)
        made = []
        for one in frozen:
            if (one.lot, one.envelope) != (lot, envelope):
                continue
            number = found.number_of(one.key, one.lot, one.envelope)
            stored = None if number is None else found.place(number).current
            assert stored is not None, "what was frozen is there"
            header, trailer = await self._keeping.frame(found, stored)
            offered = handing_in.offered(header, trailer)
            digest = container.header_digest(offered.suite, header)
            mark = releasing.mark_of(offered.header, digest, offered.seal)
            made.append(Handed(one, names[one.key], mark, header))
        self._handed[session, lot, envelope] = tuple(made)
        return tuple(made)

    async def pieces(self, session: str, bid: Received) -> AsyncGenerator[bytes, None]:
        """A frozen bid's container as it was sent, in pieces of a few megabytes, each compared anew.

        Raises:
          NotDurable: the disk does not give it, or it is not what was kept.
          LookupError: no such bid was frozen.
        """
        found = await self._keeping.tender(session)
        if isinstance(found, Refusal) or bid not in (found.frozen or ()):
            raise LookupError(bid.bid)
        number = found.number_of(bid.key, bid.lot, bid.envelope)
        stored = None if number is None else found.place(number).current
        assert stored is not None, "what was frozen is there"
        header, trailer = await self._keeping.frame(found, stored)
        offered = handing_in.offered(header, trailer)
        yield container.MAGIC + len(header).to_bytes(_LENGTH_BYTES, "big") + header
        for at, block in enumerate(stored.blocks):
            data = await asyncio.to_thread(got, found, block, handing_in.segment_bytes(offered.header, at))
            if container.segment_digest(offered.suite, at, data) != offered.seal.segments[at]:
                raise NotDurable(f"segment {at} of a bid is not what was kept")
            yield data
        yield trailer + len(trailer).to_bytes(_LENGTH_BYTES, "big") + container.END

    async def _announce(self, announced: Announced) -> Refusal | None:
        if not self._by.known(announced.key):
            return refuse("UnknownAuthor")
        found = await self._keeping.tender(announced.notice.session)
        if isinstance(found, Refusal):
            if found.code != "TenderUnknown":
                return found
            return await self._keeping.open(announced)
        async with found.lock:
            if announced == found.announced:
                return None
            why = handing_in.misannounced(announced, found.announced)
            if why:
                return refuse("NoticeRefused", why=why)
            if found.is_late(self._by.senses.now_ms()):
                return refuse("BidsClosed", deadline=found.announced.notice.deadline)
            await self._keeping.change(found, announced)
        return None

    async def _begin(self, asked: Begin) -> Begun | Refusal:
        found = await self._keeping.tender(asked.session)
        if isinstance(found, Refusal):
            return found
        try:
            offered = await asyncio.to_thread(handing_in.offered, asked.header, asked.trailer)
        except SealRefused as refused:
            return refused.refusal
        misfit = handing_in.misfit(found.announced.notice, found.announced.policies, offered)
        if misfit is not None:
            return misfit
        async with found.lock:
            ticket = handing_in.ticket_digest(asked.session, asked.ticket)
            stranger = found.admits(ticket, offered)
            if stranger is not None:
                return stranger
            number, place = self._place(found, offered, ticket)
            if place.current is not None and place.current.digest == offered.digest:
                # Its receipt may have been lost on the way; the deadline does not matter to that.
                return Begun((), place.receipts[-1], len(place.current.blocks), "")
            untimely = found.untimely(self._by.senses.now_ms())
            if untimely is not None:
                return untimely
            if place.coming is not None and place.coming.digest == offered.digest:
                return _begun(place.coming)
            begun = await self._reserved(found, number, place, offered, asked)
            return begun if isinstance(begun, Refusal) else _begun(begun)

    def _place(self, tender: Tender, offered: Offered, ticket: bytes) -> tuple[int | None, Place]:
        """The place of a container's key, or one that nobody uses; None where all are used."""
        of = offered.header.bid
        number = tender.number_of(offered.key, of.lot, of.envelope)
        if number is not None:
            return number, tender.place(number)
        made = Place(offered.key, offered.seal.public, ticket, of.lot, of.envelope)
        return tender.unused(self._by.senses.secret(_CHANCE_BYTES)), made

    async def _reserved(
        self, tender: Tender, number: int | None, place: Place, offered: Offered, asked: Begin
    ) -> Stored | Refusal:
        """Give a container its blocks and keep its two ends; what was coming in before is given up."""
        if number is not None and place.coming is not None:
            # Before its blocks are written again nothing may hold them any more, wherever we are stopped.
            place = replace(place, coming=None)
            await self._keeping.keep(tender, number, place)
        count = len(offered.seal.segments)
        blocks = tender.blocks(count + 1, self._by.senses.secret(_CHANCE_BYTES))
        if number is None or blocks is None:
            return refuse("NoRoom")
        made = Stored(
            offered.digest, offered.header.bid.bid, len(asked.header), len(asked.trailer),
            offered.header.sealed_bytes, blocks[0], blocks[1:], bytes(count),
            self._by.senses.secret(_TOKEN_BYTES),
        )  # fmt: skip
        await self._keeping.put_frame(tender, made, asked.header, asked.trailer)
        await self._keeping.keep(tender, number, replace(place, coming=made))
        self._keeping.segments[made.token] = offered.seal.segments
        return made

    async def _put(self, token: bytes, at: int, data: bytes) -> SegmentKept | Refusal:
        if not await self._keeping.is_ours():
            return refuse("ReceivingElsewhere")
        tender, number = self._keeping.tokens.get(token, (None, 0))
        if tender is None:
            return refuse("UploadUnknown")
        stands = self._stands(tender, number, token)
        if not isinstance(stands, Stored):
            return stands
        if not 0 <= at < len(stands.blocks):
            return refuse("SegmentDamaged", number=at)
        if not stands.kept[at]:
            suite = suites.get(tender.announced.notice.suite)
            segments = await self._keeping.digests(tender, stands)
            size = min(SEGMENT_BYTES, stands.sealed_bytes - at * SEGMENT_BYTES)
            digest = await asyncio.to_thread(container.segment_digest, suite, at, data)
            if len(data) != size or not hmac.compare_digest(digest, segments[at]):
                return refuse("SegmentDamaged", number=at)
            # Once more: the upload may have been given up meanwhile, and its blocks be somebody else's.
            stands = self._stands(tender, number, token)
            if not isinstance(stands, Stored):
                return stands
            await self._keeping.write(tender, stands.blocks[at], data)
        async with tender.lock:
            stands = self._stands(tender, number, token)
            return await self._kept(tender, number, stands, at) if isinstance(stands, Stored) else stands

    def _stands(self, tender: Tender, number: int, token: bytes) -> Stored | SegmentKept | Refusal:
        """An upload that segments are missing of; or what is answered in place of taking one."""
        place = tender.place(number)
        if place.current is not None and place.current.token == token:
            return SegmentKept(0, place.receipts[-1])
        if place.coming is None or place.coming.token != token:
            return refuse("UploadUnknown")
        return tender.untimely(self._by.senses.now_ms()) or place.coming

    async def _kept(self, tender: Tender, number: int, stored: Stored, at: int) -> SegmentKept | Refusal:
        """Mark a segment as durable; with the last one the container counts, and is receipted."""
        now = self._by.senses.now_ms()
        untimely = tender.untimely(now)
        if untimely is not None:
            return untimely
        place = tender.place(number)
        kept = bytearray(stored.kept)
        kept[at] = 1
        stored = replace(stored, kept=bytes(kept))
        left = len(stored.missing)
        if left:
            await self._keeping.keep(tender, number, replace(place, coming=stored))
            return SegmentKept(left, None)
        before = handing_in.receipt_digest(place.receipts[-1]) if place.current is not None else b""
        receipt = self._receipt(tender, place, stored, "received", before, now)
        receipts = (*place.receipts, receipt)[-places.RECEIPTS_MAX :]
        await self._keeping.keep(
            tender, number, replace(place, current=stored, coming=None, receipts=receipts)
        )
        return SegmentKept(0, receipt)

    async def _withdraw(self, asked: SignedWithdrawal) -> SignedReceipt | Refusal:
        found = await self._keeping.tender(asked.withdrawal.session)
        if isinstance(found, Refusal):
            return found
        notice = found.announced.notice
        suite = suites.get(notice.suite)
        key = suite.hash(asked.public)
        async with found.lock:
            now = self._by.senses.now_ms()
            for part in notice.parts:
                number = found.number_of(key, part.lot, part.envelope)
                place = None if number is None else found.place(number)
                if number is None or place is None or not place.receipts:
                    continue
                last = place.receipts[-1]
                if last.receipt.what == "withdrawn" and last.receipt.replaces == asked.withdrawal.receipt:
                    return last
                if place.current is None or not handing_in.withdraws(suite, asked, last):
                    continue
                untimely = found.untimely(now)
                if untimely is not None:
                    return untimely
                before = handing_in.receipt_digest(last)
                receipt = self._receipt(found, place, place.current, "withdrawn", before, now)
                receipts = (*place.receipts, receipt)[-places.RECEIPTS_MAX :]
                await self._keeping.keep(found, number, replace(place, current=None, receipts=receipts))
                return receipt
            return found.untimely(now) or refuse("WithdrawalRefused")

    def _receipt(
        self, tender: Tender, place: Place, stored: Stored, what: What, before: bytes, now: int
    ) -> SignedReceipt:
        notice = tender.announced.notice
        receipt = Receipt(
            now, stored.bid, stored.digest, place.envelope, place.key, place.lot, notice.project, before,
            notice.session, what,
        )  # fmt: skip
        sealer = self._by.sealer
        return SignedReceipt(sealer.key, receipt, sealer.statement(handing_in.receipt_bytes(receipt)))

    async def _watch_deadlines(self) -> None:
        while True:
            with contextlib.suppress(NotDurable):
                await self._keeping.freeze_late()
            await asyncio.sleep(_LOOK_S)

    async def _whole(self, work: Coroutine[Any, Any, T]) -> T:
        """Do it to its end, also where whoever asked is gone: a block and its row belong together."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return await asyncio.shield(task)


def _begun(stored: Stored) -> Begun:
    return Begun(stored.missing, None, len(stored.blocks), stored.token.hex())


def _plain(token: str) -> bytes:
    try:
        return bytes.fromhex(token)
    except ValueError:
        return b""
