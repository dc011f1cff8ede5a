"""The node's own copy of a session: entries and disclosures, verified one by one, on its own disk.

Nothing is taken on trust: every entry is decided again by the rules, its author's signature verified, its
place in the RFC 6962 tree computed; every disclosure must give its digest. What does not fit stops the copy
for good and is kept as proof; pages go on as of the last entry that did fit. From the copy the node folds
state and lines for its pages, so that they work with the line cut (DESIGN 1.8, 8). Must not know sockets.
"""

import asyncio
from pathlib import Path

import msgspec
from msgspec import Struct

from protocol import canonical, commands, entry, hidden
from protocol.hidden import Disclosed, Disclosure
from protocol.ledger import tree
from protocol.link import feed as feeds
from protocol.link.feed import TwoHistories, new_entries
from protocol.projection.alerts import Watched, watch
from protocol.projection.lines import lines
from protocol.session.apply import EntryRefused, apply_known, replay_one
from protocol.session.checks import check
from protocol.session.state import State
from protocol.views import Line
from protocol.wire import Feed
from protocol.words import PERSON_ROLES, Role
from sub_venue.journal import frames
from sub_venue.journal.disk import AppendFile, Disk, replace_file
from sub_venue.journal.frames import DamagedFile, Frame

_ENTRIES_AT_ONCE = 32
_NOT_HERE = "DisclosureMissing"


class Gap(Exception):
    """A feed begins behind the copy's end; ask since `size`."""

    def __init__(self, size: int) -> None:
        super().__init__(f"ask since {size}")
        self.size = size


class CopyRefused(Exception):
    """What the coordinator gave does not fit what this node holds and the rules.

    `code` names the rule, `seq` the entry. The copy takes nothing more; a supervisor must look.
    """

    def __init__(self, session: str, code: str, seq: int) -> None:
        super().__init__(f"{code} at entry {seq} of {session}")
        self.session = session
        self.code = code
        self.seq = seq


class Fault(Struct, frozen=True):
    """Why a copy has stopped, kept beside it: the rule, the entry, and what was given."""

    code: str
    seq: int
    at: int
    given: str


class _Piece(Struct, frozen=True):
    """One record of a copy's file: what one feed brought, whole or not at all."""

    since: int
    entries: tuple[str, ...]
    disclosures: tuple[Disclosure, ...]


class _Fold(Struct):
    """A copy as far as it is folded; a trial of it can be thrown away."""

    state: State | None
    disclosed: Disclosed
    leaves: list[bytes]
    lines: dict[Role, list[Line]]
    watched: Watched


class Replica:
    """One session's copy, in one file."""

    def __init__(self, session: str, disk: Disk, path: Path, installation_key: str) -> None:
        """Open the file and fold what is in it.

        Raises:
          DamagedFile: the file has been changed since it was written.
          OSError: it cannot be read.
        """
        self.session = session
        self.fault: Fault | None = None
        self._disk = disk
        self._path = path
        self._installation_key = installation_key
        self._lock = asyncio.Lock()
        self._fold = _Fold(None, Disclosed(), [], {role: [] for role in PERSON_ROLES}, Watched())
        self._file: AppendFile
        self._file, found = disk.open(path)
        for frame in found:
            self._load(frame)
        if self._fault_path.exists():
            self.fault = msgspec.json.decode(self._fault_path.read_bytes(), type=Fault)

    @property
    def state(self) -> State | None:
        """The session as of the copy's last entry; None before the first."""
        return self._fold.state

    @property
    def disclosed(self) -> Disclosed:
        """Every disclosure that this node holds of the session."""
        return self._fold.disclosed

    @property
    def watched(self) -> Watched:
        """What the entries so far gave cause to look at."""
        return self._fold.watched

    @property
    def size(self) -> int:
        """How many entries the copy holds."""
        return len(self._fold.leaves)

    def leaves(self, since: int) -> tuple[bytes, ...]:
        """The leaf hashes of the entries from `since` on."""
        return tuple(self._fold.leaves[since:])

    def entries(self) -> tuple[bytes, ...]:
        """The entries, read from the disk: for what is made from a whole record, once.

        Raises:
          DamagedFile: the file has been changed since it was written.
          OSError: it cannot be read.
        """
        return read_copy(self._path)[0]

    def lines(self, role: Role, since: int, count_max: int) -> tuple[Line, ...]:
        """Entries from `since` on as a role sees them, every one of them at least as its leaf hash."""
        return tuple(self._fold.lines[role][since : since + count_max])

    async def take(self, feed: Feed, at: int) -> bool:
        """Verify a feed, write it to disk, then show it; True when anything in it was new.

        Args:
          feed: from the coordinator, of this session.
          at: this node's clock (ms), for the proof of what was wrong.

        Raises:
          Gap: entries are missing before it; nothing was taken.
          CopyRefused: it does not fit; the copy has stopped.
          NotDurable: the disk does not take it; nothing was shown.
        """
        async with self._lock:
            if self.fault is not None:
                raise CopyRefused(self.session, self.fault.code, self.fault.seq)
            try:
                trial, piece = await self._try(feed, at)
            except CopyRefused:
                await self._keep_proof()
                raise
            if not piece.entries and not piece.disclosures:
                return False
            raw = msgspec.json.encode(piece)
            if len(raw) > frames.PAYLOAD_BYTES_MAX:
                raise CopyRefused(self.session, "TooLarge", feed.since)
            await self._disk.append(self._file, raw)
            self._show(trial)
            return True

    async def stop(self, code: str, seq: int, at: int, given: str = "") -> None:
        """Take nothing more: what was given contradicts what is here. Kept as proof beside the copy."""
        if self.fault is None:
            self.fault = Fault(code, seq, at, given)
            await self._keep_proof()

    @property
    def _fault_path(self) -> Path:
        return self._path.with_suffix(".refused")

    async def _keep_proof(self) -> None:
        raw = msgspec.json.encode(self.fault)
        await self._disk.do(lambda: replace_file(self._fault_path, raw))

    async def _try(self, feed: Feed, at: int) -> tuple[_Fold, _Piece]:
        """Fold what is new into a trial, verifying each entry; other work goes on in between."""
        texts = self._new_ones(feed, at)
        held = self.disclosed
        disclosures = tuple(one for one in feed.disclosures if one.digest not in held and hidden.holds(one))
        lines: dict[Role, list[Line]] = {role: [] for role in PERSON_ROLES}
        trial = _Fold(self.state, held.plus(disclosures), [], lines, self.watched)
        for number, text in enumerate(texts):
            self._try_one(trial, self.size + number, at, text)
            if number % _ENTRIES_AT_ONCE == _ENTRIES_AT_ONCE - 1:
                await asyncio.sleep(0)
        return trial, _Piece(self.size, texts, disclosures)

    def _new_ones(self, feed: Feed, at: int) -> tuple[str, ...]:
        """The entries behind the copy's end; those before it must be the ones that are here already."""
        found = new_entries(self._fold.leaves, feed)
        if isinstance(found, feeds.Gap):
            raise Gap(found.size)
        if isinstance(found, TwoHistories):
            raise self._refused("TwoHistories", found.seq, at, found.given)
        return found

    def _try_one(self, trial: _Fold, seq: int, at: int, text: str) -> None:
        raw = text.encode()
        try:
            one = entry.decode(raw)
            if one.session != self.session:
                raise self._refused("WrongSession", seq, at, text)
            state = replay_one(trial.state, one, raw)
        except (canonical.NotCanonical, commands.UnknownContent) as error:
            raise self._refused("Malformed", seq, at, text) from error
        except EntryRefused as error:
            raise self._refused(error.code, seq, at, text) from error
        if state.installation_key != self._installation_key:
            raise self._refused("OtherInstallation", seq, at, text)
        for finding in check(trial.state, one.command, trial.disclosed):
            if finding.code != _NOT_HERE:
                raise self._refused(finding.code, seq, at, text)
        _fold_one(trial, state, one, raw)

    def _refused(self, code: str, seq: int, at: int, text: str) -> CopyRefused:
        """Stop at once; `take` keeps the proof."""
        self.fault = Fault(code, seq, at, text)
        return CopyRefused(self.session, code, seq)

    def _show(self, trial: _Fold) -> None:
        fold = self._fold
        fold.state, fold.disclosed, fold.watched = trial.state, trial.disclosed, trial.watched
        fold.leaves.extend(trial.leaves)
        for role in PERSON_ROLES:
            fold.lines[role].extend(trial.lines[role])

    def _load(self, frame: Frame) -> None:
        piece = msgspec.json.decode(frame.payload, type=_Piece)
        fold = self._fold
        fold.disclosed = fold.disclosed.plus(piece.disclosures)
        for seq, text in enumerate(piece.entries, piece.since):
            raw = text.encode()
            if seq < len(fold.leaves) and fold.leaves[seq] == tree.leaf_hash(raw):
                continue  # written twice by an earlier version, whose line broke at the wrong moment
            try:
                known = entry.decode(raw)
                state = apply_known(fold.state, known, raw)
            except (canonical.NotCanonical, commands.UnknownContent, EntryRefused) as error:
                raise DamagedFile(frame.offset, self._path.name) from error
            _fold_one(fold, state, known, raw)


def _fold_one(fold: _Fold, state: State, one: entry.Entry, raw: bytes) -> None:
    """Add one verified entry: its leaf, its line for every role, what it gives cause to look at."""
    leaf = tree.leaf_hash(raw)
    fold.watched = watch(fold.state, one, fold.watched)
    fold.state = state
    fold.leaves.append(leaf)
    for role, shown in lines(state, one, leaf, PERSON_ROLES).items():
        fold.lines[role].append(shown)


def read_copy(path: Path) -> tuple[tuple[bytes, ...], tuple[Disclosure, ...]]:
    """Entries in order and disclosures of a copy's file, while its node runs or not; nothing is verified.

    Raises:
      DamagedFile: the file has been changed since it was written.
      OSError: it cannot be read.
    """
    pieces = [
        msgspec.json.decode(frame.payload, type=_Piece) for frame in frames.scan(path.read_bytes()).frames
    ]
    entries = tuple(text.encode() for piece in pieces for text in piece.entries)
    return entries, tuple(one for piece in pieces for one in piece.disclosures)
