"""Asking time servers how far this node's clock is off, where the venue has any (SPEC 12.6).

Owns how often they are asked and what was found last; a server that refuses is left alone. Nothing is set by
it, and nothing waits for it. Source: RFC 4330 10 (a client's manners).
"""

import asyncio
import contextlib
from collections import deque
from typing import Final

import structlog

from protocol.link import sntp
from protocol.link.sntp import SntpReading
from protocol.venue import NtpStanding, NtpWhy
from sub_venue.config import Bounds
from sub_venue.senses import Senses

_log = structlog.get_logger("sub_venue.uplink")
READINGS_KEPT: Final = 8
"""Of so many the one that may be wrong least counts: an old one says little of a clock that runs fast."""
RATE_FACTOR_MAX: Final = 16
"""A server that asks to be asked less is asked half as often each time, down to this part."""


class _Asked(asyncio.DatagramProtocol):
    """One question on its way; the socket is connected, so that only its server's packets come."""

    def __init__(self) -> None:
        self.answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, _: object) -> None:
        if not self.answer.done():
            self.answer.set_result(data)

    def error_received(self, error: Exception) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)


class Server:
    """One time server: its readings, and how it behaves."""

    def __init__(self, name: str) -> None:
        """Never asked; `name` is a host, with a port behind a colon where it is not 123."""
        self.name = name
        host, colon, port = name.rpartition(":")
        self.host, self.port = (host.strip("[]"), int(port)) if colon else (name, sntp.PORT)
        self.readings: deque[SntpReading] = deque(maxlen=READINGS_KEPT)
        self.why: NtpWhy = ""
        self.slower = 1
        self.asked = 0

    def standing(self) -> NtpStanding:
        """As a keeper is told of it."""
        best = min(reversed(self.readings), key=lambda one: one.within_ms, default=None)
        if best is None:
            return NtpStanding(self.name, 0, 0, -1, 0, 0, self.why)
        return NtpStanding(
            self.name, best.offset_ms, best.within_ms, best.round_trip_ms, best.stratum, best.at, self.why
        )


class TimeServers:
    """The time servers of one node."""

    def __init__(self, names: tuple[str, ...], bounds: Bounds, senses: Senses) -> None:
        """Nobody is asked before `run`."""
        self._servers = tuple(Server(name) for name in names)
        self._bounds, self._senses = bounds, senses

    def standing(self) -> tuple[NtpStanding, ...]:
        """What was found last, in the order of the configuration."""
        return tuple(one.standing() for one in self._servers)

    async def run(self) -> None:
        """Ask again and again until cancelled; done where there is nobody to ask, or nobody will answer."""
        async with asyncio.TaskGroup() as group:
            for server in self._servers:
                group.create_task(self._keep_asking(server), name=f"ntp {server.name}")

    async def _keep_asking(self, server: Server) -> None:
        while True:
            before = server.why
            found = await self.ask(server)
            if isinstance(found, SntpReading):
                server.readings.append(found)
                server.why = ""
            else:
                server.why = found
                if found == "rate":
                    server.slower = min(RATE_FACTOR_MAX, server.slower * 2)
            if server.why != before:
                _log.info("time server", server=server.name, why=server.why or "answers")
            if server.why == "denied":
                return
            await asyncio.sleep(self._bounds.ntp_look_ms * server.slower / 1000)

    async def ask(self, server: Server) -> SntpReading | NtpWhy:
        """Ask one server once."""
        bounds, senses = self._bounds, self._senses
        nonce = senses.secret(sntp.NONCE_BYTES)
        loop = asyncio.get_running_loop()
        server.asked += 1
        try:
            async with asyncio.timeout(bounds.ntp_wait_ms / 1000):
                transport, asked = await loop.create_datagram_endpoint(
                    _Asked, remote_addr=(server.host, server.port)
                )
                with contextlib.closing(transport):
                    at, began = senses.now_ms(), senses.running_ms()
                    transport.sendto(sntp.question(nonce))
                    raw = await asked.answer
                    return sntp.read(raw, nonce, at, senses.running_ms() - began)
        except (OSError, TimeoutError):
            return "silent"
