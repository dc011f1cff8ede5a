"""What every session of rules version 3 needs of its group `turns`, for tests: functions over a `World`."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from protocol import chance
from protocol import commands_turns as acts
from protocol.methods.evaluation import Evaluation
from protocol.plan.report_contents import SECTIONS
from protocol.plan.stages import scheme_of
from protocol.session.state import is_last
from protocol.session.turns.rates import share_of
from protocol.session.turns.recheck import explained
from protocol.words import SESSION_STAGE

if TYPE_CHECKING:
    from protocol.entry import Entry
    from protocol.plan.conduct import Ground
    from protocol.refusals import Refusal
    from tests.protocol.world import World

DRAWING = ("tenderee", "witness-nanjing", "supervisor-shanghai")
"""Who draws a rate."""


def draw_rates(world: World, lot: str, envelope: str) -> None:
    """Every rate of a lot, in its last envelope, by tenderee, a witness and a supervisor."""
    stage = world.stage(lot, envelope)
    if not is_last(world.at, world.at.tracks[f"{lot}/{envelope}"]):
        return
    for rate in scheme_of(world.plan, lot).rates:
        if not rate.candidates or rate.id in world.at.tracks[f"{lot}/{envelope}"].draws:
            continue
        for seat in DRAWING:
            if not world.at.seats[seat].key:
                world.bind(seat)
        world.must("agent", acts.BeginDrawK(rate.id, rate.candidates), stage)
        for seat in DRAWING:
            world.must(seat, commitment(world, seat, rate.id, lot, envelope), stage)
        for seat in DRAWING:
            world.must(seat, reveal(seat, rate.id), stage)


def commitment(world: World, seat: str, rate: str, lot: str, envelope: str) -> acts.CommitK:
    here = world.at.tracks[f"{lot}/{envelope}"]
    share = share_of(world.at, here, rate, seat, _salt(f"random {seat} {rate}"))
    return acts.CommitK(rate, chance.commitment(share, _salt(f"salt {seat} {rate}")))


def reveal(seat: str, rate: str) -> acts.RevealK:
    return acts.RevealK(rate, _salt(f"random {seat} {rate}"), _salt(f"salt {seat} {rate}"))


def explain_all(world: World, lot: str, envelope: str) -> int:
    """Every member explains what of theirs lies too far from the others; how many did."""
    count = 0
    for one in result(world, lot, envelope).deviations:
        here = world.at.tracks[f"{lot}/{envelope}"]
        if one.over and not explained(here, one.seat, one.bidder, one.criterion):
            explain(world, one.seat, one.bidder, one.criterion, lot, envelope)
            count += 1
    return count


def explain(world: World, seat: str, bidder: str, criterion: str, lot: str, envelope: str) -> None:
    text = world.hide("explanation", f"explain {seat} {bidder} {criterion}", "该方案与现场条件不符。")
    content = acts.ExplainDeviation(bidder, criterion, text.digest)
    world.must(seat, content, world.stage(lot, envelope), (text,))


def decide_tie(
    world: World, order: tuple[str, ...], of: str = "", lot: str = "01", envelope: str = "1"
) -> Entry | Refusal:
    """The tenderee says in which order equal bids stand."""
    text = world.hide("statement", f"tie {world.names}", "按招标文件规定,由招标人确定。")
    return world.do("tenderee", acts.DecideTie(of, order, text.digest), world.stage(lot, envelope), (text,))


def reevaluate(world: World, ground: Ground = "sum_error", by: str = "agent") -> Entry | Refusal:
    """Back to a report that is written or signed."""
    text = world.hide("statement", f"again {world.names}", "复核发现汇总有误,组织原评标委员会重新评审。")
    return world.do(by, acts.BeginReevaluation(ground, text.digest), SESSION_STAGE, (text,))


def result(world: World, lot: str, envelope: str) -> Evaluation:
    found: Evaluation = world.disclosed.value(world.at.tracks[f"{lot}/{envelope}"].tally, Evaluation)
    return found


def report(world: World) -> dict[str, dict[str, dict[str, str]]]:
    """A report with every section that the law asks for."""
    return {"sections": {code: {"zh": term.zh} for code, term in SECTIONS[world.plan.regime].items()}}


def _salt(name: str) -> bytes:
    return hashlib.sha256(b"salt " + name.encode()).digest()
