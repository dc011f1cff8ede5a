"""A rude client in a process of its own: it asks as fast as it can, or asks and never reads.

Speaks Engine.IO and Socket.IO by hand, as a page (any browser at the venue) or with a node's certificate.
Goes to loopback only, for a time that is told, and stops by itself. Its last line of stdout is JSON: `{sent,
answered, busy, cut_after_ms}`, the last -1 when it was not cut.
"""

import asyncio
import contextlib
import json
import socket
import ssl
import sys
from pathlib import Path
from typing import Any, Final, Literal

import aiohttp
import msgspec
from msgspec import Struct

from ops import senses
from ops.installation import LOOPBACK
from ops.stack import PROJECT

AT_ONCE: Final = 64
"""Messages that are sent before a breath is drawn."""
READ_BYTES: Final = 4_096
"""The receive buffer of who does not read."""
END_S: Final = 30.0
"""How long the process may take beyond its time."""
_OPEN_S = 10.0
_BREATH_S = {"flood": 0.005, "deaf": 0.03}
"""Between two times of asking: enough for who floods to read what comes, enough not to be a flood."""


class Told(Struct, frozen=True):
    """What a rude client came to."""

    sent: int
    answered: int
    busy: int
    cut_after_ms: int


class Task(Struct, frozen=True, kw_only=True):
    """What a rude client is to do; without certificate files it is a page."""

    port: int
    host: str
    namespace: str
    way: Literal["flood", "deaf"]
    for_ms: int
    name: str = ""
    ca: str = ""
    cert: str = ""
    key: str = ""


async def run(task: Task) -> Told:
    """Run one in a process of its own; what it came to.

    Raises:
      AssertionError: it did not come to its end.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "ops.faults.rude", msgspec.json.encode(task).decode(),
        cwd=PROJECT, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(task.for_ms / 1000 + END_S):
            raw, _ = await process.communicate()
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    assert raw, "the rude client has failed"
    return msgspec.json.decode(raw.splitlines()[-1], type=Told)


class _Client:
    """The process itself."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._sent = 0
        self._answered = 0
        self._busy = 0

    async def run(self) -> Told:
        tls = _tls(self._task)
        scheme = "wss" if tls else "ws"
        url = f"{scheme}://{LOOPBACK}:{self._task.port}/socket.io/?EIO=4&transport=websocket"
        connector = aiohttp.TCPConnector(socket_factory=self._socket)
        start = senses.running_ms()
        async with (
            aiohttp.ClientSession(connector=connector) as http,
            http.ws_connect(
                url, headers={"Host": self._task.host}, ssl=tls or True,
                server_hostname=self._task.name or None, max_msg_size=0,
            ) as opened,
        ):  # fmt: skip
            async with asyncio.timeout(_OPEN_S):
                await opened.receive()
                await opened.send_str(f"40{self._task.namespace},")
                await opened.receive()
            reading = asyncio.create_task(self._read(opened)) if self._task.way == "flood" else None
            cut = await self._ask(opened, start)
            if reading is not None:
                reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)
            after_ms = senses.running_ms() - start if cut else -1
            # Not closed in order: who does not read would wait for an answer to that as well.
            if opened._response.connection is not None:  # noqa: SLF001
                opened._response.connection.close()  # noqa: SLF001
        return Told(self._sent, self._answered, self._busy, after_ms)

    async def _ask(self, opened: aiohttp.ClientWebSocketResponse, start: int) -> bool:
        """Ask until the time is over or the other side has had enough: then True."""
        pause_s = _BREATH_S[self._task.way]
        while senses.running_ms() - start < self._task.for_ms:
            try:
                for _ in range(AT_ONCE if self._task.way == "flood" else 1):
                    self._sent += 1
                    await opened.send_str(f'42{self._task.namespace},{self._sent}["sessions"]')
            except (OSError, aiohttp.ClientError):
                return True
            await asyncio.sleep(pause_s)
            if opened.closed:
                return True
        return False

    async def _read(self, opened: aiohttp.ClientWebSocketResponse) -> None:
        async for message in opened:
            if message.type is aiohttp.WSMsgType.TEXT and message.data == "2":
                await opened.send_str("3")
            elif message.type is aiohttp.WSMsgType.TEXT and message.data.startswith("43"):
                self._answered += 1
                self._busy += '"TooBusy"' in message.data

    def _socket(self, address: Any) -> socket.socket:
        made = socket.socket(address[0], address[1], address[2])
        if self._task.way == "deaf":
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, READ_BYTES)
        made.setblocking(False)
        return made


def _tls(task: Task) -> ssl.SSLContext | None:
    if not task.ca:
        return None
    context = ssl.create_default_context(cafile=Path(task.ca))
    context.load_cert_chain(task.cert, task.key)
    return context


if __name__ == "__main__":
    done = asyncio.run(_Client(msgspec.json.decode(sys.argv[1], type=Task)).run())
    print(json.dumps(msgspec.to_builtins(done)), flush=True)
