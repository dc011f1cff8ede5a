"""The way of a page to media workers, through its own node: offers and answers, never pictures (SPEC 30.6).

Owns paths and what is handed on. A page loads nothing from elsewhere and asks nobody but its own node (the
pages' Content-Security-Policy); pictures and sound themselves go straight between browser and worker. Who
may do what is the worker's to say, by the secret that the page bears.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

import aiohttp
import structlog
from aiohttp import web

ANSWER_S: Final = 12.0
"""How long a worker may take to answer an offer, STUN and TURN included."""
PASSED_ON: Final = ("Content-Type", "Location", "Retry-After", "Cache-Control")
_ID = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
_REST = rf"(?:whip|whep)/{_ID}/[A-Za-z0-9._-]{{1,80}}|resource/[0-9a-f]{{32}}|sources/{_ID}|alive/{_ID}"
_PATH = rf"/media/{{place:here|house}}/{{session:{_ID}}}/{{rest:{_REST}}}"
_log = structlog.get_logger("sub_venue.cameras")


class Ways:
    """The paths of one node; `url` says where a session's worker answers, `moved` waits until elsewhere."""

    def __init__(
        self, url: Callable[[str, str], str | None], moved: Callable[[str, str, str], Awaitable[None]]
    ) -> None:
        """Hand on to these workers."""
        self._url, self._moved = url, moved
        self._http: aiohttp.ClientSession | None = None

    def add(self, app: web.Application) -> None:
        """Put the paths into an application."""
        app.router.add_route("*", _PATH, self._hand_on)
        app.cleanup_ctx.append(self._asking)

    async def _asking(self, _: web.Application) -> AsyncIterator[None]:
        # Each question by a connection of its own: one that was kept may lead over a network that is gone.
        connector = aiohttp.TCPConnector(force_close=True, limit=0)
        async with aiohttp.ClientSession(connector=connector) as self._http:
            yield

    async def _hand_on(self, request: web.Request) -> web.StreamResponse:
        told = request.match_info
        base = self._url(told["place"], told["session"])
        if base is None or self._http is None:
            return web.Response(status=503, headers={"Retry-After": "2"})
        if request.method not in ("GET", "PATCH", "POST", "DELETE"):
            return web.Response(status=405)
        url = f"{base}/{told['rest']}"
        headers = {
            name: request.headers[name]
            for name in ("Authorization", "Content-Type")
            if name in request.headers
        }
        body = await request.read()
        holds = told["rest"].startswith("alive/")
        timeout = aiohttp.ClientTimeout(total=None if holds else ANSWER_S, sock_connect=2.0)
        try:
            async with self._http.request(
                request.method, url, params=request.query, data=body, headers=headers, timeout=timeout
            ) as answer:
                if holds:
                    moved = self._moved(told["place"], told["session"], base)
                    return await _held(request, answer, moved)
                passed = {name: answer.headers[name] for name in PASSED_ON if name in answer.headers}
                return web.Response(status=answer.status, body=await answer.read(), headers=passed)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            _log.debug("media worker silent", place=told["place"], error=repr(error))
            return web.Response(status=503, headers={"Retry-After": "1"})


async def _held(
    request: web.Request, answer: aiohttp.ClientResponse, moved: Awaitable[None]
) -> web.StreamResponse:
    """Hold an answer open for as long as the worker does, and end it in order when that one has died.

    So it ends too when the session's worker is another one now.
    """
    response = web.StreamResponse(status=answer.status)
    await response.prepare(request)
    ends = asyncio.ensure_future(_read(answer, response)), asyncio.ensure_future(moved)
    try:
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in ends:
            one.cancel()
        await asyncio.gather(*ends, return_exceptions=True)
    return response


async def _read(answer: aiohttp.ClientResponse, response: web.StreamResponse) -> None:
    with contextlib.suppress(aiohttp.ClientError, OSError, asyncio.TimeoutError):
        async for chunk in answer.content.iter_any():
            await response.write(chunk)
