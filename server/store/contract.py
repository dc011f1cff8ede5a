"""What the coordinator asks of its store, whatever database is behind it.

Owns the shapes that go in and come out, and the two faults. Must not know SQL or a dialect: the
rooms above see this file only. An implementation promises:

* what `append` was given is durable when it returns, all of it together, or none of it;
* a batch that fails by `SeqTaken` leaves the batches beside it in the same transaction untouched;
* reading does not wait for writing.
"""

from typing import Protocol

from msgspec import Struct

from protocol.hidden import Disclosure


class NotDurable(Exception):
    """The store cannot write or read right now: disk full, I/O error, database gone.

    Nothing of the failed call may be acknowledged. Whether it was written is unknown until the
    store can be read again; the caller reloads.
    """


class SeqTaken(Exception):
    """Another writer has taken a `seq` or answered a command of this batch: (session_id, seq) is the law.

    Nothing of the batch was written; the caller reloads the session and decides again.
    """


class StaleLease(SeqTaken):
    """The lease under which the batch was decided is another's by now.

    Nothing of the batch was written; the caller reads the session as one who follows it.
    """


class DamagedEntry(Exception):
    """An entry read back does not have the leaf hash it was stored with."""

    def __init__(self, session: str, seq: int) -> None:
        super().__init__(f"entry {seq} of session {session} does not match its leaf hash")
        self.session = session
        self.seq = seq


class KeptAnswer(Struct, frozen=True):
    """The first answer to a command, by author and command id.

    `digest` is the SHA-256 of the bytes that the author signed; `answer` the JSON of `wire.Answer`.
    """

    author_key: str
    command_id: str
    digest: bytes
    answer: bytes


class Birth(Struct, frozen=True):
    """A session's first batch: which node brought its genesis, and when (ms)."""

    home_node: str
    created_at: int


class Batch(Struct, frozen=True, kw_only=True):
    """What one session adds in one transaction.

    `entries` are canonical bytes for `seq` = `since`, `since` + 1, …; `birth` goes with `since` 0.
    `audience` are node keys that follow the session from now on; `ended` is the phase it ended in.
    `epoch` is the lease under which it was decided; 0 asks for none, as on one coordinator.
    """

    session: str
    since: int
    entries: tuple[bytes, ...] = ()
    answers: tuple[KeptAnswer, ...] = ()
    disclosures: tuple[Disclosure, ...] = ()
    birth: Birth | None = None
    audience: tuple[str, ...] = ()
    ended: str = ""
    epoch: int = 0


class Lease(Struct, frozen=True):
    """Who writes a session now: for speed alone, (session_id, seq) is the law (DESIGN 1.3).

    `holder` is a coordinator, `address` where its peers reach it. `epoch` rises with each change of
    holder. The lease runs out at `until` (ms) by the database's own clock, nobody else's.
    """

    session: str
    holder: str
    address: str
    epoch: int
    until: int


class Snapshot(Struct, frozen=True):
    """A session's state after its first `size` entries: a cache, never the truth.

    `root` is the tree's root over those entries; `form` names the code that can read `body`.
    """

    session: str
    size: int
    root: bytes
    form: str
    body: bytes


class SessionRow(Struct, frozen=True):
    """A session as the store lists it; `ended` is empty while its phases go on."""

    session: str
    home_node: str
    created_at: int
    size: int
    ended: str


class SessionKept(Struct, frozen=True):
    """What belongs to a session beside its entries and answers."""

    row: SessionRow
    disclosures: tuple[Disclosure, ...]


class CodeRow(Struct, frozen=True):
    """A seat's one-time code as it is kept: salted, slow-hashed, never in clear."""

    session: str
    seat: str
    salt: bytes
    hash: bytes
    requested_at: int
    expires_at: int
    attempts: int = 0
    locked_until: int = 0
    used_by: str = ""


class Tried(Struct, frozen=True):
    """A try at a code that was counted; `allowed` is False, and nothing counted, while the seat is locked."""

    row: CodeRow
    allowed: bool


class PasskeyRow(Struct, frozen=True):
    """A passkey as it is kept: SHA-256 of its id, how it was bound, how often it says it has signed."""

    credential: bytes
    binding: bytes
    count: int


class PaperRow(Struct, frozen=True):
    """A seat's part in the signing of a report: its wish, what the main venue said last, its answer to that.

    Canonical texts of `protocol.papers`; empty where nothing was said yet. `number` counts the seat's wishes.
    """

    session: str
    seat: str
    number: int
    wish: bytes
    told: bytes = b""
    answer: bytes = b""


class Store(Protocol):
    """The coordinator's store. Every method may raise `NotDurable`."""

    @property
    def durable(self) -> bool:
        """Whether the last write was made durable; True before the first."""

    async def failed(self) -> str:
        """Wait until nothing that is read can be believed to be on the disk any more; what has happened.

        The process should end then: its next start makes sure. For ever where the database ends by itself.
        """

    async def prepare(self) -> None:
        """Reach the database and bring its tables up to date; to be awaited before anything else."""

    async def append(self, batch: Batch) -> None:
        """Make a session's batch durable.

        Raises:
          SeqTaken: its place was taken; nothing of it was written.
          StaleLease: its `epoch` is not 0 and not the session's any more; nothing of it was written.
        """

    async def entries(self, session: str, since: int, count_max: int) -> tuple[bytes, ...]:
        """Canonical entries from `since` on, at most `count_max`.

        Raises:
          DamagedEntry: one does not match the leaf hash it was stored with.
        """

    async def session(self, session: str) -> SessionKept | None:
        """What is kept of a session, or None where there is none."""

    async def answers(self, session: str, author: str) -> tuple[KeptAnswer, ...]:
        """Every answer kept for an author in a session, in no particular order."""

    async def answers_beside(self, session: str, authors: tuple[str, ...]) -> int:
        """How many answers are kept in a session for all but these authors."""

    async def sessions_going_on(self) -> tuple[SessionRow, ...]:
        """Every session that has not ended, oldest first."""

    async def sessions_of(self, node: str, node_key: str) -> tuple[SessionRow, ...]:
        """The sessions that a node brought or follows, newest first, ended ones too."""

    async def sizes(self, sessions: tuple[str, ...]) -> dict[str, int]:
        """How many entries each of these sessions has; one that does not exist is left out."""

    async def lease(self, session: str, holder: str, address: str, lease_ms: int) -> Lease:
        """Take a session's lease where it is free or has run out, renew it where it is the holder's.

        Returns:
          The lease as it stands now, which may be another's.
        """

    async def take_over(
        self, sessions: tuple[str, ...], holder: str, address: str, lease_ms: int
    ) -> tuple[Lease, ...]:
        """Take, of these sessions' leases, those that are free or have run out, all at once.

        Returns:
          The leases that were taken; one that somebody else is taking at this moment is passed over.
        """

    async def renew(self, holder: str, lease_ms: int) -> tuple[Lease, ...]:
        """Renew all leases of a holder; those that are still its own, by session."""

    async def release(self, holder: str, sessions: tuple[str, ...]) -> None:
        """Let go of leases of one's own, so that nobody need wait until they run out."""

    async def unheld(self) -> tuple[str, ...]:
        """The sessions that go on and whose lease is free or has run out, by the database's clock."""

    async def put_snapshot(self, snapshot: Snapshot) -> None:
        """Keep a snapshot in place of the session's last one."""

    async def snapshot(self, session: str) -> Snapshot | None:
        """A session's last snapshot, or None. Whether it can be trusted is the caller's to check."""

    async def put_head(self, session: str, size: int, note: str, replaces: int = 0) -> None:
        """Keep a cosigned head of a session's log, in place of the one of size `replaces` (0: of none)."""

    async def heads(self, session: str) -> dict[int, str]:
        """The heads that are kept of a session's log: size → signed note."""

    async def enrol_agent(self, key: str, at: int) -> None:
        """Know a key as an agent's from now on; knowing it already changes nothing."""

    async def agents(self) -> tuple[str, ...]:
        """Every enrolled agent's key."""

    async def put_codes(self, rows: tuple[CodeRow, ...], at: int) -> bool:
        """Keep new codes in place of the seats' old ones, all or none.

        Returns:
          False, and nothing kept, when a seat has a code that was requested at `at` or later.
        """

    async def try_code(self, session: str, seat: str, now: int, tries_max: int, lock_ms: int) -> Tried | None:
        """Count a try before it is judged, so that tries at once cannot slip past the lock.

        The last of `tries_max` tries in a row locks the seat for `lock_ms` from `now`; spending the
        code lifts the lock. None where the seat has no code.
        """

    async def code(self, session: str, seat: str) -> CodeRow | None:
        """A seat's code as it stands; nothing is counted."""

    async def use_code(self, row: CodeRow, key: str, agent_at: int | None) -> bool:
        """Spend a code for a key, once; and enrol the key as an agent's where `agent_at` is given.

        Returns:
          False when the code was spent by another key, or replaced, since `row` was read.
        """

    async def put_paper(self, session: str, seat: str, wish: bytes) -> None:
        """Keep a seat's wish to sign; what was said of one before is gone."""

    async def papers(self, session: str, seat: str = "") -> tuple[PaperRow, ...]:
        """What is kept of the signing of a session's report, by seat; of one seat alone where it is named."""

    async def answer_paper(self, session: str, seat: str, asked: bytes, given: bytes) -> bool:
        """Keep a seat's answer to what was told last; False where that is not `asked` any more."""

    async def tell_papers(self, session: str, said: tuple[tuple[str, int, bytes], ...]) -> None:
        """Keep what the main venue says: of which seat, of which of its wishes, what.

        Said again it changes nothing, nor does what is said of a wish that is not the seat's last.
        """

    async def drop_papers(self, session: str, seats: tuple[str, ...]) -> None:
        """Keep nothing more of these seats' signing."""

    async def passkey(self, credential: bytes) -> PasskeyRow | None:
        """The passkey of this id's digest, or None."""

    async def passkeys(self) -> int:
        """How many passkeys are bound."""

    async def bind_passkey(self, row: PasskeyRow) -> bool:
        """Keep a passkey, once; False, and nothing done, where one of this id is kept."""

    async def count_passkey(self, credential: bytes, count: int) -> bool:
        """Note how often a passkey says it has signed; False, and nothing done, where that does not rise.

        Of several coordinators that are told the same count one is answered True. One that says 0 and never
        said more does not count, and is taken.
        """

    async def close(self) -> None:
        """Finish what was asked, then let go of the database."""
