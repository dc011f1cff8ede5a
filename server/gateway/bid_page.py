"""Handing bids in over HTTP: the routes of SPEC 23.1 and what a request may cost.

Owns bodies, headers and statuses. Whether something is taken says `server.bids`. No address holds an id, a
number or a token, and nothing of a request is logged or counted: a proxy's log and our own numbers do not
tell that bids come in.
"""

import asyncio
from typing import Any, TypeVar

import msgspec
from aiohttp import web

from protocol import canonical
from protocol.limits import SEGMENT_BYTES
from protocol.refusals import Refusal, refuse
from protocol.seal import handing_in
from protocol.seal.handing_in import Announced, AskTender, Begin, SignedWithdrawal
from server.bids.receiving import Receiving
from server.config import Bounds
from server.gateway.pages import BODY_BYTES_MAX, Pages, answer, refusal
from server.store.contract import NotDurable

_BEARER = "Bearer "
_NUMBER_CHARS_MAX = 5
T = TypeVar("T")


class BidPage:
    """The routes by which sealed bids come in."""

    def __init__(self, pages: Pages, receiving: Receiving, bounds: Bounds) -> None:
        """Hand on to this room, within these bounds."""
        self._pages = pages
        self._receiving = receiving
        self._segments_at_once_max = bounds.bid_segments_at_once_max
        self._wait_s = bounds.bid_segment_wait_ms / 1000
        self._reading = 0

    def routes(self) -> list[web.RouteDef]:
        """What a bidder's program, or our own page, asks for."""
        return [
            web.post(handing_in.ANNOUNCE, self._announce),
            web.post(handing_in.TENDER, self._tender),
            web.post(handing_in.BEGIN, self._begin),
            web.put(handing_in.SEGMENT, self._segment),
            web.post(handing_in.WITHDRAW, self._withdraw),
        ]

    async def _announce(self, request: web.Request) -> web.Response:
        asked = await self.asked(request, Announced, handing_in.ANNOUNCED_BYTES_MAX)
        if isinstance(asked, Refusal):
            return refusal(asked)
        try:
            refused = await self._receiving.announce(asked)
        except NotDurable:
            return refusal(refuse("NotDurable"))
        return answer({}) if refused is None else refusal(refused)

    async def _tender(self, request: web.Request) -> web.Response:
        asked = await self.asked(request, AskTender, BODY_BYTES_MAX)
        return await self.done(asked, lambda one: self._receiving.tender(one.session))

    async def _begin(self, request: web.Request) -> web.Response:
        asked = await self.asked(request, Begin, handing_in.BEGIN_BYTES_MAX)
        return await self.done(asked, self._receiving.begin)

    async def _withdraw(self, request: web.Request) -> web.Response:
        asked = await self.asked(request, SignedWithdrawal, BODY_BYTES_MAX)
        return await self.done(asked, self._receiving.withdraw)

    async def _segment(self, request: web.Request) -> web.Response:
        told = request.headers.get("Authorization", "")
        number = request.headers.get("Segment", "")
        if not number.isascii() or not number.isdigit() or len(number) > _NUMBER_CHARS_MAX:
            return refusal(refuse("Malformed", why="segment"))
        token = told.removeprefix(_BEARER) if told.startswith(_BEARER) else ""
        try:
            waits = await self._receiving.waits(token)
        except NotDurable:
            return refusal(refuse("NotDurable"))
        if not waits:
            return refusal(refuse("UploadUnknown"))
        if self._reading >= self._segments_at_once_max:
            return refusal(refuse("TooBusy"))
        self._reading += 1
        try:
            data = await self._body(request, SEGMENT_BYTES)
            if isinstance(data, Refusal):
                return refusal(data)
            return await self.done(data, lambda one: self._receiving.put(token, int(number), one))
        finally:
            self._reading -= 1

    async def done(self, asked: Any, do: Any) -> web.Response:
        """What the room answers, as it travels."""
        if isinstance(asked, Refusal):
            return refusal(asked)
        try:
            done = await do(asked)
        except NotDurable:
            return refusal(refuse("NotDurable"))
        return refusal(done) if isinstance(done, Refusal) else answer(done)

    async def asked(self, request: web.Request, form: type[T], bytes_max: int) -> T | Refusal:
        """What was asked, of bounded length; `Malformed` where it has another form."""
        raw = await self._body(request, bytes_max)
        if isinstance(raw, Refusal):
            return raw
        try:
            asked = msgspec.json.decode(raw, type=form)
            canonical.encode(asked)
        except (msgspec.MsgspecError, canonical.NotCanonical) as error:
            return refuse("Malformed", why=str(error)[:200])
        return asked

    async def _body(self, request: web.Request, bytes_max: int) -> bytes | Refusal:
        """A body of bounded length, within a bounded time; a page's only from our own."""
        if "Origin" in request.headers and not self._pages.is_own_origin(request):
            return refuse("Malformed", why="origin")
        found = bytearray()
        try:
            async with asyncio.timeout(self._wait_s):
                async for piece in request.content.iter_any():
                    found += piece
                    if len(found) > bytes_max:
                        return refuse("TooLarge", size=len(found), limit=bytes_max)
        except (TimeoutError, ConnectionError):
            return refuse("TooBusy")
        return bytes(found)
