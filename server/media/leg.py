"""One stream on its way to one viewer, with a header of our own.

Leans on private members of aiortc, as `passthrough` does, which checks at the start that they are there.
Owns the numbers that a viewer sees, and what is sent to it again. Must not know what else the viewer watches.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final, Protocol

from aiortc import RTCRtpSender
from aiortc.rtp import RtcpByePacket

from server.media import rtcp, wire
from server.media.continuity import Kept
from server.media.wire import Wire

HALF_PACKETS: Final = 0x4000
"""So many packets after a beginning, a number that looks older than it has only gone round."""
REPORT_MS: Final = 1_000
"""How often a viewer is told where the stream stands; the first time as soon as that is known."""
_HALF: Final = 0x8000
_HALF_TICKS: Final = 0x80000000
_FRAME_TICKS: Final = 3_000
"""Between the last picture of one stream and the first of another, where nobody knows better."""


class Report(Protocol):
    """Where a stream stands now, for a sender report: NTP (64 bits) and RTP timestamp; None while unknown."""

    def __call__(self) -> tuple[int, int] | None:
        """Ask."""


class Leg:
    """One stream on its way to one viewer."""

    def __init__(
        self,
        sender: RTCRtpSender,
        line: Wire,
        *,
        first_sequence: int,
        find: Callable[[int], Kept | None],
        report: Report,
        on_ready: Callable[["Leg"], None],
        on_loss: Callable[[], None],
        retransmits_max: Callable[[], bool],
        on_report: Callable[[int, int], None] = lambda *_: None,
        on_rate: Callable[[int], None] = lambda _: None,
    ) -> None:
        """Take a sender over before it is started.

        Args:
          sender: of a connection that is being made.
          line: that connection as bytes.
          first_sequence: of the first packet; below 32,768, so that SRTP's count does not turn early.
          find: a stream's packet by its number, for retransmission.
          report: where the stream stands, for sender reports.
          on_ready: the viewer can be sent packets.
          on_loss: the viewer asks for a keyframe.
          retransmits_max: whether one more packet may be sent again now.
          on_report: the highest number that the viewer received, and how many packets it never did.
          on_rate: the most that it says it may be sent, bits a second.
        """
        self.is_begun = False
        self.packets = self.octets = self.retransmitted = self.dropped = 0
        inner: Any = sender
        self._inner, self._line = inner, line
        self._first = first_sequence
        self._shift = self._ticks = 0
        self._begun_at = self._highest = self._newest = 0
        self._sent = self._due_ms = self._alive_ms = 0
        self._on_report, self._on_rate, self._on_loss = on_report, on_rate, on_loss
        self._find, self._report, self._on_ready, self._may = find, report, on_ready, retransmits_max
        self._payload_type = 0
        self._rtx_sequence = first_sequence
        self._ssrc: int = inner._ssrc
        self._write = line.rtp
        self._name = b""
        inner._run_rtp, inner._run_rtcp = self._run, self._run_rtcp

    def begin(self, sequence: int) -> None:
        """The stream's packet `sequence` is the viewer's first."""
        self._shift = self._first - sequence
        self._begun_at = self._highest = sequence
        self.is_begun = True

    def turn(
        self, packet: Kept, find: Callable[[int], Kept | None], report: Report, on_loss: Callable[[], None]
    ) -> None:
        """Go on with another stream, or after a pause, from this packet on; its viewer sees no seam.

        Args:
          packet: the first one of a keyframe.
          find: of the stream, as when the leg was made.
          report: likewise.
          on_loss: likewise.
        """
        following = (self._highest + self._shift + 1) & 0xFFFF
        newest = self._newest + self._ticks
        before, after = self._report(), report()
        if before is not None and after is not None:
            ticks = before[1] + self._ticks - after[1]
        else:
            ticks = newest + _FRAME_TICKS - packet.timestamp
        if not 0 < (packet.timestamp + ticks - newest) & 0xFFFFFFFF < _HALF_TICKS:
            ticks = newest + 1 - packet.timestamp
        self._ticks = ticks & 0xFFFFFFFF
        self._first, self._shift = following, following - packet.sequence
        self._begun_at = self._highest = packet.sequence
        self._newest, self._sent = packet.timestamp, 0
        self._find, self._report, self._on_loss = find, report, on_loss

    def takes(self, sequence: int) -> bool:
        """Whether a packet of the stream is the viewer's: none is that lies before its first one."""
        return self._sent >= HALF_PACKETS or (sequence - self._begun_at) & 0xFFFF < _HALF

    def send(self, packet: Kept) -> None:
        """Send a packet; what cannot be sent at once is dropped and counted, as the network would."""
        sequence, timestamp, is_marked, payload = packet
        self._sent += 1
        if (sequence - self._highest) & 0xFFFF < _HALF:
            self._highest, self._newest = sequence, timestamp
        if self._write(
            self._payload_type | 0x80 if is_marked else self._payload_type,
            (sequence + self._shift) & 0xFFFF, (timestamp + self._ticks) & 0xFFFFFFFF, self._ssrc, payload,
        ):  # fmt: skip
            self.packets += 1
            self.octets += len(payload)
        else:
            self.dropped += 1

    def report(self, now_ms: int) -> None:
        """Tell where the stream stands when it is time, so that picture and sound stay together.

        A stream that stands nowhere yet says that it lives: a page takes silence for a line that is gone
        (SPEC 30.5).
        """
        if now_ms < self._due_ms:
            return
        stands = self._report() if self.is_begun else None
        if stands is not None:
            self._due_ms = self._alive_ms = now_ms + REPORT_MS
            at = (stands[1] + self._ticks) & 0xFFFFFFFF
            told = rtcp.sender_report(self._ssrc, stands[0], at, self.packets, self.octets)
            self._line.rtcp(told + self._name)
        elif now_ms >= self._alive_ms:
            self._alive_ms = now_ms + REPORT_MS
            self._line.rtcp(rtcp.empty_report(self._ssrc) + self._name)

    async def _run(self, codec: Any) -> None:
        """Stands where aiortc's encoder ran: nothing to do until the sender is stopped."""
        self._payload_type = codec.payloadType
        self._name = wire.named(self._ssrc, self._inner._RTCRtpSender__cname or "")
        self._line.open(self._inner.transport, self._ssrc, self)
        self._inner._RTCRtpSender__rtp_started.set()
        self._on_ready(self)
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self._line.close()
        self._inner._RTCRtpSender__rtp_exited.set()

    async def _run_rtcp(self) -> None:
        """Stands where aiortc's reports were made, in a task for each stream: nothing but the last word."""
        self._inner._RTCRtpSender__rtcp_started.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await self._inner._send_rtcp([RtcpByePacket(sources=[self._ssrc])])
        self._inner._RTCRtpSender__rtcp_exited.set()

    def missed(self, sequences: list[int]) -> None:
        """The viewer asks for packets again (`rtcp.Ear`)."""
        for sequence in sequences:
            self._send_again(sequence)

    def received(self, highest: int, lost: int) -> None:
        """The viewer says what it received (`rtcp.Ear`)."""
        self._on_report(highest, lost)

    def broke(self) -> None:
        """The viewer needs a keyframe (`rtcp.Ear`)."""
        self._on_loss()

    def told(self, bits_per_s: int) -> None:
        """The viewer says what it may be sent at most (`rtcp.Ear`)."""
        self._on_rate(bits_per_s)

    def _send_again(self, sequence: int) -> None:
        is_before = self._sent < HALF_PACKETS and (sequence - self._first) & 0xFFFF >= _HALF
        if not self.is_begun or is_before or not self._may():
            return
        packet = self._find((sequence - self._shift) & 0xFFFF)
        if packet is None:
            return
        self.retransmitted += 1
        marker = 0x80 if packet.marker else 0
        timestamp = (packet.timestamp + self._ticks) & 0xFFFFFFFF
        rtx = self._inner._RTCRtpSender__rtx_payload_type
        if rtx is None:
            is_sent = self._write(
                self._payload_type | marker, sequence, timestamp, self._ssrc, packet.payload
            )
        else:
            is_sent = self._write(
                rtx | marker, self._rtx_sequence, timestamp, self._inner._rtx_ssrc, packet.payload,
                sequence.to_bytes(2, "big"),
            )  # fmt: skip
            self._rtx_sequence = (self._rtx_sequence + 1) & 0xFFFF
        self.dropped += not is_sent
