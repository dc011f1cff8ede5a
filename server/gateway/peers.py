"""Coordinator to coordinator: a command brought to the one that holds its session (SPEC 10).

Owns the route, who may use it, and the client that uses it. Both sides show certificates under the
installation's CA that bear the coordinators' name; a node's certificate opens nothing here. What is
brought once is not brought on: the holder answers, or says that it is not the holder.
"""

import ssl
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
from aiohttp import web

from protocol import wire
from protocol.refusals import Refusal, refuse
from protocol.wire import Answer, Forwarded, Refused, Submit
from server import telemetry
from server.config import Bounds
from server.sessions.asked import MOVED
from server.sessions.reader import PeerAway
from server.store.contract import NotDurable

_JSON = "application/json"
_log = telemetry.logger("server.gateway")

Take = Callable[[Submit, str], Awaitable[Answer | Refusal]]
"""Answers a command of a node where its session is held here, else with the value `MOVED`."""


class PeerDesk:
    """The side that is asked."""

    def __init__(self, name: str, nodes: Iterable[str], take: Take) -> None:
        """Serve coordinators whose certificates bear `name`, for the nodes of this installation."""
        self._name = name
        self._nodes = frozenset(nodes)
        self._take = take

    def routes(self) -> tuple[web.RouteDef, ...]:
        """The routes on the listener for nodes."""
        return (web.post(wire.PEER_SUBMIT, self._submit),)

    async def _submit(self, request: web.Request) -> web.Response:
        transport = request.transport
        if transport is None or self._name not in names(transport.get_extra_info("peercert")):
            _log.warning("certificate of no coordinator", path=wire.PEER_SUBMIT)
            raise web.HTTPForbidden
        try:
            forwarded = msgspec.json.decode(await request.read(), type=Forwarded)
        except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
            raise web.HTTPBadRequest(text=str(error)[:200]) from error
        if forwarded.node not in self._nodes or forwarded.submit.opening is not None:
            raise web.HTTPBadRequest
        reply = await self._answer(forwarded)
        if reply is MOVED:
            raise web.HTTPMisdirectedRequest
        told = {"refused": wire.refused(reply)} if isinstance(reply, Refusal) else reply
        return web.Response(body=msgspec.json.encode(told), content_type=_JSON)

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
        try:
            async with self._lines().post(
                f"https://{address}{wire.PEER_SUBMIT}",
                data=msgspec.json.encode(forwarded),
                headers={"Content-Type": _JSON},
                server_hostname=self._name,
            ) as reply:
                raw = await reply.read()
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise PeerAway(repr(error)) from error
        if reply.status != web.HTTPOk.status_code:
            raise PeerAway(f"{address} answers {reply.status}")
        return _read(raw)

    async def close(self) -> None:
        """Let go of every connection."""
        if self._http is not None:
            await self._http.close()

    def _lines(self) -> aiohttp.ClientSession:
        if self._http is None:
            bounds = self._bounds
            connector = aiohttp.TCPConnector(ssl=self._tls, limit_per_host=bounds.peer_connections_max)
            timeout = aiohttp.ClientTimeout(total=bounds.peer_wait_ms / 1000)
            self._http = aiohttp.ClientSession(connector=connector, timeout=timeout)
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


def _read(raw: bytes) -> Answer | Refusal:
    """What a peer answers.

    Raises:
      PeerAway: it is neither an answer nor a refusal that is known here.
    """
    try:
        parts = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
        if parts.keys() != {"refused"}:
            return msgspec.json.decode(raw, type=Answer)
        found = msgspec.json.decode(parts["refused"], type=Refused)
        return refuse(found.code, **found.detail)
    except (msgspec.MsgspecError, KeyError) as error:
        raise PeerAway(repr(error)) from error
