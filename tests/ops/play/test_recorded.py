"""What a real Chromium sent, recorded by the real worker, played beside its archive by `tongchang play`.

A seat's camera with sound that is closed and comes back, a voice without a picture, and a camera whose worker
was killed: every tile says what it shows, and black is never called as recorded.
"""

import asyncio
import contextlib
import re
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import msgspec
from playwright.async_api import Browser, Page, async_playwright, expect

from protocol import entry, media, record
from protocol.media import Present, Table, Talk
from protocol.plan.case import Case, read_case
from server.media.recording import shelf
from tests.house import ground
from tests.ops import stage
from tests.pages.chromium import EXECUTABLE, FLAGS, Faults, new_page, picture, violations
from tests.pages.test_media import CAMERA, PUBLISH, line_script, page_at, site
from tests.protocol.world import World
from tests.server.media.working import Worker, working

VENUE, SESSION = "hefei", "s-1"
FILMED, SPEAKS = "M3", "M5"
CAM, TALKS = f"camera.{FILMED}", f"talk.{SPEAKS}"
AWAY_MS = 300
SHUT = "() => window.line.close()"
LEAVE_MS = 2_500
"""How long the camera is away: more than the seam of 2 s that nobody declares."""
VOICE = """async ([worker, source]) => {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    await new Promise((done) => { window.line = media.publish(worker, source, stream,
        (state) => state === 'live' && done()); });
}"""
TILES = """() => Object.fromEntries([...document.querySelectorAll('figure')].map((figure) => {
    const video = figure.querySelector('video');
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = 16;
    const context = canvas.getContext('2d');
    context.drawImage(video, 0, 0, 16, 16);
    const lit = Math.max(...context.getImageData(0, 0, 16, 16).data.filter((_, at) => at % 4 !== 3));
    return [video.getAttribute('aria-label'), {
        state: figure.dataset.state, says: figure.querySelector('figcaption span').textContent,
        instead: figure.querySelector('.none').textContent, seeking: video.seeking,
        ready: video.readyState, width: video.videoWidth, lit,
        at: Number(video.dataset.begins) + video.currentTime * 1000 }];
}))"""
"""What every tile says, and what is there: `lit` is the brightest colour of its picture, 0 for black."""


def _table() -> bytes:
    people = tuple(
        Present(media.token_digest(f"secret of {seat}"), seat, "expert", VENUE) for seat in (FILMED, SPEAKS)
    )
    return msgspec.json.encode(
        Table(1, SESSION, 5, "COMMITTEE_READY", people, Talk((FILMED, SPEAKS), (FILMED, SPEAKS)))
    )


def _kept(root: Path, source: str) -> int:
    folder = root / SESSION / f"{VENUE}.{source}"
    return len(list(shelf.read(folder))) if (folder / shelf.LIST).exists() else 0


async def _until_kept(root: Path, source: str, count: int) -> None:
    async with asyncio.timeout(30):
        while _kept(root, source) < count:  # noqa: ASYNC110 - a folder has no event of ours
            await asyncio.sleep(0.1)


async def _until_filmed(root: Path, source: str, files: int) -> None:
    """Until something has been written to so many files: a browser takes its time before it sends."""
    folder = root / SESSION / f"{VENUE}.{source}"
    async with asyncio.timeout(60):
        while sum(one.stat().st_size > 0 for one in folder.glob("*.mkv*")) < files:  # noqa: ASYNC110 - likewise
            await asyncio.sleep(0.1)


class Filming:
    """Two pages that send, and the worker that records them."""

    def __init__(self, browser: Browser, where: str, script: str, root: Path) -> None:
        self.browser, self.where, self.script, self.root = browser, where, script, root

    async def send(self, worker: Worker, seat: str, source: str, how: str = PUBLISH) -> Page:
        await worker.allow(_table())
        page = await page_at(self.browser, self.where, self.script)
        told = {"url": worker.pages, "session": SESSION, "secret": f"secret of {seat}", "iceServers": []}
        await page.evaluate(how, [told, source])
        return page

    async def held(self, folder: Path) -> None:
        """The camera is away for a while, then its worker is killed, and another one goes on."""
        told = {"recordings": str(self.root), "venue": VENUE}
        async with working(folder, self.where, **told) as worker:
            await self.send(worker, SPEAKS, TALKS, VOICE)
            first = await self.send(worker, FILMED, CAM)
            await _until_filmed(self.root, CAM, 1)
            await asyncio.sleep(2)
            await first.evaluate(SHUT)
            await _until_kept(self.root, CAM, 1)
            await asyncio.sleep(LEAVE_MS / 1000)
            await self.send(worker, FILMED, CAM)
            await _until_filmed(self.root, CAM, 2)
            await asyncio.sleep(3)
            await worker.kill()
        async with working(folder, self.where, **told) as worker:
            await asyncio.sleep(1)
            await self.send(worker, FILMED, CAM)
            await _until_filmed(self.root, CAM, 3)
            await asyncio.sleep(2)


def _told(root: Path) -> World:
    """A record of the time in which it was recorded, with every segment that the shelves hold."""
    case = read_case((ground.ROOT / "ops" / "sample" / "case.json").read_bytes())
    assert isinstance(case, Case)
    kept = sorted(
        (one.content for folder in (root / SESSION).iterdir() for one in shelf.read(folder)),
        key=lambda one: one.began_at,
    )
    world = World(case, SESSION, rules="4")
    world.now = kept[0].began_at - 2_000
    world.book()
    # While the camera is there, with some of it still ahead.
    first = next(one for one in kept if one.source.endswith(FILMED))
    world.now = first.began_at + first.duration_ms // 2
    world.import_committee()
    world.now = max(one.began_at + one.duration_ms for one in kept) + 1_000
    for one in kept:
        world.must(f"node {VENUE}", one)
    return world


def _archive(world: World, folder: Path) -> Path:
    path = folder / "a.record"
    path.write_bytes(record.write(world.session, world.entries, world.held))
    made = stage.call("archive", "make", path.name, cwd=folder)
    assert made.code == 0, made.err
    return folder / "a.archive.zip"


@contextlib.asynccontextmanager
async def _playing(archive: Path, *roots: Path) -> AsyncIterator[str]:
    """`tongchang play` as a program; where its page is."""
    named = [part for root in roots for part in ("--recordings", str(root))]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "ops.command", "play", str(archive), *named,
        cwd=archive.parent, env={**stage.environment(), "PYTHONPATH": str(ground.ROOT)},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        heard = ""
        while (found := re.search(r"http://\S+/", heard)) is None:
            line = await process.stdout.readline()
            assert line, heard
            heard += line.decode()
        yield found.group()
    finally:
        process.terminate()
        await process.communicate()


async def test_what_a_browser_sent_is_played_beside_its_archive_and_every_tile_says_what_it_shows(
    tmp_path: Path,
) -> None:
    root = tmp_path / "recordings"
    faults = Faults()
    script = line_script(tmp_path)
    expect.set_options(timeout=20_000)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=EXECUTABLE, args=[*FLAGS, *CAMERA])
        try:
            async with site() as where:
                await Filming(browser, where, script, root).held(tmp_path)
            world = await asyncio.to_thread(_told, root)
            # Each venue has a folder of its own: what the first has not got is found in the second.
            other = tmp_path / "other"
            other.mkdir()
            (root / SESSION / f"{VENUE}.{TALKS}").rename(other / f"{VENUE}.{TALKS}")
            archive = await asyncio.to_thread(_archive, world, tmp_path)
            async with _playing(archive, root / SESSION, other) as url:
                shown = await new_page(browser, faults)
                await shown.goto(url)
                await _looked_through(shown, world.entries)
        finally:
            await browser.close()
    assert faults == []


async def _looked_through(shown: Page, entries: list[bytes]) -> None:
    """From an entry to both gaps, and what each tile says on the way."""
    await expect(shown.get_by_role("status")).to_contain_text("4 段全部与记录一致")
    camera, voice = (shown.locator("figure", has_text=one) for one in (CAM, TALKS))
    await expect(voice).to_have_attribute("data-state", "sound")
    await expect(voice.locator("video")).not_to_be_visible()
    await expect(voice.locator(".none")).to_contain_text("仅有声音")
    await expect(camera.locator("figcaption")).to_contain_text("录像尚未开始")
    # An entry that lies in the camera's first segment: both are there, at its moment.
    at = next(one.at for one in map(entry.decode, entries) if one.command.type == "ImportCommittee")
    await shown.get_by_role("button", name="ImportCommittee").click()
    await expect(camera).to_have_attribute("data-state", "shown")
    tiles = await _tiles(shown)
    assert all(abs(one["at"] - at) < AWAY_MS for one in tiles.values()), (at, tiles)
    await picture(shown, "play-recorded-entry")
    assert await violations(shown) == []
    await shown.get_by_role("button", name="播放").click()
    for cause in ("无人发送", "录制未运行"):
        await _until(shown, lambda one, cause=cause: one["state"] == "gap" and cause in one["says"])  # type: ignore[misc]
        await expect(camera.locator("video")).not_to_be_visible()
        await picture(shown, f"play-recorded-gap-{'away' if cause == '无人发送' else 'stopped'}")
        await _until(shown, lambda one: one["state"] == "shown")
    await expect(shown.get_by_role("button", name="播放")).to_be_visible()


async def _tiles(shown: Page) -> dict[str, dict[str, Any]]:
    """Every tile now; none calls a black or unready picture as recorded, and those that play are in step."""
    tiles: dict[str, dict[str, Any]] = await shown.evaluate(TILES)
    for source, one in tiles.items():
        if "与记录一致" in one["says"]:
            assert not one["seeking"], (source, one)
            assert one["ready"] >= 2, (source, one)
            is_picture = one["state"] == "shown"
            assert is_picture == (one["width"] > 0) == (one["instead"] == ""), (source, one)
            assert one["lit"] > 0 or not is_picture, (source, one)
    places = [one["at"] for one in tiles.values() if one["state"] in ("shown", "sound")]
    assert max(places, default=0) - min(places, default=0) < AWAY_MS, tiles
    return tiles


async def _until(shown: Page, holds: Callable[[dict[str, Any]], bool]) -> None:
    """Look at all tiles again and again until the camera's is as wanted."""
    async with asyncio.timeout(60):
        while not holds((await _tiles(shown))[f"{VENUE}.{CAM}"]):  # noqa: ASYNC110 - a page has no event of ours
            await asyncio.sleep(0.05)
