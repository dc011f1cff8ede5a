"""At the door and after: identity, recusal, replacement, and who chairs."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from protocol import commands as cmd
from protocol import commands_draw as form
from protocol import hidden
from protocol.entry import Entry
from protocol.plan.case import Case
from protocol.refusals import Refusal
from protocol.session.committee.chair import vote_commitment
from protocol.session.outcome import outcome
from protocol.session.state import members
from protocol.words import SESSION_STAGE
from tests.protocol import reviewing
from tests.protocol.session.drawing import DrawWorld
from tests.protocol.world import salt


@pytest.fixture
def drawing(case: Case) -> DrawWorld:
    return DrawWorld(case)


def code(answer: Entry | Refusal) -> str:
    assert isinstance(answer, Refusal), answer
    return answer.code


def seal(world: DrawWorld, seat: str) -> Entry | Refusal:
    track = next(iter(world.at.tracks.values()))
    nonce = salt(f"nonce {seat}")
    sheet = hidden.Opening(
        world.session, world.stage(track.lot, track.envelope), seat, track.valid, {}, nonce
    )
    return world.do(seat, cmd.SealSheet(hidden.commitment(sheet)), world.stage(track.lot, track.envelope))


# --- identity -----------------------------------------------------------------------------------------------


def test_nobody_checks_in_before_the_desk_has_seen_who_it_is(drawing: DrawWorld) -> None:
    drawing.to_published()
    drawing.bind("M1")
    assert code(drawing.do("M1", drawing.check_in_content())) == "IdentityAwaited"
    drawing.bind("keeper")
    drawing.must("keeper", form.ConfirmIdentity("M1", "document", b"\x01" * 32))
    assert code(drawing.do("M1", drawing.check_in_content())) == "IdentityAwaited"
    assert code(drawing.do("keeper", form.ConfirmIdentity("M1", "document", b""))) == "AlreadyDone"
    assert code(drawing.do("keeper", form.ConfirmIdentity("M1", "face", b"short"))) == "Malformed"
    drawing.must("keeper", form.ConfirmIdentity("M1", "face", b"\x02" * 32))
    drawing.must("M1", drawing.check_in_content())


def test_an_officer_confirms_at_the_own_venue_alone(drawing: DrawWorld) -> None:
    drawing.to_published()
    drawing.bind("keeper")
    assert code(drawing.do("keeper", form.ConfirmIdentity("M2", "desk", b""))) == "WrongVenue"
    assert code(drawing.do("keeper", form.ConfirmIdentity("tenderee", "desk", b""))) == "UnknownSeat"


# --- recusal and replacement --------------------------------------------------------------------------------


def test_who_recuses_acts_no_more_and_the_roster_waits_for_another(drawing: DrawWorld) -> None:
    drawing.to_published()
    for seat in drawing.members():
        drawing.seat_in(seat)
    told = drawing.hide("remark", "why", "我配偶在该公司工作")
    bidder = next(iter(drawing.at.tracks.values())).bids[0].bidder
    content = form.DeclareRecusal("kin", bidder, told.digest)
    assert code(drawing.do("M2", content)) == "DisclosureMissing"
    assert code(drawing.do("M2", replace(content, bidder="nobody"))) == "UnknownBidder"
    drawing.must("M2", content, SESSION_STAGE, (told,))
    assert code(drawing.do("M2", form.DeclareRecusal("kin", "", b""))) == "UnknownAuthor"
    assert code(drawing.do("agent", cmd.LockRoster())) == "GuardUnmet"
    attested = cmd.BindSeat("M2", "code", drawing.attest("M2", "M2 again"))
    assert code(drawing.do("M2 again", attested)) == "SeatLeft"
    drawing.must("agent", form.CallReplacement("M2", "recused", (drawing.next_for("M2"),)))
    assert not drawing.at.seats["M2"].checked_in
    assert code(drawing.do("agent", cmd.LockRoster())) == "GuardUnmet"
    author = "M2 next"
    drawing.bind("M2", author)
    officer = f"keeper-{drawing.at.seats['M2'].venue}"
    drawing.must(officer, form.ConfirmIdentity("M2", "certificate", b"\x01" * 32))
    drawing.must(author, drawing.check_in_content())
    drawing.must("agent", cmd.LockRoster())


def test_a_member_who_checked_in_is_not_called_over(drawing: DrawWorld) -> None:
    drawing.to_locked()
    answer = drawing.do("agent", form.CallReplacement("M2", "no_show", (drawing.next_for("M2"),)))
    assert code(answer) == "AlreadyCheckedIn"


def test_a_late_recusal_replaces_at_once_and_voids_what_was_concluded(drawing: DrawWorld) -> None:
    drawing.to_sheets()
    track = next(iter(drawing.at.tracks.values()))
    for seat in drawing.members():
        assert isinstance(seal(drawing, seat), Entry)
    drawing.must("agent", cmd.CloseScoring(), drawing.stage(track.lot, track.envelope))
    drawing.must("M3", form.DeclareRecusal("interest", "", b""))
    content = form.ReplaceMember("M3", "M3b", "recused", (drawing.next_for("M3b", of="M3"),), ())
    drawing.must("agent", content)
    track = drawing.at.tracks[track.name]
    assert (track.phase, set(track.sheets)) == ("PRELIM", {"M1", "M2", "M4", "R1"})
    assert drawing.at.roster == ("M1", "M2", "M3b", "M4", "R1")
    assert code(reviewing.conclude(drawing)) == "GuardUnmet"
    drawing.seat_in("M3b")
    reviewing.pass_all(drawing)
    assert isinstance(reviewing.conclude(drawing), Entry)
    waiting = drawing.do("agent", cmd.CloseScoring(), drawing.stage(track.lot, track.envelope))
    assert code(waiting) == "GuardUnmet"
    assert isinstance(seal(drawing, "M3b"), Entry)
    drawing.must("agent", cmd.CloseScoring(), drawing.stage(track.lot, track.envelope))
    assert b'"replaced":[["M3","M3b"]]' in outcome(drawing.at, drawing.disclosed)


def test_after_scores_are_open_nobody_is_replaced(drawing: DrawWorld) -> None:
    drawing.to_sheets()
    track = next(iter(drawing.at.tracks.values()))
    for seat in drawing.members():
        seal(drawing, seat)
    drawing.must("agent", cmd.CloseScoring(), drawing.stage(track.lot, track.envelope))
    for seat in drawing.members():
        venue = drawing.at.venues[drawing.at.seats[seat].venue]
        node = "node-anhui" if venue.venue == "hefei" else f"node {venue.venue}"
        commitment = drawing.at.tracks[track.name].sheets[seat].commitment
        drawing.must(
            node, cmd.TryOpening(seat, commitment, "ok", ""), drawing.stage(track.lot, track.envelope)
        )
    content = form.ReplaceMember("M3", "M3b", "ill", (drawing.next_for("M3b", of="M3"),), ())
    assert code(drawing.do("agent", content)) == "ScoresShown"


def test_a_successor_takes_no_seat_that_is_taken_and_is_drawn(drawing: DrawWorld) -> None:
    drawing.to_locked()
    following = drawing.next_for("M3b", of="M3")
    taken = form.ReplaceMember("M3", "M4", "ill", (replace(following, seat="M4"),), ())
    assert code(drawing.do("agent", taken)) == "DuplicateId"
    assert code(drawing.do("agent", form.ReplaceMember("M3", "M3b", "ill", (), ()))) == "DrawMismatch"
    named = replace(drawing.hosts()[-1], seat="M3b")
    assert code(drawing.do("agent", form.ReplaceMember("M3", "M3b", "ill", (), (named,)))) == "NotDrawn"


def test_a_vote_that_only_who_left_decided_is_undone_and_the_bid_is_back(drawing: DrawWorld) -> None:
    drawing.to_chaired()
    reviewing.begin(drawing)
    bidders = [bid.bidder for bid in reviewing.track(drawing).bids]
    for bidder, yes in ((bidders[0], 3), (bidders[1], 4)):
        assert isinstance(reviewing.propose(drawing, "M1", bidder, "51-6"), Entry)
        reviewing.all_vote(drawing, bidder, "51-6", yes)
    assert {one.bidder for one in reviewing.track(drawing).rejected} == set(bidders[:2])
    following = drawing.next_for("M2b", of="M2")
    drawing.must("agent", form.ReplaceMember("M2", "M2b", "recused", (following,), ()))
    track = reviewing.track(drawing)
    assert {one.bidder for one in track.rejected} == {bidders[1]}
    assert all("M2" not in vote.ballots for vote in track.review.votes.values())
    drawing.seat_in("M2b")
    assert isinstance(reviewing.propose(drawing, "M2b", bidders[0], "51-6"), Entry)


def test_the_tenderee_names_another_representative(drawing: DrawWorld) -> None:
    drawing.to_locked()
    named = replace(drawing.hosts()[-1], seat="R2")
    drawing.must("agent", form.ReplaceMember("R1", "R2", "ill", (), (named,)))
    assert drawing.at.roster == ("M1", "M2", "M3", "M4", "R2")


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_replaced_members_rows_never_count(case: Case, data: st.DataObject) -> None:
    """Whoever leaves and whenever, whatever order the others act in: nothing of that seat is left."""
    world = DrawWorld(case)
    world.to_sheets()
    sealing = data.draw(st.permutations(world.members()))
    before = data.draw(st.integers(0, len(sealing)))
    for seat in sealing[:before]:
        seal(world, seat)
    gone = data.draw(st.sampled_from(["M1", "M2", "M3", "M4"]))
    successor = f"{gone}b"
    following = world.next_for(successor, of=gone)
    world.must("agent", form.ReplaceMember(gone, successor, "ill", (following,), ()))
    assert code(seal(world, gone)) == "UnknownAuthor"
    world.seat_in(successor)
    reviewing.pass_all(world)
    assert isinstance(reviewing.conclude(world), Entry)
    for seat in sealing[before:]:
        assert seat == gone or isinstance(seal(world, seat), Entry)
    track = next(iter(world.at.tracks.values()))
    assert gone not in track.sheets
    assert gone not in {seat.seat for seat in members(world.at)}
    assert gone not in world.at.drawn.ballot.votes
    assert world.at.drawn.chair in {"", *world.at.roster}
    assert not world.at.drawn.chair or gone != "M1"
    waiting = world.do("agent", cmd.CloseScoring(), world.stage(track.lot, track.envelope))
    assert isinstance(waiting, Refusal)
    assert successor in waiting.detail["en"]


# --- the chair ----------------------------------------------------------------------------------------------


def test_more_than_half_of_the_members_elect_the_chair(drawing: DrawWorld) -> None:
    drawing.to_locked()
    assert code(drawing.do("M1", form.ElectChair("M1", b""))) == "BallotClosed"
    drawing.must("agent", form.OpenChairBallot(secret=False))
    for seat in ("M1", "M2"):
        drawing.must(seat, form.ElectChair("M4", b""))
    assert drawing.at.drawn.chair == ""
    assert code(drawing.do("M1", form.ElectChair("M4", b""))) == "AlreadyDone"
    stage = drawing.stage("01", "1")
    reviewing.publish(drawing)
    for bid in reviewing.track(drawing).bids:
        reviewing.check_blind(drawing, bid.bidder)
    waiting = drawing.do("agent", cmd.BeginPreliminary(), stage)
    assert code(waiting) == "GuardUnmet"
    assert isinstance(waiting, Refusal)
    assert "chair" in waiting.detail["en"]
    drawing.must("M3", form.ElectChair("M4", b""))
    assert drawing.at.drawn.chair == "M4"
    drawing.must("agent", cmd.BeginPreliminary(), stage)


def test_a_ballot_without_a_majority_is_followed_by_another(drawing: DrawWorld) -> None:
    drawing.to_locked()
    drawing.must("agent", form.OpenChairBallot(secret=False))
    for seat, candidate in (("M1", "M1"), ("M2", "M2"), ("M3", "M3"), ("M4", "M4"), ("R1", "M1")):
        drawing.must(seat, form.ElectChair(candidate, b""))
    assert drawing.at.drawn.chair == ""
    drawing.must("agent", form.OpenChairBallot(secret=False))
    assert drawing.at.drawn.ballot.votes == {}


def test_a_secret_vote_is_opened_when_all_have_voted_and_is_the_one_given(drawing: DrawWorld) -> None:
    drawing.to_locked()
    drawing.must("agent", form.OpenChairBallot(secret=True))
    seats = drawing.members()
    for seat in seats:
        commitment = vote_commitment(drawing.session, 1, seat, "M2", salt(f"vote {seat}"))
        assert code(drawing.do(seat, form.OpenChairVote("M2", salt(f"vote {seat}")))) == "GuardUnmet"
        assert code(drawing.do(seat, form.ElectChair("M2", b""))) == "Malformed"
        drawing.must(seat, form.ElectChair("", commitment))
    assert code(drawing.do("M1", form.OpenChairVote("M1", salt("vote M1")))) == "VoteMismatch"
    for seat in seats[:3]:
        drawing.must(seat, form.OpenChairVote("M2", salt(f"vote {seat}")))
    assert drawing.at.drawn.chair == "M2"


@pytest.mark.parametrize(("regime", "may"), [("GOV_PROC", False), ("TENDER", True)])
def test_the_purchasers_representative_never_chairs_in_government_procurement(
    case: Case, regime: str, may: bool
) -> None:
    world = DrawWorld(case, regime)
    world.to_locked()
    world.must("agent", form.OpenChairBallot(secret=False))
    answer = world.do("M1", form.ElectChair("R1", b""))
    named = world.do("tenderee", form.NameChair("R1"))
    if may:
        assert isinstance(answer, Entry)
        assert isinstance(named, Entry)
    else:
        assert (code(answer), code(named)) == ("ChairNotAllowed", "ChairNotAllowed")


def test_a_chair_elected_by_the_vote_of_who_left_holds_the_office_no_more(drawing: DrawWorld) -> None:
    drawing.to_chaired()
    assert drawing.at.drawn.chair == "M1"
    following = drawing.next_for("M2b", of="M2")
    drawing.must("agent", form.ReplaceMember("M2", "M2b", "ill", (following,), ()))
    assert drawing.at.drawn.chair == ""
