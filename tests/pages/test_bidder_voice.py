"""A bidder comes by code, certificate or phone, gives its key a voice and signs the opening record."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from protocol.plan.case import Case, read_case
from tests.house import ground
from tests.pages.opened import looked_at
from tests.pages.outside import Outside, outside, token

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(180)]

OWN, OTHER = "皖澄市政", "苏越建工"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def there(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Outside]:
    case = read_case((ground.ROOT / "ops/sample/case.json").read_bytes())
    assert isinstance(case, Case)
    async with outside(case, tmp_path_factory.mktemp("outside")) as found:
        yield found


async def signed_in(there: Outside, bidder: str) -> Page:
    page = await there.page()
    code = await there.code(bidder)
    for field, value in (("session", there.hall.session), ("bidder", bidder), ("code", code)):
        await page.fill(f"[name={field}]", value)
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("voice")).to_be_visible()
    return page


async def named(there: Outside, bidder: str, way: str) -> Page:
    """The sign-in page, filled in but for what proves who one is."""
    page = await there.page()
    for field, value in (("session", there.hall.session), ("bidder", bidder)):
        await page.fill(f"[name={field}]", value)
    await page.get_by_role("radio", name=way).check()
    return page


async def test_a_bidder_comes_and_signs_by_its_own_certificate_without_any_code(there: Outside) -> None:
    page = await named(there, "b1", "数字证书")
    enter = page.get_by_role("button", name="用 UKey 登录")
    await enter.click()
    await expect(page.get_by_role("alert")).to_contain_text("没有找到 UKey 签名程序")
    await looked_at(page, "98-bidder-ways")
    async with token(await there.certifying.of(OTHER, "jiangsu"), there.origin):
        await enter.click()
        await expect(page.locator("[data-code=PersonMismatch]")).to_be_visible()
    async with token(await there.certifying.of(OWN, "anhui"), there.origin) as shown:
        await enter.click()
        await expect(page.get_by_test_id("voice")).to_be_visible()
    assert shown == [f"登录 {there.origin}"]
    card = page.get_by_test_id("voice")
    # A key of another machine speaks in the record; this browser's has no voice yet, and a sign-in is none.
    await expect(card).to_have_attribute("data-stands", "none")
    await page.get_by_test_id("sign-record").click()
    await expect(page.locator("[data-code=VoiceAwaited]")).to_be_visible()
    await looked_at(page, "95-bidder-voiceless")
    ask = page.get_by_role("button", name="用数字证书(UKey)")
    await ask.click()
    await expect(card).to_contain_text("没有找到 UKey 签名程序")
    async with token(await there.certifying.of(OTHER, "jiangsu"), there.origin):
        await ask.click()
        await expect(card.locator("[data-code=PersonMismatch]")).to_be_visible()
    async with token(await there.certifying.of(OWN, "anhui"), there.origin) as shown:
        await ask.click()
        await expect(card).to_have_attribute("data-means", "certificate")
    assert [("b1" in one, there.hall.session in one) for one in shown] == [(True, True)]
    await page.get_by_test_id("sign-record").click()
    await expect(page.get_by_test_id("record-signed")).to_be_visible()
    await looked_at(page, "96-bidder-signed")
    assert await there.types() == ["BindSeat", "DelegateSeatKey", "SignOpeningRecord"]
    await page.reload()
    await expect(card).to_have_attribute("data-stands", "given")
    assert there.faults == []


async def test_a_bidder_without_a_token_delegates_by_phone_and_comes_back_by_it(
    there: Outside,
) -> None:
    before = len(await there.types())
    page, phone = await signed_in(there, "b2"), await there.phone()
    card = page.get_by_test_id("voice")
    async with token(await there.certifying.of(OTHER, "jiangsu"), there.origin):
        await page.get_by_role("button", name="首次使用手机").click()
        await there.scans(page, phone)
        await expect(card).to_contain_text(f"通行密钥已绑定到“{OTHER}”的证书")
    await page.get_by_role("button", name="扫码").click()
    await expect(page.locator("svg.qr")).to_be_visible()
    await looked_at(page, "97-bidder-scan")
    await there.scans(page, phone)
    await expect(card).to_have_attribute("data-means", "passkey")
    await page.get_by_test_id("sign-record").click()
    await expect(page.get_by_test_id("record-signed")).to_be_visible()
    assert (await there.types())[before:] == ["BindSeat", "DelegateSeatKey", "SignOpeningRecord"]
    again = await named(there, "b2", "手机扫码")
    await again.get_by_role("button", name="显示登录二维码").click()
    await expect(again.locator("svg.qr")).to_be_visible()
    await looked_at(again, "99-bidder-scan-in")
    await there.scans(again, phone)
    await expect(again.locator("tr[data-own=true]")).to_contain_text(OTHER)
    # One cookie for each bidder: the page of before is signed out.
    await expect(page.get_by_role("heading", name="投标人登录")).to_be_visible()
    assert there.faults == []
