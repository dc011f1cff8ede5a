"""A purchase at the agent's desk: its own review, brands, small businesses, time, a recheck, evaluated again.

Everybody else is played; the members find what the course has them find.
"""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from ops.people.course import Course
from ops.scripts import recheck
from ops.scripts.tenders import as_purchase, fixed_k, with_scheme
from protocol.plan.policy import SmallBusiness
from tests.pages.agent_page import AgentPage
from tests.pages.desks import chosen, do, entered, form, write
from tests.pages.landing_page import TO_THE_END_MS, Landing, landing
from tests.pages.opened import looked_at

pytestmark = pytest.mark.asyncio(loop_scope="module")

PLANNED = recheck.SCRIPT.course.recheck
assert PLANNED is not None
COURSE = Course(
    more_time=frozenset({"M2", "M4"}),
    recheck=type(PLANNED)(
        by="agent", finders=PLANNED.finders, seat=PLANNED.seat, bidder=PLANNED.bidder,
        criterion=PLANNED.criterion, points_centi=PLANNED.points_centi,
    ),
)  # fmt: skip
MISSING = "未提供有效的营业执照。"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Landing]:
    small = SmallBusiness(quantity="small", percent="10")
    case = with_scheme(as_purchase(fixed_k()), small_business=small)
    async with landing(tmp_path_factory.mktemp("purchase"), case, COURSE) as found:
        await found.open()
        yield found


@pytest.mark.timeout(420)
async def test_the_agent_reviews_confirms_extends_rechecks_and_goes_back(house: Landing) -> None:
    page = await house.sit("agent")
    await house.page.bring_to_front()
    await house.begin()
    await do(page, "ImportOpening", "OpenCheckIn", "LockRoster", "PublishItems")
    blind = page.get_by_test_id("blind-check")
    await blind.get_by_test_id("pass-all").click()
    await _own_review(page)
    await _findings(page)
    await _scoring(page)
    await _back(page)
    assert house.faults == []


async def _own_review(page: Page) -> None:
    """Qualification is the desk's (87号令 44): four bids meet it, one does not, with a reason."""
    await do(page, "BeginPreliminary")
    review = page.get_by_test_id("desk-review")
    for bidder in ("b1", "b2", "b3", "b4"):
        row = review.locator(f"tr[data-bidder={bidder}]")
        await row.locator("input[value=pass]").check()
        await row.get_by_test_id("mark").click()
        await expect(row.locator(".chip")).to_have_text("通过")
    row = review.locator("tr[data-bidder=b5]")
    await row.locator("input[value=material]").check()
    await expect(row.get_by_test_id("mark")).to_be_disabled()
    await row.get_by_test_id("reason").fill(MISSING)
    await looked_at(page, "purchase-agent-1-review")
    await row.get_by_test_id("mark").click()
    await expect(row).to_contain_text(MISSING)


async def _findings(page: Page) -> None:
    """Two bids of one brand; a consortium's share of small businesses."""
    brand = await form(page, "NoteSameBrand")
    await chosen(brand, "b1")
    await expect(brand.get_by_test_id("why")).to_be_visible()
    await chosen(brand, "b2")
    await brand.get_by_test_id("statement").fill("核心产品均为同一品牌。")
    await brand.get_by_test_id("sure").check()
    await looked_at(page, "purchase-agent-2-brand")
    await entered(brand)
    await expect(brand.get_by_test_id("brand")).to_have_text("已认定同品牌:甲、乙")
    share = await form(page, "ConfirmDeduction")
    await chosen(share, "b3")
    await share.get_by_test_id("share").fill("130")
    await share.get_by_test_id("basis").fill("中小企业声明函,联合体协议。")
    await expect(share.get_by_test_id("do")).to_be_disabled()
    await share.get_by_test_id("share").fill("40")
    await looked_at(page, "purchase-agent-3-share")
    await entered(share)
    await expect(share.get_by_test_id("confirmed")).to_have_text("已确认:丙,40%")


async def _scoring(page: Page) -> None:
    """Two of five want more time and get it; then what most members hold abnormal is looked at again."""
    await do(page, "ConcludePreliminary")
    more = await form(page, "ExtendTime")
    await expect(more).to_contain_text(re.compile("M2、M4|M4、M2"))
    await chosen(more, "60")
    await looked_at(page, "purchase-agent-4-time")
    await entered(more)
    await expect(page.get_by_test_id("feed")).to_contain_text("将评标时间延长 60 分钟")
    await do(page, "CloseScoring")
    await AgentPage(page).publish_tally()
    again = await form(page, "BeginRecheck")
    await chosen(again, "abnormal")
    await looked_at(page, "purchase-agent-5-recheck")
    await entered(again)
    await expect(page.get_by_test_id("feed")).to_contain_text(
        "在复核中更正了本人的评分", timeout=TO_THE_END_MS
    )
    await AgentPage(page).do("EndRecheck")
    await AgentPage(page).publish_tally()
    await do(page, "ConfirmRanking", "BeginReport", "ImportReport")


async def _back(page: Page) -> None:
    """The report is out; an error that the law names brings the same committee back to it."""
    await expect(page.get_by_test_id("feed")).to_contain_text("签署了评标报告", timeout=TO_THE_END_MS)
    await write(page, "BeginReevaluation", "复核发现分值汇总计算错误。", "sum_error")
    await expect(page.get_by_test_id("feed")).to_contain_text("决定重新评审")
    await looked_at(page, "purchase-agent-6-again")
