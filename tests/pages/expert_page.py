"""An expert's page as a person uses it who has no mouse: every control is reached with Tab."""

import json
import re
from collections.abc import Iterator
from typing import Any

from playwright.async_api import Locator, Page, WebSocket, expect

from protocol.hidden import Scores
from protocol.plan.stages import points_text

CHINESE = {"check_in": "签署承诺书并签到", "review": "核对并封存", "seal": "封存评分", "sign": "签署评标报告"}
ENGLISH = {
    "check_in": "Sign the undertaking and check in", "review": "Review and seal", "seal": "Seal the scores",
    "sign": "Sign the evaluation report",
}  # fmt: skip
TABS_MAX = 150
"""More presses of Tab than any control is away."""


class ExpertPage:
    """One expert at a sub-venue's page; `frames` is all that its socket has received, `words` its buttons."""

    def __init__(self, page: Page, words: dict[str, str] = CHINESE) -> None:
        self.page = page
        self.words = words
        self.frames: list[str] = []
        page.on("websocket", self._listen)

    async def sign_in(self, session: str, seat: str, code: str) -> None:
        for name, value in (("session", session), ("seat", seat), ("code", code)):
            await self.reach(self.page.locator(f"[name={name}]"))
            await self.page.keyboard.press("Control+a")
            await self.page.keyboard.type(value)
        await self.page.keyboard.press("Enter")

    async def check_in(self) -> None:
        """The undertaking and the declaration on recusal, then one signature."""
        await self.sign_undertaking()
        await expect(self.task("wait_roster")).to_be_visible()

    async def sign_undertaking(self) -> None:
        """As `check_in`, where everybody else has checked in already and it goes on at once."""
        await self.tick("undertaking")
        await self.tick("recusal")
        await self.press(self.page.get_by_role("button", name=self.words["check_in"]))

    def document(self) -> Locator:
        """The box in which the document is read; the first of two."""
        return self.page.get_by_test_id("document").first

    async def reads(self, code: str, title: str) -> None:
        """Wait until a document of a bid is open, and its first page in sight is drawn and has its text."""
        await expect(self.document()).to_have_attribute("aria-label", re.compile(f"{code}.*{title}"))
        await expect(self.document().get_by_test_id("picture").first).to_be_visible()
        await expect(self.document().locator("[data-run]").first).to_be_attached()

    def task(self, kind: str) -> Locator:
        return self.page.locator(f"[data-task={kind}]")

    def cell(self, bidder: str, criterion: str) -> Locator:
        return self.page.locator(f"input[data-bidder={bidder}][data-criterion={criterion}]")

    async def type_scores(self, scores: Scores, bidders: list[str], criteria: list[str]) -> None:
        """Down one bid and on to the next, each cell typed and left with Enter alone."""
        await self.reach(self.cell(bidders[0], criteria[0]))
        for bidder in bidders:
            for criterion in criteria:
                await expect(self.cell(bidder, criterion)).to_be_focused()
                await self.page.keyboard.type(points_text(scores[bidder][criterion]))
                await self.page.keyboard.press("Enter")

    async def saved_at_venue(self) -> None:
        await expect(self.page.get_by_test_id("saved")).to_have_attribute("data-safety", "venue")

    async def review(self) -> None:
        """The sheet as it would be sealed, in a dialog."""
        await self.press(self.page.get_by_role("button", name=self.words["review"]))
        await expect(self.page.get_by_test_id("seal-summary")).to_be_visible()

    async def ask_for_seal(self) -> None:
        """Review and the explicit tick, up to the press of the button that seals."""
        await self.review()
        seal = self.page.get_by_role("dialog").get_by_role("button", name=self.words["seal"])
        await expect(seal).to_be_disabled()
        await self.tick("sure")
        await self.press(seal)

    async def seal(self) -> None:
        await self.ask_for_seal()
        await expect(self.task("wait_others")).to_be_visible()

    async def sign(self) -> None:
        await expect(self.page.get_by_test_id("report")).to_be_visible()
        await self.tick("agreed")
        await self.press(self.page.get_by_role("button", name=self.words["sign"]))

    async def reach(self, control: Locator) -> None:
        """Tab until the control has the focus."""
        await expect(control).to_be_enabled()
        for _ in range(TABS_MAX):
            if await control.evaluate("one => one === document.activeElement"):
                return
            await self.page.keyboard.press("Tab")
        raise AssertionError(f"not reached by keyboard: {control}")

    async def press(self, button: Locator) -> None:
        await self.reach(button)
        await self.page.keyboard.press("Enter")

    async def tick(self, name: str) -> None:
        box = self.page.locator(f"input[type=checkbox][name={name}]")
        await self.reach(box)
        await self.page.keyboard.press("Space")
        await expect(box).to_be_checked()

    def told(self) -> Iterator[dict[str, Any]]:
        """Every object, however deep, in all that the page was sent."""
        for frame in self.frames:
            start = min((at for at in (frame.find("["), frame.find("{")) if at >= 0), default=-1)
            if start >= 0:
                yield from _objects(json.loads(frame[start:]))

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._hear)

    def _hear(self, frame: str | bytes) -> None:
        self.frames.append(frame if isinstance(frame, str) else frame.decode())


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for one in value.values():
            yield from _objects(one)
    elif isinstance(value, list):
        for one in value:
            yield from _objects(one)
