"""The outbox: every act goes out until it is answered, in its author's order, at its time."""

import doctest

from protocol import wire
from protocol.link import outbox, pauses
from protocol.link.outbox import Outbox, Parcel
from protocol.link.pauses import DICE_MAX, Pauses
from protocol.refusals import refuse
from protocol.wire import Answer

PAUSES = Pauses(first_ms=100, longest_ms=1_000)
M1, M2, M3 = ("s-1", "key M1"), ("s-1", "key M2"), ("s-1", "key M3")


def box(out_max: int = 8, up_at: int | None = 0) -> Outbox:
    found = Outbox(PAUSES, answer_wait_ms=5_000, out_max=out_max)
    if up_at is not None:
        found.line_up(up_at)
    return found


def accepted(command_id: str, seq: int = 7) -> Answer:
    return Answer(command_id=command_id, status="accepted", seq=seq)


def refused(command_id: str, code: str) -> Answer:
    return Answer(command_id=command_id, status="refused", refused=wire.refused(refuse(code)))


def sent(found: tuple[Parcel, ...]) -> list[tuple[int, int]]:
    """Number and sending of each parcel."""
    return [(one.number, one.sending) for one in found]


def test_the_doctests_hold() -> None:
    assert doctest.testmod(pauses).failed == 0
    assert doctest.testmod(outbox).failed == 0


def test_pauses_are_spread_over_their_upper_half() -> None:
    assert [PAUSES.after(2, dice) for dice in (0, DICE_MAX // 2, DICE_MAX)] == [100, 150, 200]
    assert PAUSES.after(10_000, DICE_MAX) == 1_000


def test_nothing_goes_without_a_line_and_everything_once_there_is_one() -> None:
    found = box(up_at=None)
    found.add(M1, 1, "a")
    found.add(M2, 2, "b")
    assert (found.send(10, 0), found.next_at()) == ((), None)
    found.line_up(20)
    assert found.next_at() == 20
    assert sent(found.send(20, 0)) == [(1, 1), (2, 1)]
    assert found.send(20, 0) == ()


def test_an_authors_next_act_waits_for_the_final_answer_to_the_one_before() -> None:
    found = box()
    for number, name in enumerate("abc", 1):
        found.add(M1, number, name)
    assert sent(found.send(0, 0)) == [(1, 1)]
    assert found.answered(1, accepted("a"), 5, 0) == accepted("a")
    assert sent(found.send(5, 0)) == [(2, 1)]
    final = refused("b", "AlreadyCheckedIn")
    assert found.answered(2, final, 6, 0) == final
    assert sent(found.send(6, 0)) == [(3, 1)]
    assert len(found) == 1


def test_an_act_that_is_added_twice_goes_once() -> None:
    found = box()
    found.add(M1, 1, "a")
    found.add(M1, 1, "a")
    assert sent(found.send(0, 0)) == [(1, 1)]
    found.answered(1, accepted("a"), 0, 0)
    assert (len(found), found.send(0, 0), found.next_at()) == (0, (), None)


def test_a_refusal_of_the_moment_comes_again_with_growing_pauses() -> None:
    for code in sorted(outbox.PASSING):
        found = box()
        found.add(M1, 1, "a")
        at, pauses_ms = 0, []
        for sending in range(1, 8):
            assert sent(found.send(at, DICE_MAX)) == [(1, sending)]
            assert found.answered(1, refused("a", code), at, DICE_MAX) is None
            due = found.next_at()
            assert due is not None
            assert found.send(due - 1, DICE_MAX) == ()
            pauses_ms.append(due - at)
            at = due
        assert pauses_ms == [100, 200, 400, 800, 1_000, 1_000, 1_000]
        assert sent(found.send(at, 0)) == [(1, 8)]
        assert found.answered(1, accepted("a"), at, 0) == accepted("a")


def test_the_next_acts_pauses_begin_anew() -> None:
    found = box()
    found.add(M1, 1, "a")
    found.add(M1, 2, "b")
    at = 0
    for _ in range(4):
        found.send(at, 0)
        found.answered(1, refused("a", "TooBusy"), at, 0)
        at = found.next_at() or at
    found.send(at, 0)
    found.answered(1, accepted("a"), at, 0)
    found.send(at, 0)
    found.answered(2, refused("b", "TooBusy"), at, DICE_MAX)
    assert found.next_at() == at + 100


def test_an_author_that_was_turned_away_does_not_hold_up_another() -> None:
    found = box()
    found.add(M1, 1, "a")
    found.add(M2, 2, "b")
    found.send(0, 0)
    found.answered(1, refused("a", "NotDurable"), 0, DICE_MAX)
    found.answered(2, accepted("b"), 0, 0)
    found.add(M2, 3, "c")
    assert sent(found.send(1, 0)) == [(3, 1)]


def test_only_kept_is_no_answer() -> None:
    found = box()
    found.add(M1, 1, "a")
    found.send(0, 0)
    assert found.answered(1, Answer(command_id="a", status="kept"), 0, DICE_MAX) is None
    assert found.answered(1, Answer(command_id="a", status="refused"), 0, DICE_MAX) is None
    assert found.next_at() == 100


def test_an_answer_to_another_act_is_none_and_the_act_goes_again() -> None:
    found = box()
    found.add(M1, 1, "a")
    found.send(0, 0)
    assert found.answered(1, accepted("b"), 3, DICE_MAX) is None
    assert sent(found.send(103, 0)) == [(1, 2)]


def test_a_refusal_without_the_acts_id_is_given_it() -> None:
    found = box()
    found.add(M1, 1, "a")
    found.send(0, 0)
    final = found.answered(1, refused("", "BadSignature"), 3, 0)
    assert final == refused("a", "BadSignature")


def test_a_fault_of_the_other_side_is_tried_a_few_times_and_then_told() -> None:
    found = box()
    found.add(M1, 1, "a")
    at = 0
    for _ in range(outbox.FAULTED_TRIES_MAX - 1):
        assert len(found.send(at, 0)) == 1
        assert found.answered(1, refused("a", "Faulted"), at, 0) is None
        at = found.next_at() or at
    assert len(found.send(at, 0)) == 1
    assert found.answered(1, refused("a", "Faulted"), at, 0) == refused("a", "Faulted")


def test_an_answer_that_does_not_come_in_time_is_asked_for_again() -> None:
    found = box()
    found.add(M1, 1, "a")
    found.send(0, 0)
    assert found.next_at() == 5_000
    assert found.send(4_999, 0) == ()
    assert found.send(5_000, DICE_MAX) == ()
    assert found.next_at() == 5_100
    assert sent(found.send(5_100, 0)) == [(1, 2)]


def test_an_answer_that_comes_late_counts_and_the_repeats_answer_is_no_second_one() -> None:
    found = box()
    found.add(M1, 1, "a")
    found.add(M1, 2, "b")
    found.send(0, 0)
    found.send(5_000, 0)
    assert found.answered(1, accepted("a"), 5_010, 0) == accepted("a")
    assert sent(found.send(5_010, 0)) == [(2, 1)]
    assert found.answered(1, accepted("a"), 5_020, 0) is None
    assert found.answered(9, accepted("z"), 5_020, 0) is None
    assert found.answered(2, accepted("b"), 5_030, 0) == accepted("b")


def test_a_sending_that_failed_goes_again_and_an_older_ones_end_is_no_news() -> None:
    found = box()
    found.add(M1, 1, "a")
    (first,) = found.send(0, 0)
    found.failed(first, 10, DICE_MAX)
    assert found.next_at() == 110
    (second,) = found.send(110, 0)
    found.failed(first, 120, DICE_MAX)
    assert found.next_at() == 110 + 5_000
    found.failed(second, 130, DICE_MAX)
    found.failed(second, 140, DICE_MAX)
    assert found.next_at() == 330


def test_a_line_that_breaks_sends_again_at_once_what_was_out() -> None:
    found = box()
    found.add(M1, 1, "a")
    found.add(M2, 2, "b")
    found.send(0, 0)
    found.answered(2, refused("b", "TooBusy"), 0, DICE_MAX)
    found.line_down()
    assert (found.send(9_000, 0), found.next_at(), found.is_up) == ((), None, False)
    found.line_up(9_000)
    assert sent(found.send(9_000, 0)) == [(1, 2), (2, 2)]


def test_so_many_are_out_at_once_and_whoever_waited_longest_goes_first() -> None:
    found = box(out_max=2)
    for number, author in enumerate((M1, M2, M3), 1):
        found.add(author, number, f"a{number}")
        found.add(author, number + 10, f"b{number}")
    assert sent(found.send(0, 0)) == [(1, 1), (2, 1)]
    assert found.next_at() == 5_000
    found.answered(1, accepted("a1"), 30, 0)
    assert sent(found.send(30, 0)) == [(3, 1)]
    found.answered(2, accepted("a2"), 40, 0)
    assert sent(found.send(40, 0)) == [(11, 1)]
