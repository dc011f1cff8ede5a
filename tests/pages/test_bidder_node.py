"""A bidder's own machine in a real Chromium: seal, hand in over a cut line, receipts, replace, unlock."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from ops.bidder import sending
from ops.bidder.desk import Desk
from ops.bidder.line import Line
from ops.bidder.node import Node
from protocol.seal import suites
from protocol.seal.trust import certificate
from server.senses import Senses
from tests.ops.test_upload import MEGABYTE, SESSION, Bidder, Cutting
from tests.pages.chromium import Faults, chromium, new_page, picture, violations
from tests.protocol.seal.bids import key_of
from tests.server import nodes


class Machine:
    """A bidder's folder and its node."""

    def __init__(self, folder: Path) -> None:
        self.bidder = Bidder(folder, 9 * MEGABYTE)
        self.desk = Desk(folder / "desk")
        self.node = Node(self.desk)
        self.address = ""

    async def start(self) -> None:
        port = await self.node.start(0)
        self.address = f"http://127.0.0.1:{port}/bidder/#token={self.node.token}"


@pytest.fixture
async def machine(tmp_path: Path) -> AsyncIterator[Machine]:
    found = Machine(tmp_path)
    await found.start()
    yield found
    await found.node.stop()


async def choose(page: Page, label: str, path: Path, *, whole: bool = False) -> None:
    """Choose a file, or a whole folder, as a person does: by looking, with the keyboard."""
    group = page.get_by_role("group", name=label)
    await group.get_by_role("button", name="选择…").press("Enter")
    await group.get_by_label("文件夹", exact=True).fill(str(path if whole else path.parent))
    await group.get_by_role("button", name="打开", exact=True).press("Enter")
    if whole:
        await group.get_by_role("button", name="选择整个文件夹").press("Enter")
        await group.get_by_role("button", name="收起").press("Enter")
    else:
        await group.get_by_role("button", name=f"+ {path.name}").press("Enter")


async def seal(page: Page) -> None:
    await press(page, "密封", exact=True)
    await expect(page.get_by_text("已重新打开核对无误")).to_be_visible()


@pytest.mark.timeout(180)
async def test_a_bidder_seals_hands_in_replaces_withdraws_and_unlocks(
    machine: Machine, tmp_path: Path
) -> None:
    authority, faults = nodes.lay(tmp_path / "authority"), Faults()
    async with nodes.coordinator(
        authority, tmp_path / "house", senses=Senses(), disk_free_bytes_min=0
    ) as running:
        port = running.listeners.plain_port
        ticket = await asyncio.to_thread(machine.bidder.announce, Line(f"http://127.0.0.1:{port}"))
        with Cutting(port, [1_000, 3 * MEGABYTE, 2 * MEGABYTE]) as cutting:
            async with chromium() as browser:
                page = await new_page(browser, faults)
                await page.goto(machine.address)
                assert "token" not in page.url
                await expect(page.get_by_text("还没有回执")).to_be_visible()
                await choose(page, "投标文件或文件夹", machine.bidder.folder / "bid", whole=True)
                await choose(page, "密封方案", machine.bidder.policy)
                await seal(page)
                await picture(page, "80-bidder-node-sealed")
                await hands_in(page, cutting, ticket)
                await picture(page, "81-bidder-node-receipt")
                assert await violations(page) == []
                await changes_its_mind(page)
                await unlocks(page, machine)
                await picture(page, "82-bidder-node-released")
                await press(page, "English")
                await expect(page.get_by_text("Withdrawn: no bid counts now.")).to_be_visible()
                await picture(page, "83-bidder-node-en")
                assert await violations(page) == []
                await carries(await new_page(browser, faults), machine, port, ticket)
    assert faults == []


async def press(page: Page, name: str, *, exact: bool = False) -> None:
    """Press a button by keyboard once it may be pressed: none may while something is being done."""
    button = page.get_by_role("button", name=name, exact=exact)
    await expect(button).to_be_enabled()
    await button.press("Enter")


async def hands_in(page: Page, cutting: Cutting, ticket: str) -> None:
    """Over a line that is cut three times; nobody presses anything again."""
    await page.get_by_label("协调系统网址").fill(f"http://127.0.0.1:{cutting.port}")
    await page.get_by_label("会话编号").fill(SESSION)
    await page.get_by_label("投标凭证").fill(ticket)
    await press(page, "递交", exact=True)
    await expect(page.get_by_text("✓ 已递交:最近密封的标书已被完整接收。")).to_be_visible()
    assert cutting.done == 3
    await expect(page.get_by_text("投标截止")).to_be_visible()


async def changes_its_mind(page: Page) -> None:
    """Another version takes the first one's place, and is then taken back."""
    await press(page, "密封", exact=True)
    await expect(page.get_by_text("已递交的是较早的标书")).to_be_visible()
    await press(page, "递交并替换")
    await expect(page.get_by_text("✓ 已递交:最近密封的标书已被完整接收。")).to_be_visible()
    await expect(page.locator(".receipts li")).to_have_count(2)
    await press(page, "撤回标书")
    await press(page, "确定撤回")
    await expect(page.get_by_text("已撤回:目前没有有效的标书。")).to_be_visible()
    await expect(page.locator(".receipts li")).to_have_count(3)


async def carries(page: Page, machine: Machine, port: int, ticket: str) -> None:
    """The coordinator's own page carries what was sealed here, and nothing else."""
    sealed = machine.desk.seen().sealed
    assert sealed is not None
    await page.goto(f"http://127.0.0.1:{port}/bidder/")
    await page.get_by_label("收标会话编号").fill(SESSION)
    await page.get_by_label("投标凭证").fill(ticket)
    await page.get_by_label("已密封的标书文件").set_input_files(machine.bidder.policy)
    await press(page, "递交", exact=True)
    await expect(page.get_by_text("标书文件已损坏(end)")).to_be_visible()
    await page.get_by_label("已密封的标书文件").set_input_files(sealed.path)
    await press(page, "递交", exact=True)
    await expect(page.get_by_text("已完整接收。请保存回执。")).to_be_visible()
    async with page.expect_download() as saving:
        await page.get_by_role("link", name="保存回执").press("Enter")
    receipt = await (await saving.value).path()
    assert sending.receipt_fault(sending.read_receipt(Path(receipt)), "", Path(sealed.path)) == ""
    await picture(page, "84-bidder-carries")
    assert await violations(page) == []


async def unlocks(page: Page, machine: Machine) -> None:
    """A release is made for a venue's key, after a second word."""
    venue = machine.bidder.folder / "venue.pem"
    await page.get_by_text("无法联网时:制作解密文件").click()
    venue.write_bytes(certificate.pem(key_of(suites.get("intl-1"), 30).public, "PUBLIC KEY"))
    await choose(page, "会场开标公钥", venue)
    await press(page, "制作解密文件")
    await press(page, "确定制作")
    await expect(page.get_by_test_id("released")).to_contain_text(".release.json")
