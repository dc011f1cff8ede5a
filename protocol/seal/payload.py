"""What a bid's sealed bytes hold: a list of files and the files, one after the other (SPEC 22.1).

The list comes first, so that names and sizes are judged before anything is written, and stands inside
the seal, so that nobody learns a name before the opening. Both sides stream: a piece of a file is handed
on as it comes, and its digest is compared at its end. Reads and writes nothing.
"""

from collections.abc import Sequence
from typing import Final, Literal

from cryptography.utils import Buffer
from msgspec import Struct

from protocol import canonical
from protocol.limits import BID_FILES_MAX, BID_LIST_BYTES_MAX, BID_LOCKS_MAX, SEALED_BYTES_MAX
from protocol.seal import unpacking
from protocol.seal.refused import SealRefused
from protocol.seal.suite import Suite
from protocol.words import Hash

_LENGTH_BYTES: Final = 4


class File(Struct, frozen=True, forbid_unknown_fields=True):
    """One file: its name, its size in bytes, the suite's hash of its bytes."""

    digest: Hash
    name: str
    size: int


class Listing(Struct, frozen=True, forbid_unknown_fields=True):
    """What a bid holds. `certificates`, DER, are those of the key that sealed it, its own first."""

    certificates: tuple[bytes, ...]
    files: tuple[File, ...]
    v: Literal[1] = 1


class Piece(Struct, frozen=True):
    """Some bytes of the file with that place in the list; `last` where its digest was compared and holds."""

    file: int
    data: memoryview
    last: bool


def head(listing: Listing) -> bytes:
    """What stands before the first file.

    Raises:
      SealRefused: `NameRefused` for a name that a reader would put aside; `ContainerBroken` for too many
        or too large files.
    """
    _check(listing)
    for judged in unpacking.judge([unpacking.Entry(one.name, one.size) for one in listing.files]):
        if not judged.clean:
            raise SealRefused("NameRefused", name=judged.entry.name, rule=", ".join(judged.found))
    raw = canonical.encode(listing)
    if len(raw) > BID_LIST_BYTES_MAX:
        raise SealRefused("ContainerBroken", part="list")
    return len(raw).to_bytes(_LENGTH_BYTES, "big") + raw


def length(listing: Listing) -> int:
    """How long the payload is, list included."""
    return _LENGTH_BYTES + len(canonical.encode(listing)) + sum(one.size for one in listing.files)


class Sums:
    """The digests of files as their bytes go by, in the list's order; both sides hold one."""

    def __init__(self, suite: Suite, files: Sequence[File]) -> None:
        """Begin before the first file."""
        self._suite, self._files = suite, files
        self._at, self._left, self._digest = -1, 0, suite.hashing()

    def next(self) -> int | None:
        """Go on to the next file; its place, or None where there is none."""
        self._at += 1
        if self._at >= len(self._files):
            return None
        self._left = self._files[self._at].size
        self._digest = self._suite.hashing()
        return self._at

    @property
    def left(self) -> int:
        """How many bytes of the present file are to come."""
        return self._left

    def add(self, data: Buffer) -> bool:
        """Bytes of the present file, no more than are left; whether it is whole, its digest right.

        Raises:
          SealRefused: `FileChanged` where it is whole and its digest is another.
        """
        self._digest.update(data)
        self._left -= memoryview(data).nbytes
        assert self._left >= 0
        if self._left:
            return False
        one = self._files[self._at]
        if self._digest.finalize() != one.digest:
            raise SealRefused("FileChanged", name=one.name)
        return True


class Reader:
    """Takes the payload as it comes out of the seal and gives its list, then its files' pieces."""

    def __init__(self, suite: Suite) -> None:
        """Wait for the list."""
        self._suite = suite
        self._pending = bytearray()
        self._sums: Sums | None = None
        self._file: int | None = None
        self.listing: Listing | None = None

    def feed(self, data: memoryview) -> list[Piece]:
        """More bytes; the pieces in them lie in the same memory. `listing` is there before the first.

        Raises:
          SealRefused: `ContainerBroken` for a list that is none or bytes behind the last file;
            `FileChanged` for a file whose digest is another.
        """
        if self._sums is None:
            data = self._listed(data)
            if self._sums is None:
                return []
        pieces: list[Piece] = []
        while self._file is not None and (data or not self._sums.left):
            part = data[: self._sums.left]
            data = data[len(part) :]
            whole = self._sums.add(part)
            pieces.append(Piece(self._file, part, whole))
            if whole:
                self._file = self._sums.next()
        if data:
            raise SealRefused("ContainerBroken", part="payload")
        return pieces

    def close(self) -> Listing:
        """There is no more.

        Raises:
          SealRefused: `ContainerBroken` where something is missing.
        """
        if self.listing is None or self._file is not None:
            raise SealRefused("ContainerBroken", part="payload")
        return self.listing

    def _listed(self, data: memoryview) -> memoryview:
        """Read the list; what is left of the data."""
        at = 0
        for wanted in (_LENGTH_BYTES, None):
            size = wanted if wanted is not None else _LENGTH_BYTES + int.from_bytes(self._pending[:4], "big")
            if size > _LENGTH_BYTES + BID_LIST_BYTES_MAX:
                raise SealRefused("ContainerBroken", part="list")
            taken = data[at : at + size - len(self._pending)]
            self._pending += taken
            at += len(taken)
            if len(self._pending) < size:
                return data[at:]
        try:
            listing = canonical.decode(bytes(self._pending[_LENGTH_BYTES:]), Listing, BID_LIST_BYTES_MAX)
        except canonical.NotCanonical as error:
            raise SealRefused("ContainerBroken", part="list") from error
        _check(listing)
        self._pending.clear()
        self.listing = listing
        self._sums = Sums(self._suite, listing.files)
        self._file = self._sums.next()
        return data[at:]


def _check(listing: Listing) -> None:
    if (
        len(listing.files) > BID_FILES_MAX
        or len(listing.certificates) > BID_LOCKS_MAX
        or any(one.size < 0 for one in listing.files)
        or sum(one.size for one in listing.files) > SEALED_BYTES_MAX
    ):
        raise SealRefused("ContainerBroken", part="list")
