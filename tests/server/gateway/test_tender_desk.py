"""What a main venue's node is told of a tender whose bids come in (SPEC 23.3).

Onlooker: the agent at its own desk, before the deadline. The control is the list after it.
"""

from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from protocol import handed_in
from protocol.handed_in import TenderAsk, TenderTold
from protocol.plan.case import Case, read_case
from protocol.seal import handing_in
from tests.house import ground
from tests.protocol.world import START_MS, key
from tests.server import nodes
from tests.server.acting import Script, TestSenses
from tests.server.bids.tendering import MEGABYTE, SESSION, Sent, bid
from tests.server.bids.test_secrecy import HOUR_MS, announce, hand_in, put
from tests.server.outsiders import browser

SAMPLE = ground.ROOT / "ops" / "sample" / "case.json"
ASK = TenderAsk(SESSION, key("agent"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return nodes.lay(tmp_path_factory.mktemp("authority"))


def small(number: int) -> Sent:
    return bid(number, size=5 * MEGABYTE)


async def asked(page: nodes.Node, ask: TenderAsk = ASK) -> TenderTold:
    return await page.ask(handed_in.TENDER_TOLD, ask, TenderTold)


async def test_the_agent_learns_of_no_bid_before_the_deadline_and_of_all_after_it(
    folder: Path, tmp_path: Path
) -> None:
    senses = TestSenses()
    async with (
        nodes.coordinator(folder, tmp_path, senses=senses, disk_free_bytes_min=0) as running,
        browser(running) as page,
        nodes.node(folder, running, "hefei") as hefei,
    ):
        nothing = await asked(hefei)
        assert (nothing.announced, nothing.received) == (None, None)
        await announce(page)
        none = await asked(hefei)
        assert none.announced is not None
        assert none.announced.notice.session == SESSION
        assert none.address.startswith("http")
        # One hands in whole, one begins and stops, one takes its bid back: the bytes stay as they were.
        first = await hand_in(page, small(0))
        _, begun = await page.post(handing_in.BEGIN, small(1).begin)
        await put(page, begun["token"], 0, small(1).segment(0))
        assert msgspec.json.encode(await asked(hefei)) == msgspec.json.encode(none)
        second = await hand_in(page, small(2))
        assert msgspec.json.encode(await asked(hefei)) == msgspec.json.encode(none)
        senses.now = START_MS + HOUR_MS
        late = await asked(hefei)
        assert late.received is not None
        assert [one.bid for one in late.received] == ["b-0", "b-2"]
        assert [one.at for one in late.received] == [one["receipt"]["at"] for one in (first, second)]
        assert await asked(hefei) == late
        other = await asked(hefei, replace(ASK, key=key("M1")))
        assert other.announced == late.announced
        assert other.received is None
        # Once there is a record, it is its agent who is shown the list.
        case = read_case(SAMPLE.read_bytes())
        assert isinstance(case, Case)
        script = Script(case, SESSION)
        script.book()
        assert (await hefei.submit(script.submits[0])).status == "accepted"
        assert (await asked(hefei)).received == late.received
        assert (await asked(hefei, replace(ASK, key=key("M1")))).received is None


async def test_a_sub_venue_is_told_nothing(folder: Path, tmp_path: Path) -> None:
    async with (
        nodes.coordinator(folder, tmp_path, disk_free_bytes_min=0) as running,
        nodes.node(folder, running, "nanjing") as nanjing,
    ):
        with pytest.raises(nodes.TurnedDown) as turned:
            await asked(nanjing)
        assert turned.value.refused.code == "NotAllowed"
