"""Clocks five minutes wrong: order, time and deadlines of the record are the coordinator's alone."""

from tests.faults.breaking import broken


def test_wrong_clocks_of_venues_and_pages_are_claims_that_stand_beside() -> None:
    report = broken("clock-elsewhere")
    assert "the record's time is the coordinator's clock" in report["seen"]
    assert "no deadline has passed by their clocks" in report["seen"]


def test_a_coordinators_clock_that_is_set_back_never_goes_back_in_the_record() -> None:
    assert broken("clock-coordinator")["figures"]["entries_at_one_ms"] > 10
