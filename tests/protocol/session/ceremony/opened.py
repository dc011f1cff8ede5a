"""An opening as far as a phase, for tests of its rules: `ops.ceremony`'s table, with a custodian's hand."""

from functools import cache
from pathlib import Path

from ops.ceremony.parties import Parties, SealedBid
from ops.ceremony.table import Table
from protocol import commands_ceremony as acts
from protocol.commands_identity import DelegateSeatKey
from protocol.entry import Entry
from protocol.hidden import Disclosure
from protocol.plan.case import Case, read_case
from protocol.refusals import Refusal
from protocol.seal import releasing, signing
from protocol.seal.releasing import Shares
from protocol.seal.trust.proved import ByCertificate, Judged
from protocol.session.ceremony import reading
from protocol.words import SESSION_STAGE
from tests.protocol.voicing import person

ROOT = Path(__file__).resolve().parents[4]


@cache
def case() -> Case:
    found = read_case((ROOT / "ops" / "sample" / "case.json").read_bytes())
    assert isinstance(found, Case)
    return found


@cache
def parties(suite: str = "intl-1") -> Parties:
    return Parties(suite, custodians=3, threshold=2)


@cache
def bids(suite: str = "intl-1") -> tuple[SealedBid, ...]:
    return tuple(parties(suite).seal(number) for number in (1, 2, 3, 4))


class Opening(Table):
    """One opening of four bids, three centres of which two are enough, and the tenderee's key."""

    def __init__(self, suite: str = "intl-1") -> None:
        super().__init__(case(), parties(suite))
        self.bids = bids(suite)
        self.book()

    def to_prepared(self) -> "Opening":
        self.prepare()
        return self

    def to_begun(self) -> "Opening":
        self.to_prepared().begin()
        return self

    def to_received(self) -> "Opening":
        self.to_begun()
        for name in self.parties.holders:
            assert self.roll(name) == ""
        self.receive(self.bids)
        return self

    def to_closed(self, late: tuple[str, ...] = ()) -> "Opening":
        self.to_received()
        for one in self.bids:
            if one.bid not in late:
                assert self.release(one) == ""
        if late:
            self.settle(self.opening.until + 1)
        return self

    def to_custody(self, late: tuple[str, ...] = ()) -> "Opening":
        self.to_closed(late)
        for name in self.parties.holders:
            assert self.custody(name) == "", name
        return self

    def to_reported(self, late: tuple[str, ...] = ()) -> "Opening":
        self.to_custody(late)
        for venue in ("hefei", "nanjing"):
            assert self.report(venue) == ""
        return self

    def to_opened(self, late: tuple[str, ...] = ()) -> "Opening":
        self.to_reported(late)
        for bid in late:
            assert self.fail(bid) == ""
        assert self.publish({one.bid: one for one in self.bids if one.bid not in late}) == ""
        return self

    def roll(self, name: str) -> str:
        return self.code(name, acts.AnswerRollCall(self.opening.challenge), self.stage)

    def shares(self, name: str) -> Shares:
        headers = [one.header for one in self.bids if one.bid in self.opening.released]
        holder = self.parties
        return releasing.take_all(holder.suite, name, holder.holders[name], headers, holder.key(name))

    def boxed(self, name: str, shares: Shares | None = None, to: list[bytes] | None = None) -> Disclosure:
        keys = [one.public for one in self.opening.to] if to is None else to
        made = releasing.release_shares(
            self.parties.suite, self.session, name, self.opening.list_digest, shares or self.shares(name),
            keys,            self.parties.random("fresh", name),
        )  # fmt: skip
        return self.hide("custody_release", f"custody {name}", made)

    def custody(self, name: str, shown: Disclosure | None = None, bids: bytes | None = None) -> str:
        shown = shown or self.boxed(name)
        digest = self.opening.list_digest if bids is None else bids
        return self.code(name, acts.ReleaseCustody(name, digest, shown.digest), self.stage, (shown,))

    def found(self, **other: acts.OpenedBid) -> acts.ReportDecryption:
        """What a venue that opened everything says; by bid another result."""
        rows = []
        for one in self.bids:
            if one.bid in self.opening.released:
                opened = acts.OpenedBid(one.bid, "opened", one.listing)
                rows.append(other.get(one.bid.replace("-", "_"), opened))
        return acts.ReportDecryption(tuple(rows), ())

    def report(self, venue: str, content: acts.ReportDecryption | None = None) -> str:
        return self.code(f"node {venue}", content or self.found(), self.stage)

    def voice(self, seat: str) -> None:
        """Somebody's key is delegated by certificate, so that it may sign (SPEC 19.6)."""
        until = self.now + 86_400_000
        who, key = self.at.keys[self.parties.author_text(seat)], self.parties.author_text(seat)
        signed = person().delegated(session=self.session, seat=who.seat, role=who.role, key=key, until=until)
        proof = ByCertificate(signed=signed, judged=Judged(at=self.now, trust_list=b"t" * 32, until=until))
        made = self.hide("delegation", f"delegation {seat}", proof)
        told = signing.delegated_bytes(self.session, who.seat, key, "certificate", made.digest, until)
        attested = signing.sign(self.parties.author("installation"), told)
        self.must(seat, DelegateSeatKey("certificate", made.digest, until, attested), SESSION_STAGE, (made,))

    def record(self) -> bytes:
        return reading.opening_record(self.at, self.here)


def is_entry(result: Entry | Refusal) -> bool:
    return isinstance(result, Entry)
