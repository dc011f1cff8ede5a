"""Replaying a record: the ranking and outcome out of the file alone, and what is wrong with a false one."""

import json
from pathlib import Path

import pytest

from ops import replay, result
from ops.trouble import Trouble
from protocol import canonical, entry, record
from protocol.hidden import Disclosure
from tests.house import ground

GOLDEN = ground.ROOT / "tests" / "protocol" / "golden" / "record-1.jsonl"


@pytest.fixture(scope="module")
def golden() -> bytes:
    return GOLDEN.read_bytes()


def _lines(raw: bytes) -> list[bytes]:
    return raw.split(b"\n")[:-1]


def _joined(lines: list[bytes]) -> bytes:
    return b"\n".join(lines) + b"\n"


def test_a_record_gives_ranking_and_outcome_without_a_case(golden: bytes) -> None:
    found = replay.replay(GOLDEN)
    told = json.loads(result.as_json(found, GOLDEN))
    assert set(told) == {"session", "ranking", "unranked", "outcome", "entries", "record"}
    assert told["entries"] == len(record.read(golden).entries)
    assert [row["rank"] for row in told["ranking"]] == list(range(1, len(told["ranking"]) + 1))
    for row in told["ranking"]:
        assert row["total"] == float(row["total_text"])
    assert len(bytes.fromhex(told["outcome"])) == 32


def test_a_file_that_is_no_record_ends_with_2(tmp_path: Path, golden: bytes) -> None:
    for name, raw in (("text", b"hello"), ("empty", b""), ("cut", golden[:-1]), ("short", golden[:900])):
        (tmp_path / name).write_bytes(raw)
        with pytest.raises(Trouble) as unread:
            replay.replay(tmp_path / name)
        assert unread.value.exit_code == 2
        assert str(tmp_path / name) in unread.value.zh


def test_a_changed_entry_is_named_with_rule_and_seq(golden: bytes) -> None:
    lines = _lines(golden)
    one = entry.decode(lines[6])
    changed = lines[6].replace(one.command.command_id.encode(), b"other-id")
    with pytest.raises(Trouble) as wrong:
        replay.replay_bytes(_joined([*lines[:6], changed, *lines[7:]]), "r")
    assert wrong.value.exit_code == 1
    assert "5" in wrong.value.zh
    assert "BadSignature" in wrong.value.zh


def test_a_missing_entry_breaks_the_record(golden: bytes) -> None:
    lines = _lines(golden)
    header = json.loads(lines[0])
    header["entries"] -= 1
    with pytest.raises(Trouble) as wrong:
        replay.replay_bytes(_joined([canonical.encode(header), *lines[1:4], *lines[5:]]), "r")
    assert wrong.value.exit_code == 1


def test_a_withheld_tally_is_named(golden: bytes) -> None:
    read = record.read(golden)
    kept = [one for one in read.disclosed.values() if one.field != "tally"]
    with pytest.raises(Trouble) as withheld:
        replay.replay_bytes(record.write(read.session, read.entries, kept), "r")
    assert "tally" in withheld.value.en


def test_a_disclosure_of_another_value_is_refused(golden: bytes) -> None:
    read = record.read(golden)
    price = next(one for one in read.disclosed.values() if one.field == "price")
    false = Disclosure("price", price.digest, price.salt, '"1"')
    others = [one for one in read.disclosed.values() if one.digest != price.digest]
    with pytest.raises(Trouble) as wrong:
        replay.replay_bytes(record.write(read.session, read.entries, [*others, false]), "r")
    assert "price" in wrong.value.zh
