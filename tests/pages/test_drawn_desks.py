"""A drawn committee at the desks: a withheld share, a call, the door, a secret chair, void, drawn again.

People sit at the agent's, tenderee's, a witness's, a supervisor's and a keeper's desk and at that of M1; all
others are played. Nobody at any desk is asked whom the draw is to give.
"""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from ops.scripts.tenders import drawn_k, with_chair, with_drawing
from tests.pages.desks import chosen, do, entered, form, write
from tests.pages.expert_page import ExpertPage
from tests.pages.landing_page import TO_THE_END_MS, Landing, landing
from tests.pages.opened import looked_at

pytestmark = pytest.mark.asyncio(loop_scope="module")

OTHER = "另一名代表"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Landing]:
    case = with_chair(with_drawing(drawn_k()), "elected", "secret")
    async with landing(tmp_path_factory.mktemp("drawn"), case) as found:
        await found.open()
        yield found


class Desks:
    """The pages at which people sit; `member` is M1's, the tenderee's representative."""

    def __init__(self, house: Landing, *pages: Page) -> None:
        self.house = house
        self.agent, self.tenderee, self.witness, self.supervisor, self.keeper, self.member = pages


@pytest.mark.timeout(420)
async def test_a_drawn_committee_is_called_identified_void_and_drawn_again(house: Landing) -> None:
    seats = ("agent", "tenderee", "witness-hefei", "supervisor-hefei", "keeper-hefei", "M1")
    desks = Desks(house, *[await house.sit(seat, english=seat.startswith("supervisor")) for seat in seats])
    await house.page.bring_to_front()
    await house.begin()
    await _withheld(desks)
    await _at_the_door(desks)
    await _void(desks)
    await _replaced(desks)
    assert house.faults == []


async def _withheld(desks: Desks) -> None:
    """Three have committed and one does not reveal: the supervisor begins the draw of K again."""
    agent, supervisor = desks.agent, desks.supervisor
    await agent.bring_to_front()
    await looked_at(agent, "drawn-agent-1-drawn")
    await do(agent, "ImportOpening", "BeginDrawK")
    watching = (desks.tenderee, desks.witness, supervisor)
    for page in watching:
        await page.bring_to_front()
        await page.get_by_test_id("commit-rate").click()
        await expect(page.get_by_test_id("commit-rate")).to_have_count(0)
    await desks.tenderee.bring_to_front()
    await desks.tenderee.get_by_test_id("reveal-rate").click()
    again = await form(supervisor, "RestartDrawK")
    await looked_at(supervisor, "drawn-supervisor-1-restart")
    await again.get_by_test_id("statement").fill("见证席位未揭示,重新抽取。")
    await again.get_by_test_id("sure").check()
    await entered(again)
    await expect(supervisor.get_by_test_id("rate-draws")).to_contain_text("attempt 2")
    for page in watching:
        await page.bring_to_front()
        await page.get_by_test_id("commit-rate").click()
        await expect(page.get_by_test_id("commit-rate")).to_have_count(0)
    for page in watching:
        await page.bring_to_front()
        await page.get_by_test_id("reveal-rate").click()
    await expect(supervisor.get_by_test_id("rate-draws")).to_contain_text("Drawn")
    await desks.tenderee.bring_to_front()
    reading = desks.tenderee.get_by_test_id("read-out")
    for number in range(1, 6):
        await expect(reading).to_contain_text(f"第 {number} 份")
        await desks.tenderee.get_by_test_id("next").click()
    await desks.tenderee.get_by_role("button", name="签署开标记录").click()


async def _at_the_door(desks: Desks) -> None:
    """One does not come and is followed; the keeper looks who M1 is; the chair is elected in secret."""
    agent = desks.agent
    desks.house.shown.pause()  # who is played would be through the door before anybody could be called
    await do(agent, "OpenCheckIn", "PublishDraw")
    calling = await form(agent, "CallReplacement")
    await chosen(calling, "M4", "no_show")
    await looked_at(agent, "drawn-agent-2-calling")
    await entered(calling)
    await expect(agent.get_by_test_id("feed")).to_contain_text("为席位 M4 补抽下一位")
    await desks.house.shown.go()
    keeper = desks.keeper
    await keeper.bring_to_front()
    door = keeper.get_by_test_id("door")
    await expect(door.locator("[data-seat=M1]")).to_be_visible(timeout=TO_THE_END_MS)
    await looked_at(keeper, "drawn-keeper-1-door")
    await door.locator("[data-seat=M1]").click()
    await expect(door).to_have_count(0)
    member = ExpertPage(desks.member)
    await desks.member.bring_to_front()
    await member.sign_undertaking()
    await do(agent, "LockRoster")
    ballot = agent.locator("[data-act=OpenChairBallot]")
    await ballot.locator("[name=secret]").check()
    await do(agent, "OpenChairBallot")
    changes = desks.supervisor.get_by_test_id("committee-changes")
    await expect(changes).to_contain_text("4 have voted", timeout=TO_THE_END_MS)
    desks.house.shown.pause()  # three opened votes elect, and a fourth is not asked for
    await desks.member.bring_to_front()
    task = desks.member.get_by_test_id("chair-task")
    await task.locator("input[value=M3]").check()
    await looked_at(desks.member, "drawn-member-1-chair")
    await task.get_by_test_id("ask").click()
    await task.get_by_test_id("confirm").click()
    await task.get_by_test_id("open-vote").click(timeout=TO_THE_END_MS)
    await expect(task.get_by_test_id("open-vote")).to_have_count(0)
    await desks.house.shown.go()
    await agent.bring_to_front()
    await expect(agent.locator("[data-act=PublishItems]")).to_be_visible(timeout=TO_THE_END_MS)


async def _void(desks: Desks) -> None:
    """The tenderee voids the committee; the agent draws another, and names its own side's person alone."""
    await write(desks.tenderee, "VoidCommittee", "经核查,评标委员会的组成不符合规定。", "unlawful")
    anew = await form(desks.agent, "RedrawCommittee")
    assert await anew.locator("input").count() == 1
    await anew.get_by_test_id("anew-M1").fill(OTHER)
    await looked_at(desks.agent, "drawn-agent-3-anew")
    await entered(anew)
    await do(desks.agent, "OpenCheckIn")
    keeper = desks.keeper
    await keeper.bring_to_front()
    await keeper.get_by_test_id("door").locator("[data-seat=M1-2]").click(timeout=TO_THE_END_MS)
    await do(desks.agent, "LockRoster")
    roll = desks.agent.get_by_test_id("roll-call")
    await expect(roll.locator("[data-seat=M1-2]")).to_contain_text(OTHER)
    for seat in ("M2-2", "M3-2", "M4-2", "M5-2"):
        await expect(roll.locator(f"[data-seat={seat}]")).to_be_visible()
    await expect(roll.locator("[data-seat=M3]")).to_have_count(0)


async def _replaced(desks: Desks) -> None:
    """A member falls ill: the next of the same order follows, and there is nothing to choose from."""
    leaving = await form(desks.agent, "ReplaceMember")
    await chosen(leaving, "M3-2", "ill")
    await expect(leaving.get_by_test_id("next-of-order")).to_contain_text("任何人都不能挑选")
    assert await leaving.locator("[name=successor]").count() == 0
    await looked_at(desks.agent, "drawn-agent-4-replacing")
    await entered(leaving)
    roll = desks.agent.get_by_test_id("roll-call")
    await expect(roll.locator("[data-seat=M3-3]")).to_contain_text("✓", timeout=TO_THE_END_MS)
    await desks.supervisor.bring_to_front()
    changes = desks.supervisor.get_by_test_id("committee-changes")
    await expect(changes).to_contain_text("M3-3")
    await looked_at(desks.supervisor, "drawn-supervisor-2-changes")
