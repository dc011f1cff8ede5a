"""Taking the pen over: the signed statement with which one window of a seat takes writing from another.

It is no act of the evaluation and enters no ledger: which of a seat's windows writes changes nothing that
is evaluated, and the published versions of the rules know no such entry. But it must be known later who
wrote when, so the statement is the seat's own, signed with its key, and lies in its venue's journal. Another
key for a seat is something else: that is a `BindSeat` and stands in the ledger. Source: DESIGN 9, SPEC 12.4.
"""

from protocol import canonical
from protocol.seal import signing
from protocol.wire import PenWanted


def signed_bytes(wanted: PenWanted, key: str) -> bytes:
    """What the seat signs: the tag `take-over/v1` and {at, key, over, seat, session, window}, canonical."""
    statement = {
        "session": wanted.session,
        "seat": wanted.seat,
        "key": key,
        "window": wanted.window,
        "over": wanted.over,
        "at": wanted.at,
    }
    return canonical.tag("take-over/v1") + canonical.encode(statement)


def is_signed(wanted: PenWanted, key: str) -> bool:
    """Whether the holder of a seat's key has signed that this window takes over from that one."""
    return bool(wanted.over) and signing.verify(key, signed_bytes(wanted, key), wanted.sig)
