"""Consent to send: the questions and answers by which both ends of a line know of each other, as bytes.

aioice makes each of them from many objects and in several passes; at fifteen pictures a second that cost a
sixth of all. What is not plainly a question on the way that is in use is left to aioice. Source: RFC 7675
(consent), RFC 8489 sections 5 and 14 (STUN), RFC 8445 section 7.1 (ICE). Pure; time is an argument.
"""

import binascii
import hmac
import socket
import struct
from collections.abc import Callable
from typing import Final

QUESTION: Final = b"\x00\x01"
ANSWER: Final = b"\x01\x01"
ASK_MS: Final = 4_000
"""A question is asked this long after the one before, and up to `ASK_MORE_MS` later."""
ASK_MORE_MS: Final = 2_000
MISSED_MAX: Final = 6
"""So many questions in a row without an answer, and nothing may be sent any more: some thirty seconds."""
_COOKIE: Final = 0x2112A442
_USERNAME: Final = 0x0006
_INTEGRITY: Final = 0x0008
_ADDRESS: Final = 0x0020
_PRIORITY: Final = 0x0024
_FINGERPRINT: Final = 0x8028
_CONTROLLED: Final = 0x8029
_CONTROLLING: Final = 0x802A
_FINGERPRINT_XOR: Final = 0x5354554E
_IPV4: Final = 1
_HEAD = struct.Struct("!HHL12s")
_ATTRIBUTE = struct.Struct("!HH")
_HEAD_BYTES: Final = _HEAD.size
_DIGEST_BYTES: Final = 20
_INTEGRITY_BYTES: Final = _ATTRIBUTE.size + _DIGEST_BYTES
_FINGERPRINT_BYTES: Final = 8


class Consent:
    """One connection's, from when it is up."""

    def __init__(
        self,
        mine: tuple[str, str],
        theirs: tuple[str, str],
        priority: int,
        tie_breaker: int,
        *,
        is_controlling: bool,
    ) -> None:
        """Nothing is asked yet.

        Args:
          mine: name and password of this end (ICE).
          theirs: likewise.
          priority: what this end's address would have as one that the other end learns by the question.
          tie_breaker: this end's, should both take the same role.
          is_controlling: this end's role.
        """
        self._mine, self._theirs = mine[1].encode(), theirs[1].encode()
        self._called = f"{mine[0]}:{theirs[0]}".encode()
        self._conflict = _CONTROLLING if is_controlling else _CONTROLLED
        role = _CONTROLLING if is_controlling else _CONTROLLED
        self._question = (
            _attribute(_USERNAME, f"{theirs[0]}:{mine[0]}".encode())
            + _attribute(_PRIORITY, struct.pack("!L", priority))
            + _attribute(role, struct.pack("!Q", tie_breaker))
        )
        self._due_ms = -1
        self._asked = b""
        self._missed = 0

    @property
    def is_over(self) -> bool:
        """Whether the other end has been silent for too long."""
        return self._missed >= MISSED_MAX

    def ask(self, now_ms: int, secret: Callable[[int], bytes]) -> bytes | None:
        """The next question when it is time; `secret` gives so many random bytes."""
        if now_ms < self._due_ms:
            return None
        if self._due_ms < 0:
            self._due_ms = now_ms + ASK_MS
            return None
        if self._asked:
            self._missed += 1
        self._asked = secret(_HEAD_BYTES - 8)
        self._due_ms = now_ms + ASK_MS + ASK_MORE_MS * self._asked[0] // 255
        return _signed(QUESTION, self._asked, self._question, self._theirs)

    def answered(self, data: bytes) -> bool:
        """Whether this is the answer to the last question."""
        if not self._asked or data[8:_HEAD_BYTES] != self._asked or _signature(data, self._theirs) < 0:
            return False
        self._asked, self._missed = b"", 0
        return True

    def answer(self, data: bytes, address: tuple[str, int]) -> bytes | None:
        """The answer to a question from an address; None: nothing that is known here, or not from them."""
        end = _signature(data, self._mine)
        if end < 0 or ":" in address[0]:
            return None
        is_called = False
        at = _HEAD_BYTES
        while at < end:
            kind, size = _ATTRIBUTE.unpack_from(data, at)
            at += _ATTRIBUTE.size
            if kind == _USERNAME:
                is_called = data[at : at + size] == self._called
            elif kind == self._conflict:
                return None
            at += size + 3 & ~3
        if not is_called:
            return None
        number = int.from_bytes(socket.inet_aton(address[0]), "big") ^ _COOKIE
        seen = struct.pack("!BBHL", 0, _IPV4, address[1] ^ _COOKIE >> 16, number)
        return _signed(ANSWER, data[8:_HEAD_BYTES], _attribute(_ADDRESS, seen), self._mine)


def _attribute(kind: int, value: bytes) -> bytes:
    return _ATTRIBUTE.pack(kind, len(value)) + value + bytes(-len(value) % 4)


def _signed(kind: bytes, transaction: bytes, body: bytes, key: bytes) -> bytes:
    """A message with its integrity and its fingerprint (RFC 8489 14.5, 14.7)."""
    number = int.from_bytes(kind, "big")
    size = len(body) + _INTEGRITY_BYTES
    digest = hmac.digest(key, _HEAD.pack(number, size, _COOKIE, transaction) + body, "sha1")
    whole = _HEAD.pack(number, size + _FINGERPRINT_BYTES, _COOKIE, transaction) + body
    whole += _attribute(_INTEGRITY, digest)
    return whole + _attribute(_FINGERPRINT, (binascii.crc32(whole) ^ _FINGERPRINT_XOR).to_bytes(4, "big"))


def _signature(data: bytes, key: bytes) -> int:
    """Where the integrity of a message stands that was signed with a key; -1 where it was not."""
    if len(data) < _HEAD_BYTES:
        return -1
    _, size, cookie, _ = _HEAD.unpack_from(data)
    if size != len(data) - _HEAD_BYTES or cookie != _COOKIE:
        return -1
    at = _HEAD_BYTES
    while at + _ATTRIBUTE.size <= len(data):
        kind, length = _ATTRIBUTE.unpack_from(data, at)
        if kind == _INTEGRITY:
            told = data[at + _ATTRIBUTE.size : at + _INTEGRITY_BYTES]
            covered = data[:2] + (at + _INTEGRITY_BYTES - _HEAD_BYTES).to_bytes(2, "big") + data[4:at]
            is_right = length == _DIGEST_BYTES and hmac.compare_digest(
                told, hmac.digest(key, covered, "sha1")
            )
            return at if is_right else -1
        at += _ATTRIBUTE.size + (length + 3 & ~3)
    return -1
