"""The passkeys that are bound to certificates, in the store that all coordinators share (SPEC 19.5).

Owns that a passkey is bound once: to one certificate, never to a second. Kept are public keys and the
statements by which they were bound; nothing here signs anything. How often a passkey says it has signed is
kept too, since a count that goes back tells of a copy. A file of lines, in which a coordinator kept its own
before, is taken over once and put by.
"""

import asyncio
from pathlib import Path
from typing import Final

from msgspec import Struct

from protocol import canonical, limits
from protocol.refusals import Refusal, refuse
from protocol.seal.trust.spoken import SignedBinding
from server import telemetry
from server.store.contract import PasskeyRow, Store

PASSKEYS_MAX: Final = 10_000
"""Passkeys of one installation."""
TAKEN: Final = ".taken"
"""Behind the name of a file that was taken over."""

_log = telemetry.logger("server.gateway")


class Passkey(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A passkey: SHA-256 of its id, how it is bound, and how often it said that it had signed."""

    credential: bytes
    binding: SignedBinding
    count: int


class BookDamaged(RuntimeError):
    """A file of passkeys cannot be read as this house wrote it; restore it from a copy, or put it aside."""


class PasskeyBook:
    """The passkeys of this installation; every method may raise `NotDurable`."""

    def __init__(self, store: Store) -> None:
        """Keep them in this store."""
        self._store = store

    async def find(self, credential: bytes) -> Passkey | None:
        """The passkey of this id's digest, if it is bound."""
        row = await self._store.passkey(credential)
        if row is None:
            return None
        binding = canonical.decode(row.binding, SignedBinding, limits.CERTIFICATE_FILE_BYTES_MAX)
        return Passkey(credential=row.credential, binding=binding, count=row.count)

    async def bind(self, one: Passkey) -> Refusal | None:
        """Bind a passkey, durably; it is refused where it is bound already, also to the same certificate."""
        if await self._store.passkeys() >= PASSKEYS_MAX:
            return refuse("TooBusy")
        return None if await self._store.bind_passkey(_row(one)) else refuse("PasskeyTaken")

    async def counted(self, one: Passkey, count: int) -> Refusal | None:
        """Note how often a passkey says it has signed; refused where that does not rise.

        A passkey that does not count says 0 always (WebAuthn 6.1.1).
        """
        return None if await self._store.count_passkey(one.credential, count) else refuse("PasskeyCopied")

    async def take_over(self, path: Path) -> None:
        """Bring what a coordinator kept in a file of its own into the store; the file is put by.

        A passkey that the store has already stays as it was bound there, with the higher of both counts: it
        has signed so often. Broken off at any moment, this is simply done again at the next start.

        Raises:
          BookDamaged: the file holds something else; nothing of it was taken.
          OSError: it cannot be read or put by.
        """
        found = await asyncio.to_thread(_read, path)
        if found is None:
            return
        for one in found:
            if not await self._store.bind_passkey(_row(one)):
                await self._store.count_passkey(one.credential, one.count)
        await asyncio.to_thread(path.replace, path.with_name(path.name + TAKEN))
        _log.info("passkeys taken over from a file", passkeys=len(found), path=str(path))


def _row(one: Passkey) -> PasskeyRow:
    return PasskeyRow(one.credential, canonical.encode(one.binding), one.count)


def _read(path: Path) -> tuple[Passkey, ...] | None:
    if not path.exists():
        return None
    found = []
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        try:
            found.append(canonical.decode(line, Passkey, limits.CERTIFICATE_FILE_BYTES_MAX * 2))
        except canonical.NotCanonical as error:
            raise BookDamaged(f"{path}, line {number}: {error}") from error
    return tuple(found)
