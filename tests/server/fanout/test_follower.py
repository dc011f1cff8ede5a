"""Who may follow, what each node is given, and that nobody's place is lost."""

import asyncio
from pathlib import Path

import pytest
from msgspec.structs import replace

from protocol import commands as cmd
from protocol.hidden import Disclosure
from protocol.session.state import State
from protocol.wire import Feed
from server.fanout import audience
from server.fanout.bus import LocalBus
from tests.protocol.world import key
from tests.server.acting import Script, binding
from tests.server.fanout.hall import Hall, hall_of, whole

HEFEI, NANJING, SHANGHAI = (key(f"node {node}") for node in ("hefei", "nanjing", "shanghai"))
# --- who ----------------------------------------------------------------------------------------


def test_before_the_roster_only_the_booking_node_follows_as_the_agents(script: Script) -> None:
    script.book()
    assert audience.node_keys(script.at, HEFEI) == {HEFEI}
    assert audience.roles_at(script.at, HEFEI, HEFEI) == {"agent"}
    assert audience.roles_at(script.at, HEFEI, NANJING) == frozenset()


def test_from_the_roster_on_its_venues_follow_with_the_roles_they_seat(script: Script) -> None:
    script.book()
    script.import_committee()
    assert audience.node_keys(script.at, key("node elsewhere")) == {
        key(f"node {venue.id}") for venue in script.case.venues
    }
    assert audience.roles_at(script.at, HEFEI, HEFEI) >= {"agent", "tenderee", "expert"}
    assert audience.roles_at(script.at, HEFEI, NANJING) == {"expert", "witness", "supervisor"}
    assert audience.roles_at(script.at, HEFEI, key("node elsewhere")) == frozenset()


def test_a_reserve_that_is_not_called_in_seats_no_role(script: Script) -> None:
    script.book()
    script.import_committee()
    seats = {
        name: replace(seat, reserve=True) if seat.venue == "nanjing" and seat.role != "witness" else seat
        for name, seat in script.at.seats.items()
    }
    state: State = replace(script.at, seats=seats)
    assert audience.roles_at(state, HEFEI, NANJING) == {"witness"}


# --- what ---------------------------------------------------------------------------------------


class ExpertsOnly(Script):
    """A session whose sub-venues seat experts and nobody else."""

    def committee_content(self) -> tuple[cmd.ImportCommittee, tuple[Disclosure, ...]]:
        content, disclosures = super().committee_content()
        kept = tuple(
            s for s in content.seats if s.role not in ("witness", "supervisor") or s.venue == "hefei"
        )
        people = {seat.person for seat in kept}
        told = tuple(d for d in disclosures if d.field != "person" or d.digest in people)
        return replace(content, seats=kept), told


async def test_a_node_is_given_what_its_roles_may_see_and_when(hall: Hall, script: Script) -> None:
    script = ExpertsOnly(script.case)
    script.to_archived()
    nanjing, hefei = hall.enter("n", "nanjing"), hall.enter("h", "hefei")
    given: dict[str, set[str]] = {}
    fields: dict[str, dict[str, set[str]]] = {"n": {}, "h": {}}
    for submit in script.submits:
        await hall.house.accept(submit)
        for occupant in (nanjing, hefei):
            feed = await hall.followers.follow(occupant, script.session, 0)
            if isinstance(feed, Feed):
                given[occupant.sid] = {one.field for one in feed.disclosures}
                act = cmd.parse(submit.command.encode()).type
                fields[occupant.sid].setdefault(act, given[occupant.sid])
    assert "ImportOpening" in fields["n"]
    assert fields["n"]["ImportCommittee"] == set()
    assert fields["n"]["ImportOpening"] == set()
    assert fields["h"]["ImportOpening"] >= {"plan", "price", "bidder_name", "quantities"}
    assert fields["n"]["CheckIn"] == {"plan"}
    assert fields["n"]["SealSheet"] == {"plan"}
    assert fields["n"]["TryOpening"] == {"plan"}
    assert "sheet" not in fields["h"]["OpenSheet"]
    assert given["n"] == {"plan", "price", "quantities", "sheet", "tally", "report"} | (
        set() if script.plan.hide_names else {"bidder_name"}
    )
    assert "person" in given["h"]


async def test_an_opening_reaches_nobody_before_the_last_is_in(hall: Hall, script: Script) -> None:
    script.to_archived()
    hefei = hall.enter("h", "hefei")
    shown = []
    for submit in script.submits:
        await hall.house.accept(submit)
        if cmd.parse(submit.command.encode()).type == "OpenSheet":
            feed = await hall.followers.follow(hefei, script.session, 0)
            assert isinstance(feed, Feed)
            shown.append(sum(one.field == "sheet" for one in feed.disclosures))
    members = len(script.members())
    assert shown == [0] * (members - 1) + [members]


async def test_each_disclosure_is_handed_over_once_on_a_socket(hall: Hall, script: Script) -> None:
    script.to_archived()
    await hall.house.accept(script.submits[0])
    hefei = hall.enter("h", "hefei")
    first = await hall.followers.follow(hefei, script.session, 0)
    assert isinstance(first, Feed)
    for submit in script.submits[1:]:
        await hall.house.accept(submit)
    feeds = await hall.has("h", script.at.size)
    digests = [one.digest for feed in feeds for one in feed.disclosures]
    assert len(digests) == len(set(digests))
    assert len(digests) + len(first.disclosures) == len(script.held)


# --- every seq ----------------------------------------------------------------------------------


async def test_every_follower_gets_every_seq_in_order(hall: Hall, script: Script) -> None:
    script.to_check_in()
    await hall.house.play(script)
    size = script.at.size
    for number, node in enumerate(("hefei", "nanjing", "shanghai")):
        await hall.followers.follow(hall.enter(node, node), script.session, size - number)
    acts = [binding(script, "M1", f"key-{n}") for n in range(50)]
    await asyncio.gather(*map(hall.house.accept, acts))
    stored = [raw.decode() for raw in await hall.house.store.entries(script.session, size, 1_000)]
    for node in ("hefei", "nanjing", "shanghai"):
        assert whole(await hall.has(node, size + 50)) == stored


async def test_a_lost_hint_is_made_up_for_by_the_next(
    hall: Hall, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    script.to_check_in()
    await hall.house.play(script)
    size = script.at.size
    await hall.followers.follow(hall.enter("n", "nanjing"), script.session, size)
    with monkeypatch.context() as lost:
        lost.setattr(LocalBus, "hint", lambda *_: None)
        await hall.house.accept(binding(script, "M1", "key-1"))
    assert hall.far["n"].feeds == []
    await hall.house.accept(binding(script, "M1", "key-2"))
    assert len(whole(await hall.has("n", size + 2))) == 2


async def test_a_session_is_given_unasked_to_a_node_that_comes_to_be_of_it(
    hall: Hall, script: Script
) -> None:
    script.to_check_in()
    hall.enter("n", "nanjing")
    hall.enter("s", "shanghai")
    hall.followers.tell("n", frozenset())
    hall.followers.tell("s", frozenset({script.session}))
    await hall.house.play(script)
    assert len(whole(await hall.has("n", script.at.size))) == script.at.size
    assert hall.far["s"].feeds == []


async def test_a_node_that_comes_back_is_given_nothing_before_it_asks(hall: Hall, script: Script) -> None:
    script.to_check_in()
    await hall.house.play(script)
    size = script.at.size
    back = hall.enter("n", "nanjing")
    hall.followers.listing("n")
    await hall.house.accept(binding(script, "M1", "key-1"))
    hall.followers.tell("n", frozenset({script.session}))
    assert hall.far["n"].feeds == []
    feed = await hall.followers.follow(back, script.session, size)
    assert isinstance(feed, Feed)
    assert (feed.since, len(feed.entries)) == (size, 1)
    await hall.house.accept(binding(script, "M1", "key-2"))
    assert [one.since for one in await hall.has("n", size + 2)] == [size + 1]


async def test_a_session_that_a_node_comes_to_be_of_while_its_list_is_made_is_given_to_it(
    hall: Hall, script: Script
) -> None:
    script.to_check_in()
    hall.enter("n", "nanjing")
    hall.followers.listing("n")
    await hall.house.play(script)
    hall.followers.tell("n", frozenset())
    assert len(whole(await hall.has("n", script.at.size))) == script.at.size


async def test_a_socket_that_is_gone_is_followed_no_more(hall: Hall, script: Script) -> None:
    script.to_check_in()
    await hall.house.play(script)
    size = script.at.size
    for sid in ("n", "s"):
        await hall.followers.follow(hall.enter(sid, "nanjing"), script.session, size)
    hall.leave("n")
    await hall.house.accept(binding(script, "M1", "key-1"))
    await hall.has("s", size + 1)
    assert hall.far["n"].feeds == []
    assert hall.house.meters.registry.get_sample_value("tongchang_followers") == 1


@pytest.mark.parametrize("feed_bytes_max", [1, 1_000, 20_000])
async def test_pieces_of_any_size_come_to_the_whole(
    tmp_path: Path, script: Script, feed_bytes_max: int
) -> None:
    async with hall_of(tmp_path, feed_bytes_max=feed_bytes_max) as hall:
        script.to_archived()
        await hall.house.play(script)
        first = await hall.followers.follow(hall.enter("h", "hefei"), script.session, 0)
        assert isinstance(first, Feed)
        feeds = await hall.has("h", script.at.size)
        entries = [*first.entries, *whole(feeds)]
        assert entries == [raw.decode() for raw in await hall.house.store.entries(script.session, 0, 1_000)]
