"""The store under measurement, in a process of its own: `python -m ops.bench.appending URL FOLDER ACTS`.

Owns both sides of `append`: so many entries through the real store by all submitters at once, and the same
entries written to a file with an fdatasync each; an empty URL means SQLite in the folder. One line of JSON
asks for a round, one answers it.
"""

import asyncio
import json
import os
import sys
from pathlib import Path

import msgspec

from ops import files, senses
from ops.bench import machine
from ops.bench.rounds import Measured, quantile
from protocol import canonical, commands, entry
from protocol.entry import Entry
from protocol.events import SeatBound
from protocol.wire import Answer
from server.config import Bounds
from server.store.contract import Batch, Birth, KeptAnswer, Store
from server.store.postgres import PostgresStore
from server.store.sqlite import SqliteStore
from server.telemetry import Meters


async def main() -> None:
    """Serve rounds until the input ends."""
    url, folder, acts = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    entries = [[_entry(text) for text in texts] for texts in files.read_json(acts)]
    store = await _open(url, folder)
    submitters = [Submitter(store, number, bodies) for number, bodies in enumerate(entries)]
    for one in submitters:
        await one.begin()
    try:
        while line := await asyncio.to_thread(sys.stdin.readline):
            told = json.loads(line)
            if told["side"] == "store":
                measured = await _round(submitters, told["ms"])
            else:
                measured = bare(folder / "bare.bin", [b for bodies in entries for b in bodies], told["ms"])
            print(json.dumps(measured), flush=True)
    finally:
        await store.close()


class Submitter:
    """One session's writer: an entry and its answer at a time, as the actor makes them."""

    def __init__(self, store: Store, number: int, bodies: list[bytes]) -> None:
        """Begin a session of its own; `bodies` are canonical entries, used in turn."""
        self._store = store
        self._session = f"bench-{number}"
        self._bodies = bodies
        self._size = 0

    async def begin(self) -> None:
        """The session's first batch, which births it."""
        await self._store.append(self._batch(Birth("hefei", senses.now_ms())))

    async def go_on(self, until_ns: int, took_ms: list[float]) -> None:
        """Appends until a moment, each when the one before is durable."""
        while (begun := senses.running_ns()) < until_ns:
            await self._store.append(self._batch(None))
            took_ms.append((senses.running_ns() - begun) / 1e6)

    async def close(self) -> None:
        """Close the store."""
        await self._store.close()

    def _batch(self, birth: Birth | None) -> Batch:
        seq, self._size = self._size, self._size + 1
        body = self._bodies[seq % len(self._bodies)]
        answer = Answer(command_id=f"c-{seq}", status="accepted", seq=seq, at=senses.now_ms())
        kept = KeptAnswer(
            "ed25519:author", answer.command_id, canonical.sha256(body), msgspec.json.encode(answer)
        )
        return Batch(session=self._session, since=seq, entries=(body,), answers=(kept,), birth=birth)


async def _round(submitters: list[Submitter], ms: int) -> Measured:
    took_ms: list[float] = []
    begun = senses.running_ns()
    until_ns = begun + ms * 1_000_000
    cpu_ms = machine.cpu_ms(os.getpid())
    await asyncio.gather(*(one.go_on(until_ns, took_ms) for one in submitters))
    passed_s = (senses.running_ns() - begun) / 1e9
    return {
        "per_s": len(took_ms) / passed_s,
        "p50_ms": quantile(took_ms, 0.5),
        "p99_ms": quantile(took_ms, 0.99),
        "cpu_us_per_append": (machine.cpu_ms(os.getpid()) - cpu_ms) * 1000 / len(took_ms),
    }


def bare(path: Path, bodies: list[bytes], ms: int) -> Measured:
    """The same bytes to a file for so long, an fdatasync after each."""
    took_ms: list[float] = []
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        begun = senses.running_ns()
        while (start := senses.running_ns()) < begun + ms * 1_000_000:
            os.write(handle, bodies[len(took_ms) % len(bodies)])
            os.fdatasync(handle)
            took_ms.append((senses.running_ns() - start) / 1e6)
        passed_s = (senses.running_ns() - begun) / 1e9
    finally:
        os.close(handle)
    return {
        "per_s": len(took_ms) / passed_s,
        "p50_ms": quantile(took_ms, 0.5),
        "p99_ms": quantile(took_ms, 0.99),
    }


async def _open(url: str, folder: Path) -> Store:
    group_max = Bounds().group_batches_max
    if not url:
        return SqliteStore(folder / "bench.db", Meters(), group_max)
    store = PostgresStore(url, Meters(), group_max)
    await store.prepare()
    return store


def _entry(text: str) -> bytes:
    """A signed act as the entry that it would be."""
    command = commands.parse(text.encode())
    content = command.content
    assert isinstance(content, commands.BindSeat)
    bound = SeatBound(seat=content.seat, key=command.author_key, means=content.means)
    made = Entry(1, command.session, 1, senses.now_ms(), bytes(32), command, content.attestation, (bound,))
    return entry.encode(made)


if __name__ == "__main__":
    asyncio.run(main())
