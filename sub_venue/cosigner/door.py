"""The cosigner's door: `add-checkpoint` and what monitors and peers read, over HTTP.

Owns routes, statuses and headers. Source: C2SP tlog-witness; `fork`, `compare`, `fault` and `province-policy`
are our own (SPEC 20.6, 27.4).
"""

from __future__ import annotations

import hashlib
import ssl

import msgspec
from aiohttp import web
from msgspec import Struct

from protocol import canonical, limits, refusals
from protocol.ledger.cosigner import TEXT
from protocol.refusals import Refusal
from protocol.words import Hash, Id
from sub_venue.cosigner.asking import FORK_TYPE
from sub_venue.cosigner.province import Province
from sub_venue.cosigner.replaying import Replaying
from sub_venue.cosigner.service import Service
from sub_venue.cosigner.settings import Settings


class _Wanted(Struct, frozen=True, forbid_unknown_fields=True):
    """For which session a province is asked to sign, and the digest of its policy."""

    policy_digest: Hash
    session: Id


class Door:
    """Listens and answers."""

    def __init__(
        self, settings: Settings, service: Service, replaying: Replaying | None = None,
        province: Province | None = None,
    ) -> None:  # fmt: skip
        """Prepare; nothing listens before `open`."""
        self._replaying = replaying
        self._province = province
        self._settings = settings
        self._service = service
        self._at_once = 0
        app = web.Application(client_max_size=limits.NOTE_BYTES_MAX + 1)
        app.add_routes(
            [
                web.post("/add-checkpoint", self._add),
                web.get("/{log:[0-9a-f]{64}}/checkpoint", self._checkpoint),
                web.get("/{log:[0-9a-f]{64}}/fork", self._fork),
                web.post("/{log:[0-9a-f]{64}}/compare", self._compare),
                web.get("/{log:[0-9a-f]{64}}/fault", self._fault),
                web.post("/province-policy", self._sign_policy),
                web.get("/healthz", self._health),
                web.get("/readyz", self._health),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)

    async def open(self) -> int:
        """Listen; the port.

        Raises:
          OSError: the port is taken, or the certificate cannot be read.
        """
        settings = self._settings
        tls = None
        if settings.http_cert is not None and settings.http_key is not None:
            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            tls.minimum_version = ssl.TLSVersion.TLSv1_2
            tls.load_cert_chain(settings.http_cert, settings.http_key)
        await self._runner.setup()
        await web.TCPSite(self._runner, settings.http_host, settings.http_port, ssl_context=tls).start()
        return int(self._runner.addresses[0][1])

    async def close(self) -> None:
        """Answer what has been asked, and listen no more."""
        await self._runner.cleanup()

    async def _add(self, request: web.Request) -> web.Response:
        if self._at_once >= self._settings.bounds.requests_at_once_max:
            return _text(429, "too many at once; come again\n")
        self._at_once += 1
        try:
            answer = await self._service.add_checkpoint(await request.read())
        except web.HTTPRequestEntityTooLarge:
            return _text(400, f"more than {limits.NOTE_BYTES_MAX} bytes\n")
        finally:
            self._at_once -= 1
        return web.Response(
            status=answer.status, body=answer.body.encode(), headers={"Content-Type": answer.type}
        )

    async def _checkpoint(self, request: web.Request) -> web.Response:
        origin = self._origin(request)
        text = None if origin is None else self._service.cosigned(origin)
        return _text(404, "no head of this log was cosigned\n") if text is None else _text(200, text)

    async def _fork(self, request: web.Request) -> web.Response:
        origin = self._origin(request)
        raw = None if origin is None else self._service.fork(origin)
        if raw is None:
            return _text(404, "this log has shown one history\n")
        return web.Response(body=raw, headers={"Content-Type": FORK_TYPE, "Cache-Control": "no-store"})

    async def _compare(self, request: web.Request) -> web.Response:
        origin = self._origin(request)
        if origin is None:
            return _text(404, "no head of this log was cosigned\n")
        answer = await self._service.compare(origin, await request.read())
        if isinstance(answer, bytes):
            return web.Response(body=answer, headers={"Content-Type": FORK_TYPE, "Cache-Control": "no-store"})
        return _text(200, answer) if answer else _text(404, "no head of this log was cosigned\n")

    async def _fault(self, request: web.Request) -> web.Response:
        """Why a session is cosigned no more, where that is a rule that its entries break."""
        origin = self._origin(request)
        raw = None if origin is None or self._replaying is None else self._replaying.fault(origin)
        if raw is None:
            return _text(404, "no fault was found in this log\n")
        return web.Response(body=raw, headers={"Content-Type": FORK_TYPE, "Cache-Control": "no-store"})

    async def _sign_policy(self, request: web.Request) -> web.Response:
        """The province's signature under the policy of a session that is to be booked."""
        if self._province is None:
            return _text(404, "nobody signs for a province here\n")
        try:
            wanted = canonical.decode(await request.read(), _Wanted)
        except (canonical.NotCanonical, msgspec.MsgspecError) as error:
            return _text(400, f"{error}\n")
        signed = self._province.sign(wanted.session, wanted.policy_digest)
        if isinstance(signed, Refusal):
            return _text(403, f"{signed.code}: {refusals.text(signed).en}\n")
        raw = canonical.encode(signed)
        return web.Response(body=raw, headers={"Content-Type": FORK_TYPE, "Cache-Control": "no-store"})

    async def _health(self, _: web.Request) -> web.Response:
        return _text(200, "ok\n") if self._service.is_durable else _text(503, "the disk does not take it\n")

    def _origin(self, request: web.Request) -> str | None:
        wanted = request.match_info["log"]
        held = self._service.origins()
        return next((one for one in held if hashlib.sha256(one.encode()).hexdigest() == wanted), None)


def _text(status: int, text: str) -> web.Response:
    headers = {"Content-Type": TEXT, "Cache-Control": "no-store"}
    return web.Response(status=status, body=text.encode(), headers=headers)
