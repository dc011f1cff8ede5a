"""What is kept of an opening's rehearsal (开标演练), and what stands against it before the day (SPEC 23.4).

Owns the form of `rehearsals.json` and how its last rehearsal is judged. A note of whoever runs the house: it
is in no record and proves nothing.
"""

from collections.abc import Iterable
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

from protocol.words import Millis

FILE: Final = "rehearsals.json"
KEPT_MAX: Final = 50
"""So many rehearsals a file keeps."""
FILE_BYTES_MAX: Final = 8_388_608
STALE_MS: Final = 86_400_000
"""A rehearsal that ended longer ago than this before the opening says nothing of the day."""
FAULTS_MAX: Final = 64
FAULT_CHARS_MAX: Final = 500
_TAKING_PART_MAX: Final = 512

CheckCode = Literal["never", "failed", "stale", "custodian", "venue"]
Fault = Annotated[str, Meta(max_length=FAULT_CHARS_MAX)]
Name = Annotated[str, Meta(max_length=200)]


class CustodianTook(Struct, frozen=True):
    """A custodian's part: whether it answered the roll-call, and whether it released."""

    custodian: Name
    answered: bool
    released: bool


class VenueTook(Struct, frozen=True):
    """A venue's part: whether it told what it found."""

    venue: Name
    found: bool


class Rehearsal(Struct, frozen=True):
    """A rehearsal of a tender's opening: when it ended (ms), bids opened of how many, whether well.

    `began` and `at` are its beginning and end, `opening_ms` the time from a bidder's last release until every
    venue had opened everything; `faults` is what went wrong, or was made to.
    """

    tender: Name
    at: Millis
    opened: Annotated[int, Meta(ge=0)]
    bids: Annotated[int, Meta(ge=0)]
    good: bool
    began: Millis = 0
    by: Name = ""
    opening_ms: Millis = 0
    custodians: Annotated[tuple[CustodianTook, ...], Meta(max_length=_TAKING_PART_MAX)] = ()
    venues: Annotated[tuple[VenueTook, ...], Meta(max_length=_TAKING_PART_MAX)] = ()
    faults: Annotated[tuple[Fault, ...], Meta(max_length=FAULTS_MAX)] = ()


class CheckFault(Struct, frozen=True):
    """What stands against the last rehearsal, and who it is about."""

    code: CheckCode
    names: tuple[str, ...] = ()


def read(raw: bytes) -> tuple[Rehearsal, ...]:
    """The rehearsals of a file, the newest last; a file that is damaged or too long holds none.

    >>> read(b"[")
    ()
    """
    if len(raw) > FILE_BYTES_MAX:
        return ()
    try:
        return msgspec.json.decode(raw, type=tuple[Rehearsal, ...])
    except (msgspec.MsgspecError, UnicodeError):
        return ()


def last(kept: Iterable[Rehearsal], tender: str) -> Rehearsal | None:
    """The last rehearsal of a tender's opening; None where there was none."""
    return next((one for one in reversed(tuple(kept)) if one.tender == tender), None)


def check(
    found: Rehearsal | None, now_ms: int, opens_at_ms: int, custodians: Iterable[str], venues: Iterable[str]
) -> tuple[CheckFault, ...]:
    """What stands against a rehearsal; nothing where all is well.

    Args:
      found: the last one of the tender.
      now_ms: the clock.
      opens_at_ms: the deadline after which bids are opened; 0 where it is not known.
      custodians: who holds shares, by their ids.
      venues: who will open, by their ids.
    """
    if found is None:
        return (CheckFault("never"),)
    told: list[CheckFault] = []
    if not found.good:
        told.append(CheckFault("failed"))
    if max(now_ms, opens_at_ms) - found.at > STALE_MS:
        told.append(CheckFault("stale"))
    answered = {one.custodian for one in found.custodians if one.answered}
    opened = {one.venue for one in found.venues if one.found}
    absent = tuple(sorted({*custodians} - answered))
    blind = tuple(sorted({*venues} - opened))
    told += [CheckFault("custodian", absent)] if absent else []
    told += [CheckFault("venue", blind)] if blind else []
    return tuple(told)
