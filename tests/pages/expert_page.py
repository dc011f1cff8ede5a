"""An expert's page as a person uses it, by keyboard."""

from playwright.async_api import Locator, Page, expect

from protocol.hidden import Scores
from protocol.plan.stages import points_text


class ExpertPage:
    """One expert at a sub-venue's page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def sign_in(self, session: str, seat: str, code: str) -> None:
        await self.page.fill("[name=session]", session)
        await self.page.fill("[name=seat]", seat)
        await self.page.fill("[name=code]", code)
        await self.page.keyboard.press("Enter")

    async def check_in(self) -> None:
        """The undertaking and the declaration on recusal, then one signature."""
        await self.page.check("[name=undertaking]")
        await self.page.check("[name=recusal]")
        await self.page.get_by_role("button", name="签署承诺书并签到").click()
        await expect(self.task("wait_roster")).to_be_visible()

    def task(self, kind: str) -> Locator:
        return self.page.locator(f"[data-task={kind}]")

    def cell(self, bidder: str, criterion: str) -> Locator:
        return self.page.locator(f"input[data-bidder={bidder}][data-criterion={criterion}]")

    async def type_scores(self, scores: Scores, bidders: list[str], criteria: list[str]) -> None:
        """Down one bid and on to the next, each cell typed and left with Enter alone."""
        await self.cell(bidders[0], criteria[0]).focus()
        for bidder in bidders:
            for criterion in criteria:
                await expect(self.cell(bidder, criterion)).to_be_focused()
                await self.page.keyboard.type(points_text(scores[bidder][criterion]))
                await self.page.keyboard.press("Enter")

    async def saved_at_venue(self) -> None:
        await expect(self.page.get_by_test_id("saved")).to_have_attribute("data-safety", "venue")

    async def seal(self) -> None:
        """Review, the explicit tick, and the seal."""
        await self.page.get_by_role("button", name="核对并封存").click()
        await expect(self.page.get_by_test_id("seal-summary")).to_be_visible()
        seal = self.page.get_by_role("dialog").get_by_role("button", name="封存评分")
        await expect(seal).to_be_disabled()
        await self.page.check("[name=sure]")
        await seal.click()
        await expect(self.task("wait_others")).to_be_visible()

    async def sign(self) -> None:
        await expect(self.page.get_by_test_id("report")).to_be_visible()
        await self.page.check("[name=agreed]")
        await self.page.get_by_role("button", name="签署评标报告").click()
