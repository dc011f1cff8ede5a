"""Owed cosignatures (待补签) by a session's record: who owed at which milestone, since when, settled when.

Owns reading it off the entries under one head, which proves them: an entry that the head does not cover tells
nothing here. The rules that gave these entries are not replayed. Used by `tongchang receipt`.
"""

from datetime import datetime
from pathlib import Path
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from main_venue.report.gathered import BEIJING
from ops import replay
from ops.trouble import Trouble
from protocol import archive, entry, record
from protocol.canonical import NotCanonical
from protocol.events import MilestoneReached
from protocol.events_milestones import CosignatureSettled
from protocol.ledger import tree
from protocol.ledger.checkpoint import Checkpoint
from protocol.ledger.levels import Levels
from protocol.record import RecordRefused
from protocol.refusals import Refusal, text

_ZIP: Final = b"PK"


class RecordForeign(Exception):
    """The record is not the one under this head."""


class Late(Struct, frozen=True):
    """A cosigner that owed at a milestone since a time; `settled` is 0 while it owes (ms)."""

    milestone: str
    lot: str
    envelope: str
    cosigner: str
    since: int
    settled: int

    @property
    def zh(self) -> str:
        """The line for people."""
        ended = f"已于 {_clock(self.settled)} 补签" if self.settled else "尚未补签"
        return f"待补签:{self.cosigner},里程碑 {self._place},自 {_clock(self.since)},{ended}"

    @property
    def en(self) -> str:
        """The same in English."""
        ended = f"settled at {_clock(self.settled)}" if self.settled else "not settled yet"
        return f"owed: {self.cosigner}, milestone {self._place}, since {_clock(self.since)}, {ended}"

    @property
    def _place(self) -> str:
        return f"{self.milestone} {self.lot}/{self.envelope}" if self.lot else self.milestone


def told(path: Path, head: Checkpoint) -> tuple[Late, ...]:
    """Who owed at the milestones under a head, in the order in which they were reached.

    Args:
      path: the session's record, or its archive.
      head: the head that is known to hold.

    Raises:
      RecordForeign: it is another record, or the head is not over it.
      Trouble: it cannot be read, or ends before the head (2).
    """
    entries = _entries(path)
    if len(entries) < head.size:
        raise Trouble(
            f"{path} 只有 {len(entries)} 条记录,而回执的检查点有 {head.size} 条。请取得更新的记录。",
            f"{path} has {len(entries)} entries, the receipt's head {head.size}. Get a newer record.",
            replay.UNREADABLE,
        )
    if Levels(tree.leaf_hash(raw) for raw in entries[: head.size]).root() != head.root:
        raise RecordForeign(f"its first {head.size} entries have another root hash")
    found: dict[tuple[str, str, str, str], Late] = {}
    for raw in entries[: head.size]:
        try:
            one = entry.decode(raw)
        except NotCanonical as error:
            raise RecordForeign(f"an entry is not canonical ({error})") from error
        for event in one.events:
            if isinstance(event, MilestoneReached):
                place = (event.milestone, event.lot, event.envelope)
                found |= {(*place, name): Late(*place, name, one.at, 0) for name in event.owed}
            elif isinstance(event, CosignatureSettled):
                place = (event.milestone, event.lot, event.envelope)
                found |= {
                    (*place, name): replace(found[*place, name], settled=one.at)
                    for name in event.cosigned
                    if (*place, name) in found
                }
    return tuple(found.values())


def _entries(path: Path) -> tuple[bytes, ...]:
    raw = replay.read(path)
    try:
        if raw[:2] != _ZIP:
            return record.read(raw).entries
        opened = archive.read(raw)
        if not isinstance(opened, Refusal):
            return opened.record.entries
        why = text(opened).en
    except RecordRefused as error:
        why = error.why or error.code
    raise Trouble(
        f"{path} 不是可读的会话记录或归档({why})。请重新取得该文件。",
        f"{path} is no readable record or archive ({why}). Get the file again.",
        replay.UNREADABLE,
    )


def _clock(at_ms: int) -> str:
    return f"{datetime.fromtimestamp(at_ms / 1000, BEIJING):%Y-%m-%d %H:%M:%S}"
