"""A desk: one person's socket to the node of their venue (wire messages, namespace `/desk`).

Owns the connection and coming back after it breaks: every call has a named timeout, and a call that the
line cut short is told apart from one that was refused. Must not know sessions, keys or what an act means.
"""

import asyncio
import contextlib
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

import msgspec
import socketio
from socketio.exceptions import ConnectionError as SocketRefused
from socketio.exceptions import SocketIOError

from ops.installation import LOOPBACK, Node
from protocol import wire
from protocol.wire import Refused

NAMESPACE: Final = "/desk"
CONNECT_MS: Final = 5_000
"""How long a node may take to accept a socket."""
ANSWER_MS: Final = 15_000
"""How long a node may take to answer one message; then it is sent again."""
ATTEND_MS: Final = 300_000
"""How often a played person says that they are there."""
RETRY_MS: Final = (50, 100, 200, 400, 800)
"""How long to wait before the next try to connect; the last one repeats."""

T = TypeVar("T")

_quiet = logging.getLogger("ops.people.desk")
"""The library tells of every broken line; here that is expected, and told by `drops`."""
_quiet.setLevel(logging.CRITICAL)


class Unanswered(Exception):
    """The line broke or nothing came in time: nobody knows whether it was done; send the same again."""


class TurnedDown(Exception):
    """The node refused; `refused` says why in both languages."""

    def __init__(self, refused: Refused) -> None:
        """Keep the refusal; the exception's text is its code and Chinese text."""
        super().__init__(f"{refused.code}: {refused.zh}")
        self.refused = refused


class Desk:
    """One socket, kept up until `close`; `greet` runs after every connect, `hear` gets what is pushed."""

    def __init__(
        self,
        node: Node,
        *,
        greet: Callable[[], Awaitable[None]],
        hear: Callable[[str, Any], None],
    ) -> None:
        """Prepare a desk at a node; nothing is connected before `keep` runs."""
        self.node = node
        self.connected = asyncio.Event()
        self.ready = asyncio.Event()
        self.drops = 0
        self._greet = greet
        self._hear = hear
        self._client: socketio.AsyncClient | None = None
        self._gone: asyncio.Future[None] | None = None

    async def keep(self) -> None:
        """Connect, greet, and come back whenever the line breaks; runs until cancelled."""
        tries = 0
        while True:
            try:
                async with self._open():
                    tries = 0
                    assert self._gone is not None
                    await self._greet()
                    self.ready.set()
                    await self._attend(self._gone)
            except (Unanswered, TurnedDown, SocketIOError, OSError):
                pass
            self.drops += 1
            await asyncio.sleep(RETRY_MS[min(tries, len(RETRY_MS) - 1)] / 1000)
            tries += 1

    async def _attend(self, gone: asyncio.Future[None]) -> None:
        """Until the line breaks, say now and then that somebody is there; whoever is played is never away."""
        while True:
            await asyncio.wait({gone}, timeout=ATTEND_MS / 1000)
            if gone.done():
                return
            with contextlib.suppress(Unanswered, TurnedDown):
                await self.call(wire.HERE, wire.Here(at_work=True), wire.Attended)

    async def call(self, event: str, message: Any, reply: type[T], timeout_ms: int = ANSWER_MS) -> T:
        """Send one message and read its answer.

        Raises:
          Unanswered: no line, the line broke, or no answer in time.
          TurnedDown: the node refused.
        """
        client, gone = self._client, self._gone
        if client is None or gone is None or gone.done():
            raise Unanswered(event)
        data = None if message is None else msgspec.to_builtins(message)
        asked = asyncio.ensure_future(client.call(event, data, NAMESPACE, timeout_ms / 1000))
        try:
            await asyncio.wait({asked, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not asked.done():
                raise Unanswered(event)
            raw = await asked
        except (SocketIOError, OSError) as error:
            raise Unanswered(event) from error
        finally:
            # Also one that fails in the very moment in which its caller is cancelled is heard.
            asked.cancel()
            await asyncio.gather(asked, return_exceptions=True)
        return read(raw, reply)

    @contextlib.asynccontextmanager
    async def _open(self) -> Any:
        client = socketio.AsyncClient(
            reconnection=False, handle_sigint=False, logger=_quiet, engineio_logger=_quiet
        )
        gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        async def disconnected(*_reason: object) -> None:
            if not gone.done():
                gone.set_result(None)

        async def pushed(event: str, *data: Any) -> None:
            self._hear(event, data[0] if data else None)

        client.on("disconnect", disconnected, namespace=NAMESPACE)
        client.on("*", pushed, namespace=NAMESPACE)
        try:
            await client.connect(
                f"http://{LOOPBACK}:{self.node.port}",
                headers={"Host": self.node.host},
                namespaces=[NAMESPACE],
                transports=["websocket"],
                wait_timeout=CONNECT_MS / 1000,
            )
            self._client, self._gone = client, gone
            self.connected.set()
            yield
        finally:
            self.connected.clear()
            self.ready.clear()
            self._client = None
            if not gone.done():
                gone.set_result(None)
            with contextlib.suppress(SocketRefused, SocketIOError, OSError):
                await client.disconnect()
            await _close_http(client)


async def _close_http(client: socketio.AsyncClient) -> None:
    """A client that could not connect leaves its HTTP session open; close it by hand."""
    http = client.eio.http
    if http is not None and not http.closed:
        await http.close()


def read(raw: Any, reply: type[T]) -> T:
    """An answer or pushed message as its struct.

    Raises:
      TurnedDown: it is a refusal.
      msgspec.ValidationError: it is neither (a mistake in the node).
    """
    if isinstance(raw, str | bytes):
        raw = json.loads(raw)
    if isinstance(raw, dict) and set(raw) == {"refused"} and raw["refused"] is not None:
        raise TurnedDown(msgspec.convert(raw["refused"], wire.Refused))
    return msgspec.json.decode(msgspec.json.encode(raw), type=reply)
