"""A venue accepts another's witness record, or objects: both sides of the rule (SPEC 13.4, 32.8)."""

import copy
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from protocol import canonical, handover, record
from protocol import commands as cmd
from protocol.commands_recognition import AcceptWitnessRecord
from protocol.entry import Entry
from protocol.events_recognition import WitnessRecordAnswered
from protocol.handover import Checked
from protocol.plan.recognition import OTHER, REASONS
from protocol.projection import awaiting, project
from protocol.projection.lines import line
from protocol.refusals import Refusal
from protocol.session.decide import decide
from protocol.session.outcome import outcome
from protocol.session.phases import RULES
from protocol.words import Role
from tests.protocol.golden.make_3 import case as golden_case
from tests.protocol.golden.whole_recognised import HERE, THERE, Recognised, recognised
from tests.protocol.golden.whole_sealed import held_to_its_end
from tests.protocol.world import key

GOLDEN = Path(__file__).parents[1] / "golden"
VECTORS: dict[str, Any] = json.loads((GOLDEN / "recognition-4.json").read_text(encoding="utf-8"))


class _Stopped(Recognised):
    """As far as both witnesses have signed, before anybody accepts; the session is not archived yet."""

    stopped: "_Stopped | None" = None

    def recognise(self) -> None:
        self.note(THERE, "room_ready", subject="nanjing")
        self.sign_witnessing(THERE)
        self.stopped = copy.copy(self)
        for name in ("entries", "held", "seqs"):
            setattr(self.stopped, name, copy.copy(getattr(self, name)))


@cache
def _signed() -> _Stopped:
    world = _Stopped(golden_case())
    held_to_its_end(world)
    assert world.stopped is not None
    return world.stopped


@pytest.fixture
def signed() -> _Stopped:
    """Two witnesses have signed their records; those at the other two venues have not."""
    world = copy.copy(_signed())
    for name in ("entries", "held", "seqs"):
        setattr(world, name, copy.copy(getattr(world, name)))
    return world


def code(result: object) -> str:
    assert isinstance(result, Refusal), result
    return result.code


def owing(world: Recognised) -> list[str]:
    return [one.who for one in awaiting.outstanding(world.at) if one.act == "AcceptWitnessRecord"]


def test_each_reason_has_a_letter_and_words_of_its_own() -> None:
    assert list(REASONS) == VECTORS["reasons"] == [one.code for one in REASONS.values()]
    assert len({one.key for one in REASONS.values()}) == len(REASONS)
    assert all(one.zh and one.en for one in REASONS.values())
    assert OTHER in REASONS


def test_only_version_4_has_the_act_and_the_outcome_leaves_it_out(signed: _Stopped) -> None:
    assert [name for name, rules in RULES.items() if "AcceptWitnessRecord" in rules.acts] == ["4"]
    before = outcome(signed.at, signed.disclosed)
    assert isinstance(signed.answer(THERE, signed.answering(HERE)), Entry)
    assert outcome(signed.at, signed.disclosed) == before


def test_what_is_accepted_names_the_chain_that_anybody_works_out(signed: _Stopped) -> None:
    assert set(owing(signed)) == {f"witness-{v}" for v in ("hefei", "hangzhou", "nanjing", "shanghai")}
    accepted = signed.answer(THERE, signed.answering(HERE))
    assert isinstance(accepted, Entry)
    (event,) = accepted.events
    assert isinstance(event, WitnessRecordAnswered)
    assert (event.seat, event.by, event.venue, event.verdict) == (HERE, THERE, "nanjing", "accepted")
    assert THERE not in owing(signed)
    assert HERE in owing(signed)


@pytest.mark.parametrize("one", VECTORS["refused"], ids=lambda one: f"{one['code']}-{one['size']}")
def test_what_the_golden_file_has_refused_is_refused(one: dict[str, Any]) -> None:
    read = record.read((GOLDEN / "record-4-recognised.jsonl").read_bytes())
    state = record.replay(replace(read, entries=read.entries[: one["size"]]))
    content = canonical.decode(canonical.encode(one["content"]), AcceptWitnessRecord)
    world = Recognised(golden_case())
    world.now = state.at
    command = replace(
        world.command(one["by"], content), author_seq=state.author_seqs[key(one["by"])] + 1,
        seen=next(head for head in state.heads if head.size == one["seen"]["size"]),
    )  # fmt: skip
    assert code(decide(state, command, state.at, bytes(32))) == one["code"]


def test_an_objection_gives_way_to_an_acceptance_and_then_nothing_more_is_said(signed: _Stopped) -> None:
    told = signed.text("remark", "录像缺一段")
    objection = signed.answering(HERE, verdict="objection", reason="recording", remark=told.digest)
    assert code(signed.answer(THERE, objection)) == "DisclosureMissing"
    assert isinstance(signed.answer(THERE, objection, (told,)), Entry)
    assert code(signed.answer(THERE, replace(objection, reason="time"), (told,))) == "AlreadyDone"
    assert isinstance(signed.answer(THERE, signed.answering(HERE)), Entry)
    assert code(signed.answer(THERE, objection, (told,))) == "AlreadyDone"


def test_a_remark_is_short_and_the_other_reason_needs_one(signed: _Stopped) -> None:
    other = signed.answering(HERE, verdict="objection", reason=OTHER)
    assert code(signed.answer(THERE, other)) == "RemarkNeeded"
    told = signed.text("remark", "长" * 501)
    assert code(signed.answer(THERE, replace(other, remark=told.digest), (told,))) == "RemarkTooLong"
    assert code(signed.answer(THERE, replace(other, remark=b"short"))) == "Malformed"


def test_each_venue_answers_for_itself(signed: _Stopped) -> None:
    for by in (THERE, "witness-shanghai", "witness-hangzhou"):
        assert isinstance(signed.answer(by, signed.answering(HERE)), Entry)
    assert set(signed.at.recognition.answers[HERE]) == {"nanjing", "shanghai", "hangzhou"}
    assert signed.at.recognition.answers.keys() == {HERE}


def test_the_head_that_was_verified_has_to_cover_the_signature(signed: _Stopped) -> None:
    seq = signed.at.witness_records[THERE].seq
    back = signed.at.size - seq
    assert code(signed.answer(HERE, signed.answering(THERE), back=back)) == "RecordUnseen"
    assert isinstance(signed.answer(HERE, signed.answering(THERE)), Entry)


def test_a_one_time_code_does_not_suffice(signed: _Stopped) -> None:
    """The witness's key is bound anew by code alone; the same words are then refused."""
    name = "witness-nanjing again"
    assert isinstance(signed.do(name, cmd.BindSeat(THERE, "code", signed.attest(THERE, name))), Entry)
    assert code(signed.answer(name, signed.answering(HERE))) == "VoiceAwaited"


def test_views_tell_who_has_accepted_and_who_is_awaited(signed: _Stopped) -> None:
    told = signed.text("remark", "时刻不符")
    objection = signed.answering(HERE, verdict="objection", reason="time", remark=told.digest)
    answered = signed.answer(THERE, objection, (told,))
    assert isinstance(answered, Entry)
    watching: tuple[tuple[Role, str], ...] = (
        ("supervisor", "supervisor-shanghai"), ("witness", "witness-hefei"),
    )  # fmt: skip
    for role, seat in watching:
        view = project.view(signed.at, signed.disclosed, role, seat)
        mine = next(one for one in view.witness_records if one.seat == HERE)
        assert [(one.venue, one.verdict, one.reason, one.text) for one in mine.answers] == [
            ("nanjing", "objection", "time", "时刻不符")
        ]
        assert mine.awaited == ("hangzhou", "shanghai")
        assert mine.seq == signed.at.witness_records[HERE].seq
    assert project.view(signed.at, signed.disclosed, "expert", "M1").witness_records == ()
    shown = line(signed.at, answered, bytes(32), "supervisor")
    assert (shown.type, shown.about) == (
        "AcceptWitnessRecord", {"seat": HERE, "verdict": "objection", "code": "time"},
    )  # fmt: skip
    assert line(signed.at, answered, bytes(32), "expert").type == ""


def test_a_page_offers_the_act_while_something_is_unanswered(signed: _Stopped) -> None:
    def offered(seat: str) -> bool:
        acts = project.view(signed.at, signed.disclosed, "witness", seat).acts
        return any(one.type == "AcceptWitnessRecord" for one in acts)

    assert offered(THERE)
    assert isinstance(signed.answer(THERE, signed.answering(HERE)), Entry)
    assert not offered(THERE)


def test_lists_of_form_2_hold_and_false_ones_do_not() -> None:
    for seat, text in VECTORS["lists"].items():
        found = handover.read(text.encode())
        assert not isinstance(found, Refusal)
        checked = handover.check(found)
        assert isinstance(checked, Checked)
        assert (found.handover, found.seat) == (2, seat)
        assert all(one.said.venue != found.venue for one in checked.answers)
    for one in VECTORS["false"]:
        found = handover.read(one["list"].encode())
        assert not isinstance(found, Refusal)
        refused = handover.check(found)
        assert isinstance(refused, Refusal), one["why"]
        assert (refused.code, refused.detail["part"]) == ("HandoverRefused", one["part"]), one["why"]


def test_a_list_says_its_form_by_whether_it_has_answers() -> None:
    found = handover.read(VECTORS["lists"][HERE].encode())
    assert not isinstance(found, Refusal)
    refused = handover.read(handover.write(replace(found, handover=1)))
    assert isinstance(refused, Refusal)
    assert refused.detail["part"] == "file"


def test_a_foreign_key_cannot_answer_for_a_venue() -> None:
    """The attacker has the log and no witness's key: it signs an answer with a key of its own.

    Stopped by the installation's word for the seat's key. The control: the untouched list.
    """
    world = recognised(golden_case())
    read = record.read(record.write(world.session, world.entries, world.held))
    listed = handover.handover(read, HERE)
    assert not isinstance(listed, Refusal)
    assert isinstance(handover.check(listed), Checked)
    assert isinstance(listed.answers, tuple)
    raw = listed.answers[0].answered.raw.replace(key(THERE).encode(), key("attacker").encode())
    assert raw != listed.answers[0].answered.raw
    forged = replace(listed.answers[0], answered=replace(listed.answers[0].answered, raw=raw))
    refused = handover.check(replace(listed, answers=(forged,)))
    assert isinstance(refused, Refusal)
    assert refused.detail["part"] == "answers"


def test_an_act_of_a_stage_is_none(signed: _Stopped) -> None:
    command = replace(signed.command(THERE, signed.answering(HERE)), stage=signed.stage("01", "1"))
    assert code(signed.take(command, THERE)) == "UnknownStage"
