"""Socket.IO over simulated cables: what the shells see of their library, and nothing of what is inside it.

Owns a client and a server with as much of python-socketio's surface as the house uses, so that the real
line, desks, rooms and sockets run unchanged. Every message is handled in a task of its own, in the order
of arrival, as the library does. Must not know sessions or what an event means. Source: python-socketio
5.18, engineio 4.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple, Protocol

from socketio.exceptions import ConnectionError as NotConnected
from socketio.exceptions import TimeoutError as Unacknowledged

from protocol import wire
from server.fanout.rooms import Standing
from tests.simulation.loop import Life, here
from tests.simulation.net import Cable, Message

Handler = Callable[..., Any]
OUTLET = "simulated.outlet"
FOLLOWS = frozenset({wire.FEED, wire.FOLLOW})
"""Requests whose answers no push may overtake (SPEC 10.1)."""
HELD_BYTES, UNSENT_BYTES_MAX = 65_536, 524_288
"""What one message that a stalled peer has not read is taken for, and when a socket takes no more."""


class Switchboard(Protocol):
    """What sockets ask of the world: who answers at an address, and who listens in."""

    def call(self, address: str, headers: dict[str, str], caller: Life) -> "tuple[SimServer, str] | None":
        """The server behind an address and the access it is reached by; None where nobody listens."""

    def certificate(self, caller: Life) -> dict[str, Any]:
        """What TLS shows of a caller."""

    def cable(self, place: str, caller: Life, answerer: Life) -> Cable:
        """A new connection."""

    def told(self, cable: Cable, event: str, data: Any, asked: Any) -> None:
        """A server has sent something to the client at the cable's other end, asked for or not (None)."""


board: Callable[[], Switchboard]
"""The world that runs now; set by `world`."""


def _no_world() -> Switchboard:
    raise AssertionError("no world runs")


board = _no_world


class _Half:
    """What both sides of a socket do: number what they ask, answer what they are asked."""

    def __init__(self, cable: Cable, side: int, handle: Callable[[str, Any], Awaitable[Any]]) -> None:
        self.cable = cable
        self.side = side
        self.handle = handle
        self.waiting: dict[int, asyncio.Future[Any]] = {}
        self.asked = 0
        cable.ends[side].take = self._take

    def emit(self, event: str, data: Any) -> None:
        self.cable.send(self.side, ("event", 0, event, data))

    async def call(self, event: str, data: Any, timeout_s: float) -> Any:
        self.asked += 1
        number = self.asked
        waiting: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.waiting[number] = waiting
        self.cable.send(self.side, ("event", number, event, data))
        try:
            async with asyncio.timeout(timeout_s):
                return await waiting
        except TimeoutError:
            raise Unacknowledged from None
        finally:
            self.waiting.pop(number, None)

    def _take(self, message: Message) -> None:
        kind, number, event, data = message
        if kind == "ack":
            waiting = self.waiting.get(number)
            if waiting is not None and not waiting.done():
                waiting.set_result(data)
            return
        here().spawn(self._answer(number, event, data), event)

    async def _answer(self, number: int, event: str, data: Any) -> None:
        reply = await self.handle(event, data)
        if number:
            self.cable.send(self.side, ("ack", number, event, reply))


class SimClient:
    """`socketio.AsyncClient` as the node's line and the people's desks use it."""

    def __init__(self, **options: Any) -> None:
        http = options.get("http_session")
        self.eio = _Namespace(http=http)
        self._on: dict[str, Handler] = {}
        self._half: _Half | None = None

    def on(self, event: str, handler: Handler, namespace: str = "/") -> None:
        self._on[event] = handler

    async def connect(self, address: str, **options: Any) -> None:
        life = here()
        loop = asyncio.get_running_loop()
        patience_s: float = options["wait_timeout"]
        found = board().call(address, options.get("headers") or {}, life)
        if found is None:
            await asyncio.sleep(0.01)
            raise NotConnected("connection refused")
        server, place = found
        cable = board().cable(place, life, server.life)
        half = _Half(cable, 0, self._heard)
        accepted: asyncio.Future[bool] = loop.create_future()

        def told(ok: bool) -> None:
            if not accepted.done():
                accepted.set_result(ok)

        def lost() -> None:
            told(False)
            # The library leaves its callers waiting until their own timeout.
            if self._half is half:
                life.spawn(self._lost(), "disconnect")

        cable.ends[0].lost = lost
        half.waiting[0] = loop.create_future()
        half.waiting[0].add_done_callback(lambda done: told(bool(done.result())))
        server.answer(cable)
        cable.send(0, ("event", 0, "connect", board().certificate(life)))
        try:
            async with asyncio.timeout(patience_s):
                ok = await accepted
        except TimeoutError:
            cable.close(0)
            raise NotConnected("no answer") from None
        if not ok:
            cable.close(0)
            raise NotConnected("turned away")
        self._half = half

    async def call(self, event: str, data: Any, namespace: str = "/", timeout: float = 60) -> Any:
        if self._half is None:
            raise NotConnected(event)
        return await self._half.call(event, data, timeout)

    async def disconnect(self) -> None:
        half, self._half = self._half, None
        if half is not None:
            half.cable.close(0)

    async def _lost(self) -> None:
        handler = self._on.get("disconnect")
        if handler is not None:
            await handler("transport error")

    async def _heard(self, event: str, data: Any) -> Any:
        return await self._on["*"](event, data)


class _Namespace:
    """Attributes by name."""

    def __init__(self, **attributes: Any) -> None:
        self.__dict__.update(attributes)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)


class _Unread:
    """`engineio`'s queue of a socket: what the peer has not taken yet."""

    def __init__(self, cable: Cable) -> None:
        self._end = cable.ends[1]

    def qsize(self) -> int:
        return self._end.sent - self._end.arrived

    async def join(self) -> None:
        while self._end.open and self.qsize():
            waiting = asyncio.get_running_loop().create_future()
            self._end.readers.append(waiting)
            await waiting

    async def put(self, _end_mark: None) -> None:
        """Engine.IO's way to end a socket's writing."""


class SimTransport:
    """What a socket's owner sees of its TCP connection."""

    def __init__(self, cable: Cable, certificate: dict[str, Any]) -> None:
        self._cable = cable
        self._certificate = certificate

    def get_extra_info(self, name: str) -> Any:
        return self._certificate if name == "peercert" else None

    def abort(self) -> None:
        _abort(self._cable)

    def is_closing(self) -> bool:
        return not self._cable.ends[1].open


class SimFrame(NamedTuple):
    """An event that is pushed to many, in place of its bytes: every reader gets the one frozen struct."""

    event: str
    data: Any


class SimOutlet:
    """A socket's own end for frames that are made already (`server.gateway.engine`)."""

    def __init__(self, cable: Cable) -> None:
        self.freed: Callable[[], None] = lambda: None
        self.heard_ms = 0
        """When the page was last heard of; only a keeper is told, and none sits in a simulation."""
        self._cable = cable
        self._owed = 0

    def write(self, frame: SimFrame) -> bool:
        """Send an event that was made for many; not while a follower is owed its answer."""
        standing = self.standing()
        if standing.ended or standing.answering or standing.unsent_bytes > UNSENT_BYTES_MAX:
            return False
        board().told(self._cable, frame.event, frame.data, None)
        self._cable.send(1, ("event", 0, frame.event, frame.data))
        return True

    def standing(self) -> Standing:
        """How the socket stands; what a stalled peer or a page on a thin line has not read is unsent."""
        end = self._cable.ends[1]
        unread = len(end.held) if self._cable.slowness <= 1 else end.sent - end.arrived
        return Standing(not end.open, self._owed > 0, unread * HELD_BYTES)

    def cut(self) -> None:
        """Break the connection at once."""
        _abort(self._cable)

    def asked(self, event: str) -> None:
        """A request has come."""
        self._owed += event in FOLLOWS

    def answered(self) -> None:
        """The answer to one of `FOLLOWS` has gone out."""
        self._owed -= 1
        if not self._owed:
            self.freed()


def _abort(cable: Cable) -> None:
    lost = cable.ends[1].lost
    cable.close(1)
    lost()


class SimServer:
    """`socketio.AsyncServer` as gateways use it, on the machine that makes it."""

    def __init__(self, **_options: Any) -> None:
        self.life = here()
        self.eio = _Namespace(_async={}, sockets={})
        self.manager = _Namespace(eio_sid_from_sid=lambda sid, _namespace: sid)
        self.environ: dict[str, dict[str, Any]] = {}
        self._on: dict[str, Handler] = {}
        self._halves: dict[str, _Half] = {}
        self._outlets: dict[str, SimOutlet] = {}

    def on(self, event: str, handler: Handler, namespace: str = "/") -> None:
        self._on[event] = handler

    def attach(self, _app: object) -> None:
        """Routes belong to the library."""

    async def shutdown(self) -> None:
        """Nothing is left running."""

    def answer(self, cable: Cable) -> None:
        """Take a new connection; its first message says who calls."""
        sid = f"s{cable.number}"
        half = _Half(cable, 1, lambda event, data: self._event(sid, cable, event, data))
        taking = half._take

        def first(message: Message) -> None:
            if message[2] == "connect":
                self._halves[sid] = half
                self.life.spawn(self._connect(sid, half, message[3]), "connect")
            else:
                taking(message)

        def lost() -> None:
            cable.ends[1].lost = lambda: None
            if self._halves.pop(sid, None) is not None:
                self.eio.sockets.pop(sid, None)
                self.environ.pop(sid, None)
                self._outlets.pop(sid, None)
                self.life.spawn(self._on["disconnect"](sid, "transport close"), "disconnect")

        cable.ends[1].take = first
        cable.ends[1].lost = lost

    async def call(self, event: str, data: Any, *, to: str, namespace: str, timeout: float) -> Any:
        half = self._halves.get(to)
        if half is None:
            await asyncio.sleep(timeout)
            raise Unacknowledged
        board().told(half.cable, event, data, None)
        return await half.call(event, data, timeout)

    async def emit(self, event: str, data: Any, *, to: str, namespace: str) -> None:
        half = self._halves.get(to)
        if half is not None:
            board().told(half.cable, event, data, None)
            half.emit(event, data)

    async def _connect(self, sid: str, half: _Half, certificate: dict[str, Any]) -> None:
        request = _Namespace(transport=SimTransport(half.cable, certificate))
        self._outlets[sid] = outlet = SimOutlet(half.cable)
        self.environ[sid] = {"aiohttp.request": request, OUTLET: outlet}
        self.eio.sockets[sid] = _Namespace(queue=_Unread(half.cable))
        ok = await self._on["connect"](sid, self.environ[sid])
        half.cable.send(1, ("ack", 0, "connect", ok is not False))
        if ok is False:
            self._halves.pop(sid, None)
            half.cable.close(1)

    async def _event(self, sid: str, cable: Cable, event: str, data: Any) -> Any:
        sent = () if data is None else (data,)
        outlet = self._outlets.get(sid) or SimOutlet(cable)
        outlet.asked(event)
        reply = await self._on["*"](event, sid, *sent)
        board().told(cable, event, reply, data)
        if event in FOLLOWS:
            # The answer is on its way before whatever waits for it.
            self.life.loop.call_soon(outlet.answered)
        return reply
