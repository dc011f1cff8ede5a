"""A seat's key gets its person's voice: at the desk's page by UKey and by phone, revoked meanwhile.

All of it is real: the coordinator, the node, the authorities that answer on revocation, the UKey program's
door, and two Chromium pages, one of them a phone with a virtual authenticator. The session waits, booked.
"""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from msgspec.structs import replace
from playwright.async_api import Browser, Page, expect

from ops import certifying, files, installation, places, ports, senses
from ops.ca import alliance
from ops.installation import COORDINATOR, DEFAULT_PLACES, PORTS_SPAN, Installation, Shape
from ops.people import agent, script
from ops.people.listener import ActRefused
from ops.people.play import Play, main_venue
from ops.people.voicing import Voicing
from ops.senses import Dice
from ops.stack import Stack
from protocol.views import View
from protocol.words import SESSION_STAGE
from tests.pages.chromium import Faults, chromium, new_page, picture, violations
from tests.pages.outside import token
from tests.pages.test_scan import AUTHENTICATOR, PHONE

SESSION = "voiced"
REJUDGE_MS = 300
IDLE = {"expert_ms": 15_000, "warn_ms": 12_000}
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def found(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Installation]:
    """A stack with authorities, looked at again all the time; experts in 杭州 are idle soon."""
    base = ports.free_base(PORTS_SPAN + len(DEFAULT_PLACES) + 1, Dice())
    made = installation.ensure(
        tmp_path_factory.mktemp("voicing"), now_ms=senses.now_ms(), ports_from=base,
        shape=Shape(authorities=True),
    )  # fmt: skip
    for name, bounds in ((COORDINATOR, {"rejudge_ms": REJUDGE_MS}), ("hangzhou", {"idle": IDLE})):
        config = made.config(name)
        files.write_json(config, {**files.read_json(config), "bounds": bounds})
    stack = Stack(made)
    await stack.start()
    try:
        yield made
    finally:
        await stack.stop()


def standing(view: View) -> str:
    return "" if view.voice is None else view.voice.stands


def revoke(found: Installation, subject: str) -> None:
    """The authority revokes every certificate of a subject that is not revoked yet."""
    by = alliance.named(found.data / certifying.AUTHORITIES, "anhui")
    gone = {one.serial for one in by.book.revoked}
    for one in by.book.issued:
        if one.subject == subject and one.serial not in gone:
            by.revoke(one.serial, senses.now_ms(), "key-compromise")


async def played(found: Installation, play: Play) -> None:
    """Somebody played gives the voice and is revoked: the installation enters it, from where on it acts."""
    agent_, voices = play.agent, Voicing(found, SESSION, main_venue(play.case))
    assert await agent_.until(standing) == "none"
    await voices.give(agent_)
    await voices.give(agent_)
    shown = await agent_.until(lambda view: view.voice)
    assert (shown.stands, shown.means, shown.key) == ("given", "certificate", agent_.key_text)
    assert [line.type for line in agent_.lines].count("DelegateSeatKey") == 1
    revoke(found, "示例 agent")
    await agent_.until(lambda view: True if standing(view) == "revoked" else None)
    assert agent_.lines[-1].type == "RevokeCertificate"
    with pytest.raises(ActRefused) as refused:
        await agent_.act_prepared("ImportCommittee", SESSION_STAGE)
    assert refused.value.refused.code == "CertificateRevoked"
    with pytest.raises(ActRefused) as again:
        await voices.give(agent_)
    assert again.value.refused.code == "CertificateRevoked"


@pytest.mark.timeout(240)
async def test_a_keeper_confirms_an_expert_without_a_phone_who_goes_on_after_having_been_idle(
    found: Installation,
) -> None:
    case = replace(script.load(places.sample_case()), rules="4")
    play = Play(found, case, "confirmed", Dice())
    url = found.node("hangzhou").url
    async with play.open(), chromium() as browser:
        await play.prepare(booked=False, check_in=False)
        codes = {one.seat: one.code for one in await play.codes(("M5", "keeper-hangzhou"))}
        faults = Faults()
        expert = await new_page(browser, faults)
        await expert.goto(f"{url}#session=confirmed&seat=M5&code={codes['M5']}")
        await expect(expert.get_by_test_id("voice")).to_have_attribute("data-stands", "none")
        warning = expert.get_by_test_id("idle-warning")
        await expect(warning).to_be_visible()
        await picture(expert, "95-idle-warning")
        await expert.mouse.move(300, 300)
        await expect(warning).to_be_hidden()
        # What the page holds stays as it is behind the lock.
        await expert.evaluate("document.querySelector('.work').mark = 'as it was'")
        keeper = await new_page(browser, faults)
        await keeper.goto(
            f"{url}keeper/#session=confirmed&seat=keeper-hangzhou&code={codes['keeper-hangzhou']}"
        )
        await confirmed(found, keeper, url.rstrip("/"))
        await expect(expert.get_by_test_id("idle-lock")).to_be_visible()
        await expect(expert.get_by_test_id("voice")).to_be_hidden()
        assert await violations(expert) == []
        await picture(expert, "97-idle-lock")
        await expert.reload()
        await expect(expert.get_by_test_id("idle-lock")).to_be_visible()
        await expert.locator("#idle-code").fill("22222-22222")
        await expert.keyboard.press("Enter")
        await expect(expert.get_by_test_id("idle-lock").locator("[data-code=BadCode]")).to_be_visible()
        await expert.locator("#idle-code").fill(codes["M5"].lower())
        await expert.keyboard.press("Enter")
        voice = expert.get_by_test_id("voice")
        await expect(voice).to_have_attribute("data-means", "desk")
        await expect(voice).to_contain_text("keeper-hangzhou")
        await picture(expert, "98-voiced-by-keeper")
        # And once more, now by certificate: it shows who is there, and gives the seat no other voice.
        await expect(expert.get_by_test_id("idle-lock")).to_be_visible()
        held = await certifying.Certifying(found.data).of("俞示远", "zhejiang")
        async with token(held, url.rstrip("/")) as shown:
            await expert.get_by_role("button", name="用数字证书(UKey)").click()
            await expect(voice).to_have_attribute("data-means", "desk")
        assert len(shown) == 1
        assert faults == []


async def confirmed(found: Installation, keeper: Page, origin: str) -> None:
    """A keeper, once known by certificate, has been shown a document and answers for M5's key."""
    card = keeper.get_by_test_id("confirm")
    await expect(keeper.get_by_test_id("voice")).to_have_attribute("data-stands", "none")
    await expect(card).to_be_hidden()
    held = await certifying.Certifying(found.data).of("杭州场所管理员", "zhejiang")
    async with token(held, origin):
        await keeper.get_by_role("button", name="用数字证书(UKey)").click()
        await expect(keeper.get_by_test_id("voice")).to_have_attribute("data-means", "certificate")
    row = card.locator("[data-seat=M5]")
    await row.get_by_role("button").click()
    confirm = row.get_by_role("button", name="确认")
    await row.locator("#confirm-name").fill("俞示远")
    await expect(confirm).to_be_disabled()
    await row.locator("#confirm-tail").fill("123X")
    assert await violations(keeper) == []
    await picture(keeper, "96-keeper-confirms")
    await confirm.click()
    await expect(row).to_be_hidden()


@pytest.mark.timeout(240)
async def test_a_desk_speaks_by_ukey_is_silent_once_revoked_and_speaks_by_phone(found: Installation) -> None:
    case = replace(script.load(places.sample_case()), rules="4")
    play = Play(found, case, SESSION, Dice())
    async with play.open(), chromium() as browser:
        await agent.book(play.agent, case)
        await play.agent.follow_session()
        await played(found, play)
        (code,) = await play.codes(("agent",))
        # Without the UKey program nobody listens there; a browser advises RS256 beside ES256.
        faults = Faults("ERR_CONNECTION_REFUSED", "403", "pubKeyCredParams")
        page = await new_page(browser, faults)
        url = found.node("hefei").url
        await page.goto(f"{url}agent/#session={SESSION}&seat=agent&code={code.code}")
        card = page.get_by_test_id("voice")
        await expect(card).to_have_attribute("data-stands", "none")
        await by_ukey(found, page, url.rstrip("/"))
        await by_phone(found, browser, page, url.rstrip("/"), faults)
        assert faults == []


async def by_ukey(found: Installation, page: Page, origin: str) -> None:
    """By certificate: without the program, with it, and once the certificate is revoked."""
    card = page.get_by_test_id("voice")
    ask = page.get_by_role("button", name="用数字证书(UKey)")
    await ask.click()
    await expect(card).to_contain_text("没有找到 UKey 签名程序")
    held = await certifying.Certifying(found.data).of("张三", "anhui")
    async with token(held, origin) as shown:
        await ask.click()
        await expect(card).to_have_attribute("data-means", "certificate")
    assert [(SESSION in one, "agent" in one) for one in shown] == [(True, True)]
    await picture(page, "93-desk-voiced")
    revoke(found, "张三")
    await expect(card).to_have_attribute("data-stands", "revoked")
    await expect(card).to_contain_text("已被吊销")


async def by_phone(found: Installation, browser: Browser, page: Page, origin: str, faults: Faults) -> None:
    """By phone: its passkey is bound to a new certificate once, and signs what it scans."""
    phone = await new_page(browser, faults)
    await phone.set_viewport_size(PHONE)  # type: ignore[arg-type]
    debugger = await phone.context.new_cdp_session(phone)
    await debugger.send("WebAuthn.enable")
    await debugger.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    card = page.get_by_test_id("voice")

    async def scan() -> None:
        address = await page.get_by_test_id("scan-address").get_attribute("href")
        digits = await page.get_by_test_id("compare").inner_text()
        assert address is not None
        await phone.goto("about:blank")
        await phone.goto(address)
        await phone.locator("#compare").fill(digits)
        await phone.keyboard.press("Enter")
        await expect(phone.locator("[data-standing=done]")).to_be_visible()

    held = await certifying.Certifying(found.data).of("李四", "anhui")
    async with token(held, origin):
        await page.get_by_role("button", name="首次使用手机").click()
        await scan()
        await expect(card).to_contain_text("通行密钥已绑定到“李四”的证书")
    await page.get_by_role("button", name="扫码").click()
    await expect(page.locator("svg.qr")).to_be_visible()
    assert await violations(page) == []
    await picture(page, "94-desk-scan")
    await scan()
    await expect(card).to_have_attribute("data-means", "passkey")
    # Whoever spoke for the seat comes back to it by the same phone, without a code.
    await page.get_by_role("button", name="离开席位").click()
    await page.get_by_role("dialog").get_by_role("button", name="离开", exact=True).click()
    await page.get_by_role("radio", name="手机扫码").check()
    for name, value in (("session", SESSION), ("seat", "agent")):
        if await page.locator(f"[name={name}]").count():
            await page.locator(f"[name={name}]").fill(value)
    await page.get_by_role("button", name="显示登录二维码").click()
    await expect(page.locator("svg.qr")).to_be_visible()
    assert await violations(page) == []
    await page.set_viewport_size({"width": 1366, "height": 768})
    await picture(page, "94-desk-scan-in")
    await scan()
    await expect(page.get_by_test_id("phase-bar")).to_be_visible()
    await expect(card).to_have_attribute("data-stands", "none")
