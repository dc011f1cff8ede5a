"""SM3 and SM4 against published figures, the openssl command, and a second implementation."""

import subprocess

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.seal import sm2, sm4, suites
from protocol.seal.native import libgcrypt
from tests.protocol.seal import oracle, vectors

KEY = bytes.fromhex("0123456789abcdeffedcba9876543210")
few = settings(max_examples=20, deadline=None)


def implementations(key: bytes) -> list[sm4.Aead]:
    """Both that the house has; on this machine libgcrypt must be one of them."""
    fast = libgcrypt.gcm(key)
    assert fast is not None
    return [fast, sm4.OpensslGcm(key)]


def openssl(*arguments: str, data: bytes) -> bytes:
    return subprocess.run(
        ["openssl", *arguments], input=data, capture_output=True, check=True, timeout=60
    ).stdout


def test_the_published_digests_come_out() -> None:
    rows = vectors.nist("sm3-oscca.txt")
    assert len(rows) == 6
    for row in rows:
        message = bytes.fromhex(row["Msg"])[: int(row["Len"]) // 8]
        assert sm2.sm3(message).hex() == oracle.sm3(message).hex() == row["MD"]


@few
@given(st.binary(max_size=400))
def test_every_digest_is_the_oracles(message: bytes) -> None:
    assert suites.get("gm-1").hash(message) == oracle.sm3(message)


@few
@given(st.lists(st.binary(max_size=200), max_size=5))
def test_a_digest_of_what_goes_by_is_the_one_of_all_of_it_from_whatever_memory(parts: list[bytes]) -> None:
    """By libgcrypt and by `cryptography`: bytes, memory that may be written, and memory that may not."""
    fast = libgcrypt.sm3()
    assert fast is not None
    other = suites.get("intl-1").hashing()
    for number, one in enumerate(parts):
        fast.update((one, memoryview(bytearray(one)), memoryview(one))[number % 3])
        other.update(one)
    assert fast.finalize() == oracle.sm3(b"".join(parts))
    assert other.finalize() == suites.get("intl-1").hash(b"".join(parts))


def test_the_openssl_command_gives_the_same_digests() -> None:
    for message in (b"", b"abc", "同场".encode() * 999):
        assert openssl("dgst", "-sm3", "-binary", data=message) == sm2.sm3(message)


def test_the_example_of_rfc_8998_comes_out() -> None:
    (row,) = vectors.nist("rfc8998.txt")
    values = {name: bytes.fromhex(value) for name, value in row.items() if name != "COUNT"}
    sealed = values["CIPHERTEXT"] + values["TAG"]
    for cipher in implementations(values["KEY"]):
        assert cipher.encrypt(values["IV"], values["PLAINTEXT"], values["AAD"]) == sealed
        assert cipher.decrypt(values["IV"], sealed, values["AAD"]) == values["PLAINTEXT"]
    assert oracle.sm4_gcm(values["KEY"], values["IV"], values["PLAINTEXT"], values["AAD"]) == sealed


def test_the_published_counter_mode_comes_out_of_the_oracle() -> None:
    rows = vectors.nist("draft-ribose-cfrg-sm4-10-ctr.txt")
    assert len(rows) == 2
    for row in rows:
        key, counter, message, sealed = (
            bytes.fromhex(row[name]) for name in ("KEY", "IV", "PLAINTEXT", "CIPHERTEXT")
        )
        assert oracle.sm4_ctr(key, counter, message) == sealed


@few
@given(
    st.binary(min_size=16, max_size=16),
    st.binary(min_size=12, max_size=12),
    st.binary(max_size=200),
    st.binary(max_size=40),
)
def test_every_seal_is_the_oracles(key: bytes, nonce: bytes, message: bytes, associated: bytes) -> None:
    expected = oracle.sm4_gcm(key, nonce, message, associated)
    for cipher in implementations(key):
        assert cipher.encrypt(nonce, message, associated) == expected
        assert cipher.decrypt(nonce, expected, associated) == message


def test_the_openssl_command_gives_the_same_ciphertext() -> None:
    nonce, message = bytes(range(12)), b"a price of 12,345.67 " * 50
    counter = nonce + b"\0\0\0\2"
    theirs = openssl("enc", "-sm4-ctr", "-K", KEY.hex(), "-iv", counter.hex(), data=message)
    for cipher in implementations(KEY):
        assert cipher.encrypt(nonce, message, None)[:-16] == theirs


def test_whatever_is_changed_is_refused_and_leaves_nothing_behind() -> None:
    nonce, message, associated = bytes(12), b"a price" * 9, b"of bid 1"
    for cipher in implementations(KEY):
        sealed = cipher.encrypt(nonce, message, associated)
        assert cipher.decrypt(nonce, sealed, associated) == message
        for at in range(len(sealed)):
            changed = sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]
            with pytest.raises(InvalidTag):
                cipher.decrypt(nonce, changed, associated)
        for wrong in (
            (bytes(11) + b"\1", sealed, associated),
            (nonce, sealed, b""),
            (nonce, sealed[:-1], associated),
        ):
            with pytest.raises(InvalidTag):
                cipher.decrypt(*wrong)
        for short in (b"", sealed[:15]):
            with pytest.raises(InvalidTag):
                cipher.decrypt(nonce, short, associated)
        buffer = bytearray(len(message))
        with pytest.raises(InvalidTag):
            cipher.decrypt_into(nonce, sealed, b"of bid 2", buffer)
        assert buffer == bytes(len(message))


def test_without_libgcrypt_the_other_implementation_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(sm4.gcm(KEY), libgcrypt.Gcm)
    assert isinstance(suites.get("gm-1").hashing(), libgcrypt.Sm3)
    monkeypatch.setattr(libgcrypt, "_library", lambda: None)
    digest = suites.get("gm-1").hashing()
    digest.update(b"abc")
    assert digest.finalize() == sm2.sm3(b"abc")
    assert isinstance(sm4.gcm(KEY), sm4.OpensslGcm)
    assert libgcrypt.version() is None
