"""The landing page begins with sealed bids (rules version 4): a visitor sits down, scores, signs, and leaves.

All of it is real: every process, the authorities, the demonstration UKey at its port, and Chromium's tabs.
"""

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from ops.scripts import tenders
from ops.verify import commands as verifier
from tests.ops.showing import until
from tests.ops.stage import TABLE
from tests.pages.chromium import picture, violations
from tests.pages.expert_page import ExpertPage
from tests.pages.landing_page import Landing, landing

SEAT = "M4"
WAIT_MS = 180_000
pytestmark = pytest.mark.asyncio


async def speaks(desk: Page) -> None:
    """One click: the seat's key is given its voice by the demonstration UKey, which says what it is."""
    await desk.bring_to_front()
    await expect(desk.get_by_test_id("demonstration-ukey")).to_contain_text("没有法律效力")
    await picture(desk, "landing-sealed-voice")
    await desk.get_by_role("button", name="用数字证书(UKey)").click()
    await expect(desk.get_by_test_id("voice")).to_have_attribute("data-means", "certificate", timeout=WAIT_MS)


async def each_desk(here: Landing) -> None:
    """Before anything is opened every chair is taken by a click, speaks by another, and is given back."""
    for seat in ("agent", "tenderee", "witness-nanjing", "supervisor-hefei"):
        desk = await here.sit(seat)
        await speaks(desk)
        await here.page.bring_to_front()
        await here.give_back(seat)
        await desk.close()


@pytest.mark.timeout(900)
async def test_a_visitor_scores_and_signs_by_version_4_and_takes_away_a_valid_archive(tmp_path: Path) -> None:
    async with landing(tmp_path, tenders.held(None)) as here:
        page = await here.open()
        happening = page.get_by_test_id("happening")
        await expect(happening).to_contain_text("没有任何人能打开")
        await expect(page.get_by_test_id("ukey")).to_contain_text("示例认证机构")
        await picture(page, "landing-sealed-ready")
        assert await violations(page) == []
        await each_desk(here)
        await here.begin("opening", "mismatch", "signatures")
        await here.stands_at("opening")
        await picture(page, "landing-sealed-opening")
        await here.go_on()
        await expect(page.get_by_test_id("break-card")).to_have_attribute(
            "data-point", "mismatch", timeout=WAIT_MS
        )
        desk = await here.sit(SEAT)
        await speaks(desk)
        await picture(desk, "landing-sealed-scoring")
        cell = desk.locator("input[data-bidder=b3][data-criterion=B2]")
        await cell.fill("4")
        await desk.keyboard.press("Tab")
        expert = ExpertPage(desk)
        await expert.seal()
        await page.bring_to_front()
        await here.go_on()
        await here.stands_at("signatures")
        await picture(page, "landing-sealed-signatures")
        await here.go_on()
        # The visitor closes the tab: the session waits and says so, and one click has it go on.
        await desk.close()
        left = page.get_by_test_id("awaited-persons").get_by_role("button")
        await expect(left).to_have_text(f"已离开?把 {SEAT} 交还系统", timeout=WAIT_MS)
        await picture(page, "landing-sealed-left")
        await left.click()
        await expect(here.card(SEAT)).to_have_attribute("data-standing", "system")
        await expect(page.get_by_test_id("verified")).to_be_visible(timeout=WAIT_MS)
        await picture(page, "landing-sealed-archived")
        assert await violations(page) == []
        await until(here.play, lambda: here.play.ending is not None and here.play.ending.files is not None)
        end = here.play.ending
        assert end is not None
        assert end.files is not None
        assert {row.id: row.total for row in end.rows} == TABLE
        await asyncio.to_thread(verifier.require_valid, end.files.archive, end.files.policy)
        assert here.faults == []
