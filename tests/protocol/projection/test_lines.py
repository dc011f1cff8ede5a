"""A line says in public words what an entry is about, and to a bidder next to nothing."""

from protocol import entry
from protocol.ledger import tree
from protocol.plan.case import Case
from protocol.projection.lines import line
from protocol.session.apply import apply
from protocol.session.state import State
from protocol.views import Line
from protocol.words import Role
from tests.protocol.world import World


def lines(world: World, role: Role) -> list[Line]:
    state: State | None = None
    told = []
    for raw in world.entries:
        one = entry.decode(raw)
        state = apply(state, one, raw)
        told.append(line(state, one, tree.leaf_hash(raw), role))
    return told


def test_a_line_tells_where_its_author_stands_and_what_it_is_about(case: Case) -> None:
    world = World(case)
    world.to_archived()
    told = lines(world, "supervisor")
    by_act = {one.type: one for one in told}
    sealed = by_act["SealSheet"]
    assert (sealed.who, sealed.venue, sealed.role) == ("M5", "hangzhou", "expert")
    assert by_act["DrawK"].about == {"rate": "K", "k": "98"}
    assert by_act["ImportOpening"].about == {"bids": "5", "phase": "OPENED"}
    assert by_act["ReachMilestone"].about == {"milestone": "ranking_final", "owed": ""}
    assert by_act["TryOpening"].about["seat"] == "M5"
    assert (by_act["TryOpening"].who, by_act["TryOpening"].venue) == ("hangzhou", "hangzhou")
    assert by_act["LockRoster"].about == {"phase": "COMMITTEE_READY"}


def test_a_bidder_is_told_of_no_seat_and_no_venue(case: Case) -> None:
    world = World(case)
    world.to_archived()
    for one in lines(world, "bidder"):
        assert (one.who, one.venue, one.role, one.about) == ("", "", "", {})
