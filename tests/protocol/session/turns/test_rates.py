"""A rate is drawn by tenderee, witness and supervisor together, even while one of them is honest."""

from collections import Counter

import pytest

from protocol import chance
from protocol import commands as cmd
from protocol import commands_turns as turns
from protocol.plan.case import Case
from protocol.session.turns.rates import drawn, share_of
from protocol.words import Stage
from tests.protocol import turning
from tests.protocol.acting import Acting, in_two_envelopes
from tests.protocol.world import salt

STAGE = Stage("01", "1", 1)
K = ("97", "97.5", "98", "98.5", "99")
SEATS = turning.DRAWING


@pytest.fixture
def opened(case: Case) -> Acting:
    """Bids are open and nothing is drawn."""
    world = Acting(case)
    world.book()
    world.import_committee()
    world.bind_watchers()
    world.open_bids("01", "1")
    return world


def _begin(world: Acting) -> None:
    world.must("agent", turns.BeginDrawK("K", K), STAGE)


def _commit(world: Acting, seat: str) -> str:
    return world.code(seat, turning.commitment(world, seat, "K", "01", "1"), STAGE)


def _reveal(world: Acting, seat: str) -> str:
    return world.code(seat, turning.reveal(seat, "K"), STAGE)


def test_the_agent_draws_nothing_and_names_the_plans_candidates(opened: Acting) -> None:
    assert opened.code("agent", cmd.DrawK("K", "98"), STAGE) == "NotYetAvailable"
    assert opened.code("agent", turns.BeginDrawK("K", ("98",)), STAGE) == "PlanMismatch"
    assert opened.code("agent", turns.BeginDrawK("K", ("98", "98")), STAGE) == "DuplicateId"
    _begin(opened)
    assert opened.code("agent", turns.BeginDrawK("K", K), STAGE) == "AlreadyDone"
    assert _commit(opened, "agent") == "NotAllowed"


def test_nobody_reveals_before_all_roles_have_committed_and_nobody_commits_after(
    opened: Acting,
) -> None:
    _begin(opened)
    for seat in SEATS[:2]:
        assert _commit(opened, seat) == ""
    assert _reveal(opened, SEATS[0]) == "GuardUnmet"
    assert _commit(opened, SEATS[2]) == ""
    assert _reveal(opened, SEATS[0]) == ""
    assert _commit(opened, "witness-hefei") == "DrawClosed"
    assert _reveal(opened, "witness-hefei") == "DrawClosed"


def test_a_reveal_is_of_what_was_committed_to(opened: Acting) -> None:
    _begin(opened)
    for seat in SEATS:
        _commit(opened, seat)
    other = turns.RevealK("K", salt("other"), salt(f"salt {SEATS[0]} K"))
    assert opened.code(SEATS[0], other, STAGE) == "RevealMismatch"
    assert _reveal(opened, SEATS[0]) == ""
    assert _reveal(opened, SEATS[0]) == "AlreadyDone"


def test_the_last_reveal_draws_whatever_the_order(opened: Acting) -> None:
    _begin(opened)
    for seat in reversed(SEATS):
        assert _commit(opened, seat) == ""
    for seat in (SEATS[1], SEATS[0], SEATS[2]):
        assert opened.at.tracks["01/1"].draws == {}
        assert _reveal(opened, seat) == ""
    here = opened.at.tracks["01/1"]
    randoms = {seat: salt(f"random {seat} K") for seat in SEATS}
    assert here.draws["K"] == drawn(opened.at, here, "K", randoms)
    assert here.draws["K"] == drawn(opened.at, here, "K", dict(reversed(randoms.items())))


def test_a_withheld_reveal_is_counted_and_named_and_its_commitment_is_no_good_again(opened: Acting) -> None:
    _begin(opened)
    old = {seat: turning.commitment(opened, seat, "K", "01", "1") for seat in SEATS}
    for seat in SEATS:
        opened.must(seat, old[seat], STAGE)
    for seat in SEATS[:2]:
        _reveal(opened, seat)
    text = opened.statement("设备故障,无法揭示。")
    content = turns.RestartDrawK("K", text.digest)
    assert opened.code("agent", content, STAGE, (text,)) == "NotAllowed"
    entry = opened.must("supervisor-hefei", content, STAGE, (text,))
    assert entry.events[0].withheld == ("supervisor-shanghai",)  # type: ignore[union-attr]
    assert opened.at.tracks["01/1"].turns.k_draws["K"].attempt == 2
    for seat in SEATS:
        opened.must(seat, old[seat], STAGE)
    assert _reveal(opened, SEATS[0]) == "RevealMismatch"


def test_each_candidate_is_as_likely_as_another(opened: Acting) -> None:
    _begin(opened)
    here = opened.at.tracks["01/1"]
    counts = Counter(
        drawn(opened.at, here, "K", {seat: salt(f"{seat} {number}") for seat in SEATS})
        for number in range(1000)
    )
    assert set(counts) == set(K)
    assert all(140 < count < 260 for count in counts.values())


def test_a_share_is_good_for_one_attempt_of_one_rate_alone(opened: Acting) -> None:
    _begin(opened)
    here = opened.at.tracks["01/1"]
    share = share_of(opened.at, here, "K", "tenderee", bytes(32))
    assert (share.draw, share.party, share.session) == ("K", "tenderee", opened.session)
    assert chance.seed([share]) != share.subject


def test_scoring_waits_for_the_draw_and_in_two_envelopes_only_the_second_does(case: Case) -> None:
    world = Acting(in_two_envelopes(case))
    world.book()
    world.import_committee()
    world.bind_watchers()
    world.open_bids("01", "1")
    assert world.code("agent", turns.BeginDrawK("K", K), STAGE) == "WrongEnvelope"
