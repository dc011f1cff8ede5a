"""A supervisor's question on a real stack: asked at one desk, shown at others, answered at the agent's.

Supervisor, agent, witness, tenderee and a member sit at pages in Chromium (SPEC 34); custodians' services and
venues are processes of their own.
"""

from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from tests.pages.desks import form
from tests.pages.sealed import AGENT, MEMBER, SUPERVISOR, TENDEREE, WAIT_MS, WITNESS, Tender, tender

pytestmark = pytest.mark.asyncio

ASKED, ANSWERED = "请说明开标前密钥托管方的确认情况。", "三个托管方均已按招标文件确认。"


@pytest.mark.timeout(600)
async def test_a_supervisor_asks_and_the_agent_answers(tmp_path: Path) -> None:
    async with tender(tmp_path / "data") as here, here.begun():
        await here.speaks(SUPERVISOR)
        await _ask(here)
        await _shown(here)
        await _answer(here)
        await _told(here)


def _card(page: Page) -> Locator:
    return page.get_by_test_id("oversight")


async def _ask(here: Tender) -> None:
    """Kind, whom, why and the words; nothing goes before all are there and the tick is set."""
    page = here.pages[SUPERVISOR]
    fold = await form(page, "Intervene")
    button = fold.get_by_test_id("do")
    await expect(button).to_be_disabled()
    await fold.locator("input[name=intervene-kind][value=question]").check()
    await fold.get_by_test_id("intervene-reason").select_option("procedure")
    await fold.get_by_test_id("intervene-text").fill(ASKED)
    await expect(button).to_be_disabled()
    await fold.get_by_test_id("intervene-sure").check()
    await expect(button).to_be_enabled()
    await here.looked_at("intervene-1-asking", SUPERVISOR, axe=True)
    await button.click()
    await expect(_card(page)).to_contain_text(ASKED, timeout=WAIT_MS)


async def _shown(here: Tender) -> None:
    """The agent and the witness see it and count down; the tenderee and a member learn nothing of it."""
    for seat in (AGENT, SUPERVISOR):
        card = _card(here.pages[seat])
        await expect(card).to_contain_text(ASKED, timeout=WAIT_MS)
        await expect(card.get_by_test_id("countdown")).to_contain_text("29:", timeout=WAIT_MS)
        await expect(card).to_contain_text("待答复 1 项")
    witness = _card(here.pages[WITNESS])
    await expect(witness).to_contain_text("内容不向本席位公开", timeout=WAIT_MS)
    assert ASKED not in await witness.inner_text()
    for seat in (TENDEREE, MEMBER):
        await expect(_card(here.pages[seat])).to_have_count(0)
        assert "监督介入" not in await here.pages[seat].locator("body").inner_text()
    await expect(here.pages[SUPERVISOR].get_by_test_id("alerts")).to_contain_text("监督介入待答复")
    # What the process asks of the agent stays where it was: an intervention stops nothing.
    await expect(here.pages[AGENT].locator("details[data-act=AppointCustodians]")).to_have_attribute(
        "open", ""
    )
    await here.looked_at("intervene-2-asked", AGENT, SUPERVISOR, WITNESS, axe=True)


async def _answer(here: Tender) -> None:
    page = here.pages[AGENT]
    fold = await form(page, "AnswerIntervention")
    await expect(fold.get_by_test_id("do")).to_be_disabled()
    await fold.locator("input[name=reply-outcome][value=explained]").check()
    await fold.get_by_test_id("reply-text").fill(ANSWERED)
    await fold.get_by_test_id("do").click()


async def _told(here: Tender) -> None:
    """The answer stands at the supervisor's desk, nobody waits any more, and no form is left."""
    for seat in (SUPERVISOR, AGENT):
        await expect(_card(here.pages[seat])).to_contain_text(ANSWERED, timeout=WAIT_MS)
        await expect(_card(here.pages[seat])).to_contain_text("均已答复")
    await expect(_card(here.pages[WITNESS])).to_contain_text("均已答复", timeout=WAIT_MS)
    await expect(here.pages[AGENT].locator("details[data-act=AnswerIntervention]")).to_have_count(0)
    await here.looked_at("intervene-3-answered", AGENT, SUPERVISOR, axe=True)
