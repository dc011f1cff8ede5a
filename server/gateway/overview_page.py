"""The operator's overview over HTTP: as JSON, live, and who may see it (SPEC 10.4).

Owns access: whoever asks on this machine itself, or brings the operator's token. A browser elsewhere gives
the token once and gets a cookie for a while; these are few, and gone when the process ends.
"""

import asyncio
import hashlib
import hmac
from collections.abc import AsyncGenerator, Callable

import msgspec
from aiohttp import web
from msgspec import Struct
from pydantic import SecretStr

from protocol.refusals import refuse
from server.config import Bounds
from server.gateway.overview import Overview
from server.gateway.pages import Pages, answer, event, refusal, stream
from server.senses import Senses

COOKIE = "tongchang_operator"
_TOKEN_CHARS_MAX = 1_024
_SECRET_BYTES = 32
REFUSED = (
    "运行总览只在本机提供。请在协调系统所在机器上打开,或以配置中的 operator_token 登录。\n"
    "The overview is for this machine only. Open it where the coordinator runs, or sign in with the "
    "operator_token of its configuration.\n"
)


class _SignIn(Struct, forbid_unknown_fields=True):
    token: str


class OverviewPage:
    """The routes of the overview."""

    def __init__(
        self, pages: Pages, look: Callable[[], Overview], senses: Senses, bounds: Bounds,
        token: SecretStr | None, *, secure: bool,
    ) -> None:  # fmt: skip
        """Tell what `look` sees."""
        self._pages = pages
        self._look = look
        self._senses = senses
        self._bounds = bounds
        self._token = token
        self._secure = secure
        self._signed_in: dict[bytes, int] = {}
        self._streams = 0
        self._stopped = asyncio.Event()

    def routes(self) -> list[web.RouteDef]:
        """What the page and scripts ask for."""
        return [
            web.get("/overview", self._json),
            web.get("/overview/api/events", self._events),
            web.get("/overview/api/access", self._access),
            web.post("/overview/api/sign_in", self._sign_in),
        ]

    def stop(self) -> None:
        """End every stream."""
        self._stopped.set()

    def allows(self, request: web.Request) -> bool:
        """Whether whoever asks may see how the house stands."""
        if self._pages.is_here(request):
            return True
        told = request.headers.get("Authorization", "")
        if told.startswith("Bearer ") and self._is_token(told.removeprefix("Bearer ")):
            return True
        until = self._signed_in.get(_kept(request.cookies.get(COOKIE, "")), 0)
        return until > self._senses.running_ms()

    async def _json(self, request: web.Request) -> web.Response:
        return answer(self._look()) if self.allows(request) else denied()

    async def _access(self, request: web.Request) -> web.Response:
        """Whether this browser may see it, and whether there is a token to sign in with."""
        return answer({"allowed": self.allows(request), "token": self._token is not None})

    async def _sign_in(self, request: web.Request) -> web.Response:
        if not self._pages.is_ours(request):
            return refusal(refuse("Malformed", why="origin"))
        try:
            asked = msgspec.json.decode(await request.read(), type=_SignIn)
        except msgspec.MsgspecError as error:
            return refusal(refuse("Malformed", why=str(error)[:200]))
        if not self._is_token(asked.token):
            return denied()
        secret = self._senses.secret(_SECRET_BYTES).hex()
        while len(self._signed_in) >= self._bounds.operator_sign_ins_max:
            del self._signed_in[next(iter(self._signed_in))]
        self._signed_in[_kept(secret)] = self._senses.running_ms() + self._bounds.operator_sign_in_ms
        response = answer({})
        response.set_cookie(
            COOKIE, secret, max_age=self._bounds.operator_sign_in_ms // 1000, path="/overview",
            httponly=True, samesite="Strict", secure=self._secure,
        )  # fmt: skip
        return response

    async def _events(self, request: web.Request) -> web.StreamResponse:
        if not self.allows(request):
            return denied()
        if self._streams >= self._bounds.overview_streams_max:
            return refusal(refuse("TooBusy"))
        self._streams += 1
        try:
            return await stream(request, self._told(request), self._bounds.page_write_wait_ms / 1000)
        finally:
            self._streams -= 1

    async def _told(self, request: web.Request) -> AsyncGenerator[bytes, None]:
        while not self._stopped.is_set() and self.allows(request):
            yield event("overview", self._look())
            waiting = asyncio.ensure_future(self._stopped.wait())
            await asyncio.wait({waiting}, timeout=self._bounds.overview_ms / 1000)
            waiting.cancel()

    def _is_token(self, given: str) -> bool:
        if self._token is None or len(given) > _TOKEN_CHARS_MAX:
            return False
        return hmac.compare_digest(given.encode(), self._token.get_secret_value().encode())


def denied() -> web.Response:
    """What everybody else is told."""
    return web.Response(status=403, text=REFUSED)


def _kept(secret: str) -> bytes:
    """What is kept of a cookie."""
    return hashlib.sha256(secret.encode()).digest()
