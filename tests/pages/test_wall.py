"""A wall on the real stack: browsers of two seats send, their venues record, another province sees."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from playwright.async_api import Browser, Page, async_playwright, expect

from ops import backing, installation, ports, senses
from ops.backing import Size
from ops.faults.notes import Notes
from ops.installation import Installation
from ops.people import script
from ops.people.play import Play
from ops.senses import Dice
from ops.stack import Stack
from tests.pages.chromium import EXECUTABLE, FLAGS, SIZE, Faults, picture
from tests.pages.house import SAMPLE

CAMERA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
          "--autoplay-policy=no-user-gesture-required")  # fmt: skip
SENDS = ("M3", "M5")
MOVED = """source => {
    const video = document.querySelector(`[data-source="${source}"] video`);
    video.first ??= [video.currentTime, video.getVideoPlaybackQuality().totalVideoFrames];
    return video.videoWidth > 0 && video.currentTime > video.first[0] + 1
        && video.getVideoPlaybackQuality().totalVideoFrames > video.first[1] + 5;
}"""
FIRST_MS = """([source, tiles]) => new Promise((done) => {
    const video = document.querySelector(`[data-source="${source}"] video`);
    const begun = performance.now();
    document.querySelector(`[data-tiles="${tiles}"]`).click();
    // The line is offered anew with the small picture: the first frame of another stream.
    const before = video.srcObject;
    const look = () => video.srcObject === before ? requestAnimationFrame(look)
        : video.requestVideoFrameCallback(() => done(Math.round(performance.now() - begun)));
    look();
})"""
LOUD = """source => {
    const tiles = [...document.querySelectorAll("figure")];
    return tiles.every((one) => one.querySelector("video").muted === (one.dataset.source !== source));
}"""


@contextlib.asynccontextmanager
async def stack_(data: Path) -> AsyncIterator[tuple[Installation, Play]]:
    case = replace(script.load(SAMPLE), rules="4")
    base = ports.free_base(40, Dice())
    size = Size(cosigners=True, media_workers=1)
    found = installation.ensure(
        data, now_ms=senses.now_ms(), ports_from=base, shape=backing.shape(data, size)
    )
    stack = Stack(found)
    await stack.start()
    try:
        play = Play(found, case, "wall", Dice(), listener=Notes())
        async with play.open():
            await play.prepare(booked=False, check_in=False)
            yield found, play
    finally:
        await stack.stop()


async def sit(browser: Browser, faults: Faults, url: str, seat: str, code: str) -> Page:
    context = await browser.new_context(viewport=SIZE, locale="zh-CN", permissions=["camera", "microphone"])
    page = await context.new_page()
    page.on("console", lambda m: faults.note(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda e: faults.note(str(e)))
    await page.goto(url)
    for name, value in (("session", "wall"), ("seat", seat), ("code", code)):
        await page.locator(f"[name={name}]").fill(value)
    await page.keyboard.press("Enter")
    return page


@pytest.mark.timeout(400)
async def test_a_wall_shows_two_seats_of_other_provinces(tmp_path: Path) -> None:
    faults = Faults()
    async with stack_(tmp_path) as (found, play), async_playwright() as playwright:
        seats = {one.seat: one.venue for one in play.seats()}
        codes = {one.seat: one.code for one in await play.codes((*SENDS, "supervisor-hefei"))}
        browser = await playwright.chromium.launch(executable_path=EXECUTABLE, args=[*FLAGS, *CAMERA])
        expect.set_options(timeout=40_000)
        try:
            for seat in SENDS:
                page = await sit(browser, faults, f"{found.node(seats[seat]).url}expert/", seat, codes[seat])
                await page.get_by_test_id("camera").click()
                await expect(page.get_by_test_id("own-line")).to_have_text("传送中")
                await picture(page, f"wall-{seat}")
            wall = await sit(
                browser,
                faults,
                f"{found.node('hefei').url}supervisor/",
                "supervisor-hefei",
                codes["supervisor-hefei"],
            )
            await wall.bring_to_front()
            for seat in SENDS:
                tile = wall.locator(f"[data-source='camera.{seat}']")
                await expect(tile).to_have_attribute("data-line", "live")
                await wall.wait_for_function(MOVED, arg=f"camera.{seat}")
                await expect(tile.locator("figcaption")).to_contain_text(seat)
            last = wall.locator("figure").first
            await wall.locator("[data-source='camera.M5']").get_by_test_id("pin").click()
            await expect(last).to_have_attribute("data-source", "camera.M5")
            await last.get_by_test_id("hear").click()
            assert await wall.evaluate(LOUD, "camera.M5")
            await picture(wall, "wall-4")
            assert await wall.evaluate(FIRST_MS, ["camera.M3", "9"]) > 0
            await wall.locator("[data-tiles='1']").click()
            await expect(wall.locator("figure")).to_have_count(1)
            await wall.locator("[data-tiles='16']").click()
            await expect(wall.locator("figure")).to_have_count(2)
            await picture(wall, "wall-16")
            assert list(faults) == []
        finally:
            await browser.close()
