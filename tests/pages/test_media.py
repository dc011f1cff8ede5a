"""Cameras in a real Chromium: two seats publish, a supervisor sees both, an expert never a bidder."""

import contextlib
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

from aiohttp import web
from playwright.async_api import Browser, Page, async_playwright

from tests.house import ground
from tests.pages.chromium import EXECUTABLE, FLAGS
from tests.server.media.working import table, working

CAMERA = (
    "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
)  # fmt: skip
PUBLISH = """async ([worker, source]) => {
    const stream = await navigator.mediaDevices.getUserMedia(
        { audio: true, video: { width: 320, height: 240, frameRate: 15 } });
    await new Promise((done) => { window.line = media.publish(worker, source, stream,
        (state) => state === 'live' && done()); });
}"""
WALL = """async ([worker, sources]) => {
    window.firstMs = {};
    for (const source of sources) {
        const video = document.createElement('video');
        video.autoplay = true; video.dataset.source = source; video.width = 320;
        document.body.append(video);
        const begun = performance.now();
        video.requestVideoFrameCallback(() => { window.firstMs[source] = performance.now() - begun; });
        media.watch(worker, source, video, 'w1');
    }
}"""
MOVES = """async (source) => {
    const video = document.querySelector(`[data-source="${source}"]`);
    const at = video.currentTime;
    const frames = video.getVideoPlaybackQuality().totalVideoFrames;
    await new Promise((done) => setTimeout(done, 300));
    return video.videoWidth > 0 && video.currentTime > at
        && video.getVideoPlaybackQuality().totalVideoFrames > frames;
}"""
HEARD = """async (source) => {
    window.sound ??= new AudioContext();
    const analyser = window.sound.createAnalyser();
    window.sound.createMediaStreamSource(document.querySelector(`[data-source="${source}"]`).srcObject).connect(analyser);
    const spectrum = new Uint8Array(analyser.frequencyBinCount);
    for (let loudest = 0; loudest < 60; ) {
        await new Promise((done) => setTimeout(done, 20));
        analyser.getByteFrequencyData(spectrum);
        loudest = Math.max(...spectrum);
    }
    return true;
}"""


@contextlib.asynccontextmanager
async def site() -> AsyncIterator[str]:
    """An empty page under a name of its own, as a node serves it."""

    async def page(_: web.Request) -> web.Response:
        return web.Response(text="<!doctype html><title>wall</title>", content_type="text/html")

    app = web.Application()
    app.router.add_get("/", page)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://nanjing.localhost:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def page_at(browser: Browser, where: str, script: str) -> Page:
    """A page there, in a context of its own, with the browser's module as `media`."""
    page = await (await browser.new_context()).new_page()
    await page.goto(f"{where}/")
    await page.add_script_tag(content=script, type="module")
    await page.wait_for_function("window.media !== undefined")
    return page


def line_script(folder: Path) -> str:
    """The browser's module as one script."""
    built = folder / "line.js"
    subprocess.run(
        ["node_modules/.bin/rolldown", "protocol/web/src/media/line.ts", "--file", str(built)],
        cwd=ground.ROOT, check=True, capture_output=True,
    )  # fmt: skip
    return built.read_text().replace("export {", "window.media = {").replace(" as ", ": ")


async def test_a_supervisors_wall_shows_and_sounds_both_seats_and_an_expert_never_a_bidder(
    tmp_path: Path,
) -> None:
    script = line_script(tmp_path)
    seats = ("expert-1", "bidder-1")
    async with site() as where, working(tmp_path, where) as worker, async_playwright() as playwright:
        await worker.allow(table("BOOKED", 5))

        def told(seat: str) -> dict[str, object]:
            return {"url": worker.pages, "session": "s-1", "secret": f"secret of {seat}", "iceServers": []}

        browser = await playwright.chromium.launch(executable_path=EXECUTABLE, args=[*FLAGS, *CAMERA])
        try:
            for seat in seats:
                await (await page_at(browser, where, script)).evaluate(
                    PUBLISH, [told(seat), f"camera.{seat}"]
                )
            wall = await page_at(browser, where, script)
            await wall.evaluate(WALL, [told("supervisor-1"), [f"camera.{seat}" for seat in seats]])
            await wall.wait_for_function("Object.keys(window.firstMs).length === 2")
            for seat in seats:
                assert await wall.evaluate(MOVES, f"camera.{seat}")
                assert await wall.evaluate(HEARD, f"camera.{seat}")
            assert max((await wall.evaluate("window.firstMs")).values()) > 0
            refused = await page_at(browser, where, script)
            state = await refused.evaluate(
                """([worker]) => new Promise((done) => media.watch(worker, 'camera.bidder-1',
                    document.createElement('video'), 'w', {}, done))""",
                [told("expert-1")],
            )
            assert state == "refused"
        finally:
            await browser.close()
