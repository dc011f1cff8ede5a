"""A bid's key and its groups: what is dealt to custodians, what they give back, what it opens (SPEC 21).

A bid is sealed under a key that is derived from one key of each group of custodians and one of the
bidder's own: all groups are needed, and of each group a threshold t of its n members (Shamir 1979,
modulo the order of P-256). The bidder's own program deals. Coefficients and blinders are derived from
the group's key, so that whoever has put t shares together deals again and compares: a custodian who
gives a false share is named by its commitment, a dealer whose shares do not belong together is found
out whichever t were used (`DealerFault`), instead of two halves of a hall opening different bids.

Makes no randomness: the shell gives group keys. Knows neither sessions nor when anything may be
opened. Integers of Python are not constant in time: dealing happens on the bidder's machine, putting
together on a venue's after the release. Sources: DESIGN 6; Shamir, How to share a secret (1979).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from msgspec import Struct

from protocol import canonical
from protocol.limits import BID_GROUPS_MAX, CUSTODIANS_MAX
from protocol.seal.refused import SealRefused
from protocol.seal.suite import OpeningKey, Suite, SuiteName
from protocol.words import Hash, Id

ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""The order of P-256's group, a prime (SEC 2, 2.4.2); with either suite the field of the shares."""
KEY_BYTES: Final = 32
"""How long keys of groups and bidders, shares and blinders are."""
BIDDER: Final = "bidder"
"""The name under which a bidder's own key goes into a bid's key; no group may bear it."""

_WIDE_BYTES = 48
"""So much is taken modulo the order that no value is likelier than another by more than 2^-128."""


class Bid(Struct, frozen=True, forbid_unknown_fields=True):
    """Which bid it is: everything that is dealt or boxed for it names all of this."""

    bid: Id
    envelope: Id
    lot: Id
    project: Id
    suite: SuiteName


class Custodian(Struct, frozen=True, forbid_unknown_fields=True):
    """A key service of a group, and the public key that its share is boxed to (SPEC 18.1)."""

    custodian: Id
    public: bytes


class Group(Struct, frozen=True, forbid_unknown_fields=True):
    """A group as the tender document names it: any `threshold` of its members are enough."""

    group: Id
    members: tuple[Custodian, ...]
    threshold: int


class Share(Struct, frozen=True, forbid_unknown_fields=True):
    """What one custodian holds and later releases; canonical, it is the plaintext of its box.

    `index` counts members from 1. `share` and `blinder` are 32 bytes.
    """

    bid: Bid
    blinder: bytes
    custodian: Id
    group: Id
    index: int
    share: bytes


class Dealt(Struct, frozen=True, forbid_unknown_fields=True):
    """What a bid's header carries for one member of a group."""

    box: bytes
    commitment: Hash
    custodian: Id
    public: bytes


class Dealing(Struct, frozen=True, forbid_unknown_fields=True):
    """What a bid's header carries for one group; nobody learns the key from it."""

    group: Id
    key_commitment: Hash
    members: tuple[Dealt, ...]
    threshold: int


def deal(suite: Suite, bid: Bid, group: Group, key: bytes) -> Dealing:
    """Deal a group's key to its members.

    Args:
      suite: the bid's.
      bid: which bid it is.
      group: its members and its threshold, 1 to the number of members.
      key: the group's key: 32 bytes of a shell's entropy, a number from 1 to the order less 1.

    Raises:
      SealRefused: `KeyRefused` for a key that is no such number (about one in 2^32) or a public key that
        is not one of the suite's; `GroupRefused` for a group that cannot be.
    """
    _check_suite(suite, bid)
    _check_group(group.group, group.threshold, [one.custodian for one in group.members])
    for one in group.members:
        if not suite.is_public(one.public):
            raise SealRefused("KeyRefused", why=f"{one.custodian}: not of {suite.name}")
    shares = _shares(suite, bid, group.group, group.threshold, [one.custodian for one in group.members], key)
    members = tuple(
        Dealt(
            box=suite.wrap(
                one.public, _info(bid, group.group, share.index, one.custodian), canonical.encode(share)
            ),
            commitment=share_commitment(suite, share),
            custodian=one.custodian,
            public=one.public,
        )
        for one, share in zip(group.members, shares, strict=True)
    )
    return Dealing(group.group, key_commitment(suite, bid, group.group, key), members, group.threshold)


def take(suite: Suite, bid: Bid, dealing: Dealing, index: int, key: OpeningKey) -> Share:
    """A custodian opens its own box and sees that it holds what the header says.

    Done as soon as a bid has come in, so that a dealer's fault is known while the bid can be replaced.

    Raises:
      SealRefused: `BoxRefused` where the box is not for this key, bid, group or place, or was changed;
        `DealerFault` where what was boxed is not what the header commits to.
    """
    member = _member(suite, bid, dealing, index)
    plain = suite.unwrap(key, _info(bid, dealing.group, index, member.custodian), member.box)
    try:
        share = canonical.decode(plain, Share)
    except canonical.NotCanonical as error:
        raise _fault(dealing, index, "its box holds no share") from error
    if (share.bid, share.custodian, share.group, share.index) != (
        bid, member.custodian, dealing.group, index,
    ):  # fmt: skip
        raise SealRefused("BoxRefused", why="another bid, group or place")
    if not fits(suite, dealing, share):
        raise _fault(dealing, index, "its share is not the one committed to")
    return share


def fits(suite: Suite, dealing: Dealing, share: Share) -> bool:
    """Whether a released share is the one that the header commits to: a false one names its custodian."""
    if not 1 <= share.index <= len(dealing.members) or share.group != dealing.group:
        return False
    member = dealing.members[share.index - 1]
    return (
        share.custodian == member.custodian
        and len(share.share) == KEY_BYTES
        and len(share.blinder) == KEY_BYTES
        and share_commitment(suite, share) == member.commitment
    )


def combine(suite: Suite, bid: Bid, dealing: Dealing, shares: Iterable[Share]) -> bytes:
    """A group's key from the shares of any `threshold` of its members; the same whichever they are.

    Everything is dealt again from the key and compared with the header.

    Raises:
      SealRefused: `ShareFalse` names the custodian whose share is not the one committed to, or is of
        another bid; `SharesTooFew` tells how many are missing; `DealerFault` where the shares were never
        one dealing.
    """
    _member(suite, bid, dealing, 1)
    found: dict[int, Share] = {}
    for share in shares:
        if share.bid != bid or not fits(suite, dealing, share):
            raise SealRefused("ShareFalse", custodian=share.custodian, group=dealing.group)
        found[share.index] = share
    if len(found) < dealing.threshold:
        raise SealRefused("SharesTooFew", group=dealing.group, missing=dealing.threshold - len(found))
    enough = [found[index] for index in sorted(found)[: dealing.threshold]]
    key = _interpolate([(one.index, int.from_bytes(one.share)) for one in enough])
    _check_dealing(suite, bid, dealing, key)
    return key


def bid_key(suite: Suite, bid: Bid, keys: Mapping[Id, bytes]) -> bytes:
    """The key that a bid's payload is sealed under, from one key of each group and the bidder's own.

    Args:
      suite: the bid's.
      bid: which bid it is.
      keys: group → its key, and `BIDDER` → the bidder's, 32 bytes each.
    """
    _check_suite(suite, bid)
    assert BIDDER in keys, "the bidder's own key"
    assert 2 <= len(keys) <= BID_GROUPS_MAX + 1, "keys of some groups"
    assert all(len(key) == KEY_BYTES for key in keys.values()), "keys are 32 bytes"
    material = b"".join(canonical.tag(f"bid-key/v1/{name}") + keys[name] for name in sorted(keys))
    return suite.derive(material, _of_bid(suite, bid), canonical.tag("bid-key/v1"), suite.key_bytes)


def key_commitment(suite: Suite, bid: Bid, group: Id, key: bytes) -> bytes:
    """What a header says of a group's, or the bidder's, key; 32 bytes.

    So that a bid opens only with the keys that it was sealed with, and a wrong one is named.
    """
    return suite.hash(canonical.tag("group-key/v1") + canonical.encode([bid, group]) + key)


def share_commitment(suite: Suite, share: Share) -> bytes:
    """What a header says of one share, 32 bytes; the blinder keeps a guessed share from being tried."""
    return suite.hash(canonical.tag("share/v1") + canonical.encode(share))


# --- the dealing itself -------------------------------------------------------------------------------------


def _shares(
    suite: Suite, bid: Bid, group: Id, threshold: int, custodians: Sequence[Id], key: bytes
) -> list[Share]:
    """Every member's share, from the group's key alone: f(0) is the key, f(i) the share of member i."""
    secret = int.from_bytes(key)
    if len(key) != KEY_BYTES or not 0 < secret < ORDER:
        raise SealRefused("KeyRefused", why="group key")
    salt = suite.hash(canonical.tag("dealing/v1") + canonical.encode([bid, group, threshold, custodians]))

    def derived(what: str, number: int, length: int) -> bytes:
        return suite.derive(key, salt, canonical.tag(f"dealing/{what}/v1") + bytes([number]), length)

    polynomial = [secret] + [
        int.from_bytes(derived("coefficient", power, _WIDE_BYTES)) % ORDER for power in range(1, threshold)
    ]
    return [
        Share(
            bid, derived("blinder", index, KEY_BYTES), custodian, group, index,
            _value(polynomial, index).to_bytes(KEY_BYTES),
        )
        for index, custodian in enumerate(custodians, 1)
    ]  # fmt: skip


def _value(polynomial: Sequence[int], at: int) -> int:
    """Horner's rule."""
    found = 0
    for coefficient in reversed(polynomial):
        found = (found * at + coefficient) % ORDER
    return found


def _interpolate(points: Sequence[tuple[int, int]]) -> bytes:
    """f(0) by Lagrange, 32 bytes."""
    found = 0
    for x, y in points:
        above, below = 1, 1
        for other, _ in points:
            if other != x:
                above = above * other % ORDER
                below = below * (other - x) % ORDER
        found = (found + y * above * pow(below, -1, ORDER)) % ORDER
    return found.to_bytes(KEY_BYTES)


def _check_dealing(suite: Suite, bid: Bid, dealing: Dealing, key: bytes) -> None:
    custodians = [one.custodian for one in dealing.members]
    if key_commitment(suite, bid, dealing.group, key) != dealing.key_commitment:
        raise _fault(dealing, 0, "the shares are not of the key committed to")
    try:
        again = _shares(suite, bid, dealing.group, dealing.threshold, custodians, key)
    except SealRefused as error:
        raise _fault(dealing, 0, "the key is out of range") from error
    for share, member in zip(again, dealing.members, strict=True):
        if share_commitment(suite, share) != member.commitment:
            raise _fault(dealing, share.index, "this share is not of the same dealing")


# --- what cannot be -----------------------------------------------------------------------------------------


def _member(suite: Suite, bid: Bid, dealing: Dealing, index: int) -> Dealt:
    _check_suite(suite, bid)
    _check_group(dealing.group, dealing.threshold, [one.custodian for one in dealing.members])
    if not 1 <= index <= len(dealing.members):
        raise SealRefused("GroupRefused", group=dealing.group, why=f"no member {index}")
    return dealing.members[index - 1]


def _check_group(name: Id, threshold: int, custodians: Sequence[Id]) -> None:
    if not 1 <= len(custodians) <= CUSTODIANS_MAX:
        raise SealRefused("GroupRefused", group=name, why=f"1 to {CUSTODIANS_MAX} members")
    if not 1 <= threshold <= len(custodians):
        raise SealRefused("GroupRefused", group=name, why=f"threshold {threshold} of {len(custodians)}")
    if len(set(custodians)) != len(custodians):
        raise SealRefused("GroupRefused", group=name, why="a member twice")
    if name == BIDDER:
        raise SealRefused("GroupRefused", group=name, why="the bidder's name")


def _check_suite(suite: Suite, bid: Bid) -> None:
    if suite.name != bid.suite:
        raise SealRefused("SuiteMixed", suite=bid.suite)


def _info(bid: Bid, group: Id, index: int, custodian: Id) -> bytes:
    """What a box is bound to beside its key: bid, group, place and recipient."""
    return canonical.encode([bid, group, index, custodian])


def _of_bid(suite: Suite, bid: Bid) -> bytes:
    return suite.hash(canonical.tag("bid/v1") + canonical.encode(bid))


def _fault(dealing: Dealing, index: int, why: str) -> SealRefused:
    member = dealing.members[index - 1].custodian if index else ""
    return SealRefused("DealerFault", group=dealing.group, custodian=member, why=why)
