"""Openings in which processes die: seeded, each at a step of its own, by SIGKILL, and started again.

A custodian's service, a venue's recombination and a bidder's program each run in a process of their own (a
fork) that kills itself at the step that the seed chose; the coordinator dies after an act is durable and
before it is answered, and comes back from its entries alone. What must hold at the end stands in `wrong`:
nothing lost, nothing asked twice, no second chance to choose.
"""

import contextlib
import os
import shutil
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec
from msgspec import Struct

from ops.ceremony import rehearsal
from ops.ceremony.parties import VENUES, Parties, SealedBid
from ops.ceremony.table import Table
from ops.senses import Dice
from protocol import commands_ceremony as acts
from protocol import entry
from protocol.entry import Entry
from protocol.plan.case import Case
from protocol.refusals import Refusal
from protocol.seal.releasing import BidRelease
from protocol.session.apply import replay_one
from protocol.session.ceremony import reading
from protocol.session.state import State
from sub_venue.custody import recombining
from sub_venue.custody.service import Answered

T = TypeVar("T")
CUSTODY_STEPS: Final = ("asked", "believed", "made", "kept", "answered")
DEATHS_MAX: Final = 3
"""So often the same process may die before it is let go on."""
_CUSTODIANS: Final = 5
_THRESHOLD: Final = 3
_BIDS: Final = 3


class Run(Struct, frozen=True):
    """One seeded opening: who died how often, how it ended, and what was wrong."""

    seed: int
    deaths: dict[str, int]
    phase: str
    wrong: tuple[str, ...]


class _Died(Exception):
    """The process ended before it answered."""


class _Chance:
    """What a seed decides."""

    def __init__(self, seed: int) -> None:
        self._dice = Dice(f"crash {seed}")
        self._drawn = 0
        self.deaths: dict[str, int] = {}

    def below(self, count: int) -> int:
        self._drawn += 1
        return int.from_bytes(self._dice.bytes32("crash", str(self._drawn))[:6]) % count

    def died(self, what: str) -> None:
        self.deaths[what] = self.deaths.get(what, 0) + 1


def runs(case: Case, count: int, folder: Path, suite: str = "intl-1", first: int = 1) -> tuple[Run, ...]:
    """So many seeded openings, one after the other."""
    parties = Parties(suite, _CUSTODIANS, _THRESHOLD)
    bids = tuple(parties.seal(number) for number in range(1, _BIDS + 1))
    found = []
    for seed in range(first, first + count):
        here = folder / f"run-{seed}"
        found.append(one(case, parties, bids, seed, here))
        shutil.rmtree(here, ignore_errors=True)
    return tuple(found)


def one(case: Case, parties: Parties, bids: tuple[SealedBid, ...], seed: int, folder: Path) -> Run:
    """One opening with its deaths."""
    chance = _Chance(seed)
    table = Table(case, parties, f"s-crash-{seed}")
    table.book()
    table.prepare()
    table.begin()
    wrong: list[str] = []
    for name in parties.holders:
        answered = _custodian(chance, table, name, folder, bids, "roll-call")
        _enter(chance, table, name, partial(rehearsal.enter, table, answered), wrong)
    table.receive(bids)
    _revive(chance, table)
    fetched = {venue: rehearsal.fetch(folder / venue, bids) for venue in VENUES}
    for bid in bids:
        _bidder(chance, table, bid, wrong)
    for name in parties.holders:
        answered = _custodian(chance, table, name, folder, bids, "release")
        _enter(chance, table, name, partial(rehearsal.enter, table, answered), wrong)
        again = _custodian(chance, table, name, folder, bids, "release")
        if again.disclosures != answered.disclosures:
            wrong.append(f"{name} released twice differently")
    for venue in VENUES:
        report = _venue(chance, table, venue, fetched[venue], folder)
        table.must(f"node {venue}", report, table.stage)
        _revive(chance, table)
    rehearsal.close(table, bids)
    wrong += _wrong(table, bids)
    return Run(seed, chance.deaths, table.here.phase, tuple(wrong))


def _wrong(table: Table, bids: tuple[SealedBid, ...]) -> list[str]:
    """What does not hold at the end."""
    found = table.opening
    kinds: dict[str, int] = {}
    for raw in table.entries:
        command = entry.decode(raw).command
        if command.type in ("ReleaseBid", "ReleaseCustody", "AnswerRollCall"):
            who = f"{command.type} {command.author_key}"
            kinds[who] = kinds.get(who, 0) + 1
    wrong = [f"{who} entered {count} times" for who, count in kinds.items() if count > 1]
    if table.here.phase != "OPENED" or len(table.here.bids) != len(bids):
        wrong.append(f"{table.here.phase} with {len(table.here.bids)} bids")
    if set(found.custody) != set(table.parties.holders) or len(found.released) != len(bids):
        wrong.append("a release was lost")
    if len({one.digest for one in found.reports.values()}) != 1:
        wrong.append("venues found different things")
    if reading.unopened(found):
        wrong.append("a bid was not opened")
    return wrong


def _custodian(
    chance: _Chance, table: Table, name: str, folder: Path, bids: tuple[SealedBid, ...], what: str
) -> Answered:
    """A service's answer, however often its process dies before it."""
    asked = rehearsal.asked(table, bids if what == "release" else ())

    def answer(step: Callable[[str], None]) -> Any:
        service = rehearsal.service(table, name, folder / "custody", step)
        if what == "release":
            return service.release(asked)
        step("asked")
        return service.answer_roll_call(asked)

    steps = CUSTODY_STEPS if what == "release" else CUSTODY_STEPS[:1]
    return _surviving(chance, f"custodian {what}", steps, answer, Answered)


def _bidder(chance: _Chance, table: Table, bid: SealedBid, wrong: list[str]) -> None:
    """A bidder's program makes its release, dies or not, and sends it until it is answered."""
    to = [one.public for one in table.opening.to]

    def make(step: Callable[[str], None]) -> Any:
        step("asked")
        release = table.parties.release(table.session, bid, to)
        step("made")
        return release

    release = _surviving(chance, "bidder", ("asked", "made"), make, BidRelease)
    shown = table.hide("bid_release", f"release {bid.bid} {chance.below(1000)}", release)
    content = acts.ReleaseBid(bid.bid, shown.digest)
    _enter(chance, table, bid.bidder, lambda: table.do(bid.bidder, content, table.stage, (shown,)), wrong)


def _venue(chance: _Chance, table: Table, venue: str, fetched: Any, folder: Path) -> acts.ReportDecryption:
    def open_all(step: Callable[[str], None]) -> Any:
        step("asked")
        found = recombining.put_together(
            table.at, table.here, table.disclosed, fetched, table.venue_key(venue), folder / venue / "opened",
            lambda bid, _: step(bid),
        )  # fmt: skip
        step("answered")
        return found.report

    steps = ("asked", *(bid.bid for bid in table.opening.received), "answered")
    return _surviving(chance, "venue", steps, open_all, acts.ReportDecryption)


def _enter(
    chance: _Chance, table: Table, who: str, send: Callable[[], Entry | Refusal], wrong: list[str]
) -> None:
    """An act comes in; its answer may be lost with the coordinator, and then it is sent again."""
    result = send()
    if isinstance(result, Refusal):
        wrong.append(f"{who}: {result.code}")
        return
    if chance.below(4) == 0:
        _revive(chance, table, always=True)
        again = send()
        if not isinstance(again, Refusal):
            wrong.append(f"{who} was taken twice")


def _revive(chance: _Chance, table: Table, *, always: bool = False) -> None:
    """The coordinator dies and comes back from its entries alone."""
    if not always and chance.below(3):
        return
    state: State | None = None
    for raw in table.entries:
        state = replay_one(state, entry.decode(raw), raw)
    assert state == table.at, "a replica is equal in full"
    table.state = state
    chance.died("coordinator")


def _surviving(
    chance: _Chance, what: str, steps: tuple[str, ...], act: Callable[[Any], Any], form: type[T]
) -> T:
    """An act in a process of its own, which dies at a step or not, until it has answered."""
    for _ in range(DEATHS_MAX):
        at = chance.below(2 * len(steps))
        doomed = steps[at] if at < len(steps) else ""
        with contextlib.suppress(_Died):
            return _forked(act, doomed, form)
        chance.died(what)
    return _forked(act, "", form)


def _forked(act: Callable[[Any], Any], doomed: str, form: type[T]) -> T:
    """What a child process answers; it kills itself at the doomed step."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        _answer(act, doomed, read_end, write_end)
    os.close(write_end)
    with os.fdopen(read_end, "rb") as pipe:
        raw = pipe.read()
    os.waitpid(child, 0)
    if not raw:
        raise _Died
    return msgspec.json.decode(raw, type=form)


def _answer(act: Callable[[Any], Any], doomed: str, read_end: int, write_end: int) -> None:
    """The child's whole life: it never returns."""

    def step(name: str) -> None:
        if name == doomed:
            os.kill(os.getpid(), signal.SIGKILL)

    code = 1
    try:
        os.close(read_end)
        with os.fdopen(write_end, "wb") as pipe:
            pipe.write(msgspec.json.encode(act(step)))
        code = 0
    finally:
        os._exit(code)
