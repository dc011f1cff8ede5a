"""The verifier copied alone, and an archive of an earlier main that must verify for ever."""

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from ops.verify.commands import PROGRAM
from tests.house import ground

KEPT = ground.ROOT / "tests" / "data" / "archive"
"""Archives and policies as `ops/run --act --json --cosigners` made them; later verifiers must read them.

That of version 4 is `tongchang act --up --script sealed-tender`'s.
"""
_GUARD = """
import runpy, sys
before = set(sys.modules)
sys.argv = sys.argv[1:]
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
except SystemExit as end:
    code = end.code
house = {"protocol", "server", "sub_venue", "main_venue", "ops", "msgspec", "typer", "tongchang"}
used = {name.split(".")[0] for name in set(sys.modules) - before}
foreign = {one for one in used if one not in sys.stdlib_module_names}
assert not used & house, used & house
assert {one for one in foreign if one[0] != "_"} <= {"cryptography", "cffi"}, foreign
sys.exit(code)
"""


def alone(folder: Path, *words: str) -> tuple[int, dict[str, Any]]:
    """The program's verdict, called by itself out of a folder that holds nothing else of the house."""
    done = subprocess.run(
        [sys.executable, "-I", "-c", _GUARD, str(folder / PROGRAM.name), *words, "--json"],
        cwd=folder, capture_output=True, check=False, timeout=120,
    )  # fmt: skip
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return done.returncode, told


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The program alone, with a kept archive and its policy beside it."""
    for one in (PROGRAM, KEPT / "version-2.zip", KEPT / "version-2.policy"):
        shutil.copy(one, tmp_path)
    return tmp_path


def test_the_program_needs_nothing_of_the_house_and_finds_a_kept_archive_valid(copied: Path) -> None:
    code, told = alone(copied, "version-2.zip", "--policy", "version-2.policy")
    assert (code, told["exit"], told["rule"]) == (0, 0, None), told
    assert (told["entries"], told["phase"], told["quorum"]) == (89, "ARCHIVED", True)
    assert told["outcome"] == "1a261726f5c2dfaf8bab78471c9cb4868a3e9e945476815eccba579d1d32abfb"


def test_a_kept_archive_of_a_sealed_tender_is_valid_for_ever(copied: Path) -> None:
    """Its certificates, milestones and time-stamp are judged at their own time, whenever it is read."""
    for one in (KEPT / "version-4.zip", KEPT / "version-4.policy"):
        shutil.copy(one, copied)
    code, told = alone(copied, "version-4.zip", "--policy", "version-4.policy")
    assert (code, told["exit"], told["rule"], told["undecided"]) == (0, 0, None, []), told
    assert (told["entries"], told["phase"], told["rules_version"]) == (222, "ARCHIVED", "4")
    assert told["outcome"] == "15b8ebf549eb6c0550553aa1bbc58e8d39d20c18b24296fe96477b29d4512fb7"
    assert {"milestones", "certificates", "time_stamp", "report"} <= set(told["checked"])


def test_the_program_imports_nothing_of_the_house() -> None:
    text = PROGRAM.read_text(encoding="utf-8")
    imported = {
        line.split()[1].split(".")[0] for line in text.splitlines() if line.startswith(("import ", "from "))
    }
    assert imported - set(sys.stdlib_module_names) == {"cryptography"}


def test_another_policy_is_never_met(copied: Path) -> None:
    policy = (copied / "version-2.policy").read_text(encoding="utf-8")
    lines = [line for line in policy.splitlines() if not line.startswith(("witness", "group", "quorum"))]
    key = next(line for line in policy.splitlines() if line.startswith("witness hefei"))
    other = key.replace("hefei hefei.localhost", "hefei other.localhost")
    (copied / "other").write_text("\n".join([*lines, key, "quorum hefei"]) + "\n", encoding="utf-8")
    # One cosigner is enough for the changed policy, and it has signed; the record is held all the same.
    assert alone(copied, "version-2.zip", "--policy", "other")[0] == 0
    (copied / "other").write_text("\n".join([*lines, other, "quorum hefei"]) + "\n", encoding="utf-8")
    code, told = alone(copied, "version-2.zip", "--policy", "other")
    assert code != 0, told


def test_the_kept_archive_holds_no_machine_s_path(copied: Path) -> None:
    with zipfile.ZipFile(copied / "version-2.zip") as packed:
        assert {"archive.json", "record.jsonl", "checkpoints/89", "report.json"} <= set(packed.namelist())
