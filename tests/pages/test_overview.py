"""Several sessions at once in a real Chromium: the operator's overview, and a supervisor's, who watches two.

The operator's is live, tells what is wrong and what to do, and is closed to others.
"""

import msgspec
import pytest
from msgspec.structs import replace
from playwright.async_api import Page, expect

from ops.people.play import Play
from ops.senses import Dice
from server.config import Bounds
from server.gateway.overview import Overview
from server.gateway.pages import event
from server.gateway.problems import problems
from tests.pages.chromium import new_page, picture, violations
from tests.pages.house import House

pytestmark = pytest.mark.asyncio(loop_scope="module")

SESSION = "HF-OVERVIEW"
FIRST, SECOND = "HF-WATCHED-1", "HF-WATCHED-2"
SUPERVISOR = "supervisor-nanjing"


async def overview(here: House) -> Page:
    page = await new_page(here.browser, here.faults)
    await page.goto(here.installation.overview_url)
    return page


@pytest.mark.timeout(180)
async def test_the_overview_tells_nodes_sessions_and_machine_and_what_to_do(here: House) -> None:
    page = await overview(here)
    await expect(page.get_by_test_id("nodes").locator("tr[data-online=true]")).to_have_count(4)
    await expect(page.locator("tr[data-node=hefei]")).to_contain_text("安徽")
    await expect(page.get_by_text("没有进行中的评标")).to_be_visible()
    await expect(page.get_by_test_id("problems")).to_have_attribute("data-count", "0")
    play = Play(here.installation, here.case, SESSION, Dice("overview"))
    async with play.open():
        await play.prepare(booked=False)
        row = page.get_by_test_id("sessions").locator(f"tr[data-session={SESSION}]")
        await expect(row).to_have_attribute("data-phase", "CHECKIN")
        await expect(row).to_contain_text("评标专家 5")
        await expect(row).to_contain_text("本机")
    machine = page.get_by_test_id("machine")
    await expect(machine).to_contain_text("可写入")
    await expect(machine.locator("[data-row=memory]")).to_contain_text("MiB")
    await expect(machine.locator("[data-row=appends]")).to_contain_text("毫秒")

    text: str = await page.evaluate("fetch('/overview').then(answer => answer.text())")
    for hidden in ("俞示远", "皖澄", "4528.60", "M1", "HF-2026-SAMPLE-01"):
        assert hidden not in text
        assert hidden not in await page.locator("body").inner_text()

    for width, height in ((1366, 768), (1920, 1080)):
        await page.set_viewport_size({"width": width, "height": height})
        await picture(page, f"70-overview-{width}")
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert await violations(page) == []
    await _a_node_is_away(here, msgspec.json.decode(text, type=Overview))


async def _a_node_is_away(here: House, told: Overview) -> None:
    """The same house with nanjing away and its disk full, as the coordinator would tell it."""
    nodes = tuple(replace(one, online=one.node != "nanjing") for one in told.nodes)
    worse = replace(told, nodes=nodes, machine=replace(told.machine, disk_free_bytes=1_000_000))
    worse = replace(worse, problems=tuple(problems(worse, Bounds())))
    page = await new_page(here.browser, here.faults)
    stream = {"content_type": "text/event-stream", "body": event("overview", worse).decode()}
    await page.route("**/overview/api/events", lambda route: route.fulfill(**stream))
    await page.goto(here.installation.overview_url)
    away = page.locator("[data-code=NodeAway][data-about=nanjing]")
    await expect(away).to_contain_text("请与该会场联系")
    await expect(page.locator("[data-code=DiskNearlyFull]")).to_contain_text("请清理或扩容数据盘")
    await expect(page.locator("tr[data-node=nanjing]")).to_contain_text("未连接")
    await page.get_by_role("button", name="Switch to English").click()
    await expect(away).to_contain_text("Call the venue")
    await expect(page.locator("tr[data-node=nanjing]")).to_contain_text("Jiangsu")
    assert await violations(page) == []
    await picture(page, "71-overview-problems")


async def test_behind_a_proxy_the_overview_asks_for_the_operators_token(here: House) -> None:
    here.faults.forgive = ("403",)
    page = await new_page(here.browser, here.faults)
    await page.set_extra_http_headers({"X-Forwarded-For": "203.0.113.7"})
    await page.goto(here.installation.overview_url)
    await expect(page.get_by_role("heading", name="需要运维口令")).to_be_visible()
    await expect(page.get_by_text("没有设置 operator_token")).to_be_visible()
    assert await violations(page) == []


@pytest.mark.timeout(180)
async def test_a_supervisor_watches_two_sessions_from_one_page(here: House) -> None:
    """The second one is opened in a tab of its own by a link, and each page tells of the other."""
    first = Play(here.installation, here.case, FIRST, Dice("first"))
    second = Play(here.installation, here.case, SECOND, Dice("second"))
    async with first.open(), second.open():
        await first.prepare(booked=False)
        page = await here.page("nanjing", "supervisor/")
        (code,) = await first.codes((SUPERVISOR,))
        await _sit(page, FIRST, code.code)
        table = page.get_by_test_id("sessions")
        await expect(page.get_by_test_id("map")).to_be_visible()
        bar = page.get_by_test_id("console-bar")
        await expect(bar.locator("[data-part=alerts]")).to_contain_text("均有人知悉")
        await bar.locator("[data-part=record]").click()
        await expect(page.locator("#part-record")).to_be_focused()
        await second.prepare(booked=False, check_in=False)
        other = table.locator(f"tr[data-session={SECOND}]")
        await expect(other).to_have_attribute("data-standing", "none")
        await expect(other).to_contain_text("本机没有登录")
        tab = await page.context.new_page()
        await tab.goto(
            f"{here.installation.node('nanjing').url}supervisor/#session={SECOND}&seat={SUPERVISOR}"
        )
        (code,) = await second.codes((SUPERVISOR,))
        await _sit(tab, SECOND, code.code)
        await expect(other).to_have_attribute("data-standing", "followed")
        await expect(other).to_contain_text("均正常")
        await expect(other).to_contain_text("已核对至第")
        await expect(other.locator("td.number").nth(1)).to_have_text("0 / 5")
        back = tab.get_by_test_id("sessions").locator(f"tr[data-session={FIRST}]")
        await expect(back).to_have_attribute("data-standing", "followed")
        await expect(back).to_contain_text("签到")
        await tab.close()
        async with page.context.expect_page() as opened:
            await other.get_by_role("link").click()
        again = await opened.value
        await expect(again.get_by_test_id("phase-bar")).to_be_visible()
        await expect(again.locator(f"tr[data-session={SECOND}]")).to_have_attribute("data-standing", "own")
        for one in (page, again):
            assert await one.evaluate("document.documentElement.scrollWidth <= innerWidth")
            assert await violations(one) == []
        await picture(page, "72-supervisor-two-sessions")


async def _sit(page: Page, session: str, code: str) -> None:
    for name, value in (("session", session), ("seat", SUPERVISOR), ("code", code)):
        await page.locator(f"[name={name}]").fill(value)
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("phase-bar")).to_be_visible()
