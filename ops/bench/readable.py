"""`readable`: five bids of 100 MB from the last release to their files at a venue, and at four at once.

A venue's whole work (releases opened, keys put together and dealt again, containers deciphered, digests
compared, files written), by one venue that has the machine to itself, and by four that share its cores as
processes. Ciphertext lies there beforehand; network and record are left out. The limit is the suite's own
AEAD over the same chunks and its own digest over the same bytes, in as many threads, and nothing else: what a
venue cannot do without.
"""

import multiprocessing
import os
import resource
import shutil
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from ops import senses
from ops.bench import opening
from ops.bench.report import Report
from ops.bench.rounds import Measured, Spread, interleaved
from ops.ceremony import rehearsal
from ops.ceremony.parties import VENUES
from ops.ceremony.table import Table
from ops.senses import Dice
from protocol.seal import framing, sealing
from protocol.seal.suite import Suite
from sub_venue.custody import recombining
from sub_venue.custody.recombining import AT_ONCE_MAX

GOALS: Final = {"readable_s": 5.0, "four_venues_s": 5.0}
_VENUES: Final = 4
_BIDS: Final = 5
_NS: Final = 1e9


class Size(Struct, frozen=True):
    """How large each bid is, and how often they are opened."""

    bytes_each: int
    rounds: int


FULL: Final = Size(100 * 1_048_576, 3)
QUICK: Final = Size(262_144, 2)


async def run(data: Path, *, quick: bool) -> Report:
    """Measure both suites; the slower one is what the goals are set for."""
    size = QUICK if quick else FULL
    told: dict[str, dict[str, Spread]] = {}
    figures: dict[str, Any] = {}
    for suite in opening.SUITES:
        folder = data / f"readable-{os.getpid()}"
        try:
            found = await interleaved(size.rounds, _sides(suite, size.bytes_each, folder))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        told[suite] = {
            "readable_s": found.spread("venue", "seconds"),
            "four_venues_s": found.spread("venues", "seconds"),
            "core_ratio_vs_limit": found.ratio("core_s", "venue", "limit"),
        }
        figures[suite] = found.figures()
    slower = max(told, key=lambda suite: told[suite]["readable_s"].median)
    named = {f"{suite}_{name}": one for suite, each in told.items() for name, one in each.items()}
    sizes = {"bids": _BIDS, "bytes_each": size.bytes_each, "venues": _VENUES, "slower": slower}
    return Report("readable", {**told[slower], **named}, GOALS, {**sizes, **figures})


def _sides(suite: str, bytes_each: int, folder: Path) -> dict[str, Callable[[], Awaitable[Measured]]]:
    words = Dice("bench readable").bytes32("paper")
    papers = {"paper.bin": words * (bytes_each // len(words))}
    table, bids = opening.closed(suite, _BIDS, papers)
    desk = rehearsal.InProcess(table, folder / "custody")
    asked = rehearsal.asked(table, bids)
    state, held = opening.released(table, [desk.release(name, asked) for name in table.parties.holders])
    fetched = rehearsal.fetch(folder / "fetched", bids)
    key = table.venue_key(VENUES[0])

    def open_into(target: Path) -> None:
        found = recombining.put_together(state, table.here, held, fetched, key, target)
        assert all(one.result == "opened" for one in found.report.bids)

    async def venue() -> Measured:
        target = folder / "opened"
        begun, core = senses.running_ns(), _core_s()
        open_into(target)
        took = {"seconds": (senses.running_ns() - begun) / _NS, "core_s": _core_s() - core}
        shutil.rmtree(target)
        return took

    async def venues() -> Measured:
        """As many processes, each with folders of its own; done when the last one is."""
        fork = multiprocessing.get_context("fork")
        targets = [folder / f"venue-{number}" for number in range(_VENUES)]
        children = [fork.Process(target=open_into, args=(target,)) for target in targets]
        begun, core = senses.running_ns(), _core_s(resource.RUSAGE_CHILDREN)
        for child in children:
            child.start()
        for child in children:
            child.join()
        took = (senses.running_ns() - begun) / _NS
        assert all(child.exitcode == 0 for child in children)
        for target in targets:
            shutil.rmtree(target)
        return {"seconds": took, "core_s": _core_s(resource.RUSAGE_CHILDREN) - core}

    async def limit() -> Measured:
        begun, core = senses.running_ns(), _core_s()
        with ThreadPoolExecutor(min(AT_ONCE_MAX, os.cpu_count() or 1)) as threads:
            list(threads.map(lambda _: _bare(table, bytes_each), range(_BIDS)))
        return {"seconds": (senses.running_ns() - begun) / _NS, "core_s": _core_s() - core}

    return {"venue": venue, "venues": venues, "limit": limit}


def _bare(table: Table, bytes_each: int) -> None:
    """One bid's chunks opened, and as many bytes hashed."""
    suite: Suite = table.parties.suite
    nonce, chunk = bytes(framing.NONCE_BYTES), bytes(framing.CHUNK_BYTES)
    aead = suite.aead(bytes(suite.key_bytes))
    sealed, out = aead.encrypt(nonce, chunk, None), bytearray(framing.CHUNK_BYTES)
    for _ in range(bytes_each // framing.CHUNK_BYTES):
        aead.decrypt_into(nonce, sealed, None, out)
    digest, step = suite.hashing(), bytearray(min(sealing.STEP_BYTES, bytes_each))
    for _ in range(bytes_each // len(step)):
        digest.update(step)
    digest.finalize()


def _core_s(whose: int = resource.RUSAGE_SELF) -> float:
    """Processor seconds of this process, or of children that have ended."""
    used = resource.getrusage(whose)
    return used.ru_utime + used.ru_stime
