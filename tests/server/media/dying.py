"""A process that records and is killed in the middle of its second segment.

`python -m tests.server.media.dying ROOT SOURCE`.
"""

import os
import signal
import sys
import threading
from pathlib import Path

from server.media.recording.recorder import Bounds, Recorder
from tests.server.media import film


def main(root: Path, source: str) -> None:
    """Record 60 frames, the first segment of them finished, and die."""
    finished = threading.Event()
    bounds = Bounds(segment_ms=2_000, segment_ms_max=6_000)
    recorder = Recorder(root, source, bounds=bounds, kept=lambda _: finished.set())
    track = film.track("video", "VP8", source=source)
    recorder.began(track)
    for packet in film.vp8(film.pictures("VP8", 58)):
        recorder.packet(track, packet)
    finished.wait()
    recorder.wait_for_all()
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
