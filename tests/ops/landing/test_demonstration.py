"""A demonstration with real processes: seats change hands at any moment, and the outcome stays the case's."""

import asyncio
import logging
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ops.landing import scripts
from ops.landing.demonstration import Demonstration
from ops.landing.performance import Performance
from ops.people import agent, notebook
from ops.people.listener import Listener, SeatLeft
from ops.people.person import Person
from ops.people.tempo import DRAFT
from ops.scripts import judged
from ops.senses import Dice
from ops.trouble import Trouble
from protocol import record, wire
from protocol.words import Stage
from tests.ops.showing import demonstration, until
from tests.ops.stage import TABLE

pytestmark = pytest.mark.asyncio(loop_scope="module")

POINTS = ("opening", "mismatch", "reveal", "deviation", "signatures")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shown(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Demonstration]:
    async with demonstration(tmp_path_factory.mktemp("landing")) as (found, _door):
        yield found


@pytest_asyncio.fixture(loop_scope="module")
async def play(shown: Demonstration) -> Performance:
    """A session of its own for each test, as fast as it goes."""
    await shown.begin_anew()
    assert shown.shown is not None
    shown.set_pace("fast")
    for point in POINTS:
        shown.arm(point, on=False)
    shown.arm("cut", on=False)
    return shown.shown


class Human:
    """Somebody who opens the address of a click: signs in with its code, and sits until closed."""

    def __init__(self, shown: Demonstration, url: str) -> None:
        told = {name: value[0] for name, value in parse_qs(urlsplit(url).fragment).items()}
        port = urlsplit(url).port
        node = next(one for one in shown.installation.nodes if one.port == port)
        self.code = told["code"]
        self.person = Person(
            node, told["session"], told["seat"], Ed25519PrivateKey.generate(), Dice(), listener=Listener()
        )
        self._desk = asyncio.create_task(self.person.desk.keep())

    async def sit(self) -> Person:
        async def code_of(_seat: str) -> str:
            return self.code

        await self.person.bind(code_of)
        return self.person

    async def close(self) -> None:
        self._desk.cancel()
        await asyncio.gather(self._desk, return_exceptions=True)


async def at(play: Performance, point: str) -> None:
    """The play goes on to a breakpoint, and stands there."""
    play.baton.armed = {point}
    await play.go()
    await until(play, lambda: play.baton.here is not None)
    assert play.baton.here is not None
    assert play.baton.here.id == point


async def to_the_end(play: Performance) -> None:
    play.baton.armed = set()
    await play.go()
    await until(play, lambda: play.ending is not None)
    assert play.ending is not None
    assert {row.id: row.total for row in play.ending.rows} == TABLE


@pytest.mark.timeout(240)
async def test_whoever_sits_down_and_gives_back_at_any_moment_leaves_the_outcome_as_it_was(
    shown: Demonstration, play: Performance, caplog: pytest.LogCaptureFixture
) -> None:
    """At every breakpoint two members, a witness and the agent are sat in for, and given back."""
    await to_the_end(play)
    assert play.ending is not None
    calm = play.ending.outcome
    await shown.begin_anew()
    assert shown.shown is not None
    again = shown.shown
    codes = []
    with caplog.at_level(logging.DEBUG):
        for point in POINTS:
            await at(again, point)
            for seat in ("M4", "M5", "witness-nanjing", "agent"):
                human = Human(shown, await shown.sit(seat))
                codes.append(human.code)
                assert again.cast.places[seat].standing == "offered"
                await human.sit()
                await until(again, lambda seat=seat: again.cast.places[seat].standing == "person")  # type: ignore[misc]
                await shown.give_back(seat)
                with pytest.raises(SeatLeft):
                    await human.person.until(lambda _: None)
                await human.close()
        await to_the_end(again)
    assert again.ending is not None
    assert again.ending.outcome == calm
    winners = {one.id: (one.rank, one.total) for one in again.ending.otherwise}
    assert winners["b3"] == (1, "92.54")
    assert winners["b1"][1] == "91.14"
    logs = "".join(path.read_text(errors="replace") for path in shown.installation.logs.iterdir())
    told = caplog.text + logs + shown.picture().__repr__()
    assert not [code for code in codes if code in told], "a code is told to the click that asked for it alone"


@pytest.mark.timeout(180)
async def test_what_a_person_entered_stands_when_the_seat_is_given_back(
    shown: Demonstration, play: Performance
) -> None:
    """M5's second bid is next when a person sits down and enters one cell; the stand-in does the rest."""
    shown.set_pace("hand")
    await play.go()
    while play.baton.waiting[:1] != [("M5", DRAFT)]:
        await play.go()
        await asyncio.sleep(0.02)
    human = Human(shown, await shown.sit("M5"))
    person = await human.sit()
    stage = Stage("01", "1", 1)
    empty = wire.Draft(person.session, "M5", stage, 0, {})
    kept = await person.ask(wire.DRAFT_GET, empty, wire.Draft)
    mine = {**kept.scores, "b5": {**kept.scores.get("b5", {}), "A1": 700}}
    await person.ask(
        wire.DRAFT_PUT, wire.Draft(person.session, "M5", stage, kept.revision + 1, mine), wire.DraftKept
    )
    await shown.give_back("M5")
    await human.close()
    shown.set_pace("fast")
    await until(play, lambda: play.ending is not None)
    assert play.ending is not None
    read = record.read(play.ending.record.read_bytes())
    (track,) = record.replay(read).tracks.values()
    opening = read.disclosed.get_value(track.sheets["M5"].commitment)
    assert isinstance(opening, dict)
    case = play.case.sheets["01"]["M5"]
    assert opening["scores"]["b5"] == {**case["b5"], "A1": 700}
    assert opening["scores"]["b1"] == case["b1"]
    corrected = read.disclosed.get_value(track.sheets["M4"].commitment)
    assert isinstance(corrected, dict)
    assert corrected["scores"]["b3"]["B2"] == 400, "M4's first entry is corrected before it is sealed"


@pytest.mark.timeout(180)
async def test_who_holds_the_agents_seat_conducts_and_gives_out_the_codes(
    shown: Demonstration, play: Performance
) -> None:
    human = Human(shown, await shown.sit("agent"))
    chair = await human.sit()
    await until(play, lambda: play.cast.places["agent"].standing == "person")
    first = Human(shown, await shown.sit("M3"))
    await first.sit()
    with pytest.raises(Trouble) as theirs:
        await shown.sit("M3")
    assert "招标代理页面" in theirs.value.zh
    await shown.give_back("M3")
    await first.close()
    await play.go()
    conducting = asyncio.create_task(agent.conduct(chair, play.case))
    try:
        await to_the_end(play)
        await conducting
    finally:
        conducting.cancel()
        await asyncio.gather(conducting, return_exceptions=True)
        await human.close()


@pytest.mark.timeout(180)
async def test_a_cut_line_keeps_a_sheet_at_its_venue_and_holds_up_the_rest_until_it_is_mended(
    shown: Demonstration, play: Performance
) -> None:
    await at(play, "cut")
    assert shown.lines.of["hangzhou"].cut == "reset"
    with pytest.raises(Trouble) as no_line:
        await shown.sit("M5")
    assert "线路已断" in no_line.value.zh
    desks = {one.seat: one for one in shown.picture().session.desks}  # type: ignore[union-attr]
    assert (desks["M5"].cannot, desks["M4"].cannot) == ("line", "")
    play.baton.armed = set()
    await play.go()
    await until(play, lambda: _sealed(play) == {"M1", "M2", "M3", "M4"})
    await until(play, lambda: not any(seat == "M5" for seat, _ in play.baton.waiting))
    assert _sealed(play) == {"M1", "M2", "M3", "M4"}
    shown.mend("hangzhou")
    await to_the_end(play)


@pytest.mark.timeout(120)
async def test_starting_over_shows_a_new_session_and_lists_the_one_before(
    shown: Demonstration, play: Performance
) -> None:
    await at(play, "opening")
    await shown.begin_anew()
    told = shown.picture()
    assert told.session is not None
    assert told.session.session != play.session
    assert told.session.view is not None
    assert told.session.view.phase == "DRAWN"
    assert (told.earlier[0].session, told.earlier[0].ended) == (play.session, True)
    assert not told.session.playing.begun
    assert all(one.standing in ("idle", "system") for one in told.session.desks)
    assert shown.file(play.session, "record") is None
    assert shown.file("../secret", "record") is None


@pytest.mark.timeout(120)
async def test_pace_and_breakpoints_are_found_again_by_a_later_start_and_kept_when_starting_over(
    shown: Demonstration, play: Performance
) -> None:
    shown.set_pace("slow")
    shown.arm("reveal", on=True)
    shown.arm("cut", on=True)
    note = notebook.current(shown.installation)
    assert note is not None
    assert note.session == play.session
    later = Performance(
        shown.installation, play.case, note, lambda: None, lambda _: None, papers=False
    )  # fmt: skip
    assert (later.baton.pace, later.baton.armed) == ("slow", {"reveal", "cut"})
    await shown.begin_anew()
    assert shown.shown is not None
    assert (shown.shown.baton.pace, shown.shown.baton.armed) == ("slow", {"reveal", "cut"})


@pytest.mark.timeout(240)
async def test_a_script_is_begun_on_the_same_stack_and_comes_to_its_own_end(shown: Demonstration) -> None:
    """Its committee is drawn: the sub-venues' staff are nobody's seat before, and have stand-ins then."""
    await shown.begin_script("drawn-committee")
    play = shown.shown
    assert play is not None
    assert (play.note.script, shown.picture().session.script) == ("drawn-committee",) * 2  # type: ignore[union-attr]
    assert {place.seat.venue for place in play.cast.places.values()} == {"hefei"}
    shown.set_pace("fast")
    play.baton.armed = set()
    await play.go()
    await until(play, lambda: len({place.seat.venue for place in play.cast.places.values()}) == 3)
    await until(play, lambda: play.ending is not None)
    state = play.chronicle.state
    assert state is not None
    wanted = await scripts.find(shown.installation, "drawn-committee")
    assert judged.differences(wanted, state, play.chronicle.disclosed) == ()
    assert [place.fault for place in play.cast.places.values()] == [None] * len(play.cast.places)


def _sealed(play: Performance) -> set[str]:
    state = play.chronicle.state
    assert state is not None
    return {seat for track in state.tracks.values() for seat in track.sheets}
