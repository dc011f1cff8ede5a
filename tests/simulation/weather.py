"""The weather: what goes wrong in a run, when, and for how long; all of it planned from the seed.

Owns the kinds of fault and their plan. A fault is tied to the session's progress (so many entries
durable), so that every planned fault falls while the session goes on; each lasts a bounded time, and after
the last there is none: then the session has to end (liveness), while receipts and secrecy are judged all
the time (safety). Must not know what is right.
"""

from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING

from msgspec import Struct

from tests.simulation import tender
from tests.simulation.loop import Killed

if TYPE_CHECKING:
    from tests.simulation.world import World

FAULTS_MIN, FAULTS_MAX = 3, 9
GUST_S = 4.0
"""How far apart the faults of endless weather are, on average."""
LAST_ENTRY = 140
"""Faults are planned up to this entry; every run has more."""


class Fault(Struct, frozen=True):
    """One thing that goes wrong: once `at` entries are durable, for `lasts_s` where it lasts."""

    at: int
    kind: str
    where: str
    lasts_s: float
    detail: int


class Weather:
    """The faults of one run, falling as the session goes on."""

    def __init__(self, world: "World", *, calm: bool = False, endless: bool = False) -> None:
        """Plan the weather of a world's seed: none at all when it is calm, no end of it when endless."""
        self._world = world
        self._dice = Random(f"weather {world.seed}")
        self.plan = [] if calm or endless else self._planned()
        if endless:
            self._gust()
        self.fell: list[Fault] = []
        self.ends_s = 0.0
        self._next = 0
        self._at_commit: list[Fault] = []
        self._at_sync: dict[str, list[Fault]] = {}
        world.database.before_commit = lambda machine: self._committing(machine, 0)
        world.database.after_commit = self._committed
        for name, disk in world.volumes.items():
            disk.before_sync = lambda name=name: self._syncing(name, 0)  # type: ignore[misc]
            disk.after_sync = lambda name=name: self._syncing(name, 1)  # type: ignore[misc]

    @property
    def over(self) -> bool:
        """Whether every planned fault has fallen and passed."""
        waiting = self._at_commit or any(self._at_sync.values())
        return self._next == len(self.plan) and not waiting and self._world.loop.now_s >= self.ends_s

    def _planned(self) -> list[Fault]:
        found = [self._draw() for _ in range(self._dice.randint(FAULTS_MIN, FAULTS_MAX))]
        return sorted(found, key=lambda fault: fault.at)

    def _draw(self) -> Fault:
        dice = self._dice
        kinds = [kind for kind in sorted(KINDS) if KINDS[kind].places(self._world)]
        (kind,) = dice.choices(kinds, [KINDS[kind].weight for kind in kinds])
        row = KINDS[kind]
        where = dice.choice(row.places(self._world))
        lasts_s = row.lasts_s * dice.random() ** 2
        return Fault(dice.randrange(LAST_ENTRY), kind, where, lasts_s, dice.randrange(1 << 16))

    def _gust(self) -> None:
        """One fault after the other, whatever the last has left, for as long as the world goes on."""
        if self._world.begun:
            self._fall(self._draw())
        self._world.later(self._dice.expovariate(1 / GUST_S), self._gust)

    def _committed(self, machine: str) -> None:
        rows = self._world.database.sessions.get(tender.SESSION)
        size = 0 if rows is None else len(rows.entries)
        while self._next < len(self.plan) and self.plan[self._next].at <= size:
            self._fall(self.plan[self._next])
            self._next += 1
        self._committing(machine, 1)

    def _fall(self, fault: Fault) -> None:
        if fault.kind == "die at a commit":
            self._at_commit.append(fault)
        elif fault.kind == "die at a sync":
            self._at_sync.setdefault(fault.where, []).append(fault)
        else:
            self._world.later(0, self._strike, fault)
        self.ends_s = max(self.ends_s, self._world.loop.now_s + fault.lasts_s)

    def _strike(self, fault: Fault) -> None:
        self.fell.append(fault)
        self._world.note("fault", fault.kind, fault.where, fault.lasts_s)
        KINDS[fault.kind].strike(self._world, fault)
        self.ends_s = max(self.ends_s, self._world.loop.now_s + fault.lasts_s)

    def _committing(self, machine: str, moment: int) -> None:
        """Before (0) or after (1) a commit, with the caller not told yet."""
        for fault in self._at_commit:
            if fault.detail % 2 == moment:
                self._at_commit.remove(fault)
                self._die(machine, fault)

    def _syncing(self, machine: str, moment: int) -> None:
        waiting = self._at_sync.get(machine, [])
        for fault in waiting:
            if fault.detail % 2 == moment:
                waiting.remove(fault)
                self._die(machine, fault)

    def _die(self, machine: str, fault: Fault) -> None:
        self.fell.append(fault)
        self._world.note("fault", fault.kind, machine, fault.detail)
        self._world.kill(machine, power=bool(fault.detail & 4) or fault.kind == "die at a sync")
        raise Killed


class _Kind(Struct, frozen=True):
    """A kind of fault: how often, where, at most how long, and how it strikes."""

    weight: int
    places: Callable[["World"], tuple[str, ...]]
    lasts_s: float
    strike: Callable[["World", Fault], None]


def _venues(world: "World") -> tuple[str, ...]:
    return tuple(sorted(set(world.volumes) - set(world.coordinators)))


def _coordinators(world: "World") -> tuple[str, ...]:
    return world.coordinators


def _alone(world: "World") -> tuple[str, ...]:
    """The coordinator that has a database of its own, if it does."""
    return world.coordinators if len(world.coordinators) == 1 else ()


def _database(_world: "World") -> tuple[str, ...]:
    return ("database",)


def _seats(_world: "World") -> tuple[str, ...]:
    return ("agent", *(one.seat for one in tender.case().members if not one.reserve))


def _kill(world: "World", fault: Fault) -> None:
    world.kill(fault.where, power=bool(fault.detail & 1))


def _reset(world: "World", fault: Fault) -> None:
    for cable in world.net.living(fault.where):
        cable.reset()


def _cut(world: "World", fault: Fault) -> None:
    """Silence: both ways, or one of them."""
    sides = ((0, 1), (0,), (1,))[fault.detail % 3]
    world.net.cut(fault.where, *sides)
    world.later(fault.lasts_s, world.net.mend, fault.where)


def _slow(world: "World", fault: Fault) -> None:
    world.net.slow[fault.where] = 20.0 + fault.detail % 400
    world.later(fault.lasts_s, world.net.mend, fault.where)


def _away(world: "World", fault: Fault) -> None:
    def back() -> None:
        world.database.away = False

    world.database.away = True
    world.later(fault.lasts_s, back)


def _lose_answers(world: "World", fault: Fault) -> None:
    world.database.lose_answers += 1 + fault.detail % 3


def _late_commits(world: "World", fault: Fault) -> None:
    world.database.late_commits += 1 + fault.detail % 2


def _full(world: "World", fault: Fault) -> None:
    disk = world.volumes[fault.where]

    def emptied() -> None:
        disk.full = False

    disk.full = True
    world.later(fault.lasts_s, emptied)


def _fail_syncs(world: "World", fault: Fault) -> None:
    """EIO of the next fdatasync or two; now and then the machine's power goes soon after."""
    world.volumes[fault.where].failing_syncs += 1 + fault.detail % 2
    if fault.detail & 4:
        world.later(8.0, lambda: world.kill(fault.where, power=True))


def _fail_commit(world: "World", fault: Fault) -> None:
    """EIO of the sync of a coordinator's own database: it ends, and its next start makes sure."""
    world.database.failing_syncs.add(fault.where)


def _stop_in_order(world: "World", fault: Fault) -> None:
    world.stop(fault.where)


def _refresh(world: "World", fault: Fault) -> None:
    world.cast.crash(world.cast.seats[fault.where])


def _spare(world: "World", fault: Fault) -> None:
    world.cast.crash(world.cast.seats[fault.where], spare=True)


def _armed(_world: "World", _fault: Fault) -> None:
    raise AssertionError("falls at a durable write, not at a time")


def _unreached(world: "World", fault: Fault) -> None:
    """One coordinator does not reach the database; the others do."""
    world.database.away_for.add(fault.where)
    world.later(fault.lasts_s, world.database.away_for.discard, fault.where)


def _stand_still(world: "World", fault: Fault) -> None:
    """SIGSTOP, a long pause of a virtual machine: it goes on later as if no time had passed."""
    life = world.lives[fault.where]
    held = [one for one in world.net.living() if life in (one.ends[0].life, one.ends[1].life)]

    def go_on() -> None:
        life.go_on()
        for cable in held:
            cable.heal()

    life.stop_still()
    for cable in held:
        cable.stall(0, 1)
    world.later(fault.lasts_s, go_on)


def _hints_lost(world: "World", fault: Fault) -> None:
    def back() -> None:
        world.hints_lost = False

    world.hints_lost = True
    world.later(fault.lasts_s, back)


def _cut_page(world: "World", fault: Fault) -> None:
    seat = world.cast.seats[fault.where]
    if seat.life is not None:
        place = seat.life.machine
        world.net.cut(place)
        world.later(fault.lasts_s, world.net.mend, place)


KINDS: dict[str, _Kind] = {
    "die at a commit": _Kind(4, _coordinators, 0, _armed),
    "die at a sync": _Kind(4, _venues, 0, _armed),
    "killed": _Kind(2, lambda world: (*_venues(world), *world.coordinators), 0, _kill),
    "line reset": _Kind(3, _venues, 0, _reset),
    "line cut": _Kind(4, _venues, 180, _cut),
    "line slow": _Kind(2, _venues, 60, _slow),
    "database away": _Kind(2, _database, 30, _away),
    "database unreached": _Kind(2, _coordinators, 30, _unreached),
    "stands still": _Kind(2, lambda world: (*_venues(world), *world.coordinators), 40, _stand_still),
    "hints lost": _Kind(1, _database, 60, _hints_lost),
    "answers lost": _Kind(2, _database, 0, _lose_answers),
    "commits late": _Kind(2, _database, 0, _late_commits),
    "disk full": _Kind(2, _venues, 20, _full),
    "fdatasync fails": _Kind(2, _venues, 0, _fail_syncs),
    "commit sync fails": _Kind(2, _alone, 0, _fail_commit),
    "stopped in order": _Kind(2, lambda world: (*_venues(world), *world.coordinators), 0, _stop_in_order),
    "page refreshed": _Kind(2, _seats, 0, _refresh),
    "spare machine": _Kind(2, _seats, 0, _spare),
    "page cut": _Kind(1, _seats, 60, _cut_page),
}
"""Every kind of fault."""
