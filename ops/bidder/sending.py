"""Handing a sealed bid in: segment by segment, going on by itself after every cut (递交, SPEC 23.1).

Reads of the container only what is sent, four megabytes at a time. What the coordinator keeps is asked for
after each cut, so that nothing is sent twice that need not be. A receipt is believed when it is for this very
file and its signature holds.
"""

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Final

from msgspec import Struct

from ops import files, senses
from ops.bidder import patience
from ops.bidder.line import Cut, Line, Refused
from ops.bidder.patience import ASKING_S, PATIENCE_S, Patience
from ops.bids import reading
from protocol import canonical, limits
from protocol.refusals import refuse
from protocol.seal import container, handing_in, suites
from protocol.seal.handing_in import (
    Announced,
    AskTender,
    Begin,
    Begun,
    Offered,
    SegmentKept,
    SignedReceipt,
)
from protocol.seal.refused import SealRefused

RECEIPT_BYTES_MAX: Final = 16_384
_START: Final = len(container.MAGIC) + 4
_TAIL: Final = len(container.END) + 4

Tell = Callable[[int, int], None]
"""Told how many bytes of how many are kept."""


class Ends(Struct, frozen=True):
    """A container's two ends, and where its sealed bytes begin."""

    header: bytes
    trailer: bytes
    start: int
    offered: Offered


def ends(path: Path) -> Ends:
    """A container's header and trailer.

    Raises:
      Trouble: it cannot be read, or they do not belong together.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            header = _between(file, _START, len(container.MAGIC), size)
            file.seek(max(size - _TAIL, 0))
            length = int.from_bytes(file.read(4), "big")
            if length > limits.CONTAINER_HEADER_BYTES_MAX or length > size - _TAIL:
                raise SealRefused("ContainerBroken", part="end")
            file.seek(size - _TAIL - length)
            trailer = file.read(length)
        offered = handing_in.offered(header, trailer)
        if offered.size != size:
            raise SealRefused("ContainerBroken", part="end")
    except OSError as error:
        raise reading.unreadable(path, error) from error
    except SealRefused as refused:
        raise reading.trouble_of(refused.refusal) from refused
    return Ends(header, trailer, _START + len(header), offered)


def upload(
    path: Path, line: Line, session: str, ticket: str, tell: Tell, patience_s: float = PATIENCE_S
) -> SignedReceipt:
    """Hand a container in, and come back with its receipt.

    Args:
      path: the container.
      line: to the coordinator.
      session: the tender's session.
      ticket: the bidder's.
      tell: is told of every segment that is kept.
      patience_s: how long it is tried without anything going forward.

    Raises:
      Trouble: the container cannot be read, the coordinator refuses, or the line stays cut.
    """
    found = ends(path)
    asked = Begin(found.header, session, ticket, found.trailer)
    waiting = Patience(patience_s)
    with reading_of(path) as file:
        while True:
            try:
                return _believed(_sent(file, found, line, asked, tell, waiting), found)
            except (Cut, Refused) as error:
                waiting.pause(error)


def reading_of(path: Path) -> BinaryIO:
    """The container, open.

    Raises:
      Trouble: it cannot be read.
    """
    try:
        return path.open("rb")
    except OSError as error:
        raise reading.unreadable(path, error) from error


def tender(line: Line, session: str, patience_s: float = 0.0) -> Announced:
    """The tender's notice and policies.

    Raises:
      Trouble: the coordinator refuses, or the line is cut for longer than `patience_s`.
    """
    found = patience.post(line, handing_in.TENDER, AskTender(session), Announced, patience_s)
    if handing_in.misannounced(found, None) not in ("", "version"):
        raise reading.trouble_of(refuse("NoticeRefused", why=handing_in.misannounced(found, None)))
    return found


def withdraw(receipt: SignedReceipt, key: str, line: Line, patience_s: float = ASKING_S) -> SignedReceipt:
    """Take a bid back; the receipt of that, which is the same where its answer was lost on the way.

    Raises:
      Trouble: the key is not the bid's, the coordinator refuses, or the line is cut for longer than that.
    """
    suite = suites.get(tender(line, receipt.receipt.session, patience_s).notice.suite)
    with reading.own_key(suite, key) as own:
        asked = handing_in.withdraw(suite, own, receipt, senses.now_ms())
    done = patience.post(line, handing_in.WITHDRAW, asked, SignedReceipt, patience_s)
    if not handing_in.receipt_holds(done, receipt.by) or done.receipt.what != "withdrawn":
        raise reading.trouble_of(refuse("ReceiptRefused", why="signature"))
    return done


def read_receipt(path: Path) -> SignedReceipt:
    """A receipt from its file.

    Raises:
      Trouble: it is none.
    """
    raw = reading.content(path, RECEIPT_BYTES_MAX)
    try:
        return canonical.decode(raw.strip(), SignedReceipt, RECEIPT_BYTES_MAX)
    except canonical.NotCanonical as error:
        raise reading.trouble_of(refuse("ReceiptRefused", why="form")) from error


def write_receipt(path: Path, receipt: SignedReceipt) -> None:
    """Keep a receipt as a file.

    Raises:
      Trouble: it cannot be written.
    """
    files.write(path, canonical.encode(receipt))


def receipt_fault(receipt: SignedReceipt, by: str, bid: Path | None) -> str:
    """What is wrong with a receipt, empty where it holds: `signature`, `installation`, `bid`."""
    if not handing_in.receipt_holds(receipt):
        return "signature"
    if not handing_in.receipt_holds(receipt, by):
        return "installation"
    if bid is not None:
        found = ends(bid).offered
        if not handing_in.is_for(receipt, found.header.bid, found.digest):
            return "bid"
    return ""


def _sent(
    file: BinaryIO, found: Ends, line: Line, asked: Begin, tell: Tell, waiting: Patience
) -> SignedReceipt:
    """Begin, and send what is missing."""
    begun = line.post(handing_in.BEGIN, asked, Begun)
    header = found.offered.header
    sizes = [handing_in.segment_bytes(header, number) for number in range(begun.segments)]
    if begun.receipt is not None:
        tell(header.sealed_bytes, header.sealed_bytes)
        return begun.receipt
    done = header.sealed_bytes - sum(sizes[number] for number in begun.missing)
    tell(done, header.sealed_bytes)
    for number in begun.missing:
        file.seek(found.start + number * limits.SEGMENT_BYTES)
        data = file.read(sizes[number])
        if container.segment_digest(found.offered.suite, number, data) != found.offered.seal.segments[number]:
            # Damaged on this machine: sending it again would not help.
            raise reading.trouble_of(refuse("ContainerBroken", part=f"segment {number}"))
        headers = {"Authorization": f"Bearer {begun.token}", "Segment": str(number)}
        kept = line.put(handing_in.SEGMENT, data, headers, SegmentKept)
        waiting.forward()
        done += sizes[number]
        tell(done, header.sealed_bytes)
        if kept.receipt is not None:
            return kept.receipt
    raise Cut("the receipt is missing")


def _believed(receipt: SignedReceipt, found: Ends) -> SignedReceipt:
    """A receipt that is for this very container."""
    fits = handing_in.is_for(receipt, found.offered.header.bid, found.offered.digest)
    if not fits or receipt.receipt.what != "received" or not handing_in.receipt_holds(receipt):
        raise reading.trouble_of(refuse("ReceiptRefused", why="bid" if not fits else "signature"))
    return receipt


def _between(file: BinaryIO, start: int, length_at: int, size: int) -> bytes:
    """The header's bytes."""
    begin = file.read(start)
    length = int.from_bytes(begin[length_at:], "big")
    if begin[: len(container.MAGIC)] != container.MAGIC or length > min(
        size, limits.CONTAINER_HEADER_BYTES_MAX
    ):
        raise SealRefused("ContainerBroken", part="header")
    return file.read(length)
