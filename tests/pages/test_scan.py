"""The phone's page in a real Chromium with a virtual authenticator: enrolled, scanned, refused.

Behind it stands the identity node of the attack tests: a session of version 4, a seat that was bound by a
code, and a person with a certificate.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from playwright.async_api import Browser, CDPSession, Page, expect

from protocol import canonical
from protocol.plan.case import Case, read_case
from protocol.refusals import Refusal
from protocol.seal.trust.spoken import PasskeyBinding, SignedBinding
from protocol.voices import PasskeyBind, Scanning, VoiceWanted
from server.assembly import PAGES
from server.config import Settings
from server.gateway.pages import Pages
from server.gateway.scan_page import ScanPage
from tests.attacks.hall import Hall, code
from tests.attacks.person import sig
from tests.attacks.province import read
from tests.house import ground
from tests.pages.chromium import Faults, chromium, new_page, picture, violations

HOST = "coordinator.localhost"
PHONE = {"width": 390, "height": 844}
AUTHENTICATOR = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


class Desk:
    """The hall behind a listener of its own, and phones that open what the desk shows."""

    def __init__(self, hall: Hall, browser: Browser, origin: str) -> None:
        self.hall = hall
        self.browser = browser
        self.origin = origin
        # A browser advises RS256 beside ES256; we take no other algorithm than the one.
        self.faults = Faults("403", "pubKeyCredParams")

    async def phone(self) -> tuple[Page, CDPSession, str]:
        """A phone's browser with an authenticator in it, and the authenticator's id."""
        page = await new_page(self.browser, self.faults)
        await page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        debugger = await page.context.new_cdp_session(page)
        await debugger.send("WebAuthn.enable")
        made = await debugger.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
        return page, debugger, made["authenticatorId"]

    async def opens(self, page: Page, wanted: VoiceWanted) -> None:
        """The phone scans: a fresh page, since the code stands behind `#`."""
        await page.goto("about:blank")
        await page.goto(wanted.scan)

    async def signs(self, page: Page, compare: str) -> None:
        await page.get_by_label("席位屏幕上的两位比对码").fill(compare)
        await page.keyboard.press("Enter")

    async def enrols(self, page: Page) -> str:
        """The phone makes a passkey, and the person's certificate signs for it."""
        hall = self.hall
        wanted = await hall.wanted("enrol")
        await self.opens(page, wanted)
        await self.signs(page, wanted.compare)
        await expect(page.locator("[data-standing=done]")).to_contain_text("通行密钥已建好")
        scan = hall.voices.scans.find(wanted.nonce)
        assert scan is not None
        said = PasskeyBinding(
            at=hall.clock.now, audience=self.origin, nonce=wanted.nonce, credential=scan.credential,
            certificate=read(hall.person.certificate).fingerprint, spki=scan.spki,
        )  # fmt: skip
        signed = SignedBinding(
            statement=said, certificate=hall.person.certificate, others=(hall.person.province.issuing,),
            sig=sig(hall.person.province.person_key, said),
        )  # fmt: skip
        text = canonical.encode(signed).decode()
        given = PasskeyBind(wanted.session, wanted.seat, wanted.key, wanted.nonce, text)
        return code(await hall.voices.bind(hall.node(), given))


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    case = read_case((ground.ROOT / "ops/sample/case.json").read_bytes())
    assert isinstance(case, Case)
    hall = Hall(case, tmp_path)
    settings: Any = Settings.model_construct(
        http_host="127.0.0.1", http_name=HOST, http_cert=None, http_key=None
    )
    pages = Pages(settings, {"scan": PAGES["scan"]})
    app = pages.application()
    app.add_routes([*ScanPage(pages, hall.voices, hall.entrance).routes(), *pages.routes()])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    origin = f"http://{HOST}:{runner.addresses[0][1]}"
    hall.origin = origin
    async with chromium() as browser:
        yield Desk(hall, browser, origin)
    await runner.cleanup()


@pytest.mark.timeout(180)
async def test_a_phone_enrols_once_and_then_signs_what_the_desk_shows(desk: Desk) -> None:
    page, debugger, authenticator = await desk.phone()
    assert await desk.enrols(page) == "bound"
    held = await debugger.send("WebAuthn.getCredentials", {"authenticatorId": authenticator})
    assert [(one["isResidentCredential"], one["rpId"]) for one in held["credentials"]] == [(True, HOST)]

    wanted = await desk.hall.wanted("passkey")
    await desk.opens(page, wanted)
    statement = page.locator("dl.facts")
    for text in (wanted.session, wanted.seat, wanted.key, desk.origin):
        await expect(statement).to_contain_text(text)
    # The digits stand on the desk alone, and the code has left the address.
    assert wanted.nonce.hex() not in page.url
    await expect(page.get_by_role("heading", level=2)).to_be_focused()
    assert await violations(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await picture(page, "90-scan-statement")
    await desk.signs(page, wanted.compare)
    await expect(page.locator("[data-standing=done]")).to_contain_text("已签署")
    await picture(page, "91-scan-signed")
    scan = desk.hall.voices.scans.find(wanted.nonce)
    assert scan is not None
    assert isinstance(scan.outcome, Scanning)
    assert scan.outcome.voiced is not None
    assert (scan.outcome.voiced.means, scan.outcome.voiced.person) == ("passkey", "张三")
    await page.get_by_role("button", name="English").click()
    await expect(page.locator("[data-standing=done]")).to_contain_text("Signed.")

    # The same passkey gives no voice to the seat of somebody else: a relayed code.
    relayed = await desk.hall.wanted("passkey", desk.hall.other)
    await desk.opens(page, relayed)
    await page.locator("#compare").fill(relayed.compare)
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-code=PersonMismatch]")).to_be_visible()
    assert desk.faults == []


@pytest.mark.timeout(180)
async def test_wrong_digits_an_unverified_holder_and_a_used_code_are_told_on_the_phone(desk: Desk) -> None:
    page, debugger, authenticator = await desk.phone()
    wanted = await desk.hall.wanted("passkey")
    await desk.opens(page, wanted)
    await desk.signs(page, "x")
    await expect(page.locator("#compare-fault")).to_have_text("请输入两位数字")
    # Without a passkey, or without the phone's own verification, nothing is signed.
    await debugger.send(
        "WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False}
    )
    await desk.signs(page, wanted.compare)
    await expect(page.locator("[data-standing=stopped]")).to_be_visible()
    await debugger.send(
        "WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": True}
    )
    assert await desk.enrols(page) == "bound"
    wanted = await desk.hall.wanted("passkey")
    await desk.opens(page, wanted)
    await desk.signs(page, f"{(int(wanted.compare) + 1) % 100:02d}")
    await expect(page.locator("[data-code=ComparisonMismatch]")).to_be_visible()
    await picture(page, "92-scan-wrong-digits")
    await desk.opens(page, wanted)
    await expect(page.locator("[data-code=ChallengeStale]")).to_be_visible()
    assert isinstance(desk.hall.voices.shown(wanted.nonce), Refusal)
    assert desk.faults == []
