"""The ways in, and what is said to whoever comes wrong: codes, venues, case files, regimes."""

import base64
import hashlib
import json
import re
from pathlib import Path

import msgspec
import pytest
from playwright.async_api import WebSocketRoute, expect

from ops.people.agent import issue_codes
from ops.people.play import Play
from ops.senses import Dice
from protocol.ledger import checkpoint, fork, note
from protocol.ledger.checkpoint import Checkpoint
from protocol.refusals import refuse, text
from server.ledger import logs
from tests.house import ground
from tests.ops.stage import sample
from tests.pages.agent_page import AgentPage
from tests.pages.chromium import new_page, picture, violations
from tests.pages.expert_page import ExpertPage
from tests.pages.house import SAMPLE, House
from tests.pages.opened import looked_at, sign_in

pytestmark = pytest.mark.asyncio(loop_scope="module")

GOV_PROC = ground.ROOT / "ops/cases/textbook_cn_87_low_price_priority.json"


async def test_an_agent_gets_in_with_the_right_code_and_a_sound_case_only(
    here: House, tmp_path: Path
) -> None:
    agent = AgentPage(await here.page("hefei", "agent/"))
    page = agent.page
    await expect(page.get_by_text("本会场还没有评标会话")).to_be_visible()
    await page.get_by_role("button", name="新建会话").click()
    await page.fill("[name=code]", "AAAAA-AAAAA")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text(text(refuse("BadCode", left=4)).zh)
    await agent.enrol(here.enrolment_code)

    wrong = sample()
    wrong["plan"]["schemes"][0]["criteria"][1]["max_centi"] = 1600
    path = tmp_path / "wrong.json"
    path.write_text(json.dumps(wrong, ensure_ascii=False, indent=1))
    await page.set_input_files("[data-testid=case-file]", path)
    alert = page.get_by_role("alert")
    await expect(alert).to_contain_text("PlanInvalid")
    await expect(alert).to_contain_text("合计")
    await expect(page.get_by_role("button", name="签名并预约")).to_be_disabled()
    await picture(page, "20-agent-wrong-case")
    assert await violations(page) == []

    doubtful = sample()
    doubtful["plan"]["schemes"][0]["criteria"][1]["children"][1]["rule_zh"] = "本地类似业绩每项 2 分"
    path.write_text(json.dumps(doubtful, ensure_ascii=False))
    for sample_of in ("使用示例项目进行完整评审(规则版本 3)", "使用示例案例"):
        await page.set_input_files("[data-testid=case-file]", path)
        await expect(page.get_by_test_id("findings")).to_contain_text("355号")
        await page.get_by_role("button", name=sample_of).click()
        await expect(page.get_by_test_id("findings")).to_have_text("✓ 检查通过,没有需要提示的问题")
    await agent.book("S-ONE")

    await page.reload()
    await expect(page.get_by_test_id("now")).to_have_text("已预约")
    await agent.do("ImportCommittee")
    moved = await _the_agent_moves_to_another_machine(here, agent)
    await _second_session_under_the_other_regime(moved)
    await _a_member_at_the_wrong_venue(here)


async def _the_agent_moves_to_another_machine(here: House, former: AgentPage) -> AgentPage:
    """A fresh code for the agent's own seat: the other machine goes on, the former one is told at once."""
    await expect(former.page.get_by_test_id("roll-call")).to_be_visible()
    await former.page.get_by_test_id("codes-panel").locator("summary").click()
    codes = await former.issue_codes("agent")
    agent = AgentPage(await here.page("hefei", "agent/"))
    await agent.sign_in("S-ONE", codes["agent"])
    await agent.do("ImportOpening")
    await expect(agent.page.get_by_test_id("bids")).to_contain_text("皖澄市政")
    await expect(former.page.get_by_role("alert")).to_contain_text(text(refuse("SeatMoved", seat="agent")).zh)
    await expect(former.page.get_by_test_id("roll-call")).to_have_count(0)
    return agent


async def _second_session_under_the_other_regime(agent: AgentPage) -> None:
    """A seated agent books another session, of government procurement: 供应商; its venue is none of ours."""
    page = agent.page
    await page.get_by_role("button", name="另建会话").click()
    await page.set_input_files("[data-testid=case-file]", GOV_PROC)
    await expect(page.get_by_test_id("plan")).to_contain_text("政府采购")
    await expect(page.get_by_test_id("plan")).to_contain_text("供应商至少")
    await agent.book("S-TWO")
    await expect(page.locator(".about")).to_contain_text("S-TWO")
    await agent.do("ImportCommittee")
    told = text(refuse("UnknownVenue", venue="desk")).zh
    await expect(page.get_by_role("alert")).to_contain_text(told)
    await expect(page.locator("[data-act=ImportCommittee]").get_by_test_id("do")).to_be_enabled()
    await picture(page, "21-agent-refused")
    assert await violations(page) == []


async def _a_member_at_the_wrong_venue(here: House) -> None:
    """M5 belongs to 杭州; 上海 says so, whatever the code."""
    expert = ExpertPage(await here.page("shanghai", ""))
    await expect(expert.page).to_have_url(f"{here.installation.node('shanghai').url}expert/")
    await expert.page.keyboard.press("Enter")
    await expert.sign_in("S-ONE", "M5", "AAAAA-AAAAA")
    told = text(refuse("WrongVenue", seat="M5", venue="shanghai")).zh
    await expect(expert.page.get_by_role("alert")).to_contain_text(told)
    await expert.page.get_by_role("button", name="Switch to English").click()
    await expect(expert.page.get_by_role("alert")).to_contain_text("Sign in at its own venue.")


async def test_a_form_that_lacks_something_says_what_and_leads_there(here: House) -> None:
    expert = ExpertPage(await here.page("nanjing", ""))
    page = expert.page
    await expert.reach(page.locator("[name=session]"))
    await page.keyboard.press("Control+a")
    await page.keyboard.type("S-NONE")
    await page.keyboard.press("Enter")
    await expect(page.locator("[name=seat]")).to_be_focused()
    await expect(page.locator("#sign-in-seat-fault")).to_have_text("请填写席位")
    await expect(page.locator("[name=seat]")).to_have_attribute("aria-invalid", "true")
    await expert.sign_in("S-NONE", "M5", "AAAAA-AAAAA")
    await expect(page.get_by_role("alert")).to_contain_text(
        text(refuse("UnknownSession", session="S-NONE")).zh
    )
    assert await page.locator("[name=session]").input_value() == "S-NONE"
    assert await violations(page) == []


@pytest.mark.timeout(180)
async def test_under_government_procurement_desks_say_its_words(here: House) -> None:
    """采购人 and 供应商 at the tenderee's and the witness's desks, 供应商 at the supplier's own page."""
    plan = msgspec.structs.replace(here.case.plan, regime="GOV_PROC")
    case = msgspec.structs.replace(here.case, plan=plan)
    play = Play(here.installation, case, "S-GOV", Dice("gov"))
    async with play.open():
        await play.prepare(booked=False)
        issued = await play.codes(("tenderee", "witness-hefei"))
        issued += await issue_codes(play.agent, ("b1",), bidders=True)
        codes = {one.seat: one.code for one in issued}
        for seat, desk in (("tenderee", "tenderee"), ("witness-hefei", "witness")):
            page = await sign_in(here, "hefei", desk, "S-GOV", seat, codes[seat])
            table = page.get_by_test_id("opening-table")
            await expect(table.get_by_role("columnheader", name="供应商")).to_be_visible()
            await expect(page.get_by_test_id("phase-bar")).to_contain_text("采购人")
            told = await page.locator("body").inner_text()
            assert [word for word in ("招标人", "投标人", "否决投标") if word in told] == []
            await looked_at(page, f"government-{desk}")
            await page.get_by_role("button", name="Switch to English").click()
            await expect(table.get_by_role("columnheader", name="Supplier")).to_be_visible()
            await expect(page.get_by_test_id("phase-bar")).to_contain_text("Purchaser")
            told = await page.locator("main").inner_text()
            assert "enderee" not in told
            await looked_at(page, f"government-{desk}-english")
            await page.get_by_role("button", name="切换为中文").click()
        supplier = await here.page("hefei", "")
        await supplier.goto(here.installation.outside_url + "bidder/")
        for name, value in (("session", "S-GOV"), ("bidder", "b1"), ("code", codes["b1"])):
            await supplier.fill(f"[name={name}]", value)
        await supplier.keyboard.press("Enter")
        await expect(supplier.get_by_role("columnheader", name="供应商")).to_be_visible()
        await looked_at(supplier, "government-supplier")


OTHER = hashlib.sha256(b"another history").digest()


class Forking:
    """A line between page and node on which somebody with the log's key puts another history's head."""

    def __init__(self, key: Path) -> None:
        self._key = logs.load(key)
        self.forks = False
        self.shown: Checkpoint | None = None
        """The newest head that the page was shown before."""

    async def pass_on(self, route: WebSocketRoute) -> None:
        """Every WebSocket of the page comes here; what the page sends goes on as it is."""
        server = route.connect_to_server()
        server.on_message(lambda told: route.send(self._told(told)))

    def _told(self, frame: str | bytes) -> str | bytes:
        if not isinstance(frame, str) or '"checkpoint"' not in frame:
            return frame
        at = frame.index("[")
        (answer,) = json.loads(frame[at:])
        if not self.forks and answer["checkpoint"]:
            self.shown = checkpoint.read(note.split(answer["checkpoint"])[0])
        if not self.forks or self.shown is None:
            return frame
        signer = note.ed25519_signer(self.shown.origin, self._key)
        other = Checkpoint(self.shown.origin, self.shown.size, OTHER)
        return frame[:at] + json.dumps([answer | {"checkpoint": checkpoint.sign(other, signer)}])


async def test_a_page_that_is_shown_another_history_stops_shows_both_heads_and_lets_the_proof_be_saved(
    here: House, tmp_path: Path
) -> None:
    key_path = here.installation.data / "coordinator" / "log.key"
    line = Forking(key_path)
    page = await new_page(here.browser, here.faults)
    await page.route_web_socket(re.compile("/socket.io/"), line.pass_on)
    await page.goto(here.installation.node("hefei").url + "agent/")
    agent = AgentPage(page)
    await agent.enrol(here.enrolment_code)
    await agent.choose(SAMPLE)
    await agent.book("S-FORKED")
    light = page.get_by_test_id("live-light")
    await expect(light).to_be_visible()
    await expect(page.get_by_test_id("two-histories")).to_have_count(0)

    line.forks = True
    # The next entry brings a head, which is another history's.
    await agent.do("ImportCommittee")
    shown = page.get_by_test_id("two-histories")
    await expect(shown).to_contain_text("互相矛盾")
    await expect(light).to_contain_text("记录矛盾")
    heads = [await shown.locator(f"[data-head={one}]").inner_text() for one in ("before", "head")]
    assert base64.b64encode(OTHER).decode() not in heads[0]
    assert base64.b64encode(OTHER).decode() in heads[1]
    async with page.expect_download() as saving:
        await page.get_by_test_id("save-evidence").click()
    download = await saving.value
    assert download.suggested_filename == "S-FORKED-two-histories.json"
    await download.save_as(tmp_path / "saved.json")
    assert line.shown is not None
    key = note.ed25519_signer(line.shown.origin, logs.load(key_path)).key
    first, second = fork.verify(fork.read((tmp_path / "saved.json").read_bytes()), (key,))
    assert {first.root, second.root} == {line.shown.root, OTHER}
    await looked_at(page, "two-histories")

    # It signs nothing any more, also after a new start, and though it is shown the right head then.
    line.forks = False
    await page.reload()
    await expect(shown).to_be_visible()
    size = await page.get_by_test_id("as-of").get_attribute("data-size")
    await agent.do("ImportOpening")
    await expect(page.get_by_text("保存本页的证据")).to_be_visible()
    assert await page.get_by_test_id("as-of").get_attribute("data-size") == size
