"""Two windows of one seat: one writes, the other reads; taking over is signed, on disk, and told to both."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from protocol import hidden, wire
from protocol.commands import SealSheet
from protocol.link import take_over
from protocol.seal import signing
from protocol.wire import Draft, Pen, PenWanted
from sub_venue.assembly import Node
from sub_venue.journal.journal import Journal
from sub_venue.seats.pens import Pens
from sub_venue.seats.screens import Seated
from tests.protocol.world import World, key, private_key
from tests.sub_venue.conftest import Opens, line_up
from tests.sub_venue.exchange import Exchange
from tests.sub_venue.page import Page, Turned, open_page, signed
from tests.sub_venue.test_seats import QUICK, copied

M2 = Seated("s-1", "M2", "expert", key("M2"))
KEPT_MS = 500


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.ms = 1_000

    def read(self) -> int:
        return self.ms


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pens(clock: Clock) -> Pens:
    return Pens(KEPT_MS, clock.read, clock.read)


def test_who_asks_first_writes_and_the_next_reads(pens: Pens) -> None:
    assert pens.may_write(M2, "sid-1")
    assert pens.claim(M2, "sid-1", "w1") == Pen("s-1", "M2", "w1", mine=True, since=1_000)
    assert pens.claim(M2, "sid-2", "w2") == Pen("s-1", "M2", "w1", mine=False, since=1_000)
    assert (pens.may_write(M2, "sid-1"), pens.may_write(M2, "sid-2")) == (True, False)
    assert pens.claim(replace(M2, seat="M3"), "sid-2", "w2").mine


def test_the_pen_is_kept_through_a_reload_and_free_after_a_while(pens: Pens, clock: Clock) -> None:
    pens.claim(M2, "sid-1", "w1")
    pens.left("sid-1")
    clock.ms += KEPT_MS - 1
    assert not pens.claim(M2, "sid-2", "w2").mine
    assert not pens.may_write(M2, "sid-2")
    assert pens.claim(M2, "sid-3", "w1") == Pen("s-1", "M2", "w1", mine=True, since=1_000)
    pens.left("sid-3")
    clock.ms += KEPT_MS
    assert pens.claim(M2, "sid-2", "w2").mine
    assert not pens.claim(M2, "sid-4", "w1").mine


def test_a_second_socket_under_the_same_windows_id_does_not_write(pens: Pens) -> None:
    pens.claim(M2, "sid-1", "w1")
    assert pens.claim(M2, "sid-2", "w1") == Pen("s-1", "M2", "w1", mine=False, since=1_000)


def test_a_pen_is_taken_from_whoever_has_it_and_from_nobody_else(pens: Pens) -> None:
    heard: list[Seated] = []
    pens.claim(M2, "sid-1", "w1")
    pens.listen(heard.append)
    assert not pens.take_over(M2, "sid-2", "w2", over="w9")
    assert pens.take_over(M2, "sid-2", "w2", over="w1")
    assert heard == [M2]
    assert (pens.pen(M2, "sid-1").mine, pens.pen(M2, "sid-2").mine) == (False, True)
    assert not pens.take_over(M2, "sid-3", "w3", over="w1")


def test_a_session_that_is_archived_is_forgotten(pens: Pens) -> None:
    pens.claim(M2, "sid-1", "w1")
    pens.claim(replace(M2, session="s-2"), "sid-1", "w1")
    pens.forget("s-1")
    assert (pens.pen(M2, "sid-1").window, len(pens._held)) == ("", 1)


def test_a_key_that_speaks_no_more_holds_no_pen(pens: Pens) -> None:
    pens.claim(M2, "sid-1", "w1")
    moved = replace(M2, key=key("spare"))
    assert pens.pen(moved, "sid-2").window == ""
    assert pens.claim(moved, "sid-2", "w2").mine


# --- over real sockets --------------------------------------------------------------------------


@pytest.fixture
async def node(opens: Opens, exchange: Exchange) -> AsyncIterator[Node]:
    """上海's node, where M2 sits before an empty sheet."""
    async with opens("shanghai", exchange.port, QUICK) as found:
        await line_up(found)
        exchange.world.to_scoring()
        exchange.grown()
        await copied(found, exchange.world)
        yield found


@pytest.fixture
async def windows(node: Node) -> AsyncIterator[tuple[Page, Page]]:
    """Two windows of M2, both proved and following."""
    name = "shanghai.localhost"
    async with open_page(node.door.port, name) as one, open_page(node.door.port, name) as other:
        for page in (one, other):
            await page.prove("s-1", "M2")
            await page.follow("s-1")
        yield one, other


async def asked(page: Page, window: str) -> Pen:
    return await page.ask(wire.PEN, PenWanted(session="s-1", seat="M2", window=window), Pen)


def over(window: str, before: str, author: str = "M2") -> PenWanted:
    wanted = PenWanted(session="s-1", seat="M2", window=window, over=before, at=1_700_000_000_000)
    sig = signing.sign(private_key(author), take_over.signed_bytes(wanted, key(author)))
    return replace(wanted, sig=sig)


def draft(world: World, revision: int) -> Draft:
    return Draft("s-1", "M2", world.stage("01", "1"), revision, {})


def sealing(world: World) -> wire.Submit:
    opening = world.opening("M2", "01", "1")
    content = SealSheet(hidden.commitment(opening))
    command = world.command("M2", content, world.stage("01", "1"))
    return signed(command, "M2", opening=opening)


async def test_the_reader_may_neither_save_nor_seal_until_it_has_taken_over(
    node: Node, exchange: Exchange, windows: tuple[Page, Page]
) -> None:
    world, (one, other) = exchange.world, windows
    assert (await asked(one, "w1")).mine
    assert await asked(other, "w2") == replace(await asked(one, "w1"), mine=False)
    await one.put(draft(world, 1))
    assert await other.refused(wire.DRAFT_PUT, draft(world, 2)) == "ReadOnlyHere"
    assert await other.refused(wire.ACT, sealing(world)) == "ReadOnlyHere"

    assert (await other.ask(wire.PEN, over("w2", "w1"), Pen)).mine
    told = await one.until(wire.PEN, lambda pen: pen.window == "w2", Pen)
    assert not told.mine
    await other.put(draft(world, 2))
    assert await one.refused(wire.DRAFT_PUT, draft(world, 3)) == "ReadOnlyHere"
    assert (await other.act(sealing(world))).status == "accepted"


async def test_a_take_over_is_in_the_journal_signed_by_the_seat(
    node: Node, windows: tuple[Page, Page], tmp_path: Path
) -> None:
    one, other = windows
    await asked(one, "w1")
    wanted = over("w2", "w1")
    await other.ask(wire.PEN, wanted, Pen)
    (taken,) = node.journal.taken_over("s-1")
    assert (taken.seat, taken.key, taken.over, taken.window) == ("M2", key("M2"), "w1", "w2")
    again = PenWanted(
        session=taken.session, seat=taken.seat, window=taken.window, over=taken.over,
        at=taken.author_at, sig=taken.sig,
    )  # fmt: skip
    assert take_over.is_signed(again, key("M2"))
    assert again == wanted
    # A copy of the file, since this node still holds its own.
    copy = tmp_path / "journal.log"
    copy.write_bytes((node.settings.data_dir / "journal.log").read_bytes())
    assert Journal(node.disk, copy).taken_over("s-1") == (taken,)


async def test_a_take_over_that_the_seat_has_not_signed_changes_nothing(
    node: Node, windows: tuple[Page, Page]
) -> None:
    one, other = windows
    await asked(one, "w1")
    for bad in (
        over("w2", "w1", author="M3"),
        replace(over("w2", "w1"), sig=""),
        replace(over("w3", "w1"), window="w2"),
        replace(over("w2", "w1"), at=1),
    ):
        assert await other.refused(wire.PEN, bad) == "BadSignature"
    assert (await asked(one, "w1")).mine
    assert node.journal.taken_over("s-1") == ()


async def test_a_take_over_from_a_window_that_writes_no_more_says_who_does(
    node: Node, windows: tuple[Page, Page]
) -> None:
    one, other = windows
    await asked(one, "w1")
    found = await other.ask(wire.PEN, over("w2", "w0"), Pen)
    assert (found.window, found.mine) == ("w1", False)
    assert node.journal.taken_over("s-1") == ()


async def test_a_seat_cannot_fill_the_journal_with_take_overs(opens: Opens, exchange: Exchange) -> None:
    bounds = QUICK.model_copy(update={"take_overs_max": 2})
    async with opens("shanghai", exchange.port, bounds) as node:
        await line_up(node)
        exchange.world.to_scoring()
        exchange.grown()
        await copied(node, exchange.world)
        async with open_page(node.door.port, "shanghai.localhost") as page:
            await page.prove("s-1", "M2")
            await asked(page, "w0")
            for number in range(2):
                await page.ask(wire.PEN, over(f"w{number + 1}", f"w{number}"), Pen)
            assert await page.refused(wire.PEN, over("w3", "w2")) == "AnswersFull"
        assert len(node.journal.taken_over("s-1")) == 2


async def test_a_sheet_that_is_kept_is_answered_again_to_a_reader_too(
    node: Node, exchange: Exchange, windows: tuple[Page, Page]
) -> None:
    world, (one, other) = exchange.world, windows
    await asked(one, "w1")
    message = sealing(world)
    first = await one.act(message)
    await asked(other, "w2")
    assert await other.act(message) == first


async def test_a_page_whose_seat_has_moved_is_told_so_and_its_key_proves_nothing_any_more(
    node: Node, exchange: Exchange, windows: tuple[Page, Page]
) -> None:
    world, (one, other) = exchange.world, windows
    await asked(one, "w1")
    await one.put(draft(world, 7))
    world.bind("M2", author="spare")
    exchange.grown()
    await copied(node, world)
    for page in (one, other):
        told = await page.until(wire.UNSEATED, lambda _: True, wire.Refused)
        assert (told.code, told.detail["key"]) == ("SeatMoved", key("M2"))
        assert await page.refused(wire.DRAFT_PUT, draft(world, 8)) == "NotSignedIn"
    async with open_page(node.door.port, "shanghai.localhost") as spare:
        await spare.prove("s-1", "M2", author="spare")
        assert (await asked(spare, "w3")).mine
        assert (await spare.ask(wire.DRAFT_GET, draft(world, 0), Draft)).revision == 7
        await spare.put(draft(world, 8))
    with pytest.raises(Turned, match="SeatMoved"):
        await one.prove("s-1", "M2")
