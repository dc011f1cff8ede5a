"""`tongchang unlock`: the bidder releases its own key of a sealed bid to those who will open it (标书解密).

Opens the bidder's lock in the container and boxes the key for each public key it is released to, which the
venues publish for the session. A release is final: once sent, it cannot be taken back. Source: SPEC 22.3.
"""

from collections.abc import Sequence
from pathlib import Path

from ops import files
from ops.bids import reading
from ops.bids.reading import told
from ops.trouble import Trouble
from protocol import canonical
from protocol.seal import container, suites
from protocol.seal.container import Unlocking


def unlock(path: Path, key: str, to: Sequence[Path], out: Path) -> Unlocking:
    """Write a release of the bidder's own key.

    Raises:
      Trouble: the container is damaged, the key is not the bidder's, or a public key is of another suite.
    """
    found = reading.inspected(path)
    if found.header is None or not found.whole:
        where = ", ".join(found.damaged)
        raise Trouble(
            f"标书文件已损坏({where}),未作解密。请使用完好的副本。",
            f"The bid is damaged ({where}) and was not unlocked. Use a copy that is whole.",
        )
    with told():
        suite = suites.get(found.header.bid.suite)
        with reading.own_key(suite, key) as held:
            own = container.unlock(suite, found.header, held)
        made = container.release(
            suite, found.header, found.header_digest, own, [reading.public_key(one) for one in to]
        )
    files.write(out, canonical.encode(made))
    return made
