"""Reading out, opening records, observations and witness records: both sides of each rule (SPEC 13)."""

import pytest
from msgspec.structs import replace

from protocol import commands as cmd
from protocol import limits
from protocol.plan.case import Case
from protocol.plan.observations import FINDING_TERMS, GROUP_TERMS, TABLES
from protocol.projection import awaiting, project
from protocol.refusals import Refusal
from protocol.session.phases import RULES
from protocol.session.state import WitnessRecord
from protocol.words import SESSION_STAGE, Stage
from tests.protocol.world import World

ONE = Stage("01", "1", 1)
W1, W2 = "witness-hefei", "witness-nanjing"


def code(result: object) -> str:
    assert isinstance(result, Refusal), result
    return result.code


@pytest.fixture
def opened(case: Case) -> World:
    """Check-in; the tenderee and two witnesses have taken their seats."""
    world = World(case)
    world.to_check_in()
    for seat in ("tenderee", W1, W2):
        world.bind(seat)
    return world


def outstanding(world: World) -> list[tuple[str, str]]:
    return [(one.who, one.act) for one in awaiting.outstanding(world.at)]


# --- the table ------------------------------------------------------------------------------


def test_each_item_has_a_letter_of_its_own_words_and_a_source() -> None:
    for version, table in TABLES.items():
        assert "NoteObservation" in RULES[version].acts
        assert [item.code for item in table.values()] == list(table)
        keys = [item.key for item in table.values()]
        assert len(set(keys)) == len(keys)
        for item in table.values():
            assert item.group in GROUP_TERMS
            assert item.usual in FINDING_TERMS
            assert item.zh
            assert item.en
            assert item.source
    assert {item.group for item in TABLES["2"].values()} == set(GROUP_TERMS)


# --- the opening ------------------------------------------------------------------------------


def test_the_tenderee_reads_out_each_bid_once_and_only_bids_of_the_stage(opened: World) -> None:
    opened.must("tenderee", cmd.ReadOut("b2"), ONE)
    assert code(opened.do("tenderee", cmd.ReadOut("b2"), ONE)) == "AlreadyReadOut"
    assert code(opened.do("tenderee", cmd.ReadOut("b9"), ONE)) == "UnknownBidder"
    assert code(opened.do(W1, cmd.ReadOut("b1"), ONE)) == "NotAllowed"
    assert code(opened.do("agent", cmd.ReadOut("b1"), ONE)) == "NotAllowed"
    assert opened.at.tracks["01/1"].read_out == ("b2",)


def test_nothing_is_read_out_before_the_bids_are_open(case: Case) -> None:
    world = World(case)
    world.book()
    world.import_committee()
    world.bind("tenderee")
    assert code(world.do("tenderee", cmd.ReadOut("b1"), ONE)) == "WrongPhase"


def test_the_opening_record_is_signed_when_all_is_read_out_by_each_seat_once(opened: World) -> None:
    track = opened.at.tracks["01/1"]
    assert code(opened.do("tenderee", cmd.SignOpeningRecord(bytes(32)), ONE)) == "GuardUnmet"
    assert outstanding(opened) == [("tenderee", "ReadOut")]
    opened.read_out("01", "1")
    assert outstanding(opened) == [(W1, "SignOpeningRecord")]
    assert code(opened.do(W1, cmd.SignOpeningRecord(bytes(32)), ONE)) == "RecordMismatch"
    opened.sign_opening(W1, "01", "1")
    assert code(opened.do(W1, cmd.SignOpeningRecord(bytes(32)), ONE)) == "AlreadySigned"
    assert outstanding(opened) == []
    assert opened.at.tracks["01/1"].opening_signed == ("tenderee", W1)
    assert opened.at.tracks["01/1"].read_out == tuple(bid.bidder for bid in track.bids)


def test_the_opening_record_hangs_on_the_order_in_which_bids_were_read(case: Case) -> None:
    digests = set()
    for order in (1, -1):
        world = World(case)
        world.to_check_in()
        world.bind("tenderee")
        for bid in world.at.tracks["01/1"].bids[::order]:
            world.must("tenderee", cmd.ReadOut(bid.bidder), ONE)
        signed = world.sign_opening("tenderee", "01", "1").command.content
        assert isinstance(signed, cmd.SignOpeningRecord)
        digests.add(signed.record)
    assert len(digests) == 2


def test_a_page_is_told_why_the_opening_record_cannot_be_signed_yet(opened: World) -> None:
    (act,) = [one for one in awaiting.acts(opened.at, "tenderee", "tenderee") if one.type != "ReadOut"]
    assert (act.type, act.code) == ("SignOpeningRecord", "GuardUnmet")
    opened.read_out("01", "1")
    assert awaiting.acts(opened.at, "tenderee", "tenderee") == ()


def test_the_evaluation_goes_on_without_any_of_it(case: Case) -> None:
    world = World(case)
    world.to_archived()
    assert world.at.phase == "ARCHIVED"
    assert world.at.tracks["01/1"].read_out == ()
    assert world.at.observations == ()


# --- observations -----------------------------------------------------------------------------


def test_an_observation_stands_in_the_record_with_its_number_and_place(opened: World) -> None:
    opened.note(W2, "identity_checked", subject="M3")
    seq = opened.at.size
    opened.note(W2, "line_cut", "线路中断三分钟", finding="irregular", subject="nanjing", entry=seq - 1)
    first, second = opened.at.observations
    assert (first.number, first.venue, first.subject) == (1, "nanjing", "M3")
    assert (second.number, second.seq, second.entry) == (2, seq, seq - 1)
    (shown, later) = project.view(opened.at, opened.disclosed, "witness", W1).observations
    assert (shown.text, later.text) == (None, "线路中断三分钟")


def test_an_observation_may_belong_to_a_lot(opened: World) -> None:
    opened.note(W1, "read_out_differs", stage=ONE)
    assert opened.at.observations[0].lot == "01"
    content, _ = opened.observation("read_out_differs")
    assert code(opened.do(W1, content, Stage("77", "1", 1))) == "UnknownStage"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"item": "no_such_item"}, "UnknownItem"),
        ({"subject": "M9"}, "UnknownSubject"),
        ({"entry": 10_000}, "UnknownEntry"),
        ({"noted_at": 2**50}, "Malformed"),
        ({"remark": b"short"}, "Malformed"),
        ({"remark": bytes(32)}, "DisclosureMissing"),
    ],
)
def test_an_observation_is_refused(opened: World, change: dict[str, object], expected: str) -> None:
    content, _ = opened.observation("seat_left")
    assert code(opened.do(W1, replace(content, **change))) == expected
    assert opened.at.observations == ()


@pytest.mark.parametrize("value", ["", "长" * (limits.REMARK_CHARS_MAX + 1), 7, ["x"]])
def test_a_remark_is_a_short_text(opened: World, value: object) -> None:
    disclosure = opened.hide("remark", "bad", value)
    content, _ = opened.observation("seat_left", remark=disclosure.digest)
    expected = "RemarkTooLong" if isinstance(value, str) else "Malformed"
    assert code(opened.do(W1, content, SESSION_STAGE, (disclosure,))) == expected


def test_only_a_witness_notes_observations(opened: World) -> None:
    content, _ = opened.observation("seat_left")
    for author in ("agent", "tenderee"):
        assert code(opened.do(author, content)) == "NotAllowed"


def test_a_witness_may_note_only_so_many(opened: World) -> None:
    full = {W1: WitnessRecord(limits.OBSERVATIONS_PER_SEAT_MAX, bytes(32))}
    opened.state = replace(opened.at, witness_records=full)
    content, _ = opened.observation("seat_left")
    assert code(opened.do(W1, content)) == "ObservationsFull"


def test_a_view_shows_the_newest_observations_and_all_counts(opened: World) -> None:
    one = opened.note(W1, "seat_left").command.content
    assert isinstance(one, cmd.NoteObservation)
    many = opened.at.observations * (limits.OBSERVATIONS_SHOWN_MAX + 5)
    state = replace(opened.at, observations=many)
    shown = project.view(state, opened.disclosed, "supervisor", "supervisor-hefei")
    assert len(shown.observations) == limits.OBSERVATIONS_SHOWN_MAX
    assert [(one.seat, one.count, one.signed) for one in shown.witness_records] == [(W1, 1, False)]


# --- the signed record --------------------------------------------------------------------------


@pytest.fixture
def reported(case: Case) -> World:
    """Everything is done but the archive; one witness noted two things, the other nothing."""
    world = World(case)
    world.to_ranked()
    for seat in (W1, W2):
        world.bind(seat)
    world.note(W1, "seat_left", finding="irregular", subject="M1")
    world.note(W1, "seat_left", finding="handled", subject="M1")
    early = world.do(W1, cmd.SignWitnessRecord(2, world.at.witness_records[W1].chain))
    assert code(early) == "WrongPhase"
    world.to_submitted()
    return world


def test_a_witness_signs_all_of_it_once_and_notes_nothing_afterwards(reported: World) -> None:
    chain = reported.at.witness_records[W1].chain
    assert outstanding(reported) == [(W1, "SignWitnessRecord"), (W2, "SignWitnessRecord")]
    assert code(reported.do(W1, cmd.SignWitnessRecord(1, chain))) == "RecordMismatch"
    assert code(reported.do(W1, cmd.SignWitnessRecord(2, bytes(32)))) == "RecordMismatch"
    reported.sign_witnessing(W1)
    assert code(reported.do(W1, cmd.SignWitnessRecord(2, chain))) == "AlreadySigned"
    content, _ = reported.observation("seat_left")
    assert code(reported.do(W1, content)) == "RecordSigned"
    assert outstanding(reported) == [(W2, "SignWitnessRecord")]
    assert awaiting.acts(reported.at, "witness", W1) == ()


def test_a_record_without_observations_may_be_signed(reported: World) -> None:
    reported.sign_witnessing(W2)
    assert reported.at.witness_records[W2] == WitnessRecord(
        0, bytes(32), signed=True, seq=reported.at.size - 1
    )
    assert code(reported.do("agent", cmd.SignWitnessRecord(0, bytes(32)))) == "NotAllowed"


def test_two_witnesses_have_chains_of_their_own(reported: World) -> None:
    before = reported.at.witness_records[W1]
    reported.note(W2, "seat_left")
    assert reported.at.witness_records[W1] == before
    assert reported.at.witness_records[W2].chain not in (bytes(32), before.chain)


def test_nothing_of_it_is_in_the_order_of_acts(reported: World) -> None:
    assert W1 not in reported.at.orders


# --- version 1 ----------------------------------------------------------------------------------


def test_a_session_of_version_1_knows_none_of_it(case: Case) -> None:
    world = World(case, rules="1")
    world.to_check_in()
    for seat in ("tenderee", W1):
        world.bind(seat)
    content, _ = world.observation("seat_left")
    assert code(world.do(W1, content)) == "NotYetAvailable"
    assert code(world.do("tenderee", cmd.ReadOut("b1"), ONE)) == "NotYetAvailable"
    assert code(world.do("tenderee", cmd.SignOpeningRecord(bytes(32)), ONE)) == "NotYetAvailable"
    assert code(world.do(W1, cmd.SignWitnessRecord(0, bytes(32)))) == "UnknownCommand"
    assert outstanding(world) == []
