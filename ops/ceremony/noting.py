"""How a rehearsal ended, as it is kept for whoever looks before the day (SPEC 23.4).

Owns who took part and what went wrong, put as a note. Must not hold a rehearsal.
"""

import getpass
from collections.abc import Sequence

from msgspec import Struct

from ops.ceremony.real import Reached
from ops.trouble import Trouble
from protocol.rehearsal import FAULT_CHARS_MAX, FAULTS_MAX, CustodianTook, Rehearsal, VenueTook


class Held(Struct, frozen=True):
    """A rehearsal that was asked for: of which tender, by whom, from when (ms), with which custodians."""

    tender: str
    by: str
    began: int
    custodians: tuple[str, ...]


def whose(typed: str) -> str:
    """Who holds it: the name that was typed, else that of the machine's user."""
    if typed:
        return typed
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


def reached(held: Held, found: Reached, ended: int, *, good: bool) -> Rehearsal:
    """The note of one that came to its end."""
    answered, released = {*found.answered}, {*found.released}
    faults = [f"killed: {name}" for name in found.killed]
    faults += [f"waited: {one}" for one in found.waited]
    faults += [f"bid {bid} not opened: {why}" for bid, why in sorted(found.failed.items())]
    faults += [] if found.equal else ["venues found different things"]
    faults += [f"leaked: {one}" for one in found.leaked]
    return Rehearsal(
        held.tender, ended, len(found.opened), found.bids, good, held.began, held.by, found.opening_ms,
        tuple(CustodianTook(one, one in answered, one in released) for one in held.custodians),
        tuple(VenueTook(one, found=True) for one in found.reports),
        _cut(faults),
    )  # fmt: skip


def broken(held: Held, why: Trouble, ended: int) -> Rehearsal:
    """The note of one that did not come to its end."""
    away = tuple(CustodianTook(one, answered=False, released=False) for one in held.custodians)
    told = f"{why.zh} {why.en}"
    return Rehearsal(held.tender, ended, 0, 0, good=False, began=held.began, by=held.by, custodians=away,
                     faults=_cut([told]))  # fmt: skip


def _cut(faults: Sequence[str]) -> tuple[str, ...]:
    return tuple(one[:FAULT_CHARS_MAX] for one in faults[:FAULTS_MAX])
