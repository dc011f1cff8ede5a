"""Real Chromiums in a place of their own: seats that publish, or a supervisor's wall, by the pages' module.

`python -m ops.faults.apart.browsers publish|wall URL SESSION SECRET SEAT …` says what its pages see, a line
of JSON every `TELL_MS`. The module is `protocol/web/src/media/line.ts` as it is, and offers go by the same
way as from a desk: to a node on this place's loopback, which hands them on (`sub_venue/cameras/routes.py`).
Needs what the page tests need: Chromium, Playwright and the packages of `npm ci`.
"""

import asyncio
import contextlib
import importlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

from aiohttp import web

from ops import senses
from ops.installation import LOOPBACK
from ops.stack import PROJECT
from sub_venue import telemetry
from sub_venue.cameras.routes import Ways

TELL_MS: Final = 200
READY: Final = "ready"
"""What it says once its pages are open, before anything else."""
CHROMIUM: Final = Path("/usr/bin/chromium")
PLAYWRIGHT: Final = "playwright.async_api"
BUNDLER: Final = PROJECT / "node_modules/.bin/rolldown"
MODULE: Final = PROJECT / "protocol/web/src/media/line.ts"
FLAGS: Final = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream", "--autoplay-policy=no-user-gesture-required",
)  # fmt: skip
_PAGE: Final = """<!doctype html><title>apart</title><script src="/line.js" type="module"></script><script>
// A connection that was just closed answers nothing any more.
const statsOf = (peer) => peer === null ? undefined : Promise.race([
    peer.getStats().catch(() => undefined), new Promise((done) => setTimeout(done, 500))]);
</script>"""
_PUBLISH: Final = """async ([worker, source]) => {
    const stream = await navigator.mediaDevices.getUserMedia(
        { audio: true, video: { width: 640, height: 360, frameRate: 15 } });
    window.line = media.publish(worker, source, stream, () => undefined, { thumb: true });
    window.told = async () => {
        const seen = { state: line.state, layers: [] };
        const stats = await statsOf(line.peer);
        for (const one of (stats ?? new Map()).values()) {
            if (one.type !== 'outbound-rtp') continue;
            seen.layers.push({ kind: one.kind, width: one.frameWidth ?? 0, octets: one.bytesSent,
                frames: one.framesEncoded ?? 0, target: one.targetBitrate ?? 0 });
        }
        return { [source]: seen };
    };
}"""
_WALL: Final = """async ([worker, sources]) => {
    const sound = new AudioContext();
    const tiles = {};
    for (const source of sources) {
        const video = document.createElement('video');
        video.autoplay = true; video.width = 480;
        document.body.append(video);
        const tile = tiles[source] = { video, begun: performance.now(), first: -1, seen: [],
            offers: 0, peer: null };
        const look = () => {
            if (tile.first < 0) tile.first = performance.now() - tile.begun;
            tile.seen.push(Math.round(performance.timeOrigin + performance.now()));
            video.requestVideoFrameCallback(look);
        };
        video.requestVideoFrameCallback(look);
        tile.line = media.watch(worker, source, video, 'wall-' + source);
        tile.analyser = sound.createAnalyser();
    }
    window.told = async () => {
        const seen = {};
        for (const [source, tile] of Object.entries(tiles)) {
            const one = seen[source] = { state: tile.line.state, first: tile.first, seen: tile.seen,
                width: tile.video.videoWidth, time: tile.video.currentTime, loud: 0 };
            tile.seen = [];
            if (tile.line.peer !== tile.peer) {
                tile.peer = tile.line.peer; tile.offers += 1; tile.heard = undefined;
            }
            one.offers = tile.offers;
            const stream = tile.video.srcObject;
            if (tile.heard !== stream && stream?.getAudioTracks().length > 0) {
                try {
                    sound.createMediaStreamSource(stream).connect(tile.analyser);
                    tile.heard = stream;
                } catch { /* its line has just ended: the next stream is heard */ }
            }
            const spectrum = new Uint8Array(tile.analyser.frequencyBinCount);
            tile.analyser.getByteFrequencyData(spectrum);
            one.loud = Math.max(...spectrum);
            const stats = await statsOf(tile.peer);
            for (const stat of (stats ?? new Map()).values()) {
                if (stat.type !== 'inbound-rtp') continue;
                one[stat.kind] = { packets: stat.packetsReceived, lost: stat.packetsLost,
                    octets: stat.bytesReceived, freezes: stat.freezeCount ?? 0,
                    frozen_ms: Math.round(1000 * (stat.totalFreezesDuration ?? 0)),
                    frames: stat.framesDecoded ?? 0, nacks: stat.nackCount ?? 0, plis: stat.pliCount ?? 0,
                    samples: stat.totalSamplesReceived ?? 0,
                    concealed: (stat.concealedSamples ?? 0) - (stat.silentConcealedSamples ?? 0) };
            }
        }
        return seen;
    };
}"""


def bundled(folder: Path) -> str:
    """The pages' module as one script that names it `media`.

    Raises:
      OSError: the bundler is not there.
      subprocess.CalledProcessError: it cannot bundle.
    """
    built = folder / "line.js"
    subprocess.run([BUNDLER, MODULE, "--file", str(built)], cwd=PROJECT, check=True, capture_output=True)
    return built.read_text().replace("export {", "window.media = {").replace(" as ", ": ")


@contextlib.asynccontextmanager
async def _node(url: str, script: str) -> AsyncIterator[str]:
    """A node at this place's loopback that serves an empty page and hands offers on; its address."""

    async def page(_: web.Request) -> web.Response:
        return web.Response(text=_PAGE, content_type="text/html")

    async def module(_: web.Request) -> web.Response:
        return web.Response(text=script, content_type="text/javascript")

    async def never(_place: str, _session: str, _url: str) -> None:
        await asyncio.Event().wait()

    app = web.Application()
    app.router.add_get("/", page)
    app.router.add_get("/line.js", module)
    Ways(lambda _place, _session: url, never).add(app)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, LOOPBACK, 0).start()
    try:
        yield f"http://{LOOPBACK}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def _open(browser: Any, site: str, script: str, told: list[object]) -> Any:
    page = await (await browser.new_context(viewport={"width": 1000, "height": 640})).new_page()
    await page.goto(f"{site}/")
    await page.wait_for_function("window.media !== undefined")
    await page.evaluate(script, told)
    return page


async def _run() -> None:
    # A tool of those who develop: a house does not have it (`walls` says so where it is missing).
    playing = importlib.import_module(PLAYWRIGHT)
    what, url, session, secret, *seats = sys.argv[1:]
    worker = {"url": f"/media/house/{session}", "session": session, "iceServers": []}
    with tempfile.TemporaryDirectory(prefix="tongchang-browser-") as folder:
        script = await asyncio.to_thread(bundled, Path(folder))
        async with _node(url, script) as site, playing.async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(FLAGS))
            sources = [f"camera.{seat}" for seat in seats]
            if what == "publish":
                pages = [
                    await _open(
                        browser, site, _PUBLISH,
                        [{**worker, "secret": secret.format(seat=seat)}, f"camera.{seat}"],
                    )
                    for seat in seats
                ]  # fmt: skip
            else:
                pages = [await _open(browser, site, _WALL, [{**worker, "secret": secret}, sources])]
            _say({"at": senses.running_ms(), "told": READY})
            while True:
                await asyncio.sleep(TELL_MS / 1000)
                seen: dict[str, Any] = {}
                for page in pages:
                    seen |= await page.evaluate("told()")
                ahead_ms = senses.now_ms() - senses.running_ms()
                for one in seen.values():
                    one["seen"] = [at - ahead_ms for at in one.get("seen", ())]
                _say({"at": senses.running_ms(), "told": seen})
                if os.environ.get(PICTURE):
                    await pages[0].screenshot(path=os.environ[PICTURE])


PICTURE: Final = "TONGCHANG_WALL_PICTURE"
"""Names a file into which the first page is drawn again and again, to look at."""


def _say(what: dict[str, Any]) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    # Nothing but what is told goes to stdout.
    telemetry.configure("warning", senses.now_ms)
    asyncio.run(_run())
