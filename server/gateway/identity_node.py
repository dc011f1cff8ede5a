"""The part of the identity node that goes by certificates: there is one where a trust list is configured.

Owns how its pieces hang together, and their beginning and end; what each does is its own.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Self

import aiohttp

from server.config import Settings
from server.gateway.certified import Certified, Challenges
from server.gateway.entrance import Entrance
from server.gateway.lockout import Lockout
from server.gateway.passkey_book import PasskeyBook
from server.gateway.rejudging import Rejudging
from server.gateway.revocation import Fetcher
from server.gateway.trust_file import TrustFile
from server.gateway.voices import Voices, Wiring
from server.senses import Senses
from server.sessions.agents import Agents
from server.sessions.registry import Registry
from server.sessions.signer import Signer
from server.store.contract import Store

BOOK = "passkeys.jsonl"
"""Where a coordinator kept passkeys before the store did."""


class IdentityNode:
    """Sign-ins, voices, and the rounds that look at certificates again."""

    def __init__(
        self, voices: Voices, entrance: Entrance, rejudging: Rejudging, client: aiohttp.ClientSession,
        book: PasskeyBook, file: Path,
    ) -> None:  # fmt: skip
        """Hold the pieces; nothing runs before `start`. `file` held passkeys before the store did."""
        self.voices = voices
        self.entrance = entrance
        self._book = book
        self._file = file
        self.rejudging = rejudging
        self._client = client
        self._rounds: asyncio.Task[None] | None = None

    @classmethod
    def of(
        cls, settings: Settings, registry: Registry, store: Store, signer: Signer, senses: Senses,
        agents: Agents,
        origin: Callable[[], str],
    ) -> Self | None:  # fmt: skip
        """As the settings say; None where there is no trust list.

        Raises:
          NoTrustList: the list cannot be used.
        """
        if settings.trust_list is None:
            return None
        client = aiohttp.ClientSession()
        challenges = Challenges(senses.secret)
        certified = Certified(TrustFile(settings.trust_list), Fetcher(client, senses.secret), challenges)
        book = PasskeyBook(store)
        wiring = Wiring(
            registry=registry,
            signer=signer,
            senses=senses,
            certified=certified,
            challenges=challenges,
            book=book,
            lockout=Lockout(),
            audience=origin,
            agents=agents,
        )
        rejudging = Rejudging(registry, signer, senses, certified, settings.bounds.rejudge_ms)
        return cls(Voices(wiring), Entrance(wiring), rejudging, client, book, settings.data_dir / BOOK)

    async def start(self) -> None:
        """Take over what a file still holds, and begin the rounds.

        Raises:
          BookDamaged, OSError: a file of passkeys is there and cannot be read or put by.
          NotDurable: the store does not take them.
        """
        await self._book.take_over(self._file)
        self._rounds = asyncio.create_task(self.rejudging.run(), name="rejudging")

    async def stop(self) -> None:
        """End them; may be called after a failed start."""
        if self._rounds is not None:
            self._rounds.cancel()
            await asyncio.gather(self._rounds, return_exceptions=True)
        await self._client.close()
