"""The witness's desk in a real Chromium: noted by one key, taken back, remarked, accepted, signed.

One session; the person witnesses at 南京, the rest is played. What the page shows is what is asserted,
and that the record holds it.
"""

import asyncio

import pytest
from playwright.async_api import Locator, Page, expect

from ops.people.play import Play
from ops.senses import Dice
from protocol.views import View
from tests.pages.chromium import picture, violations
from tests.pages.house import House

pytestmark = pytest.mark.asyncio(loop_scope="module")

SESSION = "HF-2026-WITNESS"
SEAT = "witness-nanjing"
SIZES = ((1366, 768), (1920, 1080))


async def looked_at(page: Page, name: str) -> None:
    """A picture at both sizes, nothing wider than the screen, and nothing that axe would say."""
    for width, height in SIZES:
        await page.set_viewport_size({"width": width, "height": height})
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (name, width)
        await picture(page, f"{name}-{width}")
    assert await violations(page) == [], name


async def sign_in(page: Page, session: str, seat: str, code: str) -> None:
    for field, value in (("session", session), ("seat", seat), ("code", code)):
        await page.locator(f"[name={field}]").fill(value)
    await page.keyboard.press("Enter")


def waiting(page: Page, item: str) -> Locator:
    return page.get_by_test_id("waiting").locator(f"[data-note={item}]")


@pytest.mark.timeout(300)
async def test_a_witness_notes_by_one_key_and_signs_all_of_it(here: House) -> None:
    play = Play(here.installation, here.case, SESSION, Dice("witness"), humans=frozenset({SEAT}))
    async with play.open():
        await play.prepare(booked=False)
        (code,) = await play.codes((SEAT,))
        page = await here.page("nanjing", "witness/")
        await sign_in(page, SESSION, SEAT, code.code)
        await _empty_desk(page)
        await _notes(page)
        performing = asyncio.create_task(play.perform())
        try:
            await _signs(page)
            view = await asyncio.wait_for(performing, timeout=120)
        finally:
            performing.cancel()
            await asyncio.gather(performing, return_exceptions=True)
        await _the_record_holds_it(page, view)


async def _empty_desk(page: Page) -> None:
    """Everybody's progress is there, one's own venue first, and what is empty says why."""
    progress = page.get_by_test_id("progress")
    await expect(progress.locator("tbody")).to_have_count(4)
    venues = [await one.get_attribute("data-venue") for one in await progress.locator("tbody").all()]
    assert venues[0] == "nanjing"
    assert set(venues) == {"hefei", "shanghai", "nanjing", "hangzhou"}
    await expect(progress.locator("[data-seat=M3]")).to_contain_text("未完成")
    await expect(progress.locator("tbody[data-venue=nanjing]")).to_contain_text("等待 2 席")
    await expect(page.get_by_test_id("waiting")).to_contain_text("没有待送出的记录")
    await expect(page.get_by_test_id("noted")).to_contain_text("尚无记录")
    await expect(page.get_by_test_id("alerts")).to_contain_text("目前没有需要留意的情况")
    await expect(page.get_by_test_id("opening-table")).to_contain_text("皖澄市政")
    await looked_at(page, "witness-1-empty")


async def _notes(page: Page) -> None:
    """One key notes; arrows choose; a remark and Enter send; one is taken back; a button does the same."""
    noted = page.get_by_test_id("noted")
    for _ in range(2):
        await page.keyboard.press("ArrowRight")
    await expect(page.locator("[name=subject][value=M3]")).to_be_checked()
    await page.keyboard.press("j")
    note = waiting(page, "seat_left")
    await expect(note).to_contain_text("离席")
    await expect(note).to_contain_text("M3")
    await note.get_by_role("textbox").fill("离席两分钟,已返回 jj")
    await expect(page.locator("[data-note]")).to_have_count(1)
    await expect(note).to_contain_text("正在写备注")
    await looked_at(page, "witness-2-waiting")
    await page.keyboard.press("Enter")
    await expect(note).to_have_count(0)
    await expect(noted.locator("li")).to_contain_text(["离席"])
    for text in ("M3", "异常", "已受理", "离席两分钟,已返回 jj"):
        await expect(noted).to_contain_text(text)

    await page.get_by_role("heading", name="见证记录", exact=True).click()
    await page.keyboard.press("s")
    await waiting(page, "identity_checked").get_by_role("button", name="撤回").click()
    await expect(page.locator("[data-note]")).to_have_count(0)

    await page.get_by_role("button", name="字母键记录:开").click()
    await page.keyboard.press("s")
    await expect(page.locator("[data-note]")).to_have_count(0)
    await page.get_by_role("button", name="字母键记录:关").click()

    await page.locator("[name=subject][value='']").check()
    await page.locator("[data-item=room_ready]").click()
    ready = waiting(page, "room_ready")
    await expect(ready).to_contain_text("南京")
    await page.reload()
    await waiting(page, "room_ready").get_by_role("button", name="立即送出").click()
    await expect(page.get_by_test_id("noted").get_by_role("heading")).to_contain_text("2 条")


async def _signs(page: Page) -> None:
    """What another venue noted is an alert; the summary is shown before the signature, which is one."""
    card = page.get_by_test_id("sign-record")
    await expect(card).to_be_visible(timeout=90_000)
    alerts = page.get_by_test_id("alerts")
    await expect(alerts.locator("[data-alert=witness]")).to_contain_text("评分畸高畸低")
    deviation = alerts.locator("[data-alert=deviation]")
    await expect(deviation).to_contain_text("M5")
    await deviation.get_by_role("button", name="记入见证记录").click()
    abnormal = waiting(page, "score_abnormal")
    await abnormal.get_by_role("button", name="已处置").click()
    sign = card.get_by_role("button", name="签署见证记录")
    await expect(sign).to_be_disabled()
    await abnormal.get_by_role("button", name="立即送出").click()
    summary = page.get_by_test_id("record-summary")
    for text in ("共 3 条", "正常 1", "异常 1", "已处置 1", "其中带备注 1 条"):
        await expect(summary).to_contain_text(text)
    await page.locator("[name=agreed]").check()
    await looked_at(page, "witness-3-sign")
    await sign.click()
    await expect(card).to_contain_text("见证记录已签署,共 3 条")
    await expect(page.get_by_test_id("board")).to_have_count(0)


async def _the_record_holds_it(page: Page, view: View) -> None:
    """The session ended with the signature in it, and the desk says that it is over."""
    assert view.phase == "ARCHIVED"
    assert not view.outstanding
    await expect(page.get_by_test_id("now")).to_have_text("已归档")
    await expect(page.get_by_test_id("ranked")).to_contain_text("92.07")
    await looked_at(page, "witness-4-signed")
