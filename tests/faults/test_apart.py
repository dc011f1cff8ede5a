"""Cameras over bad lines between places: seen again by themselves, and a clear refusal where none are."""

import subprocess
import sys
from pathlib import Path

from ops.faults.apart import ends
from ops.faults.apart.namespaces import Place
from ops.trouble import Trouble
from tests.faults.breaking import broken
from tests.house import ground
from tests.ops import stage

NOBODY = 65_534
REFUSED = "does not let networks be made"


def _lets_us() -> bool:
    try:
        Place.make().close()
    except Trouble:
        return False
    return True


def _asked(*, unprivileged: bool) -> subprocess.CompletedProcess[str]:
    """Make a place in a process of its own, as nobody where this one is root; what it says."""
    code = (
        "import os, sys\n"
        "from ops.faults.apart.namespaces import Place\n"
        "from ops.trouble import Trouble\n"
        f"if {unprivileged} and os.geteuid() == 0: os.setuid({NOBODY})\n"
        "try: Place.make()\n"
        "except Trouble as error: sys.exit(str(error))\n"
    )
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ground.ROOT, env=stage.environment(),
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def test_a_viewer_sees_on_over_bad_lines_or_is_told_that_none_can_be_made() -> None:
    if not _lets_us():
        assert REFUSED in _asked(unprivileged=False).stderr
        return
    report = broken("media-lines")
    assert "far: it is offered anew within 3000 ms" in report["seen"]
    assert "no act is missing or out of order" in report["seen"]
    assert report["figures"]["loss_5_fps"] > 0


def test_a_recording_has_what_a_line_lost_or_is_told_that_no_line_can_be_made() -> None:
    if not _lets_us():
        assert REFUSED in _asked(unprivileged=False).stderr
        return
    report = broken("media-recorded")
    assert report["figures"]["loss_5_taken"] >= 60
    assert report["figures"]["loss_5_share"] >= 0.995


def test_who_may_not_make_networks_is_told_so() -> None:
    done = _asked(unprivileged=True)
    assert done.returncode == 1
    assert REFUSED in done.stderr


def test_a_picture_says_when_it_was_taken_and_a_broken_row_says_nothing() -> None:
    assert all(ends.read_stamp(ends.stamped(one)) == one for one in (0, 1, 40_001, 65_535))
    assert ends.read_stamp(bytes(ends.WIDTH)) is None


def test_this_process_is_where_it_was_after_it_made_a_place() -> None:
    if not _lets_us():
        assert REFUSED in _asked(unprivileged=False).stderr
        return
    before = Path("/proc/thread-self/ns/net").readlink()
    Place.make().close()
    assert Path("/proc/thread-self/ns/net").readlink() == before
