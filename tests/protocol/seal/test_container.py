"""The container: it comes back whole, names what is damaged without a key, opens for its key alone."""

import base64
import json

import pytest
from msgspec.structs import replace

from protocol import canonical, limits
from protocol.seal import container, dealing, framing, payload, sealing, suites
from protocol.seal.container import Trailer
from protocol.seal.payload import File, Listing
from protocol.seal.refused import SealRefused
from tests.protocol.golden import make_container
from tests.protocol.seal import bids
from tests.protocol.seal.bids import FILES, SealedBid, inspect, seal, unseal

SEALED: dict[str, SealedBid] = {name: seal(name) for name in suites.NAMES}
LARGE = seal("intl-1", files={"图纸.dwg": bytes(9_000_000), "报价.xlsx": b"12"})

either = pytest.mark.parametrize("name", suites.NAMES)


# --- whole ---


@either
def test_the_golden_bids_open_as_ever(name: str) -> None:
    golden = json.loads((make_container.HERE / "container-1.json").read_text())[name]
    suite, raw = suites.get(name), base64.b64decode(golden["raw"])
    found = inspect(raw)
    assert found.whole
    assert found.header is not None
    keys = {group: bytes.fromhex(key) for group, key in golden["keys"].items()}
    key = dealing.bid_key(suite, found.header.bid, keys)
    assert key.hex() == golden["key"]
    assert unseal(suite, key, raw) == make_container.FILES


@either
def test_a_bid_comes_back_file_by_file(name: str) -> None:
    bid = SEALED[name]
    assert unseal(bid.suite, bid.key, bid.raw) == FILES
    for step in (1, 13, 1_000_000):
        assert unseal(bid.suite, bid.key, bid.raw[: len(bid.raw)], step) == FILES


@either
def test_the_frame_is_as_written_down(name: str) -> None:
    bid = SEALED[name]
    start, end = bid.starts
    assert bid.raw.startswith(bytes.fromhex("54434249440D0A01"))
    assert bid.raw.endswith(bytes.fromhex("5443454E440D0A01"))
    assert canonical.encode(bid.header) == bid.raw[12:start]
    length = int.from_bytes(bid.raw[-12:-8], "big")
    assert end + length + 12 == len(bid.raw)
    trailer = canonical.decode(bid.raw[end:-12], Trailer, limits.CONTAINER_HEADER_BYTES_MAX)
    sealed = bid.raw[start:end]
    listing = bids.listing_of(bid.suite, FILES)
    assert len(sealed) == framing.sealed_length(payload.length(listing))
    assert trailer.seal.segments == (container.segment_digest(bid.suite, 0, sealed),)
    digest = bid.suite.hash(canonical.tag("header/v1") + bid.raw[12:start])
    bound = bid.suite.hash(canonical.tag("bid/v1") + canonical.encode(bid.header.bid))
    plain = bid.suite.decrypt(bid.key, canonical.tag("container/v1") + bound + digest, sealed)
    raw = canonical.encode(listing)
    assert plain == len(raw).to_bytes(4, "big") + raw + b"".join(FILES.values())


@either
def test_anybody_sees_that_it_is_whole_and_nobody_a_name(name: str) -> None:
    bid = SEALED[name]
    found = inspect(bid.raw)
    for step in (1, 7):
        assert inspect(bid.raw, step) == found
    assert (found.damaged, found.signed, found.whole) == ((), True, True)
    assert found.header == bid.header
    assert found.seal is not None
    assert found.seal.public == bid.bidder.public
    for file in FILES:
        assert file.encode() not in bid.raw


@either
def test_the_bidders_own_key_comes_out_of_its_lock(name: str) -> None:
    bid = SEALED[name]
    assert container.unlock(bid.suite, bid.header, bid.bidder) == bid.keys[dealing.BIDDER]
    with pytest.raises(SealRefused, match="KeyRefused"):
        container.unlock(bid.suite, bid.header, bid.custodians[0])
    other = seal(name, "b-2", first=40)
    moved = replace(bid.header, locks=other.header.locks)
    with pytest.raises(SealRefused, match="BoxRefused"):
        container.unlock(bid.suite, moved, bid.bidder)


@either
def test_shares_of_enough_custodians_open_it(name: str) -> None:
    bid = SEALED[name]
    keys = {dealing.BIDDER: container.unlock(bid.suite, bid.header, bid.bidder)}
    for group in bid.header.groups:
        holders = bid.custodians[1:3] if group.group == "centres" else bid.custodians[3:]
        first = 2 if group.group == "centres" else 1
        shares = [
            dealing.take(bid.suite, bid.header.bid, group, index, key)
            for index, key in enumerate(holders, first)
        ]
        keys[group.group] = dealing.combine(bid.suite, bid.header.bid, group, shares)
    assert unseal(bid.suite, dealing.bid_key(bid.suite, bid.header.bid, keys), bid.raw) == FILES


def test_a_bid_without_files_and_one_of_many_segments_come_back() -> None:
    empty = seal("intl-1", files={})
    assert unseal(empty.suite, empty.key, empty.raw) == {}
    assert len(LARGE.header.locks) == 1
    found = inspect(LARGE.raw)
    assert found.whole
    assert found.seal is not None
    assert len(found.seal.segments) == 3
    assert unseal(LARGE.suite, LARGE.key, LARGE.raw, 1_048_576) == {
        "图纸.dwg": bytes(9_000_000),
        "报价.xlsx": b"12",
    }


# --- damaged ---


def flipped(raw: bytes, at: int) -> bytes:
    at %= len(raw)
    return raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_damaged_segment_is_named_without_a_key(number: int) -> None:
    start, end = LARGE.starts
    first = start + number * limits.SEGMENT_BYTES
    for at in (first, min(first + limits.SEGMENT_BYTES, end) - 1):
        found = inspect(flipped(LARGE.raw, at))
        assert (found.damaged, found.signed) == ((f"segment {number}",), True)


@either
def test_a_changed_byte_of_the_frame_is_noticed(name: str) -> None:
    bid = SEALED[name]
    start, end = bid.starts
    for at in [*range(12), *range(12, start, 37), *range(end, len(bid.raw) - 12, 37), *range(-12, 0)]:
        found = inspect(flipped(bid.raw, at))
        assert not found.whole
        assert {one.split(" ")[0] for one in found.damaged} & {"header", "trailer", "end"}


@either
def test_a_cut_or_lengthened_file_is_noticed(name: str) -> None:
    bid = SEALED[name]
    start, end = bid.starts
    for length in (
        0,
        5,
        11,
        12,
        start - 1,
        start,
        end - 1,
        end,
        end + 1,
        len(bid.raw) - 12,
        len(bid.raw) - 1,
    ):
        assert not inspect(bid.raw[:length]).whole
    assert not inspect(bid.raw + b"\0").whole
    assert not inspect(bid.raw + bid.raw).whole
    assert not inspect(bid.raw + bytes(2_000_000)).whole
    cut = inspect(LARGE.raw[: LARGE.starts[0] + limits.SEGMENT_BYTES + 5])
    assert cut.damaged == ("segment 1", "segment 2", "trailer", "end")


@either
def test_a_container_whose_end_was_lost_is_not_opened(name: str) -> None:
    bid = SEALED[name]
    for raw in (bid.raw[:-1], bid.raw[: bid.starts[1]], bid.raw[: bid.starts[1] - 5], bid.raw[:40], b""):
        with pytest.raises(SealRefused, match="ContainerBroken"):
            unseal(bid.suite, bid.key, raw)


@either
def test_a_header_that_a_reader_would_refuse_is_not_written(name: str) -> None:
    bid = SEALED[name]
    for header in (
        replace(bid.header, groups=bid.header.groups[::-1]),
        replace(bid.header, groups=bid.header.groups[:1] * 2),
        replace(bid.header, groups=()),
        replace(bid.header, sealed_bytes=71),
        replace(bid.header, sealed_bytes=limits.SEALED_BYTES_MAX + 1),
    ):
        with pytest.raises(SealRefused, match="ContainerBroken"):
            container.Writer(header, bid.key)


# --- the payload ---


def read(suite_name: str, raw: bytes) -> Listing:
    reader = payload.Reader(suites.get(suite_name))
    reader.feed(memoryview(raw))
    return reader.close()


@either
def test_a_payload_ends_where_its_list_says(name: str) -> None:
    suite = suites.get(name)
    listing = bids.listing_of(suite, {"a": b"1", "b": b"", "c": b"23"})
    raw = payload.head(listing) + b"123"
    assert read(name, raw) == listing
    for bad, code in (
        (raw[:-1], "ContainerBroken"),
        (raw + b"\0", "ContainerBroken"),
        (raw[:-1] + b"4", "FileChanged"),
        (raw[:3], "ContainerBroken"),
        (b"", "ContainerBroken"),
        (b"\0\0\0\0", "ContainerBroken"),
        (b"\xff\xff\xff\xff" + raw, "ContainerBroken"),
        (raw[:5] + b" " + raw[5:], "ContainerBroken"),
    ):
        with pytest.raises(SealRefused) as refused:
            read(name, bad)
        assert refused.value.code == code


@either
def test_a_list_has_bounds(name: str) -> None:
    suite = suites.get(name)
    digest = suite.hash(b"")
    for files in (
        tuple(File(digest, f"{at}.txt", 0) for at in range(limits.BID_FILES_MAX + 1)),
        (File(digest, "a", limits.SEALED_BYTES_MAX + 1),),
        (File(digest, "a", -1),),
    ):
        with pytest.raises(SealRefused, match="ContainerBroken"):
            payload.head(Listing((), files))
    for bad in ("../a", "a\\b", "a/../b", "/a", "报价\u202efdp.exe", "CON"):
        with pytest.raises(SealRefused, match="NameRefused"):
            payload.head(Listing((), (File(digest, bad, 0),)))
    with pytest.raises(SealRefused, match="NameRefused"):
        payload.head(Listing((), (File(digest, "A.pdf", 0), File(digest, "a.PDF", 0))))


def test_a_reader_gives_a_list_with_strange_names_to_whoever_judges_them() -> None:
    suite = suites.get("intl-1")
    listing = Listing((), (File(suite.hash(b""), "../../etc/passwd", 0),))
    raw = canonical.encode(listing)
    assert read("intl-1", len(raw).to_bytes(4, "big") + raw) == listing


def test_only_the_opening_of_the_same_suite_takes_a_container() -> None:
    bid: SealedBid = SEALED["gm-1"]
    other = sealing.Opening(suites.get("intl-1"), bytes(32))
    with pytest.raises(SealRefused, match="SuiteMixed"):
        other.feed(memoryview(bid.raw))
    with pytest.raises(SealRefused, match="KeyRefused"):
        sealing.Opening(suites.get("gm-1"), bytes(32))
