"""A coordinator of its own in front of a real browser: a tender whose sealed bids are opened and read out.

The record is that of `tests.protocol.session.ceremony.scored`, laid into the coordinator's store; the
authorities are the demonstration's and answer on revocation. Everything goes by the real clock.
"""

import contextlib
import functools
from collections.abc import AsyncIterator
from pathlib import Path

from aiohttp import web
from playwright.async_api import Browser, Page, expect

from ops import certifying, ports, senses
from ops.ca import alliance
from ops.certifying import Certifying, Held
from ops.senses import Dice
from ops.ukey import bridge
from ops.ukey.bridge import Bridge, Signs
from protocol import entry
from protocol.commands import ReadOut
from protocol.plan.case import Case
from protocol.refusals import Refusal
from protocol.seal.trust import certificate
from protocol.seal.trust.certificate import Certificate
from protocol.words import Term
from server.assembly import Coordinator
from server.gateway import codes
from server.gateway.identity import code_seat
from server.senses import Senses
from server.store.contract import Batch, Birth, CodeRow
from tests import ukey_door
from tests.pages.chromium import Faults, chromium, new_page
from tests.protocol.session.ceremony import scored
from tests.protocol.world import key
from tests.server import nodes
from tests.server.acting import NODES

CODE = "K7QM3-XWDPA"
HOUR_MS = 3_600_000
AUTHENTICATOR = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip
PHONE = {"width": 390, "height": 844}


class Outside:
    """The coordinator, its record as it stood, its authorities, and a browser."""

    def __init__(
        self, running: Coordinator, hall: scored.Hall, browser: Browser, data: Path, senses_: Senses
    ) -> None:
        self.running = running
        self.hall = hall
        self.browser = browser
        self.certifying = Certifying(data)
        # A browser advises RS256 beside ES256, and nobody listens where no UKey program runs.
        self.faults = Faults("ERR_CONNECTION_REFUSED", "403", "pubKeyCredParams")
        self._senses = senses_

    @property
    def origin(self) -> str:
        return f"http://coordinator.localhost:{self.running.listeners.plain_port}"

    async def code(self, bidder: str) -> str:
        """A one-time code for a bidder, as the agent would have it made."""
        now, salt = self._senses.now_ms(), self._senses.secret(codes.SALT_BYTES)
        row = CodeRow(
            self.hall.session, code_seat(bidder), salt, codes.hashed(salt, CODE), now, now + 12 * HOUR_MS
        )
        assert await self.running.store.put_codes((row,), now)
        return CODE

    async def page(self, path: str = "bidder/") -> Page:
        page = await new_page(self.browser, self.faults)
        await page.goto(f"{self.origin}/{path}")
        return page

    async def phone(self) -> Page:
        """A phone's browser with an authenticator in it."""
        page = await new_page(self.browser, self.faults)
        await page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        debugger = await page.context.new_cdp_session(page)
        await debugger.send("WebAuthn.enable")
        await debugger.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
        return page

    async def scans(self, page: Page, phone: Page) -> None:
        """The phone opens what the page shows, and signs with the two digits that stand there."""
        address = await page.get_by_test_id("scan-address").get_attribute("href")
        digits = await page.get_by_test_id("compare").inner_text()
        assert address is not None
        await phone.goto("about:blank")
        await phone.goto(address)
        await phone.locator("#compare").fill(digits)
        await phone.keyboard.press("Enter")
        await expect(phone.locator("[data-standing=done]")).to_be_visible()

    async def types(self) -> list[str]:
        """The acts that the record has taken since it was laid in."""
        raws = await self.running.store.entries(self.hall.session, len(self.hall.entries), 1_000)
        return [entry.decode(raw).command.type for raw in raws]


@contextlib.asynccontextmanager
async def token(held: Held, origin: str) -> AsyncIterator[list[str]]:
    """The UKey program with a certificate in it, whose holder agrees to everything; what they were shown."""
    own, others = certificate.read(held.certificate), tuple(map(certificate.read, held.others))
    assert isinstance(own, Certificate)
    shown: list[str] = []

    def agree(title: Term, fields: tuple[tuple[Term, str], ...]) -> Signs | Refusal:
        shown.append(" ".join((title.zh, *(value for _, value in fields))))
        return functools.partial(certifying.tagged, held.key)

    between = tuple(one for one in others if isinstance(one, Certificate))
    beside = Bridge(own, between, frozenset({origin}), agree, senses.now_ms)
    runner = web.AppRunner(beside.application(), access_log=None, shutdown_timeout=1)
    async with ukey_door.alone():
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", bridge.PORT).start()
            yield shown
        finally:
            await runner.cleanup()


def read_out(case: Case, folder: Path, now_ms: int) -> scored.Hall:
    """A session whose bids came sealed, are opened, and are read out; it began an hour ago."""
    hall = scored.Hall(case, folder)
    hall.now = now_ms - HOUR_MS
    hall.book()
    hall.import_committee()
    hall.open_bids(scored.LOT, scored.ENVELOPE)
    stage = hall.stage(scored.LOT, scored.ENVELOPE)
    for bid in hall.here.bids:
        hall.must("tenderee", ReadOut(bid.bidder), stage)
    return hall


@contextlib.asynccontextmanager
async def outside(case: Case, folder: Path) -> AsyncIterator[Outside]:
    """Everything, started in a folder."""
    own_senses = Senses("outside")
    hall = read_out(case, folder / "custodians", own_senses.now_ms())
    port = ports.free_base(1, Dice())
    certifying.in_force(folder / certifying.AUTHORITIES, own_senses.now_ms(), f"http://127.0.0.1:{port}")
    answering = certifying.Answering(folder)
    await answering.start(port)
    settings = nodes.settings(
        nodes.lay(folder / "tls"), folder / "data",
        trust_list=folder / certifying.AUTHORITIES / alliance.FILE,
    )  # fmt: skip
    running = Coordinator(settings, own_senses)
    await running.store.prepare()
    audience = tuple(key(f"node {one}") for one in NODES)
    await running.store.append(
        Batch(
            session=hall.session, since=0, entries=tuple(hall.entries), disclosures=tuple(hall.held),
            birth=Birth("hefei", own_senses.now_ms()), audience=audience,
        )
    )  # fmt: skip
    await running.start()
    try:
        async with chromium() as browser:
            yield Outside(running, hall, browser, folder, own_senses)
    finally:
        await running.stop()
        await answering.stop()
