"""A line that is cut while members score: they finish, and nothing is lost."""

from tests.faults.breaking import broken


def test_three_members_finish_scoring_behind_a_silent_line_and_the_outcome_is_the_same() -> None:
    report = broken("line-silent")
    assert "M3, M4 and M5 have sealed and were told that it is kept" in report["seen"]
    assert "none of the three was answered while cut" in report["seen"]
    assert report["figures"]["cut_ms"] >= 4_000
