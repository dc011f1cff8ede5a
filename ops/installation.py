"""The installation on disk: authority, certificates, keys and a configuration for each process.

Owns the layout of the data folder and everything in it that is made before a process starts; making it a
second time changes nothing but what has run out. Must not know processes, sockets or sessions.

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

# tidy: long because the whole layout of a data folder is one thing.

from collections.abc import Container, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from ops import certificates, certifying, cosigning, custody, files, media_workers
from ops.senses import Dice
from ops.trouble import Trouble
from protocol import rehearsal
from protocol.seal import signing
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
CODE_LETTERS: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_CHARS: Final = 10


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


class _Noted(Struct, forbid_unknown_fields=True):
    """What `installation.json` says, beside the keys and configurations."""

    v: int
    ports_from: int
    places: tuple[Place, ...]
    shape: Shape = Shape()


def ensure(
    data: Path,
    *,
    now_ms: int,
    places: Sequence[Place] = DEFAULT_PLACES,
    ports_from: int | None = None,
    seed: str = "",
    shape: Shape | None = None,
) -> Installation:
    """Make the installation in a folder, or complete and renew the one that is there.

    Args:
      data: the data folder; made where it is missing, for its owner alone.
      now_ms: the clock, for the certificates.
      places: nodes that must be there; nodes of an earlier start stay.
      ports_from: the first port; None keeps the earlier one, or takes 7700.
      seed: where entropy comes from in every process; empty for the system.
      shape: how many coordinators on which database; None keeps the earlier, or takes one on a file.

    Raises:
      Trouble: a file cannot be read or written, or no node hosts.
    """
    noted = _read_note(data)
    placed = _merge(noted.places if noted else (), places)
    if not any(place.role == "main" for place in placed):
        raise Trouble(
            "案例中没有主场。请在 venues 中给一个会场写上 role: main。",
            "The case has no main venue. Give one of its venues the role “main”.",
        )
    base = ports_from if ports_from is not None else (noted.ports_from if noted else PORTS_FROM)
    before = noted.shape if noted else Shape()
    shape = shape or before
    found = _placed_at(data, base, placed, seed, shape)
    for folder in (data, data / "ca", data / COORDINATOR, data / "nodes", found.people, found.logs):
        files.make_folder(folder)
    certificates.ensure_authority(data / "ca", now_ms)
    for name in found.coordinators:
        certificates.ensure_certificate(
            data / "ca", files.make_folder(data / name), name, now_ms, COORDINATOR
        )
    node_keys: dict[str, str] = {}
    for place in placed:
        folder = files.make_folder(data / "nodes" / place.node)
        certificates.ensure_certificate(data / "ca", folder, place.node, now_ms)
        node_keys[place.node] = signing.public_text(certificates.ensure_signing_key(folder / "node.key"))
    own = signing.public_text(certificates.ensure_signing_key(data / COORDINATOR / "installation.key"))
    log = certificates.ensure_signing_key(data / COORDINATOR / cosigning.LOG_KEY).public_key()
    custodians = custody.ensure(found.custodians, found.config, data / "ca", now_ms)
    told_of = cosigning.ensure(
        found.cosigners,
        cosigning.Around(
            data, now_ms, found.config, partial(_write_config, found), log, found.listens(COORDINATOR)[1],
            found.node_port, certificates.host_name(COORDINATOR), own,
            {place.node: place.province for place in placed},
        ),
    )  # fmt: skip
    agent = signing.public_text(certificates.ensure_signing_key(found.people / "agent.key"))
    office = signing.public_text(certificates.ensure_signing_key(found.people / OFFICE_KEY))
    recognised: dict[str, str] = {}
    if shape.authorities:
        address = f"http://{LOOPBACK}:{found.authorities_port}"
        recognised["trust_list"] = str(
            certifying.in_force(found.data / certifying.AUTHORITIES, now_ms, address)
        )
    for name in found.coordinators:
        config = _coordinator_config(found, name, node_keys, agent, before)
        config["cosigners"] = _with_ours(config["cosigners"], told_of.cosigners, node_keys)
        told: dict[str, Any] = {"office_keys": [office], "trust_policy": str(data / cosigning.POLICY)}
        told |= {"media": _media(found, name, None), **recognised}
        held = {"custodians": custodians} if custodians else {}
        _write_config(found, name, {**config, **told, **held})
    asked = files.read_json(found.config(COORDINATOR)) or {}
    trusted = cosigning.ensure_policy(data, log, asked.get("cosigners") or (), asked.get("trust_list"))
    for node in found.nodes:
        is_main = node.place.role == "main"
        hosting: dict[str, Any] = {"office_key": office, "provinces": told_of.provinces} if is_main else {}
        hosting["trust_policy"] = str(trusted)
        hosting |= {"rehearsals": str(data / rehearsal.FILE)} if is_main else {}
        hosting["media"] = _media(found, node.place.node, found.config(node.place.node).parent / "recordings")
        _write_config(found, node.place.node, {**_node_config(found, node, own), **hosting})
    for name, port in found.custodians.items():
        line = {key: value for key, value in _line_config(found, own).items() if key != "seed"}
        _write_config(found, name, custody.config(name, port, found.config(name).parent, line, trusted))
    note = _Noted(v=1, ports_from=base, places=placed, shape=shape)
    _write_if_new(data / "installation.json", msgspec.to_builtins(note))
    return found


def find(data: Path) -> Installation:
    """The installation in a folder, as it was last made.

    Raises:
      Trouble: there is none.
    """
    noted = _read_note(data)
    if noted is None:
        raise Trouble(
            f"{data} 中没有安装。请先运行 ops/run(或 tongchang up),或用 --data 指定数据文件夹。",
            f"There is no installation in {data}. Run ops/run (or tongchang up) first, "
            "or name the data folder with --data.",
        )
    config = files.read_json(data / COORDINATOR / "config.json") or {}
    return _placed_at(data, noted.ports_from, noted.places, str(config.get("seed") or ""), noted.shape)


def noted_shape(data: Path) -> Shape:
    """How large the installation in a folder was when it was last made; the smallest where there is none."""
    noted = _read_note(data)
    return noted.shape if noted else Shape()


def enrolment_code(found: Installation) -> str:
    """The one-time code with which a first agent's key is enrolled."""
    return str(files.read_json(found.config(COORDINATOR))["enrolment_code"])


def database(found: Installation) -> str:
    """The PostgreSQL URL of its coordinators; empty where they keep a SQLite file."""
    return str((files.read_json(found.config(COORDINATOR)) or {}).get("database") or "")


def new_code(dice: Dice, *purpose: str) -> str:
    """A code of ten letters and digits without look-alikes, in two groups: `K7QM3-XWDPA`."""
    number = int.from_bytes(dice.bytes32("code", *purpose), "big")
    letters = []
    for _ in range(CODE_CHARS):
        number, one = divmod(number, len(CODE_LETTERS))
        letters.append(CODE_LETTERS[one])
    half = CODE_CHARS // 2
    return "".join(letters[:half]) + "-" + "".join(letters[half:])


def _placed_at(data: Path, base: int, places: Sequence[Place], seed: str, shape: Shape) -> Installation:
    nodes = tuple(Node(place, base + PORTS_SPAN + number) for number, place in enumerate(places))
    return Installation(data.absolute(), base, nodes, seed, shape)


def _merge(earlier: Sequence[Place], wanted: Sequence[Place]) -> tuple[Place, ...]:
    """Earlier places keep their order and so their ports; a changed description takes their stead."""
    by_name = {place.node: place for place in wanted}
    kept = tuple(by_name.pop(place.node, place) for place in earlier)
    return (*kept, *by_name.values())


def _read_note(data: Path) -> _Noted | None:
    raw = files.read_json(data / "installation.json")
    if raw is None:
        return None
    try:
        return msgspec.convert(raw, _Noted)
    except msgspec.ValidationError as error:
        raise Trouble(
            f"{data / 'installation.json'} 不是本版本的安装记录({error})。请移开该数据文件夹。",
            f"{data / 'installation.json'} is not of this version ({error}). Move that data folder away.",
        ) from error


def _coordinator_config(
    found: Installation, name: str, node_keys: dict[str, str], agent: str, before: Shape
) -> dict[str, Any]:
    folder, first = found.data / name, found.data / COORDINATOR
    earlier = files.read_json(first / "config.json") or {}
    node_port, http_port = found.listens(name)

    def by_hand(setting: str, ours: str) -> str | None:
        """What the operator has written there; what an earlier start wrote goes with it."""
        kept = earlier.get(setting)
        return kept if kept != ours else None

    return {
        "name": name,
        "data_dir": str(folder),
        "bids_dir": by_hand("bids_dir", str(first / "bids")) or str(first / "bids"),
        "database": found.shape.database or by_hand("database", before.database),
        "redis": found.shape.redis or by_hand("redis", before.redis),
        "node_host": LOOPBACK,
        "node_port": node_port,
        "http_host": LOOPBACK,
        "http_port": http_port,
        "http_name": certificates.host_name(COORDINATOR),
        "bidders_by_code": earlier.get("bidders_by_code", True),
        "production": earlier.get("production", False),
        "operator_token": earlier.get("operator_token"),
        "ca": str(found.data / "ca" / "ca.pem"),
        "cert": str(folder / "cert.pem"),
        "key": str(folder / "key.pem"),
        "installation_key": str(first / "installation.key"),
        "nodes": [
            {
                "node": place.node,
                "key": node_keys[place.node],
                "zh": place.zh,
                "en": place.en,
                "province": place.province,
                "role": place.role,
            }
            for place in (node.place for node in found.nodes)
        ],
        "agent_keys": [agent],
        "log_name": cosigning.LOG_NAME,
        "log_key": str(first / cosigning.LOG_KEY),
        "cosigners": list(earlier.get("cosigners") or ()),
        "enrolment_code": earlier.get("enrolment_code") or new_code(Dice()),
        "seed": found.seed or None,
        "log_level": "info",
    }


def _with_ours(
    earlier: Sequence[dict[str, Any]], ours: Sequence[dict[str, Any]], nodes: Container[str]
) -> list[dict[str, Any]]:
    """Cosigners as they were told by hand, and our own; who is waited for hard stays so."""
    hard = {one["name"] for one in earlier if one.get("hard")}
    by_hand = [one for one in earlier if one["name"].removesuffix(cosigning.REPLAY) not in nodes]
    return [*by_hand, *(one | ({"hard": True} if one["name"] in hard else {}) for one in ours)]


def _node_config(found: Installation, node: Node, installation_key: str) -> dict[str, Any]:
    folder = found.data / "nodes" / node.place.node
    return {
        "node": node.place.node,
        "zh": node.place.zh,
        "en": node.place.en,
        "province": node.place.province,
        "role": node.place.role,
        "data_dir": str(folder),
        "http_host": LOOPBACK,
        "http_port": node.port,
        "http_name": certificates.host_name(node.place.node),
        "cert": str(folder / "cert.pem"),
        "key": str(folder / "key.pem"),
        "node_key": str(folder / "node.key"),
        **_line_config(found, installation_key),
    }


def _line_config(found: Installation, installation_key: str) -> dict[str, Any]:
    """What whoever meets the coordinator is told of it."""
    return {
        "coordinator_url": f"https://{LOOPBACK}:{found.node_port}",
        "coordinator_name": certificates.host_name(COORDINATOR),
        "ca": str(found.data / "ca" / "ca.pem"),
        "installation_key": installation_key,
        "seed": found.seed or None,
    }


def _media(found: Installation, owner: str, recordings: Path | None) -> dict[str, Any] | None:
    put = partial(_write_config, found)
    return media_workers.ensure(
        owner, found.media_of(owner), found.media, found.config, put, recordings
    )  # fmt: skip


def _write_config(found: Installation, process: str, config: dict[str, Any]) -> None:
    _write_if_new(found.config(process), config)


def _write_if_new(path: Path, value: Any) -> None:
    """Leave a file alone that says the same already: a second start writes nothing."""
    if files.read_json(path) != value:
        files.write_json(path, value)


def require_practice(found: Installation) -> None:
    """Stand-ins, samples and codes that are shown are for practice alone.

    Raises:
      Trouble: real tenders are held here.
    """
    if found.production:
        raise Trouble(
            f"{found.data} 用于真实项目(production: true):这里不扮演人员、不建示例会话,也不显示任何代码。"
            "请以 tongchang up --no-landing --no-session 或 systemd 启动;"
            "一次性代码只由招标代理在其页面发放。",
            f"Real tenders are held in {found.data} (production: true): nobody is played, no sample is "
            "booked and no code is shown. Start it with tongchang up --no-landing --no-session or systemd; "
            "one-time codes are issued by the agent, on the agent's own page.",
        )
