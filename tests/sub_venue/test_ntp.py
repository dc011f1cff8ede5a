"""Time servers: a real one on loopback whose clock is planted; what is believed of it and what is not."""

import asyncio
import contextlib
import struct
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from msgspec.structs import replace
from pydantic import ValidationError

from protocol.link import sntp
from protocol.link.sntp import SntpReading
from protocol.venue import NtpStanding, PowerStanding, VenueState
from sub_venue.assembly import Node
from sub_venue.config import Bounds
from sub_venue.senses import Senses
from sub_venue.uplink.ntp import Server, TimeServers
from tests.protocol.world import World
from tests.sub_venue.conftest import Opens, fork
from tests.sub_venue.exchange import Exchange
from tests.sub_venue.page import WAIT_S
from tests.sub_venue.test_config import read
from tests.sub_venue.test_keeping import KEEPER, NOW, WELL, codes

SENSES = Senses()
FORM = struct.Struct("!BBbbII4s8s8s8s8s")
Change = Callable[[dict[str, int | bytes]], None]


class Planted(asyncio.DatagramProtocol):
    """An SNTP server whose clock is `ahead_ms` ahead of this machine's."""

    def __init__(self, ahead_ms: int, change: Change) -> None:
        self.ahead_ms, self.change = ahead_ms, change
        self.asked: list[bytes] = []
        self.heard = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.asked.append(data)
        self.heard.set()
        now = sntp.stamp(SENSES.now_ms() + self.ahead_ms)
        said: dict[str, int | bytes] = {
            "head": 4 << 3 | 4, "stratum": 2, "poll": 6, "precision": -20, "delay": 655, "dispersion": 655,
            "kiss": b"\x7f\0\0\1", "reference": now, "origin": data[40:48], "received": now, "sent": now,
        }  # fmt: skip
        self.change(said)
        if said:
            self.transport.sendto(FORM.pack(*said.values()), addr)  # type: ignore[attr-defined]


@contextlib.asynccontextmanager
async def planted(ahead_ms: int, change: Change = lambda _: None) -> AsyncIterator[tuple[Planted, str]]:
    loop = asyncio.get_running_loop()
    transport, server = await loop.create_datagram_endpoint(
        lambda: Planted(ahead_ms, change), local_addr=("127.0.0.1", 0)
    )
    with contextlib.closing(transport):
        yield server, f"127.0.0.1:{transport.get_extra_info('sockname')[1]}"


def says(**what: int | bytes) -> Change:
    return lambda said: said.update(what)


@pytest.mark.parametrize("ahead_ms", [0, 740, -90_000, 86_400_000])
async def test_a_server_tells_how_far_this_clock_is_off(ahead_ms: int) -> None:
    async with planted(ahead_ms) as (server, name):
        found = await TimeServers((name,), Bounds(), SENSES).ask(Server(name))
    assert isinstance(found, SntpReading)
    assert abs(found.offset_ms - ahead_ms) <= found.within_ms
    assert found.stratum == 2
    assert (
        found.within_ms - (found.round_trip_ms + 1) // 2 == 15
    )  # half of 10 ms of delay, and 10 of dispersion
    (asked,) = server.asked
    assert (len(asked), asked[0], asked[1:40]) == (48, 4 << 3 | 3, bytes(39))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (says(stratum=0, kiss=b"DENY"), "denied"),
        (says(stratum=0, kiss=b"RSTR"), "denied"),
        (says(stratum=0, kiss=b"RATE"), "rate"),
        (says(stratum=16), "unsynchronised"),
        (says(head=3 << 6 | 4 << 3 | 4), "unsynchronised"),
        (says(sent=bytes(8)), "unsynchronised"),
        (says(received=bytes(8)), "unsynchronised"),
        (says(dispersion=2 << 16), "unsynchronised"),
        (says(origin=bytes(8)), "foreign"),
        (says(head=4 << 3 | 3), "unreadable"),
        (says(head=5 << 3 | 4), "unreadable"),
        (says(received=sntp.stamp(0)), "unreadable"),
        (lambda said: said.clear(), "silent"),
    ],
)
async def test_what_is_worthless_is_not_believed(change: Change, why: str) -> None:
    async with planted(60_000, change) as (_, name):
        assert await TimeServers((name,), Bounds(ntp_wait_ms=300), SENSES).ask(Server(name)) == why


async def test_where_nobody_listens_or_nobody_is_the_server_is_silent() -> None:
    async with planted(0) as (_, name):
        pass
    asking = TimeServers((), Bounds(ntp_wait_ms=2_000), SENSES)
    assert await asking.ask(Server(name)) == "silent"
    assert await asking.ask(Server("nobody.invalid")) == "silent"


def test_an_answer_is_cut_off_and_one_of_the_next_era_is_read() -> None:
    nonce = bytes(range(8))
    assert sntp.read(bytes(47), nonce, NOW, 5) == "unreadable"
    later = 4_200_000_000_000  # 2103, in the era behind that of 2036
    now = sntp.stamp(later)
    raw = FORM.pack(4 << 3 | 4, 1, 6, -20, 0, 0, b"GPS\0", now, nonce, now, now)
    assert sntp.read(raw + bytes(20), nonce, later - 300, 10) == SntpReading(295, 5, 10, 1, later - 290)


async def test_a_server_that_will_not_be_asked_is_left_alone() -> None:
    async with planted(0, says(stratum=0, kiss=b"DENY")) as (server, name):
        asking = TimeServers((name,), Bounds(), SENSES)
        async with asyncio.timeout(WAIT_S):
            await asking.run()
        assert len(server.asked) == 1
        assert asking.standing() == (NtpStanding(name, 0, 0, -1, 0, 0, "denied"),)


async def test_a_node_asks_its_time_server_and_tells_its_keeper(
    opens: Opens, exchange: Exchange, at_check_in: World
) -> None:
    exchange.world = fork(at_check_in)
    async with (
        planted(-2_000) as (_, name),
        opens("shanghai", exchange.port, settings={"ntp": (name,)}) as node,
    ):
        state = await told(node)
    (standing,) = state.ntp
    assert abs(standing.offset_ms + 2_000) <= standing.within_ms
    assert standing.why == ""
    assert {"server": name, "ms": str(standing.offset_ms)} in [one.detail for one in state.troubles]
    assert "NtpOff" in [one.code for one in state.troubles]


async def told(node: Node) -> VenueState:
    """What the keeper is told once the time server has answered."""
    async with asyncio.timeout(WAIT_S):
        while True:
            state = node._keeping.state(KEEPER)
            if state.ntp and state.ntp[0].measured_at:
                return state
            await asyncio.sleep(0.01)


def test_only_what_is_certain_is_told_of_a_time_server() -> None:
    standing = NtpStanding("ntp.example.cn", 700, 100, 30, 2, NOW - 9_000, "")
    assert codes(replace(WELL, ntp=(standing,))) == ["NtpOff"]
    assert codes(replace(WELL, ntp=(replace(standing, within_ms=200),))) == []
    assert codes(replace(WELL, ntp=(replace(standing, measured_at=NOW - 600_001),))) == ["NtpSilent"]
    assert codes(replace(WELL, ntp=(replace(standing, why="silent", offset_ms=3),))) == []
    assert codes(replace(WELL, ntp=(replace(standing, why="denied"),))) == ["NtpSilent"]
    never = NtpStanding("ntp.example.cn", 0, 0, -1, 0, 0, "silent")
    just_started = PowerStanding("mains", 97, 9_000_000, 10_000)
    assert codes(replace(WELL, ntp=(never,), power=just_started)) == []
    assert codes(replace(WELL, ntp=(never,), power=replace(just_started, node_ms=600_001))) == ["NtpSilent"]


def test_the_name_of_a_server_may_bear_a_port() -> None:
    assert (Server("ntp.example.cn").host, Server("ntp.example.cn").port) == ("ntp.example.cn", 123)
    assert (Server("[fd00::1]:1123").host, Server("[fd00::1]:1123").port) == ("fd00::1", 1123)


@pytest.mark.parametrize("name", ["", "a b", "fd00::1", "http://ntp.example.cn", "ntp:port"])
def test_what_is_no_name_of_a_server_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValidationError, match="ntp"):
        read(tmp_path, ntp=[name])
    assert read(tmp_path, ntp=["ntp.example.cn", "192.0.2.7:1123"]).ntp[1] == "192.0.2.7:1123"
