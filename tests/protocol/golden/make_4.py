"""Makes the golden files of rules version 4: `python -m tests.protocol.golden.make_4`.

While version 4 is in the making they may be made anew, with the change that calls for it told in the commit.
Certificates are drawn afresh, so the bytes differ from time to time; what a record says does not.
"""

from pathlib import Path
from typing import Final

from protocol import record
from tests.protocol.golden.make_3 import case
from tests.protocol.golden.make_forms import text_of
from tests.protocol.golden.whole_sealed import Sealed, sealed

HERE: Final = Path(__file__).resolve().parent
RECORD: Final = HERE / "record-4-tender.jsonl"
HEADS: Final = HERE / "heads-4-tender.json"


def heads(world: Sealed) -> dict[str, object]:
    """The policy that genesis names, and the checkpoint of every head that a milestone rests on."""
    return {
        "checkpoints": {str(size): world.heads[size] for size in sorted(world.heads)},
        "policy": world.policy,
    }


def main() -> None:
    """Write the golden files beside this one."""
    world = sealed(case())
    RECORD.write_bytes(record.write(world.session, world.entries, world.held))
    HEADS.write_text(text_of(heads(world)), encoding="utf-8")


if __name__ == "__main__":
    main()
