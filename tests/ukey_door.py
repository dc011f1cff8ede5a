"""The one port of UKey programs on this machine, which tests that run side by side take in turn.

Pages look for a UKey at this port alone (SPEC 19.7), so two tests that each hold one must not meet.
"""

import asyncio
import contextlib
import fcntl
import os
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path


@contextlib.asynccontextmanager
async def alone() -> AsyncIterator[None]:
    """Wait until no other test holds a UKey's door on this machine, and hold it."""
    turn = await asyncio.to_thread(_taken)
    try:
        yield
    finally:
        os.close(turn)


def _taken() -> int:
    path = Path(tempfile.gettempdir(), f"tongchang-ukey-{os.getuid()}.lock")
    turn = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(turn, fcntl.LOCK_EX)
    return turn
