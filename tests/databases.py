"""Real database servers for tests: one PostgreSQL for a whole run, a database of its own for each test.

`tests/conftest.py` makes these fixtures known to every test. A test that kills, restarts or promotes asks for
`own_cluster`; all others share one server, which keeps nothing on the disk that a test would wait for.
"""

import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from ops.postgres import Cluster
from ops.redis import Redis

SHARED = {"fsync": "off", "shared_buffers": "16MB", "max_connections": "60", "jit": "off"}
"""For the shared server alone: nobody kills it, so nobody has to wait for the disk."""
OWN = {"shared_buffers": "16MB", "max_connections": "60", "jit": "off"}
_numbers = itertools.count()


@pytest.fixture(scope="session")
def open_folder() -> Iterator[Path]:
    """A folder that PostgreSQL's account can enter, which pytest's own is not; short enough for sockets."""
    folder = Path(tempfile.mkdtemp(prefix="tc-db-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def made_cluster(open_folder: Path) -> Path:
    """A cluster's folder as it was made, never started again: making one takes seconds, a copy none."""
    made = Cluster(open_folder / "made", SHARED)
    made.start()
    made.stop()
    return made.data_dir


def cluster_at(folder: Path, made: Path, settings: Mapping[str, str]) -> Cluster:
    """A cluster on a copy of one that was made, its owner and modes as they were."""
    subprocess.run(["cp", "-a", str(made), str(folder)], check=True)
    return Cluster(folder, settings)


@pytest.fixture(scope="session")
def shared_cluster(open_folder: Path, made_cluster: Path) -> Iterator[Cluster]:
    """The server that tests share."""
    found = cluster_at(open_folder / "shared", made_cluster, SHARED)
    try:
        found.start()
        yield found
    finally:
        found.remove()


@pytest.fixture
def database(shared_cluster: Cluster) -> Iterator[str]:
    """The URL of a new, empty database on the shared server."""
    name = f"t{os.getpid()}_{next(_numbers)}"
    shared_cluster.create(name)
    yield shared_cluster.url(name)
    shared_cluster.drop(name)


@pytest.fixture
def own_cluster(open_folder: Path, made_cluster: Path) -> Iterator[Cluster]:
    """A running server for one test, to be killed, restarted or given a standby."""
    found = cluster_at(open_folder / f"own-{next(_numbers)}", made_cluster, OWN)
    try:
        found.start()
        yield found
    finally:
        found.remove()


@pytest.fixture
def own_redis(open_folder: Path) -> Iterator[Redis]:
    """A running Redis for one test."""
    found = Redis(open_folder / f"redis-{next(_numbers)}")
    try:
        found.start()
        yield found
    finally:
        found.stop()
