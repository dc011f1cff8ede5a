"""Snapshots of a session: written while it grows, used when it wakes, and never believed (DESIGN 1.2).

A snapshot that another release made, that does not fit the entries, or that this installation's key
did not sign is no snapshot: the entries are folded from the first. So whoever can write to the
database can slow a session down, and change nothing in it.
"""

import asyncio
import functools
from pathlib import Path

import protocol
from protocol import canonical
from protocol.ledger import tree
from protocol.seal import signing
from protocol.session import snapshot
from protocol.session.state import State
from server import telemetry
from server.config import Bounds
from server.sessions.signer import Signer
from server.store.contract import NotDurable, Snapshot, Store

_SIG_CHARS = len("ed25519:") + 88
"""A signature as text comes first in a body; its form is ASCII and of one length."""

_log = telemetry.logger("server.sessions")


@functools.cache
def form() -> str:
    """Names the code that folds entries into a state and writes it down: SHA-256 over its sources.

    Any change of the protocol's code may be one of what a state is after so many entries, so any makes
    earlier snapshots worthless. They are made again in seconds.
    """
    digest = b""
    for path in sorted(Path(next(iter(protocol.__path__))).rglob("*.py")):
        digest = canonical.sha256(digest + canonical.sha256(path.read_bytes()))
    return canonical.sha256(digest + snapshot.SCHEMA.encode()).hex()


def make(state: State, signer: Signer) -> Snapshot:
    """A state as the store keeps it."""
    raw = snapshot.encode(state)
    root = tree.frontier_root(state.frontier)
    sig = signer.snapshot(_signed(state.session, state.size, root, raw))
    return Snapshot(state.session, state.size, root, form(), sig.encode() + raw)


def read(found: Snapshot | None, session: str, size: int, signer: Signer) -> State | None:
    """The state in a snapshot of a session that has `size` entries; None where it is not to be used."""
    if found is None or found.form != form() or found.session != session or found.size > size:
        return None
    raw = found.body[_SIG_CHARS:]
    sig = found.body[:_SIG_CHARS].decode(errors="replace")
    if not signing.verify(signer.key, _signed(session, found.size, found.root, raw), sig):
        _log.error("a snapshot that is not ours", session=session, size=found.size)
        return None
    try:
        state = snapshot.decode(raw)
        root = tree.frontier_root(state.frontier)
    except (snapshot.NotASnapshot, tree.ProofError):
        return None
    fits = state.session == session and state.size == found.size and root == found.root
    return state if fits else None


def _signed(session: str, size: int, root: bytes, raw: bytes) -> bytes:
    return canonical.tag("snapshot/v1") + canonical.encode([session, size, root, canonical.sha256(raw)])


class Snapshots:
    """What one awake session has kept of itself; writes beside the appends, one snapshot at a time."""

    def __init__(self, store: Store, signer: Signer, bounds: Bounds) -> None:
        """Nothing is known to be kept yet."""
        self._store = store
        self._signer = signer
        self._bounds = bounds
        self._size = 0
        self._writing: asyncio.Task[None] | None = None

    def woken(self, size: int) -> None:
        """A snapshot of so many entries is in the store."""
        self._size = size

    def grown(self, state: State) -> None:
        """The session has grown; write it down, in the background, once that is worth it."""
        if self._writing is None and state.size - self._size >= self._bounds.snapshot_entries:
            self._writing = asyncio.create_task(self._write(state), name=f"snapshot {state.session}")

    async def last(self, state: State | None) -> None:
        """The session falls asleep: write it down where that saves the next waking something."""
        if self._writing is not None:
            await self._writing
        if state is not None and state.size - self._size >= self._bounds.snapshot_asleep_entries:
            await self._write(state)

    async def _write(self, state: State) -> None:
        try:
            await self._store.put_snapshot(make(state, self._signer))
            self._size = state.size
        except NotDurable as error:
            _log.warning("no snapshot kept", session=state.session, size=state.size, error=str(error))
        finally:
            self._writing = None
