"""The one file that puts a cosigner together: keys, disk, memory, door.

Killed at any moment, it has answered nothing that is not on its disk.
"""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
import signal
from pathlib import Path
from typing import Any

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from protocol.ledger import kinds, note
from protocol.ledger.note import Signer
from protocol.seal import sm2
from sub_venue import telemetry
from sub_venue.cosigner.asking import Asking
from sub_venue.cosigner.book import Book
from sub_venue.cosigner.door import Door
from sub_venue.cosigner.entries import Entries
from sub_venue.cosigner.genesis import Genesis
from sub_venue.cosigner.province import Province
from sub_venue.cosigner.replaying import Replaying
from sub_venue.cosigner.service import Judge, Service
from sub_venue.cosigner.settings import Settings
from sub_venue.journal.disk import Disk, make_folder
from sub_venue.senses import Senses

_log = structlog.get_logger("sub_venue.cosigner")


async def run(settings: Settings) -> None:
    """Run a cosigner until SIGTERM or SIGINT.

    Raises:
      OSError, ValueError: it could not start, or its disk has failed; the text says why.
    """
    senses = Senses()
    telemetry.configure(settings.log_level, senses.now_ms)
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    make_folder(settings.data_dir)
    lock = _lock(settings.data_dir / "cosigner.lock")
    signers = load_signers(settings)
    disk, asking = Disk(settings.bounds.group_bytes_max), Asking(settings.bounds)
    entries = None if settings.entries is None else Entries(settings.entries, settings.bounds)
    waiting: list[asyncio.Task[Any]] = []
    try:
        book = Book(settings, disk)
        judge = None if entries is None else judge_of(settings, disk, asking, entries, book)
        replaying = judge if isinstance(judge, Replaying) else None
        judges: tuple[Judge, ...] = () if judge is None else (judge,)
        service = Service(settings, signers, book, asking, senses, judges)
        told_of = settings.province
        province = (
            None if told_of is None else Province(told_of.name, told_of.key, told_of.policy, told_of.awaited)
        )
        door = Door(settings, service, replaying, province)
        try:
            port = await door.open()
            service.start()
            _log.info(
                "ready", name=settings.name, port=port, vkeys=[one.key.vkey for one in signers],
                logs=len(service.origins()), peers=len(settings.peers),
            )  # fmt: skip
            waiting = [asyncio.create_task(told.wait()), asyncio.create_task(disk.failed())]
            done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            if waiting[1] in done:
                raise OSError(errno.EIO, "the disk has failed; look at it before anything else")
        finally:
            await service.stop()
            await door.close()
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        await asking.close()
        if entries is not None:
            await entries.close()
        await disk.close()
        os.close(lock)
        _log.info("stopped", name=settings.name)


def judge_of(settings: Settings, disk: Disk, asking: Asking, entries: Entries, book: Book) -> Judge:
    """What judges beside the hashes: every entry where this cosigner replays, else genesis.

    Raises:
      OSError, ValueError: the agreed policy cannot be read.
    """
    if settings.replays:
        return Replaying(settings, disk, entries)
    signed_before = frozenset(origin for origin in book if book[origin].size > 0)
    return Genesis(settings, asking, entries, signed_before)


def load_signers(settings: Settings) -> tuple[Signer, ...]:
    """What signs for a cosigner: Ed25519 first, SM2 beside it where there is one.

    Raises:
      OSError: a key file cannot be read.
      ValueError: it holds no key of its kind.
    """
    key = load_pem_private_key(settings.key.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError(f"{settings.key} holds no Ed25519 key")  # noqa: TRY004 - the file is wrong
    first = note.ed25519_signer(settings.name, key, kinds.COSIGNATURE)
    if settings.sm2_key is None:
        return (first,)
    return first, note.sm2_signer(settings.name, sm2.PrivateKey(settings.sm2_key.read_bytes()))


def _lock(path: Path) -> int:
    """One process per data folder.

    Raises:
      OSError: another one has it.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        raise OSError(f"{path.parent} is used by another process") from error
    return handle
