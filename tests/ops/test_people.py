"""The people: seats left to humans, waits that end with names, a record that may not contradict itself."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ops import installation, places, ports, senses
from ops.installation import DEFAULT_PLACES, PORTS_SPAN, Node
from ops.people import agent, expert, parts, script
from ops.people.expert import Memory
from ops.people.listener import Listener
from ops.people.person import Person
from ops.people.play import Play
from ops.scripts import late_recusal
from ops.senses import Dice
from ops.stack import Stack
from ops.trouble import Trouble
from protocol import wire
from protocol.ledger import tree
from protocol.views import AsOf, Line, View

SILENCE_MS = 3_000


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Stack]:
    base = ports.free_base(PORTS_SPAN + len(DEFAULT_PLACES), Dice())
    stack = Stack(installation.ensure(tmp_path, now_ms=senses.now_ms(), ports_from=base))
    await stack.start()
    try:
        yield stack
    finally:
        await stack.stop()


def _play(running: Stack, session: str, **more: Any) -> Play:
    return Play(running.installation, script.load(places.sample_case()), session, Dice(), **more)


async def test_seats_left_to_humans_are_awaited_and_taken_over_with_their_codes(running: Stack) -> None:
    """A human agent and a human M5 sign in with codes; the agent's new key replaces the command's."""
    play = _play(running, "mixed", humans=frozenset({"agent", "M5"}))
    async with play.open():
        await play.prepare(booked=False)
        await play.hand_out()
        codes = {one.seat: one.code for one in await play.codes(("agent", "M5"))}

        async def code_of(seat: str) -> str:
            return codes[seat]

        def human(seat: str, node: str) -> Person:
            key = Ed25519PrivateKey.generate()
            at = running.installation.node(node)
            return Person(at, "mixed", seat, key, Dice(), listener=Listener())

        chair, fifth = human("agent", "hefei"), human("M5", "hangzhou")
        tasks = [asyncio.create_task(one.desk.keep()) for one in (chair, fifth)]

        async def conduct() -> None:
            await chair.bind(code_of)
            await agent.conduct(chair, play.case)

        acting = [
            asyncio.create_task(conduct()),
            asyncio.create_task(expert.play(fifth, play.case, code_of, Dice())),
        ]
        try:
            view = await play.perform()
            await asyncio.gather(*acting)
        finally:
            for task in (*tasks, *acting):
                task.cancel()
            await asyncio.gather(*tasks, *acting, return_exceptions=True)
        assert view.phase == "ARCHIVED"
        assert await play.codes_unless_taken(("M1",)) == ()
        with pytest.raises(Trouble) as taken:
            await play.prepare(booked=True)
        assert "已由人接管" in taken.value.zh


async def test_who_comes_in_sits_down_though_a_human_holds_the_agents_seat(running: Stack) -> None:
    """A reserve follows who recused late; nobody issues a code, the operator vouches on this machine."""
    wanted = late_recusal.SCRIPT
    play = Play(
        running.installation, wanted.case, "recused", Dice(),
        humans=frozenset({"agent"}), course=wanted.course,
    )  # fmt: skip
    async with play.open():
        await play.prepare(booked=False)
        await play.hand_out()
        (code,) = await play.codes(("agent",))
        at, key = running.installation.node("hefei"), Ed25519PrivateKey.generate()
        chair = Person(at, "recused", "agent", key, Dice(), listener=Listener())

        async def code_of(_: str) -> str:
            return code.code

        async def conduct() -> None:
            await chair.bind(code_of)
            seat = next(one for one in play.seats() if one.seat == "agent")
            await parts.go_on(chair, seat, play.case, Dice(), Memory(), wanted.course)

        tasks = [asyncio.create_task(chair.desk.keep()), asyncio.create_task(conduct())]
        try:
            view = await play.perform()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
    assert view.phase == "ARCHIVED"
    assert view.committee is not None
    assert view.committee.replaced == {"M3": "M6"}
    assert {sheet.seat for sheet in view.stages[0].sheets or ()} == {"M1", "M2", "M4", "M5", "M6"}


async def test_when_nothing_moves_the_wait_ends_with_the_names_of_who_is_awaited(running: Stack) -> None:
    play = _play(running, "stuck", silence_ms=SILENCE_MS)
    async with play.open():
        await play.prepare(booked=False)
        await play.hand_out()
        os.kill(running.pid("hangzhou"), signal.SIGSTOP)
        try:
            with pytest.raises(Trouble) as overdue:
                await play.perform()
        finally:
            os.kill(running.pid("hangzhou"), signal.SIGCONT)
    assert "M5" in overdue.value.zh
    assert "等待超时:3 秒内没有任何进展" in overdue.value.zh
    assert "still awaited" in overdue.value.en


async def test_a_refused_act_ends_the_play_with_its_seat_code_and_text(running: Stack) -> None:
    first = _play(running, "twice")
    async with first.open():
        await first.prepare(booked=False)
        with pytest.raises(Trouble) as refused:
            await first.prepare(booked=False)
    assert "SessionExists" in refused.value.zh
    assert "agent" in refused.value.zh


def _news(lines: list[Line], root: bytes) -> wire.News:
    as_of = AsOf(len(lines), 0, root)
    view = View(
        role="expert", seat="M1", session="s", as_of=as_of, regime="TENDER", rules_version="1",
        demonstration=True, phase="CHECKIN", path=(),
    )  # fmt: skip
    return wire.News(view, 0, tuple(lines), True)


def _lines(*names: bytes) -> list[Line]:
    return [Line(seq, 0, tree.leaf_hash(name), "", "", "", "", ()) for seq, name in enumerate(names)]


def _person() -> Person:
    node = Node(DEFAULT_PLACES[0], 1)
    return Person(node, "s", "M1", Ed25519PrivateKey.generate(), Dice(), listener=Listener(), bound=True)


async def test_a_person_believes_only_a_view_whose_root_follows_from_the_lines() -> None:
    person = _person()
    lines = _lines(b"genesis", b"second")
    person._take(_news(lines, tree.root([line.leaf for line in lines])))
    assert person.view is not None
    assert person.head.size == 2
    person._take(_news(lines, tree.root([lines[0].leaf])))
    with pytest.raises(Trouble) as forked:
        await person.until(lambda _: None)
    assert "两份不同的记录" in forked.value.zh


async def test_a_person_notices_a_line_that_has_changed() -> None:
    person = _person()
    lines = _lines(b"genesis", b"second")
    person._take(_news(lines, tree.root([line.leaf for line in lines])))
    other = _lines(b"genesis", b"changed")
    person._take(_news(other, tree.root([line.leaf for line in other])))
    with pytest.raises(Trouble) as forked:
        await person.until(lambda _: None)
    assert "第 1 条" in forked.value.zh


def test_a_case_without_a_members_points_is_named() -> None:
    case = script.load(places.sample_case())
    sheets = {"01": {seat: sheet for seat, sheet in case.sheets["01"].items() if seat != "M3"}}
    cut = msgspec.structs.replace(case, sheets=sheets)
    with pytest.raises(Trouble) as missing:
        script.scores(cut, "M3", "01", "1", ("b1",))
    assert "M3" in missing.value.zh
    assert case.expected is None


def test_with_a_seed_everybody_has_the_same_keys_and_without_one_never() -> None:
    assert Dice("7").bytes32("key", "s", "M1") == Dice("7").bytes32("key", "s", "M1")
    assert Dice("7").bytes32("key", "s", "M1") != Dice("8").bytes32("key", "s", "M1")
    assert Dice("7").bytes32("key", "s", "M1") != Dice("7").bytes32("key", "s", "M2")
    assert Dice().bytes32("key", "s", "M1") != Dice().bytes32("key", "s", "M1")


def test_a_fictional_case_gets_public_times_about_now_and_one_that_has_them_keeps_them() -> None:
    case = script.load(places.sample_case())
    timed = script.with_public_times(case, 1_000)
    assert [one.kind for one in timed.timetable] == [
        "bid_deadline", "opening", "publication", "objection_until",
    ]  # fmt: skip
    assert timed.timetable[2].at == 1_000 + script.PUBLICATION_MS
    assert script.with_public_times(timed, 9_000) == timed
    real = msgspec.structs.replace(case, kind="real")
    assert script.with_public_times(real, 1_000) == real
