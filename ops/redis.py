"""A private Redis in a folder: started, stopped, killed, emptied.

For one machine alone: a Unix socket within its own folder, or a port on loopback. It writes nothing to the
disk, since nothing in it is worth keeping (DESIGN 1.5 and 10).
"""

import contextlib
import socket
from pathlib import Path
from typing import Final

from ops import servers
from ops.installation import LOOPBACK
from ops.servers import Server

ASK_S: Final = 5.0
"""How long an answer may take."""


class Redis:
    """One folder and, while it is started, its server."""

    def __init__(self, data_dir: Path, port: int = 0) -> None:
        """A server in a folder; on a loopback port where one is named, else on a Unix socket.

        Raises:
          Trouble: Redis is not installed.
        """
        self.data_dir = data_dir.absolute()
        self._port = port
        self._program = servers.find("redis-server", "redis-server")
        self._server = Server("Redis", self.data_dir / "redis.log")

    @property
    def pid(self) -> int | None:
        """The process, while it runs."""
        return self._server.pid

    @property
    def url(self) -> str:
        """How a coordinator reaches it."""
        return f"redis://{LOOPBACK}:{self._port}/0" if self._port else f"unix://{self._socket}?db=0"

    @property
    def _socket(self) -> Path:
        return self.data_dir / "redis.sock"

    def start(self) -> None:
        """Run the server until it answers.

        Raises:
          Trouble: it does not come up.
        """
        self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._socket.unlink(missing_ok=True)
        where = (
            ["--bind", LOOPBACK] if self._port else ["--unixsocket", self._socket, "--unixsocketperm", "700"]
        )
        self._server.run(
            [
                self._program, "--port", str(self._port), *where, "--dir", self.data_dir,
                "--save", "", "--appendonly", "no", "--daemonize", "no",
            ],
            self._answers,
        )  # fmt: skip

    def stop(self) -> None:
        """Stop in order."""
        self._server.stop()

    def kill(self) -> None:
        """End it with SIGKILL."""
        self._server.kill()

    def flush(self) -> None:
        """Forget everything in it."""
        assert self._say("FLUSHALL") == "+OK"

    def _answers(self) -> bool:
        with contextlib.suppress(OSError):
            return self._say("PING") == "+PONG"
        return False

    def _say(self, command: str) -> str:
        """An inline command and the first line of its answer (Redis protocol specification)."""
        family = socket.AF_INET if self._port else socket.AF_UNIX
        with socket.socket(family) as line:
            line.settimeout(ASK_S)
            line.connect((LOOPBACK, self._port) if self._port else str(self._socket))
            line.sendall(f"{command}\r\n".encode())
            with line.makefile("rb") as answer:
                return answer.readline().decode().strip()
