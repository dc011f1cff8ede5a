"""Clocks and dice are read in a senses.py and nowhere else; ruff holds that wall (TID251)."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house import ground

READINGS = [
    "import time\nAT = time.time()",
    "from time import monotonic\nAT = monotonic()",
    "import time as clock\nAT = clock.time_ns()",
    "import time\nAT = time.perf_counter()",
    "import datetime\nAT = datetime.datetime.now(datetime.UTC)",
    "from datetime import datetime\nAT = datetime.utcnow()",
    "from datetime import date\nAT = date.today()",
    "import os\nSALT = os.urandom(32)",
    "import secrets\nSALT = secrets.token_bytes(32)",
    "from random import choice\nK = choice([97, 98])",
    "import uuid\nID = uuid.uuid4()",
]

ROOMS = [
    "protocol/session/decide.py",
    "server/sessions/actor.py",
    "server/senses_of_humour.py",
    "sub_venue/uplink.py",
    "main_venue/agent_desk.py",
    "ops/people.py",
]


def banned(root: Path, *paths: str) -> set[str]:
    """The files, of those given, in which ruff sees a banned name."""
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "ruff",
            "check",
            "--no-cache",
            "--output-format",
            "json",
            "--select",
            "TID251",
            *paths,
        ],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    found = json.loads(done.stdout)
    return {Path(fault["filename"]).relative_to(root.resolve()).as_posix() for fault in found}


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """A folder with the project's settings and nothing else."""
    (tmp_path / "pyproject.toml").write_bytes((ground.ROOT / "pyproject.toml").read_bytes())
    return tmp_path.resolve()


def test_the_house_reads_clocks_and_dice_in_senses_only() -> None:
    assert banned(ground.ROOT, *ground.PACKAGES) == set()


@pytest.mark.parametrize("reading", READINGS)
def test_a_clock_or_dice_anywhere_else_is_caught(empty: Path, reading: str) -> None:
    for room in ROOMS:
        ground.plant(empty, room, reading)
    assert banned(empty, ".") == set(ROOMS)


@pytest.mark.parametrize("reading", READINGS)
def test_senses_may_read_them(empty: Path, reading: str) -> None:
    ground.plant(empty, "server/senses.py", reading)
    ground.plant(empty, "sub_venue/senses.py", reading)
    assert banned(empty, ".") == set()
