"""Repeated failures: the one who fails waits, and nobody locks another out for long."""

from server.gateway import lockout
from server.gateway.lockout import Lockout


def code(found: object) -> str:
    return "" if found is None else found.code  # type: ignore[attr-defined]


def test_a_name_at_an_address_waits_after_a_few_failures_and_no_other_does() -> None:
    counts = Lockout()
    for _ in range(lockout.PAIR_FAILURES_MAX):
        assert counts.fault("S/M1", "hefei", 0) is None
        counts.failed("S/M1", "hefei", 0)
    refused = counts.fault("S/M1", "hefei", 1_000)
    assert refused is not None
    assert (refused.code, refused.detail["seconds"]) == ("SignInLocked", "299")
    assert counts.fault("S/M2", "hefei", 1_000) is None
    assert counts.fault("S/M1", "nanjing", 1_000) is None
    assert counts.fault("S/M1", "hefei", lockout.PAIR_LOCK_MS) is None


def test_a_stranger_who_tries_a_name_from_everywhere_makes_its_holder_wait_for_seconds_only() -> None:
    """Had: somebody's seat by name. Tried: to lock them out. Stopped by: a name's lock is short, and ends."""
    counts = Lockout()
    for number in range(lockout.NAME_FAILURES_MAX):
        counts.failed("S/M1", f"elsewhere {number}", 0)
    assert code(counts.fault("S/M1", "hefei", 0)) == "SignInLocked"
    assert counts.fault("S/M1", "hefei", lockout.NAME_LOCK_MS) is None
    assert lockout.NAME_LOCK_MS <= 5_000


def test_an_address_that_tries_many_names_waits_and_others_do_not() -> None:
    counts = Lockout()
    for number in range(lockout.ADDRESS_FAILURES_MAX):
        counts.failed(f"S/M{number}", "hefei", 0)
    assert code(counts.fault("S/M999", "hefei", 0)) == "SignInLocked"
    assert counts.fault("S/M999", "nanjing", 0) is None
    assert counts.fault("S/M999", "hefei", lockout.ADDRESS_LOCK_MS) is None


def test_a_success_and_time_forget_failures_and_counts_are_bounded() -> None:
    counts = Lockout()
    for _ in range(lockout.PAIR_FAILURES_MAX - 1):
        counts.failed("S/M1", "hefei", 0)
    counts.succeeded("S/M1", "hefei")
    counts.failed("S/M1", "hefei", 0)
    assert counts.fault("S/M1", "hefei", 0) is None
    for _ in range(lockout.PAIR_FAILURES_MAX - 2):
        counts.failed("S/M1", "hefei", 0)
    counts.failed("S/M1", "hefei", lockout.FORGOTTEN_MS + 1)
    assert counts.fault("S/M1", "hefei", lockout.FORGOTTEN_MS + 1) is None
    for number in range(lockout.COUNTS_MAX):
        counts.failed(f"S/{number}", f"at {number}", 0)
    assert len(counts._counts) <= lockout.COUNTS_MAX
