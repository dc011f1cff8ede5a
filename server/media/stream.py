"""One stream of a source: what its publisher sends, to everybody who watches it and to whoever records it.

Owns the order of things for a packet: numbered on, kept, sent to each leg, handed to each sink. Nothing here
waits. Must not know who may see it.
"""

import asyncio
from collections.abc import Callable
from typing import Final

import structlog
from aiortc.rtp import RtpPacket

from server.media import keyframes, passthrough
from server.media.continuity import Continuity, History, Kept
from server.media.leg import Leg
from server.media.passthrough import Again
from server.media.sinks import Packet, Sink, Track
from server.senses import Senses

_log = structlog.get_logger("server.media")
SILENT_MS_MIN: Final = 1
"""A new publication's first picture is at least this much later than the last one before."""
STILL_MS: Final = 1_000
"""A picture of which nothing came for so long does not move now."""


class Skew:
    """How far this clock is ahead of a publisher's; one for picture and sound, to keep them together."""

    def __init__(self) -> None:
        """Nothing is known before the first sender report."""
        self.ms: int | None = None

    def seen(self, theirs_ms: int, ours_ms: int) -> None:
        """A report of theirs came now; the one that was least on its way tells best."""
        skew = ours_ms - theirs_ms
        if self.ms is None or skew < self.ms:
            self.ms = skew


class Stream:
    """Forwards one stream without decoding it."""

    def __init__(self, name: str, senses: Senses) -> None:
        """No publisher yet; `name` is `audio`, `video` or `thumb`."""
        self.name = name
        self.track: Track | None = None
        self.last_codec = ""
        """What was sent last, whoever sends now."""
        self.legs: list[Leg] = []
        self.packets = self.octets = self.keyframes_asked = self.keyframes_come = 0
        self._senses = senses
        self._continuity = Continuity()
        self._history = History()
        self._asking = keyframes.Asking()
        self._sinks: list[Sink] = []
        self._coming: list[tuple[Leg, Callable[[], None]]] = []
        self._ask: Callable[[int], None] | None = None
        self._again: Again | None = None
        self._ssrc = -1
        self._last_ms = 0
        self._skew = Skew()
        self._stands: tuple[int, int] | None = None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def is_live(self) -> bool:
        """Whether a publisher is there."""
        return self.track is not None

    @property
    def is_moving(self) -> bool:
        """Whether something of it came just now."""
        return self.is_live and self._senses.now_ms() - self._last_ms < STILL_MS

    def begin(self, track: Track, ask: Callable[[int], None], skew: Skew, again: Again | None = None) -> None:
        """A publisher's stream begins; `ask` asks for a keyframe of an ssrc, `again` for what is missing."""
        self.end()
        self.track, self._ask, self._skew, self._again = track, ask, skew, again
        self.last_codec = track.codec
        self._ssrc, self._stands = -1, None
        self._each_sink(lambda sink: sink.began(track))
        if (self.legs or self._coming) and track.kind == "video":
            self.want_keyframe()

    def end(self) -> None:
        """Its publisher has gone; viewers stay for the next one."""
        track, self.track, self._ask, self._again = self.track, None, None, None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if track is not None:
            self._each_sink(lambda sink: sink.ended(track))

    def taken(self, packet: RtpPacket) -> None:
        """A packet of the publisher's: out to everybody."""
        track = self.track
        if track is None:
            return
        now_ms = self._senses.now_ms()
        if packet.ssrc != self._ssrc:
            ticks = max(SILENT_MS_MIN, now_ms - self._last_ms) * track.clock_rate // 1000
            self._continuity.begin(ticks)
            self._ssrc, self._stands = packet.ssrc, None
            if self._asking.is_wanted:
                self.want_keyframe()
        self._last_ms = now_ms
        payload = packet.payload
        self.packets += 1
        self.octets += len(payload)
        is_marked = bool(packet.marker)
        sequence, timestamp = self._continuity.place(packet.sequence_number, packet.timestamp)
        kept = Kept(sequence, timestamp, is_marked, payload)
        self._history.add(kept)
        begins = True
        if track.kind == "video":
            begins = keyframes.begins(track.codec, payload)
            if begins:
                self.keyframes_come += 1
                self._asking.came()
        if begins and self._coming:
            self._take_in(kept)
        for leg in self.legs:
            if leg.is_begun:
                if leg.takes(sequence):
                    leg.send(kept)
            elif begins:
                leg.begin(sequence)
                leg.send(kept)
        if self._sinks:
            raw = Packet(
                packet.payload_type, is_marked, packet.sequence_number, packet.timestamp, packet.ssrc,
                payload, now_ms,
            )  # fmt: skip
            self._each_sink(lambda sink: sink.packet(track, raw))

    def reported(self, ssrc: int, ntp: int, timestamp: int) -> None:
        """A sender report of the publisher's."""
        if self.track is None or ssrc != self._ssrc:
            return
        theirs_ms = passthrough.from_ntp(ntp)
        self._skew.seen(theirs_ms, self._senses.now_ms())
        self._stands = theirs_ms, self._continuity.timestamp(timestamp)
        track = self.track
        self._each_sink(lambda sink: sink.clock(track, theirs_ms, timestamp))

    async def ask_again(self) -> None:
        """Ask the publisher anew for what did not come."""
        if self._again is not None and self._ssrc >= 0:
            has_hole = await self._again.ask(self._ssrc)
            if has_hole and self.track is not None and self.track.kind == "video":
                self.want_keyframe()

    @property
    def ssrc(self) -> int:
        """The publisher's; -1 before its first packet."""
        return self._ssrc

    def report(self) -> tuple[int, int] | None:
        """Where the stream stands by this machine's clock, NTP and RTP timestamp; None before it is known."""
        if self.track is None or self._stands is None or self._skew.ms is None:
            return None
        now_ms = self._senses.now_ms()
        theirs_ms, timestamp = self._stands
        passed_ms = now_ms - self._skew.ms - theirs_ms
        return passthrough.ntp(now_ms), (timestamp + passed_ms * self.track.clock_rate // 1000) & 0xFFFFFFFF

    def find(self, sequence: int) -> Kept | None:
        """A packet that may be asked for again."""
        return self._history.find(sequence)

    def ready(self, leg: Leg) -> None:
        """A viewer can be sent packets: from the next keyframe on, or at once where it is sound."""
        self.legs.append(leg)
        if self.name != "audio":
            self.want_keyframe()

    def gone(self, leg: Leg) -> None:
        """A viewer is sent nothing more of it."""
        self._coming = [one for one in self._coming if one[0] is not leg]
        if leg in self.legs:
            self.legs.remove(leg)

    def join(self, leg: Leg, arrived: Callable[[], None]) -> None:
        """A viewer of another stream, or one who paused, goes on with this one from its next keyframe on."""
        self._coming.append((leg, arrived))
        if self.name != "audio":
            self.want_keyframe()

    def _take_in(self, first: Kept) -> None:
        coming, self._coming = self._coming, []
        for leg, arrived in coming:
            leg.turn(first, self.find, self.report, self.want_keyframe)
            self.legs.append(leg)
            arrived()

    def want_keyframe(self) -> None:
        """Ask the publisher for a keyframe, soon and not too often, until one comes."""
        self._asking.want()
        if self._timer is None:
            self._look()

    def add(self, sink: Sink) -> None:
        """Hand every packet from now on to a sink."""
        self._sinks.append(sink)
        track = self.track
        if track is not None:
            self._one_sink(sink, lambda one: one.began(track))
            if track.kind == "video":
                self.want_keyframe()

    def remove(self, sink: Sink) -> None:
        """Hand it nothing more."""
        if sink in self._sinks:
            track = self.track
            if track is not None:
                self._one_sink(sink, lambda one: one.ended(track))
            self._let_go(sink)

    def _look(self) -> None:
        self._timer = None
        if self._ask is None or not self._asking.is_wanted:
            return
        now_ms = self._senses.running_ms()
        if self._ssrc >= 0 and self._asking.due(now_ms):
            self.keyframes_asked += 1
            self._ask(self._ssrc)
        wait_ms = self._asking.wait_ms(now_ms)
        if self._ssrc >= 0 and wait_ms:
            self._timer = asyncio.get_running_loop().call_later(wait_ms / 1000, self._look)

    def _each_sink(self, call: Callable[[Sink], None]) -> None:
        for sink in tuple(self._sinks):
            self._one_sink(sink, call)

    def _one_sink(self, sink: Sink, call: Callable[[Sink], None]) -> None:
        try:
            call(sink)
        except Exception:  # noqa: BLE001 - a recorder's fault is no viewer's
            _log.exception("sink_failed", stream=self.name)
            self._let_go(sink)

    def _let_go(self, sink: Sink) -> None:
        if sink in self._sinks:
            self._sinks.remove(sink)
