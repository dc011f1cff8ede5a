"""A venue keeper's page in a real Chromium: how the node stands, the line cut, the node silent."""

import os
import signal

import pytest
from playwright.async_api import Page, expect

from ops.installation import COORDINATOR
from tests.pages.expert_page import ExpertPage
from tests.pages.house import House
from tests.pages.opened import at_check_in, looked_at, sign_in

pytestmark = pytest.mark.asyncio(loop_scope="module")

SESSION = "HF-2026-KEEP"
LINE_WAIT_MS = 60_000


def part(page: Page, name: str, mark: str) -> str:
    return f"[data-part={name}][data-mark={mark}]"


@pytest.mark.timeout(240)
async def test_a_keeper_sees_how_the_venue_stands_and_what_to_do_when_the_line_is_cut(here: House) -> None:
    here.faults.forgive = ("ERR_CONNECTION", "WebSocket connection to")
    _, codes = await at_check_in(here, SESSION, "M5", "keeper-hangzhou")
    page = await sign_in(here, "hangzhou", "keeper", SESSION, "keeper-hangzhou", codes["keeper-hangzhou"])
    ear = ExpertPage(page)
    await expect(page.locator(part(page, "line", "good"))).to_contain_text("畅通")
    await expect(page.locator(part(page, "clock", "good"))).to_contain_text("相差")
    await expect(page.locator("[data-part=disk]")).to_contain_text("可用")
    await expect(page.locator("[data-part=acts]")).to_contain_text("无")
    seats = page.get_by_test_id("seats")
    await expect(seats.locator("tr[data-seat=M5]")).to_contain_text("未登录")
    await expect(seats.locator("tr[data-seat=keeper-hangzhou]")).to_contain_text("已打开")

    expert = await sign_in(here, "hangzhou", "expert", SESSION, "M5", codes["M5"])
    row = seats.locator("tr[data-seat=M5]")
    await expect(row).to_contain_text("已打开")
    await expect(row).to_contain_text("已登录")
    await looked_at(page, "keeper-well")
    await expert.context.close()
    await expect(page.locator("[data-trouble=SeatClosed]")).to_contain_text("席位 M5 的窗口没有打开")
    await expect(page.locator("[data-trouble=SeatClosed]")).to_contain_text("凭新的一次性代码登录")

    await _line_cut(here, page)
    await _node_silent(here, page)
    assert "俞示远" not in "\n".join(ear.frames), "a keeper is told no name"


async def _line_cut(here: House, page: Page) -> None:
    """The coordinator stands still: the board says so in large letters, with what to do."""
    coordinator = here.stack.pid(COORDINATOR)
    os.kill(coordinator, signal.SIGSTOP)
    try:
        await expect(page.locator(part(page, "line", "bad"))).to_contain_text("中断", timeout=LINE_WAIT_MS)
        await expect(page.get_by_test_id("whole")).to_have_attribute("data-mark", "bad")
        trouble = page.locator("[data-trouble=LineDown]")
        await expect(trouble).to_contain_text("评标可以继续,操作保存在本会场,恢复后自动送出")
        await expect(trouble).to_contain_text("切换备用线路")
        await looked_at(page, "keeper-line-cut")
    finally:
        os.kill(coordinator, signal.SIGCONT)
    await expect(page.locator(part(page, "line", "good"))).to_contain_text("畅通", timeout=LINE_WAIT_MS)
    await expect(page.locator("[data-trouble=LineDown]")).to_have_count(0)


async def _node_silent(here: House, page: Page) -> None:
    """The node itself does not answer: the page says as of when it tells, and what to look at."""
    node = here.stack.pid("hangzhou")
    os.kill(node, signal.SIGSTOP)
    try:
        whole = page.get_by_test_id("whole")
        await expect(whole).to_contain_text("本会场服务没有应答", timeout=LINE_WAIT_MS)
        await expect(page.get_by_role("alert").first).to_contain_text("网线和服务器电源")
    finally:
        os.kill(node, signal.SIGCONT)
    await expect(whole).not_to_contain_text("没有应答", timeout=LINE_WAIT_MS)
