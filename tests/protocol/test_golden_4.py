"""A whole session of rules version 4, held in memory from booking to archive, is one anybody replays."""

from functools import cache

from protocol import entry, record
from protocol.ledger import quorum
from protocol.session.outcome import outcome_digest
from protocol.session.phases import RULES
from tests.protocol.golden.make_3 import case
from tests.protocol.golden.whole_recognised import recognised
from tests.protocol.golden.whole_sealed import COSIGNERS, Sealed

NOT_HELD = {"FailStage"}
"""Acts of the groups that this session has no use for."""


@cache
def world() -> Sealed:
    return recognised(case())


def test_a_session_of_version_4_is_held_to_its_end_and_replays_to_its_outcome() -> None:
    held = world()
    read = record.read(record.write(held.session, held.entries, held.held))
    state = record.replay(read)
    assert (state.phase, state.rules_version) == ("ARCHIVED", "4")
    assert outcome_digest(state, read.disclosed) == outcome_digest(held.at, held.disclosed)


def test_it_has_every_act_that_version_4_brings() -> None:
    done = {entry.decode(raw).command.type for raw in world().entries}
    had = {name for name, act in RULES["3"].acts.items() if act.available}
    brought = {name for name, act in RULES["4"].acts.items() if act.available} - had
    assert brought - done - NOT_HELD == set()


def test_every_milestone_rests_on_a_head_that_its_cosigners_have_signed() -> None:
    held = world()
    policy = quorum.read(held.policy)
    for one in held.at.milestones.values():
        judged = quorum.judge(held.heads[one.size].encode(), policy)
        assert judged.head.size == one.size
        # The one that was owed at the first milestone has settled it by a line over a later head.
        assert set(one.cosigned) == set(COSIGNERS)
        assert set(one.cosigned) - set(judged.cosigned) <= {COSIGNERS[-1]}
