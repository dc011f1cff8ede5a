"""Three coordinators on PostgreSQL and Redis: whichever is killed, stopped or in doubt, nothing is lost."""

from tests.faults.breaking import broken


def test_what_was_acknowledged_survives_a_killed_postgresql() -> None:
    report = broken("postgres-killed")
    assert "no sheet is accepted that no database has" in report["seen"]
    assert report["figures"]["all_sealed_after_ms"] > 0


def test_a_commit_in_doubt_is_found_by_asking_again_and_counts_once() -> None:
    assert "3 commits were in doubt" in broken("commit-in-doubt")["seen"]


def test_a_coordinator_that_stood_still_past_its_lease_writes_no_more() -> None:
    assert "who stood still past its lease does not write again" in broken("holder-stale")["seen"]
