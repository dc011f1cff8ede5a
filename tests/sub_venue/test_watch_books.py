"""The book of a place's supervisors: shared by them, shown to nobody else, gone with its keys."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from protocol import limits
from protocol.refusals import Refusal
from protocol.watch_book import ALERT_SEEN, HAND_OVER, WATCH_BOOK, AlertSeen, BookWanted, HandOver, WatchBook
from sub_venue.assembly import Node
from sub_venue.seats.watch_books import WatchBooks
from tests.protocol.world import World
from tests.sub_venue.conftest import Opens, fork
from tests.sub_venue.exchange import Exchange
from tests.sub_venue.page import open_page
from tests.sub_venue.test_uplink import copied

SILENT = AlertSeen("s-1", "LineSilent/hangzhou", 1_780_000_000_000, "已电话核实")
NOTE = HandOver("s-1", "恢复后请核对待补签")


@pytest.fixture
async def node(opens: Opens, exchange: Exchange, at_check_in: World) -> AsyncIterator[Node]:
    """上海's node beside a session at check-in; supervisor-shanghai sits here."""
    exchange.world = fork(at_check_in)
    exchange.world.bind("supervisor-shanghai")
    async with opens("shanghai", exchange.port) as found:
        await copied(found, exchange.world)
        yield found


async def test_what_one_supervisor_notes_another_window_reads(node: Node) -> None:
    async with open_page(node.door.port, "shanghai.localhost") as page:
        await page.prove("s-1", "supervisor-shanghai")
        assert await page.ask(WATCH_BOOK, BookWanted("s-1"), WatchBook) == WatchBook("s-1")
        seen = await page.ask(ALERT_SEEN, SILENT, WatchBook)
        assert await page.ask(ALERT_SEEN, SILENT, WatchBook) == seen, "the same again changes nothing"
        again = AlertSeen("s-1", SILENT.alert, SILENT.since + 1)
        assert len((await page.ask(ALERT_SEEN, again, WatchBook)).seen) == 2, "what comes again is another"
        told = await page.ask(HAND_OVER, NOTE, WatchBook)
    (one,) = told.turns
    assert (one.by, one.text) == ("supervisor-shanghai", NOTE.text)
    assert (told.seen[0].by, told.seen[0].note) == ("supervisor-shanghai", SILENT.note)
    async with open_page(node.door.port, "shanghai.localhost") as page:
        await page.prove("s-1", "supervisor-shanghai")
        assert await page.ask(WATCH_BOOK, BookWanted("s-1"), WatchBook) == told


async def test_nobody_but_a_supervisor_of_the_place_reads_or_writes_it(node: Node) -> None:
    async with open_page(node.door.port, "shanghai.localhost") as page:
        for event, message in ((WATCH_BOOK, BookWanted("s-1")), (ALERT_SEEN, SILENT), (HAND_OVER, NOTE)):
            assert await page.refused(event, message) == "NotSignedIn"
        await page.prove("s-1", "M2")
        for event, message in ((WATCH_BOOK, BookWanted("s-1")), (ALERT_SEEN, SILENT), (HAND_OVER, NOTE)):
            assert await page.refused(event, message) == "NotAllowed"
        await page.prove("s-1", "supervisor-shanghai")
        assert await page.refused(HAND_OVER, HandOver("s-2", "x")) == "NotSignedIn"
        assert await page.refused(HAND_OVER, {"session": "s-1", "text": ""}) == "Malformed"
        long = {"session": "s-1", "text": "x" * (limits.TEXT_CHARS_MAX + 1)}
        assert await page.refused(HAND_OVER, long) == "Malformed"
    assert node._watch_books.get("s-1") == WatchBook("s-1")


def _again(node: Node, folder: Path) -> WatchBooks:
    """As after a new start: nothing held, all from the disk."""
    return WatchBooks(folder, node.disk, node.keys, node.senses)


async def test_it_lies_on_the_disk_sealed_and_goes_with_the_keys(node: Node, tmp_path: Path) -> None:
    books = _again(node, tmp_path / "watch")
    kept = await books.seen(SILENT, "supervisor-shanghai")
    assert isinstance(kept, WatchBook)
    (file,) = [path for path in (tmp_path / "watch").rglob("*") if path.is_file()]
    assert "核实".encode() not in file.read_bytes()
    assert _again(node, tmp_path / "watch").get("s-1") == kept
    node.keys.destroy("s-1")
    assert _again(node, tmp_path / "watch").get("s-1") == WatchBook("s-1")
    await books.remove("s-1")
    assert not file.exists()
    assert books.get("s-1") == WatchBook("s-1")


async def test_its_length_is_bounded(node: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "WATCH_SEEN_MAX", 1)
    monkeypatch.setattr(limits, "WATCH_TURNS_MAX", 1)
    books = _again(node, tmp_path / "watch")
    assert isinstance(await books.seen(SILENT, "supervisor-shanghai"), WatchBook)
    assert isinstance(await books.hand_over("s-1", "supervisor-shanghai", "a"), WatchBook)
    full = [
        await books.seen(AlertSeen("s-1", "other", 1), "supervisor-shanghai"),
        await books.hand_over("s-1", "supervisor-shanghai", "b"),
    ]
    assert [one.code for one in full if isinstance(one, Refusal)] == ["AnswersFull", "AnswersFull"]
