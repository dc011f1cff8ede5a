"""How tests are spread over workers: whole files in their order, some tests alone, the longest first.

Owns the order and the units for pytest-xdist; without workers nothing of it takes effect. A file's tests stay
together because they share what it makes; those of `APART` share nothing and take long. What takes long is
handed out first, so that no worker ends up alone with it. Must not know what a test does.
"""

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

APART = frozenset(
    {
        "tests/faults/test_disks.py",
        "tests/faults/test_shared.py",
        "tests/ops/test_bench.py",
        "tests/simulation/test_storm.py",
    }
)
"""Files whose tests are handed out one by one."""
LONGEST = ("tests/simulation/", "tests/pages/", "tests/faults/", "tests/ops/", "tests/processes/")
"""Where whole worlds, browsers and real processes are: how a test's name begins; the rest is quick."""


class Spread(LoadFileScheduling):  # type: ignore[misc]  # ships no types
    """Hands out files whole, and the tests of `APART` each by itself."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return nodeid if file in APART else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Spread:
    """Spread the tests as this module says, in the order in which they were collected."""
    config.option.loadscopereorder = False
    return Spread(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """At a worker, put the longest first; each file's own order stays."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda one: _rank(one.nodeid))


def _rank(nodeid: str) -> int:
    return next((rank for rank, room in enumerate(LONGEST) if nodeid.startswith(room)), len(LONGEST))
