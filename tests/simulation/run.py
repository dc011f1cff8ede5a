"""One run of one seed: the world, its weather and its judge, and what came of it.

Owns the frame of a run and the sentence by which a failure is played again. Must not know machines or rules.
"""

import functools
from random import Random

from msgspec import Struct

from ops.people.listener import Listener
from tests.simulation import planted, stand_ins, tender
from tests.simulation.judge import Judge
from tests.simulation.loop import OutOfSteps
from tests.simulation.secrecy import Secrecy
from tests.simulation.weather import Weather
from tests.simulation.world import VENUES, World

PATIENCE_S = 3_600.0
"""How long a session may take in simulated time, the weather included."""
SAFETY_S = 300.0
"""How long weather that never ends is held out, in simulated time."""
AFTER_S = 120.0
"""How long copies and journals may take to be one after the last person has seen the end."""


class Report(Struct, frozen=True):
    """What came of a run; `findings` is empty when all was well."""

    seed: int
    findings: tuple[str, ...]
    entries: int
    faults: tuple[str, ...]
    simulated_s: float
    steps: int
    trace: str
    safety: bool = False

    @property
    def replay(self) -> str:
        """The command that plays it again."""
        return f"tongchang storm --seed {self.seed}" + (" --safety" if self.safety else "")


def run(seed: int, bug: str = "", *, safety: bool = False) -> Report:
    """Play one seed to its end and judge it; with one of `planted`'s bugs in the house where one is named.

    With `safety` faults never end, so nothing need ever be done; what was promised is judged all the same.
    """
    return _run(seed, undisturbed(), bug=bug, safety=safety)[0]


@functools.cache
def undisturbed() -> bytes:
    """The canonical outcome of the same people's evaluation when nothing goes wrong.

    Raises:
      AssertionError: something is wrong all the same.
    """
    report, found = _run(0, None, bug="", safety=False)
    assert not report.findings, report.findings
    return found


def _run(seed: int, expected: bytes | None, *, bug: str, safety: bool) -> tuple[Report, bytes]:
    """A run; without an outcome to expect it is the calm one."""
    calm = expected is None
    number = 1 if calm else _coordinators(seed)
    with stand_ins.in_place(seed), planted.bug(bug), World(seed, number) as world:
        weather = Weather(world, calm=calm, endless=safety)
        judge = Judge(world, expected)
        Secrecy(world)
        _play(world, weather, safety=safety)
        judge.verdict(settled=not safety)
        rows = world.database.sessions.get(tender.SESSION)
        entries = [] if rows is None else rows.entries
        for raw in entries:
            world.trace.update(raw)
        world.note("end", world.loop.steps, world.findings)
        report = Report(
            seed, tuple(world.findings), len(entries), tuple(one.kind for one in weather.fell),
            world.loop.now_s, world.loop.steps, world.trace.hexdigest(), safety,
        )  # fmt: skip
    return report, judge.outcome


def _coordinators(seed: int) -> int:
    """One coordinator in half of all runs, else two or three."""
    return (1, 3, 1, 2)[seed % 4]


def _play(world: World, weather: Weather, *, safety: bool) -> None:
    observers = tuple(f"{role}-{venue}" for role in ("witness", "supervisor", "keeper") for venue in VENUES)
    watching = Random(f"observers {world.seed}").sample(("tenderee", *observers), 1)
    world.loop.call_soon(world.start_everything, tuple(sorted(watching)), Listener())
    world.patient = safety
    try:
        if safety:
            world.loop.run(lambda: world.begun and not world.cast.left, SAFETY_S)
            return
        ended = world.loop.run(lambda: world.begun and not world.cast.left, PATIENCE_S)
        if not ended:
            world.found(f"still awaited after {PATIENCE_S} s: {_awaited(world)}")
        world.loop.run(lambda: weather.over and _settled(world), world.loop.now_s + AFTER_S)
        if not _settled(world):
            world.found("copies or journals are not one though nothing goes wrong any more")
    except OutOfSteps:
        world.found("it goes round for ever")


def _awaited(world: World) -> str:
    return ", ".join(
        f"{one.seat} ({one.person.view.phase if one.person and one.person.view else '-'}; "
        f"{one.troubles[-1:] or ''})"
        for one in world.cast.seats.values()
        if not one.ended
    )


def _settled(world: World) -> bool:
    """Whether every venue is up, holds all entries and has nothing pending."""
    rows = world.database.sessions.get(tender.SESSION)
    if rows is None or any(not world.lives[name].alive for name in VENUES):
        return False
    size = len(rows.entries)
    for node in world.nodes.values():
        if node.copies.size(tender.SESSION) < size or node.journal.pending():
            return False
    return True
