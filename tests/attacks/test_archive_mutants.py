"""A sample of the mutants of `archive_mutants`; 300 are its command. Each is caught, and a rule is named."""

import random
from pathlib import Path

import pytest

from tests.attacks import archive_mutants, forgeries
from tests.attacks.archive_mutants import VERSIONS, Mutant, forged, judge, kept, mutant, sealed, sealed_mutant
from tests.attacks.forged_paper import Paper, put
from tests.attacks.forgeries_acts import ACTS, answered
from tests.attacks.forgeries_paper import PAPER
from tests.attacks.forgeries_sealed import EXPECTED, FORGED_4, Sealed

EARLIER = VERSIONS[:2]
SAMPLE = range(0, 300, 9)
SEALED_SAMPLE = tuple(one for one in FORGED_4 if one not in ACTS and one not in PAPER)[::6]
"""The rest of them: `python -m tests.attacks.archive_mutants --of 4`."""


@pytest.mark.parametrize("seed", SAMPLE)
def test_no_mutant_of_an_archive_is_valid(seed: int, tmp_path: Path) -> None:
    """Had: the file (even seeds), or every key there is (odd ones). Stopped by: the rule that is named."""
    one = mutant(seed, EARLIER)
    found = judge(one, tmp_path)
    assert found.caught(one), (one.name, found)


@pytest.mark.parametrize("kind", SEALED_SAMPLE + ACTS + PAPER, ids=lambda one: one.__name__)
def test_a_forged_sealed_tender_is_told_by_the_rule_that_it_breaks(kind: Sealed, tmp_path: Path) -> None:
    """Had: every key, authorities of its own. Stopped by: the meaning of that one rule, and no other."""
    one = sealed_mutant(random.Random(kind.__name__), kind)
    found = judge(one, tmp_path)
    assert found.rule in EXPECTED[kind], (one.name, found)
    assert found.caught(one), (one.name, found)


@pytest.mark.parametrize("version", VERSIONS)
def test_the_control_of_the_mutants_holds_as_kept_and_as_taken_over(version: str, tmp_path: Path) -> None:
    assert judge(Mutant("kept", *kept(version)), tmp_path).code == 0
    of = forged(version)
    assert judge(Mutant("taken over", of.written(), of.policy()), tmp_path).code == 0


def test_the_control_of_answers_and_interventions_holds(tmp_path: Path) -> None:
    of = sealed()
    answered(random.Random(1), of)
    assert judge(Mutant("acts", of.written(), of.policy()), tmp_path).code == 0


def test_the_control_of_the_signed_report_holds_and_is_another_authority_s_under_the_genuine_policy(
    tmp_path: Path,
) -> None:
    of = sealed()
    put(of, Paper())
    assert judge(Mutant("signed", of.written(), of.policy()), tmp_path).code == 0
    found = judge(Mutant("re-keyed and signed", of.written(), kept("4")[1]), tmp_path)
    assert (found.code, found.rule) == (1, "LogUnsigned")


@pytest.mark.parametrize("version", VERSIONS)
def test_an_archive_re_keyed_throughout_never_meets_the_genuine_policy(version: str, tmp_path: Path) -> None:
    found = judge(Mutant("re-keyed", forged(version).written(), kept(version)[1]), tmp_path)
    assert (found.code, found.rule) == (1, "LogUnsigned")


def test_the_sample_has_plain_and_forged_ones_of_both_versions() -> None:
    assert {(seed % 2, seed // 2 % 2) for seed in SAMPLE} == {(0, 0), (0, 1), (1, 0), (1, 1)}
    assert len(archive_mutants.PLAIN) + len(forgeries.FORGED) + len(forgeries.FORGED_3) > 50
    assert len(FORGED_4) > 60
