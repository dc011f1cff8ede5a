"""A sample of the mutants of `archive_mutants`; 300 are its command. Each is caught, and a rule is named."""

from pathlib import Path

import pytest

from tests.attacks import archive_mutants, forgeries
from tests.attacks.archive_mutants import VERSIONS, Mutant, forged, judge, kept, mutant

SAMPLE = range(0, 300, 9)


@pytest.mark.parametrize("seed", SAMPLE)
def test_no_mutant_of_an_archive_is_valid(seed: int, tmp_path: Path) -> None:
    """Had: the file (even seeds), or every key there is (odd ones). Stopped by: the rule that is named."""
    one = mutant(seed)
    found = judge(one, tmp_path)
    assert found.caught(only_less=one.only_less), (one.name, found)


@pytest.mark.parametrize("version", VERSIONS)
def test_the_control_of_the_mutants_holds_as_kept_and_as_taken_over(version: str, tmp_path: Path) -> None:
    assert judge(Mutant("kept", *kept(version)), tmp_path).code == 0
    of = forged(version)
    assert judge(Mutant("taken over", of.written(), of.policy()), tmp_path).code == 0


@pytest.mark.parametrize("version", VERSIONS)
def test_an_archive_re_keyed_throughout_never_meets_the_genuine_policy(version: str, tmp_path: Path) -> None:
    found = judge(Mutant("re-keyed", forged(version).written(), kept(version)[1]), tmp_path)
    assert (found.code, found.rule) == (1, "LogUnsigned")


def test_the_sample_has_plain_and_forged_ones_of_both_versions() -> None:
    assert {(seed % 2, seed // 2 % 2) for seed in SAMPLE} == {(0, 0), (0, 1), (1, 0), (1, 1)}
    assert len(archive_mutants.PLAIN) + len(forgeries.FORGED) + len(forgeries.FORGED_3) > 50
