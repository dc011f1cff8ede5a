"""The landing page's door: this machine, its own name and page alone; no code without a click."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from ops import installation, places, ports, senses
from ops.installation import PORTS_SPAN, Installation
from ops.landing.demonstration import Demonstration
from ops.landing.door import BODY_BYTES_MAX, Door, require_loopback
from ops.landing.lines import Lines
from ops.people import script
from ops.scripts.catalogue import SCRIPTS
from ops.senses import Dice
from ops.stack import Stack
from ops.trouble import Trouble

JSON = "application/json"


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    base = ports.free_base(PORTS_SPAN + 4, Dice())
    return installation.ensure(tmp_path_factory.mktemp("data"), now_ms=senses.now_ms(), ports_from=base)


@pytest.fixture
async def door(found: Installation, tmp_path: Path) -> AsyncIterator[Door]:
    """A door before a stack that does not run, with a page of one file."""
    page = tmp_path / "dist"
    page.mkdir()
    (page / "index.html").write_text("<title>here</title>")
    (tmp_path / "secret").write_text("not a page")
    shown = Demonstration(Stack(found), Lines(found), script.load(places.sample_case()))
    opened = Door(shown, found.landing_port, page=page)
    await opened.open()
    try:
        yield opened
    finally:
        await opened.close()


class Browser:
    """Asks the door as a browser would, under any name and from any page."""

    def __init__(self, door: Door, http: aiohttp.ClientSession) -> None:
        self.door = door
        self._http = http

    async def get(self, path: str, host: str = "") -> tuple[int, str, dict[str, str]]:
        headers = {"Host": host or f"tongchang.localhost:{self.door.port}"}
        async with self._http.get(self._url(path), headers=headers, allow_redirects=False) as answer:
            return answer.status, await answer.text(), dict(answer.headers)

    async def post(self, path: str, body: Any, origin: str | None = "", kind: str = JSON) -> tuple[int, str]:
        own = f"tongchang.localhost:{self.door.port}"
        headers = {"Host": own, "Content-Type": kind}
        if origin is not None:
            headers["Origin"] = origin or f"http://{own}"
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        async with self._http.post(self._url(path), headers=headers, data=raw) as answer:
            return answer.status, await answer.text()

    def _url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.door.port}{path}"


@pytest.fixture
async def browser(door: Door) -> AsyncIterator[Browser]:
    async with aiohttp.ClientSession() as http:
        yield Browser(door, http)


async def test_the_page_and_its_picture_are_served_under_its_own_name(browser: Browser) -> None:
    status, _, headers = await browser.get("/")
    assert (status, headers["Location"]) == (302, "/landing/")
    status, text, headers = await browser.get("/landing/")
    assert (status, text) == (200, "<title>here</title>")
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    status, text, _ = await browser.get("/api/picture")
    assert status == 200
    told = json.loads(text)
    assert told["standing"] == "starting"
    assert [venue["zh"] for venue in told["venues"]] == ["合肥", "上海", "南京", "杭州"]


@pytest.mark.parametrize("host", ["evil.example", "tongchang.localhost.evil.example", "hefei.localhost"])
async def test_any_other_name_is_turned_away(browser: Browser, host: str) -> None:
    for told in (host, f"{host}:{browser.door.port}"):
        status, text, headers = await browser.get("/api/picture", host=told)
        assert status == 421
        assert "venues" not in text
        assert "Content-Security-Policy" in headers


async def test_another_port_of_its_own_name_is_another_place(browser: Browser) -> None:
    status, _, _ = await browser.get("/", host=f"tongchang.localhost:{browser.door.port + 1}")
    assert status == 421


@pytest.mark.parametrize(
    "origin",
    [None, "null", "http://evil.example", "http://hefei.localhost:7710", "https://tongchang.localhost"],
)
async def test_no_other_page_may_press_a_button(browser: Browser, origin: str | None) -> None:
    status, text = await browser.post("/api/sit", {"seat": "M5"}, origin=origin)
    assert status == 403
    assert "code" not in text


async def test_no_form_of_another_page_can_be_taken_for_ours(browser: Browser) -> None:
    status, _ = await browser.post("/api/sit", {"seat": "M5"}, kind="text/plain")
    assert status == 403
    status, _, _ = await browser.get("/api/sit")
    assert status == 405


async def test_a_button_that_cannot_be_pressed_says_why_in_both_languages(browser: Browser) -> None:
    status, text = await browser.post("/api/go", {})
    assert status == 200
    told = json.loads(text)["refused"]
    assert "尚无会话" in told["zh"]
    assert "no session yet" in told["en"]


async def test_what_may_be_begun_is_told_in_both_languages_and_nothing_else_is(
    browser: Browser,
) -> None:
    status, text, _ = await browser.get("/api/scripts")
    assert status == 200
    offered = json.loads(text)
    assert [one["name"] for one in offered] == ["", *(one.name for one in SCRIPTS)]
    assert all(one[field] for one in offered[1:] for field in ("title_zh", "title_en", "zh", "en"))
    assert len({one["title_zh"] for one in offered}) == len(offered)
    _, text = await browser.post("/api/begin-script", {"script": "no-such"})
    told = json.loads(text)["refused"]
    assert "没有名为 no-such 的脚本" in told["zh"]
    assert "There is no script no-such" in told["en"]


async def test_what_is_out_of_form_is_refused(browser: Browser) -> None:
    assert (await browser.post("/api/pace", {"pace": "warp"}))[0] == 400
    assert (await browser.post("/api/pace", b"{"))[0] == 400
    assert (await browser.post("/api/pace", {"more": 1}))[0] == 400
    assert (await browser.post("/api/nothing", {}))[0] == 404
    assert (await browser.post("/api/pace", b" " * (BODY_BYTES_MAX + 1)))[0] == 413


@pytest.mark.parametrize("path", ["/landing/../secret", "/landing/%2e%2e/secret", "/files/sample/record"])
async def test_nothing_outside_the_page_and_the_sessions_files_is_served(browser: Browser, path: str) -> None:
    status, text, _ = await browser.get(path)
    assert status == 404
    assert "not a page" not in text


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.7", "example.cn", ""])
def test_it_binds_to_this_machine_alone(host: str) -> None:
    with pytest.raises(Trouble) as elsewhere:
        require_loopback(host)
    assert "只在本机提供" in elsewhere.value.zh
    assert "ssh -L" in elsewhere.value.en
    assert elsewhere.value.exit_code == 2
    for here in ("127.0.0.1", "::1", "localhost", "tongchang.localhost"):
        require_loopback(here)


async def test_a_taken_port_is_told_with_a_way_out(door: Door) -> None:
    with pytest.raises(Trouble) as taken:
        await Door(door._shown, door.port).open()
    assert str(door.port) in taken.value.zh
    assert "--ports-from" in taken.value.en
