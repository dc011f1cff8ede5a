"""Entries read in one pass: as strict as reading them slowly, signature by signature, and in their order."""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.side_by_side import SideBySide
from protocol import authored, canonical, commands, entry, limits
from protocol.authored import Over
from protocol.commands import CONTENTS, Command
from protocol.entry import Entry
from protocol.events import Event
from protocol.hidden import Disclosed
from protocol.ledger import tree
from protocol.record import Record, RecordRefused, replay
from protocol.seal import signing
from protocol.words import Stage

GOLDEN = Path(__file__).parent / "golden"
RAWS = tuple(
    line
    for name in ("record-1.jsonl", "record-3-tender.jsonl", "record-4-tender.jsonl")
    for line in (GOLDEN / name).read_bytes().split(b"\n")
    if line.startswith(b'{"at"')
)


class _Slow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An entry with every field's own form."""

    v: Any
    session: Any
    seq: Any
    at: Any
    entropy: bytes
    command: msgspec.Raw
    sig: Any
    events: Any


def slowly(raw: bytes) -> Entry | None:
    """The entry as a reader has it that walks through all of it and looks nothing up; None if it refuses."""
    try:
        plain = canonical.decode(raw, object)
        wire = msgspec.json.decode(raw, type=_Slow)
        command = msgspec.json.decode(wire.command, type=dict[str, msgspec.Raw])
        form = CONTENTS[msgspec.json.decode(command["type"], type=str)]
        header = {
            one.name: msgspec.json.decode(command.pop(one.name), type=one.type)
            for one in msgspec.structs.fields(Command)
            if one.name not in ("content", "type")
        }
        content = msgspec.json.decode(command.pop("content"), type=form)
        made = Command(type=form.__name__, content=content, **header)
        if set(command) != {"type"} or not isinstance(plain, dict):
            return None
        fields = {
            one.name: msgspec.convert(plain[one.name], one.type)
            for one in msgspec.structs.fields(Entry)
            if one.name not in ("command", "events", "entropy")
        }
        events = msgspec.json.decode(msgspec.json.encode(plain["events"]), type=tuple[Event, ...])
        found = Entry(command=made, events=events, entropy=wire.entropy, **fields)
    except (ValueError, KeyError, TypeError):
        return None
    fits = len(wire.entropy) == limits.SALT_BYTES and len(raw) <= limits.ENTRY_BYTES_MAX
    return found if fits and canonical.encode(found) == raw else None


def quickly(raw: bytes) -> Entry | None:
    try:
        return entry.decode(raw)
    except (canonical.NotCanonical, commands.UnknownContent):
        return None


def test_every_entry_of_the_golden_records_reads_alike_both_ways() -> None:
    for raw in RAWS:
        read = entry.read(raw)
        assert read.entry == slowly(raw)
        assert entry.encode(read.entry) == raw
        assert read.signed == entry.signed_bytes(read.entry.command) == entry.signed_again(read.entry.command)
        assert signing.verify_entry(read)


@given(st.data())
def test_what_is_changed_in_an_entry_is_refused_by_both_or_read_alike(data: st.DataObject) -> None:
    raw = bytearray(data.draw(st.sampled_from(RAWS)))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(raw) - 1))
        match data.draw(st.integers(0, 2)):
            case 0:
                raw[at] = data.draw(st.sampled_from(b'0189"\\{}[],:.-+/=eEtfnu \n_zA\xc3\xa9'))
            case 1:
                del raw[at]
            case _:
                raw[at:at] = data.draw(
                    st.sampled_from([b"0", b"9" * 17, b"-", b".0", b" ", b"\\u0041", b"[", b"="])
                )
    assert quickly(bytes(raw)) == slowly(bytes(raw))


def _swapped(raw: bytes, **changed: Any) -> bytes:
    plain = json.loads(raw)
    for name, value in changed.items():
        inner = plain["command"] if name.startswith("command_") and name != "command_id" else plain
        inner[name.removeprefix("command_")] = value
    return json.dumps(plain, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()


OUT_OF_FORM = [
    {"session": "a b"}, {"session": ""}, {"session": "x" * 65}, {"session": "a\n"}, {"session": 1},
    {"command_session": "-a"}, {"command_author_key": "ed25519"},
    {"command_author_key": "ed25519:A" + "A" * 1020},
    {"command_type": "Nothing"}, {"command_type": "no thing"}, {"command_stage": {"lot": "", "envelope": ""}},
    {"command_stage": {"lot": "x" * 65, "envelope": "", "round": 0}},
    {"command_stage": {"lot": "", "envelope": "", "round": 2**53}}, {"command_author_seq": 2**53},
    {"command_stage": {"lot": "a/b", "envelope": "", "round": 0}}, {"sig": "ed25519:!"}, {"sig": ""},
    {"sig": "ed25519:" + "A" * 1020}, {"seq": -1}, {"at": 1.0}, {"entropy": "AAAA"}, {"v": 2}, {"extra": 1},
    {"command_extra": 1}, {"sig": "ed25519:AA==\n"},
]  # fmt: skip


@pytest.mark.parametrize("changed", OUT_OF_FORM)
def test_a_field_out_of_its_form_is_refused_however_often_it_comes(changed: dict[str, Any]) -> None:
    raw = _swapped(RAWS[3], **changed)
    assert slowly(raw) is None
    for _ in range(3):
        assert quickly(raw) is None


def test_a_signature_of_another_algorithm_is_read_and_holds_for_nobody() -> None:
    read = entry.read(_swapped(RAWS[3], sig="sm2:" + "AAAA" * 16))
    assert not signing.verify_entry(read)
    assert not signing.verify_known(read.entry)


def test_no_form_of_an_entry_leaves_anything_open() -> None:
    """What this holds up: an entry that is of its forms and of its own bytes needs no walk through them."""
    for one in (Stage, commands.Head, Command, tuple[Event, ...], *CONTENTS.values()):
        assert canonical.is_closed(one), one


@pytest.mark.parametrize("over", [map, SideBySide(2), SideBySide(5)])
def test_batches_give_entries_in_order_with_leaf_and_signature(
    monkeypatch: pytest.MonkeyPatch, over: Over
) -> None:
    monkeypatch.setattr(authored, "AT_ONCE", 7)
    forged = _swapped(RAWS[9], sig="ed25519:" + "A" * 86 + "==")
    raws = (*RAWS[:9], forged, *RAWS[10:30])
    found = list(authored.read(raws, over))
    assert [entry.encode(read.entry) for read, _, _ in found] == list(raws)
    assert [leaf for _, leaf, _ in found] == [tree.leaf_hash(raw) for raw in raws]
    assert [seq for seq, (_, _, holds) in enumerate(found) if not holds] == [9]


@pytest.mark.parametrize("over", [map, SideBySide(2), SideBySide(5)])
def test_a_batch_stops_at_the_entry_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch, over: Over) -> None:
    monkeypatch.setattr(authored, "AT_ONCE", 7)
    found = authored.read((*RAWS[:10], b"{}", *RAWS[10:12]), over)
    assert [entry.encode(next(found)[0].entry) for _ in range(10)] == list(RAWS[:10])
    with pytest.raises(canonical.NotCanonical):
        next(found)


def test_what_stands_first_in_a_record_is_what_it_is_refused_for() -> None:
    """A forged signature before unreadable bytes is told first, and the other way round."""
    lines = (GOLDEN / "record-1.jsonl").read_bytes().split(b"\n")[1:]
    raws = [line for line in lines if line.startswith(b'{"at"')]
    session = entry.decode(raws[0]).session
    forged = _swapped(raws[4], sig="ed25519:" + "A" * 86 + "==")
    for at, bad, code in ((6, b"{}", "BadSignature"), (2, b"{}", "Malformed")):
        told = [*raws]
        told[4], told[at] = forged, bad
        with pytest.raises(RecordRefused) as refused:
            replay(Record(session, tuple(told), Disclosed()))
        assert refused.value.code == code


def test_a_record_that_is_refused_leaves_no_work_under_way() -> None:
    """Whoever keeps the refusal keeps its frames; the work in them has ended all the same."""
    ended = []

    def over(do: Callable[[Sequence[bytes]], authored.Batch], batches: Any) -> Iterator[authored.Batch]:
        try:
            yield from map(do, batches)
        finally:
            ended.append(True)

    with pytest.raises(RecordRefused) as kept:
        replay(Record("s-1", RAWS[1:], Disclosed()), over)
    assert ended == [True]
    assert kept.value.seq == 0
