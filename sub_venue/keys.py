"""The node's keys: one that signs for the place, and one for each seat's sealed things.

Owns the node's Ed25519 key (made with the installation) and, for every session and seat, an AES-256-GCM key
in a file of its own (mode 0600, made at first use). Openings and drafts lie on disk under a seat's key only
(DESIGN 7). `destroy` overwrites and removes all keys of a session when it is archived; what was sealed under
them is gone then. Must not know what is sealed. Source: NIST SP 800-38D (GCM, 96-bit nonces).
"""

import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from protocol import canonical
from protocol.seal import signing
from sub_venue.senses import Senses

_KEY_BYTES = 32
_NONCE_BYTES = 12
_PRIVATE = 0o600
_FOLDER = 0o700
_ENDING = ".key"


class SealBroken(ValueError):
    """What was sealed cannot be opened: its key is gone, or the bytes are not what was sealed."""


class NodeKey:
    """The node's own signing key; its public half stands in the installation and in every roster."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        """Sign with this key."""
        self._private = private
        self.text = signing.public_text(private)

    def sign(self, message: bytes) -> str:
        """The node's tagged signature over bytes that carry their domain tag."""
        return signing.sign(self._private, message)


def load_node_key(path: Path) -> NodeKey:
    """The node's key from its file (PKCS8 PEM, Ed25519).

    Raises:
      OSError: the file cannot be read.
      ValueError: it holds no Ed25519 key.
    """
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError(f"{path} holds no Ed25519 key")  # noqa: TRY004 - the file is wrong, not the caller
    return NodeKey(key)


class SeatKeys:
    """The keys of all seats at this node, one file each: `<folder>/<session>/<seat>.key`."""

    def __init__(self, folder: Path, senses: Senses) -> None:
        """Keep keys in a folder, which is made for its owner alone."""
        self._folder = folder
        self._senses = senses
        self._held: dict[tuple[str, str], AESGCM] = {}
        if not folder.is_dir():
            folder.mkdir(mode=_FOLDER, parents=True, exist_ok=True)
            _sync_folder(folder.parent)

    def seal(self, session: str, seat: str, purpose: str, plain: bytes) -> bytes:
        """Seal bytes under a seat's key: a fresh nonce, then AES-256-GCM with the purpose bound in.

        Raises:
          OSError: the seat has no key yet and one cannot be made.
        """
        key = self._key(session, seat) or self._make(session, seat)
        nonce = self._senses.secret(_NONCE_BYTES)
        return nonce + key.encrypt(nonce, plain, _bound(session, seat, purpose))

    def open(self, session: str, seat: str, purpose: str, sealed: bytes) -> bytes:
        """What `seal` sealed for this very session, seat and purpose.

        Raises:
          SealBroken: there is no such key any more, or the bytes are not what was sealed.
        """
        key = self._key(session, seat)
        if key is None:
            raise SealBroken(f"no key of seat {seat} in session {session}")
        nonce, body = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            return key.decrypt(nonce, body, _bound(session, seat, purpose))
        except (InvalidTag, ValueError) as error:
            raise SealBroken(f"the seal of seat {seat} in session {session} does not hold") from error

    def sessions(self) -> tuple[str, ...]:
        """The sessions that have keys here."""
        return tuple(sorted(one.name for one in self._folder.iterdir() if one.is_dir()))

    def destroy(self, session: str) -> None:
        """Overwrite and remove every key of a session; twice is the same as once."""
        for known in [known for known in self._held if known[0] == session]:
            del self._held[known]
        folder = self._folder / session
        if not folder.is_dir():
            return
        for path in folder.iterdir():
            with path.open("r+b") as file:
                file.write(bytes(_KEY_BYTES))
                file.flush()
                os.fdatasync(file.fileno())
            path.unlink()
        folder.rmdir()
        _sync_folder(self._folder)

    def _key(self, session: str, seat: str) -> AESGCM | None:
        held = self._held.get((session, seat))
        if held is not None:
            return held
        try:
            raw = self._path(session, seat).read_bytes()
        except FileNotFoundError:
            return None
        if len(raw) != _KEY_BYTES:
            return None
        return self._hold(session, seat, raw)

    def _make(self, session: str, seat: str) -> AESGCM:
        """A new key, complete and durable under its name or not there at all."""
        raw = self._senses.secret(_KEY_BYTES)
        path = self._path(session, seat)
        path.parent.mkdir(mode=_FOLDER, exist_ok=True)
        beside = path.with_suffix(".new")
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _PRIVATE)
        try:
            os.write(handle, raw)
            os.fdatasync(handle)
        finally:
            os.close(handle)
        beside.rename(path)
        _sync_folder(path.parent)
        _sync_folder(self._folder)
        return self._hold(session, seat, raw)

    def _hold(self, session: str, seat: str, raw: bytes) -> AESGCM:
        key = AESGCM(raw)
        self._held[session, seat] = key
        return key

    def _path(self, session: str, seat: str) -> Path:
        return self._folder / session / f"{seat}{_ENDING}"


def _bound(session: str, seat: str, purpose: str) -> bytes:
    """What a seal is bound to, beside its key: it opens nowhere else."""
    return canonical.tag("venue-seal/v1") + canonical.encode([session, seat, purpose])


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
