"""The reading room at the node's door: who gets what, from when on, and that nobody gets a file."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest

from protocol import commands as cmd
from protocol import wire
from protocol.plan.case import Case
from protocol.reading import (
    About,
    Bookmark,
    Hits,
    Notebook,
    NotebookKept,
    PageNote,
    PageText,
    Reading,
    ReadingWanted,
)
from sub_venue.assembly import Node
from sub_venue.config import Bounds
from tests.protocol.world import World
from tests.sub_venue.conftest import Opens, fork, line_up
from tests.sub_venue.exchange import Exchange
from tests.sub_venue.page import WAIT_S, Page, Turned, open_page
from tests.sub_venue.reading_room import papers

QUICK = Bounds(answer_wait_ms=300, submit_wait_ms=600, line_pause_ms=20, line_pause_ms_max=100)
BLIND = "管道基础采用砂石基础,DN600 接口渗漏逐口查找。"
NAMED = "皖澄市政工程有限公司"


@pytest.fixture(scope="module")
def at_preliminary(case: Case) -> World:
    """M2 and M3 bound, everybody checked in, the preliminary review begun; `fork` it."""
    world = World(case, "s-1")
    world.now = 1_794_794_400_000
    world.to_scoring()
    world.bind("tenderee")
    world.bind("witness-shanghai")
    world.bind("supervisor-shanghai")
    return world


@pytest.fixture
def world(at_preliminary: World) -> World:
    return fork(at_preliminary)


@pytest.fixture
async def node(opens: Opens, exchange: Exchange, tmp_path: Path) -> AsyncIterator[Node]:
    """上海's node with documents, where M2 sits before an empty sheet."""
    papers.shelve(
        tmp_path / "documents", "s-1",
        [
            ("d1", "tender", "", papers.paper("招标文件正文")),
            ("d2", "blind", "甲", papers.paper(BLIND, "第二页:回填")),
            ("d3", "evidence", "甲", papers.paper("客观分核验表")),
            ("d4", "bid", "甲", papers.paper(NAMED)),
            ("d5", "blind", "乙", papers.by_hand(b"BT")[:90]),
        ],
    )  # fmt: skip
    async with opens(
        "shanghai", exchange.port, QUICK, settings={"documents_dir": tmp_path / "documents"}
    ) as found:
        await line_up(found)
        exchange.grown()
        await copied(found, exchange.world)
        yield found


async def copied(node: Node, world: World) -> None:
    async with asyncio.timeout(WAIT_S):
        await node.copies.reached(world.session, len(world.entries))


class Desk:
    """A seat's page and what it asks the door for."""

    def __init__(self, node: Node, page: Page, seat: str) -> None:
        self.node, self.page, self.seat = node, page, seat
        self.reading: Reading
        self.http = aiohttp.ClientSession()

    async def ask_leave(self) -> Reading:
        self.reading = await self.page.ask(wire.READING, ReadingWanted("s-1", self.seat), Reading)
        return self.reading

    def ids(self) -> list[str]:
        return [one.document for one in self.reading.documents]

    async def get(
        self, path: str, seat: str = "", token: str | None = None, session: str = "s-1"
    ) -> tuple[int, bytes, Any]:
        """Ask the door for a path under the seat's own, with the leave that was given."""
        port = self.node.door.port
        url = f"http://127.0.0.1:{port}/reading/{session}/{seat or self.seat}/{path}"
        headers = {"Host": f"shanghai.localhost:{port}"}
        token = self.reading.token if token is None else token
        if token:
            headers["Authorization"] = f"Bearer {token}"
        async with self.http.get(url, headers=headers) as answer:
            return answer.status, await answer.read(), answer.headers

    async def read(self, path: str, form: Any) -> Any:
        status, raw, headers = await self.get(path)
        assert status == 200, raw
        assert headers["Cache-Control"] == "no-store"
        return msgspec.json.decode(raw, type=form)

    async def refused(self, path: str, **more: Any) -> tuple[int, str]:
        status, raw, headers = await self.get(path, **more)
        assert headers["Cache-Control"] == "no-store"
        return status, msgspec.json.decode(raw)["refused"]["code"]


@contextlib.asynccontextmanager
async def at_desk(node: Node, seat: str) -> AsyncIterator[Desk]:
    async with open_page(node.door.port, "shanghai.localhost") as page:
        await page.prove("s-1", seat)
        desk = Desk(node, page, seat)
        await desk.ask_leave()
        try:
            yield desk
        finally:
            await desk.http.close()


async def test_an_expert_reads_blind_parts_and_evidence_and_no_names(node: Node) -> None:
    async with at_desk(node, "M2") as desk:
        assert desk.reading.folder == "ready"
        assert desk.ids() == ["d1", "d2", "d3", "d5"]
        assert [(one.shelf, one.phase) for one in desk.reading.closed] == [("bid", "SUMMARY")]
        assert "d4" not in msgspec.json.encode(desk.reading).decode()
        about = await desk.read("d2", About)
        assert len(about.pages) == 2
        status, raw, headers = await desk.get("d2/1.webp?scale=normal")
        assert (status, headers["Content-Type"], raw[8:12]) == (200, "image/webp", b"WEBP")
        text: PageText = await desk.read("d2/1.json?find=%EF%BC%A4%EF%BC%AE600", PageText)
        found = [text.runs[one.run].text[one.start : one.end] for one in text.found]
        assert "".join(found) == "DN600"
        for path in ("d4", "d4/1.webp", "d4/1.json"):
            assert await desk.refused(path) == (403, "ShelfClosed"), path


async def test_names_open_to_experts_with_the_summary_and_not_before(node: Node, exchange: Exchange) -> None:
    world = exchange.world
    async with at_desk(node, "M2") as desk:
        for seat in world.members():
            world.seal(seat, "01", "1")
        exchange.grown()
        await copied(node, world)
        assert "d4" not in [one.document for one in (await desk.ask_leave()).documents]
        # The node's own tries are the world's to make here: it must not see the close before they are made.
        world.must("agent", cmd.CloseScoring(), world.stage("01", "1"))
        world.open_scores("01", "1")
        exchange.grown()
        await copied(node, world)
        assert "d4" in [one.document for one in (await desk.ask_leave()).documents]
        assert desk.reading.closed == ()
        text: PageText = await desk.read("d4/1.json", PageText)
        assert NAMED in "".join(run.text for run in text.runs)


async def test_a_witness_reads_nothing_and_a_supervisor_what_the_table_names(node: Node) -> None:
    async with at_desk(node, "witness-shanghai") as desk:
        assert (desk.reading.documents, desk.reading.closed) == ((), ())
        assert await desk.refused("d1/1.webp") == (404, "UnknownDocument")
    async with at_desk(node, "supervisor-shanghai") as desk:
        assert desk.ids() == ["d1", "d4"]
        assert {(one.shelf, one.phase) for one in desk.reading.closed} == {
            ("blind", "SUMMARY"), ("evidence", "SUMMARY"),
        }  # fmt: skip
        assert await desk.refused("d2/1.json") == (403, "ShelfClosed")


async def test_leave_holds_for_one_seat_one_session_and_its_time(node: Node) -> None:
    async with at_desk(node, "M2") as mine, at_desk(node, "supervisor-shanghai") as other:
        for token in ("", "x" * 43, mine.reading.token[:-1]):
            assert await mine.refused("d2/1.webp", token=token) == (401, "ReadingEnded")
        assert await mine.refused("d2/1.webp", token=other.reading.token) == (401, "NotSignedIn")
        assert await other.refused("d2/1.webp", seat="M2") == (401, "NotSignedIn")
        assert await mine.refused("d2/1.webp", session="s-2") == (401, "NotSignedIn")
        with pytest.raises(Turned, match="NotSignedIn"):
            await mine.page.ask(wire.READING, ReadingWanted("s-1", "supervisor-shanghai"), Reading)
        node.reading._tokens._running_ms = lambda: 10**15
        assert await mine.refused("d2/1.webp") == (401, "ReadingEnded")


async def test_leave_ends_when_another_key_speaks_for_the_seat(node: Node, exchange: Exchange) -> None:
    async with at_desk(node, "M2") as desk:
        exchange.world.bind("M2", "M2-elsewhere")
        exchange.grown()
        await copied(node, exchange.world)
        assert await desk.refused("d2/1.webp") == (401, "NotSignedIn")


async def test_nothing_is_asked_before_a_key_is_proved(node: Node) -> None:
    async with open_page(node.door.port, "shanghai.localhost") as page:
        wanted = ReadingWanted("s-1", "M2")
        for event, message in (
            (wire.READING, wanted),
            (wire.NOTEBOOK_GET, wanted),
            (wire.NOTEBOOK_PUT, Notebook("s-1", "M2", 1)),
        ):
            assert await page.refused(event, message) == "NotSignedIn"


@pytest.mark.parametrize(
    "path",
    [
        "d2.pdf",
        "d2/1.pdf",
        "d2/1",
        "d2/1.png",
        "../d2.pdf",
        "d2/..%2f..%2fd2.pdf",
        "catalogue.json",
        "d2?file=1",
    ],
)
async def test_no_path_gives_a_file(node: Node, path: str) -> None:
    async with at_desk(node, "M2") as desk:
        _, raw, _ = await desk.get(path)
        assert b"%PDF" not in raw
        assert b"sha256" not in raw


async def test_no_answer_holds_what_a_pdf_is_made_of(node: Node) -> None:
    async with at_desk(node, "M2") as desk:
        for path in ("d2", "d2/1.webp", "d2/1.webp?scale=close", "d2/1.json", "search?find=管"):
            status, raw, _ = await desk.get(path)
            assert status == 200
            for mark in (b"%PDF", b"endobj", b"startxref", b"/FlateDecode"):
                assert mark not in raw, path


async def test_a_search_goes_through_what_the_seat_may_read_and_no_further(node: Node) -> None:
    async with at_desk(node, "M2") as desk:
        hits: Hits = await desk.read("search?find=接 口渗漏", Hits)
        assert [(one.document, one.page, one.found) for one in hits.hits] == [("d2", 1, "接口渗漏")]
        assert hits.hits[0].before.endswith("DN600 ".strip())
        assert hits.unread == 1, "a broken document is counted, not passed over in silence"
        assert (await desk.read("search?find=皖澄", Hits)).hits == ()
        assert (await desk.read("search?find=dn600&code=乙", Hits)).hits == ()
        assert len((await desk.read("search?find=dn600&code=甲", Hits)).hits) == 1
        assert len((await desk.read("search?find=回填&document=d2", Hits)).hits) == 1
        assert (await desk.refused(f"search?find={'长' * 101}"))[1] == "TooLarge"


async def test_a_broken_document_is_refused_and_the_others_are_shown(node: Node) -> None:
    async with at_desk(node, "M2") as desk:
        assert await desk.refused("d5/1.webp") == (422, "PageUnreadable")
        assert (await desk.get("d2/1.webp"))[0] == 200
        assert await desk.refused("d2/9.webp") == (404, "UnknownDocument")
        assert await desk.refused("d2/1.webp?scale=enormous") == (400, "Malformed")
        node.settings.documents.joinpath("s-1", "d3.pdf").write_bytes(papers.paper("另一份"))
        assert await desk.refused("d3/1.webp") == (409, "DocumentChanged")


async def test_a_folder_is_none_then_being_prepared_then_ready(node: Node) -> None:
    place = node.settings.documents / "s-1" / "catalogue.json"
    whole = place.read_bytes()
    async with at_desk(node, "M2") as desk:
        place.write_bytes(whole.replace(b'"v":1', b'"v":2'))
        assert (await desk.ask_leave()).folder == "damaged"
        place.unlink()
        assert (await desk.ask_leave()).folder == "preparing"
        assert await desk.refused("d2/1.webp") == (404, "UnknownDocument")
        place.parent.rename(place.parent.with_name("away"))
        assert (await desk.ask_leave()).folder == "none"
        place.parent.with_name("away").rename(place.parent)
        place.write_bytes(whole)
        assert (await desk.ask_leave()).folder == "ready"


async def test_one_seat_cannot_fill_the_line_for_all(opens: Opens, node: Node) -> None:
    async with at_desk(node, "M2") as desk, at_desk(node, "supervisor-shanghai") as other:
        busy = [desk.get(f"d2/1.webp?scale={scale}") for scale in ("thumb", "normal", "large", "close")]
        busy += [desk.get(f"d3/1.webp?scale={scale}") for scale in ("thumb", "normal", "large", "close")]
        busy += [desk.get(f"d1/1.webp?scale={scale}") for scale in ("thumb", "normal", "large", "close")]
        busy += [desk.get(f"d2/2.webp?scale={scale}") for scale in ("thumb", "normal", "large", "close")]
        found, (status, _, _) = await asyncio.gather(asyncio.gather(*busy), other.get("d1/1.webp"))
        assert sorted({one[0] for one in found}) in ([200], [200, 429])
        assert status == 200


async def test_a_notebook_is_the_seats_alone_and_goes_with_the_session(
    node: Node, exchange: Exchange
) -> None:
    book = Notebook("s-1", "M2", 1, (Bookmark("d2", 2),), (PageNote("d2", 1, "批注金丝雀"),))
    wanted = ReadingWanted("s-1", "M2")
    async with at_desk(node, "M2") as desk, at_desk(node, "supervisor-shanghai") as other:
        kept = await desk.page.ask(wire.NOTEBOOK_PUT, book, NotebookKept)
        assert kept.revision == 1
        assert await desk.page.ask(wire.NOTEBOOK_GET, wanted, Notebook) == book
        assert await other.page.refused(wire.NOTEBOOK_GET, wanted) == "NotSignedIn"
        assert await other.page.refused(wire.NOTEBOOK_PUT, book) == "NotSignedIn"
        older = Notebook("s-1", "M2", 1)
        with pytest.raises(Turned) as turned:
            await desk.page.ask(wire.NOTEBOOK_PUT, older, NotebookKept)
        newer = msgspec.json.decode(turned.value.refused.detail["notebook"], type=Notebook)
        assert (turned.value.code, newer) == ("OutOfOrder", book)
    files = [path for path in node.settings.data_dir.rglob("*") if path.is_file()]
    assert [path for path in files if "批注金丝雀".encode() in path.read_bytes()] == []
    assert list((node.settings.data_dir / "notebooks" / "s-1").iterdir()) != []
    await node._forget("s-1")
    assert not (node.settings.data_dir / "notebooks" / "s-1").exists()
    assert node.reading.notebook("s-1", "M2").revision == 0


async def test_a_notebook_is_there_for_the_seats_next_key(node: Node, exchange: Exchange) -> None:
    book = Notebook("s-1", "M2", 3, (Bookmark("d2", 2),))
    async with at_desk(node, "M2") as desk:
        await desk.page.ask(wire.NOTEBOOK_PUT, book, NotebookKept)
    exchange.world.bind("M2", "M2-elsewhere")
    exchange.grown()
    await copied(node, exchange.world)
    async with open_page(node.door.port, "shanghai.localhost") as page:
        await page.prove("s-1", "M2", "M2-elsewhere")
        assert await page.ask(wire.NOTEBOOK_GET, ReadingWanted("s-1", "M2"), Notebook) == book
