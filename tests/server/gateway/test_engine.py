"""The coordinator does not start on libraries that its sockets were not written for."""

import asyncio
from typing import Any

import pytest
from aiohttp import web
from aiohttp._websocket.writer import WebSocketWriter
from engineio.async_drivers import aiohttp as engineio_aiohttp

from server.gateway import engine


class Waiting(WebSocketWriter):
    """Waits within a frame."""

    async def send_frame(self, message: bytes, opcode: int, compress: int | None = None) -> None:
        await asyncio.sleep(0)
        await super().send_frame(message, opcode, compress)


class Fragmenting(WebSocketWriter):
    """Sends a frame in two."""

    async def send_frame(self, message: bytes, opcode: int, compress: int | None = None) -> None:
        await super().send_frame(message[:1], 1, compress)
        await super().send_frame(message[1:], 0, compress)


def test_the_libraries_are_as_they_must_be() -> None:
    engine.check()


@pytest.mark.parametrize("writer", [Waiting, Fragmenting])
def test_a_writer_that_does_not_write_whole_frames_at_once_is_found(
    monkeypatch: pytest.MonkeyPatch, writer: Any
) -> None:
    monkeypatch.setattr(engine, "WebSocketWriter", writer)
    with pytest.raises(engine.LibraryChanged):
        engine.check()


def test_an_engine_that_takes_its_sockets_from_elsewhere_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(engineio_aiohttp._async, "websocket", object)
    with pytest.raises(engine.LibraryChanged):
        engine.check()


def test_a_web_socket_that_does_not_say_that_it_has_closed_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(web.WebSocketResponse, "closed")
    with pytest.raises(engine.LibraryChanged):
        engine.check()
