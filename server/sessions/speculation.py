"""Deciding ahead: what a batch of commands would do to a session, before any of it is durable.

Starts from durable ground and takes commands one after another, each on the state that the one
before would leave. What falls due and what supervisors must see is added right behind its cause.
Nothing here is told to anybody: the actor appends the batch, and only then are the answers given;
if that fails, the whole speculation is dropped.
"""

from collections.abc import Callable

from msgspec import Struct

from protocol import canonical, entry, limits
from protocol.commands import Command, NoteRefusal
from protocol.hidden import Disclosed, Disclosure
from protocol.refusals import Refusal, refuse
from protocol.session import deadlines
from protocol.session.apply import apply_known, make_entry
from protocol.session.checks import check
from protocol.session.decide import decide
from protocol.session.state import State
from protocol.wire import Answer, refused
from protocol.words import SESSION_STAGE
from server import telemetry
from server.fanout import audience
from server.sessions import admission, asked, given
from server.sessions.admission import Admission
from server.sessions.asked import Asked, Signed, Unread
from server.sessions.given import Given
from server.sessions.signer import Signer
from server.store.contract import Batch, Birth, KeptAnswer

_DUE_ROUNDS_MAX = 64
"""More rounds of what falls due at one moment than any phase table can ask for."""
ENDED = ("ARCHIVED", "FAILED")
"""Session phases after which nothing happens by itself."""

_log = telemetry.logger("server.sessions")


class Ground(Struct, frozen=True):
    """A session as of its last durable entry; `state` is None before genesis."""

    session: str
    state: State | None
    disclosed: Disclosed
    home_node: str
    home_key: str


class Rules(Struct, frozen=True):
    """What a speculation needs of its surroundings."""

    entropy: Callable[[str], bytes]
    signer: Signer
    admission: Admission
    may_note: Callable[[State], bool]
    tripped: Callable[[], None]
    propose: Callable[[State, int], Command | None] = lambda _state, _at: None
    """The installation's next act about a milestone, out of what cosigners have given; None for none."""


class Speculation:
    """One batch on its way; `answers` are in the order in which the commands were taken."""

    def __init__(self, ground: Ground, answered: Given, now: int, rules: Rules) -> None:
        """Begin at durable ground; `now` is the clock, ms."""
        self.ground = ground
        self.state = ground.state
        self.disclosed = ground.disclosed
        self.home_node = ground.home_node
        self.next_at: int | None = None
        self.entries: list[bytes] = []
        self.kept: dict[tuple[str, str], KeptAnswer] = {}
        self.disclosures: list[Disclosure] = []
        self._strangers = 0
        self._given = answered
        self._now = now
        self._rules = rules

    def take(self, one: Asked) -> Answer:
        """Decide a submitted command, and everything that follows from it."""
        read = asked.read(one.submit, self.state)
        if isinstance(read, Unread):
            if read.claims is not None:
                self._note(read.claims, read.refusal, read.digest)
            return _refused(read.command_id, read.refusal)
        command = read.command
        kept = self._find(command.author_key, command.command_id)
        if kept is not None:
            if kept.digest == read.digest:
                return given.recall(kept)
            return self._refuse(read, refuse("CommandReused"))
        if given.full(self._given.count(command.author_key)):
            return _refused(command.command_id, refuse("AnswersFull", limit=limits.ANSWERS_PER_AUTHOR_MAX))
        if self.state is None:
            self.home_node = one.node
        result = self._accept(read)
        if isinstance(result, Refusal):
            return self._refuse(read, result, keeps=True)
        self._keep(read, result)
        self.settle()
        return result

    def settle(self) -> None:
        """Do whatever is due now, until nothing is; `next_at` says when to ask again.

        A mistake of ours in what is due is nobody's act: it is noted, and tried again with the next.
        """
        if self.state is None or self.state.installation_key != self._rules.signer.key:
            return
        try:
            self._settle(self.state)
        except Exception:  # noqa: BLE001
            self.next_at = None
            self._rules.tripped()
            _log.exception("what was due tripped an assert", session=self.ground.session)

    def _settle(self, state: State) -> None:
        for _ in range(_DUE_ROUNDS_MAX):
            commands, self.next_at = deadlines.due(state, max(self._now, state.at))
            wanted = self._rules.propose(state, max(self._now, state.at))
            for command in commands:
                if not self._own(command):
                    self.next_at = None
                    return
            if not commands and (wanted is None or not self._own(wanted)):
                return
            assert self.state is not None
            state = self.state
        raise AssertionError("what is due does not come to an end")

    def batch(self) -> Batch | None:
        """What must become durable before anybody is answered; None when nothing is new."""
        if not self.entries and not self.kept:
            return None
        before, after = self.ground.state, self.state
        if after is None:
            return None
        home_key = self.ground.home_key
        followed = frozenset() if before is None else audience.node_keys(before, home_key)
        # A session's home follows it from the birth on and is no gain.
        known = before is not None or bool(after.venues)
        gained = audience.node_keys(after, home_key) - followed if known else frozenset()
        ended = after.phase in ENDED and (before is None or before.phase not in ENDED)
        return Batch(
            session=self.ground.session,
            since=0 if before is None else before.size,
            entries=tuple(self.entries),
            answers=tuple(self.kept.values()),
            disclosures=tuple(self.disclosures),
            birth=Birth(self.home_node, after.at) if before is None else None,
            audience=tuple(sorted(gained)),
            ended=after.phase if ended else "",
        )

    def _accept(self, signed: Signed) -> Answer | Refusal:
        """The protocol's rules, then this house's, then the entry; changes nothing when it refuses."""
        command = signed.command
        at = self._now if self.state is None else max(self._now, self.state.at)
        entropy = self._rules.entropy(command.command_id)
        decided = decide(self.state, command, at, entropy)
        if isinstance(decided, Refusal):
            return decided
        refusal = self._rules.admission.refuses(command) or admission.carries(command, signed.disclosures)
        if refusal is not None:
            return refusal
        held = self.disclosed.plus(signed.disclosures) if signed.disclosures else self.disclosed
        findings = check(self.state, command, held)
        if findings:
            return findings[0]
        made = make_entry(self.state, command, signed.sig, at, entropy, decided)
        try:
            raw = entry.encode(made)
        except canonical.NotCanonical:
            size = len(canonical.encode(made))
            return refuse("TooLarge", size=size, limit=limits.ENTRY_BYTES_MAX)
        after = apply_known(self.state, made, raw)
        if signed.disclosures:
            refusal = admission.named(after, signed.disclosures)
            if refusal is not None:
                return refusal
            new = {d.digest: d for d in signed.disclosures if d.digest not in self.disclosed}
            self.disclosures.extend(new.values())
            self.disclosed = held
        self.state = after
        self.entries.append(raw)
        return Answer(command_id=command.command_id, status="accepted", seq=made.seq, at=at)

    def _own(self, command: Command) -> bool:
        """An act of the installation itself; False when it was done before or cannot be done."""
        if self._find(command.author_key, command.command_id) is not None:
            return False
        digest = canonical.sha256(entry.signed_bytes(command))
        signed = Signed(command, self._rules.signer.command(command), digest, ())
        result = self._accept(signed)
        if isinstance(result, Refusal):
            _log.error("own act refused", session=command.session, type=command.type, code=result.code)
            return False
        self._keep(signed, result)
        return True

    def _refuse(self, signed: Signed, refusal: Refusal, *, keeps: bool = False) -> Answer:
        answer = _refused(signed.command.command_id, refusal)
        known = given.is_known(self.state, signed.command.author_key)
        if keeps and self.state is not None and (known or not self._given.strangers_full(self._strangers)):
            self._keep(signed, answer)
            self._strangers += not known
        self._note(signed.command, refusal, signed.digest)
        return answer

    def _note(self, command: Command, refusal: Refusal, digest: bytes) -> None:
        """Enter a refused act for supervisors, once for each act and within the session's bounds."""
        content = admission.note(self.state, command, refusal, digest)
        if content is None or self.state is None or self.state.installation_key != self._rules.signer.key:
            return
        own = _own_note(self.state, content, self._now)
        if self._find(own.author_key, own.command_id) is None and self._rules.may_note(self.state):
            self._own(own)

    def _find(self, author: str, command_id: str) -> KeptAnswer | None:
        return self.kept.get((author, command_id)) or self._given.find(author, command_id)

    def _keep(self, signed: Signed, answer: Answer) -> None:
        author = signed.command.author_key
        self.kept[author, answer.command_id] = given.keep(author, signed.digest, answer)


def _own_note(state: State, content: NoteRefusal, now: int) -> Command:
    cause = f"refusal {content.code} {content.command_digest.hex()}"
    return deadlines.own(state, SESSION_STAGE, content, cause, max(now, state.at))


def _refused(command_id: str, refusal: Refusal) -> Answer:
    return Answer(command_id=command_id, status="refused", refused=refused(refusal))
