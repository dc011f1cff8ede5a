"""Makes `talk-1.json`: `python -m tests.protocol.golden.make_talk`. Once published it never moves.

A talk-room from the golden record of rules version 3 (SPEC 30.7 to 30.10): at which entries it opens and
closes, one room after each of a row of acts, with its mark, and what each role is shown of the last one.
Read by Python and by TypeScript.
"""

import json
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from protocol import entry, record, talk
from protocol.session.apply import apply
from protocol.session.state import Speaker, State
from protocol.talk import TalkAction, TalkRoom

HERE = Path(__file__).resolve().parent
NAME = "talk-1.json"
AT: Final = 1_795_000_000_000
"""When a seat calls for help, ms."""
CHAIR, ONE, TWO = "N2", "N1", "N3"
ACTS: Final[tuple[tuple[str, TalkAction, str], ...]] = (
    (TWO, "raise", ""), (ONE, "raise", ""), (TWO, "raise", ""), (CHAIR, "mute", ONE), (CHAIR, "quiet", ""),
    (CHAIR, "grant", TWO), (CHAIR, "mute", CHAIR), (CHAIR, "grant", ONE), (CHAIR, "unquiet", ""),
    (CHAIR, "open", ""), (CHAIR, "mute", TWO), (ONE, "raise", ""), ("agent", "call", "nanjing"),
)  # fmt: skip
"""Seat, act, target."""
REFUSED: Final[tuple[tuple[str, TalkAction, str], ...]] = (
    (ONE, "mute", TWO), (ONE, "lower", TWO), (CHAIR, "mute", "nobody"), ("agent", "raise", ""),
    ("agent", "call", "nowhere"), ("witness-nanjing", "mute", ONE),
)  # fmt: skip
"""What is refused in the last room."""


def _speaker(state: State, seat: str) -> Speaker:
    found = state.seats[seat]
    return Speaker(found.role, found.seat, found.venue)


def _states() -> list[State]:
    found: list[State] = []
    state: State | None = None
    for raw in record.read((HERE / "record-3-tender.jsonl").read_bytes()).entries:
        state = apply(state, entry.decode(raw), raw)
        found.append(state)
    return found


def _turns(states: list[State]) -> list[dict[str, Any]]:
    """The entries behind which the room stands otherwise than before; `why` is empty where it is open."""
    found: list[dict[str, Any]] = []
    for seq, state in enumerate(states):
        why = talk.closed_by(state)
        if not found or found[-1]["why"] != why:
            found.append({"seq": seq, "why": why})
    return found


def _told(room: TalkRoom) -> dict[str, Any]:
    return {"room": msgspec.json.decode(msgspec.json.encode(room)), "mark": talk.mark(room)}


def made() -> dict[str, Any]:
    """Everything."""
    states = _states()
    state = next(one for one in reversed(states) if one.phase == "SIGNING")
    room = talk.stands(TalkRoom(session=state.session), state)
    acts: list[dict[str, Any]] = [{"seat": "", "act": "", "target": "", **_told(room)}]
    for seat, act, target in ACTS:
        done = talk.act(room, _speaker(state, seat), act, target, state)
        assert isinstance(done, TalkRoom), done
        room = done
        acts.append({"seat": seat, "act": act, "target": target, **_told(room)})
    refused = []
    for seat, act, target in REFUSED:
        found = talk.act(room, _speaker(state, seat), act, target, state)
        assert not isinstance(found, TalkRoom)
        refused.append({"seat": seat, "act": act, "target": target, "code": found.code})
    calls = talk.called((), _speaker(state, TWO), AT)
    assert isinstance(calls, tuple)
    calls = talk.called(calls, _speaker(state, ONE), AT + 5)
    assert isinstance(calls, tuple)
    calls = talk.answered(calls, _speaker(state, "agent"), TWO, AT + 9)
    assert isinstance(calls, tuple)
    full = replace(room, calls=calls)
    shown = {seat: _told(talk.shown(full, _speaker(state, seat))) for seat in sorted(state.seats)}
    suspended = next(one for one in states if one.phase == "SUSPENDED")
    return {
        "record": "record-3-tender.jsonl",
        "turns": _turns(states),
        "acts": acts,
        "refused": refused,
        "full": _told(full),
        "shown": shown,
        "closed": _told(talk.stands(full, suspended)),
        "line_cut": _told(talk.silenced(full, "line")),
    }


if __name__ == "__main__":
    (HERE / NAME).write_text(json.dumps(made(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
