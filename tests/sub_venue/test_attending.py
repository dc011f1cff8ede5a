"""Idle for too long: a seat is signed out by the node's own clock, and goes on from where it was."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from protocol import wire
from protocol.wire import Attended, Draft, Here, Refused
from protocol.words import Role
from sub_venue.assembly import Node
from sub_venue.config import Bounds, IdleBounds
from sub_venue.seats.attending import KEYS_MAX, Attending
from sub_venue.senses import Senses
from tests.protocol.world import World, key
from tests.sub_venue.conftest import Opens, line_up
from tests.sub_venue.exchange import Exchange
from tests.sub_venue.page import Page, open_page, proof
from tests.sub_venue.test_moved import sealing
from tests.sub_venue.test_seats import copied

MINUTE_MS = 60_000
IDLE = IdleBounds(look_ms=10)
BOUNDS = Bounds(answer_wait_ms=300, submit_wait_ms=600, line_pause_ms=20, line_pause_ms_max=100, idle=IDLE)


class Moved(Senses):
    """The clock that never goes back, and the wall clock, each as far ahead as a test says."""

    def __init__(self) -> None:
        super().__init__()
        self.ahead_ms = 0
        self.wall_ms = 0

    def running_ms(self) -> int:
        return super().running_ms() + self.ahead_ms

    def now_ms(self) -> int:
        return super().now_ms() + self.wall_ms


@pytest.fixture
def senses() -> Moved:
    return Moved()


@pytest.fixture
async def node(opens: Opens, exchange: Exchange, senses: Moved) -> AsyncIterator[Node]:
    async with opens("shanghai", exchange.port, BOUNDS, senses=senses) as found:
        await line_up(found)
        exchange.world.to_scoring()
        exchange.grown()
        await copied(found, exchange.world)
        yield found


@pytest.fixture
async def page(node: Node) -> AsyncIterator[Page]:
    async with open_page(node.door.port, "shanghai.localhost") as found:
        await found.prove("s-1", "M2")
        yield found


def draft(world: World, revision: int) -> Draft:
    return Draft("s-1", "M2", world.stage("01", "1"), revision, {"b1": {"A1": 700}})


async def left(page: Page, *, at_work: bool = False) -> Attended:
    return await page.ask(wire.HERE, Here(at_work), Attended)


async def signed_out(page: Page) -> Refused:
    return await page.until(wire.UNSEATED, lambda one: one.code == "SignInIdle", Refused)


async def prove_again(page: Page) -> str:
    nonce = (await page.ask(wire.CHALLENGE, None, wire.Challenge)).nonce
    return await page.refused(wire.PROVE, proof("s-1", "M2", "M2", nonce))


async def test_who_does_nothing_is_signed_out_and_goes_on_with_the_same_code(
    exchange: Exchange, page: Page, senses: Moved
) -> None:
    world = exchange.world
    told = await left(page)
    assert (told.of_ms, told.warn_ms) == (30 * MINUTE_MS, 2 * MINUTE_MS)
    await page.put(draft(world, 1))
    senses.ahead_ms += 30 * MINUTE_MS - 5_000
    assert 0 < (await left(page)).left_ms <= 5_000, "asking alone is no work"
    senses.ahead_ms += 5_000
    why = await signed_out(page)
    assert why.detail == {"minutes": "30"}
    sealed = sealing(world)
    for event, message in (
        (wire.DRAFT_PUT, draft(world, 2)),
        (wire.DRAFT_GET, draft(world, 0)),
        (wire.FOLLOW, wire.Follow("s-1", 0)),
        (wire.HERE, Here(at_work=True)),
        (wire.ACT, sealed),
    ):
        assert await page.refused(event, message) == "SignInIdle", event
    # Neither the same page nor a new one of the same browser comes back by the key alone.
    assert await prove_again(page) == "SignInIdle"
    again = wire.SignIn("s-1", "M2", "code-M2", key("M2"))
    await page.ask(wire.SIGN_IN, again, wire.Attested)
    await page.prove("s-1", "M2")
    assert (await page.ask(wire.DRAFT_GET, draft(world, 0), Draft)).scores == {"b1": {"A1": 700}}
    await page.put(draft(world, 2))
    assert (await page.act(sealed)).status == "accepted"


async def test_a_new_window_of_an_idle_seat_is_told_the_same(node: Node, page: Page, senses: Moved) -> None:
    senses.ahead_ms += 30 * MINUTE_MS
    await signed_out(page)
    async with open_page(node.door.port, "shanghai.localhost") as other:
        assert await prove_again(other) == "SignInIdle"


async def test_whoever_writes_or_is_there_is_not_idle(exchange: Exchange, page: Page, senses: Moved) -> None:
    for revision in range(1, 4):
        senses.ahead_ms += 29 * MINUTE_MS
        await page.put(draft(exchange.world, revision))
    senses.ahead_ms += 29 * MINUTE_MS
    assert (await left(page, at_work=True)).left_ms > 29 * MINUTE_MS
    senses.ahead_ms += 29 * MINUTE_MS
    await page.prove("s-1", "M2")
    assert (await left(page)).left_ms <= MINUTE_MS, "a proof is made by the page itself"


async def test_a_wall_clock_that_is_set_signs_nobody_out_and_keeps_nobody_in(
    page: Page, senses: Moved
) -> None:
    senses.wall_ms = 400 * 86_400_000
    assert (await left(page, at_work=True)).left_ms > 29 * MINUTE_MS
    senses.wall_ms = -400 * 86_400_000
    assert (await left(page)).left_ms > 29 * MINUTE_MS
    senses.ahead_ms += 30 * MINUTE_MS
    await signed_out(page)
    senses.wall_ms = -800 * 86_400_000
    assert await prove_again(page) == "SignInIdle"


async def test_nobody_is_signed_out_who_could_not_sign_in_again(
    node: Node, exchange: Exchange, page: Page, senses: Moved
) -> None:
    gone = asyncio.Event()
    back = asyncio.Event()
    node.uplink.listen(lambda online: (back if online else gone).set())
    await exchange.stop()
    await asyncio.wait_for(gone.wait(), 10)
    senses.ahead_ms += 300 * MINUTE_MS
    await page.put(draft(exchange.world, 1))
    senses.ahead_ms += 300 * MINUTE_MS
    assert (await left(page)).left_ms == 0
    await exchange.start()
    await asyncio.wait_for(back.wait(), 10)
    assert 0 < (await left(page)).left_ms <= 2 * MINUTE_MS, "warned first, as everybody is"
    senses.ahead_ms += 2 * MINUTE_MS
    await signed_out(page)


def test_each_role_has_its_time_and_keys_are_bounded() -> None:
    clock = [0]
    attending = Attending(IdleBounds(), lambda: clock[0], lambda: True)
    working: tuple[Role, ...] = ("agent", "tenderee", "expert")
    for role in working:
        assert attending.bound_ms(role) == 30 * MINUTE_MS
    watching: tuple[Role, ...] = ("witness", "supervisor", "keeper")
    for role in watching:
        assert attending.bound_ms(role) == 120 * MINUTE_MS
    attending.signed_in("k", "witness")
    clock[0] = 120 * MINUTE_MS
    assert attending.is_idle("k")
    attending.worked("k")
    assert attending.is_idle("k"), "work of one who is signed out does not sign in"
    for number in range(KEYS_MAX):
        attending.signed_in(f"k{number}", "expert")
    assert not attending.is_idle("k")
