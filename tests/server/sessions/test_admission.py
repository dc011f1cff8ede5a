"""What the installation lets in: every hidden field travels with some act, and only with acts that exist."""

from typing import get_args

from protocol import commands as cmd
from protocol import hidden
from protocol.plan.case import Case
from protocol.refusals import TEXTS, refuse
from server.sessions import admission
from server.sessions.admission import Admission
from tests.protocol.session.drawing import PARTIES, VENUES, DrawWorld
from tests.protocol.world import key


def test_every_hidden_field_travels_with_an_act_that_has_a_form() -> None:
    carried = {field for fields in admission.CARRIES.values() for field in fields}
    assert carried == set(get_args(hidden.Field))
    assert set(admission.CARRIES) <= set(cmd.CONTENTS)


def test_refusals_that_are_noted_have_texts_and_name_acts_that_exist() -> None:
    assert set(admission.NOTED) <= set(TEXTS)
    assert all(types is None or types <= set(cmd.CONTENTS) for types in admission.NOTED.values())


def test_a_draw_is_of_nodes_and_offices_that_the_installation_knows(case: Case) -> None:
    world = DrawWorld(case)
    content, _ = world.book_content()
    genesis = world.command("agent", content)
    nodes = [key(one.party) for one in PARTIES if one.role == "venue"] + [key("node nanjing")]
    office = key("office")
    alone = Admission(key("installation"), nodes, lambda _: True)
    assert alone.refuses(genesis) == refuse("UnknownVenue", venue="office")
    knowing = Admission(key("installation"), nodes, lambda _: True, (office,))
    assert knowing.refuses(genesis) is None
    freezing = world.command("agent", world.freeze_content())
    assert knowing.refuses(freezing) == refuse("UnknownVenue", venue="suzhou")
    standing = [*nodes, *(venue.node_key for venue in VENUES)]
    assert Admission(key("installation"), standing, lambda _: True).refuses(freezing) is None


def test_in_production_no_opening_is_imported(case: Case) -> None:
    world = DrawWorld(case)
    content = cmd.ImportOpening("case", bytes(32), "hefei", ())
    imported = world.command("agent", content)
    assert Admission(key("installation"), (), lambda _: True).refuses(imported) is None
    real = Admission(key("installation"), (), lambda _: True, imports=False)
    assert real.refuses(imported) == refuse("OpeningSealed")
