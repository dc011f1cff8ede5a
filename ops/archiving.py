"""A finished session's archive on the machine where it was held: policy before, cosigned head after.

Owns the order: the trust policy is written before the session's first entry; once the session has ended its
last head is asked of the log until a quorum has cosigned it. What an archive is stands in `ops.archive`.
"""

import asyncio
from pathlib import Path
from typing import Final

import aiohttp

from ops import archive, certificates, certifying, elsewhere, files, policy, proving, senses
from ops.archive import Wanted
from ops.installation import COORDINATOR, LOOPBACK, Installation
from ops.signing.left import Signed
from ops.trouble import Trouble
from protocol.entry import decode
from protocol.events import MilestoneReached, SessionBooked
from protocol.ledger import quorum
from protocol.ledger.note import NoteError
from protocol.ledger.quorum import Policy
from protocol.record import Record
from protocol.record import read as read_record
from protocol.session.phases import RULES

COSIGNED_MS: Final = 60_000
"""How long a quorum is awaited over the last head; then the head is archived as it is, and said to be so."""
_POLL_S: Final = 0.2


def policy_path(found: Installation, session: str) -> Path:
    """Where a session's trust policy lies."""
    return found.data / f"{session}.policy"


async def hand_out_policy(found: Installation, session: str) -> Path:
    """The trust policy of a session that has no entry yet, written once.

    Raises:
      Trouble: the installation has no log, or the file cannot be written.
    """
    path = policy_path(found, session)
    if not path.exists():
        text = await asyncio.to_thread(policy.of, found.data, session)
        files.write(path, text.encode())
    return path


async def make(
    found: Installation, session: str, record: Path, size: int, signed: Signed | None = None
) -> Path:
    """The archive of a session that has ended, beside its record.

    Args:
      found: the installation whose stack runs.
      session: its id.
      record: its record, as it was written.
      size: how many entries that has.
      signed: the report as it was signed in the session, which goes into the archive.

    Raises:
      Trouble: the log does not answer, or the archive cannot be made.
    """
    given = policy_path(found, session)
    read = quorum.read(await asyncio.to_thread(given.read_bytes))
    heads = []
    for wanted_size in (*await asyncio.to_thread(_rested_on, record), size):
        head = record.with_suffix(".checkpoint" if wanted_size == size else f".{wanted_size}.checkpoint")
        wait_ms = COSIGNED_MS if wanted_size == size else 0
        files.write(head, await _head(found, session, wanted_size, read, wait_ms))
        heads.append(head)
    authorities = found.data / certifying.AUTHORITIES
    proved = await asyncio.to_thread(
        proving.gathered, authorities, heads[-1].read_bytes(), read, proving.means(found.data)
    )
    wanted = Wanted(
        checkpoints=tuple(heads), policy=given, signed=None if signed is None else signed.report,
        beside=() if signed is None else signed.beside, proved=proved,
        bids=elsewhere.bids_folder(found, session),
    )  # fmt: skip
    made = await asyncio.to_thread(archive.make, record, None, wanted)
    return Path(made.archive)


def _rested_on(record: Path) -> tuple[int, ...]:
    """The sizes of the heads that milestones rest on, where cosigners were asked for them."""
    found = read_record(record.read_bytes())
    sizes = {
        event.size
        for raw in found.entries
        for event in decode(raw).events
        if isinstance(event, MilestoneReached)
    }
    return tuple(sorted(sizes - {len(found.entries)})) if _is_cosigned(found) else ()


def _is_cosigned(found: Record) -> bool:
    """Whether genesis names a policy by rules under which milestones ask for it."""
    booked = decode(found.entries[0]).events[0]
    return (
        isinstance(booked, SessionBooked)
        and bool(booked.policy_digest)
        and "DisclosePolicy" in RULES[booked.rules_version].acts
    )


async def _head(found: Installation, session: str, size: int, read: Policy, wait_ms: int) -> bytes:
    """The log's head of that size, with a quorum under it as soon as there is one."""
    url = f"http://{LOOPBACK}:{found.http_port}/log/{session}/checkpoint?size={size}"
    until = senses.running_ms() + wait_ms
    raw = b""
    async with aiohttp.ClientSession(headers={"Host": certificates.host_name(COORDINATOR)}) as http:
        while True:
            try:
                async with http.get(url) as answer:
                    raw = await answer.read() if answer.status == 200 else raw
                quorum.judge(raw, read)
            except (aiohttp.ClientError, NoteError) as error:
                if senses.running_ms() > until:
                    if raw:
                        return raw
                    raise Trouble(
                        f"存证日志没有给出会话 {session} 的树头({error})。请确认协调系统仍在运行后重试。",
                        f"The log gave no head of session {session} ({error}). See that the coordinator "
                        "runs, and try again.",
                    ) from error
            else:
                return raw
            await asyncio.sleep(_POLL_S)
