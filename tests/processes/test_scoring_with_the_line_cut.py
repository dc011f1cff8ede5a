"""Three members finish scoring while their line is cut, silently or by reset; the outcome is a calm run's.

On one coordinator with SQLite, and on three with PostgreSQL and Redis behind nginx; calm is one with SQLite.

A forwarder stands between two venues and the coordinator. Before any of their members has saved a first draft
the line is cut; they fill in their whole sheets, save and seal; their nodes notice, and say so; then the line
is back. Source: DESIGN 1.4, 1.8, 9; SPEC 12.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import pytest
import pytest_asyncio
from msgspec import Struct

from ops import act, backing, files, installation, places, ports, senses
from ops.backing import Size
from ops.installation import DEFAULT_PLACES, LOOPBACK, PORTS_SPAN, Installation
from ops.people import script
from ops.senses import Dice
from ops.stack import Stack
from protocol import canonical, commands, entry, record, wire
from protocol.link import receipt
from protocol.words import Stage
from sub_venue.config import Bounds
from tests.processes import raw_socket
from tests.processes.forwarder import Forwarder, forwarding
from tests.processes.held_play import FULL_S, Gate, Held, HeldPlay, held, undisturbed
from tests.processes.wiretap import Wiretap, tapped

pytestmark = pytest.mark.asyncio(loop_scope="module")

CUT_OFF = {"M3": "nanjing", "M4": "nanjing", "M5": "hangzhou"}
"""The members whose line is cut, and where they sit."""
HEARTBEAT_MS = 1_000
NOTICED_S = Bounds(line_heartbeat_ms=HEARTBEAT_MS).line_silent_ms_max / 1000
"""The named bound within which a node takes a silent line for cut, for the heartbeat of this test."""
SLACK_S = 10
_POLL_S = 0.05

T = TypeVar("T")


class Scored(Struct, frozen=True):
    """A session during whose scoring the line was cut."""

    kept: dict[str, tuple[wire.Submit, wire.Answer]]
    drafts: dict[str, wire.Draft]
    views: dict[str, wire.News]
    noticed_s: float
    sealed_meanwhile: int
    played: act.Played


class Cutting(Struct, frozen=True):
    """A stack whose venues meet the coordinators through a forwarder."""

    running: Stack
    line: Forwarder


class _Member(Held):
    """A member who also asks before the first look at a draft: scoring begins there."""

    async def ask(self, event: str, message: Any, reply: type[T]) -> T:
        """See `Person.ask`."""
        if event == wire.DRAFT_GET:
            await self._before(self.seat, _SCORING)
        return await super().ask(event, message, reply)


class _Play(HeldPlay):
    person = _Member


_SCORING = commands.SealSheet(bytes(32))
"""What the gate holds; the sheet itself passes later, when the gate is open."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def calm(tmp_path_factory: pytest.TempPathFactory) -> act.Played:
    """The same case with nothing in its way, on one coordinator with SQLite."""
    found = _installed(tmp_path_factory.mktemp("calm"), Size())
    async with _started(found):
        return await undisturbed(found, script.load(places.sample_case()), "calm")


@pytest_asyncio.fixture(
    scope="module", loop_scope="module", params=[Size(1, False, False), Size(3, True, True)],
    ids=["one on SQLite", "three on PostgreSQL and Redis"],
)  # fmt: skip
async def cutting(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> AsyncIterator[Cutting]:
    found = _installed(tmp_path_factory.mktemp("stack"), request.param)
    async with forwarding(found.node_port) as line:
        for venue in sorted(set(CUT_OFF.values())):
            _go_through(found.config(venue), line.port)
        async with _started(found) as stack:
            yield Cutting(stack, line)


def _installed(data: Path, size: Size) -> Installation:
    base = ports.free_base(PORTS_SPAN + len(DEFAULT_PLACES), Dice())
    shape = backing.shape(data, size)
    return installation.ensure(data, now_ms=senses.now_ms(), ports_from=base, shape=shape)


@contextlib.asynccontextmanager
async def _started(found: Installation) -> AsyncIterator[Stack]:
    """A stack with every node's line up; a process that ends is a failure."""
    stack = Stack(found, restart=False)
    await stack.start()
    try:
        for node in found.nodes:
            await _line(found, node.place.node, online=True)
        yield stack
        assert stack.broken is not None
        assert not stack.broken.done(), "a process has ended"
    finally:
        await stack.stop()


def _go_through(config: Path, port: int) -> None:
    told = files.read_json(config)
    bounds = {"line_heartbeat_ms": HEARTBEAT_MS}
    files.write_json(config, {**told, "coordinator_url": f"https://{LOOPBACK}:{port}", "bounds": bounds})


@contextlib.asynccontextmanager
async def _cut(line: Forwarder, how: str) -> AsyncIterator[None]:
    if how == "silently":
        line.cut_silently()
        try:
            yield
        finally:
            line.go_on()
    else:
        await line.cut_by_reset()
        try:
            yield
        finally:
            await line.mend()


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["silently", "by reset"])
async def scored(cutting: Cutting, request: pytest.FixtureRequest) -> Scored:
    found, case = cutting.running.installation, script.load(places.sample_case())
    gate = Gate("SealSheet", *CUT_OFF)
    async with tapped(found) as wiretap:
        session = f"cut-{request.param.replace(' ', '-')}"
        play = _Play(wiretap.installation, case, session, before=gate.pass_by)
        async with held(play, gate) as playing:
            async with _cut(cutting.line, request.param):
                cut_at = asyncio.get_running_loop().time()
                gate.open.set()
                venues = set(CUT_OFF.values())
                await asyncio.gather(*(_line(found, venue, online=False) for venue in venues))
                noticed_s = asyncio.get_running_loop().time() - cut_at
                async with asyncio.timeout(FULL_S):
                    await wiretap.until(lambda: len(_kept(wiretap)) == len(CUT_OFF))
                shown = {seat: await _look(found, play, seat) for seat in CUT_OFF}
                sealed = await _sealed_at_the_main_venue(found, play)
            played = await playing
        return Scored(
            kept=_kept(wiretap),
            drafts={seat: draft for seat, (draft, _) in shown.items()},
            views={seat: news for seat, (_, news) in shown.items()},
            noticed_s=noticed_s,
            sealed_meanwhile=sealed,
            played=played,
        )


def _kept(wiretap: Wiretap) -> dict[str, tuple[wire.Submit, wire.Answer]]:
    """Seat → the sheet that was only kept, and the receipt."""
    found = {}
    for tap in wiretap.taps:
        for submit, answer in tap.acts():
            sheet = commands.parse(submit.command.encode()).type == "SealSheet"
            if sheet and answer.status == "kept":
                found[tap.seat] = (submit, answer)
    return found


async def _line(found: Installation, venue: str, *, online: bool) -> None:
    """Wait until a node says that its line is up, or down."""
    async with asyncio.timeout(NOTICED_S + SLACK_S), raw_socket.at_desk(found.node(venue)) as page:
        while True:
            if (await page.ask(wire.LINE_STATE))["online"] == online:
                return
            await asyncio.sleep(_POLL_S)


async def _look(found: Installation, play: HeldPlay, seat: str) -> tuple[wire.Draft, wire.News]:
    """What a page of a seat finds that is opened while the line is cut: its draft, and the view."""
    person = play.people[seat]
    async with raw_socket.at_desk(found.node(person.node.place.node)) as page:
        nonce = msgspec.convert(await page.ask(wire.CHALLENGE), wire.Challenge).nonce
        statement = {"session": play.session, "seat": seat, "key": person.key_text, "nonce": nonce}
        sig = person.sign(canonical.tag("prove/v1") + canonical.encode(statement))
        await page.ask(wire.PROVE, wire.Proof(play.session, seat, person.key_text, nonce, sig))
        news = msgspec.convert(await page.ask(wire.FOLLOW, wire.Follow(play.session, 0)), wire.News)
        (stage,) = news.view.stages
        place = Stage(stage.lot, stage.envelope, stage.round)
        asked = wire.Draft(play.session, seat, place, 0, {})
        return msgspec.convert(await page.ask(wire.DRAFT_GET, asked), wire.Draft), news


async def _sealed_at_the_main_venue(found: Installation, play: HeldPlay) -> int:
    """How many sheets the agent's page shows as sealed."""
    view = play.agent.view
    assert view is not None
    (stage,) = view.stages
    return sum(1 for sheet in stage.sheets or () if sheet.sealed)


async def test_the_nodes_notice_the_cut_within_their_named_bound(scored: Scored) -> None:
    assert scored.noticed_s <= NOTICED_S + SLACK_S


async def test_every_sheet_is_kept_meanwhile_with_a_receipt_that_anybody_can_check(
    scored: Scored,
) -> None:
    assert set(scored.kept) == set(CUT_OFF)
    keys = {venue.venue: venue.node_key for news in scored.views.values() for venue in news.view.venues}
    for seat, (submit, answer) in scored.kept.items():
        assert answer.kept is not None
        assert receipt.proves(answer.kept, submit.command, keys[CUT_OFF[seat]])


async def test_drafts_lie_at_the_venue_meanwhile_whole(scored: Scored) -> None:
    for seat, draft in scored.drafts.items():
        assert draft.revision == len(draft.scores) > 0, seat


async def test_pages_say_meanwhile_that_the_line_is_down_and_as_of_when_they_speak(scored: Scored) -> None:
    for news in scored.views.values():
        assert not news.online
        assert news.view.as_of.size == news.since + len(news.lines)
        assert news.view.stages[0].phase == "DETAILED"
        assert not any(sheet.sealed for sheet in news.view.stages[0].sheets or () if sheet.seat in CUT_OFF)


async def test_nothing_of_them_reaches_the_coordinator_meanwhile(scored: Scored) -> None:
    assert scored.sealed_meanwhile <= 5 - len(CUT_OFF)


async def test_when_the_line_is_back_each_sheet_is_accepted_once(scored: Scored) -> None:
    entries = [entry.decode(raw) for raw in record.read(scored.played.record.read_bytes()).entries]
    sheets = [one.command.command_id for one in entries if one.command.type == "SealSheet"]
    assert len(sheets) == len(set(sheets)) == 5
    assert {answer.command_id for _, answer in scored.kept.values()} <= set(sheets)


async def test_the_outcome_is_an_undisturbed_runs(scored: Scored, calm: act.Played) -> None:
    assert scored.played.result.outcome == calm.result.outcome
    assert scored.played.result.rows == calm.result.rows
