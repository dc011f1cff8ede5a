"""A roll-call picture is taken by a witness, accepted, and seen by another province's supervisor (SPEC 31.6).

On the real stack with media workers: two members' cameras, taken by one press of a key, discarded once and
accepted once. What the supervisor's page shows has the digest that the record has.
"""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, async_playwright, expect

from tests.pages.chromium import EXECUTABLE, FLAGS, Faults, picture, violations
from tests.pages.test_wall import CAMERA, sit, stack_

SENDS = ("M3", "M5")
WITNESS, SUPERVISOR = "witness-hefei", "supervisor-nanjing"

SEEN = """async (image) => {
    await image.decode();
    const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
    const pen = canvas.getContext("2d");
    pen.drawImage(image, 0, 0);
    const { data, width, height } = pen.getImageData(0, 0, image.naturalWidth, image.naturalHeight);
    let green = 0;
    for (let at = 0; at < data.length; at += 4) {
        if (data[at + 1] > 110 && data[at] < 90 && data[at + 2] < 90) green += 1;
    }
    const pixels = new Uint8Array(await crypto.subtle.digest("SHA-256", data));
    return { green, width, height, alt: image.alt, pixels: [...pixels] };
}"""
"""Size, words, a digest of all pixels, and how many of them have the green of Chromium's own camera."""


MOVES = """(video) => new Promise((done) => {
    const first = video.currentTime;
    const moves = () => video.videoWidth > 0 && video.currentTime > first + 0.5;
    const look = () => moves() ? done() : setTimeout(look, 50);
    look();
})"""
"""Waits until a picture has moved on."""


async def seen(page: Page, within: str) -> dict[str, Any]:
    """What the one picture of a part of the page is."""
    image = page.locator(within).first
    found: dict[str, Any] = await image.evaluate(SEEN)
    return found


@pytest.mark.timeout(400)
async def test_a_witness_takes_a_picture_of_all_and_another_province_sees_the_very_same(
    tmp_path: Path,
) -> None:
    faults = Faults()
    async with stack_(tmp_path, check_in=True) as (found, play), async_playwright() as playwright:
        seats = {one.seat: one.venue for one in play.seats()}
        codes = {one.seat: one.code for one in await play.codes((*SENDS, WITNESS, SUPERVISOR))}
        browser = await playwright.chromium.launch(executable_path=EXECUTABLE, args=[*FLAGS, *CAMERA])
        expect.set_options(timeout=40_000)
        try:
            for seat in SENDS:
                own = await sit(browser, faults, f"{found.node(seats[seat]).url}expert/", seat, codes[seat])
                await own.get_by_test_id("camera").click()
                await expect(own.get_by_test_id("own-line")).to_have_text("传送中")
            page = await sit(browser, faults, f"{found.node('hefei').url}witness/", WITNESS, codes[WITNESS])
            await _taken(page)
            await page.keyboard.press("Escape")
            await expect(page.get_by_test_id("roll-call-preview")).to_have_count(0)
            await expect(page.get_by_test_id("roll-call-take")).to_be_focused()
            assert await page.get_by_test_id("roll-call").count() == 0
            await _watched(page)
            preview = await _taken(page)
            assert await violations(page) == []
            await picture(page, "roll-call-preview")
            await page.keyboard.press("Enter")
            await expect(page.get_by_test_id("roll-call")).to_have_count(1)

            other = await sit(
                browser, faults, f"{found.node('nanjing').url}supervisor/", SUPERVISOR, codes[SUPERVISOR]
            )
            await other.get_by_test_id("roll-call-show").press("Enter")
            await expect(other.get_by_test_id("roll-call-picture")).to_be_visible()
            given = await seen(other, "[data-testid=roll-call-picture]")
            assert given["pixels"] == preview["pixels"]
            assert given["alt"] == preview["alt"]
            recorded = await _digest(other)
            await page.get_by_test_id("roll-call-show").press("Enter")
            assert recorded == await _digest(page)
            assert await violations(other) == []
            await picture(other, "roll-call-supervisor")
            assert list(faults) == []
        finally:
            await browser.close()


async def _watched(page: Page) -> None:
    """The wall comes when it is asked for, by keyboard, and its pictures move."""
    fold = page.get_by_test_id("wall-fold")
    assert await fold.locator("video").count() == 0
    await fold.locator("summary").press("Enter")
    await expect(fold.locator("video")).to_have_count(len(SENDS))
    for at in range(len(SENDS)):
        await fold.locator("video").nth(at).evaluate(MOVES)


async def _taken(page: Page) -> dict[str, Any]:
    """A picture by the keyboard alone: what its preview shows; the cameras are seen, others are missed."""
    await page.get_by_test_id("roll-call-take").press("Enter")
    await expect(page.get_by_test_id("roll-call-accept")).to_be_focused()
    found = await seen(page, "[data-testid=roll-call-preview] img")
    assert found["width"] == 1_600
    assert found["green"] > 2 * 5_000
    shown, missing = found["alt"].split("未到画面:")
    assert all(seat in shown for seat in SENDS)
    assert all(seat in missing for seat in ("M1", WITNESS, SUPERVISOR))
    return found


async def _digest(page: Page) -> str:
    """That of the record; a page shows no picture that has another."""
    shown = page.get_by_test_id("roll-call-picture")
    await expect(shown).to_be_visible()
    await expect(page.get_by_test_id("roll-call")).to_contain_text("画面的摘要与记录第")
    return await shown.get_attribute("data-digest") or ""
