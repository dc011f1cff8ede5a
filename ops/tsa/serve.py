"""`tongchang tsa`: time-stamps over HTTP on loopback (RFC 3161, 3.4).

Owns the one route, `POST /`, its bounds, and each stamp's number. The time is this machine's clock: a real
authority's comes from a national time centre.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from aiohttp import web

from main_venue.signing.stamping import QUERY, REPLY
from ops import senses
from ops.trouble import Trouble
from ops.tsa import answering
from ops.tsa.answering import Own

PORT: Final = 7791
QUESTION_BYTES_MAX: Final = 65_536


def application(own: Own) -> web.Application:
    """The route of an authority."""
    app = web.Application(client_max_size=QUESTION_BYTES_MAX)

    async def stamp(request: web.Request) -> web.Response:
        if request.content_type != QUERY:
            raise web.HTTPUnsupportedMediaType
        raw = answering.answer(await request.read(), own, senses.now_ms(), _serial())
        return web.Response(body=raw, content_type=REPLY)

    app.router.add_post("/", stamp)
    return app


async def serve(own: Own, port: int, until: asyncio.Event, ready: Callable[[str], None]) -> None:
    """Serve on 127.0.0.1 until an event is set; `ready` is called with the address once it answers.

    Args:
      own: who stamps.
      port: 0 for any that is free.
      until: when to stop.
      ready: told the address.

    Raises:
      Trouble: the port is taken.
    """
    runner = web.AppRunner(application(own), access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", port)
        try:
            await site.start()
        except OSError as error:
            raise Trouble(
                f"无法使用端口 {port}({error.strerror})。请用 --port 指定另一个。",
                f"Cannot use port {port} ({error.strerror}). Name another with --port.",
            ) from error
        ready(f"http://127.0.0.1:{runner.addresses[0][1]}/")
        await until.wait()
    finally:
        await runner.cleanup()


def _serial() -> int:
    """A number never given before: 159 bits of chance (RFC 3161, 2.4.2, asks for no order)."""
    return int.from_bytes(senses.Dice().bytes32("stamp")[:20], "big") >> 1
