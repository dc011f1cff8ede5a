"""「两随机四不知」 as what flows where: until check-in opens nobody learns what must not be known.

The main venue does not know the sub-venues, the sub-venues not the project, the staff not the experts,
the experts not the project; bidders' names come after the undertaking.
"""

import pytest
from msgspec.structs import replace

from protocol import canonical, entry
from protocol import commands as cmd
from protocol.chance import Share
from protocol.entry import Entry
from protocol.plan.case import Case
from protocol.pool.expert import Expert
from protocol.projection import project, recusal, visibility
from protocol.words import PERSON_ROLES, Role
from tests.protocol.session.drawing import PARTIES, VENUES, DrawWorld

ROLES = frozenset(PERSON_ROLES)


@pytest.fixture
def before(case: Case) -> DrawWorld:
    """Drawn and opened; check-in has not begun."""
    world = DrawWorld(replace(case, plan=replace(case.plan, hide_names=False)))
    world.to_drawn()
    world.open_bids("01", "1")
    world.draw("01", "1")
    return world


@pytest.fixture
def after(before: DrawWorld) -> DrawWorld:
    before.must("agent", cmd.OpenCheckIn())
    return before


def handed(world: DrawWorld, role: Role, province: str) -> set[str]:
    """The fields of which a node gets any value, that seats this role in this province."""
    given = visibility.releasable(world.at, world.disclosed, frozenset({role}), province)
    return {one.field for one in given.values()}


def test_the_main_venue_does_not_know_the_sub_venues(before: DrawWorld) -> None:
    """Candidates stand in the record; which of them were drawn hangs on shares that nobody there is given."""
    assert set(before.at.venues) == {"hefei"}
    for role in ROLES:
        assert "draw_share" not in handed(before, role, "anhui")
    for role in PERSON_ROLES:
        shown = project.view(before.at, before.disclosed, role, "agent")
        assert {venue.venue for venue in shown.venues} <= {"hefei"}
    told = b"".join(before.entries)
    for one in PARTIES:
        assert canonical.encode(before.share(one.party).random).strip(b'"') not in told


def test_the_sub_venues_do_not_know_the_project(before: DrawWorld) -> None:
    """No node of a sub-venue is in the session yet, and no entry names the project."""
    speakers = {who.seat for who in before.at.keys.values()}
    assert speakers.isdisjoint(venue.venue for venue in VENUES if venue.role == "sub")
    told = b"".join(before.entries).decode()
    assert before.plan.title not in told
    assert not any(bidder.name in told for bidder in before.case.bidders)
    away: tuple[Role, ...] = ("expert", "witness", "keeper")
    for role in away:
        assert "plan" not in handed(before, role, "jiangsu")


def test_the_staff_does_not_know_the_experts(before: DrawWorld) -> None:
    told = b"".join(before.entries).decode()
    for leaf in before.roll.eligible:
        assert canonical.encode(leaf.person).decode().strip('"') not in told
    for role in ROLES:
        for province in ("anhui", "jiangsu", "shanghai"):
            assert handed(before, role, province).isdisjoint({"person", "pool", "facts", "draw_share"})
    assert all(seat.kind != "expert" for seat in before.at.seats.values())


def test_the_experts_do_not_know_the_project(before: DrawWorld) -> None:
    for province in ("anhui", "jiangsu", "shanghai"):
        assert handed(before, "expert", province) == set()
    shown = project.view(before.at, before.disclosed, "expert", "M1")
    assert (shown.title, shown.undertaking) == (None, None)


def test_once_check_in_opens_whoever_watches_can_run_the_draw_again(after: DrawWorld) -> None:
    watching: tuple[Role, ...] = ("agent", "witness", "supervisor")
    for role in watching:
        given = visibility.releasable(after.at, after.disclosed, frozenset({role}), "anhui")
        shares = [given.value(one.digest, Share) for one in given.values() if one.field == "draw_share"]
        assert {share.party for share in shares} == {one.party for one in PARTIES}
    assert "draw_share" not in handed(after, "expert", "anhui")
    assert "draw_share" not in handed(after, "keeper", "anhui")


def test_what_is_known_of_an_expert_stays_with_the_province_and_the_main_venues(after: DrawWorld) -> None:
    after.must("agent", after.publish_content())
    for province in ("anhui", "jiangsu", "shanghai"):
        given = visibility.releasable(after.at, after.disclosed, frozenset({"supervisor"}), province)
        of = {given.value(one.digest, Expert).province for one in given.values() if one.field == "facts"}
        drawn = {taken.leaf.province for taken in after.at.drawn.taken.values()}
        assert of == (drawn if province == "anhui" else drawn & {province})
    assert "facts" not in handed(after, "agent", "anhui")


def test_bidders_names_come_after_the_undertaking_and_without_their_codes(after: DrawWorld) -> None:
    after.must("agent", after.publish_content())
    assert recusal.bidders_to_think_of(after.at, after.disclosed, "M1") == ()
    after.seat_in("M1")
    named = recusal.bidders_to_think_of(after.at, after.disclosed, "M1")
    assert named == tuple(sorted(bidder.name for bidder in after.case.bidders))
    assert recusal.bidders_to_think_of(after.at, after.disclosed, "M2") == ()
    assert recusal.bidders_to_think_of(replace(after.at, names_hidden=True), after.disclosed, "M1") == ()


def test_an_entry_of_the_draw_never_holds_a_name(after: DrawWorld) -> None:
    one = after.must("agent", after.publish_content())
    assert isinstance(one, Entry)
    raw = entry.encode(one).decode()
    assert "专家" not in raw
    assert "设计院" not in raw
