"""An expert's page when things go wrong: the node dies, the coordinator stands still, a window is open twice.

What was typed is never lost, what was signed arrives once, and the page says all the time how it stands.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Locator, expect

from ops.installation import COORDINATOR
from protocol import canonical
from protocol.plan.stages import points_text
from tests.pages.agent_page import AgentPage
from tests.pages.chromium import violations
from tests.pages.expert_page import ExpertPage
from tests.pages.house import SAMPLE, House
from tests.pages.machine import Cuttable

pytestmark = pytest.mark.asyncio(loop_scope="module")

BIDDERS = ["b1", "b2", "b3", "b4", "b5"]
ITEMS = ["A1", "A2", "A3", "A4", "A5", "A6", "B1", "B2", "B3", "B4"]
PROVOKED = ("ERR_CONNECTION_REFUSED", "WebSocket connection to", "Failed to load resource")
"""What Chromium itself says of a server that is gone."""


class Scoring:
    """Everything stands at the score sheet: M5 at a page, the other members played."""

    def __init__(self, here: House, agent: AgentPage, expert: ExpertPage) -> None:
        self.house = here
        self.agent = agent
        self.expert = expert
        self.sheet = here.case.sheets["01"]["M5"]


@pytest_asyncio.fixture(loop_scope="module")
async def scoring(here: House, request: pytest.FixtureRequest) -> AsyncIterator[Scoring]:
    session = f"S-{canonical.sha256(request.node.name.encode()).hex()[:12]}"
    here.faults.forgive = PROVOKED
    agent = AgentPage(await here.page("hefei", "agent/"))
    await agent.enrol(here.enrolment_code)
    await agent.choose(SAMPLE)
    await agent.book(session)
    await agent.do("ImportCommittee")
    await agent.do("ImportOpening")
    await agent.draw("98")
    await agent.do("OpenCheckIn")
    codes = await agent.issue_codes("M1", "M2", "M3", "M4", "M5")

    async def code_of(seat: str) -> str:
        return codes[seat]

    expert = ExpertPage(await here.page("hangzhou", "expert/"))
    await expert.sign_in(session, "M5", codes["M5"])
    await expert.check_in()
    played = [asyncio.create_task(here.play(session, seat, code_of)) for seat in ("M1", "M2", "M3", "M4")]
    try:
        await agent.do("LockRoster")
        await agent.do("BeginPreliminary")
        await agent.do("ImportPreliminary")
        await expect(expert.page.get_by_test_id("grid")).to_be_visible()
        yield Scoring(here, agent, expert)
    finally:
        for one in played:
            one.cancel()
        await asyncio.gather(*played, return_exceptions=True)


async def fill(scoring: Scoring, expert: ExpertPage, bidders: list[str]) -> None:
    for bidder in bidders:
        for item in ITEMS:
            await expert.cell(bidder, item).fill(points_text(scoring.sheet[bidder][item]))


async def test_what_is_typed_while_the_venue_is_down_comes_back_and_reaches_it(scoring: Scoring) -> None:
    expert, page = scoring.expert, scoring.expert.page
    await expert.type_scores(scoring.sheet, BIDDERS[:1], ITEMS)
    await expert.saved_at_venue()
    line = page.get_by_test_id("line")

    os.kill(scoring.house.stack.pid("hangzhou"), signal.SIGSTOP)
    try:
        await expert.cell("b2", "A1").fill("6.5")
        await expect(page.get_by_test_id("filled")).to_have_text("已填 11 / 50 项")
    finally:
        os.kill(scoring.house.stack.pid("hangzhou"), signal.SIGKILL)
    await expect(line).to_have_text("与本会场断开,正在重连")
    await expert.cell("b2", "A2").fill("5.5")
    await expect(page.get_by_test_id("saved")).to_have_attribute("data-safety", "browser")
    await expect(page.get_by_test_id("saved")).to_contain_text("已暂存本机")
    assert await violations(page) == []

    await scoring.house.stack.wait_ready("hangzhou")
    await expect(line).to_have_text("已连接")
    await expert.saved_at_venue()
    await page.reload()
    await expect(page.get_by_test_id("filled")).to_have_text("已填 12 / 50 项")
    await expect(expert.cell("b2", "A2")).to_have_value("5.5")


async def test_a_seal_is_kept_while_the_coordinator_stands_still_and_then_accepted_once(
    scoring: Scoring,
) -> None:
    expert, page = scoring.expert, scoring.expert.page
    await fill(scoring, expert, BIDDERS)
    await expert.saved_at_venue()
    coordinator = scoring.house.stack.pid(COORDINATOR)
    os.kill(coordinator, signal.SIGSTOP)
    try:
        await expert.ask_for_seal()
        await expect(page.locator("[data-receipt=kept][data-act=SealSheet]").first).to_be_visible()
        await expect(page.get_by_role("heading", name="评分已签名,正在封存")).to_be_visible()
        await expect(page.get_by_test_id("grid")).to_have_count(0)
        await page.reload()
        await expect(page.locator("[data-receipt=kept][data-act=SealSheet]").first).to_be_visible()
    finally:
        os.kill(coordinator, signal.SIGCONT)
    await expect(expert.task("wait_others")).to_be_visible()
    await expect(page.locator("[data-receipt=accepted][data-act=SealSheet]")).to_have_count(1)
    committee = page.locator("tr[data-seat=M5]")
    await expect(committee).to_contain_text("✓ 已完成")


def reads_only(window: ExpertPage) -> Locator:
    return window.page.get_by_test_id("reading-only")


async def shows_filled(window: ExpertPage, count: int) -> None:
    await expect(window.page.get_by_test_id("filled")).to_have_text(f"已填 {count} / 50 项")


async def take_over(window: ExpertPage) -> None:
    await window.press(window.page.get_by_role("button", name="在此窗口接管"))
    await expect(reads_only(window)).to_have_count(0)


async def test_of_two_windows_one_writes_and_nothing_typed_is_lost_when_the_other_takes_over(
    scoring: Scoring,
) -> None:
    expert, page = scoring.expert, scoring.expert.page
    line = Cuttable()
    await page.route_web_socket(lambda _: True, line.pass_on)
    await page.reload()
    await fill(scoring, expert, BIDDERS[:1])
    await expert.saved_at_venue()
    other = ExpertPage(await page.context.new_page())
    await other.page.goto(page.url)
    await expect(reads_only(other)).to_contain_text("本席位正在另一窗口编辑,此处只读")
    await shows_filled(other, 10)
    await expect(other.cell("b2", "A1")).not_to_be_editable()
    await expect(other.page.get_by_role("button", name="核对并封存")).to_be_disabled()
    assert await violations(other.page) == []

    # What the cut-off writer has typed is found by the window of the same browser that takes over.
    await line.cut_now()
    await expert.cell("b2", "A1").fill(points_text(scoring.sheet["b2"]["A1"]))
    await expect(page.get_by_test_id("saved")).to_have_attribute("data-safety", "browser")
    await take_over(other)
    unsent = other.page.get_by_test_id("unsent")
    await expect(unsent).to_contain_text("有 1 项输入未送达本会场")
    assert await violations(other.page) == []
    await other.press(unsent.get_by_role("button", name="并入评分表"))
    await shows_filled(other, 11)
    await other.saved_at_venue()

    # What it types still, not knowing, is offered where it was typed.
    await expert.cell("b3", "A1").fill(points_text(scoring.sheet["b3"]["A1"]))
    line.cut = False
    await expect(reads_only(expert)).to_be_visible()
    await expect(page.get_by_test_id("unsent")).to_contain_text("接管后可以并入")
    await take_over(expert)
    await expect(reads_only(other)).to_be_visible()
    await expert.press(page.get_by_test_id("unsent").get_by_role("button", name="并入评分表"))
    await shows_filled(expert, 12)
    await expert.saved_at_venue()
    await shows_filled(other, 12)

    await fill(scoring, expert, BIDDERS[1:])
    await expert.saved_at_venue()
    await expert.seal()
    await expect(other.task("wait_others")).to_be_visible()


async def test_a_seat_goes_on_at_a_spare_machine_with_its_drafts_and_the_old_page_says_so(
    scoring: Scoring,
) -> None:
    expert, page = scoring.expert, scoring.expert.page
    session = await page.evaluate("JSON.parse(sessionStorage['tongchang.seat']).session")
    await fill(scoring, expert, BIDDERS[:2])
    await expert.saved_at_venue()
    codes = await scoring.agent.issue_codes("M5")
    spare = ExpertPage(await scoring.house.page("hangzhou", "expert/"))
    await spare.sign_in(session, "M5", codes["M5"])
    await shows_filled(spare, 20)
    await expect(reads_only(spare)).to_have_count(0)
    refusal = page.locator("[data-code=SeatMoved]")
    await expect(refusal).to_contain_text("已凭新的一次性代码在另一台设备登录")
    await expect(page.get_by_test_id("grid")).to_have_count(0)
    await page.reload()
    await expect(refusal).to_be_visible()
    assert await violations(page) == []

    await fill(scoring, spare, BIDDERS[2:])
    await spare.saved_at_venue()
    await spare.seal()
