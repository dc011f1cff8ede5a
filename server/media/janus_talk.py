"""Janus over its WebSocket API: one connection, one session, its handles; questions, answers and events.

Owns the words of Janus's own protocol (subprotocol `janus-protocol`) up to what a plugin says. Must not know
what its handles are for. Source: Janus's own documentation of its API and of the VideoRoom plugin. Janus is a
process of its own that nobody here links or ships; it is spoken to over a socket.
"""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any, Final, Self

import aiohttp
import msgspec
import structlog

_log = structlog.get_logger("server.media")
PLUGIN: Final = "janus.plugin.videoroom"
ANSWER_S: Final = 10.0
"""How long Janus may take to answer."""
CONNECT_S: Final = 5.0
ALIVE_S: Final = 20.0
"""How often Janus is told that we live; it ends a session after 60 s without a word."""
MESSAGE_BYTES_MAX: Final = 1_048_576
_SUBPROTOCOL: Final = "janus-protocol"
_ANSWERS: Final = frozenset({"success", "error", "event"})


class JanusRefused(RuntimeError):
    """Janus, or its plugin, said no; `code` is its own number."""

    def __init__(self, code: int, reason: str) -> None:
        """As it was said."""
        super().__init__(f"{code}: {reason}")
        self.code = code


class JanusGone(ConnectionError):
    """Janus cannot be reached, does not answer in time, or has closed the connection."""


class Said(msgspec.Struct, frozen=True):
    """What a plugin answered: its data, and an SDP where it gave one."""

    data: dict[str, Any]
    sdp: str = ""


class Talk:
    """One session with Janus."""

    def __init__(self, secret: str, on_event: Callable[[int, str, dict[str, Any]], None]) -> None:
        """Nothing is open yet; see `open`."""
        self._secret, self._on_event = secret, on_event
        self._http: aiohttp.ClientSession | None = None
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._waiting: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._number = self._session = 0
        self.ended = asyncio.Event()

    @classmethod
    async def open(
        cls, url: str, secret: str, on_event: Callable[[int, str, dict[str, Any]], None] = lambda *_: None
    ) -> Self:
        """Connect and begin a session.

        Args:
          url: `ws://` or `wss://`.
          secret: Janus's `api_secret`; empty where it has none.
          on_event: told of what nobody asked for: handle, what (`hangup`, `event` …), the message.

        Raises:
          JanusGone: it cannot be reached, or does not speak this protocol.
          JanusRefused: it does not take the secret.
        """
        self = cls(secret, on_event)
        self._http = aiohttp.ClientSession()
        try:
            async with asyncio.timeout(CONNECT_S):
                self._socket = await self._http.ws_connect(
                    url, protocols=(_SUBPROTOCOL,), max_msg_size=MESSAGE_BYTES_MAX
                )
            if self._socket.protocol != _SUBPROTOCOL:
                raise JanusGone(f"{url} does not speak {_SUBPROTOCOL}")
            self._tasks.append(asyncio.create_task(self._read(), name="janus reading"))
            self._session = (await self._ask({"janus": "create"}))["data"]["id"]
            self._tasks.append(asyncio.create_task(self._live(), name="janus alive"))
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            await self.close()
            raise JanusGone(f"{url}: {error!r}") from error
        except BaseException:
            await self.close()
            raise
        return self

    async def attach(self) -> int:
        """A new handle of the VideoRoom plugin."""
        return int((await self._ask({"janus": "attach", "plugin": PLUGIN}))["data"]["id"])

    async def detach(self, handle: int) -> None:
        """End a handle and its connection; one that is not there any more is no fault."""
        with contextlib.suppress(JanusRefused):
            await self._ask({"janus": "detach", "handle_id": handle})

    async def message(self, handle: int, body: dict[str, Any], *, sdp: str = "", kind: str = "offer") -> Said:
        """Say something to the plugin and wait for what it answers.

        Raises:
          JanusRefused, JanusGone: see there.
        """
        asked: dict[str, Any] = {"janus": "message", "handle_id": handle, "body": body}
        if sdp:
            asked["jsep"] = {"type": kind, "sdp": sdp}
        told = await self._ask(asked)
        data = told.get("plugindata", {}).get("data", {})
        if "error_code" in data:
            raise JanusRefused(int(data["error_code"]), str(data.get("error", "")))
        return Said(data, str(told.get("jsep", {}).get("sdp", "")))

    async def close(self) -> None:
        """End the session and the connection."""
        if self._session and self._socket is not None and not self._socket.closed:
            with contextlib.suppress(JanusGone, JanusRefused):
                await self._ask({"janus": "destroy"})
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._socket is not None:
            await self._socket.close()
        if self._http is not None:
            await self._http.close()
        self._end()

    async def _ask(self, asked: dict[str, Any]) -> dict[str, Any]:
        if self._socket is None or self._socket.closed or self.ended.is_set():
            raise JanusGone("the connection is closed")
        self._number += 1
        transaction = str(self._number)
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[transaction] = answer
        try:
            async with asyncio.timeout(ANSWER_S):
                await self._send(asked, transaction)
                told = await answer
        except (TimeoutError, OSError) as error:
            raise JanusGone(f"no answer to {asked['janus']}: {error!r}") from error
        finally:
            self._waiting.pop(transaction, None)
        if told["janus"] == "error":
            fault = told.get("error", {})
            raise JanusRefused(int(fault.get("code", 0)), str(fault.get("reason", "")))
        return told

    async def _send(self, asked: dict[str, Any], transaction: str) -> None:
        assert self._socket is not None
        whole = {**asked, "transaction": transaction}
        if self._session:
            whole["session_id"] = self._session
        if self._secret:
            whole["apisecret"] = self._secret
        await self._socket.send_str(msgspec.json.encode(whole).decode())

    async def _read(self) -> None:
        assert self._socket is not None
        try:
            async for message in self._socket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    self._take(msgspec.json.decode(message.data))
        except (aiohttp.ClientError, OSError, msgspec.MsgspecError) as error:
            _log.warning("janus_lost", why=repr(error))
        finally:
            self._end()

    def _take(self, told: Any) -> None:
        if not isinstance(told, dict):
            return
        what, waiting = str(told.get("janus")), self._waiting.get(str(told.get("transaction")))
        if what == "ack":
            return  # an `event` follows; to a keepalive nothing does
        if waiting is not None and what in _ANSWERS:
            if not waiting.done():
                waiting.set_result(told)
            return
        try:
            self._on_event(int(told.get("sender", 0)), what, told)
        except Exception:  # noqa: BLE001 - who is told must not end the reading
            _log.exception("janus_event_failed", what=what)

    async def _live(self) -> None:
        while True:
            await asyncio.sleep(ALIVE_S)
            await self._send({"janus": "keepalive"}, "alive")

    def _end(self) -> None:
        self.ended.set()
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(JanusGone("the connection ended"))
