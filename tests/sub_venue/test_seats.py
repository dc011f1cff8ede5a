"""Seats over real sockets: prove, follow, act, be shown, and be turned away, beside a coordinator."""

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest
from msgspec.structs import replace

from protocol import canonical, entry, hidden, wire
from protocol import commands as cmd
from protocol.commands import NO_HEAD
from protocol.ledger import tree
from protocol.seal import signing
from protocol.wire import Answer, Draft, News
from protocol.words import SESSION_STAGE, Stage
from sub_venue.assembly import Node
from sub_venue.config import Bounds
from sub_venue.seats.sockets import ANSWER
from tests.protocol.world import World, key, private_key, salt
from tests.sub_venue.conftest import Opens, line_up
from tests.sub_venue.exchange import Exchange
from tests.sub_venue.page import WAIT_S, Page, open_page, proof, signed

QUICK = Bounds(answer_wait_ms=300, submit_wait_ms=600, line_pause_ms=20, line_pause_ms_max=100)


@pytest.fixture
async def node(opens: Opens, exchange: Exchange) -> AsyncIterator[Node]:
    """上海's node, where M2 sits, its line up."""
    async with opens("shanghai", exchange.port, QUICK) as found:
        await line_up(found)
        yield found


@pytest.fixture
async def page(node: Node) -> AsyncIterator[Page]:
    async with open_page(node.door.port, "shanghai.localhost") as found:
        yield found


async def copied(node: Node, world: World) -> None:
    """Wait until the node's copy has everything."""
    async with asyncio.timeout(WAIT_S):
        await node.copies.reached(world.session, len(world.entries))


async def seated(node: Node, exchange: Exchange, page: Page) -> World:
    """A session at check-in, M2 bound, proved and following."""
    world = exchange.world
    world.to_check_in()
    world.bind("M2")
    exchange.grown()
    await copied(node, world)
    await page.prove("s-1", "M2")
    await page.follow("s-1")
    return world


async def scoring(node: Node, exchange: Exchange, page: Page) -> World:
    """A session in which M2 sits before an empty sheet."""
    world = exchange.world
    world.to_scoring()
    exchange.grown()
    await copied(node, world)
    await page.prove("s-1", "M2")
    return world


async def test_a_page_is_told_nothing_before_it_has_proved_its_key(
    node: Node, exchange: Exchange, page: Page
) -> None:
    world = exchange.world
    world.to_check_in()
    world.bind("M2")
    exchange.grown()
    await copied(node, world)
    draft = Draft("s-1", "M2", world.stage("01", "1"), 1, {})
    for event, message in (
        (wire.FOLLOW, wire.Follow("s-1", 0)),
        (wire.DRAFT_PUT, draft),
        (wire.DRAFT_GET, draft),
        (wire.PREPARE, wire.Prepare(session="s-1", type="SignReport", stage=SESSION_STAGE)),
        (wire.ISSUE_CODES, wire.IssueCodes("s-1", ("M2",), key("M2"), 0, "ed25519:AAAA")),
    ):
        assert await page.refused(event, message) == "NotSignedIn", event
    nonce = (await page.ask(wire.CHALLENGE, None, wire.Challenge)).nonce
    assert await page.refused(wire.PROVE, proof("s-1", "M2", "M3", nonce)) == "UnknownAuthor"
    assert await page.refused(wire.PROVE, proof("s-1", "M2", "M2", nonce)) == "NotSignedIn"
    nonce = (await page.ask(wire.CHALLENGE, None, wire.Challenge)).nonce
    forged = replace(proof("s-1", "M2", "M2", nonce), sig=proof("s-1", "M2", "M3", nonce).sig)
    assert await page.refused(wire.PROVE, forged) == "BadSignature"
    proved = await page.prove("s-1", "M2")
    assert (proved.seat, proved.role, proved.node, proved.author_seq) == ("M2", "expert", "shanghai", 1)
    news = await page.follow("s-1")
    assert news.view.seat == "M2"
    assert news.online


async def test_a_challenge_is_good_for_its_time_only(opens: Opens, exchange: Exchange) -> None:
    async with opens("shanghai", exchange.port, Bounds(challenge_ms=0)) as node:
        world = exchange.world
        world.to_check_in()
        world.bind("M2")
        exchange.grown()
        await copied(node, world)
        async with open_page(node.door.port, "shanghai.localhost") as page:
            nonce = (await page.ask(wire.CHALLENGE, None, wire.Challenge)).nonce
            await asyncio.sleep(0.01)
            assert await page.refused(wire.PROVE, proof("s-1", "M2", "M2", nonce)) == "NotSignedIn"


async def test_a_person_signs_in_binds_checks_in_and_sees_it(
    node: Node, exchange: Exchange, page: Page
) -> None:
    world = exchange.world
    world.to_check_in()
    exchange.grown()
    await copied(node, world)
    wrong = wire.SignIn("s-1", "M2", "nonsense", key("M2"))
    assert await page.refused(wire.SIGN_IN, wrong) == "BadCode"
    attested = await page.ask(wire.SIGN_IN, replace(wrong, code="code-M2"), wire.Attested)
    binding = world.command("M2", cmd.BindSeat("M2", "code", attested.attestation))
    bound = await page.act(signed(binding, "M2"))
    assert bound.status == "accepted"
    # The node's own copy shows it by now: the page may prove at once.
    await page.prove("s-1", "M2")
    before = await page.follow("s-1")
    answer = await page.act(signed(world.command("M2", world.check_in_content()), "M2"))
    assert answer.status == "accepted"
    assert answer.seq == bound.seq + 1
    news = await page.until(wire.NEWS, lambda one: one.view.as_of.size > answer.seq, News)
    assert next(seat for seat in news.view.seats if seat.seat == "M2").checked_in
    lines = {line.seq: line for line in (*before.lines, *news.lines)}
    assert sorted(lines) == list(range(news.view.as_of.size))
    frontier = tree.EMPTY
    for seq in sorted(lines):
        frontier = tree.append(frontier, lines[seq].leaf)
    assert tree.frontier_root(frontier) == news.view.as_of.root


async def test_an_accepted_act_comes_with_the_nodes_signed_receipt(
    node: Node, exchange: Exchange, page: Page
) -> None:
    world = await seated(node, exchange, page)
    command = world.command("M2", world.check_in_content())
    answer = await page.act(signed(command, "M2"))
    kept = answer.kept
    assert kept is not None
    assert kept.command_digest == canonical.sha256(entry.signed_bytes(command))
    statement = {
        "session": kept.session, "command_id": kept.command_id, "command_digest": kept.command_digest,
        "journal_index": kept.journal_index, "at": kept.at,
    }  # fmt: skip
    told = canonical.tag("kept/v1") + canonical.encode(statement)
    assert signing.verify(key("node shanghai"), told, kept.sig)
    assert kept.node == "shanghai"


async def test_a_repeat_gets_the_first_answer_and_other_content_is_refused(
    node: Node, exchange: Exchange, page: Page
) -> None:
    world = await seated(node, exchange, page)
    command = world.command("M2", world.check_in_content())
    first = await page.act(signed(command, "M2"))
    assert await page.act(signed(command, "M2")) == first
    assert exchange.submitted.count(command.command_id) == 1
    other = replace(command, author_at=command.author_at + 1)
    assert await page.refused(wire.ACT, signed(other, "M2")) == "CommandReused"
    # A refusal by the rules is an answer too, and stays the first one.
    again = world.command("M2", world.check_in_content())
    refused = await page.act(signed(again, "M2"))
    assert refused.refused is not None
    assert refused.refused.code == "AlreadyCheckedIn"
    assert await page.act(signed(again, "M2")) == refused


async def test_an_act_that_meets_a_silent_coordinator_is_kept_and_answered_later(
    node: Node, exchange: Exchange, page: Page
) -> None:
    world = await seated(node, exchange, page)
    exchange.silent = True
    command = world.command("M2", world.check_in_content())
    kept = await page.act(signed(command, "M2"))
    assert (kept.status, kept.seq) == ("kept", -1)
    assert kept.kept is not None
    exchange.silent = False
    late = await page.until(ANSWER, lambda one: one.command_id == command.command_id, Answer)
    assert late.status == "accepted"
    assert late.kept == kept.kept
    assert world.at.seats["M2"].checked_in
    assert (await page.act(signed(command, "M2"))).seq == late.seq


async def test_with_the_line_cut_acts_are_kept_at_once_and_pages_say_so(
    node: Node, exchange: Exchange, page: Page
) -> None:
    world = await seated(node, exchange, page)
    await exchange.stop()
    await page.until(wire.LINE_STATE, lambda one: not one["online"], dict)
    command = world.command("M2", world.check_in_content())
    kept = await page.act(signed(command, "M2"))
    assert kept.status == "kept"
    news = await page.follow("s-1")
    assert not news.online
    assert news.view.as_of.size == len(world.entries)
    await exchange.start()
    await page.until(wire.LINE_STATE, lambda one: one["online"], dict)
    late = await page.until(ANSWER, lambda one: one.command_id == command.command_id, Answer)
    assert late.status == "accepted"


async def test_what_a_key_may_no_longer_see_it_is_not_shown(
    node: Node, exchange: Exchange, page: Page
) -> None:
    """Another machine has taken the seat: the first one's proof ends."""
    world = await seated(node, exchange, page)
    world.bind("M2", "M2 on a spare machine")
    exchange.grown()
    await copied(node, world)
    assert await page.refused(wire.FOLLOW, wire.Follow("s-1", 0)) == "NotSignedIn"
    size = len(world.entries)
    assert not any(
        name == wire.NEWS and msgspec.convert(data, News).view.as_of.size >= size
        for name, data in page.pushed
    )
    assert await page.refused(wire.ACT, signed(world.command("M2", world.check_in_content()), "M2")) == (
        "UnknownAuthor"
    )


async def test_an_experts_page_never_receives_another_seats_score_before_the_opening(
    node: Node, exchange: Exchange, page: Page
) -> None:
    world = await scoring(node, exchange, page)
    await page.follow("s-1")
    for seat in ("M1", "M3", "M4", "M5"):
        world.seal(seat, "01", "1")
    exchange.grown()
    await copied(node, world)
    size = len(world.entries)
    news = await page.until(wire.NEWS, lambda one: one.view.as_of.size == size, News)
    assert news.view.stages[0].sealed_count == 4
    told = msgspec.json.encode(page.pushed)
    for seat in ("M1", "M3", "M4", "M5"):
        opening = world.opening(seat, "01", "1")
        assert msgspec.json.encode(opening.scores["b1"]) not in told
    assert all(sheet.scores is None for sheet in news.view.stages[0].sheets or ())
    assert all(bid.price is None and bid.name is None for bid in news.view.stages[0].bids or ())


async def test_a_sealed_sheet_stays_at_its_venue_and_is_opened_when_all_are_in(
    node: Node, exchange: Exchange, page: Page
) -> None:
    world = await scoring(node, exchange, page)
    stage = world.stage("01", "1")
    opening = world.opening("M2", "01", "1")
    command = world.command("M2", cmd.SealSheet(hidden.commitment(opening)), stage)
    answer = await page.act(signed(command, "M2", opening=opening))
    assert answer.status == "accepted"
    assert exchange.disclosed_with[command.command_id] == ()
    for seat in ("M1", "M3", "M4", "M5"):
        world.seal(seat, "01", "1")
    world.must("agent", cmd.CloseScoring(), stage)
    exchange.grown()
    # The other venues say that they can; 上海's node says so by itself.
    for seat in ("M1", "M3", "M4", "M5"):
        commitment = world.at.tracks["01/1"].sheets[seat].commitment
        world.must(f"node {world.at.seats[seat].venue}", cmd.TryOpening(seat, commitment, "ok", ""), stage)
    async with asyncio.timeout(WAIT_S):
        while not world.at.tracks["01/1"].sheets["M2"].opened:
            exchange.grown()
            await asyncio.sleep(0.05)
    shown = world.disclosed.value(hidden.commitment(opening), hidden.Opening)
    assert shown == opening
    own = node.journal.of_author("s-1", key("node shanghai"))
    assert [(one.type, one.seat) for one in own] == [("TryOpening", "M2"), ("OpenSheet", "M2")]


async def test_an_opening_that_is_not_behind_its_commitment_is_never_sealed(
    node: Node, exchange: Exchange, page: Page
) -> None:
    world = await scoring(node, exchange, page)
    stage = world.stage("01", "1")
    opening = world.opening("M2", "01", "1")
    other = replace(opening, nonce=salt("another"))
    high = replace(opening, scores={**opening.scores, "b1": {**opening.scores["b1"], "A1": 99_900}})
    gap = replace(opening, scores={"b1": opening.scores["b1"]})
    theirs = replace(opening, expert="M3")
    for given, committed, code in (
        (None, opening, "DisclosureMissing"),
        (other, opening, "OpeningMismatch"),
        (high, high, "SheetInvalid"),
        (gap, gap, "SheetInvalid"),
        (theirs, theirs, "OpeningMismatch"),
    ):
        command = world.command("M2", cmd.SealSheet(hidden.commitment(committed)), stage)
        assert await page.refused(wire.ACT, signed(command, "M2", opening=given)) == code
    assert node.journal.count("s-1", key("M2")) == 0
    assert world.command("M2", world.check_in_content()).command_id not in exchange.submitted


async def test_a_draft_is_kept_and_an_older_one_gets_the_newer_back(
    node: Node, exchange: Exchange, page: Page
) -> None:
    world = await scoring(node, exchange, page)
    stage = world.stage("01", "1")
    first = Draft("s-1", "M2", stage, 1, {"b1": {"A1": 700}})
    third = Draft("s-1", "M2", stage, 3, {"b1": {"A1": 750}})
    assert (await page.put(first)).revision == 1
    assert (await page.put(third)).revision == 3
    assert (await page.put(third)).revision == 3
    raw = await page.say(wire.DRAFT_PUT, msgspec.to_builtins(replace(first, revision=2)))
    refused = msgspec.convert(raw["refused"], wire.Refused)
    assert refused.code == "OutOfOrder"
    assert msgspec.json.decode(refused.detail["draft"], type=Draft) == third
    assert await page.ask(wire.DRAFT_GET, replace(first, scores={}), Draft) == third
    theirs = replace(third, seat="M3")
    assert await page.refused(wire.DRAFT_PUT, theirs) == "NotSignedIn"
    assert await page.refused(wire.DRAFT_GET, theirs) == "NotSignedIn"
    assert await page.refused(wire.DRAFT_PUT, replace(third, stage=Stage("01", "1", 2))) == "WrongRound"
    assert await page.refused(wire.DRAFT_PUT, replace(third, stage=Stage("02", "1", 1))) == "UnknownStage"


async def test_texts_are_kept_in_a_draft_of_the_session_and_scores_are_not(
    node: Node, exchange: Exchange, page: Page
) -> None:
    world = await scoring(node, exchange, page)
    texts = Draft("s-1", "M2", SESSION_STAGE, 1, {}, {"vote-b2": {"reason": "缺少法定代表人授权"}})
    assert (await page.put(texts)).revision == 1
    assert await page.ask(wire.DRAFT_GET, replace(texts, texts={}), Draft) == texts
    scores = replace(texts, revision=2, scores={"b1": {"A1": 700}})
    assert await page.refused(wire.DRAFT_PUT, scores) == "UnknownStage"
    beside = Draft("s-1", "M2", world.stage("01", "1"), 1, {"b1": {"A1": 700}})
    assert (await page.put(beside)).revision == 1
    assert await page.ask(wire.DRAFT_GET, replace(texts, texts={}), Draft) == texts


async def test_a_member_may_have_its_plain_acts_prepared_and_no_others(
    node: Node, exchange: Exchange, page: Page
) -> None:
    world = await seated(node, exchange, page)
    ask = wire.Prepare(session="s-1", type="CheckIn", stage=SESSION_STAGE)
    prepared = await page.ask(wire.PREPARE, ask, wire.Prepared)
    assert canonical.decode(prepared.content.encode(), cmd.CheckIn) == world.check_in_content()
    for type_, code in (("SignReport", "WrongPhase"), ("LockRoster", "UnknownCommand")):
        assert await page.refused(wire.PREPARE, replace(ask, type=type_)) == code
    codes = wire.IssueCodes("s-1", ("M2",), key("M2"), world.now, "ed25519:AAAA")
    assert await page.refused(wire.ISSUE_CODES, codes) == "NotAllowed"


async def test_anybody_may_ask_which_sessions_there_are_and_whether_the_line_is_up(
    node: Node, exchange: Exchange, page: Page
) -> None:
    world = exchange.world
    world.to_check_in()
    exchange.grown()
    await copied(node, world)
    found = await page.ask(wire.SESSIONS, None, wire.SessionList)
    assert found.sessions == (wire.SessionNote("s-1", len(world.entries), "CHECKIN"),)
    assert await page.say(wire.LINE_STATE) == {"online": True}


async def test_a_key_that_has_only_asked_for_its_seat_works_on_with_the_line_cut(
    node: Node, exchange: Exchange, page: Page
) -> None:
    world = exchange.world
    world.to_check_in()
    exchange.grown()
    await copied(node, world)
    attestation = world.attest("M2", "M2")
    await exchange.stop()
    binding = signed(world.command("M2", cmd.BindSeat("M2", "code", attestation)), "M2")
    assert (await page.act(binding)).status == "kept"
    check_in = world.command("M2", world.check_in_content())
    assert (await page.act(signed(check_in, "M2"))).status == "kept"
    await exchange.start()
    late = await page.until(ANSWER, lambda one: one.command_id == check_in.command_id, Answer)
    assert late.status == "accepted"


async def test_a_forged_attestation_binds_nothing(node: Node, exchange: Exchange, page: Page) -> None:
    world = exchange.world
    world.to_check_in()
    exchange.grown()
    await copied(node, world)
    forged = signing.sign(private_key("M2"), signing.attested_bytes("s-1", "M2", key("M2"), "code"))
    command = world.command("M2", cmd.BindSeat("M2", "code", forged))
    assert await page.refused(wire.ACT, signed(command, "M2")) == "BadAttestation"
    assert node.journal.pending() == {}
    assert command.seen == NO_HEAD
