"""The Janus engine: a Janus beside this process forwards; who may see what was asked before, here as ever.

Owns how a source, its publisher and its viewers are feeds and handles there, and outlive each other. Janus
makes the offer to a viewer itself: a viewer's own is met with another one (`Answer.is_offer`). What is
recorded or handed on is fetched from Janus by an embedded engine, as one more viewer; all else stays there.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final

import structlog
from aiortc.sdp import SessionDescription

from server.media import limits
from server.media.embedded import Embedded
from server.media.engine import Answer, BadOffer, Full, NotLive, SourceStats, Stats, StreamStats
from server.media.janus_held import Feed, Line, Source, Track
from server.media.janus_room import Room
from server.media.offers import NAMES, SENDING, first_codec, sections
from server.media.settings import Bounds, JanusSettings
from server.media.sinks import Sink
from server.senses import Senses

_log = structlog.get_logger("server.media")
UP_S: Final = 5.0
"""How long a viewer waits for a publisher that is on its way."""
_FETCHED: Final = ""
"""Stands where a viewer's name stands for this process's own line."""


class Janus:
    """Has a Janus forward."""

    def __init__(
        self, senses: Senses, bounds: Bounds, told: JanusSettings, secret: str, *, hosts: tuple[str, ...] = ()
    ) -> None:
        """Carry nothing yet.

        Args:
          senses: the clock, and secrets for ids.
          bounds: how much it carries.
          told: where Janus is.
          secret: Janus's `api_secret`; empty where it has none.
          hosts: the addresses by which this process itself fetches from Janus; no loopback.
        """
        self._senses, self._bounds = senses, bounds
        self._inner = Embedded(senses, bounds, hosts=hosts)
        self._room = Room(senses, bounds, told, secret, self._heard, self._emptied)
        self._newest = 0
        self._sources: dict[str, Source] = {}
        self._lines: dict[str, Line] = {}
        self._by_handle: dict[int, str] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> str:
        """See `Engine`."""
        fits = await self._inner.start()
        return f"{await self._room.open()}, {fits}"

    async def publish(self, source: str, offer: str) -> Answer:
        """See `Engine`."""
        tracks = _tracks(offer)
        held = limits.source(self._sources, source, Source, self._bounds)
        limits.room((line.viewer is None for line in self._lines.values()), self._bounds)
        self._newest += 1
        feed = Feed(self._newest, await self._room.attach(), tracks)
        resource = self._line(Line(held, feed.handle, None, feed))
        try:
            joining = {"request": "joinandconfigure", "ptype": "publisher", "id": feed.number}
            said = await self._room.say(feed.handle, self._room.into(joining), sdp=offer)
            if not said.sdp:
                raise BadOffer("janus has no answer to it")
            held.publications += 1
            held.publisher = resource
            return Answer(resource, said.sdp)
        except BaseException:
            await self.leave(resource)
            raise

    async def subscribe(
        self, source: str, viewer: str, offer: str, *, thumb: bool = False, sound: bool = True
    ) -> Answer:
        """See `Engine`. The answer is an offer of Janus's own, to be answered by `accept`."""
        kinds = {one.kind for one in sections(offer, "sendrecv", "recvonly")}
        held = self._sources.get(source)
        feed = None if held is None else await self._live(held)
        if held is None or feed is None:
            raise NotLive(source)
        for resource, line in tuple(self._lines.items()):
            if line.source is held and line.viewer == viewer:
                await self.leave(resource)
        limits.room((line.viewer is not None for line in self._lines.values()), self._bounds)
        wanted = _wanted(feed, kinds, thumb=thumb, sound=sound)
        if not wanted:
            raise BadOffer("nothing that is asked for is sent by this source")
        return await self._offered(held, feed, viewer, wanted)

    async def accept(self, resource: str, answer: str) -> None:
        """See `Engine`."""
        line = self._lines.get(resource)
        if line is None or line.viewer is None:
            raise NotLive(resource)
        try:
            SessionDescription.parse(answer)
        except Exception as error:  # whatever a stranger's text makes of the parser
            raise BadOffer(f"no SDP: {error}") from error
        await self._room.say(line.handle, {"request": "start"}, sdp=answer, kind="answer")

    async def hand_on(self, source: str, ask: Callable[[str], Awaitable[str]]) -> str:
        """See `Engine`."""
        held = self._sources.get(source)
        if held is None or await self._live(held) is None:
            raise NotLive(source)
        await self._fetch(held)
        return await self._inner.hand_on(source, ask)

    def want(self, resource: str, *, thumb: bool) -> bool:
        """See `Engine`."""
        line = self._lines.get(resource)
        feed = None if line is None else line.seen
        if line is None or feed is None or line.viewer is None:
            return False
        wanted = _wanted(feed, {"video"}, thumb=thumb, sound=False)
        shown = next((name for name in ("video", "thumb") if name in line.mids), "")
        if wanted and shown and wanted[0].name != shown and wanted[0].codec == line.mids[shown][1]:
            line.mids[wanted[0].name] = mid, _ = line.mids.pop(shown)
            streams = [{"feed": feed.number, "mid": wanted[0].mid, "sub_mid": mid}]
            self._later(self._tell(line.handle, {"request": "switch", "streams": streams}))
        return True

    def bears(self, resource: str) -> str:  # noqa: ARG002
        """See `Engine`; Janus does not say, and sends what is asked for."""
        return "full"

    @property
    def is_reached(self) -> bool:
        """Whether Janus is there now."""
        return self._room.is_reached

    def is_up(self, resource: str) -> bool:
        """See `Engine`."""
        return resource in self._lines or self._inner.is_up(resource)

    async def leave(self, resource: str) -> bool:
        """See `Engine`."""
        line = self._forget(resource)
        if line is None:
            return await self._inner.leave(resource)
        await self._room.detach(line.handle)
        return True

    def record(self, source: str, sink: Sink) -> None:
        """See `Engine`."""
        held = limits.source(self._sources, source, Source, self._bounds)
        held.sinks += 1
        self._inner.record(source, sink)
        if held.publisher is not None:
            self._later(self._fetch(held))

    def unrecord(self, source: str, sink: Sink) -> None:
        """See `Engine`."""
        held = self._sources.get(source)
        if held is not None:
            held.sinks -= 1
            self._inner.unrecord(source, sink)

    def keyframe(self, source: str) -> None:
        """See `Engine`."""
        line = self._publisher(self._sources.get(source))
        if line is not None:
            asked = {"request": "configure", "keyframe": True}
            self._later(self._tell(line.handle, asked))

    def stats(self) -> Stats:
        """See `Engine`. Only of what is fetched from Janus are packets counted; of the rest it is 0."""
        viewers = sum(line.viewer is not None for line in self._lines.values())
        inner = self._inner.stats()
        counted = {one.source: one for one in inner.sources}
        told = tuple(self._source_stats(one, counted.get(one.name)) for one in self._sources.values())
        viewers -= sum(line.viewer == _FETCHED for line in self._lines.values())
        return Stats("janus", sum(one.is_live for one in told), viewers + inner.viewers, told)

    async def close(self) -> None:
        """See `Engine`."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for resource in tuple(self._lines):
            self._forget(resource)
        await self._inner.close()
        await self._room.close()

    def _emptied(self) -> None:
        """Janus has gone, and all lines with it; they are offered anew to the next one."""
        for resource in tuple(self._lines):
            self._forget(resource)

    async def _tell(self, handle: int, body: dict[str, Any]) -> None:
        try:
            await self._room.say(handle, body)
        except (BadOffer, Full) as error:
            _log.info("janus_said_no", request=body["request"], why=str(error))

    def _heard(self, handle: int, what: str, _: dict[str, Any]) -> None:
        resource = self._by_handle.get(handle)
        line = None if resource is None else self._lines.get(resource)
        if resource is None or line is None:
            return
        if what == "webrtcup":
            if line.timer is not None:
                line.timer.cancel()
            if line.feed is not None:
                line.feed.up.set()
                self._later(self._begun(line.source, line.feed))
        elif what in ("hangup", "detached"):
            _log.info("connection_lost", source=line.source.name, viewer=line.viewer)
            self._later(self._gone(resource))

    def _line(self, line: Line) -> str:
        resource = self._senses.secret(16).hex()
        self._lines[resource] = line
        self._by_handle[line.handle] = resource
        line.timer = asyncio.get_running_loop().call_later(
            self._bounds.connecting_ms / 1000, lambda: self._later(self._gone(resource))
        )
        return resource

    def _forget(self, resource: str) -> Line | None:
        line = self._lines.pop(resource, None)
        if line is None:
            return None
        self._by_handle.pop(line.handle, None)
        if line.timer is not None:
            line.timer.cancel()
        if line.source.publisher == resource:
            line.source.publisher = None
        if line.feed is not None:
            self._later(self._ended(line.source, line.feed))
        if line.viewer == _FETCHED:
            line.source.is_fetched = False
        return line

    def _publisher(self, source: Source | None) -> Line | None:
        return None if source is None or source.publisher is None else self._lines.get(source.publisher)

    async def _live(self, source: Source) -> Feed | None:
        """Its publisher, once it is up; None where there is none."""
        line = self._publisher(source)
        if line is None or line.feed is None:
            return None
        try:
            async with asyncio.timeout(UP_S):
                await line.feed.up.wait()
        except TimeoutError:
            return None
        return line.feed if self._publisher(source) is line else None

    async def _offered(self, source: Source, feed: Feed, viewer: str, wanted: list[Track]) -> Answer:
        """A viewer's line at Janus, and Janus's offer to it."""
        handle = await self._room.attach()
        line = Line(source, handle, viewer)
        line.seen = feed
        resource = self._line(line)
        try:
            streams = [{"feed": feed.number, "mid": one.mid} for one in wanted]
            joining = {"request": "join", "ptype": "subscriber", "autoupdate": False, "streams": streams}
            said = await self._room.say(handle, self._room.into(joining))
            names = {one.mid: one for one in wanted}
            for one in said.data.get("streams", ()):
                track = names[one["feed_mid"]]
                line.mids[track.name] = (str(one["mid"]), track.codec)
            return Answer(resource, said.sdp, is_offer=True)
        except BaseException:
            await self.leave(resource)
            raise

    async def _begun(self, source: Source, feed: Feed) -> None:
        """A publisher is up: who watched the one before goes on with it; it is fetched where it must be."""
        now = {one.name: one for one in feed.tracks}
        for resource, line in tuple(self._lines.items()):
            if line.source is not source or line.seen in (None, feed):
                continue
            changed = any(
                name not in now or now[name].codec != codec for name, (_, codec) in line.mids.items()
            )
            if changed or line.viewer == _FETCHED:
                await self.leave(resource)  # another codec than was answered: viewers offer anew
                continue
            streams = [
                {"feed": feed.number, "mid": now[name].mid, "sub_mid": mid}
                for name, (mid, _) in line.mids.items()
            ]
            line.seen = feed
            await self._tell(line.handle, {"request": "switch", "streams": streams})
        for resource, line in tuple(self._lines.items()):
            if line.source is source and line.feed not in (None, feed) and resource != source.publisher:
                await self.leave(resource)
        if source.sinks > 0:
            await self._fetch(source)

    async def _ended(self, source: Source, feed: Feed) -> None:
        """A feed has gone; who was sent it has nothing left to go on with at Janus, and offers anew."""
        for resource, line in tuple(self._lines.items()):
            if line.source is source and line.seen is feed:
                await self.leave(resource)
        if source.publisher is None:
            await self._inner.leave(source.taken)

    async def _fetch(self, source: Source) -> None:
        """Have the embedded engine take all of a source from Janus, as one more viewer of it."""
        async with source.fetching:
            feed = await self._live(source)
            if feed is None or source.is_fetched:
                return
            source.is_fetched = True
            try:
                offered = await self._offered(source, feed, _FETCHED, list(feed.tracks))
                taken = await self._inner.publish(source.name, offered.sdp)
                source.taken = taken.resource
                await self.accept(offered.resource, taken.sdp)
            except (BadOffer, Full, NotLive) as error:
                source.is_fetched = False
                _log.warning("not_fetched", source=source.name, why=str(error))

    async def _gone(self, resource: str) -> None:
        await self.leave(resource)

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _source_stats(self, source: Source, counted: SourceStats | None) -> SourceStats:
        line = self._publisher(source)
        known = {one.name: one for one in counted.streams} if counted is not None else {}
        streams = []
        for track in () if line is None or line.feed is None else line.feed.tracks:
            legs = sum(
                track.name in one.mids and one.viewer != _FETCHED
                for one in self._lines.values()
                if one.source is source
            )
            one = known.get(track.name)
            streams.append(
                StreamStats(track.name, track.codec, 0, 0, 0, 0, legs, 0, 0, 0)
                if one is None
                else StreamStats(
                    track.name, track.codec, one.packets, one.octets, one.keyframes_asked,
                    one.keyframes_come, legs + one.legs, one.sent, one.retransmitted, one.dropped,
                )
            )  # fmt: skip
        return SourceStats(source.name, line is not None, source.publications, tuple(streams))


def _tracks(offer: str) -> tuple[Track, ...]:
    """What an offer publishes.

    Raises:
      BadOffer: it cannot be read, or nothing of it is forwarded.
    """
    names = {kind: iter(several) for kind, several in NAMES.items()}
    media = sections(offer, *SENDING)
    return tuple(Track(next(names[one.kind]), str(one.rtp.muxId), first_codec(one)) for one in media)


def _wanted(feed: Feed, kinds: set[str], *, thumb: bool, sound: bool) -> list[Track]:
    """What of a feed a viewer is sent."""
    by_name = {one.name: one for one in feed.tracks}
    picture = by_name.get("thumb") if thumb and "thumb" in by_name else by_name.get("video")
    found = [picture] if "video" in kinds and picture is not None else []
    heard = by_name.get("audio") if sound and "audio" in kinds else None
    return [*found, *([heard] if heard is not None else [])]
