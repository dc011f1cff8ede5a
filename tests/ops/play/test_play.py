"""Recordings beside their record: held, altered, missing; the page that plays them, in a real Chromium."""

import asyncio
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Locator, expect

from ops.play import command, page
from ops.play.judging import judge
from protocol import record
from protocol.plan.case import Case, read_case
from server.media.recording import shelf
from server.media.recording.recorder import Bounds, Recorder
from tests.house import ground
from tests.pages.chromium import chromium
from tests.protocol.world import World
from tests.server.media import film

SOURCE = "hefei.room"


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    """Two segments of a film of six seconds, with sound."""
    root = tmp_path / "recordings"
    recorder = Recorder(root, SOURCE, bounds=Bounds(segment_ms=3_000))
    lanes = (
        (film.track("audio", "opus"), film.opus(300)),
        (film.track("video", "VP8"), film.vp8(film.pictures("VP8", 90))),
    )
    for track, _ in lanes:
        recorder.began(track)
    arrived = sorted(
        ((p.arrival_ms, at, p) for at, (_, ps) in enumerate(lanes) for p in ps), key=lambda one: one[:2]
    )
    for _, at, packet in arrived:
        recorder.packet(lanes[at][0], packet)
    recorder.close()
    return root


@pytest.fixture
def held(recordings: Path, tmp_path: Path) -> Path:
    """A record that holds them."""
    case = read_case((ground.ROOT / "ops" / "sample" / "case.json").read_bytes())
    assert isinstance(case, Case)
    world = World(case, rules="4")
    world.book()
    world.import_committee()
    for one in shelf.read(recordings / SOURCE):
        world.must("node hefei", one.content)
    path = tmp_path / "a.record"
    path.write_bytes(record.write(world.session, world.entries, world.held))
    return path


def test_each_file_is_compared_with_the_record(held: Path, recordings: Path) -> None:
    entries = command.entries_of(held)
    assert [one.verdict for one in judge(entries, recordings)] == ["held", "held"]
    assert command.check(held, (recordings,), as_json=False) == 0
    first, second = sorted((recordings / SOURCE).glob("*.mkv"))
    raw = bytearray(first.read_bytes())
    raw[len(raw) // 2] ^= 1
    first.write_bytes(raw)
    assert [one.verdict for one in judge(entries, recordings)] == ["SegmentAltered", "held"]
    assert command.check(held, (recordings,), as_json=False) == command.ALTERED
    first.unlink()
    second.unlink()
    assert {one.verdict for one in judge(entries, recordings)} == {"SegmentMissing"}
    assert command.check(held, (recordings,), as_json=False) == command.UNDECIDED


async def test_the_page_plays_from_any_entry_and_goes_on_with_the_next_file(
    held: Path, recordings: Path
) -> None:
    entries = command.entries_of(held)
    async with (
        TestServer(page.app(entries, judge(entries, recordings), recordings)) as server,
        chromium() as browser,
    ):
        shown = await browser.new_page()
        await shown.goto(str(server.make_url("/")))
        await expect(shown.get_by_role("status")).to_contain_text("2 段全部与记录一致")
        await shown.get_by_role("button", name="播放").click()
        video = shown.locator("video")
        await until(video, "(video) => video.currentTime > 0.5")
        assert await video.evaluate("(video) => [video.videoWidth, video.videoHeight]") == [
            film.WIDTH,
            film.HEIGHT,
        ]
        before = await video.get_attribute("src")
        await expect(video).not_to_have_attribute("src", before or "")
        await shown.get_by_role("button", name="ImportCommittee").click()
        await expect(shown.locator("figcaption")).to_contain_text("录像尚未开始")


async def until(found: Locator, condition: str) -> None:
    """Wait until something holds of an element; the page admits no script of ours, so it is asked again."""
    async with asyncio.timeout(20):
        while not await found.evaluate(condition):  # noqa: ASYNC110 - a browser has no event of ours
            await asyncio.sleep(0.05)
