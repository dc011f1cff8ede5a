"""Messages that are none, forged, replayed, too large or too many: each refused, neighbours unharmed."""

# tidy: long because the table of what is refused, and with which code, is one thing

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from protocol import commands as cmd
from protocol import hidden, limits, wire
from protocol.commands import NO_HEAD, Command
from protocol.wire import Answer, Submit
from protocol.words import SESSION_STAGE
from sub_venue.assembly import Node
from sub_venue.config import Bounds
from tests.protocol.world import World, key, salt
from tests.sub_venue.conftest import Opens, fork, line_up
from tests.sub_venue.exchange import Exchange
from tests.sub_venue.page import WAIT_S, Page, open_page, signed

QUICK = Bounds(answer_wait_ms=2_000, line_pause_ms=20, line_pause_ms_max=100)


@pytest.fixture
async def node(opens: Opens, exchange: Exchange, at_check_in: World) -> AsyncIterator[Node]:
    """上海's node beside a session at check-in; M2 and M3 are bound, M2 sits here, M3 at 南京."""
    async with opens("shanghai", exchange.port, QUICK) as found:
        world = exchange.world = fork(at_check_in)
        await line_up(found)
        exchange.grown()
        async with asyncio.timeout(WAIT_S):
            await found.copies.reached("s-1", len(world.entries))
        yield found


@pytest.fixture
async def page(node: Node) -> AsyncIterator[Page]:
    async with open_page(node.door.port, "shanghai.localhost") as found:
        yield found


@pytest.fixture
async def neighbour(node: Node) -> AsyncIterator[Page]:
    """Another page, which follows the session and must notice nothing."""
    async with open_page(node.door.port, "shanghai.localhost") as found:
        await found.prove("s-1", "M2")
        await found.follow("s-1")
        yield found


async def is_unharmed(page: Page, neighbour: Page, world: World) -> None:
    """The page itself and its neighbour go on as before."""
    assert (await page.ask(wire.CHALLENGE, None, wire.Challenge)).nonce
    answer = await neighbour.act(signed(world.command("M2", world.check_in_content()), "M2"))
    assert isinstance(answer, Answer)
    assert answer.status in ("accepted", "refused")
    assert (await neighbour.follow("s-1")).view.session == "s-1"


def check_in(world: World, author: str = "M2", **fields: Any) -> Submit:
    return signed(replace(world.command(author, world.check_in_content()), **fields), author)


def not_json(world: World) -> Submit:
    return replace(check_in(world), command="{")


def not_canonical(world: World) -> Submit:
    good = check_in(world)
    return replace(good, command=good.command.replace(":", ": ", 1))


def duplicate_field(world: World) -> Submit:
    good = check_in(world)
    return replace(good, command='{"author_at":1,' + good.command[1:])


def unknown_field(world: World) -> Submit:
    good = check_in(world)
    return replace(good, command=good.command[:-1] + ',"zz":1}')


def lone_surrogate(world: World) -> Submit:
    good = check_in(world)
    return replace(good, command=good.command.replace('"none"', '"\\ud800"'))


def a_float(world: World) -> Submit:
    good = json.loads(check_in(world).command)
    good["author_seq"] = 1.5
    return replace(check_in(world), command=json.dumps(good, sort_keys=True, separators=(",", ":")))


def too_deep(world: World) -> Submit:
    return replace(check_in(world), command="[" * 2_000 + "]" * 2_000)


def unknown_type(world: World) -> Submit:
    text = check_in(world).command.replace('"CheckIn"', '"Abolish"')
    return replace(check_in(world), command=text)


def somebody_elses_signature(world: World) -> Submit:
    good = world.command("M2", world.check_in_content())
    return signed(replace(good, author_key=key("M2")), "M3")


def another_word_signed(world: World) -> Submit:
    good = check_in(world)
    return replace(good, sig=check_in(world).sig)


def no_signature(world: World) -> Submit:
    return replace(check_in(world), sig="ed25519:AAAA")


def another_algorithm(world: World) -> Submit:
    return replace(check_in(world), sig=check_in(world).sig.replace("ed25519:", "sm2:"))


def a_stranger(world: World) -> Submit:
    return check_in(world, "nobody")


def another_venues_seat(world: World) -> Submit:
    return check_in(world, "M3")


def anothers_binding(world: World) -> Submit:
    content = cmd.BindSeat("M4", "code", world.attest("M4", "M4"))
    return signed(world.command("M4", content), "M4")


def an_unknown_seat(world: World) -> Submit:
    return signed(world.command("M9", cmd.BindSeat("M9", "code", world.attest("M9", "M9"))), "M9")


def another_session(world: World) -> Submit:
    return check_in(world, session="s-2")


def a_booking_at_a_sub_venue(world: World) -> Submit:
    content, plan = world.book_content()
    return signed(replace(world.command("agent", content), session="s-3"), "agent", (plan,))


def a_nodes_own_act(world: World) -> Submit:
    content = cmd.TryOpening("M2", salt("c"), "ok", "")
    return signed(world.command("node shanghai", content, world.stage("01", "1")), "node shanghai")


def an_opening_beside_another_act(world: World) -> Submit:
    opening = hidden.Opening("s-1", SESSION_STAGE, "M2", (), {}, salt("n"))
    return replace(check_in(world), opening=opening)


def a_false_disclosure(world: World) -> Submit:
    true = hidden.disclose("price", salt("p"), "1.00")
    return replace(check_in(world), disclosures=(replace(true, value='"2.00"'),))


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (not_json, "Malformed"),
        (not_canonical, "Malformed"),
        (duplicate_field, "Malformed"),
        (unknown_field, "Malformed"),
        (lone_surrogate, "Malformed"),
        (a_float, "Malformed"),
        (too_deep, "Malformed"),
        (unknown_type, "UnknownCommand"),
        (somebody_elses_signature, "BadSignature"),
        (another_word_signed, "BadSignature"),
        (no_signature, "BadSignature"),
        (another_algorithm, "BadSignature"),
        (a_stranger, "UnknownAuthor"),
        (another_venues_seat, "WrongVenue"),
        (anothers_binding, "WrongVenue"),
        (an_unknown_seat, "UnknownSeat"),
        (another_session, "UnknownSession"),
        (a_booking_at_a_sub_venue, "WrongVenue"),
        (a_nodes_own_act, "NotAllowed"),
        (an_opening_beside_another_act, "Malformed"),
        (a_false_disclosure, "DisclosureMismatch"),
    ],
)
async def test_an_act_that_is_none_is_refused_by_its_code_and_never_kept(
    node: Node, exchange: Exchange, page: Page, neighbour: Page, make: Callable[[World], Submit], code: str
) -> None:
    world = exchange.world
    assert await page.refused(wire.ACT, make(world)) == code
    assert node.journal.pending() == {}
    assert exchange.submitted == []
    await is_unharmed(page, neighbour, world)


@pytest.mark.parametrize(
    ("event", "data"),
    [
        (wire.ACT, None),
        (wire.ACT, []),
        (wire.ACT, "text"),
        (wire.ACT, {"command": 1, "sig": "x"}),
        (wire.ACT, {"command": "{}", "sig": "ed25519:AAAA", "more": 1}),
        (wire.PROVE, {"session": "../x", "seat": "M2", "key": "k", "nonce": "AA==", "sig": "s"}),
        (wire.FOLLOW, {"session": "s-1", "since": -1}),
        (wire.FOLLOW, {"session": "s-1", "since": "0"}),
        (wire.DRAFT_PUT, {"session": "s-1", "seat": "M2", "revision": 1, "scores": {}}),
        (wire.SIGN_IN, {"session": "s-1", "seat": "M2", "code": "x" * 100, "key": key("M2")}),
    ],
)
async def test_a_message_in_no_form_is_malformed(
    node: Node, exchange: Exchange, page: Page, neighbour: Page, event: str, data: Any
) -> None:
    raw = await page.say(event, data)
    assert raw["refused"]["code"] == "Malformed"
    assert raw["refused"]["zh"]
    await is_unharmed(page, neighbour, exchange.world)


async def test_an_event_that_nobody_knows_is_refused(node: Node, page: Page) -> None:
    raw = await page.say("abolish", {"x": 1})
    assert raw["refused"]["code"] == "UnknownCommand"


async def test_an_accepted_act_played_again_by_another_page_changes_nothing(
    node: Node, exchange: Exchange, page: Page, neighbour: Page
) -> None:
    world = exchange.world
    message = check_in(world)
    first = await neighbour.act(message)
    size = len(world.entries)
    assert await page.act(message) == first
    assert len(world.entries) == size
    # In another session the same bytes are another session's, and changed bytes are not signed.
    moved = replace(message, command=message.command.replace('"s-1"', '"s-2"'))
    assert await page.refused(wire.ACT, moved) == "BadSignature"


async def test_a_command_over_its_size_is_too_large(node: Node, exchange: Exchange, page: Page) -> None:
    long = replace(check_in(exchange.world), command='"' + "x" * limits.COMMAND_BYTES_MAX + '"')
    raw = await page.say(wire.ACT, msgspec.to_builtins(long))
    assert raw["refused"]["code"] in ("TooLarge", "Malformed")


async def test_one_author_cannot_fill_the_journal(opens: Opens, exchange: Exchange) -> None:
    bounds = Bounds(author_pending_acts_max=3, answer_wait_ms=50, stranger_pending_acts_max=2)
    async with opens("hefei", 1, bounds) as node, open_page(node.door.port) as page:
        world = exchange.world
        content, plan = world.book_content()
        booked = []
        for number in range(3):
            command = Command(
                session=f"s-{number}", type="BookSession", command_id=f"c{number}",
                author_key=key(f"stranger {number}"), author_at=world.now, author_seq=1, seen=NO_HEAD,
                stage=SESSION_STAGE, content=content,
            )  # fmt: skip
            booked.append(signed(command, f"stranger {number}", (plan,)))
        assert [(await page.act(one)).status for one in booked[:2]] == ["kept", "kept"]
        assert await page.refused(wire.ACT, booked[2]) == "TooBusy"
