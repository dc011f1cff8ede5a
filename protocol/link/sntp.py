"""SNTP: what is asked of a time server, and what its answer says of this machine's clock. Sans I/O.

Owns the form of both and what makes an answer worthless: not to our question, from a server that does not
know the time itself, or a refusal. Nothing is set by it. RFC 4330 5 and 8, RFC 5905 7.3 and 8.
"""

import struct
from typing import Final

from msgspec import Struct

from protocol.venue import NtpWhy

PACKET_BYTES: Final = 48
PORT: Final = 123
NONCE_BYTES: Final = 8
VERSION: Final = 4
_CLIENT: Final = 3
_SERVER: Final = 4
_UNSYNCHRONISED: Final = 3
STRATUM_MAX: Final = 15
DISTANCE_MS_MAX: Final = 1_500
"""A server that may be further from the time than this tells nothing (RFC 5905, MAXDIST)."""
_BEFORE_1970_S: Final = 2_208_988_800
_ERA_S: Final = 1 << 32
_FORM: Final = struct.Struct("!BBbbII4sQ8sQQ")


class SntpReading(Struct, frozen=True):
    """The server's clock less ours (`offset_ms`), right to within `within_ms`; `at` is our clock."""

    offset_ms: int
    within_ms: int
    round_trip_ms: int
    stratum: int
    at: int


def question(nonce: bytes) -> bytes:
    """A packet that asks for the time.

    Args:
      nonce: 8 random bytes in the place of our clock, which is nobody's business: the answer must bear them.

    >>> question(bytes(8)).hex()[:2], len(question(bytes(8)))
    ('23', 48)
    """
    assert len(nonce) == NONCE_BYTES
    return bytes((VERSION << 3 | _CLIENT,)) + bytes(PACKET_BYTES - 1 - NONCE_BYTES) + nonce


def read(raw: bytes, nonce: bytes, asked_at: int, round_trip_ms: int) -> SntpReading | NtpWhy:
    """What an answer says, or why it says nothing.

    Args:
      raw: the packet; what stands behind its 48 bytes (extensions, a checksum) is not looked at.
      nonce: what was asked with.
      asked_at: our clock when we asked, ms since 1970.
      round_trip_ms: until the answer came, on a clock that never goes back.
    """
    if len(raw) < PACKET_BYTES:
        return "unreadable"
    head, stratum, _, _, delay, dispersion, kiss, _, origin, received, sent = _FORM.unpack_from(raw)
    leap, version, mode = head >> 6, head >> 3 & 7, head & 7
    if mode != _SERVER or not 1 <= version <= VERSION:
        return "unreadable"
    if origin != nonce:
        return "foreign"
    if stratum == 0:  # a kiss-o'-death: the reference id says which
        return "rate" if kiss == b"RATE" else "denied"
    if leap == _UNSYNCHRONISED or stratum > STRATUM_MAX or sent == 0 or received == 0:
        return "unsynchronised"
    distance_ms = (_short_ms(delay) + 1) // 2 + _short_ms(dispersion)
    if distance_ms > DISTANCE_MS_MAX:
        return "unsynchronised"
    came, went = _unix_ms(received, asked_at), _unix_ms(sent, asked_at)
    if not 0 <= went - came <= round_trip_ms + 1:  # sent before it came, or held longer than we waited
        return "unreadable"
    on_the_way_ms = max(0, round_trip_ms - (went - came))
    offset = ((came - asked_at) + (went - asked_at - round_trip_ms)) // 2
    within = (on_the_way_ms + 1) // 2 + distance_ms
    return SntpReading(offset, within, on_the_way_ms, stratum, asked_at + round_trip_ms)


def stamp(ms: int) -> bytes:
    """A time, ms since 1970, as the 8 bytes of an NTP timestamp."""
    return ((ms + _BEFORE_1970_S * 1000 << 32) // 1000 % (1 << 64)).to_bytes(8, "big")


def _short_ms(value: int) -> int:
    """NTP short format (16.16 s) in ms, rounded up."""
    return -(-value * 1000 >> 16)


def _unix_ms(value: int, near_ms: int) -> int:
    """An NTP timestamp as ms since 1970, in the era (136 years) that is nearest to our clock.

    >>> _unix_ms(int.from_bytes(stamp(4_000_000_000_000), "big"), 4_000_000_000_500)
    4000000000000
    """
    ms = ((value * 1000 + (1 << 31)) >> 32) - _BEFORE_1970_S * 1000
    era_ms = _ERA_S * 1000
    return ms + round((near_ms - ms) / era_ms) * era_ms
