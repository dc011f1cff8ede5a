"""Evidence for `tongchang cert verify --fetch`: asked for once, from where the trust list says.

Owns the loop and the client session of one command; the asking is the coordinator's own.
"""

import asyncio

import aiohttp

from ops import senses
from protocol.seal.trust.certificate import Certificate
from protocol.seal.trust.judge import Evidence
from protocol.seal.trust.trust_list import Trusted
from server.gateway.revocation import Fetcher


def fetched(trusted: Trusted, leaf: Certificate, others: tuple[Certificate, ...]) -> Evidence:
    """What the authorities say of a certificate and of those between, as of now."""

    async def fetch() -> Evidence:
        async with aiohttp.ClientSession() as session:
            fetcher = Fetcher(session, lambda size: senses.Dice().bytes32("nonce")[:size])
            return await fetcher.evidence(trusted, leaf, others, senses.now_ms())

    return asyncio.run(fetch())
