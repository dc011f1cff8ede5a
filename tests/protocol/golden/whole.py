"""The golden tender of rules version 3, whose committee is drawn, void, drawn anew and changed late."""

from typing import Any, ClassVar

from msgspec.structs import replace

from protocol import commands as cmd
from protocol import commands_draw as form
from protocol import commands_turns as turns
from protocol.content import SeatRef
from protocol.entry import Entry
from protocol.hidden import Disclosure, Opening
from protocol.methods.arithmetic_check import Schedule
from protocol.plan.case import Case
from protocol.refusals import Refusal
from protocol.session.committee.chair import vote_commitment
from protocol.words import SESSION_STAGE, Stage
from tests.protocol import reviewing as re
from tests.protocol import turning
from tests.protocol.acting import HOUR_MS, MINUTE_MS
from tests.protocol.session.drawing import SEATS, DrawWorld
from tests.protocol.world import salt

TENDER_SESSION = "s-golden-3-tender"
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
    held(re.ask(world, "N2", "b4"))
    held(re.answer(world, "agent", 1, "", refused=True))
    held(re.close(world, "N3", 1, "refused"))
    price = next(bid.price for bid in world.case.bids if bid.bidder == "b1")
    schedule = Schedule(price, price, "肆仟伍佰贰拾玖万元整", "10000", 2, ())
    held(re.correct(world, "N4", "b1", schedule))
    held(re.answer(world, "agent", 2, "同意按大写金额修正"))
    held(re.close(world, "N4", 2, "answered"))
    held(re.propose(world, "N2", "b5", "51-6"))
    re.all_vote(world, "b5", "51-6", yes=3)
    re.pass_all(world)
    held(re.conclude(world))


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
    held(re.conclude(world))
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
    content, told = world.correction("N3", "abnormal", {"b1": {"A1": 650}})
    world.must("N3", content, stage, told)
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
    content, record = world.deeming("R2")
    world.must("agent", content, SESSION_STAGE, record)
    world.must("agent", cmd.SubmitReport())
    world.sign_witnessing("witness-hefei")
    world.must("agent", cmd.ArchiveSession())


def held(answer: Any) -> Entry:
    """An act that was taken."""
    assert isinstance(answer, Entry), answer
    return answer
