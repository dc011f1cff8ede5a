"""An expert is led through a whole evaluation of rules version 3 at their page, by keyboard, at 1366 × 768.

The others act beside the page (`evaluated`). At each turn the page names one thing to do; axe finds nothing;
drafts outlive a reload; pictures are kept for people to look at.
"""

import asyncio
import re

import pytest
from playwright.async_api import Locator, Page, expect

from protocol import commands_draw as draw
from tests.pages.chromium import picture, violations
from tests.pages.evaluated import Evaluation
from tests.pages.expert_page import ExpertPage
from tests.pages.house import House

pytestmark = pytest.mark.asyncio(loop_scope="module")

SESSION, SEAT, NODE = "HF-2026-SEAT", "M5", "hangzhou"
ITEMS = ["A1", "A2", "A3", "A4", "A5", "A6", "B1", "B2", "B3", "B4"]
LEFT = ["b1", "b2", "b3", "b4"]
REASON = "投标函未加盖单位公章,且无法定代表人签字。"


async def looked_at(page: Page, name: str) -> None:
    """A picture of the step, nothing wider than the screen, and nothing that axe would say of it."""
    wide, screen = await page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    await picture(page, f"evaluation-{name}")
    assert wide <= screen, f"{name} is {wide} wide on a screen of {screen}"
    found = await violations(page)
    assert found == [], (name, found)


async def confirm(expert: ExpertPage, act: str) -> None:
    """Press an act, read what will be signed, and sign it; the first of several that may be signed."""
    box = expert.page.locator(f"[data-act={act}]").first
    await press(expert, box.get_by_test_id("ask"))
    await expect(box.get_by_test_id("confirming")).to_be_focused()
    await expert.page.keyboard.press("Tab")
    await expect(box.get_by_test_id("confirm")).to_be_focused()
    await expert.page.keyboard.press("Enter")


async def press(expert: ExpertPage, button: Locator) -> None:
    """With the key, once the focus is there."""
    await expect(button).to_be_enabled()
    await button.focus()
    await expert.page.keyboard.press("Enter")


async def write(expert: ExpertPage, within: str, field: str, text: str) -> None:
    """Type into a draft, and wait until the venue has it."""
    area = expert.page.locator(f"{within} textarea[data-draft='{field}']").first
    await area.focus()
    await expert.page.keyboard.type(text)
    await expect(expert.page.get_by_test_id("text-saved").first).to_have_attribute("data-safety", "venue")


@pytest.mark.timeout(420)
async def test_an_expert_is_led_through_a_whole_evaluation_and_loses_nothing(here: House) -> None:
    evaluation = Evaluation(here, SESSION, SEAT)
    async with evaluation.open():
        expert = ExpertPage(await here.page(NODE, "expert/"))
        await expert.page.set_viewport_size({"width": 1366, "height": 768})
        await _check_in(evaluation, expert)
        await _elect(evaluation, expert)
        await _mark(evaluation, expert)
        await _ask(evaluation, expert)
        await _reject(evaluation, expert)
        await _score(evaluation, expert)
        await _sign(evaluation, expert)


async def _check_in(evaluation: Evaluation, expert: ExpertPage) -> None:
    """Undertaking and declaration; bidders' names only after, and recusal by oneself at hand."""
    page = expert.page
    await expert.sign_in(SESSION, SEAT, await evaluation.code(SEAT))
    await expect(page.get_by_test_id("undertaking")).to_be_visible()
    assert "皖澄" not in await page.content()
    await expert.sign_undertaking()
    await expect(page.get_by_test_id("bidders-named")).to_contain_text("皖澄市政")
    await evaluation.check_in()


async def _elect(evaluation: Evaluation, expert: ExpertPage) -> None:
    await evaluation.until("agent", lambda view: view.phase == "COMMITTEE_READY")
    await evaluation.do("agent", draw.OpenChairBallot(False))
    page = expert.page
    await expect(expert.task("elect")).to_be_visible()
    await expert.reach(page.locator("input[name=candidate]").first)
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowDown")
    await expect(page.locator("input[name=candidate][value=M3]")).to_be_checked()
    await confirm(expert, "ElectChair")
    for seat in ("M2", "M4"):
        await evaluation.do(seat, draw.ElectChair("M3", b""))
    await evaluation.until("M2", lambda view: view.committee is not None and view.committee.chair == "M3")


async def _mark(evaluation: Evaluation, expert: ExpertPage) -> None:
    """Bid by bid, with keys; a reason that is being written outlives a reload."""
    page = expert.page
    await expect(expert.task("mark")).to_be_visible()
    await expert.reach(page.locator("[data-bid=b1]"))
    for bidder in ("b1", "b2", "b3", "b4"):
        await expect(page.locator(f"[data-bid={bidder}][aria-pressed=true]")).to_be_visible()
        await _choose(expert, "1", "1", "1")
        await confirm(expert, "MarkItem")
    await expect(page.locator("[data-bid=b5][aria-pressed=true]")).to_be_visible()
    await _choose(expert, "3", "1", "1")
    await write(expert, "[data-item=form]", "form.reason", REASON)
    await looked_at(page, "03-marking")
    await page.reload()
    await expect(page.locator("[data-item=form] textarea")).to_have_value(REASON)
    await expect(page.locator("[data-item=form] input[value=material]")).to_be_checked()
    await confirm(expert, "MarkItem")


async def _choose(expert: ExpertPage, *keys: str) -> None:
    for item, key in zip(("form", "qualification", "responsiveness"), keys, strict=True):
        first = expert.page.locator(f"[data-item={item}] input[type=radio]").nth(0)
        await expect(first).to_be_enabled()
        await first.focus()
        await expert.page.keyboard.press(key)


async def _ask(evaluation: Evaluation, expert: ExpertPage) -> None:
    """A question to one bidder, its time running, its answer read, the question closed."""
    page = expert.page
    await expect(expert.task("propose")).to_be_visible()
    await press(expert, page.locator("[data-other=ask]"))
    form = page.get_by_test_id("ask-form")
    await form.locator("select[data-draft=bidder]").select_option("b3")
    await form.locator("select[data-draft=purpose]").select_option("unclear")
    await write(
        expert, "[data-testid=ask-form]", "question", "请说明施工组织设计中“工期”按日历天还是工作日计算。"
    )
    await confirm(expert, "AskClarification")
    thread = page.get_by_test_id("clarifications")
    await expect(thread.get_by_test_id("countdown")).to_be_visible()
    await evaluation.answer("工期按日历天计算。")
    await expect(expert.task("close")).to_be_visible()
    await expect(thread).to_contain_text("工期按日历天计算。")
    await confirm(expert, "CloseClarification")
    await expect(expert.task("propose")).to_be_visible()


async def _reject(evaluation: Evaluation, expert: ExpertPage) -> None:
    """A rejection proposed with its ground, voted three to two, the dissent kept."""
    page = expert.page
    await asyncio.gather(*(evaluation.mark(seat) for seat in evaluation.others()))
    form = page.get_by_test_id("reject-form")
    await expect(form.locator("select[data-draft=ground]")).to_have_value("51-1")
    await expect(form.locator("textarea")).to_have_value(REASON)
    await confirm(expert, "ProposeRejection")
    await expect(expert.task("vote")).to_be_visible()
    await evaluation.vote("M1", "no", "公章在附件中,可要求补正。")
    await evaluation.vote("M2", "no", "同意补正。")
    await expert.reach(page.locator("[data-testid=ballot] input[value=yes]"))
    await page.keyboard.press("Space")
    await write(expert, "[data-testid=ballot]", "reason", REASON)
    await page.get_by_role("button", name="150%").click()
    await looked_at(page, "07-voting-150")
    await page.get_by_role("button", name="100%").click()
    await confirm(expert, "CastVote")
    await expect(expert.task("wait_vote")).to_be_visible()
    for seat in ("M3", "M4"):
        await evaluation.vote(seat, "yes", "不符合形式要求。")
    vote = page.get_by_test_id("vote")
    await expect(vote.get_by_test_id("vote-result")).to_have_text("已否决")
    await expect(vote.get_by_test_id("dissenting")).to_contain_text("M1、M2")


async def _score(evaluation: Evaluation, expert: ExpertPage) -> None:
    """The sheet of bids that are left; a suspension in the middle seals everything and loses nothing."""
    page = expert.page
    await expect(page.get_by_test_id("grid")).to_be_visible()
    await expect(expert.cell("b5", "A1")).to_have_count(0)
    sheet = evaluation.case.sheets["01"]["M5"]
    await expert.type_scores(sheet, LEFT[:2], ITEMS)
    await expert.saved_at_venue()
    await evaluation.suspend()
    await expect(page.get_by_test_id("suspension")).to_contain_text("请留在席位上")
    await looked_at(page, "08-suspended")
    await evaluation.reconfirm()
    await expect(page.get_by_test_id("filled")).to_have_text("已填 20 / 40 项")
    await press(expert, page.locator("[data-other=time]"))
    await confirm(expert, "AskMoreTime")
    await expect(page.get_by_test_id("more-time")).to_contain_text("M5")
    await expert.type_scores(sheet, LEFT[2:], ITEMS)
    await expert.seal()
    await asyncio.gather(*(evaluation.seal(seat) for seat in evaluation.others()))


async def _sign(evaluation: Evaluation, expert: ExpertPage) -> None:
    """Far points explained, the report read, a dissent with its reasons in place of a signature."""
    page = expert.page
    await expect(page.get_by_test_id("ranking")).to_be_visible()
    task = expert.task("explain")
    await expect(task).to_be_visible()
    for left in range(await page.locator("[data-deviation]").count(), 0, -1):
        await expect(page.locator("[data-deviation]")).to_have_count(left)
        await write(expert, "[data-deviation]", "text", "该投标的方案与现场条件不符,依据见评审记录。")
        if left == 1:
            await looked_at(page, "10-explaining")
        await confirm(expert, "ExplainDeviation")
    await expect(expert.task("sign")).to_be_visible()
    await expect(page.get_by_test_id("drawn-rates")).to_be_visible()
    await press(expert, page.get_by_test_id("differ"))
    await write(expert, "[data-testid=dissent-form]", "reasons", "对否决戊的依据有不同意见:应先要求补正。")
    await looked_at(page, "11-dissenting")
    await confirm(expert, "RecordDissent")
    await expect(page.locator("[data-dissent=M5]")).to_contain_text("应先要求补正")
    await asyncio.gather(*(evaluation.sign(seat) for seat in evaluation.others()))
    await expect(expert.task("done")).to_be_visible()
    await page.get_by_role("button", name=re.compile("Switch to English")).click()
    await page.get_by_role("button", name="150%").click()
    await expect(page.get_by_test_id("review-table")).to_contain_text("The preliminary review")
    await looked_at(page, "12-done-english-150")
