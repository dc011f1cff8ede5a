"""Makes the golden files of 13.4: `python -m tests.protocol.golden.make_recognised`.

A tender of version 4 whose venues accept each other's witness records, the heads of its milestones, and in
one file the lists of form 2, false lists with the part that does not hold, and acts that are refused: each
`content` by `by`, under the head `seen`, as of the first `size` entries. Certificates are drawn afresh, so
the bytes differ from time to time.
"""

from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from protocol import canonical, entry, handover, record
from protocol.handover import Handover
from protocol.ledger import tree
from protocol.plan.recognition import REASONS
from protocol.refusals import Refusal
from protocol.session.decide import decide
from protocol.session.state import State
from protocol.words import SESSION_STAGE
from tests.protocol.golden.make_3 import case
from tests.protocol.golden.make_4 import heads
from tests.protocol.golden.make_forms import text_of
from tests.protocol.golden.whole_recognised import HERE as AT_HEFEI
from tests.protocol.golden.whole_recognised import THERE, Recognised, recognised
from tests.protocol.world import key

HERE: Final = Path(__file__).resolve().parent
RECORD: Final = HERE / "record-4-recognised.jsonl"
HEADS: Final = HERE / "heads-4-recognised.json"
TOLD: Final = HERE / "recognition-4.json"


def told(world: Recognised) -> dict[str, Any]:
    """Reasons, lists, false lists, refusals."""
    read = record.read(record.write(world.session, world.entries, world.held))
    lists = {seat: _list(read, seat) for seat in handover.seats(read)}
    return {
        "false": [
            {"list": handover.write(changed).decode(), "part": part, "why": why}
            for why, part, changed in _false(lists)
        ],
        "lists": {seat: handover.write(one).decode() for seat, one in lists.items()},
        "reasons": list(REASONS),
        "refused": list(_refused(world)),
    }


def _list(read: record.Record, seat: str) -> Handover:
    found = handover.handover(read, seat)
    assert isinstance(found, Handover)
    return found


def _false(lists: dict[str, Handover]) -> list[tuple[str, str, Handover]]:
    hefei, nanjing = lists[AT_HEFEI], lists[THERE]
    assert isinstance(hefei.answers, tuple)
    assert isinstance(nanjing.answers, tuple)
    first, second = hefei.answers
    (other,) = nanjing.answers
    return [
        ("an answer to another record", "answers", replace(hefei, answers=(first, second, other))),
        ("answers in another order", "answers", replace(hefei, answers=(second, first))),
        ("an answer twice", "answers", replace(hefei, answers=(first, first))),
        ("another seat's binding", "answers", replace(hefei, answers=(replace(first, bound=hefei.bound),))),
        (
            "a binding for an answer",
            "answers",
            replace(hefei, answers=(replace(first, answered=first.bound),)),
        ),
        ("a remark of an answer left out of the answers", "remarks", replace(hefei, answers=(second,))),
    ]


def _refused(world: Recognised) -> list[dict[str, Any]]:
    """Acts that the rule refuses, with the code."""
    seqs = {type(one.command.content).__name__: one.seq for one in map(entry.decode, world.entries)}
    last = seqs["ArchiveSession"]
    answers = [
        one.seq for one in map(entry.decode, world.entries) if one.command.type == "AcceptWitnessRecord"
    ]
    before, objected, ended = answers[0], answers[0] + 1, answers[-1] + 1
    signed_there = next(
        one.seq for one in map(entry.decode, world.entries)
        if one.command.type == "SignWitnessRecord" and one.command.author_key == key(THERE)
    )  # fmt: skip
    mine = world.answering(AT_HEFEI)
    found = []
    for size, back, by, content, code in (
        (before, 0, THERE, replace(mine, seat="M1"), "UnknownSeat"),
        (before, 0, THERE, replace(mine, seat="nobody"), "UnknownSeat"),
        (before, 0, AT_HEFEI, mine, "OwnRecord"),
        (before, 0, THERE, replace(mine, seat="witness-shanghai"), "RecordUnsigned"),
        (signed_there + 1, 1, AT_HEFEI, world.answering(THERE), "RecordUnseen"),
        (before, 0, THERE, replace(mine, count=mine.count + 1), "RecordMismatch"),
        (before, 0, THERE, replace(mine, record=bytes(32)), "RecordMismatch"),
        (before, 0, THERE, replace(mine, reason="time"), "UnknownReason"),
        (before, 0, THERE, replace(mine, verdict="objection"), "UnknownReason"),
        (before, 0, THERE, replace(mine, verdict="objection", reason="taste"), "UnknownReason"),
        (before, 0, THERE, replace(mine, remark=bytes(32)), "Malformed"),
        (before, 0, THERE, replace(mine, verdict="objection", reason="other"), "RemarkNeeded"),
        (objected, 0, THERE, replace(mine, verdict="objection", reason="place"), "AlreadyDone"),
        (ended, 0, THERE, mine, "AlreadyDone"),
        (before, 0, "tenderee", mine, "NotAllowed"),
        (last + 1, 0, THERE, mine, "WrongPhase"),
    ):
        state = _as_of(world, size)
        command = replace(
            world.command(by, content), author_at=state.at, author_seq=state.author_seqs[key(by)] + 1,
            seen=state.heads[-1 - back],
        )  # fmt: skip
        decided = decide(state, command, state.at, bytes(32))
        assert isinstance(decided, Refusal), (content, decided)
        assert decided.code == code, (content, decided)
        found.append({
            "by": by, "code": code, "content": msgspec.json.decode(canonical.encode(content)),
            "seen": msgspec.json.decode(canonical.encode(command.seen)), "size": size,
        })  # fmt: skip
    return found


def _as_of(world: Recognised, size: int) -> State:
    read = record.read(record.write(world.session, world.entries[:size], ()))
    state = record.replay(read)
    assert (state.size, state.heads[-1].root) == (size, tree.root([tree.leaf_hash(r) for r in read.entries]))
    return state


def main() -> None:
    """Write the golden files beside this one."""
    world = recognised(case())
    assert world.command(THERE, world.answering(AT_HEFEI)).stage == SESSION_STAGE
    RECORD.write_bytes(record.write(world.session, world.entries, world.held))
    HEADS.write_text(text_of(heads(world)), encoding="utf-8")
    TOLD.write_text(text_of(told(world)), encoding="utf-8")


if __name__ == "__main__":
    main()
