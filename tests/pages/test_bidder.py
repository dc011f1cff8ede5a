"""The bidder's page in a real Chromium: sign-in, opening record, countdown, receipt, result; nothing between.

The agent is a page once, for handing out codes, and else played; so are all who sit at venues.
"""

import re
from pathlib import Path

import msgspec
import pytest
from playwright.async_api import Page, ViewportSize, expect

from ops import senses
from ops.people import agent
from ops.people.play import Play
from ops.senses import Dice
from protocol import canonical
from protocol.link.bid_receipt import fault
from protocol.outside import BidReceipt
from protocol.plan.case import Case, Moment
from protocol.refusals import refuse, text
from tests.pages.agent_page import AgentPage
from tests.pages.chromium import new_page, picture, violations
from tests.pages.house import House

pytestmark = pytest.mark.asyncio(loop_scope="module")

DAY_MS = 86_400_000
OWN, OTHER = "皖澄市政", "苏越建工"
SMALL: ViewportSize = {"width": 1366, "height": 768}


async def outside(here: House, path: str) -> Page:
    """A page of the coordinator's own, as a bidder at home opens it."""
    page = await new_page(here.browser, here.faults)
    await page.goto(here.installation.outside_url + path)
    return page


async def sign_in(page: Page, session: str, bidder: str, code: str) -> None:
    for field, value in (("session", session), ("bidder", bidder), ("code", code)):
        await page.fill(f"[name={field}]", value)
    await page.keyboard.press("Enter")


def timed(case: Case) -> Case:
    """The sample with the public times of its notice: two have passed, publication comes in two days."""
    now = senses.now_ms()
    return msgspec.structs.replace(
        case,
        timetable=(
            Moment(kind="bid_deadline", at=now - DAY_MS),
            Moment(kind="opening", at=now - DAY_MS),
            Moment(kind="publication", at=now + 2 * DAY_MS),
            Moment(kind="objection_until", at=now + 5 * DAY_MS),
        ),
    )


@pytest.mark.timeout(240)
async def test_a_bidder_follows_its_bid_from_the_opening_to_the_result(here: House, tmp_path: Path) -> None:
    here.faults.forgive = ("403",)  # the browser tells of every refused request
    play = Play(here.installation, timed(here.case), "HF-BIDDER", Dice("bidder"))
    async with play.open():
        await play.prepare(booked=False)
        issued = await agent.issue_codes(play.agent, ("b1", "b2"), bidders=True)
        codes = {one.seat: one.code for one in issued}
        page = await outside(here, "bidder/")
        await expect(page.get_by_role("heading", name="投标人登录")).to_be_visible()
        assert await violations(page) == []
        await page.set_viewport_size(SMALL)
        await picture(page, "60-bidder-sign-in")
        await sign_in(page, "HF-BIDDER", "b1", "AAAAA-AAAAA")
        await expect(page.get_by_role("alert")).to_contain_text(text(refuse("BadCode", left=4)).zh)
        await page.fill("[name=code]", codes["b1"])
        await page.keyboard.press("Enter")

        await expect(page.get_by_test_id("standing")).to_have_attribute("data-step", "review")
        record = page.get_by_test_id("opening-record")
        for told in (OWN, OTHER, "4528.60", "报价"):
            await expect(record).to_contain_text(told)
        await expect(record.locator("tr[data-own=true]")).to_contain_text(OWN)
        await expect(record.locator("tr[data-own=true]")).to_have_count(1)
        await expect(page.get_by_test_id("drawn")).to_contain_text("98 %")
        countdown = page.get_by_test_id("countdown")
        await expect(countdown).to_contain_text("中标候选人公示")
        await expect(countdown).to_contain_text("1 天")
        await expect(countdown).to_contain_text("北京时间")
        light = page.get_by_test_id("live-light")
        await expect(light).to_have_attribute("data-size", re.compile("[1-9]"))
        await expect(page.get_by_test_id("policy")).to_have_attribute("data-policy", "told")
        await _receipt(page, tmp_path)
        assert await violations(page) == []
        await page.set_viewport_size(SMALL)
        await picture(page, "61-bidder-review")

        by_ticket = await outside(here, f"bidder/#session=HF-BIDDER&seat=b2&code={codes['b2']}")
        mine = by_ticket.get_by_test_id("opening-record").locator("tr[data-own=true]")
        await expect(mine).to_contain_text(OTHER)
        assert "#" not in by_ticket.url
        await by_ticket.reload()
        await expect(by_ticket.get_by_test_id("standing")).to_be_visible()

        await play.perform()
        await _result(page)
        for word in ("M1", "M5", "俞示远", "杭州", "hangzhou"):
            assert word not in await page.locator("body").inner_text(), word

        await page.get_by_role("button", name="退出").click()
        await page.get_by_role("button", name="确定退出").click()
        await expect(page.get_by_role("heading", name="投标人登录")).to_be_visible()
        await page.reload()
        await expect(page.get_by_role("heading", name="投标人登录")).to_be_visible()


async def _receipt(page: Page, tmp_path: Path) -> None:
    """The page has checked the receipt; the saved file holds for anybody, offline."""
    receipts = page.get_by_test_id("receipts")
    await expect(receipts.get_by_test_id("checked")).to_contain_text("回执有效")
    async with page.expect_download() as download:
        await receipts.get_by_test_id("save-receipt").click()
    path = tmp_path / "receipt.json"
    await (await download.value).save_as(path)
    receipt = canonical.decode(path.read_bytes(), BidReceipt, 1_048_576)
    assert (receipt.session, receipt.bidder, fault(receipt)) == ("HF-BIDDER", "b1", "")
    assert "皖澄" in "".join(one.value for one in receipt.disclosures)


async def _result(page: Page) -> None:
    await expect(page.get_by_test_id("standing")).to_have_attribute("data-step", "result")
    await expect(page.get_by_test_id("own-result")).to_contain_text("本单位")
    await expect(page.get_by_test_id("countdown")).to_contain_text("提出异议的截止时间")
    candidates = page.get_by_test_id("candidates")
    await expect(candidates.locator("tbody tr")).to_have_count(3)
    size = await page.get_by_test_id("as-of").get_attribute("data-size")
    await expect(page.get_by_test_id("receipts")).to_contain_text(f"共 {size} 条")
    await expect(page.get_by_test_id("receipts").get_by_test_id("checked")).to_be_visible()
    for width, height in ((1366, 768), (1920, 1080)):
        await page.set_viewport_size({"width": width, "height": height})
        await picture(page, f"62-bidder-result-{width}")
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await page.get_by_role("button", name="Switch to English").click()
    await expect(page.get_by_test_id("standing")).to_contain_text("The result is public")
    assert await violations(page) == []
    await page.get_by_role("button", name="150%").click()
    await page.set_viewport_size({"width": 1366, "height": 768})
    await picture(page, "63-bidder-result-150")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await page.get_by_role("button", name="100%").click()
    await page.get_by_role("button", name="Switch to Chinese").click()


@pytest.mark.timeout(120)
async def test_the_agent_hands_codes_to_bidders_at_its_own_page(here: House) -> None:
    play = Play(here.installation, here.case, "HF-CODES", Dice("codes"))
    async with play.open():
        await play.prepare(booked=False)
        (own,) = await play.codes(("agent",))
        at_desk = AgentPage(await here.page("hefei", "agent/"))
        await at_desk.sign_in("HF-CODES", own.code)
        panel = at_desk.page.get_by_test_id("codes-panel")
        await expect(panel).to_be_visible()
        if await panel.get_attribute("open") is None:
            await panel.locator("summary").click()
        await panel.locator("input[name=bidder][value=b2]").check()
        await panel.get_by_test_id("issue-bidders").click()
        row = panel.get_by_test_id("codes").locator("tr[data-seat=b2]")
        await expect(row).to_contain_text(OTHER)
        assert await violations(at_desk.page) == []
        await picture(at_desk.page, "64-agent-bidder-codes")
        page = await outside(here, "bidder/")
        await sign_in(page, "HF-CODES", "b2", await row.locator(".code").inner_text())
        await expect(page.get_by_test_id("standing")).to_be_visible()
        await expect(page.get_by_test_id("no-moment")).to_contain_text("没有在系统中登记公开时间")
