"""The bidder's page over HTTP: signing in and out, the clock, and what is told live (SPEC 10.3).

Owns the cookie and the routes. Who a bidder is, and which of its acts come in by this door, says `bidders`;
what it is shown, the fold.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

import msgspec
from aiohttp import web
from msgspec import Struct

from protocol import entering, outside, voices, wire
from protocol.entering import EnterAsk, EnterGive
from protocol.heads import HeadTold
from protocol.outside import BidderKey, BidderSeated, BidderSignIn, ClockNote
from protocol.refusals import Refusal, refuse
from protocol.wire import Answer, Attested, Proof, Submit
from server import telemetry
from server.config import Bounds
from server.fanout.outside import Crowded, Outside
from server.gateway.bidder_entrance import BidderEntrance, From
from server.gateway.bidder_voices import BidderVoices
from server.gateway.bidders import BidderDoor, Cookie
from server.gateway.pages import BEAT, Pages, answer, body, event, refusal, stream
from server.senses import Senses
from server.store.contract import DamagedEntry, NotDurable

COOKIE = "tongchang_bidder"
PATH = "/bidder/"
OWN_BYTES_MAX = 262_144
"""Of a bidder's own act, or statement: certificates travel with it."""

_log = telemetry.logger("server.gateway")


class BidderPage:
    """The routes of the bidder's page."""

    def __init__(
        self,
        pages: Pages,
        door: BidderDoor,
        given: BidderVoices,
        entrance: BidderEntrance,
        board: Outside,
        senses: Senses,
        bounds: Bounds,
        head: Callable[[str], Awaitable[HeadTold]],
        *,
        secure: bool,
    ) -> None:
        """Serve it; `given` voices to keys, `head` tells a session's newest signed head.

        `secure` where it goes over HTTPS, and then its cookie too.
        """
        self._head = head
        self._pages = pages
        self._door = door
        self._given = given
        self._entrance = entrance
        self._board = board
        self._senses = senses
        self._wait_s = bounds.page_write_wait_ms / 1000
        self._secure = secure

    def routes(self) -> list[web.RouteDef]:
        """What the page asks for."""
        return [
            web.post(outside.BIDDER_SIGN_IN, self._sign_in),
            web.post(outside.BIDDER_SIGN_OUT, self._sign_out),
            web.get(outside.BIDDER_SEATED, self._seated),
            web.get(outside.BIDDER_CLOCK, self._clock),
            web.get(outside.BIDDER_EVENTS, self._events),
            web.post(outside.BIDDER_BIND, self._bind),
            web.post(outside.BIDDER_ACT, self._act),
            web.get(outside.BIDDER_WAYS, self._ways),
            web.post(outside.BIDDER_HERE, self._here),
            web.get(outside.BIDDER_HEAD, self._newest),
            self._enter(entering.ENTER_ASK, EnterAsk, self._entrance.ask),
            self._enter(entering.ENTER_GIVE, EnterGive, self._entrance.give),
            self._enter(entering.ENTER_SCANNED, Proof, self._entrance.scanned),
            self._voice(voices.VOICE_ASK, voices.VoiceAsk, self._given.ask),
            self._voice(voices.VOICE_GIVE, voices.VoiceGive, self._given.give),
            self._voice(voices.VOICE_SCANNED, voices.VoiceScanned, self._given.scanned),
            self._voice(voices.PASSKEY_BIND, voices.PasskeyBind, self._given.bind),
        ]

    def _voice(
        self, name: str, form: Any, do: Callable[[str, str, Any], Awaitable[Struct | Refusal]]
    ) -> web.RouteDef:
        """What a desk would ask its node by this name."""

        async def asked(request: web.Request) -> web.Response:
            async def ask(cookie: str, raw: bytes) -> Struct | Refusal:
                return await do(cookie, request.remote or "", msgspec.json.decode(raw, type=form))

            return await self._own(request, ask)

        return web.post(outside.BIDDER_VOICES + name, asked)

    def _enter(
        self, name: str, form: Any, do: Callable[[From, Any], Awaitable[Struct | Refusal]]
    ) -> web.RouteDef:
        """What a desk would ask its node by this name, before anybody has signed in; a cookie is the end."""

        async def asked(request: web.Request) -> web.Response:
            page = From(request.remote or "", request.headers.get("Origin", ""))

            async def ask(_: str, raw: bytes) -> Struct | Refusal:
                return await do(page, msgspec.json.decode(raw, type=form))

            return await self._own(request, ask)

        return web.post(outside.BIDDER_VOICES + name, asked)

    async def _here(self, request: web.Request) -> web.Response:
        """Somebody is at work at the page."""

        async def here(cookie: str, _: bytes) -> Struct | Refusal:
            return await self._door.here(cookie)

        return await self._own(request, here)

    async def _newest(self, request: web.Request) -> web.Response:
        """The newest signed head of the log of the cookie's session, and the policy of the installation."""
        seated = await self._whose(request)
        if isinstance(seated, Refusal):
            return refusal(seated)
        return answer(await self._head(seated.session))

    async def _ways(self, _: web.Request) -> web.Response:
        return answer(self._entrance.ways)

    async def _sign_in(self, request: web.Request) -> web.Response:
        if not self._pages.is_ours(request):
            return refusal(refuse("Malformed", why="origin"))
        try:
            asked = msgspec.json.decode(await request.read(), type=BidderSignIn)
            given = await self._door.sign_in(asked)
        except msgspec.MsgspecError as error:
            return refusal(refuse("Malformed", why=str(error)[:200]))
        except NotDurable:
            return refusal(refuse("NotDurable"))
        if isinstance(given, Refusal):
            return refusal(given)
        return self._seat(given)

    def _seat(self, given: Cookie) -> web.Response:
        """Whose page it is now, with the cookie that says so."""
        _log.info("bidder signed in", session=given.seated.session)
        response = answer(given.seated)
        left_s = max(0, given.seated.until - self._senses.now_ms()) // 1000
        response.set_cookie(
            COOKIE, given.value, max_age=left_s, path=PATH, httponly=True, samesite="Strict",
            secure=self._secure,
        )  # fmt: skip
        return response

    async def _sign_out(self, request: web.Request) -> web.Response:
        if not self._pages.is_ours(request):
            return refusal(refuse("Malformed", why="origin"))
        try:
            await self._door.sign_out(request.cookies.get(COOKIE, ""))
        except NotDurable:
            return refusal(refuse("NotDurable"))
        response = answer({})
        response.del_cookie(COOKIE, path=PATH, httponly=True, samesite="Strict", secure=self._secure)
        return response

    async def _bind(self, request: web.Request) -> web.Response:
        """A key of the page's own is vouched for."""

        async def vouch(cookie: str, raw: bytes) -> Attested | Refusal:
            return await self._door.attest(cookie, msgspec.json.decode(raw, type=BidderKey))

        return await self._own(request, vouch)

    async def _act(self, request: web.Request) -> web.Response:
        """A bidder's own signed act."""

        async def hand_on(cookie: str, raw: bytes) -> Answer | Refusal:
            return await self._door.act(cookie, msgspec.json.decode(raw, type=Submit))

        return await self._own(request, hand_on)

    async def _own(
        self, request: web.Request, do: Callable[[str, bytes], Awaitable[Struct | Refusal]]
    ) -> web.Response:
        """What our own page asks for the bidder of its cookie."""
        if not self._pages.is_ours(request):
            return refusal(refuse("Malformed", why="origin"))
        try:
            async with asyncio.timeout(self._wait_s):
                raw = await body(request, OWN_BYTES_MAX)
            done = raw if isinstance(raw, Refusal) else await do(request.cookies.get(COOKIE, ""), raw)
        except TimeoutError:
            return refusal(refuse("TooBusy"))
        except msgspec.MsgspecError as error:
            return refusal(refuse("Malformed", why=str(error)[:200]))
        except (NotDurable, OSError):
            return refusal(refuse("NotDurable"))
        if isinstance(done, Cookie):
            return self._seat(done)
        return refusal(done) if isinstance(done, Refusal) else answer(done)

    async def _seated(self, request: web.Request) -> web.Response:
        """Whose page this is: asked before there is a cookie too, so that nobody is no fault."""
        seated = await self._whose(request)
        return refusal(seated, 200) if isinstance(seated, Refusal) else answer(seated)

    async def _clock(self, _: web.Request) -> web.Response:
        return answer(ClockNote(self._senses.now_ms()))

    async def _events(self, request: web.Request) -> web.StreamResponse:
        seated = await self._whose(request)
        if isinstance(seated, Refusal):
            return await self._ended(request, seated)
        told = request.headers.get("Last-Event-ID") or request.query.get("since") or "0"
        since = int(told) if told.isascii() and told.isdigit() and len(told) <= len(str(2**53)) else 0
        return await stream(request, self._told(request, seated, since), self._wait_s)

    async def _told(
        self, request: web.Request, seated: BidderSeated, since: int
    ) -> AsyncGenerator[bytes, None]:
        """News as they come, for as long as the cookie is good; it is looked at before each."""
        try:
            async with contextlib.aclosing(
                self._board.follow(seated.session, seated.bidder, since)
            ) as following:
                async for news in following:
                    now = await self._whose(request)
                    if isinstance(now, Refusal):
                        if now.code != "NotDurable":
                            yield event(wire.UNSEATED, {"refused": wire.refused(now)})
                        return
                    if news is None:
                        yield BEAT
                    else:
                        yield event(wire.NEWS, news, str(news.since + len(news.lines)))
        except Crowded:
            yield event(wire.UNSEATED, {"refused": wire.refused(refuse("TooBusy"))})
        except (NotDurable, DamagedEntry) as error:
            # The stream ends, and the page asks again from its cursor.
            _log.error("cannot read for a bidder", session=seated.session, error=repr(error))

    async def _ended(self, request: web.Request, why: Refusal) -> web.StreamResponse:
        """A stream that says only why there is none; a page cannot read the status of one that fails."""

        async def said() -> AsyncGenerator[bytes, None]:
            yield event(wire.UNSEATED, {"refused": wire.refused(why)})

        return await stream(request, said(), self._wait_s)

    async def _whose(self, request: web.Request) -> BidderSeated | Refusal:
        try:
            return await self._door.whose(request.cookies.get(COOKIE, ""))
        except NotDurable:
            return refuse("NotDurable")
