"""A tender of sealed bids at its desks in real Chromium, from the custodians' appointment to the read-out.

Agent, tenderee, a member, a witness, a supervisor, a bidder's own machine and a custodian's console are
looked at, step by step; the rest is played by their programs.
"""

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.pages.desks import form
from tests.pages.sealed import (
    AGENT,
    LOOKED_AT,
    MEMBER,
    SUPERVISOR,
    TENDEREE,
    WAIT_MS,
    WITNESS,
    Tender,
    conduct,
    tender,
)

pytestmark = pytest.mark.asyncio

PLAYED = ("b2", "b3", "b4", "b5")
WATCHING = (TENDEREE, WITNESS, SUPERVISOR)


@pytest.mark.timeout(900)
async def test_sealed_bids_open_before_everybody_at_their_desks(tmp_path: Path) -> None:
    async with tender(tmp_path / "data") as here, here.begun():
        await _appoint(here)
        await _begin(here)
        await _bidders_release(here)
        await _publish(here)


async def _appoint(here: Tender) -> None:
    """The agent looks at who will hold the keys, out of the tender's own files, and appoints them."""
    page = here.pages[AGENT]
    await _before(here)
    fold = await form(page, "AppointCustodians")
    await expect(fold.get_by_test_id("do")).to_be_disabled()
    await fold.get_by_test_id("custodians-file").set_input_files(await here.custodians_files())
    await expect(fold.locator("[data-group=centres]")).to_contain_text("centre-1、centre-2、centre-3")
    await fold.locator("input[type=radio]").first.check()
    await here.looked_at("1-appointing", AGENT, axe=True)
    await fold.get_by_test_id("do").click()
    await expect(page.get_by_test_id("ceremony")).to_have_attribute("data-phase", "AWAITED")


async def _before(here: Tender) -> None:
    """The agent reads its notice, what was there at the deadline, and that nothing was rehearsed."""
    page = here.pages[AGENT]
    notice = page.get_by_test_id("bids-notice")
    await expect(notice).to_have_attribute("data-standing", "closed", timeout=WAIT_MS)
    await expect(notice.locator("[data-handed]")).to_have_count(len(PLAYED) + 1)
    await notice.get_by_text("密钥托管方", exact=True).click()
    await expect(notice.locator("[data-notice-group=centres]")).to_contain_text("centre-1")
    check = page.get_by_test_id("rehearsal")
    await expect(check).to_have_attribute("data-check", "never")
    await expect(check.get_by_test_id("rehearsal-todo")).to_contain_text("ceremony rehearse --real")
    await here.looked_at("0-before", AGENT, axe=True)


async def _begin(here: Tender) -> None:
    """Everybody reads that nobody can open anything; the tenderee begins, custodians answer by themselves."""
    for seat in LOOKED_AT:
        said = here.pages[seat].get_by_test_id("releasing")
        await expect(said).to_contain_text("此刻没有任何一方能打开标书", timeout=WAIT_MS)
    fold = await form(here.pages[TENDEREE], "BeginOpening")
    await expect(fold.get_by_test_id("do")).to_be_enabled(timeout=WAIT_MS)
    await fold.get_by_test_id("do").click()
    console = here.pages["custodian"]
    await console.goto(f"http://127.0.0.1:{here.installation.custodians['centre-1']}/")
    await expect(console.locator("#now")).to_contain_text("没有任何密钥离开", timeout=WAIT_MS)


async def _bidders_release(here: Tender) -> None:
    """Four programs and one person release; every desk counts down and names who is awaited."""
    for seat in LOOKED_AT:
        card = here.pages[seat].get_by_test_id("ceremony")
        await expect(card).to_have_attribute("data-phase", "BIDDERS_RELEASE", timeout=WAIT_MS)
        await expect(card.get_by_test_id("countdown")).to_contain_text("00:0")
    await here.release(PLAYED)
    for seat in WATCHING:
        bids = here.pages[seat].get_by_test_id("sealed-bids")
        await expect(bids.locator("[data-released=true]")).to_have_count(len(PLAYED), timeout=WAIT_MS)
        await expect(bids.locator("[data-released=false]")).to_contain_text("等待解密")
        await expect(here.pages[seat].get_by_test_id("decrypting")).to_contain_text("5 / 5 份")
    await here.looked_at("2-releasing", AGENT, TENDEREE, MEMBER, WITNESS, SUPERVISOR, "custodian")
    page = here.pages["bidder"]
    async with here.bidders_machine("b1") as address:
        await page.goto(address)
        unlock = page.get_by_role("button", name="解密", exact=True)
        await expect(unlock).to_be_enabled()
        await unlock.press("Enter")
        await expect(page.get_by_role("button", name="确定解密")).to_be_focused()
        await here.looked_at("3-unlocking", "bidder", axe=True)
        await page.get_by_role("button", name="确定解密").press("Enter")
        await expect(page.get_by_test_id("released")).to_be_visible(timeout=WAIT_MS)
        await here.looked_at("4-unlocked", "bidder")


async def _publish(here: Tender) -> None:
    """Custodians release, venues decrypt and tell how far they are; the agent publishes what all found."""
    for seat in LOOKED_AT:
        bars = here.pages[seat].get_by_test_id("decrypting")
        await expect(bars).to_have_attribute("data-whole", "true", timeout=WAIT_MS)
        await expect(bars.get_by_role("progressbar").first).to_have_attribute("value", "100")
    console = here.pages["custodian"]
    await expect(console.locator("#now")).to_contain_text("已为 5 份标书(共收 5 份)释放份额", timeout=WAIT_MS)
    for seat in WATCHING:
        card = here.pages[seat].get_by_test_id("ceremony")
        await expect(card.locator("[data-found=true]")).to_have_count(4, timeout=WAIT_MS)
        await expect(card).to_contain_text("已报告的会场结果一致")
    assert "皖澄" not in await here.pages[TENDEREE].locator("main").inner_text()
    await here.looked_at("5-decrypted", AGENT, TENDEREE, MEMBER, WITNESS, SUPERVISOR, "custodian", axe=True)
    done = await conduct(here.pages[AGENT], "OpenCheckIn")
    assert done == ["OpenBids"]
    for seat in WATCHING:
        said = here.pages[seat].get_by_test_id("releasing")
        await expect(said).to_contain_text("已打开 5 份标书,各会场结果一致", timeout=WAIT_MS)
    for seat in (TENDEREE, WITNESS):
        await expect(here.pages[seat].locator("main")).to_contain_text("皖澄市政")
    assert "皖澄" not in await here.pages[MEMBER].locator("main").inner_text()
    await here.looked_at("6-opened", AGENT, TENDEREE, MEMBER, WITNESS, SUPERVISOR)
