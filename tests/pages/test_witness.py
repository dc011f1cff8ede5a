"""Whole sessions at two venues' desks, from the landing page to the archive, the rest played.

In one session witnesses at 南京 (in Chinese: noted by one key, taken back, remarked, accepted, signed) and at
上海 (in English); and an expert's session in English (in Chinese: `test_whole_session`).
"""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from tests.ops.stage import TABLE
from tests.pages.expert_page import ENGLISH, ExpertPage
from tests.pages.landing_page import TO_THE_END_MS, Landing, landing
from tests.pages.opened import looked_at

pytestmark = pytest.mark.asyncio(loop_scope="module")

BIDDERS = ["b1", "b2", "b3", "b4", "b5"]
ITEMS = ["A1", "A2", "A3", "A4", "A5", "A6", "B1", "B2", "B3", "B4"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Landing]:
    async with landing(tmp_path_factory.mktemp("venues")) as found:
        await found.open()
        yield found


def waiting(page: Page, item: str) -> Locator:
    return page.get_by_test_id("waiting").locator(f"[data-note={item}]")


@pytest.mark.timeout(300)
async def test_witnesses_note_by_one_key_and_sign_all_of_it(house: Landing) -> None:
    page = await house.sit("witness-nanjing")
    other = await house.sit("witness-shanghai", english=True)
    late = await house.sit("M3")  # whom check-in waits for, with the bids open
    await house.begin("mismatch")
    await page.bring_to_front()
    await expect(page.get_by_test_id("opening-table")).to_contain_text("皖澄市政")
    await house.page.bring_to_front()
    await house.give_back("M3")
    await late.close()
    await house.stands_at("mismatch")
    await page.bring_to_front()
    await _empty_desk(page)
    await _notes(page)
    await other.bring_to_front()
    await _notes_in_english(other)
    await house.page.bring_to_front()
    await house.go_on()
    await page.bring_to_front()
    await _signs(page)
    await other.bring_to_front()
    await _signs_in_english(other)
    await house.archived()
    for one, now in ((page, "已归档"), (other, "Archived")):
        await expect(one.get_by_test_id("now")).to_have_text(now)
        await expect(one.get_by_test_id("ranked")).to_contain_text("92.07")
    await looked_at(page, "witness-4-signed")
    await looked_at(other, "witness-signed-english")
    assert house.faults == []


async def _empty_desk(page: Page) -> None:
    """Everybody's progress is there, one's own venue first, and what is empty says why."""
    progress = page.get_by_test_id("progress")
    await expect(progress.locator("tbody")).to_have_count(4)
    venues = [await one.get_attribute("data-venue") for one in await progress.locator("tbody").all()]
    assert venues[0] == "nanjing"
    assert set(venues) == {"hefei", "shanghai", "nanjing", "hangzhou"}
    await expect(progress.locator("[data-seat=M4]")).to_contain_text("未完成")
    nanjing = progress.locator("tbody[data-venue=nanjing]")
    awaited = await nanjing.locator("tr td:last-child").filter(has_text=re.compile(r"\S")).count()
    assert awaited > 0
    await expect(nanjing).to_contain_text(f"等待 {awaited} 席")
    await expect(page.get_by_test_id("waiting")).to_contain_text("没有待送出的记录")
    await expect(page.get_by_test_id("noted")).to_contain_text("尚无记录")
    # M3's place was given back: somebody else sits there now, which is an alert on movement of people.
    alerts = page.get_by_test_id("alerts")
    rebound = alerts.locator("[data-alert=SeatRebound]")
    await expect(rebound).to_contain_text("席位 M3 换了设备或由他人重新登录")
    await rebound.get_by_role("button", name="知道了").click()
    await expect(alerts).to_contain_text("目前没有需要留意的情况")
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
    await expect(card).to_be_visible(timeout=TO_THE_END_MS)
    alerts = page.get_by_test_id("alerts")
    noted = alerts.locator("[data-alert=witness]").filter(has_text="评分畸高畸低")
    await expect(noted).to_be_visible()
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


async def _notes_in_english(page: Page) -> None:
    """The same with the words of the other language: a letter, a remark, Enter."""
    await page.get_by_role("heading", name="Note what you see").click()
    await page.locator("[name=subject][value=M2]").check()
    await page.get_by_role("heading", name="Note what you see").click()
    await page.keyboard.press("j")
    note = waiting(page, "seat_left")
    await note.get_by_role("textbox").fill("left for two minutes, is back")
    await page.keyboard.press("Enter")
    await expect(note).to_have_count(0)
    noted = page.get_by_test_id("noted")
    for text in ("M2", "My observations (1)", "Accepted", "left for two minutes, is back"):
        await expect(noted).to_contain_text(text)
    await expect(page.get_by_test_id("progress").locator("tbody").first).to_have_attribute(
        "data-venue", "shanghai"
    )


async def _signs_in_english(page: Page) -> None:
    card = page.get_by_test_id("sign-record")
    await expect(page.get_by_test_id("record-summary")).to_contain_text("1 in all", timeout=TO_THE_END_MS)
    await expect(page.get_by_test_id("record-summary")).to_contain_text("1 with a remark")
    await page.locator("[name=agreed]").check()
    await looked_at(page, "witness-sign-english")
    await card.get_by_role("button", name="Sign the witness record").click()
    await expect(card).to_contain_text("The witness record is signed, 1 in all")


# --- an expert, in English ------------------------------------------------------------------


@pytest.mark.timeout(300)
async def test_an_expert_scores_a_whole_session_in_english(house: Landing) -> None:
    """Checked in, scored, sealed, opened with all others, signed; at 上海, by the keyboard alone."""
    await house.anew()
    page = await house.sit("M2", english=True)
    expert = ExpertPage(page, ENGLISH)
    await expect(expert.task("wait_opening")).to_contain_text("The evaluation has not begun")
    await house.begin()
    await page.bring_to_front()
    await expect(page.get_by_role("heading", name="Please check in")).to_be_visible()
    await looked_at(page, "expert-check-in-english")
    await expert.sign_undertaking()
    await expect(page.get_by_role("heading", name="Please score: Lot 01")).to_be_visible()
    sheet = house.play.case.sheets["01"]["M2"]
    await expert.type_scores(sheet, BIDDERS, ITEMS)
    await expect(page.get_by_test_id("filled")).to_have_text("50 of 50 filled")
    await expert.saved_at_venue()
    await expert.review()
    await looked_at(page, "expert-review-english")
    await page.keyboard.press("Escape")
    await expect(page.get_by_test_id("seal-summary")).to_have_count(0)
    await expert.ask_for_seal()
    await expect(page.get_by_test_id("opened")).to_contain_text(
        "Scores are open: Lot 01", timeout=TO_THE_END_MS
    )
    rows = page.get_by_test_id("ranking").locator("tbody tr")
    await expect(rows).to_have_count(len(TABLE))
    assert [await row.get_by_test_id("total").inner_text() for row in await rows.all()] == list(
        TABLE.values()
    )
    await expert.sign()
    await house.archived()
    await expect(expert.task("done")).to_contain_text("The evaluation is complete and archived")
    await looked_at(page, "expert-archived-english")
    assert house.faults == []
