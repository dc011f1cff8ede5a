"""Ports: which are free, and who holds one that is not."""

import os
import socket
import sys

from ops import ports
from ops.installation import LOOPBACK
from ops.senses import Dice


def test_a_held_port_is_not_free_and_its_holder_is_named() -> None:
    with socket.socket() as server:
        server.bind((LOOPBACK, 0))
        server.listen()
        port = server.getsockname()[1]
        assert not ports.is_free(port)
        held = ports.holder(port)
        assert held is not None
        assert held.pid == os.getpid()
        assert sys.argv[0].rsplit("/", 1)[-1].removesuffix("__main__.py") in held.command
    assert ports.is_free(port)
    assert ports.holder(port) is None


def test_free_ports_come_in_a_row() -> None:
    base = ports.free_base(14, Dice())
    assert all(ports.is_free(port) for port in range(base, base + 14))
    assert base + 14 < 32_768
