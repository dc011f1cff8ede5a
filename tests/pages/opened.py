"""A session brought to check-in at the agent's page, for tests whose matter begins there."""

from playwright.async_api import Page, ViewportSize, expect

from tests.pages.agent_page import AgentPage
from tests.pages.chromium import picture, violations
from tests.pages.house import SAMPLE, House

SIZES: tuple[ViewportSize, ...] = ({"width": 1366, "height": 768}, {"width": 1920, "height": 1080})


async def at_check_in(here: House, session: str, *seats: str) -> tuple[AgentPage, dict[str, str]]:
    """The agent's page of a session that takes check-ins, and one-time codes for some seats."""
    agent = AgentPage(await here.page("hefei", "agent/"))
    await agent.enrol(here.enrolment_code)
    await agent.choose(SAMPLE)
    await agent.book(session)
    await agent.do("ImportCommittee")
    await agent.do("ImportOpening")
    await agent.draw("98")
    await agent.do("OpenCheckIn")
    return agent, await agent.issue_codes(*seats)


async def sign_in(here: House, node: str, desk: str, session: str, seat: str, code: str) -> Page:
    """A desk's page of a venue's own, signed in at a seat."""
    page = await here.page(node, f"{desk}/")
    for name, value in (("session", session), ("seat", seat), ("code", code)):
        await page.fill(f"[name={name}]", value)
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("phase-bar")).to_be_visible()
    return page


async def looked_at(page: Page, name: str) -> None:
    """A picture at each size that desks have, nothing wider than the screen, nothing that axe would say."""
    for size in SIZES:
        await page.set_viewport_size(size)
        wide, screen = await page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide <= screen, f"{name} is {wide} wide on a screen of {screen}"
        await picture(page, f"{name}-{size['width']}")
    found = await violations(page)
    assert found == [], (name, found)
