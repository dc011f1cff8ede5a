"""Stand-ins: what takes the place of the machine under the real assemblies, for the time of a run.

Owns the list of seams: which name in which room is something of the machine (a thread, a file, a socket, a
clock, an expensive hash), and what stands there in a simulated world. Everything above is the house's own
code, wired by the house's own assemblies. Must not hold rules. Each stand-in finds its world through the
running life.
"""

import asyncio
import contextlib
import hashlib
import random
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import socketio
import structlog
from aiohttp import ClientError

import main_venue.case_shelf
import ops.people.desk
import ops.people.person
import ops.senses
import server.assembly
import server.fanout.follower
import server.gateway.codes
import server.gateway.sockets
import sub_venue.assembly
import sub_venue.journal.disk
import sub_venue.keys
import sub_venue.seats.drafts
import sub_venue.seats.screens
import sub_venue.seats.sockets
import sub_venue.uplink.line
import sub_venue.uplink.uplink
from protocol import wire
from protocol.wire import News, Refused
from server.fanout.bus import LocalBus
from server.senses import Senses as CoordinatorSenses
from server.sessions.asked import MOVED
from server.sessions.reader import PeerAway
from server.sessions.signer import Signer
from sub_venue.journal.disk import Disk
from sub_venue.keys import NodeKey
from sub_venue.senses import Senses as VenueSenses
from tests.protocol.world import private_key
from tests.simulation import memo, tender
from tests.simulation.loop import LIFE, here
from tests.simulation.sockets import OUTLET, SimClient, SimFrame, SimServer
from tests.simulation.volume import SimOs, SimShutil


class _Names:
    """A module's place, with only the names that are used of it."""

    def __init__(self, **names: Any) -> None:
        self.__dict__.update(names)


class SimDisk(Disk):
    """The node's disk without its thread: what waits is written together a little later."""

    def __init__(self, group_bytes_max: int, sync: Callable[[Any], None] = SimOs.fdatasync) -> None:
        super().__init__(group_bytes_max, sync)
        self._life = here()
        self._due = False

    def _enqueue(self, **job: Any) -> Any:
        waiting = super()._enqueue(**job)
        if not self._due and not self._closed:
            self._due = True
            loop = self._life.loop
            self._life.call_at(loop.now_s + world().disk_delay_s(), self._turn)
        return waiting

    def _turn(self) -> None:
        """One round of the writer thread."""
        self._due = False
        while not self._jobs.empty():
            group, _ = self._gather()
            for some in sub_venue.journal.disk._apart(group):
                if some[0].work is not None:
                    self._do(some[0])
                else:
                    self._append(some)
            sub_venue.journal.disk._answer(group)
        if self._refused:
            self._life.call_at(self._life.loop.now_s + sub_venue.journal.disk.ROOM_S, self._look_for_room)

    def _look_for_room(self) -> None:
        self._refused = self._refused and not self._has_room()
        if self._refused:
            self._life.call_at(self._life.loop.now_s + sub_venue.journal.disk.ROOM_S, self._look_for_room)

    async def close(self) -> None:
        self._closed = True
        self._turn()


class _NoThread:
    """`threading.Thread` that never runs: the disk's rounds are timers here."""

    def __init__(self, **_options: Any) -> None:
        """Nothing is started."""

    def start(self) -> None:
        """Nothing is started."""


class SimDoor:
    """The node's listener for pages."""

    port = 1

    def __init__(self, *_rooms: Any) -> None:
        self._server: SimServer | None = None

    def allows(self, _origin: str) -> bool:
        return True

    async def open(self, server: SimServer) -> None:
        world().listen(here().machine, server)

    async def close(self) -> None:
        """Nothing is held."""


class SimListeners:
    """The coordinator's listeners."""

    node_port, plain_port = 1, 2

    def __init__(self, server: SimServer, *_rooms: Any, **_more: Any) -> None:
        self._server = server

    async def start(self, *_at: Any) -> None:
        world().listen(here().machine, self._server)

    async def close_door(self) -> None:
        """Nothing is held."""

    stop = close_door


class SimPeerDesk:
    """The coordinator's side that is asked by another."""

    def __init__(self, _name: str, _nodes: Any, take: Any, _meet: Any) -> None:
        world().peers[here().machine] = (here(), take)

    def routes(self) -> tuple[()]:
        return ()


class SimPeerLines:
    """The coordinator's side that asks another."""

    def __init__(self, _name: str, _tls: Any, bounds: Any) -> None:
        self._wait_s = bounds.peer_wait_ms / 1000

    async def meet(self, address: str, _name: str, _brought: Any, _form: Any) -> Any:
        """Nobody talks or sees here."""
        raise PeerAway(address)

    async def submit(self, address: str, forwarded: Any) -> Any:
        reply: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        world().ask_peer(here(), address, forwarded, reply)
        try:
            async with asyncio.timeout(self._wait_s):
                found = await reply
        except TimeoutError as error:
            raise PeerAway(address) from error
        if found is None or found is MOVED:
            raise PeerAway(address)
        return found

    async def close(self) -> None:
        """Nothing is held."""


class SimBus(LocalBus):
    """Hints between coordinators: late, and lost while Redis is away."""

    away = False

    def __init__(self) -> None:
        super().__init__()
        world().buses[here().machine] = (here(), self)

    def hint(self, session: str, size: int) -> None:
        super().hint(session, size)
        world().hint(here().machine, session, size)

    def echo(self, session: str, size: int) -> None:
        super().hint(session, size)


class SimHttp:
    """`aiohttp.ClientSession` under a line: nothing."""

    def __init__(self, **_options: Any) -> None:
        """Nothing is held."""

    async def close(self) -> None:
        """Nothing is held."""


class SimCoordinatorSenses(CoordinatorSenses):
    """The clock of one machine, wrong by its skew; chance from the world's seed."""

    def now_ms(self) -> int:
        return _now_ms()

    def running_ms(self) -> int:
        return int(here().loop.now_s * 1000)

    def running_s(self) -> float:
        return here().loop.now_s

    def secret(self, size: int) -> bytes:
        return _secret(size)


class SimVenueSenses(VenueSenses):
    """The clock of one machine, wrong by its skew; chance from the world's seed, salts with their mark."""

    def now_ms(self) -> int:
        return _now_ms()

    def running_ms(self) -> int:
        return int(here().loop.now_s * 1000)

    def salt(self, *purpose: str) -> bytes:
        told = hashlib.sha256("\0".join(purpose).encode()).digest()
        return tender.marked(tender.SALT_MARK, told)

    def secret(self, size: int) -> bytes:
        return _secret(size)


def _secret(size: int) -> bytes:
    drawn: bytes = world().secrets.randbytes(size)
    return drawn


def _hashed(salt: bytes, code: str) -> bytes:
    """One-time codes without the ten milliseconds that each costs a guesser."""
    return hashlib.sha256(salt + server.gateway.codes.plain(code).encode()).digest()


def _node_key(path: Any) -> NodeKey:
    return NodeKey(private_key(f"node {path}"))


def _now_ms() -> int:
    told: int = world().now_ms(here().machine)
    return told


def _running_ms() -> int:
    return int(here().loop.now_s * 1000)


def _no_tls(*_told: Any) -> None:
    """Who calls is told by the switchboard."""


def _read(raw: Any, reply: Any) -> Any:
    """An answer as its struct, without the way over text and back."""
    if isinstance(raw, News):
        return raw
    if isinstance(raw, dict) and set(raw) == {"refused"} and raw["refused"] is not None:
        raise ops.people.desk.TurnedDown(msgspec.convert(raw["refused"], Refused))
    return msgspec.convert(raw, reply)


def _feed_frame(feed: Any) -> SimFrame:
    return SimFrame(wire.ENTRIES, feed)


def _news_frame(_screens: Any, view: Any, replica: Any, since: int, *, online: bool) -> SimFrame:
    lines = replica.lines(view.role, since, _screens._lines_max)
    return SimFrame(wire.NEWS, News(view, since, lines, online))


class _Silent:
    """Every meter there is: nobody reads them here."""

    def __getattr__(self, _name: str) -> Any:
        return self

    def __call__(self, *_told: Any) -> Any:
        return self


_METERS = _Silent()

STAND_INS: tuple[tuple[Any, str, Any], ...] = (
    (main_venue.case_shelf, "os", SimOs),
    (ops.people.desk, "socketio", _Names(AsyncClient=SimClient)),
    (ops.people.desk, "read", _read),
    (ops.people.person, "read", _read),
    (ops.senses, "now_ms", _now_ms),
    (ops.senses, "running_ms", _running_ms),
    (server.assembly, "load", lambda _path: Signer(private_key("installation"))),
    (server.assembly, "node_tls", _no_tls),
    (server.assembly, "Listeners", SimListeners),
    (server.assembly, "Meters", lambda: _METERS),
    (server.assembly.Coordinator, "_open_store", lambda _house: world().store()),
    (server.assembly.Coordinator, "_make_bus", lambda _house, _holder: SimBus()),
    (server.assembly, "PeerDesk", SimPeerDesk),
    (server.assembly, "PeerLines", SimPeerLines),
    (server.assembly, "peer_tls", _no_tls),
    (server.assembly, "socket_server", lambda *_told: SimServer()),
    (server.fanout.follower, "frame_of", _feed_frame),
    (server.gateway.codes, "hashed", _hashed),
    (server.gateway.sockets, "outlet_of", lambda environ: environ[OUTLET]),
    (sub_venue.assembly, "_lock", lambda _path: 0),
    (sub_venue.assembly, "os", SimOs),
    (sub_venue.assembly, "Disk", SimDisk),
    (sub_venue.assembly, "Door", SimDoor),
    (sub_venue.assembly, "load_node_key", _node_key),
    (sub_venue.journal.disk, "os", SimOs),
    (sub_venue.journal.disk, "threading", _Names(Thread=_NoThread)),
    (sub_venue.keys, "os", SimOs),
    (sub_venue.seats.drafts, "shutil", SimShutil),
    (sub_venue.seats.screens.Screens, "_frame", _news_frame),
    (sub_venue.seats.sockets, "outlet_of", lambda environ: environ[OUTLET]),
    (sub_venue.seats.sockets, "socket_server", lambda *_told: SimServer()),
    (sub_venue.uplink.line, "socketio", _Names(AsyncClient=SimClient)),
    (
        sub_venue.uplink.line,
        "aiohttp",
        _Names(ClientSession=SimHttp, TCPConnector=SimHttp, ClientError=ClientError),
    ),
    (sub_venue.uplink.uplink, "mutual_tls", _no_tls),
)
"""(room, name, what stands there in a simulated world)."""


@contextlib.contextmanager
def in_place(seed: int) -> Iterator[None]:
    """Everything stands in its place until the end of the block, the global dice too."""
    stand_ins = (*STAND_INS, *memo.stand_ins())
    before = [(room, name, getattr(room, name)) for room, name, _ in stand_ins]
    dice = random.getstate()
    logging = structlog.get_config()
    assert socketio.AsyncClient is not SimClient
    try:
        random.seed(seed)
        structlog.configure(
            processors=[_listen], wrapper_class=structlog.make_filtering_bound_logger(40),
            logger_factory=structlog.ReturnLoggerFactory(), cache_logger_on_first_use=False,
        )  # fmt: skip
        for room, name, stand_in in stand_ins:
            setattr(room, name, stand_in)
        yield
    finally:
        for room, name, real in before:
            setattr(room, name, real)
        memo.MEMORY.forget()
        random.setstate(dice)
        structlog.configure(**logging)


def _listen(_logger: Any, method: str, event: Any) -> Any:
    """Hear what the shells log as their own failure, then say nothing."""
    if _current is not None:
        _current.logged(method, dict(event))
    raise structlog.DropEvent


_current: Any = None


def world() -> Any:
    """The world that runs now."""
    assert _current is not None, "no world runs"
    return _current


def enter(found: Any) -> None:
    """Make a world the one that every stand-in finds, or none."""
    global _current  # noqa: PLW0603 - one world runs at a time in a process
    _current = found


def here_or_none() -> Any:
    """The life that is running now, if any."""
    return LIFE.get()
