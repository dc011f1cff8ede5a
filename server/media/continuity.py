"""One stream without a seam: sequence numbers and timestamps go on when its publisher comes back.

Owns the arithmetic of RFC 3550's wrapping numbers, and the packets that may be asked for again. Pure.
"""

from typing import Final, NamedTuple

HISTORY_PACKETS: Final = 1024
"""Packets of a stream that are kept to answer NACKs: some eight seconds at 720p30. A power of two."""
_HALF: Final = 0x8000


class Kept(NamedTuple):
    """A packet as it goes out: numbers of the stream, not of its publisher."""

    sequence: int
    timestamp: int
    marker: bool
    payload: bytes


class Continuity:
    """Shifts each publication's numbers so that they follow those before."""

    def __init__(self) -> None:
        """Nothing has gone out yet."""
        self.highest = -1
        """The newest sequence number that went out; -1 before the first."""
        self._newest_timestamp = 0
        self._sequence_shift = 0
        self._timestamp_shift = 0
        self._ticks: int | None = None

    def begin(self, ticks: int) -> None:
        """Another publication begins, `ticks` of the stream's clock after the newest packet."""
        self._ticks = ticks

    def place(self, sequence: int, timestamp: int) -> tuple[int, int]:
        """The numbers under which a packet goes out.

        >>> one = Continuity()
        >>> one.place(65535, 90), one.place(0, 120)
        ((65535, 90), (0, 120))
        >>> one.begin(30)
        >>> one.place(700, 5), one.place(701, 35)
        ((1, 150), (2, 180))
        """
        if self._ticks is not None:
            if self.highest >= 0:
                self._sequence_shift = self.highest + 1 - sequence
                self._timestamp_shift = self._newest_timestamp + self._ticks - timestamp
            self._ticks = None
        sequence = (sequence + self._sequence_shift) & 0xFFFF
        timestamp = (timestamp + self._timestamp_shift) & 0xFFFFFFFF
        if self.highest < 0 or 0 < (sequence - self.highest) & 0xFFFF < _HALF:
            self.highest = sequence
            self._newest_timestamp = timestamp
        return sequence, timestamp

    def timestamp(self, theirs: int) -> int:
        """A publisher's timestamp as the stream has it."""
        return (theirs + self._timestamp_shift) & 0xFFFFFFFF


class History:
    """The newest packets of a stream, each found by its sequence number."""

    def __init__(self, packets: int = HISTORY_PACKETS) -> None:
        """Keep so many, a power of two."""
        assert packets & (packets - 1) == 0
        self._mask = packets - 1
        self._kept: list[Kept | None] = [None] * packets

    def add(self, packet: Kept) -> None:
        """Keep a packet in the place of the one so many before."""
        self._kept[packet.sequence & self._mask] = packet

    def find(self, sequence: int) -> Kept | None:
        """The packet with this number, or None where it never came or is kept no more."""
        found = self._kept[sequence & self._mask]
        return found if found is not None and found.sequence == sequence else None


def is_behind(sequence: int, other: int) -> bool:
    """Whether a sequence number lies before another one.

    >>> is_behind(65535, 0), is_behind(0, 65535), is_behind(4, 4)
    (True, False, False)
    """
    return 0 < (other - sequence) & 0xFFFF < _HALF
