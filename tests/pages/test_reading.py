"""An expert reads and scores on one page: documents left, sheet right, by keyboard alone and by mouse."""

import asyncio
import contextlib
import hashlib
import os
import re
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from ops import shelving
from ops.people.play import Play
from ops.sample import facts
from ops.senses import Dice
from protocol.plan.stages import points_text
from sub_venue.reading_room import catalogue
from tests.pages.chromium import picture, violations
from tests.pages.expert_page import ExpertPage
from tests.pages.house import House
from tests.processes import system_calls

pytestmark = pytest.mark.asyncio(loop_scope="module")

SESSION, SEAT, NODE = "sample", "M2", "shanghai"
BIDDERS = ["b1", "b2", "b3", "b4", "b5"]
ITEMS = ["A1", "A2", "A3", "A4", "A5", "A6", "B1", "B2", "B3", "B4"]
SIZES = {"1366": (1366, 768), "1920": (1920, 1080)}
NAMES = re.compile("皖澄|苏越|浙衡|沪岳|淮泰")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def expert(whole_house: House) -> AsyncIterator[ExpertPage]:
    """M2 at an empty sheet, everybody else played; the documents are not there yet."""
    play = Play(
        whole_house.installation, whole_house.case, SESSION, Dice("reading"), humans=frozenset({SEAT})
    )
    async with play.open():
        await play.prepare(booked=False)
        code = (await play.codes((SEAT,)))[0].code
        page = ExpertPage(await whole_house.page(NODE, "expert/"))
        await page.page.set_viewport_size({"width": 1366, "height": 768})
        others = asyncio.create_task(play.perform())
        try:
            await page.sign_in(SESSION, SEAT, code)
            await page.sign_undertaking()
            await expect(page.page.get_by_test_id("grid")).to_be_visible()
            yield page
        finally:
            others.cancel()
            await asyncio.gather(others, return_exceptions=True)


async def put_documents(here: House) -> None:
    await asyncio.to_thread(shelving.shelve, here.installation, SESSION, facts.load().case)


async def pictures(page: Page, name: str) -> None:
    """The page at both sizes, for people to look at."""
    for size, (width, height) in SIZES.items():
        await page.set_viewport_size({"width": width, "height": height})
        await expect(page.get_by_test_id("picture").first).to_be_visible()
        await picture(page, f"reading-{name}-{size}")
    await page.set_viewport_size({"width": 1366, "height": 768})


async def test_a_venue_without_documents_says_so_and_shows_them_once_they_are_there(
    here: House, expert: ExpertPage
) -> None:
    page = expert.page
    note = page.get_by_test_id("no-documents")
    await expect(note).to_have_attribute("data-folder", "none")
    await expect(note).to_contain_text("文件由会场技术员放置")
    assert await violations(page) == []
    folder = here.installation.data / "nodes" / NODE / shelving.FOLDER / SESSION
    folder.mkdir(parents=True)
    await page.reload()
    await expect(note).to_have_attribute("data-folder", "preparing")
    await expect(note).to_contain_text("文件正在准备")
    assert await violations(page) == []
    await picture(page, "reading-preparing-1366")
    await put_documents(here)
    await expert.reads("", "施工组织设计")
    await expect(page.get_by_test_id("closed-shelves")).to_contain_text("含投标人名称与报价的投标文件")


async def test_the_document_follows_the_cell_and_both_are_on_one_page(
    here: House, expert: ExpertPage
) -> None:
    await put_documents(here)
    page = expert.page
    await page.reload()
    await expert.cell("b3", "A4").click()
    await expert.reads("丙", "施工组织设计")
    await expect(page.get_by_test_id("page-now")).to_have_text("第 9 页")
    await expect(page.get_by_test_id("cell-now")).to_contain_text("丙 · 进度")
    await expert.cell("b4", "B2").click()
    await expert.reads("丁", "客观分核验表")
    await expect(expert.document()).to_contain_text("8211.50")
    assert not NAMES.search(await page.locator("body").inner_text())
    bench = page.get_by_test_id("bench")
    await expect(bench).to_have_attribute("data-beside", "true")
    box, grid = await expert.document().bounding_box(), await page.get_by_test_id("grid").bounding_box()
    assert box is not None
    assert grid is not None
    assert box["x"] + box["width"] <= grid["x"], "the document is left of the sheet"
    assert grid["x"] + grid["width"] <= 1366, "all bids are in sight without scrolling across"
    assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert await violations(page) == []
    await expert.cell("b1", "A1").click()
    await expert.reads("甲", "施工组织设计")
    await pictures(page, "scoring")


async def test_a_text_is_found_across_bids_and_marked_on_its_page(here: House, expert: ExpertPage) -> None:
    await put_documents(here)
    page = expert.page
    await page.keyboard.press("F3")
    await page.locator("[name=find]").fill("泥水平衡")
    await page.locator("[name=where]").select_option("all")
    await page.keyboard.press("Enter")
    await page.locator("[name=find]").press("Enter")
    hits = page.get_by_test_id("hits").get_by_role("button")
    await expect(hits.first).to_contain_text("泥水平衡")
    told = "".join(await hits.all_inner_texts())
    assert {code for code in "甲乙丙丁戊" if f"投标 {code}" in told} == set("甲乙丙丁戊")
    assert not NAMES.search(told)
    await hits.filter(has_text="投标 丁").filter(has_text="施工组织设计").first.click()
    await expert.reads("丁", "施工组织设计")
    await expect(expert.document().locator("mark", has_text="泥水平衡").first).to_be_in_viewport()
    assert await violations(page) == []
    await pictures(page, "find")
    await page.locator("[name=find]").press("Escape")
    await expect(page.get_by_test_id("hits")).to_have_count(0)
    await expect(expert.document()).to_be_focused()


async def test_two_bids_stand_side_by_side_at_the_same_criterion(here: House, expert: ExpertPage) -> None:
    await put_documents(here)
    page = expert.page
    await expert.cell("b1", "A3").click()
    await expert.reads("甲", "施工组织设计")
    await page.keyboard.press("F8")
    both = page.get_by_test_id("document")
    await expect(both).to_have_count(2)
    await page.locator("[name=other-document]").select_option(label="投标 丁 · 施工组织设计")
    await expect(both.last.get_by_test_id("picture").first).to_be_visible()
    await expert.cell("b2", "A5").click()
    await expect(both.first).to_have_attribute("aria-label", "投标 乙 · 施工组织设计")
    await expect(both.last).to_have_attribute("aria-label", "投标 丁 · 施工组织设计")
    await page.keyboard.press("F4")
    await expect(page.get_by_test_id("bench")).to_have_attribute("data-layout", "document")
    for one in (both.first, both.last):
        await expect(one.get_by_test_id("picture").first).to_be_visible()
    assert await violations(page) == []
    await pictures(page, "compare")
    await page.keyboard.press("F4")
    await page.keyboard.press("F8")
    await expect(both).to_have_count(1)


async def test_notes_and_bookmarks_are_there_after_a_reload(here: House, expert: ExpertPage) -> None:
    await put_documents(here)
    page = expert.page
    await expert.cell("b5", "A2").click()
    await expert.reads("戊", "施工组织设计")
    await page.keyboard.press("F9")
    await page.get_by_role("button", name="批注").click()
    await page.locator("textarea[name=note]").fill("导改方案缺少分期图")
    await expect(page.get_by_text("已保存", exact=True).first).to_be_visible()
    assert await violations(page) == []
    await page.reload()
    await page.get_by_role("button", name="批注").click()
    kept = page.get_by_test_id("kept-notes").get_by_role("button")
    await expect(kept).to_have_count(1)
    await expect(kept).to_contain_text("★ 投标 戊 · 施工组织设计 第 4 页")
    await kept.click()
    await expert.reads("戊", "施工组织设计")
    await expect(page.locator("textarea[name=note]")).to_have_value("导改方案缺少分期图")
    await page.get_by_role("button", name="批注").click()


async def test_the_splitter_moves_by_keyboard_and_large_letters_put_one_below_the_other(
    here: House, expert: ExpertPage
) -> None:
    await put_documents(here)
    page = expert.page
    splitter = page.get_by_test_id("splitter")
    await expect(splitter).to_have_attribute("aria-valuenow", "50")
    await splitter.focus()
    for _ in range(3):
        await page.keyboard.press("ArrowLeft")
    await expect(splitter).to_have_attribute("aria-valuenow", "44")
    await page.reload()
    await expect(splitter).to_have_attribute("aria-valuenow", "44")
    await splitter.focus()
    await page.keyboard.press("Enter")
    await expect(splitter).to_have_attribute("aria-valuenow", "50")
    await page.get_by_role("button", name="150%").click()
    await expect(page.get_by_test_id("bench")).to_have_attribute("data-beside", "false")
    await expect(splitter).to_have_count(0)
    await expert.cell("b1", "A1").click()
    await expert.reads("甲", "施工组织设计")
    assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert await violations(page) == []
    await picture(page, "reading-150-1366")
    await page.get_by_role("button", name="100%").click()
    await expect(page.get_by_test_id("bench")).to_have_attribute("data-beside", "true")


def kill_drawing(node: int) -> None:
    """End a node's drawing process, where it has one."""
    children = " ".join(path.read_text() for path in Path(f"/proc/{node}/task").glob("*/children")).split()
    for child in children:
        with contextlib.suppress(OSError):
            if b"reading_room.drawing" in Path(f"/proc/{child}/cmdline").read_bytes():
                os.kill(int(child), signal.SIGKILL)


async def test_a_drawing_process_that_dies_is_told_of_and_waited_out_while_scoring_goes_on(
    here: House, expert: ExpertPage
) -> None:
    """The pages come by themselves once it can be started; a cell that is filled meanwhile is saved."""
    await put_documents(here)
    here.faults.forgive = ("503", "422")  # the browser tells of every refused request
    page = expert.page
    await page.reload()
    await expert.cell("b1", "A1").click()
    await expert.reads("甲", "施工组织设计")
    waiting = page.get_by_test_id("reader-waiting")
    async with system_calls.no_new_program(here.stack.pid(NODE)):
        kill_drawing(here.stack.pid(NODE))
        await expert.cell("b2", "A1").click()
        await expect(waiting).to_contain_text("文件显示程序正在重新启动")
        await expert.cell("b2", "A1").fill("5")
        await expert.saved_at_venue()
        assert await violations(page) == []
        await picture(page, "reading-restarting-1366")
        await page.get_by_role("button", name="Switch to English").click()
        await expect(waiting).to_contain_text("The program that shows documents is starting again")
        assert await violations(page) == []
        await page.get_by_role("button", name="切换为中文").click()
    await expert.reads("乙", "施工组织设计")
    await expect(waiting).to_have_count(0)
    await expert.cell("b2", "A1").fill("")


async def test_a_damaged_document_is_told_of_in_its_place_and_the_others_are_read_on(
    here: House, expert: ExpertPage
) -> None:
    """Half a file, registered as it is: the box says what to do, and opens it once it is put anew."""
    await put_documents(here)
    here.faults.forgive = ("422", "409")
    page = expert.page
    folder = here.installation.data / "nodes" / NODE / shelving.FOLDER / SESSION
    listed = catalogue.Catalogues(folder.parent).get(SESSION).catalogue
    assert listed is not None
    broken = next(one for one in listed.documents if (one.code, one.shelf) == ("丁", "blind"))
    half = (folder / broken.file).read_bytes()[: broken.bytes // 2]
    (folder / broken.file).unlink()  # it may be a link to the one copy that all venues share
    (folder / broken.file).write_bytes(half)
    told = msgspec.structs.replace(broken, bytes=len(half), sha256=hashlib.sha256(half).digest())
    documents = tuple(told if one is broken else one for one in listed.documents)
    catalogue.write(folder, msgspec.structs.replace(listed, documents=documents))
    await page.reload()
    await expert.cell("b4", "A1").click()
    await expect(expert.document()).to_contain_text("这一页无法显示:文件损坏")
    await expect(expert.document()).to_contain_text("请告知场所技术员")
    assert await violations(page) == []
    await picture(page, "reading-damaged-1366")
    await page.get_by_role("button", name="Switch to English").click()
    await expect(expert.document()).to_contain_text("This page cannot be shown: the file is damaged")
    assert await violations(page) == []
    await page.get_by_role("button", name="切换为中文").click()
    await expert.cell("b1", "A1").click()
    await expert.reads("甲", "施工组织设计")
    await put_documents(here)
    await page.reload()
    await expert.cell("b4", "A1").click()
    await expert.reads("丁", "施工组织设计")


async def test_everything_is_scored_by_keyboard_alone_with_the_document_open(
    here: House, expert: ExpertPage
) -> None:
    await put_documents(here)
    page, sheet = expert.page, here.case.sheets["01"][SEAT]
    await page.reload()
    await expert.reach(expert.cell("b1", "A1"))
    await expert.reads("甲", "施工组织设计")
    top = await expert.document().evaluate("one => one.scrollTop")
    await page.keyboard.press("PageDown")
    await page.wait_for_function(
        "before => document.querySelector('[data-testid=document]').scrollTop > before + 100", arg=top
    )
    await expect(expert.cell("b1", "A1")).to_be_focused()
    await page.keyboard.press("F2")
    await expect(expert.document()).to_be_focused()
    await page.keyboard.press("F2")
    await expect(expert.cell("b1", "A1")).to_be_focused()
    await page.keyboard.press("F1")
    await expect(page.get_by_test_id("keys")).to_be_visible()
    assert await violations(page) == []
    await page.keyboard.press("Escape")
    await expect(page.get_by_test_id("keys")).to_have_count(0)
    await expect(expert.cell("b1", "A1")).to_be_focused()
    for bidder in BIDDERS:
        for item in ITEMS:
            await expect(expert.cell(bidder, item)).to_be_focused()
            await page.keyboard.type(points_text(sheet[bidder][item]))
            await page.keyboard.press("Enter")
    await expert.reads("戊", "客观分核验表")
    await expert.saved_at_venue()
    await expert.ask_for_seal()
    await expect(expert.task("wait_ranking").or_(expert.task("wait_others"))).to_be_visible()
    await expect(expert.document()).to_be_visible()


async def test_names_come_with_the_summary_and_bids_can_then_be_read(here: House, expert: ExpertPage) -> None:
    page = expert.page
    await expect(page.get_by_test_id("opened").first).to_be_visible()
    chooser = page.locator("[name=document]")
    await expect(chooser.locator("option", has_text="已标价工程量清单")).to_have_count(5)
    await chooser.select_option(label="丁 · 沪岳建设 · 投标函及投标函附录")
    await expect(expert.document()).to_contain_text("沪岳建设工程有限公司")
    assert await violations(page) == []
    await expect(expert.document()).to_have_attribute("aria-label", re.compile("投标函"))
    await pictures(page, "summary")
