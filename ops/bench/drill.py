"""What the crowd can be told to do, one line of JSON each; `python -m ops.bench.drill` is its process.

`{"do": "open", "group": …}` connects a group · `tell` has a speaker send acts one after the other and times
each until the last of a group has what came of it · `flood` has every member send its acts as fast as they
are answered · `text` gives the newest event as it came · `drop` breaks a group's connections · `resume`
breaks them and has all come back at once with their cursors · `settle` waits until a group has everything ·
`pace` keeps many sessions going. Each is answered by one line, `{"failed": why}` when it could not be done.
Ends when its input does.
"""

import json
from collections.abc import Callable
from typing import Any

from ops import senses
from ops.bench.crowd import Crowd, Group, Member
from ops.bench.greetings import Refused
from ops.bench.wires import Lost

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
    sizes = [one.size for one in group.members]
    return {"took_ms": (senses.running_ns() - began) / 1e6, "size": max(sizes, default=0)}


def _drop(crowd: Crowd, told: dict[str, Any]) -> dict[str, Any]:
    found = crowd.groups.pop(told["group"], None)
    for member in () if found is None else found.members:
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
        speaker.ask(event, data.encode(), _accepted(speaker, answers))
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
    """`acts[n]` is one chain of [event, data as JSON text]: each goes out when the one before is answered.

    All chains at once; members take them in turn.
    """
    group: Group = crowd.groups[told["group"]]
    took: list[float] = []
    left = [len(acts) for acts in told["acts"]]

    def go_on(member: Member, number: int) -> None:
        acts = told["acts"][number]
        event, data = acts[len(acts) - left[number]]
        sent = senses.running_ns()

        def had(answer: Any) -> None:
            _judge(answer)
            took.append((member.heard_ns - sent) / 1e6)
            left[number] -= 1
            if left[number]:
                go_on(member, number)

        member.ask(event, data.encode(), had)

    began = senses.running_ns()
    for number in range(len(left)):
        if left[number]:
            go_on(group.members[number % len(group.members)], number)
    crowd.until(lambda: not any(left), told.get("wait_s", 120.0))
    return {"answered_ms": took, "took_ms": (senses.running_ns() - began) / 1e6}


def _resume(crowd: Crowd, told: dict[str, Any]) -> dict[str, Any]:
    """A whole group is cut off, misses some acts, and comes back at once, each with its cursor.

    `missed` acts happen in between, `during` ones while they come back. The time is from the first connecting
    to the moment at which the last has all that was missed; then everybody must have every entry.
    """
    group = crowd.groups[told["group"]]
    speaker = crowd.groups[told["speaker"]].members[0] if told.get("speaker") else None
    cursors = [told.get("since", one.upto) for one in group.members]
    for one in group.members:
        one.close()
    group.members, group.opened = [], 0
    for act in told["missed"]:
        _say(crowd, speaker, act)
    during, answers = list(told["during"]), list[int]()
    began = senses.running_ns()
    for number, since in enumerate(cursors):
        group.join(number, since)
        crowd.serve()
        crowd.until(lambda: len(group.members) - group.opened < told["at_once_max"])
        if during and speaker is not None and number * len(told["during"]) >= len(cursors) * len(answers):
            event, data, _ = during.pop(0)
            speaker.ask(event, data.encode(), _accepted(speaker, answers))
    crowd.until(lambda: all(one.upto >= told["size"] for one in group.members))
    took_ms = (senses.running_ns() - began) / 1e6
    last = max([told["size"], *(act[2] for act in told["during"])])
    crowd.until(lambda: len(answers) == len(told["during"]) - len(during))
    for act in during:
        _say(crowd, speaker, act)
    crowd.until(lambda: all(one.upto >= last for one in group.members))
    return {
        "took_ms": took_ms, "faults": [one.fault for one in group.members if one.fault],
        "doubles": sum(one.doubles for one in group.members),
    }  # fmt: skip


def _settle(crowd: Crowd, told: dict[str, Any]) -> dict[str, Any]:
    """Wait until a whole group has every entry up to a size; what it was given must have no gap."""
    group = crowd.groups[told["group"]]
    began = senses.running_ns()
    crowd.until(lambda: all(one.upto >= told["size"] for one in group.members))
    return {
        "took_ms": (senses.running_ns() - began) / 1e6,
        "faults": [one.fault for one in group.members if one.fault],
        "doubles": sum(one.doubles for one in group.members),
    }


def _pace(crowd: Crowd, told: dict[str, Any]) -> dict[str, Any]:
    """Many sessions at a steady pace: one act each `every_ms`, spread evenly over that time.

    `acts[n]` are session n's [event, data as JSON text, size]; speakers take sessions in turn. The group's
    members were dealt the sessions in turn, `of` in all; a session's last member is its supervisor.
    """
    group, speakers = crowd.groups[told["group"]], crowd.groups[told["speaker"]].members
    acts, of = told["acts"], told["of"]
    waiting: dict[int, list[tuple[int, int]]] = {}
    answered: list[float] = []
    seen: list[float] = []
    for number in range(len(acts)):
        waiting[id(group.members[len(group.members) - of + number])] = []

    def watch(member: Member, now: int) -> None:
        due = waiting.get(id(member))
        while due and due[0][0] <= member.size:
            seen.append((now - due.pop(0)[1]) / 1e6)

    def ask(number: int, turn: int) -> None:
        event, data, size = acts[number][turn]
        sent = senses.running_ns()
        waiting[id(group.members[len(group.members) - of + number])].append((size, sent))

        speaker = speakers[number % len(speakers)]

        def had(answer: Any) -> None:
            _judge(answer)
            answered.append((speaker.heard_ns - sent) / 1e6)

        speaker.ask(event, data.encode(), had)

    group.watch = watch
    began = senses.running_ns()
    late_ms = 0.0
    for turn in range(len(acts[0])):
        for number in range(len(acts)):
            due = began + int((turn + number / len(acts)) * told["every_ms"] * 1e6)
            crowd.until_time(due)
            late_ms = max(late_ms, (senses.running_ns() - due) / 1e6)
            ask(number, turn)
    crowd.until(lambda: not any(waiting.values()) and len(answered) == len(acts) * len(acts[0]))
    group.watch = None
    return {"seen_ms": seen, "answered_ms": answered, "crowd_late_ms": late_ms}


def _say(crowd: Crowd, speaker: Member | None, act: list[Any]) -> None:
    assert speaker is not None
    answers: list[int] = []
    speaker.ask(act[0], act[1].encode(), _accepted(speaker, answers))
    crowd.until(lambda: bool(answers))


def _accepted(speaker: Member, answers: list[int]) -> Callable[[Any], None]:
    def had(answer: Any) -> None:
        _judge(answer)
        answers.append(speaker.heard_ns)

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
    "resume": _resume, "pace": _pace, "settle": _settle,
}  # fmt: skip


if __name__ == "__main__":
    main()
