"""Several lots side by side: each has a phase of its own, the report waits for all."""

import msgspec
import pytest

from protocol import commands as cmd
from protocol.plan.case import Case
from protocol.refusals import Refusal
from protocol.session.outcome import outcome_digest
from tests.protocol.world import World


@pytest.fixture
def two_lots(case: Case) -> Case:
    plain = msgspec.to_builtins(case)
    plan = plain["plan"]
    plan["lots"] = [plan["lots"][0], {**plan["lots"][0], "id": "02"}]
    plain["bids"] = [*plain["bids"], *({**bid, "lot": "02"} for bid in plain["bids"])]
    plain["sheets"]["02"] = plain["sheets"]["01"]
    plain["draws"]["02"] = plain["draws"]["01"]
    return msgspec.convert(plain, Case)


def _score(world: World, lot: str) -> None:
    for seat in world.members():
        world.seal(seat, lot, "1")
    world.must("agent", cmd.CloseScoring(), world.stage(lot, "1"))
    world.open_scores(lot, "1")
    world.tally(lot, "1")
    world.must("agent", cmd.ConfirmRanking(), world.stage(lot, "1"))


def test_one_lot_is_ranked_while_the_other_is_scored(two_lots: Case) -> None:
    world = World(two_lots)
    world.to_scoring()
    _score(world, "02")
    assert world.at.tracks["02/1"].phase == "RANKED"
    assert world.at.tracks["01/1"].phase == "DETAILED"
    refused = world.do("agent", cmd.BeginReport())
    assert isinstance(refused, Refusal)
    assert "01/1" in refused.detail["zh"]
    _score(world, "01")
    world.must("agent", cmd.BeginReport())


def test_a_sheet_of_one_lot_opens_nothing_of_the_other(two_lots: Case) -> None:
    world = World(two_lots)
    world.to_scoring()
    for seat in world.members():
        world.seal(seat, "01", "1")
    world.must("agent", cmd.CloseScoring(), world.stage("01", "1"))
    commitment = world.at.tracks["01/1"].sheets["M1"].commitment
    wrong = world.do("node hefei", cmd.TryOpening("M1", commitment, "ok", ""), world.stage("02", "1"))
    assert isinstance(wrong, Refusal)
    assert wrong.code == "WrongPhase"


def test_the_order_in_which_lots_are_scored_is_part_of_each_persons_order(two_lots: Case) -> None:
    digests = set()
    for order in (("01", "02"), ("02", "01")):
        world = World(two_lots)
        world.to_scoring()
        for lot in order:
            _score(world, lot)
        digests.add(outcome_digest(world.at, world.disclosed))
    assert len(digests) == 2
