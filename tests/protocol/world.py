"""A session in memory, for tests: people with keys, a coordinator without a machine.

Everything is derived from names and counters, so that one script gives the same bytes for
ever; the golden record is made with it.
"""

import hashlib
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from protocol import canonical, entry, hidden
from protocol import commands as cmd
from protocol.commands import NO_HEAD, Command, Content
from protocol.entry import Entry
from protocol.hidden import Disclosed, Disclosure, Opening
from protocol.plan.case import Case
from protocol.plan.stages import scheme_of, stages
from protocol.refusals import Refusal
from protocol.seal import signing
from protocol.session.apply import apply, make_entry
from protocol.session.checks import check
from protocol.session.deadlines import due
from protocol.session.decide import decide
from protocol.session.phases import RULES
from protocol.session.state import State, WitnessRecord
from protocol.session.tally import evaluate_stage
from protocol.session.witnessing import opening_record
from protocol.words import SESSION_STAGE, Stage
from tests.protocol import reviewing, turning, voicing

START_MS = 1_780_000_000_000
SESSION = "s-golden"


def private_key(name: str) -> Ed25519PrivateKey:
    """The key of somebody, derived from the name."""
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest())


def key(name: str) -> str:
    return signing.public_text(private_key(name))


def salt(name: str) -> bytes:
    return hashlib.sha256(b"salt " + name.encode()).digest()


class World:
    """One session and everybody in it. `do` answers with the entry or the refusal."""

    def __init__(self, case: Case, session: str = SESSION, rules: str = "2") -> None:
        self.case = case
        self.rules = rules
        self.plan = case.plan
        self.session = session
        self.state: State | None = None
        self.entries: list[bytes] = []
        self.held: list[Disclosure] = []
        self.disclosed = Disclosed()
        self.seqs: dict[str, int] = {}
        self.now = START_MS
        self.names = 0

    # --- the coordinator ----------------------------------------------------------------

    @property
    def at(self) -> State:
        assert self.state is not None
        return self.state

    def command(self, author: str, content: Content, stage: Stage = SESSION_STAGE) -> Command:
        self.names += 1
        self.seqs[author] = self.seqs.get(author, 0) + 1
        return Command(
            session=self.session, type=type(content).__name__, command_id=f"c{self.names}",
            author_key=key(author), author_at=self.now, author_seq=self.seqs[author],
            seen=NO_HEAD, stage=stage, content=content,
        )  # fmt: skip

    def take(
        self, command: Command, author: str, disclosures: tuple[Disclosure, ...] = ()
    ) -> Entry | Refusal:
        """What the actor does with a command, without a machine."""
        self.now += 1000
        held = self.disclosed.plus(disclosures)
        entropy = canonical.tagged_digest("test-entropy", command.command_id)
        decided = decide(self.state, command, self.now, entropy)
        if isinstance(decided, Refusal):
            return decided
        findings = check(self.state, command, held)
        if findings:
            return findings[0]
        sig = signing.sign(private_key(author), entry.signed_bytes(command))
        one = make_entry(self.state, command, sig, self.now, entropy, decided)
        raw = entry.encode(one)
        assert entry.decode(raw) == one
        self.state = apply(self.state, one, raw)
        self.entries.append(raw)
        self.disclosed = held
        self.held.extend(disclosures)
        return one

    def do(
        self, author: str, content: Content, stage: Stage = SESSION_STAGE,
        disclosures: tuple[Disclosure, ...] = (),
    ) -> Entry | Refusal:  # fmt: skip
        """A command by somebody, then everything that falls due."""
        result = self.take(self.command(author, content, stage), author, disclosures)
        if isinstance(result, Entry):
            self.settle()
        return result

    def must(self, *args: Any) -> Entry:
        result = self.do(*args)
        assert isinstance(result, Entry), result
        return result

    def settle(self, at: int | None = None) -> None:
        """Let the installation do what is due."""
        if at is not None:
            self.now = at
        while True:
            commands, _ = due(self.at, self.now)
            if not commands:
                return
            for command in commands:
                result = self.take(command, "installation")
                assert isinstance(result, Entry), result

    # --- the people ---------------------------------------------------------------------

    def hide(self, field: Any, name: str, value: Any) -> Disclosure:
        return hidden.disclose(field, salt(name), value)

    def stage(self, lot: str, envelope: str) -> Stage:
        return Stage(lot, envelope, self.at.tracks[f"{lot}/{envelope}"].round)

    def book_content(self) -> tuple[cmd.BookSession, Disclosure]:
        plan = self.hide("plan", "plan", self.plan)
        lots: dict[str, list[str]] = {}
        for lot, envelope in stages(self.plan):
            lots.setdefault(lot, []).append(envelope)
        content = cmd.BookSession(
            rules_version=self.rules, regime=self.plan.regime, demonstration=True, plan=plan.digest,
            lots=tuple(cmd.LotRef(lot, tuple(names)) for lot, names in lots.items()),
            committee_size_min=self.plan.committee.size_min,
            committee_odd=self.plan.committee.odd_required,
            experts_num=self.plan.committee.experts_num,
            experts_den=self.plan.committee.experts_den,
            bids_min=self.plan.bids_min, scoring_ms=self.plan.scoring_ms,
            names_hidden=self.plan.hide_names, milestone_wait_ms=180_000,
            installation_key=key("installation"), policy_digest=b"",
            province_signatures=(), node_keys=(),
        )  # fmt: skip
        return content, plan

    def book(self) -> Entry:
        content, plan = self.book_content()
        return self.must("agent", content, SESSION_STAGE, (plan,))

    def committee_content(self) -> tuple[cmd.ImportCommittee, tuple[Disclosure, ...]]:
        main = next(venue.id for venue in self.case.venues if venue.role == "main")
        venues = tuple(cmd.VenueRef(v.id, v.province, v.role, key(f"node {v.id}")) for v in self.case.venues)
        people: list[tuple[str, Any, str, Any, bool]] = [
            ("agent", "agent", main, "none", False),
            ("tenderee", "tenderee", main, "none", False),
        ]
        people += [(m.seat, "expert", m.venue, m.kind, m.reserve) for m in self.case.members]
        for venue in self.case.venues:
            people.append((f"witness-{venue.id}", "witness", venue.id, "none", False))
            people.append((f"supervisor-{venue.id}", "supervisor", venue.id, "none", False))
        hidden_names = [self.hide("person", f"person {p[0]}", f"示例人员 {p[0]}") for p in people]
        source = self.hide("committee_source", "committee", {"case": self.case.id})
        seats = tuple(
            cmd.SeatRef(*person, name.digest) for person, name in zip(people, hidden_names, strict=True)
        )
        content = cmd.ImportCommittee("test", source.digest, "test", venues, seats)
        return content, (source, *hidden_names)

    def import_committee(self) -> Entry:
        content, disclosures = self.committee_content()
        return self.must("agent", content, SESSION_STAGE, disclosures)

    def attest(self, seat: str, author: str, means: str = "code") -> str:
        message = signing.attested_bytes(self.session, seat, key(author), means)
        return signing.sign(private_key("installation"), message)

    def bind(self, seat: str, author: str | None = None) -> Entry:
        author = author or seat
        bound = self.must(author, cmd.BindSeat(seat, "code", self.attest(seat, author)))
        if "DelegateSeatKey" in RULES[self.rules].acts:
            voicing.delegate(self, author)
        return bound

    def open_bids(self, lot: str, envelope: str) -> Entry:
        by_id = {bidder.id: bidder for bidder in self.case.bidders}
        refs, disclosures = [], []
        for bid in self.case.bids:
            if bid.lot != lot:
                continue
            bidder = by_id[bid.bidder]
            name = self.hide("bidder_name", f"name {lot} {bidder.id}", bidder.name)
            price = self.hide("price", f"price {lot} {bidder.id}", bid.price)
            more = self.hide("quantities", f"quantities {lot} {bidder.id}", bid.quantities)
            refs.append(cmd.BidRef(bidder.id, bidder.code, name.digest, price.digest, more.digest))
            disclosures += [name, price, more]
        source = self.hide("opening_source", f"opening {lot}", {"lot": lot})
        content = cmd.ImportOpening("test", source.digest, "test", tuple(refs))
        stage = self.stage(lot, envelope)
        return self.must("agent", content, stage, (source, *disclosures))

    def draw(self, lot: str, envelope: str) -> None:
        if self.rules >= "3":
            turning.draw_rates(self, lot, envelope)
            return
        for rate in scheme_of(self.plan, lot).rates:
            if rate.candidates:
                value = self.case.draws[lot][rate.id]
                self.must("agent", cmd.DrawK(rate.id, value), self.stage(lot, envelope))

    def read_out(self, lot: str, envelope: str) -> None:
        """The tenderee reads out every bid and signs the opening record."""
        stage = self.stage(lot, envelope)
        for bid in self.at.tracks[f"{lot}/{envelope}"].bids:
            self.must("tenderee", cmd.ReadOut(bid.bidder), stage)
        self.sign_opening("tenderee", lot, envelope)

    def sign_opening(self, seat: str, lot: str, envelope: str) -> Entry:
        digest = opening_record(self.at, self.at.tracks[f"{lot}/{envelope}"])
        return self.must(seat, cmd.SignOpeningRecord(digest), self.stage(lot, envelope))

    def observation(self, item: str, text: str = "", **other: Any) -> tuple[cmd.NoteObservation, Any]:
        """An observation of now, and the disclosure of its remark if it has one."""
        hidden_text = (self.hide("remark", f"remark {text}", text),) if text else ()
        content = cmd.NoteObservation(
            item=item, finding="normal", subject="", entry=0, noted_at=self.now, media_offset_ms=0,
            remark=hidden_text[0].digest if hidden_text else b"",
        )  # fmt: skip
        return replace(content, **other), hidden_text

    def note(self, seat: str, item: str, text: str = "", stage: Stage = SESSION_STAGE, **other: Any) -> Entry:
        content, disclosures = self.observation(item, text, **other)
        return self.must(seat, content, stage, disclosures)

    def sign_witnessing(self, seat: str) -> Entry:
        mine = self.at.witness_records.get(seat, WitnessRecord())
        return self.must(seat, cmd.SignWitnessRecord(mine.count, mine.chain))

    def members(self) -> list[str]:
        return sorted(m.seat for m in self.case.members if not m.reserve)

    def check_in_content(self) -> cmd.CheckIn:
        return cmd.CheckIn(canonical.sha256(self.plan.undertaking_zh.encode()), "none")

    def to_check_in(self) -> None:
        """Booked, drawn, opened: as far as the door of the venues."""
        self.book()
        self.import_committee()
        for lot, envelope in stages(self.plan):
            self.open_bids(lot, envelope)
            self.draw(lot, envelope)
        self.must("agent", cmd.OpenCheckIn())

    def to_scoring(self) -> None:
        """As far as every member sits before an empty sheet."""
        self.to_check_in()
        for seat in self.members():
            self.bind(seat)
            self.must(seat, self.check_in_content())
        self.to_scoring_from_check_in()

    def to_scoring_from_check_in(self) -> None:
        """The same, when everybody has checked in."""
        self.must("agent", cmd.LockRoster())
        for lot, envelope in stages(self.plan):
            self.preliminary(lot, envelope)

    def preliminary(self, lot: str, envelope: str) -> None:
        stage = self.stage(lot, envelope)
        if self.rules >= "3":
            reviewing.review(self, lot, envelope)
            return
        self.must("agent", cmd.BeginPreliminary(), stage)
        out = {one.bidder for one in self.case.rejections if one.lot == lot}
        bids = self.at.tracks[f"{lot}/{envelope}"].bids
        valid = tuple(bid.bidder for bid in bids if bid.bidder not in out)
        rejected = tuple(cmd.RejectedBid(bidder, "51-1") for bidder in sorted(out))
        source = self.hide("preliminary_source", f"preliminary {lot}", {"lot": lot})
        content = cmd.ImportPreliminary("test", source.digest, "test", valid, rejected)
        self.must("agent", content, stage, (source,))

    def opening(self, seat: str, lot: str, envelope: str) -> Opening:
        track = self.at.tracks[f"{lot}/{envelope}"]
        sheet = self.case.sheets[lot][seat]
        return Opening(
            session=self.session, stage=self.stage(lot, envelope), expert=seat,
            bids=track.valid, scores={b: dict(sheet[b]) for b in track.valid},
            nonce=salt(f"nonce {seat} {lot} {envelope}"),
        )  # fmt: skip

    def seal(self, seat: str, lot: str, envelope: str) -> Entry:
        commitment = hidden.commitment(self.opening(seat, lot, envelope))
        return self.must(seat, cmd.SealSheet(commitment), self.stage(lot, envelope))

    def open_scores(self, lot: str, envelope: str) -> None:
        stage = self.stage(lot, envelope)
        for what in ("try", "open"):
            for seat in self.members():
                opening = self.opening(seat, lot, envelope)
                commitment = hidden.commitment(opening)
                node = f"node {self.at.seats[seat].venue}"
                if what == "try":
                    self.must(node, cmd.TryOpening(seat, commitment, "ok", ""), stage)
                else:
                    disclosure = (hidden.disclose_opening(opening),)
                    self.must(node, cmd.OpenSheet(seat, commitment), stage, disclosure)

    def tally(self, lot: str, envelope: str) -> Entry:
        track = self.at.tracks[f"{lot}/{envelope}"]
        result = evaluate_stage(self.at, track, self.disclosed)
        assert not isinstance(result, tuple), result
        tally = self.hide("tally", f"tally {lot}", result)
        stage = self.stage(lot, envelope)
        return self.must("agent", cmd.PublishTally(tally.digest), stage, (tally,))

    def to_ranked(self) -> None:
        """As far as every stage is ranked."""
        self.to_scoring()
        self.to_ranked_from_scoring()

    def to_ranked_from_check_in(self) -> None:
        """The same, when everybody has checked in."""
        self.to_scoring_from_check_in()
        self.to_ranked_from_scoring()

    def to_ranked_from_scoring(self) -> None:
        """From empty sheets to the ranking."""
        for lot, envelope in stages(self.plan):
            for seat in self.members():
                self.seal(seat, lot, envelope)
            self.must("agent", cmd.CloseScoring(), self.stage(lot, envelope))
            self.open_scores(lot, envelope)
            self.tally(lot, envelope)
            if self.rules >= "3":
                turning.explain_all(self, lot, envelope)
            self.must("agent", cmd.ConfirmRanking(), self.stage(lot, envelope))

    def to_archived(self) -> None:
        """The whole way."""
        self.to_ranked()
        self.to_submitted()
        self.must("agent", cmd.ArchiveSession())

    def to_submitted(self) -> None:
        """From the ranking to the report that is handed in."""
        self.must("agent", cmd.BeginReport())
        told = turning.report(self) if self.rules >= "3" else {"title": self.plan.title}
        report = self.hide("report", "report", told)
        source = canonical.sha256(b"report")
        content = cmd.ImportReport("test", source, "test", report.digest)
        self.must("agent", content, SESSION_STAGE, (report,))
        for seat in self.members():
            self.must(seat, cmd.SignReport(report.digest))
        self.must("agent", cmd.SubmitReport())
