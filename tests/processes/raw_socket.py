"""A socket that may say anything: Engine.IO and Socket.IO spoken by hand, frame by frame.

Owns the connection and nothing of its peer's rules: what is sent need not be a packet at all. Pings are
answered, acknowledgements kept by number. Sources: Engine.IO protocol 4, Socket.IO protocol 5.
"""

import asyncio
import contextlib
import json
import ssl
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import msgspec

from ops.installation import LOOPBACK, Node
from protocol import wire
from tests.processes.web_socket import ACK, packet

ANSWER_S = 20
"""How long an answer may take; the nodes themselves wait 15 s for the coordinator."""
CLOSE_S = 20
"""How long a peer may take to close what it wants closed."""
_PING, _PONG = "2", "3"


class Closed(ConnectionError):
    """The peer has closed the connection."""


class RawSocket:
    """A connection in one namespace."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse, namespace: str) -> None:
        """Take over a connection whose WebSocket is open."""
        self.namespace = namespace
        self.heard: list[bytes] = []
        self._ws = ws
        self._asked = 0
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._joined = asyncio.Event()
        self._gone = asyncio.Event()
        self._reading = asyncio.create_task(self._read())

    async def join(self) -> None:
        """Open the namespace.

        Raises:
          Closed: the peer does not let us.
        """
        await self.say(f"40{self.namespace},")
        joined = asyncio.create_task(self._joined.wait())
        gone = asyncio.create_task(self._gone.wait())
        try:
            async with asyncio.timeout(ANSWER_S):
                await asyncio.wait({joined, gone}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (joined, gone):
                task.cancel()
            await asyncio.gather(joined, gone, return_exceptions=True)
        if not self._joined.is_set():
            raise Closed(self.namespace)

    async def say(self, frame: str | bytes) -> None:
        """Send one frame, whatever it is."""
        with contextlib.suppress(ConnectionError):  # the peer may close before it has read it all
            await (self._ws.send_str(frame) if isinstance(frame, str) else self._ws.send_bytes(frame))

    async def ask(self, event: str, *sent: Any) -> Any:
        """Send an event with these values, and wait for what its acknowledgement holds."""
        return await self.ask_raw(json.dumps([event, *(msgspec.to_builtins(one) for one in sent)]))

    async def ask_raw(self, body: str) -> Any:
        """Send an event whose body is any text, and wait for what its acknowledgement holds.

        Raises:
          Closed: the peer closed the connection instead.
        """
        self._asked += 1
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._answers[self._asked] = answer
        if self._gone.is_set():
            raise Closed(self.namespace)
        await self.say(f"42{self.namespace},{self._asked}{body}")
        async with asyncio.timeout(ANSWER_S):
            return await answer

    async def code_of(self, event: str, *sent: Any) -> str:
        """The code of the refusal that an event meets; `status` where it is answered like an act."""
        return code(await self.ask(event, *sent))

    async def gone(self) -> None:
        """Wait until the peer has closed the connection."""
        async with asyncio.timeout(CLOSE_S):
            await self._gone.wait()

    async def close(self) -> None:
        """Close it ourselves."""
        await self._ws.close()
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)

    async def _read(self) -> None:
        try:
            async for message in self._ws:
                raw = message.data.encode() if isinstance(message.data, str) else bytes(message.data)
                self.heard.append(raw)
                await self._hear(raw)
        finally:
            self._gone.set()
            for answer in self._answers.values():
                if not answer.done():
                    answer.set_exception(Closed(self.namespace))
                    answer.exception()  # nobody has to ask for it

    async def _hear(self, raw: bytes) -> None:
        if raw == _PING.encode():
            await self.say(_PONG)
        elif raw.startswith(f"40{self.namespace}".encode()):
            self._joined.set()
        elif raw.startswith(b"44"):  # turned away
            self._gone.set()
        found = packet(raw)
        if found is not None and found.kind == ACK and found.number in self._answers:
            answer = self._answers.pop(found.number)
            if not answer.done():
                answer.set_result(found.said[0] if found.said else None)


@contextlib.asynccontextmanager
async def at_desk(node: Node) -> AsyncIterator[RawSocket]:
    """A page's connection to a venue's node."""
    async with _connected(f"ws://{LOOPBACK}:{node.port}", "/desk", {"Host": node.host}) as found:
        yield found


@contextlib.asynccontextmanager
async def at_coordinator(port: int, tls: ssl.SSLContext) -> AsyncIterator[RawSocket]:
    """A node's connection to the coordinator, with whatever certificate the context holds.

    Raises:
      aiohttp.ClientError, Closed: it is not let in.
    """
    async with _connected(f"wss://{LOOPBACK}:{port}", "/node", {}, tls) as found:
        yield found


@contextlib.asynccontextmanager
async def _connected(
    address: str, namespace: str, headers: dict[str, str], tls: ssl.SSLContext | None = None
) -> AsyncIterator[RawSocket]:
    url = f"{address}/socket.io/?EIO=4&transport=websocket"
    how: dict[str, Any] = {} if tls is None else {"ssl": tls, "server_hostname": "coordinator.localhost"}
    how |= {"headers": headers, "max_msg_size": 0, "timeout": aiohttp.ClientWSTimeout(ws_close=5)}
    async with aiohttp.ClientSession() as http, http.ws_connect(url, **how) as ws:
        found = RawSocket(ws, namespace)
        try:
            await found.join()
            yield found
        finally:
            await found.close()


def code(answer: Any) -> str:
    """The code of the refusal in an acknowledgement, of the message or of the act in it; else the status."""
    refused = answer.get("refused")
    if refused is not None:
        told: wire.Refused = msgspec.convert(refused, wire.Refused)
        assert told.zh
        assert told.en
        return told.code
    return str(answer.get("status", "answered"))
