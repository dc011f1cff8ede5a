"""The feed: what is missing is asked for, what comes twice is taken once, a second history stops it."""

import pytest

from protocol.ledger import tree
from protocol.link.feed import NOT_OURS, NOT_OURS_TRIES_MAX, Feeds, Gap, Question, TwoHistories, new_entries
from protocol.link.pauses import DICE_MAX, Pauses
from protocol.wire import Feed, SessionNote

PAUSES = Pauses(first_ms=100, longest_ms=1_000)
RECORD = tuple(f"entry {seq}" for seq in range(10))


def leaves(size: int) -> list[bytes]:
    return [tree.leaf_hash(text.encode()) for text in RECORD[:size]]


def feed(since: int, entries: tuple[str, ...]) -> Feed:
    return Feed("s-1", since, len(RECORD), entries, ())


def note(size: int, session: str = "s-1") -> SessionNote:
    return SessionNote(session, size, "BOOKED")


def feeds(out_max: int = 8) -> Feeds:
    return Feeds(PAUSES, answer_wait_ms=5_000, out_max=out_max)


def only(found: tuple[Question, ...]) -> Question:
    (one,) = found
    return one


@pytest.mark.parametrize(
    ("held", "since", "end", "expected"),
    [
        (0, 0, 4, RECORD[:4]),
        (2, 2, 4, RECORD[2:4]),
        (3, 1, 6, RECORD[3:6]),
        (6, 1, 4, ()),
        (4, 4, 4, ()),
        (2, 0, 0, ()),
        (2, 3, 6, Gap(2)),
        (0, 1, 1, Gap(0)),
    ],
)
def test_what_is_new_lies_behind_what_is_held(held: int, since: int, end: int, expected: object) -> None:
    assert new_entries(leaves(held), feed(since, RECORD[since:end])) == expected


def test_an_entry_that_comes_again_must_be_the_one_that_is_held() -> None:
    other = (*RECORD[2:4], "another", RECORD[5])
    assert new_entries(leaves(6), feed(2, other)) == TwoHistories(4, "another")
    assert new_entries(leaves(4), feed(2, other)) == ("another", RECORD[5])


def test_every_session_that_goes_on_is_asked_for_since_the_copys_end() -> None:
    found = feeds()
    found.holds("s-1", 4)
    found.holds("s-2", 9)
    found.holds("s-3", 9)
    assert found.ask(0, 0) == ()
    found.line_up((note(4), note(9, "s-2"), note(12, "s-3"), note(1, "s-4")), frozenset({"s-2", "s-3"}), 5)
    asked = {one.session: one.since for one in found.ask(5, 0)}
    assert asked == {"s-1": 4, "s-3": 9, "s-4": 0}


def test_an_answer_that_does_not_hold_everything_is_asked_on() -> None:
    found = feeds()
    found.line_up((note(7),), frozenset(), 0)
    first = only(found.ask(0, 0))
    found.holds("s-1", 3)
    found.answered(first, 7, 1, 0)
    second = only(found.ask(1, 0))
    assert second.since == 3
    found.holds("s-1", 7)
    found.answered(second, 7, 2, 0)
    assert (found.ask(2, 0), found.next_at()) == ((), None)


def test_an_answer_that_brings_nothing_on_is_not_asked_again_at_once() -> None:
    found = feeds()
    found.line_up((note(7),), frozenset(), 0)
    found.answered(only(found.ask(0, 0)), 7, 1, DICE_MAX)
    assert (found.ask(1, 0), found.next_at()) == ((), 101)


def test_a_gap_is_asked_for_once_and_again_if_it_is_still_there_after_the_answer() -> None:
    found = feeds()
    found.line_up((), frozenset(), 0)
    found.holds("s-1", 2)
    found.gap("s-1", 5, 10)
    question = only(found.ask(10, 0))
    assert question.since == 2
    found.gap("s-1", 6, 11)
    assert found.ask(11, 0) == ()
    found.holds("s-1", 5)
    found.answered(question, 5, 12, 0)
    assert only(found.ask(12, 0)).since == 5


def test_sizes_that_are_told_now_and_then_make_up_for_a_lost_hint() -> None:
    found = feeds()
    found.line_up((), frozenset(), 0)
    found.holds("s-1", 4)
    found.told((note(3), note(2, "s-2")), 50)
    assert only(found.ask(50, 0)).session == "s-2"
    found.told((note(5),), 60)
    assert only(found.ask(60, 0)) == Question("s-1", 4, 1)


def test_a_refusal_of_the_moment_is_asked_again_and_another_is_not() -> None:
    found = feeds()
    found.line_up((note(3),), frozenset(), 0)
    assert not found.turned_down(only(found.ask(0, 0)), "TooBusy", 0, DICE_MAX)
    assert found.next_at() == 100
    assert not found.turned_down(only(found.ask(100, 0)), "Faulted", 100, DICE_MAX)
    assert found.next_at() == 300
    assert not found.turned_down(only(found.ask(300, 0)), "UnknownSession", 300, 0)
    assert found.next_at() is None
    found.told((note(3),), 400)
    assert len(found.ask(400, 0)) == 1


def test_a_cursor_behind_the_other_sides_end_is_believed_after_it_was_said_several_times() -> None:
    found = feeds()
    found.holds("s-1", 9)
    found.line_up((note(4),), frozenset(), 0)
    at, two = 0, []
    for _ in range(NOT_OURS_TRIES_MAX):
        two.append(found.turned_down(only(found.ask(at, 0)), NOT_OURS, at, 0))
        at = found.next_at() or at
    assert two == [False] * (NOT_OURS_TRIES_MAX - 1) + [True]
    found.gap("s-1", 12, at)
    found.told((note(12),), at)
    assert (found.ask(at, 0), found.next_at()) == ((), None)


def test_a_coordinator_that_only_read_behind_is_forgiven() -> None:
    found = feeds()
    found.holds("s-1", 9)
    found.line_up((note(4),), frozenset(), 0)
    at = 0
    for _ in range(NOT_OURS_TRIES_MAX - 1):
        assert not found.turned_down(only(found.ask(at, 0)), NOT_OURS, at, 0)
        at = found.next_at() or at
    found.answered(only(found.ask(at, 0)), 9, at, 0)
    found.gap("s-1", 10, at)
    assert not found.turned_down(only(found.ask(at, 0)), NOT_OURS, at, 0)


def test_a_question_that_is_not_answered_in_time_or_fails_is_asked_again() -> None:
    found = feeds()
    found.line_up((note(3),), frozenset(), 0)
    first = only(found.ask(0, 0))
    assert found.next_at() == 5_000
    assert (found.ask(5_000, DICE_MAX), found.next_at()) == ((), 5_100)
    second = only(found.ask(5_100, 0))
    found.failed(first, 5_101, 0)
    assert found.next_at() == 10_100
    found.failed(second, 5_102, DICE_MAX)
    assert found.next_at() == 5_302
    found.answered(first, 3, 5_103, 0)
    assert found.next_at() == 5_302


def test_a_line_that_breaks_is_forgotten_and_the_next_one_asks_anew() -> None:
    found = feeds()
    found.line_up((note(3),), frozenset(), 0)
    stale = only(found.ask(0, 0))
    found.line_down()
    assert (found.ask(1, 0), found.next_at()) == ((), None)
    found.line_up((note(3),), frozenset(), 9)
    again = only(found.ask(9, 0))
    assert not found.turned_down(stale, "UnknownSession", 10, 0)
    found.holds("s-1", 3)
    found.answered(again, 3, 11, 0)
    assert found.next_at() is None


def test_so_many_questions_are_out_at_once() -> None:
    found = feeds(out_max=2)
    found.line_up(tuple(note(3, f"s-{number}") for number in range(4)), frozenset(), 0)
    asked = found.ask(0, 0)
    assert [one.session for one in asked] == ["s-0", "s-1"]
    assert found.ask(0, 0) == ()
    found.holds("s-0", 3)
    found.answered(asked[0], 3, 1, 0)
    assert [one.session for one in found.ask(1, 0)] == ["s-2"]


def test_a_copy_that_has_stopped_is_asked_for_no_more() -> None:
    found = feeds()
    found.stop("s-1")
    found.line_up((note(3),), frozenset(), 0)
    found.told((note(5),), 1)
    assert found.ask(1, 0) == ()
