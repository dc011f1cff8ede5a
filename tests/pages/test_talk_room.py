"""The committee's talk-room on the real stack: two members at two venues' pages hear each other's tones.

Each has a browser of its own with a tone for a microphone; what is heard is looked for in the spectrum of
what plays at the other page. The chair mutes, a hand is raised, a keeper hears of a call for help, and who
speaks is heard no more the moment the room closes (SPEC 30.7, 30.8).
"""

import re
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright, expect

from tests.pages import talked
from tests.pages.chromium import Faults, picture, violations
from tests.pages.evaluated import Evaluation
from tests.pages.expert_page import ExpertPage
from tests.pages.talked import CHAIR, LOUD, MEMBER, NOTHING

pytestmark = pytest.mark.asyncio

KEEPER = "keeper-hangzhou"
PLACES = {CHAIR: ("nanjing", "expert"), MEMBER: ("hangzhou", "expert"), KEEPER: ("hangzhou", "keeper")}

STROKES = """() => {
    window.strokes = 0;
    const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (at) { window.strokes += 1; start.call(this, at); };
}"""
"""Count the tones that a page makes of its own."""


@pytest.mark.timeout(420)
async def test_members_confer_by_voice_while_the_rules_let_them_and_nobody_else_is_heard(
    tmp_path: Path,
) -> None:
    # A line that the worker has ended already is let go once more by its page.
    faults = Faults("404 (Not Found)")
    async with talked.stack(tmp_path / "data") as here, async_playwright() as playwright:
        expect.set_options(timeout=40_000)
        evaluation = Evaluation(here, "talk", *PLACES)
        async with evaluation.open():
            pages: dict[str, Page] = {}
            for seat, (node, desk) in PLACES.items():
                hz = talked.TONES.get(seat)
                flags: list[str] = []
                if hz is not None:
                    file = talked.tone(tmp_path / f"{seat}.wav", hz)
                    flags = [f"--use-file-for-fake-audio-capture={file}"]
                found = await talked.browser(playwright, *flags)
                url = f"{here.installation.node(node).url}{desk}/"
                pages[seat] = await talked.page_of(found, faults, url)
            await _come_in(evaluation, pages)
            await _confer(pages)
            await _preside(pages)
            await _call_for_help(pages)
            await _close(evaluation, pages)
            assert faults == []


async def _come_in(evaluation: Evaluation, pages: dict[str, Page]) -> None:
    """Before the committee is there the room is closed and says why; nobody is named."""
    for seat in (CHAIR, MEMBER):
        await talked.seat(ExpertPage(pages[seat]), evaluation, seat)
    keeper = ExpertPage(pages[KEEPER])
    await keeper.sign_in(evaluation.session, KEEPER, await evaluation.code(KEEPER))
    for seat in (CHAIR, MEMBER):
        closed = pages[seat].get_by_test_id("talk-closed")
        await expect(closed).to_have_attribute("data-why", "phase")
    await talked.convene(evaluation)
    for seat in (CHAIR, MEMBER):
        await talked.says(pages[seat], "may")
        text = await pages[seat].get_by_test_id("talk-room").inner_text()
        assert not any(one.name in text for one in evaluation.case.members), text
        assert {CHAIR, MEMBER} <= set(re.findall(r"M\d", text))
    await _looked_at(pages[MEMBER], "1-open")


async def _confer(pages: dict[str, Page]) -> None:
    """Nothing is sent before the button is held; then the one's tone is at the other, and not its own."""
    chair, member = pages[CHAIR], pages[MEMBER]
    assert await talked.loud(chair, MEMBER) < NOTHING
    async with _Held(member):
        await expect(member.get_by_test_id("talk-room")).to_have_attribute("data-line", "live")
        await expect(chair.locator(f"[data-member={MEMBER}][data-speaking=true]")).to_have_count(1)
        heard = await talked.loud(chair, MEMBER)
        assert heard > NOTHING + LOUD
        # It is this member's tone, not just any sound.
        assert await talked.loud_at(chair, MEMBER, talked.TONES[CHAIR]) < heard - LOUD / 2
        await _looked_at(member, "2-speaking")
        await _looked_at(chair, "3-hearing")
    await talked.falls_silent(chair, MEMBER)
    await expect(chair.locator(f"[data-member={MEMBER}][data-speaking=false]")).to_have_count(1)
    async with _Held(chair):
        await expect(member.locator(f"[data-member={CHAIR}][data-speaking=true]")).to_have_count(1)
        assert await talked.loud(member, CHAIR) > NOTHING + LOUD


async def _preside(pages: dict[str, Page]) -> None:
    """Who is muted is not heard however long the button is held; a hand stands in its order."""
    chair, member = pages[CHAIR], pages[MEMBER]
    await member.get_by_test_id("hand").click()
    await expect(chair.get_by_test_id("hands")).to_contain_text(MEMBER)
    await expect(chair.locator(f"[data-act=lower-{MEMBER}]")).to_be_visible()
    await chair.locator(f"[data-act=mute-{MEMBER}]").click()
    await talked.says(member, "muted")
    async with _Held(member):
        await talked.falls_silent(chair, MEMBER)
    await _looked_at(chair, "4-presiding")
    await _looked_at(member, "5-muted")
    await chair.locator(f"[data-act=grant-{MEMBER}]").click()
    await talked.says(member, "may")
    await expect(chair.locator(f"[data-act=lower-{MEMBER}]")).to_have_count(0)


async def _call_for_help(pages: dict[str, Page]) -> None:
    """A seat's call alarms its venue's keeper until somebody has answered."""
    member, keeper = pages[MEMBER], pages[KEEPER]
    await keeper.evaluate(STROKES)
    await member.get_by_test_id("help").click()
    call = keeper.locator(f"[data-help={MEMBER}]")
    await expect(call).to_be_visible()
    await expect(member.get_by_test_id("own-help")).to_have_attribute("data-waits", "true")
    whole = keeper.get_by_test_id("whole")
    await expect(whole).to_contain_text("有人求助")
    calls = keeper.get_by_test_id("help-calls")
    await expect(calls).to_have_attribute("data-rung", re.compile(r"^[1-9]"))
    assert await keeper.evaluate("strokes") > 0
    await expect(whole).to_have_attribute("data-mark", "bad")
    await _looked_at(keeper, "6-help")
    await call.get_by_role("button").first.click()
    await expect(call).to_have_count(0)
    await expect(whole).not_to_contain_text("有人求助")
    await expect(member.get_by_test_id("own-help")).to_have_attribute("data-waits", "false")
    await expect(member.get_by_test_id("own-help")).to_contain_text(KEEPER)


async def _close(evaluation: Evaluation, pages: dict[str, Page]) -> None:
    """The session is suspended while somebody speaks: the room closes under the word, and says why."""
    chair, member = pages[CHAIR], pages[MEMBER]
    async with _Held(member):
        await expect(chair.locator(f"[data-member={MEMBER}][data-speaking=true]")).to_have_count(1)
        await evaluation.suspend()
        for page in (chair, member):
            await expect(page.get_by_test_id("talk-closed")).to_have_attribute("data-why", "phase")
        await talked.falls_silent(chair, MEMBER)
    await _looked_at(chair, "7-closed")


class _Held:
    """The large button held down by the mouse, until the block ends."""

    def __init__(self, page: Page) -> None:
        self._page = page

    async def __aenter__(self) -> None:
        button = self._page.get_by_test_id("talk-button")
        await button.scroll_into_view_if_needed()
        box = await button.bounding_box()
        assert box is not None
        await self._page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        await self._page.mouse.down()

    async def __aexit__(self, *_: object) -> None:
        await self._page.mouse.up()


async def _looked_at(page: Page, name: str) -> None:
    await picture(page, f"talk-{name}")
    wide, screen = await page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide <= screen, f"{name} is {wide} wide on a screen of {screen}"
    assert await violations(page) == []
