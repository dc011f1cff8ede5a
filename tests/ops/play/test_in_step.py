"""The page that plays recordings, in a real Chromium: in step, gaps as gaps, from an entry, by keyboard."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Page, expect

from ops.play import command, page
from ops.play.judging import judge
from protocol import record
from protocol.plan.case import Case, read_case
from server.media.recording import shelf
from server.media.recording.recorder import Bounds, Recorder
from tests.house import ground
from tests.pages.chromium import Faults, chromium, new_page, picture
from tests.pages.walked import walk
from tests.protocol.world import World
from tests.server.media import film

ROOM, CAMERA = "hefei.room", "hefei.camera.M3"
AWAY_MS = 300
"""How far a source may be from the moment (`AWAY_MS` of page.js)."""
PLACES = """() => [...document.querySelectorAll('figure[data-state=shown] video')].map(
    video => Number(video.dataset.begins) + video.currentTime * 1000)"""


def keep(root: Path, source: str, *begins: tuple[int, int]) -> None:
    """A source that is sent at some times, (`at_ms` after the film's start, pictures) each."""
    recorder = Recorder(root, source, bounds=Bounds(segment_ms=60_000))
    for number, (at_ms, count) in enumerate(begins, 1):
        track = film.track("video", "VP8", number, source)
        recorder.began(track)
        for packet in film.vp8(film.pictures("VP8", count), at_ms=film.START_MS + at_ms):
            recorder.packet(track, packet)
    recorder.close()


@pytest.fixture
def recorded(tmp_path: Path) -> tuple[Path, Path]:
    """A room of 8 s, and a camera that begins later and is away from 3 s to 6 s; (record, folder)."""
    root = tmp_path / "recordings"
    keep(root, ROOM, (0, 120))
    keep(root, CAMERA, (1_000, 30), (6_000, 30))
    case = read_case((ground.ROOT / "ops" / "sample" / "case.json").read_bytes())
    assert isinstance(case, Case)
    world = World(case, rules="4")
    world.now = film.START_MS - 5_000
    world.book()
    world.now = film.START_MS + 1_500
    world.import_committee()
    world.now = film.START_MS + 8_000
    for source in (ROOM, CAMERA):
        for one in shelf.read(root / source):
            world.must("node hefei", one.content)
    path = tmp_path / "a.record"
    path.write_bytes(record.write(world.session, world.entries, world.held))
    return path, root


async def test_sources_play_in_step_from_an_entry_and_a_gap_is_seen(recorded: tuple[Path, Path]) -> None:
    path, root = recorded
    entries = command.entries_of(path)
    faults = Faults()
    async with (
        TestServer(page.app(entries, judge(entries, root), root)) as server,
        chromium() as browser,
    ):
        shown = await new_page(browser, faults)
        await shown.goto(str(server.make_url("/")))
        camera = shown.locator("figure", has_text=CAMERA)
        room = shown.locator("figure", has_text=ROOM)
        # 2.5 s after the room's beginning: where that entry lies, both sources are there.
        await shown.get_by_role("button", name="ImportCommittee").click()
        at = film.START_MS + 2_500
        await until(shown, PLACES, lambda found: len(found) == 2 and all(abs(one - at) < 50 for one in found))
        await picture(shown, "play-at-entry")
        await shown.get_by_role("button", name="播放").click()
        apart: list[float] = []

        def moves(found: list[float]) -> bool:
            if len(found) == 2:
                apart.append(abs(found[0] - found[1]))
            return len(found) == 1

        await until(shown, PLACES, moves)
        assert apart
        assert max(apart) < AWAY_MS, apart
        await expect(camera.locator("figcaption")).to_contain_text("此刻无录像")
        await expect(camera.locator("figcaption")).to_contain_text("无人发送")
        await expect(camera.locator("video")).not_to_be_visible()
        await expect(room.locator("video")).to_be_visible()
        await picture(shown, "play-gap")
        # After the gap the camera is back, in step.
        apart.clear()
        await until(shown, PLACES, lambda found: len(found) == 2)
        await until(shown, PLACES, lambda found: not moves(found) and found[0] > film.START_MS + 7_000)
        assert apart
        assert max(apart) < AWAY_MS, apart
        assert faults == []


async def test_the_page_is_walked_and_its_entries_chosen_by_keyboard(recorded: tuple[Path, Path]) -> None:
    path, root = recorded
    entries = command.entries_of(path)
    async with (
        TestServer(page.app(entries, judge(entries, root), root)) as server,
        chromium() as browser,
    ):
        shown = await new_page(browser, Faults())
        await shown.goto(str(server.make_url("/")))
        await walk(shown, "recordings")
        buttons = shown.locator("#acts button")
        await buttons.first.focus()
        await shown.keyboard.press("End")
        await expect(buttons.last).to_be_focused()
        await shown.keyboard.press("Home")
        await shown.keyboard.press("ArrowDown")
        await expect(buttons.nth(1)).to_be_focused()
        await shown.keyboard.press("Enter")
        await expect(buttons.nth(1)).to_have_attribute("aria-current", "true")


async def until(shown: Page, script: str, holds: Callable[[list[float]], bool]) -> None:
    """Ask a page again and again until its answer holds; the page admits no script of ours."""
    async with asyncio.timeout(30):
        while not holds(await shown.evaluate(script)):  # noqa: ASYNC110 - a browser has no event of ours
            await asyncio.sleep(0.05)
