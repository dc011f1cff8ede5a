"""The phone's page over HTTP: what there is to sign, and what was signed (SPEC 19.4, 19.5).

Owns the routes. A phone has no cookie and no account: whoever holds a scan's nonce may see what is to be
signed, and only the passkey of its person makes anything of it. What a scan is, `voices` and `entrance` say.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from aiohttp import web

from protocol import voices as forms
from protocol.refusals import Refusal, refuse
from server.gateway.entrance import Entrance
from server.gateway.pages import Pages, answer, refusal
from server.gateway.voices import Voices
from server.store.contract import NotDurable


class ScanPage:
    """The routes of the phone's page."""

    def __init__(self, pages: Pages, voices: Voices, entrance: Entrance) -> None:
        """Serve it, for scans of either room."""
        self._pages = pages
        self._voices = voices
        self._entrance = entrance

    def routes(self) -> list[web.RouteDef]:
        """What the page asks for."""

        async def shown(asked: forms.ScanAsk) -> forms.ScanShown | Refusal:
            return self._room(asked.nonce).shown(asked.nonce)

        async def sign(given: forms.ScanSign) -> forms.ScanDone | Refusal:
            return await self._room(given.nonce).sign(given)

        async def enrol(given: forms.ScanEnrol) -> forms.ScanDone | Refusal:
            return self._voices.enrol(given)

        return [
            web.post(forms.SCAN_STATEMENT, self._route(forms.ScanAsk, shown)),
            web.post(forms.SCAN_SIGN, self._route(forms.ScanSign, sign)),
            web.post(forms.SCAN_ENROL, self._route(forms.ScanEnrol, enrol)),
        ]

    def _room(self, nonce: bytes) -> Voices | Entrance:
        """Where a scan was begun; one of neither is refused by either."""
        return self._voices if self._entrance.scans.find(nonce) is None else self._entrance

    def _route(
        self, form: Any, do: Callable[[Any], Awaitable[Any]]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def asked(request: web.Request) -> web.Response:
            if not self._pages.is_ours(request):
                return refusal(refuse("Malformed", why="origin"))
            try:
                done = await do(msgspec.json.decode(await request.read(), type=form))
            except msgspec.MsgspecError as error:
                return refusal(refuse("Malformed", why=str(error)[:200]))
            except NotDurable:
                return refusal(refuse("NotDurable"))
            return refusal(done) if isinstance(done, Refusal) else answer(done)

        return asked
