"""Whom the clerk of openings enters, and under what name."""

from msgspec.structs import replace

from protocol.seal import releasing
from protocol.seal.dealing import Bid
from protocol.seal.releasing import Mark
from server.bids.tender import Handed, Received, bidders
from server.gateway import opening_clerk
from tests.protocol.session.ceremony.opened import Opening


def frozen(bid: str, key: bytes, envelope: str = "1") -> Received:
    return Received(bid, bytes(32), envelope, key * 32, "01", bytes(32))


def handed(one: Received, name: str) -> Handed:
    mark = Mark(Bid(one.bid, one.envelope, one.lot, "p-1", "intl-1"), bytes(32), b"key", bytes(32))
    return Handed(one, name, mark, b"header")


def test_a_bidder_is_called_as_the_first_of_its_bids_in_whatever_envelope() -> None:
    bids = (frozen("b", b"\1"), frozen("a", b"\1", "2"), frozen("c", b"\2"))
    assert bidders(bids) == {b"\1" * 32: "a", b"\2" * 32: "c"}


def test_a_bid_that_is_called_as_a_seat_gets_its_keys_pseudonym_beside_it() -> None:
    state = Opening().at
    here = next(iter(state.tracks.values()))
    seat = next(iter(state.seats.values()))
    named, other = frozen(seat.seat, b"\1"), frozen("own", b"\2")
    found = opening_clerk.received(state, here, (handed(named, named.bid), handed(other, "own")))
    assert [one.bidder for one in found] == [f"{seat.seat}-010101010101", "own"]
    assert found[1].mark == releasing.mark_digest(handed(other, "own").mark)


def test_of_a_later_envelope_only_who_passed_is_entered() -> None:
    state = Opening().at
    name, here = next(iter(state.tracks.items()))
    passed = replace(here, turns=replace(here.turns, passing=("a",)))
    later = replace(here, envelope="2")
    lots = tuple(replace(one, envelopes=("1", "2")) for one in state.lots)
    state = replace(state, lots=lots, tracks={name: passed, f"{here.lot}/2": later})
    bids = (handed(frozen("a", b"\1", "2"), "a"), handed(frozen("b", b"\2", "2"), "b"))
    assert [one.bidder for one in opening_clerk.received(state, later, bids)] == ["a"]
