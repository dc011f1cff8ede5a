"""The talk-room at a venue's node: what its pages are told, and help that is called with the line cut."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from protocol import talk
from protocol.talk import HelpCall, TalkDo, TalkRoom, TalkWanted
from sub_venue.assembly import Node
from tests.protocol.world import World
from tests.sub_venue.conftest import Opens, fork
from tests.sub_venue.exchange import Exchange
from tests.sub_venue.page import open_page
from tests.sub_venue.test_uplink import copied

WAIT_S = 10.0
HELP = TalkDo("s-1", "help")


@pytest.fixture
async def node(opens: Opens, exchange: Exchange, at_check_in: World) -> AsyncIterator[Node]:
    """上海's node beside a session at check-in; M2, a keeper and a witness sit here."""
    exchange.world = fork(at_check_in)
    for seat in ("witness-shanghai", "supervisor-shanghai"):
        exchange.world.bind(seat)
    exchange.rooms = [TalkRoom(session="s-1")]
    async with opens("shanghai", exchange.port) as found:
        await copied(found, exchange.world)
        yield found


async def _until_told(exchange: Exchange, count: int) -> None:
    async with asyncio.timeout(WAIT_S):
        while len(exchange.help_told) < count:  # noqa: ASYNC110 - the exchange has no event for it
            await asyncio.sleep(0.01)


async def test_a_page_is_told_of_its_room_once_it_has_proved_its_seat(node: Node) -> None:
    async with open_page(node.door.port, "shanghai.localhost") as page:
        for event, message in ((talk.TALK, TalkWanted("s-1")), (talk.TALK_DO, HELP)):
            assert await page.refused(event, message) == "NotSignedIn"
        await page.prove("s-1", "M2")
        room = await page.ask(talk.TALK, TalkWanted("s-1"), TalkRoom)
        assert (room.open, room.why, room.speaks) == (False, "phase", ())
        assert await page.refused(talk.TALK, TalkWanted("s-2")) == "NotSignedIn"
        assert await page.refused(talk.TALK_DO, TalkDo("s-1", "raise")) == "TalkClosed"
        assert await page.refused(talk.TALK_DO, {"session": "s-1", "act": "shout"}) == "Malformed"


async def test_help_reaches_the_coordinator_and_is_called_once(node: Node, exchange: Exchange) -> None:
    async with open_page(node.door.port, "shanghai.localhost") as page:
        await page.prove("s-1", "M2")
        (call,) = (await page.ask(talk.TALK_DO, HELP, TalkRoom)).calls
        assert (call.seat, call.venue, call.answered_by) == ("M2", "shanghai", "")
        assert (await page.ask(talk.TALK_DO, HELP, TalkRoom)).calls == (call,)
        assert exchange.help_told[0].calls == (call,)
        answered = HelpCall("M2", "shanghai", call.at, "agent", call.at + 5)
        exchange.rooms = [TalkRoom(session="s-1", calls=(answered,))]
        async with asyncio.timeout(WAIT_S):
            asked = TalkWanted("s-1")
            while (await page.ask(talk.TALK, asked, TalkRoom)).calls != (answered,):  # noqa: ASYNC110
                await asyncio.sleep(0.05)


async def test_help_is_called_and_answered_with_the_line_cut(node: Node, exchange: Exchange) -> None:
    await exchange.stop()
    async with asyncio.timeout(WAIT_S):
        while node.uplink.online:  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.01)
    before = len(exchange.help_told)
    async with (
        open_page(node.door.port, "shanghai.localhost") as expert,
        open_page(node.door.port, "shanghai.localhost") as witness,
    ):
        await expert.prove("s-1", "M2")
        await witness.prove("s-1", "witness-shanghai")
        room = await expert.ask(talk.TALK_DO, HELP, TalkRoom)
        assert (room.open, room.why) == (False, "line")
        seen = await witness.ask(talk.TALK, TalkWanted("s-1"), TalkRoom)
        assert [one.seat for one in seen.calls] == ["M2"]
        assert await witness.refused(talk.TALK_DO, TalkDo("s-1", "answer", "M2")) == "NotAllowed"
        await exchange.start()
        await _until_told(exchange, before + 1)
        assert exchange.help_told[-1].calls == room.calls
        own = await expert.ask(talk.TALK_DO, TalkDo("s-1", "answer", "M2"), TalkRoom)
        assert own.calls[0].answered_by == "M2"


async def test_a_supervisor_hears_of_calls_and_calls_nobody(node: Node) -> None:
    async with open_page(node.door.port, "shanghai.localhost") as page:
        await page.prove("s-1", "supervisor-shanghai")
        assert await page.refused(talk.TALK_DO, HELP) == "NotAllowed"
