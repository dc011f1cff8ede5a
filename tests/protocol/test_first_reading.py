"""Many threads that are the first of a process to read a record: what reads it is made before they are."""

import subprocess
import sys

from tests.house import ground

RECORD = ground.ROOT / "tests/protocol/golden/record-4-tender.jsonl"
FIRST = """
import json, sys, threading
from protocol import entry

raws = [line.encode() for line in open(sys.argv[1], encoding="utf-8").read().splitlines()]
begin, read = threading.Barrier(8), []

def reading(at):
    begin.wait()
    read.append(sum(1 for raw in raws[at:] if _is_entry(raw)))

def _is_entry(raw):
    try:
        return entry.decode(raw) is not None
    except ValueError:
        return False

sys.setswitchinterval(1e-6)
threads = [threading.Thread(target=reading, args=(at,)) for at in range(8)]
for one in threads: one.start()
for one in threads: one.join()
assert len(read) == 8 and max(read) > 0, read
"""
TIMES = 4
"""A process has only one first time."""


def test_threads_that_read_a_record_first_do_not_crash_the_process() -> None:
    for _ in range(TIMES):
        ended = subprocess.run(
            [sys.executable, "-c", FIRST, str(RECORD)], cwd=ground.ROOT, capture_output=True, check=False
        )
        assert ended.returncode == 0, (ended.returncode, ended.stderr[-2_000:])
