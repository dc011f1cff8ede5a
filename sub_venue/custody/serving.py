"""A custodian's service as a process: its key, its policy, its disk, its door, until it is told to stop.

It listens on this machine alone unless it is given a certificate for its own door. No core is dumped, so
that a fault leaves no key on a disk.
"""

import asyncio
import resource
import signal
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Final

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct

from protocol.ledger import quorum
from protocol.seal import signing
from protocol.seal.suite import OpeningKey
from sub_venue.custody import door
from sub_venue.custody.judgement import Me
from sub_venue.custody.releases import Releases
from sub_venue.custody.service import Service
from sub_venue.senses import Senses

LOOPBACK: Final = "127.0.0.1"
_STOPPING_S: Final = 5.0


class Settings(Struct, frozen=True):
    """What a service is told: its name, the projects that it holds shares for, where it keeps and listens."""

    custodian: str
    projects: frozenset[str]
    suite: str
    policy: str
    data: Path
    host: str = LOOPBACK
    port: int = 0
    certificate: Path | None = None
    certificate_key: Path | None = None


def made(told: Settings, key: OpeningKey, author: Ed25519PrivateKey) -> Service:
    """The service, its folder of releases held.

    Raises:
      PolicyError: the trust policy is out of form.
      BlockingIOError: another process holds the folder.
      OSError: it cannot be made.
    """
    me = Me(told.custodian, signing.public_text(author), key.public, told.projects)
    policy = quorum.read(told.policy)
    return Service(me, told.suite, key, author, policy, Releases(told.data / "releases"), Senses())


async def serve(told: Settings, service: Service, ready: Callable[[str], None]) -> None:
    """Answer until SIGTERM or SIGINT; `ready` is told the address.

    Raises:
      ValueError: an address beyond this machine without a certificate.
      OSError: the port is taken.
    """
    context = None
    if told.certificate is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(told.certificate, told.certificate_key)
    elif told.host != LOOPBACK:
        raise ValueError(f"{told.host}: beyond this machine a certificate is needed")
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    runner = web.AppRunner(door.app(service), access_log=None, shutdown_timeout=_STOPPING_S)
    await runner.setup()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, stop.set)
    try:
        site = web.TCPSite(runner, told.host, told.port, ssl_context=context)
        await site.start()
        port = runner.addresses[0][1]
        ready(f"{'https' if context else 'http'}://{told.host}:{port}")
        await stop.wait()
    finally:
        await runner.cleanup()
