"""Waking a session: its state, answers and disclosures, read from the store.

Owns the way from what is stored to what an actor decides on. Nothing else is asked: the entries are
the only truth (DESIGN 1.2).
"""

import asyncio
import collections

from msgspec import Struct

from protocol import entry
from protocol.hidden import Disclosed
from protocol.session.apply import apply_known
from protocol.session.state import State
from server.config import Bounds
from server.sessions.given import Given
from server.store.contract import Store

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


async def wake(session: str, store: Store, bounds: Bounds) -> Woken:
    """Read a session.

    Raises:
      NotDurable: the store cannot be read now.
      DamagedEntry, EntryRefused, NotCanonical: what is stored is no session.
    """
    kept = await store.session(session)
    if kept is None:
        return Woken(None, Given((), None, bounds.stranger_answers_max), Disclosed(), "", ())
    tail: collections.deque[bytes] = collections.deque(maxlen=bounds.tail_entries_max)
    state: State | None = None
    while True:
        since = 0 if state is None else state.size
        page = await store.entries(session, since, _PAGE_ENTRIES)
        for number, raw in enumerate(page):
            state = apply_known(state, entry.decode(raw), raw)
            tail.append(raw)
            if number % BREATH == 0:
                await asyncio.sleep(0)
        if len(page) < _PAGE_ENTRIES:
            break
    given = Given(kept.answers, state, bounds.stranger_answers_max)
    return Woken(state, given, Disclosed(kept.disclosures), kept.row.home_node, tuple(tail))
