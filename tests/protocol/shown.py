"""What a member's page is shown at the turns of an evaluation, as pages' own tests read it.

`python -m tests.protocol.shown` writes `golden/evaluation-views.json`: moment → the view of M1 as JSON.
`projection/test_review_shown.py` holds the file against what is folded now.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from protocol import commands as cmd
from protocol import commands_draw as draw
from protocol import commands_turns as turns
from protocol.entry import Entry
from protocol.methods.arithmetic_check import Line, Schedule
from protocol.plan.case import Case, read_case
from protocol.projection import project
from tests.protocol import reviewing as re
from tests.protocol import turning
from tests.protocol.acting import Acting

FILE = Path(__file__).parent / "golden/evaluation-views.json"
SAMPLE = Path(__file__).parents[2] / "ops/sample/case.json"
SEAT = "M1"


def views(case: Case) -> dict[str, Any]:
    """Moment → M1's view as plain JSON; only what a moment is about is kept of its stages."""
    return {name: _plain(world) for story in (_reviewed, _turned, _short) for name, world in story(case)}


def _plain(world: Acting) -> Any:
    shown = project.view(world.at, world.disclosed, "expert", SEAT)
    stages = tuple(replace(one, criteria=None, rates=None) for one in shown.stages)
    bare = replace(
        shown, stages=stages, undertaking=None, report=None, acts=(), as_of=replace(shown.as_of, root=b"")
    )
    return json.loads(msgspec.json.encode(bare))


def _reviewed(case: Case) -> Iterator[tuple[str, Acting]]:
    """The way as far as the detailed review: a ballot, marks, a question, a vote with dissent."""
    world = Acting(case, "s-shown")
    world.to_check_in()
    for seat in world.members():
        world.bind(seat)
        world.must(seat, world.check_in_content())
    yield "checked_in", world
    world.must("agent", draw.OpenChairBallot(False))
    world.must("M2", draw.ElectChair("M3", b""))
    yield "ballot", world
    for seat in ("M1", "M3", "M4"):
        world.must(seat, draw.ElectChair("M3", b""))
        if world.at.drawn.chair:
            break
    world.must("agent", cmd.LockRoster())
    re.begin(world)
    for seat in ("M2", "M3"):
        re.mark(world, seat, "b1", form="pass", qualification="pass", responsiveness="minor")
    re.mark(world, "M4", "b2", form="material")
    yield "marking", world
    re.ask(world, "M2", "b2")
    re.ask(world, "M3", "b3", "low_price")
    re.answer(world, "agent", 1)
    yield "asked", world
    re.close(world, "M2", 1, "answered")
    re.propose(world, "M4", "b2", "51-1")
    for seat in ("M2", "M3", "M4"):
        re.vote(world, seat, "b2", "51-1", "no" if seat == "M2" else "yes")
    yield "voting", world
    re.vote(world, "M1", "b2", "51-1", "yes")
    re.vote(world, "M5", "b2", "51-1", "no")
    yield "voted", world


def _turned(case: Case) -> Iterator[tuple[str, Acting]]:
    """A suspension, scores that lie too far, signatures that are not given."""
    world = Acting(case, "s-turned")
    world.to_scoring()
    world.suspend()
    yield "suspended", world
    world.reconfirm_all()
    world.must("agent", turns.Resume())
    world.to_tally("01", "1")
    yield "summary", world
    turning.explain_all(world, "01", "1")
    world.confirm("01", "1")
    report = world.to_signing()
    world.must("M2", cmd.SignReport(report))
    world.dissent("M4")
    world.must("M5", turns.RefuseToSign(report))
    yield "signing", world


def _short(case: Case) -> Iterator[tuple[str, Acting]]:
    """An arithmetic correction put to a bidder, and so few bids left that competition is voted on."""
    world = Acting(case, "s-short")
    world.to_check_in()
    world.check_in_all()
    world.must("agent", cmd.LockRoster())
    re.begin(world)
    price = next(bid.price for bid in case.bids if bid.bidder == "b4")
    lines = (Line("1", "10", "100", "1100"),)
    schedule = Schedule(read_out=price, total=price, words="", yuan_per_unit="1", places=2, lines=lines)
    assert isinstance(re.correct(world, "M2", "b4", schedule), Entry)
    yield "correcting", world
    re.answer(world, "agent", 1)
    re.close(world, "M2", 1, "answered")
    for bidder in ("b1", "b2", "b3"):
        re.propose(world, "M1", bidder, "51-6")
        re.all_vote(world, bidder, "51-6", yes=5)
    re.pass_all(world)
    yield "few", world


if __name__ == "__main__":
    found = read_case(SAMPLE.read_bytes())
    assert isinstance(found, Case), found
    FILE.write_text(
        json.dumps(views(found), ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8"
    )
