"""The landing page's door: on loopback only, under a name of its own, for this machine's own page alone.

Owns paths and headers. Requests under another name are turned away (DNS rebinding), and so is whatever asks
to change something from a page of another origin. Nothing is logged: a one-time code leaves in one answer, to
the click that asked for it. The picture is pushed as server-sent events. Sources: OWASP CSRF Prevention Cheat
Sheet; the same rules as `sub_venue.seats.pages`.
"""

import asyncio
import ipaddress
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

import msgspec
from aiohttp import web
from msgspec import Meta, Struct

from ops import ports
from ops.installation import LOOPBACK
from ops.landing import picture
from ops.landing.demonstration import Demonstration
from ops.landing.lines import Way
from ops.people.tempo import Pace
from ops.trouble import Trouble
from protocol.wire import Refused

NAME: Final = "tongchang.localhost"
PAGE: Final = Path(__file__).resolve().parent.parent / "web" / "landing" / "dist"
BODY_BYTES_MAX: Final = 4_096
WATCHERS_MAX: Final = 16
"""Pages that are pushed the picture at once."""
CALM_S: Final = 0.15
"""The least time between two pictures."""
BEAT_S: Final = 10.0
"""How long a push may be silent; then a comment says that the line lives."""
_CSP: Final = (
    "default-src 'self'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
_HEADERS: Final = {
    "Content-Security-Policy": _CSP,
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
_FOR_EVER: Final = "public, max-age=31536000, immutable"
_NAMED_BY_CONTENT: Final = re.compile(r"^assets/.+-[A-Za-z0-9_-]{8,}\.[a-z0-9]+$")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Text = Annotated[str, Meta(max_length=64)]


class Asked(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a button sends; each uses its own."""

    seat: Text = ""
    venue: Text = ""
    way: Way = "reset"
    pace: Pace = "brisk"
    point: Text = ""
    on: bool = True
    script: Text = ""


class Done(Struct, frozen=True, kw_only=True):
    """What a button is answered: an address to open, or why not."""

    url: str = ""
    refused: Refused | None = None


class Door:
    """The HTTP side of one demonstration."""

    def __init__(self, shown: Demonstration, port: int, *, host: str = LOOPBACK, page: Path = PAGE) -> None:
        """Prepare; nothing listens before `open`.

        Raises:
          Trouble: the address could be reached from another machine.
        """
        require_loopback(host)
        self.port = port
        self._shown = shown
        self._host = host
        self._page = page
        self._runner: web.AppRunner | None = None
        self._watchers: set[asyncio.Event] = set()
        self._spreading: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """The address that a person opens."""
        return f"http://{NAME}:{self.port}/"

    async def open(self) -> None:
        """Listen.

        Raises:
          Trouble: the port is taken.
        """
        app = web.Application(client_max_size=BODY_BYTES_MAX, middlewares=[self._guard])
        app.router.add_get("/", _home)
        app.router.add_get("/landing", _home)
        app.router.add_get("/landing/{path:.*}", self._file)
        app.router.add_get("/api/picture", self._picture)
        app.router.add_get("/api/events", self._events)
        app.router.add_get("/api/scripts", self._scripts)
        app.router.add_get("/files/{session}/{name}", self._take_away)
        app.router.add_post("/api/{button}", self._button)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self.port).start()
        except OSError as error:
            await self._runner.cleanup()
            held = ports.holder(self.port)
            by = "" if held is None else f" (PID {held.pid}: {held.command})"
            raise Trouble(
                f"演示首页要用的端口 {self.port} 已被占用{by}。请停止该程序,或换一组端口:--ports-from。",
                f"Port {self.port}, which the landing page needs, is taken{by}. Stop that program, or use "
                "other ports: --ports-from.",
            ) from error
        self.port = self._runner.addresses[0][1]
        self._spreading = asyncio.create_task(self._spread(), name="landing")

    async def close(self) -> None:
        """Listen no more; twice is the same as once."""
        if self._spreading is not None:
            self._spreading.cancel()
            await asyncio.gather(self._spreading, return_exceptions=True)
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    # --- who may ask ----------------------------------------------------------------------

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Only our own name; changes only from our own page; the headers that every answer carries."""
        try:
            if not self._is_ours(request.host):
                raise web.HTTPMisdirectedRequest(
                    text="此地址不属于演示首页。\nThis name is not the landing page's.\n"
                )
            if request.method != "GET" and not self._is_own_page(request):
                raise web.HTTPForbidden(
                    text="只有演示首页自己可以操作。\nOnly the landing page itself may do this.\n"
                )
            response = await handler(request)
        except web.HTTPException as error:
            _add_headers(error)
            raise
        if not response.prepared:
            _add_headers(response)
        return response

    def _is_ours(self, host: str) -> bool:
        told = urlsplit(f"//{host}")
        return told.hostname in (NAME, "localhost", "127.0.0.1", "::1") and (told.port or 80) == self.port

    def _is_own_page(self, request: web.Request) -> bool:
        """A browser names its page's origin with every POST; JSON alone no foreign form can send."""
        own = f"http://{request.host}"
        return request.headers.get("Origin") == own and request.content_type == "application/json"

    # --- what is asked --------------------------------------------------------------------

    async def _file(self, request: web.Request) -> web.StreamResponse:
        folder = self._page.resolve()
        wanted = request.match_info["path"] or "index.html"
        if not (folder / "index.html").is_file():
            raise web.HTTPServiceUnavailable(
                text="页面尚未构建。请运行 ops/run --prepare。\n"
                "The page is not built yet. Run ops/run --prepare.\n"
            )
        path = (folder / wanted).resolve()
        if not path.is_relative_to(folder) or not path.is_file():
            raise web.HTTPNotFound(text="没有此页面。\nThere is no such page.\n")
        cached = _FOR_EVER if _NAMED_BY_CONTENT.match(wanted) else "no-cache"
        return web.FileResponse(path, headers={"Cache-Control": cached})

    async def _picture(self, _: web.Request) -> web.Response:
        return _json(picture.encode(self._shown.picture()))

    async def _scripts(self, _: web.Request) -> web.Response:
        """What may be begun; asked for once, since it never changes."""
        return _json(msgspec.json.encode(await self._shown.offers()))

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """The picture now and whenever it changes, until the page goes."""
        if len(self._watchers) >= WATCHERS_MAX:
            raise web.HTTPServiceUnavailable(text="打开的首页太多。\nToo many landing pages are open.\n")
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        _add_headers(response)
        await response.prepare(request)
        stir = asyncio.Event()
        stir.set()
        self._watchers.add(stir)
        try:
            before = b""
            while True:
                try:
                    async with asyncio.timeout(BEAT_S):
                        await stir.wait()
                except TimeoutError:
                    await response.write(b": still here\n\n")
                    continue
                stir.clear()
                now = picture.encode(self._shown.picture())
                if now != before:
                    await response.write(b"data: " + now + b"\n\n")
                    before = now
                await asyncio.sleep(CALM_S)
        except ConnectionError:
            return response
        finally:
            self._watchers.discard(stir)

    async def _button(self, request: web.Request) -> web.Response:
        try:
            asked = msgspec.json.decode(await request.read() or b"{}", type=Asked)
        except msgspec.MsgspecError as error:
            raise web.HTTPBadRequest(text=f"{error}\n") from error
        press = self._buttons().get(request.match_info["button"])
        if press is None:
            raise web.HTTPNotFound(text="没有此操作。\nThere is no such button.\n")
        try:
            done = Done(url=await press(asked) or "")
        except Trouble as trouble:
            done = Done(refused=Refused("Trouble", trouble.zh, trouble.en))
        self._shown.tell()
        return _json(msgspec.json.encode(done))

    def _buttons(self) -> dict[str, Callable[[Asked], Awaitable[str | None]]]:
        shown = self._shown

        async def at_once(work: Callable[[], None]) -> None:
            work()

        return {
            "sit": lambda asked: shown.sit(asked.seat),
            "admit": lambda asked: shown.admit(asked.seat),
            "give-back": lambda asked: shown.give_back(asked.seat),
            "go": lambda _: shown.go(),
            "pause": lambda _: at_once(shown.pause),
            "pace": lambda asked: at_once(lambda: shown.set_pace(asked.pace)),
            "arm": lambda asked: at_once(lambda: shown.arm(asked.point, on=asked.on)),
            "cut": lambda asked: at_once(lambda: shown.cut(asked.venue, asked.way)),
            "mend": lambda asked: at_once(lambda: shown.mend(asked.venue)),
            "begin-anew": lambda _: shown.begin_anew(),
            "begin-script": lambda asked: shown.begin_script(asked.script),
        }

    async def _take_away(self, request: web.Request) -> web.StreamResponse:
        session, name = request.match_info["session"], request.match_info["name"]
        path = self._shown.file(session, name)
        if path is None:
            raise web.HTTPNotFound(text="没有此文件。\nThere is no such file.\n")
        told = f'attachment; filename="{path.name}"'
        return web.FileResponse(path, headers={"Content-Disposition": told})

    async def _spread(self) -> None:
        """Every watcher hears of a change."""
        while True:
            await self._shown.changed.wait()
            self._shown.changed.clear()
            for stir in self._watchers:
                stir.set()


def require_loopback(host: str) -> None:
    """See that an address can be reached from this machine alone.

    Raises:
      Trouble: it cannot be promised.
    """
    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = host == "localhost" or host.endswith(".localhost")
    if not loopback:
        raise Trouble(
            f"演示首页只在本机提供({LOOPBACK}),不能绑定到 {host}:它会发放各席位的登录码。"
            "要从别的机器查看,请用 ssh -L 转发端口。",
            f"The landing page is served on this machine alone ({LOOPBACK}) and never on {host}: it hands "
            "out codes for every seat. To look from another machine, forward the port with ssh -L.",
            2,
        )


async def _home(_: web.Request) -> web.Response:
    return web.Response(status=302, headers={"Location": "/landing/"})


def _json(raw: bytes) -> web.Response:
    return web.Response(body=raw, content_type="application/json")


def _add_headers(response: Any) -> None:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
