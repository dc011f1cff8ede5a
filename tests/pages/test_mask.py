"""A member's face is masked in what leaves its seat while the rule asks for it, and seen by record alone.

On the real stack with media workers: a real face before a member's camera, frames taken off a supervisor's
wall in another province. The witness beside the member takes the mask off, and puts it on (SPEC 31.5).
"""

import asyncio
import base64
import statistics
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from msgspec.structs import replace
from playwright.async_api import Page, async_playwright, expect

from protocol.plan.case import Case
from tests.house import ground
from tests.pages.chromium import EXECUTABLE, FLAGS, Faults, picture
from tests.pages.test_wall import CAMERA, sit, stack_

FACE = ground.ROOT / "tests/data/faces/astronaut.jpg"
"""640 x 480 with one face; where it is in parts of the picture, well within its outline."""
WITHIN = (0.33, 0.30, 0.50, 0.60)
SEAT = "M5"
SUPERVISOR = "supervisor-hefei"
ALIKE, UNLIKE = 0.8, 0.3
"""Correlation of brightness with the camera's own picture: the face from the one, and not up to the other."""
WAIT_S = 60
LOOK_S = 0.2

SHOWN = """async ([source, [left, top, right, bottom]]) => {
    const video = source === ""
        ? Object.assign(new Image(), { src: window.face })
        : document.querySelector(`[data-source="camera.${source}"] video`);
    if (source === "") await video.decode();
    const width = video.videoWidth ?? video.width, height = video.videoHeight ?? video.height;
    if (!width) return [];
    const canvas = new OffscreenCanvas(24, 24), pen = canvas.getContext("2d");
    const across = (right - left) * width, down = (bottom - top) * height;
    pen.drawImage(video, left * width, top * height, across, down, 0, 0, 24, 24);
    const { data } = pen.getImageData(0, 0, 24, 24);
    return Array.from({ length: 576 }, (_, at) => data[4 * at] + data[4 * at + 1] + data[4 * at + 2]);
}"""
"""Brightness of the face's place, 24 x 24, of a tile's newest frame, or of the camera's own picture."""


def likeness(one: list[float], other: list[float]) -> float:
    """Correlation; 0 where a picture has no structure at all."""
    if len(one) != len(other) or len(set(one)) < 2:
        return 0
    return statistics.correlation(one, other)


async def until(seen: Callable[[], Awaitable[float]], holds: Callable[[float], bool]) -> None:
    """Look again and again until it holds, three looks in a row."""
    looks: list[float] = []
    try:
        async with asyncio.timeout(WAIT_S):
            while len(looks) < 3 or not all(map(holds, looks[-3:])):
                looks.append(await seen())
                await asyncio.sleep(LOOK_S)
    except TimeoutError:
        raise AssertionError(looks[-5:]) from None


@pytest.mark.timeout(400)
@pytest.mark.parametrize("asked", [True, False], ids=["the plan asks for it", "it does not"])
async def test_a_face_leaves_its_seat_masked_by_rule_alone_and_unmasked_by_record_alone(
    tmp_path: Path, asked: bool
) -> None:
    faults = Faults()
    camera = tmp_path / "camera.mjpeg"
    camera.write_bytes(FACE.read_bytes())
    # Before check-in a member's page does not know the plan, and masks; where none is asked it is open.
    async with stack_(tmp_path / "data", _asking if asked else _silent, check_in=not asked) as (
        found, play,
    ), async_playwright() as playwright:  # fmt: skip
        venue = next(one.venue for one in play.seats() if one.seat == SEAT)
        witness = f"witness-{venue}"
        codes = {one.seat: one.code for one in await play.codes((SEAT, SUPERVISOR, witness))}
        flags = [*FLAGS, *CAMERA, f"--use-file-for-fake-video-capture={camera}"]
        browser = await playwright.chromium.launch(executable_path=EXECUTABLE, args=flags)
        expect.set_options(timeout=40_000)
        try:
            own = await sit(browser, faults, f"{found.node(venue).url}expert/", SEAT, codes[SEAT])
            await own.get_by_test_id("camera").click()
            await expect(own.get_by_test_id("own-line")).to_have_text("传送中")
            wall = await sit(
                browser, faults, f"{found.node('hefei').url}supervisor/", SUPERVISOR, codes[SUPERVISOR]
            )
            tile = wall.locator(f"[data-source='camera.{SEAT}']")
            await expect(tile).to_have_attribute("data-line", "live")
            beside = await sit(browser, faults, f"{found.node(venue).url}witness/", witness, codes[witness])
            await _see(wall, own, beside, "mask-asked" if asked else "mask-not-asked", masked=asked)
            if asked:
                await _record(beside, masked=False)
                await _see(wall, own, beside, "mask-off", masked=False)
                await _record(beside, masked=True)
                await _see(wall, own, beside, "mask-again", masked=True)
            assert list(faults) == []
        finally:
            await browser.close()


def _asking(case: Case) -> Case:
    return replace(case, plan=replace(case.plan, mask_faces=True))


def _silent(case: Case) -> Case:
    return replace(case, rules="3")


async def _see(wall: Page, own: Page, beside: Page, name: str, *, masked: bool) -> None:
    """What the wall shows of the face, what the three pages say of it, pictures of all."""
    await wall.bring_to_front()
    face = f"data:image/jpeg;base64,{_encoded()}"
    await wall.evaluate("face => { window.face = face; }", face)
    camera = await wall.evaluate(SHOWN, ["", WITHIN])

    async def seen() -> float:
        return likeness(await wall.evaluate(SHOWN, [SEAT, WITHIN]), camera)

    await until(seen, (lambda alike: alike < UNLIKE) if masked else (lambda alike: alike > ALIKE))
    await expect(wall.locator(f"[data-source='camera.{SEAT}'] [data-testid=by-rule]")).to_have_count(
        int(masked)
    )
    row = beside.locator(f"[data-testid=masks] [data-seat={SEAT}]")
    if await row.count():
        await expect(row).to_have_attribute("data-masked", str(masked).lower())
    told = own.get_by_test_id("mask")
    if masked:
        await expect(told).to_have_attribute("data-mask", "faces")
    elif await told.count():
        await expect(told).to_have_attribute("data-mask", "open")
    await picture(wall, f"{name}-wall")
    await picture(own, f"{name}-seat")


def _encoded() -> str:
    return base64.b64encode(FACE.read_bytes()).decode()


async def _record(beside: Page, *, masked: bool) -> None:
    """The witness says why, and signs."""
    await beside.bring_to_front()
    row = beside.locator(f"[data-testid=masks] [data-seat={SEAT}]")
    await row.locator("summary").click()
    await expect(row.get_by_test_id("do")).to_be_disabled()
    await row.locator("input[value=identity]").check()
    await picture(beside, f"mask-witness-{'on' if masked else 'off'}")
    await row.get_by_test_id("do").click()
    await expect(row).to_have_attribute("data-masked", str(masked).lower())
