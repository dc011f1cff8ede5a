"""`seal`: half a gigabyte sealed and opened in both suites, beside the bare AEAD of that suite.

The limit is the suite's own AEAD (`Suite.aead`) over the same bytes in chunks of the same size, buffers
reused and no disk on either side, so that what is told is the cost of the framing alone: commitment, nonces,
Python between the chunks. How fast a file becomes a sealed file, with the disk in it, stands in the figures.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from ops import senses
from ops.bench.report import Report
from ops.bench.rounds import Measured, Spread, Table, interleaved
from ops.senses import Dice
from protocol.seal import framing, suites
from protocol.seal.suite import Suite

GOALS: Final = {"decrypt_ratio_vs_aead": 0.8}
CONTEXT: Final = b"tongchang bench"
BLOCK_BYTES: Final = 4 * 1024 * 1024
"""How much goes through a stream at once."""
_MEGABYTE: Final = 1_000_000


class Size(Struct, frozen=True):
    """How much is sealed, and how often."""

    payload_bytes: int
    rounds: int


FULL: Final = Size(500 * _MEGABYTE, 5)
QUICK: Final = Size(2 * _MEGABYTE, 2)


async def run(data: Path, *, quick: bool) -> Report:
    """Measure both suites, one after the other."""
    size = QUICK if quick else FULL
    ratios: dict[str, Spread] = {}
    figures: dict[str, Any] = {}
    for name in suites.NAMES:
        table = await _suite(suites.get(name), size, data)
        ratios[f"{name}_decrypt_ratio_vs_aead"] = table.ratio("mb_per_s", "open", "aead_open")
        ratios[f"{name}_encrypt_ratio_vs_aead"] = table.ratio("mb_per_s", "seal", "aead_seal")
        figures[name] = table.figures()
    lower = min(suites.NAMES, key=lambda name: ratios[f"{name}_decrypt_ratio_vs_aead"].median)
    return Report(
        "seal",
        {"decrypt_ratio_vs_aead": ratios[f"{lower}_decrypt_ratio_vs_aead"], **ratios},
        GOALS,
        {"lower": lower, **figures, **msgspec.to_builtins(size)},
    )


async def _suite(suite: Suite, size: Size, data: Path) -> Table:
    """All sides of one suite over the same payload; no cipher's speed depends on what it is."""
    dice = Dice("bench seal")
    payload = memoryview(dice.bytes32("payload") * (size.payload_bytes // 32 + 1))[: size.payload_bytes]
    key = dice.bytes32("key")[: suite.key_bytes]
    sealed = bytearray(framing.sealed_length(size.payload_bytes))
    bare = bytearray(size.payload_bytes // framing.CHUNK_BYTES * framing.SEALED_CHUNK_BYTES)
    _seal(suite, key, payload, sealed)
    _aead_seal(suite, key, payload, bare)
    whole = len(bare) // framing.SEALED_CHUNK_BYTES * framing.CHUNK_BYTES

    def side(do: Callable[[], None], length: int) -> Callable[[], Any]:
        async def measure() -> Measured:
            begun = senses.running_ns()
            do()
            return {"mb_per_s": length / _MEGABYTE / ((senses.running_ns() - begun) / 1e9)}

        return measure

    return await interleaved(
        size.rounds,
        {
            "open": side(lambda: _open(suite, key, sealed, payload), len(payload)),
            "aead_open": side(lambda: _aead_open(suite, key, bare, payload), whole),
            "seal": side(lambda: _seal(suite, key, payload, sealed), len(payload)),
            "aead_seal": side(lambda: _aead_seal(suite, key, payload, bare), whole),
            "file": side(lambda: _file(suite, key, payload, data), len(payload)),
        },
    )


def _seal(suite: Suite, key: bytes, payload: memoryview, into: bytearray) -> None:
    """Through the stream into one place."""
    stream, out, at = suite.sealing(key, CONTEXT), memoryview(into), 0
    buffer = bytearray(framing.room(BLOCK_BYTES))
    for start in range(0, len(payload), BLOCK_BYTES):
        count = stream.update_into(payload[start : start + BLOCK_BYTES], buffer)
        out[at : at + count] = memoryview(buffer)[:count]
        at += count
    last = stream.finish()
    out[at : at + len(last)] = last
    assert at + len(last) == len(into), "the length of what is sealed is known beforehand"


def _open(suite: Suite, key: bytes, sealed: bytearray, payload: memoryview) -> None:
    """Through the stream into a buffer that is used again, and the end compared."""
    stream, view = suite.opening(key, CONTEXT), memoryview(sealed)
    buffer, opened = bytearray(framing.room(BLOCK_BYTES)), 0
    for start in range(0, len(view), BLOCK_BYTES):
        opened += stream.update_into(view[start : start + BLOCK_BYTES], buffer)
    last = stream.finish()
    assert opened + len(last) == len(payload)
    assert last == payload[len(payload) - len(last) :], "what was sealed"


def _aead_seal(suite: Suite, key: bytes, payload: memoryview, into: bytearray) -> None:
    """The bare AEAD over whole chunks, each with a nonce of its number."""
    aead, out = suite.aead(key), memoryview(into)
    for number in range(len(into) // framing.SEALED_CHUNK_BYTES):
        at, to = number * framing.CHUNK_BYTES, number * framing.SEALED_CHUNK_BYTES
        aead.encrypt_into(
            number.to_bytes(framing.NONCE_BYTES, "big"), payload[at : at + framing.CHUNK_BYTES], None,
            out[to : to + framing.SEALED_CHUNK_BYTES],
        )  # fmt: skip


def _aead_open(suite: Suite, key: bytes, sealed: bytearray, payload: memoryview) -> None:
    """The same the other way, into a buffer that is used again."""
    aead, view, out = suite.aead(key), memoryview(sealed), bytearray(framing.CHUNK_BYTES)
    for number in range(len(view) // framing.SEALED_CHUNK_BYTES):
        at = number * framing.SEALED_CHUNK_BYTES
        nonce = number.to_bytes(framing.NONCE_BYTES, "big")
        aead.decrypt_into(nonce, view[at : at + framing.SEALED_CHUNK_BYTES], None, out)
    assert not out or out == payload[number * framing.CHUNK_BYTES :][: framing.CHUNK_BYTES]


def _file(suite: Suite, key: bytes, payload: memoryview, data: Path) -> None:
    """Into a file and synced, as a bidder's program leaves it."""
    path = data / f"sealed-{suite.name}"
    stream, buffer = suite.sealing(key, CONTEXT), bytearray(framing.room(BLOCK_BYTES))
    try:
        with path.open("wb") as file:
            for start in range(0, len(payload), BLOCK_BYTES):
                count = stream.update_into(payload[start : start + BLOCK_BYTES], buffer)
                file.write(memoryview(buffer)[:count])
            file.write(stream.finish())
            file.flush()
            os.fdatasync(file.fileno())
    finally:
        path.unlink(missing_ok=True)
