"""The agent's page as a person uses it: by what it shows, never by its insides."""

from pathlib import Path

from playwright.async_api import Page, expect

ACT = ".prominent[data-act={}]"


class AgentPage:
    """One agent at the main venue's page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def enrol(self, code: str) -> None:
        """In with the installation's code, to book a session."""
        await self.page.get_by_role("button", name="新建会话").click()
        await self.page.fill("[name=code]", code)
        await self.page.keyboard.press("Enter")
        await expect(self.page.get_by_role("heading", name="预约评标会话")).to_be_visible()

    async def sign_in(self, session: str, code: str) -> None:
        """In with the one-time code of a session's agent seat."""
        await self.page.fill("[name=session]", session)
        await self.page.fill("[name=code]", code)
        await self.page.keyboard.press("Enter")

    async def choose(self, case: Path) -> None:
        await self.page.set_input_files("[data-testid=case-file]", case)
        await expect(self.page.get_by_test_id("plan")).to_be_visible()

    async def book(self, session: str) -> None:
        await self.page.fill("#session-id", session)
        await self.page.keyboard.press("Tab")
        button = self.page.get_by_role("button", name="签名并预约")
        await expect(button).to_be_enabled()
        await button.click()
        await expect(self.page.get_by_test_id("phase-bar")).to_be_visible()

    async def do(self, act: str) -> None:
        """Press the one prominent button, once the next act is this one and nothing stands in its way."""
        button = self.page.locator(f"{ACT.format(act)} [data-testid=do]")
        await expect(button).to_be_enabled()
        await button.click()

    async def draw(self, k: str) -> None:
        card = self.page.locator(ACT.format("DrawK"))
        await card.get_by_label(f"{k} %", exact=True).check()
        await card.get_by_test_id("draw").click()

    async def why_not(self, act: str) -> str:
        """The reason that stands under the disabled button of the next act."""
        card = self.page.locator(ACT.format(act))
        await expect(card.get_by_test_id("do")).to_be_disabled()
        return await card.get_by_test_id("why").inner_text()

    async def issue_codes(self, *seats: str) -> dict[str, str]:
        """One-time codes as the page shows them, once; those that it showed before are not taken for them."""
        panel = self.page.get_by_test_id("codes-panel")
        shown = {seat: panel.get_by_test_id("codes").locator(f"tr[data-seat={seat}] .code") for seat in seats}
        before = {seat: await one.inner_text() for seat, one in shown.items() if await one.count()}
        for seat in seats:
            await panel.locator(f"input[name=seat][value={seat}]").check()
        await panel.get_by_test_id("issue").click()
        for seat, one in shown.items():
            await expect(one).to_be_visible()
            await expect(one).not_to_have_text(before.get(seat, ""))
        return {seat: await one.inner_text() for seat, one in shown.items()}

    async def publish_tally(self) -> None:
        await self.do("PublishTally")
        await expect(self.page.get_by_test_id("tally-preview")).to_be_visible()
        await self.page.get_by_test_id("publish").click()

    async def seqs(self) -> list[int]:
        """Every number of the record that the page holds, as its list shows them."""
        every = self.page.get_by_role("button", name="显示全部")
        if await every.count():
            await every.click()
        rows = self.page.get_by_test_id("feed").locator("tbody tr")
        return [int(await row.get_attribute("data-seq") or -1) for row in await rows.all()]
