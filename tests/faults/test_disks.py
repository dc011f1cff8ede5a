"""A disk that is full: refused in words, shown at /readyz, nothing half written, on once there is room."""

from tests.faults.breaking import broken


def test_a_venue_whose_disk_is_full_refuses_in_words_and_goes_on_when_there_is_room() -> None:
    report = broken("disk-full-venue")
    assert "nothing of M3, M4 was acknowledged" in report["seen"]
    assert any("系统暂时无法保存" in one and "cannot store right now" in one for one in report["seen"])
    assert any('"ready":false' in one and '"durable":false' in one for one in report["seen"])
    assert report["figures"]["lines_taken_up"] <= 3, "a full disk is no reason to knock at the coordinator"


def test_a_coordinator_whose_disk_is_full_leaves_sheets_kept_and_takes_them_when_there_is_room() -> None:
    report = broken("disk-full-coordinator")
    assert "the disk took sheets of [] only" in report["seen"]
    assert "every member whose sheet was not accepted was told that the venue keeps it" in report["seen"]
