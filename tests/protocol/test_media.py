"""The allow-table of pictures and sound: every pair of roles in every phase."""

from typing import get_args

import pytest

from protocol import media
from protocol.media import COMMITTEE, HELD, OPENING, SEATED, Present, Table
from protocol.words import Role, SessionPhase

ROLES: tuple[Role, ...] = get_args(Role)
PHASES: tuple[SessionPhase, ...] = get_args(SessionPhase)
ALWAYS = {("supervisor", owner) for owner in media.SENDS} | {
    (viewer, owner)
    for viewer in ("agent", "witness")
    for owner in ("agent", "tenderee", "witness", "supervisor", "keeper", "venue")
} | {("tenderee", one) for one in ("agent", "witness", "supervisor")} | {
    ("keeper", one) for one in ("agent", "witness", "keeper", "venue")
}  # fmt: skip
EXPECTED: dict[tuple[str, str], tuple[SessionPhase, ...]] = {
    **dict.fromkeys(ALWAYS, HELD),
    ("witness", "expert"): SEATED,
    ("agent", "expert"): SEATED,
    ("expert", "agent"): SEATED,
    ("expert", "witness"): SEATED,
    ("expert", "expert"): COMMITTEE,
    ("witness", "bidder"): OPENING,
    ("agent", "bidder"): OPENING,
    ("bidder", "agent"): OPENING,
    ("bidder", "tenderee"): OPENING,
}


def _table(phase: SessionPhase, *roles: Role) -> Table:
    people = tuple(
        Present(media.token_digest(f"{role}{number}"), f"{role}-{number}", role, "hefei")
        for number, role in enumerate(roles)
    )
    return Table(1, "s", 9, phase, people)


@pytest.mark.parametrize("viewer", ROLES)
@pytest.mark.parametrize("owner", ROLES)
def test_each_pair_of_roles_is_shown_what_the_table_says_and_nothing_else(viewer: Role, owner: Role) -> None:
    for phase in PHASES:
        table = _table(phase, viewer, owner)
        name = "room.hefei" if owner == "venue" else f"camera.{owner}-1"
        source = media.read_source(name)
        assert source is not None
        person = media.who(table, f"{viewer}0")
        assert person is not None
        assert media.may_see(table, person, source) is (phase in EXPECTED.get((viewer, owner), ()))


def test_experts_never_see_bidders_nor_bidders_experts_nor_a_room() -> None:
    assert "bidder" not in media.SEES["expert"]
    assert {"expert", "venue"}.isdisjoint(media.SEES["bidder"])


def test_each_sends_its_own_and_a_venue_its_room() -> None:
    table = _table("CHECKIN", "expert", "venue")
    expert, venue = table.people
    sources = {
        name: media.read_source(name) for name in ("camera.expert-0", "screen.expert-0", "camera.venue-1")
    }
    room, elsewhere = media.read_source("room.hefei"), media.read_source("room.nanjing")
    assert room is not None
    assert elsewhere is not None
    told = {
        name: source is not None and media.may_publish(table, expert, source)
        for name, source in sources.items()
    }
    assert told == {"camera.expert-0": True, "screen.expert-0": True, "camera.venue-1": False}
    assert media.may_publish(table, venue, room)
    assert not media.may_publish(table, venue, elsewhere)
    assert not media.may_publish(table, expert, room)
    assert not media.may_publish(_table("ARCHIVED", "venue"), venue, room)


def test_a_source_whose_owner_is_not_there_is_shown_to_nobody() -> None:
    table = _table("CHECKIN", "supervisor")
    source = media.read_source("camera.expert-1")
    assert source is not None
    assert not media.may_see(table, table.people[0], source)


def test_a_strange_name_is_no_source_and_a_strange_secret_nobody() -> None:
    for name in ("", "camera.", "camera.-a", "mic.x", "camera.x/y", "camera.x\n", "room." + "a" * 65):
        assert media.read_source(name) is None
    assert media.who(_table("CHECKIN", "agent"), "guess") is None


def test_a_camera_of_the_venue_is_nobodys_that_has_to_be_masked() -> None:
    people = _table("CHECKIN", "expert", "agent", "venue").people
    for seat, by_venue in (("expert-0", False), ("agent-1", True)):
        source = media.Source("camera", seat)
        camera = Present(media.token_digest(f"camera of {seat}"), "", "venue", "hefei", source.name)
        table = Table(1, "s-1", 1, "CHECKIN", (*people, camera))
        page = next(one for one in people if one.seat == seat)
        assert media.may_publish(table, camera, source) is by_venue
        assert media.is_by_venue(table, source) is by_venue
        assert media.may_publish(table, page, source) is not by_venue
