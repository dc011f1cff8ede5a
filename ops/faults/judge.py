"""The judge: whether an evaluation that was disturbed is whole, and the one that an undisturbed run gives.

Owns what "nothing lost" means for a run of real processes (DESIGN 9): every receipt is an entry at its
place, nothing stands twice, nothing that was kept is still unanswered, the copies of all venues and the
coordinator's own entries are equal at one `seq`, the outcome is an undisturbed run's. Reads what lies on the
disks. Must not know what the disturbance was.
"""

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import Final

from ops import act, files, senses
from ops.faults.notes import Notes
from ops.installation import COORDINATOR, Installation
from protocol import entry, record
from server.store import entries as stored
from server.store.postgres import PostgresStore
from server.store.sqlite import sqlite_engine
from server.telemetry import Meters
from sub_venue.journal.disk import Disk
from sub_venue.journal.frames import DamagedFile
from sub_venue.journal.journal import Journal
from sub_venue.journal.replica import read_copy

SETTLE_MS: Final = 30_000
"""How long copies and journals may take to come to rest after the end."""
ENTRIES_MAX: Final = 100_000
"""More entries than a session here has."""
_POLL_S = 0.1
_GROUP_BYTES_MAX = 1 << 20


async def judge(found: Installation, played: act.Played, calm: act.Played, notes: Notes) -> tuple[str, ...]:
    """Everything that is not as it must be; empty when nothing was lost.

    Args:
      found: where the disks are; the processes still run.
      played: the session that was disturbed.
      calm: the same case, undisturbed.
      notes: what the people of the disturbed session were told.
    """
    session = played.result.session
    raws = record.read(played.record.read_bytes()).entries
    findings = [*_entries(raws, notes), *_receipts(raws, notes)]
    if played.result.outcome != calm.result.outcome:
        findings.append("the outcome differs from an undisturbed run's")
    if played.result.rows != calm.result.rows:
        findings.append("the ranking differs from an undisturbed run's")
    own = await _own(found, session)
    if own != raws:
        findings.append(f"the coordinator has {len(own)} entries, not the record's {len(raws)}")
    for node in found.nodes:
        findings += await _copy(found, node.place.node, session, raws)
        findings += await _journal(found, node.place.node, session)
    return tuple(findings)


def _entries(raws: tuple[bytes, ...], notes: Notes) -> list[str]:
    """Gapless, and each accepted command where its receipt says."""
    findings = []
    read = [entry.decode(raw) for raw in raws]
    if [one.seq for one in read] != list(range(len(read))):
        findings.append("the record has a gap")
    ids = [(one.command.author_key, one.command.command_id) for one in read]
    if len(set(ids)) != len(ids):
        findings.append("a command stands twice in the record")
    if [one.at for one in read] != sorted(one.at for one in read):
        findings.append("time goes back in the record")
    accepted = {name: told for name, told in notes.answers.items() if told.answer.status == "accepted"}
    if not accepted:
        findings.append("nothing was accepted")
    for name, told in accepted.items():
        seq = told.answer.seq
        if not 0 <= seq < len(read) or read[seq].command.command_id != name:
            findings.append(f"{told.who} was told that {told.type} is entry {seq}, and it is not")
    return findings


def _receipts(raws: tuple[bytes, ...], notes: Notes) -> list[str]:
    """What was kept was answered in the end; what was accepted of it is an entry."""
    findings = []
    for name, kept in notes.receipts.items():
        told = notes.answers.get(name)
        if told is None:
            findings.append(f"{kept.command_id}, kept at {kept.node}, was never answered")
        elif told.answer.kept is not None and told.answer.kept.journal_index != kept.journal_index:
            findings.append(f"{kept.command_id} was kept twice at {kept.node}")
    if notes.in_flight:
        findings.append(f"unanswered at the end: {sorted(notes.in_flight)}")
    assert raws
    return findings


async def _own(found: Installation, session: str) -> tuple[bytes, ...]:
    """What lies in the coordinator's own database."""
    url = str(files.read_json(found.config(COORDINATOR)).get("database") or "")
    if not url:
        return await asyncio.to_thread(_in_file, found.config(COORDINATOR).parent / "coordinator.db", session)
    store = PostgresStore(url, Meters(), group_max=1)
    try:
        return await store.entries(session, 0, ENTRIES_MAX)
    finally:
        await store.close()


def _in_file(path: Path, session: str) -> tuple[bytes, ...]:
    engine = sqlite_engine(path, writes=False)
    try:
        with engine.connect() as connection:
            return stored.read(connection, session, 0, ENTRIES_MAX)
    finally:
        engine.dispose()


async def _copy(found: Installation, node: str, session: str, raws: tuple[bytes, ...]) -> list[str]:
    """A venue's copy, once it has all that the record has."""
    path = found.config(node).parent / "sessions" / f"{session}.copy"
    until = senses.running_ms() + SETTLE_MS
    while True:
        try:
            entries, _ = await asyncio.to_thread(read_copy, path)
        except FileNotFoundError:
            entries = ()
        except DamagedFile as error:
            return [f"the copy at {node} is damaged: {error}"]
        if entries == raws:
            return []
        if entries != raws[: len(entries)] or senses.running_ms() > until:
            return [f"the copy at {node} has {len(entries)} entries, not the record's {len(raws)}"]
        await asyncio.sleep(_POLL_S)


async def _journal(found: Installation, node: str, session: str) -> list[str]:
    """A venue's journal: every act of the session in it has its final answer."""
    until = senses.running_ms() + SETTLE_MS
    while True:
        try:
            left = await _pending(found.config(node).parent / "journal.log", session)
        except DamagedFile as error:
            return [f"the journal at {node} is damaged: {error}"]
        if not left:
            return []
        if senses.running_ms() > until:
            return [f"the journal at {node} still waits for answers to {', '.join(left)}"]
        await asyncio.sleep(_POLL_S)


async def _pending(path: Path, session: str) -> list[str]:
    """The types of a session's acts that have no answer, read from a copy of the journal's file."""
    with tempfile.TemporaryDirectory(prefix="tongchang-judge-") as folder:
        copy = Path(shutil.copyfile(path, Path(folder) / path.name))
        disk = Disk(_GROUP_BYTES_MAX)
        try:
            waiting = Journal(disk, copy).pending()
        finally:
            await disk.close()
    return [kept.type for author, acts in waiting.items() if author[0] == session for kept in acts]
