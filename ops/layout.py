"""The layout of a data folder: which nodes and processes an installation has, where each lies and listens.

Owns every name and port that follows from an installation's size. Must not know what stands in a file, but
whether real tenders are held here.

    DATA/ca/            ca.pem  ca.key
    DATA/coordinator/   cert.pem  key.pem  installation.key  log.key  config.json  coordinator.db
    DATA/coordinator-2/ cert.pem  key.pem  config.json   and so on, where several share a PostgreSQL
    DATA/nodes/<node>/  cert.pem  key.pem  node.key  config.json  …
    DATA/trust.policy       the trust policy of all sessions' logs, that every node is told
    DATA/cosigners/<node>/  cosigner.key  config.json  heads.log, where cosigners are wanted
    DATA/custodians/<id>/   sign.key  custody.pem  cert.pem  key.pem  config.json, where bids are sealed
    DATA/media/<worker>/    config.json  secret, where media workers are wanted
    DATA/people/        agent.key, and what the played people need
    DATA/authorities/       demonstration authorities and the trust list they sign, where they are wanted
    DATA/logs/          one file per process
"""

from pathlib import Path
from typing import Final

from msgspec import Struct

from ops import certificates, cosigning, custody, files, media_workers
from protocol.words import VenueRole

COORDINATOR: Final = "coordinator"
LOOPBACK: Final = "127.0.0.1"
PORTS_FROM: Final = 7700
PORTS_SPAN: Final = 10
"""Between the coordinator's two ports and the nodes' first: 7700, 7709, then 7710 and on.

Several coordinators have 7701 and on, and 7706 and on; then 7700 is the proxy's before them.
"""
OFFICE_KEY: Final = "supervision.key"
"""Of the supervising office that gives a share of a draw's randomness, among the played people's things."""
COSIGNER: Final = "cosigner-"
"""A cosigner's process is called so, and then as the node beside which it stands."""
COORDINATORS_MAX: Final = 4
"""So many find room between the two; for more, see ops/nginx/ and ops/systemd/."""


class Place(Struct, frozen=True):
    """A node to be installed: its id, its names, its province, and whether it hosts."""

    node: str
    zh: str
    en: str
    province: str
    role: VenueRole


DEFAULT_PLACES: Final = (
    Place("hefei", "合肥", "Hefei", "anhui", "main"),
    Place("shanghai", "上海", "Shanghai", "shanghai", "sub"),
    Place("nanjing", "南京", "Nanjing", "jiangsu", "sub"),
    Place("hangzhou", "杭州", "Hangzhou", "zhejiang", "sub"),
)


class Node(Struct, frozen=True):
    """An installed node and where its pages are served."""

    place: Place
    port: int

    @property
    def host(self) -> str:
        """The Host header that reaches it: `hefei.localhost:7710`."""
        return f"{certificates.host_name(self.place.node)}:{self.port}"

    @property
    def url(self) -> str:
        """The address a person opens."""
        return f"http://{self.host}/"


class Shape(Struct, frozen=True):
    """How large the coordinator's side is; `database` and `redis` are URLs, empty for a file and no bus.

    With `cosigners` every venue has one, a process of its own (DESIGN 8); with `replays` the first main
    venue has one more beside it, which replays every entry. With `authorities` people come with certificates
    of demonstration authorities, whose word on revocation is served while the stack runs. With `custodians`
    so many trading centres hold shares of sealed bids, the tenderee as a group of its own.
    Every coordinator and every venue has so many `media_workers`.
    """

    coordinators: int = 1
    database: str = ""
    redis: str = ""
    cosigners: bool = False
    authorities: bool = False
    custodians: int = 0
    replays: bool = False
    media_workers: int = 0


class Installation(Struct, frozen=True):
    """What stands in a data folder; `ports_from` is the first port of all."""

    data: Path
    ports_from: int
    nodes: tuple[Node, ...]
    seed: str = ""
    shape: Shape = Shape()

    @property
    def node_port(self) -> int:
        """Where nodes meet the coordinator, or the proxy before several (mutual TLS)."""
        return self.ports_from

    @property
    def coordinators(self) -> tuple[str, ...]:
        """The coordinators' processes: `coordinator`, `coordinator-2` and so on."""
        return (COORDINATOR, *(f"{COORDINATOR}-{n}" for n in range(2, self.shape.coordinators + 1)))

    @property
    def cosigners(self) -> dict[str, int]:
        """The cosigners' processes, `cosigner-<node>`, and where each listens: behind the nodes' ports.

        The last one replays, where one does.
        """
        if not self.shape.cosigners:
            return {}
        first = self.ports_from + PORTS_SPAN + len(self.nodes)
        names = [f"{COSIGNER}{node.place.node}" for node in self.nodes]
        if self.shape.replays:
            names.append(f"{COSIGNER}{self.main.place.node}{cosigning.REPLAY}")
        return {name: first + n for n, name in enumerate(names)}

    @property
    def custodians(self) -> dict[str, int]:
        """The custodians' services by their ids, and where each listens: behind nodes and cosigners."""
        first = self.ports_from + PORTS_SPAN + len(self.nodes) + len(self.cosigners)
        return {name: first + at for at, name in enumerate(custody.names(self.shape.custodians))}

    @property
    def media(self) -> dict[str, tuple[int, int]]:
        """The media workers' processes, and where each listens for pages and for its node."""
        first = self.ports_from + PORTS_SPAN + len(self.nodes) + len(self.cosigners) + len(self.custodians)
        named = media_workers.names(self._media_owners, self.shape.media_workers)
        return {process: (first + 2 * n, first + 2 * n + 1) for n, (process, _, _) in enumerate(named)}

    def media_of(self, owner: str) -> tuple[str, ...]:
        """The media workers of a coordinator or of a node."""
        named = media_workers.names(self._media_owners, self.shape.media_workers)
        return tuple(process for process, whose, _ in named if whose == owner)

    @property
    def _media_owners(self) -> tuple[str, ...]:
        return (*self.coordinators, *(node.place.node for node in self.nodes))

    def listens(self, coordinator: str) -> tuple[int, int]:
        """Where a coordinator itself listens: for nodes, and for health and metrics."""
        number = self.coordinators.index(coordinator) + 1
        if self.shape.coordinators == 1:
            return self.node_port, self.http_port
        return self.ports_from + number, self.http_port if number == 1 else self.ports_from + 4 + number

    @property
    def http_port(self) -> int:
        """The coordinator's own pages, health and metrics."""
        return self.ports_from + PORTS_SPAN - 1

    @property
    def authorities_port(self) -> int:
        """Where the demonstration authorities answer: behind every process's ports."""
        processes = len(self.nodes) + len(self.cosigners) + len(self.custodians) + 2 * len(self.media)
        return self.ports_from + PORTS_SPAN + processes

    @property
    def landing_port(self) -> int:
        """Where the landing page is served: between the coordinators' two kinds of ports."""
        return self.ports_from + COORDINATORS_MAX + 1

    @property
    def outside_url(self) -> str:
        """Where the first coordinator serves pages to people outside any venue."""
        return f"http://{certificates.host_name(COORDINATOR)}:{self.http_port}/"

    @property
    def bidder_url(self) -> str:
        """The bidder's page; a bidder's code goes behind it as `#session=…&seat=<bidder>&code=…`."""
        return f"{self.outside_url}bidder/"

    @property
    def overview_url(self) -> str:
        """The operator's overview."""
        return f"{self.outside_url}overview/"

    @property
    def people(self) -> Path:
        """Where the played people's things lie."""
        return self.data / "people"

    @property
    def logs(self) -> Path:
        """Where the processes' logs lie."""
        return self.data / "logs"

    def node(self, name: str) -> Node:
        """A node by its id.

        Raises:
          KeyError: it is not installed.
        """
        for node in self.nodes:
            if node.place.node == name:
                return node
        raise KeyError(name)

    @property
    def main(self) -> Node:
        """The first node that hosts."""
        return next(node for node in self.nodes if node.place.role == "main")

    @property
    def production(self) -> bool:
        """Whether real tenders are held here, as the coordinator's configuration says."""
        told = files.read_json(self.config(COORDINATOR)) or {}
        return told.get("production") is True

    def config(self, process: str) -> Path:
        """The configuration file of a process: the coordinator's or a node's."""
        return self._folder(process) / "config.json"

    def _folder(self, process: str) -> Path:
        if process in self.cosigners:
            return self.data / "cosigners" / process.removeprefix(COSIGNER)
        if process in self.custodians:
            return self.data / custody.FOLDER / process
        if process in self.media:
            return self.data / "media" / process.removeprefix(media_workers.MEDIA)
        return self.data / process if process in self.coordinators else self.data / "nodes" / process
