"""A pushed event is the bytes that libraries would send, and their parsers read it."""

import asyncio
import json
from typing import Any
from unittest.mock import Mock

import pytest
from aiohttp import WSMsgType
from aiohttp._websocket.writer import WebSocketWriter
from engineio.packet import Packet as EnginePacket
from hypothesis import given
from hypothesis import strategies as st
from socketio.packet import EVENT
from socketio.packet import Packet as EventPacket

from protocol.link import frame
from tests.processes.web_socket import Direction
from tests.protocol.golden.make import HERE, frames

VECTORS = json.loads((HERE / "frames-1.json").read_text())
VALUES = st.recursive(
    st.none() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=300),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


def encoded(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def test_the_golden_frames_do_not_move() -> None:
    assert frames() == VECTORS


@given(value=VALUES, namespace=st.sampled_from(["/", "/node", "/desk"]), event=st.text(max_size=20))
def test_socket_io_reads_the_event_that_was_framed(value: Any, namespace: str, event: str) -> None:
    (text,) = Direction().feed(frame.event_frame(namespace, event, encoded(value)))
    outer = EnginePacket(encoded_packet=text.decode())
    inner = EventPacket(encoded_packet=outer.data)
    assert (inner.packet_type, inner.namespace or "/", inner.id) == (EVENT, namespace, None)
    assert inner.data == [event, value]


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536, 100_000])
def test_the_frame_is_the_one_that_aiohttp_writes(size: int) -> None:
    text = b"x" * size
    transport = Mock(asyncio.Transport)
    transport.is_closing.return_value = False

    async def write() -> None:
        await WebSocketWriter(Mock(), transport).send_frame(text, WSMsgType.TEXT)

    asyncio.run(write())
    written = b"".join(one.args[0] for one in transport.write.call_args_list)
    assert frame.text_frame(text) == written
    assert len(written) <= size + frame.HEAD_BYTES_MAX
