"""A whole evaluation of rules version 4 in memory: bids opened by custodians, scores held by the same.

`Hall` is a `World` whose stages are opened in the ceremony instead of by an import, and whose custodians are
services as they run, each with a disk of its own; its log is cosigned, so that they have what to believe.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from ops.ceremony.parties import PROJECT, Parties, SealedBid
from ops.ceremony.table import COSIGNERS, ORIGIN, QUORUM
from protocol import commands as cmd
from protocol import commands_ceremony as acts
from protocol import commands_escrow as escrowed
from protocol import hidden
from protocol.commands import parse
from protocol.entry import Entry
from protocol.hidden import Disclosed, Disclosure
from protocol.ledger import checkpoint, kinds, note, quorum
from protocol.ledger.checkpoint import Checkpoint
from protocol.plan.case import Case
from protocol.refusals import Refusal
from protocol.seal import escrowing, releasing
from protocol.seal.escrowing import SheetEscrow
from protocol.session.ceremony import reading
from protocol.session.ceremony.state import StageCeremony
from protocol.session.escrow import asking
from protocol.session.state import Track, head
from sub_venue.custody import scores
from sub_venue.custody.judgement import BidHeader, Me
from sub_venue.custody.releases import Releases
from sub_venue.custody.service import Answered, Asked, Service
from tests.protocol.world import World, key, private_key

LOT, ENVELOPE = "01", "1"


class Hall(World):
    """Three centres of which two are enough, and the tenderee's own key service."""

    def __init__(self, case: Case, folder: Path, session: str = "s-hall") -> None:
        super().__init__(case, session, rules="4")
        self.envelope = ENVELOPE
        self.parties = Parties("intl-1", custodians=3, threshold=2)
        self.folder = folder
        self.sealed: dict[str, SealedBid] = {}
        self.drawn = 0
        self.services: dict[str, Service] = {}
        self.releases: dict[str, Releases] = {}
        for name in self.parties.holders:
            self.start(name)

    # --- the custodians ---------------------------------------------------------------------------------

    def start(self, name: str, step: Callable[[str], None] = lambda _: None) -> None:
        """A custodian's service begins anew from its disk; `step` may let it die."""
        if name in self.services:
            self.releases[name].close()
        self.releases[name] = Releases(self.folder / name)
        held = self.parties.key(name)
        me = Me(name, key(name), held.public, frozenset({PROJECT}))
        self.services[name] = Service(
            me, self.parties.suite.name, held, private_key(name), quorum.read(self.policy),
            self.releases[name], self, step,
        )  # fmt: skip

    def now_ms(self) -> int:
        return self.now

    def secret(self, size: int) -> bytes:
        self.drawn += 1
        return self.parties.random("secret", str(self.drawn))[:size]

    @property
    def policy(self) -> str:
        log = quorum.Party(self.origin, note.ed25519_signer(self.origin, private_key("log")).key, "")
        them = tuple(
            quorum.Party(name, note.ed25519_signer(name, private_key(name), kinds.COSIGNATURE).key, "")
            for name in COSIGNERS
        )
        group = quorum.Group("provinces", QUORUM, COSIGNERS)
        return quorum.write(quorum.Policy((log,), them, (group,), "provinces"))

    @property
    def origin(self) -> str:
        return f"{ORIGIN}/{self.session}"

    def checkpoint(self, cosigners: tuple[str, ...] = COSIGNERS) -> str:
        now = head(self.at)
        signers = [note.ed25519_signer(self.origin, private_key("log"))]
        signers += [note.ed25519_signer(one, private_key(one), kinds.COSIGNATURE) for one in cosigners]
        return checkpoint.sign(Checkpoint(self.origin, now.size, now.root), signers, self.now // 1000)

    def enter(self, answered: Answered) -> Entry | Refusal:
        """A service's act comes in."""
        command = parse(answered.command.encode())
        by = next(name for name in self.parties.holders if key(name) == command.author_key)
        result = self.take(command, by, answered.disclosures)
        if isinstance(result, Entry):
            assert result.sig == answered.sig
            self.settle()
        return result

    def asked(self, bids: tuple[SealedBid, ...] = ()) -> Asked:
        entries = tuple(raw.decode() for raw in self.entries)
        headers = tuple(BidHeader(one.mark, one.header_raw) for one in bids)
        return Asked(self.checkpoint(), entries, headers, self.stage(LOT, self.envelope))

    # --- the opening ------------------------------------------------------------------------------------

    @property
    def here(self) -> Track:
        return self.at.tracks[f"{LOT}/{self.envelope}"]

    @property
    def found(self) -> StageCeremony:
        return reading.of(self.at, self.here)

    def venue_key(self, venue: str) -> Any:
        return self.parties.key(venue, f"opening {self.session}")

    def open_bids(self, lot: str, envelope: str) -> Entry:
        """The whole ceremony in place of an import."""
        stage = self.stage(lot, envelope)
        groups = tuple(
            replace(one, members=tuple(replace(m, key=key(m.custodian)) for m in one.members))
            for one in self.parties.groups
        )
        self.must("agent", acts.AppointCustodians(PROJECT, self.parties.suite.name, groups, 600_000), stage)
        for venue in self.at.venues:
            offer = acts.OfferOpeningKey(self.parties.suite.name, self.venue_key(venue).public)
            self.must(f"node {venue}", offer)
        self.bind("tenderee")
        self.must("tenderee", acts.BeginOpening(self.parties.random("challenge")), stage)
        for name in self.parties.holders:
            assert isinstance(self.enter(self.services[name].answer_roll_call(self.asked())), Entry)
        self._released()
        bids = tuple(self.sealed[one.bid] for one in self.found.received)
        for name in self.parties.holders:
            assert isinstance(self.enter(self.services[name].release(self.asked(bids))), Entry)
        rows = tuple(acts.OpenedBid(one.bid, "opened", one.listing) for one in bids)
        for venue in self.at.venues:
            self.must(f"node {venue}", acts.ReportDecryption(rows, ()), stage)
        return self._published(lot)

    def _released(self) -> None:
        """The frozen list comes in, and every bidder releases."""
        received = []
        for number, bid in enumerate((one for one in self.case.bids if one.lot == LOT), 1):
            one = self.parties.seal(number)
            self.sealed[one.bid] = one
            received.append(acts.ReceivedBid(one.bid, bid.bidder, releasing.mark_digest(one.mark)))
        stage = self.stage(LOT, self.envelope)
        command = self.command("installation", acts.ReceiveBids(tuple(received)), stage)
        done = self.take(replace(command, author_seq=0), "installation")
        assert isinstance(done, Entry), done
        self.settle()
        to = [one.public for one in self.found.to]
        for each in received:
            self.bind(each.bidder)
            made = self.parties.release(self.session, self.sealed[each.bid], to)
            shown = self.hide("bid_release", f"release {each.bid}", made)
            self.must(each.bidder, acts.ReleaseBid(each.bid, shown.digest), stage, (shown,))

    def _published(self, lot: str) -> Entry:
        by_id = {bidder.id: bidder for bidder in self.case.bidders}
        refs: list[cmd.BidRef] = []
        shown: list[Disclosure] = []
        for bid in (one for one in self.case.bids if one.lot == lot):
            bidder = by_id[bid.bidder]
            name = self.hide("bidder_name", f"name {lot} {bidder.id}", bidder.name)
            price = self.hide("price", f"price {lot} {bidder.id}", bid.price)
            more = self.hide("quantities", f"quantities {lot} {bidder.id}", bid.quantities)
            refs.append(cmd.BidRef(bidder.id, bidder.code, name.digest, price.digest, more.digest))
            shown += [name, price, more]
        return self.must("agent", acts.OpenBids(tuple(refs)), self.stage(lot, self.envelope), tuple(shown))

    # --- scores -----------------------------------------------------------------------------------------

    def node(self, seat: str) -> str:
        return f"node {self.at.seats[seat].venue}"

    def commitment(self, seat: str) -> bytes:
        return hidden.commitment(self.opening(seat, LOT, self.envelope))

    def box(self, seat: str, again: str = "") -> Disclosure:
        """A seat's opening, boxed by its venue."""
        group = next(one for one in self.parties.sealed_for if one.group == "centres")
        secret = b"\0" + self.parties.random("escrow", seat, again, str(self.here.round))[1:]
        made = escrowing.escrow(self.parties.suite, self.opening(seat, LOT, self.envelope), group, secret)
        return self.hide("sheet_escrow", f"escrow {seat} {again} {self.here.round}", made)

    def give(self, seat: str, again: str = "") -> Disclosure:
        """A seat's venue gives its opening."""
        shown = self.box(seat, again)
        content = escrowed.EscrowSheet(seat, self.commitment(seat), shown.digest)
        self.must(self.node(seat), content, self.stage(LOT, self.envelope), (shown,))
        return shown

    def ask_hold(self, name: str, seat: str, **changes: Any) -> Answered:
        """A custodian's service is asked to hold."""
        return scores.hold(self.services[name], replace(self.asked(), **changes), self.disclosed, seat)

    def ask_release(self, name: str, seat: str, brought: bool = True, **changes: Any) -> Answered:
        """A custodian's service is asked to release."""
        held = self.disclosed if brought else Disclosed()
        return scores.release(self.services[name], replace(self.asked(), **changes), held, seat)

    def hold(self, name: str, *seats: str) -> None:
        """As `ask_hold`, and what it signs is entered."""
        for seat in seats:
            done = self.enter(self.ask_hold(name, seat))
            assert isinstance(done, Entry), done

    def release(self, name: str, seat: str) -> None:
        done = self.enter(self.ask_release(name, seat))
        assert isinstance(done, Entry), done

    def to_sealed(self) -> "Hall":
        self.to_scoring()
        for seat in self.members():
            self.seal(seat, LOT, self.envelope)
        return self

    def to_held(self) -> "Hall":
        """From sheets that are sealed."""
        for seat in self.members():
            self.give(seat)
        for name in ("centre-1", "centre-2"):
            self.hold(name, *(seat for seat, _ in asking.to_hold(self.at, self.here, name)))
        return self

    def to_closed(self) -> "Hall":
        """From openings that are held."""
        self.must("agent", cmd.CloseScoring(), self.stage(LOT, self.envelope))
        return self

    def tried(self, seat: str, by: str = "", result: Any = "ok", cause: str = "") -> Entry | Refusal:
        content = cmd.TryOpening(seat, self.commitment(seat), result, cause)
        return self.do(by or self.node(seat), content, self.stage(LOT, self.envelope))

    def opened(self, seat: str, by: str = "") -> Entry | Refusal:
        shown = hidden.disclose_opening(self.opening(seat, LOT, self.envelope))
        content = cmd.OpenSheet(seat, self.commitment(seat))
        return self.do(by or self.node(seat), content, self.stage(LOT, self.envelope), (shown,))

    def recovered(self, seat: str, venue: str) -> hidden.Opening:
        """What a venue finds in the boxes that were released to it."""
        one = self.at.escrow.held[f"{LOT}/{self.envelope} {self.here.round} {seat}"]
        shares = [
            share
            for digest in one.released.values()
            for share in releasing.shares_of(
                self.parties.suite, self.disclosed.value(digest, releasing.CustodyRelease),
                self.venue_key(venue),
            ).shares
        ]  # fmt: skip
        return escrowing.recovered(self.parties.suite, self.disclosed.value(one.escrow, SheetEscrow), shares)
