"""Two pages in a real Chromium hold one whole evaluation: the agent's and an expert's, the rest is played.

Every process is the real one. What the pages show is what is asserted: names where the allow-table allows
them, totals, numbers of the record, texts; axe after every step; pictures for people to look at.
"""

import asyncio

import pytest
from playwright.async_api import Page, expect

from tests.ops.stage import TABLE
from tests.pages.agent_page import AgentPage
from tests.pages.chromium import picture, violations
from tests.pages.expert_page import ExpertPage
from tests.pages.house import SAMPLE, House

pytestmark = pytest.mark.asyncio(loop_scope="module")

SESSION = "HF-2026-PAGES"
PLAYED = ("M1", "M2", "M3", "M4")
BIDDERS = ["b1", "b2", "b3", "b4", "b5"]
ITEMS = ["A1", "A2", "A3", "A4", "A5", "A6", "B1", "B2", "B3", "B4"]
NAMES = ("皖澄市政", "浙衡水务", "沪岳建设", "苏越建工", "淮泰工程")


async def looked_at(page: Page, name: str) -> None:
    """A picture of the step, and nothing that axe would say of it."""
    await picture(page, name)
    assert await violations(page) == [], name


def nothing_hidden_was_told(expert: ExpertPage) -> None:
    """All that reached M5's page, field by field: no name, price, tally, nor score but M5's own draft."""
    drafts = 0
    for one in expert.told():
        if "code" in one and "valid" in one:
            assert (one["name"], one["price"], one["quantities"]) == (None, None, None)
        if "tally" in one:
            assert one["tally"] is None
        if "person" in one:
            assert one["person"] is None
        if one.get("scores"):
            assert one["seat"] == "M5", "another member's scores"
            drafts += 1
    assert drafts > 0, "the reload fetched M5's own draft"


@pytest.mark.timeout(300)
async def test_an_agent_and_an_expert_hold_the_sample_to_its_table_at_their_pages(here: House) -> None:
    agent = AgentPage(await here.page("hefei", ""))
    expert = ExpertPage(await here.page("hangzhou", ""))
    codes = await _book_and_open(here, agent)
    played = await _check_in(here, agent, expert, codes)
    try:
        await _score(here, agent, expert)
        await _rank(agent, expert)
        await _close(agent, expert)
        await asyncio.wait_for(asyncio.gather(*played), timeout=30)
    finally:
        for one in played:
            one.cancel()
        await asyncio.gather(*played, return_exceptions=True)


async def _book_and_open(here: House, agent: AgentPage) -> dict[str, str]:
    """From the enrolment code to the one-time codes of all members."""
    page = agent.page
    await expect(page).to_have_url(f"{here.installation.main.url}agent/")
    await looked_at(page, "01-agent-sign-in")
    await agent.enrol(here.enrolment_code)
    await agent.choose(SAMPLE)
    await looked_at(page, "02-agent-plan")
    await expect(page.get_by_test_id("findings")).to_contain_text("检查通过")
    await agent.book(SESSION)
    await expect(page.get_by_test_id("now")).to_have_text("已预约")
    await agent.do("ImportCommittee")
    await agent.do("ImportOpening")
    bids = page.get_by_test_id("bids")
    for name in NAMES:
        await expect(bids).to_contain_text(name)
    await expect(bids).to_contain_text("4528.60")
    await agent.draw("98")
    await agent.do("OpenCheckIn")
    await expect(page.get_by_test_id("now")).to_have_text("签到")
    assert "尚未签到" in await agent.why_not("LockRoster")
    codes = await agent.issue_codes(*PLAYED, "M5")
    await looked_at(page, "03-agent-codes")
    roll = page.get_by_test_id("roll-call")
    await expect(roll).to_contain_text("俞示远")
    await expect(roll).to_contain_text("杭州")
    return codes


async def _check_in(
    here: House, agent: AgentPage, expert: ExpertPage, codes: dict[str, str]
) -> list[asyncio.Task[None]]:
    """A wrong code first, then M5 at the page and the others played; the roster is locked."""

    async def code_of(seat: str) -> str:
        return codes[seat]

    page = expert.page
    await expert.sign_in(SESSION, "M5", "AAAAA-AAAAA")
    alert = page.get_by_role("alert")
    await expect(alert).to_contain_text("一次性代码不正确或已失效,还可尝试 4 次。请向招标代理核对代码。")
    await expect(alert).to_contain_text("BadCode")
    await looked_at(page, "04-expert-wrong-code")
    await expert.sign_in(SESSION, "M5", codes["M5"])
    await expect(page.get_by_test_id("undertaking")).to_have_text(here.case.plan.undertaking_zh)
    await looked_at(page, "05-expert-check-in")
    await expert.check_in()
    played = [asyncio.create_task(here.play(SESSION, seat, code_of)) for seat in PLAYED]
    await agent.do("LockRoster")
    await agent.do("BeginPreliminary")
    await agent.do("ImportPreliminary")
    return played


async def _score(here: House, agent: AgentPage, expert: ExpertPage) -> None:
    """M5 scores by keyboard, reloads in the middle, and seals; nobody's page shows a score before."""
    page = expert.page
    await expect(page.get_by_test_id("grid")).to_be_visible()
    sheet = here.case.sheets["01"]["M5"]
    await expert.reach(expert.cell("b1", "A1"))
    await page.keyboard.type("85")
    await expect(page.get_by_test_id("grid")).to_contain_text("“85”超出 0 至 8 分")
    await looked_at(page, "06-expert-refused-points")
    await page.keyboard.press("Escape")
    await expert.type_scores(sheet, BIDDERS[:3], ITEMS)
    await expect(page.get_by_test_id("filled")).to_have_text("已填 30 / 50 项")
    await expert.saved_at_venue()
    await looked_at(page, "07-expert-scoring")

    await page.reload()
    await expect(page.get_by_test_id("filled")).to_have_text("已填 30 / 50 项")
    await expect(page.locator("[data-total=b1]")).to_have_text("43.5")
    await expect(expert.cell("b3", "B4")).to_have_value("2")
    for name in NAMES:
        assert name not in await page.content(), f"{name} is hidden from experts while they score"

    await expert.type_scores(sheet, BIDDERS[3:], ITEMS)
    await expect(page.locator("[data-total=b5]")).to_have_text("40.5")
    await looked_at(agent.page, "08-agent-scoring")
    await expert.seal()
    await looked_at(page, "09-expert-sealed")
    assert "43.5" not in await agent.page.locator("main").inner_text(), "no score before the opening"
    nothing_hidden_was_told(expert)


async def _rank(agent: AgentPage, expert: ExpertPage) -> None:
    """Closed, opened all together, aggregated: both pages show the sample's table."""
    await agent.do("CloseScoring")
    await agent.do("PublishTally")
    preview = agent.page.get_by_test_id("tally-preview")
    await expect(preview).to_contain_text("92.07")
    await expect(preview).to_contain_text("\u221215.71 %")
    await looked_at(agent.page, "10-agent-tally")
    await agent.page.get_by_test_id("publish").click()
    await agent.do("ConfirmRanking")
    for page in (agent.page, expert.page):
        rows = page.get_by_test_id("ranking").locator("tbody tr")
        await expect(rows).to_have_count(len(TABLE))
        shown = {
            await row.get_attribute("data-bidder"): await row.get_by_test_id("total").inner_text()
            for row in await rows.all()
        }
        assert list(shown.items()) == list(TABLE.items())
        await expect(rows.first).to_contain_text("皖澄市政")
        await expect(page.get_by_test_id("deviations")).to_contain_text("+16.18 %")
    await expect(expert.page.get_by_test_id("member-scores")).to_contain_text("29.5")
    await looked_at(expert.page, "11-expert-ranking")
    await looked_at(agent.page, "12-agent-ranking")


async def _close(agent: AgentPage, expert: ExpertPage) -> None:
    """Report, signatures, archive: both pages say so, as of the same last entry."""
    await agent.do("BeginReport")
    await agent.do("ImportReport")
    await expect(expert.page.get_by_test_id("report")).to_contain_text("92.07")
    await looked_at(expert.page, "13-expert-report")
    await expert.sign()
    await agent.do("SubmitReport")
    await agent.do("ArchiveSession")
    await expect(expert.task("done")).to_be_visible()
    await expect(agent.page.get_by_role("heading", name="评标已归档")).to_be_visible()
    size = int(await agent.page.get_by_test_id("as-of").get_attribute("data-size") or 0)
    await expect(expert.page.get_by_test_id("as-of")).to_have_attribute("data-size", str(size))
    assert await agent.seqs() == list(range(size - 1, -1, -1))
    await expect(expert.page.get_by_test_id("as-of")).to_contain_text("已核对")
    receipts = expert.page.get_by_test_id("receipts")
    for act in ("席位绑定", "签到", "封存评分", "签署评标报告"):
        await expect(receipts).to_contain_text(act)
    await expert.page.get_by_role("button", name="Switch to English").click()
    await expect(expert.page.get_by_role("heading", name="complete and archived")).to_be_visible()
    await expert.page.get_by_role("button", name="150%").click()
    await looked_at(expert.page, "14-expert-english-150")
    await looked_at(agent.page, "15-agent-archived")
