"""A custodian's key service: it answers the roll-call, and releases its shares when it believes (SPEC 28.4).

It holds the key that shares are boxed to and the key that signs its acts, both handed in. Whoever asks may be
anybody: what leaves is a signed act and boxes that only the venues of the opening can open, and nothing
leaves for a record that the service cannot believe. Asked twice, it gives the same release.
"""

import threading
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct

from protocol import canonical, entry, hidden, limits
from protocol.commands import Command, Content
from protocol.commands_ceremony import AnswerRollCall, ReleaseCustody
from protocol.hidden import Disclosure
from protocol.ledger.quorum import Policy
from protocol.seal import releasing, signing, suites
from protocol.seal.suite import OpeningKey
from protocol.session.ceremony import reading
from protocol.session.state import head
from protocol.words import Stage
from sub_venue.custody import book, judgement
from sub_venue.custody.book import Book
from sub_venue.custody.judgement import Believed, BidHeader, Me, Refused, Replayed
from sub_venue.custody.releases import Conflict, Released, Releases


class Senses(Protocol):
    """The clock and the dice of this machine."""

    def now_ms(self) -> int:
        """The wall clock, ms."""

    def secret(self, size: int) -> bytes:
        """Random bytes that nobody may guess."""


class Asked(Struct, frozen=True, forbid_unknown_fields=True):
    """What comes in: the whole record, a checkpoint of just it, the stage, and for a release the headers."""

    checkpoint: str
    entries: tuple[str, ...]
    headers: tuple[BidHeader, ...]
    stage: Stage


class Answered(Struct, frozen=True, forbid_unknown_fields=True):
    """What goes out: an act of the custodian's, signed, as canonical text, and what it hides."""

    command: str
    disclosures: tuple[Disclosure, ...]
    sig: str


class Health(Struct, frozen=True, forbid_unknown_fields=True):
    """Whether the service could answer now: its key opens a box made for trial."""

    at: int
    custodian: str
    key: str
    ok: bool
    public: bytes
    suite: str


class Service:
    """One custodian."""

    def __init__(
        self,
        me: Me,
        suite: str,
        opening_key: OpeningKey,
        author: Ed25519PrivateKey,
        policy: Policy,
        releases: Releases,
        senses: Senses,
        step: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Keep what answering takes; `step` is told before each step, for those who let it die there."""
        self.me, self._policy, self._releases, self.senses = me, policy, releases, senses
        self.suite, self.key, self._author = suites.get(suite), opening_key, author
        self.step = step
        self.highest: Callable[[str], int] = lambda _session: 0
        """The highest number of its acts in a session that is kept, whether or not the record has it yet."""
        self.folder = releases.folder
        """Where this service keeps what has left it."""
        self._before: Replayed | None = None
        self.book = Book(senses.now_ms)
        """What was asked lately, for whoever keeps the service."""
        self._lock = threading.Lock()

    def health(self) -> Health:
        """Try the key."""
        now = self.senses.now_ms()
        return Health(now, self.me.custodian, self.me.key, self._works(), self.me.public, self.suite.name)

    def released(self) -> tuple[Released, ...]:
        """Every release of an opening that lies on the disk, the newest first.

        Raises:
          Torn: one is damaged.
          OSError: the disk cannot be read.
        """
        return self._releases.all()

    @book.noted("roll_call")
    def answer_roll_call(self, asked: Asked) -> Answered:
        """The act by which the service says that it is there.

        Raises:
          Refused: the record is not believed, or the key does not work.
        """
        believed = self.believed(asked)
        challenge = judgement.roll_call(believed, self.senses.now_ms())
        if not self._works():
            raise Refused("key", "it does not open a box made for trial")
        return self.act(believed, asked.stage, AnswerRollCall(challenge), ())

    @book.noted("release")
    def release(self, asked: Asked) -> Answered:
        """The act by which the service releases its shares of exactly the released bids.

        Raises:
          Refused: the record is not believed, it is too early, or something else was released already.
          OSError: the disk does not take it; nothing has left.
        """
        self.step("asked")
        believed = self.believed(asked)
        self.step("believed")
        bids = judgement.released_bids(believed, self.senses.now_ms())
        book.saw_bids(bids)
        digest = reading.list_digest(believed.state, believed.here, bids)
        with self._lock:
            kept = self._releases.of(believed.state.session, asked.stage)
            if kept is None:
                kept = self._keep(believed, asked, bids, digest)
        if kept.bids != digest:
            raise Refused("bids", "this service has released for another list of this opening")
        self.step("kept")
        content = ReleaseCustody(self.me.custodian, digest, kept.release.digest)
        answered = self.act(believed, asked.stage, content, (kept.release,))
        self.step("answered")
        return answered

    def _keep(self, believed: Believed, asked: Asked, bids: Sequence[Any], digest: bytes) -> Released:
        headers = judgement.headers_of(believed, bids, asked.headers)
        shares = releasing.take_all(self.suite, self.me.custodian, believed.group.group, headers, self.key)
        to = [one.public for one in believed.opening.to]
        made = releasing.release_shares(
            self.suite, believed.state.session, self.me.custodian, digest, shares, to,
            self.senses.secret(32),
        )  # fmt: skip
        shown = hidden.disclose("custody_release", self.senses.secret(limits.SALT_BYTES), made)
        self.step("made")
        one = Released(believed.state.session, asked.stage, digest, shown, self.senses.now_ms())
        try:
            return self._releases.keep(one)
        except Conflict as conflict:
            raise Refused("bids", str(conflict)) from conflict

    def believed(self, asked: Asked) -> Believed:
        """The session of a question as this service believes it.

        Raises:
          Refused: as `judgement.believe`.
        """
        raws = tuple(one.encode() for one in asked.entries)
        before = self._before
        found = judgement.believe(raws, asked.checkpoint, self._policy, self.me, asked.stage, before)
        self._before = Replayed(raws, found.state)
        book.saw(found)
        return found

    def act(
        self, believed: Believed, stage: Stage, content: Content, disclosures: tuple[Disclosure, ...]
    ) -> Answered:
        """A command of this service, next in the record that it has seen."""
        state = believed.state
        type_ = type(content).__name__
        number = max(state.author_seqs.get(self.me.key, 0), self.highest(state.session)) + 1
        name = canonical.tagged_digest("custodian-act/v1", [state.session, type_, stage, content, number])
        command = Command(
            session=state.session,
            type=type_,
            command_id=f"key-{name.hex()[:40]}",
            author_key=self.me.key,
            author_at=self.senses.now_ms(),
            author_seq=number,
            seen=head(state),
            stage=stage,
            content=content,
        )
        sig = signing.sign(self._author, entry.signed_bytes(command))
        return Answered(canonical.encode(command).decode(), disclosures, sig)

    def _works(self) -> bool:
        info = canonical.encode([self.me.custodian, "trial"])
        secret = self.senses.secret(32)
        try:
            return self.suite.unwrap(self.key, info, self.suite.wrap(self.key.public, info, secret)) == secret
        except ValueError:
            return False
