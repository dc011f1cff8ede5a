"""A page at a node as a test drives it: a real Socket.IO client that says exactly what it is told to say."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

import msgspec
import socketio
from socketio.exceptions import SocketIOError

from protocol import canonical, commands, entry, wire
from protocol.commands import Command
from protocol.hidden import Disclosure, Opening
from protocol.seal import signing
from protocol.wire import Answer, Challenge, Draft, News, Proof, Proved, Submit
from tests.protocol.world import key, private_key

DESK = "/desk"
WAIT_S = 10.0

T = TypeVar("T")


class Turned(Exception):
    """The node refused; `code` says what."""

    def __init__(self, refused: wire.Refused) -> None:
        super().__init__(f"{refused.code}: {refused.en}")
        self.refused = refused
        self.code = refused.code


class Page:
    """One socket; what is pushed lies in `pushed` in the order it came."""

    def __init__(self, client: socketio.AsyncClient) -> None:
        self.client = client
        self.pushed: list[tuple[str, Any]] = []
        self._heard = asyncio.Event()

    async def say(self, event: str, data: Any = None, timeout_s: float = WAIT_S) -> Any:
        """Send something and give back whatever is acknowledged."""
        return await self.client.call(event, data, DESK, timeout_s)

    async def ask(self, event: str, message: Any, reply: type[T]) -> T:
        """Send a struct and read the struct that answers it.

        Raises:
          Turned: the node refused.
        """
        raw = await self.say(event, None if message is None else msgspec.to_builtins(message))
        if isinstance(raw, dict) and set(raw) == {"refused"}:
            raise Turned(msgspec.convert(raw["refused"], wire.Refused))
        return msgspec.convert(raw, reply)

    async def refused(self, event: str, message: Any) -> str:
        """The code with which the node refuses."""
        try:
            found = await self.ask(event, message, object)
        except Turned as turned:
            return turned.code
        raise AssertionError(f"not refused: {found}")

    async def prove(self, session: str, seat: str, author: str | None = None) -> Proved:
        """Prove that this page holds the key of somebody."""
        author = author or seat
        nonce = (await self.ask(wire.CHALLENGE, None, Challenge)).nonce
        return await self.ask(wire.PROVE, proof(session, seat, author, nonce), Proved)

    async def follow(self, session: str, since: int = 0) -> News:
        return await self.ask(wire.FOLLOW, wire.Follow(session, since), News)

    async def act(self, message: Submit) -> Answer:
        return await self.ask(wire.ACT, message, Answer)

    async def put(self, draft: Draft) -> wire.DraftKept:
        return await self.ask(wire.DRAFT_PUT, draft, wire.DraftKept)

    async def until(self, event: str, test: Callable[[Any], bool], reply: type[T]) -> T:
        """The first thing pushed under a name that passes a test, now or soon."""
        async with asyncio.timeout(WAIT_S):
            while True:
                self._heard.clear()
                for name, data in self.pushed:
                    if name == event:
                        found = msgspec.convert(data, reply)
                        if test(found):
                            return found
                await self._heard.wait()

    def hear(self, event: str, data: Any) -> None:
        self.pushed.append((event, data))
        self._heard.set()


@contextlib.asynccontextmanager
async def open_page(port: int, host: str = "hefei.localhost", **headers: str) -> AsyncIterator[Page]:
    """A page at the node that listens at a port."""
    client = socketio.AsyncClient(reconnection=False, handle_sigint=False)
    page = Page(client)

    async def pushed(event: str, *data: Any) -> None:
        page.hear(event, data[0] if data else None)

    client.on("*", pushed, namespace=DESK)
    try:
        await client.connect(
            f"http://127.0.0.1:{port}",
            headers={"Host": f"{host}:{port}", **headers},
            namespaces=[DESK],
            transports=["websocket"],
            wait_timeout=WAIT_S,
        )
        yield page
    finally:
        with contextlib.suppress(SocketIOError, OSError):
            await client.disconnect()
        http = client.eio.http
        if http is not None and not http.closed:
            await http.close()


def proof(session: str, seat: str, author: str, nonce: bytes) -> Proof:
    """The proof of somebody's key."""
    statement = {"session": session, "seat": seat, "key": key(author), "nonce": nonce}
    told = canonical.tag("prove/v1") + canonical.encode(statement)
    return Proof(session, seat, key(author), nonce, signing.sign(private_key(author), told))


def signed(
    command: Command,
    author: str,
    disclosures: tuple[Disclosure, ...] = (),
    opening: Opening | None = None,
) -> Submit:
    """A command signed by somebody, ready to be submitted."""
    return Submit(
        command=canonical.encode(command).decode(),
        sig=signing.sign(private_key(author), entry.signed_bytes(command)),
        disclosures=disclosures,
        opening=opening,
    )


def read(message: Submit) -> Command:
    """The command within a message."""
    return commands.parse(message.command.encode())
