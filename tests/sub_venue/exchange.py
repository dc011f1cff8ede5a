"""A coordinator under a test's thumb: real sockets and mutual TLS, a session in memory, faults on demand.

What it answers is what the protocol's own functions give, so that a node cannot tell; but a test may have it
lose answers, refuse for the moment, fall silent, or push whatever it likes.
"""

import asyncio
import ssl
from pathlib import Path
from typing import Any

import msgspec
import socketio
from aiohttp import web
from msgspec.structs import replace

from protocol import canonical, commands, entry, talk, wire
from protocol.commands import Command
from protocol.heads import HeadTold, HeadWanted
from protocol.hidden import Disclosure
from protocol.projection.visibility import releasable
from protocol.refusals import Refusal, refuse
from protocol.seal import signing
from protocol.session.apply import apply, make_entry
from protocol.session.checks import check
from protocol.session.decide import decide
from protocol.talk import TalkAct, TalkCalls, TalkFollow, TalkRoom, TalkRooms
from protocol.wire import Answer, Attested, Codes, Feed, NodeNote, SessionList, SessionNote, Welcome
from tests.protocol.world import World, key, private_key

NODE = "/node"
LOOPBACK = "127.0.0.1"


class Exchange:
    """One coordinator for one session in memory."""

    def __init__(self, world: World, certificates: Path) -> None:
        self.world = world
        self.submitted: list[str] = []
        """Command ids in the order in which they came, repeats too."""
        self.disclosed_with: dict[str, tuple[Disclosure, ...]] = {}
        self.silent = False
        self.answers_lost = 0
        self.for_the_moment: list[str] = []
        self.feeds_refused: list[str] = []
        self.pushes_lost = False
        self.also_online: frozenset[str] = frozenset()
        self.lines: dict[str, wire.LineMeasured] = {}
        self.told_lines: list[wire.LineMeasured] = []
        """Nodes that are said to be connected, besides those that are."""
        self.rooms: list[TalkRoom] = []
        """The talk-rooms that every node is told of; none: it knows nothing of them."""
        self.talked: list[TalkAct] = []
        self.help_told: list[TalkCalls] = []
        self.head = ""
        """The signed head that a node is told, whatever session it asks for."""
        self.installation_key = key("installation")
        self.port = 0
        self.hello = asyncio.Event()
        self._answers: dict[tuple[str, str], tuple[bytes, Answer]] = {}
        self._nodes: dict[str, str] = {}
        self._tls = _tls(certificates)
        self._runner: web.AppRunner | None = None
        self._pushing: set[asyncio.Task[None]] = set()
        self._server: socketio.AsyncServer

    async def start(self) -> None:
        """Listen; at the same port as before, if it was started before."""
        self._server = socketio.AsyncServer(
            async_mode="aiohttp", transports=["websocket"], namespaces=[NODE], max_http_buffer_size=8_388_608
        )
        self._server.on("*", self._event, namespace=NODE)
        self._server.on("connect", self._connect, namespace=NODE)
        self._server.on("disconnect", self._disconnect, namespace=NODE)
        app = web.Application()
        self._server.attach(app)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, LOOPBACK, self.port, ssl_context=self._tls).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Be gone, as after a kill: no line is closed in order."""
        for task in self._pushing:
            task.cancel()
        await asyncio.gather(*self._pushing, return_exceptions=True)
        self.cut()
        if self._runner is not None:
            await self._runner.cleanup()
            await self._server.shutdown()
        self._runner = None
        self.hello.clear()

    def cut(self) -> None:
        """Break every line at once."""
        for environ in tuple(self._server.environ.values()):
            transport = environ["aiohttp.request"].transport
            if transport is not None:
                transport.abort()

    async def push(self, feed: Feed) -> None:
        """Push a feed to every node, and wait for each to acknowledge it."""
        for sid in tuple(self._nodes):
            data = msgspec.to_builtins(feed)
            await self._server.call(wire.ENTRIES, data, to=sid, namespace=NODE, timeout=5)

    def feed(self, since: int, node_key: str, count_max: int = 1_000) -> Feed:
        """What a node may be given from an entry on."""
        world = self.world
        entries = tuple(raw.decode() for raw in world.entries[since : since + count_max])
        held: tuple[Disclosure, ...] = ()
        if world.state is not None:
            state = world.state
            mine = {v.venue for v in state.venues.values() if v.node_key == node_key}
            roles = frozenset(seat.role for seat in state.seats.values() if seat.venue in mine)
            province = next((state.venues[venue].province for venue in sorted(mine)), "")
            given = releasable(state, world.disclosed, roles or frozenset(("agent",)), province)
            held = tuple(given.values())
        return Feed(world.session, since, len(world.entries), entries, held)

    def grown(self) -> None:
        """Tell every node of what is new, as the session's followers do."""
        if self.pushes_lost:
            return
        task = asyncio.ensure_future(self._push_new())
        self._pushing.add(task)
        task.add_done_callback(self._pushing.discard)

    # --- messages -------------------------------------------------------------------------

    async def _connect(self, sid: str, environ: dict[str, Any], _auth: object = None) -> bool:
        peer = environ["aiohttp.request"].transport.get_extra_info("peercert")
        self._nodes[sid] = dict(one[0] for one in peer["subject"])["commonName"].removesuffix(".localhost")
        return True

    async def _disconnect(self, sid: str, _reason: str) -> None:
        self._nodes.pop(sid, None)

    async def _event(self, event: str, sid: str, *sent: Any) -> Any:
        reply = await getattr(self, f"_on_{event}")(sid, *sent)
        if isinstance(reply, Refusal):
            return {"refused": msgspec.to_builtins(wire.refused(reply))}
        return msgspec.to_builtins(reply)

    async def _on_talk_follow(self, _sid: str, sent: Any) -> TalkRooms:
        asked = msgspec.convert(sent, TalkFollow)
        return TalkRooms(tuple(one for one in self.rooms if asked.known.get(one.session) != talk.mark(one)))

    async def _on_talk_act(self, _sid: str, sent: Any) -> TalkRoom | Refusal:
        asked = msgspec.convert(sent, TalkAct)
        self.talked.append(asked)
        return self.rooms[0] if self.rooms and self.rooms[0].open else refuse("TalkClosed", why="phase")

    async def _on_talk_calls(self, _sid: str, sent: Any) -> TalkRoom | Refusal:
        told = msgspec.convert(sent, TalkCalls)
        self.help_told.append(told)
        if not self.rooms:
            return refuse("TalkClosed", why="phase")
        self.rooms = [replace(self.rooms[0], calls=told.calls)]
        return self.rooms[0]

    async def _on_hello(self, sid: str, sent: Any) -> Welcome:
        asked = msgspec.convert(sent, wire.Hello)
        assert asked.node == self._nodes[sid]
        assert asked.node_key == key(f"node {asked.node}")
        nodes = tuple(
            NodeNote(v.id, key(f"node {v.id}"), v.zh, v.en, v.province, online=False)
            for v in self.world.case.venues
        )
        notes: tuple[SessionNote, ...] = ()
        if self.world.state is not None:
            notes = (SessionNote(self.world.session, self.world.state.size, self.world.state.phase),)
        self.hello.set()
        return Welcome(self.installation_key, self.world.now, notes, nodes)

    async def _on_head(self, _sid: str, sent: Any) -> HeadTold:
        return HeadTold(msgspec.convert(sent, HeadWanted).session, self.head)

    async def _on_feed(self, sid: str, sent: Any) -> Feed | Refusal:
        asked = msgspec.convert(sent, wire.FeedRequest)
        if self.feeds_refused:
            return refuse(self.feeds_refused.pop(0))
        if asked.since > len(self.world.entries):
            return refuse("SeenUnknown", size=asked.since)
        return self.feed(asked.since, key(f"node {self._nodes[sid]}"))

    async def _on_submit(self, sid: str, sent: Any) -> Answer | Refusal:
        submit = msgspec.convert(sent, wire.Submit)
        assert submit.opening is None, "an opening went further than its own node"
        command = commands.parse(submit.command.encode())
        self.submitted.append(command.command_id)
        self.disclosed_with[command.command_id] = submit.disclosures
        if self.for_the_moment:
            return refuse(self.for_the_moment.pop(0))
        if self.silent:
            await asyncio.Event().wait()
        answer = self._answer(submit, command)
        if self.answers_lost:
            self.answers_lost -= 1
            self.cut()
            await asyncio.Event().wait()
        self.grown()
        return answer

    async def _on_sessions(self, _sid: str) -> SessionList:
        assert self.world.state is not None
        return SessionList((SessionNote(self.world.session, self.world.state.size, self.world.state.phase),))

    async def _on_pulse(self, _sid: str, sent: Any) -> wire.Pulsed:
        asked = msgspec.convert(sent, wire.Pulse)
        online = frozenset(self._nodes.values()) | self.also_online
        self.told_lines.append(asked.line)
        up = tuple(one for one in asked.nodes if one in online)
        return wire.Pulsed(self.world.now, up, self.lines)

    async def _on_sign_in(self, _sid: str, sent: Any) -> Attested | Refusal:
        asked = msgspec.convert(sent, wire.SignIn)
        if asked.code != f"code-{asked.seat}":
            return refuse("BadCode", left=4)
        told = signing.attested_bytes(asked.session, asked.seat, asked.key, "code")
        sig = signing.sign(private_key("installation"), told)
        return Attested(asked.session, asked.seat, asked.key, "code", sig)

    async def _on_issue_codes(self, _sid: str, sent: Any) -> Codes:
        asked = msgspec.convert(sent, wire.IssueCodes)
        codes = tuple(wire.SeatCode(seat, "hefei", "expert", f"code-{seat}", 0) for seat in asked.seats)
        return Codes(asked.session, codes)

    # --- the session ----------------------------------------------------------------------

    def _answer(self, submit: wire.Submit, command: Command) -> Answer:
        name = (command.author_key, command.command_id)
        digest = canonical.sha256(entry.signed_bytes(command))
        if name not in self._answers:
            assert signing.verify_command(command, submit.sig)
            self._answers[name] = (digest, self._decide(submit, command))
        first, answer = self._answers[name]
        if first != digest:
            return _refused(command, refuse("CommandReused"))
        return answer

    def _decide(self, submit: wire.Submit, command: Command) -> Answer:
        world = self.world
        world.now += 1000
        entropy = canonical.tagged_digest("test-entropy", command.command_id)
        decided = decide(world.state, command, world.now, entropy)
        if isinstance(decided, Refusal):
            return _refused(command, decided)
        held = world.disclosed.plus(submit.disclosures)
        findings = check(world.state, command, held)
        if findings:
            return _refused(command, findings[0])
        one = make_entry(world.state, command, submit.sig, world.now, entropy, decided)
        raw = entry.encode(one)
        world.state = apply(world.state, one, raw)
        world.entries.append(raw)
        world.disclosed = held
        world.held.extend(submit.disclosures)
        world.settle()
        return Answer(command_id=command.command_id, status="accepted", seq=one.seq, at=one.at)

    async def _push_new(self) -> None:
        for sid, node in tuple(self._nodes.items()):
            feed = self.feed(0, key(f"node {node}"))
            await self._server.call(
                wire.ENTRIES, msgspec.to_builtins(feed), to=sid, namespace=NODE, timeout=5
            )


def _refused(command: Command, refusal: Refusal) -> Answer:
    return Answer(command_id=command.command_id, status="refused", refused=wire.refused(refusal))


def _tls(folder: Path) -> ssl.SSLContext:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.minimum_version = ssl.TLSVersion.TLSv1_3
    tls.verify_mode = ssl.CERT_REQUIRED
    tls.load_verify_locations(folder / "ca" / "ca.pem")
    tls.load_cert_chain(folder / "coordinator" / "cert.pem", folder / "coordinator" / "key.pem")
    return tls
