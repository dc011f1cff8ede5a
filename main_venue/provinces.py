"""The provinces' word before a session: each signs that its milestones are judged by the agreed policy.

Owns asking the cosigner that holds a province's key, at the moment the agent has a booking prepared, the
files that came from provinces which the desk cannot reach, and verifying what comes. A province that does not
sign is named, and the booking waits for it. Source: SPEC 27.4.
"""

import asyncio
from pathlib import Path
from typing import Final

import aiohttp

from protocol import canonical
from protocol.commands import ProvinceSignature
from protocol.ledger import trust
from protocol.ledger.quorum import Policy
from protocol.refusals import Refusal, refuse
from protocol.replay_cosigner import province_bytes
from protocol.seal import signing
from sub_venue.config import ProvinceSettings, Settings

FORBIDDEN: Final = 403
_ANSWER_BYTES_MAX = 4_096
_PATH = "province-policy"
FOLDER: Final = "provinces"
"""Where signed files are laid beside a main venue's other things: a folder a session, a file a province."""


class Provinces:
    """Gathers the provinces' signatures for a session."""

    def __init__(self, settings: Settings, policy: Policy | None) -> None:
        """Ask the provinces of the settings to sign this policy of the installation's logs."""
        self._provinces = settings.provinces
        self._folder = settings.data_dir / FOLDER
        self._wait_ms = settings.bounds.ask_wait_ms
        self._policy = policy

    async def sign(self, session: str) -> tuple[ProvinceSignature, ...] | Refusal:
        """All their signatures, in the order in which they are told; or which province has not signed."""
        if self._policy is None or not self._provinces:
            return ()
        digest = trust.digest(trust.of_session(self._policy, session))
        async with aiohttp.ClientSession() as http:
            found = await asyncio.gather(*(self._ask(http, one, session, digest) for one in self._provinces))
        signed: list[ProvinceSignature] = []
        for one in found:
            if isinstance(one, Refusal):
                return one
            signed.append(one)
        return tuple(signed)

    async def _ask(
        self, http: aiohttp.ClientSession, one: ProvinceSettings, session: str, digest: bytes
    ) -> ProvinceSignature | Refusal:
        laid = await asyncio.to_thread(read_signed, signed_path(self._folder, session, one.province))
        if laid is not None and is_signed(laid, one, session, digest):
            return laid
        if not one.url:
            why = "no signed file" if laid is None else "the signed file is of another policy or key"
            return refuse("ProvinceUnsigned", province=one.province, why=why)
        body = canonical.encode({"policy_digest": digest, "session": session})
        try:
            async with (
                asyncio.timeout(self._wait_ms / 1000),
                http.post(f"{one.url.rstrip('/')}/{_PATH}", data=body) as answer,
            ):
                raw = await answer.content.read(_ANSWER_BYTES_MAX)
                if answer.status == FORBIDDEN and raw.startswith(b"ProvinceNotAwaited"):
                    # Which cosigners they are the province knows; the agent has to call there anyway.
                    return refuse("ProvinceNotAwaited", province=one.province, cosigners=one.province)
                if answer.status != 200:
                    why = raw.decode(errors="replace").strip()[:200]
                    return refuse("ProvinceUnsigned", province=one.province, why=f"{answer.status} {why}")
            signed = canonical.decode(raw, ProvinceSignature)
        except (TimeoutError, aiohttp.ClientError, OSError, canonical.NotCanonical) as error:
            return refuse("ProvinceUnsigned", province=one.province, why=f"{type(error).__name__} {error}")
        if not is_signed(signed, one, session, digest):
            return refuse("ProvinceUnsigned", province=one.province, why="another key")
        return signed


def is_signed(signed: ProvinceSignature, one: ProvinceSettings, session: str, digest: bytes) -> bool:
    """Whether this is a province's signature for a session under the policy of this digest."""
    told = province_bytes(session, one.province, digest)
    return (signed.province, signed.key) == (one.province, one.key) and signing.verify(
        one.key, told, signed.sig
    )


def signed_path(folder: Path, session: str, province: str) -> Path:
    """Where a province's signed file for a session is laid; ids and names of provinces are plain words."""
    return folder / session / f"{province}.json"


def read_signed(path: Path) -> ProvinceSignature | None:
    """The signature in a file; None where there is none, or it is out of form."""
    try:
        return canonical.decode(path.read_bytes(), ProvinceSignature)
    except (OSError, canonical.NotCanonical):
        return None
