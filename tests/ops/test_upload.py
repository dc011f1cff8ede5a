"""Handing in from a terminal: a line cut three times, a coordinator that is killed, and the receipt."""

import asyncio
import contextlib
import json
import os
import select
import signal
import socket
import struct
import sys
import threading
from pathlib import Path
from typing import Any, Self

import pytest
from cryptography.hazmat.primitives import serialization

from ops.bidder import announcing, sending
from ops.bidder.line import Line
from ops.bids import seal
from ops.senses import Dice
from ops.trouble import Trouble
from protocol import canonical
from protocol.seal import handing_in, suites
from protocol.seal.trust import certificate
from server.senses import Senses
from tests.house import ground
from tests.protocol.world import key, private_key
from tests.server import nodes, test_process
from tests.server.bids import tendering

WAIT_S = 60
MEGABYTE = 1_048_576
SESSION = "s-tender"


class Cutting:
    """A line to the coordinator that resets connections after so many bytes, as often as it is told.

    `deaf`: so many answers are lost on their way back, after what was asked has been done.
    """

    def __init__(self, port: int, cuts: list[int], deaf: int = 0) -> None:
        self.to, self.cuts, self.done, self.deaf = port, cuts, 0, deaf
        self.second = threading.Event()
        """Two cuts have been."""
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listening.close()

    def _serve(self) -> None:
        """One connection after the other, as the bidder's program makes them."""
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            with near, contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.to)) as far:
                self._pass(near, far)

    def _pass(self, near: socket.socket, far: socket.socket) -> None:
        passed = 0
        while True:
            for one in select.select([near, far], [], [])[0]:
                data = one.recv(65_536)
                if not data:
                    return
                if one is near:
                    passed += len(data)
                    if self.cuts and passed >= self.cuts[0]:
                        self.cuts.pop(0)
                        self._cut(near)
                        return
                elif self.deaf:
                    self.deaf -= 1
                    self._cut(near)
                    return
                (far if one is near else near).sendall(data)

    def _cut(self, near: socket.socket) -> None:
        """Reset it (SO_LINGER of no time, socket(7))."""
        near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.done += 1
        if self.done == 2:
            self.second.set()


class Bidder:
    """A bidder's machine with a sealed bid, and the tender that it is for."""

    def __init__(self, folder: Path, size: int = 13 * MEGABYTE) -> None:
        suite = suites.get("intl-1")
        self.folder = folder
        self.key = folder / "bidder.pem"
        self.key.write_bytes(certificate.pem(suite.private_der((20).to_bytes(32, "big")), "PRIVATE KEY"))
        self.policy = folder / "policy.json"
        self.policy.write_bytes(canonical.encode(tendering.policy()))
        self.agent = folder / "agent.pem"
        self.agent.write_bytes(
            private_key("agent").private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        (folder / "bid").mkdir()
        (folder / "bid" / "投标文件.pdf").write_bytes(b"%PDF" + bytes(size))
        self.bid = folder / "out.tcbid"
        wanted = seal.Wanted([folder / "bid"], self.policy, str(self.key), self.bid, "b-1")
        seal.seal(wanted, Dice(), lambda *_: None)

    def announce(self, line: Line, deadline_ms: int = 3_600_000) -> str:
        """Open the tender; a ticket."""
        now = Senses().now_ms()
        made, tickets = announcing.announce(
            [tendering.policy()], SESSION, now - 1_000, now + deadline_ms, 3, 64 * MEGABYTE, 64 * MEGABYTE,
            self.agent, Dice(),
        )  # fmt: skip
        announcing.hand_over(made, line)
        return tickets[0]


async def tongchang(*arguments: str | Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "ops.command", *map(str, arguments),
        cwd=ground.ROOT, env=os.environ | {"PYTHONUTF8": "1"},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip


async def ended(child: asyncio.subprocess.Process) -> tuple[int, dict[str, Any]]:
    async with asyncio.timeout(WAIT_S):
        out, err = await child.communicate()
    assert child.returncode is not None
    lines = out.decode().splitlines()
    return child.returncode, json.loads(lines[-1]) if lines else {"err": err.decode()}


async def test_an_upload_in_the_terminal_outlives_three_cuts_and_a_killed_coordinator(tmp_path: Path) -> None:
    bidder, data = Bidder(tmp_path), tmp_path / "coordinator-data"
    data.mkdir()
    authority = nodes.lay(tmp_path / "authority")
    async with test_process.process(authority, data) as first:
        line = Line(f"http://127.0.0.1:{first.listeners.plain_port}")
        ticket = await asyncio.to_thread(bidder.announce, line)
        with Cutting(first.listeners.plain_port, [1_000, 3 * MEGABYTE, 2 * MEGABYTE]) as cutting:
            child = await tongchang(
                "upload", bidder.bid, "--to", f"http://127.0.0.1:{cutting.port}", "--session", SESSION,
                "--ticket", ticket, "--json",
            )  # fmt: skip
            assert await asyncio.to_thread(cutting.second.wait, WAIT_S)
            await first.end(signal.SIGKILL)
            async with test_process.process(authority, data) as second:
                cutting.to = second.listeners.plain_port
                code, told = await ended(child)
                assert code == 0, told
                assert (cutting.done, told["bid"], told["what"]) == (3, "b-1", "received")
                await offline(bidder, told)
                await withdrawn(bidder, Path(told["path"]), second.listeners.plain_port)


async def test_a_notice_whose_answer_is_lost_is_taken_once_and_a_withdrawal_as_well(tmp_path: Path) -> None:
    """The line is cut in the middle of what is asked, then twice after it was done, each time anew."""
    bidder, data = Bidder(tmp_path, MEGABYTE), tmp_path / "coordinator-data"
    data.mkdir()
    async with test_process.process(nodes.lay(tmp_path / "authority"), data) as coordinator:
        port = coordinator.listeners.plain_port
        with Cutting(port, [300], deaf=2) as cutting:
            line = Line(f"http://127.0.0.1:{cutting.port}")
            ticket = await asyncio.to_thread(bidder.announce, line)
            assert (cutting.done, cutting.deaf) == (3, 0)
            assert len(list((data / "bids").glob("*.reserve"))) == 1
            found = await asyncio.to_thread(sending.tender, line, SESSION)
            assert handing_in.ticket_digest(SESSION, ticket) in found.notice.tickets
            receipt = await asyncio.to_thread(
                sending.upload, bidder.bid, line, SESSION, ticket, lambda *_: None
            )
            path = tmp_path / "receipt"
            sending.write_receipt(path, receipt)
            cutting.deaf = 3
            await withdrawn(bidder, path, cutting.port)
            assert cutting.deaf == 0
        # What was refused for good is said at once, whatever patience there is.
        with pytest.raises(Trouble, match="NoticeRefused"):
            await asyncio.to_thread(bidder.announce, Line(f"http://127.0.0.1:{port}"), 3_000)


def test_a_line_that_stays_cut_is_told_when_patience_ends_and_never_past_the_deadline(tmp_path: Path) -> None:
    bidder = Bidder(tmp_path, MEGABYTE)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        gone = Line(f"http://127.0.0.1:{taken.getsockname()[1]}")
    with pytest.raises(Trouble, match="is cut"):
        bidder.announce(gone, 500)


async def offline(bidder: Bidder, told: dict[str, Any]) -> None:
    """What anybody checks without a network: the file, the receipt, that they belong together."""
    receipt = Path(told["path"])
    code, seen = await ended(await tongchang("inspect", bidder.bid, "--receipt", receipt, "--json"))
    assert (code, seen["whole"], seen["receipt"]) == (0, True, "holds")
    assert sending.receipt_fault(sending.read_receipt(receipt), key("installation"), bidder.bid) == ""
    assert sending.receipt_fault(sending.read_receipt(receipt), key("agent"), None) == "installation"


async def withdrawn(bidder: Bidder, receipt: Path, port: int) -> None:
    """Taken back by its own key, and the receipt of that holds."""
    done = await asyncio.to_thread(
        sending.withdraw, sending.read_receipt(receipt), str(bidder.key), Line(f"http://127.0.0.1:{port}")
    )
    assert done.receipt.what == "withdrawn"
    assert done.receipt.replaces == handing_in.receipt_digest(sending.read_receipt(receipt))


def test_a_damaged_file_is_named_before_anything_is_sent(tmp_path: Path) -> None:
    bidder = Bidder(tmp_path, MEGABYTE)
    raw = bytearray(bidder.bid.read_bytes())
    raw[20] ^= 1
    bidder.bid.write_bytes(raw)
    with pytest.raises(Trouble, match="ContainerBroken"):
        sending.ends(bidder.bid)
    bidder.bid.write_bytes(b"short")
    with pytest.raises(Trouble, match="ContainerBroken"):
        sending.ends(bidder.bid)


def test_a_bid_never_goes_to_another_machine_in_plain_http() -> None:
    with pytest.raises(Trouble, match="https only"):
        Line("http://bids.example:80")
    for wrong in ("bids.example", "ftp://bids.example", "https://", "https://bids.example/path"):
        with pytest.raises(Trouble, match="address"):
            Line(wrong)
    Line("http://coordinator.localhost:7709")
