"""The room at Janus: one session with it, kept up, and one VideoRoom that nobody else can come into.

Owns reaching Janus, and reaching it again when it has gone. Must not know what a source is.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final

import structlog

from server.media.engine import BadOffer, Full
from server.media.janus_talk import JanusGone, JanusRefused, Said, Talk
from server.media.settings import Bounds, JanusSettings
from server.senses import Senses

_log = structlog.get_logger("server.media")
AGAIN_S: Final = 0.5
"""How often a Janus that has gone is asked whether it is there again."""
_ROOM_BYTES: Final = 6
_PIN_BYTES: Final = 16


class Room:
    """A VideoRoom of this process's own."""

    def __init__(
        self,
        senses: Senses,
        bounds: Bounds,
        told: JanusSettings,
        secret: str,
        heard: Callable[[int, str, dict[str, Any]], None],
        emptied: Callable[[], None],
    ) -> None:
        """Nothing is open yet.

        Args:
          senses: for its number and its PIN.
          bounds: how many may publish.
          told: where Janus is.
          secret: Janus's `api_secret`; empty where it has none.
          heard: told what happens to a handle.
          emptied: told when Janus has gone, and everything in the room with it.
        """
        self._senses, self._bounds, self._told, self._secret = senses, bounds, told, secret
        self._heard, self._emptied = heard, emptied
        self._talk: Talk | None = None
        self._number, self._pin, self._handle = 0, "", 0
        self._keeping: asyncio.Task[None] | None = None

    async def open(self) -> str:
        """Make the room; what runs, for the log.

        Raises:
          JanusGone, JanusRefused: see there.
        """
        self._talk = await self._opened()
        self._keeping = asyncio.create_task(self._keep(), name="janus")
        return f"janus at {self._told.url}"

    async def close(self) -> None:
        """End the room and the session."""
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
        talk, self._talk = self._talk, None
        if talk is None:
            return
        try:
            await talk.message(
                self._handle, {"request": "destroy", "room": self._number, "secret": self._pin}
            )
        except (JanusGone, JanusRefused) as error:
            _log.info("janus_room_left", why=repr(error))
        await talk.close()

    @property
    def is_reached(self) -> bool:
        """Whether Janus is there now."""
        return self._talk is not None

    def into(self, joining: dict[str, Any]) -> dict[str, Any]:
        """A request to come in, with what opens the room."""
        return {**joining, "room": self._number, "pin": self._pin}

    async def attach(self) -> int:
        """A new handle.

        Raises:
          Full: Janus is away, or says no.
        """
        try:
            return await self._reached().attach()
        except (JanusGone, JanusRefused) as error:
            raise Full(str(error)) from error

    async def detach(self, handle: int) -> None:
        """End a handle; where Janus has gone it has ended."""
        if self._talk is not None:
            try:
                await self._talk.detach(handle)
            except JanusGone as error:
                _log.info("janus_is_away", why=repr(error))

    async def say(self, handle: int, body: dict[str, Any], *, sdp: str = "", kind: str = "offer") -> Said:
        """Say something to the plugin by a handle; what it answers.

        Raises:
          BadOffer: it says no.
          Full: Janus is away.
        """
        try:
            return await self._reached().message(handle, body, sdp=sdp, kind=kind)
        except JanusRefused as error:
            raise BadOffer(str(error)) from error
        except JanusGone as error:
            raise Full(str(error)) from error

    def _reached(self) -> Talk:
        if self._talk is None:
            raise Full("janus is away")
        return self._talk

    async def _opened(self) -> Talk:
        talk = await Talk.open(self._told.url, self._secret, self._heard)
        self._number = int.from_bytes(self._senses.secret(_ROOM_BYTES), "big") or 1
        self._pin = self._senses.secret(_PIN_BYTES).hex()
        try:
            self._handle = await talk.attach()
            await talk.message(
                self._handle,
                {
                    "request": "create", "room": self._number, "pin": self._pin, "secret": self._pin,
                    "is_private": True, "publishers": self._bounds.connections_max, "bitrate": 0,
                    "audiocodec": "opus", "videocodec": "vp8,h264", "notify_joining": False,
                },
            )  # fmt: skip
        except BaseException:
            await talk.close()
            raise
        return talk

    async def _keep(self) -> None:
        talk = self._talk
        while talk is not None:
            await talk.ended.wait()
            _log.warning("janus_gone")
            self._talk = None
            self._emptied()
            await talk.close()
            talk = await self._again()
            self._talk = talk
            _log.info("janus_is_back")

    async def _again(self) -> Talk:
        while True:
            try:
                return await self._opened()
            except (JanusGone, JanusRefused) as error:
                _log.info("janus_is_away", why=repr(error))
                await asyncio.sleep(AGAIN_S)
