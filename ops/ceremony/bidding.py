"""The bidders of a session that is held on this machine: papers sealed, handed in, released (SPEC 22, 23).

Owns what a tender's bidders do before and at the opening, with the very code of `tongchang seal`, `upload`
and `unlock`: keys and containers lie in a folder of their own, as on machines of their own. Whose papers
they are is the caller's. Used by `act`, by `up`, and by a rehearsal on a real stack.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from ops import custody, files, senses
from ops.bidder import announcing, releasing, sending
from ops.bidder.line import Line
from ops.bids import seal as sealing_room
from ops.bids.seal import Wanted
from ops.custodian import keys
from ops.installation import Installation
from ops.senses import Dice
from ops.trouble import Trouble
from protocol import limits
from protocol.plan.case import Case
from protocol.plan.stages import stages
from protocol.seal.handing_in import Announced, SignedReceipt

POLICY: Final = "policy.json"
KEY: Final = "key.pem"
BID: Final = "bid.tcbid"
RECEIPT: Final = "receipt"
FOLDER: Final = "bidders"
"""Where the bidders of an installation keep keys and containers, as on machines of their own."""
NOTICE: Final = "notice"
ROOM_BYTES_MIN: Final = 67_108_864
BYTES_MAX: Final = 1_073_741_824
_SPARE_MS: Final = 1_000

Papers = Callable[[str, str, str], Sequence[Path]]
"""The files or folders that a bidder seals: (bidder, lot, envelope) → paths."""


class Container(Struct, frozen=True):
    """A sealed bid as its bidder keeps it."""

    bidder: str
    lot: str
    envelope: str
    path: Path
    key: Path


class _Noticed(Struct, frozen=True):
    """A notice and the tickets that its agent handed out, kept so that they are the same after a restart."""

    announced: Announced
    tickets: tuple[str, ...]


def line_of(found: Installation) -> Line:
    """The line from a bidder's machine to the installation's coordinator."""
    return Line(found.outside_url.rstrip("/"))


def seal(found: Installation, case: Case, folder: Path, papers: Papers, dice: Dice) -> tuple[Container, ...]:
    """Seal every bid of a case under the custodians' keys; what is sealed already stays.

    Raises:
      Trouble: a paper or a key cannot be used, the disk is full.
    """
    sealed = []
    for lot, envelope in stages(case.plan):
        policy = custody.sealing_policy(found.data, found.shape.custodians, case.plan.tender, lot, envelope)
        files.make_folder(folder)
        where = folder / f"{lot}-{envelope}-{POLICY}"
        files.write(where, msgspec.json.encode(policy))
        for bidder in sorted({bid.bidder for bid in case.bids if bid.lot == lot}):
            own = files.make_folder(folder / bidder)
            key = own / KEY
            if not key.exists():
                keys.new(policy.suite, key, dice)
            path = own / f"{lot}-{envelope}-{BID}"
            if not path.exists():
                sealing_room.seal(
                    Wanted(papers(bidder, lot, envelope), where, str(key), path, bidder), dice, _silent
                )
            sealed.append(Container(bidder, lot, envelope, path, key))
    return tuple(sealed)


def hand_in(
    found: Installation, case: Case, session: str, bids: Sequence[Container], receiving_ms: int, dice: Dice
) -> Mapping[Path, SignedReceipt]:
    """Open the receiving of bids for so long, and hand all of them in; the receipts.

    What was announced before is not announced anew, and what was handed in is receipted again.

    Raises:
      Trouble: the coordinator refuses, or the line is cut.
    """
    bidders = sorted({one.bidder for one in bids})
    line = line_of(found)
    path = found.data / FOLDER / f"{session}.{NOTICE}"
    kept = _noticed(path, line, session)
    if kept is None:
        kept = _notice(found, case, session, bids, receiving_ms, dice)
        files.write(files.make_folder(path.parent) / path.name, msgspec.json.encode(kept))
    announcing.hand_over(kept.announced, line, receiving_ms / 1000)
    by_bidder = dict(zip(bidders, kept.tickets, strict=True))
    receipts = {}
    for one in bids:
        receipt = sending.upload(one.path, line, session, by_bidder[one.bidder], _silent, receiving_ms / 1000)
        sending.write_receipt(one.path.with_suffix(f".{RECEIPT}"), receipt)
        receipts[one.path] = receipt
    return receipts


def release(found: Installation, session: str, one: Container, dice: Dice) -> releasing.Released:
    """A bidder's release, as `tongchang unlock` makes it; waits for its moment.

    Raises:
      Trouble: the window is over, or the coordinator refuses.
    """
    return releasing.release(one.path, str(one.key), line_of(found), session, dice)


def kept(found: Installation, case: Case) -> tuple[Container, ...]:
    """The bids of a case that were sealed here."""
    folder = found.data / FOLDER
    every = (
        Container(
            bid.bidder, lot, envelope, folder / bid.bidder / f"{lot}-{envelope}-{BID}",
            folder / bid.bidder / KEY,
        )
        for lot, envelope in stages(case.plan) for bid in case.bids if bid.lot == lot
    )  # fmt: skip
    return tuple(one for one in every if one.path.exists())


def _noticed(path: Path, line: Line, session: str) -> _Noticed | None:
    """The notice that was made before, unless its time went by before it was ever handed over."""
    if not path.exists():
        return None
    kept = msgspec.json.decode(path.read_bytes(), type=_Noticed)
    if senses.now_ms() < kept.announced.notice.deadline:
        return kept
    try:
        sending.tender(line, session)
    except Trouble:
        return None
    return kept


def _notice(
    found: Installation, case: Case, session: str, bids: Sequence[Container], receiving_ms: int, dice: Dice
) -> _Noticed:
    policies = tuple(
        custody.sealing_policy(found.data, found.shape.custodians, case.plan.tender, lot, envelope)
        for lot, envelope in stages(case.plan)
    )
    now = senses.now_ms()
    blocks = sum(one.path.stat().st_size // limits.SEGMENT_BYTES + 2 for one in bids)
    room = max(ROOM_BYTES_MIN, 2 * blocks * limits.SEGMENT_BYTES)
    return _Noticed(
        *announcing.announce(
            policies, session, now - _SPARE_MS, now + receiving_ms, len({one.bidder for one in bids}),
            min(BYTES_MAX, room), room, found.people / "agent.key", dice,
        )
    )  # fmt: skip


def _silent(_done: int, _total: int) -> None:
    """Nobody looks."""
