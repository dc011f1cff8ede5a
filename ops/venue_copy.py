"""The record out of a venue's own copy, read from its disk: what a province has without asking anybody.

A session that is archived still takes each venue's word that its opening key is gone (`DestroyOpeningKey`);
a record without them has a head that nobody cosigns any more once they are there. So they are waited for.

Owns the way to the file; its form is `sub_venue`'s, the record's is `protocol`'s. The copy is folded once
more here, so that what is written can be held against what the venue's people saw.
"""

import asyncio
from pathlib import Path
from typing import Final

from ops import senses
from ops.installation import Installation
from ops.trouble import Trouble
from protocol import entry, record
from protocol.events_ceremony import OpeningKeyDestroyed, OpeningKeyOffered
from protocol.hidden import Disclosed
from protocol.session.apply import apply
from protocol.session.outcome import OutcomeWithheld, outcome_digest
from protocol.session.state import State
from sub_venue.journal.frames import DamagedFile
from sub_venue.journal.replica import read_copy

AT_REST_MS: Final = 10_000
"""How long venues have to say that their keys are gone; one that was cut off says so behind the archive."""
_POLL_S: Final = 0.1


async def at_rest(installation: Installation, venue: str, session: str) -> bool:
    """Wait until every venue has said that its opening key is gone; whether all have, within `AT_REST_MS`.

    Args:
      installation: where the venue's data lie.
      venue: the node whose copy is looked at.
      session: the session's id; one that has ended.
    """
    path, until = _path(installation, venue, session), senses.running_ms() + AT_REST_MS
    while True:
        if not await asyncio.to_thread(_keys_held, path):
            return True
        if senses.running_ms() > until:
            return False
        await asyncio.sleep(_POLL_S)


def record_of(installation: Installation, venue: str, session: str) -> tuple[bytes, bytes]:
    """A session's record as a venue holds it, and the outcome that the venue's copy adds up to.

    Args:
      installation: where the venue's data lie.
      venue: the node's id; the main venue holds what its agent disclosed.
      session: the session's id.

    Raises:
      Trouble: the copy is missing, damaged or without what the outcome needs.
    """
    path = _path(installation, venue, session)
    try:
        entries, disclosures = read_copy(path)
    except (OSError, DamagedFile) as error:
        raise Trouble(
            f"无法读取会场副本 {path}({error})。请检查该会场的数据文件夹。",
            f"The venue's copy {path} cannot be read ({error}). Look at that venue's data folder.",
        ) from error
    state: State | None = None
    for raw in entries:
        state = apply(state, entry.decode(raw), raw)
    disclosed = Disclosed(disclosures)
    try:
        if state is None:
            raise OutcomeWithheld("entries")
        outcome = outcome_digest(state, disclosed)
    except OutcomeWithheld as error:
        raise Trouble(
            f"会场副本 {path} 缺少“{error}”,无法写出完整记录。",
            f"The venue's copy {path} lacks “{error}”, so no whole record can be written.",
        ) from error
    return record.write(session, entries, disclosures), outcome


def _path(installation: Installation, venue: str, session: str) -> Path:
    return installation.config(venue).parent / "sessions" / f"{session}.copy"


def _keys_held(path: Path) -> frozenset[str]:
    """Venues whose opening key is offered and not yet said to be gone; none where the copy is not readable.

    What is wrong with a copy `record_of` tells.
    """
    held: set[str] = set()
    try:
        entries, _ = read_copy(path)
    except (OSError, DamagedFile):
        return frozenset()
    for raw in entries:
        for event in entry.decode(raw).events:
            if isinstance(event, OpeningKeyOffered):
                held.add(event.venue)
            elif isinstance(event, OpeningKeyDestroyed):
                held.discard(event.venue)
    return frozenset(held)
