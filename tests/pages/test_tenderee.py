"""The tenderee's desk in a real Chromium: presides by the keyboard alone, then follows to the report."""

import asyncio

import pytest
from playwright.async_api import Page, expect

from ops.people.play import Play
from ops.senses import Dice
from tests.pages.chromium import violations
from tests.pages.house import House
from tests.pages.test_witness import looked_at, sign_in

pytestmark = pytest.mark.asyncio(loop_scope="module")

SESSION = "HF-2026-TENDEREE"
READ = (
    ("皖澄市政", "4528.60", "¥45,286,000.00", "肆仟伍佰贰拾捌万陆仟元整"),
    ("苏越建工", "4612.35", "¥46,123,500.00", "肆仟陆佰壹拾贰万叁仟伍佰元整"),
    ("浙衡水务", "4475.20", "¥44,752,000.00", "肆仟肆佰柒拾伍万贰仟元整"),
    ("沪岳建设", "4698.00", "¥46,980,000.00", "肆仟陆佰玖拾捌万元整"),
    ("淮泰工程", "4390.75", "¥43,907,500.00", "肆仟叁佰玖拾万零柒仟伍佰元整"),
)


@pytest.mark.timeout(300)
async def test_a_tenderee_presides_at_the_opening_and_follows_to_the_report(here: House) -> None:
    play = Play(here.installation, here.case, SESSION, Dice("tenderee"), humans=frozenset({"tenderee"}))
    async with play.open():
        await play.prepare(booked=False)
        (code,) = await play.codes(("tenderee",))
        page = await here.page("hefei", "tenderee/")
        await sign_in(page, SESSION, "tenderee", code.code)
        performing = asyncio.create_task(play.perform())
        try:
            await _reads_out(page)
            await _signs(page)
            await _follows(page)
            view = await asyncio.wait_for(performing, timeout=120)
        finally:
            performing.cancel()
            await asyncio.gather(performing, return_exceptions=True)
    assert view.phase == "ARCHIVED"
    await expect(page.locator("[data-task=done]")).to_be_visible()
    await looked_at(page, "tenderee-4-report")


async def _reads_out(page: Page) -> None:
    """Bid by bid, in large type, in figures and in words; Enter alone leads on."""
    reading = page.get_by_test_id("read-out")
    for number, (name, price, yuan, words) in enumerate(READ, 1):
        await expect(reading).to_contain_text(f"第 {number} 份,共 5 份")
        for text in (name, price, yuan, words):
            await expect(reading).to_contain_text(text)
        await expect(page.get_by_test_id("next")).to_be_focused()
        await expect(page.get_by_test_id("next")).to_have_attribute("aria-disabled", "false")
        if number == 2:
            await expect(page.locator("[data-bidder=b1]").filter(has_text="已唱标")).to_be_visible()
            await looked_at(page, "tenderee-1-reading")
            await expect(page.get_by_test_id("rate")).to_contain_text("98 %")
        await page.keyboard.press("Enter")


async def _signs(page: Page) -> None:
    await expect(page.get_by_test_id("read-out")).to_contain_text("5 份投标全部唱标完毕")
    await looked_at(page, "tenderee-2-sign")
    await page.get_by_role("button", name="签署开标记录").click()
    await expect(page.get_by_test_id("opening-signed")).to_contain_text("tenderee")


async def _follows(page: Page) -> None:
    """Counts first, nothing of a score; then ranking and report."""
    await expect(page.get_by_test_id("counts")).to_be_visible()
    assert await violations(page) == []
    await expect(page.get_by_test_id("ranked")).to_contain_text("92.07", timeout=90_000)
    await expect(page.get_by_test_id("report")).to_contain_text("皖澄市政", timeout=60_000)
