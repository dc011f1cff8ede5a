"""A camera that speaks RTSP as those on walls do (RFC 2326), over TCP, and sends real H.264 in RTP."""

import asyncio
import base64
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from server.media.sinks import Packet
from tests.server.media import film

FRAME_S = 1 / 30


class RtspCamera:
    """Plays frames over and over to whoever asks; `unplug` is what happens when somebody pulls its cable."""

    def __init__(self, frames: tuple[Any, ...], login: str = "", encoding: str = "H264") -> None:
        self.frames, self.login, self.encoding = frames, login, encoding
        self.port = 0
        self.played = self.refused = 0
        self._server: asyncio.Server | None = None
        self._lines: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"rtsp://127.0.0.1:{self.port}/Streaming/Channels/101"

    async def plug_in(self) -> None:
        self._server = await asyncio.start_server(self._answer, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def unplug(self) -> None:
        assert self._server is not None
        self._server.close()
        for line in list(self._lines):
            line.transport.abort()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._lines.add(writer)
        playing: asyncio.Task[None] | None = None
        try:
            while True:
                first = await reader.readexactly(1)
                if first == b"$":  # what the other end reports of what came (RTCP)
                    head = await reader.readexactly(3)
                    await reader.readexactly(int.from_bytes(head[1:], "big"))
                    continue
                asked = (first + await reader.readuntil(b"\r\n\r\n")).decode()
                if self._say(writer, asked):
                    playing = asyncio.create_task(self._play(writer))
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            if playing is not None:
                playing.cancel()
                await asyncio.gather(playing, return_exceptions=True)
            writer.close()
            self._lines.discard(writer)
            self._tasks.discard(task)

    def _say(self, writer: asyncio.StreamWriter, asked: str) -> bool:
        """Answer one request; whether it was PLAY."""
        method = asked.split(" ", 1)[0]
        heads = dict(line.split(": ", 1) for line in asked.split("\r\n")[1:] if ": " in line)
        status, more, body = "200 OK", [], ""
        basic = "Basic " + base64.b64encode(self.login.encode()).decode()
        if self.login and method != "OPTIONS" and heads.get("Authorization") != basic:
            status, more, method = "401 Unauthorized", ['WWW-Authenticate: Basic realm="camera"'], ""
            self.refused += 1
        if method == "OPTIONS":
            more = ["Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN"]
        elif method == "DESCRIBE":
            body = self._sdp()
            more = [
                "Content-Type: application/sdp",
                f"Content-Base: {self.url}/",
                f"Content-Length: {len(body)}",
            ]
        elif method == "SETUP":
            more = ["Transport: RTP/AVP/TCP;unicast;interleaved=0-1", "Session: 7;timeout=60"]
        elif method == "PLAY":
            more = ["Session: 7", "Range: npt=0.000-"]
        lines = [f"RTSP/1.0 {status}", f"CSeq: {heads.get('CSeq', '0')}", *more, "", body]
        writer.write("\r\n".join(lines).encode())
        return method == "PLAY"

    def _sdp(self) -> str:
        told = ""
        if self.encoding == "H264":
            sets = [unit for unit in units_of(self.frames[0]) if unit[0] & 0x1F in (7, 8)]
            told = "packetization-mode=1;sprop-parameter-sets=" + ",".join(
                base64.b64encode(one).decode() for one in sets
            )
        lines = [
            "v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=camera", "c=IN IP4 0.0.0.0", "t=0 0", "a=control:*",
            "m=video 0 RTP/AVP 96", f"a=rtpmap:96 {self.encoding}/90000", f"a=fmtp:96 {told}",
            "a=control:track1",
        ]  # fmt: skip
        return "".join(f"{line}\r\n" for line in lines if not line.endswith("fmtp:96 "))

    async def _play(self, writer: asyncio.StreamWriter) -> None:
        packets = film.h264(self.frames)
        marks = [at for at, packet in enumerate(packets) if packet.marker]
        sequence = timestamp = 0
        while True:
            begin = 0
            for end in marks:
                for packet in packets[begin : end + 1]:
                    writer.write(framed(packet, sequence, timestamp))
                    sequence += 1
                begin = end + 1
                timestamp += round(90_000 * FRAME_S)
                self.played += 1
                await writer.drain()
                await asyncio.sleep(FRAME_S)


def framed(packet: Packet, sequence: int, timestamp: int) -> bytes:
    """A packet in a frame of RTSP's own connection (RFC 2326 10.12)."""
    head = bytes((0x80, 96 | (0x80 if packet.marker else 0)))
    head += (sequence % 65_536).to_bytes(2, "big") + (timestamp % 2**32).to_bytes(4, "big") + b"\0\0\0\7"
    raw = head + packet.payload
    return b"$\0" + len(raw).to_bytes(2, "big") + raw


def units_of(frame: Any) -> list[bytes]:
    """The units of an encoded frame, told apart by another hand than the product's."""
    parts = bytes(frame).replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1")
    return [part for part in parts if part]


@contextlib.asynccontextmanager
async def filming(
    frames: tuple[Any, ...], login: str = "", encoding: str = "H264"
) -> AsyncIterator[RtspCamera]:
    camera = RtspCamera(frames, login, encoding)
    await camera.plug_in()
    try:
        yield camera
    finally:
        await camera.unplug()
