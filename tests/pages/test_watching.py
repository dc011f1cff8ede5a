"""Whole sessions at the desks that act in none: supervisors of three provinces, keepers of two venues.

Each sits down from the landing page before anything begins, watches to the archive, and is told what is
theirs to know, no more: what the pages show is what is asserted, and all that their sockets received.
"""

import os
import signal
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.pages.landing_page import Landing, landing
from tests.pages.opened import looked_at

pytestmark = pytest.mark.asyncio(loop_scope="module")

HANGZHOU, NANJING, ALL = ("俞示远",), ("顾示泽", "陆示衡"), ("卢示安", "沈示清", "顾示泽", "陆示衡", "俞示远")
LINE_WAIT_MS = 60_000
"""A line that stands still is noticed after two heartbeats, and told with the next pulse."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Landing]:
    async with landing(tmp_path_factory.mktemp("watching")) as found:
        found.faults.forgive = ("ERR_CONNECTION", "WebSocket connection to")
        await found.open()
        yield found


class SupervisorPage:
    """A supervisor's page."""

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

    async def pick(self, name: str, value: str) -> None:
        await self.page.locator(f"select[name={name}]").select_option(value)


@pytest.mark.timeout(300)
async def test_supervisors_of_three_provinces_watch_a_whole_session(house: Landing) -> None:
    """南京 and 杭州 in Chinese, 合肥 in English; the play stands still twice, for counts to be looked at."""
    nanjing = SupervisorPage(await house.sit("supervisor-nanjing"))
    hangzhou = SupervisorPage(await house.sit("supervisor-hangzhou"))
    hefei = SupervisorPage(await house.sit("supervisor-hefei", english=True))
    await _map_before(nanjing)
    await house.begin("mismatch", "reveal")
    await house.stands_at("mismatch")
    await _who_is_where(nanjing)
    await house.go_on()
    await house.stands_at("reveal")
    await nanjing.meter("sealed", "5 / 5")
    await hefei.meter("sealed", "5 of 5")
    for one in (nanjing, hefei):
        assert "92.07" not in await one.page.locator("main").inner_text(), "counts alone before the opening"
    await _record(nanjing)
    await _moved_seat(house, hangzhou, nanjing)
    await _silent_line(house, nanjing)
    await house.go_on()
    await house.archived()
    await _ended(nanjing)
    for place, own in (("nanjing", NANJING), ("hangzhou", HANGZHOU)):
        frames = "\n".join(house.heard[f"{house.play.installation.node(place).url}supervisor/"])
        assert [name for name in ALL if name in frames] == list(own), "no name of another province"
    await _ended_in_english(hefei)
    await looked_at(nanjing.page, "supervisor-archived")
    await looked_at(hefei.page, "supervisor-archived-english")
    assert house.faults == []


async def _map_before(nanjing: SupervisorPage) -> None:
    """Four provinces are lit; the own one is open, nobody there yet."""
    await expect(nanjing.map.locator("button[data-province]")).to_have_count(4)
    lights = nanjing.page.get_by_test_id("venue-lights")
    await expect(lights.locator("[data-light=good], [data-light=weak]")).to_have_count(4)
    await lights.get_by_role("button").click()
    await expect(lights.locator("[data-venue=hangzhou]")).to_contain_text("毫秒")
    seats = nanjing.map.get_by_test_id("seats")
    await expect(seats.locator("[data-seat=M3]")).to_contain_text("未登录")
    for group in ("flow", "opening", "evaluation", "movement"):
        await expect(nanjing.page.locator(f"[data-group={group}]")).to_contain_text("目前没有提醒")
    await expect(nanjing.page.get_by_role("heading", name="在线质询与处置")).to_be_visible()


async def _who_is_where(nanjing: SupervisorPage) -> None:
    """Own seats one by one and by name, another province's as counts; by keyboard from tile to tile."""
    for name in NANJING:
        await expect(nanjing.map.get_by_test_id("seats")).to_contain_text(name)
    await expect(nanjing.map.locator("[data-seat=M4]")).to_contain_text("已签到")
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
    await nanjing.pick("kind", "scores")
    await expect(feed.locator("tbody tr")).to_have_count(5)
    await nanjing.pick("venue", "nanjing")
    await expect(feed.locator("tbody tr")).to_have_count(2)
    await nanjing.pick("seat", "M3")
    await expect(feed.locator("tbody tr")).to_have_count(1)
    for name in ("kind", "venue", "seat"):
        await nanjing.pick(name, "")
    await _jump(nanjing)
    await page.get_by_test_id("hashes").click()
    await page.get_by_test_id("hold").click()
    await looked_at(page, "supervisor-scoring")


async def _jump(nanjing: SupervisorPage) -> None:
    """To an entry by its number: it has the focus, the list stands still; one that is not there is said."""
    page = nanjing.page
    for wanted, told in (("9999", "没有第 9999 条。请输入 0 至"), ("3", "已跳到第 3 条")):
        await page.locator("input[name=jump]").fill(wanted)
        await page.keyboard.press("Enter")
        await expect(page.get_by_test_id("jumped")).to_contain_text(told)
    await expect(nanjing.feed.locator("tr[data-seq='3']")).to_be_focused()
    await expect(page.get_by_test_id("held")).to_contain_text("列表已停在")
    await page.get_by_test_id("hold").click()


async def _moved_seat(house: Landing, hangzhou: SupervisorPage, nanjing: SupervisorPage) -> None:
    """杭州's seat goes to another machine: a list that is held says that more came, an alert says what."""
    await house.give_back("supervisor-hangzhou")
    await expect(hangzhou.page.get_by_role("alert")).to_contain_text("SeatMoved")
    await nanjing.alert("SeatRebound", "杭州")
    await expect(nanjing.page.get_by_test_id("held")).to_contain_text("之后又有 1 条")
    await nanjing.page.locator("[data-alert=SeatRebound]").first.get_by_test_id("to-entry").click()
    await expect(nanjing.feed.locator("tr:focus")).to_have_attribute("data-act", "BindSeat")
    await nanjing.page.get_by_test_id("hold").click()
    await expect(nanjing.page.get_by_test_id("held")).to_have_text("")


async def _silent_line(house: Landing, nanjing: SupervisorPage) -> None:
    """杭州's line falls silent: its tile and an alert say so, until it is back."""
    await house.venue("hangzhou").get_by_test_id("silence").click()
    silent = nanjing.page.locator("[data-alert=LineSilent]")
    await expect(silent).to_contain_text("杭州会场与协调系统失去联系", timeout=LINE_WAIT_MS)
    tile = nanjing.map.locator("button[data-province=zhejiang]")
    await expect(tile).to_contain_text("杭州 线路中断;评委已签到 1,共 1")
    light = nanjing.page.get_by_test_id("venue-lights").locator("[data-venue=hangzhou]")
    await expect(light).to_have_attribute("data-light", "down")
    await silent.get_by_text("这意味着什么").click()
    await expect(silent).to_contain_text("操作保存在会场,线路恢复后自动送出")
    await _seen_and_handed_over(nanjing.page)
    await looked_at(nanjing.page, "supervisor-line-cut")
    await house.venue("hangzhou").get_by_test_id("mend").click()
    await expect(silent).to_have_count(0, timeout=LINE_WAIT_MS)


async def _seen_and_handed_over(page: Page) -> None:
    """It rings until somebody says that they have seen it, and why; whoever comes next reads both."""
    unseen, silent = page.get_by_test_id("unseen"), page.locator("[data-alert=LineSilent]")
    before = int(await unseen.get_attribute("data-unseen") or "0")
    assert before > 0
    await expect(page.get_by_test_id("console-bar").locator("[data-severity=warning]")).to_be_visible()
    await page.get_by_test_id("bell").click()
    await expect(unseen).not_to_have_attribute("data-rung", "0")
    await silent.get_by_role("button", name="我已知悉").click()
    await page.get_by_label("处置说明").fill("已电话核实,正在换备用线路。")
    await page.keyboard.press("Enter")
    await expect(silent.get_by_test_id("seen")).to_contain_text("supervisor-nanjing 已知悉:已电话核实")
    await expect(unseen).to_have_attribute("data-unseen", str(before - 1))
    card = page.get_by_test_id("hand-over")
    await card.get_by_label("留给接班人员的话").fill("杭州恢复后请核对待补签。")
    await page.reload()
    await expect(card.get_by_label("留给接班人员的话")).to_have_value("杭州恢复后请核对待补签。")
    await card.get_by_role("button", name="写入交接簿").click()
    await expect(card.locator("li")).to_contain_text("杭州恢复后请核对待补签。")
    await expect(silent.get_by_test_id("seen")).to_have_attribute("data-seen", "1")
    await page.get_by_test_id("bell").click()


async def _ended(nanjing: SupervisorPage) -> None:
    """The rules show values now: the ranking, 畸高畸低 as alerts; the record's last line is the archive."""
    await expect(nanjing.page.get_by_test_id("now")).to_have_text("已归档")
    await expect(nanjing.page.get_by_test_id("ranking")).to_contain_text("92.07")
    await nanjing.alert("Deviation", "相差 \u221215.71 %")
    await expect(nanjing.page.locator("[data-group=evaluation] [data-alert=Deviation]")).to_have_count(2)
    await nanjing.meter("signed", "5 / 5")
    await expect(nanjing.feed.locator("tbody tr").first).to_contain_text("招标代理将本次评标归档")


async def _ended_in_english(hefei: SupervisorPage) -> None:
    """The project's own province knows everybody by name; the same end in English."""
    await expect(hefei.page.get_by_test_id("now")).to_have_text("Archived")
    await expect(hefei.feed.locator("tbody tr").first).to_contain_text("archived the evaluation")
    await expect(hefei.feed).to_contain_text("M5 (Hangzhou) signed the report")
    await hefei.alert("Deviation", "a difference of \u221215.71 %")
    await hefei.meter("signed", "5 of 5")
    await hefei.choose("jiangsu")
    await expect(hefei.map.get_by_test_id("seats")).to_contain_text("顾示泽")
    await expect(hefei.map.get_by_test_id("seats")).to_contain_text("signed")


# --- venue keepers ------------------------------------------------------------------------


def part(name: str, mark: str) -> str:
    return f"[data-part={name}][data-mark={mark}]"


@pytest.mark.timeout(300)
async def test_keepers_keep_their_venues_through_a_whole_session_and_a_cut_line(house: Landing) -> None:
    """杭州 in Chinese, whose line is cut while its member seals; 南京 in English, where all stays well."""
    await house.anew()
    page = await house.sit("keeper-hangzhou")
    other = await house.sit("keeper-nanjing", english=True)
    await _stands_well(page)
    await _a_window(house, page)
    await _node_silent(house, page)
    await house.begin("cut")
    await house.stands_at("cut")
    await _line_cut(house, page)
    await house.archived()
    for one, venue, words in ((page, "hangzhou", "已签署报告"), (other, "nanjing", "report signed")):
        member = {"hangzhou": "M5", "nanjing": "M3"}[venue]
        await expect(one.get_by_test_id("seats").locator(f"tr[data-seat={member}]")).to_contain_text(words)
        await expect(one.locator(part("line", "good"))).to_be_visible()
        frames = "\n".join(house.heard[f"{house.play.installation.node(venue).url}keeper/"])
        assert not [name for name in ALL if name in frames], "a keeper is told no name"
        assert "92.07" not in frames, "nor a score"
    await expect(other.get_by_test_id("now")).to_have_text("Archived")
    await expect(other.get_by_test_id("whole")).to_contain_text("All is well")
    await looked_at(other, "keeper-archived-english")
    assert house.faults == []


async def _stands_well(page: Page) -> None:
    await expect(page.locator(part("line", "good"))).to_contain_text("畅通")
    await expect(page.locator(part("clock", "good"))).to_contain_text("相差")
    await expect(page.locator("[data-part=disk]")).to_contain_text("可用")
    await expect(page.locator("[data-part=acts]")).to_contain_text("无")
    seats = page.get_by_test_id("seats")
    await expect(seats.locator("tr[data-seat=M5]")).to_contain_text("未登录")
    await expect(seats.locator("tr[data-seat=keeper-hangzhou]")).to_contain_text("已打开")


async def _a_window(house: Landing, page: Page) -> None:
    """A member's window is opened and closed again; then the system sits there."""
    expert = await house.sit("M5")
    row = page.get_by_test_id("seats").locator("tr[data-seat=M5]")
    await expect(row).to_contain_text("已打开")
    await expect(row).to_contain_text("已登录")
    await looked_at(page, "keeper-well")
    await expert.close()
    await expect(page.locator("[data-trouble=SeatClosed]")).to_contain_text("席位 M5 的窗口没有打开")
    await expect(page.locator("[data-trouble=SeatClosed]")).to_contain_text("凭新的一次性代码登录")
    await house.give_back("M5")
    await expect(page.locator("[data-trouble=SeatClosed]")).to_have_count(0)


async def _line_cut(house: Landing, page: Page) -> None:
    """The board says so in large letters, with what to do; the member's act is kept and goes out later."""
    await expect(page.locator(part("line", "bad"))).to_contain_text("中断", timeout=LINE_WAIT_MS)
    await expect(page.get_by_test_id("whole")).to_have_attribute("data-mark", "bad")
    trouble = page.locator("[data-trouble=LineDown]")
    await expect(trouble).to_contain_text("评标可以继续,操作保存在本会场,恢复后自动送出")
    await expect(trouble).to_contain_text("切换备用线路")
    await house.go_on()
    await expect(page.locator("[data-part=acts]")).to_contain_text("1 项")
    await looked_at(page, "keeper-line-cut")
    await house.venue("hangzhou").get_by_test_id("mend").click()
    await expect(page.locator(part("line", "good"))).to_contain_text("畅通", timeout=LINE_WAIT_MS)
    await expect(page.locator("[data-trouble=LineDown]")).to_have_count(0)


async def _node_silent(house: Landing, page: Page) -> None:
    """The node itself does not answer: the page says as of when it tells, and what to look at."""
    node = house.shown.stack.pid("hangzhou")
    os.kill(node, signal.SIGSTOP)
    try:
        whole = page.get_by_test_id("whole")
        await expect(whole).to_contain_text("本会场服务没有应答", timeout=LINE_WAIT_MS)
        await expect(page.get_by_role("alert").first).to_contain_text("网线和服务器电源")
    finally:
        os.kill(node, signal.SIGCONT)
    await expect(whole).not_to_contain_text("没有应答", timeout=LINE_WAIT_MS)
    await expect(page.locator(part("line", "good"))).to_contain_text("畅通", timeout=LINE_WAIT_MS)
