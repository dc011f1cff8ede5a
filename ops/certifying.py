"""Demonstration authorities of an installation (示例认证机构), and people's certificates by them (SPEC 24).

Owns the folder in the data, the trust list that the coordinator goes by, and issuing: a person has one
certificate, by the authority of the province where they sit. What the authorities say of revocation is served
on loopback while the stack runs. For demonstrations: true people bring certificates of their own.
"""

import asyncio
import base64
import json
from pathlib import Path
from typing import Final

from aiohttp import web
from msgspec import Struct

from ops import files, senses
from ops.ca import alliance, authority, serve
from ops.ca.keys import ALGORITHM, Key
from ops.trouble import Trouble
from protocol.refusals import Refusal
from protocol.seal.trust import certificate, spoken, trust_list
from protocol.seal.trust.spoken import SeatDelegation, SignedDelegation
from protocol.voices import VoiceWanted

AUTHORITIES: Final = "authorities"
"""The demonstration authorities' folder in an installation's data."""
STAMPS: Final = "/stamps"
"""Where the authorities' listener gives time-stamps."""
ELSEWHERE: Final = "jiangsu"
"""Who certifies persons of a province without an authority."""
LIST_LEFT_MS: Final = 30 * authority.DAY_MS
"""A trust list that ends sooner is followed by the next version."""


class Held(Struct, frozen=True):
    """A person's certificate with its key, and those between it and the root (DER)."""

    certificate: bytes
    others: tuple[bytes, ...]
    key: Key


class Certifying:
    """Certificates for the played people of one installation, each made when it is first asked for."""

    def __init__(self, data: Path) -> None:
        """Issue by the authorities of an installation's data folder."""
        self._folder = data / AUTHORITIES
        self._held: dict[tuple[str, str], Held] = {}
        self._one_at_a_time = asyncio.Lock()

    async def of(self, name: str, province: str) -> Held:
        """A person's certificate, by the authority of a province.

        Raises:
          Trouble: the authority's files cannot be read or written.
        """
        async with self._one_at_a_time:
            found = self._held.get((name, province))
            if found is None:
                found = await asyncio.to_thread(self._issue, name, province)
                self._held[name, province] = found
            return found

    def _issue(self, name: str, province: str) -> Held:
        by = alliance.named(self._folder, by_province(province))
        raw, key = by.issue(name, "sign", senses.now_ms())
        return Held(raw, (by.issuing.raw,), key)


def by_province(province: str) -> str:
    """The authority that certifies people of a province."""
    return province if province in {one for one, _, _ in alliance.BOOKS} else ELSEWHERE


def in_force(folder: Path, now_ms: int, address: str = "") -> Path:
    """Authorities, revocation lists and a trust list that count now: made, or signed anew; the list's path.

    Args:
      folder: of the authorities.
      now_ms: the clock.
      address: where the list is to say that they answer; empty for where it says now.

    Raises:
      Trouble: a file cannot be read or written.
    """
    path = folder / alliance.FILE
    if not path.exists():
        alliance.make(folder, now_ms, address or alliance.ADDRESS)
        return path
    for one in alliance.authorities(folder):
        one.write_lists(now_ms)
    held = trust_list.read(path.read_bytes())
    if isinstance(held, Refusal) or held.list.next_by < now_ms + LIST_LEFT_MS or not _named(held, address):
        alliance.publish(folder, now_ms, address=address)
    return path


class Answering:
    """The authorities' answers on revocation over HTTP, for as long as the stack runs that asks for them."""

    def __init__(self, data: Path) -> None:
        """Nothing listens before `start`."""
        self._folder = data / AUTHORITIES
        self._runner: web.AppRunner | None = None

    async def start(self, port: int) -> None:
        """Answer on loopback from now on.

        Raises:
          Trouble: the port is taken.
        """
        # The time-stamps' library is slow to load, and not every stack has authorities.
        from ops.tsa import desk  # noqa: PLC0415
        from ops.tsa import serve as stamps  # noqa: PLC0415

        application = serve.application(self._folder)
        own = await asyncio.to_thread(desk.ensure, self._folder, senses.now_ms())
        application.add_subapp(STAMPS, stamps.application(own))
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, "127.0.0.1", port).start()
        except OSError as error:
            raise Trouble(
                f"示例认证机构要用的端口 {port} 已被占用。请停止占用它的程序,或用 --ports-from 换一组端口。",
                f"Port {port}, which the demonstration authorities need, is taken. Stop that program, or use "
                "other ports with --ports-from.",
            ) from error

    def tell(self, port: int, main_data: Path) -> None:
        """Tell a main venue by what its reports are signed: time-stamps from here, list and revocations.

        Raises:
          Trouble: it cannot be written.
        """
        told = {
            "crls": [str(self._folder)], "trust": str(self._folder / alliance.FILE),
            "tsa": f"http://127.0.0.1:{port}{STAMPS}/",
        }  # fmt: skip
        files.write(main_data / "signing.json", json.dumps(told).encode())

    async def stop(self) -> None:
        """Answer no more; may be called after a failed start."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None


def delegated(held: Held, wanted: VoiceWanted, at: int) -> SignedDelegation:
    """What a seat was asked to have signed, signed by its person's certificate.

    Args:
      held: the person's certificate.
      wanted: as the identity node asks.
      at: the clock of the person's machine, ms.
    """
    own = certificate.read(held.certificate)
    assert not isinstance(own, Refusal), "what was issued here can be read"
    statement = SeatDelegation(
        at=at, certificate=own.fingerprint, key=wanted.key, nonce=wanted.nonce, role=wanted.role,
        seat=wanted.seat, session=wanted.session, until=wanted.until,
    )  # fmt: skip
    sig = tagged(held.key, spoken.signed_bytes(statement))
    return SignedDelegation(statement=statement, certificate=held.certificate, others=held.others, sig=sig)


def tagged(key: Key, message: bytes) -> str:
    """A key's signature over a message, with its algorithm in front."""
    return f"{ALGORITHM[key.kind]}:{base64.b64encode(key.sign(message)).decode()}"


def _named(held: trust_list.Trusted, address: str) -> bool:
    """Whether the list says that its authorities answer at an address, if there is one to be said."""
    return not address or all(one.ocsp[0].startswith(f"{address}/") for one in held.list.authorities)
