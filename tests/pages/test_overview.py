"""The operator's overview in a real Chromium: live, what is wrong and what to do, and closed to others."""

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
