"""The guard of one socket, with a clock that is moved by hand."""

import json

import pytest

from protocol import limits
from server.config import Bounds
from server.gateway.frames import Cut, Dropped, Frames, Passed

EVENT = '42/node,1["sessions"]'


class Hand:
    """A running clock moved by hand, ms."""

    def __init__(self) -> None:
        self.ms = 0

    def __call__(self) -> int:
        return self.ms


def code(verdict: object) -> str:
    assert isinstance(verdict, Dropped), verdict
    assert verdict.reply.startswith("43/node,1["), verdict
    told = json.loads(verdict.reply.removeprefix("43/node,1"))
    return str(told[0]["refused"]["code"])


def test_a_message_that_is_one_passes() -> None:
    frames = Frames(Bounds(), Hand())
    for frame in (
        "3",
        "40/node,",
        EVENT,
        '42/node,["hello",{}]',
        "43/node,7[]",
        '43/node,7[{"a":1}]',
        "41/node,",
        "1",
    ):
        assert frames.judge(frame, 0) == Passed(), frame


def test_the_allowance_is_spent_and_fills_up_with_time() -> None:
    clock = Hand()
    frames = Frames(Bounds(socket_events_per_second_max=10), clock)
    assert [frames.judge(EVENT, 0) == Passed() for _ in range(25)] == [True] * 20 + [False] * 5
    assert code(frames.judge(EVENT, 0)) == "TooBusy"
    clock.ms += 100
    assert frames.judge(EVENT, 0) == Passed()
    assert code(frames.judge(EVENT, 0)) == "TooBusy"
    clock.ms += 3_600_000
    assert [frames.judge(EVENT, 0) == Passed() for _ in range(21)] == [True] * 20 + [False]


def test_the_pulse_of_a_busy_socket_is_always_read() -> None:
    frames = Frames(Bounds(socket_events_per_second_max=1), Hand())
    for _ in range(5):
        frames.judge(EVENT, 0)
    assert frames.judge("3", 0) == Passed()


def test_a_message_of_the_largest_size_passes_and_one_byte_more_does_not() -> None:
    frames = Frames(Bounds(), Hand())
    head = '42/node,1["submit","'
    room = limits.MESSAGE_BYTES_MAX - len(head) - 2
    assert frames.judge(head + "x" * room + '"]', 0) == Passed()
    assert code(frames.judge(head + "x" * (room + 1) + '"]', 0)) == "TooLarge"


def test_size_is_counted_in_bytes() -> None:
    frames = Frames(Bounds(), Hand())
    letters = "评" * (limits.MESSAGE_BYTES_MAX // 3)
    assert code(frames.judge(f'42/node,1["submit","{letters}"]', 0)) == "TooLarge"
    assert frames.judge(f'42/node,1["submit","{letters[:-20]}"]', 0) == Passed()


def test_a_socket_that_leaves_its_answers_unread_is_closed() -> None:
    frames = Frames(Bounds(socket_unread_max=3), Hand())
    assert frames.judge(EVENT, 3) == Passed()
    assert frames.judge(EVENT, 4) == Cut("unread")
    assert frames.judge("3", 4) == Cut("unread")


def test_a_socket_of_garbage_is_closed_after_so_many_frames() -> None:
    frames = Frames(Bounds(malformed_frames_max=2), Hand())
    assert [type(frames.judge("z", 0)) for _ in range(3)] == [Dropped, Dropped, Cut]


@pytest.mark.parametrize("name", ["connect", "disconnect", "connect_error", "message", "*"])
def test_names_that_the_library_keeps_for_itself_never_reach_it(name: str) -> None:
    assert code(Frames(Bounds(), Hand()).judge(f'42/node,1["{name}"]', 0)) == "UnknownCommand"


def test_a_frame_that_asks_for_no_answer_gets_none() -> None:
    assert Frames(Bounds(), Hand()).judge('42/node,["*"]', 0) == Dropped("event")
