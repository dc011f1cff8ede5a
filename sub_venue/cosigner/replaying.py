"""Replaying (重放联署): a cosigner that vouches for a head once it has decided every entry before it again.

Owns what such a cosigner holds of each session: all its entries, and the disclosures that the node beside it
is given, in a file of frames for each, on disk before a head over them is cosigned. The judgement is
`protocol.replay_cosigner`; a session in which it finds a fault is cosigned no more, and the fault is kept as
proof. Must not know HTTP. Source: SPEC 27.4.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import structlog
from msgspec import Struct

from protocol import canonical
from protocol.hidden import Disclosure, holds
from protocol.ledger import tree
from protocol.ledger.cosigner import TEXT, Answer, Keep
from protocol.ledger.levels import Levels
from protocol.replay_cosigner import Fault, ReplayCosigner
from sub_venue.cosigner import genesis
from sub_venue.cosigner.asking import Unanswered
from sub_venue.cosigner.entries import Entries
from sub_venue.cosigner.genesis import FOREIGN
from sub_venue.cosigner.settings import Settings
from sub_venue.journal.disk import AppendFile, Disk, make_folder, replace_file

BROKEN = "RuleBroken"
"""How an answer of 422 begins where the rules do not give what a session holds."""
FOLDER = "sessions"
_ENTRIES_AT_ONCE = 32
_log = structlog.get_logger("sub_venue.cosigner")


class _Piece(Struct, frozen=True, forbid_unknown_fields=True):
    """One frame of a session's file: entries that follow, or disclosures, as they came."""

    entries: tuple[str, ...] = ()
    disclosures: tuple[Disclosure, ...] = ()


class _Held(Struct):
    """One session: the tree over all entries read, the replay of them, and the digests disclosed."""

    file: AppendFile
    cosigner: ReplayCosigner
    grown: Levels
    digests: set[bytes]
    told: bool = False
    """Whether its fault was raised as an alarm."""


class Replaying:
    """Replays the sessions whose heads are to be cosigned."""

    def __init__(self, settings: Settings, disk: Disk, entries: Entries) -> None:
        """Read nothing yet: a session is read again when its log is first submitted.

        Raises:
          OSError, ValueError: the agreed policy cannot be read.
        """
        self._settings = settings
        self._disk = disk
        self._entries = entries
        self._agreed = genesis.read_agreed(settings)
        self._held: dict[str, _Held] = {}
        make_folder(settings.data_dir / FOLDER)

    async def weigh(self, origin: str, head: Keep) -> Answer | None:
        """Why a head is not cosigned; None where all entries under it are right. The caller holds the lock.

        Raises:
          NotDurable: the disk does not take what was read.
          DamagedFile, OSError: what was durable has changed, or cannot be read.
        """
        session = genesis.session_of(origin)
        held = self._held.get(origin) or await self._load(origin, session)
        try:
            if held.cosigner.fault is None and held.grown.size < head.size:
                raws = await self._entries.read(session, held.grown.size, head.size)
                if not await self._grow(held, raws, head):
                    # What lies on the disk is of the heads before; it is read again from there.
                    del self._held[origin]
                    _log.error("the entries are not the head's", log=origin, size=head.size)
                    return Answer(422, f"{FOREIGN}: the entries given are not those of this head\n", TEXT)
            while held.cosigner.fault is None:
                more = await self._entries.disclosures(session, held.digests)
                if not await self._disclose(held, more):
                    break
        except Unanswered as error:
            _log.warning("the entries cannot be read now", log=origin, error=str(error))
            return Answer(503, "the entries cannot be read now; come again\n", TEXT)
        fault = held.cosigner.fault
        if fault is not None:
            await self._alarm(origin, held, fault)
            is_of_before = fault.code.startswith("Province") or fault.code == genesis.FOREIGN_POLICY
            status = 403 if fault.seq == 0 and is_of_before else 422
            return Answer(status, f"{BROKEN} {fault.code} at entry {fault.seq}\n", TEXT)
        if not held.cosigner.may_cosign(head.size, head.root):
            return Answer(422, f"{FOREIGN}: the entries held are not those of this head\n", TEXT)
        return None

    def fault(self, origin: str) -> bytes | None:
        """The fault for which a session is cosigned no more, as canonical bytes; None where there is none."""
        held = self._held.get(origin)
        if held is None or held.cosigner.fault is None:
            return None
        return canonical.encode(held.cosigner.fault)

    async def _load(self, origin: str, session: str) -> _Held:
        """What is held of a session; all of it is decided again, for the file may have been changed."""
        path = self._path(origin, ".log")
        file, frames = await asyncio.to_thread(self._disk.open, path)
        held = _Held(file, ReplayCosigner(session, {}), Levels(), set())
        for frame in frames:
            piece = msgspec.json.decode(frame.payload, type=_Piece)
            await self._take(held, tuple(one.encode() for one in piece.entries))
            self._show(held, piece.disclosures)
        self._held[origin] = held
        return held

    async def _grow(self, held: _Held, raws: tuple[bytes, ...], head: Keep) -> bool:
        """Take entries that follow; False where they are not those of the head."""
        for raw in raws:
            held.grown.append(tree.leaf_hash(raw))
        try:
            texts = tuple(raw.decode() for raw in raws)
        except UnicodeError:
            return False
        if held.grown.root(head.size) != head.root:
            return False
        own = held.cosigner
        if own.size == 0 and raws:
            # Asked of what is new alone: a session goes on under the policy of its time, also after a start.
            code = self._fault(own.session, raws[0]) or genesis.policy_fault(
                own.session, raws[0], self._agreed
            )
            own.fault = Fault(code, 0) if code else None
            if own.fault is not None:
                return True
        for start in range(0, len(texts), _ENTRIES_AT_ONCE):
            piece = _Piece(entries=texts[start : start + _ENTRIES_AT_ONCE])
            await self._disk.append(held.file, msgspec.json.encode(piece))
        await self._replay(held, raws)
        return True

    async def _take(self, held: _Held, raws: tuple[bytes, ...]) -> None:
        for raw in raws:
            held.grown.append(tree.leaf_hash(raw))
        await self._replay(held, raws)

    async def _replay(self, held: _Held, raws: tuple[bytes, ...]) -> None:
        """Decide entries again; other work goes on in between."""
        own = held.cosigner
        for number, raw in enumerate(raws):
            if own.size == 0 and own.fault is None:
                code = self._fault(own.session, raw)
                own.fault = Fault(code, 0) if code else None
            own.take((raw,))
            if number % _ENTRIES_AT_ONCE == _ENTRIES_AT_ONCE - 1:
                await asyncio.sleep(0)

    def _fault(self, session: str, raw: bytes) -> str:
        settings = self._settings
        return genesis.fault_of(session, raw, settings.provinces, settings.installation_key)

    async def _disclose(self, held: _Held, more: tuple[Disclosure, ...]) -> bool:
        """Take disclosures; whether any of them was new and held."""
        new = tuple(one for one in more if one.digest not in held.digests and holds(one))
        if not new:
            return False
        await self._disk.append(held.file, msgspec.json.encode(_Piece(disclosures=new)))
        self._show(held, new)
        return True

    @staticmethod
    def _show(held: _Held, disclosures: tuple[Disclosure, ...]) -> None:
        if disclosures:
            held.digests.update(one.digest for one in disclosures)
            held.cosigner.disclose(disclosures)

    async def _alarm(self, origin: str, held: _Held, fault: Fault) -> None:
        """Say once that a session breaks the rules, and keep what was found beside its entries."""
        if held.told:
            return
        path, raw = self._path(origin, ".fault"), canonical.encode(fault)
        await self._disk.do(lambda: replace_file(path, raw))
        held.told = True
        _log.error(
            "the rules do not give what this session holds: cosigning stopped", log=origin, code=fault.code,
            entry=fault.seq, proof=str(path),
        )  # fmt: skip

    def _path(self, origin: str, suffix: str) -> Path:
        name = canonical.sha256(origin.encode()).hex()
        return self._settings.data_dir / FOLDER / f"{name}{suffix}"
