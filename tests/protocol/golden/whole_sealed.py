"""The golden tender of rules version 4: sealed bids are opened, scores held in escrow, a report signed.

Everything stands on the people of `acting`; custodians, bids and boxes are those of a rehearsal
(`ops.ceremony.parties`), their acts signed by keys derived from names as everybody's.
"""

import dataclasses
from functools import cached_property
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from ops.ceremony.parties import CENTRES, Parties, SealedBid
from protocol import canonical, hidden
from protocol import commands as cmd
from protocol import commands_ceremony as opening
from protocol import commands_escrow as escrow
from protocol import commands_turns as turns
from protocol.commands_identity import RevokeCertificate
from protocol.commands_live import Gap, RecordSegment, SetFaceMask
from protocol.commands_signatures import Place, PrepareReport, SignPaper
from protocol.entry import Entry
from protocol.hidden import Disclosure
from protocol.ledger import checkpoint, kinds, note, quorum, trust
from protocol.ledger.checkpoint import Checkpoint
from protocol.ledger.quorum import Party
from protocol.plan.case import Case
from protocol.replay_cosigner import province_bytes
from protocol.seal import dealing, escrowing, releasing, signing
from protocol.seal.escrowing import SheetEscrow
from protocol.seal.releasing import Shares
from protocol.session.ceremony import reading
from protocol.session.installation import own
from protocol.session.milestones.due import Found, proposed
from protocol.session.signatures.checks import Shown
from protocol.session.state import head
from protocol.words import SESSION_STAGE, Stage
from tests.attacks.province import AT
from tests.protocol import calling, overseeing, turning, voicing
from tests.protocol.acting import MINUTE_MS, Acting
from tests.protocol.world import key, private_key, salt

SESSION_4: Final = "s-golden-4-tender"
PROJECT: Final = "rehearsal"
LOT, ENVELOPE = "01", "1"
COSIGNERS: Final = ("anhui", "jiangsu", "shanghai", "zhejiang")
ORIGIN: Final = f"bids.example/{SESSION_4}"
WINDOW_MS: Final = 30 * MINUTE_MS
LATE: Final = "b5"
LOST: Final = "M3"
DESK: Final = "M4"


class Hands(Parties):
    """Custodians and bidders of a rehearsal, whose acts are signed by keys named as everybody's."""

    def author(self, name: str) -> Ed25519PrivateKey:
        return private_key(name)


class Sealed(Acting):
    """A session whose genesis names a policy, and whose bids are opened by a ceremony."""

    def __init__(self, case: Case) -> None:
        super().__init__(case, SESSION_4, rules="4")
        self.now = AT
        self.parties = Hands("intl-1", custodians=3, threshold=2)
        self.cosigning: tuple[str, ...] = COSIGNERS
        self.heads: dict[int, str] = {}

    def of_installation(self, cause: str, content: cmd.Content, stage: Stage = SESSION_STAGE) -> None:
        """An act of the installation that does not fall due by itself; then everything that does."""
        result = self.take(own(self.at, stage, content, cause, self.now), "installation")
        assert isinstance(result, Entry), result
        self.settle()

    # --- the log ----------------------------------------------------------------------------------------

    @cached_property
    def policy(self) -> str:
        """Three of four provinces have to cosign."""
        log = note.ed25519_signer(ORIGIN, private_key("log")).key
        keys = [note.ed25519_signer(one, private_key(one), kinds.COSIGNATURE).key for one in COSIGNERS]
        named = [(one, (vkey,), "") for one, vkey in zip(COSIGNERS, keys, strict=True)]
        return trust.text(trust.live(Party(ORIGIN, log, ""), named))

    def checkpoint(self) -> str:
        """The newest head, signed by the log and by who cosigns now."""
        now = head(self.at)
        signers = [note.ed25519_signer(ORIGIN, private_key("log"))]
        signers += [note.ed25519_signer(one, private_key(one), kinds.COSIGNATURE) for one in self.cosigning]
        return checkpoint.sign(Checkpoint(ORIGIN, now.size, now.root), signers, self.now // 1000)

    def settle(self, at: int | None = None) -> None:
        """What is due, and what the cosigners' lines over the newest head allow."""
        super().settle(at)
        while True:
            now = head(self.at)
            wanted = proposed(self.at, self.now, Found(self.policy, now.size, now.root, self.cosigning))
            if wanted is None:
                return
            self.heads[now.size] = self.checkpoint()
            result = self.take(wanted, "installation")
            assert isinstance(result, Entry), result
            super().settle()

    def book_content(self) -> tuple[cmd.BookSession, Disclosure]:
        content, plan = super().book_content()
        digest = trust.digest(quorum.read(self.policy))
        signed = tuple(
            cmd.ProvinceSignature(
                one, key(one), signing.sign(private_key(one), province_bytes(SESSION_4, one, digest))
            )
            for one in COSIGNERS
        )
        return replace(content, policy_digest=digest, province_signatures=signed), plan

    # --- the opening ------------------------------------------------------------------------------------

    @property
    def opening_now(self) -> Any:
        return reading.of(self.at, self.at.tracks[f"{LOT}/{ENVELOPE}"])

    @cached_property
    def bids(self) -> tuple[SealedBid, ...]:
        """A sealed bid of every bidder of the case."""
        of_lot = sorted(bid.bidder for bid in self.case.bids if bid.lot == LOT)
        return tuple(
            dataclasses.replace(self.parties.seal(number), bidder=bidder)
            for number, bidder in enumerate(of_lot, 1)
        )

    def venue_key(self, venue: str) -> Any:
        return self.parties.key(venue, f"opening {self.session}")

    def release(self, one: SealedBid) -> None:
        to = [each.public for each in self.opening_now.to]
        shown = self.hide("bid_release", f"release {one.bid}", self.parties.release(self.session, one, to))
        content = opening.ReleaseBid(one.bid, shown.digest)
        self.must(one.bidder, content, self.stage(LOT, ENVELOPE), (shown,))

    def custody(self, name: str) -> None:
        headers = [one.header for one in self.bids if one.bid in self.opening_now.released]
        parties, digest = self.parties, self.opening_now.list_digest
        shares = releasing.take_all(parties.suite, name, parties.holders[name], headers, parties.key(name))
        made = releasing.release_shares(
            parties.suite, self.session, name, digest, shares,
            [one.public for one in self.opening_now.to], parties.random("fresh", name),
        )  # fmt: skip
        shown = self.hide("custody_release", f"custody {name}", made)
        content = opening.ReleaseCustody(name, digest, shown.digest)
        self.must(name, content, self.stage(LOT, ENVELOPE), (shown,))

    def refs(self) -> tuple[opening.OpenBids, tuple[Disclosure, ...]]:
        """Names and prices of what was opened, as the case has them."""
        by_id = {bidder.id: bidder for bidder in self.case.bidders}
        given = {bid.bidder: bid for bid in self.case.bids if bid.lot == LOT}
        refs, shown = [], []
        for one in self.bids:
            if one.bid not in self.opening_now.released:
                continue
            bidder, bid = by_id[one.bidder], given[one.bidder]
            name = self.hide("bidder_name", f"name {one.bid}", bidder.name)
            price = self.hide("price", f"price {one.bid}", bid.price)
            more = self.hide("quantities", f"quantities {one.bid}", bid.quantities)
            refs.append(cmd.BidRef(bidder.id, bidder.code, name.digest, price.digest, more.digest))
            shown += [name, price, more]
        return opening.OpenBids(tuple(refs)), tuple(shown)

    # --- recordings and escrow --------------------------------------------------------------------------

    def segment(self, venue: str, number: int, **other: Any) -> None:
        content = RecordSegment(
            source=f"{venue}.room", number=number, began_at=self.now - 60_000, duration_ms=60_000,
            octets=1_000_000 + number, digest=canonical.sha256(f"{venue} {number}".encode()),
            codecs=("opus", "VP8"), frames=1500, missing_ms=0, cause="", gaps=(),
        )  # fmt: skip
        self.must(f"node {venue}", replace(content, **other))

    def give(self, seat: str) -> None:
        """A seat's opening in escrow, acknowledged by two of the three centres."""
        sheet = self.opening(seat, LOT, ENVELOPE)
        group = next(one for one in self.parties.sealed_for if one.group == CENTRES)
        lot_key = b"\0" + self.parties.random("escrow", seat)[1:]
        shown = self.hide(
            "sheet_escrow", f"escrow {seat}", escrowing.escrow(self.parties.suite, sheet, group, lot_key)
        )
        commitment, stage = hidden.commitment(sheet), self.stage(LOT, ENVELOPE)
        given = escrow.EscrowSheet(seat, commitment, shown.digest)
        self.must(self.node_of(seat), given, stage, (shown,))
        for name in self.parties.centres[:2]:
            self.must(name, escrow.AcknowledgeEscrow(seat, commitment, shown.digest), stage)

    def release_escrow(self, name: str, seat: str) -> None:
        held = self.disclosed.value(self.at.escrow.held[f"{LOT}/{ENVELOPE} 1 {seat}"].escrow, SheetEscrow)
        suite, own = self.parties.suite, self.parties.key(name)
        place = next(at for at, one in enumerate(held.dealing.members, 1) if one.custodian == name)
        share = dealing.take(suite, held.sheet, held.dealing, place, own)
        made = releasing.release_shares(
            suite, self.session, name, held.commitment, Shares((), (share,)),
            [one.public for one in self.opening_now.to], self.parties.random("fresh", name, seat),
        )  # fmt: skip
        shown = self.hide("escrow_release", f"escrow release {name} {seat}", made)
        content = escrow.ReleaseEscrow(seat, held.commitment, shown.digest)
        self.must(name, content, self.stage(LOT, ENVELOPE), (shown,))

    def recognise(self) -> None:
        """Where venues accept each other's witness records; here nobody does (`whole_recognised`)."""

    def text(self, field: Any, words: str) -> Disclosure:
        """A text of somebody, with a salt of its own."""
        self.names += 1
        return self.hide(field, f"{field} {self.names}", words)


def sealed(case: Case) -> Sealed:
    """One bidder does not release, one seat's machine is lost, one certificate is revoked, one is owed."""
    world = Sealed(case)
    held_to_its_end(world)
    return world


def held_to_its_end(world: Sealed) -> None:
    """The same, of a world that has held nothing yet."""
    _booked(world)
    _begun(world)
    _released(world)
    _opened(world)
    _seated(world)
    _scored(world)
    _ranked(world)
    _signed(world)


def _booked(world: Sealed) -> None:
    """The policy is disclosed; one province's line comes late, is owed, and settled."""
    world.cosigning = COSIGNERS[:3]
    world.book()
    world.settle(world.now + 181_000)
    world.import_committee()
    world.cosigning = COSIGNERS
    world.settle()
    world.bind_watchers()


def _begun(world: Sealed) -> None:
    parties = world.parties
    stage = world.stage(LOT, ENVELOPE)
    appointed = opening.AppointCustodians(PROJECT, parties.suite.name, parties.groups, WINDOW_MS)
    world.must("agent", appointed, stage)
    for venue in world.case.venues:
        offered = opening.OfferOpeningKey(parties.suite.name, world.venue_key(venue.id).public)
        world.must(f"node {venue.id}", offered)
    world.must("tenderee", opening.BeginOpening(salt("challenge")), stage)
    for name in ("centre-1", "centre-3", "tenderee-key"):
        world.must(name, opening.AnswerRollCall(world.opening_now.challenge), stage)
    received = opening.ReceiveBids(tuple(one.received for one in world.bids))
    world.of_installation(f"receive bids {LOT}/{ENVELOPE} 1 {world.at.size}", received, stage)
    for one in world.bids:
        world.bind(one.bidder)


def _released(world: Sealed) -> None:
    """A stop of ten minutes lengthens the window; one bidder lets it pass."""
    first, *others = (one for one in world.bids if one.bidder != LATE)
    world.release(first)
    overseeing.intervene(world, "supervisor-hefei", kind="suspend_request", reason="technical")
    text = world.statement()
    suspended = turns.Suspend("line", text.digest, 4 * 60 * MINUTE_MS)
    world.must("tenderee", suspended, SESSION_STAGE, (text,))
    overseeing.answer(world, "agent", 1, "suspended")
    world.wait(10 * MINUTE_MS)
    world.must("agent", turns.Resume())
    for one in others:
        world.release(one)
    world.settle(world.opening_now.until + 10 * MINUTE_MS + 2000)
    assert world.opening_now.list_digest, "the window is over"
    for name in world.parties.holders:
        if name != "centre-2":
            world.custody(name)


def _opened(world: Sealed) -> None:
    """Two venues find the same; who did not release is accounted for; the record is signed by three."""
    stage = world.stage(LOT, ENVELOPE)
    objection = world.text("objection", "解密时间过短")
    raised = turns.RaiseObjection(LATE, objection.digest)
    world.must(LATE, raised, stage, (objection,))
    answer = world.text("objection", "解密时限按招标文件规定执行")
    world.must("tenderee", turns.AnswerObjection(1, answer.digest), stage, (answer,))
    rows = tuple(
        opening.OpenedBid(one.bid, "opened", one.listing)
        for one in world.bids
        if one.bid in world.opening_now.released
    )
    for venue in [one.id for one in world.case.venues][:2]:
        world.must(f"node {venue}", opening.ReportDecryption(rows, ()), stage)
    late = next(one for one in world.bids if one.bidder == LATE)
    told = world.text("statement", "投标人未在规定时间内解密。")
    failed = opening.RecordBidFailure(late.bid, "revoked", "not_released", "none", told.digest)
    world.must("tenderee", failed, stage, (told,))
    content, shown = world.refs()
    world.must("agent", content, stage, shown)
    for bid in world.at.tracks[f"{LOT}/{ENVELOPE}"].bids:
        world.must("tenderee", cmd.ReadOut(bid.bidder), stage)
    for seat in ("tenderee", "witness-hefei", "b1"):
        digest = reading.opening_record(world.at, world.at.tracks[f"{LOT}/{ENVELOPE}"])
        world.must(seat, cmd.SignOpeningRecord(digest), stage)
    world.draw(LOT, ENVELOPE)


def _seated(world: Sealed) -> None:
    """One key is confirmed at the desk; one certificate is revoked and the key delegated anew."""
    world.must("agent", cmd.OpenCheckIn())
    for seat in world.members():
        if seat == DESK:
            bound = cmd.BindSeat(seat, "code", world.attest(seat, seat))
            world.must(seat, bound)
            content, seen = voicing.confirming(world, seat)
            world.must(f"witness-{world.at.seats[seat].venue}", content, SESSION_STAGE, (seen,))
        else:
            world.bind(seat)
        world.must(seat, world.check_in_content())
    world.segment("hefei", 1)
    world.segment("nanjing", 1, gaps=(Gap(1000, 2500, "silent", 0), Gap(4000, 10, "lost", 3)))
    world.must("agent", cmd.LockRoster())
    first = world.members()[0]
    held = world.at.identity.delegated[key(first)]
    since = world.now - MINUTE_MS
    world.of_installation(f"revoked {held.evidence.hex()}", RevokeCertificate(held.evidence, since))
    content_, told = voicing.delegating(world, first)
    world.must(first, content_, SESSION_STAGE, (told,))
    world.preliminary(LOT, ENVELOPE)


def _scored(world: Sealed) -> None:
    """Every sheet is held in escrow; one machine is lost, and another venue opens its sheet."""
    stage = world.stage(LOT, ENVELOPE)
    overseeing.of_every_kind(world)
    for seat in world.members():
        world.seal(seat, LOT, ENVELOPE)
        world.give(seat)
    world.segment("hefei", 2, began_at=world.at.live.recorded["hefei.room"].ended_at + 500, missing_ms=500)
    ended = world.at.live.recorded["nanjing.room"].ended_at
    world.segment("nanjing", 2, began_at=ended + 9000, missing_ms=9000, cause="stopped")
    world.must("agent", cmd.CloseScoring(), stage)
    for name in ("centre-1", "centre-2"):
        world.release_escrow(name, LOST)
    for what in ("try", "open"):
        for seat in world.members():
            sheet = world.opening(seat, LOT, ENVELOPE)
            commitment = hidden.commitment(sheet)
            venue = world.at.seats[seat].venue
            other = next(one.id for one in world.case.venues if one.id != venue)
            node = f"node {other if seat == LOST else venue}"
            if what == "try":
                world.must(node, cmd.TryOpening(seat, commitment, "ok", ""), stage)
            else:
                shown = (hidden.disclose_opening(sheet),)
                world.must(node, cmd.OpenSheet(seat, commitment), stage, shown)


def _ranked(world: Sealed) -> None:
    world.tally(LOT, ENVELOPE)
    turning.explain_all(world, LOT, ENVELOPE)
    world.confirm(LOT, ENVELOPE)


def _signed(world: Sealed) -> None:
    """All sign by certificate but one, who dissents; one of them beside the PDF, and a witness too."""
    report = world.to_signing()
    prepared = canonical.sha256(b"prepared")
    members = world.members()
    places = (*(Place(seat, "member") for seat in members), Place("witness-hefei", "witness"))
    world.must("agent", PrepareReport(report, prepared, places))
    for seat in members[:-1]:
        world.must(seat, cmd.SignReport(report))
    world.dissent(members[-1])
    before = prepared
    for number, seat in enumerate((*members[:-1], "witness-hefei")):
        beside = number == 1
        after = canonical.sha256(f"paper {number}".encode())
        shown = hidden.disclose("certificate", salt(f"paper {seat}"), Shown(voicing.person().certificate))
        over = prepared if beside else before
        content = SignPaper(prepared, beside, over, after, shown.digest)
        world.must(seat, content, SESSION_STAGE, (shown,))
        before = before if beside else after
    world.must("agent", cmd.SubmitReport())
    world.note("witness-hefei", "line_cut", "线路短时中断,已恢复", finding="irregular", subject="hefei")
    world.sign_witnessing("witness-hefei")
    world.recognise()
    for venue in world.case.venues:
        world.must(f"node {venue.id}", opening.DestroyOpeningKey(world.venue_key(venue.id).public))
    witness = f"witness-{world.at.seats[members[0]].venue}"
    world.must(witness, SetFaceMask(members[0], masked=False, reason="identity"))
    called, shown = calling.picture(world)
    world.must("agent", called, SESSION_STAGE, (shown,))
    world.must("agent", cmd.ArchiveSession())
    world.heads[head(world.at).size] = world.checkpoint()
