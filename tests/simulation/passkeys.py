"""Of the simulated database: the passkeys that are bound."""

from collections.abc import Callable
from typing import Any, Protocol

from msgspec.structs import replace

from server.store.contract import PasskeyRow

Passkeys = dict[bytes, PasskeyRow]


class HasPasskeys(Protocol):
    """The rows of all coordinators of one world, as far as they are of passkeys."""

    passkeys: Passkeys


class SimPasskeys:
    """That part of one coordinator's way to the database."""

    _read: Callable[[Any], Any]
    _write: Callable[[Any], Any]

    async def passkey(self, credential: bytes) -> PasskeyRow | None:
        def found(base: HasPasskeys) -> PasskeyRow | None:
            return base.passkeys.get(credential)

        row: PasskeyRow | None = await self._read(found)
        return row

    async def passkeys(self) -> int:
        def counted(base: HasPasskeys) -> int:
            return len(base.passkeys)

        count: int = await self._read(counted)
        return count

    async def bind_passkey(self, row: PasskeyRow) -> bool:
        def bind(base: HasPasskeys) -> bool:
            if row.credential in base.passkeys:
                return False
            base.passkeys[row.credential] = row
            return True

        done: bool = await self._write(bind)
        return done

    async def count_passkey(self, credential: bytes, count: int) -> bool:
        def counted(base: HasPasskeys) -> bool:
            row = base.passkeys.get(credential)
            if row is None or (count <= row.count and (count, row.count) != (0, 0)):
                return False
            base.passkeys[credential] = replace(row, count=count)
            return True

        done: bool = await self._write(counted)
        return done
