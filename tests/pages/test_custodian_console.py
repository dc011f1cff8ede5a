"""A custodian's console in a real Chromium: read by eye, by ear, at 150 per cent, in both languages."""

import asyncio
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Page, expect

from ops.ceremony import rehearsal
from sub_venue.custody import door
from sub_venue.custody.judgement import Refused
from tests.pages.chromium import Faults, chromium, new_page, picture, violations
from tests.protocol.session.ceremony.opened import Opening

pytestmark = pytest.mark.asyncio


async def test_the_console_tells_its_keeper_what_was_asked_and_what_left_to_whom(tmp_path: Path) -> None:
    begun, closed = Opening().to_begun(), Opening().to_closed(late=("bid-004",))
    service = rehearsal.service(begun, "centre-1", tmp_path)
    faults = Faults()
    server = TestServer(door.app(service))
    await server.start_server()
    try:
        async with chromium() as browser:
            page = await new_page(browser, faults)
            await page.goto(f"http://127.0.0.1:{server.port}/")
            await expect(page.locator("#now")).to_contain_text("没有待办的请求")
            await expect(page.locator("#asked")).to_contain_text("尚无请求")
            with pytest.raises(Refused):
                await asyncio.to_thread(service.release, rehearsal.asked(begun))
            await expect(page.locator("#now")).to_contain_text("未释放任何内容")
            await asyncio.to_thread(service.answer_roll_call, rehearsal.asked(begun))
            await expect(page.locator("#now")).to_contain_text("没有任何密钥离开")
            service.senses = rehearsal.service(closed, "centre-1", tmp_path / "other").senses
            await asyncio.to_thread(service.release, rehearsal.asked(closed, closed.bids))
            await expect(page.locator("#now")).to_contain_text("已为 3 份标书(共收 4 份)释放份额")
            await expect(page.locator("#released tbody tr")).to_have_count(1)
            assert await violations(page) == []
            await picture(page, "custodian-console-zh")
            await _in_english_at_150_per_cent(page)
    finally:
        await server.close()
    assert faults == []


async def _in_english_at_150_per_cent(page: Page) -> None:
    """By the keyboard alone; at 150 per cent a window of 1440 is as wide as 960."""
    await page.keyboard.press("Tab")
    await expect(page.locator("#language")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#now")).to_contain_text("only to the keys of that opening's venues")
    await page.set_viewport_size({"width": 960, "height": 700})
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert await violations(page) == []
    await picture(page, "custodian-console-en")
