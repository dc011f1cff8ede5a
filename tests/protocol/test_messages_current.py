"""The pages' generated messages and words say what the Python structs say now."""

import hashlib
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ops import generate_messages
from protocol import canonical, entry, hidden
from protocol.commands import CONTENTS, Command
from protocol.ledger import tree

ROOT = Path(__file__).resolve().parents[2]
VECTORS = ROOT / "tests/protocol/golden/canonical_web.json"


@pytest.fixture(scope="module")
def current() -> dict[str, str]:
    return generate_messages.generated()


def test_what_is_committed_is_what_the_structs_give_now(current: dict[str, str]) -> None:
    committed = {path.name: path.read_text(encoding="utf-8") for path in generate_messages.FOLDER.iterdir()}
    assert sorted(committed) == sorted(current)
    stale = [name for name, text in current.items() if committed[name] != text]
    assert stale == [], "run: python -m ops.generate_messages"


def test_every_command_and_event_is_told_apart_by_its_type(current: dict[str, str]) -> None:
    messages = current["messages.ts"]
    for name in CONTENTS:
        assert f"  {name}: {name};" in messages
        assert f"  {name}: {{ zh: " in current["words.ts"]
    assert 'type: "SheetSealed.1";' in messages
    assert "[k: string]: unknown" not in messages


def test_only_a_field_that_came_late_may_be_left_out_of_a_message(current: dict[str, str]) -> None:
    left_out = [line.strip() for line in current["messages.ts"].splitlines() if "?:" in line]
    assert sorted(left_out) == ["evaluated_price?: string;", "low_prices?: LowPrice[];"]


def vectors() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(VECTORS.read_text(encoding="utf-8"))
    return found


def test_the_vectors_that_the_pages_read_hold_in_python_too() -> None:
    found = vectors()
    for one in found["encode"]:
        assert canonical.encode(one["value"]).decode() == one["text"]
    for text in found["refused"]:
        with pytest.raises(canonical.NotCanonical):
            canonical.decode(text.encode(), object)
    for domain, tag in found["tags"].items():
        assert canonical.tag(domain).hex() == tag
    leaves = [bytes.fromhex(leaf) for leaf in found["leaves"]]
    assert [tree.root(leaves[:size]).hex() for size in range(len(leaves) + 1)] == found["roots"]


def test_the_opening_and_the_command_of_the_vectors_hash_alike_in_python() -> None:
    found = vectors()
    opening = msgspec.convert(found["opening"]["value"], hidden.Opening)
    assert hidden.commitment(opening).hex() == found["opening"]["commitment"]
    raw = dict(found["command"]["value"])
    content = msgspec.convert(raw.pop("content"), CONTENTS[raw["type"]])
    header = msgspec.convert({**raw, "content": {}}, Command)
    command = msgspec.structs.replace(header, content=content)
    assert hashlib.sha256(entry.signed_bytes(command)).hexdigest() == found["command"]["signed_sha256"]
