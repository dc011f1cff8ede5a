"""The committee's talk-room on the real stack: two members at two venues' pages hear each other's tones.

Each has a browser of its own with a tone for a microphone; what is heard is looked for in the spectrum of
what plays at the other page. The chair mutes, hands are raised at once, keeper and agent hear of calls for
help, and who speaks is heard no more the moment scoring begins, until all sheets are open; the agent talks to
one venue alone (SPEC 30.7 to 30.9).
"""

import asyncio
import re
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright, expect

from protocol.plan.stages import points_text
from tests.pages import talked
from tests.pages.agent_page import AgentPage
from tests.pages.chromium import Faults, picture, violations
from tests.pages.evaluated import Evaluation
from tests.pages.expert_page import ExpertPage
from tests.pages.scored import mark
from tests.pages.talked import CHAIR, LOUD, MEMBER, NOTHING
from tests.processes.test_talk_wire import Room

pytestmark = pytest.mark.asyncio

SESSION = "talk"
KEEPER, ELSEWHERE, HEARS, AGENT = "keeper-hangzhou", "keeper-nanjing", "witness-nanjing", "agent"
PLACES = {
    CHAIR: ("nanjing", "expert"), MEMBER: ("hangzhou", "expert"), KEEPER: ("hangzhou", "keeper"),
    ELSEWHERE: ("nanjing", "keeper"), HEARS: ("nanjing", "witness"), AGENT: ("hefei", "agent"),
}  # fmt: skip

STROKES = """() => {
    window.strokes = 0;
    const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (at) { window.strokes += 1; start.call(this, at); };
}"""
"""Count the tones that a page makes of its own."""


@pytest.mark.timeout(600)
async def test_members_confer_by_voice_while_the_rules_let_them_and_nobody_else_is_heard(
    tmp_path: Path,
) -> None:
    # A line that the worker has ended already is let go once more by its page.
    faults = Faults("404 (Not Found)")
    async with talked.stack(tmp_path / "data") as here, async_playwright() as playwright:
        expect.set_options(timeout=40_000)
        evaluation = Evaluation(here, SESSION, *PLACES)
        async with evaluation.open():
            pages: dict[str, Page] = {}
            silent = await talked.browser(playwright)
            for seat, (node, desk) in PLACES.items():
                found, hz = silent, talked.TONES.get(seat)
                if hz is not None:
                    file = talked.tone(tmp_path / f"{seat}.wav", hz)
                    found = await talked.browser(playwright, f"--use-file-for-fake-audio-capture={file}")
                url = f"{here.installation.node(node).url}{desk}/"
                pages[seat] = await talked.page_of(found, faults, url)
            await _come_in(evaluation, pages)
            await _confer(pages)
            await _preside(pages)
            await _hands(evaluation, pages)
            await _call_for_help(pages)
            await _close(evaluation, pages)
            await _open_again(evaluation, pages)
            await _agent(evaluation, pages)
            assert faults == []


async def _come_in(evaluation: Evaluation, pages: dict[str, Page]) -> None:
    """Before the committee is there the room is closed and says why; nobody is named."""
    for seat in (CHAIR, MEMBER):
        await talked.seat(ExpertPage(pages[seat]), evaluation, seat)
    for seat in (KEEPER, ELSEWHERE, HEARS):
        await ExpertPage(pages[seat]).sign_in(SESSION, seat, await evaluation.code(seat))
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


async def _hands(evaluation: Evaluation, pages: dict[str, Page]) -> None:
    """Three hands at once stand in one order everywhere; who gets the word leaves it, the others move up."""
    room, chair, member = Room(evaluation, SESSION), pages[CHAIR], pages[MEMBER]
    await asyncio.gather(
        member.get_by_test_id("hand").click(), *(room.does(seat, "raise") for seat in ("M1", "M2"))
    )
    hands = (await room.sees("M4", lambda one: len(one.hands) == 3)).hands
    assert sorted(hands) == ["M1", "M2", MEMBER]
    for page in (chair, member, pages[HEARS]):
        await expect(page.get_by_test_id("hands")).to_have_text(f"举手顺序:{'、'.join(hands)}")
    await expect(member.get_by_test_id("hand")).to_have_text(f"举手第 {hands.index(MEMBER) + 1} 位")
    await _looked_at(chair, "8-hands")
    for number, seat in enumerate(hands, 1):
        await expect(chair.locator(f"[data-member={seat}] .chip.warn")).to_have_text(f"举手第 {number} 位")
    await chair.locator(f"[data-act=grant-{hands[0]}]").click()
    for page in (chair, member):
        await expect(page.get_by_test_id("hands")).to_have_text(f"举手顺序:{'、'.join(hands[1:])}")
    for seat in hands[1:]:
        await chair.locator(f"[data-act=lower-{seat}]").click()
    await expect(chair.get_by_test_id("hands")).to_have_text("无人举手")


async def _close(evaluation: Evaluation, pages: dict[str, Page]) -> None:
    """Scoring begins while somebody speaks: nobody hears the rest of the word, and every page says why."""
    chair, member, hears = pages[CHAIR], pages[MEMBER], pages[HEARS]
    for seat in (CHAIR, MEMBER):
        await pages[seat].bring_to_front()
        await mark(ExpertPage(pages[seat]), [one.id for one in evaluation.case.bidders])
    await asyncio.gather(*(evaluation.mark(seat) for seat in ("M2", "M4")))
    await hears.get_by_test_id("listen").click()
    async with _Held(member):
        for page in (chair, hears):
            await expect(page.locator(f"[data-member={MEMBER}][data-speaking=true]")).to_have_count(1)
        assert await talked.loud(hears, MEMBER) > NOTHING + LOUD
        await evaluation.mark("M1")
        for page in (chair, member, hears):
            closed = page.get_by_test_id("talk-closed")
            await expect(closed).to_have_attribute("data-why", "scoring")
            await expect(closed).to_contain_text("正在独立评分")
            await expect(closed).to_contain_text("评分全部打开后自动开放")
            await talked.falls_silent(page, MEMBER)
            await expect(page.locator("audio[data-voice]")).to_have_count(0)
    await expect(member.get_by_test_id("talk-button")).to_have_count(0)
    for seat in (CHAIR, HEARS):
        await _looked_at(pages[seat], f"7-closed-{seat}")


async def _open_again(evaluation: Evaluation, pages: dict[str, Page]) -> None:
    """Once all sheets are open the members hear each other again; nobody is left muted."""
    for seat in (CHAIR, MEMBER):
        await pages[seat].bring_to_front()
        expert = ExpertPage(pages[seat])
        await expect(expert.page.get_by_test_id("grid")).to_be_visible()
        for bidder, row in evaluation.case.sheets["01"][seat].items():
            for criterion, points in row.items():
                await expert.cell(bidder, criterion).fill(points_text(points))
        await expert.saved_at_venue()
        await expert.seal()
        await expect(expert.page.get_by_test_id("talk-closed")).to_have_attribute("data-why", "scoring")
    await asyncio.gather(*(evaluation.seal(seat) for seat in evaluation.others()))
    for seat in (CHAIR, MEMBER):
        await talked.says(pages[seat], "may")
    async with _Held(pages[MEMBER]):
        chair = pages[CHAIR]
        await expect(chair.locator(f"[data-member={MEMBER}][data-speaking=true]")).to_have_count(1)
        assert await talked.loud(chair, MEMBER) > NOTHING + LOUD


async def _agent(evaluation: Evaluation, pages: dict[str, Page]) -> None:
    """The agent hears of a call for help and answers it, and talks to one venue; nobody else hears that."""
    agent, member, keeper = pages[AGENT], pages[MEMBER], pages[KEEPER]
    code = await evaluation.code(AGENT)
    await agent.bring_to_front()
    await AgentPage(agent).sign_in(SESSION, code)
    await expect(agent.get_by_test_id("venue-call")).to_be_visible()
    # It sees the members and hears nothing of their room, nor who is in it (招标投标法 38, 44).
    await expect(agent.get_by_test_id("talk-ear")).to_have_count(0)
    await agent.evaluate(STROKES)
    await member.get_by_test_id("help").click()
    call = agent.locator(f"[data-help={MEMBER}]")
    await expect(call).to_contain_text("杭州")
    await expect(agent.get_by_test_id("help-calls")).to_have_attribute("data-rung", re.compile(r"^[1-9]"))
    assert await agent.evaluate("strokes") > 0
    await _looked_at(agent, "9-agent-alarm")
    await call.get_by_role("button").first.click()
    await expect(member.get_by_test_id("own-help")).to_contain_text(AGENT)
    await expect(keeper.get_by_test_id("help-calls")).to_have_count(0)
    await agent.get_by_test_id("call-venue").select_option("hangzhou")
    await agent.get_by_test_id("call").click()
    for page in (agent, keeper):
        await expect(page.get_by_test_id("venue-call")).to_have_attribute("data-on", "true")
    await expect(keeper.get_by_test_id("venue-call")).to_contain_text(AGENT)
    async with _Held(agent):
        await expect(keeper.get_by_test_id("heard")).to_contain_text(AGENT)
        assert await talked.loud(keeper, AGENT, kind="call") > NOTHING + LOUD
        await _looked_at(keeper, "11-called")
        for seat in (ELSEWHERE, HEARS, CHAIR, MEMBER):
            await expect(pages[seat].locator("[data-voice^='call.']")).to_have_count(0)
            await expect(pages[seat].locator("[data-testid=venue-call][data-on=true]")).to_have_count(0)
    async with _Held(keeper):
        await expect(agent.get_by_test_id("heard")).to_contain_text(KEEPER)
        assert await talked.loud(agent, KEEPER, kind="call") > NOTHING + LOUD
        for seat in (ELSEWHERE, HEARS, CHAIR, MEMBER):
            await expect(pages[seat].locator("[data-voice^='call.']")).to_have_count(0)
    await keeper.get_by_test_id("hang-up").click()
    await expect(agent.get_by_test_id("venue-call")).to_have_attribute("data-on", "false")
    await expect(agent.locator("[data-voice^='call.']")).to_have_count(0)


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
