"""What the crowd can be told to do, one line of JSON each; `python -m ops.bench.drill` is its process.

`{"do": "open", "group": …}` connects a group · `tell` has a speaker send acts one after the other and times
each until the last of a group has what came of it · `flood` has every member send its acts as fast as they
are answered · `text` gives the newest event as it came · `drop` breaks a group's connections. Each is
answered by one line, `{"failed": why}` when it could not be done. Ends when its input does.
"""

import json
from collections.abc import Callable
from typing import Any

from ops import senses
from ops.bench.crowd import Crowd, Group, Lost, Member
from ops.bench.greetings import Refused

BREATH_NS = 2_000_000
"""Between everybody having an event and the next one, at least: what is behind it on the wire comes in."""


def main() -> None:
    """Serve until the input ends."""
    crowd = Crowd()
    while line := crowd.rest():
        told = json.loads(line)
        try:
            answer = DRILLS[told["do"]](crowd, told)
        except (Lost, Refused, OSError) as error:
            answer = {"failed": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


def _open(crowd: Crowd, told: dict[str, Any]) -> dict[str, Any]:
    began = senses.running_ns()
    group = Group(crowd, told)
    group.open()
    crowd.groups[told["group"]] = group
    return {"took_ms": (senses.running_ns() - began) / 1e6, "size": told.get("size", 0)}


def _drop(crowd: Crowd, told: dict[str, Any]) -> dict[str, Any]:
    for member in crowd.groups.pop(told["group"]).members:
        member.close()
    return {}


def _text(crowd: Crowd, told: dict[str, Any]) -> dict[str, Any]:
    witness = crowd.groups[told["group"]].witness
    text = b"" if witness is None else witness.event_text
    return {"event": json.loads(text[text.index(b"[") :])} if text else {}


def _tell(crowd: Crowd, told: dict[str, Any]) -> dict[str, Any]:
    """Acts one after the other, each when all have what the one before caused, and `pace_ms` has passed.

    `acts` are [event, data as JSON text, size that everybody will be told of]. Times are in ms from the
    sending, or from the moment at which group `from` had it. Everybody's and the last one's.
    """
    speaker = crowd.groups[told["speaker"]].members[0]
    hearers = crowd.groups[told["group"]]
    twin = crowd.groups[told["from"]] if told.get("from") else None
    counted = [(one.messages, one.bytes_got) for one in hearers.members]
    answered, first, last, everybody = [], [], [], []
    began = due = senses.running_ns()
    for event, data, size in told["acts"]:
        crowd.until_time(due)
        hearers.await_size(size)
        if twin is not None:
            twin.await_size(size)
        answers: list[int] = []
        sent = senses.running_ns()
        due = sent + int(told["pace_ms"] * 1e6)
        speaker.ask(event, data.encode(), _accepted(answers))
        crowd.until(lambda: hearers.left == 0 and bool(answers) and (twin is None or twin.left == 0))  # noqa: B023
        due = max(due, senses.running_ns() + BREATH_NS)
        start = sent if twin is None else twin.first
        answered.append((answers[0] - sent) / 1e6)
        first.append((hearers.first - start) / 1e6)
        last.append((hearers.last - start) / 1e6)
        everybody += [(one - start) / 1e6 for one in hearers.have[:: max(1, len(hearers.have) // 50)]]
    crowd.until_time(due)
    messages = sum(one.messages for one in hearers.members) - sum(one for one, _ in counted)
    got = sum(one.bytes_got for one in hearers.members) - sum(one for _, one in counted)
    return {
        "answered_ms": answered, "first_ms": first, "last_ms": last, "some_ms": everybody,
        "messages": messages, "bytes": got, "took_ms": (senses.running_ns() - began) / 1e6,
    }  # fmt: skip


def _flood(crowd: Crowd, told: dict[str, Any]) -> dict[str, Any]:
    """`acts[n]` are member n's [event, data as JSON text]; each goes out when the one before is answered."""
    group: Group = crowd.groups[told["group"]]
    took: list[float] = []
    left = [len(acts) for acts in told["acts"]]

    def go_on(member: Member, number: int) -> None:
        acts = told["acts"][number]
        event, data = acts[len(acts) - left[number]]
        sent = senses.running_ns()

        def had(answer: Any) -> None:
            _judge(answer)
            took.append((senses.running_ns() - sent) / 1e6)
            left[number] -= 1
            if left[number]:
                go_on(member, number)

        member.ask(event, data.encode(), had)

    began = senses.running_ns()
    for number, member in enumerate(group.members):
        if left[number]:
            go_on(member, number)
    crowd.until(lambda: not any(left), told.get("wait_s", 120.0))
    return {"answered_ms": took, "took_ms": (senses.running_ns() - began) / 1e6}


def _accepted(answers: list[int]) -> Callable[[Any], None]:
    def had(answer: Any) -> None:
        _judge(answer)
        answers.append(senses.running_ns())

    return had


def _judge(answer: Any) -> None:
    """An act that is not accepted would make every figure a lie."""
    if (
        not isinstance(answer, dict)
        or answer.get("refused")
        or answer.get("status", "accepted") != "accepted"
    ):
        raise Lost(f"not accepted: {json.dumps(answer)[:300]}")


DRILLS: dict[str, Callable[[Crowd, dict[str, Any]], dict[str, Any]]] = {
    "open": _open, "drop": _drop, "text": _text, "tell": _tell, "flood": _flood,
}  # fmt: skip


if __name__ == "__main__":
    main()
