"""Evidence on revocation, fetched over HTTP from where the trust list says, and from nowhere else.

Owns the asking: revocation lists by GET, answers by POST (RFC 5280 4.2.1.13, RFC 6960 appendix A), with a
bound on time, size and number. What comes back is judged by `protocol.seal.trust` alone: it is signed, so
neither the line nor whoever serves it is trusted. Addresses that a certificate names are never gone to, nor
is a redirection, so that nobody makes this machine call at a place of their choice.
"""

import asyncio
import itertools
from collections.abc import Callable, Iterable
from typing import Final

import aiohttp
from msgspec import Struct

from protocol import limits
from protocol.refusals import Refusal, refuse
from protocol.seal.trust import crl, ocsp, path
from protocol.seal.trust.certificate import Certificate
from protocol.seal.trust.crl import RevocationList
from protocol.seal.trust.judge import Evidence
from protocol.seal.trust.ocsp import Answer
from protocol.seal.trust.trust_list import Authority, Trusted

FETCH_TIMEOUT_S: Final = 5
"""How long one address is waited for."""
KEPT_MS: Final = 600_000
"""How long a revocation list is used again before it is fetched anew, if it has not ended by then."""
KEPT_MAX: Final = limits.TRUST_CAS_MAX * limits.TRUST_ADDRESSES_PER_CA_MAX
NONCE_BYTES: Final = 32
ADDRESSES_MAX: Final = 64
"""How many lists, and how many answers, are asked for on account of one certificate."""


class _Kept(Struct, frozen=True):
    fetched_at: int
    found: RevocationList


class Fetcher:
    """Fetches evidence for certificates, and keeps revocation lists for a while."""

    def __init__(self, session: aiohttp.ClientSession, entropy: Callable[[int], bytes]) -> None:
        """Ask through a client session; `entropy` gives a nonce of so many bytes."""
        self._session = session
        self._entropy = entropy
        self._lists: dict[str, _Kept] = {}

    async def evidence(
        self, trusted: Trusted, leaf: Certificate, others: tuple[Certificate, ...], now_ms: int
    ) -> Evidence:
        """All that the authorities above a certificate say of it and of those between, as of now.

        An address that does not answer, or not with what was asked for, leaves its refusal in `unread`.
        """
        lists: dict[str, None] = {}
        asked: dict[tuple[str, Certificate], Certificate] = {}
        for way, authority in path.ways(leaf, others, trusted):
            lists.update(dict.fromkeys(authority.crl))
            asked.update(_links(way, authority))
        found = await asyncio.gather(
            *(self._list(address, now_ms) for address in tuple(lists)[:ADDRESSES_MAX]),
            *(self._answer(one[0], one[1], asked[one]) for one in tuple(asked)[:ADDRESSES_MAX]),
        )
        return Evidence(
            crls=tuple(one for one in found if isinstance(one, RevocationList)),
            answers=tuple(one for one in found if isinstance(one, Answer)),
            unread=tuple(one for one in found if isinstance(one, Refusal)),
        )

    async def _list(self, address: str, now_ms: int) -> RevocationList | Refusal:
        kept = self._lists.get(address)
        if kept is not None and now_ms < min(kept.fetched_at + KEPT_MS, kept.found.ends):
            return kept.found
        raw = await self._fetch(address, limits.CRL_BYTES_MAX)
        found = raw if isinstance(raw, Refusal) else crl.read(raw)
        if isinstance(found, RevocationList):
            while len(self._lists) >= KEPT_MAX:
                del self._lists[next(iter(self._lists))]
            self._lists[address] = _Kept(now_ms, found)
        return found

    async def _answer(self, address: str, of: Certificate, issuer: Certificate) -> Answer | Refusal:
        nonce = self._entropy(NONCE_BYTES)
        raw = await self._fetch(address, limits.OCSP_BYTES_MAX, ocsp.request(of, issuer, nonce))
        found = raw if isinstance(raw, Refusal) else ocsp.read(raw)
        if isinstance(found, Answer) and not ocsp.is_answer_to(found, nonce):
            return refuse("EvidenceForeign", subject=of.shown)
        return found

    async def _fetch(self, address: str, bytes_max: int, question: bytes | None = None) -> bytes | Refusal:
        """The body at an address, or why there is none."""
        try:
            async with asyncio.timeout(FETCH_TIMEOUT_S):
                async with self._session.request(
                    "GET" if question is None else "POST",
                    address,
                    data=question,
                    headers={} if question is None else {"Content-Type": "application/ocsp-request"},
                    allow_redirects=False,
                ) as response:
                    if response.status != 200:
                        return _unread(address, f"HTTP {response.status}")
                    raw = bytearray()
                    async for piece in response.content.iter_chunked(65_536):
                        raw += piece
                        if len(raw) > bytes_max:
                            return refuse("TooLarge", size=len(raw), limit=bytes_max)
                    return bytes(raw)
        except TimeoutError:
            return _unread(address, f"no answer within {FETCH_TIMEOUT_S} s")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return _unread(address, str(error) or type(error).__name__)


def _links(way: path.Path, authority: Authority) -> Iterable[tuple[tuple[str, Certificate], Certificate]]:
    """For each link of a way and each answerer of its authority: whom to ask, of which, and who issued it."""
    for of, issuer in itertools.pairwise(way):
        for address in authority.ocsp:
            yield (address, of), issuer


def _unread(address: str, why: str) -> Refusal:
    return refuse("EvidenceUnreadable", why=f"{address}: {why}"[:200])
