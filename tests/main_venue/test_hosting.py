"""A main venue's node over real sockets: the agent enrols, books, hands out codes, conducts."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from main_venue import assembly
from main_venue.case_shelf import UNBOOKED_MAX
from protocol import canonical, wire
from protocol import commands as cmd
from protocol.seal import signing
from protocol.session.witnessing import opening_record
from protocol.wire import Prepare, Prepared
from protocol.words import SESSION_STAGE, Stage
from sub_venue.assembly import Node
from sub_venue.config import Bounds
from tests.protocol.world import World, key, private_key
from tests.sub_venue.conftest import Opens, fork, line_up, settings_of
from tests.sub_venue.exchange import Exchange
from tests.sub_venue.page import WAIT_S, Page, open_page, signed

TEXT = (Path(__file__).resolve().parents[2] / "ops" / "sample" / "case.json").read_text()
BOOKING = Prepare(session="s-1", type="BookSession", stage=SESSION_STAGE, source=TEXT)
ONE = Stage("01", "1", 1)
QUICK = Bounds(answer_wait_ms=3_000, line_pause_ms=20, line_pause_ms_max=100)


@pytest.fixture
async def node(opens: Opens, exchange: Exchange) -> AsyncIterator[Node]:
    """合肥's node, its line up; no session is booked."""
    async with opens("hefei", exchange.port, QUICK, preparing=assembly.Hosting) as found:
        await line_up(found)
        yield found


@pytest.fixture
async def page(node: Node) -> AsyncIterator[Page]:
    async with open_page(node.door.port) as found:
        yield found


async def prepared(page: Page, ask: Prepare) -> Prepared:
    return await page.ask(wire.PREPARE, ask, Prepared)


async def act(page: Page, world: World, ask: Prepare) -> wire.Answer:
    """Have an act prepared, sign it as the agent, and send it."""
    made = await prepared(page, ask)
    content = canonical.decode(made.content.encode(), cmd.CONTENTS[ask.type])
    command = world.command("agent", content, made.stage)
    return await page.act(signed(command, "agent", made.disclosures))


async def test_the_agent_enrols_books_and_takes_the_session_to_check_in(
    node: Node, exchange: Exchange, page: Page
) -> None:
    world = exchange.world
    asked = wire.SignIn("installation", "agent", "code-agent", key("agent"))
    attested = await page.ask(wire.SIGN_IN, asked, wire.Attested)
    assert attested.key == key("agent")
    proved = await page.prove("installation", "agent")
    assert (proved.role, proved.node, proved.author_seq) == ("agent", "hefei", 0)
    assert (await act(page, world, BOOKING)).status == "accepted"
    # Its own copy shows the session by now; the page moves to it.
    await page.prove("s-1", "agent")
    news = await page.follow("s-1")
    assert news.view.phase == "BOOKED"
    assert news.view.title is not None
    ask = Prepare(session="s-1", type="ImportCommittee", stage=SESSION_STAGE)
    for step in (
        ask,
        replace(ask, type="ImportOpening", stage=ONE),
        replace(ask, type="DrawK", stage=ONE),
        replace(ask, type="OpenCheckIn"),
    ):
        answer = await act(page, world, step)
        assert answer.status == "accepted", (step.type, answer)
    news = await page.follow("s-1", 0)
    assert news.view.phase == "CHECKIN"
    assert {venue.venue: venue.zh for venue in news.view.venues}["shanghai"] == "上海"
    assert {seat.role for seat in news.view.seats} == {
        "agent", "tenderee", "expert", "witness", "supervisor", "keeper",
    }  # fmt: skip


async def test_codes_go_to_the_sessions_agent_alone(node: Node, exchange: Exchange, page: Page) -> None:
    world = exchange.world
    await page.prove("installation", "agent")
    await act(page, world, BOOKING)
    statement = {"session": "s-1", "seats": ("M1",), "key": key("agent"), "at": world.now}
    sig = signing.sign(private_key("agent"), canonical.tag("issue-codes/v1") + canonical.encode(statement))
    asked = wire.IssueCodes("s-1", ("M1",), key("agent"), world.now, sig)
    assert await page.refused(wire.ISSUE_CODES, asked) == "NotSignedIn"
    await page.prove("s-1", "agent")
    codes = await page.ask(wire.ISSUE_CODES, asked, wire.Codes)
    assert [one.seat for one in codes.codes] == ["M1"]


async def test_what_is_prepared_is_for_whom_it_concerns(node: Node, exchange: Exchange, page: Page) -> None:
    assert await page.refused(wire.PREPARE, BOOKING) == "NotSignedIn"
    await page.prove("installation", "agent")
    other = replace(BOOKING, type="ImportCommittee")
    assert await page.refused(wire.PREPARE, other) == "NotSignedIn"
    await act(page, exchange.world, BOOKING)
    assert await page.refused(wire.PREPARE, BOOKING) == "SessionExists"
    assert await page.refused(wire.PREPARE, other) == "NotSignedIn"
    nonce = (await page.ask(wire.CHALLENGE, None, wire.Challenge)).nonce
    told = {"session": "s-1", "seat": "agent", "key": key("stranger"), "nonce": nonce}
    sig = signing.sign(private_key("stranger"), canonical.tag("prove/v1") + canonical.encode(told))
    proof = wire.Proof("s-1", "agent", key("stranger"), nonce, sig)
    assert await page.refused(wire.PROVE, proof) == "UnknownAuthor"


async def test_the_tenderee_is_told_what_is_not_yet_available(
    node: Node, exchange: Exchange, page: Page
) -> None:
    world = exchange.world
    world.to_check_in()
    world.bind("tenderee")
    exchange.grown()
    async with asyncio.timeout(WAIT_S):
        await node.copies.reached("s-1", len(world.entries))
    await page.prove("s-1", "tenderee")
    ask = Prepare(session="s-1", type="BeginOpening", stage=ONE)
    assert await page.refused(wire.PREPARE, ask) == "NotYetAvailable"
    assert await page.refused(wire.PREPARE, replace(ask, type="LockRoster")) == "NotAllowed"
    assert await page.refused(wire.PREPARE, replace(ask, type="Abolish")) == "UnknownCommand"


async def test_the_tenderee_is_given_the_next_bid_to_read_out_and_then_the_record_to_sign(
    node: Node, exchange: Exchange, page: Page
) -> None:
    world = exchange.world
    world.to_check_in()
    world.bind("tenderee")
    bids = [bid.bidder for bid in world.at.tracks["01/1"].bids]
    world.must("tenderee", cmd.ReadOut(bids[1]), ONE)
    await _reached(node, exchange)
    await page.prove("s-1", "tenderee")
    ask = Prepare(session="s-1", type="ReadOut", stage=ONE)
    sign = replace(ask, type="SignOpeningRecord")
    found = await prepared(page, ask)
    assert found.content == canonical.encode(cmd.ReadOut(bids[0])).decode()
    assert await page.refused(wire.PREPARE, sign) == "GuardUnmet"
    assert await page.refused(wire.PREPARE, replace(ask, stage=Stage("77", "1", 1))) == "UnknownStage"
    for bidder in (bids[0], *bids[2:]):
        world.must("tenderee", cmd.ReadOut(bidder), ONE)
    await _reached(node, exchange)
    assert await page.refused(wire.PREPARE, ask) == "AlreadyDone"
    found = await prepared(page, sign)
    record = opening_record(world.at, world.at.tracks["01/1"])
    assert found.content == canonical.encode(cmd.SignOpeningRecord(record)).decode()


async def test_a_witness_is_given_what_was_noted_to_sign(node: Node, exchange: Exchange, page: Page) -> None:
    world = exchange.world
    world.to_check_in()
    world.bind("witness-hefei")
    world.note("witness-hefei", "room_ready")
    await _reached(node, exchange)
    await page.prove("s-1", "witness-hefei")
    ask = Prepare(session="s-1", type="SignWitnessRecord", stage=SESSION_STAGE)
    found = await prepared(page, ask)
    chain = world.at.witness_records["witness-hefei"].chain
    assert found.content == canonical.encode(cmd.SignWitnessRecord(1, chain)).decode()
    opening = replace(ask, type="SignOpeningRecord", stage=ONE)
    assert await page.refused(wire.PREPARE, opening) == "GuardUnmet"
    assert await page.refused(wire.PREPARE, replace(ask, type="CheckIn")) == "NotAllowed"
    assert await page.refused(wire.PREPARE, replace(ask, type="NoteObservation")) == "UnknownCommand"


async def _reached(node: Node, exchange: Exchange) -> None:
    """The node's copy has all that the world has."""
    exchange.grown()
    async with asyncio.timeout(WAIT_S):
        await node.copies.reached("s-1", len(exchange.world.entries))


async def test_a_sub_venue_enrols_and_books_nothing(opens: Opens, exchange: Exchange) -> None:
    async with opens("shanghai", exchange.port, QUICK) as node:
        await line_up(node)
        async with open_page(node.door.port, "shanghai.localhost") as page:
            asked = wire.SignIn("installation", "agent", "code-agent", key("agent"))
            assert await page.refused(wire.SIGN_IN, asked) == "WrongVenue"
            nonce = (await page.ask(wire.CHALLENGE, None, wire.Challenge)).nonce
            told = {"session": "installation", "seat": "agent", "key": key("agent"), "nonce": nonce}
            sig = signing.sign(private_key("agent"), canonical.tag("prove/v1") + canonical.encode(told))
            proof = wire.Proof("installation", "agent", key("agent"), nonce, sig)
            assert await page.refused(wire.PROVE, proof) == "WrongVenue"


async def test_the_case_outlives_the_node_without_its_scores_and_goes_with_the_archive(
    opens: Opens, exchange: Exchange, tmp_path: Path
) -> None:
    world = exchange.world
    async with opens("hefei", exchange.port, QUICK, preparing=assembly.Hosting) as node:
        await line_up(node)
        async with open_page(node.door.port) as page:
            await page.prove("installation", "agent")
            await act(page, world, BOOKING)
    kept = tmp_path / "data" / "hefei" / "cases" / "s-1.json"
    assert msgspec.json.decode(kept.read_bytes())["sheets"] == {}
    forgotten = asyncio.Event()

    class Told(assembly.Hosting):
        """Tells when it has forgotten a session."""

        async def forget(self, session: str) -> None:
            await super().forget(session)
            forgotten.set()

    async with opens("hefei", exchange.port, QUICK, preparing=Told) as node:
        await line_up(node)
        async with open_page(node.door.port) as page:
            await page.prove("s-1", "agent")
            ask = Prepare(session="s-1", type="ImportCommittee", stage=SESSION_STAGE)
            assert (await act(page, world, ask)).status == "accepted"
        assert kept.exists()
        ended = fork(world)
        ended.case = world.case
        await _archive(exchange, ended)
        await asyncio.wait_for(forgotten.wait(), WAIT_S)
        assert node.copies.size("s-1") == len(ended.entries)
    assert not kept.exists()


async def _archive(exchange: Exchange, world: World) -> None:
    """Take a session with its committee to its end, and tell the nodes."""
    exchange.world = world
    for lot, envelope in (("01", "1"),):
        world.open_bids(lot, envelope)
        world.draw(lot, envelope)
    world.must("agent", cmd.OpenCheckIn())
    for seat in world.members():
        world.bind(seat)
        world.must(seat, world.check_in_content())
    world.must("agent", cmd.LockRoster())
    world.preliminary("01", "1")
    for seat in world.members():
        world.seal(seat, "01", "1")
    world.must("agent", cmd.CloseScoring(), ONE)
    world.open_scores("01", "1")
    world.tally("01", "1")
    world.must("agent", cmd.ConfirmRanking(), ONE)
    world.must("agent", cmd.BeginReport())
    report = world.hide("report", "report", {"title": world.plan.title})
    content = cmd.ImportReport("test", report.digest, "test", report.digest)
    world.must("agent", content, SESSION_STAGE, (report,))
    for seat in world.members():
        world.must(seat, cmd.SignReport(report.digest))
    world.must("agent", cmd.SubmitReport())
    world.must("agent", cmd.ArchiveSession())
    exchange.grown()


async def test_bookings_that_nobody_sends_do_not_fill_the_shelf(
    node: Node, exchange: Exchange, page: Page, tmp_path: Path
) -> None:
    await page.prove("installation", "agent")
    await act(page, exchange.world, BOOKING)
    for number in range(UNBOOKED_MAX + 5):
        await prepared(page, replace(BOOKING, session=f"s-idle-{number}"))
    names = sorted(path.name for path in (tmp_path / "data" / "hefei" / "cases").iterdir())
    assert len(names) == UNBOOKED_MAX + 1
    assert "s-1.json" in names
    assert f"s-idle-{UNBOOKED_MAX + 4}.json" in names


def test_a_main_venue_serves_the_agents_page_first(installed: Path, tmp_path: Path) -> None:
    assert list(assembly.PAGES) == ["agent", "tenderee", "expert", "witness", "supervisor", "keeper"]
    assert settings_of(installed, tmp_path).role == "main"
