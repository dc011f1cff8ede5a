"""Who follows a session while its committee is drawn, and what they are given."""

import pytest

from protocol.commands_draw import CallReplacement
from protocol.plan.case import Case
from protocol.projection.visibility import releasable
from server.fanout import audience
from tests.protocol.session.drawing import PROVINCES, VENUES, DrawWorld
from tests.protocol.world import key

HOME = key("node-anhui")
NODES = frozenset(key(f"node-{province}") for province in PROVINCES)


@pytest.fixture
def world(case: Case) -> DrawWorld:
    made = DrawWorld(case)
    made.book()
    return made


def test_nodes_of_parties_follow_from_the_freezing_to_the_draw_and_are_shown_nothing_hidden(
    world: DrawWorld,
) -> None:
    assert audience.node_keys(world.at, HOME) == {HOME}
    world.freeze()
    assert audience.node_keys(world.at, HOME) == NODES
    for node in NODES - {HOME}:
        assert audience.roles_at(world.at, HOME, node) == frozenset()
        roles = audience.roles_at(world.at, HOME, node)
        held = releasable(world.at, world.disclosed, roles, audience.province_at(world.at, node))
        assert len(held) == 0


def test_with_the_draw_the_main_venue_alone_follows_until_the_result_is_shown(case: Case) -> None:
    world = DrawWorld(case)
    world.to_drawn()
    assert audience.node_keys(world.at, HOME) == {HOME}
    world.must("agent", CallReplacement("M2", "unreachable", ()))
    assert audience.node_keys(world.at, HOME) == {HOME}
    shown = DrawWorld(case)
    shown.to_published()
    follow = audience.node_keys(shown.at, HOME)
    assert follow == {venue.node_key for venue in shown.at.venues.values()}
    assert len(follow) == 3 < len(VENUES)
