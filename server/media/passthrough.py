"""With `leg` the only file that leans on private members of aiortc: RTP out of it without its codecs.

aiortc decodes what it receives and encodes for each viewer (42–49 % of a core for one 720p viewer). Here a
packet is taken where the jitter buffer would take it (after SRTP, RTX and NACK), and is written to each
viewer's transport with a header of our own. `check` says at the start whether the aiortc that is installed
has the members that both need; a loopback test sends packets through them.
"""

import asyncio
import re
from collections.abc import Callable, Coroutine
from typing import Any, Final, NamedTuple

import aioice.ice
import aiortc
from aiortc import (
    RTCDtlsTransport,
    RTCPeerConnection,
    RTCRtpCodecParameters,
    RTCRtpReceiver,
    RTCRtpTransceiver,
    rtcdtlstransport,
)
from aiortc.codecs import CODECS
from aiortc.rtcrtpparameters import RTCRtcpFeedback
from aiortc.rtcrtpreceiver import NackGenerator
from aiortc.rtp import (
    RTCP_PSFB_APP,
    RtcpPsfbPacket,
    RtcpRrPacket,
    RtcpSrPacket,
    RtpPacket,
    pack_remb_fci,
)

FITS: Final = "1.16"
"""The aiortc whose private members these are."""
AGAIN_MS: Final = 150
"""How often a publisher is asked anew for what did not come."""
AGAIN_MAX: Final = 6
"""And how many times: then a second has passed, and a recorder waits no longer."""
NTP_BEFORE_1970_MS: Final = 2_208_988_800_000
_DTLS: Final[Any] = rtcdtlstransport
SRTP: Final[Any] = _DTLS.pylibsrtp.lib
"""libsrtp itself: aiortc's `Session` makes some objects around each packet (2.5 of 6.3 µs)."""
SRTP_MEMORY: Final[Any] = _DTLS.pylibsrtp.ffi
SrtpError: Final[type[Exception]] = _DTLS.pylibsrtp.Error
_NAMES: Final = {
    "receiver": (
        "_RTCRtpReceiver__jitter_buffer", "_RTCRtpReceiver__decoder_queue",
        "_handle_rtcp_packet", "_send_rtcp_pli", "_send_rtcp", "_send_rtcp_nack",
        "_RTCRtpReceiver__nack_generator", "_RTCRtpReceiver__rtcp_ssrc",
        "_RTCRtpReceiver__remote_bitrate_estimator", "receive",
    ),
    "sender": (
        "_RTCRtpSender__rtp_started", "_RTCRtpSender__rtp_exited", "_RTCRtpSender__rtcp_started",
        "_RTCRtpSender__rtcp_exited", "_RTCRtpSender__cname", "_RTCRtpSender__rtx_payload_type",
        "_run_rtp", "_run_rtcp", "_send_rtcp", "_ssrc", "_rtx_ssrc",
    ),
    "transport": (
        "_tx_srtp", "_rx_srtp", "_transport", "_rtp_router", "_RTCDtlsTransport__rx_packets",
    ),
    "srtp": ("_srtp",),
    "libsrtp": ("srtp_protect", "srtp_protect_rtcp"),
    "ice": ("_connection",),
    "connection": (
        "_nominated", "_query_consent_task", "_tie_breaker", "ice_controlling", "local_username",
        "local_password", "remote_username", "remote_password",
    ),
    "transceiver": ("_codecs",),
}  # fmt: skip
_OF_A_NAME = re.compile(r"^a=candidate:[^\r\n]* \S+\.local [^\r\n]*\r?\n", re.MULTILINE)


class Misfit(Exception):
    """The aiortc that is installed lacks members that this file needs; the text names them."""


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
            "srtp": _DTLS.pylibsrtp.Session(),
            "libsrtp": SRTP,
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


class Up(NamedTuple):
    """What a connection that is up is made of."""

    srtp: Any
    """libsrtp's own session of what is sent here."""
    unprotect_rtcp: Callable[[bytes], bytes]
    pairs: dict[int, Any]
    """The ways in use, by component: aioice replaces one when the other end takes another."""
    mine: tuple[str, str]
    theirs: tuple[str, str]
    """Names and passwords of both ends (ICE)."""
    tie_breaker: int
    is_controlling: bool
    came: Callable[[], None]
    """A packet came that aiortc did not see; by this `heard` knows that another worker is there."""
    end: Callable[[], Coroutine[Any, Any, None]]
    session: Any
    """Holds `srtp` in memory."""


def taken_over(transport: RTCDtlsTransport) -> Up:
    """Leave a connection that is up, and asking whether its other end is still there, to another hand."""
    inner: Any = transport
    ice = inner.transport._connection
    ice._query_consent_task.cancel()

    def came() -> None:
        inner._RTCDtlsTransport__rx_packets += 1

    return Up(
        srtp=inner._tx_srtp._srtp[0],
        unprotect_rtcp=inner._rx_srtp.unprotect_rtcp,
        pairs=ice._nominated,
        mine=(ice.local_username, ice.local_password),
        theirs=(ice.remote_username, ice.remote_password),
        tie_breaker=ice._tie_breaker,
        is_controlling=ice.ice_controlling,
        came=came,
        end=ice.close,
        session=inner._tx_srtp,
    )


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
    # Each would tell of its own stream alone what a browser takes for the whole line: see `tell_rate`.
    inner._RTCRtpReceiver__remote_bitrate_estimator = None
    _route_retransmissions(inner)
    asking: set[asyncio.Task[None]] = set()

    def ask(ssrc: int) -> None:
        task = asyncio.get_running_loop().create_task(inner._send_rtcp_pli(ssrc))
        asking.add(task)
        task.add_done_callback(asking.discard)

    return ask


def _route_retransmissions(inner: Any) -> None:
    """Let what is sent again reach its receiver: two pictures of one line share the payload type (FID)."""
    receive = inner.receive

    async def received(parameters: Any) -> None:
        await receive(parameters)
        for encoding in parameters.encodings:
            if encoding.rtx is not None:
                inner.transport._rtp_router.ssrc_table[encoding.rtx.ssrc] = inner

    inner.receive = received


async def tell_rate(receiver: RTCRtpReceiver, bits_per_s: int, ssrcs: list[int]) -> None:
    """Tell a publisher what it may send at most on this line, all streams together (REMB)."""
    inner = _inside(receiver)
    if inner._RTCRtpReceiver__rtcp_ssrc is not None:
        fci = pack_remb_fci(bits_per_s, ssrcs)
        ssrc = inner._RTCRtpReceiver__rtcp_ssrc
        await inner._send_rtcp(RtcpPsfbPacket(fmt=RTCP_PSFB_APP, ssrc=ssrc, media_ssrc=0, fci=fci))


class Again:
    """Asks a publisher anew for packets that did not come: aiortc asks once, and for sound never."""

    def __init__(self, receiver: RTCRtpReceiver) -> None:
        """Begin before anything has come."""
        self._inner = _inside(receiver)
        if self._inner._RTCRtpReceiver__nack_generator is None:
            self._inner._RTCRtpReceiver__nack_generator = NackGenerator()
        self._asked: dict[int, int] = {}

    async def ask(self, ssrc: int) -> bool:
        """What is missing now and was so the last time; call it every `AGAIN_MS` or so.

        Returns:
          Whether something will not be asked for any more, so that a picture has a hole.
        """
        missing = self._inner._RTCRtpReceiver__nack_generator.missing
        self._asked = {number: self._asked.get(number, -1) + 1 for number in missing}
        due = sorted(number for number, times in self._asked.items() if 0 < times <= AGAIN_MAX)
        if due:
            await self._inner._send_rtcp_nack(ssrc, due)
        return any(times == AGAIN_MAX + 1 for times in self._asked.values())


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
