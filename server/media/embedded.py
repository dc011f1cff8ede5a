"""The embedded engine: aiortc for ICE, DTLS and SRTP, and between publisher and viewers nothing that decodes.

Owns connections and the sources they belong to. A source outlives its publisher: viewers stay, and the one
who comes back goes on where the stream stopped. Must not know who may do what.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from typing import Any

import structlog
from aiortc import (
    RTCBundlePolicy,
    RTCConfiguration,
    RTCIceServer,
    RTCPeerConnection,
    RTCRtpSender,
    RTCRtpTransceiver,
    RTCSessionDescription,
)
from aiortc.rtp import RtpPacket

from server.media import attending, limits, passthrough
from server.media.attending import Attended
from server.media.bearing import FULL, THUMB, Bearing, Counts
from server.media.budget import Budget
from server.media.engine import Answer, BadOffer, NotLive, SourceStats, Stats, StreamStats
from server.media.held import HANDED_ON, Carried, Line, Source
from server.media.leg import Leg
from server.media.offers import NAMES, SENDING, first_codec, sections
from server.media.process import IceServer
from server.media.settings import Bounds
from server.media.sinks import Sink, Track
from server.media.stream import Skew, Stream
from server.senses import Senses

_log = structlog.get_logger("server.media")


class Embedded:
    """Forwards RTP in this process."""

    def __init__(
        self, senses: Senses, bounds: Bounds, *, hosts: tuple[str, ...] = (), ice: tuple[IceServer, ...] = ()
    ) -> None:
        """Carry nothing yet.

        Args:
          senses: the clock, and secrets for ids.
          bounds: how much it carries.
          hosts: the addresses that connections offer; empty for all of the machine.
          ice: STUN and TURN servers; none on a private line.
        """
        self._senses, self._bounds, self._hosts = senses, bounds, hosts
        self._configuration = RTCConfiguration(
            iceServers=[
                RTCIceServer(list(one.urls), one.username or None, one.credential or None) for one in ice
            ],
            bundlePolicy=RTCBundlePolicy.MAX_BUNDLE,
        )
        self._sources: dict[str, Source] = {}
        self._lines: dict[str, Line] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._attending: asyncio.Task[None] | None = None

    async def start(self) -> str:
        """See `Engine`."""
        passthrough.offer_addresses(self._hosts)
        passthrough.ask_for_sound_too()
        fits = await passthrough.check()
        self._attending = asyncio.create_task(
            attending.run(
                self._senses, self._streams, self._attended, self._report, self.leave,
                self._bounds.connecting_ms,
            ),
            name="attend",
        )  # fmt: skip
        return fits

    async def publish(self, source: str, offer: str) -> Answer:
        """See `Engine`."""
        media = sections(offer, *SENDING)
        held = limits.source(self._sources, source, Source, self._bounds)
        limits.room((line.viewer is None for line in self._lines.values()), self._bounds)
        line = self._line(held, None)
        try:
            connection = self._connect(line)
            taken = []
            for one in media:
                transceiver = connection.addTransceiver(one.kind, direction="recvonly")
                taken.append((transceiver, _prefer(transceiver, first_codec(one))))
            await self._describe(connection, offer)
            await self._replace_publisher(held, line)
            self._begin(held, taken)
            return Answer(line.resource, await self._answer(connection))
        except BaseException:
            await self.leave(line.resource)
            raise

    async def subscribe(
        self, source: str, viewer: str, offer: str, *, thumb: bool = False, sound: bool = True
    ) -> Answer:
        """See `Engine`."""
        media = sections(offer, "sendrecv", "recvonly")
        held = self._sources.get(source)
        if held is None or not held.is_live:
            raise NotLive(source)
        for earlier in [one for one in self._lines.values() if one.source is held and one.viewer == viewer]:
            await self.leave(earlier.resource)
        limits.room((line.viewer is not None for line in self._lines.values()), self._bounds)
        line = self._line(held, viewer)
        line.wanted = THUMB if thumb else FULL
        try:
            connection = self._connect(line)
            for one in media:
                stream = _wanted(held, one.kind, thumb) if sound or one.kind != "audio" else None
                track = None if stream is None else stream.track
                if stream is None or track is None:
                    connection.addTransceiver(one.kind, direction="inactive")
                    continue
                transceiver = connection.addTransceiver(one.kind, direction="sendonly")
                _prefer(transceiver, track.codec)
                line.carried.append(Carried(stream, self._leg(line, stream, transceiver.sender)))
            if not line.carried:
                raise BadOffer("nothing that is asked for is sent by this source")
            await self._describe(connection, offer)
            return Answer(line.resource, await self._answer(connection))
        except BaseException:
            await self.leave(line.resource)
            raise

    async def accept(self, resource: str, answer: str) -> None:  # noqa: ARG002
        """See `Engine`."""
        raise NotLive(resource)

    async def hand_on(self, source: str, ask: Callable[[str], Awaitable[str]]) -> str:
        """See `Engine`."""
        held = self._sources.get(source)
        if held is None or not held.is_live:
            raise NotLive(source)
        limits.room((line.viewer is not None for line in self._lines.values()), self._bounds)
        line = self._line(held, HANDED_ON)
        try:
            connection = self._connect(line)
            for kind, names in NAMES.items():
                for stream in (held.streams[name] for name in names if name in held.streams):
                    if stream.track is not None:
                        transceiver = connection.addTransceiver(kind, direction="sendonly")
                        _prefer(transceiver, stream.track.codec)
                        line.carried.append(Carried(stream, self._leg(line, stream, transceiver.sender)))
            await connection.setLocalDescription(await connection.createOffer())
            answer = await ask(str(connection.localDescription.sdp))
            await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        except BaseException:
            await self.leave(line.resource)
            raise
        return line.resource

    def want(self, resource: str, *, thumb: bool) -> bool:
        """See `Engine`."""
        line = self._lines.get(resource)
        if line is None or line.viewer is None:
            return False
        line.wanted = THUMB if thumb else FULL
        line.adapt(self._senses.running_ms())
        return True

    def bears(self, resource: str) -> str:
        """See `Engine`."""
        line = self._lines.get(resource)
        return "full" if line is None else line.bears

    def is_up(self, resource: str) -> bool:
        """See `Engine`."""
        return resource in self._lines

    async def leave(self, resource: str) -> bool:
        """See `Engine`."""
        line = self._lines.pop(resource, None)
        if line is None:
            return False
        for one in line.carried:
            one.end()
        if line.source.publisher == resource:
            line.source.publisher = None
            for stream in line.source.streams.values():
                stream.end()
        if line.connection is not None:
            await line.connection.close()
        return True

    def record(self, source: str, sink: Sink) -> None:
        """See `Engine`."""
        held = limits.source(self._sources, source, Source, self._bounds)
        for names in NAMES.values():
            for name in names:
                held.stream(name, self._senses).add(sink)

    def unrecord(self, source: str, sink: Sink) -> None:
        """See `Engine`."""
        held = self._sources.get(source)
        for stream in () if held is None else held.streams.values():
            stream.remove(sink)

    def keyframe(self, source: str) -> None:
        """See `Engine`."""
        held = self._sources.get(source)
        for stream in () if held is None else held.streams.values():
            if stream.track is not None and stream.track.kind == "video":
                stream.want_keyframe()

    def stats(self) -> Stats:
        """See `Engine`."""
        viewers = sum(line.viewer is not None for line in self._lines.values())
        sources = tuple(self._source_stats(one) for one in self._sources.values())
        return Stats("embedded", len(self._lines) - viewers, viewers, sources)

    async def close(self) -> None:
        """See `Engine`."""
        if self._attending is not None:
            self._attending.cancel()
            await asyncio.gather(self._attending, return_exceptions=True)
        for resource in tuple(self._lines):
            await self.leave(resource)
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _line(self, source: Source, viewer: str | None) -> Line:
        bearing = Bearing(self._bounds.publish_bits_per_s_max)
        line = Line(self._senses.secret(16).hex(), source, viewer, bearing)
        self._lines[line.resource] = line
        return line

    def _connect(self, line: Line) -> RTCPeerConnection:
        connection = RTCPeerConnection(self._configuration)
        line.connection = connection

        def changed() -> None:
            # What is raised in here would end aiortc's own connecting.
            if connection.connectionState in ("failed", "closed") and line.resource in self._lines:
                self._later(self._lost(line))

        connection.on("connectionstatechange", changed)
        return connection

    def _report(self, now_ms: int) -> None:
        for line in self._lines.values():
            line.wire.attend(now_ms, self._senses.secret)
            for one in line.carried:
                one.leg.report(now_ms)

    def _streams(self) -> Iterator[Stream]:
        return (stream for source in self._sources.values() for stream in source.streams.values())

    def _attended(self) -> Iterator[Attended]:
        now_ms = self._senses.running_ms()
        rates: dict[str, int] = {}
        for one in self._lines.values():
            if one.viewer is not None:
                one.adapt(now_ms)
                rate = one.bearing.bits_per_s(now_ms)
                rates[one.source.name] = min(rates.get(one.source.name, rate), rate)
        for one in self._lines.values():
            if one.connection is not None:
                ssrcs = one.source.ssrcs if one.kind == "publisher" else ()
                rate = rates.get(one.source.name, self._bounds.publish_bits_per_s_max)
                yield Attended(one.resource, one.kind, one.connection, rate, ssrcs)

    async def _lost(self, line: Line) -> None:
        _log.info("connection_lost", source=line.source.name, viewer=line.viewer)
        await self.leave(line.resource)

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _describe(self, connection: RTCPeerConnection, offer: str) -> None:
        try:
            await connection.setRemoteDescription(
                RTCSessionDescription(passthrough.without_names(offer), "offer")
            )
        except Exception as error:  # aiortc has no one kind of fault for an SDP that it cannot take
            raise BadOffer(str(error)) from error

    async def _answer(self, connection: RTCPeerConnection) -> str:
        await connection.setLocalDescription(await connection.createAnswer())
        return str(connection.localDescription.sdp)

    async def _replace_publisher(self, source: Source, line: Line) -> None:
        earlier, source.publisher = source.publisher, line.resource
        if earlier is not None:
            await self.leave(earlier)

    def _begin(self, source: Source, taken: list[tuple[RTCRtpTransceiver, Any]]) -> None:
        source.publications += 1
        skew = Skew()
        names = {kind: iter(several) for kind, several in NAMES.items()}
        begun = set()
        for transceiver, _ in taken:
            stream = source.stream(next(names[transceiver.kind]), self._senses)
            codec = passthrough.negotiated(transceiver)
            told = tuple(sorted((name, str(value)) for name, value in codec.parameters.items()))
            track = Track(
                source=source.name,
                name=stream.name,
                publication=source.publications,
                codec=codec.name,
                clock_rate=codec.clockRate,
                payload_type=codec.payloadType or 0,
                channels=codec.channels or 0,
                parameters=told,
            )
            if stream.legs and stream.last_codec not in ("", track.codec):
                self._later(self._end_viewers(source))
            ask = passthrough.tap(transceiver.receiver, _taker(stream), stream.reported)
            stream.begin(track, ask, skew, passthrough.Again(transceiver.receiver))
            begun.add(stream.name)
        for name, stream in source.streams.items():
            if name not in begun:
                stream.end()

    async def _end_viewers(self, source: Source) -> None:
        """Another codec than was answered: viewers offer anew."""
        viewers = [one for one in self._lines.values() if one.source is source and one.viewer is not None]
        for line in viewers:
            await self.leave(line.resource)

    def _leg(self, line: Line, stream: Stream, sender: RTCRtpSender) -> Leg:
        bearing, counts = line.bearing, Counts()
        budget = Budget(self._senses, self._bounds.retransmits_per_s_max)
        return Leg(
            sender,
            line.wire,
            first_sequence=int.from_bytes(self._senses.secret(2), "big") >> 1,
            find=stream.find,
            report=stream.report,
            on_ready=stream.ready,
            on_loss=stream.want_keyframe,
            retransmits_max=budget.takes,
            on_report=lambda highest, lost: bearing.counted(counts, highest, lost, self._senses.running_ms()),
            # A browser's own estimate needs what is not sent here; a worker tells what its viewers bear.
            on_rate=bearing.told if line.kind == "worker" else lambda _: None,
        )

    def _source_stats(self, source: Source) -> SourceStats:
        return SourceStats(
            source.name,
            source.is_live,
            source.publications,
            tuple(_stream_stats(one) for one in source.streams.values() if one.packets or one.is_live),
        )


def _taker(stream: Stream) -> Any:
    taken = stream.taken

    def take(packet: RtpPacket) -> None:
        try:
            taken(packet)
        except Exception:  # noqa: BLE001 - one packet's fault is not the next one's
            _log.exception("packet_failed", stream=stream.name)

    return take


def _stream_stats(stream: Stream) -> StreamStats:
    track = stream.track
    return StreamStats(
        stream.name,
        stream.last_codec if track is None else track.codec,
        stream.packets,
        stream.octets,
        stream.keyframes_asked,
        stream.keyframes_come,
        len(stream.legs),
        sum(leg.packets for leg in stream.legs),
        sum(leg.retransmitted for leg in stream.legs),
        sum(leg.dropped for leg in stream.legs),
        stream.is_live,
    )


def _prefer(transceiver: RTCRtpTransceiver, codec: str) -> str:
    """Let a transceiver take this codec and its retransmission, and no other."""
    wanted = [
        one
        for one in RTCRtpSender.getCapabilities(transceiver.kind).codecs
        if one.mimeType.split("/")[1] in (codec, "rtx")
    ]
    transceiver.setCodecPreferences(wanted)
    return codec


def _wanted(source: Source, kind: str, thumb: bool) -> Stream | None:
    small = source.streams.get("thumb") if thumb and kind == "video" else None
    return small if small is not None and small.is_live else source.streams.get(kind)
