"""The drawing process: what it draws, what it bears, and that the node outlives it."""

import asyncio
import io
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from ops import senses
from protocol.reading import Run
from protocol.refusals import Refusal
from sub_venue.config import Bounds
from sub_venue.reading_room import drawing
from sub_venue.reading_room.jobs import Done, Job, Mark, Source
from sub_venue.reading_room.renderer import STRIKES_MAX, Renderer
from tests.sub_venue.reading_room import papers

TEXT = "管道基础采用 180° 砂石基础,沟槽回填分层厚度 200 mm。"
M2 = Mark(("M2 · 上海", "2026-11-26 09:31", "虚构示例"))
M3 = Mark(("M3 · 南京", "2026-11-26 09:31", "虚构示例"))


@pytest.fixture
async def renderer() -> AsyncIterator[Renderer]:
    found = Renderer(Bounds(reading_job_ms=8_000), senses.running_ms)
    yield found
    await found.stop()


def draw(source: Source, mark: Mark | None = M2, dpi: int = 72, page: int = 1) -> Job:
    return Job(kind="draw", source=source, pages=(page, page), dpi=dpi, mark=mark)


async def code(renderer: Renderer, job: Job) -> str:
    """The code with which a job is refused."""
    found = await renderer.do(job)
    assert isinstance(found, Refusal), found
    return found.code


async def done(renderer: Renderer, job: Job) -> tuple[Done, bytes]:
    found = await renderer.do(job)
    assert not isinstance(found, Refusal), found
    return found


async def picture(renderer: Renderer, job: Job) -> Image.Image:
    raw = (await done(renderer, job))[1]
    assert raw[:4] == b"RIFF"
    assert raw[8:12] == b"WEBP"
    return Image.open(io.BytesIO(raw)).convert("RGB")


def levels(picture: Image.Image) -> tuple[float, float]:
    """The darkest and the palest level of a grey picture."""
    low, high = picture.getextrema()
    return float(low), float(high)  # type: ignore[arg-type]


async def test_a_page_is_drawn_with_its_text_and_size(renderer: Renderer, tmp_path: Path) -> None:
    source = papers.source(tmp_path, papers.paper(TEXT, "第二页"))
    about = (await done(renderer, Job(kind="about", source=source)))[0]
    assert [(one.width, one.height) for one in about.sizes] == [(59528, 84189)] * 2
    drawn = await picture(renderer, draw(source))
    assert drawn.size == (596, 842)
    texts = (await done(renderer, Job(kind="text", source=source, pages=(1, 9))))[0].texts
    assert len(texts) == 2
    told = "".join(run.text for run in texts[0])
    assert "沟槽回填分层厚度 200 mm" in told
    assert all(_within(run) for page in texts for run in page)
    assert await code(renderer, draw(source, page=3)) == "UnknownDocument"


def _within(run: Run) -> bool:
    return 0 <= run.x <= run.x + run.width <= 59528 and 0 <= run.y <= run.y + run.height <= 84189


async def test_runs_stand_where_the_page_has_ink(renderer: Renderer, tmp_path: Path) -> None:
    """The text layer lies over the letters: every run covers dark pixels, and is as high as a letter."""
    source = papers.source(tmp_path, papers.paper(TEXT))
    drawn = (await picture(renderer, draw(source, dpi=144))).convert("L")
    runs = (await done(renderer, Job(kind="text", source=source)))[0].texts[0]
    for run in runs:
        box = tuple(round(v / 50) for v in (run.x, run.y, run.x + run.width, run.y + run.height))
        low, _ = levels(drawn.crop(box))  # type: ignore[arg-type]
        assert low < 110, run
        assert 500 < run.height < 2_000, run


async def test_the_watermark_is_in_the_pixels_and_names_one_seat(renderer: Renderer, tmp_path: Path) -> None:
    """Two seats never get the same picture, and no quarter of a page is without the mark."""
    source = papers.source(tmp_path, papers.by_hand(b""))
    one, other = await picture(renderer, draw(source, M2)), await picture(renderer, draw(source, M3))
    assert ImageChops.difference(one, other).getbbox() is not None
    across, down = one.width // 2, one.height // 2
    for left, top in ((0, 0), (across, 0), (0, down), (across, down)):
        quarter = one.crop((left, top, left + across, top + down)).convert("L")
        low, high = levels(quarter)
        assert 120 < low < 240, "the mark can be seen, and is no hindrance to reading"
        assert high == 255
        assert ImageChops.difference(quarter, Image.new("L", quarter.size, 255)).getbbox() is not None


async def test_the_watermark_shows_on_black_as_well(renderer: Renderer, tmp_path: Path) -> None:
    source = papers.source(tmp_path, papers.by_hand(b"0 0 0 rg 0 0 595 842 re f"))
    drawn = (await picture(renderer, draw(source))).convert("L")
    assert levels(drawn)[1] > 10


async def test_nothing_is_drawn_without_a_watermark(renderer: Renderer, tmp_path: Path) -> None:
    source = papers.source(tmp_path, papers.paper(TEXT))
    assert await code(renderer, draw(source, None)) == "PageUnreadable"


async def test_a_file_that_is_not_the_one_in_the_catalogue_is_not_drawn(
    renderer: Renderer, tmp_path: Path
) -> None:
    source = papers.source(tmp_path, papers.paper(TEXT))
    papers.source(tmp_path, papers.paper("另一份"))
    assert await code(renderer, draw(source)) == "DocumentChanged"
    (tmp_path / "link.pdf").symlink_to(tmp_path / "one.pdf")
    assert await code(renderer, draw(Source(str(tmp_path / "link.pdf"), source.sha256))) == "PageUnreadable"


@pytest.mark.parametrize("raw", [b"", b"no pdf at all", papers.by_hand(b"BT (x) Tj ET")[:200]], ids=len)
async def test_a_broken_file_is_a_refusal_and_the_process_goes_on(
    renderer: Renderer, tmp_path: Path, raw: bytes
) -> None:
    good = papers.source(tmp_path, papers.paper(TEXT), "good.pdf")
    await done(renderer, draw(good))
    before = renderer.pid
    assert await code(renderer, draw(papers.source(tmp_path, raw))) == "PageUnreadable"
    await done(renderer, draw(good))
    assert renderer.pid == before


async def test_a_page_as_large_as_a_field_is_drawn_small(renderer: Renderer, tmp_path: Path) -> None:
    raw = papers.by_hand(b"0 0 m 9 9 l S", box=b"0 0 14400 14400")
    drawn = await picture(renderer, draw(papers.source(tmp_path, raw), dpi=216))
    assert drawn.width * drawn.height <= drawing.PIXELS_MAX * 1.01


async def test_a_bomb_ends_at_most_its_process_and_is_not_tried_for_ever(tmp_path: Path) -> None:
    """Seventy megabytes of drawing in a small file: over the time, or over the memory."""
    renderer = Renderer(Bounds(reading_job_ms=2_500, reading_pause_ms=0), senses.running_ms)
    try:
        good = papers.source(tmp_path, papers.paper(TEXT), "good.pdf")
        bomb = papers.source(tmp_path, papers.bomb())
        assert (tmp_path / "one.pdf").stat().st_size < 2_000_000
        for _ in range(STRIKES_MAX):
            assert await code(renderer, draw(bomb)) == "PageUnreadable"
        running = renderer.pid
        assert await code(renderer, draw(bomb)) == "PageUnreadable"
        assert renderer.pid == running, "it is refused without being tried"
        await done(renderer, draw(good))
    finally:
        await renderer.stop()


async def test_a_process_that_was_killed_is_started_again(renderer: Renderer, tmp_path: Path) -> None:
    source = papers.source(tmp_path, papers.paper(TEXT))
    await done(renderer, draw(source))
    first = renderer.pid
    assert first is not None
    os.kill(first, 9)
    while renderer.pid == first:
        found = await renderer.do(draw(source, dpi=73))
        assert isinstance(found, tuple) or found.code == "PageUnreadable"
    await done(renderer, draw(source))


@pytest.mark.parametrize("program", [("-c", "raise SystemExit(1)"), ("-c", "print('nonsense' * 9)")])
async def test_a_process_that_does_not_start_is_no_fault_of_the_page(
    tmp_path: Path, program: tuple[str, ...]
) -> None:
    now = [0]
    renderer = Renderer(Bounds(reading_pause_ms=500), lambda: now[0], program)
    source = papers.source(tmp_path, papers.paper(TEXT))
    for _ in range(4):
        assert await code(renderer, draw(source)) == "ReaderRestarting"
    renderer._program = ("-I", "-m", "sub_venue.reading_room.drawing")
    assert await code(renderer, draw(source)) == "ReaderRestarting", "not before the pause is over"
    now[0] += 60_000
    await done(renderer, draw(source))
    await renderer.stop()


async def test_the_line_before_it_is_bounded(tmp_path: Path) -> None:
    renderer = Renderer(Bounds(reading_jobs_max=2), senses.running_ms)
    source = papers.source(tmp_path, papers.paper(TEXT))
    found = await asyncio.gather(*(renderer.do(draw(source)) for _ in range(4)))
    assert [isinstance(one, Refusal) and one.code for one in found] == [False, False, "TooBusy", "TooBusy"]
    await renderer.stop()
    assert await code(renderer, draw(source)) == "Stopping"


async def test_a_reader_who_goes_leaves_no_half_answer_to_the_next(
    renderer: Renderer, tmp_path: Path
) -> None:
    source = papers.source(tmp_path, papers.paper(TEXT))
    await done(renderer, draw(source))
    going = asyncio.create_task(renderer.do(draw(source, dpi=216)))
    await asyncio.sleep(0)
    going.cancel()
    await asyncio.gather(going, return_exceptions=True)
    assert (await picture(renderer, draw(source))).size == (596, 842)


async def test_the_process_is_bounded_and_knows_nothing_of_the_node(
    renderer: Renderer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TONGCHANG_SEED", "canary")
    await done(renderer, draw(papers.source(tmp_path, papers.paper(TEXT))))
    told = Path(f"/proc/{renderer.pid}")
    assert b"canary" not in (told / "environ").read_bytes()
    limits = (told / "limits").read_text()
    assert f"Max address space         {drawing.MEMORY_BYTES_MAX}" in limits
    assert "Max file size             0 " in limits
    assert "Max core file size        0 " in limits
