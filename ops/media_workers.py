"""Media workers of an installation on disk: secrets, configurations, and what their node is told.

Owns files that are made before a process starts. The secret of a node and its workers is made once; whoever
holds it may say who sees whom, so it lies in a file for its owner alone. Must not know processes.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from ops import files
from ops.senses import Dice

MEDIA: Final = "media-"
"""A worker's process is called so, then as its node, and from the second on with a point and its number."""
WORKERS_MAX: Final = 8
"""So many for each node find room on one machine."""
LIBRARIES: Final = ("aiortc", "av", "uvloop")
"""What a worker reads first and longest; a stack that has workers reads it once (`ops.nursery`)."""
LOOPBACK: Final = "127.0.0.1"


def names(owners: Sequence[str], workers: int) -> tuple[tuple[str, str, int], ...]:
    """Every worker: its process, whose it is, which one of it from 0."""
    return tuple(
        (f"{MEDIA}{owner}" + (f".{number + 1}" if number else ""), owner, number)
        for owner in owners
        for number in range(workers)
    )


def ensure(
    owner: str,
    processes: Sequence[str],
    ports: Mapping[str, tuple[int, int]],
    config_of: Callable[[str], Path],
    put: Callable[[str, dict[str, Any]], None],
    recordings: Path | None,
) -> dict[str, Any] | None:
    """Make what is missing of a node's workers; what the node's configuration says of them, None for none.

    Args:
      owner: the node, or the coordinator.
      processes: its workers.
      ports: process → where it listens for pages and for its node.
      config_of: where a process's configuration lies.
      put: writes a process's configuration where it has changed.
      recordings: where the node's recordings are kept; None keeps none.

    Raises:
      Trouble: a file cannot be read or written.
    """
    if not processes:
        return None
    folder = config_of(processes[0]).parent
    files.make_folder(folder.parent)
    files.make_folder(folder)
    secret = folder / "secret"
    if not secret.exists():
        files.write(secret, Dice().bytes32("media", owner).hex().encode())
    told = []
    for number, process in enumerate(processes):
        port, control = ports[process]
        files.make_folder(config_of(process).parent)
        config: dict[str, Any] = {
            "http_host": LOOPBACK,
            "http_port": port,
            "control_port": control,
            "control_secret": str(secret),
            "hosts": [LOOPBACK],
            "number": number,
            "workers": len(processes),
        }
        if recordings is not None:
            config |= {"recordings": str(recordings), "venue": owner}
        put(process, config)
        told.append({"url": f"http://{LOOPBACK}:{port}", "control": f"http://{LOOPBACK}:{control}"})
    return {"secret": str(secret), "workers": told}
