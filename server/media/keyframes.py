"""Keyframes: how one is known in a packet without decoding it, and how often a publisher is asked for one.

Source: RFC 7741 section 4 (VP8), RFC 6184 section 5 (H.264). Pure; time is an argument.
"""

from typing import Final

ASK_EVERY_MS: Final = 500
"""A publisher is asked for a keyframe at most this often, however many viewers come."""
_H264_IDR: Final = 5
_H264_SPS: Final = 7
_H264_STAP_A: Final = 24
_H264_FU_A: Final = 28


def begins(codec: str, payload: bytes) -> bool:
    """Whether this packet is the first one of a keyframe; a viewer can begin there.

    >>> (
    ...     begins("VP8", bytes([0x10, 0x00])),
    ...     begins("VP8", bytes([0x10, 0x01])),
    ...     begins("VP8", bytes([0x00, 0x00])),
    ... )
    (True, False, False)
    >>> begins("H264", bytes([0x78, 0, 2, 0x67, 0x42])), begins("H264", bytes([0x41]))
    (True, False)
    """
    if not payload:
        return False
    return _vp8(payload) if codec == "VP8" else _h264(payload)


def _vp8(payload: bytes) -> bool:
    first = payload[0]
    if first & 0x17 != 0x10:  # S: start of a partition; PID 0: the first one
        return False
    at = 1
    if first & 0x80:
        if len(payload) < 2:
            return False
        extension = payload[1]
        at = 2
        if extension & 0x80:
            at += 2 if at < len(payload) and payload[at] & 0x80 else 1
        at += 1 if extension & 0x40 else 0
        at += 1 if extension & 0x30 else 0
    return at < len(payload) and payload[at] & 1 == 0


def _h264(payload: bytes) -> bool:
    """Parameter sets come first where they come; an IDR picture without them begins too."""
    kind = payload[0] & 0x1F
    if kind == _H264_STAP_A:
        return len(payload) > 3 and payload[3] & 0x1F in (_H264_IDR, _H264_SPS)
    if kind == _H264_FU_A:
        return len(payload) > 1 and payload[1] & 0x80 != 0 and payload[1] & 0x1F == _H264_IDR
    return kind in (_H264_IDR, _H264_SPS)


class Asking:
    """When a publisher is asked: at once, but at most every so often, and again until a keyframe has come."""

    def __init__(self, every_ms: int = ASK_EVERY_MS) -> None:
        """Nothing is wanted yet."""
        self._every_ms = every_ms
        self._asked_ms: int | None = None
        self.is_wanted = False

    def want(self) -> None:
        """Somebody needs a keyframe."""
        self.is_wanted = True

    def came(self) -> None:
        """A keyframe has begun."""
        self.is_wanted = False

    def due(self, now_ms: int) -> bool:
        """Whether to ask now; who is told so asks."""
        if not self.is_wanted or self.wait_ms(now_ms) > 0:
            return False
        self._asked_ms = now_ms
        return True

    def wait_ms(self, now_ms: int) -> int:
        """How long until the publisher may be asked again."""
        return 0 if self._asked_ms is None else max(0, self._asked_ms + self._every_ms - now_ms)
