"""SM4-GCM and SM3 through the system's libgcrypt by ctypes: some five times, and half again, as fast.

Owns the calls, one handle for each key or digest, and the check that the library computes the examples
of RFC 8998 and of GM/T 0004 before it is trusted. `gcm(key)` and `sm3()` are None where the library is
missing, too old or wrong; `protocol.seal.sm4` and `sm2` then take `cryptography`, which gives the same bytes.
A handle serves one message at a time. Source: the libgcrypt manual, 5 (symmetric cryptography), 7 (hashing).
"""

import ctypes
from functools import cache
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.utils import Buffer

_NAMES: Final = ("libgcrypt.so.20", "libgcrypt.20.dylib", "libgcrypt-20.dll")
_DISABLE_SECURE_MEMORY: Final = 37
_INITIALISED: Final = 38
_IS_INITIALISED: Final = 39
_SM4: Final = 318
_GCM: Final = 9
_TAG_BYTES: Final = 16
_SM3: Final = 326
_TEST_ALGORITHM: Final = 8
_DIGEST_BYTES: Final = 32

_ABC: Final = bytes.fromhex("66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0")
"""GM/T 0004-2012, A.1: SM3 of `abc`."""
_EXAMPLE: Final = (
    bytes.fromhex("0123456789abcdeffedcba9876543210"),
    bytes.fromhex("00001234567800000000abcd"),
    bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2"),
    bytes.fromhex("".join(letter * 16 for letter in "abcdefea")),
    bytes.fromhex(
        "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
        "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
        "83de3541e4c2b58177e065a9bf7b62ec"
    ),
)
"""RFC 8998, A.1: key, nonce, associated data, plaintext, ciphertext with tag."""


class Gcm:
    """SM4-GCM under one key, with the methods of `cryptography`'s AEADs."""

    def __init__(self, library: Any, key: bytes) -> None:
        """Open a handle; the key is 16 bytes."""
        self._library = library
        handle = ctypes.c_void_p()
        assert library.gcry_cipher_open(ctypes.byref(handle), _SM4, _GCM, 0) == 0
        self._handle = handle
        assert library.gcry_cipher_setkey(handle, key, len(key)) == 0

    def __del__(self) -> None:
        self._library.gcry_cipher_close(self._handle)

    def encrypt(self, nonce: bytes, data: Buffer, associated_data: bytes | None) -> bytes:
        """Ciphertext and tag."""
        out = bytearray(memoryview(data).nbytes + _TAG_BYTES)
        self.encrypt_into(nonce, data, associated_data, out)
        return bytes(out)

    def decrypt(self, nonce: bytes, data: Buffer, associated_data: bytes | None) -> bytes:
        """The plaintext.

        Raises:
          InvalidTag: the key, the nonce, the data or what goes with it is another.
        """
        out = bytearray(max(memoryview(data).nbytes - _TAG_BYTES, 0))
        self.decrypt_into(nonce, data, associated_data, out)
        return bytes(out)

    def encrypt_into(self, nonce: bytes, data: Buffer, associated_data: bytes | None, buf: Buffer) -> int:
        """The same into a buffer of exactly that length; how many bytes were written."""
        view = memoryview(buf)
        length = memoryview(data).nbytes
        assert view.nbytes == length + _TAG_BYTES
        self._begin(nonce, associated_data)
        # The library works in place, so that only the buffer has to be writable.
        view[:length] = data
        at = ctypes.addressof(ctypes.c_char.from_buffer(view))
        self._done(self._library.gcry_cipher_encrypt(self._handle, at, length, None, 0))
        self._done(self._library.gcry_cipher_gettag(self._handle, at + length, _TAG_BYTES))
        return length + _TAG_BYTES

    def decrypt_into(self, nonce: bytes, data: Buffer, associated_data: bytes | None, buf: Buffer) -> int:
        """The same for decryption; after a false tag the buffer holds zeros.

        Raises:
          InvalidTag: as `decrypt`.
        """
        view, sealed = memoryview(buf), memoryview(data)
        length = sealed.nbytes - _TAG_BYTES
        if length < 0:
            raise InvalidTag
        assert view.nbytes == length
        self._begin(nonce, associated_data)
        if length:
            view[:] = sealed[:length]
            at = ctypes.addressof(ctypes.c_char.from_buffer(view))
            self._done(self._library.gcry_cipher_decrypt(self._handle, at, length, None, 0))
        if self._library.gcry_cipher_checktag(self._handle, bytes(sealed[length:]), _TAG_BYTES):
            view[:] = bytes(length)
            raise InvalidTag
        return length

    def _begin(self, nonce: bytes, associated_data: bytes | None) -> None:
        self._done(self._library.gcry_cipher_setiv(self._handle, nonce, len(nonce)))
        if associated_data:
            self._done(
                self._library.gcry_cipher_authenticate(self._handle, associated_data, len(associated_data))
            )

    @staticmethod
    def _done(code: int) -> None:
        assert code == 0, f"libgcrypt answered {code}"


class Sm3:
    """SM3 of what goes by, as `cryptography`'s `Hash` has it; other threads run meanwhile."""

    def __init__(self, library: Any) -> None:
        """Begin a digest."""
        self._library = library
        self._handle = ctypes.c_void_p()
        assert library.gcry_md_open(ctypes.byref(self._handle), _SM3, 0) == 0

    def __del__(self) -> None:
        self._library.gcry_md_close(self._handle)

    def update(self, data: Buffer) -> None:
        """More of the message."""
        view = memoryview(data)
        if not view.nbytes:
            return
        # Only memory that may be written has an address here; the rest is bytes already, or small.
        plain = data if isinstance(data, bytes) else bytes(view) if view.readonly else None
        at = plain if plain is not None else ctypes.addressof(ctypes.c_char.from_buffer(view))
        self._library.gcry_md_write(self._handle, at, view.nbytes)

    def finalize(self) -> bytes:
        """The digest, 32 bytes; nothing more goes in."""
        return ctypes.string_at(self._library.gcry_md_read(self._handle, _SM3), _DIGEST_BYTES)


def sm3() -> Sm3 | None:
    """A digest, or None where this machine's libgcrypt cannot."""
    library = _library()
    return Sm3(library) if library is not None else None


def gcm(key: bytes) -> Gcm | None:
    """SM4-GCM under a key of 16 bytes, or None where this machine's libgcrypt cannot."""
    library = _library()
    return Gcm(library, key) if library is not None else None


def version() -> str | None:
    """What the library says of itself, for whoever examines a machine; None where it is not used."""
    library = _library()
    return library.gcry_check_version(None).decode("ascii", "replace") if library is not None else None


@cache
def _library() -> Any:
    for name in _NAMES:
        try:
            library = ctypes.CDLL(name)
            _declare(library)
        except (OSError, AttributeError):
            continue
        if _ready(library):
            return library
    return None


def _ready(library: Any) -> bool:
    """Whether the library is set up, has SM4 and SM3, and computes the examples."""
    if not library.gcry_check_version(b"1.9.0"):
        return False
    if not library.gcry_control(_IS_INITIALISED, 0):
        library.gcry_control(_DISABLE_SECURE_MEMORY, 0)
        library.gcry_control(_INITIALISED, 0)
    handle = ctypes.c_void_p()
    if library.gcry_cipher_open(ctypes.byref(handle), _SM4, _GCM, 0):
        return False
    library.gcry_cipher_close(handle)
    if library.gcry_md_algo_info(_SM3, _TEST_ALGORITHM, None, None):
        return False
    digest = Sm3(library)
    digest.update(b"abc")
    if digest.finalize() != _ABC:
        return False
    key, nonce, associated, plaintext, sealed = _EXAMPLE
    cipher = Gcm(library, key)
    return (
        cipher.encrypt(nonce, plaintext, associated) == sealed
        and cipher.decrypt(nonce, sealed, associated) == plaintext
    )


def _declare(library: Any) -> None:
    pointer, size, text, number = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_int
    for name, result, arguments in (
        ("gcry_check_version", text, (text,)),
        ("gcry_cipher_open", number, (ctypes.POINTER(pointer), number, number, ctypes.c_uint)),
        ("gcry_cipher_close", None, (pointer,)),
        ("gcry_cipher_setkey", number, (pointer, text, size)),
        ("gcry_cipher_setiv", number, (pointer, text, size)),
        ("gcry_cipher_authenticate", number, (pointer, text, size)),
        ("gcry_cipher_encrypt", number, (pointer, pointer, size, pointer, size)),
        ("gcry_cipher_decrypt", number, (pointer, pointer, size, pointer, size)),
        ("gcry_cipher_gettag", number, (pointer, pointer, size)),
        ("gcry_cipher_checktag", number, (pointer, text, size)),
        ("gcry_md_algo_info", number, (number, number, pointer, pointer)),
        ("gcry_md_open", number, (ctypes.POINTER(pointer), number, ctypes.c_uint)),
        ("gcry_md_write", None, (pointer, pointer, size)),
        ("gcry_md_read", pointer, (pointer, number)),
        ("gcry_md_close", None, (pointer,)),
    ):
        function = getattr(library, name)
        function.restype = result
        function.argtypes = arguments
