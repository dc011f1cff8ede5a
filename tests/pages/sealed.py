"""A tender with sealed bids on a stack of its own, before desks in real Chromium (rules version 4).

Coordinator, venues, custodians' services and authorities are real processes; bidders seal and hand in with
the program they would use. Whoever is not looked at is played. A seat's page comes in by a one-time code, and
speaks by the certificate in its UKey.
"""

import asyncio
import contextlib
import os
import shutil
import signal
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import aiohttp
import msgspec
from playwright.async_api import Page, ViewportSize, async_playwright, expect

from ops import archiving, backing, certifying, custody, files, installation, places, ports, senses
from ops.backing import Size
from ops.bidder import desk as bidder_desk
from ops.bidder import node as bidder_node
from ops.bidder import sending
from ops.bids import reading
from ops.ceremony import bidding, presiding
from ops.ceremony.bidding import Container
from ops.certifying import Held
from ops.installation import PORTS_SPAN, Installation
from ops.people.play import Play
from ops.scripts.sealed_tender import SCRIPT
from ops.senses import Dice
from ops.stack import Stack
from protocol import entry
from protocol.entry import Entry
from protocol.plan.stages import stages
from sub_venue.journal.replica import read_copy
from tests.pages.chromium import Faults, chromium, new_page, picture, violations
from tests.pages.machine import Machine
from tests.pages.outside import token
from tests.pages.walked import walk

SESSION = "HF-2026-SEALED"
AGENT, TENDEREE, MEMBER, WITNESS, SUPERVISOR = (
    "agent",
    "tenderee",
    "M5",
    "witness-nanjing",
    "supervisor-hefei",
)
LOOKED_AT = (AGENT, TENDEREE, MEMBER, WITNESS, SUPERVISOR)
DESKS = {AGENT: "agent", TENDEREE: "tenderee", MEMBER: "expert", WITNESS: "witness", SUPERVISOR: "supervisor"}
CENTRES = 3
RECEIVING_MS = 20_000
WAIT_MS = 90_000
"""How long whoever is played, and the machines, may take on a busy machine."""
DESK: ViewportSize = {"width": 1366, "height": 768}

DUE = """until => {
  const card = document.querySelector('.prominent[data-act]');
  const button = card?.querySelector('[data-testid=do]');
  const may = card?.dataset.act === until || (button && !button.disabled);
  return card !== null && may ? card.dataset.act : null;
}"""


class Tender:
    """One session, its stack, and the pages that people sit at."""

    def __init__(self, found: Installation, stack: Stack, machine: Machine) -> None:
        self.installation = found
        self.stack = stack
        self.machine = machine
        self.case = SCRIPT.case
        self.faults = Faults("ERR_CONNECTION_REFUSED")
        self.pages: dict[str, Page] = {}
        self.bids: tuple[Container, ...] = ()
        self._dice = Dice()
        self._venues: dict[str, str] = {}
        self._certifying = certifying.Certifying(found.data)

    @contextlib.asynccontextmanager
    async def begun(self) -> AsyncIterator[None]:
        """Bids handed in, the committee there, everybody who is played at their desks, the rest at pages."""
        found = self.installation
        await archiving.hand_out_policy(found, SESSION)
        custody.tell(found.data, self.case.plan.tender)
        self.bids = await asyncio.to_thread(presiding.sealed, found, self.case, self._dice)
        play = Play(
            found, self.case, SESSION, self._dice, humans=frozenset(LOOKED_AT), silence_ms=600_000,
        )  # fmt: skip
        async with play.open(), chromium() as browser:
            handing = asyncio.to_thread(
                bidding.hand_in, found, self.case, SESSION, self.bids, RECEIVING_MS, self._dice
            )
            await asyncio.gather(handing, play.prepare(booked=False, check_in=False))
            await play.hand_out()
            self._venues = {one.seat: one.venue for one in play.seats()}
            codes = {one.seat: one.code for one in await play.codes(LOOKED_AT)}
            playing = asyncio.create_task(play.perform())
            try:
                for seat in LOOKED_AT:
                    own = seat == MEMBER
                    page = await self.machine.page() if own else await new_page(browser, self.faults)
                    await page.set_viewport_size(DESK)
                    page.set_default_timeout(WAIT_MS)
                    await page.goto(self.url(seat, codes[seat]))
                    await expect(page.get_by_test_id("phase-bar")).to_be_visible()
                    self.pages[seat] = page
                self.pages["custodian"] = await new_page(browser, self.faults)
                self.pages["bidder"] = await new_page(browser, self.faults)
                yield
            finally:
                playing.cancel()
                await asyncio.gather(playing, return_exceptions=True)

    async def crash(self, seat: str) -> None:
        """End a seat's browser, with all its processes, and its venue's node, as a power cut does."""
        await self.machine.kill()
        os.kill(self.stack.pid(self._venues[seat]), signal.SIGKILL)

    async def back(self, seat: str) -> Page:
        """Venue and browser once more, on the same disks; the seat's page without a code."""
        await self.stack.start_again(self._venues[seat])
        await self.machine.start()
        page = await self.machine.page()
        await page.set_viewport_size(DESK)
        page.set_default_timeout(WAIT_MS)
        await page.goto(self.url(seat))
        await expect(page.get_by_test_id("phase-bar")).to_be_visible(timeout=WAIT_MS)
        self.pages[seat] = page
        return page

    def record(self) -> tuple[list[Entry], set[str]]:
        """The entries as the main venue's copy has them, and which kinds of hidden values it was given."""
        folder = self.installation.config(self.installation.main.place.node).parent / "sessions"
        entries, disclosures = read_copy(folder / f"{SESSION}.copy")
        return [entry.decode(raw) for raw in entries], {one.field for one in disclosures}

    def venue(self, seat: str) -> str:
        """Where a seat is."""
        return self._venues[seat]

    def url(self, seat: str, code: str = "") -> str:
        """A seat's desk at its venue, with what a click on this machine would bring along."""
        node = self.installation.node(self._venues[seat])
        return f"{node.url}{DESKS[seat]}/" + (f"#session={SESSION}&seat={seat}&code={code}" if code else "")

    async def custodians_files(self) -> list[Path]:
        """What the agent is handed: the tender's sealing policy, and what each service says of itself."""
        found = self.installation
        lot, envelope = next(iter(stages(self.case.plan)))
        policy = custody.sealing_policy(
            found.data, found.shape.custodians, self.case.plan.tender, lot, envelope
        )
        folder = files.make_folder(found.data / "handed")
        paths = [folder / "policy.json"]
        files.write(paths[0], msgspec.json.encode(policy))
        async with aiohttp.ClientSession() as http:
            for name, port in found.custodians.items():
                async with http.get(f"http://127.0.0.1:{port}/health") as answer:
                    paths.append(folder / f"{name}.json")
                    files.write(paths[-1], await answer.read())
        return paths

    @contextlib.asynccontextmanager
    async def bidders_machine(self, bidder: str) -> AsyncIterator[str]:
        """A bidder's own machine as it stands after handing in; the address of its page."""
        own = next(one for one in self.bids if one.bidder == bidder)
        folder = files.make_folder(self.installation.data / "machines" / bidder)
        seen = reading.inspected(own.path)
        offered = sending.ends(own.path).offered
        assert seen.header is not None
        of = seen.header.bid
        shutil.copy(own.key, folder / f"bidder-{of.suite}.pem")
        sealed = bidder_desk.Sealed(
            of.bid, str(own.path), offered.size, offered.digest.hex(), 1, of.project, of.lot, of.envelope,
            of.suite,
        )  # fmt: skip
        receipt = str(own.path.with_suffix(f".{bidding.RECEIPT}"))
        kept = bidder_desk.Kept(sealed, self.installation.outside_url, SESSION, receipts=(receipt,))
        files.write_json(folder / bidder_desk.STATE, msgspec.to_builtins(kept))
        node = bidder_node.Node(bidder_desk.Desk(folder))
        port = await node.start(0)
        try:
            yield f"http://127.0.0.1:{port}/bidder/#token={node.token}"
        finally:
            await node.stop()

    async def release(self, bidders: Sequence[str]) -> None:
        """Bidders who are not looked at release, each with its own program."""
        own = [one for one in self.bids if one.bidder in bidders]
        releases = (
            asyncio.to_thread(bidding.release, self.installation, SESSION, o, self._dice) for o in own
        )
        await asyncio.gather(*releases)

    @contextlib.asynccontextmanager
    async def ukey(self, seat: str) -> AsyncIterator[list[str]]:
        """The UKey program beside a seat's page, with its person's certificate; what it has shown."""
        origin = self.installation.node(self._venues[seat]).url.rstrip("/")
        async with token(await self._held(seat), origin) as shown:
            yield shown

    async def speaks(self, seat: str) -> None:
        """A seat's key is given its person's voice at its page, by UKey."""
        page = self.pages[seat]
        await page.bring_to_front()
        async with self.ukey(seat):
            await page.get_by_role("button", name="用数字证书(UKey)").click()
            await expect(page.get_by_test_id("voice")).to_have_attribute("data-means", "certificate")

    async def looked_at(self, name: str, *seats: str, axe: bool = False) -> None:
        """Pictures of desks as they stand, nothing wider than the screen; with `axe` nothing that it says."""
        for seat in seats:
            page = self.pages[seat]
            await page.bring_to_front()
            await picture(page, f"sealed-{name}-{seat}")
            wide, screen = await page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
            assert wide <= screen, f"{name} of {seat} is {wide} wide on a screen of {screen}"
            if axe:
                found = await violations(page)
                assert found == [], (name, seat, found)

    async def walked(self, name: str, *seats: str) -> None:
        """Desks as they stand, by the keyboard alone, at 200 % and at 100 %; all that is wrong is told."""
        wrong = []
        for seat in seats:
            try:
                await walk(self.pages[seat], f"{name} of {seat}")
            except AssertionError as found:
                wrong.append(str(found))
        assert wrong == [], "\n".join(wrong)

    async def _held(self, seat: str) -> Held:
        names = {one.seat: one.name for one in self.case.members} | {TENDEREE: "招标人(虚构示例)"}
        names |= {f"witness-{one.id}": f"{one.zh}见证人员" for one in self.case.venues}
        names |= {f"supervisor-{one.id}": f"{one.zh}监督人员" for one in self.case.venues}
        name = names[seat]
        return await self._certifying.of(name, self.installation.node(self._venues[seat]).place.province)


async def conduct(page: Page, until: str) -> list[str]:
    """The agent does what is asked for, act after act, until the one that is named is due; what was done."""
    done: list[str] = []
    await page.bring_to_front()
    while (act := await _due(page, until)) != until:
        card = page.locator(f".prominent[data-act={act}]")
        await card.get_by_test_id("do").click()
        if act == "PublishTally":
            await page.get_by_test_id("publish").click()
        await expect(card).to_have_count(0, timeout=WAIT_MS)
        done.append(act)
    return done


async def _due(page: Page, until: str) -> str:
    """The prominent act: the one that is named, be it blocked or not, or another that can be done now."""
    found = await page.wait_for_function(DUE, arg=until, timeout=WAIT_MS)
    return str(await found.json_value())


@contextlib.asynccontextmanager
async def tender(data: Path) -> AsyncIterator[Tender]:
    """The stack and the machines; no page may have complained by the end."""
    wanted = places.of_case(SCRIPT.case)
    span = PORTS_SPAN + 2 * len(wanted) + 2 + len(custody.names(CENTRES))
    found = installation.ensure(
        data, now_ms=senses.now_ms(), places=wanted, ports_from=ports.free_base(span, Dice()),
        shape=backing.shape(data, Size(custodians=CENTRES, cosigners=False), "4"),
    )  # fmt: skip
    stack = Stack(found, restart=False)
    await stack.start()
    try:
        async with async_playwright() as playwright:
            machine = Machine(playwright, data / "profile")
            await machine.start()
            try:
                here = Tender(found, stack, machine)
                yield here
                assert here.faults == []
            finally:
                await machine.kill()
    finally:
        await stack.stop()
