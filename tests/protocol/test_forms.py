"""The data by which one without our code reads a record: forms, tables, outcomes, causes (SPEC, head)."""

import json
from typing import Any

import pytest

from protocol import entry, record
from tests.protocol.golden import make_forms
from tests.protocol.golden.make_forms import FILES, HERE, RECORDS, text_of


@pytest.mark.parametrize("name", sorted(FILES.keys() - {"forms.json"}))
def test_a_table_or_outcome_is_what_the_rules_give(name: str) -> None:
    assert (HERE / name).read_text(encoding="utf-8") == text_of(FILES[name]())


def test_a_published_form_never_changes() -> None:
    """A form that is new may still be missing here: python -m tests.protocol.golden.make_forms adds it."""
    told = json.loads((HERE / "forms.json").read_text(encoding="utf-8"))
    now = json.loads(text_of(make_forms.forms()))
    for group in ("$defs", "acts", "events", "hidden"):
        assert {name: now[group].get(name) for name in told[group]} == told[group]


def test_every_act_and_event_of_the_golden_records_has_its_form() -> None:
    forms = json.loads((HERE / "forms.json").read_text(encoding="utf-8"))
    for name in RECORDS:
        for raw in record.read((HERE / f"record-{name}.jsonl").read_bytes()).entries:
            plain = json.loads(raw)
            content = plain["command"]["content"]
            assert set(content) == _fields(forms, forms["acts"][plain["command"]["type"]])
            for event in plain["events"]:
                assert set(event) == _fields(forms, forms["events"][event["type"]])


def test_a_cause_gives_the_id_of_every_act_of_the_installation() -> None:
    told = {(one["record"], one["seq"]): one["id"] for one in make_forms.causes()}
    for name in RECORDS:
        for seq, raw in enumerate(record.read((HERE / f"record-{name}.jsonl").read_bytes()).entries):
            one = entry.decode(raw).command
            assert told.get((name, seq)) == (one.command_id if one.author_seq == 0 else None)


def _fields(forms: dict[str, Any], form: dict[str, Any]) -> set[str]:
    name = form["$ref"].rsplit("/", 1)[-1]
    return set(forms["$defs"][name]["properties"])
