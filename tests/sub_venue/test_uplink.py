"""The uplink: whatever is cut, lost or refused for the moment, every act is answered once, in its order."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from msgspec.structs import replace

from protocol import commands as cmd
from protocol import wire
from protocol.link.feed import NOT_OURS_TRIES_MAX
from protocol.wire import Answer, Feed
from sub_venue.assembly import Node
from sub_venue.config import Bounds
from tests.protocol.world import World, key
from tests.sub_venue.conftest import Opens, fork
from tests.sub_venue.exchange import Exchange
from tests.sub_venue.page import WAIT_S, Page, open_page, signed

QUICK = Bounds(
    answer_wait_ms=200,
    submit_wait_ms=500,
    line_pause_ms=20,
    line_pause_ms_max=100,
    line_heartbeat_ms=500,
    line_look_ms=300,
)


@pytest.fixture
async def node(opens: Opens, exchange: Exchange, at_check_in: World) -> AsyncIterator[Node]:
    """上海's node beside a session at check-in; M2 sits here."""
    exchange.world = fork(at_check_in)
    async with opens("shanghai", exchange.port, QUICK) as found:
        await copied(found, exchange.world)
        yield found


@pytest.fixture
async def page(node: Node) -> AsyncIterator[Page]:
    async with open_page(node.door.port, "shanghai.localhost") as found:
        yield found


async def copied(node: Node, world: World) -> None:
    async with asyncio.timeout(WAIT_S):
        await node.copies.reached("s-1", len(world.entries))


async def answered(node: Node, author: str = "M2") -> list[Answer]:
    """Wait until every act of an author has its final answer."""
    async with asyncio.timeout(WAIT_S):
        for kept in node.journal.of_author("s-1", key(author)):
            await kept.settled.wait()
    return [kept.answer for kept in node.journal.of_author("s-1", key(author)) if kept.answer is not None]


def acts(world: World, count: int) -> list[tuple[str, wire.Submit]]:
    """A check-in, and further acts of the same author that the rules refuse one by one."""
    found = [world.command("M2", world.check_in_content()) for _ in range(count)]
    return [(command.command_id, signed(command, "M2")) for command in found]


async def test_an_answer_that_is_lost_is_asked_for_again_and_is_the_first_one(
    node: Node, exchange: Exchange, page: Page
) -> None:
    exchange.answers_lost = 2
    size = len(exchange.world.entries)
    ((name, message),) = acts(exchange.world, 1)
    await page.act(message)
    (answer,) = await answered(node)
    assert (answer.status, answer.seq) == ("accepted", size)
    assert exchange.submitted.count(name) >= 2
    assert len(exchange.world.entries) == size + 1


async def test_refusals_of_the_moment_are_not_answers(node: Node, exchange: Exchange, page: Page) -> None:
    exchange.for_the_moment = ["TooBusy", "NotDurable", "Stopping", "LineDown", "NotSignedIn"]
    ((name, message),) = acts(exchange.world, 1)
    await page.act(message)
    assert [one.status for one in await answered(node)] == ["accepted"]
    assert exchange.submitted.count(name) == 6


async def test_acts_kept_with_the_line_cut_go_up_in_their_order_when_it_is_back(
    node: Node, exchange: Exchange, page: Page
) -> None:
    await exchange.stop()
    sent = acts(exchange.world, 6)
    for _, message in sent:
        assert (await page.act(message)).status == "kept"
    await exchange.start()
    found = await answered(node)
    assert [one.command_id for one in found] == [name for name, _ in sent]
    assert exchange.submitted == [name for name, _ in sent]
    assert [one.status for one in found] == ["accepted"] + ["refused"] * 5
    assert [one.refused.code for one in found if one.refused] == ["AlreadyCheckedIn"] * 5


async def test_a_refused_act_never_blocks_those_behind_it(node: Node, exchange: Exchange, page: Page) -> None:
    world = exchange.world
    early = world.command("M2", cmd.SignReport(bytes(32)))
    late = world.command("M2", world.check_in_content())
    answers = [await page.act(signed(one, "M2")) for one in (early, late)]
    assert [one.status for one in answers] == ["refused", "accepted"]


async def test_what_was_pending_goes_up_after_the_node_itself_has_started_anew(
    opens: Opens, exchange: Exchange, at_check_in: World
) -> None:
    exchange.world = fork(at_check_in)
    async with opens("shanghai", exchange.port, QUICK) as node:
        await copied(node, exchange.world)
        await exchange.stop()
        async with open_page(node.door.port, "shanghai.localhost") as page:
            for _, message in acts(exchange.world, 3):
                assert (await page.act(message)).status == "kept"
    await exchange.start()
    async with opens("shanghai", exchange.port, QUICK) as again:
        found = await answered(again)
        assert [one.status for one in found] == ["accepted", "refused", "refused"]
        await copied(again, exchange.world)
        assert again.copies.state("s-1") == exchange.world.at


async def test_authors_do_not_wait_for_each_other(node: Node, exchange: Exchange, page: Page) -> None:
    world = exchange.world
    world.bind("witness-shanghai")
    exchange.grown()
    await copied(node, world)
    exchange.silent = True
    ((_, message),) = acts(world, 1)
    assert (await page.act(message)).status == "kept"
    exchange.silent = False
    other = world.command("witness-shanghai", world.check_in_content())
    answer = await page.act(signed(other, "witness-shanghai"))
    assert answer.refused is not None
    assert answer.refused.code == "NotAllowed"
    assert [one.status for one in await answered(node)] == ["accepted"]


async def test_what_came_while_the_line_was_cut_is_asked_for(node: Node, exchange: Exchange) -> None:
    await exchange.stop()
    exchange.world.bind("M4")
    exchange.world.bind("M5")
    await exchange.start()
    await copied(node, exchange.world)
    assert node.copies.state("s-1") == exchange.world.at


async def test_a_session_that_is_refused_for_the_moment_is_asked_for_again(
    node: Node, exchange: Exchange
) -> None:
    await exchange.stop()
    exchange.world.bind("M4")
    exchange.feeds_refused = ["TooBusy", "NotDurable", "Faulted"]
    await exchange.start()
    await copied(node, exchange.world)
    assert exchange.feeds_refused == []


async def test_a_coordinator_that_only_reads_behind_is_not_one_of_another_history(
    node: Node, exchange: Exchange
) -> None:
    await exchange.stop()
    exchange.feeds_refused = ["SeenUnknown"] * (NOT_OURS_TRIES_MAX - 1)
    exchange.world.bind("M4")
    await exchange.start()
    await copied(node, exchange.world)
    replica = node.copies.get("s-1")
    assert replica is not None
    assert replica.fault is None


async def test_a_push_that_was_lost_is_found_without_another_one(node: Node, exchange: Exchange) -> None:
    exchange.pushes_lost = True
    exchange.world.bind("M4")
    exchange.grown()
    await copied(node, exchange.world)
    assert node.copies.state("s-1") == exchange.world.at


async def test_a_push_with_a_gap_is_asked_for_and_entries_are_acknowledged_once_on_disk(
    node: Node, exchange: Exchange
) -> None:
    world = exchange.world
    world.bind("M4")
    size = len(world.entries)
    world.bind("M5")
    texts = tuple(raw.decode() for raw in world.entries[size:])
    await exchange.push(Feed("s-1", size, len(world.entries), texts, ()))
    await copied(node, world)
    world.bind("M1")
    await exchange.push(exchange.feed(size, key("node shanghai")))
    # Acknowledged means: it is in the copy, and the copy is on disk.
    assert node.copies.state("s-1") == world.at


async def test_a_forged_push_stops_the_copy_and_acts_are_refused_until_people_have_looked(
    node: Node, exchange: Exchange, page: Page
) -> None:
    world = exchange.world
    size = len(world.entries)
    good = fork(world)
    good.bind("M4")
    forged = good.entries[size].decode().replace('"means":"code"', '"means":"desk"')
    await exchange.push(Feed("s-1", size, size + 1, (forged,), ()))
    replica = node.copies.get("s-1")
    assert replica is not None
    assert replica.fault is not None
    assert replica.size == size
    ((_, message),) = acts(world, 1)
    assert await page.refused(wire.ACT, message) == "SeenUnknown"
    assert exchange.submitted == []


async def test_a_coordinator_that_has_forgotten_entries_is_not_believed(
    node: Node, exchange: Exchange
) -> None:
    await exchange.stop()
    world = exchange.world
    earlier = World(world.case, "s-1")
    earlier.now = world.now
    earlier.book()
    exchange.world = earlier
    replica = node.copies.get("s-1")
    assert replica is not None
    stopped = asyncio.Event()
    node.copies.listen(lambda _session: stopped.set())
    await exchange.start()
    await asyncio.wait_for(stopped.wait(), WAIT_S)
    assert replica.fault is not None
    assert replica.fault.code == "TwoHistories"
    assert replica.size == len(world.entries)


async def test_a_coordinator_of_another_installation_is_given_nothing(
    opens: Opens, exchange: Exchange
) -> None:
    exchange.installation_key = key("another")
    async with opens("shanghai", exchange.port, QUICK) as node:
        await asyncio.wait_for(exchange.hello.wait(), WAIT_S)
        await asyncio.sleep(0.1)
        assert not node.uplink.online


async def test_a_line_that_falls_silent_is_given_up_and_taken_up_again(
    node: Node, exchange: Exchange, page: Page
) -> None:
    """A forwarder is stopped: nothing is closed, nothing comes."""
    for environ in tuple(exchange._server.environ.values()):
        environ["aiohttp.request"].transport.pause_reading()
    exchange.hello.clear()
    await page.until(wire.LINE_STATE, lambda one: not one["online"], dict)
    await page.until(wire.LINE_STATE, lambda one: one["online"], dict)
    ((_, message),) = acts(exchange.world, 1)
    assert (await page.act(message)).status == "accepted"


async def test_disclosures_without_entries_are_news_too_and_pass_the_allow_table(
    node: Node, exchange: Exchange, page: Page
) -> None:
    world = exchange.world
    await page.prove("s-1", "M2")
    await page.follow("s-1")
    more = world.hide("person", "somebody more", "示例人员")
    await exchange.push(Feed("s-1", len(world.entries), len(world.entries), (), (more,)))
    news = await page.until(wire.NEWS, lambda one: one.lines == (), wire.News)
    replica = node.copies.get("s-1")
    assert replica is not None
    assert more.digest in replica.disclosed
    assert news.view.as_of.size == replica.size
    assert all(seat.person is None for seat in news.view.seats)


async def test_codes_and_sign_ins_need_the_line(node: Node, exchange: Exchange, page: Page) -> None:
    await exchange.stop()
    await page.until(wire.LINE_STATE, lambda one: not one["online"], dict)
    asked = wire.SignIn("s-1", "M2", "code-M2", key("spare"))
    assert await page.refused(wire.SIGN_IN, asked) == "LineDown"
    assert await page.refused(wire.SIGN_IN, replace(asked, seat="M3")) == "WrongVenue"
    assert await page.refused(wire.SIGN_IN, replace(asked, session="s-9")) == "UnknownSession"
