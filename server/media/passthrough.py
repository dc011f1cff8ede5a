"""The only file that leans on private members of aiortc: RTP in and out of it without its codecs.

aiortc decodes what it receives and encodes for each viewer (42–49 % of a core for one 720p viewer). Here a
packet is taken where the jitter buffer would take it (after SRTP, RTX and NACK), and is written to each
viewer's transport with a header of our own. `check` says at the start whether the aiortc that is installed
has the members that this needs; a loopback test sends packets through them.
"""

import asyncio
import re
import struct
from collections.abc import Callable
from typing import Any, Final, Protocol

import aioice.ice
import aiortc
from aiortc import RTCPeerConnection, RTCRtpCodecParameters, RTCRtpReceiver, RTCRtpSender, RTCRtpTransceiver
from aiortc.codecs import CODECS
from aiortc.rtcrtpparameters import RTCRtcpFeedback
from aiortc.rtcrtpreceiver import NackGenerator
from aiortc.rtp import RtcpRrPacket, RtcpSrPacket, RtpPacket

from server.media.continuity import Kept

FITS: Final = "1.16"
"""The aiortc whose private members these are."""
WRITE_BUFFER_BYTES_MAX: Final = 262_144
"""What may wait for a viewer's socket; above it packets are dropped and counted, never queued."""
AGAIN_MS: Final = 150
"""How often a publisher is asked anew for what did not come."""
AGAIN_MAX: Final = 6
"""And how many times: then a second has passed, and a recorder waits no longer."""
NTP_BEFORE_1970_MS: Final = 2_208_988_800_000
_HEADER = struct.Struct("!BBHLL")
_NAMES: Final = {
    "receiver": (
        "_RTCRtpReceiver__jitter_buffer", "_RTCRtpReceiver__decoder_queue",
        "_handle_rtcp_packet", "_send_rtcp_pli", "_send_rtcp", "_send_rtcp_nack",
        "_RTCRtpReceiver__nack_generator", "_RTCRtpReceiver__rtcp_ssrc",
    ),
    "sender": (
        "_RTCRtpSender__rtp_started", "_RTCRtpSender__rtp_exited", "_RTCRtpSender__lsr",
        "_run_rtp", "_retransmit", "_send_keyframe", "_send_rtcp", "_ssrc", "_rtx_ssrc",
    ),
    "transport": ("_tx_srtp", "_transport", "_RTCDtlsTransport__rx_packets"),
    "ice": ("_connection",),
    "connection": ("_nominated",),
    "transceiver": ("_codecs",),
}  # fmt: skip
_OF_A_NAME = re.compile(r"^a=candidate:[^\r\n]* \S+\.local [^\r\n]*\r?\n", re.MULTILINE)


class Misfit(Exception):
    """The aiortc that is installed lacks members that this file needs; the text names them."""


class Report(Protocol):
    """Where a stream stands now, for a sender report: NTP (64 bits) and RTP timestamp; None while unknown."""

    def __call__(self) -> tuple[int, int] | None:
        """Ask."""


async def check() -> str:
    """Which aiortc this fits, for the log.

    Raises:
      Misfit: another one is installed, or a member is not where it was.
    """
    if not aiortc.__version__.startswith(FITS + "."):
        raise Misfit(f"aiortc {aiortc.__version__} is installed; this fits {FITS}")
    connection = RTCPeerConnection()
    try:
        transceiver = connection.addTransceiver("video")
        transport: Any = transceiver.sender.transport
        parts = {
            "receiver": transceiver.receiver,
            "sender": transceiver.sender,
            "transport": transport,
            "ice": transport.transport,
            "connection": transport.transport._connection,
            "transceiver": transceiver,
        }
        missing = [
            f"{part}.{name}"
            for part, names in _NAMES.items()
            for name in names
            if not hasattr(parts[part], name)
        ]
    finally:
        await connection.close()
    if missing:
        raise Misfit(f"aiortc {aiortc.__version__} has no {', '.join(missing)}")
    return f"aiortc {aiortc.__version__}"


def offer_addresses(hosts: tuple[str, ...]) -> None:
    """Let every connection of this process offer these addresses, and no other one of the machine."""

    def addresses(use_ipv4: bool, use_ipv6: bool) -> list[str]:
        return [one for one in hosts if (use_ipv6 if ":" in one else use_ipv4)]

    if hosts:
        aioice.ice.get_host_addresses = addresses


def heard(connection: RTCPeerConnection) -> int:
    """How many packets came on a connection so far, of RTP and RTCP; what no longer grows is silent."""
    transports = {one.receiver.transport for one in connection.getTransceivers()}
    return sum(_inside(one)._RTCDtlsTransport__rx_packets for one in transports)


async def nudge(receiver: RTCRtpReceiver) -> None:
    """Tell a publisher that this end lives, by a receiver report without a block (RFC 3550 6.4.2)."""
    inner = _inside(receiver)
    if inner._RTCRtpReceiver__rtcp_ssrc is not None:
        await inner._send_rtcp(RtcpRrPacket(ssrc=inner._RTCRtpReceiver__rtcp_ssrc, reports=[]))


def negotiated(transceiver: RTCRtpTransceiver) -> RTCRtpCodecParameters:
    """The codec that a transceiver's two ends have settled on; aiortc tells it nowhere else."""
    codec: RTCRtpCodecParameters = transceiver._codecs[0]
    return codec


def without_names(sdp: str) -> str:
    """An offer without candidates behind mDNS names: resolving them costs a second and gains nothing."""
    return _OF_A_NAME.sub("", sdp)


def tap(
    receiver: RTCRtpReceiver,
    on_packet: Callable[[RtpPacket], None],
    on_report: Callable[[int, int, int], None],
) -> Callable[[int], None]:
    """Take a receiver's packets before they are decoded; `on_report` gets ssrc, NTP and RTP timestamp.

    Returns:
      What asks the publisher for a keyframe of an ssrc (PLI).
    """
    inner = _inside(receiver)
    inner._RTCRtpReceiver__jitter_buffer = _Tap(on_packet)
    # The decoder's thread takes None as its end: it goes as soon as it has come.
    inner._RTCRtpReceiver__decoder_queue.put(None)
    handle = inner._handle_rtcp_packet

    async def handle_rtcp(packet: Any) -> None:
        if isinstance(packet, RtcpSrPacket):
            info = packet.sender_info
            on_report(packet.ssrc, info.ntp_timestamp, info.rtp_timestamp)
        await handle(packet)

    inner._handle_rtcp_packet = handle_rtcp
    asking: set[asyncio.Task[None]] = set()

    def ask(ssrc: int) -> None:
        task = asyncio.get_running_loop().create_task(inner._send_rtcp_pli(ssrc))
        asking.add(task)
        task.add_done_callback(asking.discard)

    return ask


class Again:
    """Asks a publisher anew for packets that did not come: aiortc asks once, and for sound never."""

    def __init__(self, receiver: RTCRtpReceiver) -> None:
        """Begin before anything has come."""
        self._inner = _inside(receiver)
        if self._inner._RTCRtpReceiver__nack_generator is None:
            self._inner._RTCRtpReceiver__nack_generator = NackGenerator()
        self._asked: dict[int, int] = {}

    async def ask(self, ssrc: int) -> None:
        """What is missing now and was so the last time; call it every `AGAIN_MS` or so."""
        missing = self._inner._RTCRtpReceiver__nack_generator.missing
        self._asked = {number: self._asked.get(number, -1) + 1 for number in missing}
        due = sorted(number for number, times in self._asked.items() if 0 < times <= AGAIN_MAX)
        if due:
            await self._inner._send_rtcp_nack(ssrc, due)


def ask_for_sound_too() -> None:
    """Let sound that was lost be asked for again as pictures are (RFC 4585 6.2.1)."""
    for codec in CODECS["audio"]:
        if codec.mimeType == "audio/opus" and not codec.rtcpFeedback:
            codec.rtcpFeedback.append(RTCRtcpFeedback("nack"))


def _inside(part: object) -> Any:
    """A part of aiortc with what it keeps private; no type checker follows there."""
    return part


class _Tap:
    """Stands where aiortc's jitter buffer stood."""

    def __init__(self, on_packet: Callable[[RtpPacket], None]) -> None:
        self._on_packet = on_packet

    def add(self, packet: RtpPacket) -> tuple[bool, None]:
        self._on_packet(packet)
        return False, None


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
        """
        self.is_begun = False
        self.packets = self.octets = self.retransmitted = self.dropped = 0
        self._inner = _inside(sender)
        self._first = first_sequence
        self._shift = 0
        self._begun_at = 0
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
        self._inner._run_rtp = self._run
        self._inner._retransmit = self._retransmit
        self._inner._send_keyframe = on_loss
        self._inner._send_rtcp = self._send_reports

    def begin(self, sequence: int) -> None:
        """The stream's packet `sequence` is the viewer's first."""
        self._shift = self._first - sequence
        self._begun_at = sequence
        self.is_begun = True

    @property
    def begun_at(self) -> int:
        """The stream's number of the viewer's first packet."""
        return self._begun_at

    def send(self, packet: Kept) -> None:
        """Send a packet; what cannot be sent at once is dropped and counted, as the network would."""
        second = self._payload_type | 0x80 if packet.marker else self._payload_type
        header = _HEADER.pack(
            0x80, second, (packet.sequence + self._shift) & 0xFFFF, packet.timestamp, self._ssrc
        )
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
        if not self.is_begun or not self._may():
            return
        packet = self._find((sequence - self._shift) & 0xFFFF)
        if packet is None:
            return
        self.retransmitted += 1
        rtx = self._inner._RTCRtpSender__rtx_payload_type
        marker = 0x80 if packet.marker else 0
        if rtx is None:
            header = _HEADER.pack(0x80, self._payload_type | marker, sequence, packet.timestamp, self._ssrc)
            self._write(header + packet.payload)
            return
        header = _HEADER.pack(0x80, rtx | marker, self._rtx_sequence, packet.timestamp, self._inner._rtx_ssrc)
        self._rtx_sequence = (self._rtx_sequence + 1) & 0xFFFF
        self._write(header + sequence.to_bytes(2, "big") + packet.payload)

    async def _send_reports(self, packets: list[Any]) -> None:
        """Sender reports say where the stream stands, so that picture and sound stay together."""
        stands = self._report()
        told = []
        for packet in packets:
            if isinstance(packet, RtcpSrPacket):
                if stands is None or not self.is_begun:
                    continue
                info = packet.sender_info
                info.ntp_timestamp, info.rtp_timestamp = stands
                info.packet_count, info.octet_count = self.packets & 0xFFFFFFFF, self.octets & 0xFFFFFFFF
                self._inner._RTCRtpSender__lsr = (stands[0] >> 16) & 0xFFFFFFFF
            told.append(packet)
        if told:
            await self._send_rtcp(told)


def ntp(ms: int) -> int:
    """Milliseconds since 1970 as a 64 bit NTP time.

    >>> hex(ntp(0)), from_ntp(ntp(1_700_000_000_123))
    ('0x83aa7e8000000000', 1700000000123)
    """
    return ((ms + NTP_BEFORE_1970_MS) << 32) // 1000


def from_ntp(stamp: int) -> int:
    """A 64 bit NTP time as milliseconds since 1970."""
    return ((stamp * 1000 + (1 << 31)) >> 32) - NTP_BEFORE_1970_MS


def meter(receiver: RTCRtpReceiver, on_data: Callable[[bytes], None]) -> None:
    """Hand each decrypted RTP packet of a receiver's line over as bytes, and do nothing else with it.

    For measuring: a viewer that costs as little as it can, so that what is measured is who sends to it.
    """
    transport = _inside(receiver.transport)

    async def take(data: bytes, arrival_time_ms: int) -> None:  # noqa: ARG001 - aiortc names it so
        on_data(data)

    transport._handle_rtp_data = take
    _inside(receiver)._RTCRtpReceiver__decoder_queue.put(None)
