"""Real Chromiums and a worker that has Janus: its own offer (406) is answered (`PATCH`), again and again."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from playwright.async_api import Page, async_playwright

from ops.bench import media_janus
from tests.pages.chromium import EXECUTABLE, FLAGS
from tests.pages.test_media import CAMERA, HEARD, MOVES, line_script, page_at, site
from tests.server.media.test_engines import SECRET, apart
from tests.server.media.working import table, working

CAMERA_1 = "camera.expert-1"
PUBLISH = """async ([worker, source]) => {
    const stream = await navigator.mediaDevices.getUserMedia(
        { audio: true, video: { width: 640, height: 480, frameRate: 15 } });
    await new Promise((done) => { window.line = media.publish(worker, source, stream,
        (state) => state === 'live' && done(), { thumb: true }); });
}"""
WATCH = """([worker, source]) => {
    const video = document.createElement('video');
    video.autoplay = true; video.dataset.source = source;
    document.body.append(video);
    window.answers = [];
    const fetched = window.fetch;
    window.fetch = async (url, told) => {
        const answer = await fetched(url, told);
        if (told?.body !== undefined) window.answers.push(`${told.method} ${answer.status}`);
        return answer;
    };
    window.line = media.watch(worker, source, video, 'w1');
}"""
LAYER = """([worker, layer]) => fetch(`${worker.url}${line.resource}?layer=${layer}`, {
    method: 'PATCH', headers: { Authorization: `Bearer ${worker.secret}` } }).then((one) => one.status)"""
WIDTH = "(width) => document.querySelector('video').videoWidth === width"


@contextlib.asynccontextmanager
async def janus(folder: Path) -> AsyncIterator[dict[str, Any]]:
    """A Janus; what a worker beside it is configured with."""
    told = folder / "janus.secret"
    told.write_text(SECRET)
    async with media_janus.running(folder, loops=1, secret=SECRET) as (_, url):
        told_of = {"url": url, "secret": str(told)}
        yield {"engine": "janus", "janus": told_of, "hosts": [media_janus.ADDRESS]}


async def test_a_page_answers_the_offer_of_janus_takes_the_small_picture_and_offers_anew(
    tmp_path: Path,
) -> None:
    with apart():
        async with (
            janus(tmp_path) as more,
            site() as name,
            working(tmp_path, name, **more) as worker,
            async_playwright() as playwright,
        ):
            await worker.allow(table("BOOKED", 5))

            def told(seat: str) -> dict[str, object]:
                return {
                    "url": worker.pages, "session": "s-1", "secret": f"secret of {seat}", "iceServers": [],
                }  # fmt: skip

            browser = await playwright.chromium.launch(executable_path=EXECUTABLE, args=[*FLAGS, *CAMERA])
            try:
                page = line_script(tmp_path)
                seat = await _publishing(await page_at(browser, name, page), told("expert-1"))
                wall = await page_at(browser, name, page)
                watcher = told("supervisor-1")
                await wall.evaluate(WATCH, [watcher, CAMERA_1])
                await wall.wait_for_function(WIDTH, arg=640)
                assert await wall.evaluate(MOVES, CAMERA_1)
                assert await wall.evaluate(HEARD, CAMERA_1)
                assert await wall.evaluate("answers") == ["POST 406", "PATCH 204"]
                for layer, width in (("thumb", 160), ("full", 640)):
                    assert await wall.evaluate(LAYER, [watcher, layer]) == 204
                    await wall.wait_for_function(WIDTH, arg=width)
                    assert await wall.evaluate(MOVES, CAMERA_1)
                await seat.evaluate("line.close()")
                await wall.wait_for_function("line.state === 'waiting'")
                await _publishing(seat, told("expert-1"))
                await wall.wait_for_function("line.state === 'live'")
                await wall.wait_for_function(WIDTH, arg=640)
                assert await wall.evaluate(MOVES, CAMERA_1)
                answers = await wall.evaluate("answers")
                assert answers[-2:] == ["POST 406", "PATCH 204"]
                await _publishing(seat, told("expert-1"))
                assert await wall.evaluate(MOVES, CAMERA_1)
                assert await wall.evaluate("answers") == answers
                await wall.evaluate("line.close()")
                stats = await worker.stats()
                assert (stats["publishers"], stats["viewers"]) == (1, 0)
            finally:
                await browser.close()


async def _publishing(page: Page, told: dict[str, object]) -> Page:
    await page.evaluate(PUBLISH, [told, CAMERA_1])
    return page
