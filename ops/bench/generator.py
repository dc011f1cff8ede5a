"""The load generator as the benchmark holds it: the crowd's process, told one thing at a time.

Owns the process, its core, and that it ends with the benchmark. See `drill` for what it can be told.
"""

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator
from typing import Any, Final

from ops.bench import machine
from ops.stack import PROJECT
from ops.trouble import Trouble

LINE_BYTES_MAX: Final = 256 * 1024 * 1024
"""The longest line either way: a flood's signed acts."""
TOLD_S: Final = 300.0
"""How long the crowd may take for one thing."""


class Generator:
    """The crowd's process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        """Hold a process that runs."""
        self._process = process

    async def tell(self, do: str, **what: Any) -> dict[str, Any]:
        """Have the crowd do something; what it answers.

        Raises:
          Trouble: it could not.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": do, **what}).encode() + b"\n")
        async with asyncio.timeout(TOLD_S):
            await self._process.stdin.drain()
            line = await self._process.stdout.readline()
        answer: dict[str, Any] = json.loads(line) if line else {"failed": "the process has ended"}
        if "failed" in answer:
            raise Trouble(
                f"负载发生器未能完成 {do}:{answer['failed']}",
                f"The load generator could not do “{do}”: {answer['failed']}",
            )
        return answer


@contextlib.asynccontextmanager
async def generator(*before: str) -> AsyncIterator[Generator]:
    """A crowd on its own core, until the block ends; `before` is a command that goes on as a module."""
    process = await asyncio.create_subprocess_exec(
        *(before or (sys.executable, "-m")), "ops.bench.drill", cwd=PROJECT,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=LINE_BYTES_MAX,
    )  # fmt: skip
    try:
        machine.pin(process.pid, machine.CROWD_CORE)
        yield Generator(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
