"""The draw as a conversation: frozen, committed, revealed, drawn, published; every turn it must refuse."""

import pytest
from msgspec.structs import replace

from protocol import canonical, entry, hidden
from protocol import commands as cmd
from protocol import commands_draw as form
from protocol.commands_draw import DrawnMember, SeatWanted
from protocol.entry import Entry
from protocol.plan.case import Case
from protocol.pool import roll
from protocol.refusals import Refusal
from protocol.session import draw
from protocol.session.apply import replay_one
from protocol.session.state import State
from protocol.words import SESSION_STAGE
from tests.protocol.session.drawing import PARTIES, DrawWorld
from tests.protocol.world import salt


@pytest.fixture
def drawing(case: Case) -> DrawWorld:
    return DrawWorld(case)


def code(answer: Entry | Refusal) -> str:
    assert isinstance(answer, Refusal), answer
    return answer.code


def test_a_drawn_committee_goes_through_the_door_and_begins(drawing: DrawWorld) -> None:
    drawing.to_sheets()
    assert drawing.at.phase == "COMMITTEE_READY"
    assert drawing.at.roster == ("M1", "M2", "M3", "M4", "R1")
    state: State | None = None
    for raw in drawing.entries:
        state = replay_one(state, entry.decode(raw), raw)
    assert state == drawing.at


def test_before_check_in_opens_the_record_names_no_venue_and_nobody(drawing: DrawWorld) -> None:
    drawing.to_drawn()
    assert set(drawing.at.venues) == {"hefei"}
    assert drawing.at.drawn.taken == {}
    told = b"".join(drawing.entries)
    for leaf in drawing.roll.eligible:
        assert leaf.person.hex().encode() not in told
    assert drawing.at.drawn.seed == b""
    shares = [canonical.encode(drawing.share(one.party).random) for one in PARTIES]
    assert not any(share.strip(b'"') in told for share in shares)


def test_a_roll_whose_root_or_filter_is_not_what_it_says_is_refused(drawing: DrawWorld) -> None:
    drawing.book()
    content = drawing.freeze_content()
    assert code(drawing.freeze(replace(content, root=bytes(32)))) == "PoolMismatch"
    counted = (replace(content.strata[0], left=content.strata[0].left + 1), *content.strata[1:])
    assert code(drawing.freeze(replace(content, strata=counted))) == "PoolMismatch"
    gone = drawing.roll.left[0]
    eligible = tuple(sorted((*drawing.roll.eligible, gone.leaf), key=roll.order))
    drawing.roll = replace(drawing.roll, eligible=eligible, left=drawing.roll.left[1:])
    drawing.pool = hidden.disclose("pool", salt("pool"), drawing.roll)
    assert code(drawing.freeze()) == "FilterMismatch"


def test_every_province_and_a_supervisor_take_part(drawing: DrawWorld) -> None:
    drawing.book()
    content = drawing.freeze_content()
    for left_out in PARTIES[1:]:
        fewer = tuple(one for one in PARTIES if one != left_out)
        assert code(drawing.freeze(replace(content, parties=fewer))) == "PartiesMissing"
    stranger = replace(PARTIES[0], party="node-else")
    assert code(drawing.freeze(replace(content, parties=(*PARTIES, stranger)))) == "PartyUnknown"


def test_a_stratum_too_small_for_the_seats_is_refused_before_any_chance(drawing: DrawWorld) -> None:
    drawing.book()
    content = drawing.freeze_content()
    many = tuple(SeatWanted(f"X{number}", "sub-1", "B01") for number in range(9))
    answer = drawing.freeze(replace(content, seats=(*content.seats, *many)))
    assert code(answer) == "PoolTooSmall"


def test_nobody_reveals_before_all_have_committed_and_nothing_else_than_committed(drawing: DrawWorld) -> None:
    drawing.book()
    drawing.freeze()
    drawing.commit("office")
    assert code(drawing.reveal("office")) == "SharesAwaited"
    assert code(drawing.commit("office")) == "AlreadyDone"
    for one in PARTIES[:-1]:
        drawing.commit(one.party)
    other = hidden.disclose(
        "draw_share", salt("share office"), replace(drawing.share("office"), random=bytes(32))
    )
    content = form.RevealDrawSeed(drawing.draw_id, other.digest)
    assert code(drawing.do("office", content, SESSION_STAGE, (other,))) == "ShareMismatch"
    assert code(drawing.do("office", form.RevealDrawSeed("draw-1", drawing.told_share("office").digest))) == (
        "DisclosureMissing"
    )
    assert isinstance(drawing.reveal("office"), Entry)


def test_a_commitment_copied_from_another_party_is_refused(drawing: DrawWorld) -> None:
    drawing.book()
    drawing.freeze()
    copied = drawing.told_share("node-anhui")
    drawing.commit("node-anhui")
    assert code(drawing.do("office", form.CommitDrawSeed("draw-1", copied.digest))) == "ShareMismatch"


def test_a_share_made_in_another_partys_name_is_refused(drawing: DrawWorld) -> None:
    drawing.book()
    drawing.freeze()
    forged = hidden.disclose("draw_share", salt("forged"), drawing.share("node-anhui"))
    drawing.do("office", form.CommitDrawSeed("draw-1", forged.digest))
    for one in PARTIES[:-1]:
        drawing.commit(one.party)
    answer = drawing.do("office", form.RevealDrawSeed("draw-1", forged.digest), SESSION_STAGE, (forged,))
    assert code(answer) == "ShareMismatch"


def test_a_draw_waits_for_every_share_and_a_withheld_one_is_named_when_it_is_frozen_anew(
    drawing: DrawWorld,
) -> None:
    drawing.book()
    drawing.freeze()
    for one in PARTIES:
        drawing.commit(one.party)
    for one in PARTIES[:-1]:
        drawing.reveal(one.party)
    assert code(drawing.do("agent", form.DrawVenues("draw-1"))) == "SharesAwaited"
    assert code(drawing.freeze()) == "DuplicateId"
    drawing.draw_id = "draw-2"
    assert isinstance(drawing.freeze(), Entry)
    assert drawing.at.drawn.frozen is not None
    assert drawing.at.drawn.frozen.withheld == ("office",)
    assert drawing.at.drawn.commitments == {}


def test_a_draw_whose_shares_are_all_in_is_never_made_again(drawing: DrawWorld) -> None:
    drawing.book()
    drawing.freeze()
    for act in (drawing.commit, drawing.reveal):
        for one in PARTIES:
            act(one.party)
    drawing.draw_id = "draw-2"
    assert code(drawing.freeze()) == "AlreadyDone"


def test_whoever_is_shown_must_be_the_one_drawn(drawing: DrawWorld) -> None:
    drawing.to_drawn()
    drawing.open_bids("01", "1")
    drawing.draw("01", "1")
    drawing.must("agent", cmd.OpenCheckIn())
    content = drawing.publish_content()
    first, second = content.members[0], content.members[1]
    swapped = (DrawnMember(first.seat, second.leaf, second.proof), *content.members[1:])
    assert code(drawing.do("agent", replace(content, members=swapped))) == "DrawMismatch"
    assert code(drawing.do("agent", replace(content, members=content.members[1:]))) == "DrawMismatch"
    forged = (replace(content.shares[0], random=bytes(32)), *content.shares[1:])
    assert code(drawing.do("agent", replace(content, shares=forged))) == "ShareMismatch"
    assert code(drawing.do("agent", replace(content, shares=content.shares[1:]))) == "SharesAwaited"
    assert isinstance(drawing.do("agent", content), Entry)
    assert code(drawing.do("agent", content)) == "AlreadyDone"


def test_an_expert_cannot_be_named_where_experts_are_drawn(drawing: DrawWorld) -> None:
    drawing.book()
    drawing.freeze()
    for act in (drawing.commit, drawing.reveal):
        for one in PARTIES:
            act(one.party)
    drawing.must("agent", form.DrawVenues("draw-1"))
    named = tuple(replace(one, kind="expert") if one.seat == "R1" else one for one in drawing.hosts())
    assert code(drawing.do("agent", form.DrawCommittee("draw-1", named))) == "NotDrawn"


def test_who_does_not_come_is_followed_by_the_next_of_the_same_order(drawing: DrawWorld) -> None:
    """Called before anybody knows who, and after: both take the next number, in the order of the record."""
    drawing.to_drawn()
    drawing.must("agent", form.CallReplacement("M2", "refused", ()))
    drawing.open_bids("01", "1")
    drawing.draw("01", "1")
    drawing.must("agent", cmd.OpenCheckIn())
    drawing.must("agent", drawing.publish_content())
    frozen = drawing.at.drawn.frozen
    assert frozen is not None
    venue = drawing.at.drawn.taken["M2"].venue
    province = next(one.province for one in frozen.venues if one.venue == venue)
    stratum = next(s for s in frozen.strata if (s.province, s.speciality) == (province, "A08"))
    order = draw.drawn_order(drawing.at.drawn.seed, ["stratum", province, "A08"], stratum.eligible)
    mine = [take for take in drawing.at.drawn.takes if take.speciality == "A08" and take.place == "sub-1"]
    assert len(mine) == 2
    used = drawing.at.drawn.taken["M2"].index
    assert used in order
    before = drawing.at.seats["M2"].person
    following = drawing.next_for("M2")
    wrong = replace(following, leaf=drawing.roll.eligible[0])
    assert code(drawing.do("agent", form.CallReplacement("M2", "no_show", (wrong,)))) == "DrawMismatch"
    drawing.must("agent", form.CallReplacement("M2", "no_show", (following,)))
    assert drawing.at.seats["M2"].person not in (before, b"")
    assert order.index(drawing.at.drawn.taken["M2"].index) > order.index(used)


def test_a_stratum_called_empty_says_so(drawing: DrawWorld) -> None:
    drawing.to_drawn()
    answers = [drawing.do("agent", form.CallReplacement("M3", "refused", ())) for _ in range(9)]
    refused = [one.code for one in answers if isinstance(one, Refusal)]
    assert refused
    assert set(refused) == {"PoolExhausted"}


def test_venues_or_seats_named_twice_are_refused(drawing: DrawWorld) -> None:
    drawing.book()
    content = drawing.freeze_content()
    assert (
        code(drawing.freeze(replace(content, venues=(*content.venues, content.venues[1])))) == "DuplicateId"
    )
    assert code(drawing.freeze(replace(content, seats=(*content.seats, content.seats[0])))) == "DuplicateId"
    assert code(drawing.freeze(replace(content, subs=4))) == "VenuesTooFew"
