"""A viewer's connection as bytes: what is sent is encrypted here, and what its viewer says is heard here.

Around libsrtp go as few Python objects as can be, since each packet comes this way once for each viewer. What
its viewer says is taken here before aioice and aiortc take it, and left to them where it is not understood.
Must not know what is sent.
"""

import asyncio
import struct
from collections.abc import Callable
from typing import Any, Final

from aioice.candidate import candidate_priority
from aiortc.rtp import RtcpSdesPacket, RtcpSourceInfo

from server.media import consent, passthrough, rtcp
from server.media.consent import Consent
from server.media.passthrough import SRTP, SRTP_MEMORY, SrtpError
from server.media.rtcp import Ear

WRITE_BUFFER_BYTES_MAX: Final = 262_144
"""What may wait for a viewer's socket; above it packets are dropped and counted, never queued."""
PACKET_BYTES_MAX: Final = 1_900
"""A longer packet goes through no line; it is dropped and counted."""
_TRAILER_BYTES: Final = 148
"""What SRTP and SRTCP add at most (libsrtp's SRTP_MAX_TRAILER_LEN, and an index)."""
_HEADER = struct.Struct("!BBHLL")
_HEADER_BYTES: Final = _HEADER.size
_CNAME: Final = 1
_COMPONENT: Final = 1
"""RTP and RTCP come by one way."""

# One for all: nothing waits between filling it and having its bytes.
_room = bytearray(PACKET_BYTES_MAX + _TRAILER_BYTES)
_view = memoryview(_room)
_cdata = SRTP_MEMORY.from_buffer(_room)
_length = SRTP_MEMORY.new("int *")
_protect: Callable[[Any, Any, Any], int] = SRTP.srtp_protect
_protect_rtcp: Callable[[Any, Any, Any], int] = SRTP.srtp_protect_rtcp


class Wire:
    """One connection of which this end sends all streams; opened once it is up."""

    def __init__(self) -> None:
        """Nothing can be sent yet."""
        self._ears: dict[int, Ear] = {}
        self._up: passthrough.Up | None = None
        self._srtp: Any = None
        self._pairs: dict[int, Any] = {}
        self._pair: Any = None
        self._consent: Consent | None = None
        self._ending: asyncio.Task[None] | None = None
        self._protocol: Any = None
        self._listening: list[Any] = []
        self._send: Callable[[bytes, Any], None] | None = None
        self._is_closing: Callable[[], bool] = _never
        self._waiting: Callable[[], int] = _nothing
        self._address: Any = None

    def open(self, transport: Any, ssrc: int, ear: Ear) -> None:
        """The connection is up: from now on a stream can be sent, and its sender hears what is said of it.

        Args:
          transport: the connection's, encrypted.
          ssrc: the stream's.
          ear: who sends it.
        """
        self._ears[ssrc] = ear
        if self._up is not None:
            return
        self._up = up = passthrough.taken_over(transport)
        self._srtp, self._pairs = up.srtp, up.pairs
        self._consent = Consent(
            up.mine,
            up.theirs,
            candidate_priority(_COMPONENT, "prflx"),
            up.tie_breaker,
            is_controlling=up.is_controlling,
        )
        self._is_open()

    def close(self) -> None:
        """Nothing is sent any more."""
        self._srtp = None
        self._ears.clear()

    def rtp(
        self, second: int, sequence: int, timestamp: int, ssrc: int, payload: bytes, before: bytes = b""
    ) -> bool:
        """Send an RTP packet; what cannot be sent at once is dropped, as the network would: False.

        Args:
          second: the payload type, with the marker as its highest bit.
          sequence: of 16 bits.
          timestamp: of 32 bits.
          ssrc: the stream's.
          payload: what it carries.
          before: what stands before the payload.
        """
        size = _HEADER_BYTES + len(before) + len(payload)
        if size > PACKET_BYTES_MAX or not self._is_open():
            return False
        _HEADER.pack_into(_room, 0, 0x80, second, sequence, timestamp, ssrc)
        if before:
            _view[_HEADER_BYTES : _HEADER_BYTES + len(before)] = before
        _view[size - len(payload) : size] = payload
        _length[0] = size
        if _protect(self._srtp, _cdata, _length):
            return False
        self._send(bytes(_view[: _length[0]]), self._address)  # type: ignore[misc]
        return True

    def rtcp(self, data: bytes) -> bool:
        """Send an RTCP packet, likewise."""
        size = len(data)
        if size > PACKET_BYTES_MAX or not self._is_open():
            return False
        _view[:size] = data
        _length[0] = size
        if _protect_rtcp(self._srtp, _cdata, _length):
            return False
        self._send(bytes(_view[: _length[0]]), self._address)  # type: ignore[misc]
        return True

    def _is_open(self) -> bool:
        """Whether a packet can be sent now; the way may be another one than before (ICE)."""
        if self._srtp is None:
            return False
        pair = self._pairs.get(_COMPONENT)
        if pair is not self._pair:
            self._turn(pair)
        return self._send is not None and not self._is_closing() and self._waiting() <= WRITE_BUFFER_BYTES_MAX

    def _turn(self, pair: Any) -> None:
        self._pair = pair
        if pair is None:
            self._send = None
            return
        up, known = self._up, self._consent
        if pair.protocol not in self._listening and up is not None and known is not None:
            self._listening.append(pair.protocol)
            self._listen(pair.protocol, up, known)
        self._protocol, socket = pair.protocol, pair.protocol.transport
        self._send, self._address = socket.sendto, pair.remote_addr
        # A way over a TURN server knows neither: it ignores what comes after its end, and queues nothing.
        self._is_closing = getattr(socket, "is_closing", _never)
        self._waiting = getattr(socket, "get_write_buffer_size", _nothing)

    def attend(self, now_ms: int, secret: Callable[[int], bytes]) -> None:
        """Ask the other end whether it is still there when it is time, and end what is not (RFC 7675)."""
        question = None if self._consent is None else self._consent.ask(now_ms, secret)
        if self._consent is None or self._up is None or question is None:
            return
        if self._consent.is_over:
            self._consent = None
            self._ending = asyncio.create_task(self._up.end())
        elif self._is_open() and self._send is not None:
            self._send(question, self._address)

    def _listen(self, protocol: Any, up: passthrough.Up, known: Consent) -> None:
        """Take what comes on a way before aioice does, and leave to it what is not understood here."""
        received = protocol.datagram_received

        def came(data: bytes, address: tuple[Any, ...]) -> None:
            if self._srtp is None or protocol is not self._protocol:
                received(data, address)
            elif len(data) > 1 and 127 < data[0] < 192 <= data[1] < 224:
                self._heard(data, up)
            elif data[:2] == consent.QUESTION and address[:2] == self._address:
                told = known.answer(data, self._address)
                if told is None:
                    received(data, address)
                else:
                    protocol.transport.sendto(told, self._address)
            elif data[:2] != consent.ANSWER or not known.answered(data):
                received(data, address)

        protocol.datagram_received = came

    def _heard(self, data: bytes, up: passthrough.Up) -> None:
        up.came()
        try:
            rtcp.hear(up.unprotect_rtcp(data), self._ears)
        except (ValueError, SrtpError):
            return  # nobody who knows the line's keys, or out of form


def named(ssrc: int, cname: str) -> bytes:
    """A stream's name (SDES): streams of one name are played in step."""
    return bytes(RtcpSdesPacket(chunks=[RtcpSourceInfo(ssrc=ssrc, items=[(_CNAME, cname.encode())])]))


def _never() -> bool:
    return False


def _nothing() -> int:
    return 0
