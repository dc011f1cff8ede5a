"""The peer of `media` that was made for this: Janus, a forwarder in C, tuned, with its VideoRoom plugin.

Owns Janus's configuration for a benchmark, its process, and the two ends of a line that Janus wants: it takes
a publisher's offer, and makes the offer to a viewer itself. Janus is Debian's package (GPL-3), a process of
its own that is spoken to over its socket; it is neither linked nor shipped, and only benchmarks and tests
want it. libnice refuses loopback, so all of this runs in a network of its own (`ground`).
"""

import asyncio
import contextlib
import shutil
import signal
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import aiohttp
from aiortc import RTCPeerConnection, RTCSessionDescription

from ops import files
from ops.bench import machine
from ops.bench.media_ends import Counting, Replay, line, until_connected
from ops.faults.apart import namespaces
from ops.faults.apart.namespaces import Place
from ops.trouble import Trouble
from server.media import passthrough
from server.media.janus_talk import JanusGone, Talk

ADDRESS: Final = "10.99.0.1"
READY_S: Final = 20.0
STOP_S: Final = 10.0
LIBRARY: Final = "/usr/lib/*/janus"
_ROOM: Final = 1


def ground() -> int:
    """Be in a network of our own from now on, with an address that is no loopback's; its handle.

    Raises:
      Trouble: this machine does not let us.
    """
    place = Place.make()
    place.enter()
    place.close()
    return namespaces.tun("media0", ADDRESS)


def free_port() -> int:
    """A port of loopback that nobody listens at just now."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def configure(folder: Path, *, port: int, address: str, loops: int, secret: str = "") -> None:
    """Janus's configuration: the VideoRoom plugin and WebSockets on loopback, nothing else.

    Raises:
      Trouble: Janus is not here.
    """
    library = next(iter(sorted(Path("/").glob(LIBRARY.lstrip("/")))), None)
    if library is None or shutil.which("janus") is None:
        raise Trouble(
            "找不到对照程序 Janus。请安装(Debian 12:apt-get install --no-install-recommends janus)。",
            "There is no Janus here. Install it (Debian 12: apt-get install --no-install-recommends janus).",
            2,
        )
    plugins = ",".join(one.name for one in (library / "plugins").glob("*.so") if "videoroom" not in one.name)
    ways = ",".join(one.name for one in (library / "transports").glob("*.so") if "websockets" not in one.name)
    told = f"""
general: {{
  configs_folder = "{folder}"
  plugins_folder = "{library}/plugins"
  transports_folder = "{library}/transports"
  debug_level = 3
  debug_colors = false
  event_loops = {loops}
  api_secret = "{secret}"
}}
nat: {{
  ice_enforce_list = "{address}"
  ignore_mdns = true
}}
plugins: {{ disable = "{plugins}" }}
transports: {{ disable = "{ways}" }}
"""
    if not secret:
        told = told.replace('  api_secret = ""\n', "")
    files.make_folder(folder)
    files.write(folder / "janus.jcfg", told.encode())
    files.write(folder / "janus.plugin.videoroom.jcfg", b"general: {}\n")
    ways_told = (
        f'general: {{ json = "compact", ws = true, ws_port = {port}, ws_ip = "127.0.0.1", wss = false }}\n'
    )
    files.write(folder / "janus.transport.websockets.jcfg", ways_told.encode())


@contextlib.asynccontextmanager
async def running(
    data: Path, *, loops: int, secret: str = "", port: int = 0
) -> AsyncIterator[tuple[int, str]]:
    """Janus on the server's core until the block ends; its process id and where it listens.

    Raises:
      Trouble: it is not here, or does not come up.
    """
    folder, port = data / "janus", port or free_port()
    configure(folder, port=port, address=ADDRESS, loops=loops, secret=secret)
    log = folder / "log"
    with log.open("wb") as out:
        process = await asyncio.create_subprocess_exec("janus", "-F", str(folder), stdout=out, stderr=out)
    url = f"ws://127.0.0.1:{port}"
    try:
        await _up(process, url, secret, log)
        machine.pin(process.pid, machine.SERVER_CORE)
        yield process.pid, url
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(STOP_S):
                    await process.wait()
        if process.returncode is None:
            process.kill()
            await process.wait()
        shutil.rmtree(folder)


async def _up(process: asyncio.subprocess.Process, url: str, secret: str, log: Path) -> None:
    why: object = "no answer"
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(READY_S):
            while process.returncode is None:
                try:
                    talk = await Talk.open(url, secret)
                except JanusGone as error:
                    why = error
                    await asyncio.sleep(0.05)
                    continue
                await talk.close()
                return
    said = (await asyncio.to_thread(log.read_text, errors="replace")).strip().splitlines()[-1:]
    raise Trouble("对照程序 Janus 未能启动。", f"The peer Janus did not start: {why} {' '.join(said)}")


class JanusEnds:
    """A publisher or viewers of one Janus room, in the place of `Ends`."""

    def __init__(self, http: aiohttp.ClientSession, url: str, headers: dict[str, str]) -> None:  # noqa: ARG002
        """Talk to Janus at `url`."""
        self._url = url
        self._talk: Talk | None = None
        self._lines: list[RTCPeerConnection] = []
        self.viewers: list[Counting] = []

    async def publish(self, track: Replay) -> None:
        """Send a track."""
        talk = await self._open()
        handle = await talk.attach()
        room: dict[str, Any] = {"request": "create", "room": _ROOM, "publishers": 1, "is_private": True}
        await talk.message(handle, {**room, "audiocodec": "opus", "videocodec": "vp8,h264"})
        connection = self._line()
        connection.addTrack(track)
        await connection.setLocalDescription(await connection.createOffer())
        said = await talk.message(
            handle,
            {"request": "joinandconfigure", "room": _ROOM, "ptype": "publisher", "id": 1},
            sdp=connection.localDescription.sdp,
        )
        connected = until_connected(connection)
        await connection.setRemoteDescription(RTCSessionDescription(said.sdp, "answer"))
        await connected

    async def watch(self, count: int) -> None:
        """So many viewers."""
        talk = await self._open()
        for _ in range(count):
            handle, counting = await talk.attach(), Counting()
            joining = {"request": "join", "room": _ROOM, "ptype": "subscriber", "streams": [{"feed": 1}]}
            offered = await talk.message(handle, joining)
            connection = self._line()
            await connection.setRemoteDescription(RTCSessionDescription(offered.sdp, "offer"))
            passthrough.meter(connection.getTransceivers()[0].receiver, counting.take)
            connected = until_connected(connection)
            await connection.setLocalDescription(await connection.createAnswer())
            await talk.message(
                handle, {"request": "start"}, sdp=connection.localDescription.sdp, kind="answer"
            )
            await connected
            self.viewers.append(counting)

    async def close(self) -> None:
        """End every line."""
        if self._talk is not None:
            await self._talk.close()
        await asyncio.gather(*(one.close() for one in self._lines))

    async def _open(self) -> Talk:
        if self._talk is None:
            self._talk = await Talk.open(self._url, "")
        return self._talk

    def _line(self) -> RTCPeerConnection:
        made = line()
        self._lines.append(made)
        return made
