"""The installation on disk: authority, certificates, keys and a configuration for each process.

Owns everything in the data folder (`layout`) that is made before a process starts; making it a second time
changes nothing but what has run out. Must not know processes, sockets or sessions.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from ops import certificates, certifying, configuring, cosigning, custody, files, media_workers
from ops.configuring import new_code
from ops.layout import (
    COORDINATOR,
    COORDINATORS_MAX,
    COSIGNER,
    DEFAULT_PLACES,
    LOOPBACK,
    OFFICE_KEY,
    PORTS_FROM,
    PORTS_SPAN,
    Installation,
    Node,
    Place,
    Shape,
)
from ops.trouble import Trouble
from protocol import rehearsal
from protocol.seal import signing

__all__ = [
    "COORDINATOR",
    "COORDINATORS_MAX",
    "COSIGNER",
    "DEFAULT_PLACES",
    "LOOPBACK",
    "OFFICE_KEY",
    "PORTS_FROM",
    "PORTS_SPAN",
    "Installation",
    "Node",
    "Place",
    "Shape",
    "database",
    "enrolment_code",
    "ensure",
    "find",
    "new_code",
    "noted_shape",
    "require_practice",
]
"""Who asks for an installation asks here; its layout's names come along."""


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
        config = configuring.coordinator(found, name, node_keys, agent, before)
        config["cosigners"] = configuring.with_ours(config["cosigners"], told_of.cosigners, node_keys)
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
        _write_config(found, node.place.node, {**configuring.node_of(found, node, own), **hosting})
    for name, port in found.custodians.items():
        line = {key: value for key, value in configuring.line(found, own).items() if key != "seed"}
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
