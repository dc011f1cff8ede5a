"""Cosigners of an installation on disk: a key and a configuration for each, and what the coordinator is told.

Owns files that are made before a process starts. A cosigner's key is of use for nothing else; it is told
the log's key, its peers, the provinces' keys and the trust policy, which names who signs the trust list,
now, before any session (DESIGN 8). For each province one of its cosigners signs the policy of a session
before that is booked, with a key of the province's own. One that replays stands beside a node and its
cosigner, and shares that one's vote. Must not know processes.
"""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from msgspec import Struct

from ops import certificates, files, proving
from protocol.ledger import kinds, note, quorum, trust
from protocol.ledger.note import Key
from protocol.ledger.quorum import Party, Policy
from protocol.seal import signing

LOG_KEY: Final = "log.key"
LOG_NAME: Final = "coordinator.localhost"
"""The name below which the sessions of an installation on one machine have their logs."""
POLICY: Final = "trust.policy"
"""The trust policy of all the installation's logs, under the name below which they lie."""
LOOPBACK: Final = "127.0.0.1"
REPLAY: Final = "-replay"
"""A cosigner that replays is called as the node beside which it stands, and then so."""
PROVINCE_KEY: Final = "province.key"
"""By which a province signs sessions' policies, beside its cosigner's things."""


class Around(Struct, frozen=True):
    """What the cosigners of an installation are told of it, and where their things lie."""

    data: Path
    now_ms: int
    config_of: Callable[[str], Path]
    """Where a process's configuration lies; its key and its state lie beside it."""
    put: Callable[[str, dict[str, Any]], None]
    """Writes a process's configuration where it has changed."""
    log: Ed25519PublicKey
    log_port: int
    """Where the coordinator serves pages, and so the log."""
    node_port: int
    """Where it serves nodes, and entries to cosigners."""
    coordinator: str
    """The name in its certificate."""
    installation_key: str
    provinces: Mapping[str, str]
    """Node → province."""


class Told(Struct, frozen=True):
    """What the coordinator's configuration says of the cosigners, and a main venue's of the provinces."""

    cosigners: list[dict[str, Any]]
    provinces: list[dict[str, str]]


def ensure(ports: Mapping[str, int], around: Around) -> Told:
    """Make what is missing of these cosigners.

    Args:
      ports: process → where it listens.
      around: the installation.

    Raises:
      Trouble: a key cannot be read or written.
    """
    folders = {process: around.config_of(process).parent for process in ports}
    signs: dict[str, str] = {}
    for process, folder in folders.items():
        files.make_folder(folder.parent)
        files.make_folder(folder)
        if not folder.name.endswith(REPLAY):
            signs.setdefault(around.provinces[folder.name], process)
    keys = {
        province: signing.public_text(certificates.ensure_signing_key(folders[process] / PROVINCE_KEY))
        for province, process in signs.items()
    }
    told = []
    for process, port in ports.items():
        folder = folders[process]
        private = certificates.ensure_signing_key(folder / "cosigner.key")
        certificates.ensure_certificate(around.data / "ca", folder, process, around.now_ms)
        name = f"{folder.name}.localhost/cosigner"
        config = _config(folder, name, port, around) | {
            "peers": [
                {"name": other, "url": f"http://{LOOPBACK}:{theirs}"}
                for other, theirs in ports.items()
                if other != process
            ],
            "provinces": keys,
        }
        province = next((one for one, who in signs.items() if who == process), None)
        if province is not None:
            policy = str(around.data / POLICY)
            config["province"] = {
                "name": province, "key": str(folder / PROVINCE_KEY), "policy": policy,
            }  # fmt: skip
        around.put(process, config)
        one = {
            "name": folder.name, "url": f"http://{LOOPBACK}:{port}",
            "vkeys": [note.vkey(name, private.public_key(), kinds.COSIGNATURE)],
            "certificate": certificates.host_name(process),
        }  # fmt: skip
        if folder.name.endswith(REPLAY):
            node = folder.name.removesuffix(REPLAY)
            one |= {"node": node, "beside": node}
        told.append(one)
    provinces = [
        {"province": province, "key": key, "url": f"http://{LOOPBACK}:{ports[signs[province]]}"}
        for province, key in keys.items()
    ]
    return Told(told, provinces)


def _config(folder: Path, name: str, port: int, around: Around) -> dict[str, Any]:
    """What a cosigner is told beside its peers and the provinces."""
    return {
        "name": name,
        "data_dir": str(folder),
        "key": str(folder / "cosigner.key"),
        "http_port": port,
        "logs": [
            {
                "below": LOG_NAME,
                "keys": [note.vkey(LOG_NAME, around.log)],
                "url": f"http://{LOOPBACK}:{around.log_port}/log",
            }
        ],
        "entries": {
            "url": f"https://{LOOPBACK}:{around.node_port}/log",
            "name": around.coordinator,
            "ca": str(around.data / "ca" / "ca.pem"),
            "cert": str(folder / "cert.pem"),
            "key": str(folder / "key.pem"),
        },
        "installation_key": around.installation_key,
        "policy": str(around.data / POLICY),
        "replays": folder.name.endswith(REPLAY),
    }


def policy_of(log: Party, told: Iterable[Mapping[str, Any]]) -> Policy:
    """The policy for a log under which more than two thirds of the cosigners have to sign.

    Args:
      log: the log.
      told: the cosigners as the coordinator is told of them.

    Raises:
      NoteError: a key is out of form.
    """
    named = [(str(one["name"]), one) for one in told]
    return trust.live(
        log,
        [(name, _keys(one), str(one["url"])) for name, one in named],
        {name: str(one["beside"]) for name, one in named if one.get("beside")},
        [name for name, one in named if one.get("hard")],
    )


def _keys(one: Mapping[str, Any]) -> tuple[Key, ...]:
    return tuple(map(note.read_vkey, one["vkeys"]))


def ensure_policy(
    data: Path, log: Ed25519PublicKey, told: Iterable[Mapping[str, Any]], trusted: str | None = None
) -> Path:
    """Write the trust policy of the installation's logs where it has changed, and say where it lies.

    Args:
      data: the installation's folder.
      log: the log's public key.
      told: the cosigners as the coordinator is told of them.
      trusted: where the trust list lies by which certificates are judged, if there is one.

    Raises:
      Trouble: it cannot be read or written.
    """
    key = note.read_vkey(note.vkey(LOG_NAME, log))
    plain = policy_of(Party(LOG_NAME, key, ""), told)
    text = quorum.write(proving.named(plain, trusted, proving.means(data)))
    path = data / POLICY
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        files.write(path, text.encode())
    return path
