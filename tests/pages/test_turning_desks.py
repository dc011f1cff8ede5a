"""A whole session of rules version 3 at the desks of agent, tenderee, witness, supervisor and bidder.

An objection at the opening, K drawn by all who watch, blind parts looked through, a question to a bidder, a
rejection by three to two, a suspension that is lifted, a dissent, a refusal to sign; members are played.
"""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from ops.people.course import Course, Proposal, Question
from ops.scripts.tenders import drawn_k
from tests.pages.agent_page import AgentPage
from tests.pages.desks import opened
from tests.pages.landing_page import TO_THE_END_MS, Landing, landing
from tests.pages.opened import looked_at

pytestmark = pytest.mark.asyncio(loop_scope="module")

COURSE = Course(
    marks={("M1", "b2", "responsiveness"): "material", ("M4", "b2", "responsiveness"): "material"},
    questions=(
        Question(seat="M1", bidder="b3", purpose="unclear", text="请说明工期按何种日历计算。"),
        Question(seat="M2", bidder="b1", purpose="slip", text="请说明表三的合计。"),
    ),
    proposals=(Proposal(seat="M1", bidder="b2", ground="51-6", yes=frozenset({"M1", "M3", "M4"})),),
    signing={"M4": "dissent", "M5": "refuse"},
)
ANSWER = "工期按日历天计算,共三百六十五天。"
PAPER = "表三合计以所附明细为准。"
OBJECTION = "唱标的工期与投标文件不一致。"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Landing]:
    async with landing(tmp_path_factory.mktemp("turning"), drawn_k(), COURSE) as found:
        await found.open()
        yield found


class Desks:
    """The pages at which people sit."""

    def __init__(self, house: Landing, agent: Page, tenderee: Page, witness: Page, supervisor: Page) -> None:
        self.house = house
        self.page = agent
        self.agent = AgentPage(agent)
        self.tenderee = tenderee
        self.witness = witness
        self.supervisor = supervisor
        self._bidder: Page | None = None

    @property
    def bidder(self) -> Page:
        assert self._bidder is not None
        return self._bidder

    async def admit(self, bidder: str) -> None:
        """A bidder's own page, by a code that the agent issues once its bid is open."""
        await self.page.bring_to_front()
        panel = self.page.get_by_test_id("codes-panel")
        await opened(panel)
        await panel.locator(f"input[name=bidder][value={bidder}]").check()
        await panel.get_by_test_id("issue-bidders").click()
        code = await panel.get_by_test_id("codes").locator(".code").last.inner_text()
        self._bidder = await self.house.page.context.new_page()
        await self._bidder.goto(self.house.shown.installation.outside_url + "bidder/")
        session = self.house.play.session
        for field, value in (("session", session), ("bidder", bidder), ("code", code)):
            await self._bidder.fill(f"[name={field}]", value)
        await self._bidder.keyboard.press("Enter")
        await expect(self._bidder.get_by_test_id("standing").first).to_be_visible()

    async def do(self, *acts: str) -> None:
        """The agent's next acts, one after the other."""
        await self.page.bring_to_front()
        for act in acts:
            await self.agent.do(act)

    async def write(self, page: Page, act: str, text: str, reason: str = "") -> None:
        """An act that stands on a written reason, at somebody's desk."""
        await page.bring_to_front()
        card = page.locator(f"details[data-act={act}]").first
        await opened(card)
        if reason:
            await card.locator(f"input[value={reason}]").check()
        await card.get_by_test_id("statement").fill(text)
        sure = card.get_by_test_id("sure")
        if await sure.count():
            await sure.check()
        await card.get_by_test_id("do").click()


@pytest.mark.timeout(420)
async def test_desks_conduct_and_watch_every_turn(house: Landing) -> None:
    seats = ("agent", "tenderee", "witness-hefei", "supervisor-hefei")
    desks = Desks(house, *[await house.sit(seat, english=seat.startswith("supervisor")) for seat in seats])
    await house.page.bring_to_front()
    await house.page.locator("[data-pace=fast]").click()
    for box in await house.page.locator("[name^=point-]").all():
        await box.set_checked(False)
    await house.page.get_by_test_id("go").click()
    await _opening(desks)
    await _review(desks)
    await _standstill(desks)
    await _to_the_end(desks)
    assert house.faults == []


async def _opening(desks: Desks) -> None:
    """Read out, objected to and answered on the spot, K drawn."""
    await desks.do("ImportOpening", "BeginDrawK")
    tenderee = desks.tenderee
    await tenderee.bring_to_front()
    for number in range(1, 6):
        await expect(tenderee.get_by_test_id("read-out")).to_contain_text(f"第 {number} 份")
        await tenderee.get_by_test_id("next").click()
    await desks.admit("b3")
    bidder, objecting = desks.bidder, desks.bidder.get_by_test_id("objecting")
    await opened(objecting.locator("details"))
    await objecting.locator("textarea").fill(OBJECTION)
    await looked_at(bidder, "turning-bidder-1-objecting")
    await objecting.get_by_test_id("object").click()
    await tenderee.bring_to_front()
    objections = tenderee.get_by_test_id("objections")
    await expect(objections).to_contain_text(OBJECTION)
    raising = tenderee.locator("details[data-act=RaiseObjection]")
    await opened(raising)
    await raising.locator("input[value=b2]").check()
    await looked_at(tenderee, "turning-tenderee-1-objection")
    await desks.write(tenderee, "RaiseObjection", "报价大小写不一致。")
    await expect(objections.locator("article")).to_have_count(2)
    for number in (1, 2):
        await desks.write(tenderee, "AnswerObjection", f"第 {number} 项已核对,以投标函为准。")
        await expect(objections).to_contain_text(f"第 {number} 项已核对")
    await bidder.bring_to_front()
    await expect(objecting).to_contain_text("第 1 项已核对")
    assert "报价大小写" not in await bidder.locator("main").inner_text()
    await tenderee.bring_to_front()
    await tenderee.get_by_role("button", name="签署开标记录").click()
    for page in (tenderee, desks.witness, desks.supervisor):
        await page.bring_to_front()
        await page.get_by_test_id("commit-rate").click()
        await expect(page.get_by_test_id("commit-rate")).to_have_count(0)
    await looked_at(desks.supervisor, "turning-supervisor-1-draw")
    for page in (tenderee, desks.witness, desks.supervisor):
        await page.bring_to_front()
        await page.get_by_test_id("reveal-rate").click()
    await expect(desks.supervisor.get_by_test_id("rate-draws")).to_contain_text("Drawn")


async def _review(desks: Desks) -> None:
    """Blind parts, marks, a question answered, a rejection by three to two."""
    await desks.do("OpenCheckIn", "LockRoster", "PublishItems")
    page = desks.page
    blind = page.get_by_test_id("blind-check")
    await expect(blind).to_be_visible()
    await looked_at(page, "turning-agent-1-blind")
    await blind.get_by_test_id("pass-all").click()
    await desks.do("BeginPreliminary")
    await _answers(desks)
    await expect(page.get_by_test_id("vote-result")).to_be_visible(timeout=TO_THE_END_MS)
    witness = desks.witness
    await witness.bring_to_front()
    votes = witness.get_by_test_id("votes")
    await expect(votes).to_contain_text("M2、M5")
    told = await witness.locator("main").inner_text()
    assert ANSWER not in told
    assert "评审中发现" not in told
    await looked_at(witness, "turning-witness-1-votes")
    await desks.supervisor.bring_to_front()
    await expect(desks.supervisor.locator("[data-alert=RejectedByVote]")).to_contain_text("3 for, 2 against")
    await looked_at(desks.supervisor, "turning-supervisor-2-votes")
    await desks.do("ConcludePreliminary")


async def _answers(desks: Desks) -> None:
    """One bidder answers at its own page, for another the agent enters a written answer."""
    bidder, page = desks.bidder, desks.page
    await bidder.bring_to_front()
    asked = bidder.get_by_test_id("asked")
    await expect(asked).to_contain_text("请说明工期按何种日历计算。", timeout=TO_THE_END_MS)
    await expect(asked.get_by_test_id("countdown")).to_be_visible()
    await asked.locator("textarea").fill(ANSWER)
    await looked_at(bidder, "turning-bidder-2-asked")
    text = await bidder.locator("main").inner_text()
    assert "M1" not in text
    assert "表三" not in text
    await asked.get_by_test_id("answer").click()
    await expect(asked.get_by_test_id("standing")).to_have_text("已答复")
    await expect(asked).to_contain_text("答复已写入评标记录")
    await page.bring_to_front()
    await expect(page.get_by_test_id("conduct")).to_contain_text(ANSWER)
    form = page.get_by_test_id("answer-form")
    await expect(form).to_have_count(1, timeout=TO_THE_END_MS)
    await opened(form)
    await form.locator("textarea").fill(PAPER)
    await looked_at(page, "turning-agent-2-asked")
    await form.get_by_test_id("answer").click()
    await expect(page.get_by_test_id("conduct")).to_contain_text(PAPER)


async def _standstill(desks: Desks) -> None:
    """The supervisor suspends; every seat is looked at again; the agent resumes."""
    await desks.write(desks.supervisor, "Suspend", "副场反映有人员走动,须核实。", "people")
    await desks.witness.bring_to_front()
    await expect(desks.witness.get_by_test_id("suspension")).to_be_visible()
    await looked_at(desks.witness, "turning-witness-2-standstill")
    await desks.witness.get_by_test_id("reconfirm").locator("[data-seat=M1]").click()
    await desks.page.bring_to_front()
    await looked_at(desks.page, "turning-agent-3-standstill")
    await desks.do("Resume")
    await expect(desks.page.get_by_test_id("suspension")).to_have_count(0)


async def _to_the_end(desks: Desks) -> None:
    """Scores, ranking, report, a dissent, a refusal that is deemed to agree, the archive."""
    await desks.do("CloseScoring")
    await desks.agent.publish_tally()
    await desks.do("ConfirmRanking", "BeginReport", "ImportReport")
    page = desks.page
    deem = page.locator("details[data-act=DeemAgreement]").first
    await expect(deem).to_be_visible(timeout=TO_THE_END_MS)
    await looked_at(page, "turning-agent-4-signing")
    await desks.write(page, "DeemAgreement", "M5 拒绝签字且未书面说明理由。")
    await desks.do("SubmitReport")
    await desks.supervisor.bring_to_front()
    # A few of each group are shown until all are asked for.
    raised = desks.supervisor.locator("[data-group=evaluation]")
    await raised.get_by_role("button", name="Show all").press("Enter")
    await expect(raised.locator("[data-alert=Dissent]")).to_be_visible()
    await looked_at(desks.supervisor, "turning-supervisor-3-signing")
    await desks.witness.bring_to_front()
    record = desks.witness.get_by_test_id("sign-record")
    await record.get_by_role("checkbox").check()
    await record.get_by_role("button", name="签署见证记录").click()
    await desks.do("ArchiveSession")
    await desks.bidder.bring_to_front()
    await expect(desks.bidder.get_by_test_id("own-result")).to_contain_text(
        "中标候选人", timeout=TO_THE_END_MS
    )
    await looked_at(desks.bidder, "turning-bidder-3-result")
