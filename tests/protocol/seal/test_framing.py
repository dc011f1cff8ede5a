"""Sealed bytes against C2SP's vectors, against Cobblestone, and against everything that may befall them."""

import hashlib
from typing import Any

import pytest
from cryptography.cobblestone import (
    Cobblestone128Decryptor,
    Cobblestone128Encryptor,
    Cobblestone256Decryptor,
    Cobblestone256Encryptor,
)
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.seal import framing, gm, intl, sm4
from protocol.seal.framing import CHUNK_BYTES, PREFIX_BYTES, SEALED_CHUNK_BYTES, Form
from protocol.seal.refused import SealRefused
from tests.protocol.seal import oracle, vectors

FORMS = {
    "AEAD_AES_128_GCM": Form("AEAD_AES_128_GCM", AESGCM, 16, hashes.SHA256()),
    "AEAD_AES_256_GCM": Form("AEAD_AES_256_GCM", AESGCM, 32, hashes.SHA256()),
    "AEAD_CHACHA20_POLY1305": Form("AEAD_CHACHA20_POLY1305", ChaCha20Poly1305, 32, hashes.SHA256()),
}
"""The published vectors take the specification's own hash; Cobblestone and `intl-1` take SHA-512."""

ROWS = vectors.chunked()
OURS = [intl.FORM, gm.FORM]
EDGES = [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES, 3 * CHUNK_BYTES + 5]
SALT = bytes(range(24))

either = pytest.mark.parametrize("form", OURS, ids=["intl-1", "gm-1"])


def key_of(form: Form) -> bytes:
    return bytes(range(form.key_bytes))


def text(length: int) -> bytes:
    return (b"0123456789abcdef" * (length // 16 + 1))[:length]


def sealed(form: Form, message: bytes, context: bytes = b"bid 1") -> bytes:
    return framing.through(form.sealing(key_of(form), context, SALT), message)


def opened(form: Form, raw: bytes, context: bytes = b"bid 1") -> bytes:
    return framing.through(form.opening(key_of(form), context), raw)


def in_pieces(stream: framing.Stream, data: bytes, size: int) -> bytes:
    out = bytearray(framing.room(size))
    found = bytearray()
    for at in range(0, len(data), size):
        count = stream.update_into(memoryview(data)[at : at + size], out)
        found += out[:count]
    return bytes(found) + stream.finish()


# --- made by others ---


@pytest.mark.parametrize("row", ROWS, ids=[row["name"] for row in ROWS])
def test_every_published_vector_opens_or_is_refused_as_its_authors_say(row: dict[str, Any]) -> None:
    form = FORMS[row["aead"]]
    if row["expect"] == "success":
        found = framing.through(form.opening(row["key"], row["context"]), row["ciphertext"])
        assert len(found) == row["payload_length"]
        assert hashlib.sha256(found).hexdigest() == row["payload_sha256"]
        again = form.sealing(row["key"], row["context"], row["ciphertext"][:24])
        assert framing.through(again, found) == row["ciphertext"]
        key, nonce, _ = form.derive(row["key"], row["context"], row["ciphertext"][:24])
        if "aead_key" in row:
            assert (key.hex(), nonce.hex()) == (row["aead_key"], row["base_nonce"])
    else:
        with pytest.raises(SealRefused) as refused:
            framing.through(form.opening(row["key"], row["context"]), row["ciphertext"])
        assert refused.value.code in {"SealBroken", "KeyRefused"}


def test_the_vectors_hold_both_outcomes_for_every_cipher() -> None:
    assert {(row["aead"], row["expect"]) for row in ROWS} == {
        (aead, expect) for aead in FORMS for expect in ("success", "failure")
    }


@pytest.mark.parametrize("size", EDGES)
def test_cobblestone_opens_what_we_seal_and_we_what_it_seals(size: int) -> None:
    key, message = bytes(range(32)), text(size)
    theirs = Cobblestone256Encryptor(key, b"context")
    raw = theirs.update(message) + theirs.finalize()
    assert framing.through(intl.FORM.opening(key, b"context"), raw) == message
    reader = Cobblestone256Decryptor(key, b"context")
    ours = framing.through(intl.FORM.sealing(key, b"context", SALT), message)
    assert reader.update(ours) + reader.finalize() == message
    small = Cobblestone128Encryptor(key[:16], b"context")
    raw = small.update(message) + small.finalize()
    form = Form("AEAD_AES_128_GCM", AESGCM, 16, hashes.SHA512())
    assert framing.through(form.opening(key[:16], b"context"), raw) == message
    again = Cobblestone128Decryptor(key[:16], b"context")
    ours = framing.through(form.sealing(key[:16], b"context", SALT), message)
    assert again.update(ours) + again.finalize() == message


def test_the_national_form_is_what_the_oracle_computes() -> None:
    key, context, message = bytes(range(16)), b"context", text(CHUNK_BYTES + 40)
    info = b"c2sp.org/chunked-encryption@v1+AEAD_SM4_GCM\0" + SALT + context
    made = b""
    while len(made) < 60:
        made += _hmac_sm3(key, made[-32:] + info + bytes([len(made) // 32 + 1]))
    aead_key, base, commitment = made[:16], int.from_bytes(made[16:28], "big"), made[28:60]
    raw = SALT + commitment
    for number, chunk in enumerate((message[:CHUNK_BYTES], message[CHUNK_BYTES:])):
        raw += oracle.sm4_gcm(aead_key, (base ^ number).to_bytes(12, "big"), chunk)
    assert framing.through(gm.FORM.sealing(key, context, SALT), message) == raw


def _hmac_sm3(key: bytes, message: bytes) -> bytes:
    block = key.ljust(64, b"\0")
    inner = oracle.sm3(bytes(one ^ 0x36 for one in block) + message)
    return oracle.sm3(bytes(one ^ 0x5C for one in block) + inner)


# --- our two forms ---


@either
@pytest.mark.parametrize("size", EDGES)
def test_what_was_sealed_opens_and_is_as_long_as_foretold(form: Form, size: int) -> None:
    raw = sealed(form, text(size))
    assert len(raw) == framing.sealed_length(size)
    assert opened(form, raw) == text(size)


@either
@settings(max_examples=25, deadline=None)
@given(size=st.integers(0, 3 * CHUNK_BYTES), piece=st.integers(1, 40_000))
def test_pieces_of_any_size_give_the_same_bytes(form: Form, size: int, piece: int) -> None:
    message = text(size)
    raw = in_pieces(form.sealing(key_of(form), b"bid 1", SALT), message, piece)
    assert raw == sealed(form, message)
    assert in_pieces(form.opening(key_of(form), b"bid 1"), raw, piece) == message


@either
def test_a_changed_byte_anywhere_is_refused(form: Form) -> None:
    raw = sealed(form, text(CHUNK_BYTES + 3))
    assert opened(form, raw) == text(CHUNK_BYTES + 3)
    for at in (0, 23, 24, 55, 56, 57, 16_455, 16_456, 20_000 % len(raw), len(raw) - 17, len(raw) - 1):
        changed = bytearray(raw)
        changed[at] ^= 0x80
        with pytest.raises(SealRefused, match="SealBroken"):
            opened(form, bytes(changed))


@either
def test_every_cut_is_refused(form: Form) -> None:
    raw = sealed(form, text(2 * CHUNK_BYTES + 9))
    edges = [PREFIX_BYTES + number * SEALED_CHUNK_BYTES for number in range(3)]
    near = {edge + off for edge in edges for off in (-17, -16, -1, 0, 1, 15, 16, 17)} | {0, 1, 24}
    for length in sorted(near):
        if length < len(raw):
            with pytest.raises(SealRefused, match="SealBroken"):
                opened(form, raw[:length])


@either
def test_chunks_do_not_move_double_vanish_or_join(form: Form) -> None:
    message = text(2 * CHUNK_BYTES) + b"the end"
    raw = sealed(form, message)
    prefix = raw[:PREFIX_BYTES]
    one, two, last = (
        raw[PREFIX_BYTES : PREFIX_BYTES + SEALED_CHUNK_BYTES],
        raw[PREFIX_BYTES + SEALED_CHUNK_BYTES : PREFIX_BYTES + 2 * SEALED_CHUNK_BYTES],
        raw[PREFIX_BYTES + 2 * SEALED_CHUNK_BYTES :],
    )
    assert opened(form, prefix + one + two + last) == message
    other = framing.through(form.sealing(key_of(form), b"bid 1", SALT[::-1]), message)
    for wrong in (
        (two, one, last),
        (one, one, last),
        (one, one, two, last),
        (one, last),
        (two, last),
        (last,),
        (one, two, last, last),
        (one, two, two, last),
        (one, two, last, b"\0"),
        (one, two, last, bytes(SEALED_CHUNK_BYTES)),
        (one, two),
        (other[PREFIX_BYTES:],),
    ):
        with pytest.raises(SealRefused, match="SealBroken"):
            opened(form, prefix + b"".join(wrong))


@either
def test_another_key_context_or_form_opens_nothing(form: Form) -> None:
    raw = sealed(form, b"a price")
    assert opened(form, raw) == b"a price"
    with pytest.raises(SealRefused, match="commitment"):
        framing.through(form.opening(bytes(form.key_bytes), b"bid 1"), raw)
    for context in (b"", b"bid 2", b"bid 1\0", b"bid "):
        with pytest.raises(SealRefused, match="commitment"):
            opened(form, raw, context)
    for length in (0, form.key_bytes - 1, form.key_bytes + 1, 2 * form.key_bytes):
        with pytest.raises(SealRefused, match="KeyRefused"):
            form.opening(bytes(length), b"")
        with pytest.raises(SealRefused, match="KeyRefused"):
            form.sealing(bytes(length), b"", SALT)
    twin = Form(form.aead, form.cipher, form.key_bytes, hashes.SHA384())
    with pytest.raises(SealRefused, match="commitment"):
        framing.through(twin.opening(key_of(form), b"bid 1"), raw)


def test_both_implementations_of_sm4_seal_the_same_bytes() -> None:
    slow = Form("AEAD_SM4_GCM", sm4.OpensslGcm, 16, hashes.SM3())
    raw = b""
    for size in EDGES:
        raw = sealed(gm.FORM, text(size))
        assert sealed(slow, text(size)) == raw
        assert opened(slow, raw) == text(size)
    with pytest.raises(SealRefused, match="chunk 0"):
        opened(slow, raw[:60] + bytes([raw[60] ^ 1]) + raw[61:])
