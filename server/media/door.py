"""A worker's two doors: pages offer what they send and want to see; its own node says who may.

Owns routes, statuses and headers (SPEC 30), and which connection is whose, so that one that is allowed no
longer is ended at once. Source: RFC 9725 (WHIP), draft-ietf-wish-whep.
"""

import asyncio
import hmac
import ssl
from typing import Any, Final

import msgspec
import structlog
from aiohttp import web
from msgspec import Struct

from protocol import media
from protocol.media import Present, Source
from server.media.allowing import Allowing, Older
from server.media.engine import BadOffer, Engine, Full, NotLive
from server.media.offers import SENDING, sections
from server.media.recording.recorders import Recorders
from server.media.relays import Relay, Relays
from server.media.settings import Settings

_log = structlog.get_logger("server.media")
_SDP: Final = "application/sdp"
_SESSION: Final = r"{session:[A-Za-z0-9][A-Za-z0-9._-]{0,127}}"


class _Held(Struct, frozen=True):
    """A connection and what it was allowed for."""

    session: str
    person: Present
    source: Source
    publish: bool
    window: str = ""


class Door:
    """Listens and answers."""

    def __init__(
        self,
        settings: Settings,
        engine: Engine,
        allowing: Allowing,
        secret: str,
        recorders: Recorders | None = None,
        relays: Relays | None = None,
        run: str = "",
    ) -> None:
        """Prepare; nothing listens before `open`.

        Args:
          settings: where to listen, and bounds.
          engine: what carries.
          allowing: the tables.
          secret: what the worker's own node knows.
          recorders: what keeps all that is published here; None keeps nothing.
          relays: what hands on to another worker; None hands on nothing.
          run: names this process, so that its node knows when it is another one.
        """
        self._settings, self._engine, self._allowing, self._secret = settings, engine, allowing, secret
        self._recorders, self._relays, self._run = recorders, relays, run
        self._stopping = asyncio.Event()
        self._held: dict[str, _Held] = {}
        pages = web.Application(client_max_size=settings.bounds.offer_bytes_max + 1, middlewares=[self._cors])
        pages.add_routes(
            [
                web.post(f"/whip/{_SESSION}/{{source}}", self._publish),
                web.post(f"/whep/{_SESSION}/{{source}}", self._subscribe),
                web.delete("/resource/{resource:[0-9a-f]{32}}", self._leave),
                web.patch("/resource/{resource:[0-9a-f]{32}}", self._want),
                web.get(f"/sources/{_SESSION}", self._sources),
                web.get(f"/alive/{_SESSION}", self._alive),
                web.get("/healthz", _health),
                web.get("/readyz", _health),
            ]
        )
        control = web.Application(client_max_size=settings.bounds.table_bytes_max + 1)
        control.add_routes(
            [
                web.put(f"/allow/{_SESSION}", self._allow),
                web.delete(f"/allow/{_SESSION}", self._disallow),
                web.put(f"/relay/{_SESSION}", self._hand_on),
                web.delete(f"/relay/{_SESSION}", self._hand_on_no_more),
                web.get("/run", self._run_id),
                web.get("/stats", self._stats),
                web.get("/readyz", _health),
            ]
        )
        self._pages = web.AppRunner(pages, access_log=None, shutdown_timeout=1)
        self._control = web.AppRunner(control, access_log=None, shutdown_timeout=1)

    async def open(self) -> tuple[int, int]:
        """Listen; the ports for pages and for the node.

        Raises:
          OSError: a port is taken, or the certificate cannot be read.
        """
        settings = self._settings
        tls = None
        if settings.http_cert is not None and settings.http_key is not None:
            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            tls.minimum_version = ssl.TLSVersion.TLSv1_2
            tls.load_cert_chain(settings.http_cert, settings.http_key)
        await self._pages.setup()
        await web.TCPSite(self._pages, settings.http_host, settings.http_port, ssl_context=tls).start()
        await self._control.setup()
        await web.TCPSite(self._control, settings.control_host, settings.control_port).start()
        return int(self._pages.addresses[0][1]), int(self._control.addresses[0][1])

    async def close(self) -> None:
        """Listen no more; answers that are held open end first."""
        self._stopping.set()
        await self._pages.cleanup()
        await self._control.cleanup()

    async def _publish(self, request: web.Request) -> web.Response:
        return await self._offer(request, publish=True)

    async def _subscribe(self, request: web.Request) -> web.Response:
        return await self._offer(request, publish=False)

    async def _offer(self, request: web.Request, *, publish: bool) -> web.Response:
        session, source = request.match_info["session"], media.read_source(request.match_info["source"])
        secret = _bearer(request)
        person = self._allowing.who(session, secret)
        if person is None:
            return self._stranger(session)
        if source is not None and publish and self._allowing.is_by_venue(session, person, source):
            return _refused(403, "MediaByVenue")
        if source is not None and publish and self._allowing.is_by_page(session, person, source):
            return _refused(403, "MediaByPage")
        if source is None or not self._allowing.may(session, person, source, publish=publish):
            return _refused(403, "MediaNotAllowed")
        if request.content_type != _SDP:
            return _refused(415, "MediaBadOffer")
        name = f"{session}/{source.name}"
        window = request.query.get("window", "")[:64]
        try:
            offer = (await request.read()).decode()
            async with asyncio.timeout(self._settings.bounds.answer_wait_ms / 1000):
                if publish:
                    _fits(source, offer)
                    if self._recorders is not None:
                        await self._recorders.expect(session, source.name)
                    answer = await self._engine.publish(name, offer)
                else:
                    viewer = f"{secret}/{window}"
                    is_thumb = request.query.get("layer") == "thumb"
                    sound = self._allowing.may_hear(session, person, source)
                    answer = await self._engine.subscribe(name, viewer, offer, thumb=is_thumb, sound=sound)
        except NotLive:
            return _refused(409, "MediaNotLive", {"Retry-After": "1"})
        except (BadOffer, UnicodeDecodeError) as error:
            _log.info("bad_offer", source=name, why=str(error))
            return _refused(400, "MediaBadOffer")
        except (Full, TimeoutError):
            return _refused(503, "MediaFull", {"Retry-After": "5"})
        self._held[answer.resource] = _Held(session, person, source, publish, window)
        if not self._allowing.may(session, person, source, publish=publish):
            await self._end(answer.resource)  # the table changed while the offer was being answered
            return _refused(403, "MediaNotAllowed")
        headers = {"Location": f"/resource/{answer.resource}"}
        status = 406 if answer.is_offer else 201
        return web.Response(status=status, text=answer.sdp, content_type=_SDP, headers=headers)

    async def _accept(self, resource: str, request: web.Request) -> web.Response:
        """A viewer's answer to an offer of the engine's own."""
        try:
            async with asyncio.timeout(self._settings.bounds.answer_wait_ms / 1000):
                await self._engine.accept(resource, (await request.read()).decode())
        except NotLive:
            return _refused(404, "MediaNotThere")
        except (BadOffer, UnicodeDecodeError) as error:
            _log.info("bad_answer", why=str(error))
            return _refused(400, "MediaBadOffer")
        except (Full, TimeoutError):
            return _refused(503, "MediaFull", {"Retry-After": "5"})
        return web.Response(status=204)

    async def _leave(self, request: web.Request) -> web.Response:
        resource = request.match_info["resource"]
        held = self._held.get(resource)
        if held is None or self._allowing.who(held.session, _bearer(request)) != held.person:
            return _refused(404, "MediaNotThere")
        await self._end(resource)
        return web.Response(status=204)

    async def _want(self, request: web.Request) -> web.Response:
        """The small picture or the full one, on the line as it is."""
        resource = request.match_info["resource"]
        held = self._held.get(resource)
        if held is None or self._allowing.who(held.session, _bearer(request)) != held.person:
            return _refused(404, "MediaNotThere")
        if request.content_type == _SDP:
            return await self._accept(resource, request)
        layer = request.query.get("layer", "")
        if layer not in ("full", "thumb"):
            return _refused(400, "MediaBadOffer")
        if not self._engine.want(resource, thumb=layer == "thumb"):
            return _refused(404, "MediaNotThere")
        return web.Response(status=204)

    async def _sources(self, request: web.Request) -> web.Response:
        session = request.match_info["session"]
        person = self._allowing.who(session, _bearer(request))
        if person is None:
            return self._stranger(session)
        live = {one.source for one in self._engine.stats().sources if one.is_live}
        mine = frozenset(name.partition("/")[2] for name in live if name.startswith(f"{session}/"))
        servers = [
            {"urls": list(one.urls), "username": one.username, "credential": one.credential}
            for one in self._settings.ice_servers
        ]
        lines = {
            one.window: self._engine.bears(resource)
            for resource, one in self._held.items()
            if one.session == session and one.person == person and not one.publish and one.window
            and one.source.device not in media.SOUND and self._engine.is_up(resource)
        }  # fmt: skip
        shown = self._allowing.shown(session, person, mine)
        return _json({"iceServers": servers, "lines": lines, "sources": shown})

    async def _alive(self, request: web.Request) -> web.StreamResponse:
        """An answer that is held open until this process ends: with it whoever asked knows at once."""
        session = request.match_info["session"]
        if self._allowing.who(session, _bearer(request)) is None:
            return self._stranger(session)
        response = web.StreamResponse(headers={"Cache-Control": "no-store"})
        await response.prepare(request)
        await self._stopping.wait()
        return response

    async def _hand_on(self, request: web.Request) -> web.Response:
        if not self._is_node(request) or self._relays is None:
            return _refused(401, "MediaNotSignedIn")
        try:
            relay = msgspec.json.decode(await request.read(), type=Relay)
        except msgspec.MsgspecError as error:
            return _json({"wrong": str(error)}, 400)
        self._relays.put(request.match_info["session"], relay)
        return _json({"taken": True})

    async def _hand_on_no_more(self, request: web.Request) -> web.Response:
        if not self._is_node(request) or self._relays is None:
            return _refused(401, "MediaNotSignedIn")
        self._relays.drop(request.match_info["session"])
        return _json({"taken": True})

    async def _run_id(self, request: web.Request) -> web.Response:
        if not self._is_node(request):
            return _refused(401, "MediaNotSignedIn")
        return _json({"run": self._run, "sessions": self._allowing.sessions()})

    async def _allow(self, request: web.Request) -> web.Response:
        if not self._is_node(request):
            return _refused(401, "MediaNotSignedIn")
        session = request.match_info["session"]
        try:
            table = self._allowing.put(session, await request.read())
        except Older:
            return _json({"taken": False}, 409)
        except ValueError as error:
            return _json({"wrong": str(error)}, 400)
        ended = await self._end_disallowed()
        if self._recorders is not None and table.phase not in media.HELD:
            self._recorders.finish(session)
        return _json({"taken": True, "ended": ended})

    async def _disallow(self, request: web.Request) -> web.Response:
        if not self._is_node(request):
            return _refused(401, "MediaNotSignedIn")
        session = request.match_info["session"]
        self._allowing.drop(session)
        ended = await self._end_disallowed()
        if self._recorders is not None:
            self._recorders.finish(session)
        return _json({"taken": True, "ended": ended})

    async def _stats(self, request: web.Request) -> web.Response:
        if not self._is_node(request):
            return _refused(401, "MediaNotSignedIn")
        return _json(self._engine.stats())

    def _stranger(self, session: str) -> web.Response:
        """Nobody that the session's table names, or no table yet: the worker has just started."""
        if self._allowing.knows(session):
            return _refused(401, "MediaNotSignedIn")
        return _refused(503, "MediaStarting", {"Retry-After": "1"})

    async def _end_disallowed(self) -> int:
        """End every connection that the tables allow no longer; how many."""
        wrong = [
            resource
            for resource, one in self._held.items()
            if not self._allowing.may(one.session, one.person, one.source, publish=one.publish)
        ]
        for resource in wrong:
            await self._end(resource)
        return len(wrong)

    async def _end(self, resource: str) -> None:
        self._held.pop(resource, None)
        await self._engine.leave(resource)

    def _is_node(self, request: web.Request) -> bool:
        return hmac.compare_digest(_bearer(request).encode(), self._secret.encode())

    @web.middleware
    async def _cors(self, request: web.Request, handler: Any) -> web.StreamResponse:
        """Pages of the node may ask, and no other page's script is told anything."""
        origin = request.headers.get("Origin", "")
        if origin and origin not in self._settings.origins:
            return _refused(403, "MediaNotAllowed")
        if request.method == "OPTIONS":
            answer: web.StreamResponse = web.Response(status=204)
        else:
            answer = await handler(request)
        if origin:
            answer.headers["Access-Control-Allow-Origin"] = origin
            answer.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
            answer.headers["Access-Control-Allow-Methods"] = "GET, PATCH, POST, DELETE"
            answer.headers["Access-Control-Expose-Headers"] = "Location, Retry-After"
            answer.headers["Vary"] = "Origin"
        return answer


def _fits(source: Source, offer: str) -> None:
    """Let a voice be sound alone.

    Raises:
      BadOffer: a picture is offered with it, or the offer cannot be read.
    """
    if source.device in media.SOUND and any(one.kind != "audio" for one in sections(offer, *SENDING)):
        raise BadOffer("a voice is sound alone")


async def _health(_: web.Request) -> web.Response:
    return web.Response(text="ok\n")


def _bearer(request: web.Request) -> str:
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    return secret.strip() if kind == "Bearer" else ""


def _json(value: object, status: int = 200) -> web.Response:
    return web.Response(
        status=status, body=msgspec.json.encode(value), content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )  # fmt: skip


_TEXTS: Final = {
    "MediaNotSignedIn": ("请从本席位的页面重新进入。", "Come in again from your seat's page."),
    "MediaStarting": (
        "音视频服务尚未准备好本场会话,将自动重试。",
        "The media worker has not been told of this session yet; it is asked again.",
    ),
    "MediaNotAllowed": (
        "此阶段不能收看或发送该画面。",
        "This picture may not be seen or sent in this phase.",
    ),
    "MediaByVenue": (
        "本席位的画面由会场的摄像机发送,本页不必再发送。",
        "A camera of the venue sends this seat's picture; this page need not.",
    ),
    "MediaByPage": (
        "专家席位的画面只能由其本人页面发送(必要时遮挡面部),会场摄像机不能代为发送。",
        "An expert's picture is sent by the expert's own page, which masks the face; no venue's camera may.",
    ),
    "MediaNotLive": ("该画面尚未接入,将自动重试。", "This picture is not there yet; it is asked for again."),
    "MediaBadOffer": (
        "浏览器的音视频参数无法使用,请更新浏览器。",
        "This offer cannot be used; update the browser.",
    ),
    "MediaFull": ("音视频服务已满,稍后自动重试。", "The media worker is full; it is asked again later."),
    "MediaNotThere": ("该连接已结束。", "This connection has ended."),
}


def _refused(status: int, code: str, headers: dict[str, str] | None = None) -> web.Response:
    zh, en = _TEXTS[code]
    answer = _json({"refused": {"code": code, "detail": "", "en": en, "zh": zh}}, status)
    answer.headers.update(headers or {})
    return answer
