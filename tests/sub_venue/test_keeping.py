"""What a keeper is told of the node: how it stands, whose windows are open, what is wrong; nothing else."""

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from protocol import wire
from protocol.venue import (
    ClockStanding,
    DiskStanding,
    JournalStanding,
    LineStanding,
    PowerStanding,
    PreFlight,
    PreFlightTold,
    SeatStanding,
    Trouble,
    VenueState,
    Versions,
)
from sub_venue.assembly import Node
from sub_venue.config import Bounds
from sub_venue.seats import machine
from sub_venue.seats.screens import Seated
from sub_venue.seats.troubles import troubles
from tests.protocol.world import World
from tests.sub_venue.conftest import Opens, fork
from tests.sub_venue.exchange import Exchange
from tests.sub_venue.page import open_page
from tests.sub_venue.test_uplink import copied

NOW = 1_780_000_000_000
BOUNDS = Bounds()
SEAT = SeatStanding(
    seat="M2", role="expert", reserve=False, bound=True, checked_in=False, signed=False, windows=1,
    writing=True, heard_at=NOW - 1_000,
)  # fmt: skip
WELL = VenueState(
    node="shanghai", zh="上海", en="Shanghai", province="shanghai", role="sub", at=NOW,
    line=LineStanding(True, NOW - 600_000, 12, 0, "", 0),
    journal=JournalStanding(0, 0, 4_096),
    disk=DiskStanding(True, 50_000_000_000, 100_000_000_000),
    clock=ClockStanding(3, 6, NOW - 2_000),
    power=PowerStanding("mains", 97, 9_000_000, 600_000),
    versions=Versions("0.2.0", "3.11.7", "2", "Linux"),
    seats=(SEAT,), troubles=(),
)  # fmt: skip
KEEPER = Seated("s-1", "keeper-shanghai", "keeper", "key")


@pytest.fixture
async def node(opens: Opens, exchange: Exchange, at_check_in: World) -> AsyncIterator[Node]:
    """上海's node beside a session at check-in; M2 sits here."""
    exchange.world = fork(at_check_in)
    async with opens("shanghai", exchange.port, Bounds(pulse_ms=20)) as found:
        await copied(found, exchange.world)
        yield found


def codes(state: VenueState, stopped: tuple[str, ...] = ()) -> list[str]:
    return [one.code for one in troubles(state, stopped, BOUNDS)]


def test_where_all_is_well_nothing_is_told() -> None:
    assert codes(WELL) == []


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (replace(WELL, line=replace(WELL.line, up=False, since=NOW - 9_000, tries=4)), "LineDown"),
        (replace(WELL, line=replace(WELL.line, round_trip_ms=1_001)), "LineSlow"),
        (replace(WELL, line=replace(WELL.line, behind=3)), "CopyBehind"),
        (replace(WELL, journal=JournalStanding(2, NOW - 60_001, 9_000)), "ActsWaiting"),
        (replace(WELL, disk=replace(WELL.disk, takes=False)), "DiskRefuses"),
        (replace(WELL, disk=replace(WELL.disk, free_bytes=1_000_000_000)), "DiskLow"),
        (replace(WELL, clock=ClockStanding(-700, 100, NOW)), "ClockOff"),
        (replace(WELL, power=replace(WELL.power, source="battery")), "OnBattery"),
        (replace(WELL, seats=(replace(SEAT, windows=0),)), "SeatClosed"),
        (replace(WELL, seats=(replace(SEAT, heard_at=NOW - 60_001),)), "SeatSilent"),
    ],
)
def test_each_thing_that_is_wrong_is_told(state: VenueState, expected: str) -> None:
    assert codes(state) == [expected]


def test_the_worst_comes_first_and_only_what_is_certain_is_told() -> None:
    state = replace(
        WELL,
        line=replace(WELL.line, round_trip_ms=2_000),
        clock=ClockStanding(900, 500, NOW),
        seats=(replace(SEAT, bound=False, windows=0), replace(SEAT, reserve=True, windows=0)),
    )
    assert codes(state, ("s-9",)) == ["CopyStopped", "LineSlow"]
    cut = replace(state, line=replace(state.line, up=False), journal=JournalStanding(3, 1, 9))
    first = troubles(cut, (), BOUNDS)[0]
    assert first == Trouble("LineDown", "alarm", state.line.since, {"tries": "0", "pending": "3"})


async def test_a_keeper_is_told_of_the_node_and_of_the_seats_at_this_venue(node: Node) -> None:
    state = node._keeping.state(KEEPER)
    assert {one.seat for one in state.seats} == {"M2", "M6", "witness-shanghai", "supervisor-shanghai"}
    assert state.line.up
    assert state.disk.free_bytes <= state.disk.total_bytes
    assert state.journal.size_bytes > 0
    assert (state.node, state.role) == ("shanghai", "sub")
    held = {one.value for one in node.copies.get("s-1").disclosed.values()}  # type: ignore[union-attr]
    text = msgspec.json.encode(state).decode()
    assert not any(value.strip('"') in text for value in held if len(value) > 6)


async def test_nobody_but_a_keeper_is_told(node: Node) -> None:
    async with open_page(node.door.port, "shanghai.localhost") as page:
        assert await page.refused(wire.VENUE_STATE, None) == "NotSignedIn"
        await page.prove("s-1", "M2")
        assert await page.refused(wire.VENUE_STATE, None) == "NotAllowed"
        (seat,) = [one for one in node._keeping.state(KEEPER).seats if one.seat == "M2"]
        assert (seat.windows, seat.heard_at > 0) == (1, True)


def test_what_a_machine_does_not_tell_of_its_power_is_unknown(tmp_path: Path) -> None:
    assert machine.power(tmp_path / "nothing") == ("unknown", -1)
    for name, files in {
        "AC": {"type": "Mains", "online": "0"},
        "BAT0": {"type": "Battery", "status": "Discharging", "capacity": "81"},
    }.items():
        (tmp_path / name).mkdir()
        for file, word in files.items():
            (tmp_path / name / file).write_text(f"{word}\n", encoding="ascii")
    assert machine.power(tmp_path) == ("battery", 81)
    (tmp_path / "AC/online").write_text("1\n", encoding="ascii")
    assert machine.power(tmp_path) == ("mains", 81)


async def test_what_a_seat_finds_of_itself_is_shown_to_its_keeper(node: Node) -> None:
    found = PreFlight(line="good", camera="bad")
    async with open_page(node.door.port, "shanghai.localhost") as page:
        assert await page.refused(wire.PREFLIGHT, found) == "NotSignedIn"
        await page.prove("s-1", "M2")
        told = await page.ask(wire.PREFLIGHT, found, PreFlightTold)
        assert await page.refused(wire.PREFLIGHT, {"camera": "broken"}) == "Malformed"
    seats = {one.seat: one for one in node._keeping.state(KEEPER).seats}
    assert (seats["M2"].preflight, seats["M2"].preflight_at) == (found, told.at)
    assert (seats["M6"].preflight, seats["M6"].preflight_at) == (PreFlight(), 0)
