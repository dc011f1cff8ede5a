"""What stands beneath and before several coordinators on one machine: PostgreSQL, Redis, nginx.

Owns which of them an installation needs, starting and stopping them with the stack, and starting again what
died. Each is private to the installation, in its data folder and on loopback. Must not know what they carry.
"""

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from ops import files, installation, ports, postgres, servers
from ops.installation import COORDINATORS_MAX, Installation, Shape
from ops.postgres import Cluster
from ops.proxy import Proxy
from ops.redis import Redis
from ops.trouble import Trouble
from protocol.session.phases import RULES

CUSTODIANS = 5
"""Trading centres of an installation on one machine that hold shares of sealed bids; any three are enough."""
ORPHAN_MS = 5_000
"""How long a server that an earlier stack left behind may take to end."""


class Size(Struct, frozen=True):
    """What the command line says; None is as it was at the last start."""

    coordinators: int | None = None
    postgres: bool | None = None
    redis: bool | None = None
    cosigners: bool | None = None
    custodians: int | None = None
    media_workers: int | None = None


class Backer(Protocol):
    """A server that the coordinators need."""

    @property
    def pid(self) -> int | None:
        """The process, while it runs."""

    def start(self) -> None:
        """Run it until it is ready."""

    def stop(self) -> None:
        """Stop it in order."""


def shape(data: Path, size: Size, rules: str = "") -> Shape:
    """The installation's coordinators, database and bus, with the URLs of its own servers.

    Where sessions are to be held under rules whose milestones ask for a quorum, there are cosigners, one of
    which replays, unless the command line says that there are none; under rules that ask who signs, there
    are authorities.

    Raises:
      Trouble: several coordinators without a database that they can share, or a server is not installed.
    """
    earlier = installation.noted_shape(data)
    number = earlier.coordinators if size.coordinators is None else size.coordinators
    on_postgres = bool(earlier.database) if size.postgres is None else size.postgres
    with_redis = bool(earlier.redis) if size.redis is None else size.redis
    if number > 1 and not on_postgres:
        raise Trouble(
            "多个协调端须共用一个数据库。请加上 --postgres(建议同时 --redis),"
            "或只用一个协调端:--coordinators 1。",
            "Several coordinators must share a database. Add --postgres (and better --redis too), "
            "or use one: --coordinators 1.",
            2,
        )
    if number > COORDINATORS_MAX:
        raise Trouble(
            f"本机最多 {COORDINATORS_MAX} 个协调端。更多请按 ops/nginx/ 与 ops/systemd/ 部署。",
            f"At most {COORDINATORS_MAX} coordinators run on one machine. For more, see ops/nginx/ and "
            "ops/systemd/.",
            2,
        )
    place = data.absolute()
    cosigned = earlier.cosigners or asks_quorum(rules) if size.cosigners is None else size.cosigners
    if on_postgres:
        _let_through(files.make_folder(place))
    return Shape(
        number,
        Cluster(postgres.home_for(place, earlier.database)).url() if on_postgres else "",
        Redis(place / "redis").url if with_redis else "",
        cosigned,
        earlier.authorities or asks_voices(rules),
        earlier.custodians or custodians_of(rules) if size.custodians is None else size.custodians,
        cosigned and (earlier.replays or asks_quorum(rules)),
        earlier.media_workers if size.media_workers is None else size.media_workers,
    )


def asks_quorum(rules: str) -> bool:
    """Whether milestones by these rules are reached by heads that cosigners have signed (SPEC 27.3)."""
    return rules in RULES and "DisclosePolicy" in RULES[rules].acts


def asks_voices(rules: str) -> bool:
    """Whether seats' keys are delegated by these rules, so that people need certificates (SPEC 19)."""
    return rules in RULES and "DelegateSeatKey" in RULES[rules].acts


def custodians_of(rules: str) -> int:
    """How many trading centres hold shares where bids are sealed by these rules (SPEC 28); else none."""
    return CUSTODIANS if rules in RULES and "AppointCustodians" in RULES[rules].acts else 0


class Backing:
    """The servers of one installation, in the order in which they start."""

    def __init__(self, found: Installation) -> None:
        """Nothing runs yet.

        Raises:
          Trouble: one of them is not installed.
        """
        data, kept = found.data, found.shape
        self.postgres = Cluster(postgres.home_for(data, kept.database)) if kept.database else None
        self.redis = Redis(data / "redis") if kept.redis else None
        several = [found.listens(name)[0] for name in found.coordinators] if kept.coordinators > 1 else []
        self.proxy = Proxy(data / "nginx", found.node_port, several) if several else None

    @property
    def ports(self) -> tuple[int, ...]:
        """The ports on loopback that they take."""
        return () if self.proxy is None else (self.proxy.port,)

    def all(self) -> Iterator[tuple[str, Backer]]:
        """Each server that the installation has, by name."""
        for name, one in (("PostgreSQL", self.postgres), ("Redis", self.redis), ("nginx", self.proxy)):
            if one is not None:
                yield name, one

    def pids(self) -> dict[str, int]:
        """The process ids of those that run."""
        return {name: one.pid for name, one in self.all() if one.pid is not None}

    def start(self) -> None:
        """Start all of them; blocks.

        Raises:
          Trouble: one does not come up.
        """
        for _, one in self.all():
            one.start()

    def stop(self) -> None:
        """Stop all of them, the last one first; blocks."""
        for _, one in reversed(tuple(self.all())):
            one.stop()

    def revive(self, tell: Callable[[str], None]) -> None:
        """Start again those that have died; blocks.

        Raises:
          Trouble: one does not come up.
        """
        for name, one in self.all():
            if one.pid is None:
                tell(name)
                one.start()


def _let_through(data: Path) -> None:
    """Let PostgreSQL's account pass through the administrator's folder; what is in it stays closed."""
    if os.geteuid() == 0:
        data.chmod(0o711)


def end_orphans(data: Path, earlier: dict[str, int]) -> None:
    """End what a stack that was killed has left running; PostgreSQL sees to its own when it starts."""
    for name, pid in earlier.items():
        if name in ("Redis", "nginx") and str(data) in ports.command_line(pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
            servers.until(lambda pid=pid: not ports.command_line(pid), ORPHAN_MS)  # type: ignore[misc]
