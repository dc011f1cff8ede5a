"""Typesetting: the same bytes again, PDF/A, and no page with a hole in it."""

import doctest
import io
from pathlib import Path

import pypdf
import pytest

from main_venue.typeset import document, punctuation

AT_MS = 1_794_794_400_000


@pytest.fixture
def template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(document, "ROOT", tmp_path)
    (tmp_path / "page.typ").write_text(
        '#let values = json(bytes(sys.inputs.values))\n#set document(title: "t")\n'
        '#set text(font: values.font, lang: "zh")\n#values.text\n',
        encoding="utf-8",
    )
    return "page.typ"


def test_the_same_values_give_the_same_bytes(template: str) -> None:
    values = {"font": "Noto Serif SC", "text": "评标报告"}
    assert document.pdf(template, values, at_ms=AT_MS) == document.pdf(template, values, at_ms=AT_MS)
    other = document.pdf(template, values, at_ms=AT_MS + 1000)
    assert other != document.pdf(template, values, at_ms=AT_MS)


def test_a_document_says_that_it_is_pdf_a(template: str) -> None:
    body = document.pdf(template, {"font": "Noto Sans SC", "text": "一"}, at_ms=AT_MS)
    packet = pypdf.PdfReader(io.BytesIO(body)).xmp_metadata
    assert packet is not None
    told = packet.stream.get_data().decode()
    assert "<pdfaid:part>2</pdfaid:part>" in told
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in told


def test_a_character_that_no_font_shows_is_named(template: str) -> None:
    with pytest.raises(document.GlyphMissing, match="\U0001f642"):
        document.pdf(template, {"font": "Noto Serif SC", "text": "好\U0001f642"}, at_ms=AT_MS)


def test_a_font_that_is_not_here_makes_no_document(template: str) -> None:
    with pytest.raises(document.Untypeset, match="unknown font family"):
        document.pdf(template, {"font": "No Such Song", "text": "一"}, at_ms=AT_MS)


def test_a_template_that_is_wrong_is_told_with_its_place(template: str, tmp_path: Path) -> None:
    (tmp_path / "page.typ").write_text("#nothing-of-this-name", encoding="utf-8")
    with pytest.raises(document.Untypeset, match=r"page\.typ:1"):
        document.pdf(template, {}, at_ms=AT_MS)


def test_the_examples_of_punctuation_hold() -> None:
    failed, tried = doctest.testmod(punctuation)
    assert (failed, tried > 0) == (0, True)


def test_punctuation_in_lists_and_mappings_is_set_but_not_their_names() -> None:
    value = {"键:a": ["甲,乙", ("丙:丁",)], "n": 3}
    assert punctuation.full_width_all(value) == {"键:a": ["甲，乙", ["丙：丁"]], "n": 3}
