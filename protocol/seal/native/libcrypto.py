"""SM2 through the system's OpenSSL (libcrypto 3) by ctypes; `cryptography` refuses the curve.

Owns the calls and the lifetime of what they allocate, and nothing of what the bytes mean: that is
`protocol.seal.sm2`. A signature's nonce and an encryption's ephemeral key are the library's own
randomness, as they are `cryptography`'s for the international suite: neither is ever replayed.
Every function answers None or False where the library refuses; its error queue is left empty.
Sources: OpenSSL 3.0 manual, EVP_PKEY_sign(3), EVP_PKEY_encrypt(3), d2i_PUBKEY(3), RAND_bytes(3).
"""

import ctypes
from collections.abc import Callable
from functools import cache
from typing import Any, Final

_NAMES: Final = ("libcrypto.so.3", "libcrypto.3.dylib", "libcrypto-3-x64.dll", "libcrypto.so.4")


class LibraryMissing(RuntimeError):
    """This machine has no such system library; the text says what to install."""


class Key:
    """An `EVP_PKEY` and the duty to free it."""

    def __init__(self, pointer: int) -> None:
        """Take over a pointer that the library handed out."""
        self.pointer = pointer
        self._free = _library().EVP_PKEY_free

    def __del__(self) -> None:
        self._free(self.pointer)


def public_key(spki: bytes) -> Key | None:
    """The key of a SubjectPublicKeyInfo, DER; None where it is none or its point is not on the curve."""
    return _read(_library().d2i_PUBKEY, spki)


def private_key(der: bytes) -> Key | None:
    """The key of a PKCS #8 or SEC 1 private key, DER; a public half that is missing is computed."""
    return _read(_library().d2i_AutoPrivateKey, der)


def public_bytes(key: Key) -> bytes:
    """The key's SubjectPublicKeyInfo, DER."""
    library = _library()
    out = ctypes.c_void_p()
    length = library.i2d_PUBKEY(key.pointer, ctypes.byref(out))
    assert length > 0, "a key that was read can be written"
    try:
        return ctypes.string_at(out, length)
    finally:
        library.CRYPTO_free(out, None, 0)


def sign(key: Key, digest: bytes) -> bytes | None:
    """A signature over a digest, DER; for SM2 the digest is SM3(Z ‖ message)."""
    return _transform(key, _library().EVP_PKEY_sign_init, _library().EVP_PKEY_sign, digest)


def verify(key: Key, digest: bytes, signature: bytes) -> bool:
    """Whether a DER signature over a digest is the key's; anything but the one DER form is not."""
    library = _library()
    context = library.EVP_PKEY_CTX_new(key.pointer, None)
    try:
        return bool(
            context
            and library.EVP_PKEY_verify_init(context) == 1
            and library.EVP_PKEY_verify(context, signature, len(signature), digest, len(digest)) == 1
        )
    finally:
        library.EVP_PKEY_CTX_free(context)
        library.ERR_clear_error()


def encrypt(key: Key, plaintext: bytes) -> bytes | None:
    """The plaintext for the holder of a public key; for SM2 the DER form of GM/T 0009."""
    return _transform(key, _library().EVP_PKEY_encrypt_init, _library().EVP_PKEY_encrypt, plaintext)


def decrypt(key: Key, ciphertext: bytes) -> bytes | None:
    """What was encrypted for a private key; None where it was not for this key or was changed."""
    return _transform(key, _library().EVP_PKEY_decrypt_init, _library().EVP_PKEY_decrypt, ciphertext)


def random_bytes(count: int) -> bytes:
    """Bytes from the library's generator, for a salt or a key that nothing ever replays."""
    library = _library()
    out = ctypes.create_string_buffer(count)
    assert library.RAND_priv_bytes(out, count) == 1, "the library's generator is not seeded"
    return out.raw


def version() -> str:
    """What the library says of itself, for whoever examines a machine."""
    told: bytes = _library().OpenSSL_version(0)
    return told.decode("ascii", "replace")


def _read(reader: Callable[..., int | None], der: bytes) -> Key | None:
    start = ctypes.create_string_buffer(der, len(der))
    at = ctypes.c_void_p(ctypes.addressof(start))
    pointer = reader(None, ctypes.byref(at), len(der))
    _library().ERR_clear_error()
    if not pointer:
        return None
    key = Key(pointer)
    # What follows the structure is not part of it, and a key has one form.
    return key if at.value == ctypes.addressof(start) + len(der) else None


def _transform(key: Key, begin: Callable[..., int], run: Callable[..., int], data: bytes) -> bytes | None:
    """One of the EVP calls that say first how much room they need."""
    library = _library()
    context = library.EVP_PKEY_CTX_new(key.pointer, None)
    try:
        if not context or begin(context) != 1:
            return None
        size = ctypes.c_size_t()
        if run(context, None, ctypes.byref(size), data, len(data)) != 1:
            return None
        out = ctypes.create_string_buffer(size.value)
        if run(context, out, ctypes.byref(size), data, len(data)) != 1:
            return None
        return out.raw[: size.value]
    finally:
        library.EVP_PKEY_CTX_free(context)
        library.ERR_clear_error()


@cache
def _library() -> Any:
    for name in _NAMES:
        try:
            library = ctypes.CDLL(name)
        except OSError:
            continue
        _declare(library)
        return library
    raise LibraryMissing(
        "本机没有 OpenSSL 3(libcrypto),无法使用国密 SM2。请安装后重试(Debian:apt-get install libssl3)。 "
        "This machine has no OpenSSL 3 (libcrypto), which SM2 needs. Install it and try again "
        "(Debian: apt-get install libssl3)."
    )


def _declare(library: Any) -> None:
    pointer, size, text = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p
    out = ctypes.POINTER(ctypes.c_size_t)
    through = ctypes.POINTER(ctypes.c_void_p)
    for name, result, arguments in (
        ("d2i_PUBKEY", pointer, (through, through, ctypes.c_long)),
        ("d2i_AutoPrivateKey", pointer, (through, through, ctypes.c_long)),
        ("i2d_PUBKEY", ctypes.c_int, (pointer, through)),
        ("EVP_PKEY_free", None, (pointer,)),
        ("EVP_PKEY_CTX_new", pointer, (pointer, pointer)),
        ("EVP_PKEY_CTX_free", None, (pointer,)),
        ("EVP_PKEY_sign_init", ctypes.c_int, (pointer,)),
        ("EVP_PKEY_sign", ctypes.c_int, (pointer, text, out, text, size)),
        ("EVP_PKEY_verify_init", ctypes.c_int, (pointer,)),
        ("EVP_PKEY_verify", ctypes.c_int, (pointer, text, size, text, size)),
        ("EVP_PKEY_encrypt_init", ctypes.c_int, (pointer,)),
        ("EVP_PKEY_encrypt", ctypes.c_int, (pointer, text, out, text, size)),
        ("EVP_PKEY_decrypt_init", ctypes.c_int, (pointer,)),
        ("EVP_PKEY_decrypt", ctypes.c_int, (pointer, text, out, text, size)),
        ("RAND_priv_bytes", ctypes.c_int, (text, ctypes.c_int)),
        ("CRYPTO_free", None, (pointer, text, ctypes.c_int)),
        ("ERR_clear_error", None, ()),
        ("OpenSSL_version", text, (ctypes.c_int,)),
    ):
        function = getattr(library, name)
        function.restype = result
        function.argtypes = arguments
