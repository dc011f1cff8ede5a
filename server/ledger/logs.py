"""The logs of all sessions: trees grown from the durable entries, and heads that this coordinator signs.

Owns the trees in memory and the log's key. A head is signed only over what the store has made durable, and
only if the root over the entries read back is the one that the session's own state has: entries that were
changed under it are found here, and nothing is signed. Must not know HTTP, or who cosigns.
Source: C2SP tlog-checkpoint, tlog-tiles; SPEC 20.1, 20.5.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from protocol.ledger import checkpoint, note, tiles, tree
from protocol.ledger.checkpoint import Checkpoint
from protocol.ledger.levels import Levels
from protocol.ledger.note import Key, Signer
from protocol.ledger.tiles import Tile
from protocol.session.state import State

_READ_ENTRIES = 256


class Altered(Exception):
    """The entries in the store are not those that the session's state was folded from; nothing is signed."""


class Session(Protocol):
    """A session as of its last durable entry."""

    @property
    def state(self) -> State:
        """Its state."""


class Source(Protocol):
    """Where sessions and their entries are read: durable ones only."""

    async def published(self, session: str, at_least: int = 0) -> Session | None:
        """The session as of its last durable entry, or None where there is none."""

    async def entries(self, session: str, since: int, count_max: int) -> tuple[bytes, ...]:
        """Canonical entries from `since` on."""


class Logs:
    """Every session's log, under one name and one key."""

    def __init__(self, source: Source, name: str, private: Ed25519PrivateKey, trees_max: int) -> None:
        """Sign as `name/<session>`; at most `trees_max` trees are held in memory."""
        self._source = source
        self._name = name
        self._private = private
        self._trees_max = trees_max
        self._trees: OrderedDict[str, Levels] = OrderedDict()
        self._growing: dict[str, asyncio.Lock] = {}

    def origin(self, session: str) -> str:
        """The origin of a session's log."""
        return f"{self._name}/{session}"

    def key(self, session: str) -> Key:
        """The key of a session's log."""
        return self._signer(session).key

    async def head(self, session: str, size: int | None = None) -> str | None:
        """The signed head of a session's log; None where there is no such session, or not so many entries.

        Args:
          session: its id.
          size: of which size; the newest without it.

        Raises:
          Altered: the store holds other entries than the state was folded from.
          NotDurable, DamagedEntry: entries cannot be read now.
        """
        state = await self._state(session)
        if state is None:
            return None
        wanted = state.size if size is None else size
        grown = await self.grown(session)
        if grown is None or not 0 < wanted <= grown.size:
            return None
        head = Checkpoint(self.origin(session), wanted, grown.root(wanted))
        return checkpoint.sign(head, self._signer(session))

    async def grown(self, session: str) -> Levels | None:
        """The tree over all durable entries of a session; None where there is no such session.

        Raises:
          Altered: the store holds other entries than the state was folded from.
          NotDurable, DamagedEntry: entries cannot be read now.
        """
        lock = self._growing.setdefault(session, asyncio.Lock())
        try:
            async with lock:
                return await self._grow(session)
        finally:
            if not lock.locked():
                self._growing.pop(session, None)

    async def tile(self, session: str, tile: Tile) -> bytes | None:
        """A tile of hashes; None where the log does not have it (yet).

        Raises:
          Altered, NotDurable, DamagedEntry: as `grown`.
        """
        grown = await self.grown(session)
        return None if grown is None or not tiles.has(grown.size, tile) else tiles.cut(grown, tile)

    async def bundle(self, session: str, tile: Tile) -> bytes | None:
        """An entry bundle; None where the log does not have it (yet). Who may read it, its caller knows.

        Raises:
          NotDurable, DamagedEntry: entries cannot be read now.
        """
        state = await self._state(session)
        if state is None or not tiles.has(state.size, tile):
            return None
        start, end = tile.span
        found: tuple[bytes, ...] = ()
        while len(found) < end - start:
            more = await self._source.entries(session, start + len(found), end - start - len(found))
            if not more:
                return None
            found += more
        return tiles.bundle(found)

    async def state(self, session: str) -> State | None:
        """The session's state; None where there is no such session."""
        return await self._state(session)

    async def reaches(self, session: str, size: int) -> bool:
        """Whether so many entries of a session are durable by now, whoever wrote them.

        Raises:
          NotDurable: it cannot be read now.
        """
        published = await self._source.published(session, size)
        return published is not None and published.state.size >= size

    async def _state(self, session: str) -> State | None:
        published = await self._source.published(session)
        return None if published is None else published.state

    async def _grow(self, session: str) -> Levels | None:
        state = await self._state(session)
        if state is None:
            return None
        grown = self._trees.pop(session, None) or Levels()
        while grown.size < state.size:
            count = min(_READ_ENTRIES, state.size - grown.size)
            entries = await self._source.entries(session, grown.size, count)
            if not entries:
                raise Altered(f"{session} has {grown.size} entries, not {state.size}")
            for raw in entries:
                grown.append(tree.leaf_hash(raw))
        if grown.root(state.size) != tree.frontier_root(state.frontier):
            raise Altered(f"the entries of {session} are not those its state was folded from")
        self._trees[session] = grown
        while len(self._trees) > self._trees_max:
            self._trees.popitem(last=False)
        return grown

    def _signer(self, session: str) -> Signer:
        return note.ed25519_signer(self.origin(session), self._private)


def load(path: Path) -> Ed25519PrivateKey:
    """The log's key (PKCS #8, PEM, Ed25519).

    Raises:
      OSError: the file cannot be read.
      ValueError: it holds no Ed25519 key.
    """
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError(f"{path} holds no Ed25519 key")  # noqa: TRY004 - the file is wrong, not a type
    return key
