"""Pushes wait for the answers that are owed, and for no others."""

from protocol.link.turns import Turns


def test_pushes_wait_until_the_last_answer_that_is_owed_has_gone_out() -> None:
    turns = Turns("/node")
    assert not turns
    turns.asked("7")
    turns.asked("12")
    assert turns
    assert not turns.answered('43/node,7[{"since":0}]')
    assert turns
    assert turns.answered("43/node,12[]")
    assert not turns


def test_nothing_else_that_goes_out_is_taken_for_the_answer() -> None:
    turns = Turns("/node")
    turns.asked("7")
    for other in ("43/node,8[]", "43/node,77[]", "43/desk,7[]", '42/node,["x",7]', "2", "", b"43/node,7[]"):
        assert not turns.answered(other)
    assert turns


def test_an_answer_that_nobody_waits_for_sets_nothing_free() -> None:
    turns = Turns("/node")
    assert not turns.answered("43/node,7[]")
