"""A private PostgreSQL in a folder: made, started, stopped, killed, given a standby, promoted.

For one machine alone: it listens on a Unix socket within its own folder and on no network. PostgreSQL
refuses to run as root, so the administrator's processes give it the account that its package made. Speaks
no SQL. Source: PostgreSQL 15, initdb, postgres, pg_basebackup, 27.2.8 (synchronous replication).
"""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

from ops import files, servers
from ops.senses import Dice
from ops.servers import Server
from ops.trouble import Trouble

ACCOUNT: Final = "postgres"
"""The system account that Debian's package makes; also the superuser's name within."""
PORT: Final = 5432
"""Names the socket's file; several clusters differ by their folder."""
SOCKET_BYTES_MAX: Final = 107
"""Longest path of a Unix socket (sys/un.h)."""
ASK_S: Final = 60.0
"""How long one of PostgreSQL's own programs may take."""
KEPT_WAL: Final = "256MB"
"""How much of its log a primary keeps for a standby that is away."""
HOME_NOTE: Final = "postgres.home"
"""The file of a data folder that says where its cluster lies, when that is elsewhere."""
_DEBIAN_PROGRAMS = Path("/usr/lib/postgresql")
_DEBIAN_DATA = Path("/var/lib/postgresql")


def home_for(data: Path, earlier: str = "") -> Path:
    """Where the cluster of an installation lies.

    In its data folder; or, when the administrator's folder is closed to PostgreSQL's account, in a folder of
    that account's own, chosen anew for each data folder and noted in it: a data folder that is made again
    under the same path must not meet the sessions of the one before.

    Args:
      data: the installation's data folder; the choice is noted in it.
      earlier: the URL of a cluster that this installation has used, from before the choice was noted.
    """
    if os.geteuid() != 0 or _reachable(data):
        return data / "postgres"
    note = data / HOME_NOTE
    if note.exists():
        return Path(note.read_text(encoding="utf-8").strip())
    used = parse_qs(urlsplit(earlier).query).get("host", [""])[0]
    drawn = Dice().bytes32("postgres").hex()[:12]
    home = Path(used) if used else _DEBIAN_DATA / f"tongchang-{drawn}"
    files.write(files.make_folder(data) / HOME_NOTE, f"{home}\n".encode())
    return home


class Cluster:
    """One data folder and, while it is started, its server."""

    def __init__(self, data_dir: Path, settings: Mapping[str, str] | None = None) -> None:
        """A cluster in a folder, made at the first start; `settings` win over the server's own.

        Raises:
          Trouble: PostgreSQL is not installed.
        """
        self.data_dir = data_dir.resolve()
        self._settings = dict(settings or {})
        self._is_standby = (self.data_dir / "standby.signal").exists()
        self._initdb = _program("initdb")
        self._server = Server("PostgreSQL", self.data_dir.with_name(self.data_dir.name + ".log"))

    @property
    def pid(self) -> int | None:
        """The postmaster, while it runs."""
        return self._server.pid

    def url(self, database: str = ACCOUNT, *others: "Cluster") -> str:
        """How a coordinator reaches a database here; with others it takes whichever can be written to."""
        hosts = ",".join(str(one.data_dir) for one in (self, *others))
        wanted = {"host": hosts, "port": ",".join([str(PORT)] * (1 + len(others))), "user": ACCOUNT}
        if others:
            wanted["target_session_attrs"] = "read-write"
        return f"postgresql:///{database}?{urlencode(wanted, safe='/,')}"

    def start(self) -> None:
        """Make the cluster where the folder is empty, then run its server until it takes connections.

        Raises:
          Trouble: the folder does not do, or the server does not come up.
        """
        if not (self.data_dir / "PG_VERSION").exists():
            self._make_folder()
            self._ask(
                "initdb", "-D", self.data_dir, "-U", ACCOUNT, "--auth-local=trust", "--auth-host=reject",
                "--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions",
                *(["--no-sync"] if self._settings.get("fsync") == "off" else []),
            )  # fmt: skip
        self._end_orphan()
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.data_dir),
            "port": str(PORT),
            "wal_keep_size": KEPT_WAL,
            # A standby takes its primary's file over; it has no standby of its own to wait for.
            **({"synchronous_standby_names": ""} if self._is_standby else {}),
            **self._settings,
        }
        command: list[str | Path] = [_program("postgres"), "-D", self.data_dir]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        self._server.log.touch(mode=0o600)
        self._server.run(command, self._takes_connections, **_as_account())

    def stop(self) -> None:
        """Stop in order; connections are ended ("fast shutdown")."""
        self._server.stop(signal.SIGINT)

    def kill(self) -> None:
        """End the postmaster with SIGKILL, and wait until its processes have let go of the folder."""
        pid = self.pid
        self._server.kill()
        if pid is not None:
            servers.until(lambda: not self._in_use(), servers.STOP_MS)

    def reload(self) -> None:
        """Let the server read its files again."""
        self._ask("pg_ctl", "reload", "-D", self.data_dir)

    def create(self, database: str, template: str = "template1") -> None:
        """Make a database, as a copy of a template that nobody is connected to."""
        self._ask("createdb", "-h", self.data_dir, "-U", ACCOUNT, "-T", template, database)

    def drop(self, database: str) -> None:
        """Drop a database and whoever is connected to it."""
        self._ask("dropdb", "-h", self.data_dir, "-U", ACCOUNT, "--force", database)

    def standby(self, data_dir: Path, *, synchronous: bool = True) -> "Cluster":
        """A streaming standby of this cluster in a folder of its own, started and streaming.

        Synchronous: from now on a COMMIT here returns only when the standby has it on its disk too, so
        that what was acknowledged survives the loss of this one.
        """
        copy = Cluster(data_dir, self._settings)
        copy._make_folder()
        source = f"host={self.data_dir} port={PORT} user={ACCOUNT} application_name=standby"
        self._ask("pg_basebackup", "-d", source, "-D", data_dir, "-R", "-X", "stream", "-c", "fast")
        for left in copy.data_dir.glob(".s.PGSQL.*"):
            # The primary's socket and its lock: they lie in its folder, and so in the copy of it.
            left.unlink()
        copy._is_standby = True
        copy.start()
        if synchronous:
            with (self.data_dir / "postgresql.conf").open("a") as file:
                file.write("\nsynchronous_standby_names = '*'\n")
            self.reload()
        return copy

    def promote(self) -> None:
        """Make a standby the one that is written to; returns when it is."""
        self._ask("pg_ctl", "promote", "-w", "-t", str(int(ASK_S)), "-D", self.data_dir)

    def remove(self) -> None:
        """Stop, and delete the folder with everything in it."""
        self.stop()
        shutil.rmtree(self.data_dir, ignore_errors=True)
        self._server.log.unlink(missing_ok=True)

    # --- the folder -------------------------------------------------------------------------------------

    def _make_folder(self) -> None:
        socket = self.data_dir / f".s.PGSQL.{PORT}"
        if len(os.fsencode(socket)) > SOCKET_BYTES_MAX:
            raise Trouble(
                f"路径过长,无法放置 PostgreSQL 的套接字:{socket}。请用 --data 指定较短的路径。",
                f"This path is too long for PostgreSQL's socket: {socket}. Name a shorter one with --data.",
            )
        self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        if os.geteuid() != 0:
            return
        account = pwd.getpwnam(ACCOUNT)
        os.chown(self.data_dir, account.pw_uid, account.pw_gid)
        if not _reachable(self.data_dir.parent):
            raise Trouble(
                f"PostgreSQL 的账户 {ACCOUNT} 无法进入 {self.data_dir}。请用 --data 指定它能进入的文件夹。",
                f"PostgreSQL's account {ACCOUNT} cannot enter {self.data_dir}. "
                "Name a folder that it can enter with --data.",
            )

    def _takes_connections(self) -> bool:
        """The postmaster says so in the eighth line of its file (miscadmin.h, LOCK_FILE_LINE_PM_STATUS)."""
        lines = self._lock_lines()
        return len(lines) >= 8 and lines[0] == str(self.pid) and lines[7].strip() in ("ready", "standby")

    def _lock_lines(self) -> list[str]:
        try:
            return (self.data_dir / "postmaster.pid").read_text().splitlines()
        except OSError:
            return []

    def _in_use(self) -> bool:
        """Whether a process of this cluster's account still works in the folder."""
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if (process / "cwd").readlink() == self.data_dir:
                    return True
        return False

    def _end_orphan(self) -> None:
        """End a server that an earlier owner of this folder left behind when it was killed."""
        lines = self._lock_lines()
        if lines and lines[0].isdecimal() and self._in_use():
            self._ask("pg_ctl", "stop", "-m", "fast", "-w", "-D", self.data_dir)

    def _ask(self, program: str, *arguments: str | Path) -> None:
        """Run one of PostgreSQL's own programs.

        Raises:
          Trouble: it failed; with its own words.
        """
        done = subprocess.run(
            [str(_program(program)), *map(str, arguments)],
            capture_output=True, text=True, timeout=ASK_S, check=False, **_as_account(),
        )  # fmt: skip
        if done.returncode:
            said = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
            raise Trouble(
                f"{program} 未成功:{''.join(said)}。请检查 {self.data_dir} 及其日志。",
                f"{program} failed: {''.join(said)}. Look at {self.data_dir} and its log.",
            )


def _as_account() -> dict[str, Any]:
    """How a process of PostgreSQL is started from here."""
    if os.geteuid() != 0:
        return {"cwd": "/"}
    account = pwd.getpwnam(ACCOUNT)
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": [], "cwd": "/"}


def _reachable(folder: Path) -> bool:
    """Whether PostgreSQL's account may pass through a folder and those above it; looks at nothing inside."""
    try:
        account = pwd.getpwnam(ACCOUNT)
    except KeyError:
        return False
    place = folder.absolute()
    for one in (place, *place.parents):
        if not one.exists():
            continue
        found = one.stat()
        if not (found.st_mode & 0o001 or (found.st_uid == account.pw_uid and found.st_mode & 0o100)):
            return False
    return True


def _program(name: str) -> Path:
    """A program of the newest PostgreSQL that is installed."""
    found = sorted(_DEBIAN_PROGRAMS.glob("*/bin"), key=lambda one: int(one.parent.name.split(".")[0]))
    return servers.find(name, "postgresql", reversed(found))
