"""One world: machines, network, disks, database and people, all of one seed.

Owns what exists and how it is started again. The coordinator and the venues are wired by their own
assemblies over the stand-ins. Must not know the rules, nor decide what goes wrong (`weather`) or what is
wrong (`judge`).
"""

import asyncio
import contextvars
import hashlib
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any, Self

import main_venue.assembly
import server.config
import sub_venue.config
from ops.people.listener import Listener
from server.assembly import Coordinator
from server.store.contract import NotDurable, Store
from sub_venue.assembly import Node, Preparing
from tests.protocol.world import START_MS, key
from tests.simulation import people, sockets, stand_ins, volume
from tests.simulation.database import Database, SimStore, as_store
from tests.simulation.loop import Life, SimLoop
from tests.simulation.net import Cable, Net
from tests.simulation.people import Cast
from tests.simulation.sockets import SimServer
from tests.simulation.volume import SimPath, Volume

VENUES = ("hefei", "shanghai", "nanjing", "hangzhou")
SKEW_MS_MAX = 300_000
PACES = {
    "agent": 20.0,
    "expert": 150.0,
    "tenderee": 500.0,
    "witness": 500.0,
    "supervisor": 500.0,
    "keeper": 500.0,
}
"""How many times slower than a node's line each role's page is."""
STOP_S = 30.0
"""How long a process that was told to stop is waited for, as systemd and the nursery do."""
RESTART_S = (0.5, 6.0)
"""How long a machine is down before its nursery starts it again."""


class World:
    """Everything there is in one run."""

    def __init__(self, seed: int, coordinators: int = 1) -> None:
        self.seed = seed
        self.dice = Random(f"world {seed}")
        self.secrets = Random(f"secrets {seed}")
        self.loop = SimLoop()
        self.net = Net(self.loop, Random(f"net {seed}"))
        self.database = Database(self.loop, Random(f"database {seed}"))
        self.coordinators = tuple(f"coordinator-{number}" for number in range(1, coordinators + 1))
        self.volumes = {name: Volume(name) for name in (*VENUES, *self.coordinators)}
        for disk in self.volumes.values():
            disk.install("data")
        self.lives: dict[str, Life] = {}
        self.nodes: dict[str, Node] = {}
        self.houses: dict[str, Coordinator] = {}
        self.findings: list[str] = []
        self.restarts = 0
        self._stopping: set[Life] = set()
        self.trace = hashlib.sha256()
        self.taps: list[Any] = []
        self.begun = False
        self.patient = False
        """Nobody who tries for ever is a finding: faults never end."""
        self._servers: dict[str, SimServer] = {}
        self._skews: dict[str, int] = {}
        self._paces: dict[str, float] = {}
        self._nowhere = contextvars.Context()
        self._disk = Random(f"disk {seed}")
        self._settings = {name: _venue_settings(name) for name in VENUES}
        self.peers: dict[str, tuple[Life, Any]] = {}
        self.buses: dict[str, tuple[Life, Any]] = {}
        self.hints_lost = False
        """Redis is away."""
        self.cast: Cast

    # --- what stand-ins ask -----------------------------------------------------------------

    def now_ms(self, machine: str) -> int:
        """The wall clock of a machine, wrong by its skew."""
        return START_MS + int(self.loop.now_s * 1000) + self._skews.get(machine.partition("#")[0], 0)

    def disk_delay_s(self) -> float:
        return 0.0005 + 0.004 * self._disk.random()

    def store(self) -> Store:
        return as_store(SimStore(self.database))

    def listen(self, machine: str, server: SimServer) -> None:
        self._servers[machine] = server

    def logged(self, method: str, event: dict[str, Any]) -> None:
        """A shell has logged a failure of its own."""
        life = stand_ins.here_or_none()
        if life is None or life.alive:
            self.note("log", method, str(event.get("event")), str(event.get("error", "")))
            for tap in self.taps:
                tap.logged(method, event)

    def hint(self, machine: str, session: str, size: int) -> None:
        """Bring a hint to the other coordinators, or not."""
        for name, (life, bus) in self.buses.items():
            if name != machine and not self.hints_lost and self.dice.random() < 0.9:
                life.call_at(self.loop.now_s + 0.05 * self.dice.random(), bus.echo, session, size)

    def ask_peer(self, caller: Life, name: str, forwarded: Any, reply: "asyncio.Future[Any]") -> None:
        """Bring a command to another coordinator and its answer back, if both reach each other."""
        life, take = self.peers.get(name, (None, _nobody))

        def answered(found: Any) -> None:
            if not reply.done():
                reply.set_result(found)

        async def asked() -> None:
            found = await take(forwarded.submit, forwarded.node)
            caller.call_at(self.loop.now_s + 0.01 * self.dice.random(), answered, found)

        if {caller.machine, name} & self.net.cut_off:
            return
        if life is None or not life.alive:
            caller.call_at(self.loop.now_s + 0.01, answered, None)
            return
        life.call_at(self.loop.now_s + 0.01 * self.dice.random(), lambda: life.start(asked(), "peer"))

    # --- the switchboard --------------------------------------------------------------------

    def call(self, address: str, headers: dict[str, str], caller: Life) -> tuple[SimServer, str] | None:
        place = caller.machine
        if headers:
            wanted = [headers["Host"].partition(".")[0]]
        else:
            wanted = [one for one in self.coordinators if self._is_up(one)]
        up = [one for one in wanted if self._is_up(one)]
        return (self._servers[self.dice.choice(up)], place) if up else None

    def certificate(self, caller: Life) -> dict[str, Any]:
        return {"subjectAltName": (("DNS", f"{caller.machine}.localhost"),)}

    def cable(self, place: str, caller: Life, answerer: Life) -> Cable:
        made = self.net.cable(place, caller, answerer)
        made.slowness = self._paces.get(place.partition("#")[0], 1.0)
        return made

    def told(self, cable: Cable, event: str, data: Any, asked: Any) -> None:
        for tap in self.taps:
            tap.told(cable, event, data, asked)

    # --- machines ---------------------------------------------------------------------------

    def life(self, machine: str) -> Life:
        """A new life of a machine."""
        made = Life(machine, self.loop)
        self.lives[machine] = made
        return made

    def start_everything(self, observers: tuple[str, ...], listener: Listener) -> None:
        """Start coordinators and venues, and sit the people down."""
        for name in (*self.coordinators, *VENUES):
            self._skews[name] = self._skew()
            self.start(name)
        self.cast = Cast(self, people.seats(observers), listener)
        for seat in self.cast.seats.values():
            self._skews[seat.seat] = self._skew()
            # A page that reads slowly is told of many entries at once.
            self._paces[seat.seat] = PACES[seat.role]
        self.begun = True
        self.cast.begin()

    def start(self, machine: str) -> None:
        """Start a machine's process on what its disk holds."""
        life = self.life(machine)
        self.note("start", machine)
        life.spawn(self._run(machine), f"start {machine}")

    def kill(self, machine: str, *, power: bool) -> None:
        """Kill a process, or cut the machine's power; it is started again in a while."""
        life = self.lives[machine]
        if not life.alive:
            return
        self.note("kill", machine, power)
        life.end()
        if power:
            self.volumes[machine].cut_power(self.dice)
            if self.dice.random() < 0.3:
                self._skews[machine] = self._skew()
        self.restarts += 1
        low, high = RESTART_S
        self.later(low + (high - low) * self.dice.random(), self.start, machine)

    def stop(self, machine: str) -> None:
        """Stop a process in order, as SIGTERM does, and kill it where that takes too long; started again."""
        life = self.lives[machine]
        house = self.nodes.get(machine) or self.houses.get(machine)
        if not life.alive or life.stopped is not None or house is None or life in self._stopping:
            return
        self._stopping.add(life)
        self.note("stop", machine)

        async def stop() -> None:
            await house.stop()
            self.later(0, self._stopped, machine, life)

        life.spawn(stop(), f"stop {machine}")
        self.later(STOP_S, self._stopped, machine, life)

    def _stopped(self, machine: str, life: Life) -> None:
        if life.alive and self.lives[machine] is life:
            self.kill(machine, power=False)

    def later(self, delay_s: float, work: Callable[..., Any], *told: Any) -> None:
        """Do something that belongs to no machine, and so happens even if the caller's is dying."""
        self.loop.call_later(delay_s, work, *told, context=self._nowhere)

    def found(self, what: str) -> None:
        """Something is wrong."""
        self.findings.append(f"{self.loop.now_s:.3f} s: {what}")

    def note(self, *what: object) -> None:
        """Add to the trace by which two runs of a seed are compared."""
        self.trace.update(f"{self.loop.now_s!r} {what!r}\n".encode())

    async def _run(self, machine: str) -> None:
        """Start as a process does: one that cannot is started again by its nursery."""
        try:
            await (self._run_venue(machine) if machine in VENUES else self._run_coordinator(machine))
        except (NotDurable, OSError) as error:
            self.note("not started", machine, str(error))
            self.kill(machine, power=False)

    async def _run_venue(self, name: str) -> None:
        preparing = main_venue.assembly.Hosting if name == "hefei" else Preparing
        node = Node(self._settings[name], preparing=preparing, senses=stand_ins.SimVenueSenses())
        self.nodes[name] = node
        await node.start()
        await node.failed()

    async def _run_coordinator(self, name: str) -> None:
        settings = _coordinator_settings(name, shared=len(self.coordinators) > 1)
        house = Coordinator(settings, stand_ins.SimCoordinatorSenses("simulation"))
        self.houses[name] = house
        await house.start()
        await house.failed()

    def _is_up(self, machine: str) -> bool:
        server = self._servers.get(machine)
        return server is not None and server.life.alive

    def _skew(self) -> int:
        return self.dice.randint(-SKEW_MS_MAX, SKEW_MS_MAX)

    # --- the frame of a run -----------------------------------------------------------------

    def __enter__(self) -> Self:
        stand_ins.enter(self)
        sockets.board = lambda: self
        volume.volume = self.volumes.__getitem__
        return self

    def __exit__(self, *_: object) -> None:
        self.loop.close()
        stand_ins.enter(None)


async def _nobody(*_told: Any) -> None:
    """Who answers where no coordinator is."""


def _venue_settings(name: str) -> sub_venue.config.Settings:
    return sub_venue.config.Settings.model_construct(
        node=name, zh=name, en=name, province=name, role="main" if name == "hefei" else "sub",
        data_dir=SimPath(f"/{name}/data"), http_port=0, http_name=f"{name}.localhost",
        coordinator_url="https://127.0.0.1:7700", coordinator_name="coordinator.localhost",
        ca=Path("/ca"), cert=Path("/cert"), key=Path("/key"), node_key=name,
        installation_key=key("installation"), bounds=_VENUE_BOUNDS,
    )  # fmt: skip


def _coordinator_settings(name: str, *, shared: bool) -> server.config.Settings:
    return server.config.Settings.model_construct(
        name=name, data_dir=SimPath(f"/{name}/data"), database="shared" if shared else None,
        peer_address=name,
        ca=Path("/ca"), cert=Path("/cert"), key=Path("/key"),
        installation_key=Path("/key"), nodes=_NODES, agent_keys=(key("agent"),), seed="simulation",
        bounds=_COORDINATOR_BOUNDS,
    )  # fmt: skip


_NODES = tuple(
    server.config.NodeSettings(
        node=name, key=key(f"node {name}"), zh=name, en=name, province=name,
        role="main" if name == "hefei" else "sub",
    )
    for name in VENUES
)  # fmt: skip
_VENUE_BOUNDS = sub_venue.config.Bounds(laggard_look_ms=500)
_COORDINATOR_BOUNDS = server.config.Bounds(sizes_poll_ms=2_000, lease_ms=6_000, lease_renew_ms=2_000)
