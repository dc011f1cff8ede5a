"""Desks at which people sit in one session of the landing page, and what they do there alike."""

from playwright.async_api import Locator, Page, expect

from tests.pages.agent_page import AgentPage
from tests.pages.landing_page import TO_THE_END_MS


async def opened(fold: Locator) -> None:
    """A fold that is open, whether it was before or not; those that it lies in too.

    Looking and pressing are one step: a fold that opens by itself in between would be closed again.
    """
    await fold.evaluate("""fold => {
        for (let one = fold; one; one = one.parentElement.closest("details")) {
            if (!one.open) one.querySelector(":scope > summary").click();
        }
    }""")


async def form(page: Page, act: str) -> Locator:
    """The fold of an act at somebody's desk, opened once it is there."""
    await page.bring_to_front()
    fold = page.locator(f"details[data-act={act}]").first
    await expect(fold).to_be_attached(timeout=TO_THE_END_MS)
    await opened(fold)
    return fold


async def chosen(fold: Locator, *values: str) -> None:
    """Radio buttons and ticks of a form, by their values."""
    for value in values:
        await fold.locator(f"input[value='{value}']").check()


async def entered(fold: Locator) -> None:
    """Press the form's one button, and see it accepted or the form gone with what it was for."""
    button = fold.get_by_test_id("do")
    await expect(button).to_be_enabled()
    await button.click()


async def write(page: Page, act: str, text: str, *values: str) -> None:
    """An act that stands on a written reason, at somebody's desk."""
    fold = await form(page, act)
    await chosen(fold, *values)
    await fold.get_by_test_id("statement").fill(text)
    sure = fold.get_by_test_id("sure")
    if await sure.count():
        await sure.check()
    await entered(fold)


async def do(page: Page, *acts: str) -> None:
    """The agent's next acts, one after the other."""
    await page.bring_to_front()
    for act in acts:
        await AgentPage(page).do(act)
