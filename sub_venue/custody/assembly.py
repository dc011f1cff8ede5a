"""The one file that puts a custodian's standing service together: keys, disk, line, judgement, door.

Killed at any moment, it has given nothing that is not on its disk, and gives that again (SPEC 28.4). No core
is dumped, so that a fault leaves no key on a disk.
"""

import asyncio
import contextlib
import errno
import fcntl
import os
import resource
import signal
from pathlib import Path
from typing import Any

import structlog
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from protocol.ledger import quorum
from protocol.refusals import Refusal
from protocol.seal import signing, suites
from protocol.seal.suite import SoftwareKey
from protocol.seal.trust import certificate
from sub_venue import telemetry
from sub_venue.custody import door
from sub_venue.custody.judgement import Me
from sub_venue.custody.releases import Releases
from sub_venue.custody.service import Service
from sub_venue.custody.settings import Settings
from sub_venue.custody.standing import Standing, projects_of
from sub_venue.journal.copies import Copies
from sub_venue.journal.disk import Disk, make_folder
from sub_venue.journal.journal import Journal
from sub_venue.senses import Senses
from sub_venue.uplink.fetching import Fetching
from sub_venue.uplink.uplink import Uplink

_STOPPING_S = 5.0
_log = structlog.get_logger("sub_venue.custody")


async def run(settings: Settings) -> None:
    """Run a custodian's service until SIGTERM or SIGINT.

    Raises:
      OSError, ValueError: it could not start, or its disk has failed; the text says why.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    senses = Senses()
    telemetry.configure(settings.log_level, senses.now_ms)
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    make_folder(settings.data_dir)
    lock = _lock(settings.data_dir / "custodian.lock")
    disk = Disk(settings.bounds.journal_group_bytes_max)
    fetching = Fetching(settings)
    try:
        await _serve(settings, senses, disk, fetching, told)
    finally:
        await fetching.close()
        await disk.close()
        os.close(lock)
        _log.info("stopped", node=settings.node)


async def _serve(
    settings: Settings, senses: Senses, disk: Disk, fetching: Fetching, told: asyncio.Event
) -> None:
    service = made(settings, senses)
    data = settings.data_dir
    journal = Journal(disk, data / "journal.log")
    copies = Copies(disk, data / "sessions", settings.installation_key)
    uplink = Uplink(settings, service.me.key, journal, copies, senses)
    service.highest = lambda session: journal.highest(session, service.me.key)
    first = frozenset(settings.projects)
    standing = Standing(
        service, journal, copies, uplink, fetching, senses, lambda: projects_of(first, settings.projects_file)
    )
    runner = web.AppRunner(door.app(service), access_log=None, shutdown_timeout=_STOPPING_S)
    waiting: list[asyncio.Future[Any]] = []
    try:
        await runner.setup()
        await web.TCPSite(runner, settings.http_host, settings.http_port).start()
        waiting = [
            asyncio.create_task(told.wait()), asyncio.ensure_future(disk.failed()),
            asyncio.create_task(uplink.run(), name="uplink"),
            asyncio.create_task(standing.run(), name="standing"),
        ]  # fmt: skip
        _log.info("ready", node=settings.node, http_port=runner.addresses[0][1])
        done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        if waiting[1] in done:
            raise OSError(errno.EIO, "the disk has failed; look at it before anything else")
        for one in done:
            one.result()
    finally:
        for one in waiting:
            one.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        await runner.cleanup()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(settings.bounds.stop_wait_ms / 1000):
                await journal.flush()


def made(settings: Settings, senses: Senses) -> Service:
    """The service of these settings, its folder of releases held.

    Raises:
      OSError: a file cannot be read, or another process holds the folder.
      ValueError: a key is none of its kind, or the policy is out of form.
    """
    suite = suites.get(settings.suite)
    author = load_pem_private_key(settings.node_key.read_bytes(), password=None)
    if not isinstance(author, Ed25519PrivateKey):
        raise ValueError(f"{settings.node_key} holds no Ed25519 key")  # noqa: TRY004 - the file is wrong
    key = _custody_key(settings)
    assert settings.trust_policy is not None, "the form of the settings asks for it"
    policy = quorum.read(settings.trust_policy.read_bytes())
    me = Me(settings.node, signing.public_text(author), key.public, frozenset(settings.projects))
    return Service(me, suite.name, key, author, policy, Releases(settings.data_dir / "releases"), senses)


def _custody_key(settings: Settings) -> SoftwareKey:
    blocks = certificate.blocks(settings.custody_key.read_bytes(), "PRIVATE KEY")
    if isinstance(blocks, Refusal):
        raise ValueError(f"{settings.custody_key} holds no private key")  # noqa: TRY004 - the file is wrong
    return suites.get(settings.suite).private_key(blocks[0])


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
