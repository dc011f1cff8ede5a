"""`tongchang verify`: the verdict on standard output, and the exit code that says it."""

import shutil
from pathlib import Path

import pytest

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
