"""A database's server as a process of ours: found, started on a folder of its own, awaited, ended by its id.

Owns what PostgreSQL and Redis have in common. Neither is found by a port or a name: the process that was
started here is the one that is waited for, signalled and reaped.
"""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from ops import senses
from ops.trouble import Trouble

START_MS: Final = 30_000
"""How long a server may take until it answers, recovery after a kill included."""
STOP_MS: Final = 15_000
"""How long a server may take to stop in order."""
_POLL_S = 0.01
_LOG_LINES = 8


def find(name: str, package: str, elsewhere: Iterable[Path] = ()) -> Path:
    """The program of a server.

    Raises:
      Trouble: it is not installed; says which package has it.
    """
    for folder in elsewhere:
        if os.access(folder / name, os.X_OK):
            return folder / name
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if found is None:
        raise Trouble(
            f"找不到 {name}。请安装后重试(Debian:apt-get install {package})。",
            f"Cannot find {name}. Install it and try again (Debian: apt-get install {package}).",
        )
    return Path(found)


class Server:
    """One server process; starts and ends are asked from one thread at a time."""

    def __init__(self, what: str, log: Path) -> None:
        """Nothing runs yet; `what` names it in troubles, `log` hears what it says."""
        self.what = what
        self.log = log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process, while it runs."""
        running = self._process
        return None if running is None or running.poll() is not None else running.pid

    def run(self, command: Sequence[str | Path], ready: Callable[[], bool], **how: Any) -> None:
        """Start it and wait until it is ready.

        Raises:
          Trouble: it ended, or was not ready in time; with the last lines of its log.
        """
        assert self.pid is None, f"{self.what} runs already"
        with self.log.open("ab") as file:
            self._process = subprocess.Popen(
                [str(one) for one in command],
                stdin=subprocess.DEVNULL, stdout=file, stderr=file, start_new_session=True, **how,
            )  # fmt: skip
        if not until(lambda: self.pid is None or ready(), START_MS):
            self.kill()
        if self.pid is None:
            raise self._trouble()

    def stop(self, number: int = signal.SIGTERM) -> None:
        """Ask it to stop, and wait; what does not stop in time is killed."""
        self._end(number)
        if self._process is not None:
            try:
                self._process.wait(STOP_MS / 1000)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """End it with SIGKILL, as if the machine had failed it."""
        self._end(signal.SIGKILL)
        if self._process is not None:
            self._process.wait(STOP_MS / 1000)

    def _end(self, number: int) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)

    def _trouble(self) -> Trouble:
        try:
            lines = self.log.read_text(errors="replace").splitlines()[-_LOG_LINES:]
        except OSError:
            lines = []
        said = "\n    ".join(lines)
        return Trouble(
            f"{self.what} 未能启动。日志 {self.log}:\n    {said}",
            f"{self.what} did not start. Its log {self.log} is above.",
        )


def until(condition: Callable[[], bool], wait_ms: int) -> bool:
    """Wait for a condition; whether it came within the time."""
    end = senses.running_ms() + wait_ms
    while not condition():
        if senses.running_ms() > end:
            return False
        time.sleep(_POLL_S)
    return True
