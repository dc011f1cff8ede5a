"""A tender of sealed bids at its desks in real Chromium, from the custodians' appointment to the archive.

Agent, tenderee, a member, a witness, a supervisor, a bidder's own machine and a custodian's console are
looked at, step by step; the rest is played by their programs. After sealing the member's browser and venue
are killed: that sheet opens with the others, by its custodians; the member comes back by the seat's own key.
"""

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import expect

from protocol.commands_escrow import ReleaseEscrow
from tests.pages import scored
from tests.pages.agent_page import AgentPage
from tests.pages.desks import form
from tests.pages.expert_page import ExpertPage
from tests.pages.sealed import (
    AGENT,
    LOOKED_AT,
    MEMBER,
    SUPERVISOR,
    TENDEREE,
    WAIT_MS,
    WITNESS,
    Tender,
    conduct,
    tender,
)

pytestmark = pytest.mark.asyncio

PLAYED = ("b2", "b3", "b4", "b5")
OTHERS = ("M1", "M2", "M3", "M4")
BIDDERS = ["b1", *PLAYED]
SHOWN = ("92.07", "29.5", "39.5")
"""A total, and points of the member that nobody else gave."""
SCORES = frozenset({"sheet"})
"""The kinds of hidden values that tell of points."""
WITNESSES = ("witness-hefei", "witness-shanghai", "witness-nanjing", "witness-hangzhou")
WATCHING = (TENDEREE, WITNESS, SUPERVISOR)


@pytest.mark.timeout(900)
async def test_bids_and_scores_open_before_everybody_whatever_becomes_of_a_machine(tmp_path: Path) -> None:
    async with tender(tmp_path / "data") as here, here.begun():
        await _appoint(here)
        await _begin(here)
        await _bidders_release(here)
        await _publish(here)
        await _read_out(here)
        await _review(here)
        await _score(here)
        await _crash(here)
        await _open_together(here)
        await _come_back(here)
        await _sign(here)
        await _recognise(here)
        told, outcome = await scored.verdict(here.installation, here.case)
        assert (told["verdict"], told["outcome"]) == ("valid", outcome)
        signed = {one["seat"]: one["kind"] for one in told["signatures"]}
        assert {MEMBER, WITNESS, TENDEREE, *OTHERS} <= set(signed)


async def _appoint(here: Tender) -> None:
    """The agent looks at who will hold the keys, out of the tender's own files, and appoints them."""
    page = here.pages[AGENT]
    await _before(here)
    fold = await form(page, "AppointCustodians")
    await expect(fold.get_by_test_id("do")).to_be_disabled()
    await fold.get_by_test_id("custodians-file").set_input_files(await here.custodians_files())
    await expect(fold.locator("[data-group=centres]")).to_contain_text("centre-1、centre-2、centre-3")
    await fold.locator("input[type=radio]").first.check()
    await here.looked_at("1-appointing", AGENT, axe=True)
    await fold.get_by_test_id("do").click()
    await expect(page.get_by_test_id("ceremony")).to_have_attribute("data-phase", "AWAITED")


async def _before(here: Tender) -> None:
    """The agent reads its notice, what was there at the deadline, and that nothing was rehearsed."""
    page = here.pages[AGENT]
    notice = page.get_by_test_id("bids-notice")
    await expect(notice).to_have_attribute("data-standing", "closed", timeout=WAIT_MS)
    await expect(notice.locator("[data-handed]")).to_have_count(len(PLAYED) + 1)
    await notice.get_by_text("密钥托管方", exact=True).click()
    await expect(notice.locator("[data-notice-group=centres]")).to_contain_text("centre-1")
    check = page.get_by_test_id("rehearsal")
    await expect(check).to_have_attribute("data-check", "never")
    await expect(check.get_by_test_id("rehearsal-todo")).to_contain_text("ceremony rehearse --real")
    await here.looked_at("0-before", AGENT, axe=True)


async def _begin(here: Tender) -> None:
    """Everybody reads that nobody can open anything; the tenderee begins, custodians answer by themselves."""
    for seat in LOOKED_AT:
        said = here.pages[seat].get_by_test_id("releasing")
        await expect(said).to_contain_text("此刻没有任何一方能打开标书", timeout=WAIT_MS)
    fold = await form(here.pages[TENDEREE], "BeginOpening")
    await expect(fold.get_by_test_id("do")).to_be_enabled(timeout=WAIT_MS)
    await fold.get_by_test_id("do").click()
    console = here.pages["custodian"]
    await console.goto(f"http://127.0.0.1:{here.installation.custodians['centre-1']}/")
    await expect(console.locator("#now")).to_contain_text("没有任何密钥离开", timeout=WAIT_MS)


async def _bidders_release(here: Tender) -> None:
    """Four programs and one person release; every desk counts down and names who is awaited."""
    for seat in LOOKED_AT:
        card = here.pages[seat].get_by_test_id("ceremony")
        await expect(card).to_have_attribute("data-phase", "BIDDERS_RELEASE", timeout=WAIT_MS)
        await expect(card.get_by_test_id("countdown")).to_contain_text("00:0")
    await here.release(PLAYED)
    for seat in WATCHING:
        bids = here.pages[seat].get_by_test_id("sealed-bids")
        await expect(bids.locator("[data-released=true]")).to_have_count(len(PLAYED), timeout=WAIT_MS)
        await expect(bids.locator("[data-released=false]")).to_contain_text("等待解密")
        await expect(here.pages[seat].get_by_test_id("decrypting")).to_contain_text("5 / 5 份")
    await here.looked_at("2-releasing", AGENT, TENDEREE, MEMBER, WITNESS, SUPERVISOR, "custodian")
    page = here.pages["bidder"]
    async with here.bidders_machine("b1") as address:
        await page.goto(address)
        unlock = page.get_by_role("button", name="解密", exact=True)
        await expect(unlock).to_be_enabled()
        await unlock.press("Enter")
        await expect(page.get_by_role("button", name="确定解密")).to_be_focused()
        await here.looked_at("3-unlocking", "bidder", axe=True)
        await page.get_by_role("button", name="确定解密").press("Enter")
        await expect(page.get_by_test_id("released")).to_be_visible(timeout=WAIT_MS)
        await here.looked_at("4-unlocked", "bidder")
        await here.walked("4-unlocked", "bidder")


async def _publish(here: Tender) -> None:
    """Custodians release, venues decrypt and tell how far they are; the agent publishes what all found."""
    for seat in LOOKED_AT:
        bars = here.pages[seat].get_by_test_id("decrypting")
        await expect(bars).to_have_attribute("data-whole", "true", timeout=WAIT_MS)
        await expect(bars.get_by_role("progressbar").first).to_have_attribute("value", "100")
    console = here.pages["custodian"]
    await expect(console.locator("#now")).to_contain_text("已为 5 份标书(共收 5 份)释放份额", timeout=WAIT_MS)
    for seat in WATCHING:
        card = here.pages[seat].get_by_test_id("ceremony")
        await expect(card.locator("[data-found=true]")).to_have_count(4, timeout=WAIT_MS)
        await expect(card).to_contain_text("已报告的会场结果一致")
    assert "皖澄" not in await here.pages[TENDEREE].locator("main").inner_text()
    await here.looked_at("5-decrypted", AGENT, TENDEREE, MEMBER, WITNESS, SUPERVISOR, "custodian", axe=True)
    await here.walked("5-decrypted", AGENT, TENDEREE, MEMBER, WITNESS, SUPERVISOR, "custodian")
    done = await conduct(here.pages[AGENT], "OpenCheckIn")
    assert done == ["OpenBids"]
    for seat in WATCHING:
        said = here.pages[seat].get_by_test_id("releasing")
        await expect(said).to_contain_text("已打开 5 份标书,各会场结果一致", timeout=WAIT_MS)
    for seat in (TENDEREE, WITNESS):
        await expect(here.pages[seat].locator("main")).to_contain_text("皖澄市政")
    assert "皖澄" not in await here.pages[MEMBER].locator("main").inner_text()
    await here.looked_at("6-opened", AGENT, TENDEREE, MEMBER, WITNESS, SUPERVISOR)


async def _read_out(here: Tender) -> None:
    """The tenderee reads out every bid, and signs by the key that a certificate speaks for."""
    page = here.pages[TENDEREE]
    await page.bring_to_front()
    for number in range(1, len(BIDDERS) + 1):
        await expect(page.get_by_test_id("read-out")).to_contain_text(f"第 {number} 份")
        await page.get_by_test_id("next").click()
    await here.speaks(TENDEREE)
    await page.get_by_role("button", name="签署开标记录").click()
    await expect(page.get_by_test_id("opening-signed")).to_contain_text("招标人")


async def _review(here: Tender) -> None:
    """The committee is there, every blind part is in order, and so is every bid."""
    agent, expert = AgentPage(here.pages[AGENT]), ExpertPage(here.pages[MEMBER])
    await agent.page.bring_to_front()
    await agent.do("OpenCheckIn")
    await expert.page.bring_to_front()
    await here.speaks(MEMBER)
    await expect(expert.page.get_by_test_id("undertaking")).to_be_visible(timeout=WAIT_MS)
    await expert.sign_undertaking()
    await _conducts(here, "LockRoster", "PublishItems")
    await agent.page.get_by_test_id("blind-check").get_by_test_id("pass-all").click()
    await _conducts(here, "BeginPreliminary")
    await expert.page.bring_to_front()
    await expect(expert.task("mark")).to_be_visible(timeout=WAIT_MS)
    await scored.mark(expert, BIDDERS)
    await _conducts(here, "ConcludePreliminary")


async def _score(here: Tender) -> None:
    """The member seals, and reads that custodians hold the sheet; nobody is shown a point."""
    page = here.pages[MEMBER]
    await page.bring_to_front()
    await scored.score(ExpertPage(page), here.case, MEMBER)
    for seat in (AGENT, SUPERVISOR):
        rows = here.pages[seat].get_by_test_id("escrow").locator("tr[data-held='3']")
        await expect(rows).to_have_count(len(OTHERS) + 1, timeout=WAIT_MS)
    await expect(page.locator("[data-task=wait_others]")).to_contain_text(
        "等待招标代理结束评分", timeout=WAIT_MS
    )
    await here.looked_at("7-sealed", MEMBER, AGENT, SUPERVISOR, axe=True)
    await _nothing_shown(here)


async def _crash(here: Tender) -> None:
    """The member's browser and venue are gone; scoring closes all the same, and desks say what follows."""
    await here.crash(MEMBER)
    supervisor = here.pages[SUPERVISOR]
    await expect(supervisor.locator("main")).to_contain_text("杭州会场与协调系统失去联系", timeout=WAIT_MS)
    await _conducts(here, "CloseScoring")
    for seat in (AGENT, SUPERVISOR):
        said = here.pages[seat].get_by_test_id("escrow-opening")
        await expect(said).to_contain_text("托管方才为该席位交出份额", timeout=WAIT_MS)
    await here.looked_at("8-venue-lost", AGENT, SUPERVISOR, WITNESS, axe=True)
    await _nothing_shown(here)


async def _open_together(here: Tender) -> None:
    """Custodians release for the lost seat, the main venue opens it, and all are shown at once."""
    row = here.pages[SUPERVISOR].get_by_test_id("escrow").locator(f"tr[data-seat={MEMBER}]")
    await expect(row).to_contain_text("家托管方交出份额打开", timeout=WAIT_MS)
    entries, fields = await asyncio.to_thread(here.record)
    types = [one.command.type for one in entries]
    assert types.count("OpenSheet") == len(OTHERS) + 1
    assert types.index("OpenSheet") > max(at for at, name in enumerate(types) if name == "TryOpening")
    released = [one.command.content.seat for one in entries if isinstance(one.command.content, ReleaseEscrow)]
    assert MEMBER in released
    assert fields >= SCORES


async def _come_back(here: Tender) -> None:
    """The same disk, the same key, no code; the page says who opened the sheet; then the ranking."""
    page = await here.back(MEMBER)
    held = page.get_by_test_id("own-held")
    await expect(held).to_have_attribute("data-held", "released", timeout=WAIT_MS)
    await expect(held).to_contain_text("由其他会场打开,与其他评分同时公布")
    await here.looked_at("9-back", MEMBER, axe=True)
    await page.get_by_role("button", name="Switch to English").click()
    await expect(held).to_contain_text("another venue opened it together with the others")
    await page.get_by_role("button", name="切换为中文").click()
    agent = here.pages[AGENT]
    await agent.bring_to_front()
    await expect(agent.locator(".prominent[data-act=PublishTally] [data-testid=do]")).to_be_enabled(
        timeout=WAIT_MS
    )
    await AgentPage(agent).publish_tally()
    await page.bring_to_front()
    await scored.explain(ExpertPage(page))
    await _conducts(here, "ConfirmRanking", "BeginReport", "ImportReport")
    places = agent.get_by_test_id("paper-places")
    await expect(places.locator(f"input[name=place-{WITNESS}]")).to_be_checked()
    await places.locator(f"input[name=place-{TENDEREE}]").check()
    await here.looked_at("10-places", AGENT, axe=True)
    await _conducts(here, "PrepareReport")


async def _sign(here: Tender) -> None:
    """Member, witness and tenderee sign at their pages by certificate, the others by their programs."""
    page = here.pages[MEMBER]
    await page.bring_to_front()
    await expect(page.get_by_test_id("paper-digest")).to_be_visible(timeout=WAIT_MS)
    await expect(page.get_by_test_id("signing-task").get_by_test_id("countdown")).to_contain_text("01:5")
    await expect(here.pages[TENDEREE].get_by_test_id("paper-digest")).to_be_visible(timeout=WAIT_MS)
    await here.looked_at("10-signing", MEMBER, WITNESS, TENDEREE, axe=True)
    await here.walked("10-signing", TENDEREE)
    await page.bring_to_front()
    await scored.agree(page)
    await scored.sign(here, MEMBER)
    await scored.sign(here, WITNESS)
    await scored.sign(here, TENDEREE)
    await expect(page.locator("[data-place][data-signed='']")).to_have_count(0, timeout=WAIT_MS)
    await here.looked_at("11-signed", MEMBER, WITNESS, TENDEREE, axe=True)
    await _conducts(here, "SubmitReport")


async def _recognise(here: Tender) -> None:
    """Each venue's witness accepts what the others' have signed, one of them at a page."""
    await scored.recognise(here, WITNESS, [one for one in WITNESSES if one != WITNESS])
    await scored.recognised(here, SUPERVISOR, WITNESSES)
    await here.looked_at("13-recognised", WITNESS, SUPERVISOR, axe=True)
    await scored.archive(AgentPage(here.pages[AGENT]))


async def _conducts(here: Tender, *acts: str) -> None:
    await scored.conducts(here.pages[AGENT], *acts)


async def _nothing_shown(here: Tender) -> None:
    """No point on anybody else's page, and none disclosed to the venue where agent and supervisor sit."""
    for seat in (AGENT, TENDEREE, WITNESS, SUPERVISOR):
        text = await here.pages[seat].locator("main").inner_text()
        assert not any(points in text for points in SHOWN), (seat, text)
    entries, fields = await asyncio.to_thread(here.record)
    assert "OpenSheet" not in {one.command.type for one in entries}
    assert not SCORES & fields
