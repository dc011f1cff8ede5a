"""People outside any venue, as browsers: cookies, an origin, and server-sent events."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import msgspec

from protocol.outside import BidderNews
from server.assembly import Coordinator
from tests.server.acting import WAIT_S


class Browser:
    """One browser in front of a coordinator's pages."""

    def __init__(self, running: Coordinator, http: aiohttp.ClientSession) -> None:
        self.base = f"http://127.0.0.1:{running.listeners.plain_port}"
        self.http = http

    async def post(self, path: str, body: Any, **headers: str) -> tuple[int, Any]:
        told = {"Origin": self.base, "Content-Type": "application/json", **headers}
        async with self.http.post(self.base + path, data=msgspec.json.encode(body), headers=told) as answer:
            text = await answer.text()
            return answer.status, msgspec.json.decode(text) if text.startswith("{") else text

    async def get(self, path: str, **headers: str) -> tuple[int, Any]:
        async with self.http.get(self.base + path, headers=headers) as answer:
            text = await answer.text()
            return answer.status, msgspec.json.decode(text) if text.startswith("{") else text

    async def sign_in(self, bidder: str, code: str, session: str = "s-1") -> tuple[int, Any]:
        asked = {"session": session, "bidder": bidder, "code": code}
        return await self.post("/bidder/api/sign_in", asked)

    @contextlib.asynccontextmanager
    async def events(self, since: str = "") -> AsyncIterator["Events"]:
        headers = {"Last-Event-ID": since} if since else {}
        async with self.http.get(self.base + "/bidder/api/events", headers=headers) as answer:
            yield Events(answer)


class Events:
    """An event stream as it comes."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self.answer = answer

    async def next(self) -> tuple[str, str, Any]:
        """The next event: its name, id and data, empty at the end; comments are passed over."""
        name, id_ = "", ""
        async with asyncio.timeout(WAIT_S):
            while raw := await self.answer.content.readline():
                line = raw.decode().rstrip("\n")
                if line.startswith("id: "):
                    id_ = line[4:]
                elif line.startswith("event: "):
                    name = line[7:]
                elif line.startswith("data: "):
                    return name, id_, msgspec.json.decode(line[6:])
        return "", "", None

    async def news(self) -> BidderNews:
        name, id_, data = await self.next()
        assert name == "news", (name, data)
        news = msgspec.convert(data, BidderNews)
        assert id_ == str(news.since + len(news.lines))
        return news


@contextlib.asynccontextmanager
async def browser(running: Coordinator) -> AsyncIterator[Browser]:
    jar = aiohttp.CookieJar(unsafe=True)
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(cookie_jar=jar, connector=connector, read_bufsize=2**20) as http:
        yield Browser(running, http)
