"""The HTTP door of a custodian's service (SPEC 28.7): health, roll-call, release, and its keeper's console.

Sockets and codes only; what may be answered is `service`'s. A record is replayed in a thread, one at a time.
"""

import asyncio
from collections.abc import Callable
from typing import Final

import msgspec
from aiohttp import web

from protocol.refusals import Refusal, refuse
from sub_venue.custody import console
from sub_venue.custody.judgement import Refused
from sub_venue.custody.releases import Torn
from sub_venue.custody.service import Answered, Asked, Service

BODY_BYTES_MAX: Final = 268_435_456
"""Largest question: a whole record, and the headers of all its bids."""
_JSON: Final = "application/json"


def app(service: Service) -> web.Application:
    """The door of one custodian."""
    one_at_a_time = asyncio.Lock()

    async def answer(request: web.Request, act: Callable[[Asked], Answered]) -> web.Response:
        try:
            asked = msgspec.json.decode(await request.read(), type=Asked)
        except msgspec.MsgspecError as error:
            return _refused(refuse("Malformed", why=str(error)), web.HTTPBadRequest.status_code)
        try:
            async with one_at_a_time:
                answered = await asyncio.to_thread(act, asked)
        except Refused as refused:
            return _refused(refused.refusal, web.HTTPConflict.status_code)
        except (OSError, Torn) as fault:
            refusal = refuse("CustodyRefused", part="disk", why=str(fault))
            return _refused(refusal, web.HTTPServiceUnavailable.status_code)
        return web.Response(body=msgspec.json.encode(answered), content_type=_JSON)

    async def roll_call(request: web.Request) -> web.Response:
        return await answer(request, service.answer_roll_call)

    async def release(request: web.Request) -> web.Response:
        return await answer(request, service.release)

    async def health(_: web.Request) -> web.Response:
        told = await asyncio.to_thread(service.health)
        status = 200 if told.ok else web.HTTPServiceUnavailable.status_code
        return web.Response(body=msgspec.json.encode(told), content_type=_JSON, status=status)

    async def page(request: web.Request) -> web.Response:
        body = await asyncio.to_thread(console.PAGE.read_bytes)
        return console.page_answer(request, body, "text/html")

    async def told(request: web.Request) -> web.Response:
        try:
            body = await asyncio.to_thread(lambda: console.encoded(console.shown(service)))
        except (OSError, Torn) as fault:
            refusal = refuse("CustodyRefused", part="disk", why=str(fault))
            return _refused(refusal, web.HTTPServiceUnavailable.status_code)
        return console.page_answer(request, body, _JSON)

    made = web.Application(client_max_size=BODY_BYTES_MAX)
    made.add_routes(
        [
            web.get("/health", health),
            web.get("/readyz", health),
            web.post("/roll-call", roll_call),
            web.post("/release", release),
            web.get("/", page),
            web.get("/console.json", told),
        ]
    )
    return made


def _refused(refusal: Refusal, status: int) -> web.Response:
    return web.Response(body=msgspec.json.encode(refusal), content_type=_JSON, status=status)
