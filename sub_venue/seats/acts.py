"""Acts: a signed command from a page is examined, kept, sent on, and answered.

Owns the order (DESIGN 1.4, 2): form and signature first, then whether its author sits at this venue, then the
journal's fdatasync, then the line. Whoever waits gets the final answer if it comes soon, else the *kept*
receipt; the final answer follows. What the rules say of an act is the coordinator's to decide. Must not know
sockets.
"""

import asyncio
import contextlib

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from protocol import canonical, commands, entry, hidden, limits, wire
from protocol.commands import BindSeat, BookSession, Command, SealSheet
from protocol.link import receipt
from protocol.refusals import Refusal, refuse
from protocol.seal import signing
from protocol.session import decide
from protocol.session.state import State, speaker
from protocol.wire import Answer, Submit
from sub_venue.config import Settings
from sub_venue.journal.copies import Copies
from sub_venue.journal.disk import NotDurable
from sub_venue.journal.journal import Act, Journal, Kept
from sub_venue.keys import NodeKey
from sub_venue.seats.openings import Openings
from sub_venue.senses import Senses
from sub_venue.uplink.uplink import Uplink

_SIGNED = canonical.tag(entry.COMMAND_DOMAIN)


class House(Struct, frozen=True):
    """What acts pass through."""

    settings: Settings
    node_key: NodeKey
    journal: Journal
    copies: Copies
    uplink: Uplink
    openings: Openings
    senses: Senses


class _Read(Struct, frozen=True):
    """A command in good form whose signature verifies; `digest` is that of the signed bytes."""

    command: Command
    digest: bytes


class Acts:
    """What pages submit at this node."""

    def __init__(self, house: House) -> None:
        """Work in this house."""
        self._by = house
        self._late: set[int] = set()

    async def take(self, submit: Submit) -> Answer | Refusal:
        """Keep a submitted act and answer it.

        Returns:
          The final answer, or `kept` when it is not there in time; or why the act was not even kept:
          malformed, forged, by a stranger, from another venue's seat, without a proper opening.
        """
        read = self._read(submit)
        if isinstance(read, Refusal):
            return read
        command = read.command
        kept = self._by.journal.find(command.session, command.author_key, command.command_id)
        if kept is None:
            try:
                act = await self._admit(submit, read)
                if isinstance(act, Refusal):
                    return act
                kept = await self._by.journal.keep(act)
            except NotDurable:
                return refuse("NotDurable")
        if kept.digest != read.digest:
            return refuse("CommandReused")
        self._by.uplink.wake(kept.author)
        return await self._answer(kept)

    def is_late(self, kept: Kept) -> bool:
        """Whether somebody was told of this act only that it is kept; asked once its answer is there."""
        late = kept.index in self._late
        self._late.discard(kept.index)
        return late

    async def final(self, kept: Kept) -> Answer:
        """An act's final answer with its receipt, once this node's own copy shows what was accepted."""
        await kept.settled.wait()
        assert kept.answer is not None
        replica = self._by.copies.get(kept.session)
        if kept.answer.status == "accepted" and (replica is None or replica.size <= kept.answer.seq):
            await self._copied(kept.session, kept.answer.seq + 1)
        return replace(kept.answer, kept=self._receipt(kept))

    async def _answer(self, kept: Kept) -> Answer:
        bounds = self._by.settings.bounds
        if kept.answer is None and self._by.uplink.online:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(bounds.answer_wait_ms / 1000):
                    await kept.settled.wait()
        if kept.answer is not None:
            return await self.final(kept)
        self._late.add(kept.index)
        return Answer(command_id=kept.command_id, status="kept", at=kept.at, kept=self._receipt(kept))

    async def _copied(self, session: str, size: int) -> None:
        """Wait a while for the copy; the page is told its answer either way."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._by.settings.bounds.copy_wait_ms / 1000):
                await self._by.copies.reached(session, size)

    def _receipt(self, kept: Kept) -> wire.Kept:
        unsigned = wire.Kept(
            kept.session, kept.command_id, kept.digest, kept.index, kept.at, self._by.settings.node, ""
        )
        return replace(unsigned, sig=self._by.node_key.sign(receipt.signed_bytes(unsigned)))

    # --- examining --------------------------------------------------------------------------

    def _read(self, submit: Submit) -> _Read | Refusal:
        raw = submit.command.encode()
        if len(raw) > limits.COMMAND_BYTES_MAX:
            return refuse("TooLarge", size=len(raw), limit=limits.COMMAND_BYTES_MAX)
        try:
            command = commands.parse(raw)
        except commands.UnknownContent as unknown:
            return decide.unread(None, unknown.type)
        except canonical.NotCanonical as error:
            return refuse("Malformed", why=str(error)[:200])
        signed = _SIGNED + raw
        if not signing.verify(command.author_key, signed, submit.sig):
            return refuse("BadSignature")
        if submit.opening is not None and not isinstance(command.content, SealSheet):
            return refuse("Malformed", why="opening")
        return _Read(command, canonical.sha256(signed))

    async def _admit(self, submit: Submit, read: _Read) -> Act | Refusal:
        """The record to keep, or why nothing is kept."""
        command = read.command
        full = self._full(command)
        if full is not None:
            return full
        for one in submit.disclosures:
            if not hidden.holds(one):
                return refuse("DisclosureMismatch", field=one.field)
        replica = self._by.copies.get(command.session)
        state = None if replica is None else replica.state
        if replica is not None and replica.fault is not None:
            return refuse("SeenUnknown", size=replica.size)
        seat = self._seat(state, command)
        if isinstance(seat, Refusal):
            return seat
        act = Act(
            index=0, at=self._by.senses.now_ms(), session=command.session, seat=seat, type=command.type,
            command_id=command.command_id, author_key=command.author_key, author_seq=command.author_seq,
            digest=read.digest, command=submit.command, sig=submit.sig, disclosures=submit.disclosures,
        )  # fmt: skip
        if not isinstance(command.content, SealSheet):
            return act
        assert state is not None
        return await self._sealed(state, command, submit, act)

    async def _sealed(self, state: State, command: Command, submit: Submit, act: Act) -> Act | Refusal:
        """The record of a `SealSheet`, its opening examined and under the seat's key."""
        content = command.content
        assert isinstance(content, SealSheet)
        decided = decide.decide(state, command, max(state.at, act.at), bytes(limits.SALT_BYTES))
        if isinstance(decided, Refusal):
            return decided
        fault = self._by.openings.check(state, act.seat, command, submit.opening)
        if fault is not None:
            return fault
        assert submit.opening is not None
        sealed = await self._by.openings.seal(command.session, act.seat, submit.opening)
        return replace(act, commitment=content.commitment, sealed=sealed)

    def _full(self, command: Command) -> Refusal | None:
        bounds, journal = self._by.settings.bounds, self._by.journal
        if journal.count(command.session, command.author_key) >= limits.ANSWERS_PER_AUTHOR_MAX:
            return refuse("AnswersFull", limit=limits.ANSWERS_PER_AUTHOR_MAX)
        if len(journal.pending_of(command.session, command.author_key)) >= bounds.author_pending_acts_max:
            return refuse("TooBusy")
        return None

    def _seat(self, state: State | None, command: Command) -> str | Refusal:
        """Whom the author speaks for at this venue, or why not here."""
        if isinstance(command.content, BookSession):
            return self._booking(state, command)
        if state is None:
            return refuse("UnknownSession", session=command.session)
        who = speaker(state, command.author_key)
        if who is None:
            return self._newcomer(state, command)
        if who.role in ("venue", "installation"):
            return refuse("NotAllowed", role=who.role, type=command.type, allowed="-")
        if not self.is_here(state, who.venue):
            return refuse("WrongVenue", seat=who.seat, venue=self._by.settings.node)
        return who.seat

    def is_here(self, state: State, venue: str) -> bool:
        """Whether a venue of the session is this node; before the roster the main venue is."""
        if not state.venues:
            return self._by.settings.role == "main"
        found = state.venues.get(venue)
        return found is not None and found.node_key == self._by.node_key.text

    def _booking(self, state: State | None, command: Command) -> str | Refusal:
        if self._by.settings.role != "main":
            return refuse("WrongVenue", seat="agent", venue=self._by.settings.node)
        if state is not None:
            return refuse("SessionExists", session=command.session)
        waiting = self._by.journal.pending().values()
        strangers = sum(1 for acts in waiting for kept in acts if kept.type == "BookSession")
        return (
            refuse("TooBusy") if strangers >= self._by.settings.bounds.stranger_pending_acts_max else "agent"
        )

    def _newcomer(self, state: State, command: Command) -> str | Refusal:
        """A key that the copy does not know: one that binds its seat, or has just asked to."""
        content = command.content
        if isinstance(content, BindSeat):
            seat = state.seats.get(content.seat)
            if seat is None:
                return refuse("UnknownSeat", seat=content.seat)
            if not self.is_here(state, seat.venue):
                return refuse("WrongVenue", seat=content.seat, venue=self._by.settings.node)
            told = signing.attested_bytes(state.session, content.seat, command.author_key, content.means)
            if not signing.verify(state.installation_key, told, content.attestation):
                return refuse("BadAttestation")
            return content.seat
        binding = self._by.journal.pending_of(state.session, command.author_key)
        seat_bound = next((kept.seat for kept in binding if kept.type == "BindSeat"), None)
        return refuse("UnknownAuthor") if seat_bound is None else seat_bound


class Author(Struct):
    """Who a command says it is by, and which of theirs it is."""

    session: str
    type: str
    command_id: str
    author_key: str

    @property
    def place(self) -> tuple[str, str, str]:
        """Where a journal finds it."""
        return self.session, self.author_key, self.command_id


def author_of(submit: Submit) -> Author | None:
    """Who a command says it is by; None where it is out of form."""
    try:
        return msgspec.json.decode(submit.command, type=Author)
    except msgspec.MsgspecError:
        return None
