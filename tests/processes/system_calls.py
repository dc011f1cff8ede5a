"""What processes asked of the kernel, in the order in which it happened: `strace`, attached and read.

Owns attaching to running processes, reading the trace, and refusing them new programs. One strace watches
all of them, so that there is one order: a thread that comes out of a call is let go on only when its line is
written, so whatever a call caused stands behind it, in other threads and processes too. Source: strace(1),
ptrace(2).
"""

import asyncio
import contextlib
import os
import re
import shutil
import signal
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

from msgspec import Struct

SYNCS = frozenset({"fdatasync", "fsync"})
WRITES = frozenset({"pwrite64", "pwritev", "pwritev2", "write", "writev"})
SENDS = frozenset({"sendto", "sendmsg", "write", "writev"})
RECEIVES = frozenset({"recvfrom", "recvmsg", "read", "readv"})
ATTACH_S = 20
"""How long strace may take to attach to a process with all its threads."""
DETACH_S = 20
"""How long it may take to let go."""
STRING_BYTES_MAX = 2_097_152
"""How much of a buffer is written down: more than any message or frame here."""

_UNFINISHED = " <unfinished ...>"
_LINE = re.compile(r"(\d+)\s+(.*)")
_RESUMED = re.compile(r"<\.\.\. (\w+) resumed>(.*)")
_CALL = re.compile(r"(\w+)\((\d+)<((?:->|[^<>])*)>(.*)\)\s+= (-?\d+|\?)(.*)")
_STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')


class Call(Struct, frozen=True):
    """One call on an open file: which, on what (a path or `TCP:[here->there]`), with which bytes.

    `begun` and `ended` are places in the one order; `result` is -1 for a failure, None where the process
    ended.
    """

    pid: int
    name: str
    target: str
    data: bytes
    result: int | None
    begun: int
    ended: int

    @property
    def is_socket(self) -> bool:
        """Whether it was on a TCP connection."""
        return self.target.startswith("TCP")


class Tracing:
    """A trace under way; `calls` is what it holds once the tracing has ended."""

    def __init__(self, path: Path) -> None:
        """Write to a file."""
        self.path = path

    def calls(self) -> list[Call]:
        """Every call on an open file, in the order in which they ended."""
        return parse(self.path.read_text().splitlines())


@contextlib.asynccontextmanager
async def traced(pids: Iterable[int], path: Path) -> AsyncIterator[Tracing]:
    """Watch running processes, all their threads, until the block ends; they go on afterwards."""
    names = ",".join(sorted(SYNCS | WRITES | SENDS | RECEIVES))
    written = ("-yy", "-xx", "-s", str(STRING_BYTES_MAX), "-e", f"trace={names}", "-o", str(path))
    async with _attached(pids, written):
        yield Tracing(path)


@contextlib.asynccontextmanager
async def no_new_program(pid: int) -> AsyncIterator[None]:
    """Until the block ends, every program that a running process would start fails to start (EAGAIN)."""
    refused = ("-e", "trace=execve", "-e", "inject=execve:error=EAGAIN", "-o", os.devnull)
    async with _attached((pid,), refused):
        yield


@contextlib.asynccontextmanager
async def _attached(pids: Iterable[int], options: tuple[str, ...]) -> AsyncIterator[None]:
    """One strace is on all threads of these processes, and on what they start, until the block ends."""
    strace = shutil.which("strace")
    assert strace is not None, "strace is not installed; ops/test installs it"
    wanted = {str(pid) for pid in pids}
    watcher = await asyncio.create_subprocess_exec(
        strace, "-f", "-e", "signal=none", *options,
        *(part for pid in sorted(wanted) for part in ("-p", pid)),
        stdin=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert watcher.stderr is not None
    said = ""
    try:
        async with asyncio.timeout(ATTACH_S):
            while wanted:
                line = (await watcher.stderr.readline()).decode()
                said += line
                assert line, f"strace did not attach: {said}"
                found = re.search(r": Process (\d+) attached", line)
                if found:
                    wanted.discard(found.group(1))
        yield
    finally:
        if watcher.returncode is None:
            watcher.send_signal(signal.SIGINT)
        async with asyncio.timeout(DETACH_S):
            await watcher.communicate()


def parse(lines: Iterable[str]) -> list[Call]:
    """Read a trace; a call that was interrupted by another's line begins and ends where it says."""
    calls: list[Call] = []
    begun: dict[str, tuple[int, str]] = {}
    for at, line in enumerate(lines):
        found = _LINE.fullmatch(line)
        if found is None:
            continue
        pid, text = found.groups()
        if text.endswith(_UNFINISHED):
            begun[pid] = (at, text.removesuffix(_UNFINISHED))
            continue
        start, resumed = at, _RESUMED.fullmatch(text)
        if resumed is not None:
            if pid not in begun:
                continue  # it was inside the call when the tracing began
            start, first = begun.pop(pid)
            text = first + resumed.group(2)
        call = _call(int(pid), text, start, at)
        if call is not None:
            calls.append(call)
    return calls


def _call(pid: int, text: str, begun: int, ended: int) -> Call | None:
    found = _CALL.fullmatch(text)
    if found is None:
        return None
    name, _, target, rest, result, _ = found.groups()
    strings = _STRING.findall(rest)
    assert not any(cut for _, cut in strings), "a buffer was not written down whole"
    data = b"".join(bytes.fromhex(text.replace("\\x", "")) for text, _ in strings)
    returned = None if result == "?" else int(result)
    if name in SENDS | RECEIVES and returned is not None and returned >= 0:
        data = data[:returned]
    return Call(pid, name, _plain(target), data, returned, begun, ended)


def _plain(target: str) -> str:
    """A path is written in hexadecimal, a connection is not."""
    if not target.startswith("\\x"):
        return target
    return bytes.fromhex(target.replace("\\x", "")).decode(errors="replace")
