"""A real coordinator on loopback under a real authority, and nodes that meet it over mutual TLS."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
import msgspec
import socketio
from aiohttp.abc import AbstractResolver, ResolveResult
from cryptography.hazmat.primitives import serialization

from ops import certificates
from protocol import wire
from protocol.seal import signing
from protocol.wire import Feed, Refused
from server.assembly import Coordinator
from server.config import Bounds, NodeSettings, Settings
from server.fanout.rooms import NODE_NAMESPACE
from server.gateway.identity import codes_bytes
from server.senses import Senses
from tests.protocol.world import START_MS, key, private_key
from tests.server.acting import NODES, WAIT_S, TestSenses

T = TypeVar("T")
ENROLMENT = "K7QM3-XWDPA"


def lay(folder: Path) -> Path:
    """An authority, certificates for the coordinator and every node, and the installation's key."""
    senses = Senses()
    for name in ("ca", "coordinator", *NODES):
        (folder / name).mkdir(parents=True, exist_ok=True)
    certificates.ensure_authority(folder / "ca", senses.now_ms())
    for name in ("coordinator", *NODES):
        certificates.ensure_certificate(folder / "ca", folder / name, name, senses.now_ms())
    pem = private_key("installation").private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "coordinator" / "installation.key").write_bytes(pem)
    return folder


def settings(folder: Path, data: Path, **more: Any) -> Settings:
    """The settings of a coordinator that listens wherever there is room."""
    own = folder / "coordinator"
    nodes = tuple(
        NodeSettings(
            node=node, key=key(f"node {node}"), zh=node, en=node, province=node,
            role="main" if node == "hefei" else "sub",
        )
        for node in NODES
    )  # fmt: skip
    told: dict[str, Any] = {
        "data_dir": data, "node_port": 0, "http_port": 0, "ca": folder / "ca" / "ca.pem",
        "cert": own / "cert.pem", "key": own / "key.pem", "installation_key": own / "installation.key",
        "nodes": nodes, "agent_keys": (key("agent"),), "enrolment_code": ENROLMENT, "seed": "tests",
    }  # fmt: skip
    return Settings(**(told | more))


@contextlib.asynccontextmanager
async def coordinator(
    folder: Path, data: Path, *, senses: Senses | None = None, **bounds: int
) -> AsyncIterator[Coordinator]:
    """A coordinator that is up, and stops in order."""
    found = Coordinator(settings(folder, data, bounds=Bounds(**bounds)), senses or TestSenses())
    try:
        await found.start()
        yield found
    finally:
        await found.stop()


class _Loopback(AbstractResolver):
    """`*.localhost` is unknown to the resolver of the system."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host, host="127.0.0.1", port=port, family=socket.AF_INET, proto=0,
                flags=socket.AI_NUMERICHOST,
            )
        ]  # fmt: skip

    async def close(self) -> None:
        return None


def client_tls(folder: Path, name: str | None, ca: Path | None = None) -> ssl.SSLContext:
    """What a node brings: trust in the authority, and its own certificate where it has one."""
    context = ssl.create_default_context(cafile=ca or folder / "ca" / "ca.pem")
    if name is not None:
        context.load_cert_chain(folder / name / "cert.pem", folder / name / "key.pem")
    return context


class TurnedDown(Exception):
    """A request was refused."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.code)
        self.code = refused.code
        self.refused = refused


class Node:
    """A node's socket; pushed feeds are kept in order."""

    def __init__(self, name: str, client: socketio.AsyncClient, http: aiohttp.ClientSession) -> None:
        self.name = name
        self.client = client
        self.feeds: list[Feed] = []
        self.heard: list[str] = []
        """Every message as it came, from the first that was waited for after the node was let in."""
        self.gone = asyncio.Event()
        self._http = http
        self._news = asyncio.Condition()
        client.on("entries", self._entries, namespace=NODE_NAMESPACE)
        client.on("disconnect", self._lost, namespace=NODE_NAMESPACE)

    async def _entries(self, data: Any) -> None:
        async with self._news:
            self.feeds.append(msgspec.convert(data, Feed))
            self._news.notify_all()

    async def _lost(self, *_reason: object) -> None:
        self.gone.set()

    async def raw(self, event: str, *sent: Any) -> Any:
        """Send anything under any name; what the acknowledgement holds.

        Raises:
          ConnectionError: the socket ended first.
        """
        data = sent[0] if len(sent) == 1 else sent or None
        asked = asyncio.ensure_future(self.client.call(event, data, NODE_NAMESPACE, timeout=WAIT_S))
        gone = asyncio.ensure_future(self.gone.wait())
        try:
            await asyncio.wait({asked, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not asked.done():
                raise ConnectionError(event)
            return asked.result()
        finally:
            for one in (asked, gone):
                one.cancel()
            await asyncio.gather(asked, gone, return_exceptions=True)

    async def ask(self, event: str, message: Any, reply: type[T]) -> T:
        """Send a message and read its reply; a refused request raises `TurnedDown`."""
        raw = await self.raw(event, msgspec.to_builtins(message))
        if set(raw) == {"refused"}:
            raise TurnedDown(msgspec.convert(raw["refused"], Refused))
        return msgspec.convert(raw, reply)

    async def hello(self) -> wire.Welcome:
        return await self.ask(wire.HELLO, wire.Hello(self.name, key(f"node {self.name}")), wire.Welcome)

    async def submit(self, submit: wire.Submit) -> wire.Answer:
        return await self.ask(wire.SUBMIT, submit, wire.Answer)

    async def feed(self, session: str, since: int = 0) -> Feed:
        return await self.ask(wire.FEED, wire.FeedRequest(session, since), Feed)

    async def sign_in(self, session: str, seat: str, code: str, author: str) -> wire.Attested:
        return await self.ask(wire.SIGN_IN, wire.SignIn(session, seat, code, key(author)), wire.Attested)

    async def issue(self, session: str, *seats: str, author: str = "agent", at: int = START_MS) -> wire.Codes:
        sig = signing.sign(private_key(author), codes_bytes(session, seats, key(author), at))
        return await self.ask(
            wire.ISSUE_CODES, wire.IssueCodes(session, seats, key(author), at, sig), wire.Codes
        )

    async def pushed(self, session: str, size: int) -> list[str]:
        """Wait until entries up to `size` were pushed; all pushed entries, doubles and gaps refused."""
        async with asyncio.timeout(WAIT_S), self._news:
            await self._news.wait_for(lambda: self._end(session) >= size)
        return [one for feed in self.feeds if feed.session == session for one in feed.entries]

    def _end(self, session: str) -> int:
        end = -1
        for feed in self.feeds:
            if feed.session == session:
                assert end in (-1, feed.since), (end, feed.since)
                end = feed.since + len(feed.entries)
        return end

    def stop_reading(self) -> None:
        """Take nothing more from the connection."""
        self._transport.pause_reading()

    def read_on(self) -> None:
        self._transport.resume_reading()

    def note(self) -> None:
        """Note every message from now on."""
        ws = self.client.eio.ws
        receive = ws.receive

        async def noted(*told: Any) -> Any:
            message = await receive(*told)
            self.heard.append(message.data)
            return message

        ws.receive = noted

    @property
    def _transport(self) -> asyncio.Transport:
        """The connection below TLS, which would go on reading for itself."""
        found: asyncio.Transport = self.client.eio.ws._conn.transport._ssl_protocol._transport
        return found

    async def close(self) -> None:
        await self.client.disconnect()
        await self._http.close()


@contextlib.asynccontextmanager
async def node(
    folder: Path, house: Coordinator, name: str, tls: ssl.SSLContext | None = None, *,
    receive_bytes: int | None = None, compress: int = 0,
) -> AsyncIterator[Node]:  # fmt: skip
    """A node's connected socket.

    Args:
      folder: where the authority and the certificates lie.
      house: the coordinator to meet.
      name: whose certificate it brings.
      tls: what it brings instead.
      receive_bytes: what the system may hold for it unread; as much as it likes unless told.
      compress: the window it offers for compression; 0 for none.

    Raises:
      socketio.exceptions.ConnectionError: it was not let in.
    """

    def narrow(address: Any) -> socket.socket:
        found = socket.socket(*address[:3])
        if receive_bytes is not None:
            found.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        return found

    connector = aiohttp.TCPConnector(
        ssl=tls or client_tls(folder, name), resolver=_Loopback(), socket_factory=narrow
    )
    http = aiohttp.ClientSession(connector=connector)
    client = socketio.AsyncClient(
        reconnection=False, handle_sigint=False, http_session=http,
        websocket_extra_options={"compress": compress},
    )  # fmt: skip
    found = Node(name, client, http)
    try:
        await client.connect(
            f"https://coordinator.localhost:{house.listeners.node_port}",
            namespaces=[NODE_NAMESPACE],
            transports=["websocket"],
            wait_timeout=WAIT_S,
        )
        found.note()
        yield found
    finally:
        await found.close()
