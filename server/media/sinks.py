"""What a recorder is handed: the packets of a source as they came, and how they lie in time.

Owns the shapes between the engine and whoever keeps its packets. A sink is called on the engine's loop, so it
only takes: what needs a disk it puts into a bounded queue of its own, and what does not fit there it counts
itself as a gap. A sink that raises is let go; the viewers go on (DESIGN 1.8).

The calls for one track come in this order: `began`, then any of `packet` and `clock`, then `ended`. A
publisher that comes back is a new track with the next `publication`. Packets come as they arrived: repeated,
late and missing ones are the sink's to see by their `sequence`; one that was sent again comes later.
"""

import struct
from typing import NamedTuple, Protocol

from msgspec import Struct

_HEADER = struct.Struct("!BBHLL")


class Track(Struct, frozen=True):
    """One stream of one publication of a source.

    `name` is `audio`, `video` or `thumb` (the small picture beside a full one); `publication` counts from 1
    for each source of this process; `codec` is `opus`, `VP8` or `H264`; `clock_rate` is in ticks a second;
    `parameters` are the codec's of the SDP (`fmtp`), for instance `profile-level-id`.
    """

    source: str
    name: str
    publication: int
    codec: str
    clock_rate: int
    payload_type: int
    channels: int = 0
    parameters: tuple[tuple[str, str], ...] = ()

    @property
    def kind(self) -> str:
        """`audio` or `video`."""
        return "audio" if self.name == "audio" else "video"


class Packet(NamedTuple):
    """One RTP packet (RFC 3550) without header extensions and padding.

    `sequence` (16 bits) and `timestamp` (32 bits) are the publisher's; `arrival_ms` is this machine's clock.
    """

    payload_type: int
    marker: bool
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes
    arrival_ms: int

    def to_bytes(self) -> bytes:
        """As it lies on the wire.

        >>> Packet(96, True, 7, 9, 1, b"x", 0).to_bytes().hex()
        '80e00007000000090000000178'
        """
        second = self.payload_type | (0x80 if self.marker else 0)
        return _HEADER.pack(0x80, second, self.sequence, self.timestamp, self.ssrc) + self.payload


class Sink(Protocol):
    """Takes what one source sends."""

    def began(self, track: Track) -> None:
        """A publisher's stream begins; nothing of it has come yet."""

    def packet(self, track: Track, packet: Packet) -> None:
        """A packet has come."""

    def clock(self, track: Track, ntp_ms: int, timestamp: int) -> None:
        """At `ntp_ms` of the publisher's clock (ms since 1970 UTC) its stream stood at `timestamp`.

        The same clock for all tracks of a publication: by it picture and sound are laid together.
        """

    def ended(self, track: Track) -> None:
        """Nothing more comes of this stream: its publisher has gone, or the recording is over."""
