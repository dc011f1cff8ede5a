"""A venue's part of an opening: its key, the ciphertext, what it finds, its word on it (SPEC 28.2, 28.5).

Owns what the node does of itself while a session's bids are opened. It offers a key for the session once the
custodians are appointed; fetches the containers as soon as they were received and compares them with the
record; puts the released keys together when a threshold has released, opens everything into its own disk, and
reports; looks once more, from the ciphertext on, where another venue found something else; and destroys its
key when the session has ended. Every step is read off the record and the disk, so
that a node that is killed goes on where it stood. Content keys are in this process for as long as a
container is read, and nowhere else.
"""

import asyncio
import shutil
from pathlib import Path
from typing import Final

import structlog

from protocol import canonical
from protocol.commands import Content
from protocol.commands_ceremony import DestroyOpeningKey, OfferOpeningKey
from protocol.decrypting import BidRead
from protocol.hidden import Disclosed
from protocol.seal.at_opening import AskContainer
from protocol.seal.refused import SealRefused
from protocol.session.ceremony import reading
from protocol.session.phases import RULES
from protocol.session.rows import RUNNING
from protocol.session.state import State, Track
from protocol.words import SESSION_STAGE, Stage
from sub_venue.custody import opening_keys, recombining, shelving
from sub_venue.custody.recombining import Fetched
from sub_venue.custody.shelving import Opened
from sub_venue.seats import own_hand
from sub_venue.seats.own_hand import Rooms, Wanted
from sub_venue.unsealed import writing
from sub_venue.uplink.fetching import Fetching
from sub_venue.uplink.line import LineFault

AGAIN_S: Final = 1.0
"""How soon what could not be fetched is tried again."""
REFUSED_TRIES_MAX: Final = 3
"""How often the node says the same after a refusal; then people must look."""
OPENED: Final = "opened"
_ENDS: Final = frozenset({"ARCHIVED", "FAILED"})
_RELEASING: Final = frozenset({"BIDDERS_RELEASE", "CUSTODIANS_RELEASE"})
_log = structlog.get_logger("sub_venue.custody")


class OpeningRoom:
    """The openings of this node's sessions: `SESSION/LOT-ENVELOPE/BID.tcbid`, and `opened/` beside them."""

    def __init__(self, rooms: Rooms, fetching: Fetching, folder: Path, keys: Path, documents: Path) -> None:
        """Hear of every session that grows; `keys` are the sessions', opened bids go to `documents`."""
        self._by = rooms
        self._fetching = fetching
        self._folder = folder
        self._keys = keys
        self._documents = documents
        self._shelved: set[tuple[str, str, int]] = set()
        self._looked: set[tuple[str, str, int, tuple[bytes, ...]]] = set()
        """(session, stage, round, what the venues found) that was looked at once more."""
        self._at_work: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._fetched: dict[Path, Fetched] = {}
        self._sizes: dict[Path, int] = {}
        self._read: dict[Path, int] = {}
        rooms.copies.listen(self.look)
        rooms.journal.listen(lambda kept, _answer: self.look(kept.session))

    def start(self) -> None:
        """Take up every session that goes on, and every key that outlived its own."""
        for folder in self._folder.glob(f"*/*/{OPENED}/*"):
            # What was being written when the node was killed, part of a bid in clear; and what may not have
            # come to the disk before a power cut: opened anew, from the ciphertext.
            if folder.is_dir() and (folder.name.startswith(".") or not writing.settled(folder)):
                shutil.rmtree(folder, ignore_errors=True)
        held = (path.name.removesuffix(".key") for path in self._keys.glob("*.key"))
        for session in {*(one.session for one in self._by.copies.going_on()), *held}:
            self.look(session)

    async def stop(self) -> None:
        """End whatever is under way; what is on the disk is taken up again."""
        tasks = tuple(self._at_work.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._fetching.close()

    def look(self, session: str) -> None:
        """See whether a session's opening asks something of this node now; at most one task for each."""
        self._again.add(session)
        if session in self._at_work or not self._is_asked(session):
            return
        task = asyncio.ensure_future(self._work(session))
        self._at_work[session] = task
        task.add_done_callback(lambda done: self._worked(session, done))

    def progress(self, session: str) -> tuple[BidRead, ...]:
        """How far each container of a session that lies here is; all of it where it was opened before."""
        state = self._by.copies.state(session)
        if state is None:
            return ()
        told = []
        for here in state.tracks.values():
            place = self._place(session, here.lot, here.envelope)
            for bid in reading.of(state, here).received:
                path = place / f"{bid.bid}.tcbid"
                size = self._sizes.get(path)
                if size is not None:
                    whole = (place / OPENED / bid.bid).is_dir()
                    done = size if whole else min(self._read.get(path, 0), size)
                    told.append(BidRead(here.lot, here.envelope, bid.bid, size, done))
        return tuple(told)

    def opened(self, session: str, lot: str, envelope: str, bid: str) -> Path:
        """Where an opened bid's files lie at this node, once they do."""
        return self._place(session, lot, envelope) / OPENED / bid

    # --- the work -------------------------------------------------------------------------------------------

    def _is_asked(self, session: str) -> bool:
        """Whether a session is of the rules with sealed bids, and this node a venue of it."""
        state = self._by.copies.state(session)
        return state is not None and bool(state.ceremony.stages) and bool(self._venue(state))

    def _worked(self, session: str, done: asyncio.Task[None]) -> None:
        del self._at_work[session]
        if done.cancelled():
            return
        error = done.exception()
        if error is None:
            if session in self._again:
                self.look(session)
            return
        if isinstance(error, LineFault):
            _log.warning("not fetched", session=session, error=str(error))
        else:
            _log.error("cannot do an opening's work", session=session, error=repr(error))
        asyncio.get_running_loop().call_later(AGAIN_S, self.look, session)

    async def _work(self, session: str) -> None:
        while session in self._again:
            self._again.discard(session)
            state = self._by.copies.state(session)
            if state is None:
                return
            venue = self._venue(state)
            if state.phase in _ENDS:
                await self._destroy(state, venue)
                return
            await self._offer(state, venue)
            for here in tuple(state.tracks.values()):
                if here.phase in _RELEASING and self._has_key(state, here, venue):
                    await self._fetch(state, here)
                    await self._open(state, here, venue)
                elif here.bids:
                    await self._mend(state, here)
                    await self._shelve(state, here)
                await self._settle(state, here)

    async def _offer(self, state: State, venue: str) -> None:
        """A key for this session, once it is known of which suite; the same for as long as it is held."""
        suite = next((one.suite for one in state.ceremony.stages.values() if one.groups), "")
        if not suite or state.phase not in RUNNING or not _knows(state, "OfferOpeningKey"):
            return
        key = await asyncio.to_thread(opening_keys.create, self._keys, state.session, suite, self._by.senses)
        offered = state.ceremony.keys.get(venue)
        if offered is None or offered.public != key.public:
            await self._keep(state, SESSION_STAGE, venue, OfferOpeningKey(suite, key.public), key.public)  # type: ignore[arg-type]

    async def _fetch(self, state: State, here: Track) -> None:
        """Every container that was received, compared with the record.

        Raises:
          LineFault: one is not to be had now, or is another.
        """
        place = self._place(state.session, here.lot, here.envelope)
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        for bid in reading.of(state, here).received:
            path = place / f"{bid.bid}.tcbid"
            if path in self._fetched:
                continue
            if not path.exists():
                asked = AskContainer(state.session, here.lot, here.envelope, bid.bid)
                await self._fetching.container(asked, path)
            try:
                fetched, mark = await asyncio.to_thread(recombining.fetch, path)
            except SealRefused as refused:
                path.unlink()
                raise LineFault(f"{bid.bid}: {refused}") from refused
            if mark != bid.mark:
                path.unlink()
                raise LineFault(f"{bid.bid} is not the one that was received")
            self._fetched[path] = fetched
            self._sizes[path] = path.stat().st_size
            _log.info("container fetched", session=state.session, bid=bid.bid)

    async def _open(self, state: State, here: Track, venue: str) -> None:
        """Open every released bid once enough was released, and say what was found."""
        found = reading.of(state, here)
        if here.phase != "CUSTODIANS_RELEASE":
            return
        if reading.short_of(found, found.custody) or not found.list_digest:
            return
        disclosed = self._disclosed(state.session)
        needed = (*(found.released[one.bid] for one in reading.released(found)), *found.custody.values())
        key = opening_keys.held(self._keys, state.session, found.suite)
        if key is None or any(one not in disclosed for one in needed):
            return
        said = found.reports.get(venue)
        if said is not None and not await self._anew(state, here):
            return
        place = self._place(state.session, here.lot, here.envelope)
        fetched = {one.bid: self._fetched[place / f"{one.bid}.tcbid"] for one in found.received}
        self._read.update({one.path: 0 for one in fetched.values()})

        def advance(bid: str, count: int) -> None:
            self._read[fetched[bid].path] += count

        try:
            made = await asyncio.to_thread(
                recombining.put_together, state, here, disclosed, fetched, key, place / OPENED, advance
            )
        except SealRefused as refused:
            # Too few good shares as yet: another custodian's release may come.
            false = recombining.culprits(state, here, disclosed, fetched, key)
            _log.warning(
                "not opened yet", session=state.session, stage=here.name, why=str(refused), false_shares=false
            )
            return
        if said is not None and said.digest == reading.report_digest(state, here, made.report.bids):
            return
        stage = Stage(here.lot, here.envelope, here.round)
        about = canonical.tagged_digest("opening-report/v1", [stage, made.report])
        await self._keep(state, stage, venue, made.report, about)

    async def _mend(self, state: State, here: Track) -> None:
        """Open again what was opened and reported, and was not on the disk when the power went.

        Raises:
          LineFault: a container is not to be had now.
        """
        place = self._place(state.session, here.lot, here.envelope)
        bids = {one.bidder: one.bid for one in reading.of(state, here).received}
        wanted = [bids[one.bidder] for one in here.bids if one.bidder in bids]
        key = opening_keys.held(self._keys, state.session, reading.of(state, here).suite)
        if key is None or all((place / OPENED / bid).is_dir() for bid in wanted):
            return
        await self._fetch(state, here)
        fetched = {bid: self._fetched[place / f"{bid}.tcbid"] for bid in bids.values()}
        disclosed = self._disclosed(state.session)
        await asyncio.to_thread(
            recombining.put_together, state, here, disclosed, fetched, key, place / OPENED
        )
        for bid in wanted:
            if not (place / OPENED / bid).is_dir():
                # The disk gives back other bytes than it was given: they are compared, and fetched, anew.
                self._fetched.pop(fetched[bid].path, None)
                raise LineFault(f"{bid} is not what was fetched")
        _log.info("opened again", session=state.session, stage=here.name)

    async def _settle(self, state: State, here: Track) -> None:
        """What was opened is brought to the disk, behind the word on it: readers do not wait for that."""
        place = self._place(state.session, here.lot, here.envelope) / OPENED
        for bid in reading.of(state, here).received:
            folder = place / bid.bid
            if folder.is_dir() and not writing.settled(folder):
                await asyncio.to_thread(writing.settle, folder)

    async def _anew(self, state: State, here: Track) -> bool:
        """Where venues found different things: whether to look again, by ciphertext fetched anew.

        Once for what they found; whose disk or line it was shows in who finds something else then.

        Raises:
          LineFault: a container is not to be had now.
        """
        found = reading.of(state, here)
        digests = tuple(sorted({one.digest for one in found.reports.values()}))
        place = (state.session, here.name, here.round, digests)
        if len(digests) == 1 or place in self._looked:
            return False
        folder = self._place(state.session, here.lot, here.envelope)
        _log.warning("venues differ, looking again", session=state.session, stage=here.name)
        for bid in reading.released(found):
            path = folder / f"{bid.bid}.tcbid"
            self._fetched.pop(path, None)
            self._read.pop(path, None)
            path.unlink(missing_ok=True)
            writing.unsettle(folder / OPENED / bid.bid)
            await asyncio.to_thread(shutil.rmtree, folder / OPENED / bid.bid, ignore_errors=True)
        await self._fetch(state, here)
        self._looked.add(place)
        return True

    async def _shelve(self, state: State, here: Track) -> None:
        """The opened bids go to the reading room, once the record has given them codes."""
        done = (state.session, here.name, here.round)
        found = reading.of(state, here)
        if done in self._shelved or not found.received:
            return
        ids = {one.bidder: one.bid for one in found.received}
        bids = [
            Opened(bid.code, self.opened(state.session, here.lot, here.envelope, ids[bid.bidder]))
            for bid in here.bids
            if bid.bidder in ids
        ]
        if not all(one.folder.is_dir() for one in bids):
            return
        number = list(state.tracks).index(here.name) + 1
        count = await asyncio.to_thread(
            shelving.shelve, self._documents, state.session, (here.lot, here.envelope), number, bids
        )
        self._shelved.add(done)
        _log.info("opened bids shelved", session=state.session, stage=here.name, documents=count)

    async def _destroy(self, state: State, venue: str) -> None:
        """The key first, then the word that it is gone."""
        offered = state.ceremony.keys.get(venue)
        if await asyncio.to_thread(opening_keys.destroy, self._keys, state.session):
            _log.info("opening key destroyed", session=state.session)
        if offered is not None and not offered.destroyed and _knows(state, "DestroyOpeningKey"):
            await self._keep(state, SESSION_STAGE, venue, DestroyOpeningKey(offered.public), offered.public)

    async def _keep(self, state: State, stage: Stage, venue: str, content: Content, about: bytes) -> None:
        name = canonical.sha256(about)
        if self._may(state, type(content).__name__, name):
            await own_hand.keep(self._by, state.session, Wanted(stage, venue, content, name))

    def _may(self, state: State, type_: str, about: bytes) -> bool:
        """Not while the same is on its way, nor before our copy shows it, nor after several refusals."""
        refused = 0
        for kept in self._by.journal.of_author(state.session, self._by.node_key.text):
            if (kept.type, kept.commitment) != (type_, about):
                continue
            if kept.answer is None or kept.answer.seq >= state.size:
                return False
            refused += kept.answer.status == "refused"
        return refused < REFUSED_TRIES_MAX

    def _has_key(self, state: State, here: Track, venue: str) -> bool:
        return any(one.venue == venue for one in reading.of(state, here).to)

    def _venue(self, state: State) -> str:
        """As which venue this node stands in a session; empty where it is none."""
        who = state.keys.get(self._by.node_key.text)
        return who.seat if who is not None and who.role == "venue" else ""

    def _place(self, session: str, lot: str, envelope: str) -> Path:
        return self._folder / session / f"{lot}-{envelope}"

    def _disclosed(self, session: str) -> Disclosed:
        replica = self._by.copies.get(session)
        assert replica is not None
        return replica.disclosed


def _knows(state: State, type_: str) -> bool:
    return type_ in RULES[state.rules_version].acts
