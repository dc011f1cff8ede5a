"""The desk: what a page may ask of its node, one method for each message (SPEC 10).

Owns who has proved which key on which page. Nothing of a session is told before a page has proved that it
holds the key of a seat at this venue; `act` needs no proof, because every act is signed. Hands on to acts,
drafts, screens and the line. Must not know sockets. A method answers with the reply's struct or a refusal.
"""
# tidy: long because who is seated on a page, from sign-in to idleness, is one thing that each message asks.

from collections.abc import Awaitable, Callable

from msgspec import Struct

from protocol import canonical, limits, wire
from protocol.link import take_over
from protocol.refusals import Refusal, refuse
from protocol.seal import signing
from protocol.session.state import AGENT_SEAT, State, speaker, track
from protocol.wire import (
    Answer,
    Attended,
    Attested,
    Challenge,
    Codes,
    Draft,
    DraftKept,
    Follow,
    Here,
    IssueCodes,
    News,
    Pen,
    PenWanted,
    Prepare,
    Prepared,
    Proof,
    Proved,
    Refused,
    SessionList,
    SignIn,
    Submit,
)
from protocol.words import SESSION_STAGE, Role
from sub_venue.config import Settings
from sub_venue.journal.copies import Copies
from sub_venue.journal.journal import Journal, TakenOver
from sub_venue.seats.acts import Acts, Author, author_of
from sub_venue.seats.attending import Attending
from sub_venue.seats.drafts import Drafts
from sub_venue.seats.page import Page
from sub_venue.seats.pens import Pens
from sub_venue.seats.screens import Screens, Seated
from sub_venue.senses import Senses
from sub_venue.uplink.uplink import Uplink

INSTALLATION = "installation"
"""In a session's place: an agent's key is enrolled and proved before any session exists."""

_AUTHORS_PER_PAGE_MAX = 16

Prepares = Callable[[Prepare, Seated], Awaitable[Prepared | Refusal]]
"""Works out an act's content and disclosures for a seated person."""


class ClockState(Struct, frozen=True):
    """The coordinator's clock as this node knows it, ms; right to within `within_ms`, -1 where unmeasured."""

    at: int
    within_ms: int


class LineState(Struct, frozen=True):
    """Whether the node's own line to the coordinator is up."""

    online: bool


class House(Struct, frozen=True):
    """What the desk hands on to."""

    settings: Settings
    acts: Acts
    drafts: Drafts
    pens: Pens
    attending: Attending
    screens: Screens
    copies: Copies
    journal: Journal
    uplink: Uplink
    senses: Senses
    prepare: Prepares


class Desk:
    """The messages of the namespace `/desk`."""

    def __init__(self, house: House) -> None:
        """Serve this house's pages."""
        self._by = house

    async def challenge(self, page: Page, _: None) -> Challenge:
        """A fresh number; the one before is good no more."""
        page.nonce = self._by.senses.secret(limits.SALT_BYTES)
        page.nonce_ms = self._by.senses.running_ms()
        return Challenge(page.nonce)

    async def prove(self, page: Page, proof: Proof) -> Proved | Refusal:
        """Seat the page if it holds the key of a seat at this venue; a challenge is good once."""
        nonce, page.nonce = page.nonce, b""
        age_ms = self._by.senses.running_ms() - page.nonce_ms
        if not nonce or nonce != proof.nonce or age_ms > self._by.settings.bounds.challenge_ms:
            return refuse("NotSignedIn")
        statement = {"session": proof.session, "seat": proof.seat, "key": proof.key, "nonce": proof.nonce}
        told = canonical.tag("prove/v1") + canonical.encode(statement)
        if not signing.verify(proof.key, told, proof.sig):
            return refuse("BadSignature")
        seated = self._seat(proof)
        if isinstance(seated, Refusal):
            return seated
        page.seated, page.follows, page.cursor, page.unseated = None, False, 0, None
        idle = self._by.attending.proved(seated.key, seated.role)
        if idle is not None:
            page.idle = seated
            return idle
        page.seated, page.idle = seated, None
        page.seated_ms = self._by.senses.running_ms()
        self._remember(page, proof.session, proof.key)
        return Proved(
            seated.session, seated.seat, seated.role, self._by.settings.node, self._author_seq(seated)
        )

    async def sign_in(self, page: Page, asked: SignIn) -> Attested | Refused | Refusal:  # noqa: ARG002
        """Ask the installation to vouch for a new key of a seat at this venue, on a one-time code."""
        fault = self.entry_fault(asked.session, asked.seat, asked.key)
        if fault is not None:
            return fault
        found = await self._by.uplink.ask(wire.SIGN_IN, asked, Attested)
        if isinstance(found, Refused):
            return found
        told = signing.attested_bytes(asked.session, asked.seat, asked.key, found.means)
        if not signing.verify(self._by.settings.installation_key, told, found.attestation):
            return refuse("BadAttestation")
        self.signed_in(asked.session, asked.seat, asked.key)
        return found

    def signed_in(self, session: str, seat: str, key: str) -> None:
        """Somebody has shown, by whatever means, that they are there with this key."""
        self._by.attending.signed_in(key, self._role(session, seat))

    async def here(self, page: Page, told: Here) -> Attended | Refusal:
        """The page's person was at work, or the page asks how long they may still be idle."""
        seated = self.standing(page)
        if seated is None:
            return self.unseated(page)
        attending = self._by.attending
        if told.at_work:
            attending.worked(seated.key)
        of_ms = attending.bound_ms(seated.role)
        return Attended(attending.left_ms(seated.key), of_ms, self._by.settings.bounds.idle.warn_ms)

    async def act(self, page: Page, submit: Submit) -> Answer | Refusal:
        """Keep an act and answer it; see `Acts.take`. A sheet is sealed in the seat's writing window only."""
        author = author_of(submit)
        is_new = author is not None and self._by.journal.find(*author.place) is None
        fault = self._fresh_fault(page, author) if author is not None and is_new else None
        if fault is not None:
            return fault
        answer = await self._by.acts.take(submit)
        if isinstance(answer, Answer) and author is not None and answer.status != "refused":
            if is_new:
                self._by.attending.worked(author.author_key)
            if answer.kept is not None:
                self._remember(page, answer.kept.session, author.author_key)
        return answer

    async def pen(self, page: Page, wanted: PenWanted) -> Pen | Refusal:
        """Say which window of the seat writes: this one, if nobody does or if it takes over from another.

        A take-over is on disk before it is in force. One from a window that writes no more changes nothing;
        the answer says who does.

        Raises:
          NotDurable: the take-over cannot be written down.
        """
        seated, pens = self.standing(page), self._by.pens
        if seated is None or (seated.session, seated.seat) != (wanted.session, wanted.seat):
            return refuse("NotSignedIn")
        if not wanted.over:
            return pens.claim(seated, page.sid, wanted.window)
        if not take_over.is_signed(wanted, seated.key):
            return refuse("BadSignature")
        before = [one for one in self._by.journal.taken_over(seated.session) if one.seat == seated.seat]
        if len(before) >= self._by.settings.bounds.take_overs_max:
            return refuse("AnswersFull", limit=self._by.settings.bounds.take_overs_max)
        if pens.is_held_by(seated, wanted.over):
            await self._by.journal.note(
                TakenOver(
                    self._by.senses.now_ms(), seated.session, seated.seat, seated.key, wanted.window,
                    wanted.over, wanted.at, wanted.sig,
                )
            )  # fmt: skip
            if not pens.take_over(seated, page.sid, wanted.window, wanted.over):
                return pens.pen(seated, page.sid)
        return pens.claim(seated, page.sid, wanted.window)

    async def follow(self, page: Page, asked: Follow) -> News | Refusal:
        """The view and the lines since; from now on the page is told whenever there is more."""
        seated = self.standing(page)
        if seated is None or seated.session != asked.session:
            return refuse("NotSignedIn")
        news = self._by.screens.news(seated, asked.since)
        if isinstance(news, News):
            page.follows = True
            page.cursor = asked.since + len(news.lines)
        return news

    async def prepare(self, page: Page, asked: Prepare) -> Prepared | Refusal:
        """Work out what a seated person is about to sign."""
        seated = self.standing(page)
        booking = asked.type == "BookSession" and seated is not None and seated.seat == AGENT_SEAT
        if seated is None or (seated.session != asked.session and not booking):
            return refuse("NotSignedIn")
        return await self._by.prepare(asked, seated)

    async def draft_put(self, page: Page, draft: Draft) -> DraftKept | Refusal:
        """Keep a seat's draft of a stage that it may still work on, from the window that writes."""
        state = self._at_own_seat(page, draft)
        if isinstance(state, Refusal):
            return state
        assert page.seated is not None
        if not self._by.pens.may_write(page.seated, page.sid):
            return refuse("ReadOnlyHere", seat=draft.seat)
        here = track(state, draft.stage)
        if (here is None) != (draft.stage == SESSION_STAGE) or (here is None and draft.scores):
            return refuse("UnknownStage", stage=f"{draft.stage.lot}/{draft.stage.envelope}")
        if here is None:
            return await self._by.drafts.put(draft)
        if draft.stage.round != here.round:
            return refuse("WrongRound", given=draft.stage.round, round=here.round)
        if draft.seat in here.sheets:
            return refuse("AlreadySealed", seat=draft.seat)
        return await self._by.drafts.put(draft)

    async def draft_get(self, page: Page, asked: Draft) -> Draft | Refusal:
        """The draft that is kept for a seat and stage; of revision 0 where there is none."""
        state = self._at_own_seat(page, asked)
        if isinstance(state, Refusal):
            return state
        if track(state, asked.stage) is None and asked.stage != SESSION_STAGE:
            return refuse("UnknownStage", stage=f"{asked.stage.lot}/{asked.stage.envelope}")
        return self._by.drafts.get(asked.session, asked.seat, asked.stage)

    async def issue_codes(self, page: Page, asked: IssueCodes) -> Codes | Refused | Refusal:
        """Hand the agent's signed request for codes up the line."""
        seated = self.standing(page)
        if seated is None or (seated.session, seated.key) != (asked.session, asked.key):
            return refuse("NotSignedIn")
        if seated.role != "agent":
            return refuse("NotAllowed", role=seated.role, type="IssueCodes", allowed="agent")
        return await self._by.uplink.ask(wire.ISSUE_CODES, asked, Codes)

    async def sessions(self, page: Page, _: None) -> SessionList:  # noqa: ARG002
        """The sessions this node knows, so that a person can choose theirs before signing in."""
        return SessionList(self._by.copies.notes())

    async def line_state(self, page: Page, _: None) -> LineState:  # noqa: ARG002
        """Whether the line to the coordinator is up."""
        return LineState(self._by.uplink.online)

    async def clock(self, page: Page, _: None) -> ClockState:  # noqa: ARG002
        """The coordinator's clock, for pages that count down; this node's own while it was never measured."""
        best, now = self._by.uplink.clock.best, self._by.senses.now_ms()
        return ClockState(now, -1) if best is None else ClockState(now + best.offset_ms, best.within_ms)

    def standing(self, page: Page) -> Seated | None:
        """Whom the page speaks for now: a proof ends with its time, or with another key for the seat."""
        age_ms = self._by.senses.running_ms() - page.seated_ms
        if page.seated is not None and age_ms > self._by.settings.bounds.proof_ms_max:
            page.seated, page.follows = None, False
        idle = None if page.seated is None else self._by.attending.fault(page.seated.key)
        if idle is not None:
            page.seated, page.follows, page.idle, page.unseated = None, False, page.seated, idle
            page.stir()
        seated = page.seated
        if seated is None or seated.session == INSTALLATION:
            return seated
        state = self._by.copies.state(seated.session)
        who = None if state is None else state.keys.get(seated.key)
        if who is None or who.seat != seated.seat:
            page.seated, page.follows = None, False
            page.unseated = refuse("SeatMoved", seat=seated.seat, key=seated.key)
            page.stir()
        return page.seated

    def unseated(self, page: Page) -> Refusal:
        """Why a page that speaks for nobody may not ask this."""
        idle = None if page.idle is None else self._by.attending.fault(page.idle.key)
        return refuse("NotSignedIn") if idle is None else idle

    def known(self, page: Page) -> Seated | None:
        """Whom the page speaks for, or would if its person had not been idle for too long."""
        return self.standing(page) or page.idle

    def signed_in_again(self, page: Page) -> None:
        """The person has shown by certificate or phone that it is them; the key is to be proved again."""
        if page.idle is not None:
            self._by.attending.signed_in(page.idle.key, page.idle.role)

    # --- who ------------------------------------------------------------------------------

    def _seat(self, proof: Proof) -> Seated | Refusal:
        if proof.session == INSTALLATION:
            if self._by.settings.role != "main":
                return refuse("WrongVenue", seat=proof.seat, venue=self._by.settings.node)
            if proof.seat != AGENT_SEAT:
                return refuse("UnknownSeat", seat=proof.seat)
            return Seated(INSTALLATION, AGENT_SEAT, "agent", proof.key)
        state = self._by.copies.state(proof.session)
        if state is None:
            return refuse("UnknownSession", session=proof.session)
        who = speaker(state, proof.key)
        if who is None and proof.key in state.author_seqs:
            return refuse("SeatMoved", seat=proof.seat, key=proof.key)
        if who is None or who.seat != proof.seat or who.role in ("venue", "installation"):
            return refuse("UnknownAuthor")
        if not self._by.acts.is_here(state, who.venue):
            return refuse("WrongVenue", seat=proof.seat, venue=self._by.settings.node)
        return Seated(proof.session, who.seat, who.role, proof.key)

    def entry_fault(self, session: str, name: str, key: str) -> Refusal | None:
        """Why nobody can sign in here at a seat with a key, by whatever means; the rest is the line's."""
        if not signing.is_key(key):
            return refuse("Malformed", why="key")
        if session == INSTALLATION:
            main = self._by.settings.role == "main"
            return None if main else refuse("WrongVenue", seat=name, venue=self._by.settings.node)
        state = self._by.copies.state(session)
        if state is None:
            return refuse("UnknownSession", session=session)
        seat = state.seats.get(name)
        if seat is None:
            return refuse("UnknownSeat", seat=name)
        if not self._by.acts.is_here(state, seat.venue):
            return refuse("WrongVenue", seat=name, venue=self._by.settings.node)
        return None

    def _at_own_seat(self, page: Page, draft: Draft) -> State | Refusal:
        seated = self.standing(page)
        if seated is None or (seated.session, seated.seat) != (draft.session, draft.seat):
            return refuse("NotSignedIn")
        if seated.role != "expert":
            return refuse("NotAllowed", role=seated.role, type="Draft", allowed="expert")
        state = self._by.copies.state(draft.session)
        return refuse("UnknownSession", session=draft.session) if state is None else state

    def _role(self, session: str, name: str) -> Role:
        """The role of a seat that has signed in at this venue."""
        state = self._by.copies.state(session)
        seat = None if state is None else state.seats.get(name)
        return "agent" if seat is None else seat.role

    def _fresh_fault(self, page: Page, read: Author) -> Refusal | None:
        """Why an act that is new here may not be done: idle for too long, or a sheet, from another window."""
        idle = self._by.attending.fault(read.author_key)
        if idle is not None:
            return idle
        state = self._by.copies.state(read.session) if read.type == "SealSheet" else None
        who = None if state is None else speaker(state, read.author_key)
        if who is None:
            return None
        seated = Seated(read.session, who.seat, who.role, read.author_key)
        free = self._by.pens.may_write(seated, page.sid)
        return None if free else refuse("ReadOnlyHere", seat=who.seat)

    def _author_seq(self, seated: Seated) -> int:
        """The highest number this key has used, as far as this node knows."""
        state = self._by.copies.state(seated.session)
        accepted = 0 if state is None else state.author_seqs.get(seated.key, 0)
        return max(accepted, self._by.journal.highest(seated.session, seated.key))

    @staticmethod
    def _remember(page: Page, session: str, key: str) -> None:
        if len(page.authors) < _AUTHORS_PER_PAGE_MAX:
            page.authors.add((session, key))
