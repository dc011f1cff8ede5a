"""People who take the lawful turns of rules version 3, on top of `world`.

Everything is derived from names and counters, as there.
"""

from collections.abc import Iterable
from typing import Any

from msgspec.structs import replace

from protocol import canonical, hidden
from protocol import commands as cmd
from protocol import commands_turns as turns
from protocol.entry import Entry
from protocol.hidden import CorrectedScores, Opening
from protocol.methods.envelopes import passing
from protocol.plan.case import Case
from protocol.plan.conduct import conduct_of
from protocol.plan.plan import Envelope
from protocol.plan.stages import leaves, scheme_of, stages
from protocol.refusals import Refusal
from protocol.session.state import is_last, members
from protocol.session.turns.guards import reconfirmed, to_reconfirm
from protocol.words import SESSION_STAGE
from tests.protocol import turning
from tests.protocol.world import World, salt

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS


def with_plan(case: Case, **changes: Any) -> Case:
    """The case under a plan with other parameters."""
    return replace(case, plan=replace(case.plan, **changes))


def in_two_envelopes(case: Case, pass_centi: int = 0) -> Case:
    """The sample with its price in an envelope of its own; `pass_centi` is the technical part's pass mark."""
    first = Envelope(id="1", zh="商务技术文件", kind="technical", order=1)
    second = Envelope(id="2", zh="报价文件", kind="price", order=2)
    scheme = scheme_of(case.plan, "01")
    criteria = tuple(
        replace(
            one, envelope="2" if one.kind == "price" else "1", pass_centi=pass_centi if one.id == "A" else 0
        )
        for one in scheme.criteria
    )
    scheme = replace(scheme, envelopes=(first, second), criteria=criteria)
    return with_plan(case, schemes=(scheme,))


class Acting(World):
    """A session of version 3; the first committee's seats are `M…`, the next one's `N…`."""

    def __init__(self, case: Case, session: str = "s-acting", rules: str = "3") -> None:
        super().__init__(case, session, rules=rules)

    def code(self, by: str, content: cmd.Content, *more: Any) -> str:
        """The code by which an act of somebody is refused; empty, and done, where it is not."""
        result = self.do(by, content, *more)
        return result.code if isinstance(result, Refusal) else ""

    # --- who sits where ---------------------------------------------------------------------------------

    def members(self) -> list[str]:
        return [seat.seat for seat in members(self.at)]

    def bind_watchers(self) -> None:
        """Everybody who is no expert signs in."""
        for seat in list(self.at.seats.values()):
            if seat.role in ("tenderee", "witness", "supervisor") and not seat.key:
                self.bind(seat.seat)

    def node_of(self, seat: str) -> str:
        return f"node {self.at.seats[seat].venue}"

    def opening(self, seat: str, lot: str, envelope: str) -> Opening:
        """A member's sheet of one envelope; a new committee's members score as those before them did."""
        track = self.at.tracks[f"{lot}/{envelope}"]
        sheet = self.case.sheets[lot][f"M{seat[1:]}"]
        items = {leaf.id for leaf in leaves(self.plan, lot, envelope)}
        return Opening(
            session=self.session, stage=self.stage(lot, envelope), expert=seat, bids=track.valid,
            scores={b: {c: points for c, points in sheet[b].items() if c in items} for b in track.valid},
            nonce=salt(f"nonce {seat} {lot} {envelope} {track.round}"),
        )  # fmt: skip

    # --- the opening ------------------------------------------------------------------------------------

    def open_envelope(self, lot: str, envelope: str, bidders: Iterable[str] | None = None) -> Entry | Refusal:
        """Bids of one envelope: without prices before the last, and only of these bidders."""
        last = is_last(self.at, self.at.tracks[f"{lot}/{envelope}"])
        by_id = {bidder.id: bidder for bidder in self.case.bidders}
        wanted = None if bidders is None else set(bidders)
        refs, disclosures = [], []
        for bid in self.case.bids:
            if bid.lot != lot or (wanted is not None and bid.bidder not in wanted):
                continue
            bidder = by_id[bid.bidder]
            where = f"{lot} {envelope} {bidder.id}"
            name = self.hide("bidder_name", f"name {where}", bidder.name)
            price = self.hide("price", f"price {where}", bid.price if last else "")
            more = self.hide("quantities", f"quantities {where}", bid.quantities if last else {})
            refs.append(cmd.BidRef(bidder.id, bidder.code, name.digest, price.digest, more.digest))
            disclosures += [name, price, more]
        source = self.hide("opening_source", f"opening {lot} {envelope}", {"lot": lot})
        content = cmd.ImportOpening("test", source.digest, "test", tuple(refs))
        return self.do("agent", content, self.stage(lot, envelope), (source, *disclosures))

    def open_bids(self, lot: str, envelope: str) -> Entry:
        opened = self.open_envelope(lot, envelope)
        assert isinstance(opened, Entry), opened
        return opened

    # --- the way ----------------------------------------------------------------------------------------

    def to_check_in(self) -> None:
        """Booked, drawn, first envelopes opened: as far as the door of the venues."""
        self.book()
        self.import_committee()
        self.bind_watchers()
        for lot, envelope in self.first_stages():
            self.open_bids(lot, envelope)
            self.draw(lot, envelope)
        self.must("agent", cmd.OpenCheckIn())

    def first_stages(self) -> list[tuple[str, str]]:
        seen: dict[str, str] = {}
        for lot, envelope in stages(self.plan):
            seen.setdefault(lot, envelope)
        return list(seen.items())

    def check_in_all(self) -> None:
        for seat in self.members():
            self.bind(seat)
            self.must(seat, self.check_in_content())

    def to_scoring_from_check_in(self) -> None:
        self.must("agent", cmd.LockRoster())
        for lot, envelope in self.first_stages():
            self.preliminary(lot, envelope)

    def to_scoring(self) -> None:
        self.to_check_in()
        self.check_in_all()
        self.to_scoring_from_check_in()

    def to_tally(self, lot: str, envelope: str) -> None:
        """From empty sheets to the published tally of one stage."""
        for seat in self.members():
            self.seal(seat, lot, envelope)
        self.must("agent", cmd.CloseScoring(), self.stage(lot, envelope))
        self.open_scores(lot, envelope)
        self.tally(lot, envelope)

    def to_ranked_from_scoring(self) -> None:
        """Every lot, envelope after envelope, to its ranking."""
        for lot, envelope in stages(self.plan):
            here = self.at.tracks[f"{lot}/{envelope}"]
            if here.phase == "AWAITED":
                self.open_next(lot, envelope)
            self.to_tally(lot, envelope)
            turning.explain_all(self, lot, envelope)
            self.confirm(lot, envelope)

    def open_next(self, lot: str, envelope: str) -> None:
        """A later envelope: opened for those who pass, its rates drawn, looked over."""
        names = [one for name, one in stages(self.plan) if name == lot]
        before = self.at.tracks[f"{lot}/{names[names.index(envelope) - 1]}"]
        opened = self.open_envelope(lot, envelope, before.turns.passing)
        assert isinstance(opened, Entry), opened
        self.draw(lot, envelope)
        self.preliminary(lot, envelope)

    def confirm(self, lot: str, envelope: str) -> None:
        """The ranking, or before the last envelope who goes on."""
        here = self.at.tracks[f"{lot}/{envelope}"]
        stage = self.stage(lot, envelope)
        if is_last(self.at, here):
            self.must("agent", cmd.ConfirmRanking(), stage)
        else:
            self.must("agent", turns.ConfirmPassing(self.who_pass(lot, envelope)), stage)

    def who_pass(self, lot: str, envelope: str) -> tuple[str, ...]:
        here = self.at.tracks[f"{lot}/{envelope}"]
        on = passing(self.plan, lot, turning.result(self, lot, envelope))
        return tuple(bid.bidder for bid in here.bids if bid.bidder in on)

    def to_archived(self) -> None:
        """The whole way."""
        self.to_scoring()
        self.to_ranked_from_scoring()
        self.to_submitted()
        self.must("agent", cmd.ArchiveSession())

    # --- recheck ----------------------------------------------------------------------------------------

    def correction(
        self, seat: str, ground: Any, scores: dict[str, dict[str, int]], lot: str = "01", envelope: str = "1"
    ) -> tuple[turns.CorrectItem, Any]:
        value = CorrectedScores(self.session, self.stage(lot, envelope), seat, ground, scores)
        found = self.hide("corrected_scores", f"correct {seat} {self.names}", value)
        items = tuple(turns.Item(bidder, item) for bidder, row in scores.items() for item in row)
        return turns.CorrectItem(seat, ground, items, found.digest), (found,)

    # --- when things go wrong ---------------------------------------------------------------------------

    def statement(self, text: str = "线路中断,双方值守人员已核实。") -> hidden.Disclosure:
        return self.hide("statement", f"statement {self.names} {text}", text)

    def suspend(self, by: str = "agent", reason: Any = "line") -> Entry:
        conduct = conduct_of(self.plan.conduct)
        before = self.at.phase == "CHECKIN"
        limit_ms = conduct.suspension_before_ms if before else conduct.suspension_during_ms
        text = self.statement()
        return self.must(by, turns.Suspend(reason, text.digest, limit_ms), SESSION_STAGE, (text,))

    def wait(self, span_ms: int) -> None:
        """So long passes, from the last entry to the next one."""
        self.now = self.at.at + span_ms - 1000

    def reconfirm_all(self) -> None:
        for seat in to_reconfirm(self.at):
            if not reconfirmed(self.at, seat):
                self.must(f"witness-{self.at.seats[seat].venue}", turns.ReconfirmSeat(seat, "face"))

    def void(self, reason: Any = "suspended_too_long", by: str = "tenderee") -> Entry:
        text = self.statement("中断超过规定时限。")
        return self.must(by, turns.VoidCommittee(reason, text.digest), SESSION_STAGE, (text,))

    def rebuilding(self, letter: str = "N") -> tuple[turns.RebuildCommittee, tuple[hidden.Disclosure, ...]]:
        """A committee of other people on seats of their own; everybody else as before."""
        content, _ = self.committee_content()
        seats, more = [], []
        for ref in content.seats:
            if ref.role != "expert":
                seats.append(ref)
                continue
            person = self.hide(
                "person", f"person {letter} {ref.seat}", f"另一示例人员 {letter}{ref.seat[1:]}"
            )
            seats.append(replace(ref, seat=f"{letter}{ref.seat[1:]}", person=person.digest))
            more.append(person)
        source = self.hide("committee_source", f"committee {letter}", {"case": letter})
        rebuilt = turns.RebuildCommittee("test", source.digest, "test", content.venues, tuple(seats))
        return rebuilt, (source, *more)

    def rebuild(self, letter: str = "N") -> Entry:
        content, disclosures = self.rebuilding(letter)
        return self.must("agent", content, SESSION_STAGE, disclosures)

    # --- the report -------------------------------------------------------------------------------------

    def to_signing(self) -> bytes:
        """The report with all that the law asks for; its digest."""
        self.must("agent", cmd.BeginReport())
        report = self.hide("report", f"report {len(self.at.turns.void)}", turning.report(self))
        content = cmd.ImportReport("test", canonical.sha256(b"report"), "test", report.digest)
        self.must("agent", content, SESSION_STAGE, (report,))
        return report.digest

    def to_submitted(self) -> None:
        report = self.to_signing()
        for seat in self.members():
            self.must(seat, cmd.SignReport(report))
        self.must("agent", cmd.SubmitReport())

    def dissent(self, seat: str) -> Entry:
        text = self.hide("dissent", f"dissent {seat}", "对第一名的技术评分有不同意见,理由见附页。")
        return self.must(seat, turns.RecordDissent(self.at.report, text.digest), SESSION_STAGE, (text,))

    def deeming(self, seat: str) -> tuple[turns.DeemAgreement, tuple[hidden.Disclosure, ...]]:
        text = self.statement("该成员拒绝签字且未书面说明理由。")
        waited_ms = conduct_of(self.plan.conduct).signing_ms
        return turns.DeemAgreement(seat, waited_ms, text.digest), (text,)
