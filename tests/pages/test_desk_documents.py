"""Agent, tenderee and supervisor read at their own desks what the table lets them, in a real Chromium."""

import asyncio
import re

import pytest
from playwright.async_api import Page, expect

from ops import shelving
from ops.sample import facts
from tests.pages.house import House
from tests.pages.opened import at_check_in, looked_at, sign_in

pytestmark = pytest.mark.asyncio(loop_scope="module")

SESSION = "HF-2026-DOCUMENTS"
SUPERVISOR = "supervisor-nanjing"


@pytest.mark.timeout(300)
async def test_desks_without_a_sheet_read_the_documents_that_are_open_to_them(here: House) -> None:
    agent, codes = await at_check_in(here, SESSION, "tenderee", SUPERVISOR)
    card = agent.page.get_by_test_id("documents-card")
    await expect(card.get_by_test_id("no-documents")).to_have_attribute("data-folder", "none")
    await expect(card.get_by_role("button")).to_have_count(0)
    await asyncio.to_thread(shelving.shelve, here.installation, SESSION, facts.load().case)
    await agent.page.reload()
    await _reads(agent.page, "agent")
    await _reads(await sign_in(here, "hefei", "tenderee", SESSION, "tenderee", codes["tenderee"]), "tenderee")
    await _reads(
        await sign_in(here, "nanjing", "supervisor", SESSION, SUPERVISOR, codes[SUPERVISOR]), SUPERVISOR
    )


async def _reads(page: Page, seat: str) -> None:
    """The bids with their names are open, the blind parts are not; a page is drawn, and grows."""
    card = page.get_by_test_id("documents-card")
    await expect(card).to_contain_text("文件不离开会场")
    await expect(card.get_by_test_id("closed-shelves")).to_contain_text("暗标、客观分核验表:进入“汇总”后")
    opener = card.get_by_role("button", name="查阅文件")
    await expect(opener).to_have_attribute("aria-expanded", "false")
    await opener.click()
    chooser = card.locator("[name=document]")
    await expect(chooser.locator("option", has_text="施工组织设计")).to_have_count(0)
    await chooser.select_option(label="丁 · 沪岳建设 · 投标函及投标函附录")
    document = card.get_by_test_id("document")
    await expect(document).to_have_attribute("aria-label", re.compile("投标函"))
    await expect(document.get_by_test_id("picture").first).to_be_visible()
    await expect(document).to_contain_text("沪岳建设工程有限公司")
    await expect(card.locator("[name=follows]")).to_have_count(0)
    before = await document.bounding_box()
    await card.get_by_role("button", name="放大阅读区").click()
    await expect(card.get_by_role("button", name="恢复阅读区")).to_be_visible()
    after = await document.bounding_box()
    assert before is not None
    assert after is not None
    assert after["height"] > before["height"]
    await looked_at(page, f"documents-{seat}")
    await card.get_by_role("button", name="收起文件").click()
    await expect(document).to_have_count(0)
