"""What is kept of tenders: the folder and its lock, reserves, rows, and what a deadline freezes (SPEC 23).

Reads everything once, when this coordinator takes the folder, and from then on writes before it changes what
is in memory. Knows how a place is kept; what comes to stand in it is `receiving`'s.
"""

import asyncio
import errno
import fcntl
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import Struct

from protocol import canonical
from protocol.refusals import Refusal, refuse
from protocol.seal import handing_in
from protocol.seal.handing_in import Announced
from server import telemetry
from server.bids import places, reserve
from server.bids.places import Place, Stored
from server.bids.tender import Frozen, Received, Tender
from server.store.bids import BidStore, TenderRow
from server.store.contract import NotDurable

DATABASE: Final = "bids.db"
_LOCK: Final = "receiving.lock"
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16
_KEY_BYTES: Final = 32
_ADDRESS_BYTES_MAX: Final = 256

_log = telemetry.logger("server.bids")


class Senses(Protocol):
    """What is asked of the house's senses."""

    def now_ms(self) -> int:
        """The wall clock, ms."""

    def secret(self, size: int) -> bytes:
        """Random bytes."""


class Sealer(Protocol):
    """The installation's key."""

    @property
    def key(self) -> str:
        """Its public half."""

    def statement(self, statement: bytes) -> str:
        """Its signature over a tagged statement."""


class Around(Struct, frozen=True):
    """What the room draws on.

    `folder` holds reserves and their database, made when it is first needed; `known` says whether a key is an
    enrolled agent's; `free_bytes_min` is what a new reserve leaves on the disk;
    `address` where other coordinators reach this one, empty where there are none.
    """

    folder: Path
    sealer: Sealer
    senses: Senses
    known: Callable[[str], bool]
    free_bytes_min: int
    address: Callable[[], str] = str


class Keeping:
    """The tenders of one folder."""

    def __init__(self, around: Around) -> None:
        """Keep there; the rows' key is derived from the installation's signature."""
        self._folder = around.folder
        self._senses = around.senses
        self._address = around.address
        self._free_bytes_min = around.free_bytes_min
        seed = around.sealer.statement(canonical.tag("bid-rows/v1"))
        self._row_key = hashlib.sha256(canonical.tag("bid-rows-key/v1") + seed.encode()).digest()
        self._store = BidStore(around.folder / DATABASE)
        self.tenders: dict[str, Tender] = {}
        self.tokens: dict[bytes, tuple[Tender, int]] = {}
        """Token of an upload → where it is."""
        self.segments: dict[bytes, tuple[bytes, ...]] = {}
        """Token of an upload → the digests that the bidder signed for its segments."""
        self._held: int | None = None
        self._waking = asyncio.Lock()

    async def close(self) -> None:
        """Let go of the folder."""
        await self._store.close()
        for one in self.tenders.values():
            one.reserve.close()
        self.tenders.clear()
        self.tokens.clear()
        if self._held is not None:
            os.close(self._held)
            self._held = None

    async def tender(self, session: str) -> Tender | Refusal:
        """The tender of a session, where this coordinator receives and there is one."""
        if not await self.is_ours():
            return refuse("ReceivingElsewhere")
        return self.tenders.get(session) or refuse("TenderUnknown", session=session)

    async def open(self, announced: Announced) -> Refusal | None:
        """Set room aside for a new tender, and keep it."""
        notice = announced.notice
        async with self._waking:
            if notice.session in self.tenders:
                return refuse("TooBusy")
            why = handing_in.misannounced(announced, None)
            if why or notice.deadline <= self._senses.now_ms():
                return refuse("NoticeRefused", why=why or "deadline")
            path = self._path(notice.session)
            try:
                await asyncio.to_thread(
                    reserve.fill,
                    path,
                    notice.room_bytes,
                    self._free_bytes_min,
                    self._senses.secret(_KEY_BYTES),
                )
            except OSError as error:
                if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                    return refuse("NoRoom")
                raise NotDurable(str(error)) from error
            count = handing_in.places(notice)
            rows = [self._row(notice.session, number, None) for number in range(count)]
            await self._store.put_tender(TenderRow(notice.session, canonical.encode(announced), b""), rows)
            self.tenders[notice.session] = Tender(announced, reserve.Reserve(path), [None] * count, None)
        _log.info("bids are received", session=notice.session, deadline=notice.deadline)
        return None

    async def change(self, tender: Tender, announced: Announced) -> None:
        """A tender's notice is this one from now on."""
        await self._store.put_tender(TenderRow(tender.session, canonical.encode(announced), b""))
        tender.announced = announced

    async def freeze(self, tender: Tender) -> tuple[Received, ...] | Refusal:
        """What had been handed in at the deadline; durable before it is told."""
        async with tender.lock:
            if tender.frozen is not None:
                return tender.frozen
            if not tender.is_late(self._senses.now_ms()):
                return refuse("BidsStillOpen", deadline=tender.announced.notice.deadline)
            made = tuple(
                sorted(
                    (
                        Received(
                            place.current.bid, place.current.digest, place.envelope, place.key, place.lot,
                            handing_in.receipt_digest(place.receipts[-1]),
                        )
                        for _, place in tender.used()
                        if place.current is not None
                    ),
                    key=lambda one: (one.bid, one.lot, one.envelope),
                )
            )  # fmt: skip
            raw = canonical.encode(tender.announced)
            await self._store.put_tender(TenderRow(tender.session, raw, canonical.encode(Frozen(made))))
            tender.frozen = made
            _log.info("bids are closed", session=tender.session)
            return made

    async def freeze_late(self) -> None:
        """Freeze what a deadline has come for, so that a clock set back later opens nothing again."""
        if (self._folder / DATABASE).exists() and await self.is_ours():
            for one in tuple(self.tenders.values()):
                if one.frozen is None and one.is_late(self._senses.now_ms()):
                    await self.freeze(one)

    async def keep(self, tender: Tender, number: int, place: Place) -> None:
        """A place stands so from now on: durable first, then here."""
        await self._store.put_place(tender.session, number, self._row(tender.session, number, place))
        for token in tender.put(number, place):
            self.tokens.pop(token, None)
            self.segments.pop(token, None)
        for one in place.stored:
            self.tokens[one.token] = (tender, number)
        if place.current is not None:
            self.segments.pop(place.current.token, None)

    def _row(self, session: str, number: int, place: Place | None) -> bytes:
        return places.seal(self._row_key, self._senses.secret(_NONCE_BYTES), session, number, place)

    async def write(self, tender: Tender, block: int, data: bytes) -> None:
        """Write a block; durable when this returns."""
        tender.writing[block] += 1
        try:
            await asyncio.to_thread(tender.reserve.put, block, data)
        except OSError as error:
            raise NotDurable(str(error)) from error
        finally:
            tender.writing[block] -= 1
            if not tender.writing[block]:
                del tender.writing[block]

    async def put_frame(self, tender: Tender, stored: Stored, header: bytes, trailer: bytes) -> None:
        """Keep a container's two ends, sealed, in a block of their own."""
        nonce = self._senses.secret(_NONCE_BYTES)
        sealed = AESGCM(self._row_key).encrypt(nonce, header + trailer, stored.digest)
        await self.write(tender, stored.frame, nonce + sealed)

    async def digests(self, tender: Tender, stored: Stored) -> tuple[bytes, ...]:
        """The digests that the bidder signed for the segments; read anew after a restart."""
        found = self.segments.get(stored.token)
        if found is None:
            header, trailer = await self.frame(tender, stored)
            found = self.segments[stored.token] = handing_in.offered(header, trailer).seal.segments
        return found

    async def frame(self, tender: Tender, stored: Stored) -> tuple[bytes, bytes]:
        """A container's header and trailer."""
        size = _NONCE_BYTES + stored.header_bytes + stored.trailer_bytes + _TAG_BYTES
        raw = await asyncio.to_thread(got, tender, stored.frame, size)
        plain = AESGCM(self._row_key).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], stored.digest)
        return plain[: stored.header_bytes], plain[stored.header_bytes :]

    async def is_ours(self) -> bool:
        """Whether this coordinator receives; takes the folder where nobody has it, and reads it."""
        if self._held is not None:
            return True
        async with self._waking:
            if self._held is None:
                handle = await asyncio.to_thread(_locked, self._folder)
                if handle is None:
                    return False
                try:
                    await asyncio.to_thread(_sign, handle, self._address())
                    await self._wake()
                except BaseException:
                    os.close(handle)
                    raise
                self._held = handle
        return True

    async def elsewhere(self) -> str:
        """Where the coordinator that receives is reached; empty where it is this one, or has not said."""
        if await self.is_ours():
            return ""
        try:
            raw = await asyncio.to_thread((self._folder / _LOCK).read_bytes)
        except OSError as error:
            raise NotDurable(str(error)) from error
        return raw[:_ADDRESS_BYTES_MAX].decode(errors="replace").strip()

    async def _wake(self) -> None:
        for row in await self._store.tenders():
            announced = canonical.decode(row.announced, Announced, handing_in.ANNOUNCED_BYTES_MAX)
            kept = [
                places.unseal(self._row_key, row.session, number, body)
                for number, body in enumerate(await self._store.places(row.session))
            ]
            frozen = None
            if row.frozen:
                frozen = canonical.decode(row.frozen, Frozen, len(row.frozen)).received
            tender = Tender(announced, reserve.Reserve(self._path(row.session)), kept, frozen)
            self.tenders[row.session] = tender
            for number, place in tender.used():
                for one in place.stored:
                    self.tokens[one.token] = (tender, number)

    def _path(self, session: str) -> Path:
        return self._folder / f"{hashlib.sha256(session.encode()).hexdigest()[:32]}.reserve"


def got(tender: Tender, block: int, size: int) -> bytes:
    """The beginning of a block; for a thread.

    Raises:
      NotDurable: the disk does not give it.
    """
    try:
        return tender.reserve.get(block, size)
    except OSError as error:
        raise NotDurable(str(error)) from error


def _sign(handle: int, address: str) -> None:
    """Say in the lock who has it."""
    try:
        os.ftruncate(handle, 0)
        os.pwrite(handle, address.encode(), 0)
    except OSError as error:
        raise NotDurable(str(error)) from error


def _locked(folder: Path) -> int | None:
    """The folder's lock, for as long as the handle is open; None where another process has it."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return None
    except OSError as error:
        raise NotDurable(str(error)) from error
    return handle
