"""Every desk in the middle of scoring: nothing that axe would say, in either language, at 150 % too.

One session; M5 has scored half its sheet at its page, and all others wait for it. Every other seat is played
until somebody takes it with a code of its own. Pictures of every desk go to the gallery.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from msgspec import Struct
from playwright.async_api import Page, ViewportSize, expect

from ops.people.play import Play
from ops.senses import Dice
from tests.pages.chromium import picture, violations
from tests.pages.expert_page import ExpertPage
from tests.pages.house import House

pytestmark = pytest.mark.asyncio(loop_scope="module")

SESSION = "HF-2026-DESKS"
EXPERT = "M5"
DESKS = {
    "agent": ("hefei", "agent"),
    "tenderee": ("hefei", "tenderee"),
    "witness": ("nanjing", "witness-nanjing"),
    "supervisor": ("hangzhou", "supervisor-hangzhou"),
    "keeper": ("shanghai", "keeper-shanghai"),
}
"""Desk → the venue and the seat; the agent's last, since whoever takes it issues codes alone."""
SIZES: tuple[ViewportSize, ...] = ({"width": 1366, "height": 768}, {"width": 1920, "height": 1080})
SHEET_WAIT_MS = 60_000


class Scene(Struct):
    """A session in the middle of scoring, and the codes of the seats that are to be sat at."""

    house: House
    expert: Page
    codes: dict[str, str]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(whole_house: House) -> AsyncIterator[Scene]:
    here = whole_house
    play = Play(here.installation, here.case, SESSION, Dice("desks"), humans=frozenset({EXPERT}))
    async with play.open():
        await play.prepare(booked=False)
        (code,) = await play.codes((EXPERT,))
        expert = ExpertPage(await here.page("hangzhou", "expert/"))
        await expert.sign_in(SESSION, EXPERT, code.code)
        await expert.check_in()
        performing = asyncio.create_task(play.perform())
        try:
            grid = expert.page.get_by_test_id("grid")
            await expect(grid).to_be_visible(timeout=SHEET_WAIT_MS)
            await expect(expert.page.locator("tr[data-seat=M1]")).to_contain_text(
                "✓ 已完成", timeout=SHEET_WAIT_MS
            )
            for item in ("A1", "A2", "A3"):
                await expert.cell("b1", item).fill("2")
            await expert.saved_at_venue()
            found = {
                one.seat: one.code for one in await play.codes(tuple(seat for _, seat in DESKS.values()))
            }
            yield Scene(here, expert.page, found)
        finally:
            performing.cancel()
            with contextlib.suppress(BaseException):
                await performing


async def sit_down(scene: Scene, desk: str) -> Page:
    venue, seat = DESKS[desk]
    page = await scene.house.page(venue, f"{desk}/")
    await looks_well(page, f"{desk}-sign-in")
    for field, value in (("session", SESSION), ("seat", seat), ("code", scene.codes[seat])):
        asked = page.locator(f"[name={field}]")
        if await asked.count():  # the agent's page knows its seat
            await asked.fill(value)
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("phase-bar")).to_be_visible()
    return page


async def looks_well(page: Page, name: str) -> None:
    """In Chinese as it is, in English at 150 %: nothing for axe, and nothing wider than the screen."""
    for size in SIZES:
        await page.set_viewport_size(size)
        await fits(page, name)
        await picture(page, f"desk-{name}-{size['width']}")
    assert await violations(page) == [], name
    await page.set_viewport_size(SIZES[0])
    await page.get_by_role("button", name="150%").click()
    await page.get_by_role("button", name="Switch to English").click()
    await fits(page, f"{name} in English at 150 %")
    await picture(page, f"desk-{name}-english-150")
    assert await violations(page) == [], f"{name} in English at 150 %"
    await page.get_by_role("button", name="切换为中文").click()
    await page.get_by_role("button", name="100%").click()


async def leaving_is_asked_for(page: Page, name: str) -> None:
    """The dialog before a seat is left, which every desk has, in both languages; the person stays."""
    for leave, stay, other in (
        ("离开席位", "留下", "Switch to English"),
        ("Leave the seat", "Stay", "切换为中文"),
    ):
        await page.get_by_role("button", name=leave).click()
        dialog = page.get_by_role("dialog", name=leave)
        await expect(dialog).to_be_visible()
        # While it fades in, it has not the colours yet in which it is read.
        await expect(page.locator(".dialog-fade-enter-active")).to_have_count(0)
        assert await violations(page) == [], (name, leave)
        await dialog.get_by_role("button", name=stay, exact=True).click()
        await expect(dialog).to_have_count(0)
        await page.get_by_role("button", name=other).click()


async def fits(page: Page, name: str) -> None:
    wide, screen = await page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide <= screen, f"{name} is {wide} wide on a screen of {screen}"


@pytest.mark.parametrize("desk", ["expert", *reversed(DESKS)])
async def test_a_desk_is_well_made_in_both_languages_and_at_150_percent(
    here: House, scene: Scene, desk: str
) -> None:
    page = scene.expert if desk == "expert" else await sit_down(scene, desk)
    await looks_well(page, desk)
    await leaving_is_asked_for(page, desk)
