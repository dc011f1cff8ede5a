"""The bidder's local node (`tongchang bidder`): a page on this machine alone, in place of a terminal.

Loopback only. The page's address carries a token behind `#`, which no server and no log sees; every request
bears it in a header, and what changes something comes from our own page only (Origin, JSON). Other names are
turned away (DNS rebinding). What is done is `desk`'s.
"""

import asyncio
import hmac
import signal
import webbrowser
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec
from aiohttp import web
from msgspec import Struct

from ops import senses
from ops.bidder.desk import Desk
from ops.trouble import Trouble
from protocol import serving, wire
from protocol.refusals import Refusal, refuse

HOST: Final = "127.0.0.1"
TOKEN_HEADER: Final = "Tongchang-Token"  # noqa: S105 - a header's name
PAGE: Final = Path(__file__).resolve().parents[1] / "web" / "bidder" / "dist"
_BODY_BYTES_MAX: Final = 65_536
_FILES_MAX: Final = 256

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
T = TypeVar("T")


class Where(Struct, frozen=True, forbid_unknown_fields=True):
    """A folder to look into; empty for the home folder."""

    path: str


class ToSeal(Struct, frozen=True, forbid_unknown_fields=True):
    """Files and folders, and the tender's sealing policy."""

    files: tuple[str, ...]
    policy: str


class ToSend(Struct, frozen=True, forbid_unknown_fields=True):
    """Where to hand in; the ticket may be empty when it was given before."""

    to: str
    session: str
    ticket: str


class ToUnlock(Struct, frozen=True, forbid_unknown_fields=True):
    """Public keys that the bid is released to, as files."""

    keys: tuple[str, ...]


class Nothing(Struct, frozen=True, forbid_unknown_fields=True):
    """No particulars."""


class Node:
    """The page's server."""

    def __init__(self, desk: Desk, token: str = "") -> None:
        """Serve this desk to whoever has the token."""
        self._desk = desk
        self.token = token or senses.Dice().bytes32().hex()
        self._runner: web.AppRunner | None = None

    async def start(self, port: int) -> int:
        """Listen on loopback; the port.

        Raises:
          OSError: the port is taken.
        """
        app = web.Application(client_max_size=_BODY_BYTES_MAX, middlewares=[self._guard])
        app.on_response_prepare.append(_add_headers)
        app.add_routes(
            [
                web.get("/", self._home),
                web.get("/api/desk", self._seen),
                web.post("/api/shelf", self._shelf),
                web.post("/api/seal", self._seal),
                web.post("/api/upload", self._upload),
                web.post("/api/withdraw", self._withdraw),
                web.post("/api/unlock", self._unlock),
                web.get("/bidder/{path:.*}", self._file),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, port)
        await site.start()
        return int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Listen no more."""
        if self._runner is not None:
            await self._runner.cleanup()

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Our own name; and for what is not a file of the page its token, and for acts its origin."""
        if serving.host_name(request.host) not in serving.LOOPBACK_NAMES:
            return web.Response(status=421, text="此地址不属于本机程序。\nThis name is not this program's.\n")
        if request.path.startswith("/api/"):
            told = request.headers.get(TOKEN_HEADER, "")
            if not hmac.compare_digest(told.encode(), self.token.encode()):
                return _refused(refuse("NotSignedIn"), 403)
            if request.method != "GET" and (
                request.headers.get("Origin") != f"http://{request.host}"
                or request.content_type != "application/json"
            ):
                return _refused(refuse("Malformed", why="origin"), 403)
        return await handler(request)

    async def _home(self, _: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": "/bidder/"})

    async def _seen(self, _: web.Request) -> web.Response:
        return _json(await asyncio.to_thread(self._desk.seen))

    async def _shelf(self, request: web.Request) -> web.Response:
        asked = await _asked(request, Where)
        if isinstance(asked, Refusal):
            return _refused(asked, 400)
        try:
            return _json(await asyncio.to_thread(self._desk.shelf, asked.path))
        except Trouble as trouble:
            return _json({"trouble": {"zh": trouble.zh, "en": trouble.en}}, 400)

    async def _seal(self, request: web.Request) -> web.Response:
        return await self._started(
            request, ToSeal, lambda one: self._desk.seal(one.files[:_FILES_MAX], one.policy)
        )

    async def _upload(self, request: web.Request) -> web.Response:
        return await self._started(
            request, ToSend, lambda one: self._desk.upload(one.to, one.session, one.ticket)
        )

    async def _withdraw(self, request: web.Request) -> web.Response:
        return await self._started(request, Nothing, lambda _: self._desk.withdraw())

    async def _unlock(self, request: web.Request) -> web.Response:
        return await self._started(request, ToUnlock, lambda one: self._desk.unlock(one.keys))

    async def _started(self, request: web.Request, form: type[T], start: Callable[[T], bool]) -> web.Response:
        """Begin a work; how it goes is told by `/api/desk`."""
        asked = await _asked(request, form)
        if isinstance(asked, Refusal):
            return _refused(asked, 400)
        return _json({}) if start(asked) else _refused(refuse("TooBusy"), 429)

    async def _file(self, request: web.Request) -> web.StreamResponse:
        wanted = request.match_info["path"] or "index.html"
        folder = PAGE.resolve()
        if not (folder / "index.html").is_file():
            return web.Response(status=503, text=serving.NOT_BUILT)
        path = (folder / wanted).resolve()
        if not path.is_relative_to(folder) or not path.is_file():
            return web.Response(status=404, text=serving.NO_SUCH_PAGE)
        return web.FileResponse(path, headers={"Cache-Control": serving.cache_control(wanted)})


async def run(folder: Path, port: int, *, browser: bool) -> None:
    """Serve until Ctrl-C.

    Raises:
      Trouble: the port is taken, or the folder cannot be used.
    """
    node = Node(Desk(folder))
    try:
        own = await node.start(port)
    except OSError as error:
        raise Trouble(
            f"端口 {port} 已被占用({error.strerror})。请换一个,或用 --port 0。",
            f"Port {port} is taken ({error.strerror}). Name another, or use --port 0.",
        ) from error
    address = f"http://{HOST}:{own}/bidder/#token={node.token}"
    print(
        f"✓ 投标网页(仅限本机):{address}\n  The bidder's page, on this machine alone. Ctrl-C ends it.",
        flush=True,
    )
    if browser:
        await asyncio.to_thread(webbrowser.open, address)
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    try:
        await told.wait()
    finally:
        await node.stop()


async def _asked(request: web.Request, form: type[T]) -> T | Refusal:
    try:
        return msgspec.json.decode(await request.read(), type=form)
    except msgspec.MsgspecError as error:
        return refuse("Malformed", why=str(error)[:200])


def _json(body: Any, status: int = 200) -> web.Response:
    return web.Response(body=msgspec.json.encode(body), status=status, content_type="application/json")


def _refused(why: Refusal, status: int) -> web.Response:
    return _json({"refused": wire.refused(why)}, status)


async def _add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    for name, value in serving.HEADERS.items():
        response.headers.setdefault(name, value)
