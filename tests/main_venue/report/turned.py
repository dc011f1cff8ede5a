"""Records of rules version 3 to report on: evaluations that take every lawful turn, played in memory."""

from functools import cache
from typing import Any

import msgspec
from msgspec.structs import replace

from protocol import commands as cmd
from protocol import commands_turns as turns
from protocol import record
from protocol.commands_draw import DeclareRecusal, ElectChair, OpenChairBallot, ReplaceMember
from protocol.entry import Entry
from protocol.hidden import Disclosure, Opening
from protocol.methods.arithmetic_check import Line, Schedule
from protocol.refusals import Refusal
from protocol.words import SESSION_STAGE
from tests.main_venue.report import records
from tests.protocol import reviewing, turning
from tests.protocol.acting import HOUR_MS, MINUTE_MS, Acting, in_two_envelopes, with_plan
from tests.protocol.session.drawing import DrawWorld
from tests.protocol.world import World

ONE = ("01", "1")
SCHEDULE = Schedule(
    "4528.60", "4528.60", "", "10000", 2,
    (Line("1", "2", "1264.50", "2528.60"), Line("2", "1", "2000", "2000")),
)  # fmt: skip
"""The first bid's prices: its first line's unit price and total do not agree; it comes to 4529."""


def written(world: World) -> bytes:
    """The record as it stands."""
    return record.write(world.session, world.entries, world.held)


@cache
def straight() -> bytes:
    """An evaluation without any turn."""
    world = Acting(records.case(records.SAMPLE))
    world.to_archived()
    return written(world)


@cache
def turned() -> bytes:
    """Objection, clarifications, a corrected price, a vote of 3 to 2, a suspension, a recheck, dissent."""
    sheets = msgspec.json.decode(msgspec.json.encode(records.case(records.SAMPLE).sheets))
    sheets["01"]["M2"]["b1"] |= {"B1": 0}
    world = Acting(replace(records.case(records.SAMPLE), sheets=sheets, expected=None))
    world.to_check_in()
    _object(world)
    world.check_in_all()
    world.must("agent", cmd.LockRoster())
    reviewing.begin(world)
    _ask(world)
    _vote(world)
    reviewing.pass_all(world)
    reviewing.conclude(world)
    _stand_still(world)
    for seat in ("M1", "M2"):
        world.must(seat, turns.AskMoreTime(), world.stage(*ONE))
    world.must("tenderee", turns.ExtendTime(30 * MINUTE_MS), world.stage(*ONE))
    world.to_tally(*ONE)
    _recheck(world)
    turning.explain_all(world, *ONE)
    world.confirm(*ONE)
    _sign(world)
    return written(world)


def _object(world: Acting) -> None:
    stage = world.stage(*ONE)
    text = world.hide("objection", "objection", "唱标的工期与投标文件不一致。")
    world.must("tenderee", turns.RaiseObjection("b2", text.digest), stage, (text,))
    answer = world.hide("objection", "answer", "已核对,以投标函为准。")
    world.must("tenderee", turns.AnswerObjection(1, answer.digest), stage, (answer,))


def _ask(world: Acting) -> None:
    reviewing.ask(world, "M1", "b3")
    reviewing.answer(world, "agent", 1)
    reviewing.close(world, "M1", 1, "answered")
    reviewing.ask(world, "M2", "b5", "low_price")
    reviewing.answer(world, "agent", 2, "", refused=True)
    reviewing.close(world, "M2", 2, "refused")
    reviewing.correct(world, "M1", "b1", SCHEDULE)
    reviewing.answer(world, "agent", 3, "同意修正")
    reviewing.close(world, "M1", 3, "answered")


def _vote(world: Acting) -> None:
    for seat in ("M1", "M4"):
        reviewing.mark(world, seat, "b2", responsiveness="material")
    reviewing.mark(world, "M3", "b4", form="minor")
    reviewing.propose(world, "M1", "b2", "51-6")
    for seat in world.members():
        reviewing.vote(world, seat, "b2", "51-6", "yes" if seat in ("M1", "M3", "M4") else "no")


def _stand_still(world: Acting) -> None:
    world.suspend()
    world.wait(3 * HOUR_MS + 50 * MINUTE_MS - 10_000)
    world.reconfirm_all()
    world.must("agent", turns.Resume())


def _recheck(world: Acting) -> None:
    stage = world.stage(*ONE)
    world.must("agent", turns.BeginRecheck("objective_differs"), stage)
    content, held = world.correction("M2", "objective_differs", {"b1": {"B1": 400}})
    world.must("M2", content, stage, held)
    world.must("M1", turns.EndRecheck(), stage)
    world.tally(*ONE)


def _sign(world: Acting) -> None:
    report = world.to_signing()
    for seat in ("M1", "M3", "M4"):
        world.must(seat, cmd.SignReport(report))
    world.dissent("M2")
    world.must("M5", turns.RefuseToSign(report))
    content, text = world.deeming("M5")
    world.must("agent", content, SESSION_STAGE, text)
    world.must("agent", cmd.SubmitReport())


@cache
def voided() -> bytes:
    """A suspension of 4 h 10, a void committee, a new one."""
    world = Acting(records.case(records.SAMPLE))
    world.to_scoring()
    for seat in world.members():
        world.seal(seat, *ONE)
    world.suspend("supervisor-shanghai", "power")
    world.wait(4 * HOUR_MS + 10 * MINUTE_MS)
    world.void()
    world.rebuild()
    world.must("agent", cmd.OpenCheckIn())
    world.check_in_all()
    world.to_scoring_from_check_in()
    world.to_ranked_from_scoring()
    world.to_submitted()
    return written(world)


@cache
def two_envelopes() -> bytes:
    """A price in an envelope of its own, opened for those alone who pass."""
    world = Acting(in_two_envelopes(records.case(records.SAMPLE), pass_centi=3200))
    world.to_archived()
    return written(world)


@cache
def purchased() -> bytes:
    """A government purchase: the desk finds a supplier not qualified."""
    world = Acting(with_plan(records.case(records.SAMPLE), regime="GOV_PROC"))
    world.to_check_in()
    world.check_in_all()
    world.must("agent", cmd.LockRoster())
    reviewing.publish(world)
    reviewing.mark(world, "tenderee", "b4", qualification="material")
    for bid in world.at.tracks["01/1"].bids:
        reviewing.check_blind(world, bid.bidder)
    world.must("agent", cmd.BeginPreliminary(), world.stage(*ONE))
    reviewing.pass_all(world)
    reviewing.conclude(world)
    world.to_ranked_from_scoring()
    world.to_submitted()
    return written(world)


class Drawn(DrawWorld):
    """A drawn committee, whose members score as those of the case."""

    def opening(self, seat: str, lot: str, envelope: str) -> Opening:
        as_seat = {"R1": "M5", "M3b": "M3"}.get(seat, seat)
        found = super().opening(as_seat, lot, envelope)
        return replace(found, expert=seat)

    def hide(self, field: Any, name: str, value: Any) -> Disclosure:
        """Whatever is hidden is disclosed with the record, the names of those who sit at the desks too."""
        found = super().hide(field, name, value)
        self.held.append(found)
        return found

    def do(self, by: str, content: cmd.Content, *more: Any) -> Entry | Refusal:
        """The main venue's node is the standing one of its province."""
        return super().do("node-anhui" if by == "node hefei" else by, content, *more)


@cache
def drawn() -> bytes:
    """A committee drawn from three provinces' pools; one recuses late and is followed by the next."""
    world = Drawn(records.case(records.SAMPLE))
    world.held += world.people
    world.to_chaired()
    reviewing.begin(world)
    world.must("M3", DeclareRecusal("interest", "", b""))
    successor = world.next_for("M3b", of="M3")
    world.must("agent", ReplaceMember("M3", "M3b", "recused", (successor,), ()))
    world.seat_in("M3b")
    world.must("agent", OpenChairBallot(secret=False))
    for seat in world.members()[:3]:
        world.must(seat, ElectChair("M1", b""))
    reviewing.pass_all(world, *ONE)
    reviewing.conclude(world)
    world.to_ranked_from_scoring()
    world.to_submitted()
    return written(world)
