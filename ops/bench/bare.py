"""The limit: the least that a Python process can do for the same crowd; `python -m ops.bench.bare JSON`.

Owns raw sockets behind one epoll and as much of WebSocket, Engine.IO and Socket.IO as the crowd needs to get
in. Told to `go` it makes the act's bytes durable (fdatasync) and writes one frame, made once, to every socket
that joined. Asked `since` it reads entries from the store's file and sends them. No rules, no signatures, no
rooms, no back-pressure. One argument: JSON of {namespace, event, payload (a file), file (for the bytes),
sizeAt, tls, database}. Sources: as in `crowd`.
"""

import base64
import hashlib
import json
import os
import select
import socket
import ssl
import sys
from pathlib import Path
from typing import Any, Final

from ops.installation import LOOPBACK
from server.store import entries as stored
from server.store.sqlite import sqlite_engine

BACKLOG: Final = 2_048
READ_MAX: Final = 10_000
_GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_BYTES: Final = 65_536
_PING_S: Final = 3_600


def frame(payload: bytes) -> bytes:
    """A server's text frame (RFC 6455 5.2)."""
    size = len(payload)
    if size < 126:
        return bytes((0x81, size)) + payload
    if size < 65_536:
        return b"\x81\x7e" + size.to_bytes(2, "big") + payload
    return b"\x81\x7f" + size.to_bytes(8, "big") + payload


class Guest:
    """One socket; `step` is what its next bytes mean."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.held = b""
        self.shaken = not isinstance(sock, ssl.SSLSocket)
        self.upgraded = False


class Bare:
    """The server."""

    def __init__(self, told: dict[str, Any]) -> None:
        self._told = told
        self._payload = Path(told["payload"]).read_text(encoding="utf-8")
        self._value = json.loads(self._payload)
        self._file = os.open(told["file"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._joined: list[socket.socket] = []
        self._guests: dict[int, Guest] = {}
        self._poll = select.epoll()
        self._tls = None if not told["tls"] else _tls(told["tls"])
        self._door = socket.create_server((LOOPBACK, 0), backlog=BACKLOG)
        self._door.setblocking(False)
        self._poll.register(self._door, select.EPOLLIN)
        path = told.get("database")
        self._database = None if path is None else sqlite_engine(Path(path), writes=False).connect()

    def serve(self) -> None:
        """Say where, then serve until killed."""
        print(json.dumps({"ready": self._door.getsockname()[1]}), flush=True)
        while True:
            for handle, _ in self._poll.poll():
                if handle == self._door.fileno():
                    self._let_in()
                elif (guest := self._guests.get(handle)) is not None:
                    self._hear(guest)

    def _let_in(self) -> None:
        while True:
            try:
                sock, _ = self._door.accept()
            except BlockingIOError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls is not None:
                sock = self._tls.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
            sock.setblocking(False)
            self._guests[sock.fileno()] = Guest(sock)
            self._poll.register(sock, select.EPOLLIN)

    def _hear(self, guest: Guest) -> None:
        try:
            if not guest.shaken:
                guest.sock.do_handshake()  # type: ignore[attr-defined]  # a TLS socket
                guest.shaken = True
            while got := guest.sock.recv(_BYTES):
                guest.held += got
            self._gone(guest)
            return
        except (ssl.SSLWantReadError, BlockingIOError):
            pass
        except OSError:
            self._gone(guest)
            return
        if not guest.upgraded and b"\r\n\r\n" in guest.held:
            self._upgrade(guest)
        if guest.upgraded:
            self._read(guest)

    def _gone(self, guest: Guest) -> None:
        del self._guests[guest.sock.fileno()]
        self._poll.unregister(guest.sock)
        if guest.sock in self._joined:
            self._joined.remove(guest.sock)
        guest.sock.close()

    def _upgrade(self, guest: Guest) -> None:
        head, _, guest.held = guest.held.partition(b"\r\n\r\n")
        key = head.partition(b"Sec-WebSocket-Key: ")[2].partition(b"\r\n")[0]
        accept = base64.b64encode(hashlib.sha1(key + _GUID).digest())  # noqa: S324 - RFC 6455 4.2.2
        opened = {"sid": "x", "upgrades": [], "pingInterval": _PING_S * 1000, "pingTimeout": 1000}
        guest.sock.send(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n" + frame(b"0" + json.dumps(opened).encode())
        )
        guest.upgraded = True

    def _read(self, guest: Guest) -> None:
        """Frames of the crowd are masked with zeros: a payload is as it stands."""
        raw = guest.held
        while len(raw) >= 6:
            size, at = raw[1] & 0x7F, 2
            if size >= 126:
                width = 2 if size == 126 else 8
                size, at = int.from_bytes(raw[2 : 2 + width], "big"), 2 + width
            if len(raw) < at + 4 + size:
                break
            self._message(guest, raw[at + 4 : at + 4 + size])
            raw = raw[at + 4 + size :]
        guest.held = raw

    def _message(self, guest: Guest, text: bytes) -> None:
        namespace = self._told["namespace"].encode()
        if text.startswith(b"40"):
            guest.sock.send(frame(b"40" + namespace + b',{"sid":"x"}'))
            return
        number, found, said = text[2 + len(namespace) + 1 :].partition(b"[")
        if not text.startswith(b"42") or not found:
            return
        event, data = json.loads(b"[" + said)
        answer = b"{}"
        if event == "join":
            self._joined.append(guest.sock)
        elif event == "go":
            self._go(namespace, data)
        elif event == "since":
            answer = self._since(data)
        guest.sock.send(frame(b"43" + namespace + b"," + number + b"[" + answer + b"]"))

    def _go(self, namespace: bytes, told: dict[str, Any]) -> None:
        os.write(self._file, told["bytes"].encode())
        os.fdatasync(self._file)
        at = self._value
        *way, last = self._told["sizeAt"]
        for name in way:
            at = at[name]
        at[last] = told["size"]
        said = json.dumps([self._told["event"], self._value], ensure_ascii=False, separators=(",", ":"))
        whole = frame(b"42" + namespace + b"," + said.encode())
        for sock in self._joined:
            sock.send(whole)

    def _since(self, told: dict[str, Any]) -> bytes:
        assert self._database is not None
        with self._database.begin():
            bodies = stored.read(self._database, told["session"], told["since"], READ_MAX)
        entries = [body.decode() for body in bodies]
        size = told["since"] + len(entries)
        feed = {"session": told["session"], "since": told["since"], "size": size, "entries": entries}
        return json.dumps({**feed, "disclosures": []}, ensure_ascii=False, separators=(",", ":")).encode()


def _tls(told: dict[str, str]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cafile=told["ca"])
    context.load_cert_chain(told["cert"], told["key"])
    return context


if __name__ == "__main__":
    Bare(json.loads(sys.argv[1])).serve()
