"""Coordinator to coordinator: a command, or what a node asks of pictures and talk, brought to the holder.

SPEC 10.2. Owns the routes, who may use them, and the client that uses them. Both sides show certificates
under the installation's CA that bear the coordinators' name; a node's certificate opens nothing here. What is
brought once is not brought on: the holder answers, or says that it is not the holder.
"""

import ssl
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
import msgspec
from aiohttp import web
from msgspec import Struct

from protocol import talk, wire
from protocol.refusals import Refusal, refuse
from protocol.wire import Answer, Brought, Forwarded, Refused, Submit
from server import telemetry
from server.config import Bounds
from server.gateway.meeting import Bring
from server.sessions.asked import MOVED
from server.sessions.reader import PeerAway
from server.store.contract import NotDurable

_JSON = "application/json"
T = TypeVar("T")
_log = telemetry.logger("server.gateway")

Take = Callable[[Submit, str], Awaitable[Answer | Refusal]]
"""Answers a command of a node where its session is held here, else with the value `MOVED`."""


class PeerDesk:
    """The side that is asked."""

    def __init__(self, name: str, nodes: Iterable[str], take: Take, meet: Bring) -> None:
        """Serve coordinators whose certificates bear `name`, for the nodes of this installation."""
        self._name, self._meet = name, meet
        self._nodes = frozenset(nodes)
        self._take = take

    def routes(self) -> tuple[web.RouteDef, ...]:
        """The routes on the listener for nodes."""
        return (
            web.post(wire.PEER_SUBMIT, self._submit),
            web.post(f"{wire.PEER_MEET}/{{name:[a-z_]+}}", self._met),
        )

    async def _met(self, request: web.Request) -> web.Response:
        self._know(request)
        try:
            reply = await self._meet(request.match_info["name"], await request.read())
        except (ValueError, RecursionError) as error:
            raise web.HTTPBadRequest(text=str(error)[:200]) from error
        except NotDurable:
            reply = refuse("NotDurable")
        return _told(reply)

    def _know(self, request: web.Request) -> None:
        transport = request.transport
        if transport is None or self._name not in names(transport.get_extra_info("peercert")):
            _log.warning("certificate of no coordinator", path=request.path)
            raise web.HTTPForbidden

    async def _submit(self, request: web.Request) -> web.Response:
        self._know(request)
        try:
            forwarded = msgspec.json.decode(await request.read(), type=Forwarded)
        except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
            raise web.HTTPBadRequest(text=str(error)[:200]) from error
        if forwarded.node not in self._nodes or forwarded.submit.opening is not None:
            raise web.HTTPBadRequest
        return _told(await self._answer(forwarded))

    async def _answer(self, forwarded: Forwarded) -> Answer | Refusal:
        try:
            return await self._take(forwarded.submit, forwarded.node)
        except NotDurable:
            return refuse("NotDurable")


class PeerLines:
    """The side that asks; see `sessions.reader.Peers`."""

    def __init__(self, name: str, tls: ssl.SSLContext, bounds: Bounds) -> None:
        """Prepare; connections are made when somebody is asked, and kept."""
        self._name = name
        self._tls = tls
        self._bounds = bounds
        self._http: aiohttp.ClientSession | None = None

    async def submit(self, address: str, forwarded: Forwarded) -> Answer | Refusal:
        """See `Peers.submit`."""
        return await self._ask(address, wire.PEER_SUBMIT, msgspec.json.encode(forwarded), Answer)

    async def meet(self, address: str, name: str, brought: Brought, form: type[T]) -> T | Refusal:
        """See `meeting.Peers.meet`; who follows is kept waiting."""
        wait_ms = talk.FOLLOW_HOLD_MS if name == talk.TALK_FOLLOW else 0
        return await self._ask(
            address, f"{wire.PEER_MEET}/{name}", msgspec.json.encode(brought), form, wait_ms
        )

    async def _ask(self, address: str, path: str, raw: bytes, form: type[T], more_ms: int = 0) -> T | Refusal:
        """What another coordinator answers; `more_ms` beyond the time that any answer may take.

        Raises:
          PeerAway: it does not, or does not as it should.
        """
        timeout = aiohttp.ClientTimeout(total=(self._bounds.peer_wait_ms + more_ms) / 1000)
        try:
            async with self._lines().post(
                f"https://{address}{path}",
                data=raw,
                headers={"Content-Type": _JSON},
                server_hostname=self._name,
                timeout=timeout,
            ) as reply:
                raw = await reply.read()
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise PeerAway(repr(error)) from error
        if reply.status != web.HTTPOk.status_code:
            raise PeerAway(f"{address} answers {reply.status}")
        return _read(raw, form)

    async def close(self) -> None:
        """Let go of every connection."""
        if self._http is not None:
            await self._http.close()

    def _lines(self) -> aiohttp.ClientSession:
        if self._http is None:
            bounds = self._bounds
            connector = aiohttp.TCPConnector(ssl=self._tls, limit_per_host=bounds.peer_connections_max)
            self._http = aiohttp.ClientSession(connector=connector)
        return self._http


def peer_tls(ca: Path, cert: Path, key: Path) -> ssl.SSLContext:
    """TLS 1.3 as a client with the coordinator's certificate, under the installation's CA and no other.

    Raises:
      OSError: a file cannot be read, or is no certificate or key (`ssl.SSLError`).
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_verify_locations(ca)
    context.load_cert_chain(cert, key)
    return context


def names(peer: Mapping[str, Any] | None) -> frozenset[str]:
    """The DNS names in a certificate as `ssl` gives it once it has verified it."""
    return frozenset(value for kind, value in (peer or {}).get("subjectAltName", ()) if kind == "DNS")


def _told(reply: Struct | Refusal) -> web.Response:
    if reply is MOVED:
        raise web.HTTPMisdirectedRequest
    told = {"refused": wire.refused(reply)} if isinstance(reply, Refusal) else reply
    return web.Response(body=msgspec.json.encode(told), content_type=_JSON)


def _read(raw: bytes, form: type[T]) -> T | Refusal:
    """What a peer answers.

    Raises:
      PeerAway: it is neither of that form nor a refusal that is known here.
    """
    try:
        parts = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
        if parts.keys() != {"refused"}:
            return msgspec.json.decode(raw, type=form)
        found = msgspec.json.decode(parts["refused"], type=Refused)
        return refuse(found.code, **found.detail)
    except (msgspec.MsgspecError, KeyError) as error:
        raise PeerAway(repr(error)) from error
