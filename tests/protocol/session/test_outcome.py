"""The outcome: every field of the state either counts or is named as left out (SPEC 9)."""

from typing import Any

import pytest
from msgspec.structs import fields, replace

from protocol import hidden
from protocol.commands import BidRef, Head, NodeKey, RejectedBid
from protocol.hidden import Disclosed
from protocol.ledger import tree
from protocol.plan.case import Case
from protocol.session.outcome import OutcomeWithheld, outcome_digest
from protocol.session.state import (
    Observation,
    Order,
    Reached,
    Seat,
    Sheet,
    Speaker,
    State,
    Track,
    WitnessRecord,
)
from tests.protocol.world import World, key, salt

# field → another value; what is in COUNTS changes the digest, what is in LEFT_OUT does not.
STATE_COUNTS: dict[str, Any] = {
    "rules_version": "1", "regime": "GOV_PROC", "path": ("BOOKED",), "roster": ("M1", "M2"),
    "orders": {"M1": Order(1, bytes(32))},
}  # fmt: skip
STATE_LEFT_OUT: dict[str, Any] = {
    "demonstration": False, "plan": bytes(32), "lots": (), "committee_size_min": 9,
    "committee_odd": False, "experts_num": 0, "experts_den": 9, "bids_min": 9, "scoring_ms": 9,
    "names_hidden": True, "milestone_wait_ms": 9, "installation_key": key("x"),
    "policy_digest": b"x", "node_keys": (NodeKey("x", key("x")),), "at": 9, "frontier": tree.EMPTY,
    "heads": (Head(0, bytes(32)),), "phase": "FAILED", "entered_at": 9, "venues": {},
    "keys": {"x": Speaker("agent", "agent", "")}, "author_seqs": {},
    "milestones": {"x": Reached("genesis", "", "")}, "sources": {}, "report": b"x",
    "refusals_noted": 9,
    "observations": (
        Observation(9, 9, "", "", 0, "w", "v", 1, "other", "normal", "", 0, 9, 0, b""),
    ),
    "witness_records": {"w": WitnessRecord(1, bytes(32), signed=True)},
}  # fmt: skip
TRACK_COUNTS: dict[str, Any] = {
    "lot": "02", "envelope": "2", "round": 2, "path": ("AWAITED",), "valid": ("b1",),
    "rejected": (RejectedBid("b9", "51-1"),), "draws": {"K": "99"},
}  # fmt: skip
TRACK_LEFT_OUT: dict[str, Any] = {
    "phase": "FAILED", "entered_at": 9, "overrun": ("M1",), "overrun_raised": True,
    "read_out": ("b1",), "opening_signed": ("tenderee",),
}  # fmt: skip
GROUPS = {"drawn", "review", "turns"}
"""What version 3 keeps: the outcomes of versions 1 and 2 know nothing of it."""
GROUPS_4 = {"cosigning", "identity", "ceremony", "escrow", "signatures", "live", "recognition", "oversight"}
"""What version 4 keeps, whose outcome is in the making."""

TRACK_BY_DISCLOSURE = {"bids", "sheets", "tally"}
STATE_BY_PART = {"tracks", "seats"}
SEAT_COUNTS: dict[str, Any] = {"seat": "M9", "venue": "mars", "kind": "none", "signed": False}
SEAT_LEFT_OUT: dict[str, Any] = {
    "role": "agent", "reserve": True, "person": bytes(32), "key": "x", "checked_in": False,
}  # fmt: skip


@pytest.fixture(scope="module")
def done(case: Case) -> World:
    world = World(case)
    world.to_archived()
    return world


def _digest(state: State, disclosed: Disclosed) -> bytes:
    return outcome_digest(state, disclosed)


def test_every_field_is_named_on_one_side() -> None:
    session_only = {"session"}
    assert {f.name for f in fields(State)} == (
        set(STATE_COUNTS) | set(STATE_LEFT_OUT) | STATE_BY_PART | session_only | GROUPS | GROUPS_4
    )
    track = set(TRACK_COUNTS) | set(TRACK_LEFT_OUT) | TRACK_BY_DISCLOSURE | GROUPS
    assert {f.name for f in fields(Track)} == track
    assert {f.name for f in fields(Seat)} == set(SEAT_COUNTS) | set(SEAT_LEFT_OUT)


@pytest.mark.parametrize("name", [*STATE_COUNTS, *STATE_LEFT_OUT])
def test_a_field_of_the_state_counts_or_not(done: World, name: str) -> None:
    value = {**STATE_COUNTS, **STATE_LEFT_OUT}[name]
    assert getattr(done.at, name) != value
    changed = _digest(replace(done.at, **{name: value}), done.disclosed)
    assert (changed != _digest(done.at, done.disclosed)) == (name in STATE_COUNTS)


@pytest.mark.parametrize("name", [*TRACK_COUNTS, *TRACK_LEFT_OUT])
def test_a_field_of_a_track_counts_or_not(done: World, name: str) -> None:
    value = {**TRACK_COUNTS, **TRACK_LEFT_OUT}[name]
    track = done.at.tracks["01/1"]
    assert getattr(track, name) != value
    tracks = {"01/1": replace(track, **{name: value})}
    changed = _digest(replace(done.at, tracks=tracks), done.disclosed)
    assert (changed != _digest(done.at, done.disclosed)) == (name in TRACK_COUNTS)


@pytest.mark.parametrize("name", [*SEAT_COUNTS, *SEAT_LEFT_OUT])
def test_a_field_of_a_seat_counts_or_not(done: World, name: str) -> None:
    value = {**SEAT_COUNTS, **SEAT_LEFT_OUT}[name]
    seat = done.at.seats["M2"]
    assert getattr(seat, name) != value
    seats = {**done.at.seats, "M2": replace(seat, **{name: value})}
    changed = _digest(replace(done.at, seats=seats), done.disclosed)
    assert (changed != _digest(done.at, done.disclosed)) == (name in SEAT_COUNTS)


def _with_track(done: World, **changes: Any) -> State:
    track = replace(done.at.tracks["01/1"], **changes)
    return replace(done.at, tracks={"01/1": track})


def test_another_price_code_or_quantity_counts_and_another_name_or_salt_does_not(done: World) -> None:
    bids = done.at.tracks["01/1"].bids
    first = bids[0]
    price = done.disclosed.value(first.price)
    before = _digest(done.at, done.disclosed)

    def digest(bid: BidRef, *more: hidden.Disclosure) -> bytes:
        return _digest(_with_track(done, bids=(bid, *bids[1:])), done.disclosed.plus(more))

    dearer = hidden.disclose("price", salt("x"), "1.00")
    same = hidden.disclose("price", salt("x"), price)
    other_name = hidden.disclose("bidder_name", salt("x"), "另一公司")
    days = hidden.disclose("quantities", salt("x"), {"days": "3"})
    assert digest(replace(first, price=dearer.digest), dearer) != before
    assert digest(replace(first, code="己")) != before
    assert digest(replace(first, quantities=days.digest), days) != before
    assert digest(replace(first, price=same.digest), same) == before
    assert digest(replace(first, name=other_name.digest), other_name) == before


def test_one_point_counts_and_another_nonce_does_not(done: World) -> None:
    sheets = done.at.tracks["01/1"].sheets
    good = done.opening("M1", "01", "1")
    bidder = good.bids[0]
    row = good.scores[bidder]
    more = replace(good, scores={**good.scores, bidder: {**row, "A1": row["A1"] - 50}})
    other = replace(good, nonce=salt("another"))

    def digest(opening: hidden.Opening) -> bytes:
        one = hidden.disclose_opening(opening)
        sheet = Sheet(one.digest, "ok", opened=True)
        state = _with_track(done, sheets={**sheets, "M1": sheet})
        return _digest(state, done.disclosed.plus([one]))

    before = _digest(done.at, done.disclosed)
    assert digest(more) != before
    assert digest(other) == before


def test_what_is_withheld_is_said_so(done: World) -> None:
    with pytest.raises(OutcomeWithheld, match=r"price|tally"):
        outcome_digest(done.at, Disclosed())
