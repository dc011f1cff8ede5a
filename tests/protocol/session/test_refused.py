"""The refused side of each rule: the code, and nothing changed."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from protocol import commands as cmd
from protocol import hidden, limits
from protocol.commands import NO_HEAD, Content, Head
from protocol.plan.case import Case
from protocol.refusals import Refusal
from protocol.session.decide import decide, unread
from protocol.session.phases import RULES
from protocol.words import SESSION_STAGE, Stage
from tests.protocol.world import World, key, salt

ONE = Stage("01", "1", 1)


def code(result: object) -> str:
    assert isinstance(result, Refusal), result
    return result.code


@pytest.fixture
def scoring(case: Case) -> World:
    world = World(case)
    world.to_scoring()
    return world


@pytest.fixture
def check_in(case: Case) -> World:
    world = World(case)
    world.to_check_in()
    return world


def test_nothing_comes_before_genesis(world: World) -> None:
    assert code(world.do("agent", cmd.OpenCheckIn())) == "UnknownSession"


def test_a_session_is_booked_once(world: World) -> None:
    world.book()
    content, plan = world.book_content()
    assert code(world.do("agent", content, SESSION_STAGE, (plan,))) == "SessionExists"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"rules_version": "0"}, "UnknownRules"),
        ({"lots": (cmd.LotRef("01", ("1", "2")),)}, "NotYetAvailable"),
        ({"lots": (cmd.LotRef("01", ("1",)), cmd.LotRef("01", ("1",)))}, "DuplicateId"),
        ({"regime": "GOV_PROC"}, "PlanMismatch"),
        ({"committee_size_min": 3}, "PlanMismatch"),
        ({"scoring_ms": 1}, "PlanMismatch"),
        ({"installation_key": "ed25519:AAAA"}, "Malformed"),
        ({"plan": bytes(32)}, "DisclosureMissing"),
    ],
)
def test_a_genesis_that_differs_from_its_plan_is_refused(
    world: World, change: dict[str, object], expected: str
) -> None:
    content, plan = world.book_content()
    result = world.do("agent", replace(content, **change), SESSION_STAGE, (plan,))
    assert code(result) == expected
    assert world.state is None


def test_the_header_is_held_against_the_record(scoring: World) -> None:
    state, at = scoring.at, scoring.now
    good = scoring.command("M1", cmd.SealSheet(bytes(32)), ONE)
    last = state.author_seqs[key("M1")]
    cases = {
        "WrongSession": replace(good, session="s-2"),
        "UnknownAuthor": replace(good, author_key=key("stranger")),
        "OutOfOrder": replace(good, author_seq=last),
        "SeenUnknown": replace(good, seen=Head(state.size + 1, bytes(32))),
        "ClockTooFar": replace(good, author_at=at + limits.AUTHOR_CLOCK_SKEW_MS_MAX + 1),
        "UnknownStage": replace(good, stage=Stage("09", "1", 1)),
        "WrongRound": replace(good, stage=Stage("01", "1", 2)),
    }
    for expected, command in cases.items():
        assert code(decide(state, command, at, bytes(32))) == expected
    for seen in (Head(0, bytes(32)), replace(state.heads[-2], root=bytes(32))):
        assert code(decide(state, replace(good, seen=seen), at, bytes(32))) == "SeenUnknown"
    for seen in (NO_HEAD, state.heads[0], state.heads[-1]):
        assert isinstance(decide(state, replace(good, seen=seen), at, bytes(32)), tuple)


def test_the_installation_speaks_without_number_and_without_having_seen(scoring: World) -> None:
    content = cmd.NoteRefusal("M1", "SealSheet", "WrongPhase", bytes(32))
    good = scoring.command("installation", content)
    assert code(decide(scoring.at, good, scoring.now, bytes(32))) == "OutOfOrder"
    own = replace(good, author_seq=0)
    assert isinstance(decide(scoring.at, own, scoring.now, bytes(32)), tuple)
    seen = replace(own, seen=scoring.at.heads[-1])
    assert code(decide(scoring.at, seen, scoring.now, bytes(32))) == "SeenUnknown"


@pytest.mark.parametrize("type_", [act.type for act in RULES["2"].acts.values() if not act.available])
def test_acts_of_later_versions_stand_in_the_table_and_are_refused(world: World, type_: str) -> None:
    world.book()
    refusal = unread(world.at, type_)
    assert refusal.code == "NotYetAvailable"
    assert refusal.detail == {"type": type_, "version": "2"}


def test_an_act_that_no_table_knows_is_another_refusal(world: World) -> None:
    assert unread(None, "StealBid").code == "UnknownCommand"


def test_a_committee_needs_one_main_venue_known_venues_and_the_agents_seat(world: World) -> None:
    world.book()
    content, disclosures = world.committee_content()
    sub = tuple(replace(venue, role="sub") for venue in content.venues)
    without_agent = tuple(seat for seat in content.seats if seat.seat != "agent")
    lost = (replace(content.seats[0], venue="mars"), *content.seats[1:])
    odd = (*content.seats, replace(content.seats[0], seat="agent2"))
    cases: list[tuple[Content, str]] = [
        (replace(content, venues=sub), "GuardUnmet"),
        (replace(content, seats=without_agent), "UnknownSeat"),
        (replace(content, seats=lost), "UnknownVenue"),
        (replace(content, seats=odd), "DuplicateId"),
        (replace(content, seats=(*content.seats, content.seats[1])), "DuplicateId"),
    ]
    for wrong, expected in cases:
        assert code(world.do("agent", wrong, SESSION_STAGE, disclosures)) == expected
    assert world.at.phase == "BOOKED"


def test_a_seat_is_bound_by_attestation_alone(check_in: World) -> None:
    world = check_in
    attested = world.attest("M1", "M1")
    assert code(world.do("M1", cmd.BindSeat("M9", "code", attested))) == "UnknownSeat"
    assert code(world.do("M1", cmd.BindSeat("M2", "code", attested))) == "BadAttestation"
    assert code(world.do("M1", cmd.BindSeat("M1", "desk", attested))) == "BadAttestation"
    assert code(world.do("thief", cmd.BindSeat("M1", "code", attested))) == "BadAttestation"
    world.bind("M1")
    again = world.attest("M2", "M1")
    assert code(world.do("M1", cmd.BindSeat("M2", "code", again))) == "KeyTaken"


def test_a_former_key_speaks_no_more(check_in: World) -> None:
    world = check_in
    world.bind("M1", "M1 old machine")
    world.bind("M1")
    assert code(world.do("M1 old machine", world.check_in_content())) == "UnknownAuthor"
    back = world.attest("M1", "M1 old machine")
    assert code(world.do("M1 old machine", cmd.BindSeat("M1", "code", back))) == "KeyTaken"


def test_too_few_bids_are_not_opened(case: Case) -> None:
    world = World(replace(case, bids=case.bids[:2]))
    world.book()
    world.import_committee()
    with pytest.raises(AssertionError, match="TooFewBids"):
        world.open_bids("01", "1")


def test_k_is_drawn_once_and_among_the_candidates(case: Case) -> None:
    world = World(case)
    world.book()
    world.import_committee()
    world.open_bids("01", "1")
    rate = next(iter(case.draws["01"]))
    assert code(world.do("agent", cmd.DrawK(rate, "97.25"), ONE)) == "NotACandidate"
    assert code(world.do("agent", cmd.DrawK("other", "98"), ONE)) == "NotACandidate"
    world.draw("01", "1")
    assert code(world.do("agent", cmd.DrawK(rate, "99"), ONE)) == "AlreadyDone"


def test_check_in_needs_the_very_undertaking_and_comes_once(check_in: World) -> None:
    world = check_in
    world.bind("M1")
    assert code(world.do("M1", cmd.CheckIn(bytes(32), "none"))) == "PlanMismatch"
    world.must("M1", world.check_in_content())
    assert code(world.do("M1", world.check_in_content())) == "AlreadyCheckedIn"
    assert code(world.do("agent", world.check_in_content())) == "NotAllowed"
    assert code(world.do("agent", cmd.LockRoster())) == "GuardUnmet"


@pytest.mark.parametrize(
    ("drop", "expected"), [(1, "CommitteeTooSmall"), (0, "CommitteeEven"), (-1, "CommitteeRatio")]
)
def test_an_unlawful_committee_is_not_locked(case: Case, drop: int, expected: str) -> None:
    members = [m for m in case.members if not m.reserve]
    reserves = [replace(m, reserve=False) for m in case.members if m.reserve]
    if drop == 1:
        chosen = members[:-1]
    elif drop == 0:
        chosen = members + reserves
    else:
        chosen = [replace(m, kind="tenderee_rep") for m in members[:2]] + members[2:]
    world = World(replace(case, members=tuple(chosen)))
    world.to_check_in()
    for seat in world.members():
        world.bind(seat)
        world.must(seat, world.check_in_content())
    assert code(world.do("agent", cmd.LockRoster())) == expected


def test_a_sheet_is_sealed_once_by_its_own_member(scoring: World) -> None:
    world = scoring
    commitment = hidden.commitment(world.opening("M1", "01", "1"))
    world.seal("M1", "01", "1")
    assert code(world.do("M1", cmd.SealSheet(commitment), ONE)) == "AlreadySealed"
    assert code(world.do("agent", cmd.SealSheet(commitment), ONE)) == "NotAllowed"
    assert code(world.do("agent", cmd.CloseScoring(), ONE)) == "GuardUnmet"


def _sealed(world: World) -> None:
    for seat in world.members():
        world.seal(seat, "01", "1")


def test_nothing_opens_before_the_close(scoring: World) -> None:
    _sealed(scoring)
    commitment = hidden.commitment(scoring.opening("M1", "01", "1"))
    opening = cmd.TryOpening("M1", commitment, "ok", "")
    assert code(scoring.do("node hefei", opening, ONE)) == "WrongPhase"


def test_a_venue_opens_its_own_seats_alone_and_all_must_be_ok(scoring: World) -> None:
    world = scoring
    _sealed(world)
    world.must("agent", cmd.CloseScoring(), ONE)
    opening = world.opening("M2", "01", "1")
    commitment = hidden.commitment(opening)
    disclosure = (hidden.disclose_opening(opening),)
    wrong_node = world.do("node hefei", cmd.TryOpening("M2", commitment, "ok", ""), ONE)
    assert code(wrong_node) == "WrongVenue"
    node = f"node {world.at.seats['M2'].venue}"
    assert code(world.do(node, cmd.TryOpening("M2", bytes(32), "ok", ""), ONE)) == "OpeningMismatch"
    early = world.do(node, cmd.OpenSheet("M2", commitment), ONE, disclosure)
    assert code(early) == "WrongPhase"
    for seat in world.members():
        own = hidden.commitment(world.opening(seat, "01", "1"))
        at = f"node {world.at.seats[seat].venue}"
        good = cmd.TryOpening(seat, own, "ok", "")
        world.must(at, cmd.TryOpening(seat, own, "fault", "lost") if seat == "M2" else good, ONE)
    assert world.at.tracks["01/1"].phase == "SCORES_SEALED"
    world.must(node, cmd.TryOpening("M2", commitment, "ok", ""), ONE)
    assert world.at.tracks["01/1"].phase == "SCORES_OPENING"
    assert code(world.do(node, cmd.OpenSheet("M2", commitment), ONE)) == "DisclosureMissing"


def _opening_phase(world: World) -> None:
    _sealed(world)
    world.must("agent", cmd.CloseScoring(), ONE)
    for seat in world.members():
        own = hidden.commitment(world.opening(seat, "01", "1"))
        world.must(f"node {world.at.seats[seat].venue}", cmd.TryOpening(seat, own, "ok", ""), ONE)


def test_a_sheet_out_of_range_or_for_another_stage_is_found_at_its_opening(scoring: World) -> None:
    world = scoring
    good = world.opening("M1", "01", "1")
    bidder = good.bids[0]
    over = replace(good, scores={**good.scores, bidder: {**good.scores[bidder], "A1": 900}})
    gap = replace(good, scores={b: row for b, row in good.scores.items() if b != bidder})
    other = replace(good, expert="M2")
    assert "A1" in good.scores[bidder]
    for bad, expected in ((over, "SheetInvalid"), (gap, "SheetInvalid"), (other, "OpeningMismatch")):
        fresh = World(world.case)
        fresh.to_scoring()
        fresh.opening = _one_other(fresh.opening, bad)  # type: ignore[method-assign]
        _opening_phase(fresh)
        disclosure = (hidden.disclose_opening(bad),)
        result = fresh.do("node hefei", cmd.OpenSheet("M1", hidden.commitment(bad)), ONE, disclosure)
        assert code(result) == expected


def _one_other(usual: Callable[..., hidden.Opening], other: hidden.Opening) -> Callable[..., hidden.Opening]:
    return lambda seat, lot, envelope: other if seat == "M1" else usual(seat, lot, envelope)


def test_a_false_tally_is_refused(scoring: World) -> None:
    world = scoring
    _sealed(world)
    world.must("agent", cmd.CloseScoring(), ONE)
    world.open_scores("01", "1")
    assert code(world.do("agent", cmd.ConfirmRanking(), ONE)) == "GuardUnmet"
    false = hidden.disclose("tally", salt("false"), {"rows": []})
    result = world.do("agent", cmd.PublishTally(false.digest), ONE, (false,))
    assert code(result) == "TallyMismatch"
    assert code(world.do("agent", cmd.PublishTally(bytes(32)), ONE)) == "DisclosureMissing"
    world.tally("01", "1")
    assert code(world.do("agent", cmd.PublishTally(bytes(32)), ONE)) == "AlreadyDone"


def test_a_report_is_signed_as_it_stands_by_all(case: Case) -> None:
    world = World(case)
    world.to_ranked()
    assert code(world.do("agent", cmd.SubmitReport())) == "WrongPhase"
    world.must("agent", cmd.BeginReport())
    report = world.hide("report", "report", {"a": 1})
    content = cmd.ImportReport("test", bytes(32), "test", report.digest)
    assert code(world.do("agent", content)) == "DisclosureMissing"
    world.must("agent", content, SESSION_STAGE, (report,))
    assert code(world.do("M1", cmd.SignReport(bytes(32)))) == "DisclosureMismatch"
    world.must("M1", cmd.SignReport(report.digest))
    assert code(world.do("M1", cmd.SignReport(report.digest))) == "AlreadyDone"
    assert code(world.do("agent", cmd.SubmitReport())) == "GuardUnmet"


def test_an_overrun_is_raised_once_and_refuses_nobody(case: Case) -> None:
    timed = replace(case, plan=replace(case.plan, scoring_ms=3_600_000))
    world = World(timed)
    world.to_scoring()
    world.seal("M1", "01", "1")
    world.settle(world.at.tracks["01/1"].entered_at + 3_600_001)
    late = world.at.tracks["01/1"].overrun
    assert late == ("M2", "M3", "M4", "M5")
    size = len(world.entries)
    world.settle(world.now + 10)
    assert len(world.entries) == size
    world.seal("M2", "01", "1")
    left = world.at.tracks["01/1"].overrun
    assert left == ("M3", "M4", "M5")
