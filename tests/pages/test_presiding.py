"""Whole sessions at the main venue's two desks, from the landing page to the archive, the rest played.

The tenderee presides at the opening by the keyboard alone, once in each language, then follows to the report;
the agent conducts a whole session in English (in Chinese: `test_whole_session`).
"""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.ops.stage import TABLE
from tests.pages.agent_page import AgentPage
from tests.pages.chromium import violations
from tests.pages.landing_page import TO_THE_END_MS, Landing, landing
from tests.pages.opened import looked_at

pytestmark = pytest.mark.asyncio(loop_scope="module")

READ = (
    ("皖澄市政", "4528.60", "¥45,286,000.00", "肆仟伍佰贰拾捌万陆仟元整"),
    ("苏越建工", "4612.35", "¥46,123,500.00", "肆仟陆佰壹拾贰万叁仟伍佰元整"),
    ("浙衡水务", "4475.20", "¥44,752,000.00", "肆仟肆佰柒拾伍万贰仟元整"),
    ("沪岳建设", "4698.00", "¥46,980,000.00", "肆仟陆佰玖拾捌万元整"),
    ("淮泰工程", "4390.75", "¥43,907,500.00", "肆仟叁佰玖拾万零柒仟伍佰元整"),
)
ZH = {
    "number": "第 {} 份,共 5 份", "read": "已唱标", "done": "5 份投标全部唱标完毕", "sign": "签署开标记录",
    "signed": "开标记录已签署", "tenderee": "招标人", "lot": "标段 01", "over": "评标已结束",
}  # fmt: skip
EN = {
    "number": "Bid {} of 5", "read": "read out", "done": "All 5 bids have been read out",
    "sign": "Sign the opening record", "signed": "The opening record is signed by", "tenderee": "Tenderee",
    "lot": "Lot 01", "over": "The evaluation has ended",
}  # fmt: skip
REVIEW = ("BeginPreliminary", "ImportPreliminary", "CloseScoring")
REPORT = ("BeginReport", "ImportReport", "SubmitReport")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Landing]:
    async with landing(tmp_path_factory.mktemp("presiding")) as found:
        await found.open()
        yield found


@pytest.mark.timeout(240)
@pytest.mark.parametrize("words", [ZH, EN], ids=["zh", "en"])
async def test_a_tenderee_presides_at_the_opening_and_follows_to_the_archive(
    house: Landing, words: dict[str, str]
) -> None:
    if house.play.cast.begun:
        await house.anew()
    page = await house.sit("tenderee", english=words is EN)
    await expect(page.locator("[data-task=wait_opening]")).to_be_visible()
    await house.begin("mismatch")
    await page.bring_to_front()
    await _reads_out(page, words)
    await _signs(page, words)
    await house.page.bring_to_front()
    await house.stands_at("mismatch")
    await page.bring_to_front()
    await _sees_counts_alone(page)
    await house.page.bring_to_front()
    await house.go_on()
    await page.bring_to_front()
    await _follows(page)
    await house.archived()
    done = page.locator("[data-task=done]")
    await expect(done).to_contain_text(words["over"])
    await looked_at(page, f"tenderee-4-report{'' if words is ZH else '-english'}")
    assert house.faults == []


async def _reads_out(page: Page, words: dict[str, str]) -> None:
    """Bid by bid, in large type, in figures and in words; Enter alone leads on."""
    reading = page.get_by_test_id("read-out")
    for number, (name, price, yuan, spelled) in enumerate(READ, 1):
        await expect(reading).to_contain_text(words["number"].format(number))
        for text in (name, price, yuan, spelled, words["lot"]):
            await expect(reading).to_contain_text(text)
        await expect(page.get_by_test_id("next")).to_be_focused()
        await expect(page.get_by_test_id("next")).to_have_attribute("aria-disabled", "false")
        if number == 2:
            await expect(page.locator("tr[data-bidder=b1]")).to_contain_text(words["read"])
            await expect(page.get_by_test_id("rate")).to_contain_text("98 %")
            if words is ZH:
                await looked_at(page, "tenderee-1-reading")
        await page.keyboard.press("Enter")


async def _signs(page: Page, words: dict[str, str]) -> None:
    await expect(page.get_by_test_id("read-out")).to_contain_text(words["done"])
    await looked_at(page, f"tenderee-2-sign{'' if words is ZH else '-english'}")
    await page.get_by_role("button", name=words["sign"]).click()
    signed = page.get_by_test_id("opening-signed")
    await expect(signed).to_contain_text(words["signed"])
    await expect(signed).to_contain_text(words["tenderee"])


async def _sees_counts_alone(page: Page) -> None:
    """While members score: how many have, and nothing of a score."""
    await expect(page.get_by_test_id("counts")).to_be_visible()
    await expect(page.get_by_test_id("ranked")).to_have_count(0)
    assert "92.07" not in await page.locator("main").inner_text()
    assert await violations(page) == []


async def _follows(page: Page) -> None:
    """Once the scores are open: ranking and report."""
    await expect(page.get_by_test_id("ranked")).to_contain_text("92.07", timeout=TO_THE_END_MS)
    await expect(page.get_by_test_id("report")).to_contain_text("皖澄市政", timeout=TO_THE_END_MS)


@pytest.mark.timeout(240)
async def test_an_agent_conducts_a_whole_session_in_english(house: Landing) -> None:
    """One button after another, each once what stands in its way is done; the rest is played."""
    if house.play.cast.begun:
        await house.anew()
    page = await house.sit("agent", english=True)
    agent = AgentPage(page)
    await expect(page.get_by_test_id("roll-call")).to_contain_text("Hangzhou")
    await house.begin()
    await agent.do("ImportOpening")
    bids = page.get_by_test_id("bids")
    await expect(bids).to_contain_text("Bids: Lot 01")
    await expect(bids).to_contain_text("4528.60")
    await agent.draw("98")
    for act in ("OpenCheckIn", "LockRoster"):
        await agent.do(act)
    await expect(page.get_by_test_id("outstanding")).to_have_count(0)
    for act in REVIEW:
        await agent.do(act)
    await expect(page.get_by_test_id("roll-call")).to_contain_text("俞示远")
    await agent.do("PublishTally")
    preview = page.get_by_test_id("tally-preview")
    await expect(preview).to_contain_text("92.07")
    await expect(page.get_by_role("dialog")).to_contain_text("Preview of the result")
    await looked_at(page, "agent-tally-english")
    await page.get_by_test_id("publish").click()
    await agent.do("ConfirmRanking")
    rows = page.get_by_test_id("ranking").locator("tbody tr")
    await expect(rows).to_have_count(len(TABLE))
    shown = {
        await row.get_attribute("data-bidder"): await row.get_by_test_id("total").inner_text()
        for row in await rows.all()
    }
    assert list(shown.items()) == list(TABLE.items())
    for act in REPORT:
        await agent.do(act)
    await expect(page.get_by_test_id("outstanding")).to_have_count(0)
    await agent.do("ArchiveSession")
    await expect(page.get_by_role("heading", name="The evaluation is archived")).to_be_visible()
    await house.archived()
    await looked_at(page, "agent-archived-english")
    assert house.faults == []
