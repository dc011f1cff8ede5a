"""The passkeys that are bound to certificates: a file of lines, written whole or not at all (SPEC 19.5).

Owns the file, and that a passkey is bound once: to one certificate, never to a second. Kept are public keys
and the statements by which they were bound; nothing here signs anything. How often a passkey says it has
signed is kept too, since a count that goes back tells of a copy.
"""

import contextlib
import os
from pathlib import Path
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from protocol import canonical, limits
from protocol.refusals import Refusal, refuse
from protocol.seal.trust.spoken import SignedBinding

PASSKEYS_MAX: Final = 10_000
"""Passkeys of one installation."""


class Passkey(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A passkey: SHA-256 of its id, how it is bound, and how often it said that it had signed."""

    credential: bytes
    binding: SignedBinding
    count: int


class BookDamaged(RuntimeError):
    """The file cannot be read as this house writes it; restore it from a copy."""


class PasskeyBook:
    """The passkeys that this coordinator knows."""

    def __init__(self, path: Path) -> None:
        """Read the file; one that is not there is empty.

        Raises:
          BookDamaged: it holds something else.
        """
        self._path = path
        self._known: dict[bytes, Passkey] = {}
        try:
            lines = path.read_bytes().splitlines()
        except FileNotFoundError:
            return
        for number, line in enumerate(lines, 1):
            try:
                one = canonical.decode(line, Passkey, limits.CERTIFICATE_FILE_BYTES_MAX * 2)
            except canonical.NotCanonical as error:
                raise BookDamaged(f"{path}, line {number}: {error}") from error
            self._known[one.credential] = one

    def find(self, credential: bytes) -> Passkey | None:
        """The passkey of this id's digest, if it is bound."""
        return self._known.get(credential)

    def bind(self, one: Passkey) -> Refusal | None:
        """Bind a passkey, durably; it is refused where it is bound already, also to the same certificate.

        Raises:
          OSError: the disk does not take it; nothing is bound.
        """
        if one.credential in self._known:
            return refuse("PasskeyTaken")
        if len(self._known) >= PASSKEYS_MAX:
            return refuse("TooBusy")
        self._write({**self._known, one.credential: one})
        return None

    def counted(self, one: Passkey, count: int) -> Refusal | None:
        """Note how often a passkey says it has signed; refused where that does not rise.

        A passkey that does not count says 0 always (WebAuthn 6.1.1).

        Raises:
          OSError: the disk does not take it.
        """
        if count == 0 and one.count == 0:
            return None
        if count <= one.count:
            return refuse("PasskeyCopied")
        self._write({**self._known, one.credential: replace(one, count=count)})
        return None

    def _write(self, known: dict[bytes, Passkey]) -> None:
        beside = self._path.with_name(f".{self._path.name}.new")
        try:
            with beside.open("wb") as file:
                file.writelines(canonical.encode(one) + b"\n" for one in known.values())
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self._path)
            folder = os.open(self._path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError:
            with contextlib.suppress(OSError):
                beside.unlink(missing_ok=True)
            raise
        self._known = known
