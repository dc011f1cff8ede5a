"""nginx before several coordinators: one address for all nodes, and TCP passed on as it comes.

The proxy reads nothing of what it carries: mutual TLS stays between node and coordinator (DESIGN 4, Lines),
so it needs no certificate and learns no name. On loopback, with all its files in a folder of its own.
Source: nginx 1.22, ngx_stream_core_module, ngx_stream_proxy_module, ngx_stream_upstream_module.
"""

import contextlib
import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ops import files, ports, servers
from ops.installation import LOOPBACK
from ops.servers import Server
from ops.trouble import Trouble

MODULE: Final = Path("/usr/lib/nginx/modules/ngx_stream_module.so")
"""Where Debian's libnginx-mod-stream lies; other builds have it within."""
ASK_S: Final = 10.0
"""How long nginx may take to read its configuration."""
LEAVE_MS: Final = 5_000
"""How long a proxy that an earlier start left behind may take to end."""

_TEXT = """\
# Made by tongchang; a change here is lost at the next start. A sample for a real house: ops/nginx/.
{module}daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr notice;
events {{
    worker_connections 8192;
}}
stream {{
    upstream coordinators {{
        least_conn;
{servers}
    }}
    server {{
        listen {here};
        proxy_pass coordinators;
        proxy_connect_timeout 1s;
        # Socket.IO asks a silent line every ten seconds whether it lives.
        proxy_timeout 60s;
        proxy_socket_keepalive on;
    }}
}}
"""


class Proxy:
    """nginx in a folder, from one port on loopback to several."""

    def __init__(self, folder: Path, port: int, coordinators: Sequence[int]) -> None:
        """Nothing runs yet.

        Raises:
          Trouble: nginx, or its module for TCP, is not installed.
        """
        self.folder = folder.absolute()
        self.port = port
        self._coordinators = tuple(coordinators)
        self._program = servers.find("nginx", "nginx-light libnginx-mod-stream")
        self._server = Server("nginx", self.folder / "nginx.log")
        self._module = "" if _streams(self._program) else f"load_module {_module()};\n"

    @property
    def pid(self) -> int | None:
        """The process, while it runs."""
        return self._server.pid

    def start(self) -> None:
        """Write the configuration, end what an earlier start left behind, and listen.

        Raises:
          Trouble: it does not come up.
        """
        files.make_folder(self.folder)
        self._config.write_text(self.text())
        self.end_orphan()
        self._server.run(self._command(), lambda: not ports.is_free(self.port))

    def stop(self) -> None:
        """Stop; connections end."""
        self._server.stop()

    def kill(self) -> None:
        """End the master with SIGKILL, and then the worker that it leaves behind."""
        worker = self._worker()
        self._server.kill()
        if worker is not None:
            _end(worker, signal.SIGKILL)
            servers.until(lambda: ports.is_free(self.port), LEAVE_MS)

    def check(self) -> None:
        """See whether nginx takes the configuration.

        Raises:
          Trouble: it does not; with its own words.
        """
        files.make_folder(self.folder)
        self._config.write_text(self.text())
        done = subprocess.run(
            [*self._command(), "-t"], capture_output=True, text=True, timeout=ASK_S, check=False
        )
        if done.returncode:
            raise Trouble(
                f"nginx 不接受其配置:{done.stderr}", f"nginx refuses its configuration: {done.stderr}"
            )

    def end_orphan(self) -> None:
        """End a proxy of this folder whose stack was killed: it would keep the port."""
        with contextlib.suppress(OSError, ValueError):
            pid = int((self.folder / "nginx.pid").read_text())
            if str(self._config) in ports.command_line(pid):
                _end(pid, signal.SIGTERM)
                servers.until(lambda: ports.is_free(self.port), LEAVE_MS)

    def text(self) -> str:
        """The configuration."""
        upstream = "\n".join(
            f"        server {LOOPBACK}:{port} max_fails=1 fail_timeout=1s;" for port in self._coordinators
        )
        return _TEXT.format(
            module=self._module, folder=self.folder, here=f"{LOOPBACK}:{self.port}", servers=upstream
        )

    @property
    def _config(self) -> Path:
        return self.folder / "nginx.conf"

    def _command(self) -> list[str | Path]:
        # -e: until the configuration is read, nginx would write to a place of its package's.
        return [self._program, "-p", self.folder, "-c", self._config, "-e", "stderr"]

    def _worker(self) -> int | None:
        with contextlib.suppress(OSError, ValueError):
            told = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
            return int(told[0]) if told else None
        return None


def _streams(program: Path) -> bool:
    """Whether nginx has the module within."""
    told = subprocess.run([program, "-V"], capture_output=True, text=True, timeout=ASK_S, check=False)
    return "--with-stream " in told.stderr + " "


def _module() -> Path:
    if not MODULE.exists():
        raise Trouble(
            "nginx 缺少 stream 模块。请安装后重试(Debian:apt-get install libnginx-mod-stream)。",
            "nginx lacks its stream module. Install it and try again "
            "(Debian: apt-get install libnginx-mod-stream).",
        )
    return MODULE


def _end(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
