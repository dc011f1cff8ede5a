"""What is released at an opening, to whom, and how the venues put it together (SPEC 28.1, 28.4).

A bidder's release is its own key in boxes (`container.Unlocking`), signed by the key that sealed the bid. A
custodian's is its shares of several bids, sealed once under a fresh key that is boxed to each venue's key for
the session. Both are hidden values of an entry: whoever carries them holds boxes, and nothing in them.

Makes no randomness and knows no session: the shell gives the fresh key; what may be released when is
`protocol.session.ceremony`'s, and each custodian's own judgement.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from msgspec import Meta, Struct

from protocol import canonical, limits
from protocol.seal import container, dealing, suites
from protocol.seal.container import Header, Lock, Seal, Unlocking
from protocol.seal.dealing import Bid, Share
from protocol.seal.payload import Listing
from protocol.seal.refused import SealRefused
from protocol.seal.suite import OpeningKey, SigningKey, Suite
from protocol.words import Hash, Id

Result = Literal["opened", "dealer_fault", "release_false", "container_broken"]


class Mark(Struct, frozen=True, forbid_unknown_fields=True):
    """A bid to the byte: which one, its header, its sealed bytes, and the key that sealed it."""

    bid: Bid
    header: Hash
    public: bytes
    segments: Hash


class BidRelease(Struct, frozen=True, forbid_unknown_fields=True):
    """A bidder's release: field `bid_release`. `sig` is by the mark's key."""

    mark: Mark
    session: Id
    sig: bytes
    unlocking: Unlocking


class Fault(Struct, frozen=True, forbid_unknown_fields=True):
    """A bid whose box a custodian could not open, and the code of why."""

    bid: Id
    code: Id


class Shares(Struct, frozen=True, forbid_unknown_fields=True):
    """What a custodian's release holds inside."""

    faults: tuple[Fault, ...]
    shares: tuple[Share, ...]


class CustodyRelease(Struct, frozen=True, forbid_unknown_fields=True):
    """A custodian's release: field `custody_release`. `bids` is the digest of the list it is for."""

    bids: Hash
    boxes: Annotated[tuple[Lock, ...], Meta(min_length=1, max_length=limits.RELEASES_MAX)]
    custodian: Id
    sealed: bytes
    session: Id


class Opened(Struct, frozen=True):
    """A bid whose key came back, and the key; or why not. `culprits` are custodians with a false share."""

    result: Result
    key: bytes = b""
    culprits: tuple[Id, ...] = ()


def mark_of(header: Header, digest: bytes, seal: Seal) -> Mark:
    """The mark of a container that was read."""
    return Mark(header.bid, digest, seal.public, canonical.tagged_digest("segments/v1", seal.segments))


def mark_digest(mark: Mark) -> bytes:
    """What an entry carries of a bid, 32 bytes."""
    return canonical.tagged_digest("received-bid/v1", mark)


def listing_digest(listing: Listing) -> bytes:
    """What a venue reports of a bid that it opened, 32 bytes."""
    return canonical.sha256(canonical.encode(listing))


# --- the bidder ---------------------------------------------------------------------------------------------


def release_bid(suite: Suite, session: Id, mark: Mark, unlocking: Unlocking, key: SigningKey) -> BidRelease:
    """A bidder's release of its own key, by the key that sealed the bid."""
    assert key.public == mark.public, "the key that sealed the bid"
    signed = suite.sign(key, _bid_signed(session, mark, unlocking))
    return BidRelease(mark, session, signed, unlocking)


def check_bid_release(release: BidRelease, session: Id, mark: bytes, to: Sequence[bytes]) -> None:
    """See that a release is of a marked bid, by who sealed it, to exactly these keys in this order.

    What is in the boxes only the keys' holders can say.

    Raises:
      SealRefused: `ReleaseForeign` for another session, bid or other keys; `ReleaseForged` where the key that
        sealed the bid has not signed it.
    """
    unlocking, found = release.unlocking, release.mark
    if release.session != session or mark_digest(found) != mark:
        raise SealRefused("ReleaseForeign", why="session or bid")
    if (unlocking.bid, unlocking.header_digest) != (found.bid, found.header):
        raise SealRefused("ReleaseForeign", why="bid")
    if [one.public for one in unlocking.boxes] != list(to):
        raise SealRefused("ReleaseForeign", why="keys of venues")
    suite = suites.get(found.bid.suite)
    if not suite.verify(found.public, _bid_signed(session, found, unlocking), release.sig):
        raise SealRefused("ReleaseForged", bid=found.bid.bid)


# --- a custodian --------------------------------------------------------------------------------------------


def take_all(suite: Suite, custodian: Id, group: Id, headers: Sequence[Header], key: OpeningKey) -> Shares:
    """A custodian's shares of some bids; a box that does not open as its header says is that bid's fault."""
    shares: list[Share] = []
    faults: list[Fault] = []
    for header in headers:
        try:
            found = next((one for one in header.groups if one.group == group), None)
            place = None if found is None else _place(found, custodian, key.public)
            if found is None or place is None:
                raise SealRefused("GroupRefused", group=group, why="not a member")
            shares.append(dealing.take(suite, header.bid, found, place, key))
        except SealRefused as refused:
            faults.append(Fault(header.bid.bid, refused.code))
    return Shares(tuple(faults), tuple(shares))


def release_shares(
    suite: Suite,
    session: Id,
    custodian: Id,
    bids: bytes,
    shares: Shares,
    to: Sequence[bytes],
    fresh: bytes,
) -> CustodyRelease:
    """Seal shares for the venues' keys.

    Args:
      suite: the project's.
      session: the session.
      custodian: who releases.
      bids: the digest of the list of bids that this is for.
      shares: what `take_all` gave.
      to: the venues' public keys for the session, in the record's order.
      fresh: 32 bytes of the shell's entropy, used for nothing else.
    """
    info = _custody_info(session, custodian, bids)
    key = fresh[: suite.key_bytes]
    boxes = tuple(Lock(suite.wrap(public, info, key), public) for public in to)
    return CustodyRelease(bids, boxes, custodian, suite.encrypt(key, info, canonical.encode(shares)), session)


def check_custody_release(
    release: CustodyRelease, session: Id, custodian: Id, bids: bytes, to: Sequence[bytes]
) -> None:
    """See that a release is a custodian's own, for a list of bids, to exactly these keys in this order.

    Raises:
      SealRefused: `ReleaseForeign`.
    """
    if (release.session, release.custodian, release.bids) != (session, custodian, bids):
        raise SealRefused("ReleaseForeign", why="session, custodian or bids")
    if [one.public for one in release.boxes] != list(to):
        raise SealRefused("ReleaseForeign", why="keys of venues")


# --- a venue ------------------------------------------------------------------------------------------------


def shares_of(suite: Suite, release: CustodyRelease, key: OpeningKey) -> Shares:
    """What a custodian released, by the holder of a key that it was released to.

    Raises:
      SealRefused: `KeyRefused` where no box is for this key; `BoxRefused`, `SealBroken` where it is shut.
    """
    info = _custody_info(release.session, release.custodian, release.bids)
    for one in release.boxes:
        if one.public == key.public:
            fresh = suite.unwrap(key, info, one.box)
            raw = suite.decrypt(fresh, info, release.sealed)
            try:
                return canonical.decode(raw, Shares, len(raw))
            except canonical.NotCanonical as error:
                raise SealRefused("BoxRefused", why="no shares") from error
    raise SealRefused("KeyRefused", why="not released to this key")


def put_together(
    suite: Suite,
    header: Header,
    digest: bytes,
    release: BidRelease,
    custody: Mapping[Id, Shares],
    key: OpeningKey,
) -> Opened:
    """A bid's key from its bidder's release and the custodians' shares; or why it does not come back.

    A false share names its custodian and is not used; any others that reach the threshold open the bid. False
    is also what is missing: a release that holds neither a share of the bid nor a fault. A custodian's word
    that its box is false counts once nobody is left whose share could still come.

    Raises:
      SealRefused: `SharesTooFew` where the shares do not suffice and no dealer is at fault.
    """
    try:
        own = container.released(suite, header, digest, release.unlocking, key)
    except SealRefused:
        return Opened("release_false")
    keys, culprits = {dealing.BIDDER: own}, false_shares(suite, header, custody)
    for group in header.groups:
        members = [one.custodian for one in group.members]
        held = [custody[name] for name in members if name in custody]
        good = [
            share
            for name in members
            if name in custody and name not in culprits
            for share in custody[name].shares
            if (share.bid, share.group) == (header.bid, group.group)
        ]
        claimed = any(one.bid == header.bid.bid for each in held for one in each.faults)
        try:
            keys[group.group] = dealing.combine(suite, header.bid, group, good)
        except SealRefused as refused:
            to_come = len(members) - len(held)
            if refused.code == "SharesTooFew" and (
                not claimed or len({one.index for one in good}) + to_come >= group.threshold
            ):
                raise
            return Opened("dealer_fault", culprits=culprits)
    return Opened("opened", dealing.bid_key(suite, header.bid, keys), culprits)


def false_shares(suite: Suite, header: Header, custody: Mapping[Id, Shares]) -> tuple[Id, ...]:
    """The custodians of a bid whose release does not hold what the bid commits to, each once.

    Its share is another than the one that was dealt to it, is said to be somebody else's, or is not there
    while no fault of the dealer's was said in its place.
    """
    found = []
    for group in header.groups:
        for member in group.members:
            held = custody.get(member.custodian)
            if held is None:
                continue
            mine = [one for one in held.shares if (one.bid, one.group) == (header.bid, group.group)]
            silent = not mine and all(one.bid != header.bid.bid for one in held.faults)
            if silent or not all(
                one.custodian == member.custodian and dealing.fits(suite, group, one) for one in mine
            ):
                found.append(member.custodian)
    return tuple(dict.fromkeys(found))


def _place(group: dealing.Dealing, custodian: Id, public: bytes) -> int | None:
    for place, member in enumerate(group.members, 1):
        if (member.custodian, member.public) == (custodian, public):
            return place
    return None


def _bid_signed(session: Id, mark: Mark, unlocking: Unlocking) -> bytes:
    return canonical.tag("bid-release/v1") + canonical.encode([session, mark_digest(mark), unlocking])


def _custody_info(session: Id, custodian: Id, bids: bytes) -> bytes:
    return canonical.encode([session, custodian, bids, "custody"])
