"""What every test may count on: how hypothesis searches, who runs what, and real database servers."""

import asyncio
import os

import hypothesis

from tests.databases import database, made_cluster, open_folder, own_cluster, own_redis, shared_cluster
from tests.spread import pytest_collection_modifyitems, pytest_xdist_make_scheduler

__all__ = [
    "database", "made_cluster", "open_folder", "own_cluster", "own_redis",
    "pytest_collection_modifyitems", "pytest_xdist_make_scheduler", "shared_cluster",
]  # fmt: skip

# A slow moment of a shared machine is no fault of the property. In CI the examples are fixed, so that a
# change is judged by itself; at a desk they differ, and a failing one is printed, to be kept as a test.
hypothesis.settings.register_profile("desk", deadline=None, print_blob=True)
hypothesis.settings.register_profile("ci", deadline=None, print_blob=True, derandomize=True, database=None)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "desk")

# Where no loop was ever set, asyncio makes one for whatever asks for it outside of any, such as a gather of
# nothing in a coroutine that is closed; nobody closes it, and what is found when memory is collected is
# laid at the door of some later test. Where none was set, none is made, and who asks is refused.
asyncio.set_event_loop(None)
