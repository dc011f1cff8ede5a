"""What an archive proves by its digest and does not hold: its recordings and sealed bids (SPEC 26).

Owns that both are listed without being asked for: recordings out of the record, which has every segment's
digest, and bids out of a folder of their containers, each held against its mark in the record first.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from msgspec import Struct

from ops.installation import Installation
from ops.trouble import Trouble
from protocol import archive_keys
from protocol.archive_keys import Attached
from protocol.entry import decode
from protocol.events_ceremony import BidsReceived
from protocol.record import Record
from protocol.seal.refused import SealRefused
from sub_venue.custody import recombining

UNREADABLE: Final = 2
WRONG: Final = 1
_CONTAINER: Final = ".tcbid"


class Marked(Struct, frozen=True):
    """A bid that lay with the coordinator at the deadline: where its container lies in a folder, its mark."""

    place: str
    name: str
    mark: bytes


def bids_folder(found: Installation, session: str) -> Path:
    """Where the main venue keeps the containers that it fetched: `LOT-ENVELOPE/BID.tcbid`."""
    return found.config(found.main.place.node).parent / "openings" / session


def recordings(record: Record) -> tuple[Attached, ...]:
    """Every segment that the record tells of, in the order in which it was told."""
    return tuple(archive_keys.recordings(record))


def bids(record: Record, folder: Path | None) -> tuple[Attached, ...]:
    """Every received bid whose container lies in the folder, in order of the record.

    One that is not there is left out: the record has its mark all the same. Without a folder, none.

    Raises:
      Trouble: a container cannot be read (2), or is not the one that was received (1).
    """
    if folder is None:
        return ()
    there = ((one, folder / one.place) for one in _received(record))
    return tuple(_attached(one, path) for one, path in there if path.exists())


def _received(record: Record) -> Iterator[Marked]:
    for raw in record.entries:
        for event in decode(raw).events:
            if isinstance(event, BidsReceived):
                for one in event.bids:
                    yield Marked(
                        f"{event.lot}-{event.envelope}/{one.bid}{_CONTAINER}",
                        f"{event.lot}/{event.envelope}/{one.bid}", one.mark,
                    )  # fmt: skip


def _attached(bid: Marked, path: Path) -> Attached:
    try:
        _, mark = recombining.fetch(path)
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").digest()
    except SealRefused as refused:
        raise Trouble(
            f"{path} 已损坏({refused}),不是收到的投标文件。请从其他会场取得后重试。",
            f"{path} is damaged ({refused}) and not the bid that was received. Take it from another venue.",
            WRONG,
        ) from refused
    except OSError as error:
        raise Trouble(
            f"无法读取投标文件 {path}({error.strerror})。请核对路径与权限。",
            f"The bid {path} cannot be read ({error.strerror}). Check the path and who may read it.",
            UNREADABLE,
        ) from error
    if mark != bid.mark:
        raise Trouble(
            f"{path} 不是记录中收到的投标文件 {bid.name}。请勿采信,并通知监督人员。",
            f"{path} is not the bid {bid.name} that the record received. Do not rely on it, and tell a "
            "supervisor.",
            WRONG,
        )
    return Attached(digest, "bid", bid.name, path.stat().st_size)
