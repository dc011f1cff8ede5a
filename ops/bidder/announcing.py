"""The agent's part: tickets, and the notice that opens the receiving of bids (收标公告, SPEC 23)."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_der_private_key

from ops import files, senses
from ops.bidder import patience
from ops.bidder.line import Line
from ops.bids import reading
from ops.trouble import Trouble
from protocol.refusals import refuse
from protocol.seal import handing_in, signing, suites
from protocol.seal.handing_in import Announced, Notice, Part
from protocol.seal.sealing import Policy


def moment(typed: str) -> int:
    """A moment as typed, ISO 8601 with its offset, in ms.

    >>> moment("1970-01-01T08:00:01+08:00")
    1000

    Raises:
      Trouble: it is none, or does not say which zone's.
    """
    try:
        found = datetime.fromisoformat(typed)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise Trouble(
            f"“{typed}”不是带时区的时刻,应如 2026-12-01T09:30:00+08:00",
            f"“{typed}” is no moment with its zone, such as 2026-12-01T09:30:00+08:00",
            2,
        )
    return round(found.timestamp() * 1000)


def announce(
    policies: Sequence[Policy], session: str, opens_at: int, deadline: int, tickets: int, bytes_max: int,
    room_bytes: int, key: Path, dice: senses.Dice,
) -> tuple[Announced, tuple[str, ...]]:  # fmt: skip
    """A signed notice, and the tickets to hand out; the notice holds as many digests as hide their number.

    Raises:
      Trouble: a policy or the key does not fit.
    """
    first = policies[0]
    with reading.told():
        suite = suites.get(first.suite)
    made = tuple(
        handing_in.ticket(dice.bytes32("ticket", session, str(number))[: handing_in.TICKET_BYTES])
        for number in range(tickets)
    )
    count = max(handing_in.TICKETS_MIN, 1 << max(tickets - 1, 0).bit_length())
    digests = [handing_in.ticket_digest(session, one) for one in made]
    digests += [dice.bytes32("no-ticket", session, str(number)) for number in range(count - tickets)]
    parts = tuple(Part(one.envelope, one.lot, handing_in.policy_digest(suite, one)) for one in policies)
    notice = Notice(
        bytes_max, deadline, opens_at, parts, first.project, room_bytes, session, suite.name,
        tuple(sorted(digests)), 1,
    )  # fmt: skip
    own = _key(key)
    announced = Announced(
        signing.public_text(own), notice, tuple(policies), signing.sign(own, handing_in.notice_bytes(notice))
    )
    why = handing_in.misannounced(announced, None)
    if why:
        raise reading.trouble_of(refuse("NoticeRefused", why=why))
    return announced, made


def hand_over(announced: Announced, line: Line, patience_s: float = patience.ASKING_S) -> None:
    """Have the coordinator receive; a line that is cut is tried again, for the same notice is taken once.

    Setting aside the room for large bids takes the coordinator a while, and its answer may be lost in it.

    Args:
      announced: the notice with its policies.
      line: to the coordinator.
      patience_s: how long it is tried, and never past the notice's deadline.

    Raises:
      Trouble: it refuses, or the line stays cut.
    """
    left_s = (announced.notice.deadline - senses.now_ms()) / 1000
    patience.post(line, handing_in.ANNOUNCE, announced, dict[str, Any], max(0.0, min(patience_s, left_s)))


def write_tickets(path: Path, tickets: Sequence[str]) -> None:
    """One ticket a line, for the agent alone.

    Raises:
      Trouble: it cannot be written.
    """
    files.write(path, ("\n".join(tickets) + "\n").encode())


def _key(path: Path) -> Ed25519PrivateKey:
    try:
        key = load_der_private_key(reading.private_der(path), None)
    except (ValueError, TypeError) as error:
        raise reading.trouble_of(refuse("KeyRefused", why=str(error)[:100])) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise reading.trouble_of(refuse("KeyRefused", why="not Ed25519"))
    return key
