"""`tongchang play`: what is told of a session's recordings, and a page on this machine that plays them.

Exit 0: every segment of the record is there as it was. 1: one was altered. 2: one is not there, or the record
holds none, so that nothing can be said.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from aiohttp import web

from ops import replay, show, stopping
from ops.play import page
from ops.play.judging import Found, judge
from ops.trouble import Trouble
from protocol import archive, canonical, record
from protocol.refusals import Refusal, text

ALTERED = 1
UNDECIDED = 2

_WORDS = {"SegmentAltered": ("文件被改动", "altered"), "SegmentMissing": ("没有文件", "not there")}


def entries_of(path: Path) -> tuple[bytes, ...]:
    """The entries of a record or of an archive.

    Raises:
      Trouble: it is neither (2).
    """
    raw = replay.read(path)
    if raw.startswith(b"PK"):
        found = archive.read(raw)
        if isinstance(found, Refusal):
            said = text(found)
            raise Trouble(said.zh, said.en, UNDECIDED)
        return tuple(found.record.entries)
    try:
        return record.read(raw).entries
    except record.RecordRefused as error:
        raise Trouble(
            f"无法读取记录 {path}({error})。请核对文件。",
            f"Cannot read {path} ({error}). Check the file.",
            UNDECIDED,
        ) from error


def check(path: Path, roots: Sequence[Path], as_json: bool) -> int:
    """Tell of every segment whether its file is the record's; the exit code."""
    found = judge(entries_of(path), *roots)
    for one in found:
        if one.verdict != "held":
            zh, en = _WORDS[one.verdict]
            show.notice(
                f"{one.source} 第 {one.number} 段:{zh}({one.verdict})",
                f"{one.source} segment {one.number}: {en} ({one.verdict})",
            )
    held = sum(one.verdict == "held" for one in found)
    show.notice(f"{len(found)} 段中 {held} 段与记录一致", f"{held} of {len(found)} segments are the record's")
    if as_json:
        print(canonical.encode({"held": held, "segments": found}).decode(), flush=True)
    return _code(found)


def play(path: Path, roots: Sequence[Path], port: int) -> int:
    """Serve the page until stopped."""
    entries = entries_of(path)
    found = judge(entries, *roots)
    if not found:
        raise Trouble("记录中没有音视频存证。", "The record holds no recordings.", UNDECIDED)

    async def serve() -> None:
        runner = web.AppRunner(page.app(entries, found, *roots), access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        show.notice(f"回放页面:{site.name}/", f"Recordings play at {site.name}/")
        await asyncio.Event().wait()

    stopping.until_interrupted(serve())
    return 0


def _code(found: tuple[Found, ...]) -> int:
    verdicts = {one.verdict for one in found}
    if "SegmentAltered" in verdicts:
        return ALTERED
    return UNDECIDED if not found or "SegmentMissing" in verdicts else 0
