"""The landing page in a real Chromium: one click to each desk, the reins, breakpoints, a cut line, the end.

The stack and its people are the real ones; what the page shows is what is asserted.
"""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from ops.landing.breakpoints import ALL
from ops.people import notebook
from ops.scripts.catalogue import SCRIPTS
from tests.ops.showing import until
from tests.ops.stage import TABLE
from tests.pages.chromium import picture, violations
from tests.pages.landing_page import LANGUAGE, TO_THE_END_MS, Landing, landing

pytestmark = pytest.mark.asyncio(loop_scope="module")

BEGINNING = """async url => new TextDecoder().decode((await (await fetch(url)).arrayBuffer()).slice(0, 4))"""
"""The first bytes of a file, asked by the page itself: the system's resolver does not know `*.localhost`."""
SIZES = ((1366, 768), (1920, 1080))
ROLES = {
    "agent": "agent", "tenderee": "tenderee", "M1": "expert", "M5": "expert", "witness-shanghai": "witness",
    "supervisor-nanjing": "supervisor", "keeper-hangzhou": "keeper",
}  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Landing]:
    async with landing(tmp_path_factory.mktemp("landing")) as found:
        await found.open()
        yield found


async def looked_at(page: Page, name: str) -> None:
    """Pictures in both sizes, and nothing that axe would say."""
    for width, height in SIZES:
        await page.set_viewport_size({"width": width, "height": height})
        await picture(page, f"landing-{name}-{width}")
    assert await violations(page) == [], name


@pytest.mark.timeout(300)
async def test_each_desk_opens_signed_in_and_is_given_back(here: Landing) -> None:
    """One click: a new tab, the seat's own page, no code in its address; another click: the system again."""
    page = here.page
    await expect(page.get_by_role("heading", name="合肥市示例片区雨污分流改造工程")).to_be_visible()
    await expect(page.get_by_text("虚构示例")).to_be_visible()
    for venue in ("hefei", "shanghai", "nanjing", "hangzhou"):
        await expect(here.venue(venue).get_by_test_id("line")).to_have_text("线路正常")
    await looked_at(page, "ready")
    for seat, role in ROLES.items():
        desk = await here.sit(seat)
        await expect(desk).to_have_url(f"{here.play.installation.node(_venue(here, seat)).url}{role}/")
        await expect(here.card(seat)).to_have_attribute("data-standing", "person")
        await expect(desk.locator("[name=code]")).to_have_count(0)
        await here.card(seat).get_by_test_id("give-back").click()
        await expect(here.card(seat)).to_have_attribute("data-standing", "system")
        await desk.close()
    assert here.faults == []


@pytest.mark.timeout(300)
async def test_the_play_stands_at_each_breakpoint_and_says_what_to_see(here: Landing) -> None:
    """From the opening to the archive; then the ranking, what a plain mean would give, and the files."""
    page = here.page
    await page.locator("[data-pace=fast]").click()
    await page.locator("[name=point-cut]").check()
    await page.get_by_test_id("go").click()
    left = {str(point.id) for point in ALL}
    while left:
        card = page.get_by_test_id("break-card")
        await expect(card).to_be_visible()
        point = str(await card.get_attribute("data-point"))
        left.remove(point)
        await expect(card).to_contain_text("为什么重要")
        await looked_at(page, f"at-{point}")
        if point == "mismatch":
            await expect(card).to_contain_text("丙的“类似业绩”")
        if point == "reveal":
            await expect(page.get_by_test_id("acts")).to_contain_text("M5(杭州)")
        if point == "signatures":
            await expect(page.get_by_test_id("outstanding")).to_contain_text("南京见证人员")
        if point == "opening":
            await expect(page.locator("[data-bidder-page=b1]")).to_be_disabled()
        if point == "cut":
            await expect(here.venue("hangzhou").get_by_test_id("line")).to_have_text("线路已切断")
            await expect(here.card("M5").get_by_test_id("sit")).to_be_disabled()
            await expect(here.card("M5")).to_contain_text("线路已断")
        await page.get_by_test_id("go-on").click()
        await expect(page.locator(f"[data-point={point}]")).to_have_count(0)
        if point == "cut":
            await until(here.play, lambda: not any(seat == "M5" for seat, _ in here.play.baton.waiting))
            await here.venue("hangzhou").get_by_test_id("mend").click()
            await expect(here.venue("hangzhou").get_by_test_id("line")).to_have_text("线路正常")
    rows = page.get_by_test_id("result").locator("tbody tr")
    await expect(rows).to_have_count(len(TABLE), timeout=60_000)
    shown = {
        await row.get_attribute("data-bidder"): await row.get_by_test_id("total").inner_text()
        for row in await rows.all()
    }
    assert list(shown.items()) == list(TABLE.items())
    await expect(page.get_by_test_id("turned")).to_contain_text("丙 浙衡水务(92.54 分)")
    await expect(page.get_by_test_id("turned")).to_contain_text("91.14")
    await expect(page.get_by_role("link", name="评标报告(PDF)")).to_be_visible(timeout=120_000)
    for name, starts in (("report.pdf", "%PDF"), ("report.xlsx", "PK"), ("record", "{")):
        told = await page.evaluate(BEGINNING, f"/files/{here.play.session}/{name}")
        assert told.startswith(starts), name
    await expect(here.card("M1").get_by_test_id("sit")).to_be_disabled()
    await expect(here.card("M1")).to_contain_text("本场已归档")
    await looked_at(page, "result")
    assert here.faults == []


@pytest.mark.timeout(120)
async def test_starting_over_takes_seconds_and_english_says_the_same(here: Landing) -> None:
    page, before = here.page, here.play.session
    await page.get_by_test_id("anew").click()
    await expect(page.get_by_test_id("earlier")).to_contain_text(before)
    await expect(page.get_by_test_id("result")).to_have_count(0)
    await expect(page.get_by_test_id("go")).to_be_visible()
    await page.get_by_role("button", name="Switch to English").click()
    await expect(page.get_by_test_id("go")).to_have_text("Begin")
    await page.get_by_role("button", name="150%").click()
    await looked_at(page, "english-150")
    assert here.faults == []


@pytest.mark.timeout(180)
async def test_a_later_start_says_where_the_evaluation_stood_and_takes_it_up_there(here: Landing) -> None:
    page, shown = here.page, here.shown
    await page.get_by_role("button", name=LANGUAGE).click()
    await here.begin("mismatch", "reveal")
    await here.stands_at("mismatch")
    note = notebook.current(shown.installation)
    assert note is not None
    await here.play.close()
    await shown._show(note, here.play.case, booked=False)
    await expect(page.get_by_test_id("go")).to_have_text("接着演示")
    await expect(page.get_by_test_id("says")).to_contain_text("上次停止时,本场评标在“详细评审”")
    await looked_at(page, "later-start")
    await page.get_by_test_id("go").click()
    await here.stands_at("mismatch")  # nobody has looked at it since
    await page.get_by_test_id("go-on").click()
    await here.stands_at("reveal")
    assert here.faults == []


@pytest.mark.timeout(240)
async def test_another_evaluation_is_begun_by_keyboard_and_a_person_decides_in_it(here: Landing) -> None:
    """Asked before the one that goes on is left; then equal bids are put in order at the tenderee's desk."""
    await here.anew()
    await here.begin("opening")
    await here.stands_at("opening")
    page, before = here.page, here.play.session
    fold = page.get_by_test_id("scripts")
    await fold.locator("summary").focus()
    await page.keyboard.press("Enter")
    await expect(fold.locator("li")).to_have_count(len(SCRIPTS) + 1)
    await expect(fold.locator("[aria-current=true]")).to_have_attribute("data-script", "")
    one = fold.locator("[data-script=tie-decided]")
    start, yes = one.get_by_test_id("script-start"), one.get_by_test_id("script-yes")
    await expect(start).to_have_accessible_name("从这里开始:并列由招标人定序")
    await start.focus()
    await page.keyboard.press("Enter")
    await expect(yes).to_be_focused()
    await looked_at(page, "scripts")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(start).to_be_focused()
    assert here.play.session == before
    await page.keyboard.press("Enter")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("session")).not_to_have_text(before, timeout=TO_THE_END_MS)
    await expect(fold.locator("[aria-current=true]")).to_have_attribute("data-script", "tie-decided")
    await here.begin("reveal")
    await here.stands_at("reveal")
    tenderee = await here.sit("tenderee")
    await page.bring_to_front()
    await here.go_on()
    await tenderee.bring_to_front()
    tie = tenderee.locator("details[data-act=DecideTie]")
    await expect(tie).to_be_visible(timeout=TO_THE_END_MS)
    first, second = [await row.get_attribute("data-bidder") for row in await tie.locator("li").all()]
    await tie.locator("li").nth(1).get_by_role("button", name="上移").click()
    await expect(tie.locator("li").first).to_have_attribute("data-bidder", str(second))
    await tie.get_by_test_id("statement").fill("两家得分相同,按技术方案的完整程度定序。")
    await tie.get_by_test_id("sure").check()
    await looked_at(tenderee, "tie")
    await tie.get_by_test_id("do").click()
    await page.bring_to_front()
    rows = page.get_by_test_id("result").locator("tbody tr")
    await expect(rows.first).to_be_visible(timeout=TO_THE_END_MS)
    order = [await row.get_attribute("data-bidder") for row in await rows.all()]
    assert order.index(second) + 1 == order.index(first)
    assert here.faults == []


def _venue(here: Landing, seat: str) -> str:
    return here.play.cast.places[seat].seat.venue
