"""Whom a played witness confirms: people who took a seat, by what the witness's own page shows."""

import pytest

from ops import places
from ops.people import script
from ops.people.deed import Recollection, Scene
from ops.people.roles.next import next_deed_of
from ops.senses import Dice
from protocol import commands as cmd
from protocol.commands_identity import ConfirmSeatKey
from protocol.projection import project
from protocol.words import SESSION_STAGE
from tests.protocol import voicing
from tests.protocol.world import World, key


@pytest.fixture
def world() -> World:
    """At the door: a member and the witness of its venue bound, the witness by certificate."""
    made = World(script.load(places.sample_case()), rules="4")
    made.to_check_in()
    for seat in (made.members()[0], witness_of(made)):
        made.must(seat, cmd.BindSeat(seat, "code", made.attest(seat, seat)))
    voicing.delegate(made, witness_of(made))
    return made


def witness_of(world: World) -> str:
    return f"witness-{world.at.seats[world.members()[0]].venue}"


def confirmed(world: World, *guests: str) -> str:
    """Whom the witness confirms next while these seats are people's; the rules take the act."""
    witness = witness_of(world)
    view = project.view(world.at, world.disclosed, "witness", witness)
    told = world.case, Dice("1"), world.now, Recollection()
    deed = next_deed_of(Scene(view, witness, "witness", *told, guests=frozenset(guests)))
    if deed is None or not isinstance(deed.content, ConfirmSeatKey):
        return ""
    world.must(witness, deed.content, SESSION_STAGE, deed.disclosures)
    return deed.content.seat


def test_a_witness_confirms_the_person_at_a_members_desk_once(world: World) -> None:
    member = world.members()[0]
    assert confirmed(world, member) == member
    found = world.at.identity.delegated[key(member)]
    assert (found.means, found.by) == ("desk", witness_of(world))
    assert confirmed(world, member) == ""


def test_a_stand_in_brings_a_certificate_and_is_confirmed_by_nobody(world: World) -> None:
    assert confirmed(world) == ""
    assert confirmed(world, witness_of(world)) == ""
