"""A session in memory that holds an opening: decided, applied and logged as a coordinator does.

Its log is signed and cosigned, so that a custodian's service, which believes nobody, has a checkpoint to
hold the entries against. Knows no machine: what a process is made of stands in `rehearsal`.
"""

from typing import Any, Final

from ops.ceremony.parties import ENVELOPE, LOT, PROJECT, VENUES, Parties, SealedBid
from protocol import canonical, entry, hidden
from protocol import commands as cmd
from protocol import commands_ceremony as acts
from protocol.commands import NO_HEAD, Command, Content
from protocol.entry import Entry
from protocol.hidden import Disclosed, Disclosure
from protocol.ledger import checkpoint, kinds, note, quorum
from protocol.ledger.checkpoint import Checkpoint
from protocol.plan.case import Case
from protocol.plan.stages import stages
from protocol.refusals import Refusal
from protocol.seal import signing
from protocol.session.apply import apply, make_entry
from protocol.session.ceremony import reading
from protocol.session.ceremony.state import StageCeremony
from protocol.session.checks import check
from protocol.session.deadlines import due
from protocol.session.decide import decide
from protocol.session.milestones.due import Found, proposed
from protocol.session.state import State, Track, head
from protocol.words import SESSION_STAGE, Stage

START_MS: Final = 1_780_000_000_000
ORIGIN: Final = "rehearsal.example"
COSIGNERS: Final = ("anhui", "jiangsu", "shanghai")
QUORUM: Final = 3
STEP_MS: Final = 1_000


class Table:
    """One opening; `do` answers with the entry or the refusal, `must` insists."""

    def __init__(self, case: Case, parties: Parties, session: str = "s-opening", rules: str = "4") -> None:
        """Book nothing yet."""
        self.case, self.parties, self.session, self.rules = case, parties, session, rules
        self.state: State | None = None
        self.entries: list[bytes] = []
        self.disclosed = Disclosed()
        self.now = START_MS
        self._seqs: dict[str, int] = {}
        self._names = 0

    # --- the coordinator ---------------------------------------------------------------------------------

    @property
    def at(self) -> State:
        """The session as of all entries."""
        assert self.state is not None
        return self.state

    @property
    def stage(self) -> Stage:
        """The stage that is opened."""
        return Stage(LOT, ENVELOPE, 1)

    @property
    def here(self) -> Track:
        """Its track."""
        return self.at.tracks[f"{LOT}/{ENVELOPE}"]

    @property
    def opening(self) -> StageCeremony:
        """How far its opening is."""
        return reading.of(self.at, self.here)

    def take(self, command: Command, sig: str, disclosures: tuple[Disclosure, ...] = ()) -> Entry | Refusal:
        """What the coordinator does with a command."""
        self.now += STEP_MS
        held = self.disclosed.plus(disclosures)
        entropy = canonical.tagged_digest("rehearsal-entropy", [self.session, len(self.entries)])
        decided = decide(self.state, command, self.now, entropy)
        if isinstance(decided, Refusal):
            return decided
        findings = check(self.state, command, held)
        if findings:
            return findings[0]
        one = make_entry(self.state, command, sig, self.now, entropy, decided)
        raw = entry.encode(one)
        self.state = apply(self.state, one, raw)
        self.entries.append(raw)
        self.disclosed = held
        return one

    def do(
        self,
        by: str,
        content: Content,
        stage: Stage = SESSION_STAGE,
        disclosures: tuple[Disclosure, ...] = (),
    ) -> Entry | Refusal:
        """A command by somebody, then everything that falls due."""
        self._names += 1
        own = by == "installation"
        self._seqs[by] = self._seqs.get(by, 0) + 1
        command = Command(
            session=self.session, type=type(content).__name__, command_id=f"c{self._names}",
            author_key=self.parties.author_text(by), author_at=self.now,
            author_seq=0 if own else self._seqs[by], seen=NO_HEAD, stage=stage, content=content,
        )  # fmt: skip
        result = self.take(command, self.signed(by, command), disclosures)
        if isinstance(result, Entry):
            self.settle()
        return result

    def signed(self, by: str, command: Command) -> str:
        """Somebody's signature over a command."""
        return signing.sign(self.parties.author(by), entry.signed_bytes(command))

    def must(self, *args: Any) -> Entry:
        """As `do`; a refusal is a fault of the rehearsal."""
        result = self.do(*args)
        assert isinstance(result, Entry), result
        return result

    def code(self, *args: Any) -> str:
        """The code by which an act is refused; empty, and done, where it is not."""
        result = self.do(*args)
        return result.code if isinstance(result, Refusal) else ""

    def settle(self, at: int | None = None) -> None:
        """Let the installation do what is due, now or at a time (ms)."""
        self.now = self.now if at is None else at
        while True:
            commands, _ = due(self.at, self.now)
            if not commands:
                # Every cosigner of the rehearsal has signed the newest head: a milestone need not wait.
                now = head(self.at)
                wanted = proposed(self.at, self.now, Found(self.policy, now.size, now.root, COSIGNERS))
                commands = () if wanted is None else (wanted,)
            if not commands:
                return
            for command in commands:
                result = self.take(command, self.signed("installation", command))
                assert isinstance(result, Entry), result

    # --- the log -----------------------------------------------------------------------------------------

    @property
    def policy(self) -> str:
        """The trust policy as it was handed over before entry 1."""
        log = quorum.Party(self.origin, note.ed25519_signer(self.origin, self.parties.author("log")).key, "")
        them = tuple(
            quorum.Party(
                name,
                note.ed25519_signer(name, self.parties.author(f"cosigner {name}"), kinds.COSIGNATURE).key,
                "",
            )
            for name in COSIGNERS
        )
        group = quorum.Group("provinces", QUORUM, COSIGNERS)
        return quorum.write(quorum.Policy((log,), them, (group,), "provinces"))

    @property
    def origin(self) -> str:
        """The origin of the session's log."""
        return f"{ORIGIN}/{self.session}"

    def checkpoint(self, cosigners: tuple[str, ...] = COSIGNERS) -> str:
        """The newest head, signed by the log and by these cosigners."""
        now = head(self.at)
        signers = [note.ed25519_signer(self.origin, self.parties.author("log"))]
        signers += [
            note.ed25519_signer(name, self.parties.author(f"cosigner {name}"), kinds.COSIGNATURE)
            for name in cosigners
        ]
        return checkpoint.sign(Checkpoint(self.origin, now.size, now.root), signers, self.now // 1000)

    # --- the people --------------------------------------------------------------------------------------

    def hide(self, field: Any, name: str, value: Any) -> Disclosure:
        """A hidden value."""
        return hidden.disclose(field, self.parties.random("salt", name), value)

    def book(self) -> None:
        """Booked, the committee imported, everybody signed in, custodians appointed, venues' keys offered."""
        plan = self.case.plan
        lots: dict[str, list[str]] = {}
        for lot, envelope in stages(plan):
            lots.setdefault(lot, []).append(envelope)
        shown = self.hide("plan", "plan", plan)
        booked = cmd.BookSession(
            rules_version=self.rules, regime=plan.regime, demonstration=True, plan=shown.digest,
            lots=tuple(cmd.LotRef(lot, tuple(names)) for lot, names in lots.items()),
            committee_size_min=plan.committee.size_min, committee_odd=plan.committee.odd_required,
            experts_num=plan.committee.experts_num, experts_den=plan.committee.experts_den,
            bids_min=plan.bids_min, scoring_ms=plan.scoring_ms, names_hidden=plan.hide_names,
            milestone_wait_ms=180_000, installation_key=self.parties.author_text("installation"),
            policy_digest=canonical.sha256(self.policy.encode()), province_signatures=(), node_keys=(),
        )  # fmt: skip
        self.must("agent", booked, SESSION_STAGE, (shown,))
        self._committee()
        for seat in ("tenderee", "witness"):
            self.bind(seat)

    def prepare(self, window_ms: int = 60_000) -> None:
        """Custodians appointed and every venue's key offered."""
        parties = self.parties
        self.must(
            "agent",
            acts.AppointCustodians(PROJECT, parties.suite.name, parties.groups, window_ms),
            self.stage,
        )
        for venue in VENUES:
            self.must(f"node {venue}", acts.OfferOpeningKey(parties.suite.name, self.venue_key(venue).public))

    def venue_key(self, venue: str) -> Any:
        """A venue's key for this session."""
        return self.parties.key(venue, f"opening {self.session}")

    def bind(self, seat: str) -> None:
        """Somebody signs in."""
        statement = signing.attested_bytes(self.session, seat, self.parties.author_text(seat), "code")
        attested = signing.sign(self.parties.author("installation"), statement)
        self.must(seat, cmd.BindSeat(seat, "code", attested))

    def begin(self) -> None:
        """The tenderee begins the opening."""
        self.must("tenderee", acts.BeginOpening(self.parties.random("challenge", self.session)), self.stage)

    def receive(self, bids: tuple[SealedBid, ...]) -> None:
        """The frozen list comes in, and its bidders sign in."""
        content = acts.ReceiveBids(tuple(one.received for one in bids))
        self.must("installation", content, self.stage)
        for one in bids:
            self.bind(one.bidder)

    def release(self, bid: SealedBid) -> str:
        """A bidder releases; the code of a refusal."""
        release = self.parties.release(self.session, bid, [one.public for one in self.opening.to])
        shown = self.hide("bid_release", f"release {bid.bid}", release)
        return self.code(bid.bidder, acts.ReleaseBid(bid.bid, shown.digest), self.stage, (shown,))

    def publish(self, opened: dict[str, SealedBid]) -> str:
        """The agent publishes names and prices of what was opened."""
        refs, shown = [], []
        for number, (bid, one) in enumerate(sorted(opened.items()), 1):
            name = self.hide("bidder_name", f"name {bid}", f"演练投标人 {number}")
            price = self.hide("price", f"price {bid}", f"{4500 + number}.00")
            more = self.hide("quantities", f"quantities {bid}", {})
            refs.append(cmd.BidRef(one.bidder, f"B{number}", name.digest, price.digest, more.digest))
            shown += [name, price, more]
        return self.code("agent", acts.OpenBids(tuple(refs)), self.stage, tuple(shown))

    def fail(self, bid: str, cause: Any = "revoked", reason: Any = "not_released") -> str:
        """The tenderee records why a bid was not opened."""
        told = self.hide("statement", f"failed {bid}", "投标人未在规定时间内解密。")
        content = acts.RecordBidFailure(bid, cause, reason, "none", told.digest)
        return self.code("tenderee", content, self.stage, (told,))

    def _committee(self) -> None:
        main = VENUES[0]
        venues = tuple(
            cmd.VenueRef(
                venue, "AH" if venue == main else "JS", "main" if venue == main else "sub",
                self.parties.author_text(f"node {venue}"),
            )
            for venue in VENUES
        )  # fmt: skip
        people: list[tuple[str, Any, Any]] = [("agent", "agent", "none"), ("tenderee", "tenderee", "none")]
        people += [("witness", "witness", "none"), ("supervisor", "supervisor", "none")]
        people += [(f"M{number}", "expert", "expert") for number in range(1, 6)]
        names = [self.hide("person", f"person {seat}", f"演练人员 {seat}") for seat, _, _ in people]
        source = self.hide("committee_source", "committee", {"rehearsal": True})
        seats = tuple(
            cmd.SeatRef(seat, role, main, kind, False, name.digest)
            for (seat, role, kind), name in zip(people, names, strict=True)
        )
        content = cmd.ImportCommittee("rehearsal", source.digest, "rehearsal", venues, seats)
        self.must("agent", content, SESSION_STAGE, (source, *names))
