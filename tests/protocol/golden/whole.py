"""The sessions of the golden records of rules version 3, which take every turn.

Two end in the archive, the third, in two envelopes, comes to nothing. Between them stand nearly all acts of
version 3; `test_golden_3` says which do not.
"""

from typing import Any, ClassVar

from msgspec.structs import replace

from protocol import commands as cmd
from protocol import commands_draw as form
from protocol import commands_review as review
from protocol import commands_turns as turns
from protocol.content import SeatRef
from protocol.entry import Entry
from protocol.hidden import Disclosure, Opening
from protocol.methods.arithmetic_check import Schedule
from protocol.plan.case import Case
from protocol.plan.conduct import Conduct
from protocol.plan.policy import LowPriceCheck, SmallBusiness
from protocol.plan.review import ReviewPlan
from protocol.refusals import Refusal
from protocol.session.committee.chair import vote_commitment
from protocol.words import SESSION_STAGE, Stage
from tests.protocol import reviewing as re
from tests.protocol import turning
from tests.protocol.acting import HOUR_MS, MINUTE_MS, Acting, in_two_envelopes, with_plan
from tests.protocol.session.drawing import SEATS, DrawWorld
from tests.protocol.world import salt

TENDER_SESSION = "s-golden-3-tender"
PURCHASE_SESSION = "s-golden-3-purchase"
ENVELOPES_SESSION = "s-golden-3-envelopes"
_SCORES_OF = {"R1": "M5", "R2": "M5"}


class Tender(DrawWorld):
    """A drawn committee; whoever sits on seat `X…n` scores as the case's member `Mn`."""

    persons: ClassVar[dict[str, str]] = {"N1": "N1 who follows"}
    """Seat → by whose key it speaks, where another person came to sit there."""
    followed = False

    def command(self, author: str, content: cmd.Content, stage: Stage = SESSION_STAGE) -> cmd.Command:
        return super().command(self._by(author), content, stage)

    def take(
        self, command: cmd.Command, author: str, disclosures: tuple[Disclosure, ...] = ()
    ) -> Entry | Refusal:
        return super().take(command, self._by(author), disclosures)

    def bind(self, seat: str, author: str | None = None) -> Entry:
        return super().bind(seat, self._by(author or seat))

    def _by(self, author: str) -> str:
        if author == "node hefei":
            return "node-anhui"
        return self.persons.get(author, author) if self.followed else author

    def opening(self, seat: str, lot: str, envelope: str) -> Opening:
        as_seat = _SCORES_OF.get(seat, f"M{seat[-1]}")
        return replace(super().opening(as_seat, lot, envelope), expert=seat)

    def text(self, field: Any, words: str) -> Any:
        """A text of somebody, with a salt of its own."""
        self.names += 1
        return self.hide(field, f"{field} {self.names}", words)


def tender(case: Case) -> Tender:
    """A draw with replacements, a void committee drawn anew, a vote of three to two, a late recusal."""
    world = Tender(case, session=TENDER_SESSION)
    _drawn(world)
    _void_and_drawn_again(world)
    _chaired(world)
    _reviewed(world)
    _stopped_and_replaced(world)
    _rechecked(world)
    _answered(world)
    return world


def purchase(case: Case) -> Acting:
    """The desk's review, one brand, a small business, sealed votes, too long a stop, a second report."""
    world = Acting(_purchase_case(case), PURCHASE_SESSION)
    _purchase_opened(world)
    _purchase_reviewed(world)
    _purchase_stopped(world)
    _purchase_ranked(world)
    _purchase_reported(world)
    return world


def envelopes(case: Case) -> Acting:
    """Two envelopes: a rate drawn again, few bids left and competition kept, equal bids, and the end."""
    world = Acting(_equal_case(case), ENVELOPES_SESSION)
    world.to_check_in()
    world.check_in_all()
    world.must("agent", cmd.LockRoster())
    world.must("tenderee", form.NameChair("M2"))
    _few_left(world)
    world.must("agent", turns.ConfirmPassing(world.who_pass("01", "1")), world.stage("01", "1"))
    _second_envelope(world)
    statement = world.hide("statement", "ended", "招标人决定终止招标")
    failed = turns.FailSession("ended", statement.digest)
    world.must("tenderee", failed, SESSION_STAGE, (statement,))
    return world


# --- the tender ---------------------------------------------------------------------------------------------


def _drawn(world: Tender) -> None:
    """Somebody cannot be reached before anybody knows who it is; another does not come to the door."""
    world.to_drawn()
    world.must("agent", form.CallReplacement("M2", "unreachable", ()))
    world.open_bids("01", "1")
    world.draw("01", "1")
    stage = world.stage("01", "1")
    objection = world.text("objection", "唱标内容与投标函不一致")
    world.must("tenderee", turns.RaiseObjection("b4", objection.digest), stage, (objection,))
    answer = world.text("objection", "经当场核对,以投标函大写金额为准")
    world.must("tenderee", turns.AnswerObjection(1, answer.digest), stage, (answer,))
    world.read_out("01", "1")
    world.sign_opening("witness-hefei", "01", "1")
    world.must("agent", cmd.OpenCheckIn())
    world.must("agent", world.publish_content())
    world.must("agent", form.CallReplacement("M3", "no_show", (world.next_for("M3"),)))


def _void_and_drawn_again(world: Tender) -> None:
    """The committee proves unlawful before it has begun; whoever follows in the same orders sits instead."""
    for seat in world.members():
        world.seat_in(seat)
    world.must("agent", cmd.LockRoster())
    statement = world.text("statement", "评标委员会的组成不合法")
    void = turns.VoidCommittee("unlawful", statement.digest)
    world.must("tenderee", void, SESSION_STAGE, (statement,))
    again = tuple(replace(one, seat=f"N{one.seat[1:]}") for one in SEATS)
    shown = world.shown((*world.at.drawn.takes, *again))
    person = world.text("person", "另一招标人代表").digest
    rep = SeatRef("R2", "expert", "hefei", "tenderee_rep", False, person)
    members = tuple(shown[one.seat] for one in again)
    world.must("agent", form.RedrawCommittee(world.draw_id, again, members, (rep,)))
    world.must("agent", cmd.OpenCheckIn())
    for seat in world.members():
        world.seat_in(seat)
    world.must("N1", form.DeclareRecusal("employer", "b2", b""))
    world.must("agent", form.CallReplacement("N1", "recused", (world.next_for("N1"),)))
    world.followed = True
    world.seat_in("N1")
    world.must("agent", cmd.LockRoster())


def _chaired(world: Tender) -> None:
    """A secret ballot; everybody for N2."""
    world.must("agent", form.OpenChairBallot(secret=True))
    for seat in world.members():
        told = vote_commitment(world.session, 1, seat, "N2", salt(f"ballot {seat}"))
        world.must(seat, form.ElectChair("", told))
    for seat in world.members()[:3]:
        world.must(seat, form.OpenChairVote("N2", salt(f"ballot {seat}")))


def _reviewed(world: Tender) -> None:
    """A blind part that fails and passes, a question refused, a slip, and a rejection by three to two."""
    re.publish(world)
    re.check_blind(world, "b3", "fail")
    for bidder in ("b1", "b2", "b3", "b4", "b5"):
        re.check_blind(world, bidder)
    world.must("agent", cmd.BeginPreliminary(), world.stage("01", "1"))
    re.mark(world, "N2", "b5", responsiveness="material")
    re.mark(world, "N3", "b4", form="minor")
    _held(re.ask(world, "N2", "b4"))
    _held(re.answer(world, "agent", 1, "", refused=True))
    _held(re.close(world, "N3", 1, "refused"))
    price = next(bid.price for bid in world.case.bids if bid.bidder == "b1")
    schedule = Schedule(price, price, "肆仟伍佰贰拾玖万元整", "10000", 2, ())
    _held(re.correct(world, "N4", "b1", schedule))
    _held(re.answer(world, "agent", 2, "同意按大写金额修正"))
    _held(re.close(world, "N4", 2, "answered"))
    _held(re.propose(world, "N2", "b5", "51-6"))
    re.all_vote(world, "b5", "51-6", yes=3)
    re.pass_all(world)
    _held(re.conclude(world))


def _stopped_and_replaced(world: Tender) -> None:
    """More time, a stop of 3 h 50, a late recusal whose successor does the review again; then all seal."""
    stage = world.stage("01", "1")
    world.seal("N1", "01", "1")
    for seat in ("N3", "N4"):
        world.must(seat, turns.AskMoreTime(), stage)
    world.must("tenderee", turns.ExtendTime(30 * MINUTE_MS), stage)
    world.suspend()
    for one in sorted({world.at.seats[seat].venue for seat in world.members()}):
        name = f"witness-{one}"
        if not world.at.seats[name].key:
            world.bind(name)
    world.note("witness-hefei", "line_cut", "专线中断,已报修", finding="irregular", subject="hefei")
    world.wait(3 * HOUR_MS + 50 * MINUTE_MS)
    world.reconfirm_all()
    world.must("agent", turns.Resume())
    remark = world.text("remark", "发现与投标人存在经济利益关系")
    recusal = form.DeclareRecusal("interest", "b1", remark.digest)
    world.must("N4", recusal, SESSION_STAGE, (remark,))
    successor = world.next_for("P4", of="N4")
    world.must("agent", form.ReplaceMember("N4", "P4", "recused", (successor,), ()))
    world.seat_in("P4")
    _chair_again(world)
    re.pass_all(world)
    _held(re.conclude(world))
    for seat in world.members():
        if seat not in world.at.tracks["01/1"].sheets:
            world.seal(seat, "01", "1")
    world.must("agent", cmd.CloseScoring(), stage)
    world.open_scores("01", "1")
    world.tally("01", "1")


def _chair_again(world: Tender) -> None:
    """Who owed the office to a vote that counts no more is elected anew, openly."""
    if world.at.drawn.chair:
        return
    world.must("agent", form.OpenChairBallot(secret=False))
    for seat in world.members()[:3]:
        world.must(seat, form.ElectChair("N2", b""))


def _rechecked(world: Tender) -> None:
    """What is far off is explained; one item is found abnormal and corrected by its member."""
    stage = world.stage("01", "1")
    turning.explain_all(world, "01", "1")
    world.must("agent", turns.BeginRecheck("abnormal"), stage)
    for by in ("N1", "N2", "R2"):
        world.must(by, turns.FindAbnormal("N3", "b1", "A1"), stage)
    content, held = world.correction("N3", "abnormal", {"b1": {"A1": 650}})
    world.must("N3", content, stage, held)
    world.must("N3", turns.EndRecheck(), stage)
    world.tally("01", "1")
    turning.explain_all(world, "01", "1")
    world.confirm("01", "1")


def _answered(world: Tender) -> None:
    """Three sign, one dissents and signs not, one refuses without reasons and is deemed to agree."""
    report = world.to_signing()
    for seat in ("N1", "N2", "N3"):
        world.must(seat, cmd.SignReport(report))
    world.dissent("P4")
    world.must("R2", turns.RefuseToSign(report))
    content, held = world.deeming("R2")
    world.must("agent", content, SESSION_STAGE, held)
    world.must("agent", cmd.SubmitReport())
    world.sign_witnessing("witness-hefei")
    world.must("agent", cmd.ArchiveSession())


# --- the purchase -------------------------------------------------------------------------------------------


def _purchase_case(case: Case) -> Case:
    """The sample as a purchase: votes sealed, low prices explained, 5 % for small businesses."""
    scheme = replace(
        case.plan.schemes[0],
        small_business=SmallBusiness(quantity="small", percent="5"),
        low_prices=(LowPriceCheck(than="mean", percent="97"),),
    )
    bids = tuple(
        replace(bid, quantities={"small": "100"}) if bid.bidder in ("b2", "b3") else bid for bid in case.bids
    )
    return with_plan(
        replace(case, bids=bids), schemes=(scheme,), regime="GOV_PROC", review=ReviewPlan(ballot="secret"),
        conduct=Conduct(chair="elected", chair_ballot="open"), candidates_max=2,
    )  # fmt: skip


def _purchase_opened(world: Acting) -> None:
    world.to_check_in()
    world.check_in_all()
    world.must("agent", cmd.LockRoster())
    _elect(world, "M2")
    stage = world.stage("01", "1")
    _held(re.publish(world))
    for bidder in ("b1", "b2", "b3", "b4", "b5"):
        _held(re.check_blind(world, bidder))
        desk = review.MarkItem(bidder, (review.Mark("qualification", "pass", b""),))
        world.must("tenderee", desk, stage)
    world.must("agent", cmd.BeginPreliminary(), stage)


def _purchase_reviewed(world: Acting) -> None:
    """The purchaser finds two bids of one brand and looks at both declarations; members mark."""
    _held(re.same_brand(world, "b1", "b4", by="tenderee"))
    _held(re.confirm_share(world, "b3", "100"))
    _held(re.confirm_share(world, "b2", "0", by="tenderee"))
    re.pass_all(world)
    _held(re.conclude(world))


def _purchase_stopped(world: Acting) -> None:
    """A stop of 4 h 10 voids the committee; another one does everything anew."""
    world.seal("M1", "01", "1")
    world.suspend("agent", "power")
    world.wait(4 * HOUR_MS + 10 * MINUTE_MS)
    world.void()
    world.rebuild("N")
    world.must("agent", cmd.OpenCheckIn())
    world.check_in_all()
    world.must("agent", cmd.LockRoster())
    _elect(world, "N2")
    stage = world.stage("01", "1")
    _held(re.publish(world))
    for bidder in ("b1", "b2", "b3", "b4", "b5"):
        _held(re.check_blind(world, bidder))
    world.must("agent", cmd.BeginPreliminary(), stage)
    _purchase_reviewed(world)


def _elect(world: Acting, chair: str) -> None:
    world.must("agent", form.OpenChairBallot(secret=False))
    for seat in world.members()[:3]:
        world.must(seat, form.ElectChair(chair, b""))


def _purchase_ranked(world: Acting) -> None:
    """The lowest price is asked about, its reasons are voted on under seal and kept; then the ranking."""
    world.to_tally("01", "1")
    turning.explain_all(world, "01", "1")
    _held(re.ask(world, "N1", "b5", "low_price"))
    _held(re.answer(world, "agent", 1, "自有设备与材料库存,成本明细见附件"))
    _held(re.close(world, "N1", 1, "answered"))
    _held(re.propose(world, "N1", "b5", "87-60"))
    for seat in world.members():
        _held(re.seal_vote(world, seat, "b5", "87-60", "yes" if seat == "N1" else "no"))
    for seat in world.members():
        _held(re.open_vote(world, seat, "b5", "87-60", "yes" if seat == "N1" else "no"))
    world.must("agent", cmd.ConfirmRanking(), world.stage("01", "1"))


def _purchase_reported(world: Acting) -> None:
    """Somebody sees a wrong sum when two have signed; the same committee looks again, then all answer."""
    report = world.to_signing()
    for seat in ("N1", "N2"):
        world.must(seat, cmd.SignReport(report))
    _held(turning.reevaluate(world))
    stage = world.stage("01", "1")
    world.must("agent", turns.BeginRecheck("sum_error"), stage)
    world.must("agent", turns.EndRecheck(), stage)
    world.tally("01", "1")
    world.confirm("01", "1")
    world.must("agent", cmd.BeginReport())
    told = world.hide("report", "the second report", turning.report(world))
    content = cmd.ImportReport("test", salt("second report"), "test", told.digest)
    world.must("agent", content, SESSION_STAGE, (told,))
    for seat in ("N1", "N2", "N3", "N4"):
        world.must(seat, cmd.SignReport(world.at.report))
    world.wait(3 * HOUR_MS)
    deemed, held = world.deeming("N5")
    world.must("agent", deemed, SESSION_STAGE, held)
    world.must("agent", cmd.SubmitReport())
    world.must("agent", cmd.ArchiveSession())


# --- two envelopes ------------------------------------------------------------------------------------------


def _equal_case(case: Case) -> Case:
    """In two envelopes; the second bid is the first one again, and one candidate is asked for."""
    prices = {bid.bidder: bid.price for bid in case.bids}
    bids = tuple(replace(bid, price=prices["b1"]) if bid.bidder == "b2" else bid for bid in case.bids)
    sheets = {"01": {seat: {**row, "b2": row["b1"]} for seat, row in case.sheets["01"].items()}}
    return with_plan(in_two_envelopes(replace(case, bids=bids, sheets=sheets)), candidates_max=1)


def _few_left(world: Acting) -> None:
    """Three bids are rejected; the committee says that two are competition enough."""
    re.begin(world)
    for bidder in ("b3", "b4", "b5"):
        _held(re.propose(world, "M1", bidder, "51-6"))
        re.all_vote(world, bidder, "51-6", yes=4)
    _held(re.competition(world, "M3"))
    re.all_vote(world, "", "27", yes=1)
    re.pass_all(world)
    _held(re.conclude(world))
    world.to_tally("01", "1")
    turning.explain_all(world, "01", "1")


def _second_envelope(world: Acting) -> None:
    """One who committed to its share of the rate does not reveal it; then equal bids, put in order."""
    _held(world.open_envelope("01", "2", world.at.tracks["01/1"].turns.passing))
    stage = world.stage("01", "2")
    rate = next(one for one in world.plan.schemes[0].rates if one.candidates)
    world.must("agent", turns.BeginDrawK(rate.id, rate.candidates), stage)
    for seat in turning.DRAWING:
        world.must(seat, turning.commitment(world, seat, rate.id, "01", "2"), stage)
    for seat in turning.DRAWING[:2]:
        world.must(seat, turning.reveal(seat, rate.id), stage)
    withheld = world.hide("statement", "withheld", "监督人员的随机数未能揭示")
    again = turns.RestartDrawK(rate.id, withheld.digest)
    world.must("supervisor-shanghai", again, stage, (withheld,))
    for seat in turning.DRAWING:
        world.must(seat, turning.commitment(world, seat, rate.id, "01", "2"), stage)
    for seat in turning.DRAWING:
        world.must(seat, turning.reveal(seat, rate.id), stage)
    world.preliminary("01", "2")
    world.to_tally("01", "2")
    turning.explain_all(world, "01", "2")
    _held(turning.decide_tie(world, ("b2", "b1"), envelope="2"))
    world.tally("01", "2")
    turning.explain_all(world, "01", "2")
    world.confirm("01", "2")


def _held(answer: Any) -> Entry:
    assert isinstance(answer, Entry), answer
    return answer
