"""Sealed bids that somebody wants to open early, move, cut, swap or poison.

Each says what the attacker had, what it tried, what stopped it, and has its control that succeeds.
"""

import itertools
from collections.abc import Iterable

import pytest
from msgspec.structs import replace

from protocol import canonical, limits
from protocol.seal import container, dealing, framing, payload, sealing, suites, unpacking
from protocol.seal.container import Header, Seal, Trailer
from protocol.seal.dealing import Share
from protocol.seal.framing import PREFIX_BYTES, SEALED_CHUNK_BYTES
from protocol.seal.payload import File, Listing
from protocol.seal.refused import SealRefused
from protocol.seal.suite import SigningKey
from protocol.seal.unpacking import Entry
from tests.protocol.seal import bids
from tests.protocol.seal.bids import FILES, SealedBid, inspect, seal, unseal


@pytest.fixture(scope="module", params=suites.NAMES)
def bid(request: pytest.FixtureRequest) -> SealedBid:
    return seal(request.param)


@pytest.fixture(scope="module")
def other(bid: SealedBid) -> SealedBid:
    """Another bidder's bid for the same lot, under keys of its own."""
    return seal(bid.suite.name, "b-2", first=40)


def code(raw: bytes, of: SealedBid, key: bytes | None = None) -> str:
    """What opening these bytes with a bid's key comes to: `opened`, or the refusal's code."""
    try:
        unseal(of.suite, key or of.key, raw)
    except SealRefused as refused:
        return refused.code
    return "opened"


def shares(bid: SealedBid, group: str, indices: Iterable[int]) -> list[Share]:
    """What custodians of a group hold."""
    (dealt,) = (one for one in bid.header.groups if one.group == group)
    holders = bid.custodians[3:] if group == "tenderee" else bid.custodians[:3]
    return [dealing.take(bid.suite, bid.header.bid, dealt, at, holders[at - 1]) for at in indices]


def reassembled(bid: SealedBid, header: Header, sealed: bytes, signer: SigningKey) -> bytes:
    """A container in which everything that needs no bid's key was made to fit again."""
    suite, raw = bid.suite, canonical.encode(header)
    pieces = [sealed[at : at + limits.SEGMENT_BYTES] for at in range(0, len(sealed), limits.SEGMENT_BYTES)]
    digests = tuple(container.segment_digest(suite, number, piece) for number, piece in enumerate(pieces))
    said = Seal(container.header_digest(suite, raw), signer.public, digests)
    trailer = canonical.encode(Trailer(said, suite.sign(signer, container.signed_bytes(said))))
    head = container.MAGIC + len(raw).to_bytes(4, "big") + raw
    return head + sealed + trailer + len(trailer).to_bytes(4, "big") + container.END


def sealed_of(bid: SealedBid) -> bytes:
    start, end = bid.starts
    return bid.raw[start:end]


# --- before the opening ---


def test_the_operator_with_disk_and_database_reads_no_bid(bid: SealedBid) -> None:
    """Had: the container, and every key that can be computed from it. Tried: to find a name or open it.

    Stopped by: no key of a group or of the bidder lies there. Control: its keys open it.
    """
    for text in (*FILES, "商务标", "xlsx"):
        assert text.encode() not in bid.raw
    tried = {bid.header.bidder_commitment, *(group.key_commitment for group in bid.header.groups)}
    for one, two, three in itertools.permutations(tried, 3):
        keys = {"centres": one, "tenderee": two, dealing.BIDDER: three}
        guess = dealing.bid_key(bid.suite, bid.header.bid, keys)
        assert code(bid.raw, bid, guess) == "SealBroken"
    assert code(bid.raw, bid) == "opened"


def test_custodians_below_the_threshold_open_nothing(bid: SealedBid) -> None:
    """Had: one of three centres (two are needed), the tenderee, the bidder. Tried: to combine what they have.

    Stopped by: the threshold, and a key that is not the one committed to. Control: a second centre.
    """
    (centres,) = (one for one in bid.header.groups if one.group == "centres")
    alone = shares(bid, "centres", [2])
    for given in (alone, alone * 3):
        with pytest.raises(SealRefused) as refused:
            dealing.combine(bid.suite, bid.header.bid, centres, given)
        assert refused.value.code == "SharesTooFew"
    keys = dict(bid.keys) | {"centres": alone[0].share}
    assert code(bid.raw, bid, dealing.bid_key(bid.suite, bid.header.bid, keys)) == "SealBroken"
    enough = dealing.combine(bid.suite, bid.header.bid, centres, shares(bid, "centres", [2, 3]))
    keys = dict(bid.keys) | {"centres": enough}
    assert code(bid.raw, bid, dealing.bid_key(bid.suite, bid.header.bid, keys)) == "opened"


def test_all_custodians_without_the_bidder_open_nothing(bid: SealedBid) -> None:
    """Had: every custodian of every group. Tried: their keys, and each of theirs in the bidder's place.

    Stopped by: the bidder's own key goes into it, and its lock opens for the bidder alone, which it does.
    """
    keys = {
        group.group: dealing.combine(
            bid.suite,
            bid.header.bid,
            group,
            shares(bid, group.group, range(1, len(group.members) + 1)),
        )
        for group in bid.header.groups
    }
    for guess in (bytes(32), *keys.values()):
        full = keys | {dealing.BIDDER: guess}
        assert code(bid.raw, bid, dealing.bid_key(bid.suite, bid.header.bid, full)) == "SealBroken"
    for custodian in bid.custodians:
        with pytest.raises(SealRefused) as refused:
            container.unlock(bid.suite, bid.header, custodian)
        assert refused.value.code == "KeyRefused"
    full = keys | {dealing.BIDDER: container.unlock(bid.suite, bid.header, bid.bidder)}
    assert code(bid.raw, bid, dealing.bid_key(bid.suite, bid.header.bid, full)) == "opened"


# --- moved ---


def test_a_box_moved_to_another_bid_recipient_or_project_is_refused(bid: SealedBid) -> None:
    """Had: a header. Tried: a custodian's box in another bid, project, lot, envelope, place or name.

    Stopped by: the box is bound to all of them, and its plaintext names them. Control: where it belongs.
    """
    (centres,) = (one for one in bid.header.groups if one.group == "centres")
    key, own = bid.custodians[0], bid.header.bid
    for moved in (
        replace(own, bid="b-9"),
        replace(own, project="p-9"),
        replace(own, lot="l-9"),
        replace(own, envelope="e-9"),
    ):
        with pytest.raises(SealRefused) as refused:
            dealing.take(bid.suite, moved, centres, 1, key)
        assert refused.value.code == "BoxRefused"
    first, second, third = centres.members
    renamed = replace(centres, members=(replace(first, custodian="c-9"), second, third))
    swapped = replace(centres, members=(second, first, third))
    for group, index in ((renamed, 1), (swapped, 2), (replace(centres, group="others"), 1)):
        with pytest.raises(SealRefused) as refused:
            dealing.take(bid.suite, own, group, index, key)
        assert refused.value.code == "BoxRefused"
    assert dealing.take(bid.suite, own, centres, 1, key).custodian == "c-1"


def test_anothers_sealed_bytes_under_a_header_of_ones_own_open_nothing(
    bid: SealedBid, other: SealedBid
) -> None:
    """Had: a rival's container. Tried: its sealed bytes as one's own bid, all signatures made anew.

    Stopped by: the context, which the header's digest and the bid's id go into. Control: each in its place.
    """
    header = replace(other.header, sealed_bytes=bid.header.sealed_bytes)
    stolen = reassembled(other, header, sealed_of(bid), other.bidder)
    assert inspect(stolen).whole, "without a key nothing is amiss"
    for key in (bid.key, other.key):
        assert code(stolen, other, key) == "SealBroken"
    assert (code(bid.raw, bid), code(other.raw, other)) == ("opened", "opened")


def test_a_header_that_was_changed_opens_nothing_even_with_the_right_key(bid: SealedBid) -> None:
    """Had: a container and the will to make it look like another's, or easier to open.

    Tried: another threshold, lock, order of lots, with all signatures made anew. Stopped by: the context.
    """
    (centres, tenderee), own = bid.header.groups, bid.header.bid
    for changed in (
        replace(bid.header, groups=(replace(centres, threshold=1), tenderee)),
        replace(bid.header, groups=(centres,)),
        replace(bid.header, locks=()),
        replace(bid.header, bid=replace(own, lot="l-2")),
        replace(bid.header, bidder_commitment=bytes(32)),
    ):
        raw = reassembled(bid, changed, sealed_of(bid), bid.bidder)
        assert inspect(raw).whole
        assert code(raw, bid) == "SealBroken"
    assert code(reassembled(bid, bid.header, sealed_of(bid), bid.bidder), bid) == "opened"


def test_the_signature_of_another_is_seen(bid: SealedBid, other: SealedBid) -> None:
    """Had: a container and a key of one's own. Tried: to be its bidder.

    Stopped by: the trailer names who signed, and a signature taken from elsewhere does not hold.
    """
    taken = reassembled(bid, bid.header, sealed_of(bid), other.custodians[0])
    found = inspect(taken)
    assert found.seal is not None
    assert found.seal.public != bid.bidder.public
    _, end = bid.starts
    swapped = inspect(bid.raw[:end] + other.raw[other.starts[1] :])
    assert not swapped.whole
    assert "header" in swapped.damaged
    assert inspect(bid.raw).whole


# --- cut, reordered, appended, replayed ---


def test_chunks_cut_reordered_appended_or_replayed_open_nothing(bid: SealedBid, other: SealedBid) -> None:
    """Had: the storage, and keys to sign a new trailer with. Tried: every way to play with chunks.

    Stopped by: a nonce for each place, and the short last chunk. Control: the same road with nothing changed.
    """
    sealed = sealed_of(bid)
    prefix, rest = sealed[:PREFIX_BYTES], sealed[PREFIX_BYTES:]
    chunks = [rest[at : at + SEALED_CHUNK_BYTES] for at in range(0, len(rest), SEALED_CHUNK_BYTES)]
    assert len(chunks) >= 4
    strange = sealed_of(other)[PREFIX_BYTES : PREFIX_BYTES + SEALED_CHUNK_BYTES]
    played = {
        "the last cut off": chunks[:-1],
        "one taken out": chunks[:1] + chunks[2:],
        "the first missing": chunks[1:],
        "two exchanged": [chunks[1], chunks[0], *chunks[2:]],
        "one doubled": [chunks[0], chunks[0], *chunks[1:]],
        "one replayed at the end": [*chunks, chunks[0]],
        "the end replayed": [*chunks, chunks[-1]],
        "another bid's": [strange, *chunks[1:]],
        "zeros at the end": [*chunks, bytes(16)],
    }
    for name, pieces in played.items():
        made = prefix + b"".join(pieces)
        raw = reassembled(bid, replace(bid.header, sealed_bytes=len(made)), made, bid.bidder)
        assert inspect(raw).whole, name
        assert code(raw, bid) == "SealBroken", name
        # And where the header, which is bound, is left as it is:
        left = code(reassembled(bid, bid.header, made, bid.bidder), bid)
        assert left in {"SealBroken", "ContainerBroken"}, name
    assert code(reassembled(bid, bid.header, prefix + b"".join(chunks), bid.bidder), bid) == "opened"


def test_one_suites_bid_is_not_passed_off_as_the_others(bid: SealedBid) -> None:
    """Had: a container. Tried: a header that names the other suite. Stopped by: the reader's own suite."""
    name = next(one for one in suites.NAMES if one != bid.suite.name)
    raw = canonical.encode(bid.header).replace(bid.suite.name.encode(), name.encode())
    head = container.MAGIC + len(raw).to_bytes(4, "big") + raw
    forged = head + bid.raw[bid.starts[0] :]
    assert not inspect(forged).whole
    assert code(forged, bid) in {"SuiteMixed", "ContainerBroken"}
    assert code(bid.raw, bid) == "opened"


# --- false shares, false dealers, false points ---


def test_wrong_and_doubled_shares_are_named(bid: SealedBid, other: SealedBid) -> None:
    """Had: one custodian's seat. Tried: another number, another's share, another bid's share.

    Stopped by: the commitment in the header names the custodian. Control: the true ones.
    """
    (centres,) = (one for one in bid.header.groups if one.group == "centres")
    first, second = shares(bid, "centres", [1, 2])
    strange = shares(other, "centres", [2])[0]
    for false in (
        replace(second, share=bytes(32)),
        replace(second, share=dealing.ORDER.to_bytes(32, "big")),
        replace(second, share=first.share),
        replace(second, blinder=first.blinder),
        replace(first, index=2),
        strange,
    ):
        with pytest.raises(SealRefused) as refused:
            dealing.combine(bid.suite, bid.header.bid, centres, [first, false])
        assert refused.value.code == "ShareFalse"
        assert refused.value.refusal.detail["custodian"] == false.custodian
    assert dealing.combine(bid.suite, bid.header.bid, centres, [first, second]) == bid.keys["centres"]


def test_a_dealer_whose_shares_disagree_is_found_by_everybody(bid: SealedBid) -> None:
    """Had: the bidder's program. Tried: shares of two keys, so that one half of the hall opens another bid.

    Stopped by: dealing again from what came back, whichever shares were used. Control: an honest dealing.
    """
    own = bid.header.bid
    members = tuple(dealing.Custodian(f"c-{at}", key.public) for at, key in enumerate(bid.custodians[:3], 1))
    group = dealing.Group("centres", members, 2)
    one, two = (dealing.deal(bid.suite, own, group, bids.secret(number)) for number in (70, 71))
    mixed = replace(one, members=(one.members[0], two.members[1], one.members[2]))
    given = [dealing.take(bid.suite, own, mixed, at, bid.custodians[at - 1]) for at in (1, 2, 3)]
    for pair in itertools.combinations(given, 2):
        with pytest.raises(SealRefused) as refused:
            dealing.combine(bid.suite, own, mixed, pair)
        assert refused.value.code == "DealerFault"
    honest = [dealing.take(bid.suite, own, one, at, bid.custodians[at - 1]) for at in (1, 2)]
    assert dealing.combine(bid.suite, own, one, honest) == bids.secret(70)


def test_points_off_the_curve_or_of_low_order_open_no_box(bid: SealedBid) -> None:
    """Had: a custodian that answers whether a box opened. Tried: ephemeral points of no or low order.

    Stopped by: the curve's equation, before the private key is used. Control: the box as it was.
    """
    suite, key = bid.suite, bid.custodians[0]
    box = suite.wrap(key.public, b"info", b"a share")
    assert suite.unwrap(key, b"info", box) == b"a share"
    for point in (bytes(64), b"\xff" * 64, bytes(63) + b"\1", b"\1" + bytes(63), b"\2" * 64):
        if suite.name == "intl-1":
            forged = box[:2] + point + box[66:]
        else:
            locked = _der(point[:32], point[32:])
            rest = box[3 + int.from_bytes(box[1:3], "big") :]
            forged = box[:1] + len(locked).to_bytes(2, "big") + locked + rest
        with pytest.raises(SealRefused) as refused:
            suite.unwrap(key, b"info", forged)
        assert refused.value.code == "BoxRefused"


def _der(x: bytes, y: bytes) -> bytes:
    """An SM2 ciphertext with these coordinates, of 16 bytes."""
    inner = b"".join(b"\x02" + bytes([len(one)]) + one for one in (_number(x), _number(y)))
    inner += b"\x04\x20" + bytes(32) + b"\x04\x10" + bytes(16)
    return b"\x30" + bytes([len(inner)] if len(inner) < 128 else [0x81, len(inner)]) + inner


def _number(raw: bytes) -> bytes:
    short = raw.lstrip(b"\0") or b"\0"
    return b"\0" + short if short[0] & 0x80 else short


# --- poisoned files ---


def test_a_bidder_whose_program_asks_nothing_poisons_no_disk(bid: SealedBid) -> None:
    """Had: a sealer of one's own, without our checks. Tried: names that leave the folder, or read as another.

    Stopped by: the reader judges each name, keeps what is honest, and puts the rest aside with its rule.
    """
    names = ("../../venue/keys/node.pem", "报价\u202exslx.exe", "报价.xlsx", "報價.xlsx", "报价.XLSX", "CON")
    files = tuple(File(bid.suite.hash(b"x"), name, 1) for name in names)
    with pytest.raises(SealRefused, match="NameRefused"):
        payload.head(Listing((), files))
    raw = canonical.encode(Listing((), files))
    plain = len(raw).to_bytes(4, "big") + raw + b"x" * len(files)
    header = replace(bid.header, sealed_bytes=framing.sealed_length(len(plain)))
    writer = container.Writer(header, bid.key)
    made = writer.begin()
    made += bytes(writer.update(plain, bytearray(framing.room(len(plain))))) + writer.finish(bid.bidder)
    opening = sealing.Opening(bid.suite, bid.key)
    opening.feed(memoryview(made))
    opening.close()
    assert opening.listing is not None
    judged = unpacking.judge([Entry(one.name, one.size) for one in opening.listing.files])
    assert [one.found for one in judged] == [("traversal",), ("bidi",), (), (), ("twin",), ("reserved",)]


def test_a_list_that_lies_about_its_files_is_found(bid: SealedBid) -> None:
    """Had: a sealer of one's own. Tried: false sizes and digests. Stopped by: the reader's own sums."""
    honest = File(bid.suite.hash(b"12"), "报价.xlsx", 2)
    for said, plain in (
        (replace(honest, size=3), b"12"),
        (replace(honest, size=1), b"12"),
        (replace(honest, digest=bid.suite.hash(b"13")), b"12"),
        (replace(honest, size=limits.BID_FILE_BYTES_MAX), b"12"),
    ):
        assert _read(bid, said, plain) in {"ContainerBroken", "FileChanged"}
    assert _read(bid, honest, b"12") == "read"


def _read(bid: SealedBid, file: File, plain: bytes) -> str:
    raw = canonical.encode(Listing((), (file,)))
    reader = payload.Reader(bid.suite)
    try:
        reader.feed(memoryview(len(raw).to_bytes(4, "big") + raw + plain))
        reader.close()
    except SealRefused as refused:
        return refused.code
    return "read"
