"""A person: a seat, its own Ed25519 key, what it has verified so far, and acts that arrive exactly once.

Owns what a careful page does: it signs every command, folds the leaf hashes of all lines into a tree of its
own and compares the root, names that head in `seen`, and sends an unanswered command again under the same
`command_id`. Must not know what is to be done when; that is the parts' (agent, expert, observer).
Source: DESIGN 1.4, 1.5, 3; SPEC (commands, heads).
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, TypeVar

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ops import senses
from ops.certifying import Held
from ops.installation import Node
from ops.people import sign_in
from ops.people.desk import Desk, TurnedDown, Unanswered, read
from ops.people.listener import ActRefused, Listener, SeatLeft
from ops.people.sign_in import AGAIN_MS, GREET_MS, Codes
from ops.people.tempo import Tempo
from ops.senses import Dice
from ops.trouble import Trouble
from protocol import canonical, commands, entry, wire
from protocol.commands import NO_HEAD, BindSeat, Command, Content, Head
from protocol.hidden import Disclosure, Opening
from protocol.ledger import tree
from protocol.seal import signing
from protocol.views import Line, View
from protocol.words import SESSION_STAGE, Stage

KEPT_MS: Final = 2_000
"""How long a pushed answer is awaited for an act that was only kept; then it is asked for again."""
LATE_ANSWER: Final = "answer"
INSTALLATION: Final = "installation"
"""In a session's place: an agent's key is enrolled and proved before any session exists."""
PASSING: Final = frozenset({"NotDurable", "LineDown", "TooBusy", "Stopping"})
"""Refusals that mean: the same again, a little later."""
MOVED: Final = "SeatMoved"
"""How a node says that another key speaks for the seat now."""
GONE: Final = frozenset({MOVED, "UnknownAuthor"})
"""Refusals of an act whose author speaks for nobody any more."""

T = TypeVar("T")


class Person:
    """One person at one seat of one session, at the node of their venue."""

    def __init__(
        self,
        node: Node,
        session: str,
        seat: str,
        key: Ed25519PrivateKey,
        dice: Dice,
        *,
        listener: Listener,
        bound: bool = False,
        at: str = "",
        tempo: Tempo | None = None,
        voice: Callable[["Person"], Awaitable[None]] | None = None,
        held: Callable[["Person"], Awaitable[Held]] | None = None,
    ) -> None:
        """Seat a person; `bound` says that the key speaks for the seat already.

        `at` `INSTALLATION` proves an enrolled agent's key before (or beside) any session; `tempo` is asked
        before each act; by `voice` the key is delegated where the rules ask for it, `held` signs the report.
        """
        self.node = node
        self.session = session
        self.seat = seat
        self.view: View | None = None
        self.lines: list[Line] = []
        self.desk = Desk(node, greet=self._greet, hear=self._hear)
        self._key = key
        self._key_text = signing.public_text(key)
        self._dice = dice
        self._listener = listener
        self._bound = bound
        self._at = at or session
        self.tempo = tempo or Tempo()
        self.voice = voice
        self.held = held
        self._author_seq = 0
        self._frontier = tree.EMPTY
        self._changed = asyncio.Event()
        self._late: dict[str, wire.Answer] = {}
        self._answered = asyncio.Event()
        self._greeting = asyncio.Lock()
        self._fault: Trouble | SeatLeft | None = None
        self._catching_up: asyncio.Task[None] | None = None

    @property
    def head(self) -> Head:
        """The last tree head that this person has verified."""
        if self._frontier.size == 0:
            return NO_HEAD
        return Head(self._frontier.size, tree.frontier_root(self._frontier))

    async def bind(self, codes: Codes) -> None:
        """Sign in with a one-time code and bind the key to the seat.

        A code that was used up by an answer which never arrived is replaced by a fresh one.

        Raises:
          ActRefused: the seat does not take this key.
        """
        await self.sit(await sign_in.with_code(self, codes)) if not self._bound else await self.greeted()

    async def sit(self, attested: wire.Attested) -> None:
        """Bind the key to the seat with the installation's word for it; whoever sat there sits no more.

        Raises:
          ActRefused: the seat does not take this key.
        """
        content = BindSeat(self.seat, attested.means, attested.attestation)  # type: ignore[arg-type]
        await self.act(SESSION_STAGE, content)
        self._bound = True
        await self.greeted()

    async def greeted(self, patience_ms: int = GREET_MS) -> None:
        """Prove the key on the line as it is, and follow the session; again until it is done.

        The node's own copy may take a moment to show a seat that was bound just now.

        Raises:
          ActRefused: the node still refuses the key after a while.
          SeatLeft: somebody else sits here now.
        """
        until = senses.running_ms() + patience_ms
        while True:
            await self.desk.connected.wait()
            try:
                await self._greet()
            except TurnedDown as error:
                late = senses.running_ms() >= until and error.refused.code not in PASSING
                if late and error.refused.code != MOVED:
                    raise ActRefused(self.seat, "Prove", error.refused) from error
            except Unanswered:
                pass
            else:
                return
            # The desk greets too after each connect: what it was told counts as well.
            if isinstance(self._fault, SeatLeft):
                raise self._fault
            await asyncio.sleep(AGAIN_MS / 1000)

    async def follow_session(self, patience_ms: int = GREET_MS) -> None:
        """An enrolled agent takes its seat in the session, which is booked by now.

        Raises:
          ActRefused: the key does not speak for the seat.
          SeatLeft: it does so no more.
        """
        self._at = self.session
        await self.greeted(patience_ms)

    async def sessions(self) -> tuple[wire.SessionNote, ...]:
        """The sessions that the node knows."""
        return (await self.ask(wire.SESSIONS, None, wire.SessionList)).sessions

    async def act(
        self,
        stage: Stage,
        content: Content,
        disclosures: Sequence[Disclosure] = (),
        opening: Opening | None = None,
    ) -> wire.Answer:
        """Sign an act and see it answered, however often the line breaks meanwhile.

        Raises:
          ActRefused: the rules refuse it.
          SeatLeft: somebody else sits here now.
        """
        type_ = type(content).__name__
        if type_ != "BindSeat":
            await self.tempo.before(self.seat, type_)
        self._author_seq += 1
        number = f"{self._author_seq}"
        drawn = self._dice.bytes32("command", self.session, self.seat, self._key_text, number, type_)
        command = Command(
            session=self.session,
            type=type_,
            command_id=f"{self.seat}-{number}-{drawn.hex()[:24]}",
            author_key=self._key_text,
            author_at=self.now_ms(),
            author_seq=self._author_seq,
            seen=self.head,
            stage=stage,
            content=content,
        )
        answer = await self._until_answered(command, disclosures, opening)
        self._listener.answered(self.seat, command, answer)
        if answer.refused is not None:
            if self._bound and answer.refused.code in GONE:
                raise SeatLeft(self.seat)
            raise ActRefused(self.seat, type_, answer.refused)
        return answer

    async def prepare(self, type_: str, stage: Stage, source: str = "") -> wire.Prepared:
        """Have the node work out an act's content and disclosures.

        Raises:
          ActRefused: it cannot.
        """
        message = wire.Prepare(session=self.session, type=type_, stage=stage, source=source)
        try:
            return await self.ask(wire.PREPARE, message, wire.Prepared)
        except TurnedDown as error:
            raise ActRefused(self.seat, type_, error.refused) from error

    async def act_prepared(self, type_: str, stage: Stage, source: str = "") -> wire.Answer:
        """Prepare an act at the node, then sign and send it."""
        prepared = await self.prepare(type_, stage, source)
        content = canonical.decode(prepared.content.encode(), commands.CONTENTS[type_], _CONTENT_BYTES)
        return await self.act(prepared.stage, content, prepared.disclosures)

    async def ask(self, event: str, message: Any, reply: type[T]) -> T:
        """Send a message that may be sent twice, until it is answered; the key is proved before.

        Raises:
          TurnedDown: the node refused.
        """
        proved_again = False
        while True:
            await self.desk.ready.wait()
            try:
                return await self.desk.call(event, message, reply)
            except Unanswered:
                pass
            except TurnedDown as error:
                if error.refused.code == "NotSignedIn" and not proved_again:
                    proved_again = True
                    await self.greeted()
                elif error.refused.code not in PASSING:
                    raise
            await asyncio.sleep(AGAIN_MS / 1000)

    async def until(self, test: Callable[[View], T | None]) -> T:
        """Wait until the verified view passes a test; gives what the test gave.

        Raises:
          Trouble: the node showed a record that contradicts what it showed before.
          SeatLeft: somebody else sits here now.
        """
        while True:
            self._changed.clear()
            if self._fault is not None:
                raise self._fault
            found = test(self.view) if self.view is not None else None
            if found is not None:
                return found
            await self._changed.wait()

    def now_ms(self) -> int:
        """The clock of this person's machine, for what is a claim of theirs only."""
        return senses.now_ms()

    def sign(self, message: bytes) -> str:
        """The person's signature over bytes that are tagged already."""
        return signing.sign(self._key, message)

    @property
    def key_text(self) -> str:
        """The person's public key."""
        return self._key_text

    async def _until_answered(
        self, command: Command, disclosures: Sequence[Disclosure], opening: Opening | None
    ) -> wire.Answer:
        submit = wire.Submit(
            command=canonical.encode(command).decode(),
            sig=signing.sign(self._key, entry.signed_bytes(command)),
            disclosures=tuple(disclosures),
            opening=opening,
        )
        while True:
            await self.desk.connected.wait()
            self._listener.sent(self.seat, command)
            try:
                answer = await self.desk.call(wire.ACT, submit, wire.Answer)
            except Unanswered:
                answer = None
            except TurnedDown as error:
                answer = wire.Answer(command_id=command.command_id, status="refused", refused=error.refused)
            if answer is not None and not _comes_later(answer):
                return answer
            if answer is not None:
                self._listener.waits(self.seat, command, answer)
            if answer is not None and answer.status == "kept":
                answer = await self._late_answer(command.command_id)
                if answer is not None and not _comes_later(answer):
                    return answer
            await asyncio.sleep(AGAIN_MS / 1000)

    async def _late_answer(self, command_id: str) -> wire.Answer | None:
        """The answer that the node pushes after it only kept a command; None when none comes soon."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(KEPT_MS / 1000):
                while command_id not in self._late:
                    self._answered.clear()
                    await self._answered.wait()
        return self._late.pop(command_id, None)

    async def _greet(self) -> None:
        """After every connect: prove the key, then ask for all that came since."""
        if not self._bound:
            return
        async with self._greeting:
            await self._prove()
            if self._at != INSTALLATION:
                await self._follow()

    async def _prove(self) -> None:
        challenge = await self.desk.call(wire.CHALLENGE, None, wire.Challenge)
        statement = {"session": self._at, "seat": self.seat, "key": self._key_text, "nonce": challenge.nonce}
        sig = self.sign(canonical.tag("prove/v1") + canonical.encode(statement))
        proof = wire.Proof(self._at, self.seat, self._key_text, challenge.nonce, sig)
        try:
            proved = await self.desk.call(wire.PROVE, proof, wire.Proved)
        except TurnedDown as error:
            if error.refused.code == MOVED:
                self._leave()
            raise
        self._author_seq = max(self._author_seq, proved.author_seq)

    async def _follow(self) -> None:
        news = await self.desk.call(wire.FOLLOW, wire.Follow(self.session, self._frontier.size), wire.News)
        self._take(news)

    def _hear(self, event: str, data: Any) -> None:
        if event == LATE_ANSWER:
            answer = read(data, wire.Answer)
            self._late[answer.command_id] = answer
            self._answered.set()
        if event == wire.UNSEATED and read(data, wire.Refused).detail.get("key") == self._key_text:
            self._leave()
        if event != wire.NEWS or not self._bound:
            return
        news = read(data, wire.News)
        if news.view.session == self.session:
            self._take(news)

    def _take(self, news: wire.News) -> None:
        """Fold new lines into the tree; believe the view only when its root is ours."""
        for line in news.lines:
            if line.seq < len(self.lines) and line.leaf != self.lines[line.seq].leaf:
                self._accuse(line.seq)
                return
            if line.seq == len(self.lines):
                self._frontier = tree.append(self._frontier, line.leaf)
                self.lines.append(line)
        as_of = news.view.as_of
        if as_of.size > self._frontier.size:
            self._catch_up()
            return
        if as_of.size < self._frontier.size:
            return
        if as_of.size and as_of.root != self.head.root:
            self._accuse(as_of.size)
            return
        self.view = news.view
        self._listener.saw(self)
        self._changed.set()

    def _catch_up(self) -> None:
        """A gap: ask for what is missing, unless that is under way."""
        if self._catching_up is None or self._catching_up.done():
            self._catching_up = asyncio.create_task(self._follow_quietly())

    async def _follow_quietly(self) -> None:
        try:
            await self._follow()
        except (Unanswered, TurnedDown, msgspec.ValidationError):
            return

    def _leave(self) -> None:
        self._fault = SeatLeft(self.seat)
        self._changed.set()

    def _accuse(self, seq: int) -> None:
        self._fault = Trouble(
            f"席位 {self.seat} 在 {self.node.place.zh} 看到两份不同的记录(第 {seq} 条)。请立即通知监督人员。",
            f"Seat {self.seat} was shown two different records at {self.node.place.node} (entry {seq}). "
            "Tell a supervisor at once.",
        )
        self._changed.set()


_CONTENT_BYTES = 1_048_576


def _comes_later(answer: wire.Answer) -> bool:
    if answer.status == "kept":
        return True
    return answer.refused is not None and answer.refused.code in PASSING
