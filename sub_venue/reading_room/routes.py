"""The reading room's paths at the node's door (SPEC 14.3): HTTP in, pictures and JSON out, never a file.

Owns paths, statuses and how a token travels: in the `Authorization` header, so that it stands in no address
and no page of another origin can send it. What is answered may not be stored. What is asked is the room's
to judge.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec
from aiohttp import web

from protocol import limits, wire
from protocol.refusals import Refusal, refuse
from sub_venue.reading_room.room import Room, Wanted

SCHEME: Final = "Bearer "
STATUSES: Final = {
    "NotSignedIn": 401, "ReadingEnded": 401, "ShelfClosed": 403, "UnknownDocument": 404, "Malformed": 400,
    "DocumentChanged": 409, "PageUnreadable": 422, "TooBusy": 429, "ReaderRestarting": 503, "Stopping": 503,
}  # fmt: skip
"""Refusal code → HTTP status; a page acts on the code."""

_BASE = r"/reading/{session:[A-Za-z0-9._-]{1,64}}/{seat:[A-Za-z0-9._-]{1,64}}"
_DOCUMENT = _BASE + r"/{document:[A-Za-z0-9._-]{1,64}}"
_PAGE = _DOCUMENT + r"/{page:[1-9][0-9]{0,4}}"


class Routes:
    """The paths of one room."""

    def __init__(self, room: Room) -> None:
        """Serve this room."""
        self._room = room

    def add(self, app: web.Application) -> None:
        """Put the paths into an application."""
        for path, answer in (
            (f"{_BASE}/search", self._search),
            (f"{_PAGE}.webp", self._picture),
            (f"{_PAGE}.json", self._text),
            (_DOCUMENT, self._about),
        ):
            app.router.add_get(path, self._guarded(answer))

    def _guarded(
        self, answer: Callable[[web.Request, str], Awaitable[Any]]
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handler(request: web.Request) -> web.StreamResponse:
            told = request.headers.get("Authorization", "")
            token = told.removeprefix(SCHEME) if told.startswith(SCHEME) else ""
            find = request.query.get("find", "")
            if len(find) > limits.FIND_CHARS_MAX:
                return _refused(refuse("TooLarge", size=len(find), limit=limits.FIND_CHARS_MAX))
            found = await answer(request, token)
            if isinstance(found, Refusal):
                return _refused(found)
            if isinstance(found, bytes):
                return web.Response(body=found, content_type="image/webp")
            return web.Response(body=msgspec.json.encode(found), content_type="application/json")

        return handler

    async def _about(self, request: web.Request, token: str) -> Any:
        told = request.match_info
        return await self._room.about(token, told["session"], told["seat"], told["document"])

    async def _picture(self, request: web.Request, token: str) -> Any:
        told = request.match_info
        return await self._room.picture(
            token, told["session"], told["seat"], told["document"], int(told["page"]),
            request.query.get("scale", "normal"),
        )  # fmt: skip

    async def _text(self, request: web.Request, token: str) -> Any:
        told = request.match_info
        return await self._room.text(
            token, told["session"], told["seat"], told["document"], int(told["page"]),
            request.query.get("find", ""),
        )  # fmt: skip

    async def _search(self, request: web.Request, token: str) -> Any:
        told, asked = request.match_info, request.query
        wanted = Wanted(asked.get("find", ""), asked.get("document", ""), asked.get("code", ""))
        return await self._room.search(token, told["session"], told["seat"], wanted)


def _refused(refusal: Refusal) -> web.Response:
    body = msgspec.json.encode({"refused": wire.refused(refusal)})
    return web.Response(body=body, status=STATUSES.get(refusal.code, 400), content_type="application/json")
