"""The console of a custodian's service (托管方控制台): a page for whoever keeps it, on its own machine alone.

It shows what is asked for, what the service has checked itself, what it released to whom, whether its key
works. It has no button: the service acts when a record asks, and never because a person or a page does. One
file without any library, so that nothing from a package registry runs beside this key.
"""

from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec
from aiohttp import web
from msgspec import Struct

from protocol.canonical import sha256
from protocol.refusals import text
from sub_venue.custody.book import Line
from sub_venue.custody.service import Health, Service

PAGE: Final = Path(__file__).with_name("console.html")
_HERE: Final = ("127.0.0.1", "::1")
_NAMES: Final = ("127.0.0.1", "::1", "localhost")
_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)


class ReleasedLine(Struct, frozen=True):
    """A release as it lies on the disk: for which session, stage and list of bids (digest), and when."""

    session: str
    lot: str
    envelope: str
    round: int
    bids: bytes
    at: int


class AskedLine(Struct, frozen=True):
    """A question of `Line` with its refusal in words."""

    line: Line
    zh: str
    en: str


class Shown(Struct, frozen=True):
    """Everything on the page. `public` is the digest of the public key, as the tender document prints it."""

    health: Health
    public: str
    projects: tuple[str, ...]
    asked: tuple[AskedLine, ...]
    released: tuple[ReleasedLine, ...]


def shown(service: Service) -> Shown:
    """How the service stands.

    Raises:
      Torn: a release on the disk is damaged.
      OSError: the disk cannot be read.
    """
    health = service.health()
    return Shown(
        health=health,
        public=sha256(health.public).hex(),
        projects=tuple(sorted(service.me.projects)),
        asked=tuple(_told(line) for line in service.book.lines()),
        released=tuple(
            ReleasedLine(one.session, one.stage.lot, one.stage.envelope, one.stage.round, one.bids, one.at)
            for one in service.released()
        ),
    )


def page_answer(request: web.Request, body: bytes, kind: str) -> web.Response:
    """An answer to somebody at this machine; to anybody else 403, also through a foreign name (rebinding).

    Raises:
      HTTPForbidden: the question comes from elsewhere.
    """
    if request.remote not in _HERE or urlsplit(f"//{request.host}").hostname not in _NAMES:
        raise web.HTTPForbidden(text="控制台只在本机打开 / The console opens on its own machine alone.\n")
    headers = {
        "Content-Security-Policy": _POLICY, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }  # fmt: skip
    return web.Response(body=body, content_type=kind, charset="utf-8", headers=headers)


def encoded(told: Shown) -> bytes:
    """As the page reads it."""
    return msgspec.json.encode(told)


def _told(line: Line) -> AskedLine:
    words = None if line.refused is None else text(line.refused)
    return AskedLine(line, "" if words is None else words.zh, "" if words is None else words.en)
