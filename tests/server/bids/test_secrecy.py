"""Before the deadline nobody learns how many bids there are, or whose.

What each onlooker sees is the same with none and with several; the control is the list after the deadline.
"""

import contextlib
import io
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
import structlog
from msgspec.structs import replace

from protocol.seal import handing_in, signing
from server.assembly import Coordinator
from server.bids import places
from server.store.bids import BidStore
from tests.protocol.world import START_MS, key, private_key
from tests.server import nodes
from tests.server.acting import TestSenses
from tests.server.bids import tendering
from tests.server.bids.tendering import MEGABYTE, SESSION, Room, Sent, bid
from tests.server.outsiders import Browser, browser

HOUR_MS = 3_600_000
BIDS = 3
PASSING = (
    "at",
    "since",
    "process_bytes",
    "available_bytes",
    "disk_free_bytes",
    "p50_ms",
    "p99_ms",
    "seconds",
)
"""What moves by itself on any machine."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return nodes.lay(tmp_path_factory.mktemp("authority"))


def notice() -> handing_in.Announced:
    """The tender, by the agent that the coordinator of the tests knows, open at its clock."""
    made = tendering.announced()
    told = replace(
        made.notice, opens_at=START_MS - HOUR_MS, deadline=START_MS + HOUR_MS, room_bytes=48 * MEGABYTE
    )
    sig = signing.sign(private_key("agent"), handing_in.notice_bytes(told))
    return handing_in.Announced(key("agent"), told, made.policies, sig)


async def announce(page: Browser) -> None:
    status, told = await page.post(handing_in.ANNOUNCE, notice())
    assert (status, told) == (200, {})


async def put(page: Browser, token: str, number: int, data: bytes) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {token}", "Segment": str(number)}
    async with page.http.put(
        page.base + handing_in.SEGMENT, data=io.BytesIO(data), headers=headers
    ) as answer:
        return answer.status, await answer.json()


async def hand_in(page: Browser, sent: Sent) -> dict[str, Any]:
    status, begun = await page.post(handing_in.BEGIN, sent.begin)
    assert status == 200, begun
    receipt: dict[str, Any] = {}
    for number in begun["missing"]:
        status, told = await put(page, begun["token"], number, sent.segment(number))
        assert status == 200, told
        receipt = told["receipt"]
    return receipt


def small(number: int) -> Sent:
    return bid(number, size=5 * MEGABYTE)


def still(told: Any) -> Any:
    """What was told, without what moves by itself."""
    if isinstance(told, dict):
        return {name: still(value) for name, value in told.items() if name not in PASSING}
    return [still(one) for one in told] if isinstance(told, list) else told


async def seen(page: Browser) -> dict[str, Any]:
    """Everything that somebody can ask for who has no ticket; the operator's own overview too."""
    asked = tendering.bid(9, size=MEGABYTE).begin
    wrong = handing_in.Begin(asked.header, SESSION, "not-a-ticket", asked.trailer)
    withdrawal = handing_in.SignedWithdrawal(b"x", b"y", handing_in.Withdrawal(1, bytes(32), SESSION))
    _, metrics = await page.get("/metrics")
    return {
        "tender": await page.post(handing_in.TENDER, {"session": SESSION}),
        "begin": await page.post(handing_in.BEGIN, wrong),
        "segment": await put(page, "00" * 32, 0, b"x"),
        "withdraw": await page.post(handing_in.WITHDRAW, withdrawal),
        "overview": still((await page.get("/overview"))[1]),
        "metrics": [
            line
            for line in metrics.splitlines()
            if line.startswith("tongchang_") and "seconds" not in line and "_created" not in line
        ],
        "seated": await page.get("/bidder/api/seated"),
    }


def sizes(folder: Path) -> dict[str, int]:
    """How long every file is that the coordinator keeps for bids, but SQLite's log, which is bounded."""
    return {one.name: one.stat().st_size for one in sorted(folder.iterdir()) if "-" not in one.suffix}


async def test_no_answer_number_or_file_tells_how_many_bids_there_are(folder: Path, tmp_path: Path) -> None:
    senses = TestSenses()
    with structlog.testing.capture_logs() as lines:
        async with (
            nodes.coordinator(folder, tmp_path, senses=senses, disk_free_bytes_min=0) as running,
            browser(running) as page,
        ):
            await announce(page)
            await seen(page)
            files, none, lines_before = sizes(tmp_path / "bids"), await seen(page), len(lines)
            receipts = [await hand_in(page, small(number)) for number in range(BIDS)]
            lines_after = len(lines)
            assert await seen(page) == none
            assert sizes(tmp_path / "bids") == files
            assert lines_after - lines_before == 0
            await closes(running, senses, receipts)
    told = json.dumps(lines, default=str)
    for number in range(BIDS):
        for what in (f"b-{number}", small(number).ticket, small(number).offered.digest.hex()):
            assert what not in told


async def closes(running: Coordinator, senses: TestSenses, receipts: list[dict[str, Any]]) -> None:
    """The control: before the deadline the house's own list is refused, after it all are there."""
    early = await running.bids.received(SESSION)
    assert not isinstance(early, tuple)
    assert early.code == "BidsStillOpen"
    senses.now = START_MS + HOUR_MS
    late = await running.bids.received(SESSION)
    assert isinstance(late, tuple)
    assert [one.bid for one in late] == [one["receipt"]["bid"] for one in receipts]


async def rows(folder: Path) -> tuple[bytes, ...]:
    """A copy of the database, as somebody has it who can read its file."""
    with contextlib.closing(sqlite3.connect(folder / "bids.db")) as copy:
        return tuple(row[0] for row in copy.execute("SELECT body FROM places ORDER BY place"))


async def test_a_copy_of_the_store_shows_places_of_one_length_whether_used_or_not(room: Room) -> None:
    await room.open()
    before = await rows(room.folder)
    for number in range(BIDS):
        await room.hand_in(small(number))
    after = await rows(room.folder)
    assert len(before) == len(after) == 128
    assert {len(row) for row in (*before, *after)} == {places.ROW_BYTES}
    text = b"".join(after) + (next(room.folder.glob("*.reserve"))).read_bytes()
    for number in range(BIDS):
        sent = small(number)
        for what in (sent.header[:32], sent.trailer[:32], sent.offered.seal.public, sent.offered.key):
            assert what not in text
    # Which rows are used cannot be told from one copy: each opens only under the installation's key.
    for number, row in enumerate(after):
        with pytest.raises(ValueError, match="does not open"):
            places.unseal(bytes(32), SESSION, number, row)


async def test_every_block_of_the_reserve_is_random_from_the_start(room: Room) -> None:
    await room.open()
    path = next(room.folder.glob("*.reserve"))
    first = path.read_bytes()
    await room.hand_in(small(0))
    second = path.read_bytes()
    assert len(first) == len(second) == 64 * MEGABYTE
    changed = 0
    for at in range(0, len(first), 4 * MEGABYTE):
        changed += first[at : at + 65_536] != second[at : at + 65_536]
        for raw in (first, second):
            # 65,536 bytes of chance: each value some 256 times; text or zeros are far from it.
            counts = [raw[at : at + 65_536].count(value) for value in (0, 34, 65, 101, 255)]
            assert all(150 < count < 370 for count in counts)
    assert changed == 3


async def test_an_answer_costs_the_same_for_none_as_for_many(room: Room) -> None:
    """Counted are statements and dice, which do not depend on how busy the machine is."""
    await room.open()
    costs = []
    for number in range(4):
        cast, statements = room.clock.cast, Statements(room)
        await room.receiving.tender(SESSION)
        await room.receiving.begin(tendering.bid(40, size=MEGABYTE).begin)
        costs.append((room.clock.cast - cast, statements.done()))
        await room.hand_in(bid(number, size=MEGABYTE))
        # The one that looks takes its upload back by beginning another version of it.
        await room.receiving.begin(tendering.bid(40, size=MEGABYTE, first=9 + number).begin)
    # The first time its place is new; from then on one look is like another.
    assert len(set(costs[1:])) == 1


class Statements:
    """Counts what goes to the room's database."""

    def __init__(self, room: Room) -> None:
        store = room.receiving._keeping._store
        assert isinstance(store, BidStore)
        connection = store._open
        assert connection is not None
        self._connection, self._count = connection, 0
        connection.set_trace_callback(self._one)

    def _one(self, _: str) -> None:
        self._count += 1

    def done(self) -> int:
        self._connection.set_trace_callback(None)
        return self._count
