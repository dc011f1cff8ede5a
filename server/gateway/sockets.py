"""Socket.IO for nodes, namespace `/node`: WebSocket only, no business.

Owns what a socket may do at once and how a message becomes a struct; every event is answered through
its acknowledgement, with the reply's JSON or `{"refused": …}`. What a message means is `node_desk`'s.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
import socketio

from protocol import entering, heads, papers, voices, wire
from protocol.refusals import Refusal, refuse
from server import telemetry
from server.config import Bounds
from server.fanout.followers import Followers
from server.fanout.rooms import NODE_NAMESPACE, Occupant, Rooms
from server.gateway.engine import outlet_of
from server.gateway.identity import Identity
from server.gateway.node_desk import NodeDesk
from server.store.contract import NotDurable

FEED_UNREAD_MAX = 8
"""A node that has this many messages unread is given a further feed once it has read them."""

_log = telemetry.logger("server.gateway")
Handler = Callable[[Occupant, Any], Awaitable[Any]]


class NodeSockets:
    """The sockets of nodes: who is there, what is under way, what each message is."""

    def __init__(
        self,
        server: socketio.AsyncServer,
        desk: NodeDesk,
        identity: Identity,
        rooms: Rooms,
        followers: Followers,
        bounds: Bounds,
        now_ms: Callable[[], int],
        more: Mapping[str, tuple[Any, Handler]],
    ) -> None:
        """Take over the namespace `/node` of a Socket.IO server; `more` are messages beside the desk's."""
        self._server = server
        self._identity = identity
        self._rooms = rooms
        self._followers = followers
        self._bounds = bounds
        self._now_ms = now_ms
        self._under_way: dict[str, int] = {}
        self._handlers: Mapping[str, tuple[Any, Handler]] = {
            wire.HELLO: (wire.Hello, desk.hello),
            wire.SUBMIT: (wire.Submit, desk.submit),
            wire.FEED: (wire.FeedRequest, desk.feed),
            wire.SIGN_IN: (wire.SignIn, desk.sign_in),
            wire.ISSUE_CODES: (wire.IssueCodes, desk.issue_codes),
            entering.ENTER_WAYS: (None, lambda who, _: desk.enter_ways(who)),
            entering.ENTER_ASK: (entering.EnterAsk, desk.enter_ask),
            entering.ENTER_GIVE: (entering.EnterGive, desk.enter_give),
            entering.ENTER_SCANNED: (wire.Proof, desk.enter_scanned),
            voices.VOICE_ASK: (voices.VoiceAsk, desk.voice_ask),
            voices.VOICE_GIVE: (voices.VoiceGive, desk.voice_give),
            voices.VOICE_SCANNED: (voices.VoiceScanned, desk.voice_scanned),
            voices.PASSKEY_BIND: (voices.PasskeyBind, desk.passkey_bind),
            papers.PAPER_WISH: (papers.PaperWish, desk.paper_wish),
            papers.PAPER_ASK: (papers.PaperAsk, desk.paper_ask),
            papers.PAPER_ANSWER: (papers.PaperAnswer, desk.paper_answer),
            papers.PAPER_DESK: (papers.PaperDesk, desk.paper_desk),
            wire.SESSIONS: (None, lambda who, _: desk.sessions(who)),
            wire.PULSE: (wire.Pulse, desk.pulse),
            heads.HEAD: (heads.HeadWanted, desk.head),
            **more,
        }
        server.on("connect", self._connect, namespace=NODE_NAMESPACE)
        server.on("disconnect", self._disconnect, namespace=NODE_NAMESPACE)
        server.on("*", self._event, namespace=NODE_NAMESPACE)

    async def _connect(self, sid: str, environ: Mapping[str, Any], _auth: object = None) -> bool:
        transport = environ["aiohttp.request"].transport
        node = None if transport is None else self._identity.node_of(transport.get_extra_info("peercert"))
        if node is None:
            _log.warning("certificate of no node here", sid=sid)
            return False
        mine = self._rooms.of(node.key)
        if len(mine) >= self._bounds.sockets_per_node_max:
            mine[0].cut()
        outlet = outlet_of(environ)
        outlet.freed = lambda: self._followers.free(sid)
        self._rooms.enter(Occupant(sid, node.node, node.key, outlet.cut, outlet, self._now_ms()))
        _log.info("node connected", node=node.node, sid=sid)
        return True

    async def _disconnect(self, sid: str, reason: str) -> None:
        occupant = self._rooms.occupant(sid)
        self._followers.leave(sid)
        self._rooms.leave(sid)
        if occupant is not None:
            _log.info("node disconnected", node=occupant.node, sid=sid, reason=reason)

    async def _event(self, event: str, sid: str, *sent: Any) -> Any:
        """Answer any event of any name; nothing a peer sends makes this raise."""
        reply = await self._reply(event, sid, sent)
        if isinstance(reply, Refusal):
            return {"refused": msgspec.to_builtins(wire.refused(reply))}
        return msgspec.to_builtins(reply)

    async def _reply(self, event: str, sid: str, sent: tuple[Any, ...]) -> Any:
        who = self._rooms.occupant(sid)
        if who is None:
            return refuse("NotSignedIn")
        if event not in self._handlers:
            return refuse("UnknownCommand", type=event[:64])
        form, handler = self._handlers[event]
        message = _read(form, sent)
        if isinstance(message, Refusal):
            return message
        under_way = self._under_way.get(sid, 0)
        if under_way >= self._bounds.socket_in_flight_max:
            return refuse("TooBusy")
        self._under_way[sid] = under_way + 1
        try:
            if event == wire.FEED:
                await self._read_up(sid)
            return await handler(who, message)
        except TimeoutError:
            return refuse("TooBusy")
        except NotDurable:
            return refuse("NotDurable")
        except Exception:  # noqa: BLE001 - a peer must not be able to take the gateway down
            _log.exception("a message tripped the gateway", node=who.node, message=event)
            return refuse("Faulted")
        finally:
            left = self._under_way[sid] - 1
            if left:
                self._under_way[sid] = left
            else:
                del self._under_way[sid]

    async def _read_up(self, sid: str) -> None:
        """Wait until the socket has taken what waits for it, so that feeds do not pile up unread.

        Raises:
          TimeoutError: it does not read.
        """
        peer = self._server.manager.eio_sid_from_sid(sid, NODE_NAMESPACE)
        found = self._server.eio.sockets.get(peer)
        if found is not None and found.queue.qsize() >= FEED_UNREAD_MAX:
            async with asyncio.timeout(self._bounds.push_wait_ms / 1000):
                await found.queue.join()

    async def flush(self) -> None:
        """Have every socket send what it still has, then close it; the peers will come back."""
        for found in tuple(self._server.eio.sockets.values()):
            await found.queue.put(None)  # Engine.IO's own mark for the end of a socket's writing

    def cut(self) -> None:
        """Close whatever is still open, at once."""
        for occupant in self._rooms.occupants():
            occupant.cut()


def _read(form: Any, sent: tuple[Any, ...]) -> Any:
    """The message's struct, or `Malformed`; JSON text is taken as well as its object."""
    if form is None:
        return None
    if len(sent) != 1:
        return refuse("Malformed", why=f"{len(sent)} arguments")
    try:
        if isinstance(sent[0], str | bytes):
            return msgspec.json.decode(sent[0], type=form)
        return msgspec.convert(sent[0], form)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        return refuse("Malformed", why=str(error)[:200])
