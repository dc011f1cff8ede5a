"""One stream on its way to one viewer, written to its transport with a header of our own.

Leans on private members of aiortc, as `passthrough` does, which checks at the start that they are there.
Owns the numbers that a viewer sees, and what is sent to it again. Must not know what else the viewer watches.
"""

import asyncio
import contextlib
import struct
from collections.abc import Callable
from typing import Any, Final, Protocol

from aiortc import RTCRtpSender
from aiortc.rtp import RTCP_PSFB_APP, RtcpPsfbPacket, RtcpRrPacket, RtcpSrPacket, unpack_remb_fci

from server.media.continuity import Kept

WRITE_BUFFER_BYTES_MAX: Final = 262_144
"""What may wait for a viewer's socket; above it packets are dropped and counted, never queued."""
HALF_PACKETS: Final = 0x4000
"""So many packets after a beginning, a number that looks older than it has only gone round."""
_HALF: Final = 0x8000
_HALF_TICKS: Final = 0x80000000
_FRAME_TICKS: Final = 3_000
"""Between the last picture of one stream and the first of another, where nobody knows better."""
_HEADER = struct.Struct("!BBHLL")


class Report(Protocol):
    """Where a stream stands now, for a sender report: NTP (64 bits) and RTP timestamp; None while unknown."""

    def __call__(self) -> tuple[int, int] | None:
        """Ask."""


class Leg:
    """One stream on its way to one viewer."""

    def __init__(
        self,
        sender: RTCRtpSender,
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
        self._inner = inner
        self._first = first_sequence
        self._shift = self._ticks = 0
        self._begun_at = self._highest = self._newest = 0
        self._sent = 0
        self._on_report, self._on_rate = on_report, on_rate
        self._find, self._report, self._on_ready, self._may = find, report, on_ready, retransmits_max
        self._payload_type = 0
        self._rtx_sequence = first_sequence
        self._ssrc: int = self._inner._ssrc
        self._protect: Callable[[bytes], bytes] | None = None
        self._pairs: dict[int, Any] = {}
        self._pair: Any = None
        self._socket: Any = None
        self._address: Any = None
        self._send_rtcp = self._inner._send_rtcp
        self._handle_rtcp = self._inner._handle_rtcp_packet
        self._inner._handle_rtcp_packet = self._heard
        self._inner._run_rtp = self._run
        self._inner._retransmit = self._retransmit
        self._inner._send_keyframe = on_loss
        self._inner._send_rtcp = self._send_reports

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
        self._find, self._report, self._inner._send_keyframe = find, report, on_loss

    def takes(self, sequence: int) -> bool:
        """Whether a packet of the stream is the viewer's: none is that lies before its first one."""
        return self._sent >= HALF_PACKETS or (sequence - self._begun_at) & 0xFFFF < _HALF

    def send(self, packet: Kept) -> None:
        """Send a packet; what cannot be sent at once is dropped and counted, as the network would."""
        second = self._payload_type | 0x80 if packet.marker else self._payload_type
        header = _HEADER.pack(
            0x80, second, (packet.sequence + self._shift) & 0xFFFF,
            (packet.timestamp + self._ticks) & 0xFFFFFFFF, self._ssrc,
        )  # fmt: skip
        self._sent += 1
        if (packet.sequence - self._highest) & 0xFFFF < _HALF:
            self._highest, self._newest = packet.sequence, packet.timestamp
        if self._write(header + packet.payload):
            self.packets += 1
            self.octets += len(packet.payload)

    def _write(self, data: bytes) -> bool:
        pair = self._pairs.get(1)
        if pair is not self._pair:
            self._pair = pair
            self._socket = None if pair is None else pair.protocol.transport
            self._address = None if pair is None else pair.remote_addr
        if self._socket is None or self._protect is None or self._socket.is_closing():
            self.dropped += 1
            return False
        if self._socket.get_write_buffer_size() > WRITE_BUFFER_BYTES_MAX:
            self.dropped += 1
            return False
        self._socket.sendto(self._protect(data), self._address)
        return True

    async def _run(self, codec: Any) -> None:
        """Stands where aiortc's encoder ran: nothing to do until the sender is stopped."""
        self._payload_type = codec.payloadType
        transport = self._inner.transport
        self._protect = transport._tx_srtp.protect
        self._pairs = transport.transport._connection._nominated
        self._inner._RTCRtpSender__rtp_started.set()
        self._on_ready(self)
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self._protect = None
        self._inner._RTCRtpSender__rtp_exited.set()

    async def _retransmit(self, sequence: int) -> None:
        is_before = self._sent < HALF_PACKETS and (sequence - self._first) & 0xFFFF >= _HALF
        if not self.is_begun or is_before or not self._may():
            return
        packet = self._find((sequence - self._shift) & 0xFFFF)
        if packet is None:
            return
        self.retransmitted += 1
        rtx = self._inner._RTCRtpSender__rtx_payload_type
        marker = 0x80 if packet.marker else 0
        timestamp = (packet.timestamp + self._ticks) & 0xFFFFFFFF
        if rtx is None:
            header = _HEADER.pack(0x80, self._payload_type | marker, sequence, timestamp, self._ssrc)
            self._write(header + packet.payload)
            return
        header = _HEADER.pack(0x80, rtx | marker, self._rtx_sequence, timestamp, self._inner._rtx_ssrc)
        self._rtx_sequence = (self._rtx_sequence + 1) & 0xFFFF
        self._write(header + sequence.to_bytes(2, "big") + packet.payload)

    async def _heard(self, packet: Any) -> None:
        """What the viewer says of its line."""
        if isinstance(packet, RtcpRrPacket | RtcpSrPacket):
            for report in packet.reports:
                if report.ssrc == self._ssrc:
                    self._on_report(report.highest_sequence, report.packets_lost)
        elif isinstance(packet, RtcpPsfbPacket) and packet.fmt == RTCP_PSFB_APP:
            with contextlib.suppress(ValueError):
                self._on_rate(unpack_remb_fci(packet.fci)[0])
        await self._handle_rtcp(packet)

    async def _send_reports(self, packets: list[Any]) -> None:
        """Sender reports say where the stream stands, so that picture and sound stay together."""
        stands = self._report()
        told = []
        for packet in packets:
            if isinstance(packet, RtcpSrPacket):
                if stands is None or not self.is_begun:
                    continue
                info = packet.sender_info
                info.ntp_timestamp = stands[0]
                info.rtp_timestamp = (stands[1] + self._ticks) & 0xFFFFFFFF
                info.packet_count, info.octet_count = self.packets & 0xFFFFFFFF, self.octets & 0xFFFFFFFF
                self._inner._RTCRtpSender__lsr = (stands[0] >> 16) & 0xFFFFFFFF
            told.append(packet)
        if told:
            await self._send_rtcp(told)
