"""Signed commands for the coordinator's tests, and a coordinator's rooms without sockets.

The people and their acts are those of `tests.protocol.world`: a session is played in memory first,
and what its people signed is then handed to the real actor, store and gateway.
"""

import asyncio
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from protocol import canonical, entry
from protocol import commands as cmd
from protocol.commands import NO_HEAD, Command, Content
from protocol.entry import Entry
from protocol.hidden import Disclosure
from protocol.plan.case import Case
from protocol.plan.stages import stages
from protocol.refusals import Refusal
from protocol.seal import signing
from protocol.wire import Answer, Submit
from protocol.words import SESSION_STAGE, Stage
from server.config import Bounds
from server.fanout.bus import LocalBus
from server.senses import Senses
from server.sessions.actor import Surroundings
from server.sessions.admission import Admission
from server.sessions.registry import Registry
from server.sessions.signer import Signer
from server.store.contract import Batch, NotDurable, Store
from server.store.sqlite import SqliteStore
from server.telemetry import Meters
from tests.protocol.world import START_MS, World, key, private_key

WAIT_S = 20.0
"""How long a test waits for what must come; longer is a failure."""

NODES = ("hefei", "shanghai", "nanjing", "hangzhou")


class TestSenses(Senses):
    """A clock that stands until it is moved; entropy from a seed."""

    __test__ = False

    def __init__(self, now: int = START_MS) -> None:
        super().__init__("tests")
        self.now = now

    def now_ms(self) -> int:
        return self.now


def signed(command: Command, author: str, disclosures: tuple[Disclosure, ...] = ()) -> Submit:
    """A command as its author submits it."""
    sig = signing.sign(private_key(author), entry.signed_bytes(command))
    return Submit(command=canonical.encode(command).decode(), sig=sig, disclosures=disclosures)


class Troubled(SqliteStore):
    """A store whose appends can be made to fail before or after they are written, or to wait."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, Meters(), 512)
        self.fails_before = 0
        self.fails_after = 0
        self.given_up: list[Batch] | None = None
        """Where it is a list, batches are laid there instead, to be written by hand later."""
        self.open = asyncio.Event()
        self.open.set()
        self.reached = asyncio.Event()

    async def append(self, batch: Batch) -> None:
        self.reached.set()
        await self.open.wait()
        if self.fails_before:
            self.fails_before -= 1
            raise NotDurable("no space left on device")
        if self.given_up is not None:
            self.given_up.append(batch)
            raise NotDurable("the connection was lost within COMMIT")
        await super().append(batch)
        if self.fails_after:
            self.fails_after -= 1
            raise NotDurable("the answer to COMMIT was lost")


class Script(World):
    """Plays a session in memory and keeps what its people submitted, in order."""

    def __init__(self, case: Case, session: str = "s-1") -> None:
        super().__init__(case, session)
        self.submits: list[Submit] = []
        self.authors: list[str] = []

    def take(
        self, command: Command, author: str, disclosures: tuple[Disclosure, ...] = ()
    ) -> Entry | Refusal:
        result = super().take(command, author, disclosures)
        if isinstance(result, Entry) and author != "installation":
            self.submits.append(signed(command, author, disclosures))
            self.authors.append(author)
        return result

    def to_check_in_from_booked(self) -> None:
        """The rest of the way to check-in, for a session that is booked."""
        self.import_committee()
        for lot, envelope in stages(self.plan):
            self.open_bids(lot, envelope)
            self.draw(lot, envelope)
        self.must("agent", cmd.OpenCheckIn())

    def next_submit(self, author: str, content: Content, stage: Stage = SESSION_STAGE) -> Submit:
        """A further command, which the session in memory does not take."""
        return signed(self.command(author, content, stage), author)


def binding(script: Script, seat: str, author: str, number: int = 1) -> Submit:
    """A new key for a seat, attested by the installation; one entry for each, as often as wanted."""
    content = cmd.BindSeat(seat, "code", script.attest(seat, author))
    command = Command(
        session=script.session, type="BindSeat", command_id=f"bind-{author}-{number}",
        author_key=key(author), author_at=script.now, author_seq=number, seen=NO_HEAD,
        stage=SESSION_STAGE, content=content,
    )  # fmt: skip
    return signed(command, author)


def changed(submit: Submit, author: str, **fields: Any) -> Submit:
    """The same command with other fields in its header, signed anew."""
    command = cmd.parse(submit.command.encode())
    return signed(replace(command, **fields), author, submit.disclosures)


class House:
    """Store, registry and what they need, on one database file; nothing listens."""

    def __init__(
        self, path: Path, *, senses: Senses | None = None, store: Store | None = None, **bounds: int
    ) -> None:
        self.meters = Meters()
        self.bounds = Bounds(**bounds)
        self.senses = senses or TestSenses()
        self.store = store or SqliteStore(path, self.meters, self.bounds.group_batches_max)
        self.bus = LocalBus()
        self.agents = {key("agent")}
        nodes = {node: key(f"node {node}") for node in NODES}
        self.signer = Signer(private_key("installation"))
        admission = Admission(self.signer.key, nodes.values(), self.agents.__contains__)
        self.around = Surroundings(
            self.store, self.senses, self.signer, admission, nodes, self.bus, self.meters, self.bounds
        )
        self.registry: Registry = Registry(self.around)

    async def submit(self, submit: Submit, node: str = "hefei") -> Answer | Refusal:
        return await asyncio.wait_for(self.registry.submit(submit, node), WAIT_S)

    async def accept(self, submit: Submit, node: str = "hefei") -> Answer:
        answer = await self.submit(submit, node)
        assert isinstance(answer, Answer), answer
        assert answer.status == "accepted", answer
        return answer

    async def refused(self, submit: Submit, node: str = "hefei") -> str:
        """The code with which a command is refused for good."""
        answer = await self.submit(submit, node)
        assert isinstance(answer, Answer), answer
        assert answer.refused is not None, answer
        return answer.refused.code

    async def play(self, script: Script) -> None:
        for one in script.submits:
            await self.accept(one)

    async def size(self, session: str) -> int:
        published = await self.registry.published(session)
        return 0 if published is None else published.state.size

    async def events(self, session: str) -> list[str]:
        """The names of all events of a session, in order, as the store has them."""
        raws = await self.store.entries(session, 0, 10_000)
        return [type(event).__name__ for raw in raws for event in entry.decode(raw).events]

    async def close(self) -> None:
        await self.registry.stop()
        await self.store.close()


async def until(condition: Any) -> None:
    """Wait for what must come true."""
    async with asyncio.timeout(WAIT_S):
        while not await condition():  # noqa: ASYNC110 - a condition is asked, not an event awaited
            await asyncio.sleep(0.005)


def code(answer: Answer | Refusal) -> str:
    if isinstance(answer, Refusal):
        return answer.code
    return answer.status if answer.refused is None else answer.refused.code
