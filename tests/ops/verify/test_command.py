"""`tongchang verify`: the verdict on standard output, and the exit code that says it."""

import json
import shutil
from pathlib import Path

import pytest

from tests.attacks.archive_mutants import forged
from tests.attacks.forged_archive import Forged
from tests.ops import stage
from tests.ops.verify.test_alone import KEPT


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A kept archive and its policy."""
    for one in ("version-2.zip", "version-2.policy"):
        shutil.copy(KEPT / one, tmp_path)
    return tmp_path


def test_verify_is_a_command_that_says_the_verdict_and_ends_with_it(copied: Path) -> None:
    valid = stage.call("verify", "version-2.zip", "--policy", "version-2.policy", "--json", cwd=copied)
    assert (valid.code, valid.told["exit"]) == (0, 0), valid.err
    said = stage.call("verify", "version-2.zip", "--policy", "version-2.policy", cwd=copied)
    assert said.code == 0
    assert "有效" in said.out
    assert "valid" in said.out.lower()


def test_a_changed_byte_is_invalid_and_the_rule_is_named(copied: Path) -> None:
    raw = bytearray((copied / "version-2.zip").read_bytes())
    raw[raw.index(b'"seq":40,') + 7] ^= 1
    (copied / "version-2.zip").write_bytes(raw)
    found = stage.call("verify", "version-2.zip", "--policy", "version-2.policy", "--json", cwd=copied)
    assert found.code == 1
    assert found.told["rule"] == "ArchiveRefused"


def test_what_cannot_be_read_cannot_be_decided(copied: Path) -> None:
    assert stage.call("verify", "none.zip", "--policy", "version-2.policy", "--json", cwd=copied).code == 2
    assert stage.call("verify", "version-2.zip", "--policy", "none", "--json", cwd=copied).code == 2


def test_since_holds_an_archive_to_an_older_one_of_the_same_session(tmp_path: Path) -> None:
    whole, other = forged("2"), forged("2")
    (tmp_path / "new.zip").write_bytes(whole.written())
    (tmp_path / "policy").write_bytes(whole.policy())
    of = ("verify", "new.zip", "--policy", "policy", "--json", "--since")
    (tmp_path / "old.zip").write_bytes(_until(whole, 60).written())
    assert stage.call(*of, "old.zip", cwd=tmp_path).code == 0
    back = stage.call("verify", "old.zip", "--policy", "policy", "--json", "--since", "new.zip", cwd=tmp_path)
    assert (back.code, back.told["rule"]) == (1, "RolledBack"), back.told
    at = other.find("NoteObservation")
    other.entries[at]["at"] += 1
    (tmp_path / "forked.zip").write_bytes(_until(other, 60).written())
    forked = stage.call(*of, "forked.zip", cwd=tmp_path)
    assert (forked.code, forked.told["rule"]) == (1, "RolledBack"), forked.told


def _until(of: Forged, size: int) -> Forged:
    """A session as it stood when it had so many entries, with what was disclosed by then."""
    of.entries = of.entries[:size]
    text = json.dumps(of.entries)
    of.disclosures = [one for one in of.disclosures if one["digest"] in text]
    return of
