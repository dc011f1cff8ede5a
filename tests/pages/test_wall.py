"""A wall on the real stack: browsers of two seats send, their venues record, another province sees."""

import contextlib
from collections.abc import AsyncIterator, Callable
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
from protocol.plan.case import Case
from tests.pages.chromium import EXECUTABLE, FLAGS, SIZE, Faults, picture, violations
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
KEEP = """() => {
    for (const video of document.querySelectorAll("figure video")) video.before = video.videoWidth;
}"""
SWITCHED = """([source, to]) => {
    const video = document.querySelector(`[data-source="${source}"] video`);
    const pictures = video.getVideoPlaybackQuality().totalVideoFrames;
    const is = to === "thumb" ? video.videoWidth < video.before : video.videoWidth > video.before;
    video.since = is ? (video.since ?? pictures) : undefined;
    return is && pictures > video.since + 3;
}"""
"""Whether a tile's picture is smaller or larger than it was when it was looked at last, and moves."""
SWITCH_MS = 90_000
"""Patience with a machine that plays three browsers at once; a browser that is busy sends fewer pictures."""
BEARS_NONE = """() => {
    const asks = window.fetch;
    window.bearsAgain = () => { window.fetch = asks; };
    window.fetch = async (...asked) => {
        const answer = await asks(...asked);
        if (!String(asked[0]).includes("/sources/")) return answer;
        const told = await answer.json();
        for (const line in told.lines) told.lines[line] = "none";
        return Response.json(told);
    };
}"""
"""Let the worker say that no line bears a picture."""
PAUSED = "线路不佳,画面暂停,声音继续;线路好转后自动恢复"
PARTS = {
    "line": "good",
    "clock": "good",
    "certificate": "weak",
    "camera": "good",
    "microphone": "good",
    "speaker": "good",
}
"""What a seat finds of itself: Chromium's own camera and beeping microphone, a key without a voice yet."""
LOUD = """source => {
    const tiles = [...document.querySelectorAll("figure")];
    return tiles.every((one) => one.querySelector("video").muted === (one.dataset.source !== source));
}"""


@contextlib.asynccontextmanager
async def stack_(
    data: Path, of: Callable[[Case], Case] = lambda case: case, *, check_in: bool = False
) -> AsyncIterator[tuple[Installation, Play]]:
    case = of(replace(script.load(SAMPLE), rules="4"))
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
            await play.prepare(booked=False, check_in=check_in)
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


async def check(page: Page, name: str) -> None:
    """Go through the check before the start, as whoever sits there does."""
    await page.get_by_test_id("check-seat").click()
    part = {one: page.locator(f"[data-part={one}]") for one in PARTS}
    await expect(part["clock"]).to_have_attribute("data-state", "good")
    await part["camera"].get_by_role("button").click()
    await expect(part["camera"]).to_have_attribute("data-state", "good")
    await part["microphone"].get_by_role("button").click()
    await expect(part["microphone"]).to_have_attribute("data-state", "good")
    await part["speaker"].get_by_role("button").click()
    await page.get_by_role("button", name="听到了", exact=True).click()
    await expect(page.get_by_test_id("preflight-told")).to_have_attribute("data-told", "told")
    for one, state in PARTS.items():
        await expect(part[one]).to_have_attribute("data-state", state)
    assert await violations(page) == []
    await picture(page, name)
    await page.keyboard.press("Escape")
    await expect(page.get_by_test_id("preflight")).to_have_count(0)


async def told_of_a_bad_line(wall: Page) -> None:
    """What a tile says while its line bears no picture, and that it says it no more afterwards."""
    told = wall.locator("[data-bears=none]")
    await wall.evaluate(BEARS_NONE)
    await expect(told).to_have_text([PAUSED, PAUSED])
    await picture(wall, "wall-bad-line")
    assert await violations(wall) == []
    await wall.evaluate("window.bearsAgain()")
    await expect(told).to_have_count(0)


@pytest.mark.timeout(400)
async def test_a_wall_shows_two_seats_of_other_provinces(tmp_path: Path) -> None:
    faults = Faults()
    async with stack_(tmp_path) as (found, play), async_playwright() as playwright:
        seats = {one.seat: one.venue for one in play.seats()}
        keeper = f"keeper-{seats['M5']}"
        codes = {one.seat: one.code for one in await play.codes((*SENDS, "supervisor-hefei", keeper))}
        browser = await playwright.chromium.launch(executable_path=EXECUTABLE, args=[*FLAGS, *CAMERA])
        expect.set_options(timeout=40_000)
        try:
            for seat in SENDS:
                page = await sit(browser, faults, f"{found.node(seats[seat]).url}expert/", seat, codes[seat])
                if seat == "M5":
                    await check(page, "preflight-M5")
                await page.get_by_test_id("camera").click()
                await expect(page.get_by_test_id("own-line")).to_have_text("传送中")
                await picture(page, f"wall-{seat}")
            board = await sit(browser, faults, f"{found.node(seats['M5']).url}keeper/", keeper, codes[keeper])
            told = board.locator("tr[data-seat=M5] [data-preflight=told] .chip")
            await expect(told).to_have_count(1)
            await expect(told).to_have_text("身份:需留意")
            await picture(board, "preflight-keeper")
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
            asked: list[str] = []
            wall.on("request", lambda one: asked.append(f"{one.method} {one.url.partition('?')[2]}"))
            for tiles, to in (("9", "thumb"), ("4", "full")):
                await wall.evaluate(KEEP)
                await wall.locator(f"[data-tiles='{tiles}']").click()
                await wall.wait_for_function(SWITCHED, arg=["camera.M3", to], timeout=SWITCH_MS)
                # On the line as it is, and not for the one that is pinned.
                assert asked.count(f"PATCH layer={to}") == 1
                await picture(wall, f"wall-{tiles}-{to}")
            await told_of_a_bad_line(wall)
            await wall.locator("[data-tiles='1']").click()
            await expect(wall.locator("figure")).to_have_count(1)
            await wall.locator("[data-tiles='16']").click()
            await expect(wall.locator("figure")).to_have_count(2)
            await picture(wall, "wall-16")
            assert list(faults) == []
        finally:
            await browser.close()
