"""Cosigners of an installation on disk: a key and a configuration for each, and what the coordinator is told.

Owns files that are made before a process starts. A cosigner's key is of use for nothing else; it is told the
log's key and its peers now, before any session (DESIGN 8). Must not know processes.
"""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ops import certificates, files
from protocol.ledger import kinds, note, quorum, trust
from protocol.ledger.quorum import Party

LOG_KEY: Final = "log.key"
LOG_NAME: Final = "coordinator.localhost"
"""The name below which the sessions of an installation on one machine have their logs."""
POLICY: Final = "trust.policy"
"""The trust policy of all the installation's logs, under the name below which they lie."""
LOOPBACK: Final = "127.0.0.1"


def ensure(
    ports: Mapping[str, int],
    config_of: Callable[[str], Path],
    put: Callable[[str, dict[str, Any]], None],
    log: Ed25519PublicKey,
    log_port: int,
) -> list[dict[str, Any]]:
    """Make what is missing of these cosigners; what the coordinator's configuration says of them.

    Args:
      ports: process → where it listens.
      config_of: where a process's configuration lies; its key and its state lie beside it.
      put: writes a process's configuration where it has changed.
      log: the log's public key.
      log_port: where the coordinator serves pages, and so the log.

    Raises:
      Trouble: a key cannot be read or written.
    """
    told = []
    for process, port in ports.items():
        folder = config_of(process).parent
        files.make_folder(folder.parent)
        files.make_folder(folder)
        private = certificates.ensure_signing_key(folder / "cosigner.key")
        name = f"{folder.name}.localhost/cosigner"
        peers = [
            {"name": other, "url": f"http://{LOOPBACK}:{theirs}"}
            for other, theirs in ports.items()
            if other != process
        ]
        put(
            process,
            {
                "name": name,
                "data_dir": str(folder),
                "key": str(folder / "cosigner.key"),
                "http_port": port,
                "logs": [
                    {
                        "below": LOG_NAME,
                        "keys": [note.vkey(LOG_NAME, log)],
                        "url": f"http://{LOOPBACK}:{log_port}/log",
                    }
                ],
                "peers": peers,
            },
        )
        vkey = note.vkey(name, private.public_key(), kinds.COSIGNATURE)
        told.append({"name": folder.name, "vkeys": [vkey], "url": f"http://{LOOPBACK}:{port}"})
    return told


def ensure_policy(data: Path, log: Ed25519PublicKey, told: Iterable[Mapping[str, Any]]) -> Path:
    """Write the trust policy of the installation's logs where it has changed, and say where it lies.

    Args:
      data: the installation's folder.
      log: the log's public key.
      told: the cosigners as the coordinator is told of them.

    Raises:
      Trouble: it cannot be read or written.
    """
    key = note.read_vkey(note.vkey(LOG_NAME, log))
    cosigners = (
        (str(one["name"]), tuple(map(note.read_vkey, one["vkeys"])), str(one["url"])) for one in told
    )
    text = quorum.write(trust.live(Party(LOG_NAME, key, ""), cosigners))
    path = data / POLICY
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        files.write(path, text.encode())
    return path
