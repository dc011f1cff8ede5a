"""Waking a session: its state, answers and disclosures, read from the store.

Owns the way from what is stored to what an actor decides on. Nothing else is asked: the entries are
the only truth (DESIGN 1.2).
"""

import asyncio
import collections
from collections.abc import Sequence

from msgspec import Struct, structs

from protocol import entry
from protocol.hidden import Disclosed
from protocol.session.apply import apply_known
from protocol.session.state import State
from server.config import Bounds
from server.sessions.admission import CARRIES
from server.sessions.given import Given
from server.store.contract import DamagedEntry, Store

BREATH = 8
"""So many commands or entries are worked through before other sessions get their turn."""
_PAGE_ENTRIES = 512


class Woken(Struct, frozen=True):
    """A session as of its last durable entry; `state` is None where there is no such session.

    `tail` are its newest entries, the last one last.
    """

    state: State | None
    given: Given
    disclosed: Disclosed
    home_node: str
    tail: tuple[bytes, ...]


async def wake(session: str, store: Store, bounds: Bounds, known: Woken | None = None) -> Woken:
    """Read a session, all of it as of one moment: answers and disclosures are those of its entries.

    Args:
      session: its name.
      store: where it is kept.
      bounds: of this coordinator.
      known: what was read of it before, and need not be folded again.

    Raises:
      NotDurable: the store cannot be read now.
      DamagedEntry, EntryRefused, NotCanonical: what is stored is no session.
    """
    kept = await store.session(session)
    if kept is None:
        return Woken(None, Given((), None, bounds.stranger_answers_max), Disclosed(), "", ())
    state = None if known is None else known.state
    tail = collections.deque(() if known is None else known.tail, bounds.tail_entries_max)
    state = await _fold(state, tail, session, store, kept.row.size)
    given = Given(kept.answers, state, bounds.stranger_answers_max)
    return Woken(state, given, Disclosed(kept.disclosures), kept.row.home_node, tuple(tail))


async def read_on(session: str, store: Store, bounds: Bounds, known: Woken) -> Woken:
    """What `known` has become since; as `wake`, but asks only for the entries where that is enough.

    Answers are not taken up: who only reads a session answers nobody.

    Raises:
      As `wake`.
    """
    state = known.state
    if state is None:
        return await wake(session, store, bounds)
    page = await store.entries(session, state.size, _PAGE_ENTRIES)
    if not page:
        return known
    if len(page) == _PAGE_ENTRIES or any(_brings(raw) for raw in page):
        return await wake(session, store, bounds, known)
    tail = collections.deque(known.tail, bounds.tail_entries_max)
    return structs.replace(known, state=await _take_up(state, tail, page), tail=tuple(tail))


async def _fold(
    state: State | None, tail: collections.deque[bytes], session: str, store: Store, size: int
) -> State | None:
    """Fold the entries up to `size`, page by page."""
    while (since := 0 if state is None else state.size) < size:
        page = await store.entries(session, since, min(_PAGE_ENTRIES, size - since))
        if not page:
            raise DamagedEntry(session, since)
        state = await _take_up(state, tail, page)
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
