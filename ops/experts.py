"""The sample pool of experts (示例专家库) where a main venue's node draws from: everybody in it is invented.

Owns the way from the table beside the sample to the file that the node reads. Must not know a draw.
"""

from pathlib import Path

import msgspec

from ops import files
from ops.installation import Installation
from ops.pool import read_pool
from ops.trouble import Trouble
from protocol.pool.expert import Expert

TABLE = Path(__file__).resolve().parent / "sample" / "experts.csv"


def sample() -> tuple[Expert, ...]:
    """Everybody in the sample pool.

    Raises:
      Trouble: the table has faults.
    """
    found = read_pool(TABLE)
    if found.errors:
        first = found.errors[0]
        raise Trouble(f"{TABLE} 第 {first.line} 行:{first.zh}", f"{TABLE}, line {first.line}: {first.en}")
    return found.experts


def provide(found: Installation, node: str) -> None:
    """Lay the sample pool where a main venue's node draws from, unless one lies there.

    Raises:
      Trouble: it cannot be written.
    """
    path = found.data / "nodes" / node / "pool.json"
    if not path.exists():
        files.write(path, msgspec.json.encode(sample()))
