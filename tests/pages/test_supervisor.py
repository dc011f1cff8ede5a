"""Supervisors of three provinces in a real Chromium watch one evaluation, each told what is theirs to know.

What the pages show is what is asserted, and all that their sockets received: a name of another province is in
neither. The rest is played, by the sample; what it has of the unusual becomes an alert where it should.
"""

import asyncio
import os
import signal

import pytest
from playwright.async_api import Page, expect

from tests.pages.agent_page import AgentPage
from tests.pages.expert_page import ExpertPage
from tests.pages.house import House
from tests.pages.opened import at_check_in, looked_at, sign_in

pytestmark = pytest.mark.asyncio(loop_scope="module")

SESSION = "HF-2026-WATCH"
PLAYED = ("M1", "M2", "M3", "M4", "M5")
HANGZHOU, NANJING, ALL = ("俞示远",), ("顾示泽", "陆示衡"), ("卢示安", "沈示清", "顾示泽", "陆示衡", "俞示远")
LINE_WAIT_MS = 60_000
"""A line that stands still is noticed after two heartbeats, and told with the next pulse."""


class SupervisorPage:
    """A supervisor's page; `heard` is what its socket received, as an expert's test reads it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.map = page.get_by_test_id("map")
        self.feed = page.get_by_test_id("feed")

    async def choose(self, province: str) -> None:
        await self.map.locator(f"button[data-province={province}]").click()

    async def alert(self, kind: str, text: str) -> None:
        one = self.page.locator(f"[data-alert={kind}]").filter(has_text=text)
        await expect(one.first).to_be_visible()

    async def meter(self, name: str, text: str) -> None:
        await expect(self.page.locator(f"[data-meter={name}]")).to_contain_text(text)


async def watcher(here: House, venue: str, code: str) -> tuple[SupervisorPage, ExpertPage]:
    """A supervisor's page, and the ear that heard all its frames from before the sign-in."""
    page = await here.page(venue, "supervisor/")
    ear = ExpertPage(page)
    await ear.sign_in(SESSION, f"supervisor-{venue}", code)
    await expect(page.get_by_test_id("map")).to_be_visible()
    return SupervisorPage(page), ear


@pytest.mark.timeout(300)
async def test_supervisors_of_several_provinces_watch_one_evaluation(here: House) -> None:
    here.faults.forgive = ("ERR_CONNECTION", "WebSocket connection to")
    seats = [f"supervisor-{venue}" for venue in ("hefei", "nanjing", "hangzhou")]
    agent, codes = await at_check_in(here, SESSION, *PLAYED, *seats)

    async def code_of(seat: str) -> str:
        return codes[seat]

    nanjing, ear = await watcher(here, "nanjing", codes["supervisor-nanjing"])
    await _map_before(nanjing)
    played = [asyncio.create_task(here.play(SESSION, seat, code_of)) for seat in PLAYED]
    try:
        await agent.do("LockRoster")
        await _who_is_where(nanjing)
        hangzhou, other_ear = await watcher(here, "hangzhou", codes["supervisor-hangzhou"])
        await agent.do("BeginPreliminary")
        await agent.do("ImportPreliminary")
        await nanjing.meter("sealed", "5 / 5")
        assert "92.07" not in await nanjing.page.locator("main").inner_text(), (
            "counts alone before the opening"
        )
        await _record(nanjing)
        await _moved_seat(here, agent, hangzhou, nanjing)
        await _cut_line(here, nanjing)
        await agent.do("CloseScoring")
        await agent.publish_tally()
        await agent.do("ConfirmRanking")
        await _tally(nanjing)
        for page, own in ((ear, NANJING), (other_ear, HANGZHOU)):
            frames = "\n".join(page.frames)
            assert [name for name in ALL if name in frames] == list(own), "no name of another province"
        hefei, _ = await watcher(here, "hefei", codes["supervisor-hefei"])
        await hefei.choose("jiangsu")
        await expect(hefei.map.get_by_test_id("seats")).to_contain_text("顾示泽")
        await looked_at(nanjing.page, "supervisor-ranked")
    finally:
        for one in played:
            one.cancel()
        await asyncio.gather(*played, return_exceptions=True)


async def _map_before(nanjing: SupervisorPage) -> None:
    """Four provinces are lit; the own one is open, everybody by name, nobody there yet."""
    await expect(nanjing.map.locator("button[data-province]")).to_have_count(4)
    seats = nanjing.map.get_by_test_id("seats")
    for name in NANJING:
        await expect(seats).to_contain_text(name)
    await expect(seats.locator("[data-seat=M3]")).to_contain_text("未登录")
    for group in ("flow", "opening", "evaluation", "movement"):
        await expect(nanjing.page.locator(f"[data-group={group}]")).to_contain_text("目前没有提醒")
    await expect(nanjing.page.get_by_role("heading", name="在线质询与处置")).to_be_visible()


async def _who_is_where(nanjing: SupervisorPage) -> None:
    """Own seats one by one, another province's as counts; by keyboard from tile to tile."""
    await expect(nanjing.map.locator("[data-seat=M3]")).to_contain_text("已签到")
    await nanjing.choose("jiangsu")
    await nanjing.page.keyboard.press("ArrowRight")
    await nanjing.page.keyboard.press("ArrowRight")
    focused = nanjing.map.locator("button:focus")
    await expect(focused).to_have_attribute("data-province", "zhejiang")
    await expect(focused).to_contain_text("杭州 线路正常;评委已签到 1,共 1")
    await nanjing.page.keyboard.press("Enter")
    counts = nanjing.map.get_by_test_id("counts")
    await expect(counts.locator("[data-role=expert]")).to_contain_text("评标专家")
    await expect(counts.locator("[data-role=expert] td").nth(2)).to_have_text("1")
    await expect(nanjing.map.get_by_test_id("seats")).to_have_count(0)
    await expect(nanjing.map).to_contain_text("其他省的席位只显示数量与状态")
    await expect(nanjing.page.get_by_test_id("venue-line")).to_have_text("线路正常")


async def _record(nanjing: SupervisorPage) -> None:
    """Plain words; by kind, venue and seat; held still; hashes on demand."""
    page, feed = nanjing.page, nanjing.feed
    await expect(feed).to_contain_text("M5(杭州)封存了评分")
    await expect(feed.get_by_role("columnheader", name="哈希")).to_have_count(0)
    await page.get_by_test_id("hashes").click()
    await expect(feed.get_by_role("columnheader", name="哈希")).to_be_visible()
    await page.locator("select[name=kind]").select_option("scores")
    await expect(feed.locator("tbody tr")).to_have_count(5)
    await page.locator("select[name=venue]").select_option("nanjing")
    await expect(feed.locator("tbody tr")).to_have_count(2)
    await page.locator("select[name=seat]").select_option("M3")
    await expect(feed.locator("tbody tr")).to_have_count(1)
    for name in ("kind", "venue", "seat"):
        await page.locator(f"select[name={name}]").select_option("")
    await page.get_by_test_id("hashes").click()
    await page.get_by_test_id("hold").click()
    await looked_at(page, "supervisor-scoring")


async def _moved_seat(
    here: House, agent: AgentPage, hangzhou: SupervisorPage, nanjing: SupervisorPage
) -> None:
    """Somebody signs in again at 杭州: the list that is held says that more came, and an alert says what."""
    again = await agent.issue_codes("supervisor-hangzhou")
    await sign_in(
        here, "hangzhou", "supervisor", SESSION, "supervisor-hangzhou", again["supervisor-hangzhou"]
    )
    await expect(hangzhou.page.get_by_role("alert")).to_contain_text("SeatMoved")
    await nanjing.alert("SeatRebound", "杭州")
    await expect(nanjing.page.get_by_test_id("held")).to_contain_text("之后又有 1 条")
    await nanjing.page.get_by_test_id("hold").click()
    await expect(nanjing.page.get_by_test_id("held")).to_have_text("")


async def _cut_line(here: House, nanjing: SupervisorPage) -> None:
    """杭州's node stands still: its tile and an alert say so, until it is back."""
    node = here.stack.pid("hangzhou")
    os.kill(node, signal.SIGSTOP)
    try:
        silent = nanjing.page.locator("[data-alert=LineSilent]")
        await expect(silent).to_contain_text("杭州会场与协调系统失去联系", timeout=LINE_WAIT_MS)
        tile = nanjing.map.locator("button[data-province=zhejiang]")
        await expect(tile).to_contain_text("杭州 线路中断;评委已签到 1,共 1")
        await silent.get_by_text("这意味着什么").click()
        await expect(silent).to_contain_text("操作保存在会场,线路恢复后自动送出")
        await looked_at(nanjing.page, "supervisor-line-cut")
    finally:
        os.kill(node, signal.SIGCONT)
    await expect(silent).to_have_count(0, timeout=LINE_WAIT_MS)


async def _tally(nanjing: SupervisorPage) -> None:
    """The rules show values now: the ranking, and 畸高畸低 as alerts."""
    await expect(nanjing.page.get_by_test_id("ranking")).to_contain_text("92.07")
    await nanjing.alert("Deviation", "相差 \u221215.71 %")
    await expect(nanjing.page.locator("[data-group=evaluation] [data-alert=Deviation]")).to_have_count(2)
