"""Whoever wants the prices of those who fell short: bidder, custodians, coordinator (双信封; DESIGN 6)."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from ops.ceremony.parties import PROJECT, SealedBid
from protocol import commands as cmd
from protocol import commands_ceremony as acts
from protocol.entry import Entry
from protocol.hidden import Disclosure
from protocol.plan.case import Case, read_case
from protocol.refusals import Refusal
from protocol.seal import releasing
from sub_venue.custody.judgement import Refused
from tests.house import ground
from tests.protocol import turning
from tests.protocol.acting import Acting, in_two_envelopes
from tests.protocol.session.ceremony.scored import LOT, Hall
from tests.protocol.world import World, key

PASS_CENTI = 3200
FELL = "b5"


class Envelopes(Hall, Acting):
    """The sample in two envelopes, both sealed; one bid falls short of the technical pass mark."""

    def __init__(self, case: Case, folder: Path) -> None:
        super().__init__(in_two_envelopes(case, PASS_CENTI), folder, "s-envelopes")
        self.priced: dict[str, SealedBid] = {}

    def appoint(self, envelope: str) -> None:
        groups = tuple(
            replace(one, members=tuple(replace(m, key=key(m.custodian)) for m in one.members))
            for one in self.parties.groups
        )
        content = acts.AppointCustodians(PROJECT, self.parties.suite.name, groups, 600_000)
        self.must("agent", content, self.stage(LOT, envelope))

    def offer(self) -> None:
        for venue in self.at.venues:
            offer = acts.OfferOpeningKey(self.parties.suite.name, self.venue_key(venue).public)
            self.must(f"node {venue}", offer)

    def received(self, bidders: tuple[str, ...]) -> tuple[acts.ReceivedBid, ...]:
        """What was handed in of a stage by these, sealed anew for it."""
        found = []
        for number, bid in enumerate((one for one in self.case.bids if one.lot == LOT), 1):
            if bid.bidder in bidders:
                one = dataclasses.replace(
                    self.parties.seal(number, envelope=self.envelope), bidder=bid.bidder
                )
                self.sealed[one.bid] = one
                found.append(acts.ReceivedBid(one.bid, bid.bidder, releasing.mark_digest(one.mark)))
        return tuple(found)

    def receive(self, bidders: tuple[str, ...]) -> Entry | Refusal:
        content = acts.ReceiveBids(self.received(bidders))
        command = self.command("installation", content, self.stage(LOT, self.envelope))
        done = self.take(replace(command, author_seq=0), "installation")
        self.settle()
        return done

    def begin(self) -> None:
        stage = self.stage(LOT, self.envelope)
        self.must("tenderee", acts.BeginOpening(self.parties.random("challenge", self.envelope)), stage)
        for name in self.parties.holders:
            assert isinstance(self.enter(self.services[name].answer_roll_call(self.asked())), Entry)

    def let_go(self, bidder: str) -> str:
        """A bidder releases what it sealed for the stage; the code of a refusal."""
        one = next(one for one in self.sealed.values() if one.bidder == bidder)
        made = self.parties.release(self.session, one, [key.public for key in self.found.to])
        shown = self.hide("bid_release", f"release {bidder} {self.envelope}", made)
        content = acts.ReleaseBid(one.bid, shown.digest)
        return self.code(bidder, content, self.stage(LOT, self.envelope), (shown,))

    def of_stage(self) -> tuple[SealedBid, ...]:
        return tuple(self.sealed[one.bid] for one in self.found.received)

    def reported(self) -> None:
        rows = tuple(acts.OpenedBid(one.bid, "opened", one.listing) for one in self.of_stage())
        for venue in self.at.venues:
            self.must(f"node {venue}", acts.ReportDecryption(rows, ()), self.stage(LOT, self.envelope))

    def published(self, bidders: tuple[str, ...]) -> str:
        refs: list[cmd.BidRef] = []
        shown: list[Disclosure] = []
        last = self.envelope == "2"
        by_id = {bidder.id: bidder for bidder in self.case.bidders}
        for bid in (one for one in self.case.bids if one.lot == LOT and one.bidder in bidders):
            where = f"{self.envelope} {bid.bidder}"
            name = self.hide("bidder_name", f"name {where}", by_id[bid.bidder].name)
            price = self.hide("price", f"price {where}", bid.price if last else "")
            more = self.hide("quantities", f"quantities {where}", bid.quantities if last else {})
            code = by_id[bid.bidder].code
            refs.append(cmd.BidRef(bid.bidder, code, name.digest, price.digest, more.digest))
            shown += [name, price, more]
        return self.code("agent", acts.OpenBids(tuple(refs)), self.stage(LOT, self.envelope), tuple(shown))

    def open_bids(self, lot: str, envelope: str) -> Entry:
        """The first opening: everybody's technical part."""
        everybody = tuple(bid.bidder for bid in self.case.bids if bid.lot == lot)
        for one in ("1", "2"):
            self.appoint(one)
        self.offer()
        self.begin()
        done = self.receive(everybody)
        assert isinstance(done, Entry), done
        for bidder in everybody:
            self.bind(bidder)
            assert self.let_go(bidder) == ""
        for name in self.parties.holders:
            assert isinstance(self.enter(self.services[name].release(self.asked(self.of_stage()))), Entry)
        self.reported()
        assert self.published(everybody) == ""
        return done

    def to_second(self) -> "Envelopes":
        """Technical parts scored, in escrow meanwhile; the second opening has begun."""
        self.to_scoring()
        self.to_sealed_and_held()
        self.must("agent", cmd.CloseScoring(), self.stage(LOT, "1"))
        self.open_scores(LOT, "1")
        self.tally(LOT, "1")
        turning.explain_all(self, LOT, "1")
        self.confirm(LOT, "1")
        self.envelope = "2"
        self.sealed = {}
        self.begin()
        return self

    def to_sealed_and_held(self) -> None:
        for seat in self.members():
            self.seal(seat, LOT, "1")
        self.to_held()


_MADE: list[Envelopes] = []


@pytest.fixture
def second(tmp_path_factory: pytest.TempPathFactory) -> Envelopes:
    """One evaluation, whose second opening has begun; each test goes on from there by itself."""
    case = read_case((ground.ROOT / "ops/sample/case.json").read_bytes())
    assert isinstance(case, Case)
    if not _MADE:
        _MADE.append(Envelopes(case, tmp_path_factory.mktemp("made")).to_second())
    base = _MADE[0]
    hall = Envelopes(case, tmp_path_factory.mktemp("hall"))
    hall.entries, hall.held, hall.seqs = [*base.entries], [*base.held], {**base.seqs}
    hall.state, hall.disclosed, hall.now, hall.names = base.state, base.disclosed, base.now, base.names
    hall.drawn, hall.envelope = base.drawn, base.envelope
    return hall


def passing(hall: World) -> tuple[str, ...]:
    return hall.at.tracks[f"{LOT}/1"].turns.passing


def refused(hall: Envelopes, name: str, bids: tuple[SealedBid, ...], **changes: Any) -> str:
    with pytest.raises(Refused) as found:
        hall.services[name].release(replace(hall.asked(bids), **changes))
    return found.value.part


def test_the_second_envelopes_of_those_who_passed_open_and_no_other(second: Envelopes) -> None:
    """The control: the same way to its end, for who is on the list."""
    assert (len(passing(second)), FELL in passing(second)) == (4, False)
    assert isinstance(second.receive(passing(second)), Entry)
    for bidder in passing(second):
        assert second.let_go(bidder) == ""
    bids = second.of_stage()
    for name in second.parties.holders:
        assert isinstance(second.enter(second.services[name].release(second.asked(bids))), Entry)
    second.reported()
    assert second.published((*passing(second), FELL)) == "NotOpened"
    assert second.published(passing(second)) == ""
    assert [bid.bidder for bid in second.here.bids] == list(passing(second))


def test_a_coordinator_cannot_slip_in_who_fell_short_nor_leave_out_who_passed(second: Envelopes) -> None:
    everybody = (*passing(second), FELL)
    for bidders in (everybody, passing(second)[1:], (*passing(second)[1:], FELL)):
        result = second.receive(bidders)
        assert isinstance(result, Refusal)
        assert result.code == "NotPassing"


def test_who_fell_short_releases_nothing_even_if_it_wants_to(second: Envelopes) -> None:
    """Its price is nobody's to see: it is not of this opening."""
    second.receive(passing(second))
    second.received((FELL,))
    assert second.let_go(FELL) == "UnknownBid"


def test_no_custodian_gives_a_share_of_a_bid_that_fell_short(second: Envelopes) -> None:
    """The headers come from the coordinator: another in a passing bid's place, or one more, is no use."""
    second.receive(passing(second))
    for bidder in passing(second):
        assert second.let_go(bidder) == ""
    bids = second.of_stage()
    second.received((FELL,))
    fell = next(one for one in second.sealed.values() if one.bidder == FELL)
    assert refused(second, "centre-1", (*bids[1:], fell)) == "bids"
    answered = second.services["centre-1"].release(second.asked((*bids, fell)))
    made = second.disclosed.plus(answered.disclosures).value(
        answered.disclosures[0].digest, releasing.CustodyRelease
    )
    shares = releasing.shares_of(second.parties.suite, made, second.venue_key("hefei"))
    assert len(shares.shares) == len(bids)


def test_the_second_opening_is_asked_of_all_custodians_anew(second: Envelopes) -> None:
    """What was answered and released for the technical parts says nothing of the prices."""
    second.receive(passing(second))
    assert second.found.custody == {}
    for bidder in passing(second):
        assert second.let_go(bidder) == ""
    first = second.asked(second.of_stage())
    stage = second.stage(LOT, "1")
    assert refused(second, "centre-1", second.of_stage(), stage=stage) == "phase"
    assert second.services["centre-1"].release(first).disclosures
