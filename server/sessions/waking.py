"""Waking a session: its state, answers and disclosures, read from the store.

Owns the way from what is stored to what an actor decides on. A snapshot spares most of the entries of a
long session; where it does not fit them, they are folded from the first (DESIGN 1.2).
"""

import asyncio
import collections
from collections.abc import Mapping, Sequence

from msgspec import Struct, structs

from protocol import entry
from protocol.hidden import Disclosed
from protocol.ledger import checkpoint, note
from protocol.ledger.tree import ProofError
from protocol.session.apply import EntryRefused, apply_known
from protocol.session.state import State
from server import telemetry
from server.config import Bounds
from server.sessions import snapshots
from server.sessions.admission import CARRIES
from server.sessions.given import Given
from server.sessions.signer import Signer
from server.store.contract import DamagedEntry, Snapshot, Store

BREATH = 8
"""So many commands or entries are worked through before other sessions get their turn."""
_PAGE_ENTRIES = 512
_WRITTEN_GROWTHS = 25
"""So many times the growth that a snapshot waits for is folded until it is written down on the way."""

_log = telemetry.logger("server.sessions")


class Woken(Struct, frozen=True):
    """A session as of its last durable entry; `state` is None where there is no such session.

    `tail` are its newest entries, the last one last. `kept` is how many entries a snapshot in the store
    spares whoever reads it next.
    """

    state: State | None
    given: Given
    disclosed: Disclosed
    home_node: str
    tail: tuple[bytes, ...]
    kept: int = 0


class Source(Struct, frozen=True):
    """Where sessions are read from, and by whose snapshots."""

    store: Store
    signer: Signer
    bounds: Bounds


async def wake(session: str, source: Source, known: Woken | None = None) -> Woken:
    """Read a session, all of it as of one moment: disclosures are those of its entries.

    Begins at what is `known` of it, or else at its snapshot, or else at its first entry.

    Raises:
      NotDurable: the store cannot be read now.
      DamagedEntry, EntryRefused, NotCanonical: what is stored is no session.
    """
    store, bounds = source.store, source.bounds
    given = Given(session, store, bounds.stranger_answers_max)
    # Before the size is read, so that they cannot be of more entries than that.
    found = await store.snapshot(session) if known is None else None
    heads = await store.heads(session) if known is None else {}
    kept = await store.session(session)
    if kept is None:
        _require_heads(session, heads, None)
        return Woken(None, given, Disclosed(), "", ())
    tail: collections.deque[bytes] = collections.deque(maxlen=bounds.tail_entries_max)
    size = kept.row.size
    if known is not None:
        tail.extend(known.tail)
        state, spared = await _fold(known.state, tail, session, source, size), known.kept
    else:
        state, spared = await _from_snapshot(found, session, source, size, tail)
        if state is None:
            raise DamagedEntry(session, 0)  # it was born with its first entry: somebody took that away
        _require_heads(session, heads, state)
    return Woken(state, given, Disclosed(kept.disclosures), kept.row.home_node, tuple(tail), spared)


def _require_heads(session: str, heads: Mapping[int, str], state: State | None) -> None:
    """See that the entries are not fewer, or others, than a head says that was cosigned and kept.

    Whoever takes that head away as well is found by the cosigners, before the next entry (SPEC 20.6).

    Raises:
      DamagedEntry: they are.
    """
    newest, size = max(heads, default=0), 0 if state is None else state.size
    if newest > size:
        raise DamagedEntry(session, size)
    signed = {one.size: one.root for one in state.heads} if state is not None else {}
    for at, root in signed.items():
        if at in heads and checkpoint.read(note.split(heads[at])[0]).root != root:
            raise DamagedEntry(session, at - 1)


async def _from_snapshot(
    found: Snapshot | None, session: str, source: Source, size: int, tail: collections.deque[bytes]
) -> tuple[State | None, int]:
    """The state after `size` entries, and how many of them the snapshot has spared us."""
    begun = snapshots.read(found, session, size, source.signer)
    if begun is not None:
        try:
            return await _fold(begun, tail, session, source, size), begun.size
        except (EntryRefused, ProofError) as error:
            _log.error("a snapshot that fits no entries", session=session, size=begun.size, error=str(error))
            tail.clear()
    return await _fold(None, tail, session, source, size), 0


async def read_on(session: str, source: Source, known: Woken) -> Woken:
    """What `known` has become since; as `wake`, but asks only for the entries where that is enough.

    Answers are not taken up: who only reads a session answers nobody.

    Raises:
      As `wake`.
    """
    state = known.state
    if state is None:
        return await wake(session, source)
    page = await source.store.entries(session, state.size, _PAGE_ENTRIES)
    if not page:
        return known
    if len(page) == _PAGE_ENTRIES or any(_brings(raw) for raw in page):
        return await wake(session, source, known)
    tail = collections.deque(known.tail, source.bounds.tail_entries_max)
    return structs.replace(known, state=await _take_up(state, tail, page), tail=tuple(tail))


async def _fold(
    state: State | None, tail: collections.deque[bytes], session: str, source: Source, size: int
) -> State | None:
    """Fold the entries up to `size`, page by page.

    A long way is written down in between: where the time is not enough, the next try begins there.
    """
    store, bounds = source.store, source.bounds
    begun = 0 if state is None else state.size
    while (since := 0 if state is None else state.size) < size:
        page = await store.entries(session, since, min(_PAGE_ENTRIES, size - since))
        if not page:
            raise DamagedEntry(session, since)
        state = await _take_up(state, tail, page)
        if state.size - begun >= _WRITTEN_GROWTHS * bounds.snapshot_entries:
            begun = state.size
            await store.put_snapshot(snapshots.make(state, source.signer))
    return state


async def _take_up(state: State | None, tail: collections.deque[bytes], page: Sequence[bytes]) -> State:
    for number, raw in enumerate(page):
        state = apply_known(state, entry.decode(raw), raw)
        tail.append(raw)
        if number % BREATH == 0:
            await asyncio.sleep(0)
    assert state is not None
    return state


def _brings(raw: bytes) -> bool:
    """Whether disclosures may have come with an entry."""
    return entry.decode(raw).command.type in CARRIES
