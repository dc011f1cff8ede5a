"""`tongchang seal`: a bidder seals its files on its own machine; nothing leaves it here (标书密封).

Reads every file twice: once for the list with sizes and digests, once into the seal, where a file that was
changed meanwhile is noticed. Keys of groups exist in this process alone and are forgotten with it. The
container appears under its name only when it is whole on the disk and was opened again. Memory is bounded
whatever the files' size.
"""

import os
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from ops.bids import reading
from ops.bids.reading import BidderKey, told
from ops.senses import Dice
from ops.trouble import Trouble
from protocol.seal import container, dealing, framing, payload, sealing, suites
from protocol.seal.container import Header
from protocol.seal.dealing import Bid
from protocol.seal.payload import File, Listing
from protocol.seal.refused import SealRefused
from protocol.seal.sealing import Policy
from protocol.seal.suite import Suite

Tell = Callable[[int, int], None]
"""Told how many bytes of how many are done."""

_PRIVATE: Final = 0o600


@dataclass(frozen=True)
class Sealed:
    """What was sealed."""

    path: Path
    header: Header
    header_digest: bytes
    files: int
    plain_bytes: int


@dataclass(frozen=True)
class Wanted:
    """What a bidder asks for: its files, the tender's policy, its keys, and where the bid goes."""

    files: Sequence[Path]
    policy: Path
    key: str
    out: Path
    bid: str
    certificates: Path | None = None
    locks: Sequence[Path] = ()


def seal(wanted: Wanted, dice: Dice, tell: Tell) -> Sealed:
    """Seal files into one container.

    Raises:
      Trouble: a file, key or policy that cannot be used, a file that changed, a disk that is full.
    """
    policy = reading.policy(wanted.policy)
    with told():
        suite = suites.get(policy.suite)
    with reading.own_key(suite, wanted.key) as key:
        return _sealed(wanted, suite, policy, key, dice, tell)


def _sealed(wanted: Wanted, suite: Suite, policy: Policy, key: BidderKey, dice: Dice, tell: Tell) -> Sealed:
    chain = _chain(wanted.certificates, key)
    locks = [reading.public_key(path) for path in wanted.locks] or [key.public]
    named = found(wanted.files)
    total = sum(path.stat().st_size for path in named.values())
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        tell(done, 3 * total)

    files = tuple(_listed(suite, name, path, advance) for name, path in named.items())
    listing = Listing(chain, files)
    with told():
        header, bid_key = _prepared(suite, policy, wanted.bid, locks, listing, dice)
        digest = _written(wanted.out, header, bid_key, key, listing, list(named.values()), advance)
    return Sealed(wanted.out, header, digest, len(files), sum(one.size for one in files))


def found(paths: Sequence[Path]) -> dict[str, Path]:
    """Name → file, in the names' order: a file by its own name, a folder's files by their path in it.

    Names are put into NFC here, where they are typed. Links are not followed.

    Raises:
      Trouble: nothing is there, two files of one name, or something that is no file.
    """
    named: dict[str, Path] = {}
    for path in paths:
        inside = sorted(_below(path)) if path.is_dir() and not path.is_symlink() else [path]
        for one in inside:
            if one.is_symlink() or not one.is_file():
                raise Trouble(
                    f"{one} 不是普通文件,不能密封。请以文件本身代替链接。",
                    f"{one} is no plain file and cannot be sealed. Put the file itself in the link's place.",
                    2,
                )
            relative = one.relative_to(path).as_posix() if one != path else one.name
            name = unicodedata.normalize("NFC", relative)
            if name in named:
                raise Trouble(
                    f"有两个文件都叫“{name}”。请改名后重试。",
                    f"Two files are called “{name}”. Rename one and try again.",
                    2,
                )
            named[name] = one
    if not named:
        raise Trouble("没有可密封的文件。", "There is no file to seal.", 2)
    return dict(sorted(named.items()))


def _below(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            yield from _below(path)
        else:
            yield path


def _chain(path: Path | None, key: BidderKey) -> tuple[bytes, ...]:
    if path is None:
        return ()
    held = reading.certificates(path)
    if held[0].spki != key.public:
        raise Trouble(
            f"{path} 中的证书与签名密钥不是一对。请核对所选文件。",
            f"The certificate in {path} does not belong to the signing key. Check which files were chosen.",
            2,
        )
    return tuple(one.raw for one in held)


def _listed(suite: Suite, name: str, path: Path, advance: Callable[[int], None]) -> File:
    digest, size = suite.hashing(), 0
    for piece in reading.pieces(path):
        digest.update(piece)
        size += len(piece)
        advance(len(piece))
    return File(digest.finalize(), name, size)


def _prepared(
    suite: Suite, policy: Policy, bid: str, locks: Sequence[bytes], listing: Listing, dice: Dice
) -> tuple[Header, bytes]:
    of = Bid(bid, policy.envelope, policy.lot, policy.project, policy.suite)
    names = [dealing.BIDDER, *(group.group for group in policy.groups)]
    # One key in 2^32 is no number of the field (SPEC 21.1): it is cast again.
    for attempt in range(8):
        keys = {name: dice.bytes32("bid-key", bid, name, str(attempt)) for name in names}
        if all(0 < int.from_bytes(key) < dealing.ORDER for key in keys.values()):
            return sealing.prepare(suite, of, policy.groups, keys, locks, listing)
    raise AssertionError("dice that never fall into the field")


def _written(
    out: Path,
    header: Header,
    bid_key: bytes,
    key: BidderKey,
    listing: Listing,
    paths: Sequence[Path],
    advance: Callable[[int], None],
) -> bytes:
    """Write beside the target, fsync, open it again, rename; the header's digest."""
    beside = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE)
        with os.fdopen(handle, "wb") as file:
            _stream(file, container.Writer(header, bid_key), key, listing, paths, advance)
            file.flush()
            os.fsync(file.fileno())
        digest = _checked(beside, header, bid_key, advance)
        beside.replace(out)
        return digest
    except OSError as error:
        raise Trouble(
            f"无法写入 {out}({error.strerror})。请检查权限与剩余空间。",
            f"Cannot write {out} ({error.strerror}). Check its permissions and the space left.",
        ) from error
    finally:
        beside.unlink(missing_ok=True)


def _stream(
    file: BinaryIO,
    writer: container.Writer,
    key: BidderKey,
    listing: Listing,
    paths: Sequence[Path],
    advance: Callable[[int], None],
) -> None:
    suite = suites.get(writer.header.bid.suite)
    buffer = bytearray(framing.room(sealing.STEP_BYTES))
    file.write(writer.begin())
    head = payload.head(listing)
    file.write(writer.update(head, bytearray(framing.room(len(head)))))
    sums = payload.Sums(suite, listing.files)
    for path, one in zip(paths, listing.files, strict=True):
        sums.next()
        whole = sums.add(b"") if one.size == 0 else False
        for piece in reading.pieces(path):
            if len(piece) > sums.left:
                raise SealRefused("FileChanged", name=one.name)
            whole = sums.add(piece)
            file.write(writer.update(piece, buffer))
            advance(len(piece))
        if not whole:
            raise SealRefused("FileChanged", name=one.name)
    file.write(writer.finish(key))


def _checked(path: Path, header: Header, bid_key: bytes, advance: Callable[[int], None]) -> bytes:
    """Open what lies on the disk; the header's digest. Nobody else can before the opening."""
    opening = sealing.Opening(suites.get(header.bid.suite), bid_key)
    for piece in reading.pieces(path):
        for part in opening.feed(piece):
            advance(len(part.data))
    last, inspected = opening.close()
    advance(sum(len(part.data) for part in last))
    assert inspected.header == header
    return inspected.header_digest
