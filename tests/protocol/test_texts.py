"""Words and refusals: every code has both texts, every phase its words."""

import re
import string
from pathlib import Path
from typing import get_args

import pytest

from protocol import refusals, words
from protocol.refusals import refuse, text

PACKAGES = ("protocol", "server", "sub_venue", "main_venue", "ops")
ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("code", refusals.TEXTS)
def test_every_refusal_speaks_both_languages_and_ends_its_sentence(code: str) -> None:
    term = refusals.TEXTS[code]
    assert re.search(r"[\u4e00-\u9fff]", term.zh)
    assert not re.search(r"[\u4e00-\u9fff]", term.en)
    for one in (term.zh, term.en):
        fields = [name for _, name, _, _ in string.Formatter().parse(one) if name is not None]
        assert all(field.isidentifier() for field in fields), one
        assert one[-1] in "。.}", one


def test_a_code_without_texts_cannot_be_used() -> None:
    with pytest.raises(KeyError):
        refuse("NoSuchCode")


def test_every_code_in_the_source_has_texts() -> None:
    used = set()
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            used |= set(re.findall(r'(?<![\w.])refuse\(\s*"(\w+)"', path.read_text()))
    assert used
    assert used <= set(refusals.TEXTS)


def test_particulars_fill_the_braces_and_a_missing_one_shows() -> None:
    assert "M2" in text(refuse("AlreadySealed", seat="M2")).zh
    assert "?" in text(refuse("AlreadySealed")).zh


def test_every_phase_has_words() -> None:
    phases = {*get_args(words.SessionPhase), *get_args(words.StagePhase)}
    assert phases == set(words.PHASE_TERMS)


def test_words_follow_the_regime() -> None:
    assert words.term("bidder", "TENDER").zh == "投标人"
    assert words.term("bidder", "GOV_PROC").zh == "供应商"
    assert words.term("objection", "GOV_PROC").zh == "质疑"
