"""The part of the identity node that goes by certificates: there is one where a trust list is configured.

Owns how its pieces hang together, and their beginning and end; what each does is its own.
"""

import asyncio
from collections.abc import Callable
from typing import Self

import aiohttp

from server.config import Settings
from server.gateway.certified import Certified, Challenges
from server.gateway.lockout import Lockout
from server.gateway.passkey_book import PasskeyBook
from server.gateway.rejudging import Rejudging
from server.gateway.revocation import Fetcher
from server.gateway.trust_file import TrustFile
from server.gateway.voices import Voices, Wiring
from server.senses import Senses
from server.sessions.registry import Registry
from server.sessions.signer import Signer

BOOK = "passkeys.jsonl"


class IdentityNode:
    """Voices, and the rounds that look at certificates again."""

    def __init__(self, voices: Voices, rejudging: Rejudging, client: aiohttp.ClientSession) -> None:
        """Hold the pieces; nothing runs before `start`."""
        self.voices = voices
        self.rejudging = rejudging
        self._client = client
        self._rounds: asyncio.Task[None] | None = None

    @classmethod
    def of(
        cls, settings: Settings, registry: Registry, signer: Signer, senses: Senses, origin: Callable[[], str]
    ) -> Self | None:
        """As the settings say; None where there is no trust list.

        Raises:
          NoTrustList: the list cannot be used.
          BookDamaged: the book of passkeys cannot be read.
        """
        if settings.trust_list is None:
            return None
        client = aiohttp.ClientSession()
        challenges = Challenges(senses.secret)
        certified = Certified(
            TrustFile(settings.trust_list), Fetcher(client, senses.secret), challenges, settings.http_origin
        )
        voices = Voices(
            Wiring(
                registry=registry,
                signer=signer,
                senses=senses,
                certified=certified,
                challenges=challenges,
                book=PasskeyBook(settings.data_dir / BOOK),
                lockout=Lockout(),
                audience=origin,
            )
        )
        rejudging = Rejudging(registry, signer, senses, certified, settings.bounds.rejudge_ms)
        return cls(voices, rejudging, client)

    def start(self) -> None:
        """Begin the rounds."""
        self._rounds = asyncio.create_task(self.rejudging.run(), name="rejudging")

    async def stop(self) -> None:
        """End them; may be called after a failed start."""
        if self._rounds is not None:
            self._rounds.cancel()
            await asyncio.gather(self._rounds, return_exceptions=True)
        await self._client.close()
