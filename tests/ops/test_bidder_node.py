"""The bidder's local node is for its own page alone: name, token, origin; and one work at a time."""

import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from ops.bidder.desk import Desk
from ops.bidder.node import TOKEN_HEADER, Node
from tests.ops.test_upload import MEGABYTE, Bidder


class Asked:
    """A node, and requests to it as a page or somebody else makes them."""

    def __init__(self, desk: Desk, http: aiohttp.ClientSession) -> None:
        self.desk, self.node, self.http = desk, Node(desk), http
        self.base = ""

    async def ask(self, method: str, path: str, body: Any = None, **changed: str) -> tuple[int, Any]:
        headers = {TOKEN_HEADER: self.node.token, "Origin": self.base} | changed
        async with self.http.request(method, self.base + path, json=body, headers=headers) as answer:
            text = await answer.text()
            return answer.status, await answer.json() if text.startswith("{") else text


@pytest.fixture
async def asked(tmp_path: Path) -> AsyncIterator[Asked]:
    async with aiohttp.ClientSession() as http:
        found = Asked(Desk(tmp_path / "desk"), http)
        found.base = f"http://127.0.0.1:{await found.node.start(0)}"
        yield found
        await found.node.stop()


async def test_only_its_own_page_with_its_token_is_answered(asked: Asked) -> None:
    assert (await asked.ask("GET", "/api/desk"))[0] == 200
    shelf = {"path": str(Path(__file__).parent)}
    assert (await asked.ask("POST", "/api/shelf", shelf))[0] == 200
    assert (await asked.ask("GET", "/api/desk", **{TOKEN_HEADER: "guessed"}))[0] == 403
    assert (await asked.ask("POST", "/api/shelf", shelf, **{TOKEN_HEADER: ""}))[0] == 403
    assert (await asked.ask("POST", "/api/shelf", shelf, Origin="http://evil.example"))[0] == 403
    assert (await asked.ask("POST", "/api/shelf", shelf, **{"Content-Type": "text/plain"}))[0] == 403
    # A foreign name that was made to lead to this machine (DNS rebinding).
    assert (await asked.ask("GET", "/api/desk", Host="evil.example"))[0] == 421
    assert (await asked.ask("GET", "/bidder/", Host="evil.example"))[0] == 421


def mode(path: str) -> int:
    return Path(path).stat().st_mode & 0o777


async def test_what_is_shown_holds_neither_ticket_nor_key(asked: Asked, tmp_path: Path) -> None:
    bidder = Bidder(tmp_path, MEGABYTE)
    assert asked.desk.seal([str(bidder.folder / "bid")], str(bidder.policy))
    asked.desk.wait()
    assert asked.desk.upload("http://127.0.0.1:1", "s-1", "a-ticket-of-mine")
    asked.desk.wait()
    status, told = await asked.ask("GET", "/api/desk")
    assert status == 200
    assert told["sealed"]["files"] == 1
    assert "中断" in told["trouble"]["zh"]
    assert "a-ticket-of-mine" not in str(told)
    assert "PRIVATE" not in str(told)
    assert mode(told["key"]) == 0o600
    # Another start goes on where this one stood.
    assert Desk(tmp_path / "desk").seen().sealed == asked.desk.seen().sealed


async def test_one_work_is_done_at_a_time(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    going, begun = threading.Event(), threading.Event()

    def waits(*_: object) -> Path:
        begun.set()
        going.wait(30)
        raise OSError("enough")

    monkeypatch.setattr("ops.bids.reading.policy", waits)
    with pytest.MonkeyPatch.context() as quiet:
        quiet.setattr(threading, "excepthook", lambda _: None)
        assert asked.desk.seal(["x"], "y")
        begun.wait(30)
        status, told = await asked.ask("POST", "/api/withdraw", {})
        assert (status, told["refused"]["code"]) == (429, "TooBusy")
        going.set()
        asked.desk.wait()
    seen = asked.desk.seen()
    assert seen.doing is None
    assert seen.trouble is not None
