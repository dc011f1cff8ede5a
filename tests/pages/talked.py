"""Two members and a supervisor, each at a browser of its own, each microphone with its own tone.

The stack is real, with media workers; everybody else is played (`evaluated`). Chromium's microphone plays a
file over and over: short bursts, since a browser takes a lasting tone for noise and suppresses it.
"""

import array
import contextlib
import math
import wave
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

from playwright.async_api import Browser, Page, Playwright, expect

from ops import backing, installation, ports, senses
from ops.backing import Size
from ops.people import agent
from ops.senses import Dice
from ops.stack import Stack
from protocol import commands_draw as draw
from tests.pages.chromium import EXECUTABLE, FLAGS, SIZE, Faults
from tests.pages.evaluated import Evaluation
from tests.pages.expert_page import ExpertPage
from tests.pages.house import House

RATE = 48_000
TONES = {"M3": 660, "M5": 1_870, "agent": 1_130, "keeper-hangzhou": 2_730}
"""Seat → Hz; far enough apart, and no multiple of one another."""
CHAIR, MEMBER = "M3", "M5"
PORTS = 40
NOTHING = -100.0
"""dB of the analyser below which there is no tone."""
SILENT_TRIES = 15
LOUD = 40.0
"""How far a tone stands above the spectrum's middle, in dB of the analyser, to be found."""

SPECTRUM = """async ([source, hz, ms]) => {
    const stream = document.querySelector(`audio[data-voice="${source}"]`)?.srcObject;
    if (!stream || stream.getAudioTracks().length === 0) return -200;
    window.ear ??= new AudioContext();
    const analyser = window.ear.createAnalyser();
    analyser.fftSize = 4096;
    analyser.smoothingTimeConstant = 0;
    const played = window.ear.createMediaStreamSource(stream);
    played.connect(analyser);
    const bins = new Float32Array(analyser.frequencyBinCount);
    const at = Math.round(hz * analyser.fftSize / window.ear.sampleRate);
    let best = -200;
    for (const until = performance.now() + ms; performance.now() < until; ) {
        await new Promise((done) => setTimeout(done, 20));
        analyser.getFloatFrequencyData(bins);
        best = Math.max(best, bins[at - 1], bins[at], bins[at + 1]);
    }
    played.disconnect();
    return Math.max(best, -200);
}"""
"""How loud a tone gets in a voice at this page within a time, in dB; -200 for nothing at all."""


def tone(path: Path, hz: int) -> Path:
    """A file of two seconds: a quarter of a second of a tone, a quarter of silence, and so on."""
    burst = RATE // 4
    samples = array.array("h")
    for number in range(RATE * 2):
        on = number // burst % 2 == 0
        samples.append(round(12_000 * math.sin(2 * math.pi * hz * number / RATE)) if on else 0)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    return path


async def browser(playwright: Playwright, *flags: str) -> Browser:
    """A browser of its own, with devices of its own."""
    devices = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
               "--autoplay-policy=no-user-gesture-required")  # fmt: skip
    return await playwright.chromium.launch(executable_path=EXECUTABLE, args=[*FLAGS, *devices, *flags])


async def page_of(found: Browser, faults: Faults, url: str) -> Page:
    context = await found.new_context(viewport=SIZE, locale="zh-CN", permissions=["microphone"])
    page = await context.new_page()
    page.on("console", lambda m: faults.note(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda e: faults.note(str(e)))
    page.set_default_timeout(40_000)
    await page.goto(url)
    return page


@contextlib.asynccontextmanager
async def stack(data: Path) -> AsyncIterator[House]:
    """Coordinator, venues and their media workers; no browser yet."""
    base = ports.free_base(PORTS, Dice())
    found = installation.ensure(
        data, now_ms=senses.now_ms(), ports_from=base, shape=backing.shape(data, Size(media_workers=1))
    )
    running = Stack(found)
    await running.start()
    try:
        yield House(found, running, cast(Browser, None))
    finally:
        await running.stop()


async def seat(expert: ExpertPage, evaluation: Evaluation, name: str) -> None:
    """A member comes in at its page and checks in."""
    await expert.sign_in(evaluation.session, name, await evaluation.code(name))
    await expert.sign_undertaking()


async def convene(evaluation: Evaluation) -> None:
    """The others check in, the roster is locked, and the chair elected."""
    await evaluation.check_in()
    await evaluation.until("agent", lambda view: view.phase == "COMMITTEE_READY")
    await evaluation.do("agent", draw.OpenChairBallot(False))
    for voter in evaluation.others():
        await evaluation.do(voter, draw.ElectChair(CHAIR, b""))
    await evaluation.until(
        evaluation.others()[0], lambda view: view.committee is not None and view.committee.chair == CHAIR
    )


async def code_of(evaluation: Evaluation, name: str) -> str:
    (found,) = await agent.issue_codes(evaluation.agent, (name,))
    return found.code


async def loud(page: Page, name: str, ms: int = 1_500, kind: str = "talk") -> float:
    """How loud a seat's tone is at a page, dB; `kind` is `talk` or `call`."""
    return float(await page.evaluate(SPECTRUM, [f"{kind}.{name}", TONES[name], ms]))


async def falls_silent(page: Page, name: str) -> None:
    """Wait until a whole second of a seat's voice has no tone in it; what was on its way is played out."""
    for _ in range(SILENT_TRIES):
        if await loud(page, name, 1_000) < NOTHING:
            return
    raise AssertionError(f"{name} is still heard")


async def loud_at(page: Page, name: str, hz: int, ms: int = 1_500) -> float:
    """How loud another tone is in a seat's voice at a page, dB."""
    return float(await page.evaluate(SPECTRUM, [f"talk.{name}", hz, ms]))


async def says(page: Page, standing: str) -> None:
    await expect(page.get_by_test_id("talk-room")).to_have_attribute("data-standing", standing)
