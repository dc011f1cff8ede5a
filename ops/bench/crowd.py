"""The crowd: a thousand receivers in one process, the same for every server, as light as sockets can be.

Owns raw sockets behind one epoll, as little of WebSocket, Engine.IO and Socket.IO as receiving needs, and the
clock between "sent" and "the last has it". A process of its own, so that what it uses is not the server's;
what it is told to do stands in `drill`. Must not know what a session is beyond the
number that grows: an event counts as had when its first `"size"` has come to the awaited one. Linux only.
Sources: RFC 6455 5.2 (frames), Engine.IO protocol 4, Socket.IO protocol 5.
"""

import json
import re
import select
import sys
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from ops import senses
from ops.bench import greetings
from ops.bench.greetings import Greeting
from ops.bench.wires import CLOSE, PING, PONG, TEXT, Lost, Wire, frame, tls_of

STEP_S: Final = 30.0
"""How long one event may take until everybody has it, and one opening until it is through."""
OPENING_MAX: Final = 64
"""Connections that are being made at once: less than the backlog of any server here."""
_BYTES: Final = 1 << 20
_SIZE = re.compile(rb'"size": ?(\d+)')
_HELD_MAX: Final = 4_096
"""So many pieces may wait to be read while more comes in."""


class Member:
    """One socket: from connecting to receiving."""

    __slots__ = (
        "asked", "bytes_got", "doubles", "event_text", "fault", "greeting", "group", "heard_ns", "held",
        "messages", "number", "opened", "size", "step", "upto", "wire",
    )  # fmt: skip

    def __init__(self, group: "Group", greeting: Greeting, size: int) -> None:
        self.upto = size
        self.fault = ""
        self.doubles = 0
        self.group = group
        self.greeting = greeting
        self.size = size
        self.opened = False
        self.asked: dict[int, Callable[[Any], None]] = {}
        self.number = 0
        self.held = b""
        self.messages = 0
        self.bytes_got = 0
        self.event_text = b""
        self.heard_ns = 0
        """When what is being read came in."""
        self.wire = Wire(group.told, group.tls)
        self.step: Callable[[bytes], None] | None = self._handshake
        group.crowd.add(self)
        self._handshake(b"")

    def readable(self, buffer: memoryview) -> None:
        """Whatever the socket has: noted now, read when nothing more comes in."""
        got = self.wire.receive_into(buffer)
        if got >= 0:
            self.group.crowd.hold(self, bytes(buffer[:got]))

    def hear(self, got: bytes, now: int) -> None:
        """Read what came in at a moment."""
        self.heard_ns = now
        if self.step is not None:
            self.step(got)
        else:
            self._take(self.wire.plain(got))

    def say(self, text: bytes, opcode: int = TEXT) -> None:
        """Send one message."""
        self.wire.send(frame(text, opcode))

    def ask(self, event: str, data: bytes, answered: Callable[[Any], None]) -> None:
        """Send an event, its data as JSON text; the acknowledgement's first value is handed on."""
        self.number += 1
        self.asked[self.number] = answered
        more = b"," + data if data else b""
        head = self.group.prefix_event + str(self.number).encode() + b"["
        self.say(head + json.dumps(event).encode() + more + b"]")

    def cover(self, since: int, count: int) -> None:
        """So many entries from `since` on were given: none may be missing; what comes twice is counted."""
        if since > self.upto:
            self.fault = self.fault or f"given {since} to {since + count} where {self.upto} was due"
        self.doubles += min(count, max(0, self.upto - since))
        self.upto = max(self.upto, since + count)

    @property
    def closed(self) -> bool:
        """Whether the connection was broken here."""
        return self.wire.sock.fileno() < 0

    def close(self) -> None:
        """Break the connection."""
        self.group.crowd.remove(self)
        self.wire.close()

    # --- opening --------------------------------------------------------------------------

    def _handshake(self, got: bytes) -> None:
        if not self.wire.shake(got):
            return
        self.step = self._upgraded
        told = self.group.told
        self.wire.send(
            f"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: {told['name']}:{told['port']}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dG9uZ2NoYW5nIGNyb3dkIQ==\r\n\r\n".encode()
        )

    def _upgraded(self, got: bytes) -> None:
        self.held += self.wire.plain(got)
        head, found, rest = self.held.partition(b"\r\n\r\n")
        if not found:
            return
        if b" 101 " not in head.split(b"\r\n", 1)[0]:
            raise Lost(head.split(b"\r\n", 1)[0].decode(errors="replace"))
        self.held = b""
        self.step = None
        if rest:
            self._take(rest)

    def _greet(self, answer: Any) -> None:
        try:
            event, data = next(self.greeting) if answer is _BEGIN else self.greeting.send(answer)
        except StopIteration as end:
            self.opened = True
            self.group.opened += 1
            if end.value is not None:
                since, count, self.size = end.value
                self.cover(since, count)
            return
        self.ask(event, b"" if data is None else json.dumps(data).encode(), self._greet)

    # --- receiving ------------------------------------------------------------------------

    def _take(self, raw: bytes) -> None:
        if self.held:
            raw, self.held = self.held + raw, b""
        at, end = 0, len(raw)
        while end - at >= 2:
            size, start = raw[at + 1] & 0x7F, at + 2
            if size >= 126:
                width = 2 if size == 126 else 8
                if end - start < width:
                    break
                size, start = int.from_bytes(raw[start : start + width], "big"), start + width
            if end - start < size:
                break
            opcode = raw[at] & 0x0F
            at = start + size
            if opcode == TEXT:
                self._message(raw[start:at])
            elif opcode == PING:
                self.say(raw[start:at], PONG)
            elif opcode == CLOSE:
                raise Lost(f"closed by the server: {raw[start:at]!r}")
        if at < end:
            self.held = raw[at:]

    def _message(self, text: bytes) -> None:
        group = self.group
        if text.startswith(group.prefix_event):
            self.messages += 1
            self.bytes_got += len(text)
            found = _SIZE.search(text)
            if found is not None:
                if group.told.get("counts"):
                    data = json.loads(text[text.index(b"[") :])[1]
                    self.cover(data["since"], len(data["entries" if "entries" in data else "lines"]))
                group.grown(self, int(found.group(1)), self.heard_ns)
                if self is group.witness:
                    self.event_text = text
            if text[len(group.prefix_event)] != 0x5B:  # a number: an acknowledgement is asked for
                number = text[len(group.prefix_event) : text.index(b"[")]
                self.say(group.prefix_ack + number + b"[]")
        elif text.startswith(group.prefix_ack):
            number, _, said = text[len(group.prefix_ack) :].partition(b"[")
            values = json.loads(b"[" + said)
            self.asked.pop(int(number))(values[0] if values else None)
        elif text == b"2":
            self.say(b"3")
        elif text.startswith(b"0"):
            self.say(b"40" + group.prefix_event[2:])
        elif text.startswith(b"40"):
            self._greet(_BEGIN)
        elif text.startswith((b"41", b"44")):
            raise Lost(text.decode(errors="replace"))


_BEGIN: Final = object()


class Group:
    """Members that are connected to one server for one purpose."""

    def __init__(self, crowd: "Crowd", told: dict[str, Any]) -> None:
        self.crowd = crowd
        self.told = told
        self.prefix_event = f"42{told['namespace']},".encode()
        self.prefix_ack = f"43{told['namespace']},".encode()
        self.tls = None if told.get("tls") is None else tls_of(told["tls"])
        self.members: list[Member] = []
        self.opened = 0
        self.witness: Member | None = None
        self.target = 0
        self.left = 0
        self.first = 0
        self.last = 0
        self.have: list[int] = []
        self.watch: Callable[[Member, int], None] | None = None
        """Told of every member that has grown, and when."""

    def open(self) -> None:
        """Connect everybody and greet, a bounded number at once.

        Raises:
          Lost: the server does not take one of them.
        """
        for number in range(self.told["count"]):
            self.join(number, self.told.get("since", 0))
            self.crowd.until(lambda: len(self.members) - self.opened < OPENING_MAX)
        self.crowd.until(lambda: len(self.members) == self.opened)
        self.witness = self.members[0] if self.members else None

    def join(self, number: int, since: int) -> None:
        """Connect one more, which asks for what came since its cursor."""
        told = {**self.told, "since": since}
        self.members.append(Member(self, greetings.KINDS[told["kind"]](told, number), since))

    def await_size(self, size: int) -> None:
        """From now on wait until everybody has come to this size.

        Raises:
          Lost: somebody has it already, so that nothing could be timed.
        """
        self.target = size
        self.first = self.last = 0
        self.have = []
        self.left = sum(1 for one in self.members if one.size < size)
        if self.left != len(self.members):
            raise Lost(f"{len(self.members) - self.left} had size {size} before it was sent")

    def grown(self, member: Member, size: int, now: int) -> None:
        """A member was told of a size; counted when it reaches the awaited one."""
        before, member.size = member.size, max(member.size, size)
        if self.watch is not None:
            self.watch(member, now)
        if before < self.target <= size:
            self.left -= 1
            self.first = self.first or now
            self.last = now
            self.have.append(now)


class Crowd:
    """All groups of this process, and the loop that serves them."""

    def __init__(self) -> None:
        self.groups: dict[str, Group] = {}
        self.fault = ""
        """Why a socket ended that nobody was waiting for."""
        self._poll = select.epoll()
        self._by_handle: dict[int, Member] = {}
        self._buffer = memoryview(bytearray(_BYTES))
        self._held: deque[tuple[Member, bytes, int]] = deque()

    def add(self, member: Member) -> None:
        """Read this socket from now on."""
        handle = member.wire.sock.fileno()
        self._by_handle[handle] = member
        self._poll.register(handle, select.EPOLLIN)

    def remove(self, member: Member) -> None:
        """Read it no more."""
        handle = member.wire.sock.fileno()
        if self._by_handle.pop(handle, None) is not None:
            self._poll.unregister(handle)

    def hold(self, member: Member, got: bytes) -> None:
        """Something came in for a member."""
        self._held.append((member, got, senses.running_ns()))

    def until(self, done: Callable[[], bool], wait_s: float = STEP_S) -> None:
        """Serve until something is so.

        Raises:
          Lost: it does not come to be so in time.
        """
        end = senses.running_ns() + int(wait_s * 1e9)
        while not done():
            if senses.running_ns() > end:
                raise Lost(f"nothing came of it in {wait_s:g} s; {self.fault or 'every socket lives'}")
            self._serve(0.05)

    def until_time(self, at_ns: int) -> None:
        """Serve until a moment."""
        while (left := at_ns - senses.running_ns()) > 0:
            self._serve(left / 1e9)

    def rest(self) -> str:
        """Serve until there is something to do; the line that says what."""
        self._poll.register(sys.stdin.fileno(), select.EPOLLIN)
        try:
            while not self._serve_idle():
                pass
        finally:
            self._poll.unregister(sys.stdin.fileno())
        return sys.stdin.readline()

    def serve(self) -> None:
        """Serve whatever is there now."""
        self._serve(0)

    def _serve_idle(self) -> bool:
        """Serve without anybody waiting: a socket that ends is noted, and missed when it is needed."""
        try:
            return self._serve(None)
        except Lost as error:
            self.fault = str(error)
            return False

    def _serve(self, wait_s: float | None) -> bool:
        """Take in what has come; read it when nothing more comes, so that nobody's moment waits for that."""
        told = False
        came = self._poll.poll(0 if self._held else wait_s)
        for handle, _ in came:
            member = self._by_handle.get(handle)
            if member is None:
                told = True
                continue
            try:
                member.readable(self._buffer)
            except Lost:
                member.close()
                raise
        while self._held and (not came or len(self._held) >= _HELD_MAX):
            self._hear()
        return told

    def _hear(self) -> None:
        member, got, now = self._held.popleft()
        if member.closed:
            return
        try:
            member.hear(got, now)
        except Lost:
            member.close()
            raise
