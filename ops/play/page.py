"""The page that plays all sources of a session in step, beside its entries (SPEC 31.4).

Owns what it is given: a time line of segments and entries, and the files by name, those alone that the record
names. It is served on loopback to whoever has the files anyway.
"""

from collections.abc import Iterable
from pathlib import Path

from aiohttp import web

from ops.play.judging import Found
from protocol import canonical, entry

HERE = Path(__file__).parent
_POLICY = "default-src 'none'; media-src 'self'; connect-src 'self'; script-src 'self'; style-src 'self'"


def app(entries: Iterable[bytes], found: tuple[Found, ...], *roots: Path) -> web.Application:
    """The page, its data, and the recordings, which lie in the folders that `found` was judged by."""
    acts = []
    for raw in entries:
        one = entry.decode(raw)
        acts.append({"seq": one.seq, "at": one.at, "type": one.command.type})
    data = canonical.encode({"acts": acts, "segments": found})
    files = {one.file: roots[one.folder] / one.file for one in found if one.file}

    async def told(_: web.Request) -> web.Response:
        return web.Response(body=data, content_type="application/json", headers={"Cache-Control": "no-store"})

    async def recording(request: web.Request) -> web.StreamResponse:
        path = files.get(request.match_info["name"])
        if path is None:
            raise web.HTTPNotFound
        return web.FileResponse(path, headers={"Content-Type": "video/webm", "Cache-Control": "no-store"})

    async def part(request: web.Request) -> web.StreamResponse:
        name = request.match_info.get("part") or "page.html"
        return web.FileResponse(HERE / name, headers={"Content-Security-Policy": _POLICY})

    made = web.Application()
    made.router.add_get("/", part)
    made.router.add_get(r"/{part:page\.(?:js|css)}", part)
    made.router.add_get("/told", told)
    made.router.add_get("/recordings/{name:.+}", recording)
    return made
