"""Handing in a sealed bid: notice, tickets, receipts, withdrawals, and what is checked of each (SPEC 23).

Everything here can be told from bytes alone: whether a notice is the agent's, whether a container is for this
project, lot, envelope, suite and policy, which digest stands for it, whether a receipt holds. Knows neither
what has come in nor the clock; it needs no key of the bid.
"""

import base64
import hashlib
from collections.abc import Sequence
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from protocol import canonical, limits
from protocol.refusals import Refusal, refuse
from protocol.seal import container, signing, suites
from protocol.seal.container import Header, Seal, Trailer
from protocol.seal.dealing import Bid
from protocol.seal.refused import SealRefused
from protocol.seal.sealing import Policy
from protocol.seal.suite import SigningKey, Suite, SuiteName
from protocol.words import Hash, HashOrEmpty, Id, KeyText, Millis

ANNOUNCE: Final = "/bids/api/announce"
TENDER: Final = "/bids/api/tender"
BEGIN: Final = "/bids/api/begin"
SEGMENT: Final = "/bids/api/segment"
WITHDRAW: Final = "/bids/api/withdraw"

PARTS_MAX: Final = 64
"""Most lots and envelopes of one notice."""
TICKETS_MIN: Final = 64
"""So many digests of tickets a notice has at least, most of them perhaps of none."""
TICKETS_MAX: Final = 1_024
PLACES_MAX: Final = 4_096
"""Most places (tickets × parts) of one notice: each has a row from the start."""
TICKET_BYTES: Final = 16
ROOM_BYTES_MAX: Final = 4_398_046_511_104
"""Most room that one notice sets aside, 4 TiB."""
BEGIN_BYTES_MAX: Final = 1_441_792
"""Largest request to begin: header and trailer as base64, and a little."""
ANNOUNCED_BYTES_MAX: Final = 4_194_304
"""Largest notice with its policies."""

_FRAME_BYTES: Final = len(container.MAGIC) + len(container.END) + 8
_TICKET_CHARS: Final = 26

What = Literal["received", "withdrawn"]


class Part(Struct, frozen=True, forbid_unknown_fields=True):
    """A lot and envelope that bids are received for, and the digest of its sealing policy."""

    envelope: Id
    lot: Id
    policy: Hash


class Notice(Struct, frozen=True, forbid_unknown_fields=True):
    """What a coordinator receives bids for, and until when (收标公告)."""

    bytes_max: Annotated[int, Meta(ge=1, le=limits.SEALED_BYTES_MAX + 2 * limits.CONTAINER_HEADER_BYTES_MAX)]
    deadline: Millis
    opens_at: Millis
    parts: Annotated[tuple[Part, ...], Meta(min_length=1, max_length=PARTS_MAX)]
    project: Id
    room_bytes: Annotated[int, Meta(ge=limits.SEGMENT_BYTES, le=ROOM_BYTES_MAX)]
    session: Id
    suite: SuiteName
    tickets: Annotated[tuple[Hash, ...], Meta(min_length=TICKETS_MIN, max_length=TICKETS_MAX)]
    version: Annotated[int, Meta(ge=1)]
    v: Literal[1] = 1


class Announced(Struct, frozen=True, forbid_unknown_fields=True):
    """A notice as the agent hands it over: signed, with the policy of each part."""

    key: KeyText
    notice: Notice
    policies: tuple[Policy, ...]
    sig: KeyText


class Receipt(Struct, frozen=True, forbid_unknown_fields=True):
    """What the coordinator says it has: a whole, durable container, or that one was taken back (回执).

    `key` is the pseudonym of the key that signed the container; `replaces` the digest of the receipt whose
    place this one takes.
    """

    at: Millis
    bid: Id
    container: Hash
    envelope: Id
    key: Hash
    lot: Id
    project: Id
    replaces: HashOrEmpty
    session: Id
    what: What
    v: Literal[1] = 1


class SignedReceipt(Struct, frozen=True, forbid_unknown_fields=True):
    """A receipt, and the installation's signature."""

    by: KeyText
    receipt: Receipt
    sig: KeyText


class Withdrawal(Struct, frozen=True, forbid_unknown_fields=True):
    """That a bidder takes back what this receipt is for (撤回)."""

    at: Millis
    receipt: Hash
    session: Id
    v: Literal[1] = 1


class SignedWithdrawal(Struct, frozen=True, forbid_unknown_fields=True):
    """A withdrawal by the key that signed the bid."""

    public: bytes
    sig: bytes
    withdrawal: Withdrawal


class AskTender(Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody asks for a tender's notice."""

    session: Id


class Begin(Struct, frozen=True, forbid_unknown_fields=True):
    """A bidder begins to hand in: the container's header and trailer, and its ticket."""

    header: Annotated[bytes, Meta(max_length=limits.CONTAINER_HEADER_BYTES_MAX)]
    session: Id
    ticket: Annotated[str, Meta(max_length=64)]
    trailer: Annotated[bytes, Meta(max_length=limits.CONTAINER_HEADER_BYTES_MAX)]


class Begun(Struct, frozen=True, forbid_unknown_fields=True):
    """Where an upload stands: which segments are missing; the receipt once none is."""

    missing: tuple[int, ...]
    receipt: SignedReceipt | None
    segments: int
    token: str


class SegmentKept(Struct, frozen=True, forbid_unknown_fields=True):
    """A segment is durable; so many are left, and the receipt comes with the last one."""

    left: int
    receipt: SignedReceipt | None


class Offered(Struct, frozen=True):
    """A container as its header and trailer tell of it."""

    suite: Suite
    header: Header
    seal: Seal
    digest: bytes
    """The container digest."""
    key: bytes
    """The pseudonym of the key that signed it."""
    size: int
    """Bytes of the whole file."""


def offered(header_raw: bytes, trailer_raw: bytes) -> Offered:
    """What a container's two ends tell, once they belong together and the signature holds.

    Raises:
      SealRefused: `ContainerBroken` names `header` or `trailer`; `SuiteUnknown`.
    """
    header = container.read_header(header_raw)
    suite = suites.get(header.bid.suite)
    try:
        trailer = canonical.decode(trailer_raw, Trailer, limits.CONTAINER_HEADER_BYTES_MAX)
    except canonical.NotCanonical as error:
        raise SealRefused("ContainerBroken", part="trailer") from error
    seal = trailer.seal
    if seal.header_digest != container.header_digest(suite, header_raw):
        raise SealRefused("ContainerBroken", part="header")
    if len(seal.segments) != -(-header.sealed_bytes // limits.SEGMENT_BYTES) or not suite.verify(
        seal.public, container.signed_bytes(seal), trailer.sig
    ):
        raise SealRefused("ContainerBroken", part="trailer")
    size = _FRAME_BYTES + len(header_raw) + header.sealed_bytes + len(trailer_raw)
    return Offered(suite, header, seal, container_digest(suite, trailer_raw), suite.hash(seal.public), size)


def container_digest(suite: Suite, trailer_raw: bytes) -> bytes:
    """The digest that stands for every byte of a container, 32 bytes."""
    return suite.hash(canonical.tag("container-digest/v1") + trailer_raw)


def segment_bytes(header: Header, number: int) -> int:
    """How long a segment is; the last one may be shorter."""
    return min(limits.SEGMENT_BYTES, header.sealed_bytes - number * limits.SEGMENT_BYTES)


def policy_digest(suite: Suite, policy: Policy) -> bytes:
    """The digest by which a notice names a sealing policy, 32 bytes."""
    return suite.hash(canonical.tag("sealing-policy/v1") + canonical.encode(policy))


def misfit(notice: Notice, policies: Sequence[Policy], found: Offered) -> Refusal | None:
    """Why a container is none of this tender's; None where it is.

    Args:
      notice: the tender's.
      policies: of its parts, in their order.
      found: what the container tells.
    """
    of = found.header.bid
    if of.suite != notice.suite:
        return refuse("SuiteMixed", suite=notice.suite)
    if of.project != notice.project:
        return refuse("BidElsewhere", what="project", given=of.project, expected=notice.project)
    place = next(
        (at for at, one in enumerate(notice.parts) if (one.lot, one.envelope) == (of.lot, of.envelope)), None
    )
    if place is None:
        told = ", ".join(f"{one.lot}/{one.envelope}" for one in notice.parts)
        return refuse("BidElsewhere", what="lot", given=f"{of.lot}/{of.envelope}", expected=told)
    wanted = [
        (one.group, one.threshold, [(member.custodian, member.public) for member in one.members])
        for one in sorted(policies[place].groups, key=lambda group: group.group)
    ]
    held = [
        (one.group, one.threshold, [(member.custodian, member.public) for member in one.members])
        for one in found.header.groups
    ]
    if held != wanted:
        return refuse("PolicyMismatch", lot=of.lot, envelope=of.envelope)
    if found.size > notice.bytes_max:
        return refuse("BidTooLarge", size=found.size, limit=notice.bytes_max)
    return None


def misannounced(announced: Announced, before: Announced | None) -> str:
    """What is wrong with a notice, empty where nothing is; whether its key may is not asked here.

    `before` is the one that it would change.
    """
    notice, suite = announced.notice, suites.get(announced.notice.suite)
    parts = [(one.lot, one.envelope) for one in notice.parts]
    if not signing.verify(announced.key, notice_bytes(notice), announced.sig):
        return "signature"
    if len(set(parts)) != len(parts) or len(set(notice.tickets)) != len(notice.tickets):
        return "twice"
    if notice.opens_at >= notice.deadline:
        return "deadline"
    if notice.bytes_max > notice.room_bytes or places(notice) > PLACES_MAX:
        return "room"
    if len(announced.policies) != len(parts):
        return "policies"
    for part, policy in zip(notice.parts, announced.policies, strict=True):
        if (policy.project, policy.lot, policy.envelope, policy.suite) != (
            notice.project, part.lot, part.envelope, notice.suite,
        ) or policy_digest(suite, policy) != part.policy:  # fmt: skip
            return f"policy {part.lot}/{part.envelope}"
    if before is None:
        return "" if notice.version == 1 else "version"
    return _mischanged(announced, before)


def _mischanged(announced: Announced, before: Announced) -> str:
    """What a later notice changes that it must not."""
    new, old = announced.notice, before.notice
    if announced.key != before.key:
        return "key"
    if new.version != old.version + 1:
        return "version"
    if new.deadline < old.deadline:
        return "deadline"
    fixed = ("bytes_max", "opens_at", "parts", "project", "room_bytes", "session", "suite", "tickets")
    return next((name for name in fixed if getattr(new, name) != getattr(old, name)), "")


def places(notice: Notice) -> int:
    """How many bids there could be at most."""
    return len(notice.tickets) * len(notice.parts)


def notice_bytes(notice: Notice) -> bytes:
    """What the agent signs."""
    return canonical.tag("receive-bids/v1") + canonical.encode(notice)


def ticket(entropy: bytes) -> str:
    """A ticket of 16 random bytes.

    >>> ticket(bytes(16))
    'aaaaaaaaaaaaaaaaaaaaaaaaaa'
    """
    assert len(entropy) == TICKET_BYTES
    return base64.b32encode(entropy).decode().rstrip("=").lower()


def ticket_digest(session: str, typed: str) -> bytes:
    """What a notice holds of a ticket; case, spaces and hyphens do not count."""
    plain = "".join(one for one in typed.lower() if one.isalnum())[:_TICKET_CHARS]
    return canonical.tagged_digest("bid-ticket/v1", [session, plain])


def receipt_bytes(receipt: Receipt) -> bytes:
    """What the installation signs."""
    return canonical.tag("handed-in/v1") + canonical.encode(receipt)


def receipt_digest(signed: SignedReceipt) -> bytes:
    """The digest of a receipt as it stands in `BidsReceived` and in a withdrawal, 32 bytes."""
    return hashlib.sha256(canonical.tag("receipt-digest/v1") + canonical.encode(signed)).digest()


def receipt_holds(signed: SignedReceipt, by: str = "") -> bool:
    """Whether a receipt's signature is its key's, and that key `by` where one is expected."""
    return by in ("", signed.by) and signing.verify(signed.by, receipt_bytes(signed.receipt), signed.sig)


def is_for(signed: SignedReceipt, bid: Bid, digest: bytes) -> bool:
    """Whether a receipt is for this container."""
    told = signed.receipt
    return (told.bid, told.lot, told.envelope, told.project, told.container) == (
        bid.bid, bid.lot, bid.envelope, bid.project, digest,
    )  # fmt: skip


def withdraw(suite: Suite, key: SigningKey, signed: SignedReceipt, at: int) -> SignedWithdrawal:
    """Take back what a receipt is for."""
    made = Withdrawal(at, receipt_digest(signed), signed.receipt.session)
    return SignedWithdrawal(key.public, suite.sign(key, withdrawal_bytes(made)), made)


def withdrawal_bytes(withdrawal: Withdrawal) -> bytes:
    """What the bidder signs to take its bid back."""
    return canonical.tag("withdraw-bid/v1") + canonical.encode(withdrawal)


def withdraws(suite: Suite, asked: SignedWithdrawal, signed: SignedReceipt) -> bool:
    """Whether this is the bidder's word that takes back what the receipt is for."""
    return (
        asked.withdrawal.receipt == receipt_digest(signed)
        and asked.withdrawal.session == signed.receipt.session
        and suite.hash(asked.public) == signed.receipt.key
        and suite.verify(asked.public, withdrawal_bytes(asked.withdrawal), asked.sig)
    )
