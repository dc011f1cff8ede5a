"""`opening`: thirty bids opened by five custodians and a venue, people and network aside.

What is timed is every custodian's whole answer (replay of the record, checkpoint, its boxes opened, its
shares sealed for the venues, its release on the disk) and a venue's whole work (releases opened, keys put
together and dealt again, containers read through), one after the other in one process, as if all of them
shared one core. Beside it the least that has to be done: the unwrapping of the same number of boxes by the
same suite.
"""

import shutil
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from ops import senses
from ops.bench.report import Report
from ops.bench.rounds import Measured, Spread, interleaved
from ops.ceremony import rehearsal
from ops.ceremony.parties import VENUES, Parties, SealedBid
from ops.ceremony.table import Table
from protocol import commands_ceremony as acts
from protocol.hidden import Disclosed
from protocol.refusals import Refusal
from protocol.seal import releasing
from protocol.session.state import State
from sub_venue.custody import recombining
from sub_venue.custody.service import Answered

GOALS: Final = {"opening_s": 2.0}
SUITES: Final = ("gm-1", "intl-1")
_CUSTODIANS: Final = 5
_THRESHOLD: Final = 3
_NS: Final = 1e9
_WINDOW_MS: Final = 3_600_000


class Size(Struct, frozen=True):
    """How many bids, and how often."""

    bids: int
    rounds: int


FULL: Final = Size(30, 5)
QUICK: Final = Size(3, 2)


async def run(data: Path, *, quick: bool) -> Report:
    """Measure both suites; the slower one is what the goal is set for."""
    size = QUICK if quick else FULL
    spreads: dict[str, Spread] = {}
    figures: dict[str, Any] = {}
    for suite in SUITES:
        table, bids = closed(suite, size.bids)
        folder = data / "opening"
        try:
            found = await interleaved(size.rounds, _sides(table, bids, folder))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        spreads[f"{suite}_opening_s"] = found.spread("opening", "seconds")
        spreads[f"{suite}_ratio_vs_boxes"] = found.ratio("seconds", "opening", "boxes")
        figures[suite] = found.figures()
    slower = max(SUITES, key=lambda suite: spreads[f"{suite}_opening_s"].median)
    told = {"opening_s": spreads[f"{slower}_opening_s"], **spreads}
    return Report("opening", told, GOALS, {"bids": size.bids, "custodians": _CUSTODIANS, **figures})


def closed(
    suite: str, count: int, files: Mapping[str, bytes] | None = None
) -> tuple[Table, tuple[SealedBid, ...]]:
    """An opening whose window is closed, every bid released; `files` are what each bid holds."""
    parties = Parties(suite, _CUSTODIANS, _THRESHOLD)
    table = Table(rehearsal.sample(), parties)
    table.book()
    table.prepare(_WINDOW_MS)
    table.begin()
    for name in parties.holders:
        table.must(name, acts.AnswerRollCall(table.opening.challenge), table.stage)
    bids = tuple(parties.seal(number, files) for number in range(1, count + 1))
    table.receive(bids)
    for one in bids:
        assert table.release(one) == "", one.bid
    return table, bids


def released(table: Table, answers: Sequence[Answered | Refusal]) -> tuple[State, Disclosed]:
    """The session as it is once every custodian has released, and what was disclosed until then."""
    held, opened = table.disclosed, table.opening
    for name, answered in zip(table.parties.holders, answers, strict=True):
        assert isinstance(answered, Answered), answered
        held = held.plus(answered.disclosures)
        opened = replace(opened, custody={**opened.custody, name: answered.disclosures[0].digest})
    stages = {**table.at.ceremony.stages, table.here.name: opened}
    return replace(table.at, ceremony=replace(table.at.ceremony, stages=stages)), held


def _sides(
    table: Table, bids: tuple[SealedBid, ...], folder: Path
) -> dict[str, Callable[[], Awaitable[Measured]]]:
    venue = VENUES[0]
    key = table.venue_key(venue)
    fetched = rehearsal.fetch(folder / venue, bids)
    asked = rehearsal.asked(table, bids)

    async def opening() -> Measured:
        shutil.rmtree(folder / "custody", ignore_errors=True)
        desk = rehearsal.InProcess(table, folder / "custody")
        begun = senses.running_ns()
        answers = [desk.release(name, asked) for name in table.parties.holders]
        custody = senses.running_ns()
        state, held = released(table, answers)
        found = recombining.put_together(state, table.here, held, fetched, key, None)
        ended = senses.running_ns()
        assert all(one.result == "opened" for one in found.report.bids)
        return {
            "seconds": (ended - begun) / _NS,
            "custodians_s": (custody - begun) / _NS,
            "venue_s": (ended - custody) / _NS,
        }

    async def boxes() -> Measured:
        """The boxes of all custodians unwrapped, and nothing else."""
        suite = table.parties.suite
        begun = senses.running_ns()
        for name, group in table.parties.holders.items():
            releasing.take_all(suite, name, group, [one.header for one in bids], table.parties.key(name))
        return {"seconds": (senses.running_ns() - begun) / _NS}

    return {"opening": opening, "boxes": boxes}
