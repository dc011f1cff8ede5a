"""The record: entries and disclosures of one session in one file of lines (SPEC 8).

Line 1 is the canonical header ``{"entries":N,"record":1,"session":…}``; then N lines, each
the canonical bytes of an entry in order of `seq`; then one line for each disclosure,
canonical, in order of digest. Lines end in one line feed. Reading takes nothing on trust:
`replay` verifies every signature, decides every command again, compares the events, and
checks every hidden input whose disclosure is here.
"""

from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

from protocol import authored, canonical, commands, hidden, limits
from protocol.authored import Over
from protocol.hidden import Disclosed, Disclosure
from protocol.session.apply import EntryRefused, replay_placed
from protocol.session.checks import check
from protocol.session.state import State
from protocol.words import Count, Id

RECORD_ENTRIES_MAX = 10_000_000
_NEEDS_ALL = ("DisclosureMissing",)


class Header(Struct, frozen=True, forbid_unknown_fields=True):
    """The first line of a record."""

    record: Literal[1]
    session: Id
    entries: Count


class Record(Struct, frozen=True):
    """A record as read: canonical entries in order, and the disclosures that hold."""

    session: str
    entries: tuple[bytes, ...]
    disclosed: Disclosed


class RecordRefused(ValueError):
    """A record is not what it claims. `code` names the rule, `seq` the entry (-1: the file)."""

    def __init__(self, code: str, seq: int, why: str = "") -> None:
        super().__init__(f"{code} at entry {seq}: {why}" if why else f"{code} at entry {seq}")
        self.code = code
        self.seq = seq
        self.why = why


def write(session: str, entries: Iterable[bytes], disclosures: Iterable[Disclosure]) -> bytes:
    """The bytes of a record.

    Args:
      session: its id.
      entries: canonical entries in order of `seq`.
      disclosures: those that go with it, in any order.
    """
    body = list(entries)
    lines = [canonical.encode(Header(1, session, len(body))), *body]
    by_digest = {one.digest: one for one in disclosures}
    lines.extend(canonical.encode(by_digest[digest]) for digest in sorted(by_digest))
    return b"\n".join(lines) + b"\n"


def read(raw: bytes) -> Record:
    """Read a record's lines; entries are not replayed yet.

    Raises:
      RecordRefused: `Malformed` header or line, `DisclosureMismatch`, wrong number of lines.
    """
    lines = raw.split(b"\n")
    if len(lines) < 2 or lines.pop() != b"":
        raise RecordRefused("Malformed", -1, "the file does not end in a line feed")
    try:
        header = canonical.decode(lines[0], Header)
    except canonical.NotCanonical as error:
        raise RecordRefused("Malformed", -1, str(error)) from error
    if header.entries > min(RECORD_ENTRIES_MAX, len(lines) - 1):
        raise RecordRefused("Malformed", -1, "fewer lines than entries")
    disclosures = []
    for number, one in enumerate(lines[1 + header.entries :]):
        try:
            found = canonical.decode(one, Disclosure, 2 * limits.DISCLOSURE_BYTES_MAX)
        except canonical.NotCanonical as error:
            raise RecordRefused("Malformed", -1, f"disclosure {number}: {error}") from error
        if not hidden.holds(found):
            raise RecordRefused("DisclosureMismatch", -1, found.field)
        disclosures.append(found)
    return Record(header.session, tuple(lines[1 : 1 + header.entries]), Disclosed(disclosures))


def replay(record: Record, over: Over = map) -> State:
    """The state that a record's entries add up to, everything decided and checked again.

    Hidden inputs whose disclosures are withheld are passed over; those here must fit. `over` as
    `authored.read` has it.

    Raises:
      RecordRefused: with the rule's code and the entry.
    """
    state: State | None = None
    placed = authored.read(record.entries, over)
    try:
        for seq in range(len(record.entries)):
            try:
                read, leaf, holds = next(placed)
            except (canonical.NotCanonical, commands.UnknownContent) as error:
                raise RecordRefused("Malformed", seq, str(error)) from error
            before = state
            try:
                state = replay_placed(before, read.entry, leaf, holds=holds)
            except EntryRefused as error:
                raise RecordRefused(error.code, seq) from error
            for finding in check(before, read.entry.command, record.disclosed):
                if finding.code not in _NEEDS_ALL:
                    raise RecordRefused(finding.code, seq)
    finally:
        # Whatever is wrong: what is left to the collection of memory ends in any thread and at any time.
        placed.close()
    if state is None or state.session != record.session:
        raise RecordRefused("WrongSession", -1, record.session)
    return state
