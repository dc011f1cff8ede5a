"""Finding: width, case, and the ends of lines make no difference; what is shown is what stands there."""

import pytest

from protocol.reading import Run
from sub_venue.reading_room import finding


def runs(*texts: str) -> tuple[Run, ...]:
    return tuple(Run(text, 0, 1_000 * number, 100, 900) for number, text in enumerate(texts))


@pytest.mark.parametrize(
    ("wanted", "there"),
    [
        ("DN600", "管径dn 600、"), ("dn600", "管径DN600、"), ("沟槽开挖", "沟 槽开 挖"),
        ("㎡", "面积 m2"), ("Ⅲ", "iii 类土"), ("(A)", "(a)类"), ("straße", "STRASSE"),
    ],
)  # fmt: skip
def test_a_text_is_found_however_it_was_typed(wanted: str, there: str) -> None:
    page = finding.fold(runs(there))
    assert len(list(finding.places(page, finding.folded(wanted)))) == 1


def test_a_word_broken_by_a_line_is_found_and_marked_in_both_lines() -> None:
    there = runs("先挖沟", "槽后回填", "沟槽")
    page = finding.fold(there)
    places = list(finding.places(page, finding.folded("沟槽")))
    marked = [[(m.run, m.start, m.end) for m in finding.marks(page, place)] for place in places]
    assert marked == [[(0, 2, 3), (1, 0, 1)], [(2, 0, 2)]]
    assert finding.around(page, there, places[0]) == ("先挖", "沟槽", "后回填沟槽")


def test_nothing_is_found_for_nothing_and_finds_on_a_page_are_bounded() -> None:
    page = finding.fold(runs("管" * 500))
    assert list(finding.places(page, finding.folded("  "))) == []
    assert len(list(finding.places(page, "管"))) == finding.HITS_PER_PAGE_MAX
