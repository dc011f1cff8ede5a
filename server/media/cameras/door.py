"""Where the venue's node says what to publish and asks how the cameras are; loopback alone (SPEC 30.13)."""

import hmac

import msgspec
from aiohttp import web

from protocol.media import CameraLines
from protocol.venue import CamerasTold
from server.media.cameras.camera import Camera
from server.media.cameras.publishing import Publishing
from server.media.cameras.settings import Settings

LINES_BYTES_MAX = 1_048_576
VERSION = 1


class Door:
    """Listens and answers."""

    def __init__(
        self, settings: Settings, cameras: dict[str, Camera], publishing: Publishing, secret: str, run: str
    ) -> None:
        """Prepare; `secret` is what the node knows, `run` names this process."""
        self._settings, self._cameras, self._publishing = settings, cameras, publishing
        self._secret, self._run = secret, run
        app = web.Application(client_max_size=LINES_BYTES_MAX)
        app.add_routes(
            [
                web.put("/lines", self._lines),
                web.get("/cameras", self._told),
                web.get("/readyz", _health),
                web.get("/healthz", _health),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)

    async def open(self) -> int:
        """Listen; the port.

        Raises:
          OSError: the port is taken.
        """
        await self._runner.setup()
        await web.TCPSite(self._runner, self._settings.control_host, self._settings.control_port).start()
        return int(self._runner.addresses[0][1])

    async def close(self) -> None:
        """Listen no more."""
        await self._runner.cleanup()

    async def _lines(self, request: web.Request) -> web.Response:
        if not self._is_node(request):
            return web.Response(status=401)
        try:
            told = msgspec.json.decode(await request.read(), type=CameraLines)
        except msgspec.MsgspecError as error:
            return _json({"wrong": str(error)}, 400)
        if told.v != VERSION:
            return _json({"wrong": "of another version"}, 400)
        return _json({"lines": self._publishing.put(told.lines)})

    async def _told(self, request: web.Request) -> web.Response:
        if not self._is_node(request):
            return web.Response(status=401)
        told = CamerasTold(
            self._run,
            tuple(one.standing(*self._publishing.counts(name)) for name, one in self._cameras.items()),
        )
        return _json(told)

    def _is_node(self, request: web.Request) -> bool:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode(), self._secret.encode())


async def _health(_: web.Request) -> web.Response:
    return web.Response(text="ok\n")


def _json(value: object, status: int = 200) -> web.Response:
    return web.Response(
        status=status, body=msgspec.json.encode(value), content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )  # fmt: skip
